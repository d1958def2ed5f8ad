# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""A task's result: an entry for each target, the diff, the message, and the warnings."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping, NamedTuple, Sequence

from .._api.shapes import Livestream
from .._ensure.targets import Outcome
from .._errors import RealtimeKitError
from .._http.client import Client


class Report(NamedTuple):
    """What a module's ``run`` found and did: an outcome for each target, and what it returns beside ``changed``.

    ``build`` makes the latter at the end, because an outcome can still learn what its error rests on.
    """

    outcomes: Sequence[Outcome]
    build: Callable[[], Mapping[str, Any]] = dict
    has_diff: bool = True

    @property
    def returns(self) -> Mapping[str, Any]:
        return self.build()


def show(livestream: Livestream | None, *, with_key: bool = False) -> dict[str, Any] | None:
    """A livestream as a user sees it: with its key only on request."""
    if livestream is None or with_key:
        return livestream
    return {field: value for field, value in livestream.items() if field != "stream_key"}


def build_entry(key: str, outcome: Outcome, *, resource: str = "livestream", with_key: bool = False) -> dict[str, Any]:
    """One target's line in a result; ``key`` names the target, ``resource`` what it is about."""
    return {
        key: outcome.target,
        "changed": outcome.changed,
        resource: show(outcome.after, with_key=with_key),
        "error": outcome.error.details() if outcome.error else None,
    }


def build_result(
    report: Report, failure: RealtimeKitError | None, client: Client | None, *, is_unknown: bool, with_diff: bool
) -> dict[str, Any]:
    """What the module returns. It failed if there is a ``msg``. ``is_unknown``: whether something changed is unknown."""
    result = {"changed": is_unknown or any(outcome.changed for outcome in report.outcomes), **report.returns}
    if client:
        result["rate_limit"] = {
            "requests": client.requests,
            "held_seconds": round(client.held, 1),
            "forecast_seconds": round(client.forecast.seconds, 1) if client.forecast else 0.0,
        }
    if with_diff and report.has_diff:
        result["diff"] = _build_diff(report.outcomes)
    errors = [outcome.error for outcome in report.outcomes if outcome.error]
    if failure:
        result.update(msg=str(failure), error=failure.details())
    elif errors:
        result.update(msg=_compose_message(report.outcomes), error=errors[0].details())
    return result


def find_warnings(report: Report, client: Client | None, *, check_mode: bool) -> Iterator[str]:
    """Each target's own, and what there is to say about the rate limit: in check mode what a run will meet, else what it met."""
    for outcome in report.outcomes:
        for warning in outcome.warnings:
            yield _name(warning, outcome.label)
    if client and client.forecast and check_mode:
        requests, quota, window, seconds = client.forecast
        yield (
            f"If every target must change, this takes {requests} requests. "
            f"At the API's limit of {quota} in {window} seconds, they take at least {seconds:.0f} seconds."
        )
    if client and client.held >= 1:
        yield f"Waited {client.held:.0f} seconds to stay within the API's rate limit."


def _compose_message(outcomes: Sequence[Outcome]) -> str:
    """Each failure in its own words, and the same words only once: a wrong token fails every name alike."""
    labels: dict[str, list[str | None]] = {}
    for outcome in outcomes:
        if outcome.error:
            labels.setdefault(str(outcome.error), []).append(outcome.label)
    count = sum(map(len, labels.values()))
    texts = [_name(text, shared[0] if len(shared) == 1 else None) for text, shared in labels.items()]
    return texts[0] if count == 1 else f"{count} of {len(outcomes)} failed: " + "; ".join(text.rstrip(".") for text in texts)


def _name(text: str, label: str | None) -> str:
    """The text with the label of its target, unless it has that already."""
    return f"{label}: {text}" if label and label not in text else text


def _build_diff(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Each target's livestream before and after; if this task changed nothing, both are the one seen last."""
    return {
        "before": {outcome.label or outcome.target: show(outcome.before if outcome.changed else outcome.after) for outcome in outcomes},
        "after": {outcome.label or outcome.target: show(outcome.after) for outcome in outcomes},
    }

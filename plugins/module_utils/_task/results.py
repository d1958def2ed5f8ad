# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""A task's result: an entry for each target, the diff, the message, and the warnings."""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Sequence

from .._api.shapes import Livestream
from .._ensure.targets import Outcome
from .._errors import RealtimeKitError
from .._http.client import Client


class Report(NamedTuple):
    """The result of a module's ``run``: an outcome for each target, and the returned keys besides ``changed``.

    ``build`` returns these keys at the end, because the cause of an error can still be added.
    """

    outcomes: Sequence[Outcome]
    build: Callable[[], Mapping[str, Any]] = dict
    has_diff: bool = True

    @property
    def returns(self) -> Mapping[str, Any]:
        return self.build()


def show(livestream: Livestream | None, *, with_key: bool = False) -> dict[str, Any] | None:
    """Return a livestream for the user, with its key only on request."""
    if livestream is None or with_key:
        return livestream
    return {field: value for field, value in livestream.items() if field != "stream_key"}


def build_entry(key: str, outcome: Outcome, *, resource: str = "livestream", with_key: bool = False) -> dict[str, Any]:
    """Return one target's entry in a result. ``key`` names the target, and ``resource`` its kind."""
    return {
        key: outcome.target,
        "changed": outcome.changed,
        resource: show(outcome.after, with_key=with_key),
        "error": outcome.error.details() if outcome.error else None,
    }


def build_result(
    report: Report, failure: RealtimeKitError | None, client: Client | None, *, is_unknown: bool, with_diff: bool
) -> dict[str, Any]:
    """Return the result of the module. With a ``msg``, it failed. ``is_unknown``: whether the effect of writes is unknown."""
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
    """Yield each target's warnings, and one about the rate limit: a forecast in check mode, otherwise the time waited."""
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
    """Return the message of the failures. Equal texts appear once, because a wrong token fails every target alike.

    A text about only one of several targets names it.
    """
    labels: dict[str, list[str | None]] = {}
    for outcome in outcomes:
        if outcome.error:
            labels.setdefault(str(outcome.error), []).append(outcome.label or (outcome.target if len(outcomes) > 1 else None))
    count = sum(map(len, labels.values()))
    texts = [_name(text, shared[0] if len(shared) == 1 else None) for text, shared in labels.items()]
    return texts[0] if count == 1 else f"{count} of {len(outcomes)} failed: " + "; ".join(text.rstrip(".") for text in texts)


def _name(text: str, label: str | None) -> str:
    """Return the text with the label of its target, unless it already has it as a word."""
    if not label or re.search(rf"(?<!\w){re.escape(label)}(?!\w)", text):
        return text
    return f"{label if label.isprintable() else repr(label)}: {text}"


def _build_diff(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return each target's livestream before and after. Without a change, both are the last one seen."""
    return {
        "before": {outcome.label or outcome.target: show(outcome.before if outcome.changed else outcome.after) for outcome in outcomes},
        "after": {outcome.label or outcome.target: show(outcome.after) for outcome in outcomes},
    }

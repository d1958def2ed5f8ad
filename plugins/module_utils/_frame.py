# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Ansible: from a task's options to its result. The only place that ends a module.

A module hands over its argument spec and a ``run`` function, which takes a
`Task` and gives back a `Report`. What goes out to the user, and above all what
does not, is decided here.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Sequence, TypeVar

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.streamops.realtimekit.plugins.module_utils._client import HAS_REQUESTS, Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DefectError, RealtimeKitError
from ansible_collections.streamops.realtimekit.plugins.module_utils._livestreams import Livestream, Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._options import CONNECTION_SPEC, between, connection
from ansible_collections.streamops.realtimekit.plugins.module_utils._outcomes import Outcome

try:
    from ansible.module_utils.secrets import register_secret  # ansible-core 2.22 and later
except ImportError:
    register_secret = None

T = TypeVar("T")
R = TypeVar("R")

HIDDEN = "********"

CONCURRENCY_SPEC: dict[str, dict[str, Any]] = {"concurrency": {"type": "int", "default": 8}}
STREAM_KEY_SPEC: dict[str, dict[str, Any]] = {"return_stream_key": {"type": "bool", "default": False, "no_log": False}}


class Task(NamedTuple):
    """What a module's ``run`` works with."""

    params: Mapping[str, Any]
    check_mode: bool
    livestreams: Livestreams

    def side_by_side(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """``function`` of each item, in the items' order, for as many items at a time as ``concurrency`` says."""
        workers = min(self.params["concurrency"], len(items))
        if workers < 2:
            return [function(item) for item in items]
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (one target does not need it, and should not pay for it)

        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(function, items))

    def shown(self, livestream: Livestream | None) -> dict[str, Any] | None:
        """A livestream as a user gets to see it: with its key only on request."""
        return _shown(livestream, with_key=self.params["return_stream_key"])

    def entry(self, key: str, outcome: Outcome, *, with_key: bool = True) -> dict[str, Any]:
        """One target's line in a result; ``key`` names the target. ``with_key``: with the stream key too, if it was asked for."""
        livestream = self.shown(outcome.after) if with_key else _shown(outcome.after)
        return {key: outcome.target, "changed": outcome.changed, "livestream": livestream, "error": _error(outcome)}


class Report(NamedTuple):
    """What came of a task: an outcome for each target, and what the module returns beside ``changed``."""

    outcomes: Sequence[Outcome]
    returns: Mapping[str, Any]
    has_diff: bool = True


def run_module(argument_spec: Mapping[str, Any], run: Callable[[Task], Report], **module_options: Any) -> None:
    """Run a module from its options to its end."""
    module = AnsibleModule(argument_spec={**CONNECTION_SPEC, **argument_spec}, supports_check_mode=True, **module_options)
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"))
    report, failure, pace = Report((), {}, has_diff=False), None, []
    try:
        target = connection(module.params, os.environ)
        _hide(module, target.token)
        connections = between("concurrency", module.params.get("concurrency", 1), 1, 32, "meetings at a time")
        client = Client(target, connections=connections)
        report = run(Task(module.params, module.check_mode, Livestreams(client)))
        pace = list(_pace(client))
    except RealtimeKitError as error:
        failure = error
    except Exception as error:  # noqa: BLE001 (a traceback may show what must not be seen)
        failure = DefectError(error)
    # Not inside the `except`: fail_json would take the exception for one of its own and show a traceback.
    _finish(module, report, failure, pace)


def _finish(module: AnsibleModule, report: Report, failure: RealtimeKitError | None, pace: Sequence[str]) -> None:
    if register_secret:
        for key in {key for outcome in report.outcomes for key in _keys(outcome)}:
            register_secret(key)
    for outcome in report.outcomes:
        for warning in outcome.warnings:
            module.warn(_without_keys(outcome, warning))
    for warning in pace:
        module.warn(warning)
    result = {"changed": any(outcome.changed for outcome in report.outcomes), **report.returns}
    if module._diff and report.has_diff:
        result["diff"] = _diff(report.outcomes)
    if failure:
        module.fail_json(msg=str(failure), error=failure.details(), **result)
    failed = [outcome for outcome in report.outcomes if outcome.error]
    if not failed:
        module.exit_json(**result)
    message = "; ".join(_without_keys(outcome, str(outcome.error)) for outcome in failed)
    if len(failed) > 1:
        message = f"{len(failed)} of {len(report.outcomes)} failed: {message}"
    module.fail_json(msg=message, error=_error(failed[0]), **result)


def _pace(client: Client) -> Iterator[str]:
    """What there is to say about the rate limit."""
    if client.forecast:
        requests, quota, window, seconds = client.forecast
        yield (
            f"This takes {requests} requests or more. At the API's limit of {quota} in {window} seconds, some of it used before, "
            f"they take at least {seconds:.0f} seconds."
        )
    if client.held >= 1:
        yield f"Held back for {client.held:.0f} seconds, to stay within the API's rate limit."


def _diff(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Each target's livestream before and after; where this task changed nothing, both are the one seen last."""
    return {
        "before": {outcome.target: _shown(outcome.before if outcome.changed else outcome.after) for outcome in outcomes},
        "after": {outcome.target: _shown(outcome.after) for outcome in outcomes},
    }


def _shown(livestream: Livestream | None, *, with_key: bool = False) -> dict[str, Any] | None:
    if livestream is None:
        return None
    key = livestream["stream_key"]
    shown = {field: _hidden(value, key) if key else value for field, value in livestream.items() if field != "stream_key"}
    return {**shown, "stream_key": key} if with_key else shown


def _hidden(value: Any, key: str) -> Any:
    """The value without the key, wherever in it the API repeats it: a session tells of its errors."""
    if isinstance(value, str):
        return value.replace(key, HIDDEN)
    if isinstance(value, list):
        return [_hidden(each, key) for each in value]
    if isinstance(value, dict):
        return {field: _hidden(each, key) for field, each in value.items()}
    return value


def _error(outcome: Outcome) -> dict[str, Any] | None:
    if outcome.error is None:
        return None
    return {field: _without_keys(outcome, value) if isinstance(value, str) else value for field, value in outcome.error.details().items()}


def _keys(outcome: Outcome) -> set[str]:
    """The stream keys that the API sent with an outcome's livestreams."""
    return {livestream["stream_key"] for livestream in (outcome.before, outcome.after) if livestream and livestream["stream_key"]}


def _without_keys(outcome: Outcome, text: str) -> str:
    """The API's own words may repeat a key; ours must not."""
    for key in _keys(outcome):
        text = text.replace(key, HIDDEN)
    return text


def _hide(module: AnsibleModule, secret: str) -> None:
    """A secret that may come from the environment, as `AnsibleModule` hides one from the task."""
    if register_secret:
        register_secret(secret)
    module.no_log_values.add(secret)

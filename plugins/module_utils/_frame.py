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
import signal
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Sequence, TypeVar

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.streamops.realtimekit.plugins.module_utils._client import HAS_REQUESTS, Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DefectError, RealtimeKitError
from ansible_collections.streamops.realtimekit.plugins.module_utils._livestreams import Livestream, Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._options import CONNECTION_SPEC, build_connection, check_range
from ansible_collections.streamops.realtimekit.plugins.module_utils._targets import Outcome

try:
    from ansible.module_utils.secrets import register_secret  # ansible-core 2.22 and later
except ImportError:
    register_secret = None

T = TypeVar("T")
R = TypeVar("R")

HIDDEN = "********"

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

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

    def show(self, livestream: Livestream | None) -> dict[str, Any] | None:
        """A livestream as a user gets to see it: with its key only on request."""
        return _show(livestream, with_key=self.params["return_stream_key"])

    def build_entry(self, key: str, outcome: Outcome, *, with_key: bool = True) -> dict[str, Any]:
        """One target's line in a result; ``key`` names the target. ``with_key``: with the stream key too, if it was asked for."""
        livestream = self.show(outcome.after) if with_key else _show(outcome.after)
        return {key: outcome.target, "changed": outcome.changed, "livestream": livestream, "error": _describe_error(outcome)}


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
    report, failure, client, secrets = Report((), {}, has_diff=False), None, None, set()
    try:
        connection = build_connection(module.params, os.environ)
        _hide(module, connection.token)
        connections = check_range("concurrency", module.params.get("concurrency", 1), 1, 32, "meetings at a time")
        client = Client(connection, connections=connections)
        livestreams = Livestreams(client)
        secrets = livestreams.stream_keys
        with _interruptible(client):
            report = run(Task(module.params, module.check_mode, livestreams))
    except RealtimeKitError as error:
        failure = error
    except Exception as error:  # noqa: BLE001 (a traceback may show what must not be seen)
        failure = DefectError(error)
    # Not inside the `except`: fail_json would take the exception for one of its own and show a traceback.
    _finish(module, report, failure, client, {*secrets, *module.no_log_values} - {""})


@contextmanager
def _interruptible(client: Client) -> Iterator[None]:
    """A task that is told to end sends nothing more, and tells what has become of each target all the same."""
    heeded = []
    if threading.current_thread() is threading.main_thread():  # only there can it be done
        # What is ignored stays so, as nohup has it.
        heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, lambda _number, _frame: client.interrupt())
    try:
        yield
    finally:
        # To the end of the process: a second signal is not to take away the result that the first one left.
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)


def _finish(module: AnsibleModule, report: Report, failure: RealtimeKitError | None, client: Client | None, secrets: set[str]) -> None:
    """``secrets``: the token and the stream keys. Since 2.22 ansible-core masks what it shows, and no longer what a task returns."""
    if register_secret:
        for secret in secrets:
            register_secret(secret)
    warnings = [warning for outcome in report.outcomes for warning in outcome.warnings]
    if client:
        warnings.extend(_find_pace_warnings(client, check_mode=module.check_mode))
    for warning in _mask(secrets, warnings):
        module.warn(warning)
    # After a defect nobody can tell what became of what was written.
    is_unknown = isinstance(failure, DefectError) and client is not None and client.has_written
    result = {"changed": is_unknown or any(outcome.changed for outcome in report.outcomes), **report.returns}
    if module._diff and report.has_diff:
        result["diff"] = _build_diff(report.outcomes)
    failed = [outcome for outcome in report.outcomes if outcome.error]
    if failure:
        result.update(msg=str(failure), error=failure.details())
    elif failed:
        result.update(msg=_compose_message(failed, len(report.outcomes)), error=_describe_error(failed[0]))
    result = _mask(secrets, result)
    if failure or failed:
        module.fail_json(**result)
    module.exit_json(**result)


def _compose_message(failed: Sequence[Outcome], total: int) -> str:
    """Each failure in its own words, and the same words only once: a wrong token fails every name alike."""
    if len(failed) == 1:
        return str(failed[0].error)
    return f"{len(failed)} of {total} failed: " + "; ".join(dict.fromkeys(str(outcome.error).rstrip(".") for outcome in failed))


def _find_pace_warnings(client: Client, *, check_mode: bool) -> Iterator[str]:
    """What there is to say about the rate limit: in check mode what a run is in for, else what it came to."""
    if client.forecast and check_mode:
        requests, quota, window, seconds = client.forecast
        yield (
            f"If all of it has to change, this takes {requests} requests. "
            f"At the API's limit of {quota} in {window} seconds they take at least {seconds:.0f} seconds."
        )
    if client.held >= 1:
        yield f"Held back for {client.held:.0f} seconds, to stay within the API's rate limit."


def _build_diff(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Each target's livestream before and after; where this task changed nothing, both are the one seen last."""
    return {
        "before": {outcome.target: _show(outcome.before if outcome.changed else outcome.after) for outcome in outcomes},
        "after": {outcome.target: _show(outcome.after) for outcome in outcomes},
    }


def _show(livestream: Livestream | None, *, with_key: bool = False) -> dict[str, Any] | None:
    if livestream is None or with_key:
        return livestream
    return {field: value for field, value in livestream.items() if field != "stream_key"}


def _describe_error(outcome: Outcome) -> dict[str, Any] | None:
    return outcome.error.details() if outcome.error else None


def _mask(secrets: set[str], value: T) -> T:
    """The API's own words may repeat a secret, in an error, a session or a name. Ours have it in ``stream_key`` or nowhere."""
    texts = "\n".join(_find_texts(value))
    shown = sorted((secret for secret in secrets if secret in texts), key=len, reverse=True)
    return _replace(shown, value) if shown else value


def _find_texts(value: Any) -> Iterator[str]:
    """Every text in a value, but those that are to be a stream key."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in (inner for name, inner in value.items() if name != "stream_key") if isinstance(value, dict) else value:
            yield from _find_texts(inner)


def _replace(secrets: Sequence[str], value: Any) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, HIDDEN)
    elif isinstance(value, dict):
        return {name: inner if name == "stream_key" else _replace(secrets, inner) for name, inner in value.items()}
    elif isinstance(value, list):
        return [_replace(secrets, inner) for inner in value]
    return value


def _hide(module: AnsibleModule, secret: str) -> None:
    """A secret that may come from the environment, as `AnsibleModule` hides one from the task."""
    if register_secret:
        register_secret(secret)
    module.no_log_values.add(secret)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Ansible: from a task's options to the end of the module. Only this file ends a module.

A module passes its argument spec and a ``run`` function, which takes a `Task` and
returns a `Report`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import Any, Callable, Iterator, Mapping, NamedTuple

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from .._api.livestreams import Livestreams
from .._errors import DefectError, NotFoundError, RealtimeKitError
from .._http.client import Client
from .._http.session import HAS_REQUESTS, Connection
from .options import CONNECTION_SPEC, build_connection, check_range
from .results import Report, build_result, find_warnings
from .secrets import LONG, mask
from .turns import take_turn

try:
    from ansible.module_utils.secrets import register_secret  # ansible-core 2.22 and later
except ImportError:
    register_secret = None

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

CONCURRENCY_SPEC: dict[str, dict[str, Any]] = {"concurrency": {"type": "int", "default": 8}}
STREAM_KEY_SPEC: dict[str, dict[str, Any]] = {"return_stream_key": {"type": "bool", "default": False, "no_log": False}}


class Task(NamedTuple):
    """The input of a module's ``run``."""

    params: Mapping[str, Any]
    check_mode: bool
    livestreams: Livestreams

    @property
    def client(self) -> Client:
        return self.livestreams.client


@contextmanager
def _signals_put_back() -> Iterator[None]:
    """Restore the handlers of SIGNALS at the end, because some connection plugins reuse the interpreter."""
    before = {number: signal.getsignal(number) for number in SIGNALS} if _is_main_thread() else {}
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()  # after the result, a signal may end the process
        for number, handler in before.items():
            if handler is not None:  # a handler that is not Python's was never replaced
                signal.signal(number, handler)


@_signals_put_back()
def run_module(
    argument_spec: Mapping[str, Any],
    run: Callable[[Task], Report],
    *,
    has_app: bool = True,
    takes_turns: bool = False,
    connect: Callable[[Mapping[str, Any], Mapping[str, str]], Connection] | None = None,
    without_requests: Callable[[str], Report] | None = None,
    **module_options: Any,
) -> None:
    """Run a module from its options to its end.

    Without an app, its requests are about the account, and ``app_id`` is ignored.
    A module that takes turns waits until no other such module runs on this machine.
    ``connect`` replaces `build_connection`, and can return an empty token.
    ``without_requests`` builds the report if this library is missing; by default, the module fails.
    """
    module = AnsibleModule(argument_spec={**CONNECTION_SPEC, **argument_spec}, supports_check_mode=True, **module_options)
    if not HAS_REQUESTS:
        missing = missing_required_lib("requests")
        if without_requests:
            finish(module, without_requests(missing), None, None)
        module.fail_json(msg=missing)
    report, failure, livestreams = Report((), has_diff=False), None, None
    try:
        connection = connect(module.params, os.environ) if connect else build_connection(module.params, os.environ, has_app=has_app)
        _hide_token(module, connection.token)
        connections = check_range("concurrency", module.params.get("concurrency", 1), 1, 32, "at a time")
        livestreams = Livestreams(Client(connection, connections=connections))
        with _interruptible(livestreams.client), _turn(module, livestreams.client, is_taken=takes_turns and not module.check_mode):
            report = run(Task(module.params, module.check_mode, livestreams))
            _look_for_app(livestreams, report)
    except RealtimeKitError as error:
        failure = error
    except Exception as error:  # noqa: BLE001 (a traceback may show what must not be seen)
        failure = DefectError(error)
    # Outside of the `except`, because fail_json would otherwise show the traceback of the exception.
    finish(module, report, failure, livestreams)


def _look_for_app(livestreams: Livestreams, report: Report) -> None:
    """If every target is missing, check whether the app itself is missing."""
    missing = [outcome for outcome in report.outcomes if isinstance(outcome.error, NotFoundError)]
    if not missing:
        return
    try:
        livestreams.meetings.prove_app()
    except NotFoundError as error:
        for outcome in missing:
            outcome.error = error
    except RealtimeKitError:
        pass  # then keep each target's own error


def _is_main_thread() -> bool:
    """Return whether this is the main thread, where Python can set signal handlers."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _interruptible(client: Client) -> Iterator[None]:
    """After a signal, send no more requests, and report the state of each target."""
    heeded = []
    if _is_main_thread():
        # Keep ignored signals, because nohup needs this. A handler that is not Python's could not be restored.
        heeded = [number for number in SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    for number in heeded:
        signal.signal(number, lambda _number, _frame: client.interrupt())
    try:
        yield
    finally:
        # Until the end of the module, because a second signal must not prevent the result.
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)


@contextmanager
def _turn(module: AnsibleModule, client: Client, *, is_taken: bool) -> Iterator[None]:
    """Take the module's turn, if it needs one. The lock is in the parent of Ansible's temporary folders."""
    if not is_taken:
        yield
        return
    with take_turn(os.path.dirname(module.tmpdir.rstrip("/")), client) as problem:
        if problem:
            module.warn(f"Could not lock out other tasks on this machine ({problem}). Two simultaneous tasks could create a name twice.")
        yield


def finish(module: AnsibleModule, report: Report, failure: RealtimeKitError | None, livestreams: Livestreams | None) -> None:
    """End the module. Since 2.22, ansible-core masks its output but not the returned values, so this function does."""
    client = livestreams.client if livestreams else None
    keys = livestreams.stream_keys if livestreams else set()
    secrets = {*keys, *module.no_log_values} - {""}
    if register_secret:
        for secret in secrets:
            if secret not in keys or len(secret) >= LONG:
                register_secret(secret)
    for warning in find_warnings(report, client, check_mode=module.check_mode):
        module.warn(mask(secrets, warning))
    # After a defect outside of a target, the effect of writes is unknown.
    is_unknown = isinstance(failure, DefectError) and client is not None and client.has_written
    result = build_result(report, failure, client, is_unknown=is_unknown, with_diff=module._diff)
    result = mask(secrets, result, shown=keys - module.no_log_values if module.params.get("return_stream_key") else ())
    if "msg" in result:
        module.fail_json(**result)
    module.exit_json(**result)


def _hide_token(module: AnsibleModule, token: str) -> None:
    """Register the token as a secret, because `AnsibleModule` does not know a token from the environment."""
    if register_secret and token:
        register_secret(token)
    module.no_log_values.update({token} - {""})

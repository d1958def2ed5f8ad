# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs one task as Ansible would: validated options, the module's own ``run``, and the frame's own way out."""

from __future__ import annotations

import copy
import dataclasses
import itertools
import random
from collections import Counter
from typing import Any, Callable, ClassVar, Mapping

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import RealtimeKitError, WaitTimeoutError
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.session import Connection, build_session
from ansible_collections.streamops.realtimekit.plugins.module_utils._task import run as task_run
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.results import Report
from ansible_collections.streamops.realtimekit.plugins.modules import (
    rtk_app_info,
    rtk_livestream,
    rtk_livestream_info,
    rtk_meeting,
    rtk_meeting_info,
    rtk_meeting_livestream,
    rtk_webhook,
    rtk_webhook_info,
)
from simulator import Simulator

from chaos.breaks import Breaks, break_connection
from chaos.virtual import Stuck, Turn, VirtualTime

MODULES = {
    "rtk_meeting_livestream": rtk_meeting_livestream,
    "rtk_livestream": rtk_livestream,
    "rtk_livestream_info": rtk_livestream_info,
    "rtk_meeting": rtk_meeting,
    "rtk_meeting_info": rtk_meeting_info,
    "rtk_app_info": rtk_app_info,
    "rtk_webhook": rtk_webhook,
    "rtk_webhook_info": rtk_webhook_info,
}

#: Seconds that a request takes at most, each way, on the virtual clock.
LATENCY = 0.2

#: More than any task uses at a time, because virtual time does not see a thread that waits for a connection.
CONNECTIONS = 200

#: Seconds of sleep from which on other users may act in the middle of it. Shorter sleeps are no time to come between a read and a write.
LONG_SLEEP = 2.0


@dataclasses.dataclass
class Job:
    """One task to run: a module with its options, from ``starts_in`` seconds on. ``lifetime`` is the option ``task_timeout``."""

    number: int
    module: str
    options: Mapping[str, Any]
    check_mode: bool = False
    retries: int = 4
    starts_in: float = 0.0
    lifetime: int | None = None

    @property
    def agent(self) -> str:
        """The ``User-Agent`` of its requests, to distinguish them in the simulator's log."""
        return f"task/{self.number}"


@dataclasses.dataclass
class Ending:
    """How a task ended: what went out to Ansible, and between which moments it ran."""

    job: Job
    failed: bool = False
    result: dict[str, Any] = dataclasses.field(default_factory=dict)
    warnings: list[str] = dataclasses.field(default_factory=list)
    kinds: dict[str, str] = dataclasses.field(default_factory=dict)  #: each failed target's class of error
    failure: str | None = None  #: the class of the error that ended the task before it had a target
    done: dict[str, float] = dataclasses.field(default_factory=dict)  #: when the time began for which a target is waited for
    given_up: dict[str, float] = dataclasses.field(default_factory=dict)  #: when a target failed for lack of time
    began: float = 0.0
    ended: float = 0.0
    crash: str | None = None  #: an exception that no user should ever see


class _EndedError(Exception):
    """The module has said its last word."""


class FakeModule:
    """As much of ``AnsibleModule`` as the frame uses to end a task."""

    _diff = True

    def __init__(self, ending: Ending, token: str, params: Mapping[str, Any], *, check_mode: bool) -> None:
        self._ending = ending
        self.params, self.check_mode = params, check_mode
        self.no_log_values = {token}

    def warn(self, warning: str) -> None:
        self._ending.warnings.append(warning)

    def exit_json(self, **result: Any) -> None:
        self._ending.result = result
        raise _EndedError

    def fail_json(self, **result: Any) -> None:
        self._ending.failed = True
        self.exit_json(**result)


class TimedError(WaitTimeoutError):
    """An error that knows when it was made: ``at`` on the virtual clock of the episode that is played."""

    clock: ClassVar[Callable[[], float]]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.at = type(self).clock()


TimedError.__name__ = WaitTimeoutError.__name__


class ChaosClient(Client):
    """A client whose pools of threads the virtual time knows about."""

    time: VirtualTime

    def side_by_side(self, function: Any, items: Any) -> Any:
        workers = min(self.connections, len(items))
        if workers < 2 or self._thread.is_worker:
            return super().side_by_side(function, items)
        return self.time.side_by_side(super().side_by_side, workers, function, items)


def run(
    job: Job,
    sim: Simulator,
    clock: VirtualTime,
    seed: int,
    interfere: Callable[[Job, random.Random, str], None] = lambda job, dice, where: None,
    intrude: Callable[[Job, random.Random], None] = lambda job, dice: None,
    make: Callable[[Client], Livestreams] = Livestreams,
    breaks: Breaks | None = None,
) -> Ending:
    """Run the job to its end.

    ``interfere`` is called before each request, with its method and path; ``intrude``
    is called in the middle of each long sleep.
    Each call gets new dice.
    """
    ending = Ending(job, began=clock.clock())
    try:
        _run(job, ending, sim, clock, f"{seed}:{job.number}", interfere, intrude, make, breaks)
    except _EndedError:
        pass
    except (Exception, Stuck) as error:  # noqa: BLE001 (an exception here is a finding)
        ending.crash = f"{type(error).__name__}: {error}"
    ending.ended = clock.clock()
    return ending


def _run(
    job: Job, ending: Ending, sim: Simulator, clock: VirtualTime, key: str, interfere: Any, intrude: Any, make: Any, breaks: Breaks | None
) -> None:
    module = MODULES[job.module]
    params = _validated(module.ARGUMENT_SPEC, job.options)
    threads = params.get("concurrency", 1)
    session = build_session(CONNECTIONS)
    session.trust_env = False
    session.headers["User-Agent"] += " " + job.agent
    _slow_down(session, clock, key, lambda dice, where: interfere(job, dice, where), breaks)
    sleep = _build_sleep(clock, key, lambda dice: intrude(job, dice))
    timing = {"timeout": 20.0, "retries": job.retries, "task_timeout": job.lifetime}
    app_id = "" if job.module == "rtk_app_info" else sim.app_id
    client = ChaosClient(
        Connection(sim.api_url, sim.token, sim.account_id, app_id, **timing),
        connections=threads,
        clock=clock.clock,
        sleep=sleep,
        jitter=lambda: clock.clock() * 1000 % 1,
        session=session,
    )
    # Without it the virtual time could not tell a thread that waits for another's answer from one that works.
    assert isinstance(client._pacing._turn, type(Turn(clock)).__base__)
    client._pacing._turn = Turn(clock)
    client.time = clock
    livestreams = make(client)
    task = task_run.Task(params, job.check_mode, livestreams)
    report, failure = Report((), has_diff=False), None
    try:
        report = module.run(task)
    except RealtimeKitError as error:
        failure, ending.failure = error, type(error).__name__
    finally:
        session.close()
    ending.kinds = {outcome.target: type(outcome.error).__name__ for outcome in report.outcomes if outcome.error}
    ending.given_up = {outcome.target: outcome.error.at for outcome in report.outcomes if isinstance(outcome.error, TimedError)}
    # The task does not wait for a room without a known meeting.
    ending.done = {outcome.target: outcome.done_at for outcome in report.outcomes if outcome.done_at}
    task_run.finish(FakeModule(ending, sim.token, params, check_mode=job.check_mode), report, failure, livestreams)


def _validated(spec: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    checked = ArgumentSpecValidator(dict(spec)).validate(copy.deepcopy(dict(options)))
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


def _slow_down(session: Any, clock: VirtualTime, key: str, interfere: Callable[[random.Random, str], None], breaks: Breaks | None) -> None:
    """Give each request a delay in both directions, in which others act. A seed repeats the delays."""
    send, sent = session.request, Counter[str]()

    def request(method: str, url: str, **options: Any) -> Any:
        where = f"{method}:{url.partition('/realtime/kit/')[2]}"
        sent[where] += 1
        turn = f"{key}:{where}:{sent[where]}"
        dice = random.Random(turn)
        clock.sleep(dice.uniform(0.001, LATENCY))
        interfere(dice, where)
        broken = breaks.draw(random.Random(f"{turn}:connection"), f"{key}:{where}:{options['params']}") if breaks else None
        try:
            return break_connection(broken, send, method, url, options) if broken else send(method, url, **options)
        finally:
            clock.sleep(dice.uniform(0.001, LATENCY))

    session.request = request


def _build_sleep(clock: VirtualTime, key: str, intrude: Callable[[random.Random], None]) -> Callable[[float], None]:
    """The client's sleep: a hold for the rate limit, a settle pause, a look, or a back-off. Others act during the long ones."""
    slept = itertools.count(1)

    def sleep(seconds: float) -> None:
        if seconds <= LONG_SLEEP:
            clock.sleep(seconds)
            return
        dice = random.Random(f"{key}:sleep:{next(slept)}")
        first = seconds * dice.uniform(0.05, 0.95)
        clock.sleep(first)
        intrude(dice)
        clock.sleep(seconds - first)

    return sleep

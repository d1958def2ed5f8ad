# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After each failure and each interruption: nothing is left running, and nothing of others is touched."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator

import pytest
from simulator import Settings, Simulator
from simulator.meeting_sessions import begin_session

from live import leaving, story
from live.account import Allowed
from live.notes import ProbeError
from live.simulated import Clock, build_probe
from live.wire import Answer, InterruptedProbeError, Wire

BRIEF = Allowed(create=True, timeout=20.0)
#: The API does each of these to a start, a stop, a create, or an update.
FAULTS: list[dict[str, Any]] = [
    {"kind": "drop", "when": "before"},
    {"kind": "drop", "when": "after"},
    {"kind": "drop", "when": "after", "write_lag": 1.0},
    {"kind": "status", "status": 500, "when": "before"},
    {"kind": "status", "status": 504, "when": "after"},
    {"kind": "html", "when": "after"},
    {"kind": "garbage", "when": "after"},
    {"kind": "empty", "when": "after"},
    {"kind": "missing_keys", "when": "after"},
    {"kind": "rate_limited", "retry_after": 200},
    {"kind": "status", "status": 403},
]


def run(sim: Simulator, clock: Clock, *, interrupt_at: int | None = None) -> list[dict[str, Any]]:
    """Run the probe until it ends or fails, and return the requests that it sent."""
    probe = build_probe(sim, clock, BRIEF)
    send = probe.wire._exchange

    def exchange(*arguments: Any) -> Any:
        answer = send(*arguments)
        if len(probe.wire.exchanges) == interrupt_at:
            probe.wire.interrupt()
        return answer

    probe.wire._exchange = exchange
    with contextlib.suppress(InterruptedProbeError, ProbeError):
        story.run(probe)
    clock.step(5)
    sim.drain()
    assert probe.is_clean
    return sim.requests


def is_running(livestream: Any) -> bool:
    return livestream.is_active()


def find_left(sim: Simulator, theirs: set[str]) -> list[str]:
    """The active livestreams and meetings that this run has left."""
    left = [item.id for item in sim.world.livestreams.values() if is_running(item) and item.meeting_id not in theirs]
    return left + [meeting.id for meeting in sim.world.meetings.values() if meeting.id not in theirs and meeting.status == "ACTIVE"]


@contextlib.contextmanager
def account(**settings: Any) -> Iterator[tuple[Simulator, Clock, set[str]]]:
    """An account in which others are on air and have webhooks; afterwards all of theirs is as before."""
    clock, wanted = Clock(), Settings(live_delay=2.0)
    wanted.update(settings)
    with Simulator(wanted, seed=3, clock=clock, later=clock.later) as sim:
        theirs = set(sim.meetings)
        begin_session(sim.world, sim.meetings[0])
        sim.world.start(sim.meetings[0], "Their show")
        sim.world.create("Their feed")
        clock.step(60)
        sim.world.settle()
        before = {**sim.world.livestreams}, {each: {**vars(sim.world.meetings[each])} for each in theirs}
        yield sim, clock, theirs
        assert find_left(sim, theirs) == []
        assert {each: vars(sim.world.meetings[each]) for each in theirs} == before[1]
        assert [item.status for item in before[0].values()] == ["LIVE", "IDLE"]
        assert {effect["meeting_id"] for effect in sim.effects if effect["by"] == "api"}.isdisjoint(theirs)
        assert len([item for item in sim.world.livestreams.values() if item.meeting_id is None]) <= 2


def test_whole_run_touches_nothing_of_others() -> None:
    with account() as (sim, clock, _theirs):
        requests = run(sim, clock)
    kinds = [effect["kind"] for effect in sim.effects if effect["by"] == "api"]
    assert kinds == ["meeting_created", "started", "stopped", "started", "created", "meeting_updated", "stopped"]
    assert len(requests) < 150


def test_interruption_at_any_request_leaves_nothing_running() -> None:
    with account() as (sim, clock, _theirs):
        requests = run(sim, clock)
    for number in (number for number, entry in enumerate(requests, 1) if entry["method"] != "GET" or number % 8 == 1):
        with account() as (sim, clock, _theirs):
            run(sim, clock, interrupt_at=number)
        writes = [entry["operation"] for entry in sim.requests[number:] if entry["method"] != "GET"]
        assert set(writes) <= {"stop", "update_meeting"}


@pytest.mark.parametrize("operation", ["create_meeting", "start", "stop", "update_meeting", "create"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(str(value) for value in fault.values()))
def test_fault_in_a_write_leaves_nothing_running(operation: str, fault: dict[str, Any]) -> None:
    with account() as (sim, clock, _theirs):
        sim.fault(operation=operation, **fault)
        run(sim, clock)


@pytest.mark.parametrize("settings", [{"second_start": "another"}, {"second_start": "same"}, {"visible_lag": 1.5}, {"stop_lag": 20.0}])
def test_dialect_in_which_it_is_hard_to_stop_leaves_nothing_running(settings: dict[str, Any]) -> None:
    for number in (None, 14, 17, 25):
        with account(**settings) as (sim, clock, _theirs):
            run(sim, clock, interrupt_at=number)


def test_what_could_not_be_stopped_is_reported(sim: Simulator, clock: Clock) -> None:
    sim.fault("status", "stop", status=403, times=None)
    probe = build_probe(sim, clock, BRIEF)
    story.run(probe)
    assert find_left(sim, set()) != []
    assert not probe.is_clean


def test_meeting_is_active_once_more_if_a_stop_needs_that(sim: Simulator, clock: Clock) -> None:
    """It may also hide its livestream while it is INACTIVE."""
    probe = build_probe(sim, clock, BRIEF)
    send, refused = probe.wire._exchange, []

    def exchange(method: str, path: str, *more: Any) -> Answer:
        own = sim.world.meetings.get(probe.meeting_id or "")
        if "active-livestream" in path and own and own.status == "INACTIVE" and any(map(is_running, sim.world.of_meeting(own.id))):
            refused.append(path)
            return Answer(404, {}, {}, clock())
        return send(method, path, *more)

    probe.wire._exchange = exchange
    theirs = set(sim.meetings)
    story.run(probe)
    assert refused
    assert probe.is_clean
    assert probe.facts["inactive_ends"] is False
    assert find_left(sim, theirs) == []


def test_without_the_cleanup_something_is_left(monkeypatch: pytest.MonkeyPatch, sim: Simulator, clock: Clock) -> None:
    """The tests above can fail."""
    monkeypatch.setattr(leaving, "leave_nothing_running", lambda probe: True)
    theirs = set(sim.meetings)
    run(sim, clock, interrupt_at=60)
    assert find_left(sim, theirs) != []


def test_token_that_may_not_write_writes_nothing() -> None:
    with account(token_lacks_permission="realtimekit") as (sim, clock, _theirs):
        assert [entry["operation"] for entry in run(sim, clock)] == ["list_meetings"]


def test_request_is_sent_again_after_a_429(sim: Simulator, clock: Clock) -> None:
    sim.fault("rate_limited", "list_meetings", retry_after=120)
    probe = build_probe(sim, clock)
    assert probe.wire.get("meetings").status == 200
    assert clock() == Clock().now + 120


def test_rate_limit_that_stays_used_up_ends_the_cleanup(sim: Simulator, clock: Clock) -> None:
    """Nothing else could end it: Ctrl-C is not heeded while the probe cleans up."""
    sim.fault("rate_limited", "stop", retry_after=60, times=None, skip=1)
    probe = build_probe(sim, clock, BRIEF)
    story.run(probe)
    assert not probe.is_clean


def test_proxy_does_not_see_the_token_of_this_machine(monkeypatch: pytest.MonkeyPatch, sim: Simulator, clock: Clock) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert build_probe(sim, clock).wire.get("meetings").status == 200


def test_write_is_sent_once(sim: Simulator, clock: Clock) -> None:
    sim.fault("drop", "start", when="after")
    wire: Wire = build_probe(sim, clock).wire
    assert wire.send("POST", f"meetings/{sim.meetings[0]}/livestreams", body={}).status == 0
    assert [entry["operation"] for entry in sim.requests] == ["start"]

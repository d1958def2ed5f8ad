# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings for what only a real account can tell, and the modules with an API that does not refuse a second start."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import meeting_livestreams
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from simulator import Settings, Simulator
from simulator.meeting_sessions import begin_session
from tasks import Clock, operations, run


def count_active(sim: Simulator) -> list[int]:
    return [sum(item.is_active() for item in sim.world.of_meeting(meeting)) for meeting in sim.meetings]


# The simulator


def test_second_start_can_answer_with_the_first_livestream(api: Any, sim: Simulator, meeting: str) -> None:
    sim.settings.second_start = "same"
    first, second = (api.start(meeting) for _time in range(2))
    assert (second.status_code, second.json()["data"]["id"]) == (201, first.json()["data"]["id"])
    assert [effect["kind"] for effect in sim.effects] == ["started"]
    sim.settings.stop_lag = 5.0
    api.stop(meeting)
    assert api.start(meeting).status_code == 409


def test_second_start_can_start_another_one(api: Any, sim: Simulator, clock: Clock, meeting: str) -> None:
    sim.settings.second_start = "another"
    first, second = (api.start(meeting).json()["data"]["id"] for _time in range(2))
    clock.step(3)
    assert (api.active(meeting).json()["data"]["id"], count_active(sim)[0]) == (second, 2)
    assert api.stop(meeting).status_code == 200
    assert (api.active(meeting).json()["data"]["id"], count_active(sim)[0]) == (first, 1)
    assert api.stop(meeting).status_code == 200
    assert api.stop(meeting).status_code == 404


def test_start_can_need_people(api: Any, sim: Simulator, meeting: str) -> None:
    sim.settings.start_needs_people = True
    assert api.start(meeting).status_code == 400
    begin_session(sim.world, meeting)
    assert api.start(meeting).status_code == 201


@pytest.mark.parametrize(("people", "status"), [(0, "IDLE"), (1, "LIVE")])
def test_livestream_of_an_empty_meeting_can_end(api: Any, sim: Simulator, clock: Clock, meeting: str, people: int, status: str) -> None:
    sim.settings.alone_ends_after = 120.0
    if people:
        begin_session(sim.world, meeting, people)
    started = api.start(meeting).json()["data"]["id"]
    clock.step(2 + 119)
    assert api.active(meeting).json()["data"]["status"] == "LIVE"
    clock.step(1)
    assert api.get(f"livestreams/{started}").json()["data"]["livestream"]["status"] == status
    assert [(effect["kind"], effect["by"]) for effect in sim.effects[1:]] == ([] if people else [("stopped", "pipeline")])


def test_page_that_is_too_large_can_be_refused(api: Any, sim: Simulator) -> None:
    sim.settings.update({"per_page_over": "refused", "per_page_cap": 10})
    assert [api.get("livestreams", per_page=size).status_code for size in (10, 11)] == [200, 400]
    assert [api.get("meetings", per_page=size).status_code for size in (10, 11)] == [200, 400]
    assert api.get("livestreams").status_code == 200


# The modules


@pytest.fixture
def lagging() -> Iterator[Callable[[], Simulator]]:
    """Twelve meetings that another user has just started, in an API that refuses no second start, and whose lists do not show it yet."""
    simulators: list[Simulator] = []

    def serve() -> Simulator:
        sim = Simulator(Settings(live_delay=0.0, list_lag=3600.0, second_start="another"), seed=5, meetings=12).serve()
        simulators.append(sim)
        for meeting in sim.meetings:
            sim.world.start(meeting)
        return sim

    yield serve
    for sim in simulators:
        sim.close()


def test_switch_keeps_a_late_list_from_starting_twice(lagging: Callable[[], Simulator], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meeting_livestreams, "STARTS_ARE_GUARDED", False)
    sim = lagging()
    report = run(sim, rtk_meeting_livestream, meeting_id=sim.meetings, state="started")
    assert [(outcome.error, outcome.changed) for outcome in report.outcomes] == [(None, False)] * 12
    assert count_active(sim) == [1] * 12
    assert operations(sim)[-12:] == ["active"] * 12


def test_without_the_switch_it_would(lagging: Callable[[], Simulator]) -> None:
    """So it matters whether a real account refuses a second start."""
    sim = lagging()
    run(sim, rtk_meeting_livestream, meeting_id=sim.meetings, state="started")
    assert count_active(sim) == [2] * 12


#: Whether a task changes a meeting: the first one for those on air, and for those off air; the second one for all.
CHANGES = {"started": (False, True, False), "stopped": (True, False, False), "restarted": (True, True, True)}


@pytest.mark.parametrize("state", CHANGES)
@pytest.mark.parametrize("second_start", ["same", "another"])
def test_switch_changes_no_outcome(monkeypatch: pytest.MonkeyPatch, second_start: str, state: str) -> None:
    monkeypatch.setattr(meeting_livestreams, "STARTS_ARE_GUARDED", False)
    on_air, off_air, again = CHANGES[state]
    with Simulator(Settings(live_delay=0.0, second_start=second_start), seed=5, meetings=14) as sim:
        for meeting in sim.meetings[:7]:
            sim.world.start(meeting)
        for expected in ([on_air] * 7 + [off_air] * 7, [again] * 14):
            report = run(sim, rtk_meeting_livestream, meeting_id=sim.meetings, state=state)
            assert [(outcome.error, outcome.changed) for outcome in report.outcomes] == [(None, changed) for changed in expected]
            assert count_active(sim) == [0 if state == "stopped" else 1] * 14

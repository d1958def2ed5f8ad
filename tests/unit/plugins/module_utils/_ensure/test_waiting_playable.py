# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until a livestream can be played: it is LIVE and has a playback URL, which can come a minute and a half later."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.waiting import Wait
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ErroredError, WaitTimeoutError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import MANUAL_INGEST, FakeStudio, started
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock, FakeAPI, build_livestreams, read

URL = "https://play.test/x.m3u8"
few_and_many = pytest.mark.parametrize("count", [1, 5, 6, 40])


def playable(number: int, **fields: Any) -> dict[str, Any]:
    return stream(number, "LIVE", playback_url=URL, **fields)


def wait(api: FakeAPI, clock: Clock, *outcomes: Outcome, is_playable: bool = True, timeout: float = 120) -> None:
    Wait(build_livestreams(api, clock, retries=1), outcomes, live=True, playable=is_playable, timeout=timeout).run()


def studio(clock: Clock, count: int, *schedule: Any, lag: float = 0.0) -> FakeStudio:
    """Meetings that have no playback URL before the last step of their schedule."""
    steps = {number: [(since, stream(number, status)) for since, status in schedule] for number in range(count)}
    return FakeStudio(clock, {meeting(number): each for number, each in steps.items()}, lag=lag)


def schedule(api: FakeStudio, number: int, since: float, state: Any) -> None:
    api._schedules[meeting(number)].append((since, state))


def out_of_time(number: int, seconds: float, goal: str, seen: str) -> str:
    return f"Meeting {meeting(number)}: not {goal} after {seconds:g} seconds; {seen}"


@few_and_many
@pytest.mark.parametrize("lag", [0.0, 2.0])
def test_url_that_comes_late_is_waited_for(clock: Clock, count: int, lag: float) -> None:
    api = studio(clock, count, (0, "INVOKED"), (5, "LIVE"), lag=lag)
    for number in range(count):
        schedule(api, number, 95, playable(number))
    outcomes = [started(clock, number) for number in range(count)]
    wait(api, clock, *outcomes)
    assert [(outcome.error, outcome.after["playback_url"]) for outcome in outcomes] == [(None, URL)] * count
    assert 95 <= api.times[-1] < 112


@few_and_many
def test_live_alone_does_not_wait_for_a_url(clock: Clock, count: int) -> None:
    api = studio(clock, count, (0, "INVOKED"), (5, "LIVE"))
    outcomes = [started(clock, number) for number in range(count)]
    wait(api, clock, *outcomes, is_playable=False)
    assert [(outcome.error, outcome.after["status"]) for outcome in outcomes] == [(None, "LIVE")] * count
    assert api.times[-1] < 12


@few_and_many
@pytest.mark.parametrize(
    ("status", "goal", "seen"),
    [
        ("LIVE", "playable", "it is LIVE, and has no playback_url yet"),
        ("INVOKED", "LIVE", f"the last status seen is INVOKED{MANUAL_INGEST}"),
        ("IDLE", "LIVE", "the last status seen is none active"),
    ],
)
def test_timeout_says_what_is_missing(clock: Clock, count: int, status: str, goal: str, seen: str) -> None:
    api = studio(clock, count, (0, status))
    outcomes = [started(clock, number) for number in range(count)]
    wait(api, clock, *outcomes, timeout=30)
    assert [str(outcome.error) for outcome in outcomes] == [out_of_time(number, 30, goal, seen) for number in range(count)]
    assert isinstance(outcomes[0].error, WaitTimeoutError)


@pytest.mark.parametrize("count", [3, 12])
def test_each_says_what_it_lacks(clock: Clock, count: int) -> None:
    api = studio(clock, count, (0, "INVOKED"))
    schedule(api, 0, 3, playable(0))
    schedule(api, 1, 3, stream(1, "LIVE"))
    outcomes = [started(clock, number) for number in range(count)]
    wait(api, clock, *outcomes, timeout=20)
    assert (outcomes[0].error, outcomes[0].after["playback_url"]) == (None, URL)
    assert str(outcomes[1].error) == out_of_time(1, 20, "playable", "it is LIVE, and has no playback_url yet")
    invoked = f"the last status seen is INVOKED{MANUAL_INGEST}"
    assert [str(outcome.error) for outcome in outcomes[2:]] == [out_of_time(number, 20, "LIVE", invoked) for number in range(2, count)]


@few_and_many
def test_url_without_live_is_not_enough(clock: Clock, count: int) -> None:
    """A start may name the URL before anything can be played there."""
    api = studio(clock, count, (0, "INVOKED"), (9, "LIVE"))
    outcomes = [started(clock, number, playback_url=URL) for number in range(count)]
    wait(api, clock, *outcomes)
    assert [(outcome.error, outcome.after["status"]) for outcome in outcomes] == [(None, "LIVE")] * count
    assert api.times[-1] >= 9


@few_and_many
def test_url_that_was_known_before_is_not_lost(clock: Clock, count: int) -> None:
    api = studio(clock, count, (0, "LIVE"))
    outcomes = [started(clock, number, playback_url=URL) for number in range(count)]
    wait(api, clock, *outcomes, timeout=10)
    assert [(outcome.error, outcome.after["playback_url"]) for outcome in outcomes] == [(None, URL)] * count


@few_and_many
def test_livestream_that_fails_is_not_waited_for(clock: Clock, count: int) -> None:
    api = studio(clock, count, (0, "LIVE"), (4, "ERRORED"))
    outcomes = [started(clock, number) for number in range(count)]
    wait(api, clock, *outcomes)
    assert all(isinstance(outcome.error, ErroredError) for outcome in outcomes)
    assert api.times[-1] < 12


@pytest.mark.parametrize(
    ("found", "waits"), [({"status": "LIVE", "playback_url": URL}, False), ({"status": "LIVE", "playback_url": None}, True)], ids=str
)
def test_what_is_found_playable_is_not_waited_for(clock: Clock, found: dict[str, Any], waits: bool) -> None:
    api = studio(clock, 1, (0, "LIVE"))
    schedule(api, 0, 2.5, playable(0))
    outcome = started(clock, 0, changed=False, **found)
    wait(api, clock, outcome)
    assert (outcome.error, outcome.after["playback_url"]) == (None, URL)
    assert api.requests == ([read(meeting(0))] * 3 if waits else [])


@pytest.mark.parametrize("url", ["", None])
def test_empty_url_is_none(clock: Clock, url: Any) -> None:
    api = FakeStudio(clock, {meeting(0): [(0, stream(0, "LIVE", playback_url=url))]})
    outcome = started(clock, 0)
    wait(api, clock, outcome, timeout=3)
    assert str(outcome.error) == out_of_time(0, 3, "playable", "it is LIVE, and has no playback_url yet")


@pytest.mark.parametrize("condition", ["live", "playable"])
def test_module_waits_for_its_condition(clock: Clock, condition: str) -> None:
    api = studio(clock, 1, (0, "LIVE"))
    schedule(api, 0, 2.5, playable(0))
    report = run_task(rtk_meeting_livestream, api, clock, meeting_id=[meeting(0)], wait=True, wait_condition=condition)
    (outcome,) = report.outcomes
    assert (outcome.error, outcome.changed) == (None, False)
    assert report.returns["livestream"]["playback_url"] == (URL if condition == "playable" else None)
    assert api.requests == [read(meeting(0))] * (4 if condition == "playable" else 1)


def test_condition_of_a_stop_is_still_that_none_is_active(clock: Clock) -> None:
    class Stopping(FakeStudio):
        def answer(self, method: str, path: str, *sent: Any) -> Any:
            if method == "POST":
                self._schedules[meeting(0)] = [(0, playable(0)), (2, None)]
            return super().answer(method, path, *sent)

    api = Stopping(clock, {meeting(0): [(0, playable(0))]})
    report = run_task(rtk_meeting_livestream, api, clock, meeting_id=[meeting(0)], state="stopped", wait=True, wait_condition="playable")
    assert [(outcome.error, outcome.after) for outcome in report.outcomes] == [(None, None)]

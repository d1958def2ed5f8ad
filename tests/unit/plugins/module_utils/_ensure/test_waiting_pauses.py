# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a wait for many meetings pauses between its polls, and separate reads happen side by side."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, by_status, meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import FakeStudio, started, stopped, wait
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock, read, refusal


def test_pause_is_a_second_at_least(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(6)})
    wait(api, clock, *[started(clock, number) for number in range(6)], timeout=4)
    assert api.times == [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, *[4.0] * 7]
    assert api.requests == [*[LIVE, ERRORED] * 3, INVOKED, *[read(meeting(number)) for number in range(6)]]


@pytest.mark.parametrize(("count", "pages", "pause"), [(100, 1, 1.0), (250, 3, 1.6), (700, 7, 3.2)])
def test_pages_are_paid_for(clock: Clock, count: int, pages: int, pause: float) -> None:
    """All are still LIVE, which takes the empty list of those that are INVOKED and these pages to see."""
    api = FakeStudio(clock, {meeting(number): [(0, stream(number, "LIVE"))] for number in range(count)})
    wait(api, clock, *[stopped(clock, number) for number in range(count)], live=False, timeout=12)
    poll = [INVOKED, *[by_status("LIVE", page_no) for page_no in range(1, pages + 1)]]
    assert api.requests[: 2 * len(poll)] == poll * 2
    assert clock.sleeps[:3] == [1.0, pytest.approx(pause), pytest.approx(pause)]


def test_single_reads_are_paid_for(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(6)})
    api.in_place = {"LIVE": refusal(422)}
    wait(api, clock, *[started(clock, number) for number in range(6)], timeout=60)
    assert api.requests[:7] == [LIVE, *[read(meeting(number)) for number in range(6)]]
    assert clock.sleeps[:3] == [1.0, pytest.approx(2.8), pytest.approx(2.8)]


def test_pause_grows_with_the_time_waited(clock: Clock) -> None:
    """It is a tenth of that, from ten seconds on."""
    api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(6)})
    wait(api, clock, *[started(clock, number) for number in range(6)], timeout=120)
    assert clock.sleeps[:10] == [1.0] * 10
    assert clock.sleeps[11:15] == [pytest.approx(1.1**power) for power in range(1, 5)]
    assert len(clock.sleeps) < 40


def test_last_poll_is_as_soon_as_a_list_can_tell(clock: Clock) -> None:
    """A list that is two seconds behind shows then how things were when the time was over. It is a second later at most."""
    api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(150)})
    wait(api, clock, *[started(clock, number) for number in range(150)], timeout=60)
    assert 62 <= api.times[-1] < 63
    assert api.requests[-2:] == [INVOKED, by_status("INVOKED", 2)]


@pytest.mark.parametrize("live", [True, False])
def test_few_that_are_out_of_time_are_read_at_the_first_poll_after_it(clock: Clock, live: bool) -> None:
    """It is two seconds and a pause later at most."""
    api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(6)})
    wait(api, clock, *[started(clock, number) if live else stopped(clock, number) for number in range(6)], live=live, timeout=60)
    assert 60 <= api.times[-1] <= 62
    assert api.requests[-7:] == [INVOKED, *[read(meeting(number)) for number in range(6)]]


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("count", [6, 20, 150, 450])
def test_requests_stay_under_three_a_second(clock: Clock, count: int, live: bool) -> None:
    """However many wait, and however long: each page and each single read counts."""
    api = FakeStudio(clock, {meeting(number): [(0, stream(number, "INVOKED" if number % 5 else "LIVE"))] for number in range(count)})
    api.omitted = ["playback_url"]
    outcomes = [started(clock, number, playback_url=None) if live else stopped(clock, number) for number in range(count)]
    wait(api, clock, *outcomes, live=live, timeout=60, needs={"playback_url"})
    before_the_end = [time for time in api.times if time < 60]
    assert len(before_the_end) > 5
    assert sum(time < before_the_end[-1] for time in before_the_end) / (before_the_end[-1] - before_the_end[0]) < 3


def test_single_reads_go_side_by_side(clock: Clock) -> None:
    """Each waits for three others that are on their way."""
    together = threading.Barrier(4, timeout=10)

    class Together(FakeStudio):
        def send(self, request: Any, **options: Any) -> Any:
            if str(request.url).endswith("/active-livestream"):
                together.wait()
            return super().send(request, **options)

    api = Together(clock, {meeting(number): [(0, stream(number, "LIVE"))] for number in range(20)})
    api.in_place = {"LIVE": refusal(422)}
    outcomes = [started(clock, number) for number in range(20)]
    wait(api, clock, *outcomes, connections=4)
    assert [(outcome.error, outcome.after["status"]) for outcome in outcomes] == [(None, "LIVE")] * 20
    assert sorted(sent[1] for sent in api.requests) == sorted([LIVE[1], *[read(meeting(number))[1] for number in range(20)]])

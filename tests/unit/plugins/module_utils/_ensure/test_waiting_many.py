# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for many meetings: listings tell which have moved, and only those are read."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.paging import PER_PAGE
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import WaitTimeoutError
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import FakeStudio, meeting, started, stopped, stream, wait
from ansible_collections.streamops.realtimekit.tests.unit.fakes import THEIRS, Clock, Reply, listing, livestream, read, refusal

INVOKED = listing(status="INVOKED")


def goes_live(number: int, after: float) -> list[tuple]:
    return [(0, stream(number)), (after, stream(number, "LIVE"))]


def reads(*numbers: int) -> list[tuple]:
    return [read(meeting(number)) for number in numbers]


def test_six_are_many_and_five_are_few(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(6)})
    wait(api, clock, *[started(clock, number) for number in range(6)], timeout=2)
    assert api.requests == [INVOKED, INVOKED]
    api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(5)})
    wait(api, clock, *[started(clock, number) for number in range(5)], timeout=2)
    assert INVOKED not in api.requests


def test_one_that_moved_is_confirmed_by_a_read_of_its_own(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(number): goes_live(number, 2.5 if number == 3 else 3.5) for number in range(7)})
    outcomes = [started(clock, number) for number in range(7)]
    wait(api, clock, *outcomes)
    assert [outcome.after["status"] for outcome in outcomes] == ["LIVE"] * 7
    assert api.requests == [
        INVOKED,
        INVOKED,
        INVOKED,
        read(meeting(3)),
        INVOKED,
        *[read(meeting(number)) for number in range(7) if number != 3],
    ]
    assert api.times == [1.0, 2.0, 3.0, 3.0, *[4.0] * 7]


def test_listing_that_tells_too_much_settles_nothing(clock: Clock) -> None:
    """Should the API not know the filter: what it lists in another status has moved."""
    api = FakeStudio(clock, {meeting(number): [(0, stream(number, "LIVE"))] for number in range(6)})
    api.listing_answer = Reply(
        200, {"data": [stream(number, "LIVE") for number in range(6)], "paging": {"end_offset": 6, "total_count": 6}}
    )
    outcomes = [started(clock, number) for number in range(6)]
    wait(api, clock, *outcomes)
    assert [outcome.after["status"] for outcome in outcomes] == ["LIVE"] * 6
    assert len(api.requests) == 7


def test_few_are_left(clock: Clock) -> None:
    schedules = {meeting(number): goes_live(number, 0.5 if number < 4 else 3.1) for number in range(6)}
    api = FakeStudio(clock, schedules)
    wait(api, clock, *[started(clock, number) for number in range(6)])
    assert api.requests[:5] == [INVOKED, *reads(0, 1, 2, 3)]
    assert api.requests[5:] == reads(4, 5, 4, 5, 4, 5)[: len(api.requests) - 5]
    assert clock.sleeps == [1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], "the first of the two is read at 3.0 and again at 4.0"


@pytest.mark.parametrize("answer", [refusal(403), refusal(422), Reply(302)], ids=["403", "422", "302"])
def test_listing_that_fails_is_made_up_for_by_reads(clock: Clock, answer: Reply) -> None:
    api = FakeStudio(clock, {meeting(number): goes_live(number, 2) for number in range(6)})
    api.listing_answer = answer
    outcomes = [started(clock, number) for number in range(6)]
    wait(api, clock, *outcomes)
    assert [outcome.after["status"] for outcome in outcomes] == ["LIVE"] * 6
    everybody = [read(meeting(number)) for number in range(6)]
    assert api.requests == [INVOKED, *everybody, INVOKED, *everybody]
    assert clock.sleeps == [1.0, pytest.approx(0.4 * (1 + 6))]


def test_livestream_that_does_not_show_yet_is_paid_for(clock: Clock) -> None:
    """It is in no listing, so it is read each time; the pause grows with what such reads cost."""
    schedules = {meeting(number): [(0, stream(number) if number < 6 else None)] for number in range(10)}
    api = FakeStudio(clock, schedules)
    wait(api, clock, *[started(clock, number) for number in range(10)], timeout=5)
    assert clock.sleeps == [1.0, pytest.approx(0.4 * (1 + 4)), pytest.approx(2.0)]
    assert api.requests[:5] == [INVOKED, *[read(meeting(number)) for number in range(6, 10)]]


def test_reads_that_settled_are_not_paid_for(clock: Clock) -> None:
    schedules = {meeting(number): goes_live(number, 0 if number < 10 else 99) for number in range(20)}
    api = FakeStudio(clock, schedules)
    wait(api, clock, *[started(clock, number) for number in range(20)], timeout=3)
    assert clock.sleeps == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(("count", "pages", "pause"), [(250, 3, 1.2), (700, 7, 3.2)])
def test_pages_are_paid_for(clock: Clock, count: int, pages: int, pause: float) -> None:
    api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(count)})
    wait(api, clock, *[started(clock, number) for number in range(count)], timeout=12)
    assert PER_PAGE == 100
    assert api.requests[:pages] == [listing(page_no, status="INVOKED") for page_no in range(1, pages + 1)]
    assert clock.sleeps[:3] == [1.0, pytest.approx(pause), pytest.approx(pause)]


@pytest.mark.parametrize("count", [6, 20, 150])
def test_polls_stay_under_three_a_second(clock: Clock, count: int) -> None:
    """However many wait, as long as they do: each page and each read that settles nothing is a poll."""
    schedules = {meeting(number): [(0, stream(number) if number % 5 else None)] for number in range(count)}
    api = FakeStudio(clock, schedules)
    wait(api, clock, *[started(clock, number) for number in range(count)], timeout=60)
    first, last = api.times[0], api.times[-1]
    assert sum(time < last for time in api.times) / (last - first) < 3, "the pause after a round pays for it"


# Until none is active


@pytest.mark.parametrize(
    ("were", "statuses"), [("LIVE", ["LIVE"]), ("INVOKED", ["INVOKED"]), ("ERRORED", ["ERRORED"]), ("LIVE INVOKED", ["INVOKED", "LIVE"])]
)
def test_stopped_ones_are_looked_for_where_they_were(clock: Clock, were: str, statuses: list[str]) -> None:
    words = were.split()
    was = [words[number % len(words)] for number in range(6)]
    api = FakeStudio(clock, {meeting(number): [(0, stream(number, was[number])), (1.5, None)] for number in range(6)})
    outcomes = [stopped(clock, number, was=was[number]) for number in range(6)]
    wait(api, clock, *outcomes, live=False)
    assert [outcome.error for outcome in outcomes] == [None] * 6
    look = [listing(status=status) for status in statuses]
    assert api.requests == [*look, *look, *[read(meeting(number)) for number in range(6)]]
    assert clock.sleeps == [1.0, 1.0]


def test_stopped_ones_in_whose_place_others_run(clock: Clock) -> None:
    """The id that was stopped has left the listing, but its meeting has another one active."""
    theirs = livestream(THEIRS, "LIVE")
    api = FakeStudio(clock, {meeting(number): [(0, theirs if number == 0 else None)] for number in range(6)})
    outcomes = [stopped(clock, number) for number in range(6)]
    wait(api, clock, *outcomes, live=False, timeout=3)
    assert [outcome.error for outcome in outcomes[1:]] == [None] * 5
    assert str(outcomes[0].error) == (
        f"Meeting {meeting(0)}: not without an active livestream after 3 seconds; the last status seen is LIVE of {THEIRS}"
    )


# Ends


def test_out_of_time(clock: Clock) -> None:
    early = [started(clock, number) for number in range(3)]
    clock.now += 2
    late = [started(clock, number) for number in range(3, 9)]
    api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(9)})
    wait(api, clock, *early, *late, timeout=4.5)
    for outcome in early + late:
        assert isinstance(outcome.error, WaitTimeoutError)
        assert str(outcome.error) == f"Meeting {outcome.target}: not LIVE after 4.5 seconds; the last status seen is INVOKED"
    assert clock.sleeps == [1.0, 1.0, 0.5, 1.0, 1.0]


def test_errored_one_fails_at_once(clock: Clock) -> None:
    schedules = {
        meeting(number): [(0, stream(number, "ERRORED" if number == 0 else "INVOKED")), (2, stream(number, "LIVE"))] for number in range(6)
    }
    outcomes = [started(clock, number) for number in range(6)]
    wait(FakeStudio(clock, schedules), clock, *outcomes)
    assert str(outcomes[0].error).endswith("has failed, its status is ERRORED: No ingest.")
    assert [outcome.error for outcome in outcomes[1:]] == [None] * 5


def test_what_was_stopped_never_counts(clock: Clock) -> None:
    schedules = {meeting(number): [(0, livestream(f"old-{number}", "LIVE")), (3.5, stream(number, "LIVE"))] for number in range(6)}
    outcomes = [started(clock, number) for number in range(6)]
    for number, outcome in enumerate(outcomes):
        outcome.stopped_id = f"old-{number}"
    wait(FakeStudio(clock, schedules), clock, *outcomes)
    assert [outcome.after["id"] for outcome in outcomes] == [stream(number)["id"] for number in range(6)]

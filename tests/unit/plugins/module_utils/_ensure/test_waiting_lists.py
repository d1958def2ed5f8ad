# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for many meetings: which lists are read, and what they settle."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import (
    ERRORED,
    INVOKED,
    LIVE,
    by_status,
    meeting,
    stream,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import FakeStudio, started, stopped, wait
from ansible_collections.streamops.realtimekit.tests.unit.fakes import STREAM_KEY, Clock, Sent, livestream, read


def goes_live(number: int, after: float, **fields: Any) -> list[tuple]:
    return [(0, stream(number)), (after, stream(number, "LIVE", **fields))]


def reads(*numbers: int) -> list[Sent]:
    return [read(meeting(number)) for number in numbers]


def test_six_are_looked_for_in_the_lists_and_five_are_read(clock: Clock) -> None:
    for count, requests in ((6, [LIVE, ERRORED]), (5, reads(0, 1))):
        api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(count)})
        wait(api, clock, *[started(clock, number) for number in range(count)], timeout=2)
        assert api.requests[:2] == requests


# For LIVE


def test_live_and_failed_ones_are_looked_for_while_more_than_half_wait(clock: Clock) -> None:
    """Then those that have not moved are the fewer rows. They are not looked for in another list."""
    schedules = {meeting(number): goes_live(number, 1.5 if number < 8 else 4.5) for number in range(14)}
    api = FakeStudio(clock, schedules)
    outcomes = [started(clock, number) for number in range(14)]
    wait(api, clock, *outcomes)
    assert [(outcome.error, outcome.after["status"]) for outcome in outcomes] == [(None, "LIVE")] * 14
    assert api.requests == [LIVE, ERRORED, LIVE, ERRORED, INVOKED, INVOKED, INVOKED, LIVE]
    assert api.times == [1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 5.0]


def test_half_of_them_are_not_fewer(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(number): goes_live(number, 0.5 if number < 6 else 1.5) for number in range(12)})
    wait(api, clock, *[started(clock, number) for number in range(12)])
    assert api.requests == [LIVE, ERRORED, LIVE]


def test_those_that_moved_are_looked_for_and_the_others_are_not(clock: Clock) -> None:
    """Of 20, ten and then one more are live. The list of those that are INVOKED has nine rows by then, and later eight."""
    schedules = {meeting(number): goes_live(number, {**dict.fromkeys(range(11), 0.5), 11: 1.5}.get(number, 99)) for number in range(20)}
    api = FakeStudio(clock, schedules)
    outcomes = [started(clock, number) for number in range(20)]
    wait(api, clock, *outcomes, timeout=3)
    assert [outcome.after["status"] for outcome in outcomes] == ["LIVE"] * 12 + ["INVOKED"] * 8
    assert api.requests[:5] == [LIVE, ERRORED, INVOKED, LIVE, INVOKED]
    assert api.times[:5] == [1.0, 1.0, 2.0, 2.0, 3.0]


def test_thousand_rooms_cost_a_list_or_two_for_each_poll(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(number): goes_live(number, 5.0) for number in range(1000)})
    outcomes = [started(clock, number) for number in range(1000)]
    wait(api, clock, *outcomes)
    assert {(outcome.error, outcome.after["status"]) for outcome in outcomes} == {(None, "LIVE")}
    assert api.requests == [*[LIVE, ERRORED] * 4, *[by_status("LIVE", page_no) for page_no in range(1, 11)]]
    assert api.times[-1] == 5.0


def test_few_that_are_left_are_read_one_by_one(clock: Clock) -> None:
    schedules = {meeting(number): goes_live(number, 0.5 if number < 4 else 3.1) for number in range(6)}
    api = FakeStudio(clock, schedules)
    wait(api, clock, *[started(clock, number) for number in range(6)])
    assert api.requests == [LIVE, ERRORED, *reads(4, 5, 4, 5, 4, 5)]
    assert clock.sleeps == [1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], "the first of the two is read at 3.0 and again at 4.0"


def test_row_says_more_and_takes_nothing_away(clock: Clock) -> None:
    live = {"playback_url": "https://play.test/x.m3u8", "name": None}
    api = FakeStudio(clock, {meeting(number): goes_live(number, 0.5, **live) for number in range(6)})
    outcomes = [started(clock, number, name="Main", stream_key=STREAM_KEY) for number in range(6)]
    wait(api, clock, *outcomes, needs={"stream_key", "name"})
    for outcome in outcomes:
        shown = outcome.after
        assert (shown["status"], shown["name"], shown["stream_key"], shown["meeting_id"]) == ("LIVE", "Main", STREAM_KEY, outcome.target)
        assert shown["playback_url"] == "https://play.test/x.m3u8"
    assert api.requests == [LIVE]


@pytest.mark.parametrize("omitted", [["meeting_id"], ["meeting_id", "name", "playback_url", "ingest_server"]], ids=len)
def test_rows_without_their_meeting_are_known_by_their_livestream(clock: Clock, omitted: list[str]) -> None:
    api = FakeStudio(clock, {meeting(number): goes_live(number, 1.5) for number in range(8)})
    api.omitted = omitted
    outcomes = [started(clock, number) for number in range(8)]
    wait(api, clock, *outcomes)
    assert [(outcome.error, outcome.after["status"]) for outcome in outcomes] == [(None, "LIVE")] * 8
    assert [outcome.after["meeting_id"] for outcome in outcomes] == [meeting(number) for number in range(8)]
    assert api.requests == [LIVE, ERRORED, LIVE]


@pytest.mark.parametrize(("known", "requests"), [(None, [LIVE, *reads(*range(6))]), ("https://play.test/x.m3u8", [LIVE])])
def test_row_that_lacks_what_is_needed_is_made_up_for_by_a_read(clock: Clock, known: str | None, requests: list[Sent]) -> None:
    api = FakeStudio(clock, {meeting(number): goes_live(number, 0.5, playback_url="https://play.test/x.m3u8") for number in range(6)})
    api.omitted = ["playback_url"]
    outcomes = [started(clock, number, playback_url=known) for number in range(6)]
    wait(api, clock, *outcomes, needs={"playback_url"})
    assert [(outcome.after["status"], outcome.after["playback_url"]) for outcome in outcomes] == [("LIVE", "https://play.test/x.m3u8")] * 6
    assert api.requests == requests


def test_livestream_that_was_stopped_does_not_count(clock: Clock) -> None:
    """The lists show it for a while after the restart."""
    schedules = {meeting(number): [(0, livestream(f"old-{number}", "LIVE")), (3.5, stream(number, "LIVE"))] for number in range(6)}
    outcomes = [started(clock, number) for number in range(6)]
    for number, outcome in enumerate(outcomes):
        outcome.stopped_id, outcome.started_id, outcome.is_own_only = f"old-{number}", stream(number)["id"], True
    api = FakeStudio(clock, schedules)
    wait(api, clock, *outcomes)
    assert [(outcome.error, outcome.after["id"]) for outcome in outcomes] == [(None, stream(number)["id"]) for number in range(6)]
    assert api.requests == [LIVE] * 4


def test_those_that_moved_are_read_if_the_list_of_live_ones_is_too_long(clock: Clock) -> None:
    """Seven of 20 have moved, and 1,000 others are live: the list has more pages than that."""
    schedules: dict[str, Any] = {meeting(number): [(0, stream(number, "LIVE"))] for number in range(100, 1100)}
    schedules.update({meeting(number): goes_live(number, 0.5 if number < 13 else 1.5) for number in range(20)})
    api = FakeStudio(clock, schedules)
    outcomes = [started(clock, number) for number in range(20)]
    wait(api, clock, *outcomes)
    assert [(outcome.error, outcome.after["status"]) for outcome in outcomes] == [(None, "LIVE")] * 20
    first = [*[by_status("LIVE", page_no) for page_no in range(1, 12)], ERRORED]
    assert api.requests == [*first, INVOKED, LIVE, ERRORED, *reads(*range(13, 20))]


# Until none is active


@pytest.mark.parametrize(
    ("were", "look"),
    [
        ("INVOKED", [INVOKED]),
        ("LIVE", [INVOKED, LIVE]),
        ("ERRORED", [INVOKED, LIVE, ERRORED]),
        ("INVOKED LIVE", [INVOKED, by_status("INVOKED", 2), LIVE]),
    ],
)
def test_stopped_ones_are_looked_for_in_each_list_until_all_are_found(clock: Clock, were: str, look: list[Sent]) -> None:
    words = were.split()
    was = [words[number % len(words)] for number in range(6)]
    api = FakeStudio(clock, {meeting(number): [(0, stream(number, was[number])), (1.5, None)] for number in range(6)})
    outcomes = [stopped(clock, number, was=was[number]) for number in range(6)]
    wait(api, clock, *outcomes, live=False)
    assert [(outcome.error, outcome.changed, outcome.after) for outcome in outcomes] == [(None, True, None)] * 6
    assert api.requests == [*look, INVOKED, LIVE, ERRORED]


def test_lists_of_several_pages_are_read_twice_before_a_meeting_counts_as_off_air(clock: Clock) -> None:
    schedules: dict[str, Any] = {meeting(number): [(0, None)] for number in range(8)}
    schedules.update({meeting(number): [(0, stream(number, "LIVE"))] for number in range(100, 103)})
    api = FakeStudio(clock, schedules)
    api.page_size = 2
    outcomes = [stopped(clock, number) for number in range(8)]
    wait(api, clock, *outcomes, live=False)
    assert [(outcome.error, outcome.after) for outcome in outcomes] == [(None, None)] * 8
    pages = [by_status("LIVE", number) for number in (1, 2, 3)]
    assert api.requests == [INVOKED, *pages, ERRORED, *pages]


def test_stopped_ones_are_read_if_rows_do_not_report_their_meeting(clock: Clock) -> None:
    """Another livestream may be active in the meeting by now."""
    api = FakeStudio(clock, {meeting(number): [(0, stream(number, "LIVE") if number == 0 else None)] for number in range(7)})
    api.omitted = ["meeting_id"]
    outcomes = [stopped(clock, number) for number in range(7)]
    wait(api, clock, *outcomes, live=False, timeout=2)
    assert [outcome.error is None for outcome in outcomes] == [False, *[True] * 6]
    assert api.requests == [INVOKED, LIVE, *reads(*range(7)), *reads(0)]


def test_another_livestream_in_its_place_is_not_gone(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(number): [(0, livestream(f"new-{number}", "INVOKED") if number < 6 else None)] for number in range(7)})
    outcomes = [stopped(clock, number) for number in range(7)]
    wait(api, clock, *outcomes, live=False, timeout=3)
    assert (outcomes[6].error, outcomes[6].after) == (None, None)
    for number, outcome in enumerate(outcomes[:6]):
        assert (outcome.changed, outcome.after["id"]) == (True, f"new-{number}")
        assert str(outcome.error) == (
            f"Meeting {meeting(number)}: livestream {stream(number)['id']} was stopped. Another user has started new-{number} since, "
            "and it stays on air. Run the task again to stop it also"
        )
    assert clock.sleeps == [1.0]

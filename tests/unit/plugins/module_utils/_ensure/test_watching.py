# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One event for each change, at most three requests for a poll, and no event for what could not be seen."""

from __future__ import annotations

import random
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.restarts import Restarts
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.watching import Poll, Watch
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import LostAnswerError, RealtimeKitError, ServerError
from ansible_collections.streamops.realtimekit.tests.unit.fake_app import FakeApp, get
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, meeting, page, row, stream
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    STREAM_KEY,
    Clock,
    build_livestreams,
    dropped,
    ok,
    read,
    refusal,
)

ONE, TWO = meeting(1), meeting(2)

watched = pytest.mark.parametrize("meeting_ids", [None, [ONE, TWO]], ids=["all", "some"])


class Watcher:
    """A watch, the app that it polls, and what each poll sent."""

    def __init__(self, clock: Clock, meeting_ids: list[str] | None = None, **options: Any) -> None:
        self.api, self._clock = FakeApp(), clock
        self._watch = Watch(meeting_ids, **options)

    def poll(self) -> Poll:
        self.api.requests.clear()
        return self._watch.poll(build_livestreams(self.api, self._clock, retries=0))

    def tell(self) -> list[tuple[Any, ...]]:
        """Each change of a poll that could see everything: the meeting, what its livestream was, and what it is."""
        poll = self.poll()
        assert poll.unread == {}
        assert STREAM_KEY not in repr(poll.events)
        for event in poll.events:
            assert set(event) == {"meeting_id", "status", "previous_status", "livestream"}
            assert (event["livestream"] or {}).get("status") == event["status"]
        return [(event["meeting_id"], event["previous_status"], event["status"]) for event in poll.events]


@watched
def test_first_poll_is_what_later_ones_are_compared_with(clock: Clock, meeting_ids: Any) -> None:
    watcher = Watcher(clock, meeting_ids)
    watcher.api.set(1, "LIVE")
    assert watcher.tell() == []
    assert watcher.tell() == []
    watcher.api.set(1, "ERRORED")
    assert watcher.tell() == [(ONE, "LIVE", "ERRORED")]
    assert watcher.tell() == []


def test_first_poll_reports_everything_if_asked_to(clock: Clock) -> None:
    watcher = Watcher(clock, [ONE, TWO], emit_initial=True)
    watcher.api.set(1, "LIVE")
    assert watcher.tell() == [(ONE, None, "LIVE"), (TWO, None, None)]
    assert watcher.tell() == []
    watcher = Watcher(clock, None, emit_initial=True)
    watcher.api.set(1, "LIVE")
    assert watcher.tell() == [(ONE, None, "LIVE")]


@watched
@pytest.mark.parametrize("after", [None, "IDLE", "OFFLINE", "INVOKED", "LIVE", "ERRORED"])
@pytest.mark.parametrize("before", [None, "INVOKED", "LIVE", "ERRORED"])
def test_each_change(clock: Clock, meeting_ids: Any, before: str | None, after: str | None) -> None:
    watcher = Watcher(clock, meeting_ids)
    watcher.api.set(1, before)
    watcher.tell()
    watcher.api.set(1, after)
    is_active = after in ("INVOKED", "LIVE", "ERRORED")
    is_change = before != (after if is_active else None)
    assert watcher.tell() == ([(ONE, before, after)] if is_change else [])
    # Its end is read once, and then it has never been.
    assert [sent for sent in watcher.api.requests if sent == get(1)] == ([get(1)] if before and not is_active else [])
    assert watcher.tell() == []
    assert len(watcher.api.requests) <= 3


@watched
def test_poll_takes_three_requests(clock: Clock, meeting_ids: Any) -> None:
    watcher = Watcher(clock, meeting_ids)
    watcher.api.set(1, "LIVE")
    watcher.tell()
    assert watcher.api.requests == [INVOKED, LIVE, ERRORED]


def test_rooms_that_are_all_on_air_take_two_requests(clock: Clock) -> None:
    watcher = Watcher(clock, [ONE])
    watcher.api.set(1, "LIVE")
    watcher.tell()
    assert watcher.api.requests == [INVOKED, LIVE]


def test_other_rooms_are_not_reported(clock: Clock) -> None:
    watcher = Watcher(clock, [ONE])
    watcher.tell()
    watcher.api.set(2, "LIVE")
    assert watcher.tell() == []


@watched
def test_livestream_that_replaces_another_is_a_change(clock: Clock, meeting_ids: Any) -> None:
    watcher = Watcher(clock, meeting_ids)
    watcher.api.set(1, "LIVE")
    watcher.tell()
    watcher.api.set(1, "LIVE", livestream=9)
    assert watcher.tell() == [(ONE, "LIVE", "LIVE")]
    assert watcher.tell() == []


@watched
@pytest.mark.parametrize("order", [1, -1])
def test_started_livestream_counts_rather_than_a_failed_one(clock: Clock, meeting_ids: Any, order: int) -> None:
    watcher = Watcher(clock, meeting_ids)
    watcher.tell()
    watcher.api.livestreams = [(ONE, stream(8, "ERRORED")), (ONE, stream(9, "INVOKED"))][::order]
    assert watcher.tell() == [(ONE, None, "INVOKED")]


def test_independent_livestream_has_no_meeting(clock: Clock) -> None:
    watcher = Watcher(clock)
    watcher.tell()
    watcher.api.livestreams = [(None, stream(7, "LIVE"))]
    (event,) = watcher.poll().events
    assert (event["meeting_id"], event["status"], event["livestream"]["id"]) == (None, "LIVE", stream(7)["id"])
    watcher.api.livestreams = []
    assert watcher.tell() == [(None, "LIVE", None)]


@watched
def test_rows_without_their_meeting(clock: Clock, meeting_ids: Any) -> None:
    """A new livestream is read directly, or through its meeting. A known one is not."""
    watcher = Watcher(clock, meeting_ids)
    watcher.api.omitted = ["meeting_id"]
    watcher.api.set(1, "LIVE")
    watcher.tell()
    watcher.api.set(1, "ERRORED")
    assert watcher.tell() == [(ONE, "LIVE", "ERRORED")]
    assert get(1) not in watcher.api.requests


@watched
def test_rows_without_their_meeting_hide_no_start_and_no_replacement(clock: Clock, meeting_ids: Any) -> None:
    watcher = Watcher(clock, meeting_ids)
    watcher.api.omitted = ["meeting_id"]
    watcher.api.set(1, "LIVE")
    watcher.tell()
    watcher.api.set(2, "LIVE")
    assert watcher.tell() == [(TWO, None, "LIVE")]
    assert watcher.tell() == []
    watcher.api.set(1, "LIVE", livestream=9)
    assert watcher.tell() == [(ONE, "LIVE", "LIVE")]
    assert watcher.tell() == []


def test_rows_without_their_meeting_cost_a_read_of_each_room_that_no_row_shows(clock: Clock) -> None:
    watcher = Watcher(clock, [meeting(number) for number in range(1, 101)])
    for number in range(2, 100):
        watcher.api.set(number, "LIVE")
    watcher.api.livestreams.append((meeting(200), stream(200, "INVOKED")))
    watcher.tell()
    watcher.api.omitted = ["meeting_id"]
    watcher.api.set(100, "LIVE")
    assert watcher.tell() == [(meeting(100), None, "LIVE")]
    assert sorted(watcher.api.requests, key=str) == sorted([INVOKED, LIVE, ERRORED, read(ONE), read(meeting(100))], key=str)


def test_livestream_that_replaces_a_failed_one_shows_although_rows_lack_their_meeting(clock: Clock) -> None:
    watcher = Watcher(clock, [ONE])
    watcher.api.omitted = ["meeting_id"]
    watcher.api.set(1, "ERRORED")
    watcher.tell()
    watcher.api.livestreams.insert(0, (ONE, stream(9, "LIVE")))
    assert watcher.tell() == [(ONE, "ERRORED", "LIVE")]
    assert watcher.tell() == []


def test_row_that_needs_a_read_which_fails_hides_no_other_livestream(clock: Clock) -> None:
    watcher = Watcher(clock)
    watcher.api.set(1, "LIVE")
    watcher.api.set(2, "LIVE")
    watcher.tell()
    watcher.api.omitted = ["status"]
    watcher.api.set(2, None)
    watcher.api.by_id = {stream(1)["id"]: refusal(500)}
    poll = watcher.poll()
    assert [(event["meeting_id"], event["status"]) for event in poll.events] == [(TWO, None)]
    assert list(poll.unread) == [ONE]
    watcher.api.by_id = {}
    assert watcher.tell() == []
    assert watcher.api.requests == [INVOKED, LIVE, ERRORED, get(1)]


def test_row_without_its_status_that_is_idle_or_gone_is_no_event(clock: Clock) -> None:
    watcher = Watcher(clock, emit_initial=True)
    watcher.api.in_place = dict.fromkeys(("INVOKED", "LIVE", "ERRORED"), page({"id": stream(1)["id"], "meeting_id": ONE}))
    watcher.api.set(1, "IDLE")
    assert watcher.tell() == []
    watcher.api.set(1, None)
    assert watcher.tell() == []
    assert watcher.api.requests == [INVOKED, LIVE, ERRORED, get(1)]


def test_rows_of_a_list_that_ignores_the_status_are_not_read_if_they_are_idle(clock: Clock) -> None:
    watcher = Watcher(clock)
    watcher.api.omitted = ["meeting_id"]
    watcher.api.in_place = dict.fromkeys(("INVOKED", "LIVE", "ERRORED"), page({"id": "a", "status": "IDLE"}, {"id": "b", "status": "IDLE"}))
    assert watcher.tell() == []
    assert watcher.api.requests == [INVOKED, LIVE, ERRORED]


@watched
def test_rows_without_their_status_hide_no_change(clock: Clock, meeting_ids: Any) -> None:
    watcher = Watcher(clock, meeting_ids)
    watcher.api.omitted = ["status"]
    watcher.tell()
    watcher.api.set(1, "LIVE")
    assert watcher.tell() == [(ONE, None, "LIVE")]
    watcher.api.set(1, "ERRORED")
    assert watcher.tell() == [(ONE, "LIVE", "ERRORED")]
    watcher.api.set(1, None)
    assert watcher.tell() == [(ONE, "ERRORED", None)]


@watched
def test_list_that_ignores_the_status_shows_what_is_active(clock: Clock, meeting_ids: Any) -> None:
    watcher = Watcher(clock, meeting_ids, emit_initial=True)
    watcher.api.in_place = dict.fromkeys(("INVOKED", "LIVE", "ERRORED"), page(row(1, "IDLE"), row(2, "LIVE")))
    assert [change for change in watcher.tell() if change[2]] == [(TWO, None, "LIVE")]


# Failed reads


@watched
@pytest.mark.parametrize("broken", ["INVOKED", "LIVE", "ERRORED"])
@pytest.mark.parametrize("answer", [dropped(), refusal(500), refusal(401), refusal(429, retry_after="900"), ok("garbage")], ids=str)
def test_list_that_fails_changes_nothing(clock: Clock, meeting_ids: Any, broken: str, answer: Any) -> None:
    watcher = Watcher(clock, meeting_ids)
    watcher.api.set(1, "LIVE")
    watcher.api.set(2, "ERRORED")
    watcher.tell()
    watcher.api.set(1, "IDLE")
    watcher.api.in_place = {broken: answer}
    with pytest.raises(RealtimeKitError):
        watcher.poll()
    watcher.api.in_place = {}
    assert watcher.tell() == [(ONE, "LIVE", "IDLE")]


@watched
def test_failure_of_the_first_poll_leaves_it_to_the_next(clock: Clock, meeting_ids: Any) -> None:
    watcher = Watcher(clock, meeting_ids)
    watcher.api.set(1, "LIVE")
    watcher.api.in_place = {"INVOKED": dropped()}
    with pytest.raises(LostAnswerError):
        watcher.poll()
    watcher.api.in_place = {}
    assert watcher.tell() == []


@watched
def test_livestream_whose_own_read_fails_stays_as_it_was(clock: Clock, meeting_ids: Any) -> None:
    watcher = Watcher(clock, meeting_ids)
    watcher.api.set(1, "LIVE")
    watcher.api.set(2, "LIVE")
    watcher.tell()
    watcher.api.set(1, "IDLE")
    watcher.api.set(2, "IDLE")
    watcher.api.by_id = {stream(1)["id"]: refusal(500)}
    poll = watcher.poll()
    assert [event["meeting_id"] for event in poll.events] == [TWO]
    assert list(poll.unread) == [ONE]
    assert isinstance(poll.unread[ONE], ServerError)
    watcher.api.by_id = {}
    assert watcher.tell() == [(ONE, "LIVE", "IDLE")]


@watched
def test_livestream_that_the_lists_have_missed_is_not_a_change(clock: Clock, meeting_ids: Any) -> None:
    """Its own read shows it on air."""
    watcher = Watcher(clock, meeting_ids)
    watcher.api.set(1, "LIVE")
    watcher.tell()
    watcher.api.in_place = {"LIVE": ok([])}
    assert watcher.tell() == []
    assert watcher.api.requests == [INVOKED, LIVE, ERRORED, read(ONE) if meeting_ids else get(1)]
    watcher.api.in_place = {}
    assert watcher.tell() == []


def test_meeting_that_long_lists_leave_open_is_read(clock: Clock) -> None:
    watcher = Watcher(clock, [ONE])
    watcher.api.page_size = 1
    for number in range(2, 9):
        watcher.api.set(number, "LIVE")
    watcher.api.set(1, "LIVE")
    assert watcher.tell() == []
    assert read(ONE) in watcher.api.requests
    watcher.api.by_id = {ONE: refusal(500)}
    assert list(watcher.poll().unread) == [ONE]
    watcher.api.by_id = {}
    watcher.api.set(1, None)
    assert watcher.tell() == [(ONE, "LIVE", None)]


@pytest.mark.parametrize(("emit_initial", "told"), [(False, []), (True, [(ONE, None, "LIVE")])])
def test_first_read_of_a_meeting_is_its_baseline_also_in_a_later_poll(clock: Clock, emit_initial: bool, told: list[Any]) -> None:
    watcher = Watcher(clock, [ONE], emit_initial=emit_initial)
    watcher.api.omitted = ["meeting_id"]
    watcher.api.set(1, "LIVE")
    watcher.api.by_id = {ONE: refusal(500)}
    assert list(watcher.poll().unread) == [ONE]
    watcher.api.by_id = {}
    assert watcher.tell() == told
    assert watcher.tell() == []


# Restarts


def test_restarts_of_all_rooms_are_one_event(clock: Clock) -> None:
    watcher = Watcher(clock, [ONE, TWO], restarts=Restarts(1, 600, 60))
    watcher.api.set(1, "LIVE")
    watcher.api.set(2, "LIVE")
    assert watcher.poll().events == []
    watcher.api.set(1, "ERRORED")
    watcher.api.set(2, None)
    *changes, last = watcher.poll().events
    assert [change["meeting_id"] for change in changes] == [ONE, TWO]
    assert last == {"restart": {"meeting_ids": [ONE, TWO]}}
    clock.now += 100
    assert watcher.poll().events == [{"alert": {"meeting_ids": [ONE, TWO]}}]


def test_room_that_is_off_air_at_first_is_due(clock: Clock) -> None:
    watcher = Watcher(clock, [ONE, TWO], restarts=Restarts(1, 600, 60))
    watcher.api.set(1, "LIVE")
    assert watcher.poll().events == [{"restart": {"meeting_ids": [TWO]}}]


def test_room_that_could_not_be_seen_is_not_due(clock: Clock) -> None:
    watcher = Watcher(clock, [ONE], restarts=Restarts(1, 600, 60))
    watcher.api.set(1, "LIVE")
    watcher.poll()
    watcher.api.set(1, "IDLE")
    watcher.api.by_id = {stream(1)["id"]: refusal(500)}
    assert watcher.poll().events == []
    watcher.api.by_id = {}
    assert {"restart": {"meeting_ids": [ONE]}} in watcher.poll().events


def test_restart_that_fails_between_two_polls_is_a_separate_drop(clock: Clock) -> None:
    watcher = Watcher(clock, [ONE], restarts=Restarts(3, 600, 60))
    watcher.api.set(1, "ERRORED")
    assert watcher.poll().events == [{"restart": {"meeting_ids": [ONE]}}]
    assert watcher.poll().events == []
    watcher.api.set(1, "ERRORED", livestream=8)
    assert watcher.poll().events[1:] == [{"restart": {"meeting_ids": [ONE]}}]
    watcher.api.set(1, None)
    assert len(watcher.poll().events) == 1
    watcher.api.set(1, "ERRORED", livestream=9)
    assert watcher.poll().events[1:] == [{"restart": {"meeting_ids": [ONE]}}]
    watcher.api.set(1, "ERRORED", livestream=10)
    assert watcher.poll().events[1:] == [{"alert": {"meeting_ids": [ONE]}}]


# Half an hour


@pytest.mark.parametrize("seed", range(20))
def test_half_an_hour_loses_no_drop_and_reports_none_twice(clock: Clock, seed: int) -> None:
    """Polls fail at random moments, and the source is killed at others. A room returns 20 seconds after its report."""
    dice = random.Random(seed)
    meetings = {number: meeting(number) for number in range(1, 6)}
    numbers = {meeting_id: number for number, meeting_id in meetings.items()}
    watcher = Watcher(clock, [*meetings.values()], restarts=Restarts(1000, 600, 120))
    down: dict[int, float] = {}  # rooms off air, since when
    coming: dict[int, float] = {}  # reported rooms, and when they return
    drops = told = 0
    for number in meetings:
        watcher.api.set(number, "LIVE")
    for _poll in range(120):
        clock.now += 15
        for number in [number for number, at in coming.items() if at <= clock.now]:
            del coming[number], down[number]
            watcher.api.set(number, "LIVE", livestream=number + 10 * (drops + 1))
        for number in [number for number in meetings if number not in down and dice.random() < 0.05]:
            down[number] = clock.now
            drops += 1
            watcher.api.set(number, dice.choice(["ERRORED", "IDLE", None]))
        if dice.random() < 0.05:
            api = watcher.api
            watcher = Watcher(clock, [*meetings.values()], restarts=Restarts(1000, 600, 120))
            watcher.api = api
        watcher.api.in_place = {dice.choice(["INVOKED", "LIVE", "ERRORED"]): dropped()} if dice.random() < 0.3 else {}
        try:
            events = watcher.poll().events
        except RealtimeKitError:
            continue
        for event in events:
            for meeting_id in event.get("restart", {}).get("meeting_ids", ()):
                number = numbers[meeting_id]
                assert number in down, "a room that is on air is told"
                if number not in coming:  # a killed source reports again, and the start finds the room starting
                    told += 1
                    coming[number] = clock.now + 20
    assert drops > 10
    assert told == drops - len([number for number in down if number not in coming])
    assert all(clock.now - since < 150 for since in down.values())

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No meeting is created or changed on a state that was read more than two seconds before."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import FRESH
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meetings import ensure_meeting, ensure_titles
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DuplicateNameError, OtherNameError
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import USED_UP
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, meetings_page
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import (
    FakeRooms,
    add,
    build_meetings,
    change,
    new_room_id,
    room,
    search,
)
from ansible_collections.streamops.realtimekit.tests.unit.fakes import PROVE_APP, Answer, Clock, Sent, prove, refusal, refused

S, A, ONE = search("Stage"), add("Stage"), prove(meeting(1))
RECORD = {"record_on_start": True}


class TimedRooms(FakeRooms):
    """Each answer takes ``seconds``, or its own delay; ``first_headers`` are those of the first answer.

    Records for each write the age of the latest read, of the whole list or of the resource.
    """

    def __init__(self, clock: Clock, *meetings: Any, seconds: float = 0.0, first_headers: Any = None, **options: Any) -> None:
        super().__init__(*meetings, **options)
        self._clock, self._seconds, self._headers = clock, seconds, first_headers
        self.takes: list[tuple[Sent, float]] = []  #: requests with their own delays, each once
        self._read_at: dict[str, float] = {}
        self.ages: list[float] = []

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if method == "GET":
            self._read_at[query.get("search", "") if path == "/meetings" else path] = self._clock.now
        else:
            about = body["title"] if method == "POST" else path
            self.ages.append(self._clock.now - max(self._read_at.get(key, 0.0) for key in (about, "" if method == "POST" else about)))
        sent = (method, path, query, body)
        own = next((each for each in self.takes if each[0] == sent), None)
        if own:
            self.takes.remove(own)
        said = super().answer(*sent)
        self._clock.now += own[1] if own else self._seconds
        headers, self._headers = self._headers, None
        return said._replace(headers=headers) if headers and not isinstance(said, Exception) else said


def ensure(api: FakeRooms, clock: Clock, *titles: str, state: str = "ACTIVE", **settings: Any) -> list[Outcome]:
    return ensure_titles(build_meetings(api, clock), titles or ["Stage"], state=state, settings=settings)


#: How a write comes to wait, as headers of the first answer and the endings of the first writes; and how often it is sent before.
DELAYS: dict[str, tuple[Any, list[Ending], int]] = {
    "rate limit": (USED_UP, [], 0),
    "429 with Retry-After": (None, [Ending(refusal(429, Retry_After="290"), 0)], 1),
    "no connection": (None, [Ending(refused(), 0)] * 3, 3),
}
each_delay = pytest.mark.parametrize(("headers", "endings", "tries"), DELAYS.values(), ids=DELAYS)


@each_delay
def test_create_that_waits_rests_on_a_new_read(clock: Clock, headers: Any, endings: list[Ending], tries: int) -> None:
    api = TimedRooms(clock, first_headers=headers, endings=endings)
    (outcome,) = ensure(api, clock)
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [S, *[A] * tries, S, A, S]
    assert api.ages[-1] == 0


@each_delay
def test_meeting_that_another_user_created_in_between_is_found(clock: Clock, headers: Any, endings: list[Ending], tries: int) -> None:
    api = TimedRooms(clock, first_headers=headers, endings=endings, theirs=[(2, room(2))])
    (outcome,) = ensure(api, clock)
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, meeting(2))
    assert api.requests == [S, *[A] * tries, S]


def test_meeting_that_two_other_users_created_in_between_fails(clock: Clock) -> None:
    api = TimedRooms(clock, first_headers=USED_UP, theirs=[(2, room(2)), (2, room(3))])
    (outcome,) = ensure(api, clock)
    assert (isinstance(outcome.error, DuplicateNameError), outcome.changed, api.writes) == (True, False, [])


def change_by_id(api: FakeRooms, clock: Clock, **more: bool) -> Outcome:
    return ensure_meeting(build_meetings(api, clock), meeting(1), state="ACTIVE", title=None, settings={**RECORD, **more})


@each_delay
def test_update_that_waits_rests_on_a_new_read(clock: Clock, headers: Any, endings: list[Ending], tries: int) -> None:
    api = TimedRooms(clock, room(), first_headers=headers, endings=endings, theirs=[(2, {"id": meeting(1), **RECORD})])
    outcome = change_by_id(api, clock, persist_chat=True)
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, room(**RECORD, persist_chat=True))
    both = change(1, **RECORD, persist_chat=True)
    assert api.requests == [ONE, *[both] * tries, ONE, change(1, persist_chat=True)]
    assert api.ages[-1] == 0


@each_delay
def test_update_that_another_user_made_in_between_is_not_sent(clock: Clock, headers: Any, endings: list[Ending], tries: int) -> None:
    api = TimedRooms(clock, room(), first_headers=headers, endings=endings, theirs=[(2, {"id": meeting(1), **RECORD})])
    outcome = change_by_id(api, clock)
    assert (outcome.error, outcome.changed, outcome.after) == (None, False, room(**RECORD))
    assert api.requests == [ONE, *[change(1, **RECORD)] * tries, ONE]


def test_meeting_that_is_renamed_while_its_update_waits_is_left_alone(clock: Clock) -> None:
    api = TimedRooms(clock, room(), endings=[Ending(refused(), 0)] * 3, theirs=[(3, {"id": meeting(1), "title": "Hall"})])
    (outcome,) = ensure(api, clock, **RECORD)
    assert (isinstance(outcome.error, OtherNameError), outcome.changed) == (True, False)
    assert api.requests == [S, ONE, *[change(1, **RECORD)] * 3, ONE]


def test_long_search_before_a_rename_takes_a_new_read(clock: Clock) -> None:
    api = TimedRooms(clock, room())
    api.takes = [(search("Hall"), 3.0)]
    outcome = ensure_meeting(build_meetings(api, clock), meeting(1), state="ACTIVE", title="Hall", settings={})
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [ONE, search("Hall"), search("Hall"), ONE, change(1, title="Hall")]


@each_delay
@pytest.mark.parametrize(("status", "title"), [("ACTIVE", "Hall"), ("INACTIVE", "Stage")], ids=["rename", "activation"])
def test_title_that_another_user_takes_while_an_update_waits_is_left_alone(
    clock: Clock, status: str, title: str, headers: Any, endings: list[Ending], tries: int
) -> None:
    api = TimedRooms(clock, room(1, status=status), first_headers=headers, endings=endings, theirs=[(3, room(2, title))])
    outcome = ensure_meeting(build_meetings(api, clock), meeting(1), state="ACTIVE", title=title, settings={})
    assert isinstance(outcome.error, DuplicateNameError)
    assert str(outcome.error).startswith(f"Meeting {meeting(1)} was not changed: {meeting(2)} is ACTIVE and has the title '{title}'.")
    asked = change(1, title=title) if status == "ACTIVE" else change(1, status="ACTIVE")
    assert (outcome.changed, api.requests) == (False, [ONE, search(title), *[asked] * tries, search(title)])


@each_delay
def test_meeting_that_another_user_replaces_while_an_update_waits(clock: Clock, headers: Any, endings: list[Ending], tries: int) -> None:
    """The update would now also activate it, which no check has allowed yet."""
    theirs = [(2, {"id": meeting(1), "status": "INACTIVE"}), (2, room(2))]
    api = TimedRooms(clock, room(), first_headers=headers, endings=endings, theirs=theirs)
    outcome = change_by_id(api, clock)
    assert (isinstance(outcome.error, DuplicateNameError), outcome.changed) == (True, False)
    assert api.requests == [ONE, *[change(1, **RECORD)] * tries, ONE, S]


@pytest.mark.parametrize("titles", [2, 7])
def test_creates_that_take_long_read_again_in_between(clock: Clock, titles: int) -> None:
    """By a search for each of two, and by the list for more."""
    names = [f"Room {number}" for number in range(titles)]
    api = TimedRooms(clock, seconds=0.9)
    outcomes = ensure(api, clock, *names)
    assert [(outcome.error, outcome.changed) for outcome in outcomes] == [(None, True)] * titles
    assert sorted(api.writes, key=str) == sorted(map(add, names), key=str)
    assert max(api.ages) <= FRESH
    assert len(api.ages) == titles


def test_title_is_as_old_as_its_search_that_found_nothing(clock: Clock) -> None:
    """A 404 that takes a proof of the app behind it, and a second search, that take three seconds."""
    api = TimedRooms(clock, room(9, "Cellar"))
    api.is_silent = True
    api.takes = [(PROVE_APP, 1.5), (search("Hall"), 1.5)]
    outcomes = ensure(api, clock, "Stage", "Hall")
    assert [(outcome.error, outcome.changed) for outcome in outcomes] == [(None, True)] * 2
    both = [S, search("Hall")]
    assert api.requests == [S, PROVE_APP, search("Hall"), *both, A, add("Hall"), *both]
    assert max(api.ages) <= FRESH


def test_searches_side_by_side_are_as_old_as_the_first(clock: Clock) -> None:
    """Also if each of them answers 404."""
    api = TimedRooms(clock, room(9, "Cellar"))
    api.is_silent = True
    outcomes = ensure_titles(build_meetings(api, clock, connections=8), ["Stage", "Hall"], state="ACTIVE", settings={})
    assert [(outcome.error, outcome.changed) for outcome in outcomes] == [(None, True)] * 2
    assert sorted(map(str, api.writes)) == sorted(map(str, [A, add("Hall")]))
    assert clock.now == 5000.0
    # No read is repeated before the creates.
    before = api.requests[: min(api.requests.index(each) for each in api.writes)]
    assert [before.count(S), before.count(search("Hall"))] == [1, 1]


def test_list_is_as_old_as_its_first_page(clock: Clock) -> None:
    api = TimedRooms(clock, *[room(number, f"Room {number}") for number in range(3)], seconds=0.9)
    api.page_size = 1
    outcomes = ensure(api, clock, "a", "Room 1", "Room 2")
    assert [(outcome.error, outcome.changed) for outcome in outcomes] == [(None, True), (None, False), (None, False)]
    pages = [meetings_page(number) for number in (1, 2, 3)]
    assert api.requests == [*pages, search("a"), add("a"), search("a")]
    assert outcomes[0].after["id"] == new_room_id(1)

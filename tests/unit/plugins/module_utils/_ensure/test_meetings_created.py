# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creating meetings by title under uncertainty: each exactly once, and twins found. The engine's other cases are in test_livestreams_*."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meetings import ensure_titles
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ApiError,
    DuplicateNameError,
    InterruptError,
    NoEffectError,
    NotSentError,
    OtherNameError,
    UnknownOutcomeError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, meetings_page, page
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
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    UNCERTAIN,
    Answer,
    Clock,
    FakeAPI,
    dropped,
    ok,
    prove,
    refusal,
    refused,
)

ENDINGS = {**UNCERTAIN, "no id": lambda: ok({"title": "Stage"}, 201), "null": lambda: ok(None, 201)}
each_ending = pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
with_and_without_retries = pytest.mark.parametrize("retries", [0, 4], ids=["no retries", "4 retries"])

S, A = search("Stage"), add("Stage")
#: The searches of one round of looks.
ALL_LOOKS = [S] * len(LOOKS)


def ensure(api: FakeAPI, clock: Clock, *titles: str, settings: Any = None, **connection: Any) -> list[Outcome]:
    return ensure_titles(build_meetings(api, clock, **connection), titles or ["Stage"], state="ACTIVE", settings=settings or {})


@with_and_without_retries
@pytest.mark.parametrize("shows_at", [1, 2, 3, 4], ids=lambda look: f"shows at look {look}")
@each_ending
def test_effect_shows(clock: Clock, ending: Callable[[], Answer], shows_at: int, retries: int) -> None:
    """Then looks go on for a twin: what has shown may be another user's, and ours still to come."""
    api = FakeRooms(endings=[Ending(ending(), shows_at)])
    (outcome,) = ensure(api, clock, retries=retries)
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, new_room_id(1))
    assert api.requests == [S, A, *[S] * shows_at, *ALL_LOOKS]
    assert clock.sleeps == [*LOOKS[:shows_at], *LOOKS]


def test_setting_that_the_create_left_out_is_changed_at_once(clock: Clock) -> None:
    api = FakeRooms()
    api.ignored = ["record_on_start"]
    (outcome,) = ensure(api, clock, settings={"record_on_start": True})
    assert (outcome.error, outcome.changed, outcome.before) == (None, True, None)
    assert outcome.after["record_on_start"] is True
    assert api.writes == [add("Stage", record_on_start=True), change(101, record_on_start=True)]


def test_setting_that_the_api_never_takes_is_an_error(clock: Clock) -> None:
    api = FakeRooms(endings=[Ending(shows_at=1), Ending(ok(room(101)), 0)])
    api.ignored = ["record_on_start"]
    (outcome,) = ensure(api, clock, settings={"record_on_start": True})
    assert (isinstance(outcome.error, NoEffectError), outcome.changed, len(api.writes)) == (True, True, 2)


def test_refused_search_fails_its_title_only(clock: Clock) -> None:
    api = FakeRooms(room(2, "Hall"))
    api.in_place = {"Stage": refusal(422)}
    refused_one, found = ensure(api, clock, "Stage", "Hall")
    assert (refused_one.error.status, refused_one.changed) == (422, False)
    assert (found.error, found.after) == (None, room(2, "Hall"))
    assert api.writes == []


@each_ending
def test_create_without_effect_is_sent_again(clock: Clock, ending: Callable[[], Answer]) -> None:
    api = FakeRooms(endings=[Ending(ending(), 0)])
    (outcome,) = ensure(api, clock)
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, new_room_id(1))
    assert api.requests[:7] == [S, A, *ALL_LOOKS, A]
    assert (len(api.writes), clock.sleeps[:4]) == (2, list(LOOKS))


@with_and_without_retries
@each_ending
def test_create_without_effect_is_sent_as_often_as_retries_allow(clock: Clock, ending: Callable[[], Answer], retries: int) -> None:
    tries = retries + 1
    api = FakeRooms(endings=[Ending(ending(), 0)] * tries)
    (outcome,) = ensure(api, clock, retries=retries)
    assert isinstance(outcome.error, NoEffectError)
    assert str(outcome.error).endswith("; no meeting named 'Stage' has appeared since. Run the task again: it reads the state first")
    assert (outcome.error.details()["path"], outcome.changed, outcome.after) == ("/meetings", False, None)
    assert api.requests == [S, *[A, *ALL_LOOKS] * tries]


@pytest.mark.parametrize("shows_at", [1, 4])
def test_conflict_with_another_user(clock: Clock, shows_at: int) -> None:
    """A 409 says no more than a lost answer does."""
    api = FakeRooms(endings=[Ending(refusal(409), 0)], theirs=[(1 + shows_at, room(2))])
    (outcome,) = ensure(api, clock)
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, meeting(2))
    assert api.requests == [S, A, *[S] * shows_at]


def test_conflict_without_a_visible_cause_is_sent_again(clock: Clock) -> None:
    api = FakeRooms(endings=[Ending(refusal(409), 0)])
    (outcome,) = ensure(api, clock)
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [S, A, *ALL_LOOKS, A, S]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_definite_refusal_is_sent_once(clock: Clock, status: int) -> None:
    api = FakeRooms(room(2, "Hall"), endings=[Ending(refusal(status, "No."), 0)])
    (outcome,) = ensure(api, clock)
    assert isinstance(outcome.error, ApiError)
    assert (outcome.error.status, outcome.changed, outcome.after) == (status, False, None)
    assert api.requests == [S, A]


@pytest.mark.parametrize("answer", [refusal(429), refused()], ids=["429", "no connection"])
def test_create_that_certainly_did_not_happen_is_sent_again_without_a_look(clock: Clock, answer: Answer) -> None:
    api = FakeRooms(endings=[Ending(answer, 0)])
    (outcome,) = ensure(api, clock)
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [S, A, A, S]


def test_create_that_never_finds_a_connection(clock: Clock) -> None:
    api = FakeRooms(endings=[Ending(refused(), 0)])
    (outcome,) = ensure(api, clock, retries=0)
    assert (isinstance(outcome.error, NotSentError), outcome.changed, api.requests) == (True, False, [S, A])


@pytest.mark.parametrize("status", [401, 422])
def test_look_that_fails_leaves_it_unknown(clock: Clock, status: int) -> None:
    api = FakeAPI(ok([]), dropped(), refusal(status))
    (outcome,) = ensure(api, clock)
    assert isinstance(outcome.error, UnknownOutcomeError)
    assert str(outcome.error).startswith("Outcome unknown: POST /meetings: the connection broke: Connection reset by peer; and then GET")
    assert (outcome.changed, api.requests) == (True, [S, A, S])


def test_refusal_after_an_uncertain_try_leaves_it_unknown(clock: Clock) -> None:
    api = FakeRooms(endings=[Ending(dropped(), 0), Ending(refusal(422), 0)])
    (outcome,) = ensure(api, clock)
    assert (isinstance(outcome.error, UnknownOutcomeError), outcome.changed) == (True, True)
    assert api.requests == [S, A, *ALL_LOOKS, A]


def test_one_look_serves_all_titles_in_doubt(clock: Clock) -> None:
    """The whole list, as that is one page."""
    api = FakeRooms(endings=[Ending(dropped(), 2), Ending(dropped(), 1), Ending(), Ending(dropped(), 2)])
    outcomes = ensure(api, clock, "a", "b", "c", "d")
    assert [(outcome.error, outcome.changed) for outcome in outcomes] == [(None, True)] * 4
    # The second look is for two titles only, which are searched for.
    assert api.requests[:8] == [meetings_page(), *map(add, "abcd"), meetings_page(), search("a"), search("d")]
    assert len({outcome.after["id"] for outcome in outcomes}) == 4


def test_create_counts_the_livestream_that_it_finds_afterwards(clock: Clock) -> None:
    """The list fills in the missing fields of the answer."""
    api = FakeRooms(endings=[Ending(ok({"id": new_room_id(1)}, 201), 1)])
    (outcome,) = ensure(api, clock, settings={"persist_chat": True})
    assert outcome.after == room(101, persist_chat=True)


def test_meeting_that_shows_instead_of_an_answer_gets_the_settings(clock: Clock) -> None:
    """It can be another run's, which has asked for other settings."""
    api = FakeRooms(endings=[Ending(dropped(), 0)], theirs=[(2, room(2))])
    (outcome,) = ensure(api, clock, settings={"persist_chat": True})
    assert (outcome.error, outcome.changed, outcome.after["persist_chat"]) == (None, True, True)
    assert api.requests == [S, add("Stage", persist_chat=True), S, *ALL_LOOKS, prove(meeting(2)), change(2, persist_chat=True)]


def test_inactive_meeting_that_shows_instead_of_an_answer_is_made_active(clock: Clock) -> None:
    api = FakeRooms(endings=[Ending(refusal(409), 0)], theirs=[(2, room(2, status="INACTIVE"))])
    (outcome,) = ensure(api, clock)
    assert (outcome.error, outcome.changed, outcome.after["status"]) == (None, True, "ACTIVE")
    assert outcome.before["status"] == "INACTIVE"
    assert api.requests == [S, A, S, prove(meeting(2)), change(2, status="ACTIVE")]


def test_settings_that_a_list_leaves_out_after_a_lost_answer_are_read(clock: Clock) -> None:
    api = FakeRooms(endings=[Ending(dropped(), 1)])
    api.omitted = {"persist_chat"}
    (outcome,) = ensure(api, clock, settings={"persist_chat": True})
    assert (outcome.error, outcome.changed, outcome.before, outcome.after["persist_chat"]) == (None, True, None, True)
    assert api.requests[-1] == prove(new_room_id(1))
    assert len(api.writes) == 1


# Twins


def test_twin_is_reported_with_both_ids(clock: Clock) -> None:
    api = FakeRooms(theirs=[(2, room(2))])
    (outcome,) = ensure(api, clock)
    assert isinstance(outcome.error, DuplicateNameError)
    assert str(outcome.error) == (
        f"2 meetings are titled 'Stage': {meeting(2)} (created 2026-11-20T09:00:02.000Z), "
        f"{new_room_id(1)} (created 2026-11-20T09:01:41.000Z). Use meeting_id instead, "
        "or make exactly one of them ACTIVE with rtk_meeting and meeting_id"
    )
    assert (outcome.changed, api.requests) == (True, [S, A, S])


def test_twin_that_shows_before_ours(clock: Clock) -> None:
    api = FakeRooms(endings=[Ending(None, 9)], theirs=[(2, room(2))])
    (outcome,) = ensure(api, clock)
    assert [each in str(outcome.error) for each in (meeting(2), new_room_id(1))] == [True, True]
    assert api.requests == [S, A, S]


def test_twin_that_shows_after_a_create_in_doubt(clock: Clock) -> None:
    api = FakeRooms(endings=[Ending(dropped(), 3)], theirs=[(2, room(2))])
    (outcome,) = ensure(api, clock)
    assert [each in str(outcome.error) for each in (meeting(2), new_room_id(1))] == [True, True]
    assert (outcome.changed, api.requests) == (True, [S, A, S, S, S])


def test_meeting_that_shows_after_all_looks_is_a_twin_of_the_next_try(clock: Clock) -> None:
    api = FakeRooms(endings=[Ending(dropped(), 5)])
    (outcome,) = ensure(api, clock)
    assert [new_room_id(number) in str(outcome.error) for number in (1, 2)] == [True, True]
    assert outcome.changed


def test_inactive_twin_is_none(clock: Clock) -> None:
    api = FakeRooms(theirs=[(2, room(2, status="INACTIVE"))])
    (outcome,) = ensure(api, clock)
    assert (outcome.error, outcome.after["id"], api.requests) == (None, new_room_id(1), [S, A, S])


@pytest.mark.parametrize("shows_at", [2, 3, 4])
def test_looks_for_twins_go_on_until_ours_shows(clock: Clock, shows_at: int) -> None:
    api = FakeRooms(endings=[Ending(None, shows_at)])
    (outcome,) = ensure(api, clock)
    assert (outcome.error, outcome.changed, outcome.warnings) == (None, True, [])
    assert api.requests == [S, A, *[S] * shows_at]
    assert clock.sleeps == list(LOOKS[:shows_at])


def test_meeting_that_never_shows_is_a_warning(clock: Clock) -> None:
    api = FakeRooms(endings=[Ending(None, 99)])
    (outcome,) = ensure(api, clock)
    assert (outcome.error, outcome.after["id"], api.requests) == (None, new_room_id(1), [S, A, *ALL_LOOKS])
    assert outcome.warnings == ["Meeting 'Stage' was created but is not in the list yet. Until it is, another run creates another one."]


def test_look_for_twins_that_fails_is_a_warning(clock: Clock) -> None:
    (outcome,) = ensure(FakeAPI(ok([]), ok(room(), 201), refusal(422)), clock)
    assert (outcome.error, outcome.changed) == (None, True)
    (warning,) = outcome.warnings
    assert warning.startswith(
        "Meeting 'Stage' was created, but the task could not check whether another run also created one: GET /meetings"
    )


def test_look_for_twins_that_is_interrupted_is_a_failure(clock: Clock) -> None:
    class Ended(FakeRooms):
        def answer(self, method: str, *sent: Any) -> Answer:
            if method == "POST":
                meetings.client.interrupt()
            return super().answer(method, *sent)

    meetings = build_meetings(Ended(), clock)
    (outcome,) = ensure_titles(meetings, ["Stage"], state="ACTIVE", settings={})
    assert (isinstance(outcome.error, InterruptError), outcome.changed, outcome.after["id"]) == (True, True, new_room_id(1))


@pytest.mark.parametrize("shown_by", ["answer", "list"])
def test_title_that_the_api_changes_is_an_error(clock: Clock, shown_by: str) -> None:
    """Otherwise each run would create another."""
    answer = ok(room(101, "stage") if shown_by == "answer" else {"id": new_room_id(1)}, 201)
    api = FakeAPI(ok([]), answer, page(room(101, "stage")))
    (outcome,) = ensure(api, clock)
    assert isinstance(outcome.error, OtherNameError)
    assert str(outcome.error) == (
        f"Meeting {new_room_id(1)} was created, but the API named it 'stage', not 'Stage'. "
        "Use the API's name, or each run creates another one"
    )
    assert outcome.changed


@pytest.mark.parametrize(("titles", "requests"), [(1, 2), (2, 4), (3, 4), (700, 701)])
def test_forecast_is_no_more_than_the_work_takes(clock: Clock, titles: int, requests: int) -> None:
    """A search for each of two titles. For more, the look for twins can be one list."""
    api = FakeRooms()
    meetings = build_meetings(api, clock)
    planned: list[int] = []
    meetings.client.plan = planned.append
    ensure_titles(meetings, [str(number) for number in range(titles)], state="ACTIVE", settings={}, check_mode=True)
    assert planned == [requests]

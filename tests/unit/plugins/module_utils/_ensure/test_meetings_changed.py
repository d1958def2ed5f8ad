# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing meetings under uncertainty: only the fields that differ are sent, and what an answer leaves open is read."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meetings import ensure_meeting, ensure_titles
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ApiError,
    DefectError,
    NoEffectError,
    NotSentError,
    OtherNameError,
    UnknownOutcomeError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, page
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import FakeRooms, build_meetings, change, room, search
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    UNCERTAIN,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    Sent,
    dropped,
    ok,
    prove,
    refusal,
    refused,
)

WANTED = {"record_on_start": True, "persist_chat": True}
ONE, PATCH = prove(meeting(1)), change(1, **WANTED)


class Way(NamedTuple):
    """How a meeting is asked for: what is sent first for it, and how."""

    first: list[Sent]
    ensure: Callable[..., Outcome]


def ensure_by_id(api: FakeAPI, clock: Clock, **connection: Any) -> Outcome:
    meetings = build_meetings(api, clock, **connection)
    return ensure_meeting(meetings, meeting(1), state="ACTIVE", title=None, settings=WANTED)


def ensure_by_title(api: FakeAPI, clock: Clock, **connection: Any) -> Outcome:
    (outcome,) = ensure_titles(build_meetings(api, clock, **connection), ["Stage"], state="ACTIVE", settings=WANTED)
    return outcome


WAYS = {"id": Way([ONE], ensure_by_id), "title": Way([search("Stage"), ONE], ensure_by_title)}
each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
#: To an update that succeeds, no data is an answer.
UNCLEAR = {name: ending for name, ending in UNCERTAIN.items() if name != "no data"}
UNCLEAR.update({"list": lambda: ok([]), "409": lambda: refusal(409, "Wait.")})
each_ending = pytest.mark.parametrize("name", UNCLEAR)
with_and_without_retries = pytest.mark.parametrize("retries", [0, 4], ids=["no retries", "4 retries"])


@with_and_without_retries
@pytest.mark.parametrize("shows_at", [1, 2, 3, 4], ids=lambda look: f"shows at look {look}")
@each_ending
@each_way
def test_effect_shows(clock: Clock, way: Way, name: str, shows_at: int, retries: int) -> None:
    """A 409 is a refusal, so what shows after it is another user's doing."""
    api = FakeRooms(room(), endings=[Ending(UNCLEAR[name](), shows_at)])
    outcome = way.ensure(api, clock, retries=retries)
    assert (outcome.error, outcome.changed) == (None, name != "409")
    assert (outcome.before, outcome.after) == (room(), room(**WANTED))
    assert api.requests == [*way.first, PATCH, *[ONE] * shows_at]
    assert clock.sleeps == list(LOOKS[:shows_at])


@each_ending
@each_way
def test_update_without_effect_is_sent_again(clock: Clock, way: Way, name: str) -> None:
    api = FakeRooms(room(), endings=[Ending(UNCLEAR[name](), 0)])
    outcome = way.ensure(api, clock)
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, room(**WANTED))
    assert api.requests == [*way.first, PATCH, *[ONE] * len(LOOKS), PATCH]


@with_and_without_retries
@each_ending
@each_way
def test_update_without_effect_is_sent_as_often_as_retries_allow(clock: Clock, way: Way, name: str, retries: int) -> None:
    tries = retries + 1
    api = FakeRooms(room(), endings=[Ending(UNCLEAR[name](), 0)] * tries)
    outcome = way.ensure(api, clock, retries=retries)
    assert isinstance(outcome.error, NoEffectError)
    assert str(outcome.error).endswith(
        "; the meeting has not changed since, so the write seems to have had no effect. Run the task again: it reads the state first"
    )
    assert (outcome.changed, outcome.after) == (False, room())
    assert api.requests == [*way.first, *[PATCH, *[ONE] * len(LOOKS)] * tries]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
@each_way
def test_definite_refusal_is_sent_once(clock: Clock, way: Way, status: int) -> None:
    api = FakeRooms(room(), endings=[Ending(refusal(status, "No."), 0)])
    outcome = way.ensure(api, clock)
    assert isinstance(outcome.error, ApiError)
    assert (outcome.error.status, outcome.changed, outcome.after) == (status, False, room())
    assert api.requests == [*way.first, PATCH]


@pytest.mark.parametrize("answer", [refusal(429), refused()], ids=["429", "no connection"])
@each_way
def test_update_that_certainly_did_not_happen_is_sent_again_without_a_look(clock: Clock, way: Way, answer: Answer) -> None:
    api = FakeRooms(room(), endings=[Ending(answer, 0)])
    outcome = way.ensure(api, clock)
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [*way.first, PATCH, PATCH]


@each_way
def test_update_that_never_finds_a_connection(clock: Clock, way: Way) -> None:
    api = FakeRooms(room(), endings=[Ending(refused(), 0)])
    outcome = way.ensure(api, clock, retries=0)
    assert (isinstance(outcome.error, NotSentError), outcome.changed) == (True, False)
    assert api.requests == [*way.first, PATCH]


@pytest.mark.parametrize("status", [401, 404, 422])
def test_look_that_fails_leaves_it_unknown(clock: Clock, status: int) -> None:
    outcome = ensure_by_id(FakeAPI(ok(room()), dropped(), refusal(status)), clock)
    assert isinstance(outcome.error, UnknownOutcomeError)
    assert str(outcome.error).startswith(
        f"Outcome unknown: PATCH /meetings/{meeting(1)}: the connection broke: Connection reset by peer; and then GET"
    )
    assert (outcome.changed, outcome.after) == (True, room())


def test_refusal_after_an_uncertain_try_leaves_it_unknown(clock: Clock) -> None:
    api = FakeRooms(room(), endings=[Ending(dropped(), 0), Ending(refusal(422), 0)])
    outcome = ensure_by_id(api, clock)
    assert (isinstance(outcome.error, UnknownOutcomeError), outcome.changed) == (True, True)


# Only what differs


@each_way
def test_second_try_sends_only_what_still_differs(clock: Clock, way: Way) -> None:
    """Another user sets one of the two in between."""
    since = len(way.first) + 2
    api = FakeRooms(room(), endings=[Ending(Reply(500), 0)], theirs=[(since, {"id": meeting(1), "persist_chat": True})])
    outcome = way.ensure(api, clock)
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, room(**WANTED))
    assert api.requests == [*way.first, PATCH, *[ONE] * len(LOOKS), change(1, record_on_start=True)]


@each_way
def test_update_that_takes_effect_in_part_is_completed(clock: Clock, way: Way) -> None:
    class Half(FakeRooms):
        def _write(self, path: str, body: dict[str, Any]) -> Answer:
            kept = {key: value for key, value in body.items() if key == "persist_chat" or len(body) == 1}
            super()._write(path, kept)
            return Reply(500) if kept != body else ok(room(**WANTED))

    api = Half(room())
    outcome = way.ensure(api, clock)
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [*way.first, PATCH, *[ONE] * len(LOOKS), change(1, record_on_start=True)]


def test_row_of_the_list_is_older_than_the_meeting(clock: Clock) -> None:
    """All that differs there may be as asked for by now."""
    api = FakeRooms(room(), theirs=[(2, {"id": meeting(1), **WANTED})])
    outcome = ensure_by_title(api, clock)
    assert (outcome.error, outcome.changed, outcome.before, outcome.after) == (None, False, room(**WANTED), room(**WANTED))
    assert api.requests == [search("Stage"), ONE]


# The API's answers

ECHOES = {
    "whole": room(**WANTED),
    "only the fields": WANTED,
    "only the id": {"id": meeting(1)},
    "without its id": {key: value for key, value in room(**WANTED).items() if key != "id"},
    "empty": {},
    "null": None,
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
@each_way
def test_echo_may_be_partial(clock: Clock, way: Way, echo: Any) -> None:
    """Missing fields keep their value or the sent one, except for the time of the change, which is unknown."""
    outcome = way.ensure(FakeRooms(room(), endings=[Ending(ok(echo), 1)]), clock)
    assert (outcome.error, outcome.changed) == (None, True)
    assert outcome.after == {**room(**WANTED), "updated_at": (echo or {}).get("updated_at")}


@each_way
def test_answer_without_data_is_one(clock: Clock, way: Way) -> None:
    api = FakeRooms(room(), endings=[Ending(Reply(200, {"success": True}), 1)])
    outcome = way.ensure(api, clock)
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, {**room(**WANTED), "updated_at": None})
    assert api.requests == [*way.first, PATCH]


@each_way
def test_api_that_accepts_an_update_and_shows_something_else(clock: Clock, way: Way) -> None:
    shown = room(record_on_start=False, persist_chat=True)
    outcome = way.ensure(FakeRooms(room(), endings=[Ending(ok(shown), 1)]), clock)
    assert isinstance(outcome.error, NoEffectError)
    assert str(outcome.error) == (f"Meeting {meeting(1)}: the API accepted the update but shows record_on_start=False instead of True")
    assert (outcome.changed, outcome.after) == (True, shown)


# Other users


def test_meeting_that_was_renamed_since_it_was_listed_is_left_alone(clock: Clock) -> None:
    api = FakeRooms(room(), theirs=[(2, {"id": meeting(1), "title": "Hall"})])
    outcome = ensure_by_title(api, clock)
    assert isinstance(outcome.error, OtherNameError)
    assert str(outcome.error) == (f"Meeting {meeting(1)} was titled 'Stage' and is 'Hall' now: another user renamed it. Run the task again")
    assert (outcome.changed, api.requests) == (False, [search("Stage"), ONE])


def test_meeting_that_is_renamed_while_an_update_is_in_doubt(clock: Clock) -> None:
    api = FakeRooms(room(), endings=[Ending(dropped(), 0)], theirs=[(4, {"id": meeting(1), "title": "Hall"})])
    outcome = ensure_by_title(api, clock)
    assert isinstance(outcome.error, UnknownOutcomeError)
    assert "another user renamed it" in str(outcome.error)
    assert (outcome.changed, api.requests) == (True, [search("Stage"), ONE, PATCH, ONE, ONE])


def test_update_that_fails_hides_no_other(clock: Clock) -> None:
    api = FakeRooms(room(1, "a"), room(2, "b"), room(3, "c"), endings=[Ending(refusal(422), 0)])
    outcomes = ensure_titles(build_meetings(api, clock), ["a", "b", "d"], state="ACTIVE", settings={"persist_chat": True})
    # The first write is the create.
    assert [(outcome.error and outcome.error.status, outcome.changed) for outcome in outcomes] == [(None, True), (None, True), (422, False)]


def test_defect_of_one_update_hides_no_other(clock: Clock) -> None:
    api = FakeRooms(room(1, "a"), room(2, "b"))
    meetings = build_meetings(api, clock)
    get = meetings.get
    meetings.get = lambda meeting_id: {} if meeting_id == meeting(1) else get(meeting_id)  # type: ignore[method-assign]
    broken, fine = ensure_titles(meetings, ["a", "b"], state="INACTIVE", settings={})
    assert (isinstance(broken.error, DefectError), broken.changed) == (True, False)
    assert (fine.error, fine.changed) == (None, True)


def test_meeting_that_is_missing_by_the_time_of_its_read(clock: Clock) -> None:
    outcome = ensure_by_title(FakeAPI(page(room()), refusal(404)), clock)
    assert (outcome.error.status, outcome.changed) == (404, False)

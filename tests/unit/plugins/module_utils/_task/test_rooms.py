# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rooms by id or by title: what is parsed, found, refused, and how outcomes are put back in the order given."""

from __future__ import annotations

from typing import Any, Mapping

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import AbsentTitleError, InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.rooms import (
    ROOM_OPTIONS,
    Room,
    build_rooms_spec,
    find_rooms,
    parse_rooms,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import FakeRooms, build_meetings, room, search
from ansible_collections.streamops.realtimekit.tests.unit.fakes import MEETING, OTHER_MEETING, Clock, FakeAPI, refusal

DEFAULTS = {"name": "default"}


def parse(**params: Any) -> list[Room]:
    def check_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
        return {**DEFAULTS, "name": entry.get("name") or DEFAULTS["name"]}

    return parse_rooms({**dict.fromkeys(ROOM_OPTIONS), **params}, DEFAULTS, check_entry)


def entry(meeting_id: Any = None, title: Any = None, **options: Any) -> dict[str, Any]:
    return {"meeting_id": meeting_id, "title": title, **options}


def test_spec_of_the_options() -> None:
    spec = build_rooms_spec(name={"type": "raw"})
    assert set(spec) == set(ROOM_OPTIONS)
    assert spec["meeting_id"]["aliases"] == ["meeting_ids"]
    assert set(spec["meetings"]["options"]) == {"meeting_id", "title", "name"}


def test_ids_count_once_in_the_order_given() -> None:
    assert parse(meeting_id=[OTHER_MEETING, MEETING.upper(), MEETING]) == [
        Room(OTHER_MEETING, None, DEFAULTS),
        Room(MEETING, None, DEFAULTS),
    ]


@pytest.mark.parametrize(("given", "title"), [("Stage", "Stage"), ("Hall 1, left", "Hall 1, left"), (" Stage ", " Stage "), (7, "7")])
def test_title_is_taken_whole(given: Any, title: str) -> None:
    assert parse(title=given) == [Room(None, title, DEFAULTS)]
    assert parse(meetings=[entry(title=given)]) == [Room(None, title, DEFAULTS)]


def test_entries_have_their_own_options() -> None:
    assert parse(meetings=[entry(MEETING.upper()), entry(title="Stage", name="Main")]) == [
        Room(MEETING, None, DEFAULTS),
        Room(None, "Stage", {"name": "Main"}),
    ]


@pytest.mark.parametrize("blank", ["", None])
def test_blank_means_that_it_is_not_given_in_an_entry(blank: Any) -> None:
    rooms = parse(meetings=[entry(MEETING, blank), entry(blank, "Stage")])
    assert rooms == [Room(MEETING, None, DEFAULTS), Room(None, "Stage", DEFAULTS)]


@pytest.mark.parametrize("option", ["meeting_id", "meetings"])
def test_empty_list_is_not_a_room(option: str) -> None:
    assert parse(**{option: []}) == []


BAD = {
    "id": ({"meeting_id": ["Stage"]}, "meeting_id has 'Stage': it must be a UUID"),
    "title": ({"title": ["Stage"]}, "title has ['Stage']: a name must be a string"),
    "empty title": ({"title": ""}, "title has '': a name must not be empty"),
    "id of an entry": ({"meetings": [entry("Stage")]}, "meetings[].meeting_id has 'Stage': it must be a UUID"),
    "title of an entry": ({"meetings": [entry(title={"a": 1})]}, "meetings[].title has {'a': 1}: a name must be a string"),
    "both": ({"meetings": [entry(MEETING, "Stage")]}, "An entry of meetings has meeting_id and title: give exactly one of them"),
    "none": ({"meetings": [entry("", "")]}, "An entry of meetings has no meeting_id and no title: give exactly one of them"),
    "blank title of an entry": ({"meetings": [entry(title=" ")]}, "meetings[].title has ' ': a name must not be empty"),
}


@pytest.mark.parametrize(("params", "words"), BAD.values(), ids=BAD)
def test_invalid_room_is_refused(params: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse(**params)
    assert str(caught.value).startswith(words)


# Their meetings


def by_id(number: int) -> Room:
    return Room(meeting(number), None)


def by_title(title: str) -> Room:
    return Room(None, title)


def test_ids_alone_send_nothing(clock: Clock) -> None:
    api = FakeAPI()
    found = find_rooms(build_meetings(api, clock), [by_id(2), by_id(1)])
    assert (list(found.rooms), found.failed, found.existing) == ([meeting(2), meeting(1)], {}, [])
    assert api.requests == []


def test_titles_are_found_and_exist(clock: Clock) -> None:
    api = FakeRooms(room(1), room(2, "Hall"))
    rooms = [by_title("Hall"), by_id(7), by_title("Stage")]
    found = find_rooms(build_meetings(api, clock), rooms)
    assert found.rooms == {meeting(2): rooms[0], meeting(7): rooms[1], meeting(1): rooms[2]}
    assert (found.failed, found.existing) == ({}, [meeting(2), meeting(1)])
    assert api.requests == [search("Hall"), search("Stage")]


SAME = {
    "two ids": ([by_id(1), by_id(2), by_id(1)], f"meeting_id {meeting(1)} and meeting_id {meeting(1)}"),
    "two titles": ([by_title("Stage"), by_title("Stage")], "title 'Stage' and title 'Stage'"),
    "id and title": ([by_id(1), by_title("Stage")], f"meeting_id {meeting(1)} and title 'Stage'"),
    "title and id": ([by_title("Stage"), by_id(2), by_id(1)], f"title 'Stage' and meeting_id {meeting(1)}"),
    "two absent titles": ([by_title("Hall"), by_id(1), by_title("Hall")], "title 'Hall' and title 'Hall'"),
}


@pytest.mark.parametrize(("rooms", "words"), SAME.values(), ids=SAME)
def test_two_rooms_that_are_one_are_refused(clock: Clock, rooms: list[Room], words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        find_rooms(build_meetings(FakeRooms(room(1)), clock), rooms)
    assert str(caught.value) == f"{words} are the same meeting: list each meeting once"


def test_two_absent_titles_are_two_rooms(clock: Clock) -> None:
    found = find_rooms(build_meetings(FakeRooms(), clock), [by_title("Hall"), by_title("Yard")])
    assert [isinstance(outcome.error, AbsentTitleError) for outcome in found.failed.values()] == [True, True]


def test_title_that_fails_fails_its_own_room(clock: Clock) -> None:
    rooms = [by_title("Hall"), by_title("Stage"), by_id(5)]
    found = find_rooms(build_meetings(FakeRooms(room(1)), clock), rooms)
    assert list(found.rooms) == [meeting(1), meeting(5)]
    (failed,) = found.failed.values()
    assert (failed.target, failed.changed, failed.before, failed.after) == ("Hall", False, None, None)
    assert str(failed.error).startswith("No meeting has the title 'Hall'")


@pytest.mark.parametrize("status", [401, 403])
def test_titles_that_a_refused_token_hides_are_not_begun(clock: Clock, status: int) -> None:
    found = find_rooms(build_meetings(FakeAPI(refusal(status)), clock), [by_title("Hall"), by_title("Stage")])
    assert all(str(outcome.error).startswith(f"Not begun: GET /meetings answered {status}") for outcome in found.failed.values())


def test_titles_of_a_task_that_is_interrupted_are_not_begun(clock: Clock) -> None:
    meetings = build_meetings(FakeAPI(), clock)
    meetings.client.interrupt()
    (failed,) = find_rooms(meetings, [by_title("Hall")]).failed.values()
    assert str(failed.error).startswith("Not begun: the task was interrupted")


def test_outcomes_are_in_the_order_of_the_rooms(clock: Clock) -> None:
    rooms = [by_title("Hall"), by_id(5), by_title("Stage"), by_title("Yard")]
    found = find_rooms(build_meetings(FakeRooms(room(1)), clock), rooms)
    outcomes = {meeting_id: Outcome(meeting_id) for meeting_id in (meeting(1), meeting(5))}
    arranged = found.arrange(rooms, list(outcomes.values()))
    assert [outcome.target for outcome in arranged] == ["Hall", meeting(5), meeting(1), "Yard"]
    assert [arranged[1], arranged[2]] == [outcomes[meeting(5)], outcomes[meeting(1)]]

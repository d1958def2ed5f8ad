# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one meeting of each title, or why there is none: an error of one title hides no other."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.titles import Titles, resolve
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    AbsentTitleError,
    DefectError,
    DuplicateNameError,
    NotFoundError,
    ServerError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, meetings_page
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import (
    NOT_THERE,
    FakeRooms,
    build_meetings,
    room,
    search,
)
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    LIST_APPS,
    PROVE_APP,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    dropped,
    ok,
    refusal,
)


def find(api: FakeAPI, clock: Clock, *names: str) -> dict[str, Any]:
    """The id of each title's meeting, or its error."""
    resolved = resolve(Titles(build_meetings(api, clock, retries=0)), names)
    return {name: found if isinstance(found, Exception) else found["id"] for name, found in resolved.items()}


def test_no_titles_send_nothing(clock: Clock) -> None:
    api = FakeAPI()
    assert (find(api, clock), api.requests) == ({}, [])


def test_each_title_is_its_meeting(clock: Clock) -> None:
    api = FakeRooms(room(1), room(2, "Hall", "INACTIVE"), room(3, "Hall left"))
    assert find(api, clock, "Hall", "Stage") == {"Hall": meeting(2), "Stage": meeting(1)}


def test_title_that_no_meeting_has(clock: Clock) -> None:
    found = find(FakeRooms(room(1), room(2, "hall")), clock, "Hall", "Stage")
    assert isinstance(found["Hall"], AbsentTitleError)
    assert str(found["Hall"]) == "No meeting has the title 'Hall'. Check letter case and spaces, or create it with rtk_meeting"
    assert found["Hall"].details()["status"] is None
    assert found["Stage"] == meeting(1)


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
def test_title_that_several_meetings_have(clock: Clock, status: str) -> None:
    found = find(FakeRooms(room(2, status=status), room(3, status=status), room(1, "Hall")), clock, "Stage", "Hall")
    assert isinstance(found["Stage"], DuplicateNameError)
    assert str(found["Stage"]) == (
        f"2 meetings are titled 'Stage': {meeting(2)} (created 2026-11-20T09:00:02.000Z), {meeting(3)} (created 2026-11-20T09:00:03.000Z). "
        "Use meeting_id instead, or make exactly one of them ACTIVE with rtk_meeting and meeting_id"
    )
    assert found["Hall"] == meeting(1)


def test_inactive_namesake_is_ignored(clock: Clock) -> None:
    assert find(FakeRooms(room(1, status="INACTIVE"), room(2)), clock, "Stage") == {"Stage": meeting(2)}


# Errors


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize("broken", ["Stage", "Hall"])
def test_refused_search_is_about_its_title_only(clock: Clock, status: int, broken: str) -> None:
    api = FakeRooms(room(1), room(2, "Hall"))
    api.in_place = {broken: refusal(status)}
    found = find(api, clock, "Stage", "Hall")
    assert found.pop(broken).status == status
    assert list(found.values()) == [meeting(2 if broken == "Stage" else 1)]
    assert api.requests == [search("Stage"), search("Hall")]


def test_refused_list_is_replaced_by_searches(clock: Clock) -> None:
    api = FakeRooms(room(1), room(2, "Hall"))
    api.in_place = {"": refusal(422)}
    found = find(api, clock, "Stage", "Hall", "Yard")
    assert (found["Stage"], found["Hall"], type(found["Yard"])) == (meeting(1), meeting(2), AbsentTitleError)
    assert api.requests == [meetings_page(), *map(search, ("Stage", "Hall", "Yard"))]


def test_refused_search_of_the_only_title_is_sent_once(clock: Clock) -> None:
    api = FakeAPI(refusal(422))
    assert find(api, clock, "Stage")["Stage"].status == 422
    assert api.requests == [search("Stage")]


#: The errors of every other search.
SHARED: dict[str, Answer] = {"401": refusal(401), "403": refusal(403), "500": Reply(500), "dropped": dropped()}


@pytest.mark.parametrize("answer", SHARED.values(), ids=SHARED)
@pytest.mark.parametrize("names", [["Stage"], ["Stage", "Hall"], ["Stage", "Hall", "Yard"]], ids=len)
def test_error_that_all_share_is_sent_for_once(clock: Clock, names: list[str], answer: Answer) -> None:
    api = FakeAPI(answer)
    found = find(api, clock, *names)
    assert list(found) == names
    assert len({id(error) for error in found.values()}) == 1
    assert len(api.requests) == 1


def test_error_that_may_be_about_more_than_one_title_fails_all(clock: Clock) -> None:
    api = FakeRooms(room(1))
    api.in_place = {"Hall": Reply(500)}
    found = find(api, clock, "Stage", "Hall")
    assert [isinstance(error, ServerError) for error in found.values()] == [True, True]
    assert api.requests == [search("Stage"), search("Hall")]


@pytest.mark.parametrize("names", [["Stage"], ["Stage", "Hall"], ["Stage", "Hall", "Yard"]], ids=len)
def test_missing_app_fails_all_at_once(clock: Clock, names: list[str]) -> None:
    api = FakeAPI(NOT_THERE, NOT_THERE, ok([]))
    found = find(api, clock, *names)
    assert all(isinstance(error, NotFoundError) and str(error).count("rtk_app_info") == 1 for error in found.values())
    assert api.requests == [search("Stage") if len(names) < 3 else meetings_page(), PROVE_APP, LIST_APPS]


def test_defect_is_an_error_like_any_other(clock: Clock) -> None:
    titles = Titles(build_meetings(FakeAPI(), clock))
    titles._search = lambda title: [None]  # type: ignore[list-item, method-assign]
    (error,) = resolve(titles, ["Stage"]).values()
    assert isinstance(error, DefectError)
    assert "AttributeError" in str(error)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding meetings by their titles: by searches or by the whole list, and which of several counts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.titles import Titles
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ApiError, LostAnswerError, NotFoundError
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, meetings_page, page
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import (
    NOT_THERE,
    FakeRooms,
    build_meetings,
    room,
    search,
)
from ansible_collections.streamops.realtimekit.tests.unit.fakes import LIST_APPS, PROVE_APP, Clock, FakeAPI, Sent, ok, prove, refusal

NAMES = [f"Room {number}" for number in range(9)]
MEETINGS = [room(number, name) for number, name in enumerate(NAMES)]


def read(api: FakeAPI, clock: Clock, *names: str, connections: int = 1) -> Titles:
    titles = Titles(build_meetings(api, clock, connections, retries=0))
    titles.read(names)
    return titles


def ids(titles: Titles, name: str) -> list[str]:
    return [found["id"] for found in titles.find(name)]


# Which takes fewer requests


def pages(count: int) -> list[Sent]:
    return [meetings_page(number) for number in range(1, count + 1)]


#: How many titles, how many pages the list has, and what is sent.
COSTS: dict[tuple[int, int], list[Sent]] = {
    (1, 1): [search(NAMES[0])],
    (2, 1): [*map(search, NAMES[:2])],
    (2, 9): [*map(search, NAMES[:2])],
    (3, 1): pages(1),
    (3, 2): pages(2),
    (3, 3): pages(3),
    (3, 5): [*pages(1), *map(search, NAMES[:3])],
    (8, 5): pages(5),
    (9, 9): pages(9),
}


@pytest.mark.parametrize("connections", [1, 8])
@pytest.mark.parametrize(("titles", "count"), COSTS)
def test_list_or_searches_whichever_takes_fewer_requests(clock: Clock, titles: int, count: int, connections: int) -> None:
    api = FakeRooms(*MEETINGS)
    api.page_size = -(-len(MEETINGS) // count)
    found = read(api, clock, *NAMES[:titles], connections=connections)
    assert sorted(api.requests, key=str) == sorted(COSTS[titles, count], key=str)
    assert [ids(found, name) for name in NAMES[:titles]] == [[meeting(number)] for number in range(titles)]


def test_list_that_does_not_report_its_length_is_read_for_a_while(clock: Clock) -> None:
    """As many pages as there are titles; then each title is searched for."""
    uncounted = [page(each, total=-1) for each in MEETINGS[:4]]
    found = [page(each) for each in MEETINGS[:3]]
    api = FakeAPI(*uncounted, *found)
    titles = read(api, clock, *NAMES[:3])
    assert api.requests == [*pages(4), *map(search, NAMES[:3])]
    assert ids(titles, NAMES[2]) == [meeting(2)]


def test_search_may_have_pages(clock: Clock) -> None:
    api = FakeRooms(*[room(number, f"Stage {number}") for number in range(4)], room(9))
    api.page_size = 2
    assert ids(read(api, clock, "Stage"), "Stage") == [meeting(9)]
    assert api.requests == [search("Stage", number) for number in (1, 2, 3)]


# The meetings that count


@pytest.mark.parametrize("title", ["stage", "Stage ", " Stage", "Stages", "Backstage", None])
@pytest.mark.parametrize("more", [[], ["x", "y"]], ids=["search", "list"])
def test_title_matches_whole_and_exactly(clock: Clock, title: str | None, more: list[str]) -> None:
    api = FakeAPI(page(room(1, title)), page(), page())
    assert read(api, clock, "Stage", *more).find("Stage") == []


STATUSES = [
    (["ACTIVE"], [0]),
    (["INACTIVE"], [0]),
    (["INACTIVE", "ACTIVE"], [1]),
    (["ACTIVE", "INACTIVE", "ACTIVE"], [0, 2]),
    (["INACTIVE", "INACTIVE"], [0, 1]),
    (["PAUSED", "ACTIVE"], [1]),
    ([None, "INACTIVE"], [0, 1]),
]


@pytest.mark.parametrize(("statuses", "counting"), STATUSES)
def test_only_active_meetings_count_unless_there_is_none(clock: Clock, statuses: list[str], counting: list[int]) -> None:
    """Oldest first, independent of the order of the list."""
    rooms = [room(number, status=status) for number, status in enumerate(statuses)]
    assert ids(read(FakeRooms(*reversed(rooms)), clock, "Stage"), "Stage") == [meeting(number) for number in counting]


def test_meeting_of_an_unknown_age_comes_first(clock: Clock) -> None:
    api = FakeRooms(room(1), room(2, created_at=None))
    assert ids(read(api, clock, "Stage"), "Stage") == [meeting(2), meeting(1)]


def test_meeting_that_two_searches_find_is_one(clock: Clock) -> None:
    api = FakeRooms(room(1, "Stage left"), room(2, "Stage"))
    titles = read(api, clock, "Stage", "Stage left")
    assert [ids(titles, name) for name in ("Stage", "Stage left")] == [[meeting(2)], [meeting(1)]]


# Rows that leave something out


@pytest.mark.parametrize("names", [["Room 0"], NAMES[:3]], ids=["search", "list"])
def test_rows_without_titles_are_read_one_by_one(clock: Clock, names: list[str]) -> None:
    """A list without titles is of no use, so searches make them few."""
    api = FakeRooms(*MEETINGS)
    api.omitted = {"title"}
    titles = read(api, clock, *names)
    assert [ids(titles, name) for name in names] == [[meeting(number)] for number in range(len(names))]
    assert api.requests == [*(pages(1) if len(names) > 2 else []), *map(search, names), *[prove(meeting(n)) for n in range(len(names))]]


@pytest.mark.parametrize("names", [["Room 0"], NAMES[:3]], ids=["search", "list"])
def test_rows_without_a_status_are_read_if_they_have_the_title(clock: Clock, names: list[str]) -> None:
    api = FakeRooms(*MEETINGS, room(20, "Room 00"), room(21, "Room 0", "INACTIVE"))
    api.omitted = {"status"}
    titles = read(api, clock, *names)
    assert ids(titles, "Room 0") == [meeting(0)]
    first = pages(1) if len(names) > 2 else [search("Room 0")]
    assert api.requests == [*first, *[prove(meeting(number)) for number in range(len(names))], prove(meeting(21))]


def test_row_without_settings_is_a_meeting(clock: Clock) -> None:
    """They are unknown rather than at their defaults, so that a change is decided by its own read."""
    (found,) = read(FakeAPI(page({"id": meeting(1), "title": "Stage", "status": "ACTIVE"})), clock, "Stage").find("Stage")
    assert (found["status"], found["persist_chat"], found["session_keep_alive_time_in_secs"]) == ("ACTIVE", None, None)


@pytest.mark.parametrize("title", [{"en": "Stage"}, ["Stage"], None, 7], ids=str)
def test_row_with_an_odd_title_hides_no_other(clock: Clock, title: Any) -> None:
    assert ids(read(FakeAPI(page(room(1, title), room(2))), clock, "Stage"), "Stage") == [meeting(2)]


# Read again


def test_second_read_replaces_what_it_is_about(clock: Clock) -> None:
    api = FakeRooms(*MEETINGS[:3], theirs=[(2, {"id": meeting(0), "title": "Hall"}), (2, room(7, "Room 1"))])
    titles = read(api, clock, *NAMES[:3])
    titles.read(["Room 0"])
    assert [ids(titles, name) for name in ("Room 0", "Room 1", "Room 2")] == [[], [meeting(1)], [meeting(2)]]
    titles.read(["Room 1"])
    assert ids(titles, "Room 1") == [meeting(1), meeting(7)]


def test_meeting_is_known_by_its_id_under_any_title(clock: Clock) -> None:
    titles = read(FakeRooms(room(1, "Stage left")), clock, "Stage")
    assert (titles.get(meeting(1))["title"], titles.get(meeting(2)), titles.find("Stage")) == ("Stage left", None, [])


# A 404 in place of the list


@pytest.mark.parametrize("connections", [1, 8])
def test_search_that_finds_nothing_may_answer_404(clock: Clock, connections: int) -> None:
    api = FakeRooms(room(9, "Cellar"))
    api.is_silent = True
    titles = read(api, clock, "Stage", connections=connections)
    assert (titles.find("Stage"), api.requests) == ([], [search("Stage"), PROVE_APP])


def test_rows_without_titles_are_read_once_for_all_searches(clock: Clock) -> None:
    rows = [{"id": meeting(1)}, {"id": meeting(2)}]
    api = FakeAPI(page(*rows), page(*rows), ok(room(1)), ok(room(2, "Hall")))
    titles = read(api, clock, "Stage", "Hall")
    assert (ids(titles, "Stage"), ids(titles, "Hall")) == ([meeting(1)], [meeting(2)])
    assert api.requests == [search("Stage"), search("Hall"), prove(meeting(1)), prove(meeting(2))]


def test_app_is_proved_once(clock: Clock) -> None:
    api = FakeRooms(room(9, "Cellar"))
    api.is_silent = True
    titles = read(api, clock, "Stage", "Hall")
    titles.read(["Stage"])
    assert api.requests == [search("Stage"), PROVE_APP, search("Hall"), search("Stage")]


@pytest.mark.parametrize("names", [["Stage"], ["Stage", "Hall", "Yard"]], ids=["search", "list"])
def test_missing_app_is_an_error_that_says_how_to_find_it(clock: Clock, names: list[str]) -> None:
    api = FakeAPI(NOT_THERE, NOT_THERE, ok([]))
    titles = Titles(build_meetings(api, clock))
    for _unused in range(2):
        with pytest.raises(NotFoundError) as caught:
            titles.read(names)
    assert str(caught.value) == (
        "GET /meetings answered 404 (code 404): Not found; the app itself was not found, and rtk_app_info lists the account's apps. "
        "Check app_id, account_id, and api_url."
    )
    assert titles.client.refusal is caught.value
    assert api.requests == [search("Stage") if len(names) == 1 else meetings_page(), PROVE_APP, LIST_APPS]


def test_list_that_answers_404_in_an_app_that_exists_is_of_no_use(clock: Clock) -> None:
    """Each search then decides its own title."""
    api = FakeRooms(room(1))
    api.in_place = {"": NOT_THERE}
    titles = read(api, clock, "Stage", "Hall", "Yard")
    assert (ids(titles, "Stage"), titles.find("Hall")) == ([meeting(1)], [])
    assert api.requests == [meetings_page(), PROVE_APP, *map(search, ("Stage", "Hall", "Yard"))]


#: A first page that is not the last.
COUNTED = ok([room(9, "Stages")], paging={"total_count": 2, "end_offset": 1})


def test_page_in_the_middle_of_a_search_that_answers_404_is_an_error(clock: Clock) -> None:
    """The rest of what the search finds is unknown then, and a title must not count as missing."""
    with pytest.raises(NotFoundError):
        read(FakeAPI(COUNTED, NOT_THERE), clock, "Stage")


def test_page_in_the_middle_of_the_list_that_answers_404_leaves_the_titles_to_searches(clock: Clock) -> None:
    api = FakeAPI(COUNTED, NOT_THERE, page(room(1)), page(), page(room(3, "Yard")))
    titles = read(api, clock, "Stage", "Hall", "Yard")
    assert [ids(titles, title) for title in ("Stage", "Hall", "Yard")] == [[meeting(1)], [], [meeting(3)]]
    assert api.requests == [meetings_page(), meetings_page(2), *map(search, ("Stage", "Hall", "Yard"))]


@pytest.mark.parametrize("names", [["Stage"], ["Stage", "Hall", "Yard"]], ids=["search", "list"])
@pytest.mark.parametrize(
    ("answer", "kind"), [(refusal(403), ApiError), (ok("rooms"), LostAnswerError), (ok([{"title": "Stage"}]), LostAnswerError)]
)
def test_list_that_cannot_be_read_is_an_error(clock: Clock, names: list[str], answer: Any, kind: type) -> None:
    with pytest.raises(kind):
        read(FakeAPI(answer), clock, *names)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which lists are read, in which order, how far, and how often. The fields of a row are in test_snapshot_rows."""

from __future__ import annotations

from typing import Any, Sequence

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import snapshot
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import read_lists
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ServerError
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, by_status, meeting, page, row, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeApp, FakeMeeting
from ansible_collections.streamops.realtimekit.tests.unit.fakes import MEETING, Clock, FakeAPI, Reply, build_livestreams, ok, refusal

NONE = page()


def read(api: FakeAPI, clock: Clock, count: int, **options: Any) -> dict[str, Any]:
    """The number of each meeting that the lists settle, with the status that they show, or None."""
    states = read_lists(build_livestreams(api, clock), [meeting(number) for number in range(count)], **options)
    return {int(meeting_id[-4:]): state and state["status"] for meeting_id, state in states.items()}


def test_bounds() -> None:
    assert (snapshot.LISTS_FROM, snapshot.LAG, snapshot.STATUSES) == (10, 2.0, ("INVOKED", "LIVE", "ERRORED"))
    assert snapshot.LIVE_FIRST == ("LIVE", "INVOKED", "LIVE", "ERRORED")


# Which lists


@pytest.mark.parametrize("may_miss", [False, True])
@pytest.mark.parametrize(
    ("statuses", "requests"),
    [
        ([None, None, None], [INVOKED, LIVE, ERRORED]),
        (["INVOKED", "INVOKED", "INVOKED"], [INVOKED]),
        (["LIVE", "LIVE", "LIVE"], [INVOKED, LIVE]),
        (["ERRORED", "ERRORED", "ERRORED"], [INVOKED, LIVE, ERRORED]),
    ],
)
def test_lists_are_read_until_they_have_shown_all(
    clock: Clock, statuses: Sequence[str | None], requests: list[Any], may_miss: bool
) -> None:
    lists = [page(*[row(number, each) for number, each in enumerate(statuses) if each == status]) for status in snapshot.STATUSES]
    api = FakeAPI(*lists)
    assert read(api, clock, 3, may_miss=may_miss) == dict(enumerate(statuses))
    assert api.requests == requests


@pytest.mark.parametrize(
    ("statuses", "once", "to_the_end"),
    [
        (["LIVE", "INVOKED", "LIVE"], [INVOKED, LIVE], [INVOKED, by_status("INVOKED", 2), LIVE]),
        (
            ["INVOKED", "LIVE", "ERRORED"],
            [INVOKED, LIVE, ERRORED],
            [INVOKED, by_status("INVOKED", 2), LIVE, by_status("LIVE", 2), ERRORED],
        ),
    ],
)
@pytest.mark.parametrize("may_miss", [False, True])
def test_list_that_does_not_show_all_is_read_to_an_empty_page_unless_one_may_be_missed(
    clock: Clock, statuses: Sequence[str], once: list[Any], to_the_end: list[Any], may_miss: bool
) -> None:
    api = FakeApp({meeting(number): FakeMeeting(stream(number, status)) for number, status in enumerate(statuses)})
    assert read(api, clock, 3, may_miss=may_miss) == dict(enumerate(statuses))
    assert api.requests == (once if may_miss else to_the_end)


@pytest.mark.parametrize("end", [NONE, refusal(404)], ids=["empty", "404"])
def test_count_is_not_believed(clock: Clock, end: Reply) -> None:
    """The first page claims to be the only one. The second one has a row, and claims the same."""
    api = FakeAPI(NONE, page(row(0), end=1, total=1), page(row(1), end=1, total=1), end, page(row(2, "ERRORED")))
    assert read(api, clock, 3) == {0: "LIVE", 1: "LIVE", 2: "ERRORED"}
    assert api.requests == [INVOKED, *[by_status("LIVE", number) for number in (1, 2, 3)], ERRORED]


def test_count_is_believed_if_a_livestream_may_be_missed(clock: Clock) -> None:
    api = FakeAPI(NONE, page(row(0), end=1, total=1), NONE)
    assert read(api, clock, 3, may_miss=True) == {0: "LIVE", 1: None, 2: None}
    assert api.requests == [INVOKED, LIVE, ERRORED]


def test_only_the_lists_asked_for_are_read(clock: Clock) -> None:
    api = FakeAPI(page(row(0)), page(row(1, "ERRORED")))
    assert read(api, clock, 3, statuses=("LIVE", "ERRORED"), may_miss=True) == {0: "LIVE", 1: "ERRORED", 2: None}
    assert api.requests == [LIVE, ERRORED]


def test_no_meeting_needs_no_list(clock: Clock) -> None:
    assert read(FakeAPI(), clock, 0) == {}


def test_row_is_returned_as_a_livestream(clock: Clock) -> None:
    api = FakeAPI(page(row(0, "INVOKED", name="Main", disabled="false")))
    states = read_lists(build_livestreams(api, clock), [meeting(0)])
    assert states == {meeting(0): normalize(row(0, "INVOKED", name="Main", disabled=False))}


def test_rows_of_others_and_other_statuses_are_passed_over(clock: Clock) -> None:
    """The API might not know the filter."""
    rows = [row(7), row(0, "IDLE"), row(1, None), row(2, meeting_id=None), row(3, "PAUSED"), row(4, "LIVE")]  # type: ignore[arg-type]
    api = FakeAPI(page(*rows), NONE, NONE)
    assert read(api, clock, 5, may_miss=True) == {0: None, 2: None, 3: None, 4: "LIVE"}
    assert api.requests == [INVOKED, LIVE, ERRORED]


def test_livestream_that_goes_live_between_two_lists_is_in_the_next_one(clock: Clock) -> None:
    api = FakeAPI(NONE, NONE, page(row(0), row(1)))
    assert read(api, clock, 2, statuses=snapshot.LIVE_FIRST, may_miss=True) == {0: "LIVE", 1: "LIVE"}
    assert api.requests == [LIVE, INVOKED, LIVE]


@pytest.mark.parametrize(("number", "kept"), [(0, "LIVE"), (7, "INVOKED")], ids=["the same", "a newer one"])
def test_live_livestream_does_not_become_invoked_again(clock: Clock, number: int, kept: str) -> None:
    """The second list is older than the first. Another livestream of the meeting is newer."""
    api = FakeAPI(page(row(0)), page(row(number, "INVOKED", meeting_id=meeting(0))), NONE, NONE)
    assert read(api, clock, 2, statuses=snapshot.LIVE_FIRST, may_miss=True) == {0: kept, 1: None}
    assert api.requests == [LIVE, INVOKED, LIVE, ERRORED]


def test_list_that_fails_is_the_error(clock: Clock) -> None:
    api = FakeAPI(NONE, Reply(500))
    with pytest.raises(ServerError):
        read_lists(build_livestreams(api, clock, retries=0), [MEETING])
    assert api.requests == [INVOKED, LIVE]


# A 404 in place of a list

PROOF = ("GET", "/meetings", {"page_no": "1", "per_page": "1"}, None)
ALL = ("GET", "/livestreams", {"page_no": "1", "per_page": "1"}, None)


@pytest.mark.parametrize(("answer", "found"), [(ok([]), {0: None, 1: None}), (refusal(404), {})], ids=["a list", "404"])
def test_404_means_an_empty_list_only_if_the_list_of_all_answers(clock: Clock, answer: Reply, found: dict[int, None]) -> None:
    """The app behind it is proved once, and the list of all is asked for once."""
    api = FakeAPI(refusal(404), ok([]), refusal(404), refusal(404), answer)
    assert read(api, clock, 2) == found
    assert api.requests == [INVOKED, PROOF, LIVE, ERRORED, ALL]


def test_one_404_is_enough_to_ask_for_the_list_of_all(clock: Clock) -> None:
    """The results of the other lists stay valid."""
    api = FakeAPI(page(row(0, "INVOKED")), NONE, refusal(404), NONE, refusal(404))
    assert read(api, clock, 5, statuses=("INVOKED", "LIVE")) == {0: "INVOKED"}
    again = api.requests[3:]
    assert api.requests[:3] == [INVOKED, by_status("INVOKED", 2), LIVE]
    assert again == [INVOKED, ALL]


def test_list_of_all_is_asked_for_once_after_two_readings(clock: Clock) -> None:
    api = FakeAPI(refusal(404), ok([]), NONE, NONE, refusal(404), NONE, NONE, ok([]))
    assert read(api, clock, 3, settle=2.0) == dict.fromkeys(range(3))
    assert api.requests == [INVOKED, PROOF, LIVE, ERRORED, INVOKED, LIVE, ERRORED, ALL]


def test_list_of_all_that_fails_is_the_error(clock: Clock) -> None:
    api = FakeAPI(refusal(404), ok([]), NONE, NONE, Reply(500))
    with pytest.raises(ServerError):
        read_lists(build_livestreams(api, clock, retries=0), [MEETING])
    assert api.requests == [INVOKED, PROOF, LIVE, ERRORED, ALL]


def test_404_is_not_doubted_if_all_are_found(clock: Clock) -> None:
    api = FakeAPI(refusal(404), ok([]), NONE, page(row(0, "ERRORED"), row(1, "ERRORED")))
    assert read(api, clock, 2) == dict.fromkeys(range(2), "ERRORED")
    assert api.requests == [INVOKED, PROOF, LIVE, ERRORED]


def test_404_is_not_doubted_if_a_livestream_may_be_missed(clock: Clock) -> None:
    api = FakeAPI(refusal(404), ok([]), NONE, NONE)
    assert read(api, clock, 2, may_miss=True) == dict.fromkeys(range(2))
    assert api.requests == [INVOKED, PROOF, LIVE, ERRORED]


# A meeting that several lists show


@pytest.mark.parametrize(
    ("lists", "kept"),
    [
        ([["INVOKED"], ["LIVE"], []], "LIVE"),
        ([["INVOKED"], [], ["ERRORED"]], "INVOKED"),
        ([[], ["LIVE"], ["ERRORED"]], "LIVE"),
        ([["INVOKED"], ["LIVE"], ["ERRORED"]], "LIVE"),
        ([[], [], ["ERRORED", "ERRORED"]], "ERRORED"),
    ],
    ids=str,
)
def test_started_one_goes_before_a_failed_one_and_the_later_one_before_the_earlier(clock: Clock, lists: list[list[str]], kept: str) -> None:
    """The second meeting has none, so all lists are read."""
    api = FakeAPI(*[page(*[row(0, status) for status in each]) for each in lists])
    assert read(api, clock, 2, may_miss=True) == {0: kept, 1: None}
    assert api.requests == [INVOKED, LIVE, ERRORED]


# How far a list is read


@pytest.mark.parametrize("total", [200, 3, -1], ids=["many pages", "one more page", "no paging"])
@pytest.mark.parametrize("may_miss", [False, True])
def test_list_is_left_once_all_are_found(clock: Clock, may_miss: bool, total: int) -> None:
    api = FakeAPI(NONE, page(row(0), row(1), end=2, total=total))
    assert read(api, clock, 2, may_miss=may_miss) == {0: "LIVE", 1: "LIVE"}
    assert api.requests == [INVOKED, LIVE]


def test_list_is_given_up_once_its_pages_are_more_than_the_meetings_left(clock: Clock) -> None:
    """Two are left, and three pages. They may have something active, so they are not in the result."""
    api = FakeAPI(NONE, page(row(0), row(9), end=2, total=8), page(row(1, "ERRORED")), NONE)
    assert read(api, clock, 3) == {0: "LIVE", 1: "ERRORED"}
    assert api.requests == [INVOKED, LIVE, ERRORED, by_status("ERRORED", 2)]


def test_list_that_is_given_up_leaves_open_also_if_one_may_be_missed(clock: Clock) -> None:
    api = FakeAPI(NONE, page(row(0), row(9), end=2, total=8), page(row(1, "ERRORED")))
    assert read(api, clock, 3, may_miss=True) == {0: "LIVE", 1: "ERRORED"}
    assert api.requests == [INVOKED, LIVE, ERRORED]


def test_list_is_read_on_while_its_pages_are_no_more_than_the_meetings_left(clock: Clock) -> None:
    """Two are left, and two pages."""
    api = FakeAPI(NONE, page(row(0), row(9), end=2, total=6), page(row(8), row(1), end=4, total=6), page(row(7), row(2), end=6, total=6))
    assert read(api, clock, 3) == {0: "LIVE", 1: "LIVE", 2: "LIVE"}
    assert api.requests == [INVOKED, LIVE, by_status("LIVE", 2), by_status("LIVE", 3)]


@pytest.mark.parametrize("may_miss", [False, True])
def test_list_without_paging_is_given_up_after_more_pages_than_meetings(clock: Clock, may_miss: bool) -> None:
    pages = [page(row(number), total=-1) for number in (0, 7, 8)]
    api = FakeAPI(NONE, *pages, NONE)
    assert read(api, clock, 2, may_miss=may_miss) == {0: "LIVE"}
    assert api.requests == [INVOKED, LIVE, by_status("LIVE", 2), by_status("LIVE", 3), ERRORED]


# Lists of several pages


def several(*numbers: int) -> list[Reply]:
    """A list of three pages, one row on each, and the empty page behind them."""
    return [*[page(row(number), end=place, total=3) for place, number in enumerate(numbers, 1)], NONE]


PAGES = [by_status("LIVE", number) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("again", "found", "requests"),
    [
        (several(17, 18, 19), {}, PAGES),
        (several(18, 19, 2), {2: "LIVE"}, PAGES),
        ([page(*map(row, range(8)), end=8, total=10)], dict.fromkeys(range(8), "LIVE"), PAGES[:1]),
    ],
    ids=["still none", "on its last page", "all on its first page"],
)
def test_list_of_several_pages_is_read_twice_before_a_meeting_counts_as_off_air(
    clock: Clock, again: list[Reply], found: dict[int, str], requests: list[Any]
) -> None:
    """A livestream that changes its page while the list is read is on none of them. Empty lists are not read again."""
    api = FakeAPI(NONE, *several(17, 18, 19), NONE, *again)
    assert read(api, clock, 8) == {**dict.fromkeys(range(8)), **found}
    assert api.requests == [INVOKED, *PAGES, ERRORED, *requests]
    assert sum(clock.sleeps) == 0


def test_list_with_an_empty_page_behind_its_only_one_is_read_twice_as_well(clock: Clock) -> None:
    api = FakeAPI(NONE, page(row(0)), NONE, NONE, page(row(0)), NONE)
    assert read(api, clock, 5) == {**dict.fromkeys(range(5)), 0: "LIVE"}
    assert api.requests == [INVOKED, *PAGES[:2], ERRORED, *PAGES[:2]]


def test_list_of_several_pages_is_read_once_if_a_livestream_may_be_missed(clock: Clock) -> None:
    api = FakeAPI(NONE, *several(17, 18, 19)[:3], NONE)
    assert read(api, clock, 5, may_miss=True, settle=2.0) == dict.fromkeys(range(5))
    assert api.requests == [INVOKED, *PAGES[:3], ERRORED]
    assert clock.sleeps == []


@pytest.mark.parametrize("settle", [0.0, 2.0])
@pytest.mark.parametrize("left", [5, 6])
def test_lists_are_read_again_only_if_single_reads_cost_more(clock: Clock, left: int, settle: float) -> None:
    """The first reading took six pages. Fewer meetings than that stay out of the result."""
    api = FakeAPI(NONE, *several(17, 18, 19), NONE, *([NONE] if settle else []), *several(17, 18, 19), NONE)
    is_read_again = left == 6
    assert read(api, clock, left, settle=settle) == (dict.fromkeys(range(left)) if is_read_again else {})
    again = [INVOKED, *PAGES, ERRORED] if settle else PAGES
    assert api.requests == [INVOKED, *PAGES, ERRORED, *(again if is_read_again else [])]
    assert sum(clock.sleeps) == (settle if is_read_again else 0)


def test_failed_one_that_has_started_by_the_second_reading_counts_as_started(clock: Clock) -> None:
    failed = [page(row(0, "ERRORED")), NONE]
    api = FakeAPI(NONE, *several(17, 18, 19), *failed, *several(17, 18, 0), *failed)
    assert read(api, clock, 8) == {**dict.fromkeys(range(8)), 0: "LIVE"}
    errored = [ERRORED, by_status("ERRORED", 2)]
    assert api.requests == [INVOKED, *PAGES, *errored, *PAGES, *errored]


def test_second_reading_that_is_given_up_leaves_open(clock: Clock) -> None:
    """The list has grown in between."""
    api = FakeAPI(NONE, *several(17, 18, 19), NONE, page(row(17), end=1, total=30))
    assert read(api, clock, 6) == {}
    assert api.requests == [INVOKED, *PAGES, ERRORED, PAGES[0]]


# Lists that have to settle


def test_lists_are_all_read_again_once_they_have_settled(clock: Clock) -> None:
    """The second meeting has been started just before the first reading, and shows in the second one."""
    begun = clock()
    api = FakeAPI(NONE, NONE, NONE, page(row(1, "INVOKED")), NONE, NONE, NONE)
    assert read(api, clock, 3, settle=2.0) == {0: None, 1: "INVOKED", 2: None}
    assert api.requests == [INVOKED, LIVE, ERRORED, INVOKED, by_status("INVOKED", 2), LIVE, ERRORED]
    assert (clock.sleeps, clock() - begun) == ([2.0], 2.0)


@pytest.mark.parametrize("first", [True, False])
def test_lists_that_have_shown_all_need_not_settle(clock: Clock, first: bool) -> None:
    """The first reading is left then, or the second one."""
    shown = page(row(0, "INVOKED"), row(1, "INVOKED"), row(2, "INVOKED"))
    api = FakeAPI(*([] if first else [NONE, NONE, NONE]), shown)
    assert read(api, clock, 3, settle=2.0) == dict.fromkeys(range(3), "INVOKED")
    assert api.requests == ([INVOKED] if first else [INVOKED, LIVE, ERRORED, INVOKED])
    assert clock.sleeps == ([] if first else [2.0])

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which lists are read, in which order, how far, and how often. What a row must have is in test_snapshot_rows."""

from __future__ import annotations

from typing import Any, Sequence

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import snapshot
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import read_lists
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ServerError
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, by_status, meeting, page, row
from ansible_collections.streamops.realtimekit.tests.unit.fakes import MEETING, Clock, FakeAPI, Reply, build_livestreams, ok, refusal

NONE = page()


def read(api: FakeAPI, clock: Clock, count: int, **options: Any) -> dict[str, Any]:
    """The number of each meeting that the lists settle, with the status that they show, or None."""
    states = read_lists(build_livestreams(api, clock), [meeting(number) for number in range(count)], **options)
    return {int(meeting_id[-4:]): state and state["status"] for meeting_id, state in states.items()}


def test_bounds() -> None:
    assert (snapshot.LEAST, snapshot.LAG, snapshot.STATUSES) == (10, 2.0, ("INVOKED", "LIVE", "ERRORED"))


# Which lists


@pytest.mark.parametrize(
    ("statuses", "requests"),
    [
        ([None, None, None], [INVOKED, LIVE, ERRORED]),
        (["INVOKED", "INVOKED", "INVOKED"], [INVOKED]),
        (["LIVE", "LIVE", "LIVE"], [INVOKED, LIVE]),
        (["LIVE", "INVOKED", "LIVE"], [INVOKED, LIVE]),
        (["ERRORED", "ERRORED", "ERRORED"], [INVOKED, LIVE, ERRORED]),
        (["INVOKED", None, "ERRORED"], [INVOKED, LIVE, ERRORED]),
    ],
)
def test_lists_are_read_until_they_have_shown_all(clock: Clock, statuses: Sequence[str | None], requests: list[Any]) -> None:
    lists = [page(*[row(number, each) for number, each in enumerate(statuses) if each == status]) for status in snapshot.STATUSES]
    api = FakeAPI(*lists)
    assert read(api, clock, 3) == dict(enumerate(statuses))
    assert api.requests == requests


def test_only_the_lists_asked_for_are_read(clock: Clock) -> None:
    api = FakeAPI(page(row(0)), page(row(1, "ERRORED")))
    assert read(api, clock, 3, statuses=("LIVE", "ERRORED")) == {0: "LIVE", 1: "ERRORED", 2: None}
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
    assert read(api, clock, 5) == {0: None, 1: None, 2: None, 3: None, 4: "LIVE"}


def test_list_that_fails_is_the_error(clock: Clock) -> None:
    api = FakeAPI(NONE, Reply(500))
    with pytest.raises(ServerError):
        read_lists(build_livestreams(api, clock, retries=0), [MEETING])
    assert api.requests == [INVOKED, LIVE]


def test_app_behind_empty_lists_is_proved_once(clock: Clock) -> None:
    proof = ("GET", "/meetings", {"page_no": "1", "per_page": "1"}, None)
    api = FakeAPI(refusal(404), ok([]), refusal(404), refusal(404))
    assert read(api, clock, 2) == {0: None, 1: None}
    assert api.requests == [INVOKED, proof, LIVE, ERRORED]


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
    assert read(api, clock, 2) == {0: kept, 1: None}
    assert api.requests == [INVOKED, LIVE, ERRORED]


# How far a list is read


@pytest.mark.parametrize("total", [200, 3, -1], ids=["many pages", "one more page", "no paging"])
@pytest.mark.parametrize("is_guarded", [False, True])
def test_list_is_left_once_all_are_found(clock: Clock, is_guarded: bool, total: int) -> None:
    api = FakeAPI(NONE, page(row(0), row(1), end=2, total=total))
    assert read(api, clock, 2, is_guarded=is_guarded) == {0: "LIVE", 1: "LIVE"}
    assert api.requests == [INVOKED, LIVE]


def test_list_is_given_up_once_its_pages_are_more_than_the_meetings_left(clock: Clock) -> None:
    """Two are left, and three pages. They may have something active, so they are not in the result."""
    api = FakeAPI(NONE, page(row(0), row(9), end=2, total=8), page(row(1, "ERRORED")))
    assert read(api, clock, 3) == {0: "LIVE", 1: "ERRORED"}
    assert api.requests == [INVOKED, LIVE, ERRORED]


def test_list_is_read_on_while_its_pages_are_no_more_than_the_meetings_left(clock: Clock) -> None:
    """Two are left, and two pages."""
    api = FakeAPI(NONE, page(row(0), row(9), end=2, total=6), page(row(8), row(1), end=4, total=6), page(row(7), row(2), end=6, total=6))
    assert read(api, clock, 3) == {0: "LIVE", 1: "LIVE", 2: "LIVE"}
    assert api.requests == [INVOKED, LIVE, by_status("LIVE", 2), by_status("LIVE", 3)]


@pytest.mark.parametrize("is_guarded", [False, True])
def test_list_without_paging_is_given_up_after_more_pages_than_meetings(clock: Clock, is_guarded: bool) -> None:
    pages = [page(row(number), total=-1) for number in (0, 7, 8)]
    api = FakeAPI(NONE, *pages, NONE)
    assert read(api, clock, 2, is_guarded=is_guarded) == {0: "LIVE"}
    assert api.requests == [INVOKED, LIVE, by_status("LIVE", 2), by_status("LIVE", 3), ERRORED]


# Lists of several pages


def several(*numbers: int) -> list[Reply]:
    """A list of three pages, one row on each."""
    return [page(row(number), end=place, total=3) for place, number in enumerate(numbers, 1)]


THREE_PAGES = [by_status("LIVE", number) for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("again", "found", "requests"),
    [
        (several(7, 8, 9), {}, THREE_PAGES),
        (several(8, 9, 2), {2: "LIVE"}, THREE_PAGES),
        ([page(*map(row, range(1, 6)), end=5, total=7)], dict.fromkeys(range(1, 6), "LIVE"), THREE_PAGES[:1]),
    ],
    ids=["still none", "on its last page", "all on its first page"],
)
def test_list_of_several_pages_is_read_twice_before_a_meeting_counts_as_off_air(
    clock: Clock, again: list[Reply], found: dict[int, str], requests: list[Any]
) -> None:
    """A livestream that changes its page while the list is read is on none of them. Lists of one page are not read again."""
    api = FakeAPI(page(row(0, "INVOKED")), *several(7, 8, 9), NONE, *again)
    assert read(api, clock, 6) == {**dict.fromkeys(range(6)), 0: "INVOKED", **found}
    assert api.requests == [INVOKED, *THREE_PAGES, ERRORED, *requests]


def test_list_of_several_pages_is_read_once_if_the_write_is_guarded(clock: Clock) -> None:
    api = FakeAPI(NONE, *several(7, 8, 9), NONE)
    assert read(api, clock, 5, is_guarded=True) == dict.fromkeys(range(5))
    assert api.requests == [INVOKED, *THREE_PAGES, ERRORED]


@pytest.mark.parametrize("left", [4, 5])
def test_lists_are_read_again_only_if_single_reads_cost_more(clock: Clock, left: int) -> None:
    """The first reading took five pages. Fewer meetings than that stay out of the result."""
    api = FakeAPI(NONE, *several(7, 8, 9), NONE, *several(7, 8, 9))
    is_read_again = left == 5
    assert read(api, clock, left) == (dict.fromkeys(range(left)) if is_read_again else {})
    assert api.requests == [INVOKED, *THREE_PAGES, ERRORED, *(THREE_PAGES if is_read_again else [])]


def test_failed_one_that_has_started_by_the_second_reading_counts_as_started(clock: Clock) -> None:
    failed = page(row(0, "ERRORED"))
    api = FakeAPI(NONE, *several(7, 8, 9), failed, *several(7, 8, 0))
    assert read(api, clock, 6) == {**dict.fromkeys(range(6)), 0: "LIVE"}


def test_second_reading_that_is_given_up_leaves_open(clock: Clock) -> None:
    """The list has grown meanwhile."""
    api = FakeAPI(NONE, *several(7, 8, 9), NONE, page(row(7), end=1, total=30))
    assert read(api, clock, 6) == {}

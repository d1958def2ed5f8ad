# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists in all their shapes, through all their pages, also those that lie or do not end."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ApiError, LostAnswerError, NotFoundError
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    Clock,
    FakeAPI,
    Reply,
    build_livestreams,
    listing,
    ok,
    refusal,
)


def rows(*ids: int) -> list[dict[str, Any]]:
    return [{"id": f"stream-{each}", "status": "IDLE"} for each in ids]


def paging(end: Any, total: Any) -> dict[str, Any]:
    return {"total_count": total, "start_offset": 1, "end_offset": end}


def page(ids: list[int], end: Any, total: Any) -> Reply:
    return ok(rows(*ids), paging=paging(end, total))


def found(livestreams: Livestreams, **filters: Any) -> list[int]:
    return [int(each["id"].split("-")[1]) for each in livestreams.find(**filters)]


EMPTY = ok([])

# Rows and paging in the shapes that are known.
ONE_PAGE = {
    "list, paging beside it": ok(rows(1, 2), paging=paging(2, 2)),
    "list inside, paging beside it": ok({"livestreams": rows(1, 2), "paging": paging(2, 2)}),
    "data inside data": ok({"data": rows(1, 2), "paging": paging(2, 2)}),
    "both inside": ok({"livestreams": rows(1, 2), "data": [], "paging": paging(2, 2)}),
    "list inside, paging outside": ok({"livestreams": rows(1, 2)}, paging=paging(2, 2)),
    "result": Reply(200, {"result": rows(1, 2), "paging": paging(2, 2)}),
    "numbers as strings": ok(rows(1, 2), paging=paging("2", "2")),
    "numbers with a point": ok(rows(1, 2), paging=paging(2.0, "2.0")),
    "more than there are": ok(rows(1, 2), paging=paging(100, 2)),
}


@pytest.mark.parametrize("answer", ONE_PAGE.values(), ids=ONE_PAGE)
def test_one_page(clock: Clock, answer: Reply) -> None:
    api = FakeAPI(answer)
    assert found(build_livestreams(api, clock)) == [1, 2]
    assert api.requests == [listing()]


@pytest.mark.parametrize(
    "data",
    [rows(1)[0], {"livestreams": rows(1)}, {"livestreams": None, "data": rows(1)}, {**rows(1)[0], "livestreams": "none"}],
    ids=["single object", "list inside", "the second list", "object with an odd list"],
)
def test_list_without_paging_ends_with_what_brings_nothing_new(clock: Clock, data: Any) -> None:
    api = FakeAPI(ok(data), ok(data))
    assert found(build_livestreams(api, clock)) == [1]
    assert api.requests == [listing(1), listing(2)]


def test_404_in_the_middle_of_a_list_is_an_error(clock: Clock) -> None:
    """More rows are counted: taken for the end, it would have the names of the rest created again."""
    with pytest.raises(NotFoundError):
        found(build_livestreams(FakeAPI(page([1], 1, 3), refusal(404), ok([])), clock))


@pytest.mark.parametrize("data", [[], None, {}, {"livestreams": []}, {"data": []}, {"paging": paging(0, 0)}], ids=str)
def test_empty_list(clock: Clock, data: Any) -> None:
    api = FakeAPI(ok(data))
    assert found(build_livestreams(api, clock)) == []
    assert api.requests == [listing()]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("none", "something other than a list"),
        (7, "something other than a list"),
        ([{"name": "x"}], "a list in which a row has no id"),
        ([*rows(1), {"id": None}], "a list in which a row has no id"),
        ([*rows(1), None], "a list in which a row has no id"),
        ([*rows(1), "x"], "a list in which a row has no id"),
        ([*rows(1), {"id": ""}], "a list in which a row has no id"),
        ([*rows(1), {"id": {"a": 1}}], "a list in which a row has no id"),
        ([*rows(1), {"id": 7}], "a list in which a row has no id"),
        ({"id": ["x"]}, "a list in which a row has no id"),
        ({"items": [], "paging": {}}, "something other than a list"),
        ({"name": "x"}, "something other than a list"),
        ({"status": "LIVE", "paging": {}}, "something other than a list"),
    ],
    ids=str,
)
def test_odd_list_is_lost(clock: Clock, data: Any, words: str) -> None:
    api = FakeAPI(*[ok(data)] * 2)
    with pytest.raises(LostAnswerError) as caught:
        found(build_livestreams(api, clock, retries=1))
    assert str(caught.value) == f"GET /livestreams: answered 200 with {words}"


# Pages


HUNDRED = list(range(1, 101))
PAGES = {
    "full pages": ([page([1, 2], 2, 5), page([3, 4], 4, 5), page([5], 5, 5)], [1, 2, 3, 4, 5]),
    "short pages": ([page([1], 1, 3), page([2], 2, 3), page([3], 3, 3)], [1, 2, 3]),
    "pages without paging": ([ok(rows(1, 2)), ok(rows(3)), EMPTY], [1, 2, 3]),
    "pages without paging, the last repeated": ([ok(rows(1, 2)), ok(rows(3)), ok(rows(3))], [1, 2, 3]),
    "total too high": ([page([1, 2], 2, 9), page([3], 3, 9), page([], 3, 9)], [1, 2, 3]),
    "total too low": ([page([1, 2], 2, 1), EMPTY], [1, 2]),
    "total of nothing": ([page([1, 2], 2, 0), page([3], 3, 0), page([], 3, 0)], [1, 2, 3]),
    "total of the page alone": ([page(HUNDRED, 100, 100), page([101, 102], 102, 2), page([], 102, 0)], [*HUNDRED, 101, 102]),
    "full last page": ([page(HUNDRED, 100, 100), page([], 100, 100)], HUNDRED),
    "full last page, repeated": ([page(HUNDRED, 100, 100), page(HUNDRED, 100, 100)], HUNDRED),
    "full last page, and 404 behind it": ([page(HUNDRED, 100, 100), refusal(404)], HUNDRED),
    "404 behind pages without paging": ([ok(rows(1)), refusal(404)], [1]),
    "total grows": ([page([1, 2], 2, 3), page([3, 4], 4, 5), page([5], 5, 5)], [1, 2, 3, 4, 5]),
    "end of no page": ([page([1, 2], 0, 3), page([3], 0, 3), page([], 0, 3)], [1, 2, 3]),
    "end is null": ([page([1, 2], None, 2), page([1, 2], None, 2)], [1, 2]),
    "total is null": ([page([1, 2], 2, None), page([1, 2], 2, None)], [1, 2]),
    "odd numbers": ([page([1, 2], "x", "nan"), EMPTY], [1, 2]),
    "endless numbers": ([page([1, 2], "inf", "1e999"), EMPTY], [1, 2]),
    "odd paging": ([ok({"livestreams": rows(1), "paging": "none"}), EMPTY], [1]),
    "overlap": ([page([1, 2], 2, 4), page([2, 3], 4, 4)], [1, 2, 3]),
    "one page of nothing new": ([page([1, 2], 2, 5), page([1, 2], 2, 5), page([3, 4, 5], 5, 5)], [1, 2, 3, 4, 5]),
    "twice nothing new": ([page([1], 1, 3), page([1], 1, 3), page([1], 1, 3), page([2], 2, 3), page([3], 3, 3)], [1, 2, 3]),
    "nothing new, now and then": (
        [page([1], 1, 9), page([1], 1, 9), page([1], 1, 9), page([2], 1, 9), page([1], 1, 9), page([1], 1, 9), page([3], 9, 9)],
        [1, 2, 3],
    ),
    "one row twice": ([page([1, 1, 2], 3, 3)], [1, 2]),
}


@pytest.mark.parametrize(("answers", "ids"), PAGES.values(), ids=PAGES)
def test_pages(clock: Clock, answers: list[Reply], ids: list[int]) -> None:
    api = FakeAPI(*answers)
    assert found(build_livestreams(api, clock)) == ids
    assert api.requests == [listing(page_no) for page_no in range(1, len(answers) + 1)]
    assert clock.sleeps == []


@pytest.mark.parametrize(("before", "last"), [(0, 4), (2, 6)], ids=["at once", "after two pages"])
def test_page_that_repeats_for_ever_ends(clock: Clock, before: int, last: int) -> None:
    news = [page([100 + each], each, 99) for each in range(before)]
    api = FakeAPI(*news, *[page([1, 2], 2, 99)] * 4)
    with pytest.raises(LostAnswerError) as caught:
        found(build_livestreams(api, clock))
    assert str(caught.value) == (
        f"GET /livestreams: page {last} of the list has no new rows and is not the last one: the list does not end"
    )
    assert len(api.requests) == last


@pytest.mark.parametrize("data", [[], None, {"livestreams": []}], ids=str)
def test_first_page_without_rows_of_a_list_that_has_some_is_lost(clock: Clock, data: Any) -> None:
    """Taken for an empty list, it would have everything created again."""
    api = FakeAPI(ok(data, paging=paging(0, 3)))
    with pytest.raises(LostAnswerError) as caught:
        found(build_livestreams(api, clock))
    assert str(caught.value) == "GET /livestreams: the list has 3 rows, but its first page has none"


def test_pages_are_read_as_they_are_asked_for(clock: Clock) -> None:
    api = FakeAPI(page([1, 2], 2, 9))
    assert len(list(islice(build_livestreams(api, clock).find(), 2))) == 2
    assert api.requests == [listing()]


def test_page_that_fails(clock: Clock) -> None:
    api = FakeAPI(page([1, 2], 2, 9), refusal(403))
    with pytest.raises(ApiError, match="answered 403"):
        found(build_livestreams(api, clock))


# Filters


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ({}, {}),
        ({"exclude_meetings": True}, {"exclude_meetings": "true"}),
        ({"exclude_meetings": False}, {}),
        ({"status": "LIVE", "start_time": None, "sort_order": None}, {"status": "LIVE"}),
        (
            {"start_time": "2026-11-20T09:00:00Z", "end_time": "2026-11-21T09:00:00Z", "sort_order": "DSC"},
            {"start_time": "2026-11-20T09:00:00Z", "end_time": "2026-11-21T09:00:00Z", "sort_order": "DSC"},
        ),
    ],
    ids=str,
)
def test_filters_go_with_every_page(clock: Clock, filters: dict[str, Any], query: dict[str, str]) -> None:
    api = FakeAPI(page([1], 1, 2), page([2], 2, 2))
    assert found(build_livestreams(api, clock), **filters) == [1, 2]
    assert api.requests == [listing(1, **query), listing(2, **query)]


@pytest.mark.parametrize(("exclude", "ids"), [(True, [1, 3, 4]), (False, [1, 2, 3, 4])])
def test_meetings_are_excluded_here_also(clock: Clock, exclude: bool, ids: list[int]) -> None:
    """Should the API not know the filter, as the predecessor did not."""
    answer = [{**row, "meeting_id": meeting} for row, meeting in zip(rows(1, 2, 3, 4), (None, "meeting", "", None))]
    assert found(build_livestreams(FakeAPI(ok(answer, paging=paging(4, 4))), clock), exclude_meetings=exclude) == ids


def test_empty_first_page_of_a_list_that_has_rows_is_not_an_empty_list(clock: Clock) -> None:
    """Taken for one, it would have names created that are there."""
    api = FakeAPI(ok([], paging={"total_count": 3, "start_offset": 1, "end_offset": 0}))
    with pytest.raises(LostAnswerError, match="the list has 3 rows, but its first page has none"):
        found(build_livestreams(api, clock))

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages that are read side by side, ahead of the one that is asked for: how many, in which order, and what comes of untrue counts."""

from __future__ import annotations

import threading
from typing import Any, Iterator

import pytest
import requests
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.paging import Page, read_pages
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import find_livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ApiError, LostAnswerError, NotFoundError
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Answer, Clock, FakeAPI, Reply, build_client, listing, ok, refusal


def page(number: int, size: int, total: Any, *, rows: int | None = None) -> Reply:
    """Page ``number`` of a list with ``size`` rows to a page, of which it may have fewer."""
    first = (number - 1) * size
    count = size if rows is None else rows
    data = [{"id": f"stream-{first + each}"} for each in range(1, count + 1)]
    return ok(data, paging={"total_count": total, "start_offset": first + 1, "end_offset": first + count})


class FakeList(FakeAPI):
    """A list by its pages. Another page than these fails the test."""

    def __init__(self, *pages: Answer) -> None:
        super().__init__()
        self._pages = dict(enumerate(pages, start=1))

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        number = int(query["page_no"])
        return self._pages.get(number) or pytest.fail(f"page {number} was asked for")

    @property
    def asked_for(self) -> list[int]:
        """The pages, in the order of their numbers: side by side, any of them may come first."""
        return sorted(int(query["page_no"]) for _method, _path, query, _body in self.requests)


def read(api: FakeAPI, clock: Clock, connections: int, **how: Any) -> Iterator[Page]:
    return read_pages(build_client(api, clock, connections=connections, retries=0), ("livestreams",), {}, find_livestreams, **how)


def numbers(pages: Iterator[Page]) -> list[int]:
    """The rows of all pages, by the number in their ids."""
    return [int(row["id"].split("-")[1]) for page in pages for row in page.rows]


def full(count: int, size: int = 2) -> list[Reply]:
    """All pages of a list that counts its rows."""
    return [page(number, size, count * size) for number in range(1, count + 1)]


# How many


@pytest.mark.parametrize(
    ("connections", "pages", "asked_for"),
    [
        (1, 4, [1, 2, 3, 4]),
        (2, 4, [1, 3, 3, 4]),
        (2, 6, [1, 3, 3, 5, 5, 6]),
        (3, 7, [1, 3, 3, 6, 6, 6, 7]),
        (3, 5, [1, 3, 3, 5, 5]),
        (8, 2, [1, 2]),
        (8, 3, [1, 3, 3]),
        (8, 1, [1]),
        (8, 30, [1, *[3] * 2, *[7] * 4, *[15] * 8, *[23] * 8, *[30] * 7]),
        (32, 40, [1, *[3] * 2, *[7] * 4, *[15] * 8, *[31] * 16, *[40] * 9]),
        (32, 70, [1, *[3] * 2, *[7] * 4, *[15] * 8, *[31] * 16, *[63] * 32, *[70] * 7]),
    ],
)
def test_each_batch_is_twice_as_long_up_to_the_connections(clock: Clock, connections: int, pages: int, asked_for: list[int]) -> None:
    """``asked_for``: how many pages were asked for once each page was there. A reader that wants a few costs a few."""
    api = FakeList(*full(pages))
    seen = [(each.number, len(api.requests)) for each in read(api, clock, connections)]
    assert seen == list(enumerate(asked_for, start=1))
    assert sorted(api.requests, key=lambda sent: int(sent[2]["page_no"])) == [listing(number) for number in range(1, pages + 1)]


def test_eager_reader_has_as_many_pages_read_as_there_are_connections(clock: Clock) -> None:
    api = FakeList(*full(12))
    seen = [(each.number, len(api.requests)) for each in read(api, clock, 4, is_eager=True)]
    assert seen == list(enumerate([1, *[5] * 4, *[9] * 4, *[12] * 3], start=1))


@pytest.mark.parametrize(("wanted", "asked_for"), [(0, 0), (1, 1), (2, 3), (3, 3), (4, 6), (6, 6), (7, 9)])
def test_reader_that_stops_reads_nothing_more(clock: Clock, wanted: int, asked_for: int) -> None:
    api = FakeList(*full(20))
    pages = read(api, clock, 3)
    for _unused in range(wanted):
        next(pages)
    pages.close()  # type: ignore[attr-defined]
    assert api.asked_for == list(range(1, asked_for + 1))


def test_pages_are_read_at_the_same_time(clock: Clock) -> None:
    """Each waits for the others of its batch."""
    first, second = threading.Barrier(2), threading.Barrier(3)
    batches = {2: first, 3: first, 4: second, 5: second, 6: second}

    class Together(FakeList):
        def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
            number = int(str(request.url).split("page_no=")[1].split("&")[0])
            if number in batches:
                batches[number].wait(60)
            return super().send(request, **options)

    assert numbers(read(Together(*full(6)), clock, 3)) == list(range(1, 13))


def test_list_that_a_worker_reads_is_read_page_by_page(clock: Clock) -> None:
    """In its own thread: the others have the other connections."""
    api = FakeList(*full(7))
    client = build_client(api, clock, connections=3, retries=0)
    both_read = threading.Barrier(2)
    before = threading.active_count()
    counts: set[int] = set()

    def work(_item: int) -> list[int]:
        found = []
        for each in read_pages(client, ("livestreams",), {}, find_livestreams):
            both_read.wait(60)
            counts.add(threading.active_count() - before)
            found.append(each.number)
        return found

    assert client.side_by_side(work, [1, 2]) == [list(range(1, 8))] * 2
    assert max(counts) <= 2
    assert api.asked_for == sorted([*range(1, 8)] * 2)


def test_page_that_comes_first_is_not_taken_first(clock: Clock) -> None:
    third_came = threading.Event()

    class ThirdBeforeSecond(FakeList):
        def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
            if "page_no=2" in str(request.url):
                assert third_came.wait(60)
            response = super().send(request, **options)
            if "page_no=3" in str(request.url):
                third_came.set()
            return response

    api = ThirdBeforeSecond(*full(3))
    assert [each.number for each in read(api, clock, 2)] == [1, 2, 3]
    assert api.requests == [listing(1), listing(3), listing(2)]


@pytest.mark.parametrize("connections", [1, 8])
def test_list_may_be_read_from_another_page_on(clock: Clock, connections: int) -> None:
    api = FakeList(*full(5))
    assert numbers(read(api, clock, connections, first_page=4)) == [7, 8, 9, 10]
    assert api.asked_for == [4, 5]


def test_capped_pages_are_counted_by_the_rows_that_they_have(clock: Clock) -> None:
    """Asked for a hundred rows, the API gives fifty: 250 rows are five pages then."""
    api = FakeList(*full(5, size=50))
    assert numbers(read(api, clock, 8)) == list(range(1, 251))
    assert api.asked_for == [1, 2, 3, 4, 5]


# Rows that more than one page has


def test_row_that_was_pushed_to_the_next_page_counts_once(clock: Clock) -> None:
    """New rows came in front while the pages were read."""
    pushed = [page(1, 2, 6), ok([{"id": "stream-2"}, {"id": "stream-3"}], paging={"end_offset": 4, "total_count": 6}), page(3, 2, 6)]
    found = list(read(FakeList(*pushed), clock, 8))
    assert [[row["id"] for row in each.rows] for each in found] == [
        ["stream-1", "stream-2"],
        ["stream-3"],
        ["stream-5", "stream-6"],
    ]
    assert [(each.number, each.size, each.end, each.total) for each in found] == [(1, 2, 2, 6), (2, 2, 4, 6), (3, 2, 6, 6)]


class GrowingList(FakeList):
    """Six rows, and one more in front of them once the first page was read. Page ``late`` shows that only when it is read again."""

    def __init__(self, late: int) -> None:
        super().__init__()
        self._late = late
        self._seen: set[int] = set()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        number = int(query["page_no"])
        is_old = number == 1 or (number == self._late and number not in self._seen)
        self._seen.add(number)
        ids = range(1, 7) if is_old else range(7)
        first = 2 * (number - 1)
        data = [{"id": f"stream-{each}"} for each in ids[first : first + 2]]
        return ok(data, paging={"total_count": len(ids), "end_offset": first + len(data)})


def test_row_that_was_pushed_behind_a_page_that_was_read_ahead_is_not_lost(clock: Clock) -> None:
    """Page 3 was read before a new row came in front, and page 2 after that: row 4 was on neither of them."""
    api = GrowingList(late=3)
    assert numbers(read(api, clock, 2)) == [1, 2, 3, 4, 5, 6]
    assert api.asked_for == [1, 2, 3, 3, 4]


def test_list_that_grew_before_the_batch_is_read_whole(clock: Clock) -> None:
    api = GrowingList(late=1)
    assert numbers(read(api, clock, 2)) == [1, 2, 3, 4, 5, 6]
    assert api.asked_for == [1, 2, 3, 3, 4]


def test_pages_that_bring_nothing_new_end_a_list_read_side_by_side(clock: Clock) -> None:
    api = FakeList(*[page(1, 2, 1000)] * 7)
    with pytest.raises(LostAnswerError) as caught:
        numbers(read(api, clock, 3))
    assert str(caught.value) == "GET /livestreams: page 4 of the list has no new rows and is not the last one: the list does not end"
    assert api.asked_for == [1, 2, 3, 3, 4]


# Untrue counts


def two_pages(total: Any) -> list[Answer]:
    return [page(1, 2, total), page(2, 2, total)]


EMPTY = ok([])
GONE = refusal(404)
#: The paging of the first two pages, the pages behind them, the rows found, and the last page requested.
BEYOND: dict[str, tuple[list[Answer], Answer, list[int], int]] = {
    "count far too high": (two_pages(900), EMPTY, [1, 2, 3, 4], 3),
    "count far too high of more pages": ([page(number, 2, 900) for number in range(1, 5)], EMPTY, [1, 2, 3, 4, 5, 6, 7, 8], 6),
    "count beyond all lists": (two_pages(10**30), EMPTY, [1, 2, 3, 4], 3),
    "negative end": (
        [ok([{"id": f"stream-{each}"}], paging={"end_offset": -(10**9), "total_count": 9}) for each in (1, 2)],
        EMPTY,
        [1, 2],
        3,
    ),
    "infinite count": (two_pages("inf"), EMPTY, [1, 2, 3, 4], 3),
    "count that overflows": (two_pages("1e999"), EMPTY, [1, 2, 3, 4], 3),
    "count that is no number": (two_pages("nan"), EMPTY, [1, 2, 3, 4], 3),
    "no count": (two_pages(None), EMPTY, [1, 2, 3, 4], 3),
    "no count, 404 at the end": (two_pages(None), GONE, [1, 2, 3, 4], 3),
    "count of nothing": (two_pages(0), EMPTY, [1, 2, 3, 4], 3),
    "count of nothing, 404 at the end": (two_pages(0), GONE, [1, 2, 3, 4], 3),
    "count that shrinks": ([page(1, 2, 900), page(2, 2, 4)], EMPTY, [1, 2, 3, 4], 3),
    "count that shrinks, 404 at the end": ([page(1, 2, 900), page(2, 2, 4)], GONE, [1, 2, 3, 4], 3),
}


@pytest.mark.parametrize(("answers", "behind", "rows", "last"), BEYOND.values(), ids=BEYOND)
def test_untrue_count_costs_a_batch_at_most(clock: Clock, answers: list[Answer], behind: Answer, rows: list[int], last: int) -> None:
    api = FakeList(*answers, *[behind] * 10)
    assert numbers(read(api, clock, 3)) == rows
    assert api.asked_for == list(range(1, last + 1))


def test_count_that_grows_is_followed(clock: Clock) -> None:
    api = FakeList(page(1, 2, 4), page(2, 2, 8), page(3, 2, 8), page(4, 2, 8))
    assert numbers(read(api, clock, 8)) == list(range(1, 9))
    assert api.asked_for == [1, 2, 3, 4]


def test_full_pages_are_doubted(clock: Clock) -> None:
    """One more page is read after the last one that was counted, which may answer 404."""
    api = FakeList(page(1, 100, 200), page(2, 100, 200), GONE)
    assert numbers(read(api, clock, 8)) == list(range(1, 201))
    assert api.asked_for == [1, 2, 3]


@pytest.mark.parametrize("connections", [1, 3])
def test_404_where_more_rows_were_counted_is_an_error(clock: Clock, connections: int) -> None:
    """Rows that were never read must not count as absent."""
    api = FakeList(page(1, 2, 9), GONE, GONE, GONE)
    pages = read(api, clock, connections)
    assert next(pages).number == 1
    with pytest.raises(NotFoundError, match="GET /livestreams answered 404"):
        next(pages)


def test_404_of_the_first_page_is_for_the_caller(clock: Clock) -> None:
    api = FakeList(GONE)
    with pytest.raises(NotFoundError):
        next(read(api, clock, 8))
    assert api.asked_for == [1]


def test_page_that_fails_fails_the_list(clock: Clock) -> None:
    pages = read(FakeList(page(1, 2, 8), page(2, 2, 8), refusal(422), page(4, 2, 8)), clock, 8)
    assert next(pages).number == 1
    with pytest.raises(ApiError, match="answered 422"):
        list(pages)


def test_refused_token_ends_the_list(clock: Clock) -> None:
    api = FakeList(page(1, 2, 100), *[refusal(403)] * 50)
    with pytest.raises(ApiError, match="answered 403"):
        list(read(api, clock, 1))
    assert api.asked_for == [1, 2]


def test_page_without_paging_still_reports_its_size(clock: Clock) -> None:
    api = FakeList(ok([{"id": "a"}, {"id": "b"}]), ok([{"id": "b"}, {"id": "c"}, {"id": "d"}]), EMPTY)
    found = list(read(api, clock, 8))
    assert [(len(each.rows), each.size, each.end, each.total) for each in found] == [
        (2, 2, None, None),
        (2, 3, None, None),
        (0, 0, None, None),
    ]


# To the end

#: The pages before what is behind them, the rows that are found, and the last page that is asked for.
TO_THE_END: dict[str, tuple[list[Answer], list[int], int]] = {
    "true count": (full(2), [1, 2, 3, 4], 3),
    "count of one page": ([page(1, 2, 2)], [1, 2], 2),
    "count too low": ([page(1, 2, 2), page(2, 2, 2), page(3, 2, 2)], [1, 2, 3, 4, 5, 6], 4),
    "count of nothing": ([page(1, 2, 0), page(2, 2, 0)], [1, 2, 3, 4], 3),
    "count too high": (two_pages(900), [1, 2, 3, 4], 3),
    "no count": (two_pages(None), [1, 2, 3, 4], 3),
    "no count, and a page of nothing new": ([page(1, 2, None), page(1, 2, None), page(3, 2, None)], [1, 2, 5, 6], 4),
    "last page of nothing new": ([page(1, 2, 4), page(2, 2, 4), page(2, 2, 4)], [1, 2, 3, 4], 4),
    "short page in between": ([page(1, 2, 3), page(2, 2, 3, rows=1), page(3, 2, 3)], [1, 2, 3, 5, 6], 4),
    "nothing at all": ([], [], 1),
}


@pytest.mark.parametrize("connections", [1, 8])
@pytest.mark.parametrize(("answers", "rows", "last"), TO_THE_END.values(), ids=TO_THE_END)
def test_no_count_ends_a_list_that_is_read_to_the_end(
    clock: Clock, connections: int, answers: list[Answer], rows: list[int], last: int
) -> None:
    """An empty page does."""
    api = FakeList(*answers, *[EMPTY] * 3)
    pages = list(read(api, clock, connections, to_the_end=True))
    assert numbers(iter(pages)) == rows
    assert (pages[-1].rows, pages[-1].size, pages[-1].number) == ([], 0, last)
    assert sorted(set(api.asked_for)) == list(range(1, last + 1))


@pytest.mark.parametrize("connections", [1, 8])
def test_end_is_not_read_ahead_of_the_count(clock: Clock, connections: int) -> None:
    """A page beyond the count probably does not exist."""
    api = FakeList(*full(3), *[EMPTY] * 9)
    assert numbers(read(api, clock, connections, to_the_end=True)) == [1, 2, 3, 4, 5, 6]
    assert api.asked_for == [1, 2, 3, 4]


@pytest.mark.parametrize("connections", [1, 8])
@pytest.mark.parametrize("total", [4, 0, None])
def test_404_beyond_a_counted_end_is_the_end(clock: Clock, connections: int, total: Any) -> None:
    api = FakeList(*two_pages(total), GONE)
    assert numbers(read(api, clock, connections, to_the_end=True)) == [1, 2, 3, 4]
    assert api.asked_for == [1, 2, 3]


@pytest.mark.parametrize("connections", [1, 8])
def test_404_before_a_counted_end_is_not_the_end(clock: Clock, connections: int) -> None:
    with pytest.raises(NotFoundError):
        list(read(FakeList(*two_pages(9), *[GONE] * 4), clock, connections, to_the_end=True))


@pytest.mark.parametrize("total", [2, 0, None, 900])
def test_end_that_does_not_come_is_an_error(clock: Clock, total: Any) -> None:
    """An API that gives its last page for each one behind it."""
    api = FakeList(*[page(1, 2, total)] * 9)
    with pytest.raises(LostAnswerError) as caught:
        list(read(api, clock, 1, to_the_end=True))
    assert str(caught.value) == "GET /livestreams: page 4 of the list has no new rows and is not the last one: the list does not end"
    assert api.asked_for == [1, 2, 3, 4]


# When a page left


class Slow(FakeList):
    """Each answer takes ten seconds."""

    def __init__(self, clock: Clock, *pages: Answer) -> None:
        super().__init__(*pages)
        self._clock = clock

    def answer(self, *sent: Any) -> Answer:
        self._clock.now += 10
        return super().answer(*sent)


def test_page_knows_when_its_request_left(clock: Clock) -> None:
    assert [each.sent_at for each in read(Slow(clock, *full(3)), clock, 1)] == [5000.0, 5010.0, 5020.0]


def test_page_that_was_read_ahead_is_as_old_as_its_request(clock: Clock) -> None:
    """Not as young as the moment at which it is asked for."""
    times = []
    for each in read(FakeList(*full(4)), clock, 2):
        times.append(each.sent_at)
        clock.now += 100
    assert times == [5000.0, 5100.0, 5100.0, 5300.0]


# What a page shows about later pages


@pytest.mark.parametrize(
    ("page", "is_full", "left"),
    [
        (Page([], 2, 6, size=2), True, 2),
        (Page([], 2, 7, size=2), True, 3),
        (Page([], 2, 3, size=2), True, 1),
        (Page([], 2, 2, size=2), False, 0),
        (Page([], 4, 2, size=2), False, 0),
        (Page([], 100, 101, size=50), True, 1),
        (Page([], 0, 0, size=2), False, 0),
        (Page([], None, 6, size=2), False, 0),
        (Page([], 2, None, size=2), False, 0),
        (Page([]), False, 0),
        (Page([], 0, 900, size=0), True, 0),
        (Page([], 0, 10**400, size=100), True, 10**7),
        (Page([], 0, float("inf"), size=100), True, 10**7),
        (Page([], 2.5, 6.0, size=2), True, 2),
    ],
    ids=repr,
)
def test_pages_left(page: Page, is_full: bool, left: int) -> None:
    """By the rows that it had as it came: those that an earlier page had are not in ``rows``."""
    assert (page.is_full, page.pages_left) == (is_full, left)


def test_page_that_was_read_before_the_list_grew_is_read_again(clock: Clock) -> None:
    """Page 2 was sent again. By then, four new rows were in front, and all of its rows were new."""

    class Growing(FakeList):
        def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
            is_first = (method, path, query, body) not in self.requests[:-1]
            return page(3, 2, 6) if query["page_no"] == "3" and is_first else super().answer(method, path, query, body)

    def pushed_back(number: int, *rows: int) -> Reply:
        paging = {"total_count": 10, "start_offset": 2 * number - 1, "end_offset": 2 * number}
        return ok([{"id": f"stream-{row}"} for row in rows], paging=paging)

    late = [pushed_back(2, 12, 11), pushed_back(3, 1, 2), pushed_back(4, 3, 4), pushed_back(5, 5, 6)]
    assert numbers(read(Growing(page(1, 2, 6), *late), clock, 8)) == [1, 2, 12, 11, 3, 4, 5, 6]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which part of the list of names is read again, and rows that appear in between."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import USED_UP, created, page, rows
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OURS,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    build_livestreams,
    create,
    listing,
    livestream,
    ok,
    refusal,
)
from ansible_collections.streamops.realtimekit.tests.unit.timing import measure_time


def test_only_the_end_of_a_long_list_is_read_again(clock: Clock) -> None:
    query = {"exclude_meetings": "true", "sort_order": "ASC"}
    first, last = rows(*["x"] * 2), rows("y", first=3)
    new = livestream(OURS, "IDLE", name="a", created_at="2026-11-20T09:01:00.000Z")
    api = FakeAPI(
        page(first, 2, 3),
        Reply(200, page(last, 3, 3).body, USED_UP),
        page(last, 3, 3),
        created("a"),
        page([*last, new], 4, 4),
    )
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [listing(1, **query), listing(2, **query), listing(2, **query), create("a"), listing(2, **query)]


def test_list_that_is_not_in_order_is_read_again_whole(clock: Clock) -> None:
    """New rows may then come anywhere."""
    query = {"exclude_meetings": "true", "sort_order": "ASC"}
    newest, oldest = rows("y", first=3), rows("x", "x")
    new = livestream(OURS, "IDLE", name="a", created_at="2026-11-20T09:01:00.000Z")
    api = FakeAPI(page(newest, 1, 3), page(oldest, 3, 3), created("a"), page([new, *newest], 2, 4), page(oldest, 4, 4))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed, outcome.after["created_at"]) == (None, True, new["created_at"])
    assert api.requests == [listing(1, **query), listing(2, **query), create("a"), listing(1, **query), listing(2, **query)]


@pytest.mark.parametrize(
    ("dates", "is_sorted"),
    [
        (("2026-11-20T09:00:00.000Z", "2026-11-20T09:00:00.001Z"), True),
        (("2026-11-20T09:00:00.000Z", "2026-11-20T09:00:00.000Z"), False),
        (("2026-11-20T09:00:00.000Z", None), False),
        ((None, None), False),
        ((None, "2026-11-20T09:00:00.000Z"), False),
    ],
    ids=["older first", "same moment", "no date behind one", "no dates", "a date behind none"],
)
def test_order_of_the_list_is_judged_by_its_dates(clock: Clock, dates: tuple[str | None, ...], is_sorted: bool) -> None:
    query = {"exclude_meetings": "true", "sort_order": "ASC"}
    first, last = (livestream(f"id-{number}", "IDLE", name="x", created_at=date) for number, date in enumerate(dates))
    found = [page([last, livestream(OURS, name="a")], 3, 3)]
    api = FakeAPI(page([first], 1, 2), page([last], 2, 2), created("a"), *([] if is_sorted else [page([first], 1, 3)]), *found)
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests[3] == listing(2 if is_sorted else 1, **query)


class Growing(FakeAPI):
    """A list that grows between listings: for each listing, the number of rows from this page on."""

    def __init__(self, size: int, *counts: int, headers: Any = None) -> None:
        super().__init__()
        self._size, self._counts, self._headers = size, iter(counts), headers
        self.names = ["x"] * 99

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if method == "POST":
            return refusal(403)
        number = int(query["page_no"])
        found = rows(*self.names[: next(self._counts)])
        return ok(found[(number - 1) * self._size : number * self._size])  # without paging


def test_row_that_comes_to_a_page_after_it_was_read_is_found(clock: Clock) -> None:
    """Pages of two. The first has one row when it is read, and the name comes to it while the second is read."""
    api = Growing(2, 1, 3, 3, 3, 3, 3)
    api.names[1] = "a"
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, "id-2")
    assert [int(sent[2]["page_no"]) for sent in api.requests] == [1, 2, 3, 1, 2, 3]


def test_row_that_comes_to_the_last_page_but_one_is_found(clock: Clock) -> None:
    """Pages of three, which the API does not tell: each has the two rows that the largest page had."""
    api = Growing(3, 2, 5, 5, 5, 5, 5)
    api.names[2] = "a"
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, "id-3")


def test_list_that_counts_too_many_is_read_again_from_its_last_row(clock: Clock) -> None:
    query = {"exclude_meetings": "true", "sort_order": "ASC"}
    full, last = page(rows("x", "x"), 2, 9), page(rows("x", first=3), 3, 9)
    api = FakeAPI(full, last, page([], 3, 9), created("a"), page([*rows("x", first=3), livestream(OURS, name="a")], 4, 4))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests[4] == listing(2, **query)


def test_list_without_paging_is_read_again_from_its_last_page_but_one(clock: Clock) -> None:
    api = Growing(2, *[7] * 20)
    ensure_present(build_livestreams(api, clock), ["x"])
    assert [int(sent[2]["page_no"]) for sent in api.requests] == [1, 2, 3, 4, 5, 3, 4, 5]


@pytest.mark.parametrize("answers", [[page([])], [refusal(404), ok([])]], ids=["empty", "404"])
def test_list_that_has_lost_its_rows_creates_nothing(clock: Clock, answers: list[Answer]) -> None:
    """No user can delete a livestream, so the list is wrong."""
    api = FakeAPI(page(rows("x"), headers=USED_UP), *answers)
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert str(outcome.error) == "GET /livestreams: the list has fewer rows than before"
    assert not outcome.changed
    assert api.writes == []


def test_finding_many_names_takes_time_in_proportion(clock: Clock) -> None:
    """Ten times as many may take thirty times as long, but not a hundred times."""

    def prepare(count: int) -> Callable[[], None]:
        names = [f"Room {number}" for number in range(count)]
        found = [livestream(f"id-{name}", "IDLE", name=name) for name in names]
        livestreams = build_livestreams(FakeAPI(page(found), page([])), clock)

        def work() -> None:
            assert all(outcome.after for outcome in ensure_present(livestreams, names))

        return work

    assert measure_time(prepare, 8000) < 30 * measure_time(prepare, 800)


# Rows without names


QUERY = {"exclude_meetings": "true", "sort_order": "ASC"}


def nameless(count: int) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "name"} for row in rows(*["x"] * count)]


@pytest.mark.parametrize("check_mode", [False, True])
def test_nothing_is_created_if_the_list_leaves_names_out(clock: Clock, check_mode: bool) -> None:
    api = FakeAPI(page(nameless(2)), ok(livestream("id-2", "IDLE", name="a")))
    outcomes = ensure_present(build_livestreams(api, clock), ["a", "b"], check_mode=check_mode)
    assert [(outcome.changed, outcome.after) for outcome in outcomes] == [(False, None)] * 2
    assert {str(outcome.error) for outcome in outcomes} == {
        "GET /livestreams: the rows of the list have no names, so the task cannot look for a name"
    }
    assert api.requests == [listing(**QUERY), ("GET", "/livestreams/id-2", {}, None)]


def test_livestreams_that_have_no_name_do_not_keep_a_name_from_being_created(clock: Clock) -> None:
    new = livestream(OURS, "IDLE", name="a", created_at="2026-11-20T09:01:00.000Z")
    api = FakeAPI(page(nameless(2)), ok(nameless(2)[1]), created("a"), page([*nameless(2), new]))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [listing(**QUERY), ("GET", "/livestreams/id-2", {}, None), create("a"), listing(**QUERY)]


def test_one_row_with_a_name_shows_that_the_list_has_names(clock: Clock) -> None:
    found = [*nameless(1), *rows("y", first=2)]
    new = livestream(OURS, "IDLE", name="a", created_at="2026-11-20T09:01:00.000Z")
    api = FakeAPI(page(found), created("a"), page([*found, new]))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.writes == [create("a")]

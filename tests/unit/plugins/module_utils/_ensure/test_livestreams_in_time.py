# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time between a look at the names and the create that rests on it: a create rests on a fresh state."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    DuplicateNameError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import USED_UP, SlowAPI, created, page, rows
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OURS,
    SEARCH,
    THEIRS,
    Answer,
    Clock,
    FakeAPI,
    Sent,
    build_livestreams,
    create,
    listing,
    livestream,
    ok,
    refusal,
    refused,
)

NAME_DELAYS: dict[str, tuple[list[Answer], list[Sent]]] = {
    "rate limit": ([page(rows("other"), headers=USED_UP)], [SEARCH]),
    "429 with Retry-After": ([page(rows("other")), refusal(429, Retry_After="290")], [SEARCH, create("a")]),
    "no connection": ([page(rows("other")), *[refused()] * 3], [SEARCH, *[create("a")] * 3]),
}
each_name_delay = pytest.mark.parametrize(("answers", "requests"), NAME_DELAYS.values(), ids=NAME_DELAYS)


@each_name_delay
def test_name_that_another_user_created_in_between_is_found(clock: Clock, answers: list[Answer], requests: list[Sent]) -> None:
    api = FakeAPI(*answers, page(rows("other", "a")))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, "id-2")
    assert api.requests == [*requests, SEARCH]


@each_name_delay
def test_name_that_is_still_missing_is_created_right_behind_a_read(clock: Clock, answers: list[Answer], requests: list[Sent]) -> None:
    api = FakeAPI(*answers, page(rows("other")), created("a"), page([*rows("other"), livestream(OURS, name="a")]))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, OURS)
    assert api.requests == [*requests, SEARCH, create("a"), SEARCH]


def test_name_that_two_other_users_created_in_between_fails(clock: Clock) -> None:
    api = FakeAPI(page([], headers=USED_UP), page(rows("a", "a")))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert isinstance(outcome.error, DuplicateNameError)
    assert not outcome.changed


def test_many_names_read_the_end_of_the_list_every_two_seconds(clock: Clock) -> None:
    """Each create takes 0.9 seconds: after three of them, the state is too old. Another user creates the fifth."""

    class Catalog(SlowAPI):
        def __init__(self) -> None:
            super().__init__(clock, {})
            self.rows = rows("other")

        def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
            if method == "GET":
                return page(self.rows)
            self._clock.now += 0.9
            self.rows += rows(body["name"], first=len(self.rows) + 1)
            if body["name"] == "c":
                self.rows += rows("e", first=len(self.rows) + 1)
            return ok(self.rows[-1] if body["name"] != "c" else self.rows[-2], 201)

    api = Catalog()
    outcomes = ensure_present(build_livestreams(api, clock), list("abcdefg"))
    assert [outcome.error for outcome in outcomes] == [None] * 7
    assert [outcome.changed for outcome in outcomes] == [True, True, True, True, False, True, True]
    assert api.requests == [SEARCH, *map(create, "abc"), SEARCH, *map(create, "d"), *map(create, "fg"), SEARCH]


def test_app_behind_an_empty_list_is_proved_once(clock: Clock) -> None:
    """The proof takes five seconds, so the list is read again. Its age counts from its own read."""
    proof = ("GET", "/meetings", {"page_no": "1", "per_page": "1"}, None)
    api = SlowAPI(clock, {"/meetings": 5.0}, refusal(404), ok([]), refusal(404), created("a"), page([livestream(OURS, name="a")]))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [SEARCH, proof, SEARCH, create("a"), SEARCH]


def test_list_that_is_not_in_order_is_as_old_as_its_first_page(clock: Clock) -> None:
    """Newest first: what another user creates comes to the page that was read first."""
    newest, oldest = rows("y", first=3), rows("x", "x")
    theirs = livestream(THEIRS, "IDLE", name="a", created_at="2026-11-20T09:01:00.000Z")
    script = [page(newest, 1, 3), page(oldest, 3, 3), page([theirs, *newest], 2, 4), page(oldest, 4, 4)]
    api = SlowAPI(clock, {"/livestreams": 1.5}, *script)
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, THEIRS)
    assert api.writes == []


def test_long_list_is_as_old_as_its_last_page(clock: Clock) -> None:
    """However long the pages before it took."""
    query = {"exclude_meetings": "true", "sort_order": "ASC"}
    pages = [page(rows("x", first=number), number, 3) for number in (1, 2, 3)]
    api = SlowAPI(clock, {"/livestreams": 0.9}, *pages, created("a"), page([livestream(OURS, name="a")], 4, 4))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [*(listing(number, **query) for number in (1, 2, 3)), create("a"), listing(3, **query)]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time between a read and the write that rests on it: whatever holds a task up, an unguarded write rests on a fresh state."""

from __future__ import annotations

import time
from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import REREADS
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.writes import FRESH, SLOW_READS
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    DuplicateNameError,
    NotSentError,
    OtherLivestreamError,
    RateLimitedError,
    StaleStateError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OLD,
    OURS,
    SEARCH,
    STARTED,
    STOPPED,
    THEIRS,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    Sent,
    begin,
    begin_anew,
    build_livestreams,
    create,
    dropped,
    end,
    listing,
    livestream,
    ok,
    read,
    refusal,
    refused,
    start,
    stop,
)

OLD_ONE, OTHER_ONE, NONE = livestream(OLD), livestream(THEIRS), None
FAILED_ONE = livestream(OLD, "ERRORED")

#: Nothing is left of the window, which ends in 280 seconds.
USED_UP = {"Ratelimit": '"default";r=0;t=280'}


def held(data: Any) -> Reply:
    """The state, after which the rate limit holds the task for 280 seconds."""
    return Reply(200, {"success": True, "data": data}, USED_UP)


class SlowAPI(FakeAPI):
    """Each request to a path that ends so takes so many seconds, which pass before its answer."""

    def __init__(self, clock: Clock, seconds: dict[str, float], *script: Answer) -> None:
        super().__init__(*script)
        self._clock, self._seconds = clock, seconds

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        self._clock.now += next((seconds for ending, seconds in self._seconds.items() if path.endswith(ending)), 0.0)
        return super().answer(method, path, query, body)


#: What comes between the first read and the stop: the answers until then, and the requests and sleeps that they lead to.
BETWEEN: dict[str, tuple[Callable[[Any], list[Answer]], list[Sent], list[float]]] = {
    "rate limit": (lambda found: [held(found)], [read()], [280.0]),
    "429 with Retry-After": (lambda found: [ok(found), refusal(429, Retry_After="290")], [read(), stop()], [290.0]),
    "settle pauses": (
        lambda found: [ok(found), *[refusal(409), ok(found)] * 4],
        [read(), *[stop(), read()] * 4],
        [0.0, 0.5, 0.0, 1.0, 0.0, 2.0, 0.0, 3.0],
    ),
    "no connection": (lambda found: [ok(found), *[refused()] * 3], [read(), *[stop()] * 3], [0.5, 1.0, 2.0]),
}
each_delay = pytest.mark.parametrize(("answers", "requests", "sleeps"), BETWEEN.values(), ids=BETWEEN)


@each_delay
@pytest.mark.parametrize("ensure", [end, begin_anew], ids=["stopped", "restarted"])
def test_livestream_that_replaced_ours_meanwhile_is_not_stopped(
    clock: Clock, ensure: Callable[[Livestreams], Outcome], answers: Any, requests: list[Sent], sleeps: list[float]
) -> None:
    api = FakeAPI(*answers(OLD_ONE), ok(OTHER_ONE))
    outcome = ensure(build_livestreams(api, clock))
    assert isinstance(outcome.error, OtherLivestreamError)
    assert OLD in str(outcome.error)
    assert THEIRS in str(outcome.error)
    assert (outcome.changed, outcome.after["id"]) == (False, THEIRS)
    assert api.requests == [*requests, read()]
    assert clock.sleeps == sleeps


@each_delay
def test_failed_livestream_that_was_replaced_meanwhile_leaves_the_goal_reached(
    clock: Clock, answers: Any, requests: list[Sent], sleeps: list[float]
) -> None:
    api = FakeAPI(*answers(FAILED_ONE), ok(OTHER_ONE))
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, THEIRS)
    assert api.requests == [*requests, read()]


@each_delay
def test_livestream_that_stopped_meanwhile_needs_no_stop(clock: Clock, answers: Any, requests: list[Sent], sleeps: list[float]) -> None:
    api = FakeAPI(*answers(OLD_ONE), ok(NONE))
    outcome = end(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after) == (None, False, None)
    assert api.requests == [*requests, read()]


@each_delay
def test_livestream_that_is_still_there_is_stopped_right_behind_a_read(
    clock: Clock, answers: Any, requests: list[Sent], sleeps: list[float]
) -> None:
    api = FakeAPI(*answers(OLD_ONE), ok(OLD_ONE), STOPPED)
    outcome = end(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, None)
    assert api.requests == [*requests, read(), stop()]


def test_start_needs_no_second_read(clock: Clock) -> None:
    """The API guards it: it refuses a second livestream."""
    api = FakeAPI(held(NONE), STARTED)
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, OURS)
    assert api.requests == [read(), start()]


def test_start_that_comes_too_late_finds_what_another_user_started(clock: Clock) -> None:
    api = FakeAPI(held(NONE), refusal(409), ok(OTHER_ONE))
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, THEIRS)
    assert api.requests == [read(), start(), read()]


def test_read_and_its_write_are_granted_together(clock: Clock) -> None:
    """One place is left after each read: not enough for both, so the second read waits for the next window as well."""
    one_left = {"Ratelimit": '"default";r=1;t=280', "Ratelimit-Policy": '"default";q=10;w=300'}
    plenty = {"Ratelimit": '"default";r=9;t=300', "Ratelimit-Policy": '"default";q=10;w=300'}
    api = FakeAPI(
        Reply(200, {"data": OLD_ONE}, one_left),
        refusal(429, Retry_After="3", **one_left),
        Reply(200, {"data": OLD_ONE}, plenty),
        Reply(200, {"data": {}}, plenty),
    )
    outcome = end(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [read(), stop(), read(), stop()]


# Reads that take long


@pytest.mark.parametrize(("seconds", "rereads"), [(0.0, 0), (FRESH, 0), (FRESH + 0.1, SLOW_READS - 1), (50.0, SLOW_READS - 1)])
def test_slow_api_is_written_to_after_the_second_read(clock: Clock, seconds: float, rereads: int) -> None:
    """A state that is always older than that would never let anything be stopped."""
    api = SlowAPI(clock, {"/active-livestream": seconds}, *[ok(OLD_ONE)] * (1 + rereads), STOPPED)
    outcome = end(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [*[read()] * (1 + rereads), stop()]


def test_one_slow_read_costs_one_more(clock: Clock) -> None:
    class SlowOnce(SlowAPI):
        def answer(self, *sent: Any) -> Answer:
            said = super().answer(*sent)
            self._seconds = {}
            return said

    api = SlowOnce(clock, {"/active-livestream": 30.0}, ok(OLD_ONE), ok(OLD_ONE), STOPPED)
    assert end(build_livestreams(api, clock)).changed
    assert api.requests == [read(), read(), stop()]


def test_repeated_reads_end(clock: Clock) -> None:
    """Whatever comes between each time, and also after the answer."""

    class Busy(FakeAPI):
        def answer(self, *sent: Any) -> Answer:
            return held(OLD_ONE)

    livestreams = build_livestreams(Busy(), clock)
    acquire = livestreams.client._pacing.acquire

    def acquire_late(places: int) -> float:
        clock.now += 5 if places == 0 else 0
        return acquire(places)

    livestreams.client._pacing.acquire = acquire_late
    outcome = end(livestreams)
    assert isinstance(outcome.error, StaleStateError)
    assert not outcome.changed
    assert livestreams.client._session.get_adapter("https://").requests == [read()] * (2 + REREADS), "looked at once more"


def test_refusals_for_the_rate_end(clock: Clock) -> None:
    api = FakeAPI(*[ok(OLD_ONE), refusal(429, Retry_After="9")] * 5)
    outcome = end(build_livestreams(api, clock))
    assert isinstance(outcome.error, RateLimitedError)
    assert not outcome.changed
    assert api.requests == [read(), stop()] * 5
    assert clock.sleeps == [9.0] * 4


@pytest.mark.parametrize("unreadable", [refusal(401), refusal(404)], ids=["401", "404"])
def test_second_read_that_fails_is_the_error(clock: Clock, unreadable: Reply) -> None:
    api = FakeAPI(held(OLD_ONE), refusal(403, "Not you."))
    outcome = end(build_livestreams(api, clock))
    assert (outcome.error.status, outcome.error.message, outcome.changed) == (403, "Not you.", False)
    assert api.requests == [read(), read()]


def test_doubt_outlasts_a_state_that_is_too_old(clock: Clock) -> None:
    """The first stop was lost, so whatever ended A may have been ours."""
    api = FakeAPI(ok(OLD_ONE), dropped(), *[ok(OLD_ONE)] * 4, refusal(429, Retry_After="60"), ok(NONE))
    outcome = end(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [read(), stop(), *[read()] * 4, stop(), read()]


# Names


def rows(*names: str, first: int = 1) -> list[dict[str, Any]]:
    created_at = "2026-11-20T09:00:{:02d}.000Z"
    return [livestream(f"id-{number}", "IDLE", name=name, created_at=created_at.format(number)) for number, name in enumerate(names, first)]


def page(found: list[dict[str, Any]], end_offset: int | None = None, total: int | None = None, headers: Any = None) -> Reply:
    paging = {"end_offset": len(found) if end_offset is None else end_offset, "total_count": len(found) if total is None else total}
    return Reply(200, {"success": True, "data": found, "paging": paging}, headers)


def created(name: str, livestream_id: str = OURS) -> Reply:
    return ok(livestream(livestream_id, "IDLE", name=name), 201)


NAME_DELAYS: dict[str, tuple[list[Answer], list[Sent]]] = {
    "rate limit": ([page(rows("other"), headers=USED_UP)], [SEARCH]),
    "429 with Retry-After": ([page(rows("other")), refusal(429, Retry_After="290")], [SEARCH, create("a")]),
    "no connection": ([page(rows("other")), *[refused()] * 3], [SEARCH, *[create("a")] * 3]),
}
each_name_delay = pytest.mark.parametrize(("answers", "requests"), NAME_DELAYS.values(), ids=NAME_DELAYS)


@each_name_delay
def test_name_that_another_user_created_meanwhile_is_found(clock: Clock, answers: list[Answer], requests: list[Sent]) -> None:
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


def test_name_that_two_other_users_created_meanwhile_fails(clock: Clock) -> None:
    api = FakeAPI(page([], headers=USED_UP), page(rows("a", "a")))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert isinstance(outcome.error, DuplicateNameError)
    assert not outcome.changed


def test_many_names_read_the_end_of_the_list_every_two_seconds(clock: Clock) -> None:
    """Each create takes 0.9 seconds: after three of them what was read is too old. Another user creates the fifth meanwhile."""

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


def test_app_behind_an_empty_list_is_proved_once(clock: Clock) -> None:
    """That takes five seconds, so the list is read again. It is as old as its own read, not as the proof."""
    proof = ("GET", "/meetings", {"page_no": "1", "per_page": "1"}, None)
    api = SlowAPI(clock, {"/meetings": 5.0}, refusal(404), ok([]), refusal(404), created("a"), page([livestream(OURS, name="a")]))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [SEARCH, proof, SEARCH, create("a"), SEARCH]


@pytest.mark.parametrize("listed", ["Main", None])
def test_name_that_the_api_changed_is_known_by_its_id(clock: Clock, listed: str | None) -> None:
    """The answer to the create does not repeat it. Else each run would create one more, and say so truthfully."""
    api = FakeAPI(page(rows("other")), ok({"id": OURS, "status": "IDLE"}, 201), page([*rows("other"), livestream(OURS, name=listed)]))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["Main Stage"])
    assert str(outcome.error) == (
        f"Livestream {OURS} was created, and the API has named it {listed!r}, not 'Main Stage'. "
        "Ask for it by the API's name, or each run creates another"
    )
    assert (outcome.changed, outcome.warnings) == (True, [])
    assert api.requests == [SEARCH, create("Main Stage"), SEARCH]


def test_what_is_known_is_not_lost_to_a_row_that_leaves_it_out(clock: Clock) -> None:
    whole = livestream(OURS, "IDLE", name="a", playback_url="https://play.test/x", ingest_server="rtmps://live.test")
    api = FakeAPI(page([]), ok(whole, 201), page([livestream(OURS, "LIVE", name="a", created_at="2026-11-20T09:00:00.000Z")]))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert outcome.after["playback_url"] == "https://play.test/x"
    assert outcome.after["created_at"] == "2026-11-20T09:00:00.000Z"


def test_name_that_a_later_reading_leaves_out_is_not_forgotten(clock: Clock) -> None:
    """Otherwise it would look as if the API had changed it."""
    named, nameless = livestream(OURS, "IDLE", name="a"), livestream(OURS, "IDLE", name=None)
    (outcome,) = ensure_present(build_livestreams(FakeAPI(page([]), dropped(), page([named]), *[page([nameless])] * 4), clock), ["a"])
    assert (outcome.error, outcome.changed, outcome.after["name"]) == (None, True, "a")


@pytest.mark.parametrize(
    ("dates", "is_sorted"),
    [
        (("2026-11-20T09:00:00.000Z", "2026-11-20T09:00:00.000Z"), True),
        (("2026-11-20T09:00:00.000Z", None), False),
        ((None, None), True),
        ((None, "2026-11-20T09:00:00.000Z"), True),
    ],
    ids=["same moment", "no date behind one", "no dates", "a date behind none"],
)
def test_order_of_the_list_is_judged_by_its_dates(clock: Clock, dates: tuple[str | None, ...], is_sorted: bool) -> None:
    query = {"exclude_meetings": "true", "sort_order": "ASC"}
    first, last = (livestream(f"id-{number}", "IDLE", name="x", created_at=date) for number, date in enumerate(dates))
    found = [page([last, livestream(OURS, name="a")], 3, 3)]
    api = FakeAPI(page([first], 1, 2), page([last], 2, 2), created("a"), *([] if is_sorted else [page([first], 1, 3)]), *found)
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests[3] == listing(2 if is_sorted else 1, **query)


# How often, and how long


TOO_FAST = [refusal(429)] * 2
WRITES: dict[str, tuple[Callable[[Livestreams], Any], list[Answer], list[Answer]]] = {
    "start": (begin, [ok(NONE)], [STARTED]),
    "stop": (end, [ok(OLD_ONE)], [STOPPED]),
    "create": (lambda livestreams: ensure_present(livestreams, ["a"])[0], [page([])], [created("a"), page([livestream(OURS, name="a")])]),
}
each_write = pytest.mark.parametrize(("ensure", "before", "after"), WRITES.values(), ids=WRITES)


@each_write
def test_each_429_holds_longer(clock: Clock, ensure: Any, before: list[Answer], after: list[Answer]) -> None:
    outcome = ensure(build_livestreams(FakeAPI(*before, *TOO_FAST, *after), clock))
    assert (outcome.error, outcome.changed) == (None, True)
    assert clock.sleeps[:2] == [0.5, 1.0]


@pytest.mark.parametrize("between", [[dropped(), *[ok(NONE)] * 4], [refusal(409), ok(NONE)]], ids=["lost", "conflict"])
def test_tries_to_connect_count_anew_after_an_answer(clock: Clock, between: list[Answer]) -> None:
    api = FakeAPI(ok(NONE), *[refused()] * 2, *between, *[refused()] * 2, STARTED)
    outcome = begin(build_livestreams(api, clock, retries=2))
    assert (outcome.error, outcome.changed) == (None, True)
    assert [pause for pause in clock.sleeps if pause in (0.5, 1.0)].count(1.0) == 2


def test_tries_to_connect_end(clock: Clock) -> None:
    api = FakeAPI(ok(NONE), *[refused()] * 3)
    outcome = begin(build_livestreams(api, clock, retries=2))
    assert isinstance(outcome.error, NotSentError)
    assert not outcome.changed
    assert api.requests == [read(), *[start()] * 3]


def test_write_that_pauses_learns_what_a_read_for_others_shows(clock: Clock) -> None:
    """While the first waits to be sent again, another user creates it, and the second's look shows that."""
    theirs, ours = rows("a")[0], livestream(OURS, name="b", created_at="2026-11-20T09:01:00.000Z")
    doubtful = [refusal(429, Retry_After="1"), dropped(), *[page([theirs])] * 4]
    api = FakeAPI(page([]), *doubtful, created("b"), *[page([theirs, ours])] * 4)
    found, made = ensure_present(build_livestreams(api, clock), ["a", "b"])
    assert (found.error, found.changed, found.after["id"]) == (None, False, "id-1")
    assert (made.error, made.changed) == (None, True)
    assert api.writes == [create("a"), create("b"), create("b")]


class Growing(FakeAPI):
    """A list whose rows come to a page after it was read: on each listing, so many rows are there from the page's number on."""

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
    """Pages of three, of which nobody knows: each has the two rows that the largest page had."""
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


@pytest.mark.parametrize("holds", [1, 2], ids=["one hold", "two holds"])
def test_hold_is_no_slow_read(clock: Clock, holds: int) -> None:
    """After holds comes one slow read: what that shows is too old to rest a stop on."""
    slow = iter([*[0.0] * holds, 25.0, 0.0])

    class Mixed(SlowAPI):
        def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
            if method == "GET":
                self._clock.now += next(slow)
            return super().answer(method, path, query, body)

    held_up = [ok(OLD_ONE), refusal(429, Retry_After="60")] * holds
    api = Mixed(clock, {}, *held_up, ok(OLD_ONE), ok(OLD_ONE), STOPPED)
    assert end(build_livestreams(api, clock)).changed
    assert api.requests == [*[read(), stop()] * holds, read(), read(), stop()]


def test_list_that_is_not_in_order_is_as_old_as_its_first_page(clock: Clock) -> None:
    """Newest first: what another user creates comes to the page that was read first."""
    newest, oldest = rows("y", first=3), rows("x", "x")
    theirs = livestream(THEIRS, "IDLE", name="a", created_at="2026-11-20T09:01:00.000Z")
    script = [page(newest, 1, 3), page(oldest, 3, 3), page([theirs, *newest], 2, 4), page(oldest, 4, 4)]
    api = SlowAPI(clock, {"/livestreams": 1.5}, *script)
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, THEIRS)
    assert api.writes == []


@pytest.mark.parametrize("answers", [[page([])], [refusal(404), ok([])]], ids=["empty", "404"])
def test_list_that_has_lost_its_rows_creates_nothing(clock: Clock, answers: list[Answer]) -> None:
    """Nobody can delete a livestream, so the list is wrong."""
    api = FakeAPI(page(rows("x"), headers=USED_UP), *answers)
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert str(outcome.error) == "GET /livestreams: the list has lost rows that it had before"
    assert not outcome.changed
    assert api.writes == []


def test_finding_many_names_takes_time_in_proportion(clock: Clock) -> None:
    def measure(count: int) -> float:
        names = [f"Room {number}" for number in range(count)]
        found = [livestream(f"id-{name}", "IDLE", name=name) for name in names]
        livestreams = build_livestreams(FakeAPI(page(found), page([])), clock)
        begun = time.process_time()
        assert all(outcome.after for outcome in ensure_present(livestreams, names))
        return time.process_time() - begun

    measure(50)
    assert measure(8000) < 30 * max(measure(800), 0.005)


def test_list_without_paging_is_read_again_from_its_last_page_but_one(clock: Clock) -> None:
    api = Growing(2, *[7] * 20)
    ensure_present(build_livestreams(api, clock), ["x"])
    assert [int(sent[2]["page_no"]) for sent in api.requests] == [1, 2, 3, 4, 5, 3, 4, 5]


def test_long_list_is_as_old_as_its_last_page(clock: Clock) -> None:
    """However long the pages before it took."""
    query = {"exclude_meetings": "true", "sort_order": "ASC"}
    pages = [page(rows("x", first=number), number, 3) for number in (1, 2, 3)]
    api = SlowAPI(clock, {"/livestreams": 0.9}, *pages, created("a"), page([livestream(OURS, name="a")], 4, 4))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [*(listing(number, **query) for number in (1, 2, 3)), create("a"), listing(3, **query)]


@pytest.mark.parametrize(("ensure", "own_id"), [(begin, None), (begin_anew, OURS)], ids=["started", "restarted"])
def test_only_a_restart_insists_on_its_own_livestream(clock: Clock, ensure: Any, own_id: str | None) -> None:
    assert ensure(build_livestreams(FakeAPI(ok(NONE), STARTED), clock)).own_id == own_id

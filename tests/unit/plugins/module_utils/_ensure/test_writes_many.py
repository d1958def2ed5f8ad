# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many creates at once: side by side, each once, and none of them on a state that is too old, however narrow the rate limit is."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DefectError, NotBegunError
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import USED_UP, FakeCatalog, page, rows
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    SEARCH,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    build_livestreams,
    create,
    dropped,
    refusal,
)

NAMES = [f"Room {number:02d}" for number in range(20)]
CREATES = [create(name) for name in NAMES]
one_or_more = pytest.mark.parametrize("connections", [1, 8])


def ensure(api: FakeAPI, clock: Clock, *names: str, **connection: Any) -> list[Outcome]:
    return ensure_present(build_livestreams(api, clock, **connection), names)


def has_created_each_once(api: FakeAPI, outcomes: list[Outcome]) -> bool:
    assert [(outcome.error, outcome.changed) for outcome in outcomes] == [(None, True)] * len(outcomes)
    return Counter(sent[3]["name"] for sent in api.writes) == Counter(outcome.target for outcome in outcomes)


# Side by side


def test_creates_go_side_by_side(clock: Clock) -> None:
    """Each waits for three others that are on their way."""
    together = threading.Barrier(4, timeout=60)

    class Together(FakeCatalog):
        def send(self, request: Any, **options: Any) -> Any:
            if request.method == "POST":
                together.wait()
            return super().send(request, **options)

    api = Together([])
    assert has_created_each_once(api, ensure(api, clock, *NAMES, connections=4))
    assert len(api.requests) == 1 + 20 + 1
    assert (api.requests[0], api.requests[-1]) == (SEARCH, SEARCH)


def test_no_more_are_on_their_way_than_there_are_connections(clock: Clock) -> None:
    busy, most, lock = [0], [0], threading.Lock()

    class Counting(FakeCatalog):
        def send(self, request: Any, **options: Any) -> Any:
            with lock:
                busy[0] += 1
                most[0] = max(most[0], busy[0])
            try:
                return super().send(request, **options)
            finally:
                with lock:
                    busy[0] -= 1

    api = Counting([])
    assert has_created_each_once(api, ensure(api, clock, *NAMES, connections=3))
    assert most[0] <= 3


@one_or_more
def test_answers_that_are_lost_lead_to_looks_and_to_no_second_create(clock: Clock, connections: int) -> None:
    api = FakeCatalog([], *[Ending(dropped(), 1), Ending(None, 1), Ending(Reply(500), 2)] * 4)
    assert has_created_each_once(api, ensure(api, clock, *NAMES, connections=connections))
    assert api.created == 20


@one_or_more
def test_create_without_effect_is_sent_again_and_the_others_are_not(clock: Clock, connections: int) -> None:
    api = FakeCatalog([], Ending(dropped(), 0))
    outcomes = ensure(api, clock, *NAMES, connections=connections)
    assert [(outcome.error, outcome.changed) for outcome in outcomes] == [(None, True)] * 20
    assert sorted(Counter(sent[3]["name"] for sent in api.writes).values()) == [1] * 19 + [2]
    assert api.created == 20


@one_or_more
def test_defect_in_one_create_hides_no_other(clock: Clock, connections: int) -> None:
    class Broken(FakeCatalog):
        def answer(self, method: str, path: str, query: Any, body: Any) -> Answer:
            return KeyError("a defect") if body == {"name": NAMES[7]} else super().answer(method, path, query, body)

    outcomes = ensure(Broken([]), clock, *NAMES, connections=connections)
    assert (type(outcomes[7].error), outcomes[7].changed) == (DefectError, True)
    assert [(outcome.error, outcome.changed) for outcome in outcomes if outcome.target != NAMES[7]] == [(None, True)] * 19


# A state that is too old


class Held(FakeCatalog):
    """The first listing leaves nothing of the window, so every write that rests on it is too old once the window ends."""

    def answer(self, *sent: Any) -> Answer:
        said = super().answer(*sent)
        return said._replace(headers=USED_UP) if len(self.requests) == 1 else said  # type: ignore[union-attr]


def test_one_reads_the_state_again_and_the_others_go_on_with_that(clock: Clock) -> None:
    api = Held([])
    assert has_created_each_once(api, ensure(api, clock, *NAMES))
    assert api.requests == [SEARCH, SEARCH, *CREATES, SEARCH]
    assert clock.sleeps == [280.0, 0.0]


def test_one_reads_the_state_again_for_all_threads(clock: Clock) -> None:
    api = Held([])
    assert has_created_each_once(api, ensure(api, clock, *NAMES, connections=8))
    assert api.requests[:3] == [SEARCH, SEARCH, create(NAMES[0])]
    assert [sent for sent in api.requests if sent == SEARCH] == [SEARCH] * 3


def test_name_that_the_second_read_shows_is_not_created(clock: Clock) -> None:
    """It is the state of those that another one has read it for, and of that one."""
    theirs = rows(NAMES[0], NAMES[2])
    api = Held([], theirs=tuple((2, row) for row in theirs))
    outcomes = ensure(api, clock, *NAMES[:4])
    assert [(outcome.error, outcome.changed) for outcome in outcomes] == [(None, False), (None, True)] * 2
    assert api.requests == [SEARCH, SEARCH, create(NAMES[1]), create(NAMES[3]), SEARCH]


def test_second_read_that_fails_ends_only_the_one_that_reads(clock: Clock) -> None:
    """The next one reads again."""
    api = FakeAPI(page([], headers=USED_UP), refusal(422, "Not now."), page(rows(*NAMES[1:3])))
    outcomes = ensure(api, clock, *NAMES[:3])
    assert (outcomes[0].error.message, outcomes[0].changed) == ("Not now.", False)
    assert [(outcome.error, outcome.changed) for outcome in outcomes[1:]] == [(None, False)] * 2
    assert api.requests == [SEARCH] * 3


def test_second_read_that_is_refused_for_the_token_ends_all(clock: Clock) -> None:
    api = FakeAPI(page([], headers=USED_UP), refusal(401))
    outcomes = ensure(api, clock, *NAMES)
    assert {(type(outcome.error), outcome.error.cause.status, outcome.changed) for outcome in outcomes} == {(NotBegunError, 401, False)}
    assert api.requests == [SEARCH, SEARCH]


@one_or_more
def test_create_that_is_refused_for_the_token_ends_all(clock: Clock, connections: int) -> None:
    """Those that are on their way by then are refused themselves."""

    class Refusing(FakeCatalog):
        def answer(self, method: str, path: str, query: Any, body: Any) -> Answer:
            return refusal(403) if method == "POST" else super().answer(method, path, query, body)

    api = Refusing([])
    outcomes = ensure(api, clock, *NAMES, connections=connections)
    assert [outcome.changed for outcome in outcomes] == [False] * 20
    begun = [outcome for outcome in outcomes if not isinstance(outcome.error, NotBegunError)]
    assert {outcome.error.status for outcome in begun} == {403}
    assert {outcome.target for outcome in begun} == {sent[3]["name"] for sent in api.writes}
    left = [outcome.error for outcome in outcomes if outcome not in begun]
    assert len(left) >= 20 - connections
    assert all(error.cause.status == 403 and str(error) == f"Not begun: {error.cause}" for error in left)
    assert api.requests[0] == SEARCH
    assert 1 <= len(api.writes) <= connections
    assert len(api.requests) == 1 + len(api.writes)


# A narrow limit


class Narrow(FakeCatalog):
    """Allows a number of requests in each minute, reports it, and refuses the others."""

    def __init__(self, clock: Clock, quota: int) -> None:
        super().__init__([])
        self._clock, self._quota = clock, quota
        self._ends, self._left = 0.0, 0
        self.refused = 0

    def answer(self, *sent: Any) -> Answer:
        now = self._clock()
        if now >= self._ends:
            self._ends, self._left = now + 60, self._quota
        if not self._left:
            self.refused += 1
            return refusal(429, Retry_After="60")
        self._left -= 1
        headers = {
            "Ratelimit": f'"default";r={self._left};t={max(0, round(self._ends - now))}',
            "Ratelimit-Policy": f'"default";q={self._quota};w=60',
        }
        return super().answer(*sent)._replace(headers=headers)  # type: ignore[union-attr]


@pytest.mark.parametrize("quota", [2, 3, 5])
def test_each_window_has_one_read_and_the_creates_that_rest_on_it(clock: Clock, quota: int) -> None:
    api = Narrow(clock, quota)
    assert has_created_each_once(api, ensure(api, clock, *NAMES))
    windows: list[Any] = []
    for number in range(0, len(CREATES), quota - 1):
        windows += [SEARCH, *CREATES[number : number + quota - 1]]
    assert api.requests == [*windows, SEARCH]
    assert api.refused == 0


@pytest.mark.parametrize("quota", [2, 3, 5])
def test_narrow_limit_makes_progress_side_by_side(clock: Clock, quota: int) -> None:
    """No create fails because of an old state, and each window has at least one create."""
    api = Narrow(clock, quota)
    assert has_created_each_once(api, ensure(api, clock, *NAMES, connections=8))
    assert api.refused == 0
    assert len([sent for sent in api.requests if sent == SEARCH]) <= 1 + 20 + 1

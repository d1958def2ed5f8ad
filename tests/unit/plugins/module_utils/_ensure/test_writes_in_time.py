# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time between a read and the write that rests on it: an unguarded write always rests on a fresh state."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import REREADS
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.writes import FRESH, SLOW_READS
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    OtherLivestreamError,
    RateLimitedError,
    StaleStateError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import USED_UP, SlowAPI
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OLD,
    OURS,
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
    dropped,
    end,
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


def held(data: Any) -> Reply:
    """The state, after which the rate limit holds the task for 280 seconds."""
    return Reply(200, {"success": True, "data": data}, USED_UP)


#: The events between the first read and the stop: the answers, and the requests and sleeps after them.
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
def test_livestream_that_replaced_ours_in_between_is_not_stopped(
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
def test_failed_livestream_that_was_replaced_in_between_leaves_the_goal_reached(
    clock: Clock, answers: Any, requests: list[Sent], sleeps: list[float]
) -> None:
    api = FakeAPI(*answers(FAILED_ONE), ok(OTHER_ONE))
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, THEIRS)
    assert api.requests == [*requests, read()]


@each_delay
def test_livestream_that_stopped_in_between_needs_no_stop(clock: Clock, answers: Any, requests: list[Sent], sleeps: list[float]) -> None:
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
    """Something comes between each time, also after the answer."""

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
    """The first stop was lost, so the end of A may have been our doing."""
    api = FakeAPI(ok(OLD_ONE), dropped(), *[ok(OLD_ONE)] * 4, refusal(429, Retry_After="60"), ok(NONE))
    outcome = end(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [read(), stop(), *[read()] * 4, stop(), read()]


@pytest.mark.parametrize("holds", [1, 2], ids=["one hold", "two holds"])
def test_hold_is_not_a_slow_read(clock: Clock, holds: int) -> None:
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

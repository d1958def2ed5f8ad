# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The information of each answer for the pacing, its effects, and the count of requests."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ApiError,
    InterruptError,
    RequestError,
    StaleStateError,
    TaskTimeoutError,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client, Departure
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    UNCERTAIN,
    Clock,
    FakeAPI,
    Reply,
    build_client,
    ok,
    refusal,
    refused,
)

PATH = ("meetings", "m1")


def data(payload: Any) -> Any:
    return payload.data


def call(client: Client, method: str) -> Any:
    return getattr(client, method.lower())(PATH, data)


def test_headers_of_each_answer_pace_the_next_request(clock: Clock) -> None:
    used_up = {"Ratelimit": '"default";r=0;t=7'}
    client = build_client(FakeAPI(Reply(404, {}, used_up), Reply(200, {"data": 1}, used_up), Reply(200, {"data": 2})), clock)
    with pytest.raises(RequestError):
        call(client, "GET")
    assert call(client, "GET") == 1
    assert call(client, "GET") == 2
    assert (clock.sleeps, client.held) == ([7.0, 7.0], 14.0)


class Told:
    """A pacing that allows every request, and records each answer."""

    def __init__(self) -> None:
        self.released: list[Any] = []

    def acquire(self, places: int = 1) -> float:
        return 0.0

    def release(self, *headers: Any, **ending: Any) -> None:
        self.released.append((headers, ending))


LIMIT = {"Ratelimit": '"default";r=5;t=60', "Ratelimit-Policy": '"default";q=1200;w=300'}
NO_HEADERS = (None, None)


@pytest.mark.parametrize(
    ("answer", "headers", "hold"),
    [
        (ok(1), NO_HEADERS, 0.0),
        (Reply(200, {"data": 1}, LIMIT), tuple(LIMIT.values()), 0.0),
        (Reply(404, {}, LIMIT), tuple(LIMIT.values()), 0.0),
        (Reply(200, "garbage", LIMIT), tuple(LIMIT.values()), 0.0),
        (Reply(429, {}, {**LIMIT, "Retry-After": "7"}), tuple(LIMIT.values()), 7.0),
        (Reply(429, {}, {}), NO_HEADERS, 0.5),
        (refused(), NO_HEADERS, 0.0),
        (UNCERTAIN["dropped"](), NO_HEADERS, 0.0),
        (KeyError("a defect"), NO_HEADERS, 0.0),
    ],
)
def test_pacing_learns_of_each_ending(clock: Clock, answer: Any, headers: Any, hold: float) -> None:
    client = build_client(FakeAPI(answer), clock, retries=0)
    client._pacing = told = Told()
    with suppress(RequestError, KeyError):
        call(client, "GET")
    assert told.released == [(headers, {"is_sent": True, "hold": hold})]


def test_pacing_learns_of_a_write_that_was_not_sent(clock: Clock) -> None:
    client = build_client(FakeAPI(), clock)
    client._pacing = told = Told()
    with pytest.raises(StaleStateError):
        client.post(PATH, data, None, Departure(leave_by=clock.now - 1))
    assert told.released == [(NO_HEADERS, {"is_sent": False, "hold": 0.0})]


def test_plan_and_policy_make_a_forecast(clock: Clock) -> None:
    client = build_client(FakeAPI(Reply(200, {"data": 1}, LIMIT)), clock)
    client.plan(10)
    assert client.forecast is None
    call(client, "GET")
    assert client.forecast == (10, 1200, 300, 60.0)


def test_plan_may_come_after_the_first_answer(clock: Clock) -> None:
    client = build_client(FakeAPI(Reply(200, {"data": 1}, LIMIT)), clock)
    call(client, "GET")
    assert client.forecast is None
    client.plan(10)
    assert client.forecast == (10, 1200, 300, 60.0)


def test_request_that_was_lost_does_not_hide_the_limit_of_the_next_answer(clock: Clock) -> None:
    client = build_client(FakeAPI(UNCERTAIN["dropped"](), Reply(200, {"data": 1}, {"Ratelimit": '"default";r=0;t=7'}), ok(2)), clock)
    assert call(client, "GET") == 1
    assert call(client, "GET") == 2
    assert clock.sleeps == [0.5, 7.0]


def test_read_in_a_pair_waits_for_two_places_and_its_write_for_none(clock: Clock) -> None:
    one_left = {"Ratelimit": '"default";r=1;t=60'}
    api = FakeAPI(*[Reply(200, {"data": number}, one_left) for number in range(5)])
    client = build_client(api, clock)
    call(client, "GET")
    with client.pair():
        assert (call(client, "GET"), clock.sleeps) == (1, [60.0]), "the read alone would have had a place"
        assert (call(client, "POST"), clock.sleeps) == (2, [60.0])
    assert (call(client, "GET"), clock.sleeps) == (3, [60.0]), "outside of the pair one place is enough"


# How many requests were sent


def test_each_try_of_a_request_counts(clock: Clock) -> None:
    client = build_client(FakeAPI(refusal(500), UNCERTAIN["dropped"](), refused(), refusal(429), ok(1), refusal(409)), clock, retries=9)
    assert (client.requests, client.sent_here) == (0, 0)
    call(client, "GET")
    assert (client.requests, client.sent_here) == (5, 5)
    with pytest.raises(ApiError):
        call(client, "POST")
    assert (client.requests, client.sent_here) == (6, 6)


def stop_late(client: Client, clock: Clock) -> None:
    with pytest.raises(StaleStateError):
        client.post(PATH, data, None, Departure(leave_by=clock.now - 1))


def stop_held(client: Client, clock: Clock) -> None:
    client._pacing.acquire()
    client._pacing.release(hold=1000.0, is_sent=False)
    with pytest.raises(RequestError, match="not sent: the API accepts no requests for 1000 seconds"):
        call(client, "GET")


def stop_refused(client: Client, clock: Clock) -> None:
    client.refuse(ApiError("GET", "/x", "No.", status=401))
    for method in ("GET", "POST"):
        with pytest.raises(ApiError):
            call(client, method)


def stop_interrupted(client: Client, clock: Clock) -> None:
    client.interrupt()
    with pytest.raises(InterruptError):
        call(client, "POST")


def stop_timed_out(client: Client, clock: Clock) -> None:
    clock.now += 60
    with pytest.raises(TaskTimeoutError):
        call(client, "POST")


@pytest.mark.parametrize("stop", [stop_late, stop_held, stop_refused, stop_interrupted, stop_timed_out])
def test_request_that_was_not_sent_does_not_count(clock: Clock, stop: Callable[[Client, Clock], None]) -> None:
    api = FakeAPI(ok(1))
    client = build_client(api, clock, task_timeout=60)
    call(client, "GET")
    stop(client, clock)
    assert (len(api.requests), client.requests, client.sent_here, client.is_sent, client.has_written) == (1, 1, 1, False, False)


def test_requests_of_a_thread_are_counted_apart(clock: Clock) -> None:
    client = build_client(FakeAPI(*[ok(1)] * 3), clock)
    seen: list[tuple[int, int]] = []

    def work() -> None:
        call(client, "GET")
        call(client, "GET")
        seen.append((client.sent_here, client.requests))

    call(client, "GET")
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert seen == [(2, 3)]
    assert (client.sent_here, client.requests) == (1, 3)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The retry loop of reads, and what a write that was not carried out says about sending it again."""

from __future__ import annotations

import re
import time
from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    LostAnswerError,
    NotSentError,
    RateLimitedError,
    RejectedAnswerError,
    RequestError,
    StaleStateError,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client, Departure
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    UNCERTAIN,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    build_client,
    connect_timeout,
    ok,
    refusal,
    refused,
)

PATH = ("meetings", "m1")
BACKOFF = [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]


def data(payload: Any) -> Any:
    return payload.data


def call(client: Client, method: str) -> Any:
    return getattr(client, method.lower())(PATH, data)


by_both_methods = pytest.mark.parametrize("method", ["GET", "POST"])
#: "no data" is for the endpoint to judge, and a redirect will be one again.
UNSURE = {name: ending for name, ending in UNCERTAIN.items() if name not in {"redirect", "no data"}}
NOT_SENT = {"refused": refused, "connect timeout": connect_timeout}


@pytest.mark.parametrize("tries", range(1, 7))
@pytest.mark.parametrize("ending", UNSURE.values(), ids=UNSURE)
def test_read_is_tried_again(clock: Clock, ending: Callable[[], Answer], tries: int) -> None:
    api = FakeAPI(*[ending() for _unused in range(tries)], ok("here"))
    assert call(build_client(api, clock, retries=6), "GET") == "here"
    assert len(api.requests) == tries + 1
    assert clock.sleeps == BACKOFF[:tries]


@pytest.mark.parametrize("retries", [0, 1, 4])
@pytest.mark.parametrize("ending", UNSURE.values(), ids=UNSURE)
def test_read_is_tried_as_often_as_retries_say(clock: Clock, ending: Callable[[], Answer], retries: int) -> None:
    api = FakeAPI(*[ending() for _unused in range(retries + 1)])
    with pytest.raises(RequestError) as caught:
        call(build_client(api, clock, retries=retries), "GET")
    assert caught.value.is_uncertain
    assert len(api.requests) == retries + 1
    assert clock.sleeps == BACKOFF[:retries]


@pytest.mark.parametrize("ending", {**UNSURE, "redirect": UNCERTAIN["redirect"]}.values(), ids=[*UNSURE, "redirect"])
def test_write_that_may_have_happened_is_never_repeated(clock: Clock, ending: Callable[[], Answer]) -> None:
    api = FakeAPI(ending())
    with pytest.raises(RequestError) as caught:
        call(build_client(api, clock), "POST")
    assert caught.value.is_uncertain
    assert (len(api.requests), clock.sleeps) == (1, [])


@pytest.mark.parametrize("ending", NOT_SENT.values(), ids=NOT_SENT)
def test_read_that_was_never_sent_is_tried_again(clock: Clock, ending: Callable[[], Answer]) -> None:
    api = FakeAPI(ending(), ending(), ok("here"))
    assert call(build_client(api, clock), "GET") == "here"
    assert clock.sleeps == BACKOFF[:2]


@pytest.mark.parametrize("ending", NOT_SENT.values(), ids=NOT_SENT)
def test_read_that_is_never_sent_ends(clock: Clock, ending: Callable[[], Answer]) -> None:
    api = FakeAPI(*[ending() for _unused in range(3)])
    with pytest.raises(NotSentError) as caught:
        call(build_client(api, clock, retries=2), "GET")
    assert not caught.value.is_uncertain
    assert clock.sleeps == BACKOFF[:2]


@pytest.mark.parametrize("attempt", range(6))
@pytest.mark.parametrize("ending", NOT_SENT.values(), ids=NOT_SENT)
def test_write_that_was_never_sent_says_when_it_may_be_sent_again(clock: Clock, ending: Callable[[], Answer], attempt: int) -> None:
    api = FakeAPI(ending())
    client = build_client(api, clock)
    with pytest.raises(NotSentError) as caught:
        client.post(PATH, data, None, Departure(attempt))
    assert (caught.value.is_uncertain, client.find_pause("POST", caught.value, attempt)) == (False, BACKOFF[attempt])
    assert (len(api.requests), clock.sleeps) == (1, [])


@pytest.mark.parametrize(("age", "is_sent"), [(0.0, True), (2.0, True), (2.001, False)])
def test_write_leaves_in_time_or_never(clock: Clock, age: float, is_sent: bool) -> None:
    api = FakeAPI(ok("before"), ok("here"))
    client = build_client(api, clock)
    call(client, "GET")
    leave_by = client.sent_at + 2.0
    clock.now += age
    if is_sent:
        assert client.post(PATH, data, None, Departure(leave_by=leave_by)) == "here"
    else:
        with pytest.raises(StaleStateError) as caught:
            client.post(PATH, data, None, Departure(leave_by=leave_by))
        assert (caught.value.is_uncertain, client.find_pause("POST", caught.value, 0)) == (False, None)
        assert (
            str(caught.value) == "POST /meetings/m1: not sent, because the state was read too long before: check the network and the proxy"
        )
    assert len(api.requests) == 1 + is_sent


def test_hold_before_a_write_makes_it_late(clock: Clock) -> None:
    """The check comes after pacing has allowed the write."""
    api = FakeAPI(Reply(200, {"data": 1}, {"Ratelimit": '"default";r=0;t=280'}))
    client = build_client(api, clock)
    call(client, "GET")
    with pytest.raises(StaleStateError):
        client.post(PATH, data, None, Departure(leave_by=client.sent_at + 2.0))
    assert (len(api.requests), clock.sleeps) == (1, [280.0])


@by_both_methods
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 200])
def test_refusal_is_sent_once(clock: Clock, status: int, method: str) -> None:
    api = FakeAPI(refusal(status))
    with pytest.raises(RequestError) as caught:
        call(build_client(api, clock), method)
    assert not caught.value.is_uncertain
    assert (caught.value.method, caught.value.path) == (method, "/meetings/m1")
    assert (len(api.requests), clock.sleeps) == (1, [])


def test_redirect_of_a_read_is_sent_once(clock: Clock) -> None:
    api = FakeAPI(Reply(302, headers={"Location": "https://elsewhere.test/"}))
    with pytest.raises(RejectedAnswerError):
        call(build_client(api, clock), "GET")
    assert len(api.requests) == 1


# Retry-After


@pytest.mark.parametrize(("asked", "pause"), [("0", 0.5), ("3", 3.0), ("300", 300.0)])
def test_retry_after_of_a_server_error_is_a_floor(clock: Clock, asked: str, pause: float) -> None:
    call(build_client(FakeAPI(refusal(503, Retry_After=asked), ok("here")), clock), "GET")
    assert clock.sleeps == [pause]


@pytest.mark.parametrize("asked", ["301", "86400"])
def test_server_error_that_asks_for_too_long_is_not_waited_for(clock: Clock, asked: str) -> None:
    api = FakeAPI(refusal(503, Retry_After=asked))
    with pytest.raises(RequestError, match="answered 503"):
        call(build_client(api, clock), "GET")
    assert (len(api.requests), clock.sleeps) == (1, [])


each_hold = pytest.mark.parametrize(("asked", "pause"), [(None, 0.5), ("0", 0.5), ("3", 3.0), ("300", 300.0)])


@each_hold
def test_429_holds_a_read_which_is_tried_again(clock: Clock, asked: str | None, pause: float) -> None:
    api = FakeAPI(refusal(429, **({"Retry_After": asked} if asked else {})), ok("here"))
    client = build_client(api, clock)
    assert call(client, "GET") == "here"
    assert (clock.sleeps, client.held) == ([pause], pause)


@each_hold
def test_429_to_a_write_holds_what_comes_next(clock: Clock, asked: str | None, pause: float) -> None:
    client = build_client(FakeAPI(refusal(429, **({"Retry_After": asked} if asked else {})), ok("here")), clock)
    with pytest.raises(RateLimitedError) as caught:
        call(client, "POST")
    assert (client.find_pause("POST", caught.value, 0), clock.sleeps) == (0.0, [])
    assert call(client, "POST") == "here"
    assert (clock.sleeps, client.held) == ([pause], pause)


def test_429_backs_off_further_each_time(clock: Clock) -> None:
    client = build_client(FakeAPI(*[refusal(429)] * 3, ok("here")), clock)
    assert call(client, "GET") == "here"
    assert clock.sleeps == BACKOFF[:3]


def test_429_to_a_write_holds_longer_after_each_attempt(clock: Clock) -> None:
    client = build_client(FakeAPI(*[refusal(429)] * 3, ok("here")), clock)
    for attempt in range(3):
        with pytest.raises(RateLimitedError):
            client.post(PATH, data, None, Departure(attempt))
    assert call(client, "POST") == "here"
    assert clock.sleeps == BACKOFF[:3]


def test_429_is_tried_as_often_as_retries_say(clock: Clock) -> None:
    api = FakeAPI(*[refusal(429)] * 3)
    with pytest.raises(RateLimitedError):
        call(build_client(api, clock, retries=2), "GET")
    assert len(api.requests) == 3


def come_back_in(seconds: int, message: str) -> bool:
    """Whether the message says when to come back, to the second or the next."""
    found = re.search(rf"the API accepts no requests for {seconds} seconds: try again at (\S+ \S+) UTC", message)
    times = [time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + seconds - ago)) for ago in range(3)]
    return bool(found and found[1] in times)


@by_both_methods
def test_429_that_asks_for_too_long_says_when_to_come_back(clock: Clock, method: str) -> None:
    api = FakeAPI(refusal(429, "Slow down.", Retry_After="301"))
    client = build_client(api, clock)
    with pytest.raises(RateLimitedError) as caught:
        call(client, method)
    assert caught.value.message.startswith("Slow down. (the API")
    assert caught.value.message.endswith(" UTC)")
    assert come_back_in(301, caught.value.message)
    assert client.find_pause(method, caught.value, 0) is None
    assert (len(api.requests), clock.sleeps) == (1, [])


def test_429_of_five_minutes_says_nothing_of_coming_back(clock: Clock) -> None:
    with pytest.raises(RateLimitedError) as caught:
        call(build_client(FakeAPI(refusal(429, "Slow down.", Retry_After="300")), clock, retries=0), "GET")
    assert caught.value.message == "Slow down."


def test_what_comes_after_a_refusal_too_long_to_sit_out_is_not_sent(clock: Clock) -> None:
    api = FakeAPI(refusal(429, Retry_After="1000"))
    client = build_client(api, clock)
    with pytest.raises(RateLimitedError):
        call(client, "POST")
    with pytest.raises(RequestError) as caught:
        call(client, "POST")
    assert caught.value.message.startswith("not sent: ")
    assert come_back_in(1000, caught.value.message)
    assert (caught.value.method, caught.value.path, caught.value.is_uncertain) == ("POST", "/meetings/m1", False)
    assert caught.value.details()["status"] is None
    assert (len(api.requests), clock.sleeps) == (1, [])


def test_absurd_retry_after_is_still_said(clock: Clock) -> None:
    with pytest.raises(RateLimitedError, match="accepts no requests for inf seconds") as caught:
        call(build_client(FakeAPI(refusal(429, Retry_After="9" * 400)), clock), "GET")
    latest = time.strftime("try again at %Y-%m-%d", time.gmtime(time.time() + 10**9))
    assert latest in caught.value.message


def test_payload_that_cannot_be_used_is_lost(clock: Clock) -> None:
    def parse(payload: Any) -> Any:
        if payload.data == "odd":
            raise ValueError("something odd")
        return payload.data

    api = FakeAPI(ok("odd", 201), ok("even"), ok("odd"))
    client = build_client(api, clock)
    assert client.get(PATH, parse) == "even"
    with pytest.raises(LostAnswerError) as caught:
        client.post(PATH, parse)
    assert str(caught.value) == "POST /meetings/m1: answered 200 with something odd"

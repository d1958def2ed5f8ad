# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures that every other request would share: nothing more is sent after them."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any, Callable

import pytest
import requests
from ansible_collections.streamops.realtimekit.plugins.module_utils import _errors as errors
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.exchange import LARGEST_ANSWER
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    Answer,
    Clock,
    FakeAPI,
    Reply,
    build_client,
    connect_timeout,
    dropped,
    ok,
    read_timeout,
    refusal,
    refused,
    refused_by_proxy,
    unsent,
)

METHODS = ("GET", "POST")
TOKEN_REFUSED = (401, 403)
FOR_ONE = (400, 404, 409, 422, 429, 500)


def call(client: Client, method: str, target: str = "m1") -> Any:
    return getattr(client, method.lower())(("meetings", target), lambda payload: payload.data)


def sent(method: str, target: str = "m1") -> Any:
    return (method, f"/meetings/{target}", {}, None)


def failed(client: Client, method: str, target: str = "m1") -> errors.RequestError:
    with pytest.raises(errors.RequestError) as caught:
        call(client, method, target)
    return caught.value


# The token is refused


@pytest.mark.parametrize("then", METHODS)
@pytest.mark.parametrize("first", METHODS)
@pytest.mark.parametrize("status", TOKEN_REFUSED)
def test_nothing_is_sent_after_the_token_was_refused_but_reads_after_a_write(clock: Clock, status: int, first: str, then: str) -> None:
    """The reads tell what the writes did that were sent before."""
    api = FakeAPI(refusal(status), ok("here"))
    client = build_client(api, clock)
    error = failed(client, first)
    assert client.refusal is error
    if (first, then) == ("POST", "GET"):
        assert call(client, then, "m2") == "here"
        assert api.requests == [sent(first), sent(then, "m2")]
        assert client.refusal is error, "an answer does not lift it"
    else:
        assert failed(client, then, "m2") is error
        assert api.requests == [sent(first)]
    assert clock.sleeps == []


@pytest.mark.parametrize("then", METHODS)
@pytest.mark.parametrize("first", METHODS)
@pytest.mark.parametrize("status", FOR_ONE)
def test_refusal_of_one_target_stops_no_other(clock: Clock, status: int, first: str, then: str) -> None:
    api = FakeAPI(refusal(status), ok("here"))
    client = build_client(api, clock, retries=0)
    failed(client, first)
    assert client.refusal is None
    assert call(client, then, "m2") == "here"
    assert api.requests == [sent(first), sent(then, "m2")]


@pytest.mark.parametrize("status", TOKEN_REFUSED)
def test_token_that_reads_no_more_stops_reads_also(clock: Clock, status: int) -> None:
    """After a write was refused, reads go on until one of them is refused as well."""
    api = FakeAPI(refusal(403), ok("here"), refusal(status))
    client = build_client(api, clock)
    failed(client, "POST")
    assert call(client, "GET", "m2") == "here"
    error = failed(client, "GET", "m3")
    assert client.refusal is error
    assert failed(client, "GET", "m4") is error
    assert failed(client, "POST", "m4") is error
    assert api.requests == [sent("POST"), sent("GET", "m2"), sent("GET", "m3")]


def test_first_refusal_is_the_reported_one(clock: Clock) -> None:
    client = build_client(FakeAPI(), clock)
    first, second = (errors.ApiError("GET", path, "No.", status=401) for path in ("/a", "/b"))
    client.refuse(first)
    client.refuse(second)
    assert client.refusal is first


def test_success_that_says_false_is_about_its_target(clock: Clock) -> None:
    client = build_client(FakeAPI(refusal(200), ok("here")), clock)
    failed(client, "GET")
    assert (client.refusal, call(client, "GET")) == (None, "here")


def test_write_that_was_stopped_was_not_tried(clock: Clock) -> None:
    client = build_client(FakeAPI(refusal(401)), clock)
    failed(client, "GET")
    failed(client, "POST")
    assert (client.has_written, client.is_sent, client.requests) == (False, False, 1)


def test_refused_task_sits_out_no_hold(clock: Clock) -> None:
    client = build_client(FakeAPI(Reply(403, {}, {"Ratelimit": '"default";r=0;t=250'})), clock)
    error = failed(client, "GET")
    assert failed(client, "GET") is error
    assert failed(client, "POST") is error
    assert (clock.sleeps, client.held) == ([], 0.0)


def test_threads_that_wait_for_the_first_answer_are_stopped_by_it(clock: Clock) -> None:
    """The first request goes alone, so a wrong token costs one request."""

    class Slow(FakeAPI):
        def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
            time.sleep(0.05)  # long enough for the other threads to come and wait
            return super().send(request, **options)

    api = Slow(refusal(403))
    client = build_client(api, clock, connections=8)
    found = client.side_by_side(lambda number: failed(client, "GET", f"m{number}"), range(40))
    assert len(api.requests) == 1
    assert set(found) == {client.refusal}


@pytest.mark.parametrize(("status", "is_planned"), [(401, False), (403, False), (404, True)])
def test_plan_of_a_refused_task_makes_no_forecast(clock: Clock, status: int, is_planned: bool) -> None:
    limit = {"Ratelimit": '"default";r=5;t=60', "Ratelimit-Policy": '"default";q=1200;w=300'}
    client = build_client(FakeAPI(Reply(status, {}, limit)), clock)
    failed(client, "GET")
    client.plan(10)
    assert client.forecast == ((10, 1200, 300, 60.0) if is_planned else None)


@pytest.mark.parametrize("method", METHODS)
def test_check_raises_what_was_refused(clock: Clock, method: str) -> None:
    """Even though reads still pass after a write: they must not begin with another target."""
    client = build_client(FakeAPI(refusal(403)), clock)
    client.check()
    error = failed(client, method)
    with pytest.raises(errors.ApiError) as caught:
        client.check()
    assert caught.value is error


def test_check_raises_what_ends_the_task(clock: Clock) -> None:
    client = build_client(FakeAPI(), clock, task_timeout=60)
    client.check()
    clock.now += 60
    with pytest.raises(errors.TaskTimeoutError):
        client.check()
    client.interrupt()
    with pytest.raises(errors.InterruptError):
        client.check()


# The proxy refuses its user


@pytest.mark.parametrize("then", METHODS)
@pytest.mark.parametrize("before", [[], [ok("there")]], ids=["nothing before", "an answer before"])
def test_proxy_that_does_not_know_its_user_is_asked_once(clock: Clock, before: list[Answer], then: str) -> None:
    """Each further try could lock the account."""
    api = FakeAPI(*before, refused_by_proxy(407))
    client = build_client(api, clock)
    for _unused in before:
        call(client, "GET")
    error = failed(client, "GET", "m2")
    assert isinstance(error, errors.ProxyRefusedError)
    assert failed(client, then, "m3") is error
    assert (api.requests[len(before) :], clock.sleeps) == ([sent("GET", "m2")], [])


@pytest.mark.parametrize("then", METHODS)
def test_proxy_that_does_not_know_the_user_of_a_write_is_asked_once_more_by_reads(clock: Clock, then: str) -> None:
    api = FakeAPI(refused_by_proxy(407), refused_by_proxy(407))
    client = build_client(api, clock)
    first = failed(client, "POST")
    assert client.find_pause("POST", first, 0) is None
    second = failed(client, "GET", "m2")
    assert failed(client, then, "m3") is second
    assert api.requests == [sent("POST"), sent("GET", "m2")]


# The API has never answered


def untrusted() -> Exception:
    return unsent(OSError("Could not find a suitable TLS CA certificate bundle"))


SILENT: dict[str, tuple[Callable[[], Answer], int]] = {
    "refused": (refused, 3),
    "connect timeout": (connect_timeout, 3),
    "dropped": (dropped, 3),
    "read timeout": (read_timeout, 3),
    "no CA bundle": (untrusted, 1),
    "odd URL": (lambda: unsent(requests.exceptions.InvalidURL("odd")), 1),
    "proxy": (refused_by_proxy, 2),
}
each_silence = pytest.mark.parametrize(("ending", "tries"), SILENT.values(), ids=SILENT)
SPOKEN: dict[str, Answer] = {
    "404": refusal(404),
    "500": refusal(500),
    "502 of a proxy": Reply(502, "<html>Bad gateway</html>"),
    "garbage": Reply(200, "<html>Welcome</html>"),
    "empty": Reply(200),
    "redirect": Reply(302, headers={"Location": "https://elsewhere.test/"}),
    "too large": Reply(200, bytes(LARGEST_ANSWER + 1)),
}


@pytest.mark.parametrize("then", METHODS)
@each_silence
def test_nothing_is_sent_after_a_first_read_that_nothing_answered(
    clock: Clock, ending: Callable[[], Answer], tries: int, then: str
) -> None:
    """The next one does not wait between tries that it does not make."""
    api = FakeAPI(*[ending() for _unused in range(tries)])
    client = build_client(api, clock, retries=2)
    error = failed(client, "GET")
    assert client.refusal is error
    clock.sleeps.clear()
    assert failed(client, then, "m2") is error
    assert (api.requests, client.requests, clock.sleeps) == ([sent("GET")] * tries, tries, [])
    with pytest.raises(type(error)) as caught:
        client.check()
    assert caught.value is error


@pytest.mark.parametrize("answer", SPOKEN.values(), ids=SPOKEN)
def test_answer_of_any_kind_breaks_the_silence(clock: Clock, answer: Answer) -> None:
    api = FakeAPI(answer, ok("here"))
    client = build_client(api, clock, retries=0)
    failed(client, "GET")
    assert client.refusal is None
    assert call(client, "GET", "m2") == "here"
    assert api.requests == [sent("GET"), sent("GET", "m2")]


@pytest.mark.parametrize("before", METHODS)
@each_silence
def test_silence_after_an_answer_is_that_of_one_target(clock: Clock, ending: Callable[[], Answer], tries: int, before: str) -> None:
    api = FakeAPI(ok("there"), *[ending() for _unused in range(tries)], ok("here"))
    client = build_client(api, clock, retries=2)
    call(client, before)
    failed(client, "GET", "m2")
    assert client.refusal is None
    assert call(client, "GET", "m3") == "here"
    assert api.requests == [sent(before), *[sent("GET", "m2")] * tries, sent("GET", "m3")]


@each_silence
def test_write_that_nothing_answered_lets_reads_look_for_its_effect(clock: Clock, ending: Callable[[], Answer], tries: int) -> None:
    api = FakeAPI(ending(), ok("here"))
    client = build_client(api, clock)
    failed(client, "POST")
    assert client.refusal is None
    assert call(client, "GET") == "here"
    assert api.requests == [sent("POST"), sent("GET")]


def test_read_has_all_of_its_tries_before_it_stops_the_others(clock: Clock) -> None:
    client = build_client(FakeAPI(dropped(), dropped(), ok("here")), clock, retries=2)
    assert call(client, "GET") == "here"
    assert client.refusal is None


def test_silence_ends_when_something_answers(clock: Clock) -> None:
    """One read gives up while another is under way, and that one is answered after all."""
    is_under_way, may_answer = threading.Event(), threading.Event()

    class SlowSecond(FakeAPI):
        def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
            if str(request.url).endswith("/m2"):
                is_under_way.set()
                assert may_answer.wait(60)
            return super().send(request, **options)

    def begin_the_second(_seconds: float) -> None:
        """Between the two tries of the first one."""
        second.start()
        assert is_under_way.wait(60)

    api = SlowSecond(dropped(), dropped(), ok("second"), ok("third"))
    clock.sleep = begin_the_second  # type: ignore[method-assign]
    client = build_client(api, clock, connections=2, retries=1)
    second = threading.Thread(target=lambda: call(client, "GET", "m2"))
    error = failed(client, "GET", "m1")
    assert failed(client, "GET", "m3") is error
    may_answer.set()
    second.join(60)
    assert client.refusal is None
    assert call(client, "GET", "m3") == "third"
    assert api.requests == [sent("GET", "m1"), sent("GET", "m1"), sent("GET", "m2"), sent("GET", "m3")]


def test_refused_token_is_reported_rather_than_the_silence_before_it(clock: Clock) -> None:
    client = build_client(FakeAPI(dropped()), clock, retries=0)
    failed(client, "GET")
    error = errors.ApiError("GET", "/x", "No.", status=401)
    client.refuse(error)
    with suppress(errors.ApiError):
        call(client, "GET")
    assert client.refusal is error

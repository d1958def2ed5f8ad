# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time that a task has for all of its requests: none leaves after it, nothing is waited for beyond it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InterruptError, RequestError, TaskTimeoutError
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.pacing import Pacing
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Answer, Clock, FakeAPI, Reply, build_client, dropped, ok, refusal

OVER = "task_timeout is over"
AFTER_500 = " (the last try: GET /meetings/m1 answered 500 (code 500): No)"
METHODS = ("GET", "POST")
both_methods = pytest.mark.parametrize("method", METHODS)


class SlowAPI(FakeAPI):
    """Each answer takes ``seconds``."""

    def __init__(self, clock: Clock, seconds: float, *script: Answer) -> None:
        super().__init__(*script)
        self._clock, self._seconds = clock, seconds

    def answer(self, *sent: Any) -> Answer:
        self._clock.now += self._seconds
        return super().answer(*sent)


def used_up(seconds: int) -> Reply:
    return Reply(200, {"data": "here"}, {"Ratelimit": f'"default";r=0;t={seconds}'})


def call(client: Client, method: str = "GET") -> Any:
    return getattr(client, method.lower())(("meetings", "m1"), lambda payload: payload.data)


def too_long(seconds: int) -> str:
    """Return the reason not to wait for so many seconds, with TIME for the time of day."""
    return f"the API accepts no requests for {seconds} seconds: try again at TIME UTC, and task_timeout is over before that"


def timed_out(client: Client, method: str = "GET", why: str = OVER) -> TaskTimeoutError:
    with pytest.raises(TaskTimeoutError) as caught:
        call(client, method)
    said = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", str(caught.value))
    assert (said, caught.value.is_uncertain) == (f"Not finished: {why}. Run the task again to do the rest", False)
    return caught.value


@both_methods
@pytest.mark.parametrize(("passed", "is_sent"), [(0, True), (59.999, True), (60, False), (1000, False)])
def test_request_leaves_in_time_or_never(clock: Clock, method: str, passed: float, is_sent: bool) -> None:
    """From the moment on at which the client was built."""
    api = FakeAPI(ok("here"))
    clock.now += 500
    client = build_client(api, clock, task_timeout=60)
    clock.now += passed
    if is_sent:
        assert call(client, method) == "here"
    else:
        timed_out(client, method)
    assert (len(api.requests), client.has_written) == (int(is_sent), is_sent and method == "POST")


def test_task_without_a_timeout_has_all_the_time(clock: Clock) -> None:
    client = build_client(FakeAPI(ok("here")), clock)
    clock.now += 10**6
    client.check()
    assert call(client) == "here"


@both_methods
def test_request_under_way_finishes(clock: Clock, method: str) -> None:
    api = SlowAPI(clock, 20, ok("here"))
    client = build_client(api, clock, task_timeout=10)
    assert call(client, method) == "here"
    timed_out(client, method)
    assert len(api.requests) == 1


def test_read_is_not_tried_again_after_it(clock: Clock) -> None:
    """The last sleep between two tries ends when the task does."""
    api = FakeAPI(*[refusal(500)] * 3)
    timed_out(build_client(api, clock, task_timeout=3, retries=6), why=OVER + AFTER_500)
    assert (len(api.requests), clock.sleeps) == (3, [0.5, 1.0, 1.5])


def test_read_whose_last_try_takes_too_long_is_not_tried_again(clock: Clock) -> None:
    api = SlowAPI(clock, 20, dropped())
    said = "GET /meetings/m1: the connection broke: Connection reset by peer"
    error = timed_out(build_client(api, clock, task_timeout=10, retries=6), why=f"{OVER} (the last try: {said})")
    assert (len(api.requests), clock.sleeps) == (1, [0.0])
    assert error.details() == {**error.after.details(), "message": str(error)}  # type: ignore[union-attr]
    assert error.__cause__ is error.after


def test_read_that_was_never_tried_mentions_no_try(clock: Clock) -> None:
    client = build_client(FakeAPI(), clock, task_timeout=10)
    clock.now += 10
    error = timed_out(client)
    assert (error.after, error.__cause__) == (None, None)
    assert error.details()["path"] is None


def test_error_of_a_read_has_only_its_own_last_try(clock: Clock) -> None:
    """Not of the first one, nor of that of another read."""
    api = SlowAPI(clock, 4, dropped(), ok("here"), dropped(), refusal(500))
    client = build_client(api, clock, task_timeout=17, retries=6)
    assert call(client) == "here"
    error = timed_out(client, why=OVER + AFTER_500)
    assert error.details()["status"] == 500
    timed_out(client)
    assert len(api.requests) == 4


def test_interruption_between_two_tries_mentions_the_last_one(clock: Clock) -> None:
    api = FakeAPI(refusal(500))
    client = build_client(api, clock)
    client.sleep = lambda seconds: client.interrupt()
    with pytest.raises(InterruptError) as caught:
        call(client)
    assert str(caught.value) == f"Not finished: the task was interrupted{AFTER_500}. Run the task again to do the rest"
    assert (caught.value.details()["path"], caught.value.details()["status"]) == ("/meetings/m1", 500)
    assert len(api.requests) == 1


@both_methods
@pytest.mark.parametrize(("timeout", "is_sat_out"), [(61, True), (60, False), (2, False)])
def test_hold_that_ends_after_it_is_not_waited_for(clock: Clock, method: str, timeout: int, is_sat_out: bool) -> None:
    api = FakeAPI(used_up(60), ok("after"))
    client = build_client(api, clock, task_timeout=timeout)
    call(client)
    if is_sat_out:
        assert call(client, method) == "after"
    else:
        error = timed_out(client, method, too_long(60))
        assert error.after is None
    held = 60.0 if is_sat_out else 0.0
    assert (len(api.requests), clock.sleeps, client.held) == (1 + is_sat_out, [60.0] * is_sat_out, held)


def test_429_that_holds_beyond_it_is_not_waited_for(clock: Clock) -> None:
    api = FakeAPI(refusal(429, Retry_After="100"))
    said = (
        "GET /meetings/m1 answered 429 (code 429): No. The rate limit is used up: "
        "wait up to five minutes. Other clients of the same user also count"
    )
    error = timed_out(build_client(api, clock, task_timeout=100), why=f"{too_long(100)} (the last try: {said})")
    assert (error.details()["status"], error.details()["code"]) == (429, 429)
    assert (len(api.requests), clock.sleeps) == (1, [])


def test_hold_beyond_it_says_the_time_of_day(clock: Clock) -> None:
    """To the second, or up to two later."""
    client = build_client(FakeAPI(used_up(60)), clock, task_timeout=60)
    call(client)
    before = time.time()
    found = re.search(r"try again at (\S+ \S+) UTC", str(timed_out(client, why=too_long(60))))
    assert found
    assert found[1] in [time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(before + 60 + late)) for late in range(3)]


def test_hold_that_no_task_sits_out_says_when_to_come_back(clock: Clock) -> None:
    """Running the task again before then would not help."""
    client = build_client(FakeAPI(used_up(301)), clock, task_timeout=100)
    call(client)
    with pytest.raises(RequestError, match="not sent: the API accepts no requests for 301 seconds: try again at"):
        call(client)


@pytest.mark.parametrize(("passed", "asked", "slept"), [(0, 5, 5.0), (0, 60, 60.0), (0, 1000, 60.0), (50, 30, 10.0), (70, 30, 0.0)])
def test_sleep_ends_with_the_task(clock: Clock, passed: float, asked: float, slept: float) -> None:
    client = build_client(FakeAPI(), clock, task_timeout=60)
    clock.now += passed
    client.sleep(asked)
    assert clock.sleeps == [slept]


def test_sleep_without_a_timeout_is_as_long_as_asked(clock: Clock) -> None:
    build_client(FakeAPI(), clock).sleep(10**6)
    assert clock.sleeps == [10**6]


def test_negative_sleep_is_none(clock: Clock) -> None:
    build_client(FakeAPI(), clock).sleep(-1.0)
    assert clock.sleeps == [0.0]


def test_time_that_is_over_is_over_on_a_real_clock() -> None:
    begun = time.monotonic()
    pacing = Pacing(time.monotonic, lifetime=0.05)
    pacing.sleep(30)
    with pytest.raises(TaskTimeoutError):
        pacing.acquire()
    assert 0.05 <= time.monotonic() - begun < 5


def test_interruption_is_reported_rather_than_the_time() -> None:
    pacing = Pacing(time.monotonic, lifetime=0.0)
    with pytest.raises(TaskTimeoutError):
        pacing.check()
    pacing.stop()
    with pytest.raises(Exception, match="Not finished: the task was interrupted"):
        pacing.check()

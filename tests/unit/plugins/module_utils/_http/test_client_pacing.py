# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the client tells its pacing of each answer, and what comes of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    RequestError,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    UNCERTAIN,
    Clock,
    FakeAPI,
    Reply,
    build_client,
    ok,
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
    """In place of the pacing: lets everything pass, and keeps what it is told of each answer."""

    def __init__(self) -> None:
        self.released: list[Any] = []

    def acquire(self, places: int = 1) -> float:
        return 0.0

    def release(self, *headers: Any, **ending: Any) -> None:
        self.released.append((headers, ending))


LIMIT = {"Ratelimit": '"default";r=5;t=60', "Ratelimit-Policy": '"default";q=1200;w=300'}
NO_HEADERS = (None, None)


@pytest.mark.parametrize(
    ("answer", "headers", "answered", "hold"),
    [
        (ok(1), NO_HEADERS, True, 0.0),
        (Reply(200, {"data": 1}, LIMIT), tuple(LIMIT.values()), True, 0.0),
        (Reply(404, {}, LIMIT), tuple(LIMIT.values()), True, 0.0),
        (Reply(200, "garbage", LIMIT), tuple(LIMIT.values()), True, 0.0),
        (Reply(429, {}, {**LIMIT, "Retry-After": "7"}), tuple(LIMIT.values()), True, 7.0),
        (Reply(429, {}, {}), NO_HEADERS, True, 0.5),
        (refused(), NO_HEADERS, False, 0.0),
        (UNCERTAIN["dropped"](), NO_HEADERS, False, 0.0),
        (KeyError("a defect"), NO_HEADERS, False, 0.0),
    ],
)
def test_pacing_is_told_of_each_ending(clock: Clock, answer: Any, headers: Any, answered: bool, hold: float) -> None:
    client = build_client(FakeAPI(answer), clock, retries=0)
    client._pacing = told = Told()
    with suppress(RequestError, KeyError):
        call(client, "GET")
    assert told.released == [(headers, {"answered": answered, "hold": hold})]


def test_plan_and_policy_make_a_forecast(clock: Clock) -> None:
    told = {"Ratelimit": '"default";r=5;t=60', "Ratelimit-Policy": '"default";q=1200;w=300'}
    client = build_client(FakeAPI(Reply(200, {"data": 1}, told)), clock)
    client.plan(10)
    assert client.forecast is None
    call(client, "GET")
    assert client.forecast == (10, 1200, 300, 60.0)


def test_request_that_was_lost_leaves_the_limit_unknown(clock: Clock) -> None:
    """Or its threads would all go before an answer has told what is left."""
    client = build_client(FakeAPI(UNCERTAIN["dropped"](), Reply(200, {"data": 1}, {"Ratelimit": '"default";r=0;t=7'}), ok(2)), clock)
    assert call(client, "GET") == 1
    assert call(client, "GET") == 2
    assert clock.sleeps == [0.5, 7.0]

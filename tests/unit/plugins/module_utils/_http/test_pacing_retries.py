# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether and when to send again, and what a rate limit header says."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils import _errors as errors
from ansible_collections.streamops.realtimekit.plugins.module_utils._http import pacing


def made(kind: type[errors.RequestError], **of_the_api: Any) -> errors.RequestError:
    return kind("GET", "/x", "words", **of_the_api)


# Which methods may be sent again.
RETRYABLE = [
    (made(errors.NotSentError), {"GET", "POST"}),
    (made(errors.ProxyRefusedError, is_final=False), {"GET", "POST"}),
    (made(errors.ProxyRefusedError, is_final=True), set()),
    (made(errors.RateLimitedError, status=429), {"GET", "POST"}),
    (made(errors.LostAnswerError), {"GET"}),
    (made(errors.ServerError, status=408), {"GET"}),
    (made(errors.ServerError, status=500), {"GET"}),
    (made(errors.StaleStateError), set()),
    (made(errors.HeldError), set()),
    (made(errors.CertificateError), set()),
    (made(errors.RejectedAnswerError), set()),
    (made(errors.RequestError), set()),
    (made(errors.ApiError, status=401), set()),
    (made(errors.ApiError, status=200), set()),
    (made(errors.BadRequestError, status=400), set()),
    (made(errors.NotFoundError, status=404), set()),
    (made(errors.ConflictError, status=409), set()),
    *((made(errors.GoneError, status=status), set()) for status in (404, 405, 410, 501)),
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("error", "methods"), RETRYABLE, ids=[f"{type(error).__name__} {error}" for error, _unused in RETRYABLE])
def test_is_retryable(error: errors.RequestError, methods: set[str], method: str) -> None:
    assert pacing.is_retryable(method, error) == (method in methods)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_proxy_that_refuses_twice_alike_is_not_asked_again(method: str) -> None:
    def refuse(words: str) -> errors.ProxyRefusedError:
        return errors.ProxyRefusedError(method, "/x", words, is_final=False)

    assert pacing.is_retryable(method, refuse("403"), None)
    assert pacing.is_retryable(method, refuse("403"), refuse("502"))
    assert pacing.is_retryable(method, refuse("403"), errors.NotSentError(method, "/x", "no connection"))
    assert not pacing.is_retryable(method, refuse("403"), refuse("403"))


def test_table_has_every_request_error() -> None:
    def below(kind: type) -> set[type]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    assert {type(error) for error, _unused in RETRYABLE} == below(errors.RequestError)


def test_outcome_errors_are_not_retryable() -> None:
    assert not pacing.is_retryable("GET", errors.OutcomeError("words"))


@pytest.mark.parametrize(
    ("attempt", "retry_after", "jitter", "delay"),
    [
        (0, None, 1.0, 0.5),
        (1, None, 1.0, 1.0),
        (2, None, 1.0, 2.0),
        (3, None, 1.0, 4.0),
        (4, None, 1.0, 8.0),
        (5, None, 1.0, 8.0),
        (100_000, None, 1.0, 8.0),
        (0, None, 0.0, 0.25),
        (0, None, 0.5, 0.375),
        (5, None, 0.0, 4.0),
        (0, 0.0, 1.0, 0.5),
        (0, 0.4, 1.0, 0.5),
        (0, 7.0, 1.0, 7.0),
        (0, 7.0, 0.0, 7.0),
        (5, 7.0, 1.0, 8.0),
        (0, 1000.0, 1.0, 1000.0),
    ],
)
def test_retry_delay(attempt: int, retry_after: float | None, jitter: float, delay: float) -> None:
    assert pacing.back_off(attempt, retry_after, jitter) == delay


def test_longest_hold_is_five_minutes() -> None:
    assert pacing.LONGEST_HOLD == 300


@pytest.mark.parametrize(
    ("header", "window"),
    [
        ('"default";r=50;t=30', (50, 30.0)),
        ('"default";t=30;r=50', (50, 30.0)),
        (' "default" ; r=50 ; t=30 ', (50, 30.0)),
        ('"default";q=1200;r=0;t=0', (0, 0.0)),
        ("r=50;t=30", (50, 30.0)),
        ('"burst";r=9;t=1, "default";r=50;t=30', (9, 1.0)),
        ('"default";r=50;t=30, "burst";r=9;t=1', (9, 1.0)),
        ('"a";r=5;t=30, "b";r=5;t=60', (5, 60.0)),
        ('"a";r=5;t=60, "b";r=5;t=30', (5, 60.0)),
        ('"broken";r=x;t=1, "default";r=50;t=30', (50, 30.0)),
        ('"broken";r=1, "default";r=50;t=30, "also";t=3', (50, 30.0)),
        (None, None),
        ("", None),
        ("default", None),
        ('"default";r=50', None),
        ('"default";t=50', None),
        ('"default";r=;t=', None),
        ('"default";r=1.5;t=30', None),
        ('"default";r=nan;t=inf', None),
        (f'"default";r=1;t={"9" * 400}', None),
        (f'"default";r={"9" * 400};t=1', None),
        (f'"default";r={"9" * 9000};t=1', None),
    ],
    ids=lambda value: str(value)[:50],
)
def test_parse_ratelimit(header: str | None, window: tuple[int, float] | None) -> None:
    found = pacing.parse_ratelimit(header)
    assert (found and found[:2]) == window


@pytest.mark.parametrize(
    ("header", "name"),
    [('"burst";r=9;t=1, "default";r=50;t=30', "burst"), ('"burst";r=9;t=1,"default";r=5;t=30', "default"), ("r=50;t=30", "r=50")],
)
def test_parse_ratelimit_names_the_tightest(header: str, name: str) -> None:
    found = pacing.parse_ratelimit(header)
    assert found is not None
    assert found.policy == name

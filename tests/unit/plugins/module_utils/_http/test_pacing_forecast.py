# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forecast of a task's requests under the rate limit, from the first answer after the plan, or before it."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.pacing import Pacing
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock

POLICY = '"default";q=1200;w=300'


def first_answer(clock: Clock, planned: int | None, ratelimit: str | None, policy: str | None) -> Pacing:
    pacing = Pacing(clock, clock.sleep)
    if planned is not None:
        pacing.plan(planned)
    pacing.acquire()
    pacing.release(ratelimit, policy)
    return pacing


@pytest.mark.parametrize(
    ("planned", "left", "resets_in", "policy", "forecast"),
    [
        # Of each window, this one as well, a fiftieth of 1200 is kept in reserve.
        (977, 1000, 40, POLICY, (977, 1200, 300, 40)),
        (976 + 1176, 1000, 40, POLICY, (2152, 1200, 300, 40)),
        (976 + 1177, 1000, 40, POLICY, (2153, 1200, 300, 340)),
        (976 + 2 * 1176 + 1, 1000, 40, POLICY, (3329, 1200, 300, 640)),
        (10, 0, 40, POLICY, (10, 1200, 300, 40)),
        (1, 24, 40, POLICY, (1, 1200, 300, 40)),
        (2, 25, 40, POLICY, (2, 1200, 300, 40)),
        # This task does not restore the part of the reserve that others have used.
        (1176, 24, 40, POLICY, (1176, 1200, 300, 40)),
        (1176, 0, 40, POLICY, (1176, 1200, 300, 40)),
        (1176, -7, 40, POLICY, (1176, 1200, 300, 40)),
        (1177, 0, 40, POLICY, (1177, 1200, 300, 340)),
        (2, 2, 5, '"more";q=50;w=10', (2, 50, 10, 5)),
        (3, 0, 5, '"one";q=1;w=10', (3, 1, 10, 25)),
        (49, 0, 5, '"few";q=49;w=10', (49, 49, 10, 5)),
        (60, 0, 5, '"few";q=49;w=10, "more";q=50;w=10', (60, 50, 10, 15)),
        # Enough requests are left, or this is unknown.
        (976, 1000, 40, POLICY, None),
        (1, 1000, 40, POLICY, None),
        (1, 25, 40, POLICY, None),
        (2, 2, 5, '"few";q=49;w=10', None),
        (1001, 1000, 40, None, None),
        (1001, 1000, 40, '"default";q=1200', None),
        (1001, 1000, 40, '"default";q=0;w=300', None),
        (1001, 1000, 40, '"default";q=1200;w=0', None),
        (None, 0, 40, POLICY, None),
        (None, -1, 40, POLICY, None),
    ],
)
def test_forecast(
    clock: Clock, planned: int | None, left: int, resets_in: int, policy: str | None, forecast: tuple[int, int, int, float] | None
) -> None:
    assert first_answer(clock, planned, f'"default";r={left};t={resets_in}', policy).forecast == forecast


def test_answer_without_a_window_forecasts_nothing(clock: Clock) -> None:
    assert first_answer(clock, 5000, None, POLICY).forecast is None


def test_forecast_is_that_of_the_first_answer(clock: Clock) -> None:
    pacing = first_answer(clock, 20, '"default";r=10;t=40', POLICY)
    pacing.acquire()
    pacing.release('"default";r=0;t=40', POLICY)
    assert pacing.forecast == (20, 1200, 300, 40)


def test_later_answers_forecast_nothing(clock: Clock) -> None:
    pacing = first_answer(clock, 20, '"default";r=44;t=40', POLICY)
    pacing.acquire()
    pacing.release('"default";r=0;t=40', POLICY)
    assert pacing.forecast is None


# A plan that comes after an answer


@pytest.mark.parametrize(
    ("planned", "more", "seconds", "forecast"),
    [
        (976, 0, 0, None),
        (977, 0, 0, (977, 1200, 300, 40)),
        (976 + 1177, 0, 0, (2153, 1200, 300, 340)),
        (974, 2, 0, None),
        (975, 2, 0, (975, 1200, 300, 40)),
        (977, 0, 15, (977, 1200, 300, 25)),
    ],
)
def test_forecast_from_what_is_known(
    clock: Clock, planned: int, more: int, seconds: int, forecast: tuple[int, int, int, float] | None
) -> None:
    """``more`` requests are sent before the plan, and ``seconds`` pass."""
    pacing = first_answer(clock, None, '"default";r=1000;t=40', POLICY)
    for _unused in range(more):
        pacing.acquire()
        pacing.release()
    clock.now += seconds
    pacing.plan(planned)
    assert pacing.forecast == forecast
    pacing.acquire()
    pacing.release('"default";r=0;t=40', POLICY)
    assert pacing.forecast == forecast, "it is made once"


@pytest.mark.parametrize("policy", [None, '"default";q=1200', '"default";q=0;w=300'])
def test_plan_forecasts_nothing_without_a_policy(clock: Clock, policy: str | None) -> None:
    pacing = first_answer(clock, None, '"default";r=0;t=40', policy)
    pacing.plan(5000)
    assert pacing.forecast is None


def test_plan_waits_for_an_answer_that_reports_the_limit(clock: Clock) -> None:
    pacing = first_answer(clock, None, None, None)
    pacing.plan(20)
    assert pacing.forecast is None
    pacing.acquire()
    pacing.release('"default";r=10;t=40', POLICY)
    assert pacing.forecast == (20, 1200, 300, 40)


@pytest.mark.parametrize("seconds", [40, 41])
def test_plan_after_the_end_of_a_window_waits_for_the_next_answer(clock: Clock, seconds: int) -> None:
    """The old number of requests left is not valid any more."""
    pacing = first_answer(clock, None, '"default";r=0;t=40', POLICY)
    clock.now += seconds
    pacing.plan(20)
    assert pacing.forecast is None
    pacing.acquire()
    pacing.release('"default";r=10;t=50', POLICY)
    assert pacing.forecast == (20, 1200, 300, 50)


@pytest.mark.parametrize(("left", "quota"), [(100, 1200), (24, 1200), (10, 1200), (30, 49), (30, 50)])
@pytest.mark.parametrize("beyond", [0, 1])
def test_forecast_foresees_the_hold(clock: Clock, left: int, quota: int, beyond: int) -> None:
    """As many as pass at once need none; with one more, the task is held to the end of the window."""
    pacing = first_answer(clock, None, f'"default";r={left};t=40', f'"default";q={quota};w=300')
    planned = max(0, left - quota // 50) + beyond
    pacing.plan(planned)
    for _unused in range(planned):
        pacing.acquire()
        pacing.release()
    assert (pacing.forecast.seconds if pacing.forecast else 0.0) == sum(clock.sleeps) == 40.0 * beyond


def test_reserve_is_reckoned_from_the_policy(clock: Clock) -> None:
    """The first answer may find most of the quota used."""
    pacing = first_answer(clock, None, '"default";r=25;t=40', POLICY)
    pacing.acquire()
    pacing.release()
    assert clock.sleeps == []
    pacing.acquire()
    assert clock.sleeps == [40.0]

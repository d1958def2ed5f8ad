# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a task's requests take under the rate limit, told from the first answer."""

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
        # Each further window lets 1200 less a fiftieth pass.
        (1001, 1000, 40, POLICY, (1001, 1200, 300, 40)),
        (1000 + 1176, 1000, 40, POLICY, (2176, 1200, 300, 40)),
        (1000 + 1177, 1000, 40, POLICY, (2177, 1200, 300, 340)),
        (1000 + 2 * 1176 + 1, 1000, 40, POLICY, (3353, 1200, 300, 640)),
        (10, 0, 40, POLICY, (10, 1200, 300, 40)),
        (3, 0, 5, '"one";q=1;w=10', (3, 1, 10, 25)),
        (49, 0, 5, '"few";q=49;w=10', (49, 49, 10, 5)),
        (60, 0, 5, '"few";q=49;w=10, "more";q=50;w=10', (60, 50, 10, 15)),
        # What is left is enough, or nothing is known.
        (1000, 1000, 40, POLICY, None),
        (1, 1000, 40, POLICY, None),
        (1001, 1000, 40, None, None),
        (1001, 1000, 40, '"default";q=1200', None),
        (1001, 1000, 40, '"default";q=0;w=300', None),
        (1001, 1000, 40, '"default";q=1200;w=0', None),
        (None, 0, 40, POLICY, None),
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
    pacing = first_answer(clock, 20, '"default";r=30;t=40', POLICY)
    pacing.acquire()
    pacing.release('"default";r=0;t=40', POLICY)
    assert pacing.forecast is None


def test_reserve_is_reckoned_from_the_policy(clock: Clock) -> None:
    """The first answer may find most of the quota used."""
    pacing = first_answer(clock, None, '"default";r=25;t=40', POLICY)
    pacing.acquire()
    pacing.release()
    assert clock.sleeps == []
    pacing.acquire()
    assert clock.sleeps == [40.0]

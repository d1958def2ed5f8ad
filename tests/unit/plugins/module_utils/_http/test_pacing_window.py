# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rate limit window: one request at a time as far as it can be seen from the outside, with a clock that only sleep moves."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.pacing import Pacing
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock


@pytest.fixture
def pacing(clock: Clock) -> Pacing:
    return Pacing(clock, clock.sleep)


def told(left: int, resets_in: float) -> str:
    return f'"default";r={left};t={resets_in:.0f}'


def send(pacing: Pacing, header: str | None = None, **ending: object) -> float:
    """One request with its answer."""
    too_long = pacing.acquire()
    if not too_long:
        pacing.release(header, **ending)  # type: ignore[arg-type]
    return too_long


def test_nothing_is_held_without_a_limit(pacing: Pacing, clock: Clock) -> None:
    for _unused in range(1000):
        assert send(pacing) == 0.0
    assert (clock.sleeps, pacing.held) == ([], 0.0)


def test_clock_may_begin_at_nought(pacing: Pacing, clock: Clock) -> None:
    clock.now = 0.0
    send(pacing)
    send(pacing, hold=0.5)
    send(pacing)
    assert (clock.sleeps, pacing.held) == ([0.5], 0.5)


def test_nothing_is_held_while_enough_is_left(pacing: Pacing, clock: Clock) -> None:
    for left in range(1200, 24, -1):  # a fiftieth of 1200 is 24
        assert send(pacing, told(left, 300)) == 0.0
    assert clock.sleeps == []


@pytest.mark.parametrize(("quota", "reserve"), [(1200, 24), (100, 2), (99, 1), (50, 1), (49, 0), (10, 0)])
def test_reserve_is_left_to_others(pacing: Pacing, clock: Clock, quota: int, reserve: int) -> None:
    send(pacing, told(quota, 60))
    send(pacing, told(reserve + 1, 60))
    assert clock.sleeps == []
    send(pacing, told(reserve, 60))
    assert clock.sleeps == [], "one more than the reserve was left"
    send(pacing, told(quota, 60))
    assert (clock.sleeps, pacing.held) == ([60.0], 60.0)


BOTH = '"burst";q=100;w=10, "default";q=1200;w=300'


@pytest.mark.parametrize(("left", "is_held"), [(3, False), (2, True)])
def test_reserve_is_that_of_the_tightest_policy(pacing: Pacing, clock: Clock, left: int, is_held: bool) -> None:
    """Of a hundred requests two are left to others, even if another policy allows more."""
    header = f'"burst";r={left};t=10, "default";r=700;t=300'
    send(pacing, header, policy=BOTH)
    send(pacing)
    assert (clock.sleeps == [10.0]) == is_held


@pytest.mark.parametrize(("left", "is_held"), [(25, False), (24, True)])
def test_policy_of_no_known_name_has_the_largest_quota(pacing: Pacing, clock: Clock, left: int, is_held: bool) -> None:
    send(pacing, f'"other";r={left};t=10', policy=BOTH)
    send(pacing)
    assert (clock.sleeps == [10.0]) == is_held


def test_negative_quota_is_none(pacing: Pacing, clock: Clock) -> None:
    send(pacing, '"default";r=0;t=10', policy='"default";q=-1;w=300')
    send(pacing)
    assert clock.sleeps == [10.0]


def test_requests_without_a_header_count_down(pacing: Pacing, clock: Clock) -> None:
    """Those of which the answer was lost as well: the API may have counted them."""
    send(pacing, told(3, 60))
    for _unused in range(3):
        send(pacing)
    assert (clock.sleeps, pacing.sent) == ([], 4)
    send(pacing)
    assert (clock.sleeps, pacing.sent) == ([60.0], 5)


def test_requests_that_were_not_sent_do_not_count(pacing: Pacing, clock: Clock) -> None:
    send(pacing, told(1, 60))
    for _unused in range(3):
        send(pacing, is_sent=False)
    assert (clock.sleeps, pacing.sent) == ([], 1)
    send(pacing)
    assert clock.sleeps == []
    send(pacing)
    assert clock.sleeps == [60.0]


def test_limit_stays_unknown_after_a_request_that_was_not_sent(pacing: Pacing, clock: Clock) -> None:
    send(pacing, is_sent=False)
    send(pacing, told(0, 60))
    send(pacing)
    assert (clock.sleeps, pacing.sent) == ([60.0], 2)


def test_first_request_of_a_window_may_be_lost(pacing: Pacing, clock: Clock) -> None:
    """The old window is not valid any more, and the next answer shows the new one."""
    send(pacing, told(0, 40))
    send(pacing)
    send(pacing)
    assert clock.sleeps == [40.0]
    send(pacing, told(0, 20))
    send(pacing)
    assert clock.sleeps == [40.0, 20.0]


def test_hold_lasts_until_the_window_ends(pacing: Pacing, clock: Clock) -> None:
    send(pacing, told(0, 40))
    clock.now += 15
    send(pacing, told(100, 60))
    assert clock.sleeps == [25.0]


def test_first_request_after_a_window_finds_out_again(pacing: Pacing, clock: Clock) -> None:
    """The window slides: the probe's answer shows the requests left, which are not the quota."""
    send(pacing, told(100, 60))
    clock.now += 60
    assert pacing.acquire() == 0.0
    pacing.release(told(0, 10))
    send(pacing, told(5, 10))
    assert clock.sleeps == [10.0]


def test_window_that_has_ended_says_nothing(pacing: Pacing, clock: Clock) -> None:
    send(pacing, told(0, 40))
    clock.now += 40
    send(pacing, told(100, 60))
    assert clock.sleeps == []


def test_answers_of_one_window_overtake_each_other(pacing: Pacing, clock: Clock) -> None:
    send(pacing, told(50, 60))
    send(pacing, told(1, 60))
    send(pacing, told(7, 60))  # older than the one before: 1 was left when it was sent, or less
    send(pacing, told(7, 60))
    assert clock.sleeps == [60.0]


@pytest.mark.parametrize("again", [61, 60, 59, 1], ids=lambda seconds: f"in {seconds} seconds")
def test_answers_of_one_window_may_disagree_about_its_end(pacing: Pacing, clock: Clock, again: int) -> None:
    send(pacing, told(40, 60))
    send(pacing, told(1, 60))
    send(pacing, told(39, again))
    send(pacing)
    assert clock.sleeps == []
    send(pacing)
    assert clock.sleeps == [min(60.0, again)], "one was left, and of two ends the earlier one is taken"


def test_later_window_starts_afresh(pacing: Pacing, clock: Clock) -> None:
    send(pacing, told(50, 60))
    send(pacing, told(2, 60))
    send(pacing, told(40, 62))
    for left in range(39, 1, -1):
        send(pacing, told(left, 62))
    assert clock.sleeps == []


@pytest.mark.parametrize(("later", "left"), [(1.4, 1), (1.5, 1), (1.6, 30)])
def test_window_that_ends_a_second_and_a_half_later_is_another(pacing: Pacing, clock: Clock, later: float, left: int) -> None:
    send(pacing, told(40, 60))
    send(pacing, told(1, 60))
    clock.now += later
    send(pacing, told(30, 60))
    for _unused in range(left):
        send(pacing)
    assert clock.sleeps == []
    send(pacing)
    assert clock.sleeps == [60.0 if left == 30 else pytest.approx(60.0 - later)]


def test_sliding_window_that_shows_places_again(pacing: Pacing, clock: Clock) -> None:
    send(pacing, told(0, 20))
    for _unused in range(3):
        send(pacing, told(0, 20))
    send(pacing, told(30, 20))
    assert clock.sleeps == [20.0] * 4
    assert pacing.held == 80.0


def test_window_too_long_to_sit_out_is_said_at_once(pacing: Pacing, clock: Clock) -> None:
    send(pacing, told(0, 301))
    assert send(pacing) == 301.0
    clock.now += 1
    assert send(pacing, told(100, 60)) == 0.0
    assert (clock.sleeps, pacing.held) == ([300.0], 300.0)


def test_refused_request_holds(pacing: Pacing, clock: Clock) -> None:
    send(pacing, None, hold=7.0)
    send(pacing)
    send(pacing)
    assert (clock.sleeps, pacing.held) == ([7.0], 7.0)


def test_refusal_that_ends_before_an_earlier_one_shortens_nothing(pacing: Pacing, clock: Clock) -> None:
    pacing.acquire()
    pacing.release(told(50, 60))
    pacing.acquire()
    pacing.acquire()
    pacing.release(hold=9.0)
    pacing.release(hold=2.0)
    send(pacing)
    assert clock.sleeps == [9.0]


@pytest.mark.parametrize(
    ("header", "pause"),
    [(told(0, 30), 30.0), (told(-1, 30), 30.0), (told(0, 3), 7.0), (told(1, 30), 7.0), (None, 7.0)],
    ids=["used up", "overdrawn", "used up, sooner", "one left", "no header"],
)
def test_refused_request_holds_until_the_window_ends(pacing: Pacing, clock: Clock, header: str | None, pause: float) -> None:
    send(pacing, header, hold=7.0)
    send(pacing, told(50, 60))
    assert clock.sleeps == [pause]


def test_hold_too_long_is_said_at_once(pacing: Pacing, clock: Clock) -> None:
    send(pacing, hold=1000.0)
    clock.now += 1
    assert send(pacing) == 999.0
    assert (clock.sleeps, pacing.held) == ([], 0.0)


def test_after_a_refusal_one_request_finds_out(pacing: Pacing, clock: Clock) -> None:
    """An answer before the refusal is not valid any more."""
    send(pacing, told(100, 60))
    send(pacing, hold=1.0)
    send(pacing, told(0, 10))
    send(pacing, told(9, 10))
    assert clock.sleeps == [1.0, 10.0]


# A read and the write that rests on it


@pytest.mark.parametrize(("left", "is_held"), [(26, False), (25, True), (24, True)])
def test_read_that_a_write_follows_needs_two_places(pacing: Pacing, clock: Clock, left: int, is_held: bool) -> None:
    """Besides those of the reserve, which is 24."""
    send(pacing, told(left, 60), policy='"default";q=1200;w=300')
    pacing.acquire(places=2)
    assert clock.sleeps == [60.0] * is_held


def test_write_right_behind_its_read_waits_for_no_place(pacing: Pacing, clock: Clock) -> None:
    send(pacing, told(0, 60))
    assert pacing.acquire(places=0) == 0.0
    assert clock.sleeps == []


def test_write_right_behind_its_read_does_not_wait_for_the_hold_of_another_thread(pacing: Pacing, clock: Clock) -> None:
    """It would be too old behind the hold, and so would the next one."""
    send(pacing, told(9, 60), hold=7.0)
    assert pacing.acquire(places=0) == 0.0
    assert clock.sleeps == []

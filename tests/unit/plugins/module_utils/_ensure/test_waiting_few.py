# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for a few meetings: one read each, spaced. How it ends is in test_waiting_few_ends."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import waiting
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ApiError, WaitTimeoutError
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import FakeStudio, started, stopped, wait
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    NONE_ACTIVE,
    STREAM_KEY,
    THEIRS,
    Answer,
    Clock,
    FakeAPI,
    livestream,
    read,
)


def test_bounds() -> None:
    assert (waiting.SPACING, waiting.INTERVAL, waiting.PATIENCE, waiting.ONE_BY_ONE, waiting.READS_PER_POLL) == (0.4, 1.0, 0.1, 5, 25)


# The meetings to wait for


@pytest.mark.parametrize("changed", [True, False])
def test_live_one_is_not_waited_for(clock: Clock, changed: bool) -> None:
    wait(FakeAPI(), clock, started(clock, 1, changed=changed, status="LIVE"))
    assert clock.sleeps == []


def test_failed_one_is_not_waited_for(clock: Clock) -> None:
    outcome = started(clock, 1)
    outcome.error = ApiError("POST", "/x", "No.", status=403)
    wait(FakeAPI(), clock, outcome)
    assert outcome.error.status == 403


def test_one_that_had_none_active_is_not_waited_for(clock: Clock) -> None:
    wait(FakeAPI(), clock, stopped(clock, 1, changed=False), live=False)


def test_no_outcome_needs_no_wait(clock: Clock) -> None:
    wait(FakeAPI(), clock)
    assert clock.sleeps == []


@pytest.mark.parametrize("changed", [True, False], ids=["started", "found INVOKED"])
def test_until_live(clock: Clock, changed: bool) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, stream(1)), (2.5, stream(1, "LIVE"))]})
    outcome = started(clock, 1, changed=changed)
    wait(api, clock, outcome)
    assert (outcome.error, outcome.changed, outcome.after["status"]) == (None, changed, "LIVE")
    assert api.requests == [read(meeting(1))] * 3
    assert clock.sleeps == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("gone", [None, NONE_ACTIVE, stream(1, "IDLE")], ids=["null", "404", "IDLE"])
def test_until_none_is_active(clock: Clock, gone: Answer) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, stream(1, "LIVE")), (1.5, stream(1, "ERRORED")), (2.5, gone)]})
    outcome = stopped(clock, 1)
    wait(api, clock, outcome, live=False)
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, None)
    assert api.requests == [read(meeting(1))] * 3


@pytest.mark.parametrize(
    "shown", [None, NONE_ACTIVE, livestream(THEIRS, "LIVE"), livestream(THEIRS, "ERRORED")], ids=["null", "404", "LIVE", "ERRORED"]
)
def test_what_was_stopped_never_counts(clock: Clock, shown: Answer) -> None:
    """Nor is it an end that none shows yet: the one that was started is waited for."""
    api = FakeStudio(clock, {meeting(1): [(0, shown), (1.5, stream(1)), (2.5, stream(1, "LIVE"))]})
    outcome = started(clock, 1)
    outcome.stopped_id = THEIRS
    wait(api, clock, outcome)
    assert (outcome.error, outcome.after["id"], outcome.after["status"]) == (None, stream(1)["id"], "LIVE")
    assert len(api.requests) == 3


def test_livestream_that_was_started_again_under_its_id_counts(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, stream(1)), (1.5, stream(1, "LIVE"))]})
    outcome = started(clock, 1)
    outcome.stopped_id = outcome.started_id = stream(1)["id"]
    wait(api, clock, outcome)
    assert (outcome.error, outcome.after["status"]) == (None, "LIVE")
    assert len(api.requests) == 2


def test_what_was_stopped_times_out(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, livestream(THEIRS, "LIVE"))]})
    outcome = started(clock, 1)
    outcome.stopped_id = THEIRS
    wait(api, clock, outcome, timeout=3)
    assert isinstance(outcome.error, WaitTimeoutError)
    assert outcome.after["id"] == stream(1)["id"]


# Known values stay known


def test_read_that_says_less_takes_nothing_away(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, {**stream(1, "LIVE"), "playback_url": "https://play.test/x.m3u8", "name": None})]})
    outcome = started(clock, 1, name="Main", stream_key=STREAM_KEY, playback_url=None)
    wait(api, clock, outcome)
    assert outcome.after["status"] == "LIVE"
    assert (outcome.after["name"], outcome.after["stream_key"]) == ("Main", STREAM_KEY)
    assert outcome.after["playback_url"] == "https://play.test/x.m3u8"
    assert outcome.after["meeting_id"] == meeting(1)


def test_another_livestream_is_taken_as_it_is(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, livestream(THEIRS, "LIVE"))]})
    outcome = started(clock, 1, name="Main", stream_key=STREAM_KEY)
    wait(api, clock, outcome)
    assert (outcome.error, outcome.after["id"], outcome.after["name"], outcome.after["stream_key"]) == (None, THEIRS, None, None)


# Spacing


@pytest.mark.parametrize(("count", "pause"), [(1, 1.0), (2, 0.5), (3, 0.4), (4, 0.4), (5, 0.4)])
def test_spacing(clock: Clock, count: int, pause: float) -> None:
    api = FakeStudio(clock, {meeting(number): [(0, stream(number))] for number in range(count)})
    wait(api, clock, *[started(clock, number) for number in range(count)], timeout=10)
    gaps = [later - earlier for earlier, later in zip(api.times, api.times[1:])]
    assert api.times[0] == pytest.approx(pause)
    assert gaps[: int(9 / pause)] == [pytest.approx(pause)] * int(9 / pause)
    assert api.requests[: 2 * count] == [read(meeting(number)) for number in range(count)] * 2


def test_fewer_are_polled_at_the_same_interval(clock: Clock) -> None:
    """A meeting is read once a second at the most."""
    api = FakeStudio(clock, {meeting(1): [(0, stream(1))], meeting(2): [(0, stream(2, "LIVE"))]})
    wait(api, clock, started(clock, 1), started(clock, 2), timeout=4)
    assert clock.sleeps == [0.5, 0.5, 1.0, 1.0, 1.0]

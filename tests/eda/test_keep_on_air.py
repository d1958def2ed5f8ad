# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebook keep_on_air: rooms that drop come back by themselves, each started once."""

from __future__ import annotations

import signal
import time
from typing import Any

from running import count_polls, count_starts, find_live, find_secrets, wait_until
from simulator import ChaosPlan
from simulator.chaos import DEFAULT_KINDS

KEEP_ON_AIR = "streamops.realtimekit.keep_on_air"

#: Seconds from one poll to the next, here.
INTERVAL = 4


def keep_on_air(rulebook: Any, sim: Any, *options: str, **variables: Any) -> Any:
    """Start it, and wait until it sees the rooms on air."""
    before = count_polls(sim)
    running = rulebook(sim, KEEP_ON_AIR, *options, **{"rtk_meeting_ids": sim.meetings, "rtk_interval": INTERVAL, **variables})
    wait_until(lambda: count_polls(sim) > before, f"the rulebook polls: {running.output}")
    return running


def fail(sim: Any, meeting: str) -> None:
    """The pipeline of a room fails."""
    sim.world.set_status(sim.world.active(meeting), "ERRORED")


def drop(sim: Any, meeting: str) -> None:
    """A room goes off air."""
    sim.world.take_off_air(sim.world.active(meeting), "rival")


def test_room_that_fails_and_room_that_drops_are_live_within_two_polls_while_requests_fail(rulebook: Any, studio: Any) -> None:
    sim = studio()
    failed, dropped, other = sim.meetings
    # Time enough for the playbook: its start must be there before the third poll.
    interval = 10
    running = keep_on_air(rulebook, sim, "-vv", rtk_interval=interval)
    # Without 429s, which would hold every client until the window ends.
    faults = {kind: weight for kind, weight in DEFAULT_KINDS.items() if kind != "rate_limited"}
    sim.install(ChaosPlan(1, probability=0.3, kinds=faults, in_a_row=1))
    wait_until(sim.core.is_quiet, "no request is under way")
    before = count_polls(sim)
    fail(sim, failed)
    drop(sim, dropped)
    wait_until(lambda: count_starts(sim, failed) and count_starts(sim, dropped), f"both are started: {running.output[-2000:]}")
    # A poll whose first request fails sends it again, which counts here as one more poll.
    retries = sum(entry["fault"] is not None for entry in list(sim.requests) if entry["query"].get("status") == "INVOKED")
    assert count_polls(sim) - before - retries <= 2
    wait_until(lambda: len(find_live(sim)) == 3, "all are live")
    time.sleep(3 * interval)
    assert sim.stats["faults"]
    assert [count_starts(sim, meeting) for meeting in (failed, dropped, other)] == [1, 1, 0]
    assert len(find_live(sim)) == 3
    running.end()
    assert "Start the rooms that have dropped" in running.output
    assert find_secrets(sim, running.output) == []


def test_hundred_rooms_that_drop_at_once_stay_within_the_limit(rulebook: Any, studio: Any) -> None:
    sim = studio(100)
    running = keep_on_air(rulebook, sim)
    sim.core.journal.clear()
    for number, meeting in enumerate(sim.meetings):
        (fail if number % 2 else drop)(sim, meeting)
    wait_until(lambda: len(find_live(sim)) == 100, f"all are live: {running.output[-2000:]}")
    time.sleep(2 * INTERVAL)
    assert [count_starts(sim, meeting) for meeting in sim.meetings] == [1] * 100
    assert sim.stats["rate_limited"] == 0
    # Reads of what left the lists, the stops of what failed, the starts, and what the polls take.
    assert len(sim.requests) < 500
    assert find_secrets(sim, running.output) == []


def test_room_that_drops_too_often_is_left_alone_with_an_alert(rulebook: Any, studio: Any) -> None:
    sim = studio(2)
    broken, other = sim.meetings
    sim.world.meeting(broken).fail_next_starts = 100
    running = keep_on_air(rulebook, sim, rtk_restarts=2)
    fail(sim, broken)
    wait_until(lambda: "ALERT" in running.output, f"the brake: {running.output[-2000:]}")
    drop(sim, other)
    wait_until(lambda: find_live(sim) == [other], "the other room is still kept on air")
    time.sleep(2 * INTERVAL)
    assert (count_starts(sim, broken), count_starts(sim, other)) == (2, 1)
    assert running.output.count("ALERT: these rooms") == 1
    assert broken in running.output[running.output.index("ALERT: these rooms") :]


def test_drop_while_the_rulebook_is_dead_or_the_network_is_down_is_not_lost(rulebook: Any, studio: Any) -> None:
    sim = studio()
    one, two, _other = sim.meetings
    keep_on_air(rulebook, sim).end(signal.SIGKILL)
    drop(sim, one)
    running = keep_on_air(rulebook, sim)
    wait_until(lambda: len(find_live(sim)) == 3, f"the drop while it was dead: {running.output[-2000:]}")
    sim.fault("drop", times=None)
    wait_until(lambda: "Poll failed" in running.output, "the network is down")
    drop(sim, two)
    time.sleep(INTERVAL)
    assert count_starts(sim, two) == 0
    sim.core.faults.clear()
    wait_until(lambda: len(find_live(sim)) == 3, f"the drop while the network was down: {running.output[-2000:]}")
    time.sleep(2 * INTERVAL)
    assert [count_starts(sim, meeting) for meeting in sim.meetings] == [1, 1, 0]
    assert find_secrets(sim, running.output) == []

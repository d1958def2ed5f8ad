# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of every run, also after a failure: stops what the probe has started, and sets its meeting INACTIVE."""

from __future__ import annotations

from . import meetings
from .livestreams import is_over, send_stop
from .notes import Probe
from .shapes import get_object

#: Seconds to try for. They outlast a rate limit that is used up.
LONGEST = 600.0
#: The seconds between two rounds, and how many rounds in a row must find nothing, because a start can show late.
PAUSE, ROUNDS, ROUNDS_IN_DOUBT = 2.0, 2, 8


def leave_nothing_running(probe: Probe) -> bool:
    """Whether it is certain that nothing of this run is active, and that its meeting is INACTIVE."""
    if not probe.has_created:
        return True
    probe.wire.is_cleaning = True
    probe.tell("Cleaning up: stopping the livestream, if one is active, and setting the meeting INACTIVE")
    is_clean = True
    for meeting_id in [probe.meeting_id] if probe.meeting_id else _find_lost(probe):
        probe.meeting_id = meeting_id
        is_clean = (not probe.has_started or _stop_all(probe)) and is_clean
        is_clean = _set_inactive(probe) and is_clean
    return is_clean


def _find_lost(probe: Probe) -> list[str]:
    """The meeting, if the answer to its create was lost."""
    for _round in range(ROUNDS_IN_DOUBT):
        found = meetings.find_own(probe)
        if found:
            return found
        probe.wire.sleep(PAUSE)
    return []


def _stop_all(probe: Probe) -> bool:
    """Send stops until reads show nothing, several times in a row."""
    wire, deadline, quiet, rounds = probe.wire, probe.wire.clock() + LONGEST, 0, 0
    needed = ROUNDS_IN_DOUBT if probe.is_in_doubt else ROUNDS
    while quiet < needed:
        if rounds:
            wire.sleep(PAUSE)
        rounds += 1
        answer = send_stop(probe, "stop, to leave nothing running")
        has_ended = is_over(probe, "is anything left?")
        # A stop that went through may have ended what reads did not show.
        quiet = quiet + 1 if has_ended and (answer.is_success or answer.is_refusal) else 0
        if wire.clock() > deadline:
            return False
        if not has_ended and answer.is_refusal and rounds % 5 == 0:
            wire.send("PATCH", probe.meeting, note="a stop may need an active meeting", body={"status": "ACTIVE"})
    return True


def _set_inactive(probe: Probe) -> bool:
    deadline = probe.wire.clock() + LONGEST
    while probe.wire.clock() < deadline:
        if get_object(probe.wire.get(probe.meeting, "is the meeting INACTIVE?")).get("status") == "INACTIVE":
            return True
        answer = probe.wire.send("PATCH", probe.meeting, note="set the meeting INACTIVE, at the end", body={"status": "INACTIVE"})
        if answer.is_success and "status" in (probe.facts["meeting_omits"] or []):
            return True
        probe.wire.sleep(PAUSE)
    return False

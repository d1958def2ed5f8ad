# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A meeting's sessions: people come together in one, whether or not there is a livestream. Only control begins and ends them."""

from __future__ import annotations

import dataclasses
from typing import Any

from .models import ApiError, iso
from .world import World


@dataclasses.dataclass
class MeetingSession:
    id: str
    associated_id: str
    started_at: float
    live_participants: int = 0
    max_concurrent_participants: int = 0
    ended_at: float | None = None

    def as_api(self, now: float, title: str | None, app_id: str) -> dict[str, Any]:
        end = now if self.ended_at is None else self.ended_at
        return {
            "id": self.id,
            "associated_id": self.associated_id,
            "meeting_display_name": title or "",
            "organization_id": app_id,
            "type": "meeting",
            "status": "LIVE" if self.ended_at is None else "ENDED",
            "live_participants": self.live_participants,
            "max_concurrent_participants": self.max_concurrent_participants,
            "minutes_consumed": int((end - self.started_at) / 60),
            "started_at": iso(self.started_at),
            "ended_at": iso(self.ended_at),
            "created_at": iso(self.started_at),
            "updated_at": iso(end),
        }


def begin_session(world: World, meeting_id: str, participants: int = 1) -> MeetingSession:
    """Begin the meeting's session with a number of people, or change their number."""
    with world.lock:
        meeting, now = world.meeting(meeting_id), world.settle()
        if meeting.status != "ACTIVE":
            raise ApiError(400, f"Meeting {meeting.id} is inactive")
        session = meeting.session
        if session is None:
            if meeting.has_met:
                meeting.session_id = world.identities.uuid()
            meeting.has_met = True
            session = meeting.session = MeetingSession(meeting.session_id, meeting.id, now)
        session.live_participants = participants
        session.max_concurrent_participants = max(session.max_concurrent_participants, participants)
        return session


def end_session(world: World, meeting_id: str) -> MeetingSession:
    with world.lock:
        meeting = world.meeting(meeting_id)
        session = meeting.session
        if session is None:
            raise ApiError(404, f"No active session found for meeting_id {meeting.id}")
        session.ended_at, session.live_participants, meeting.session = world.settle(), 0, None
        return session

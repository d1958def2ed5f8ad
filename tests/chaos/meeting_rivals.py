# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions of other users on meetings: create, rename, close, open, and change one while a task runs."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from simulator import Simulator, meetings
from simulator.models import Meeting

#: The author of these effects.
RIVAL = "rival"

#: Titles to create. Two of them differ only by an exact comparison, and one has a comma.
TITLES = ("Main stage", "main stage", "Talks, day 1", "Übung 3")

#: A title that no task asks for. A meeting that gets it is gone for a task by title.
OTHER_TITLE = "Somewhere else"

#: The settings that tasks ask for and other users change, each with its values.
SETTINGS: dict[str, tuple[Any, ...]] = {
    "record_on_start": (False, True),
    "persist_chat": (False, True),
    "session_keep_alive_time_in_secs": (60, 90, 600),
}

MOVES = ("meet", "retitle", "close", "open", "patch")


class MeetingMoves:
    """Other users of the meetings. They seldom touch the rooms, because most of what is played there needs them as they are."""

    def __init__(self, sim: Simulator, moves: Counter[str]) -> None:
        self._sim, self._moves = sim, moves
        self._rooms = frozenset(sim.meetings)

    def act(self, dice: random.Random, title: str | None = None, meeting_id: str | None = None) -> None:
        """Do one thing to a meeting: to this one, to one of this title, or to any."""
        move = dice.choices(MOVES, (3, 2, 2, 2, 3))[0]
        found = self._choose(dice, title, meeting_id)
        if move == "meet" or found is None:
            move = "meet"
            meetings.create(self._sim.world, {"title": title or dice.choice(TITLES), **draw_settings(dice)}, by=RIVAL)
        elif move == "retitle":
            self._update(found, title=dice.choice((*TITLES, OTHER_TITLE)))
        elif move == "patch":
            name = dice.choice(sorted(SETTINGS))
            self._update(found, **{name: dice.choice(SETTINGS[name])})
        else:
            self._update(found, status="INACTIVE" if move == "close" else "ACTIVE")
        self._moves[move] += 1

    def tidy(self) -> None:
        """Make every title mean one meeting again, and every room what it was."""
        everything = list(self._sim.world.meetings.values())
        for number, meeting in enumerate(everything, 1):
            if meeting.id in self._rooms:
                self._update(meeting, title=f"Meeting {number}")
        meant: dict[str | None, str] = {}
        for meeting in sorted(everything, key=lambda meeting: meeting.id not in self._rooms):
            is_meant = meant.setdefault(meeting.title, meeting.id) == meeting.id
            self._update(meeting, status="ACTIVE" if is_meant else "INACTIVE")

    def _choose(self, dice: random.Random, title: str | None, meeting_id: str | None) -> Meeting | None:
        everything = self._sim.world.meetings
        if meeting_id in everything:
            return everything[meeting_id]
        found = [meeting for meeting in everything.values() if title is None or meeting.title == title]
        others = [meeting for meeting in found if meeting.id not in self._rooms]
        chosen = others if others and dice.random() < 0.9 else found
        return dice.choice(chosen) if chosen else None

    def _update(self, meeting: Meeting, **fields: Any) -> None:
        meetings.update(self._sim.world, meeting.id, fields, by=RIVAL)


def draw_settings(dice: random.Random) -> dict[str, Any]:
    """Some settings, or none."""
    return {name: dice.choice(values) for name, values in SETTINGS.items() if dice.random() < 0.3}

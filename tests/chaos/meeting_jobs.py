# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks on meetings, and on livestreams of meetings by their titles."""

from __future__ import annotations

import random
from typing import Any

from simulator import Simulator

from chaos.meeting_rivals import OTHER_TITLE, TITLES, draw_settings


class MeetingJobs:
    """Options for tasks that name meetings by title, or change them. In a calm world each has an answer that is no failure."""

    def __init__(self, dice: random.Random, sim: Simulator, *, calm: bool) -> None:
        self._dice, self._sim, self._calm = dice, sim, calm
        self._rooms = list(sim.meetings)

    @property
    def others(self) -> list[str]:
        """The meetings that are no rooms."""
        return [meeting_id for meeting_id in self._sim.meetings if meeting_id not in self._rooms]

    def draw_meeting(self) -> dict[str, Any]:
        """For rtk_meeting: by one title, by several, or by id."""
        state = self._dice.choice(("present", "present", "inactive"))
        wanted = {"state": state, **(draw_settings(self._dice) if state == "present" else {})}
        way = self._dice.random()
        if way < 0.35 and self.others:
            return {**wanted, **self._draw_by_id()}
        titles = self._choose_titles()
        if way < 0.65:
            return {**wanted, "title": titles[0]}
        return {**wanted, "titles": titles}

    def draw_meeting_info(self) -> dict[str, Any]:
        options: dict[str, Any] = {"title": self._choose_titles()[0]}
        if self._dice.random() < 0.3:
            options["status"] = self._dice.choice(("ACTIVE", "INACTIVE"))
        return {**options, "include_active_session": self._dice.random() < 0.2}

    def draw_title(self) -> dict[str, Any]:
        """One room, by its title."""
        titles = self._find_room_titles()
        return {"title": self._dice.choice([title for title in titles if title in TITLES and self._dice.random() < 0.5] or titles)}

    def draw_rooms(self, chosen: list[str]) -> list[dict[str, Any]]:
        """Rooms, some by id and some by title. No two are the same meeting, unless other users make them so."""
        unique, used = self._find_room_titles(), set()
        rooms: list[dict[str, Any]] = []
        for meeting_id in dict.fromkeys(chosen):
            title = self._sim.world.meetings[meeting_id].title
            by_title = title in unique and title not in used and self._dice.random() < 0.5
            rooms.append({"title": title} if by_title else {"meeting_id": meeting_id})
            used.add(title)
        if self._dice.random() < 0.5:
            rooms += [{"title": title} for title in unique if title in TITLES and title not in used][:2]
        return rooms

    def _draw_by_id(self) -> dict[str, Any]:
        meeting_id = self._dice.choice(self.others)
        if self._dice.random() < 0.5:
            return {"meeting_id": meeting_id}
        # In a calm world no title may come to mean two meetings.
        used = {meeting.title for meeting in self._sim.world.meetings.values()} if self._calm else {None}
        free = [title for title in (*TITLES, OTHER_TITLE) if title not in used]
        return {"meeting_id": meeting_id, "title": self._dice.choice([*free, f"Spare {meeting_id[:8]}"])}

    def _choose_titles(self) -> list[str]:
        pool = [*TITLES, *(f"Talk {number}" for number in range(1, 9) if len(self._rooms) >= 10)]
        if not self._calm and self._dice.random() < 0.1:
            pool.append("Meeting 1")
        return self._dice.sample(pool, self._dice.randint(1, self._dice.choice((3, len(pool)))))

    def _find_room_titles(self) -> list[str]:
        """Titles that stand for a meeting. In a calm world for one in which a livestream can start."""
        found = [meeting.title for meeting in self._sim.world.meetings.values() if meeting.title and meeting.status == "ACTIVE"]
        return found if self._calm else list(dict.fromkeys([*found, *TITLES]))

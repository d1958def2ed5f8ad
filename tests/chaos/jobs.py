# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draws an episode's tasks: which module, for which targets, with which options."""

from __future__ import annotations

import random
from typing import Any, Callable

from simulator import Simulator

from chaos.meeting_jobs import MeetingJobs
from chaos.rivals import NAMES
from chaos.task import MODULES, Job
from chaos.webhook_jobs import WebhookJobs


class Jobs:
    """Tasks on the meetings, names, and webhooks of one world. In a calm one they have the time that it takes."""

    def __init__(self, dice: random.Random, sim: Simulator, *, calm: bool) -> None:
        self._dice, self._sim, self._calm = dice, sim, calm
        self._rooms = list(sim.meetings)
        self._is_large = len(self._rooms) >= 10
        self._meetings = MeetingJobs(dice, sim, calm=calm)
        self._webhooks = WebhookJobs(dice, sim, calm=calm)
        self.numbers = iter(range(1, 1000))

    def draw(self, retries: int, module: str | None = None) -> Job:
        """Draw a task of any module, or of this one."""
        dice = self._dice
        draws: dict[str, Callable[[], dict[str, Any]]] = {
            "rtk_meeting_livestream": self._draw_meetings,
            "rtk_livestream": self._draw_names,
            "rtk_livestream_info": self._draw_info,
            "rtk_meeting": self._meetings.draw_meeting,
            "rtk_meeting_info": self._meetings.draw_meeting_info,
            "rtk_app_info": dict,
            "rtk_webhook": self._webhooks.draw_webhook,
            "rtk_webhook_info": self._webhooks.draw_webhook_info,
        }
        weights = (8, 2, 4, 3.5, 0.6, 0.3, 1.6, 0.3) if self._is_large else (7, 3.5, 1.5, 3.5, 0.6, 0.3, 2.2, 0.4)
        module = module or dice.choices([*draws], weights)[0]
        options = draws[module]()
        with_key, concurrency = dice.random() < 0.3, dice.choice((1, 2, 8))
        if module.startswith("rtk_livestream") or module == "rtk_meeting_livestream":
            options["return_stream_key"] = with_key
        if "concurrency" in MODULES[module].ARGUMENT_SPEC:
            options["concurrency"] = concurrency
        is_check, starts_in = dice.random() < 0.1, dice.choice((0.0, dice.uniform(0, 6)))
        lifetime = None if self._calm or dice.random() < 0.85 else dice.choice((dice.randint(1, 15), dice.randint(10, 200)))
        return Job(next(self.numbers), module, options, is_check, retries, starts_in, lifetime)

    def _choose_meetings(self, *counts: int) -> list[str]:
        """Return some of the meetings; if there are many, usually enough for the lists."""
        total = len(self._rooms)
        if self._is_large:
            counts = (1, self._dice.randint(5, 15), self._dice.randint(10, total), total)
        return self._dice.sample(self._rooms, min(total, self._dice.choice(counts)))

    def _draw_meetings(self) -> dict[str, Any]:
        state = self._dice.choice(("started", "started", "stopped", "stopped", "restarted"))
        options: dict[str, Any] = {**self._draw_rooms(1, 1, 2, 3, len(self._rooms)), "state": state}
        if self._dice.random() < 0.5:
            options["name"] = self._dice.choice(("Show", "Before"))
        if self._dice.random() < 0.2:
            options["video_config"] = {"width": 1280, "height": 720}
        rooms = options.get("meetings") or options.get("meeting_id") or [options["title"]]
        for room in options.get("meetings", ()):
            self._detail(room, state)
        if self._dice.random() < (0.7 if len(rooms) > 5 else 0.3):
            seconds = self._dice.choice((2, self._dice.randint(3, 12), self._dice.randint(1, 40)))
            options.update(wait=True, wait_timeout=900 if self._calm else seconds)
        return options

    def _draw_rooms(self, *counts: int) -> dict[str, Any]:
        """Rooms by their ids, one by its title, or several by both."""
        chosen, way = self._choose_meetings(*counts), self._dice.random()
        if way < 0.15:
            return self._meetings.draw_title()
        if way < 0.45:
            return {"meetings": self._meetings.draw_rooms(chosen)}
        if self._dice.random() < 0.2:
            chosen.append(chosen[0].upper())
        return {"meeting_id": chosen}

    def _detail(self, room: dict[str, Any], state: str) -> None:
        """Return the options of one room: a name, or the only livestream to stop."""
        if self._dice.random() < 0.4:
            room["name"] = self._dice.choice(("Room's own", "Before"))
        if state == "stopped" and "meeting_id" in room and self._dice.random() < 0.3:
            of_room = [livestream.id for livestream in self._sim.world.of_meeting(room["meeting_id"])]
            room["livestream_id"] = self._dice.choice([*of_room[-2:], *of_room[-1:], "00000000-0000-4000-8000-000000000000"])

    def _draw_names(self) -> dict[str, Any]:
        if self._dice.random() < 0.6:
            return {"name": self._dice.choice(NAMES)}
        return {"names": self._dice.sample(NAMES, self._dice.randint(1, len(NAMES)))}

    def _draw_info(self) -> dict[str, Any]:
        by_filters = (
            {"livestream_id": [livestream.id for livestream in self._sim.world.visible()[:2]]},
            {},
            {"exclude_meetings": True},
            {"name": self._dice.choice(NAMES)},
            {"status": "LIVE", "sort_order": "desc"},
        )
        if self._dice.random() < (0.7 if self._is_large else 0.2):
            options: dict[str, Any] = self._draw_rooms(2)
        else:
            options = dict(self._dice.choice(by_filters))
        return {**options, "include_sessions": self._dice.random() < 0.3}

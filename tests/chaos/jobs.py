# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draws an episode's tasks: which module, for which targets, with which options."""

from __future__ import annotations

import random
from typing import Any

from simulator import Simulator

from chaos.rivals import NAMES
from chaos.task import Job


class Jobs:
    """Tasks on the meetings and names of one world. In a calm one they have the time that it takes."""

    def __init__(self, dice: random.Random, sim: Simulator, *, calm: bool) -> None:
        self._dice, self._sim, self._calm = dice, sim, calm
        self._is_large = len(sim.meetings) >= 10
        self.numbers = iter(range(1, 1000))

    def draw(self, retries: int) -> Job:
        dice = self._dice
        module, draw = dice.choices(
            [
                ("rtk_meeting_livestream", self._draw_meetings),
                ("rtk_livestream", self._draw_names),
                ("rtk_livestream_info", self._draw_info),
            ],
            (6, 2, 3) if self._is_large else (6, 3, 1.5),
        )[0]
        options = draw()
        options["return_stream_key"] = dice.random() < 0.3
        options["concurrency"] = dice.choice((1, 2, 8))
        is_check, starts_in = dice.random() < 0.1, dice.choice((0.0, dice.uniform(0, 6)))
        lifetime = None if self._calm or dice.random() < 0.85 else dice.choice((dice.randint(1, 15), dice.randint(10, 200)))
        return Job(next(self.numbers), module, options, is_check, retries, starts_in, lifetime)

    def _choose_meetings(self, *counts: int) -> list[str]:
        """Some of the meetings; if there are many, mostly so many of them that the lists are asked first."""
        total = len(self._sim.meetings)
        if self._is_large:
            counts = (1, self._dice.randint(5, 15), self._dice.randint(10, total), total)
        return self._dice.sample(self._sim.meetings, min(total, self._dice.choice(counts)))

    def _draw_meetings(self) -> dict[str, Any]:
        chosen = self._choose_meetings(1, 1, 2, 3, len(self._sim.meetings))
        if self._dice.random() < 0.2:
            chosen.append(chosen[0].upper())
        options: dict[str, Any] = {
            "meeting_id": chosen,
            "state": self._dice.choice(("started", "started", "stopped", "stopped", "restarted")),
        }
        if self._dice.random() < 0.5:
            options["name"] = self._dice.choice(("Show", "Before"))
        if self._dice.random() < 0.2:
            options["video_config"] = {"width": 1280, "height": 720}
        if self._dice.random() < (0.7 if len(chosen) > 5 else 0.3):
            seconds = self._dice.choice((2, self._dice.randint(3, 12), self._dice.randint(1, 40)))
            options.update(wait=True, wait_timeout=900 if self._calm else seconds)
        return options

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
            options: dict[str, Any] = {"meeting_id": self._choose_meetings(2)}
        else:
            options = dict(self._dice.choice(by_filters))
        return {**options, "include_sessions": self._dice.random() < 0.3}

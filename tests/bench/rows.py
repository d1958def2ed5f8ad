# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of a scenario: checks against goals, and alternatives."""

from __future__ import annotations

from typing import NamedTuple

from .playing import Play


class Check(NamedTuple):
    """A goal, and what was reached. Counts are exact, so only a count that misses its goal is an error."""

    what: str
    reached: float
    relation: str  #: at most, at least, or exactly
    goal: float
    is_count: bool = True

    @property
    def is_met(self) -> bool:
        reached = self.reached if self.is_count else round(self.reached, 1)
        return {"at most": reached <= self.goal, "at least": reached >= self.goal, "exactly": reached == self.goal}[self.relation]


class Way(NamedTuple):
    """One alternative, for a number of rooms (or, for a name, livestreams in the app)."""

    name: str
    rooms: int
    requests: int
    seconds: float  #: of the tasks

    @classmethod
    def of(cls, name: str, rooms: int, done: Play) -> Way:
        return cls(name, rooms, done.requests, done.task_seconds)


class Row(NamedTuple):
    """The results of a scenario."""

    run: str
    checks: list[Check]
    ways: list[Way]


class Sizes(NamedTuple):
    """How large the scenarios are: ``scale`` is 1 except in a trial, and ``share`` the part of the rooms that a loop gets."""

    scale: float
    share: float

    def rooms(self, full: int) -> int:
        return max(1, round(full * self.scale))

    def looped(self, full: int) -> int:
        """Rooms for a loop, or none without loops."""
        return max(1, round(full * self.scale * self.share)) if self.share else 0

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Decide which rooms to start again, with a limit. Pure functions: nothing is sent here."""

from __future__ import annotations

from typing import Iterable, NamedTuple


class Due(NamedTuple):
    """The result of a poll."""

    restart: list[str]  #: meetings to start again now
    alert: list[str]  #: meetings that are off air and have used up their restarts; reported once


class Restarts:
    """Reports each drop of a meeting once, at most ``most`` times within ``within`` seconds.

    A meeting that stays off air is reported again every ``remind`` seconds, because
    its start can have failed.
    """

    def __init__(self, most: int, within: float, remind: float) -> None:
        self._most = most
        self._within = within
        self._remind = remind
        self._told: dict[str, list[float]] = {}  # when each meeting was reported
        self._off: dict[str, float] = {}  # when each meeting that is off air was last reported or limited
        self._braked: set[str] = set()

    def find_due(self, now: float, on_air: Iterable[str], off_air: Iterable[str]) -> Due:
        """Return the rooms to start and to report. A meeting of unknown state is in neither; one that was on air in between is in both."""
        due = Due([], [])
        for meeting_id in on_air:
            self._off.pop(meeting_id, None)
        for meeting_id in off_air:
            told = self._told[meeting_id] = [at for at in self._told.get(meeting_id, ()) if now - at < self._within]
            if len(told) < self._most:
                self._braked.discard(meeting_id)
                if meeting_id not in self._off or now - self._off[meeting_id] >= self._remind:
                    self._off[meeting_id] = now
                    told.append(now)
                    due.restart.append(meeting_id)
            elif meeting_id not in self._braked and (meeting_id not in self._off or now - self._off[meeting_id] >= self._remind):
                self._off[meeting_id] = now
                self._braked.add(meeting_id)
                due.alert.append(meeting_id)
        return due

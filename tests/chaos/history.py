# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The meetings as they were at each moment, and what a task can have seen of them."""

from __future__ import annotations

from math import inf
from typing import Any, Callable, Mapping

from simulator.models import Meeting

Test = Callable[[Meeting], bool]


def has_title(title: str) -> Test:
    return lambda meeting: meeting.title == title


def is_active(title: str) -> Test:
    """Whether a meeting is one of those among which a title must be unique."""
    return lambda meeting: meeting.title == title and meeting.status == "ACTIVE"


def has_fields(fields: Mapping[str, Any]) -> Test:
    def has_all(meeting: Meeting) -> bool:
        shown = meeting.as_api()
        return all(shown[field] == value for field, value in fields.items())

    return has_all


class History:
    """Every version of every meeting. The answer to its create shows it at once, and reads from some moment on."""

    def __init__(self, meetings: Mapping[str, Meeting]) -> None:
        self._spans = {meeting.id: _find_spans(meeting) for meeting in meetings.values()}
        self._shows_from = {meeting.id: max(meeting.visible_at, meeting.created_at) for meeting in meetings.values()}

    def show(self, meeting_id: str, moment: float) -> dict[str, Any]:
        """The fields of a meeting at a moment, or none if there was none."""
        return next((was.as_api() for begun, over, was in self._spans.get(meeting_id, ()) if begun <= moment < over), {})

    def find_ever(self, since: float, until: float, test: Test) -> list[str]:
        """The meetings that passed the test at some moment from one to another."""
        return [each for each, spans in self._spans.items() if any(b <= until and o >= since and test(was) for b, o, was in spans)]

    def find_always(self, since: float, until: float, test: Test) -> list[str]:
        """The meetings that passed the test in reads all the time from one moment to another."""
        return [
            each
            for each, spans in self._spans.items()
            if self._shows_from[each] <= since and all(test(was) for begun, over, was in spans if begun <= until and over >= since)
        ]

    def was(self, meeting_id: str | None, since: float, until: float, test: Test) -> bool:
        """Whether a meeting passed the test at some moment from one to another."""
        return meeting_id in self.find_ever(since, until, test)

    def has_new(self, since: float, until: float) -> bool:
        """Whether reads began to show a meeting between two moments."""
        return any(since <= moment <= until for moment in self._shows_from.values())

    def has_renamed(self, since: float, until: float) -> bool:
        """Whether a meeting got another title between two moments."""
        return any(
            since <= over <= until and was.title != after.title
            for spans in self._spans.values()
            for (_begun, over, was), (_from, _until, after) in zip(spans, spans[1:])
        )


def _find_spans(meeting: Meeting) -> list[tuple[float, float, Meeting]]:
    """From when until when there was which version."""
    spans, begun = [], meeting.created_at
    for over, was in [*meeting.past._versions, (inf, meeting)]:
        if over > begun:
            spans.append((begun, over, was))
            begun = over
    return spans

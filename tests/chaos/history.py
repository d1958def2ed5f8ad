# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The meetings and webhooks as they were at each moment, and what a task can have seen of them."""

from __future__ import annotations

from math import inf
from typing import Any, Callable, Mapping, Union

from simulator.models import Meeting
from simulator.webhooks import Webhook

Item = Union[Meeting, Webhook]
Test = Callable[[Any], bool]


def has_title(title: str) -> Test:
    return lambda meeting: meeting.title == title


def is_active(title: str) -> Test:
    """Whether a meeting is one of those among which a title must be unique."""
    return lambda meeting: meeting.title == title and meeting.status == "ACTIVE"


def has_name(name: str) -> Test:
    return lambda webhook: webhook.name == name


def has_fields(fields: Mapping[str, Any]) -> Test:
    """Whether a meeting or a webhook has all of these. The events of a webhook are in alphabetical order here."""

    def has_all(item: Item) -> bool:
        shown = item.as_api()
        shown.update({"events": sorted(shown["events"])} if "events" in shown else {})
        return all(shown[field] == value for field, value in fields.items())

    return has_all


class History:
    """Every version of every meeting or webhook. The answer to its create shows it at once, and reads from some moment on."""

    def __init__(self, items: Mapping[str, Item]) -> None:
        self._spans = {item.id: _find_spans(item) for item in items.values()}
        self._shows_from = {item.id: max(item.visible_at, item.created_at) for item in items.values()}

    def show(self, item_id: str, moment: float) -> dict[str, Any]:
        """The fields of one at a moment, or none if there was none."""
        return next((was.as_api() for begun, over, was in self._spans.get(item_id, ()) if begun <= moment < over), {})

    def find_ever(self, since: float, until: float, test: Test) -> list[str]:
        """The ids of those that passed the test at some moment from one to another."""
        return [each for each, spans in self._spans.items() if any(b <= until and o >= since and test(was) for b, o, was in spans)]

    def find_always(self, since: float, until: float, test: Test) -> list[str]:
        """The ids of those that passed the test in reads all the time from one moment to another."""
        return [
            each
            for each, spans in self._spans.items()
            if self._shows_from[each] <= since
            and spans
            and spans[-1][1] > until
            and all(test(was) for begun, over, was in spans if begun <= until and over >= since)
        ]

    def was(self, item_id: str | None, since: float, until: float, test: Test) -> bool:
        """Whether one passed the test at some moment from one to another."""
        return item_id in self.find_ever(since, until, test)

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


def _find_spans(item: Any) -> list[tuple[float, float, Any]]:
    """From when until when there was which version. Only a webhook can be gone."""
    spans, begun = [], item.created_at
    for over, was in [*item.past._versions, (getattr(item, "gone_at", inf), item)]:
        if over > begun:
            spans.append((begun, over, was))
            begun = over
    return spans

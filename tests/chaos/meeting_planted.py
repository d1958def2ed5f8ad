# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The defects of tasks on meetings and titles."""

from __future__ import annotations

import itertools
from typing import Any, Callable

from ansible_collections.streamops.realtimekit.plugins.module_utils._api import apps
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.meetings import KEEP_ALIVE, Meetings, normalize_meeting
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import meetings, titles, updates
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.titles import Titles
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DuplicateNameError, InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting, rtk_meeting_livestream

from chaos.planted import Patch, again_if_uncertain


class CreatesBlindly(Meetings):
    def create(self, *args: Any, **kwargs: Any) -> Any:
        return again_if_uncertain(super().create, *args, **kwargs)


class UpdatesBlindly(Meetings):
    def update(self, *args: Any, **kwargs: Any) -> Any:
        return again_if_uncertain(super().update, *args, **kwargs)


class CreatesOnOldState(Meetings):
    def create(self, *args: Any, departure: Any) -> Any:
        return super().create(*args, departure=departure._replace(leave_by=None))


class UpdatesOnOldState(Meetings):
    def update(self, *args: Any, departure: Any) -> Any:
        return super().update(*args, departure=departure._replace(leave_by=None))


class FindsOnePage(Meetings):
    def find(self, **filters: Any) -> Any:
        return itertools.islice(super().find(**filters), 1)


class TakesOldRows(Meetings):
    """A meeting that a list has shown is not read before its update."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._rows: dict[str, Any] = {}

    def find(self, **filters: Any) -> Any:
        for page in super().find(**filters):
            self._rows.update({row["id"]: row for row in page.rows if {"title", "status"} <= {*row}})
            yield page

    def get(self, meeting_id: str) -> Any:
        row = self._rows.pop(meeting_id, None)
        return normalize_meeting(row) if row else super().get(meeting_id)


class ReadsNumbersAsText(Meetings):
    def get(self, meeting_id: str) -> Any:
        found = super().get(meeting_id)
        return {**found, KEEP_ALIVE: str(found[KEEP_ALIVE])}


def use(kind: type[Meetings]) -> Callable[[Any], Livestreams]:
    """The API's client of a task, with these meetings."""

    def make(client: Any) -> Livestreams:
        livestreams = Livestreams(client)
        livestreams.meetings = kind(client)
        return livestreams

    return make


def take_the_first(_catalog: Any, outcome: Any, found: Any) -> bool:
    outcome.after = found[0] if found else None
    return bool(found)


TAKES_THE_FIRST = (Patch(titles, "take", take_the_first), Patch(meetings, "take", take_the_first))


def find_any_case(self: Titles, name: str) -> Any:
    found = [row for row in self._rows.values() if str(row["title"]).lower() == name.lower()]
    return [row for row in found if row["status"] == "ACTIVE"] or found


def find_active_only(self: Titles, name: str) -> Any:
    return [row for row in self._rows.values() if row["title"] == name and row["status"] == "ACTIVE"]


def name_none(message: str) -> DuplicateNameError:
    return DuplicateNameError(message.partition(":")[0])


def send_everything(meeting: Any, wanted: Any) -> Any:
    return dict(wanted) if real_find_changes(meeting, wanted) else {}


real_find_changes = updates.find_changes


def create_without_settings(self: Titles, name: str, *, departure: Any) -> Any:
    return self._meetings.create(name, {}, departure=departure)


def miss_what_is_inactive(catalog: Any, outcome: Any, state: str) -> bool:
    """Creates a missing meeting to make it INACTIVE."""
    return bool(real_is_missing(catalog, outcome, state) or not (outcome.after or outcome.error))


real_is_missing = meetings._is_missing


def ensure_titles_as(change: Callable[[list[Any]], list[Any]]) -> Patch:
    return Patch(rtk_meeting, "ensure_titles", lambda *args, **options: change(real_ensure_titles(*args, **options)))


real_ensure_titles = rtk_meeting.ensure_titles


def mark(outcomes: list[Any], *, changed: bool) -> list[Any]:
    for outcome in outcomes:
        outcome.changed = changed
    return outcomes


def drop_failures(outcomes: list[Any]) -> list[Any]:
    return [outcome for outcome in outcomes if not outcome.error]


def write_in_check_mode(*args: Any, **options: Any) -> Any:
    return real_ensure_titles(*args, **{**options, "check_mode": False})


def leave_what_was_found(outcomes: Any, wanted: Any) -> list[Any]:
    """Counts a meeting from a look as this task's own, with all wanted settings."""
    return [] if any(outcome.changed for outcome in outcomes) else real_find_differing(outcomes, wanted)


real_find_differing = meetings._find_differing


def refuse_rooms(*_args: Any) -> Any:
    raise InvalidInputError("meetings: no")


def parse_without_entries(params: Any, options: Any, _check_entry: Any) -> Any:
    return real_parse_rooms(params, options, lambda _entry: options)


real_parse_rooms = rtk_meeting_livestream.parse_rooms


def stop_any(*args: Any, only_id: Any, **options: Any) -> Any:
    return real_ensure_stopped(*args, only_id=None, **options)


real_ensure_stopped = rtk_meeting_livestream.ensure_stopped


class Anything(str):
    """A title that every other one equals."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True


def read_one_page(*args: Any, **options: Any) -> Any:
    return itertools.islice(real_read_pages(*args, **options), 1)


real_read_pages = apps.read_pages

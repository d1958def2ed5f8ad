# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The rooms of a task: meetings by id or by title, each with its own options."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NamedTuple, Sequence

from .._api.meetings import Meetings
from .._ensure.targets import Outcome, mark_not_begun
from .._ensure.titles import Titles, resolve
from .._errors import InvalidInputError, RealtimeKitError
from .options import check_each, check_meeting_id, check_name
from .results import build_entry

#: The options that give the rooms. A module takes exactly one of them.
ROOM_OPTIONS = ("meeting_id", "title", "meetings")


def build_rooms_spec(**options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the spec of the options that give the rooms; ``options`` are those of an entry of `meetings`."""
    return {
        "meeting_id": {"type": "list", "elements": "str", "aliases": ["meeting_ids"]},
        "title": {"type": "raw"},  # `check_name` sees to it
        "meetings": {
            "type": "list",
            "elements": "dict",
            "options": {"meeting_id": {"type": "str"}, "title": {"type": "raw"}, **options},
        },
    }


class Room(NamedTuple):
    """A meeting as the task gives it, and the entry's other ``options``."""

    meeting_id: str | None
    title: str | None
    options: Mapping[str, Any] = {}

    def __str__(self) -> str:
        return f"title {self.title!r}" if self.meeting_id is None else f"meeting_id {self.meeting_id}"


def parse_rooms(
    params: Mapping[str, Any], options: Mapping[str, Any], check_entry: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> list[Room]:
    """Return the rooms in the order given, with ``options``, or with the result of ``check_entry`` for an entry of `meetings`."""
    if params["meeting_id"] is not None:
        return [Room(meeting_id, None, options) for meeting_id in check_each("meeting_id", params["meeting_id"], check_meeting_id)]
    if params["title"] is not None:
        return [Room(None, check_name("title", params["title"]), options)]

    def parse(entry: Mapping[str, Any]) -> Room:
        given = [option for option in ("meeting_id", "title") if entry[option] not in (None, "")]
        if len(given) != 1:
            raise InvalidInputError(
                f"An entry of meetings has {' and '.join(given) or 'no meeting_id and no title'}: give exactly one of them"
            )
        if given == ["title"]:
            return Room(None, check_name("meetings[].title", entry["title"]), check_entry(entry))
        return Room(check_meeting_id("meetings[].meeting_id", entry["meeting_id"]), None, check_entry(entry))

    return [parse(entry) for entry in params["meetings"]]


def build_entries(rooms: Sequence[Room], outcomes: Sequence[Outcome], *, with_key: bool) -> list[dict[str, Any]]:
    """Return each room's entry in a result."""
    return [
        {
            **build_entry("meeting_id", outcome, with_key=with_key),
            "meeting_id": None if outcome.target == room.title else outcome.target,
            "title": room.title,
        }
        for room, outcome in zip(rooms, outcomes)
    ]


class Found(NamedTuple):
    """The meetings of a task's rooms."""

    rooms: Mapping[str, Room]  #: by the ids of their meetings
    failed: Mapping[str, Outcome]  #: of rooms with unknown meetings, by their labels
    existing: Sequence[str]  #: meetings that a list has shown, so that they exist

    def arrange(self, rooms: Sequence[Room], outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return the outcome of each of ``rooms``; ``outcomes`` are those of the known meetings."""
        for outcome in outcomes:
            outcome.label = self.rooms[outcome.target].title
        by_room = {**self.failed, **{str(self.rooms[outcome.target]): outcome for outcome in outcomes}}
        return [by_room[str(room)] for room in rooms]


def find_rooms(meetings: Meetings, rooms: Sequence[Room]) -> Found:
    """Find the meeting of each room. Raise InvalidInputError if two rooms have the same one."""
    titles = [room.title for room in rooms if room.title is not None]
    resolved = resolve(Titles(meetings), list(dict.fromkeys(titles)))
    failed: dict[str, Outcome] = {}
    found: dict[str, Room] = {}
    for room in rooms:
        meeting = {"id": room.meeting_id} if room.title is None else resolved[room.title]
        meeting_id = "" if isinstance(meeting, RealtimeKitError) else str(meeting["id"])
        twin = room if str(room) in failed else found.get(meeting_id)
        if twin:
            raise InvalidInputError(f"{twin} and {room} are the same meeting: list each meeting once")
        if isinstance(meeting, RealtimeKitError):
            outcome = failed[str(room)] = Outcome(str(room.title))
            outcome.error = meeting
            mark_not_begun(outcome, meetings.client)
        else:
            found[meeting_id] = room
    return Found(found, failed, [meeting_id for meeting_id, room in found.items() if room.title is not None])

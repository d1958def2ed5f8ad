# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rooms of an event with the results of each stage."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rooms
short_description: Add the results of a broadcast's tasks to the rooms of an event
version_added: 1.0.0
author:
  - streamops.realtimekit contributors (@streamops)
description:
  - The role C(streamops.realtimekit.broadcast) uses this filter after each of its stages. Other plays can use it in the same way.
options:
  _input:
    description:
      - The rooms, as the option O(streamops.realtimekit.broadcast#role:main:broadcast_meetings) of the role describes them.
    type: list
    elements: dict
    required: true
  video_config:
    description: The picture size for rooms without their own size.
    type: dict
    default: {}
  created:
    description: The result of M(streamops.realtimekit.rtk_meeting) for the titles.
    type: dict
    default: {}
  ended:
    description: The result of M(streamops.realtimekit.rtk_meeting_livestream) for RV(_value.targets).
    type: dict
    default: {}
  undone:
    description: The result of M(streamops.realtimekit.rtk_meeting_livestream) for RV(_value.own).
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Start every room
  streamops.realtimekit.rtk_meeting_livestream:
    meetings: "{{ (rooms | streamops.realtimekit.rooms).targets }}"
  register: started
  vars:
    rooms:
      - title: Main stage
        label: The main stage
      - id: bbbb1111-22cc-33dd-44ee-555555ffffff

- name: Show where to watch
  ansible.builtin.debug:
    msg: "{{ (rooms | streamops.realtimekit.rooms(ended=started)).rooms }}"
"""

RETURN = r"""
_value:
  description: The current knowledge about the rooms.
  type: dict
  contains:
    rooms:
      description:
        - A dictionary for each room, in the order given, with the keys C(label), C(name), C(title), C(meeting_id), C(id), C(status),
          C(playback_url), C(changed), C(taken_down), and C(error). Unknown values are V(null).
      type: list
      elements: dict
    refusal:
      description: Why the rooms are not valid; all lists are then empty. Otherwise an empty string.
      type: str
    is_known:
      description: Whether the tasks have found out or changed anything about at least one room.
      type: bool
    titles:
      description: The titles among the rooms.
      type: list
      elements: str
    targets:
      description: The rooms to start or stop, as entries of the option O(streamops.realtimekit.rtk_meeting_livestream#module:meetings).
      type: list
      elements: dict
    own:
      description: The livestreams that this run has started, as entries of the same option, to stop these and no others.
      type: list
      elements: dict
    held_seconds:
      description: How many seconds the tasks have waited to stay within the API's rate limit.
      type: int
"""

from types import MappingProxyType
from typing import Any, Dict, Mapping, NamedTuple, Sequence

from ..module_utils._api.shapes import UUID

NOTHING: Mapping[str, Any] = MappingProxyType({})

Entry = Dict[str, Any]


class Room(NamedTuple):
    """A room as the user describes it."""

    title: str | None
    meeting_id: str | None
    name: str
    label: str
    video_config: Mapping[str, Any]


def rooms(
    meetings: Sequence[Mapping[str, Any]],
    video_config: Mapping[str, Any] = NOTHING,
    created: Mapping[str, Any] = NOTHING,
    ended: Mapping[str, Any] = NOTHING,
    undone: Mapping[str, Any] = NOTHING,
) -> dict[str, Any]:
    """Apply the filter."""
    try:
        parsed, refusal = _parse(meetings), ""
    except ValueError as error:
        parsed, refusal = [], str(error)
    made = {entry["title"]: entry for entry in created.get("results") or ()}
    done = {entry["title"] or entry["meeting_id"]: entry for entry in ended.get("meetings") or ()}
    undo = {entry["meeting_id"]: entry for entry in undone.get("meetings") or ()}
    shown, targets, own = [], [], []
    for room in parsed:
        meeting = made.get(room.title, NOTHING)
        meeting_id = room.meeting_id or meeting.get("meeting_id")
        is_planned = bool(meeting) and not (meeting_id or meeting["error"])  # in check mode, a meeting that would be created
        not_made = meeting.get("error") or _find_failure(created, "results", expected=room.title is not None)
        if not (not_made or is_planned):
            targets.append(_build_target(room, meeting_id, video_config))
        entry = done.get(meeting_id or room.title, NOTHING)
        undoing = undo.get(entry.get("meeting_id"), NOTHING)
        started_id = entry.get("started_id")
        if started_id:
            own.append({"meeting_id": entry["meeting_id"], "livestream_id": started_id})
        # After a stop that failed before its first read, the room's state is still known.
        last = entry if undoing.get("error") and not undoing.get("livestream") else undoing or entry
        livestream = last.get("livestream") or ({"status": "INVOKED"} if is_planned else NOTHING)
        errors = [
            ("", not_made or entry.get("error") or _find_failure(ended, "meetings", expected=not entry and not is_planned)),
            ("it could not be taken down: ", undoing.get("error") or _find_failure(undone, "meetings", expected=bool(started_id))),
        ]
        shown.append(
            {
                "label": room.label,
                "name": room.name,
                "title": room.title,
                "meeting_id": entry.get("meeting_id") or meeting_id,
                "id": livestream.get("id"),
                "status": livestream.get("status"),
                "playback_url": livestream.get("playback_url"),
                "changed": any(each.get("changed") for each in (meeting, entry, undoing)),
                "taken_down": bool(undoing.get("changed")) and not (undoing["error"] or undoing["livestream"]),
                "error": "; and ".join(words + _tell(error) for words, error in errors if error) or None,
            }
        )
    held = sum((result.get("rate_limit") or NOTHING).get("held_seconds", 0) for result in (created, ended, undone))
    titles = [room.title for room in parsed if room.title is not None]
    is_known = any(room["changed"] or room["status"] or not room["error"] for room in shown)
    plan = {"refusal": refusal, "rooms": shown, "titles": titles, "targets": targets, "own": own}
    return {**plan, "is_known": is_known, "held_seconds": round(held)}


def _parse(meetings: Sequence[Mapping[str, Any]]) -> list[Room]:
    if not meetings:
        raise ValueError("broadcast_meetings is empty: give at least one room, with the title or the id of its meeting")
    parsed = [_parse_room(number, meeting) for number, meeting in enumerate(meetings, 1)]
    seen = set()
    for room in parsed:
        key = (room.title, room.meeting_id)
        if key in seen:
            raise ValueError(f"broadcast_meetings has {room.title or room.meeting_id!r} twice: list each meeting once")
        seen.add(key)
    return parsed


def _parse_room(number: int, meeting: Mapping[str, Any]) -> Room:
    given = [key for key in ("id", "title") if meeting.get(key) not in (None, "")]
    if len(given) != 1:
        raise _refuse(number, f"{' and '.join(given) or 'no id and no title'}: give one of them")
    title = _parse_text(number, "title", meeting.get("title"))
    meeting_id = _parse_text(number, "id", meeting.get("id")).strip().lower()
    if meeting_id and not UUID.fullmatch(meeting_id):
        raise _refuse(number, f"the id {meeting_id!r}: it must be a meeting's UUID, or use title")
    name = _parse_text(number, "name", meeting.get("name"))
    label = _parse_text(number, "label", meeting.get("label")) or name or title or meeting_id
    return Room(title or None, meeting_id or None, name, label, meeting.get("video_config") or NOTHING)


def _parse_text(number: int, option: str, value: Any) -> str:
    """Return a string, or the digits of a number, of which YAML may have dropped some."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise _refuse(number, f"the {option} {value!r}: it must be a string: quote it in YAML")
    return str(value)


def _refuse(number: int, reason: str) -> ValueError:
    return ValueError(f"Room {number} of broadcast_meetings has {reason}")


def _build_target(room: Room, meeting_id: str | None, video_config: Mapping[str, Any]) -> Entry:
    which = {"meeting_id": meeting_id} if meeting_id else {"title": room.title}
    options = {"name": room.name, "video_config": dict(room.video_config or video_config)}
    return {**which, **{option: value for option, value in options.items() if value}}


def _find_failure(result: Mapping[str, Any], key: str, *, expected: bool) -> str | None:
    """Return why a task has no result for a room."""
    return result.get("msg") or None if expected and key not in result and result.get("failed") else None


def _tell(error: str | Mapping[str, Any]) -> str:
    if isinstance(error, str):
        return error
    return f"{error['message']} (HTTP {error['status']})" if error["status"] else error["message"]


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, Any]:
        return {"rooms": rooms}

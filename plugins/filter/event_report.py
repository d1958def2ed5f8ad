# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of an event, from the sessions of its rooms' livestreams."""

from __future__ import annotations

DOCUMENTATION = r"""
name: event_report
short_description: Report how long the rooms of an event sent video and viewers watched it
version_added: 1.0.0
author:
  - streamops.realtimekit contributors (@streamops)
description:
  - The role C(streamops.realtimekit.broadcast) uses this filter before and after it reads the rooms.
  - Other plays can use it in the same way.
options:
  _input:
    description:
      - The rooms, as the filter P(streamops.realtimekit.rooms#filter) returns them.
      - Each needs a C(label), and a C(title) or a C(meeting_id).
    type: list
    elements: dict
    required: true
  found:
    description:
      - The result of M(streamops.realtimekit.rtk_livestream_info) for RV(_value.targets), with C(include_ended) and C(include_sessions).
    type: dict
    default: {}
  again:
    description: The same for RV(_value.unsettled), read RV(_value.settle_seconds) later.
    type: dict
    default: {}
  start_time:
    description:
      - The beginning of the event in the form of RFC 3339, such as V(2026-11-20T09:00:00Z). Empty for 48 hours before the end.
    type: str
    default: ""
  end_time:
    description: The end of the event. Empty for now.
    type: str
    default: ""
  price:
    description: The price of a sent minute. Empty or V(null) for none.
    type: raw
  time_zone:
    description: The time zone of the report, such as V(Europe/Berlin). The controller must know it.
    type: str
    default: UTC
  now:
    description: The time in Unix seconds. By default it is the time of the controller.
    type: float
"""

EXAMPLES = r"""
- name: Read what the rooms have sent
  streamops.realtimekit.rtk_livestream_info:
    meetings: "{{ (rooms | streamops.realtimekit.event_report).targets }}"
    include_ended: true
    include_sessions: true
  register: found
  vars:
    rooms:
      - label: The main stage
        title: Main stage

- name: Show the sums of the event
  ansible.builtin.debug:
    msg: "{{ (rooms | streamops.realtimekit.event_report(found)).total }}"
  vars:
    rooms:
      - label: The main stage
        title: Main stage
"""

RETURN = r"""
_value:
  description: The report of the event.
  type: dict
  contains:
    refusal:
      description: Why an option is not valid; ignore the other keys then. Otherwise an empty string.
      type: str
    targets:
      description: The rooms, as entries of the option O(streamops.realtimekit.rtk_livestream_info#module:meetings).
      type: list
      elements: dict
    period:
      description: The C(start) and the C(end) to read, as RFC 3339 writes them. The end can be V(null).
      type: dict
    unsettled:
      description:
        - Those of the targets that have a session whose numbers are not real yet, because it has ended less than 50 seconds ago.
      type: list
      elements: dict
    settle_seconds:
      description: After how many seconds the numbers of these are real, at most 50. V(0) if there are none.
      type: int
    rooms:
      description:
        - A dictionary for each room, in the order given, with the keys C(label), C(title), C(meeting_id), C(is_on_air), C(started),
          C(stopped), C(on_air_seconds), C(ingest_seconds), C(viewer_seconds), C(sessions), C(errors), and C(error).
        - C(started) is the start of the first session, and C(stopped) the end of the last one. An unknown value is V(null).
          C(error) says why the room could not be read, or is V(null). C(errors) are the different reasons why sessions have failed.
        - Each of the C(sessions) has C(id), C(livestream_id), C(state), C(invoked), C(started), C(stopped), C(on_air_seconds),
          C(ingest_seconds), C(viewer_seconds), C(is_final), and C(error).
          The state is V(ended), V(on_air), V(starting), or V(never_started).
          C(ingest_seconds) and C(viewer_seconds) are V(null) until they are final.
      type: list
      elements: dict
    total:
      description:
        - The sums of all rooms, with the keys C(rooms), C(rooms_on_air), C(rooms_failed), C(sessions), C(sessions_not_final), C(errors),
          C(on_air_seconds), C(ingest_seconds), C(viewer_seconds), and C(cost).
        - C(rooms_on_air) counts the rooms that were on air at any time, and C(rooms_failed) those that could not be read.
          C(errors) counts the sessions that have failed. C(cost) is the price of C(ingest_seconds), or V(null) without a price.
      type: dict
    time_zone:
      description: The time zone as given.
      type: str
    failure:
      description: The rooms that could not be read, with the reasons. Empty if there are none.
      type: str
    is_known:
      description: Whether at least one room could be read.
      type: bool
    held_seconds:
      description: How many seconds the tasks have waited to stay within the API's rate limit.
      type: int
"""

import math
import time
from datetime import datetime, timedelta, timezone, tzinfo
from types import MappingProxyType
from typing import Any, Dict, Mapping, Sequence

from zoneinfo import ZoneInfo

from ..module_utils._api.shapes import parse_time as parse_any_time

NOTHING: Mapping[str, Any] = MappingProxyType({})
#: Other years are no times: some programs write "never" as the year 1.
YEARS = range(1970, 9000)
#: The default range of time, with all of yesterday in any time zone.
HOURS = 48
#: The API shows PROVISIONAL seconds until this many seconds after a session's end.
SETTLE = 50
PROVISIONAL = 60
STARTED = ("LIVE", "INVOKED")
SECONDS = ("ingest_seconds", "viewer_seconds")
TIMES = ("invoked_time", "started_time", "stopped_time", "created_at")

Entry = Dict[str, Any]


def event_report(
    rooms: Sequence[Mapping[str, Any]],
    found: Mapping[str, Any] = NOTHING,
    again: Mapping[str, Any] = NOTHING,
    start_time: Any = "",
    end_time: Any = "",
    price: Any = None,
    time_zone: str = "UTC",
    now: float | None = None,
) -> dict[str, Any]:
    """Apply the filter."""
    moment = datetime.fromtimestamp(time.time() if now is None else float(now), timezone.utc)
    keys = [_find_key(room) for room in rooms]
    targets = [{kind: room[kind]} for room, (kind, _value) in zip(rooms, keys)]
    try:
        (start, end), per_minute, refusal = _parse_period(start_time, end_time, moment), _parse_price(price), ""
        find_zone(time_zone)
    except ValueError as error:
        (start, end), per_minute, refusal = (moment, None), None, str(error)
    read = {**_by_room(found), **{key: entry for key, entry in _by_room(again).items() if not entry["error"]}}
    reported, unsettled = [], []
    for room, key, target in zip(rooms, keys, targets):
        entry = read.get(key, NOTHING)
        sessions = [session for each in entry.get("livestreams") or () for session in _build_sessions(each, moment)]
        inside = sorted(
            (each for each in sessions if _is_inside(each, start, end, moment)), key=lambda each: each["started"] or each["invoked"] or ""
        )
        is_lost = bool(found) and not entry
        failure = found.get("msg") or "the result has no entry for this room" if is_lost else _tell(entry.get("error"))
        reported.append(_build_room(room, entry, inside, failure))
        waits = [each.pop("settles_in") for each in inside]
        unsettled.append((target, max(waits, default=0)))
    return {
        "refusal": refusal,
        "targets": targets,
        "period": {"start": format_time(start), "end": end and format_time(end)},
        "unsettled": [target for target, wait in unsettled if wait],
        "settle_seconds": max((wait for _target, wait in unsettled), default=0),
        "rooms": reported,
        "total": _sum_up(reported, per_minute),
        "time_zone": str(time_zone),
        "failure": _tell_failure(reported),
        "is_known": any(not room["error"] for room in reported),
        "held_seconds": round(sum((result.get("rate_limit") or NOTHING).get("held_seconds", 0) for result in (found, again))),
    }


def parse_time(value: Any) -> datetime | None:
    """Return a point in time of these years."""
    moment = parse_any_time(value)
    return moment if moment and moment.year in YEARS else None


def format_time(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def find_zone(name: Any) -> tzinfo:
    """Return a time zone by its name. UTC always exists."""
    try:
        return timezone.utc if name == "UTC" else ZoneInfo(str(name))
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(
            f"broadcast_report_time_zone is {str(name)!r}: the controller does not know this time zone. "
            "Use a name such as Europe/Berlin, or install the Python package tzdata on the controller"
        ) from error


def _parse_period(start_time: Any, end_time: Any, now: datetime) -> tuple[datetime, datetime | None]:
    given = {"broadcast_report_start": start_time, "broadcast_report_end": end_time}
    for option, value in given.items():
        if value not in (None, "") and not parse_time(value):
            raise ValueError(
                f"{option} is {str(value)!r}: it must be a date and time such as 2026-11-20T09:00:00Z; in YAML, put it in quotes"
            )
    end = parse_time(end_time)
    start = parse_time(start_time) or (end or now) - timedelta(hours=HOURS)
    if end and start > end:
        raise ValueError(f"broadcast_report_start {start_time} is later than broadcast_report_end {end_time}: swap them")
    return start, end


def _parse_price(price: Any) -> float | None:
    if price in (None, ""):
        return None
    try:
        number = float(price)
    except (OverflowError, TypeError, ValueError):
        number = math.nan
    if isinstance(price, bool) or not 0 <= number < math.inf:
        raise ValueError(f"broadcast_price_per_minute is {price!r}: it must be a number from 0, such as 0.01")
    return number


def _by_room(result: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {_find_key(entry): entry for entry in result.get("meetings") or ()}


def _find_key(room: Mapping[str, Any]) -> tuple[str, str]:
    """Return what identifies a room in the play and in the result, which has the title as a text and the id in lower case."""
    title = room.get("title")
    return ("meeting_id", str(room["meeting_id"]).strip().lower()) if title in (None, "") else ("title", str(title))


def _build_sessions(livestream: Mapping[str, Any], now: datetime) -> list[Entry]:
    """The sessions of a livestream, without what is no time. Only the newest one can be under way."""
    known = [{**each, **{key: each[key] if parse_time(each[key]) else None for key in TIMES}} for each in livestream["sessions"] or ()]
    raw = sorted(known, key=lambda each: each["started_time"] or each["invoked_time"] or each["created_at"] or "")
    newest = raw[-1] if raw else None
    return [_build_session(each, is_active=livestream["status"] in STARTED and each is newest, now=now) for each in raw]


def _build_session(raw: Mapping[str, Any], *, is_active: bool, now: datetime) -> Entry:
    started, stopped = parse_time(raw["started_time"]), parse_time(raw["stopped_time"])
    if is_active and not stopped:
        state = "on_air" if started else "starting"
    else:
        state = "ended" if started else "never_started"
    last = stopped or (now if state == "on_air" else None)
    numbers = [raw[key] for key in SECONDS]
    may_be_early = stopped is None or now < stopped + timedelta(seconds=SETTLE)
    is_provisional = may_be_early and {number for number in numbers if number is not None} == {PROVISIONAL}
    is_final = state in ("ended", "never_started") and not is_provisional
    return {
        "id": raw["id"],
        "livestream_id": raw["livestream_id"],
        "state": state,
        "invoked": raw["invoked_time"] or raw["created_at"],
        "started": raw["started_time"],
        "stopped": raw["stopped_time"],
        "on_air_seconds": max(0, round((last - started).total_seconds())) if started and last else None if started else 0,
        **{key: number if is_final else None for key, number in zip(SECONDS, numbers)},
        "is_final": is_final,
        "error": raw["err_message"],
        "settles_in": min(SETTLE, math.ceil(SETTLE - (now - stopped).total_seconds())) if stopped and is_provisional else 0,
    }


def _is_inside(session: Mapping[str, Any], start: datetime, end: datetime | None, now: datetime) -> bool:
    """Return whether a session and the period overlap. A session with unknown times counts."""
    begin = parse_time(session["started"]) or parse_time(session["invoked"])
    until = now if session["state"] in ("on_air", "starting") else parse_time(session["stopped"]) or begin
    return (end is None or begin is None or begin <= end) and (until is None or until >= start)


def _build_room(room: Mapping[str, Any], entry: Mapping[str, Any], sessions: Sequence[Entry], failure: str | None) -> Entry:
    aired = [session for session in sessions if session["started"]]
    return {
        "label": room["label"],
        "title": room.get("title"),
        "meeting_id": entry.get("meeting_id") or room.get("meeting_id"),
        "is_on_air": any(session["state"] == "on_air" for session in sessions),
        "started": aired[0]["started"] if aired else None,
        "stopped": None if not aired or any(not session["stopped"] for session in aired) else max(session["stopped"] for session in aired),
        **{key: None if failure else _add(sessions, key) for key in ("on_air_seconds", *SECONDS)},
        "sessions": sessions,
        "errors": list(dict.fromkeys(session["error"] for session in sessions if session["error"])),
        "error": failure,
    }


def _sum_up(rooms: Sequence[Entry], price: float | None) -> Entry:
    sessions = [session for room in rooms for session in room["sessions"]]
    total = {
        "rooms": len(rooms),
        "rooms_on_air": sum(bool(room["started"]) for room in rooms),
        "rooms_failed": sum(bool(room["error"]) for room in rooms),
        "sessions": len(sessions),
        "sessions_not_final": sum(not session["is_final"] for session in sessions),
        "errors": sum(bool(session["error"]) for session in sessions),
        **{key: _add(rooms, key) for key in ("on_air_seconds", *SECONDS)},
    }
    return {**total, "cost": None if price is None else round((total["ingest_seconds"] or 0) / 60 * price, 2)}


def _add(entries: Sequence[Mapping[str, Any]], key: str) -> Any:
    """Return the sum of the known values, or None if all of several values are unknown."""
    known = [entry[key] for entry in entries if entry[key] is not None]
    return sum(known) if known or not entries else None


def _tell_failure(rooms: Sequence[Entry]) -> str:
    failed = [room for room in rooms if room["error"]]
    reasons = "".join(f" {room['label']}: {room['error'].rstrip('.')}." for room in failed)
    return f"{len(failed)} of {len(rooms)} rooms could not be read.{reasons}" if failed else ""


def _tell(error: Mapping[str, Any] | None) -> str | None:
    if not error:
        return None
    return f"{error['message']} (HTTP {error['status']})" if error["status"] else str(error["message"])


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, Any]:
        return {"event_report": event_report}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of an event as text, as a table, and as parts of a page."""

from __future__ import annotations

DOCUMENTATION = r"""
name: event_views
short_description: Render the report of an event as text, as CSV, and as parts of a page
version_added: 1.0.0
author:
  - streamops.realtimekit contributors (@streamops)
description:
  - The role C(streamops.realtimekit.broadcast) uses this filter for its reports. Other plays can use it in the same way.
options:
  _input:
    description: The result of the filter P(streamops.realtimekit.event_report#filter).
    type: dict
    required: true
  currency:
    description: The text after the cost.
    type: str
    default: ""
  now:
    description:
      - The time in Unix seconds, up to which sessions that are still on air are drawn. The default is the time of the controller.
    type: float
"""

EXAMPLES = r"""
- name: Show the event
  ansible.builtin.debug:
    msg: "{{ (report | streamops.realtimekit.event_views).summary }}"
  vars:
    report: "{{ rooms | streamops.realtimekit.event_report(found, time_zone='Europe/Berlin') }}"
"""

RETURN = r"""
_value:
  description: The readable parts.
  type: dict
  contains:
    summary:
      description: A line for each room, and one for the event.
      type: list
      elements: str
    csv:
      description:
        - A table with a row for each session, and one for each room without any. It begins with a byte order mark, for spreadsheets.
      type: str
    page:
      description: The texts and the lengths, in percent, that the page of the role shows.
      type: dict
"""

import csv
import io
import itertools
import re
import time
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Dict, Mapping, NamedTuple, Sequence

from .event_report import find_zone, parse_time

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STATES = {"ended": "", "on_air": "still on air", "starting": "still starting", "never_started": "never on air"}
UNKNOWN = "not known"
# One at a time, because ansible-doc supports no lists here.
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
#: The distances between two marks of the timeline in seconds, and how many fit on a phone. Dates are wider than times.
STEPS = (*(n * MINUTE for n in (1, 5, 10, 15, 30)), *(n * HOUR for n in (1, 2, 3, 4, 6, 12)), *(n * DAY for n in (1, 2, 7, 14)))
MOST_TIMES = 5
MOST_DATES = 4
#: In percent of the timeline.
THINNEST = 0.4
#: Where a spreadsheet would begin a formula: also behind the characters at which some of them part the columns and the rows.
FORMULA = re.compile(r"(^|[\t\r\n;|])(?=[=+\-@\t\r])")

Entry = Dict[str, Any]


class Words(NamedTuple):
    """The format of times and sums."""

    zone: tzinfo
    currency: str

    def when(self, value: str | None) -> str:
        moment = self._local(value)
        return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M}" if moment else "?"

    def span(self, start: str | None, stop: str | None, otherwise: str) -> str:
        """Return a range of times, with the date only once if it is the same."""
        begin, end = self._local(start), self._local(stop)
        if not end:
            return f"{self.when(start)} to {otherwise}"
        return f"{self.when(start)} to {end:%H:%M}" if begin and begin.date() == end.date() else f"{self.when(start)} to {self.when(stop)}"

    def cell(self, value: str | None) -> str:
        moment = self._local(value)
        return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""

    def cost(self, amount: float) -> str:
        return f"{amount:,.2f} {self.currency}".strip()

    def _local(self, value: str | None) -> datetime | None:
        moment = parse_time(value)
        return moment.astimezone(self.zone) if moment else None


def event_views(report: Mapping[str, Any], currency: Any = "", now: float | None = None) -> dict[str, Any]:
    """Apply the filter."""
    words = Words(find_zone(report["time_zone"]), str(currency or ""))
    moment = datetime.fromtimestamp(time.time() if now is None else float(now), timezone.utc)
    return {
        "summary": [*(_describe(room, words) for room in report["rooms"]), _describe_total(report, words)],
        "csv": _build_csv(report["rooms"], words, report["time_zone"]),
        "page": _build_page(report, words, moment),
    }


def tell_duration(seconds: float | None) -> str:
    if seconds is None:
        return UNKNOWN
    if seconds < MINUTE:
        return f"{round(seconds)} s"
    if seconds < 10 * MINUTE:
        return tell_minutes(seconds)
    minutes = round(seconds / MINUTE)
    return f"{minutes // 60:,} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def tell_minutes(seconds: float | None) -> str:
    """Return minutes, with a decimal for small numbers."""
    if seconds is None:
        return UNKNOWN
    minutes = seconds / MINUTE
    return f"{minutes:.1f} min" if 0 < minutes < 10 else f"{minutes:,.0f} min"


def _describe(room: Mapping[str, Any], words: Words) -> str:
    if room["error"]:
        return f"{room['label']}: FAILED, {room['error']}"
    errors = "".join(f"; error: {error}" for error in room["errors"])
    if not room["started"]:
        return f"{room['label']}: {_tell_absence(room)}{errors}"
    times = words.span(room["started"], room["stopped"], "now" if room["is_on_air"] else "an unknown end")
    sums = f"sent {tell_minutes(room['ingest_seconds'])}, watched {tell_minutes(room['viewer_seconds'])}"
    return f"{room['label']}: {times}, on air {tell_duration(room['on_air_seconds'])}, {sums}{errors}"


def _tell_absence(room: Mapping[str, Any]) -> str:
    """Return why a room has no start."""
    return "not on air yet" if any(session["state"] == "starting" for session in room["sessions"]) else "never on air"


def _describe_total(report: Mapping[str, Any], words: Words) -> str:
    total = report["total"]
    sums = f"sent {tell_minutes(total['ingest_seconds'])}, watched {tell_minutes(total['viewer_seconds'])}"
    cost = "" if total["cost"] is None else f", cost {words.cost(total['cost'])}"
    open_ones = f"; not counted: {total['sessions_not_final']} sessions whose numbers are not final" if total["sessions_not_final"] else ""
    held = f"; waited {report['held_seconds']} seconds to stay within the API's rate limit" if report["held_seconds"] else ""
    return f"All: {total['rooms_on_air']} of {total['rooms']} rooms were on air, {sums}{cost}{open_ones}{held}"


def _build_csv(rooms: Sequence[Mapping[str, Any]], words: Words, zone: str) -> str:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    times = [f"{name} ({zone})" for name in ("started", "stopped")]
    minutes = ["on_air_minutes", "ingest_minutes", "viewer_minutes"]
    writer.writerow(["room", "title", "meeting_id", "livestream_id", "session_id", "state", *times, *minutes, "error"])
    for room in rooms:
        of_room = [room["label"], room["title"], room["meeting_id"]]
        for session in room["sessions"]:
            sums = [session[key] for key in ("on_air_seconds", "ingest_seconds", "viewer_seconds")]
            row = [session["livestream_id"], session["id"], session["state"], *map(words.cell, (session["started"], session["stopped"]))]
            numbers = ["" if seconds is None else f"{seconds / MINUTE:.2f}" for seconds in sums]
            writer.writerow([*map(_guard, [*of_room, *row]), *numbers, _guard(session["error"])])
        if not room["sessions"]:
            state = "could_not_be_read" if room["error"] else "never_on_air"
            writer.writerow([*map(_guard, [*of_room, "", "", state]), "", "", "", "", "", _guard(room["error"])])
    return "\ufeff" + table.getvalue().rstrip("\n")


def _guard(value: Any) -> str:
    """Return a string that a spreadsheet does not read as a formula."""
    return FORMULA.sub(r"\1'", "" if value is None else str(value))


def _build_page(report: Mapping[str, Any], words: Words, now: datetime) -> Entry:
    rooms, total = report["rooms"], report["total"]
    most = {key: max([room[key] or 0 for room in rooms] + [1]) for key in ("ingest_seconds", "viewer_seconds")}
    sessions = [session for room in rooms for session in room["sessions"]]
    drawn = [edges for edges in (_find_edges(session, now) for session in sessions) if edges]
    axis = _Axis(min(begin for begin, _end in drawn), max(end for _begin, end in drawn), words.zone) if drawn else None
    first, last = min((begin for begin, _end in drawn), default=None), max((end for _begin, end in drawn), default=None)
    return {
        "when": words.span(first.isoformat(), last.isoformat(), "") if first and last else "",
        "zone": report["time_zone"],
        "tiles": _build_tiles(total, words),
        "not_final": total["sessions_not_final"],
        "marks": axis.marks() if axis else [],
        "rooms": [_build_room(room, most, axis, words, now) for room in rooms],
    }


def _build_tiles(total: Mapping[str, Any], words: Words) -> list[Entry]:
    tiles = [
        ("Rooms on air", f"{total['rooms_on_air']} of {total['rooms']}"),
        ("Time on air", tell_duration(total["on_air_seconds"])),
        ("Sent", tell_minutes(total["ingest_seconds"])),
        ("Watched", tell_minutes(total["viewer_seconds"])),
        ("Errors", f"{total['errors']:,}"),
        *([] if total["cost"] is None else [("Cost", words.cost(total["cost"]))]),
    ]
    return [{"name": name, "value": value} for name, value in tiles]


def _build_room(room: Mapping[str, Any], most: Mapping[str, float], axis: _Axis | None, words: Words, now: datetime) -> Entry:
    bars = [
        {"name": name, "value": tell_minutes(room[key]), "kind": kind, "width": round(100 * (room[key] or 0) / most[key], 2)}
        for name, kind, key in (("Sent", "sent", "ingest_seconds"), ("Watched", "watched", "viewer_seconds"))
    ]
    drawn = [(session, _find_edges(session, now)) for session in room["sessions"]]
    is_unknown = bool(room["error"])
    return {
        "label": room["label"],
        "error": room["error"],
        "state": "not read" if is_unknown else "still on air" if room["is_on_air"] else "" if room["started"] else _tell_absence(room),
        "kind": "failed" if is_unknown or room["errors"] else "live" if room["is_on_air"] else "",
        "on_air": _tell_length(room),
        "bars": bars if room["started"] else [],
        "strips": [
            {**axis.place(*edges), "kind": _find_kind(session), "when": _describe_session(session, words)["when"]}
            for session, edges in drawn
            if axis and edges
        ],
        "sessions": [_describe_session(session, words) for session in room["sessions"]],
    }


def _find_kind(session: Mapping[str, Any]) -> str:
    return "failed" if session["error"] or session["state"] == "never_started" else "live" if session["state"] != "ended" else "sent"


def _tell_length(entry: Mapping[str, Any]) -> str:
    """Return how long a room or a session was on air, if this is known."""
    return tell_duration(entry["on_air_seconds"]) if entry["started"] and entry["on_air_seconds"] is not None else ""


def _describe_session(session: Mapping[str, Any], words: Words) -> Entry:
    state = STATES[session["state"]]
    begin = session["started"] or session["invoked"]
    when = (
        words.span(begin, session["stopped"], "an unknown end" if session["state"] == "ended" else "now")
        if session["started"]
        else words.when(begin)
    )
    sums = "" if session["is_final"] else "minutes not final yet"
    return {"when": when, "about": ", ".join(filter(None, (_tell_length(session), state, sums))), "error": session["error"]}


def _find_edges(session: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime] | None:
    begin = parse_time(session["started"]) or parse_time(session["invoked"])
    if not begin:
        return None
    is_open = session["state"] in ("on_air", "starting")
    end = parse_time(session["stopped"]) or (now if is_open else begin)
    return begin, max(begin, end)


class _Axis:
    """Return the timeline's range of time, from mark to mark."""

    def __init__(self, first: datetime, last: datetime, zone: tzinfo) -> None:
        self.zone = zone
        local = first.astimezone(zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        for step in itertools.chain(STEPS, itertools.count(28 * DAY, 28 * DAY)):
            begin = midnight + timedelta(seconds=(local - midnight).total_seconds() // step * step)
            # Days go by the calendar, because one has 23 or 25 hours when the clocks change. Python counts so within a time zone.
            begin, end = (begin, last.astimezone(zone)) if step >= DAY else (begin.astimezone(timezone.utc), last)
            count = max(1, -int(-(end - begin).total_seconds() // step))
            if count <= (MOST_TIMES if step < DAY else MOST_DATES):
                break
        self.has_dates = step >= DAY
        self.moments = [(begin + timedelta(seconds=number * step)).astimezone(timezone.utc) for number in range(count + 1)]

    def place(self, begin: datetime, end: datetime) -> Entry:
        """Return the place of a session in percent. A short session is still visible."""
        x, until = self._percent(begin), self._percent(end)
        width = max(until - x, THINNEST)
        return {"x": round(min(x, 100 - width), 3), "width": round(width, 3)}

    def marks(self) -> list[Entry]:
        found, day = [], ""
        for moment in self.moments:
            local = moment.astimezone(self.zone)
            date = f"{local.day} {MONTHS[local.month - 1]}"
            anchor = "start" if moment == self.moments[0] else "end" if moment == self.moments[-1] else "middle"
            lines = (date, "") if self.has_dates else (f"{local:%H:%M}", "" if date == day else date)
            found.append({"x": round(self._percent(moment), 3), "anchor": anchor, "text": lines[0], "below": lines[1]})
            day = date
        return found

    def _percent(self, moment: datetime) -> float:
        begin, end = self.moments[0], self.moments[-1]
        return 100 * (moment - begin).total_seconds() / (end - begin).total_seconds()


class FilterModule:
    """The class that Ansible loads."""

    def filters(self) -> dict[str, Any]:
        return {"event_views": event_views}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The shapes of livestreams and their sessions: one shape for every dialect of the API.

Source: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/livestreams/
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, List, Mapping

from .._http.answers import NO_DATA, Payload, clean_words

#: A livestream: all of FIELDS and ``stream_key``, None for unknown values.
Livestream = Dict[str, Any]

#: The unchanged rows of a list.
Rows = List[Any]

FIELDS = ("id", "name", "status", "meeting_id", "ingest_server", "playback_url", "disabled", "created_at", "updated_at")
ALL_FIELDS = (*FIELDS, "stream_key")
SECONDS = ("ingest_seconds", "viewer_seconds")
TIMES = ("invoked_time", "started_time", "stopped_time", "created_at", "updated_at")
SESSION_FIELDS = ("id", "livestream_id", "err_message", *SECONDS, *TIMES)

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

LIVE, INVOKED, ERRORED, IDLE = "LIVE", "INVOKED", "ERRORED", "IDLE"
STARTED = frozenset((LIVE, INVOKED))
#: The statuses that block a start. With any other status, known or unknown, no livestream is active.
ACTIVE = STARTED | {ERRORED}


def is_started(livestream: Livestream | None) -> bool:
    """Return whether it is on air or starting."""
    return livestream is not None and livestream["status"] in STARTED


def normalize(raw: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> Livestream:
    """Return one shape for every answer: all keys, ``disabled`` as a boolean or None. ``known`` fills in missing values."""
    livestream = {key: keep_single(raw.get(key)) for key in ALL_FIELDS}
    livestream["disabled"] = parse_boolean(raw.get("disabled"))
    if livestream["stream_key"] is not None:
        livestream["stream_key"] = str(livestream["stream_key"])  # masking searches in strings
    return merge(known or {}, livestream)


def merge(known: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new values, and the known values for missing ones, because answers can lack fields."""
    return {key: known.get(key) if value is None else value for key, value in new.items()}


def parse_session(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a livestream's session, as SESSION_FIELDS. Its ``err_message`` can quote a stream key that no answer has shown."""
    session = {key: parse_seconds(raw.get(key)) if key in SECONDS else keep_single(raw.get(key)) for key in SESSION_FIELDS}
    said = session["err_message"]
    return {**session, "err_message": None if said is None else clean_words(said)}


def parse_history(row: Mapping[str, Any], meeting_id: str) -> Livestream:
    """A row of `find_history`: the livestream with its sessions, which are None if they are not all that is asked for."""
    sessions = [parse_session(session) for session in row["sessions"]]
    is_whole = bool(sessions) and all(session[key] is not None for session in sessions for key in SECONDS)
    return {**normalize(row, {"meeting_id": meeting_id}), "sessions": sessions if is_whole else None}


def parse_livestream(payload: Payload, known: Mapping[str, Any] | None = None) -> Livestream:
    raw = _find_object(payload.data)
    if not (isinstance(raw.get("id"), str) and raw["id"]):
        raise ValueError("a livestream that has no id")
    return normalize(raw, known)


def parse_active(payload: Payload, meeting_id: str) -> Livestream | None:
    """Return the active livestream, the started one if there are several. None for no data, null, an empty value, or no active one."""
    if payload.data is NO_DATA:
        return None
    rows = payload.data if isinstance(payload.data, list) else [payload.data] if payload.data else []
    found = [_find_object(row) for row in rows]
    if not all(isinstance(row.get("status"), str) for row in found):
        raise ValueError("a livestream that has no status")
    active = sorted((row for row in found if row["status"] in ACTIVE), key=lambda row: row["status"] == ERRORED)
    return parse_livestream(Payload(active[0], {}), {"meeting_id": meeting_id}) if active else None


def find_livestreams(data: Any) -> Rows:
    """Return the rows of a list of livestreams."""
    return find_rows(data, "livestreams")


def find_rows(data: Any, name: str) -> Rows:
    """Return the rows of an answer. The reference has a list as one object, as an array, and nested under a key."""
    if isinstance(data, dict):
        for key in (name, "data"):
            rows = data.get(key)
            if isinstance(rows, list):
                return rows
        if data.keys() - {"id", "paging"} and "id" not in data:
            raise ValueError("something other than a list")  # for an empty list, everything would be created again
        return [data] if "id" in data else []
    if isinstance(data, list):
        return data
    if data is None:
        return []
    raise ValueError("something other than a list")


def find_sessions(data: Any) -> Rows:
    """Return the sessions beside a livestream. The reference types them as one object."""
    if not isinstance(data, dict):
        raise ValueError("something other than a livestream with its sessions")
    found = data.get("sessions") or data.get("session")
    return found if isinstance(found, list) else [found] if found else []


def find_history(data: Any) -> Rows:
    """The livestreams of a meeting, each with those of the ``sessions`` beside them that are its own."""
    rows, beside = find_livestreams(data), find_sessions(data) if isinstance(data, dict) else []

    def is_own(session: Any, row: Mapping[str, Any]) -> bool:
        of = session.get("livestream_id") if isinstance(session, dict) else ""
        return len(rows) == 1 if of is None else of == row.get("id")

    return [{**row, "sessions": [session for session in beside if is_own(session, row)]} if isinstance(row, dict) else row for row in rows]


def find_stream_keys(data: Any) -> Iterator[str]:
    """Yield every stream key in an answer, at any depth."""
    left = [data]
    while left:  # without recursion, which ends at some depth
        inner = left.pop()
        if isinstance(inner, dict) and inner.get("stream_key"):
            yield str(inner["stream_key"])
        left.extend(inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ())


def parse_resource(
    payload: Payload, noun: str, normalize_it: Callable[[Mapping[str, Any]], dict[str, Any]], known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the meeting or webhook of an answer. ``known`` fills in missing values, even if all are missing."""
    raw = {} if known and payload.data in (NO_DATA, None) else payload.data
    if not isinstance(raw, dict):
        raise ValueError(f"something other than a {noun}")
    resource = merge(known or {}, normalize_it(raw))
    if not (isinstance(resource["id"], str) and resource["id"]):
        raise ValueError(f"a {noun} that has no id")
    return resource


def parse_boolean(value: Any) -> bool | None:
    """Return a boolean. ``disabled`` is a boolean in some answers and a string in others."""
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())


def parse_seconds(value: Any) -> int | float | None:
    """Return a number. Seconds can be numbers or strings."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def parse_time(value: Any) -> datetime | None:
    """Return a point in time with its offset from UTC, in the form of RFC 3339, without fractions of a second."""
    if not (isinstance(value, str) and DATE_TIME.fullmatch(value)):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"\.\d+", "", value).replace("Z", "+00:00"))
    except ValueError:
        return None  # such as February 31


def ignore(payload: Payload) -> None:
    """Ignore the data of an answer."""


def keep_single(value: Any) -> Any:
    """Return None for a list or an object. No documented field has one, and it could contain a stream key."""
    return None if isinstance(value, (dict, list)) else value


def _find_object(data: Any) -> dict[str, Any]:
    """Return the livestream in ``data``, or in ``data.livestream`` beside its session."""
    inner = data.get("livestream", data) if isinstance(data, dict) else data
    if not isinstance(inner, dict):
        raise ValueError("something other than a livestream")
    return inner

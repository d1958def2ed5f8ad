# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The API's livestreams: endpoints, paging, statuses, and one shape for what comes back in many.

Source: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/livestreams/
"""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, Iterator, Mapping, Sequence, TypeVar

from ansible_collections.streamops.realtimekit.plugins.module_utils._answers import Payload
from ansible_collections.streamops.realtimekit.plugins.module_utils._client import Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import LostAnswerError, NotFoundError

T = TypeVar("T")

#: A livestream as this collection knows it: all of FIELDS and ``stream_key``, None for what is not known.
Livestream = Dict[str, Any]

FIELDS = ("id", "name", "status", "meeting_id", "ingest_server", "playback_url", "disabled", "created_at", "updated_at")
SESSION_FIELDS = (
    "id",
    "livestream_id",
    "err_message",
    "ingest_seconds",
    "viewer_seconds",
    "invoked_time",
    "started_time",
    "stopped_time",
    "created_at",
    "updated_at",
)
SECONDS = ("ingest_seconds", "viewer_seconds")

LIVE, INVOKED, ERRORED, IDLE = "LIVE", "INVOKED", "ERRORED", "IDLE"
STARTED = frozenset((LIVE, INVOKED))
#: What keeps a meeting from being started again. Any other status, known or not, means that nothing runs.
ACTIVE = STARTED | {ERRORED}

PER_PAGE = 100
#: Pages in a row that bring nothing new before a listing counts as one that never ends.
STALE_PAGES = 3


class Livestreams:
    """The livestreams of one app. All methods raise the errors of `_errors`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.clock = client.clock
        self.sleep = client.sleep
        #: Every stream key that an answer has brought, wanted or not, so that nothing else that is shown repeats one.
        self.stream_keys: set[str] = set()
        #: How often an uncertain write may be sent again, once the state has been read: as often as any request.
        self.retries = client.connection.retries

    @property
    def held(self) -> float:
        """Seconds for which requests have been held back for the API's rate limit."""
        return self._client.held

    def plan(self, requests: int) -> None:
        """Tell before the first request how many are to come, at the least, for a warning if the rate limit makes them slow."""
        self._client.plan(requests)

    def active(self, meeting_id: str, *, must_exist: bool = False) -> Livestream | None:
        """The meeting's livestream that is LIVE, INVOKED or ERRORED, or None.

        A 404 means "none active" or "no such meeting"; ``must_exist`` asks for
        the meeting itself then, and raises NotFoundError if that is absent too.
        """
        try:
            return self._get(("meetings", meeting_id, "active-livestream"), lambda payload: _parse_active(payload, meeting_id))
        except NotFoundError:
            pass  # what is asked next is not to have this one for its context
        if must_exist:
            self._get(("meetings", meeting_id), _ignore)
        return None

    def start(self, meeting_id: str, *, name: str | None = None, video_config: Mapping[str, int] | None = None) -> Livestream:
        """Start the meeting's livestream. The answer has neither dates nor ``disabled``; its name is the one sent."""
        body = {key: value for key, value in (("name", name), ("video_config", video_config)) if value is not None}
        return self._post(
            ("meetings", meeting_id, "livestreams"),
            lambda payload: _parse_livestream(payload, {"name": name, "meeting_id": meeting_id}),
            body,
        )

    def stop(self, meeting_id: str) -> None:
        """Stop whatever livestream is active in the meeting: the API takes no livestream's id here."""
        self._post(("meetings", meeting_id, "active-livestream", "stop"), _ignore)

    def create(self, name: str) -> Livestream:
        """Create an independent livestream. Names are not unique: each call makes one more."""
        return self._post(("livestreams",), lambda payload: _parse_livestream(payload, {"name": name}), {"name": name})

    def get(self, livestream_id: str) -> Livestream:
        """One livestream."""
        return self._get(("livestreams", livestream_id), _parse_livestream)

    def sessions(self, livestream_id: str) -> list[dict[str, Any]]:
        """All of a livestream's sessions, as SESSION_FIELDS."""
        return list(self._read_pages(("livestreams", livestream_id), {}, _find_sessions, _parse_session))

    def err_message(self, livestream_id: str) -> str | None:
        """Why the livestream's active session failed, if the API tells."""
        try:
            sessions = self._get(("livestreams", livestream_id, "active-livestream-session"), lambda payload: _find_sessions(payload.data))
        except NotFoundError:
            return None
        return next((str(session["err_message"]) for session in sessions if isinstance(session, dict) and session.get("err_message")), None)

    def find(self, *, exclude_meetings: bool = False, **filters: str | None) -> Iterator[Livestream]:
        """All livestreams that match, page by page as they are asked for.

        ``filters``: ``status``, ``start_time``, ``end_time``, ``sort_order``
        (ASC or DSC), sent if not None. ``exclude_meetings`` is checked here
        again. An empty list may answer 404: then the app has to prove that it
        exists.
        """
        params = {key: value for key, value in filters.items() if value is not None}
        if exclude_meetings:
            params["exclude_meetings"] = "true"
        is_missing = False
        try:
            for livestream in self._read_pages(("livestreams",), params, _find_livestreams, normalise):
                if not (exclude_meetings and livestream["meeting_id"]):
                    yield livestream
        except NotFoundError:
            is_missing = True  # what is asked next is not to have this error for its context
        if is_missing:
            self._get(("meetings",), _ignore, {"page_no": 1, "per_page": 1})

    def _get(self, segments: Sequence[str], parse: Callable[[Payload], T], params: Mapping[str, Any] | None = None) -> T:
        return self._client.get(segments, self._note_keys(parse), params)

    def _post(self, segments: Sequence[str], parse: Callable[[Payload], T], body: Mapping[str, Any] | None = None) -> T:
        return self._client.post(segments, self._note_keys(parse), body)

    def _note_keys(self, parse: Callable[[Payload], T]) -> Callable[[Payload], T]:
        def note_and_parse(payload: Payload) -> T:
            self.stream_keys.update(_find_stream_keys(payload.data))
            return parse(payload)

        return note_and_parse

    def _read_pages(
        self,
        segments: Sequence[str],
        params: Mapping[str, Any],
        rows_of: Callable[[Any], list[Any]],
        shape: Callable[[Mapping[str, Any]], dict[str, Any]],
    ) -> Iterator[dict[str, Any]]:
        """Every row of a listing once, in the API's order.

        A short page is not the last one, for the server may cap the page size;
        a page without anything new may only have been pushed back by new rows.
        """
        path = "/" + "/".join(segments)
        seen: set[str] = set()
        stale, page_no = 0, 1
        while True:
            rows, end, total = self._get(
                segments, lambda payload: _parse_page(payload, rows_of), {**params, "page_no": page_no, "per_page": PER_PAGE}
            )
            new = list({row["id"]: row for row in rows if row["id"] not in seen}.values())
            seen.update(row["id"] for row in new)
            yield from map(shape, new)
            if page_no == 1 and not rows and total:
                raise LostAnswerError("GET", path, f"the list has {total} rows, and its first page none")
            if not rows or (end >= total if end is not None and total is not None else not new):
                return
            stale = 0 if new else stale + 1
            if stale == STALE_PAGES:
                reason = f"page {page_no} of the list brings nothing new and is not the last: the list does not end"
                raise LostAnswerError("GET", path, reason)
            page_no += 1


def _find_stream_keys(data: Any) -> Iterator[str]:
    """Every stream key in an answer, wherever it stands."""
    if isinstance(data, dict) and data.get("stream_key"):
        yield str(data["stream_key"])
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _find_stream_keys(inner)


def is_started(livestream: Livestream | None) -> bool:
    """Whether it is on air or on its way there."""
    return livestream is not None and livestream["status"] in STARTED


def normalise(raw: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> Livestream:
    """One shape for every answer: all keys, ``disabled`` a boolean or None; ``known`` fills in what is missing."""
    # What is no single value is none that is documented, and could hold anything.
    livestream = {key: None if isinstance(raw.get(key), (dict, list)) else raw.get(key) for key in (*FIELDS, "stream_key")}
    livestream["disabled"] = _parse_boolean(raw.get("disabled"))
    if livestream["stream_key"] is not None:
        livestream["stream_key"] = str(livestream["stream_key"])  # what hides it looks for text
    for key, value in (known or {}).items():
        if livestream[key] is None:
            livestream[key] = value
    return livestream


def _parse_boolean(value: Any) -> bool | None:
    """``disabled`` comes as a boolean in some answers, as a string in others."""
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())


def _parse_seconds(value: Any) -> int | float | None:
    """Seconds come as numbers or as strings."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _ignore(payload: Payload) -> None:  # noqa: ARG001 (that there was a payload says enough)
    return None


def _find_object(data: Any) -> dict[str, Any]:
    """The livestream in ``data``, or in ``data.livestream`` where its session stands beside it."""
    inner = data.get("livestream", data) if isinstance(data, dict) else data
    if not isinstance(inner, dict):
        raise ValueError("something else than a livestream")
    return inner


def _parse_livestream(payload: Payload, known: Mapping[str, Any] | None = None) -> Livestream:
    raw = _find_object(payload.data)
    if not (isinstance(raw.get("id"), str) and raw["id"]):
        raise ValueError("a livestream that has no id")
    return normalise(raw, known)


def _parse_active(payload: Payload, meeting_id: str) -> Livestream | None:
    """None in each dialect: null, an empty object or list, or one that is not active."""
    if payload.data in (None, {}, []):
        return None
    raw = _find_object(payload.data)
    if not isinstance(raw.get("status"), str):
        raise ValueError("a livestream that has no status")
    return _parse_livestream(payload, {"meeting_id": meeting_id}) if raw["status"] in ACTIVE else None


def _find_livestreams(data: Any) -> list[Any]:
    """The reference types the list as one object, shows an array, and its siblings nest one: the list first, then a row."""
    if isinstance(data, dict):
        for key in ("livestreams", "data"):
            rows = data.get(key)
            if isinstance(rows, list):
                return rows
        if data.keys() - {"id", "paging"} and "id" not in data:
            raise ValueError("something else than a list")  # taken for an empty one, it would have everything created again
        return [data] if "id" in data else []
    if isinstance(data, list):
        return data
    if data is None:
        return []
    raise ValueError("something else than a list")


def _find_sessions(data: Any) -> list[Any]:
    """Sessions stand beside their livestream, typed as one object in the reference."""
    if not isinstance(data, dict):
        raise ValueError("something else than a livestream with its sessions")
    found = data.get("sessions") or data.get("session")
    return found if isinstance(found, list) else [found] if found else []


def _parse_session(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _parse_seconds(raw.get(key)) if key in SECONDS else raw.get(key) for key in SESSION_FIELDS}


def _parse_page(payload: Payload, rows_of: Callable[[Any], list[Any]]) -> tuple[list[dict[str, Any]], int | None, int | None]:
    """A page's rows, and its paging's ``end_offset`` and ``total_count`` where it has both."""
    rows = rows_of(payload.data)
    if not all(isinstance(row, dict) and isinstance(row.get("id"), str) and row["id"] for row in rows):
        raise ValueError("a list in which a row has no id")
    paging = payload.paging or (payload.data.get("paging") if isinstance(payload.data, dict) else None)
    if not isinstance(paging, dict):
        return rows, None, None
    end, total = _parse_seconds(paging.get("end_offset")), _parse_seconds(paging.get("total_count"))
    return rows, None if end is None else int(end), None if total is None else int(total)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shapes of answers: envelopes, lists and the ways of saying that nothing is active."""

from __future__ import annotations

import dataclasses
from typing import Any, Sequence

from .models import ApiError, BodyError, Livestream, Meeting
from .settings import Settings

Row = dict[str, Any]


@dataclasses.dataclass
class Answer:
    """An answer before it is put on the wire: the HTTP status and the JSON document."""

    status: int
    document: Any
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


def success(settings: Settings, data: Any, status: int = 200, paging: Row | None = None) -> Answer:
    """``{success, data}`` or ``{success, result}``; paging, if any, beside it."""
    if settings.loose_types:
        data = loosen(data)
    document: Row = {"success": True, settings.envelope: data}
    if paging is not None:
        document["paging"] = paging
    return Answer(status, document)


def realtimekit_error(status: int, message: str) -> Answer:
    return Answer(status, {"success": False, "error": {"code": status, "message": message}})


def refusal(error: ApiError) -> Answer:
    """RealtimeKit's answer to a refused request."""
    if isinstance(error, BodyError):
        return Answer(error.status, {"message": error.message, "success": False})
    return realtimekit_error(error.status, error.message)


def gateway_error(status: int, code: int, message: str) -> Answer:
    """The edge's answer before a request reaches RealtimeKit."""
    return Answer(status, {"success": False, "errors": [{"code": code, "message": message}], "messages": [], "result": None})


def unauthorized(settings: Settings) -> Answer:
    if settings.unauthorized_form == "message":
        return Answer(401, {"message": "Unauthorized"})
    return gateway_error(401, 10000, "Authentication error")


def loosen(value: Any) -> Any:
    """Booleans and numbers as strings; the reference types some of them so. Paging stays as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, dict):
        return {name: item if name == "paging" else loosen(item) for name, item in value.items()}
    if isinstance(value, list):
        return [loosen(item) for item in value]
    return value


def list_answer(settings: Settings, rows: list[Row], paging: Row, key: str) -> Answer:
    """A list of livestreams or of their sessions, in the shape that the settings ask for."""
    shown = shown_paging(settings, rows, paging)
    if settings.list_shape == "livestreams":
        return success(settings, joined({key: rows}, shown))
    if settings.list_shape == "data":
        return success(settings, joined({"data": rows}, shown))
    if settings.list_shape == "single" and len(rows) == 1:
        # As in the reference: one object with a row and the paging.
        return success(settings, joined(dict(rows[0]), shown))
    return success(settings, rows, paging=shown)


def shown_paging(settings: Settings, rows: Sequence[Any], paging: Row, of: str = "livestreams") -> Row | None:
    """The paging of a list, or its refusal if empty lists answer 404."""
    if not rows and (settings.empty_list_404 if of == "livestreams" else of in settings.empty_404):
        raise ApiError(404, "Nothing found")
    if settings.omit_paging:
        return None
    if settings.paging_total is not None:
        return {**paging, "total_count": settings.paging_total}
    return paging


def joined(body: Row, paging: Row | None) -> Row:
    return body if paging is None else {**body, "paging": paging}


def with_sessions(settings: Settings, body: Row, reference_key: str, sessions: list[Row], paging: Row | None) -> Row:
    """Add livestream sessions; the reference types the page of sessions as one object."""
    if settings.sessions_shape == "list":
        body["sessions"] = sessions
    elif settings.sessions_shape == "session_list":
        body["session"] = sessions
    elif sessions:
        body[reference_key] = sessions[0]
    return joined(body, paging)


def started(settings: Settings, livestream: Livestream) -> Answer:
    """*start* returns only five fields."""
    body = livestream.as_api()
    row = {name: body[name] for name in ("id", "ingest_server", "playback_url", "status", "stream_key")}
    if settings.start_playback_null:
        row["playback_url"] = None
    return success(settings, row, status=201)


def created(settings: Settings, livestream: Livestream) -> Answer:
    """*create* returns all fields except the dates."""
    row = {name: item for name, item in livestream.as_api().items() if not name.endswith("_at")}
    if settings.create_omits_name:
        del row["name"]
    return success(settings, row, status=201)


def gone(settings: Settings) -> Answer | None:
    """The answer to *create* if it no longer exists: the edge does not know the route, or RealtimeKit refuses."""
    status = settings.create_gone_status
    if status in (404, 405):
        return gateway_error(status, *((7000, "No route for that URI") if status == 404 else (10405, "Method not allowed for this path")))
    return realtimekit_error(status, "Independent livestreams are no longer supported") if status else None


def listed(settings: Settings, livestream: Livestream) -> Row:
    """A row of *list livestreams*."""
    row = livestream.as_api()
    for name in settings.list_omits:
        row.pop(name, None)
    return row


def active(settings: Settings, found: list[Livestream]) -> Answer:
    """The newest one or, as a list, all of them. An ERRORED one comes first, so that a client has to choose."""
    if settings.active_shape == "object":
        return success(settings, active_row(settings, found[-1]))
    errored_first = sorted(found, key=lambda item: item.status != "ERRORED")
    return success(settings, [active_row(settings, item) for item in errored_first])


def active_row(settings: Settings, livestream: Livestream) -> Row:
    row = livestream.as_api()
    if settings.active_omits_secrets:
        del row["ingest_server"], row["stream_key"]
    return row


def no_active(settings: Settings, meeting: Meeting, last: Livestream | None) -> Answer:
    """Return the answer without an active livestream. The reference does not define it, so each known form is available."""
    if settings.no_active == "no_data":
        return Answer(200, {"success": True})
    if settings.no_active == "null":
        return success(settings, None)
    if settings.no_active == "empty_object":
        return success(settings, {})
    if settings.no_active == "empty_list":
        return success(settings, [])
    if settings.no_active == "idle_object":
        if last is not None:
            return success(settings, {**last.as_api(), "status": "IDLE"})
        return success(
            settings,
            {"id": meeting.session_id, "name": None, "status": "IDLE", "meeting_id": meeting.id, "playback_url": None, "disabled": False},
        )
    raise ApiError(404, f"No active livestream found for meeting_id {meeting.id}")

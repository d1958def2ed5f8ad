# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for request bodies. Like the API, they do not allow unknown fields."""

from __future__ import annotations

import json
from typing import Any, Collection, Mapping

from .models import ApiError, BodyError
from .settings import is_integer, is_number

MEETING_FLAGS = ("live_stream_on_start", "record_on_start", "persist_chat", "summarize_on_end", "transcribe_on_end")
KEEP_ALIVE = "session_keep_alive_time_in_secs"
MEETING_CONFIGS = ("recording_config", "ai_config")
WEBHOOK_EVENTS = (
    "meeting.started",
    "meeting.ended",
    "meeting.participantJoined",
    "meeting.participantLeft",
    "meeting.chatSynced",
    "meeting.transcript",
    "meeting.summary",
    "recording.statusUpdate",
    "livestreaming.statusUpdate",
)


def parse_body(raw: bytes) -> dict[str, Any]:
    """Return the JSON object of a request. A missing body is an empty object."""
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ApiError(400, "The request body is not valid JSON") from error
    if not isinstance(body, dict):
        raise ApiError(400, "The request body must be an object")
    return body


def refuse_unknown(body: Mapping[str, Any], known: Collection[str], inside: str = "") -> None:
    for name in body:
        if name not in known:
            raise BodyError(f'"{inside}{name}" is not allowed')


def check_name(body: Mapping[str, Any], key: str = "name") -> str | None:
    name = body.get(key)
    if name is not None and not isinstance(name, str):
        raise ApiError(400, f"{key} must be a string or null")
    return name


def check_video_config(body: Mapping[str, Any]) -> None:
    if "video_config" not in body:
        return
    config = body["video_config"]
    if not isinstance(config, dict):
        raise ApiError(400, "video_config must be an object")
    refuse_unknown(config, ("height", "width"), "video_config.")
    for name in ("height", "width"):
        if name in config and not (is_integer(config[name]) and config[name] > 0):
            raise ApiError(400, f"video_config.{name} must be a positive integer")


def check_meeting(body: Mapping[str, Any], *, is_update: bool = False) -> dict[str, Any]:
    """The fields of a meeting that a request sets. Only an update has a status, and it takes no nulls."""
    refuse_unknown(body, ("title", *MEETING_FLAGS, KEEP_ALIVE, *MEETING_CONFIGS, *(("status",) if is_update else ())))
    if is_update:
        for name, value in body.items():
            if value is None:
                raise BodyError(f'"{name}" must not be null')
    fields = {name: value for name, value in body.items() if value is not None}
    check_name(fields, "title")
    if fields.get("status", "ACTIVE") not in ("ACTIVE", "INACTIVE"):
        raise ApiError(400, "status must be ACTIVE or INACTIVE")
    for name in MEETING_FLAGS:
        if not isinstance(fields.get(name, False), bool):
            raise ApiError(400, f"{name} must be a boolean")
    for name in MEETING_CONFIGS:
        if not isinstance(fields.get(name, {}), dict):
            raise ApiError(400, f"{name} must be an object")
    seconds = fields.get(KEEP_ALIVE, 60)
    if not is_number(seconds) or not 60 <= seconds <= 600:
        raise ApiError(400, f"{KEEP_ALIVE} must be a number from 60 to 600")
    return fields


def check_webhook(body: Mapping[str, Any], *, is_update: bool = False) -> dict[str, Any]:
    """The fields of a webhook that a request sets. A create needs all but ``enabled``; an update takes no nulls."""
    refuse_unknown(body, ("name", "url", "events", "enabled"))
    for name in () if is_update else ("name", "url", "events"):
        if body.get(name) is None:
            raise BodyError(f'"{name}" is required')
    for name, value in body.items():
        if value is None:
            raise BodyError(f'"{name}" must not be null')
    for name in ("name", "url"):
        if not isinstance(body.get(name, "x"), str) or not body.get(name, "x"):
            raise BodyError(f'"{name}" must be a string')
    if not str(body.get("url", "http")).startswith("http"):
        raise BodyError('"url" must be a valid uri')
    events = body.get("events", ["meeting.started"])
    if not (isinstance(events, list) and events and all(event in WEBHOOK_EVENTS for event in events)):
        raise BodyError('"events" does not contain 1 required value(s)')
    if not isinstance(body.get("enabled", True), bool):
        raise BodyError('"enabled" must be a boolean')
    return dict(body)

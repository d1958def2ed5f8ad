# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of control calls, and the checks of their values."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from .settings import check_type, is_number

# ``(name, value)`` to the value as it is stored, or ``ValueError`` naming the key.
Check = Callable[[str, Any], Any]


def text_or_null(name: str, value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: must be a string or null, not {value!r}")
    return value


def text(name: str, value: Any) -> Any:
    return check_type(name, value, "")


def one_or_more(name: str, value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{name}: must be a string or a list of strings, not {value!r}")
    return value


def count(name: str, value: Any) -> Any:
    return check_type(name, value, 0)


def seconds_or_null(name: str, value: Any) -> Any:
    if value is not None and (not is_number(value) or value < 0):
        raise ValueError(f"{name}: must be seconds from 0 or null, not {value!r}")
    return value


def moment(name: str, value: Any) -> Any:
    if not is_number(value):
        raise ValueError(f"{name}: must be seconds since the epoch, not {value!r}")
    return float(value)


def boolean(name: str, value: Any) -> Any:
    return check_type(name, value, False)


def activity(name: str, value: Any) -> Any:
    if value not in ("ACTIVE", "INACTIVE"):
        raise ValueError(f"{name}: must be ACTIVE or INACTIVE, not {value!r}")
    return value


def moment_or_null(name: str, value: Any) -> Any:
    return None if value is None else moment(name, value)


def sessions(name: str, value: Any) -> Any:
    """Past sessions, each as a dictionary of SESSION_KEYS."""
    if not isinstance(value, list) or not all(isinstance(item, dict) and "invoked_time" in item for item in value):
        raise ValueError(f"{name}: must be a list of objects with an invoked_time, not {value!r}")
    return [checked(item, SESSION_KEYS) for item in value]


MEETING_KEYS: dict[str, Check] = {
    "title": text_or_null,
    "status": activity,
    "fail_next_starts": count,
    "err_message": text_or_null,
    "live_delay": seconds_or_null,
    "stop_lag": seconds_or_null,
    "created_at": moment,
}
APP_KEYS: dict[str, Check] = {"name": text, "created_at": moment}
LIVESTREAM_KEYS: dict[str, Check] = {
    "name": text_or_null,
    "meeting_id": text_or_null,
    "stream_key": text_or_null,
    "ingest_server": text_or_null,
    "playback_url": text_or_null,
    "created_at": moment,
    "updated_at": moment,
    "disabled": boolean,
}
SESSION_KEYS: dict[str, Check] = {
    "invoked_time": moment,
    "started_time": moment_or_null,
    "stopped_time": moment_or_null,
    "err_message": text_or_null,
    "viewer_seconds": count,
}
STATUS_KEYS: dict[str, Check] = {"status": text, "err_message": text_or_null}


def checked(body: Mapping[str, Any], known: Mapping[str, Check]) -> dict[str, Any]:
    for name in body:
        if name not in known:
            raise ValueError(f"{name}: no such key; known are {', '.join(sorted(known))}")
    return {name: known[name](name, value) for name, value in body.items()}

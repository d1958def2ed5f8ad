# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The knobs of the simulator, checked whenever they are set by name."""

from __future__ import annotations

import copy
import dataclasses
import sys
from typing import Any, Mapping

# Knobs that take one of a few words; the first one is the default.
CHOICES: dict[str, tuple[str, ...]] = {
    "accounts_list": ("whole", "empty", "forbidden"),
    "active_shape": ("object", "list"),
    "analytics_of_nothing": ("zeros", "nulls", "null"),
    "envelope": ("data", "result"),
    "limit_kind": ("fixed", "sliding"),
    "list_shape": ("list", "livestreams", "data", "single"),
    "no_active": ("not_found", "null", "empty_object", "empty_list", "idle_object", "no_data"),
    "paging_count": ("true", "zero", "page"),
    "per_page_over": ("capped", "refused"),
    "realtimekit_disabled": ("no", "realtimekit", "gateway"),
    "search_finds": ("matches", "words", "everything"),
    "second_start": ("refused", "same", "another"),
    "sessions_shape": ("reference", "list", "session_list"),
    "token_lacks_permission": ("no", "realtimekit", "gateway"),
    "token_owner": ("user", "account"),
    "token_status": ("active", "disabled", "expired"),
    "unauthorized_form": ("gateway", "message"),
    "update_echoes": ("whole", "id_and_changed", "changed", "id", "no_data"),
}
MEETING_FIELDS = (
    "title",
    "status",
    "live_stream_on_start",
    "record_on_start",
    "persist_chat",
    "summarize_on_end",
    "transcribe_on_end",
    "session_keep_alive_time_in_secs",
    "created_at",
    "updated_at",
)
# Knobs that take a list of these words; the default is an empty list.
WORDS: dict[str, tuple[str, ...]] = {
    "analytics_omits": ("date", "count", "total_ingest_seconds", "total_viewer_seconds"),
    "empty_404": ("meetings", "apps", "webhooks"),
    "history_omits": ("livestream_id", "ingest_seconds", "viewer_seconds"),
    "meeting_omits": MEETING_FIELDS,
    "meetings_list_omits": MEETING_FIELDS,
    "webhooks_list_omits": ("name", "url", "enabled", "events", "created_at", "updated_at"),
    "list_ignores": ("status", "exclude_meetings", "sort_order", "start_time", "end_time"),
    "list_omits": (
        "name",
        "status",
        "meeting_id",
        "ingest_server",
        "stream_key",
        "playback_url",
        "disabled",
        "created_at",
        "updated_at",
    ),
}
ANY_SECONDS = frozenset({"clock_offset"})
OPTIONAL_INTEGERS = frozenset({"paging_total"})
# Zero would make these meaningless: no window, no rows, no such HTTP status.
AT_LEAST_ONE = frozenset({"per_page_cap", "per_page_default"})
STATUSES: dict[str, tuple[int, ...]] = {
    "conflict_status": (409, 400),
    "create_gone_status": (0, 404, 405, 410, 501),
    "stop_nothing_status": (404, 400, 409),
    "wrong_account_status": (403, 404),
}


@dataclasses.dataclass
class Settings:
    """Every knob with its default. Times are seconds, floats welcome.

    Assigning an attribute takes effect with the next request and is not checked;
    ``update`` checks names and values and raises ``ValueError`` naming the key.
    """

    # lifecycle
    live_delay: float = 3.0
    playback_delay: float = 0.0
    stop_lag: float = 0.0
    visible_lag: float = 0.0
    list_lag: float = 0.0
    fail_next_starts: int = 0
    err_message: str = "The livestream could not be started: the export pipeline failed."
    second_start: str = "refused"
    start_needs_people: bool = False
    alone_ends_after: float = 0.0
    conflict_status: int = 409
    stop_nothing_status: int = 404
    inactive_ends: bool = False
    create_gone_status: int = 0
    seconds_lag: float = 0.0
    # rate limit
    limit_requests: int = 1200
    limit_window: float = 300.0
    limit_kind: str = "fixed"
    # media: nothing of it is served here
    ingest_server: str = "rtmps://live.simulator.invalid:443/live"
    playback_base: str = "https://customer-simulator.invalid"
    # transport and access
    latency: float = 0.0
    clock_offset: float = 0.0
    token_owner: str = "user"
    token_status: str = "active"
    accounts_list: str = "whole"
    token_lacks_permission: str = "no"
    realtimekit_disabled: str = "no"
    unauthorized_form: str = "gateway"
    wrong_account_status: int = 403
    # lists
    list_omits: list[str] = dataclasses.field(default_factory=list)
    list_ignores: list[str] = dataclasses.field(default_factory=list)
    list_turns_live: int = 0
    list_turns_idle: int = 0
    # sessions and analytics
    history_omits: list[str] = dataclasses.field(default_factory=list)
    analytics_omits: list[str] = dataclasses.field(default_factory=list)
    analytics_of_nothing: str = "zeros"
    # meetings and apps
    search_finds: str = "matches"
    meetings_list_omits: list[str] = dataclasses.field(default_factory=list)
    meeting_omits: list[str] = dataclasses.field(default_factory=list)
    update_echoes: str = "whole"
    empty_404: list[str] = dataclasses.field(default_factory=list)
    # webhooks
    webhook_names_unique: bool = True
    webhooks_list_omits: list[str] = dataclasses.field(default_factory=list)
    # dialects
    envelope: str = "data"
    no_active: str = "not_found"
    active_shape: str = "object"
    list_shape: str = "list"
    sessions_shape: str = "reference"
    loose_types: bool = False
    empty_list_404: bool = False
    omit_paging: bool = False
    paging_total: int | None = None
    paging_count: str = "true"
    repeat_page: bool = False
    per_page_cap: int = 100
    per_page_over: str = "capped"
    per_page_default: int = 20
    active_omits_secrets: bool = False
    start_playback_null: bool = False
    create_omits_name: bool = False
    trim_names: bool = False
    session_objects: bool = False

    def update(self, values: Mapping[str, Any]) -> None:
        """Set knobs by name; nothing is set if any of them is wrong."""
        checked = {name: check(name, value) for name, value in values.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def clone(self) -> Settings:
        return copy.deepcopy(self)


DEFAULTS: dict[str, Any] = Settings().as_dict()


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def check(name: str, value: Any) -> Any:
    """The value as the knob stores it, or ``ValueError`` naming the knob."""
    if name not in DEFAULTS:
        raise ValueError(f"{name}: no such setting; known are {', '.join(sorted(DEFAULTS))}")
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise ValueError(f"{name}: must be one of {', '.join(CHOICES[name])}, not {value!r}")
        return value
    if name in WORDS:
        if not isinstance(value, (list, tuple)) or not all(word in WORDS[name] for word in value):
            raise ValueError(f"{name}: must be a list of any of {', '.join(WORDS[name])}, not {value!r}")
        return list(value)
    if name in STATUSES:
        if not is_integer(value) or value not in STATUSES[name]:
            raise ValueError(f"{name}: must be one of {STATUSES[name]}, not {value!r}")
        return value
    if name in OPTIONAL_INTEGERS:
        if value is not None and not (is_integer(value) and value >= 0):
            raise ValueError(f"{name}: must be null or an integer from 0, not {value!r}")
        return value
    return check_type(name, value, DEFAULTS[name])


def check_type(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ValueError(f"{name}: must be a boolean, not {value!r}")
        return value
    if isinstance(default, int):
        least = 1 if name in AT_LEAST_ONE else 0
        if not is_integer(value) or value < least:
            raise ValueError(f"{name}: must be an integer from {least}, not {value!r}")
        return value
    if isinstance(default, float):
        if not is_number(value) or (value < 0 and name not in ANY_SECONDS):
            raise ValueError(f"{name}: must be seconds{'' if name in ANY_SECONDS else ' from 0'}, not {value!r}")
        return float(value)
    if not isinstance(value, str):
        raise ValueError(f"{name}: must be a string, not {value!r}")
    return value

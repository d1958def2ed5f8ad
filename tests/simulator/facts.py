# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file facts.json, which tests/live writes about a real account. Each fact is a setting of the simulator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .settings import check

KIND = "streamops.realtimekit facts"
FORMAT = 1

#: The settings that a real account can tell. The others are about faults, access, and webhooks, or cannot be measured.
FACTS = (
    # a meeting's livestream
    "second_start",
    "start_needs_people",
    "alone_ends_after",
    "inactive_ends",
    "conflict_status",
    "stop_nothing_status",
    "no_active",
    "active_shape",
    "active_omits_secrets",
    "start_playback_null",
    "sessions_shape",
    "session_objects",
    "create_gone_status",
    "create_omits_name",
    # how long it takes
    "live_delay",
    "playback_delay",
    "stop_lag",
    "visible_lag",
    "list_lag",
    # lists
    "list_shape",
    "list_omits",
    "list_ignores",
    "empty_list_404",
    "empty_404",
    "omit_paging",
    "paging_count",
    "repeat_page",
    "per_page_cap",
    "per_page_default",
    "per_page_over",
    # meetings
    "meeting_omits",
    "meetings_list_omits",
    "search_finds",
    "trim_names",
    "update_echoes",
    # every answer
    "envelope",
    "loose_types",
    "unauthorized_form",
    "wrong_account_status",
    "limit_requests",
    "limit_window",
)


def read_facts(path: Path) -> dict[str, Any]:
    """Return the settings of the file, without the unknown ones, which are null. Raise ``ValueError`` for a wrong file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not JSON ({error}). Give the facts.json that `make live` has written") from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise ValueError(f"{path}: holds no facts: its `kind` is not {KIND!r}. Give the facts.json that `make live` has written")
    version = document.get("format")
    if version != FORMAT:
        remedy = "Update this clone" if isinstance(version, int) and version > FORMAT else "Record the facts again with `make live`"
        raise ValueError(f"{path}: has the format {version!r}, and this simulator reads {FORMAT}. {remedy}")
    facts = document.get("facts")
    if not isinstance(facts, dict):
        raise ValueError(f"{path}: has no `facts`. Record them again with `make live`")
    unknown = [name for name in facts if name not in FACTS]
    if unknown:
        raise ValueError(f"{path}: {unknown[0]!r} is no fact that this simulator knows. Update this clone, or remove the line")
    try:
        return {name: check(name, value) for name, value in facts.items() if value is not None}
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error

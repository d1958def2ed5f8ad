# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Six dialects: a simulator that takes the facts.json of another one behaves as that one does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from simulator import Settings, Simulator
from simulator.facts import FACTS, FORMAT, KIND, read_facts

from live import report, story
from live.simulated import MEETINGS, Clock, build_probe, is_as

DIALECTS: dict[str, dict[str, Any]] = {
    "as the reference has it": {"list_shape": "single", "live_delay": 6.0, "playback_delay": 31.0, "list_ignores": []},
    "nothing is not found": {
        "no_active": "not_found",
        "empty_list_404": True,
        "empty_404": ["meetings", "apps", "webhooks"],
        "unauthorized_form": "message",
        "wrong_account_status": 404,
        "create_gone_status": 404,
        "per_page_over": "refused",
        "per_page_cap": 50,
        "stop_lag": 3.0,
    },
    "nothing is no data": {
        "no_active": "no_data",
        "envelope": "result",
        "list_shape": "livestreams",
        "update_echoes": "no_data",
        "conflict_status": 400,
        "stop_nothing_status": 409,
        "visible_lag": 2.0,
        "list_lag": 3.0,
        "live_delay": 9.0,
        "limit_requests": 3500,
    },
    "lists of everything": {
        "active_shape": "list",
        "no_active": "empty_list",
        "sessions_shape": "list",
        "list_shape": "data",
        "list_omits": ["status", "meeting_id"],
        "list_ignores": ["status", "exclude_meetings"],
        "search_finds": "everything",
        "meetings_list_omits": ["status", "persist_chat"],
        "paging_count": "page",
        "loose_types": True,
        "inactive_ends": True,
    },
    "little is told": {
        "no_active": "idle_object",
        "active_omits_secrets": True,
        "start_playback_null": True,
        "create_omits_name": True,
        "update_echoes": "id",
        "meeting_omits": ["created_at", "updated_at"],
        "omit_paging": True,
        "sessions_shape": "session_list",
        "session_objects": True,
        "trim_names": True,
        "search_finds": "words",
        "alone_ends_after": 20.0,
        "per_page_default": 10,
    },
    "nothing is guarded": {
        "second_start": "another",
        "no_active": "null",
        "stop_nothing_status": 400,
        "list_ignores": ["sort_order", "start_time", "end_time"],
        "repeat_page": True,
        "create_gone_status": 501,
        "limit_window": 60.0,
    },
}


def record(folder: Path, settings: Settings) -> dict[str, Any]:
    """Run the probe against an account with these settings, write its files, and return the facts."""
    clock = Clock()
    with Simulator(settings, seed=1, meetings=MEETINGS, clock=clock) as sim:
        probe = build_probe(sim, clock)
        story.run(probe)
        report.write(probe, folder)
    return json.loads((folder / "facts.json").read_text(encoding="utf-8"))["facts"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialect_is_found_and_a_simulator_takes_it(tmp_path: Path, dialect: str) -> None:
    settings = Settings()
    settings.update(DIALECTS[dialect])
    facts = record(tmp_path / "first", settings)
    assert [name for name, value in DIALECTS[dialect].items() if not is_as(name, facts[name], value)] == []

    taken = Settings()
    taken.update(read_facts(tmp_path / "first/facts.json"))
    assert [name for name, value in DIALECTS[dialect].items() if not is_as(name, getattr(taken, name), value)] == []
    again = record(tmp_path / "second", taken)
    assert [(name, facts[name], again[name]) for name in FACTS if not is_as(name, again[name], facts[name])] == []


def test_unknown_facts_stay_at_the_defaults(tmp_path: Path) -> None:
    path = write(tmp_path, {"kind": KIND, "format": FORMAT, "facts": {"no_active": "null", "list_shape": None}})
    settings = Settings()
    settings.update(read_facts(path))
    assert settings == Settings(no_active="null")


def write(folder: Path, document: Any) -> Path:
    path = folder / "facts.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("kind: facts", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ([1], "holds no facts"),
        ({"format": FORMAT, "facts": {}}, "holds no facts"),
        ({"kind": "streamops.realtimekit exchanges", "format": FORMAT}, "holds no facts"),
        ({"kind": KIND, "format": FORMAT + 1, "facts": {}}, "has the format 2, and this simulator reads 1. Update this clone"),
        ({"kind": KIND, "format": None, "facts": {}}, "Record the facts again with `make live`"),
        ({"kind": KIND, "format": FORMAT, "facts": []}, "has no `facts`"),
        ({"kind": KIND, "format": FORMAT, "facts": {"fail_next_starts": 1}}, "'fail_next_starts' is no fact"),
        ({"kind": KIND, "format": FORMAT, "facts": {"live_delay": 10**400}}, "live_delay: must be seconds from 0"),
        ({"kind": KIND, "format": FORMAT, "facts": {"conflict_status": 409.0}}, "conflict_status: must be one of (409, 400)"),
        ({"kind": KIND, "format": FORMAT, "facts": {"no_active": "maybe"}}, "no_active: must be one of not_found, null"),
    ],
)
def test_what_is_no_file_of_facts_gets_a_clear_error(tmp_path: Path, document: Any, says: str) -> None:
    path = write(tmp_path, document)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the words are compared below)
        read_facts(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert says in str(caught.value)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every fact follows the setting of the simulator that it is about."""

from __future__ import annotations

from typing import Any

import pytest
from simulator import Simulator
from simulator.facts import FACTS
from simulator.settings import DEFAULTS

from live import lists
from live.account import Allowed
from live.simulated import Clock, build_probe, find_facts, is_as

#: Values that each setting takes, beside its default.
OTHERS: dict[str, tuple[Any, ...]] = {
    "second_start": ("same", "another"),
    "start_needs_people": (True,),
    "alone_ends_after": (6.0, 20.0),
    "inactive_ends": (True,),
    "conflict_status": (400,),
    "stop_nothing_status": (400, 409),
    "no_active": ("null", "empty_object", "empty_list", "idle_object", "no_data"),
    "active_shape": ("list",),
    "active_omits_secrets": (True,),
    "start_playback_null": (True,),
    "sessions_shape": ("list", "session_list"),
    "session_objects": (True,),
    "create_gone_status": (404, 405, 410, 501),
    "create_omits_name": (True,),
    "live_delay": (0.0, 7.0, 25.0),
    "playback_delay": (5.0, 31.0),
    "stop_lag": (1.0, 8.0),
    "visible_lag": (1.0, 4.0),
    "list_lag": (1.0, 6.0),
    "list_shape": ("livestreams", "data", "single"),
    "list_omits": (["meeting_id"], ["name", "status", "stream_key", "playback_url"]),
    "list_ignores": (["status"], ["exclude_meetings", "sort_order"], ["start_time", "end_time"]),
    "empty_list_404": (True,),
    "empty_404": (["meetings"], ["apps", "webhooks"]),
    "omit_paging": (True,),
    "paging_count": ("zero", "page"),
    "repeat_page": (True,),
    "per_page_cap": (30, 77),
    "per_page_default": (10, 50),
    "per_page_over": ("refused",),
    "meeting_omits": (["persist_chat"], ["created_at", "updated_at"]),
    "meetings_list_omits": (["status"], ["title", "record_on_start"]),
    "search_finds": ("words", "everything"),
    "trim_names": (True,),
    "update_echoes": ("id_and_changed", "changed", "id", "no_data"),
    "envelope": ("result",),
    "loose_types": (True,),
    "unauthorized_form": ("message",),
    "wrong_account_status": (404,),
    "limit_requests": (900, 3500),
    "limit_window": (60.0, 600.0),
}
#: Defaults that the probe cannot tell: this livestream did not end while it was watched.
UNKNOWN = {"alone_ends_after": None}


@pytest.fixture(scope="module")
def defaults() -> dict[str, Any]:
    return find_facts()


def test_every_fact_is_tried_with_two_settings() -> None:
    assert tuple(OTHERS) == FACTS
    assert [name for name, values in OTHERS.items() if len([DEFAULTS[name], *values]) < 2 or DEFAULTS[name] in values] == []
    assert [name for name in UNKNOWN if len(OTHERS[name]) < 2] == []


@pytest.mark.parametrize("name", FACTS)
def test_default_is_found(defaults: dict[str, Any], name: str) -> None:
    assert is_as(name, defaults[name], UNKNOWN.get(name, DEFAULTS[name]))


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in OTHERS.items() for value in values])
def test_fact_follows_the_setting(name: str, value: Any) -> None:
    assert is_as(name, find_facts(**{name: value})[name], value)


@pytest.mark.parametrize(
    ("fault", "second_start", "fact"),
    [
        ({"kind": "status", "status": 409}, "refused", "refused"),
        ({"kind": "status", "status": 403}, "refused", None),
        ({"kind": "status", "status": 500}, "refused", None),
        ({"kind": "empty"}, "refused", None),
        ({"kind": "missing_keys", "when": "after"}, "same", None),
        # Refused in words, and carried out.
        ({"kind": "status", "status": 409, "when": "after"}, "another", "another"),
        ({"kind": "drop", "when": "after"}, "another", "another"),
    ],
)
def test_second_start_is_not_misread(fault: dict[str, Any], second_start: str, fact: str | None) -> None:
    fault = {**fault, "operation": "start", "skip": 1, "times": 2}
    assert find_facts(fault=fault, second_start=second_start)["second_start"] == fact


def test_livestream_that_ends_alone_before_the_second_start_is_not_an_alarm() -> None:
    facts = find_facts(alone_ends_after=10.0, playback_delay=31.0)
    assert is_as("alone_ends_after", facts["alone_ends_after"], 10.0)
    assert (facts["second_start"], facts["playback_delay"]) == ("refused", None)


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500}, {"kind": "garbage"}, {"kind": "rate_limited", "retry_after": 1}])
def test_failed_reads_say_nothing_about_lists(sim: Simulator, clock: Clock, fault: dict[str, Any]) -> None:
    probe = build_probe(sim, clock)
    sim.fault(operation="list", skip=1, times=None, **fault)
    lists.observe_filters(probe)
    lists._observe_counts(probe)
    lists.observe_empty(probe)
    names = ("list_ignores", "list_shape", "omit_paging", "paging_count", "repeat_page", "empty_list_404")
    assert {name: probe.facts[name] for name in names} == dict.fromkeys(names)
    assert probe.facts["empty_404"] == []
    sim.fault(operation="list_meetings", times=None, **fault)
    lists.observe_empty(probe)
    assert probe.facts["empty_404"] is None


def test_refused_token_says_nothing_about_people() -> None:
    assert find_facts(fault={"kind": "status", "status": 403, "operation": "start"})["start_needs_people"] is None


def test_what_was_not_allowed_is_unknown() -> None:
    facts = find_facts(Allowed(timeout=2.0), live_delay=5.0, alone_ends_after=1.0)
    assert [facts[name] for name in ("create_gone_status", "create_omits_name", "alone_ends_after", "live_delay")] == [None] * 4
    assert facts["second_start"] == "refused"

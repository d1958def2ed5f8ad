# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worlds of thousands of meetings and livestreams: how tests get them, and that their lists are fast."""

from __future__ import annotations

import itertools
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any, Iterator

import pytest
from simulator import Settings, Simulator
from simulator.__main__ import MEETINGS_SHOWN, describe
from simulator.control import connection
from simulator.delivery import encode
from simulator.operations import Call, list_livestreams, list_meetings

PAGES = 8
LATENCY = 0.05


@pytest.fixture(scope="module")
def crowd() -> Iterator[Simulator]:
    """1,000 meetings that have just started a livestream each, and 9,000 independent livestreams."""
    with Simulator(Settings(live_delay=3600, latency=LATENCY, limit_requests=100_000), meetings=1000, livestreams=9000) as sim:
        for meeting_id in sim.meetings:
            sim.world.start(meeting_id)
        yield sim


# Seeding


def test_simulator_begins_with_livestreams(api_of: Any) -> None:
    with Simulator(seed=3, meetings=2, livestreams=2) as sim:
        api = api_of(sim)
        rows = api.get("livestreams").json()["data"]
        assert [(row["name"], row["status"], row["meeting_id"]) for row in rows] == [
            ("Livestream 2", "IDLE", None),
            ("Livestream 1", "IDLE", None),
        ]
        api.create(name="Radio")
        api.control("POST", "reset")
        assert [row["name"] for row in api.get("livestreams").json()["data"]] == ["Livestream 2", "Livestream 1"]
        assert sim.effects == []


def test_control_adds_many_livestreams_at_once(api: Any, sim: Any, meeting: str) -> None:
    added = api.control("POST", "livestreams", {"n": 3, "name": "Take", "status": "LIVE", "meeting_id": meeting}).json()["livestreams"]
    listed = api.get("livestreams", sort_order="ASC", status="LIVE").json()["data"]
    assert [row["id"] for row in listed] == [row["id"] for row in added]
    assert [(row["name"], row["meeting_id"]) for row in listed] == [(f"Take {number}", meeting) for number in (1, 2, 3)]
    assert len({row["stream_key"] for row in listed}) == 3
    assert [len(row["livestreams"]) for row in (api.control("POST", "livestreams", {"n": n}).json() for n in (0, 1))] == [0, 1]
    assert api.control("POST", "livestreams", {"name": "One"}).json()["name"] == "One"
    assert {row["name"] for row in api.get("livestreams", status="IDLE").json()["data"]} == {None, "One"}


def test_control_adds_many_meetings_at_once(api: Any, sim: Any) -> None:
    added = api.control("POST", "meetings", {"n": 2, "title": "Room"}).json()["meetings"]
    assert [(item["id"], item["title"]) for item in added] == list(zip(sim.meetings[-2:], ("Room 1", "Room 2")))


def test_another_user_starts_and_stops_many_meetings_at_once(api: Any, sim: Any) -> None:
    started = api.control("POST", "actors/start", {"meeting_id": sim.meetings, "by": "ann"}).json()["livestreams"]
    assert [row["meeting_id"] for row in started] == sim.meetings
    assert [api.active(meeting_id).json()["data"]["id"] for meeting_id in sim.meetings] == [row["id"] for row in started]
    assert api.control("POST", "actors/start", {"meeting_id": sim.meetings}).status_code == 409
    assert len(api.control("POST", "actors/stop", {"meeting_id": sim.meetings[1:]}).json()["livestreams"]) == 2
    assert [(effect["kind"], effect["by"]) for effect in sim.effects] == [("started", "ann")] * 3 + [("stopped", "somebody")] * 2


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("livestreams", {"n": 1.5}, "n"),
        ("livestreams", {"n": -1}, "n"),
        ("livestreams", {"n": 2, "id": "x"}, "id"),
        ("meetings", {"n": 2, "id": "x"}, "id"),
        ("actors/start", {"meeting_id": [1]}, "meeting_id"),
        ("actors/stop", {"meeting_id": 1}, "meeting_id"),
    ],
)
def test_mistake_in_seeding_is_named(api: Any, sim: Any, path: str, body: Any, key: str) -> None:
    answer = api.control("POST", path, body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{key}:")
    assert (len(sim.meetings), len(sim.world.livestreams)) == (3, 0)


def test_program_prints_few_of_many_meetings(crowd: Simulator) -> None:
    printed = describe(connection(crowd.core, crowd.api_url))
    assert printed.count("  meeting  ") == MEETINGS_SHOWN
    assert f"and {1000 - MEETINGS_SHOWN} more meetings" in printed


# Speed


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"page_no": "90"},
        {"status": "INVOKED"},
        {"status": "INVOKED", "sort_order": "ASC"},
        {"status": "IDLE", "sort_order": "DSC", "page_no": "45"},
        {"exclude_meetings": "true", "start_time": "2020-01-01T00:00:00Z"},
    ],
    ids=str,
)
@pytest.mark.parametrize("lag", [0, 0.001])
def test_only_the_rows_of_the_page_are_built(crowd: Simulator, query: dict[str, str], lag: float) -> None:
    """To build all of them would take a hundred times as long. Times themselves depend on the machine, so this counts calls."""
    crowd.settings.list_lag = lag
    assert count_rows_built(list_livestreams, Call(crowd.world, {}, {**query, "per_page": "100"}, b"", 1)) == 100
    assert count_rows_built(list_meetings, Call(crowd.world, {}, {"per_page": "100"}, b"", 1)) == 100


def count_rows_built(operation: Any, call: Call) -> int:
    built = 0

    def count(frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal built
        built += event == "call" and frame.f_code.co_name == "as_api"

    sys.setprofile(count)
    try:
        answer = encode(operation(call).document)
    finally:
        sys.setprofile(None)
    assert answer.count(b'"id":') == 100
    return built


def test_pages_are_answered_side_by_side(crowd: Simulator, api_of: Any) -> None:
    """One after another, they would take eight times the latency."""
    crowd.settings.list_lag = 0
    clients = [api_of(crowd) for _unused in range(PAGES)]

    def ask(number: int) -> list[str]:
        rows = clients[number].get("livestreams", status="INVOKED", sort_order="ASC", per_page=100, page_no=number + 1).json()["data"]
        return [row["id"] for row in rows]

    started = [item.id for item in crowd.world.livestreams.values() if item.status == "INVOKED"]
    taken = []
    with ThreadPoolExecutor(PAGES) as pool:
        for _turn in range(5):
            began = time.monotonic()
            pages = list(pool.map(ask, range(PAGES)))
            taken.append(time.monotonic() - began)
            assert list(itertools.chain.from_iterable(pages)) == started[: 100 * PAGES]
    assert min(taken) < PAGES * LATENCY / 2

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's answers about ended livestreams: their sessions, and analytics, in each dialect."""

from __future__ import annotations

from typing import Any

import pytest

#: 2026-11-20T09:00:00Z
NINE = 1795165200


def seed(api: Any, meeting: str | None, *begins: int, **fields: Any) -> dict[str, Any]:
    """A livestream with a session of an hour for each begin, in seconds from NINE."""
    sessions = [
        {"invoked_time": NINE + begin, "started_time": NINE + begin, "stopped_time": NINE + begin + 3600, "viewer_seconds": 90}
        for begin in begins
    ]
    answer = api.control("POST", "livestreams", {"meeting_id": meeting, "status": "OFFLINE", "sessions": sessions, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def history(api: Any, meeting: str) -> Any:
    return api.get(f"meetings/{meeting}/livestream").json()["data"]


def test_sessions_can_be_seeded(api: Any, sim: Any, meeting: str) -> None:
    sim.settings.sessions_shape = "list"
    livestream = seed(api, meeting, 0, 7200)
    found = history(api, meeting)
    assert [each["id"] for each in found["livestreams"]] == [livestream["id"]]
    assert [(each["started_time"], each["ingest_seconds"]) for each in found["sessions"]] == [
        ("2026-11-20T11:00:00.000Z", 3600),
        ("2026-11-20T09:00:00.000Z", 3600),
    ]
    assert sim.effects == []


@pytest.mark.parametrize(
    ("sessions", "words"),
    [
        ("one", "sessions: must be a list"),
        ([{}], "sessions: must be a list of objects with an invoked_time"),
        ([{"invoked_time": "soon"}], "invoked_time: must be seconds since the epoch"),
        ([{"invoked_time": 1, "length": 3}], "length: no such key"),
    ],
)
def test_sessions_that_cannot_be_seeded(api: Any, sessions: Any, words: str) -> None:
    answer = api.control("POST", "livestreams", {"sessions": sessions})
    assert (answer.status_code, words in answer.json()["error"]) == (400, True)


def test_history_can_leave_out_fields(api: Any, sim: Any, meeting: str) -> None:
    """A read of the session has them."""
    sim.settings.history_omits = ["viewer_seconds", "livestream_id"]
    livestream = seed(api, meeting, 0)
    session = history(api, meeting)["sessions"]
    assert (session["ingest_seconds"], "viewer_seconds" in session, "livestream_id" in session) == (3600, False, False)
    assert api.get(f"livestreams/{livestream['id']}").json()["data"]["session"]["viewer_seconds"] == 90


def test_seconds_are_60_until_a_while_after_the_end(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.settings.seconds_lag = 45.0
    seconds = ("ingest_seconds", "viewer_seconds")

    def read() -> tuple[list[int], Any]:
        session = history(api, meeting)["sessions"]
        return [session[key] for key in seconds], api.get("analytics/livestreams/overall").json()["data"]["total_ingest_seconds"]

    api.start(meeting)
    assert read() == ([0, 0], 0)  # not on air yet
    clock.step(602)
    assert read() == ([60, 60], 60)
    api.stop(meeting)
    clock.step(44)
    assert read() == ([60, 60], 60)
    clock.step(1)
    assert read() == ([600, 0], 600)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 2),
        ({"start_time": NINE}, 2),
        ({"start_time": NINE + 1}, 1),
        ({"end_time": NINE}, 1),
        ({"start_time": NINE, "end_time": NINE + 86400}, 2),
        ({"start_time": NINE + 1, "end_time": NINE + 2}, 0),
    ],
    ids=str,
)
def test_analytics_take_unix_seconds(api: Any, meeting: str, query: dict[str, int], count: int) -> None:
    seed(api, meeting, 0, 86400)
    assert api.get("analytics/livestreams/overall", **query).json()["data"]["count"] == count
    assert sum(day["count"] for day in api.get("analytics/livestreams/daywise", **query).json()["data"]) == count


def test_analytics_refuse_other_times(api: Any) -> None:
    assert api.get("analytics/livestreams/overall", start_time="2026-11-20T09:00:00Z").status_code == 400


@pytest.mark.parametrize(
    ("said", "overall", "days"),
    [
        ("zeros", {"count": 0, "total_ingest_seconds": 0, "total_viewer_seconds": 0}, []),
        ("nulls", {"count": 0, "total_ingest_seconds": None, "total_viewer_seconds": None}, []),
        ("null", None, None),
    ],
)
def test_analytics_of_nothing(api: Any, sim: Any, said: str, overall: Any, days: Any) -> None:
    sim.settings.analytics_of_nothing = said
    assert api.get("analytics/livestreams/overall").json()["data"] == overall
    assert api.get("analytics/livestreams/daywise").json()["data"] == days


def test_analytics_can_leave_out_fields_and_have_text(api: Any, sim: Any, meeting: str) -> None:
    seed(api, meeting, 0)
    sim.settings.loose_types = True
    sim.settings.analytics_omits = ["date", "total_viewer_seconds"]
    assert api.get("analytics/livestreams/overall").json()["data"] == {"count": "1", "total_ingest_seconds": "3600"}
    assert api.get("analytics/livestreams/daywise").json()["data"] == [{"count": "1", "total_ingest_seconds": "3600"}]

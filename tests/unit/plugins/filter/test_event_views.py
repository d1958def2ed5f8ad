# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The readable parts of the report of an event."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.filter.event_report import FilterModule as ReportFilters
from ansible_collections.streamops.realtimekit.plugins.filter.event_views import FilterModule, tell_duration, tell_minutes

event_report = ReportFilters().filters()["event_report"]
event_views = FilterModule().filters()["event_views"]

A = "bbbb1111-22cc-33dd-44ee-000000000001"
NINE = datetime(2026, 11, 20, 9, tzinfo=timezone.utc)
NOW = (NINE + timedelta(hours=30)).timestamp()


def at(hours: float) -> str:
    return (NINE + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def session(begin: float | None, end: float | None, **more: Any) -> dict[str, Any]:
    """A session, in hours from NINE."""
    started, stopped = (None if hours is None else at(hours) for hours in (begin, end))
    times = {"invoked_time": started or at(0), "started_time": started, "stopped_time": stopped, "created_at": None, "updated_at": None}
    return {"id": "s1", "livestream_id": "l1", "err_message": None, "ingest_seconds": 3600, "viewer_seconds": 7200, **times, **more}


def views(*sessions: Any, status: str = "OFFLINE", label: str = "Stage", error: Any = None, currency: str = "", **options: Any) -> Any:
    entry = {
        "meeting_id": A,
        "title": None,
        "error": error,
        "livestreams": [{"status": status, "sessions": list(sessions)}] if sessions else [],
    }
    found = {"meetings": [entry], "rate_limit": {"held_seconds": options.pop("held", 0)}}
    room = {"label": label, "title": None, "meeting_id": A}
    report = event_report([room], found, now=NOW, **{"start_time": "2026-11-01T00:00:00Z", **options})
    return event_views(report, currency, now=NOW)


def rows(shown: Any) -> list[dict[str, str]]:
    assert shown["csv"].startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(shown["csv"][1:])))


@pytest.mark.parametrize(
    ("seconds", "duration", "minutes"),
    [
        (None, "not known", "not known"),
        (0, "0 s", "0 min"),
        (29.6, "30 s", "0.5 min"),
        (90, "1.5 min", "1.5 min"),
        (600, "10 min", "10 min"),
        (3599, "1 h 0 min", "60 min"),
        (28920, "8 h 2 min", "482 min"),
        (36_000_000, "10,000 h 0 min", "600,000 min"),
    ],
)
def test_sums_are_reported_in_a_unit_that_fits(seconds: float | None, duration: str, minutes: str) -> None:
    assert (tell_duration(seconds), tell_minutes(seconds)) == (duration, minutes)


@pytest.mark.parametrize(
    ("sessions", "options", "line"),
    [
        ((session(0, 1),), {}, "Stage: 20 Nov 2026, 09:00 to 10:00, on air 1 h 0 min, sent 60 min, watched 120 min"),
        ((session(13, 16),), {}, "Stage: 20 Nov 2026, 22:00 to 21 Nov 2026, 01:00, on air 3 h 0 min, sent 60 min, watched 120 min"),
        ((session(29, None),), {"status": "LIVE"}, "Stage: 21 Nov 2026, 14:00 to now, on air 1 h 0 min, sent not known, watched not known"),
        ((session(0, None),), {}, "Stage: 20 Nov 2026, 09:00 to an unknown end, on air not known, sent 60 min, watched 120 min"),
        ((session(None, 1, err_message="Oh"),), {}, "Stage: never on air; error: Oh"),
        ((session(None, None),), {"status": "INVOKED"}, "Stage: not on air yet"),
        ((), {}, "Stage: never on air"),
        ((), {"error": {"message": "No", "status": None}}, "Stage: FAILED, No"),
    ],
    ids=str,
)
def test_summary_has_a_line_for_each_room(sessions: Any, options: dict[str, Any], line: str) -> None:
    assert views(*sessions, **options)["summary"][0] == line


def test_summary_ends_with_the_event() -> None:
    shown = views(session(0, 1), price=0.01, currency="USD", held=7)
    held = "waited 7 seconds to stay within the API's rate limit"
    assert shown["summary"][1:] == [f"All: 1 of 1 rooms were on air, sent 60 min, watched 120 min, cost 0.60 USD; {held}"]
    assert "not counted: 1 sessions whose numbers are not final" in views(session(29, None), status="LIVE")["summary"][1]


def test_csv_has_a_row_for_each_session_in_the_time_zone() -> None:
    shown = views(session(0, 1.5), session(13, 15, id="s2", err_message="Oh, no"), time_zone="Europe/Berlin")
    first, second = rows(shown)
    assert first == {
        "room": "Stage",
        "title": "",
        "meeting_id": A,
        "livestream_id": "l1",
        "session_id": "s1",
        "state": "ended",
        "started (Europe/Berlin)": "2026-11-20 10:00:00",
        "stopped (Europe/Berlin)": "2026-11-20 11:30:00",
        "on_air_minutes": "90.00",
        "ingest_minutes": "60.00",
        "viewer_minutes": "120.00",
        "error": "",
    }
    assert (second["stopped (Europe/Berlin)"], second["error"]) == ("2026-11-21 01:00:00", "Oh, no")


@pytest.mark.parametrize(("error", "state"), [(None, "never_on_air"), ({"message": "No", "status": 500}, "could_not_be_read")])
def test_csv_has_a_row_for_a_room_without_sessions(error: Any, state: str) -> None:
    (row,) = rows(views(error=error))
    assert (row["room"], row["state"], row["ingest_minutes"], row["error"]) == ("Stage", state, "", "No (HTTP 500)" if error else "")


def test_csv_has_no_number_that_is_not_final() -> None:
    (row,) = rows(views(session(29, None), status="LIVE"))
    assert (row["state"], row["on_air_minutes"], row["ingest_minutes"], row["viewer_minutes"]) == ("on_air", "60.00", "", "")


@pytest.mark.parametrize("label", ["=1+1", "+49", "-x", "@x", "\tx"])
def test_csv_has_no_formula(label: str) -> None:
    (row,) = rows(views(session(0, 1, err_message=label), label=label))
    assert (row["room"], row["error"]) == (f"'{label}", f"'{label}")


@pytest.mark.parametrize("separator", [";", "\t", "|", "\n", "\r\n"])
def test_csv_has_no_formula_for_a_spreadsheet_with_another_separator(separator: str) -> None:
    (row,) = rows(views(session(0, 1, err_message=f"Oh{separator}=1+1; see a-b")))
    assert row["error"] == f"Oh{separator}'=1+1; see a-b"


@pytest.mark.parametrize(
    ("begin", "end", "marks"),
    [
        (0, 0, ["09:00/20 Nov", "09:01"]),
        (0, 8, ["08:00/20 Nov", "10:00", "12:00", "14:00", "16:00", "18:00"]),
        (13, 16, ["22:00/20 Nov", "23:00", "00:00/21 Nov", "01:00"]),
        (0, 0.07, ["09:00/20 Nov", "09:01", "09:02", "09:03", "09:04", "09:05"]),
        (0, 47, ["00:00/20 Nov", "12:00", "00:00/21 Nov", "12:00", "00:00/22 Nov", "12:00"]),
        (0, 72, ["20 Nov", "21 Nov", "22 Nov", "23 Nov", "24 Nov"]),
        (-240, 24 * 80, ["10 Nov", "8 Dec", "5 Jan", "2 Feb", "2 Mar"]),
    ],
)
def test_marks_of_the_timeline_fit_on_a_phone(begin: float, end: float, marks: list[str]) -> None:
    page = views(session(begin, end))["page"]
    assert [mark["text"] + (f"/{mark['below']}" if mark["below"] else "") for mark in page["marks"]] == marks
    assert [page["marks"][0]["x"], page["marks"][-1]["x"]] == [0, 100]
    (strip,) = page["rooms"][0]["strips"]
    assert strip["x"] >= 0
    assert strip["width"] >= 0.4
    assert strip["x"] + strip["width"] <= 100


@pytest.mark.parametrize(
    ("begin", "end", "marks"),
    [
        ("2026-10-24T10:00:00Z", "2026-10-27T10:00:00Z", ["24 Oct", "25 Oct", "26 Oct", "27 Oct", "28 Oct"]),
        ("2026-03-27T23:00:00Z", "2026-03-31T21:59:00Z", ["28 Mar", "29 Mar", "30 Mar", "31 Mar", "1 Apr"]),
        ("2026-10-25T00:10:00Z", "2026-10-25T02:10:00Z", ["02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]),
    ],
)
def test_marks_name_each_day_once_when_the_clocks_change(begin: str, end: str, marks: list[str]) -> None:
    page = views(session(0, 1, started_time=begin, stopped_time=end), start_time=begin, time_zone="Europe/Berlin")["page"]
    assert [mark["text"] for mark in page["marks"]] == marks
    (strip,) = page["rooms"][0]["strips"]
    assert 0 <= strip["x"] < strip["x"] + strip["width"] <= 100


def test_strip_is_where_the_session_was() -> None:
    page = views(session(1, 3), session(5, 9))["page"]
    assert [mark["text"] for mark in page["marks"]] == ["10:00", "12:00", "14:00", "16:00", "18:00"]
    assert [(strip["x"], strip["width"]) for strip in page["rooms"][0]["strips"]] == [(0, 25), (50, 50)]


@pytest.mark.parametrize(
    ("sessions", "options", "kind", "state", "strip"),
    [
        ((session(0, 1),), {}, "", "", "sent"),
        ((session(0, 1, err_message="Oh"),), {}, "failed", "", "failed"),
        ((session(29, None),), {"status": "LIVE"}, "live", "still on air", "live"),
        ((session(None, None),), {"status": "INVOKED"}, "", "not on air yet", "live"),
        ((session(None, 1),), {}, "", "never on air", "failed"),
        ((), {}, "", "never on air", None),
        ((), {"error": {"message": "No", "status": None}}, "failed", "not read", None),
    ],
    ids=str,
)
def test_kind_of_a_room(sessions: Any, options: dict[str, Any], kind: str, state: str, strip: str | None) -> None:
    (room,) = views(*sessions, **options)["page"]["rooms"]
    assert (room["kind"], room["state"]) == (kind, state)
    assert [each["kind"] for each in room["strips"]] == ([strip] if strip else [])


def test_bars_compare_the_rooms() -> None:
    rooms = [{"label": "Stage", "title": "Stage"}, {"label": "Yard", "title": "Yard"}, {"label": "Foyer", "title": "Foyer"}]
    of = {"Stage": [session(0, 1)], "Yard": [session(0, 1, ingest_seconds=900, viewer_seconds=0)], "Foyer": []}
    entries = [
        {"meeting_id": A, "title": title, "error": None, "livestreams": [{"status": "OFFLINE", "sessions": sessions}]}
        for title, sessions in of.items()
    ]
    shown = event_views(event_report(rooms, {"meetings": entries}, now=NOW), now=NOW)["page"]["rooms"]
    assert [[each["width"] for each in room["bars"]] for room in shown] == [[100, 100], [25, 0], []]
    assert [[each["value"] for each in room["bars"]] for room in shown] == [["60 min", "120 min"], ["15 min", "0 min"], []]


def test_session_says_what_is_not_final() -> None:
    (room,) = views(session(29, None), status="LIVE")["page"]["rooms"]
    assert room["sessions"] == [
        {"when": "21 Nov 2026, 14:00 to now", "about": "1 h 0 min, still on air, minutes not final yet", "error": None}
    ]


def test_length_that_is_unknown_is_left_out() -> None:
    (room,) = views(session(0, None))["page"]["rooms"]
    assert (room["on_air"], room["sessions"][0]["about"]) == ("", "")
    assert room["sessions"][0]["when"] == "20 Nov 2026, 09:00 to an unknown end"


def test_event_without_a_session_has_no_timeline() -> None:
    page = views()["page"]
    assert (page["when"], page["marks"], page["rooms"][0]["sessions"]) == ("", [], [])
    unknown = views(session(None, None, invoked_time=None))["page"]
    assert (unknown["marks"], unknown["rooms"][0]["sessions"][0]["when"]) == ([], "?")


@pytest.mark.parametrize(("price", "cost"), [(None, []), ("0.01", ["0.60 EUR"]), (0, ["0.00 EUR"])])
def test_cost_has_a_tile_only_with_a_price(price: Any, cost: list[str]) -> None:
    tiles = views(session(0, 1), price=price, currency="EUR")["page"]["tiles"]
    assert [tile["value"] for tile in tiles if tile["name"] == "Cost"] == cost


def test_time_is_that_of_the_controller() -> None:
    assert event_views(event_report([]))["page"]["rooms"] == []

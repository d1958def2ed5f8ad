# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report that the broadcast role writes after an event, in a browser. It needs no video."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Iterator, NamedTuple

import pytest
from browser import look
from conftest import HERE, RESULTS
from servers import Control, serving
from simulator import Settings, Simulator

#: 2026-11-20T09:00:00Z
NINE = 1795165200
HOUR = 3600
LONG = "The room upstairs behind the second staircase on the left, " * 3 + "w" * 120
HTML = "<script>alert(1)</script> & <b>'co'</b>"
ARABIC = "القاعة الرئيسية"
EMOJI = "🎤 Main stage 👩‍💻"
# An unbroken word. A longer run of letters would be hidden, because it could be a key.
REASON = "The export pipeline failed: <img src=x onerror=alert(2)> " + "x." * 50


def session(begin: float | None, end: float, viewers: int = 0, error: str | None = None, invoked: float = 0) -> dict[str, Any]:
    """A session, in hours from NINE."""
    started = None if begin is None else NINE + begin * HOUR
    times = {"invoked_time": started or NINE + invoked * HOUR, "started_time": started, "stopped_time": NINE + end * HOUR}
    return {**times, "viewer_seconds": viewers, "err_message": error}


#: The rooms by their labels: sessions of one livestream, or of several.
ROOMS: dict[str, list[list[dict[str, Any]]]] = {
    EMOJI: [[session(0, 8, 36_000_000)]],
    HTML: [[session(1, 2.5, 7200)], [session(3, 5, 600)]],
    ARABIC: [[session(13, 16.5, 1800)]],  # from 23:00 to 02:30 in Berlin
    LONG: [[session(2, 3, 0, REASON)]],
    "Foyer": [],
    "Cellar": [[session(None, 4.1, 0, "No one was there", invoked=4)]],
}


class Report(NamedTuple):
    """The files of the role, and their content in a browser."""

    said: str
    html: str
    table: list[dict[str, str]]
    document: dict[str, Any]
    seen: dict[str, Any]


def write_report(folder: Path, simulator: Simulator, labels: list[str], results: Path) -> Report:
    rooms = [{"id": meeting_id, "label": label} for meeting_id, label in zip(simulator.meetings, labels)]
    environment = {
        **os.environ,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "true",
        "CLOUDFLARE_BASE_URL": simulator.api_url,
        "CLOUDFLARE_API_TOKEN": simulator.token,
        "CLOUDFLARE_ACCOUNT_ID": simulator.account_id,
        "CLOUDFLARE_REALTIMEKIT_APP_ID": simulator.app_id,
    }
    command = ["ansible-playbook", str(HERE / "report.yml"), "-e", json.dumps({"folder": str(folder), "rooms": rooms})]
    run = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    results.mkdir(parents=True, exist_ok=True)
    with serving(folder, "default-src 'self'") as site:
        seen = look(HERE / "report.mjs", f"{site}/report.html", results)
        assert sorted(set(seen["requests"])) == [f"{site}/report.html", f"{site}/rtk-report.css"]
    table = (folder / "report.csv").read_text(encoding="utf-8-sig")
    document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    html = (folder / "report.html").read_text(encoding="utf-8")
    return Report(run.stdout, html, list(csv.DictReader(io.StringIO(table))), document, seen)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """The report of rooms with all kinds of names and fates."""
    with Simulator(Settings(), meetings=len(ROOMS)) as simulator:
        for meeting_id, livestreams in zip(simulator.meetings, ROOMS.values()):
            for sessions in livestreams:
                body = {"meeting_id": meeting_id, "status": "OFFLINE", "sessions": sessions}
                Control(simulator.control_url).call("POST", "livestreams", body)
        yield write_report(tmp_path_factory.mktemp("odd"), simulator, list(ROOMS), RESULTS / "odd")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """The report of 60 rooms."""
    with Simulator(Settings(), meetings=60) as simulator:
        for number, meeting_id in enumerate(simulator.meetings):
            begin = number % 7 / 4
            sessions = [session(begin, begin + 1 + number % 5, 60 * (number + 1) ** 2)]
            body = {"meeting_id": meeting_id, "status": "OFFLINE", "sessions": sessions}
            Control(simulator.control_url).call("POST", "livestreams", body)
        labels = [f"Room {number}" for number in range(1, 61)]
        yield write_report(tmp_path_factory.mktemp("many"), simulator, labels, RESULTS / "many")


def test_page_fits_every_screen(odd: Report, many: Report) -> None:
    for report in (odd, many):
        assert {size: pixels for size, pixels in report.seen["overflow"].items() if pixels > 0} == {}
        assert len(report.seen["overflow"]) == 8
        assert report.seen["collisions"] == 0


def test_page_loads_under_a_strict_policy_and_runs_nothing(odd: Report, many: Report) -> None:
    assert odd.seen["errors"] + many.seen["errors"] == []


def test_page_can_be_read_in_light_in_dark_and_on_paper(odd: Report, many: Report) -> None:
    for report in (odd, many):
        assert set(report.seen["contrast"]) == {"light", "dark", "print"}
        assert min(each["texts"] for each in report.seen["contrast"].values()) >= 4.5
        assert min(each["bars"] for each in report.seen["contrast"].values()) >= 3
        assert report.seen["paper"] == "rgb(255, 255, 255)"


def test_page_shows_every_room(odd: Report, many: Report) -> None:
    assert odd.seen["heading"] == "Autumn conference <2026>"
    for report, labels in ((odd, list(ROOMS)), (many, [f"Room {number}" for number in range(1, 61)])):
        assert [room["name"] for room in report.seen["rooms"]] == labels
        assert [strip["name"] for strip in report.seen["strips"]] == labels


def test_page_shows_what_each_room_sent(odd: Report) -> None:
    texts = {room["name"]: room["text"] for room in odd.seen["rooms"]}
    assert "On air for 8 h 0 min" in texts[EMOJI]
    assert "600,000 min" in texts[EMOJI]
    assert texts[HTML].count("20 Nov 2026, 1") == 2
    assert "20 Nov 2026, 23:00 to 21 Nov 2026, 02:30" in texts[ARABIC]
    assert REASON in texts[LONG]
    assert "never on air" in texts["Foyer"]
    assert "No one was there" in texts["Cellar"]
    assert odd.seen["tiles"] == [
        ["Rooms on air", "4 of 6"],
        ["Time on air", "16 h 0 min"],
        ["Sent", "960 min"],
        ["Watched", "600,160 min"],
        ["Errors", "2"],
        ["Cost", "9.60 USD"],
    ]


def test_bars_and_strips_are_as_long_as_the_sessions(odd: Report) -> None:
    bars = {room["name"]: dict(room["bars"]) for room in odd.seen["rooms"]}
    assert bars[ARABIC]["sent"] == pytest.approx(bars[EMOJI]["sent"] * 3.5 / 8, abs=2)
    assert bars["Foyer"] == bars["Cellar"] == {}
    strips = {strip["name"]: strip["parts"] for strip in odd.seen["strips"]}
    whole = next(end - begin for _kind, begin, end in strips[EMOJI])
    hour = whole / 8
    (_kind, begin, end), (_same, again, last) = strips[HTML]
    assert [end - begin, last - again, again - end] == pytest.approx([1.5 * hour, 2 * hour, 0.5 * hour], abs=0.01)
    assert [kind for kind, _begin, _end in strips[LONG] + strips["Cellar"]] == ["failed", "failed"]
    assert strips["Foyer"] == []
    assert all(0 <= begin < end <= 1.001 for parts in strips.values() for _kind, begin, end in parts)


def test_files_have_every_session(odd: Report) -> None:
    assert [(row["room"], row["state"]) for row in odd.table] == [
        (EMOJI, "ended"),
        (HTML, "ended"),
        (HTML, "ended"),
        (ARABIC, "ended"),
        (LONG, "ended"),
        ("Foyer", "never_on_air"),
        ("Cellar", "never_started"),
    ]
    assert odd.table[3]["started (Europe/Berlin)"] == "2026-11-20 23:00:00"
    assert [row["ingest_minutes"] for row in odd.table] == ["480.00", "90.00", "120.00", "210.00", "60.00", "", "0.00"]
    assert [room["label"] for room in odd.document["rooms"]] == list(ROOMS)
    assert odd.document["total"]["cost"] == 9.6


def test_no_stream_key_is_in_the_report(odd: Report) -> None:
    assert "stream_key" not in odd.html + json.dumps(odd.document) + odd.said

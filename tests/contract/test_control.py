# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control surface over HTTP, and the simulator as a program."""

from __future__ import annotations

import json
import re
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme
from simulator import KINDS, Settings, Simulator
from simulator.settings import CHOICES, WORDS

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, str(ROOT / "tests/simulator")]


def test_connection_facts(api: Any, sim: Any) -> None:
    facts = api.control("GET", "").json()
    assert facts["api_url"] == f"{facts['url']}/client/v4" == sim.api_url
    assert (facts["token"], facts["account_id"], facts["app_id"], facts["meetings"]) == (
        sim.token,
        sim.account_id,
        sim.app_id,
        sim.meetings,
    )


def test_settings(api: Any, sim: Any) -> None:
    assert set(api.control("GET", "settings").json()) == set(sim.settings.as_dict())
    assert api.control("PATCH", "settings", {"live_delay": 1, "no_active": "null"}).json()["live_delay"] == 1.0
    assert sim.settings.no_active == "null"
    api.control("POST", "reset")
    assert sim.settings.no_active == "not_found"


def test_the_guide_names_every_setting_choice_and_fault() -> None:
    named = set(re.findall(r"`(\w+)`", (ROOT / "docs/simulator.md").read_text(encoding="utf-8")))
    known = {*Settings().as_dict(), *KINDS, *(word for words in [*CHOICES.values(), *WORDS.values()] for word in words)}
    assert known - named == set()


@pytest.mark.parametrize(
    ("method", "path", "body", "key"),
    [
        ("PATCH", "settings", {"latncy": 1}, "latncy"),
        ("PATCH", "settings", {"latency": "1"}, "latency"),
        ("PATCH", "settings", {"latency": -1}, "latency"),
        ("PATCH", "settings", {"limit_requests": 1.5}, "limit_requests"),
        ("PATCH", "settings", {"loose_types": 1}, "loose_types"),
        ("PATCH", "settings", {"no_active": "nope"}, "no_active"),
        ("PATCH", "settings", {"active_shape": "data"}, "active_shape"),
        ("PATCH", "settings", {"paging_count": True}, "paging_count"),
        ("PATCH", "settings", {"trim_names": "true"}, "trim_names"),
        ("PATCH", "settings", {"conflict_status": 500}, "conflict_status"),
        ("POST", "faults", {}, "kind"),
        ("POST", "faults", {"kind": "drop", "tmes": 1}, "tmes"),
        ("POST", "chaos", {"seed": 1, "kinds": {"drop": "x"}}, "kinds"),
        ("POST", "chaos", {}, "seed"),
        ("POST", "meetings", {"m": 1}, "m"),
        ("POST", "livestreams", {"disabled": "no"}, "disabled"),
        ("POST", "actors/start", {}, "meeting_id"),
        ("PATCH", "settings", [1], "body"),
    ],
)
def test_mistakes_are_named(api: Any, sim: Any, method: str, path: str, body: Any, key: str) -> None:
    before = sim.settings.as_dict()
    answer = api.control(method, path, body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{key}:")
    assert sim.settings.as_dict() == before


def test_answer_to_an_unknown_call_lists_the_known_ones(api: Any) -> None:
    answer = api.control("GET", "nonsense")
    assert answer.status_code == 404
    assert "GET stats" in answer.json()["error"]


def test_meetings_and_livestreams(api: Any, sim: Any, clock: Any) -> None:
    added = api.control("POST", "meetings", {"n": 2, "live_delay": 9}).json()["meetings"]
    assert [item["id"] for item in added] == sim.meetings[-2:]
    api.control("POST", "meetings", {"id": "AAAAAAAA-0000-4000-8000-000000000000", "title": "Known"})
    assert api.get("meetings/aaaaaaaa-0000-4000-8000-000000000000").json()["data"]["title"] == "Known"
    made = api.control("POST", "livestreams", {"name": "x", "status": "LIVE", "disabled": True, "playback_url": None}).json()
    row = api.get("livestreams", status="LIVE").json()["data"][0]
    assert (row["id"], row["disabled"], row["playback_url"]) == (made["id"], True, None)
    api.control("PATCH", f"livestreams/{made['id']}", {"status": "WARMING_UP", "name": "y"})
    row = api.get(f"livestreams/{made['id']}").json()["data"]["livestream"]
    assert (row["status"], row["name"]) == ("WARMING_UP", "y")
    assert [item["id"] for item in api.control("GET", "livestreams").json()["livestreams"]] == [made["id"]]
    assert api.control("PATCH", "livestreams/nobody", {"name": "y"}).status_code == 404


def test_a_forced_status_of_a_meetings_livestream(api: Any, meeting: str) -> None:
    one = api.start(meeting).json()["data"]["id"]
    api.control("PATCH", f"livestreams/{one}", {"status": "ERRORED", "err_message": "cut"})
    assert api.active(meeting).json()["data"]["status"] == "ERRORED"
    api.control("PATCH", f"livestreams/{one}", {"status": "IDLE"})
    assert api.start(meeting).status_code == 201


def test_faults_requests_effects_and_actors(api: Any, meeting: str) -> None:
    assert api.control("POST", "faults", {"kind": "status", "operation": "active", "status": 503}).json()["times"] == 1
    assert len(api.control("GET", "faults").json()["faults"]) == 1
    assert api.active(meeting).status_code == 503
    api.control("POST", "faults", {"kind": "drop", "times": None})
    api.control("DELETE", "faults")
    assert api.control("POST", "actors/start", {"meeting_id": meeting, "name": "hers", "by": "ann"}).status_code == 200
    assert api.control("POST", "actors/start", {"meeting_id": meeting}).status_code == 409
    api.control("POST", "actors/stop", {"meeting_id": meeting})
    api.control("POST", "actors/create", {"name": "z"})
    effects = api.control("GET", "effects").json()["effects"]
    assert [(effect["kind"], effect["by"]) for effect in effects] == [("started", "ann"), ("stopped", "somebody"), ("created", "somebody")]
    assert len(api.control("GET", "requests?operation=active").json()["requests"]) == 1
    assert api.control("GET", "requests?operation=start").json()["requests"] == []
    stats = api.control("GET", "stats").json()
    assert (stats["requests"], stats["faults"]) == (1, {"status": {"active": 1}})
    api.control("DELETE", "requests")
    assert api.control("GET", "requests").json()["requests"] == []


def test_reset_keeps_what_clients_were_given(api: Any, sim: Any, meeting: str) -> None:
    known = (sim.token, sim.account_id, sim.app_id, sim.meetings)
    api.control("POST", "meetings", {"n": 3})
    api.start(meeting)
    api.control("POST", "reset")
    assert (sim.token, sim.account_id, sim.app_id, sim.meetings) == known
    assert (sim.effects, sim.requests) == ([], [])
    assert api.active(meeting).status_code == 404


def test_a_seed_makes_the_same_world() -> None:
    def facts() -> tuple[Any, ...]:
        with Simulator(seed=5) as one:
            return one.token, one.account_id, one.app_id, one.meetings, one.world.create("x").id

    first = facts()
    assert first == facts()
    with Simulator() as other:
        assert other.token not in (first[0], Simulator().token)
        assert len(other.token) == 40


def test_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    with Simulator(Settings(), tls=context) as sim:
        sim.fault("drop", skip=1)
        ask: dict[str, Any] = {"headers": {"Authorization": f"Bearer {sim.token}"}, "timeout": 5}
        assert requests.get(f"{sim.app_url}/meetings", verify=str(bundle), **ask).status_code == 200
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"{sim.app_url}/meetings", verify=str(bundle), **ask)
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{sim.app_url}/meetings", **ask)


def test_it_starts_and_stops_at_once() -> None:
    began = time.monotonic()
    for _unused in range(5):
        with Simulator() as sim:
            sim.fault("hang", "list_meetings")
            with pytest.raises(requests.exceptions.Timeout):
                requests.get(f"{sim.app_url}/meetings", timeout=0.01)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Simulator(host=host)


def test_as_a_program(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = [*PROGRAM, "--seed", "1", "--meetings", "2", "--ready-file", str(ready), "--ttl", "3600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as program:
        try:
            end = time.monotonic() + 600
            while not ready.exists() and program.poll() is None and time.monotonic() < end:
                time.sleep(0.01)
            facts = json.loads(ready.read_text())
            url = f"{facts['api_url']}/accounts/{facts['account_id']}/realtime/kit/{facts['app_id']}/meetings"
            answer = requests.get(url, headers={"Authorization": f"Bearer {facts['token']}"}, timeout=5)
            assert sorted(ids_of(answer)) == sorted(facts["meetings"])
        finally:
            program.send_signal(signal.SIGTERM)
            printed = program.communicate(timeout=600)[0]
    assert program.returncode == 0
    for line in (
        f"export CLOUDFLARE_API_TOKEN={facts['token']}",
        f"export CLOUDFLARE_ACCOUNT_ID={facts['account_id']}",
        f"export CLOUDFLARE_REALTIMEKIT_APP_ID={facts['app_id']}",
        f"export CLOUDFLARE_BASE_URL={facts['api_url']}",
    ):
        assert line in printed.splitlines()


def ids_of(answer: requests.Response) -> list[str]:
    return [row["id"] for row in answer.json()["data"]]


def test_the_program_ends_by_itself_and_refuses_the_open_network() -> None:
    assert subprocess.run([*PROGRAM, "--ttl", "0.1"], capture_output=True, timeout=600, check=False).returncode == 0
    refused = subprocess.run([*PROGRAM, "--host", "0.0.0.0"], capture_output=True, text=True, timeout=600, check=False)
    assert (refused.returncode, refused.stderr) == (2, "simulator: host: only loopback is served, not 0.0.0.0\n")

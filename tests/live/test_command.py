# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands: what they refuse, what they tell, and that Ctrl-C leaves nothing running."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Iterator, Mapping

import pytest
from simulator import Settings, Simulator
from simulator.facts import FACTS, FORMAT, KIND

from live import report
from live.account import Account, Allowed, RefusedError, find_account, find_allowed

TESTS = Path(__file__).resolve().parents[1]
ACCOUNT = {
    "RTK_LIVE": "yes",
    "CLOUDFLARE_API_TOKEN": "Zq8-token-of-the-tests",
    "CLOUDFLARE_ACCOUNT_ID": "account-1",
    "CLOUDFLARE_REALTIMEKIT_APP_ID": "app_1",
}


def environment(**variables: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("RTK_", "CLOUDFLARE_"))}
    return {**inherited, "PYTHONUNBUFFERED": "1", **variables}


def start_probe(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(TESTS / "live"), "--out", str(folder), *arguments]
    return subprocess.Popen(command, env=environment(**variables), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def served() -> Iterator[Simulator]:
    """A simulated account in real time."""
    with Simulator(Settings(live_delay=0.2)) as simulator:
        yield simulator


def reach(sim: Simulator) -> dict[str, str]:
    names = ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_REALTIMEKIT_APP_ID", "CLOUDFLARE_BASE_URL")
    return {"RTK_LIVE": "yes", **dict(zip(names, (sim.token, sim.account_id, sim.app_id, sim.api_url)))}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"RTK_LIVE": ""}, "RTK_LIVE=yes"),
        ({"RTK_LIVE": "1"}, "RTK_LIVE=yes"),
        ({"CLOUDFLARE_API_TOKEN": ""}, "Set CLOUDFLARE_API_TOKEN."),
        ({"CLOUDFLARE_API_TOKEN": "a b"}, "CLOUDFLARE_API_TOKEN is not a token"),
        ({"CLOUDFLARE_ACCOUNT_ID": "", "CLOUDFLARE_REALTIMEKIT_APP_ID": ""}, "CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_REALTIMEKIT_APP_ID"),
        ({"CLOUDFLARE_REALTIMEKIT_APP_ID": "../x"}, "CLOUDFLARE_REALTIMEKIT_APP_ID is not an id"),
        ({"CLOUDFLARE_BASE_URL": "http://api.example/v4"}, "must start with https://"),
        ({"CLOUDFLARE_BASE_URL": "api.example"}, "must start with https://"),
    ],
)
def test_it_refuses_to_begin(changed: Mapping[str, str], says: str) -> None:
    with pytest.raises(RefusedError) as caught:
        find_account({**ACCOUNT, **changed})
    assert str(caught.value).startswith("Nothing was sent. ")
    assert says in str(caught.value)
    assert ACCOUNT["CLOUDFLARE_API_TOKEN"] not in str(caught.value)


def test_it_finds_the_account_and_what_is_allowed() -> None:
    assert find_account(ACCOUNT) == Account("https://api.cloudflare.com/client/v4", "Zq8-token-of-the-tests", "account-1", "app_1")
    assert find_account({**ACCOUNT, "CLOUDFLARE_BASE_URL": "http://127.0.0.1:8080/v4/"}).url == "http://127.0.0.1:8080/v4"
    assert find_allowed({}) == Allowed(create=False, timeout=180.0, watch=0.0)
    assert find_allowed({"RTK_LIVE_CREATE": "yes", "RTK_LIVE_TIMEOUT": "300", "RTK_LIVE_WATCH": "150"}) == Allowed(True, 300.0, 150.0)
    assert not find_allowed({"RTK_LIVE_CREATE": "true"}).create
    with pytest.raises(RefusedError, match="RTK_LIVE_WATCH must be seconds"):
        find_allowed({"RTK_LIVE_WATCH": "soon"})


def test_page_names_every_fact_and_variable() -> None:
    page = (TESTS.parent / "docs/real-account.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page))
    assert [name for name in FACTS if name not in named and "omits" not in name] == []
    assert set(re.findall(r"RTK_\w+", (TESTS / "live/account.py").read_text(encoding="utf-8"))) <= named


def test_without_permission_nothing_is_sent(served: Simulator, tmp_path: Path) -> None:
    process = start_probe(tmp_path, **{**reach(served), "RTK_LIVE": "no"})
    output, errors = process.communicate(timeout=600)
    assert (process.returncode, output) == (2, "")
    assert "docs/real-account.md" in errors
    assert served.requests == []
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_stops_the_livestream_and_keeps_the_facts(served: Simulator, tmp_path: Path) -> None:
    served.settings.live_delay = 3600.0
    process = start_probe(tmp_path, **reach(served))
    deadline = time.monotonic() + 600
    while not any(item.status == "INVOKED" for item in list(served.world.livestreams.values())):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=600)
    assert (process.returncode, errors) == (130, "")
    told = output.splitlines()
    assert told[0].startswith("In the app of ")
    assert [line for line in told if line.startswith(("Starting", "Cleaning", "Interrupted"))] == [
        "Starting a livestream in the empty meeting, and a second one at once, which the API should refuse",
        "Cleaning up: stopping the livestream, if one is active, and setting the meeting INACTIVE",
        "Interrupted. The facts are those found until then.",
    ]
    assert [item.status for item in served.world.livestreams.values()] == ["OFFLINE"]
    assert served.world.meetings[served.meetings[-1]].status == "INACTIVE"
    document = json.loads((tmp_path / "facts.json").read_text(encoding="utf-8"))
    assert (document["kind"], document["format"], set(document["facts"])) == (KIND, FORMAT, set(FACTS))
    assert (document["facts"]["no_active"], document["facts"]["live_delay"]) == ("not_found", None)
    assert served.token not in output


def test_closed_terminal_does_not_keep_the_livestream_running(served: Simulator, tmp_path: Path) -> None:
    """Every print then fails, and so does that of the cleanup."""
    served.settings.live_delay = 3600.0
    process = start_probe(tmp_path, **reach(served), RTK_LIVE_TIMEOUT="3600")
    assert process.stdout
    assert process.stderr
    for line in process.stdout:
        if line.startswith("Starting a livestream"):
            break
    process.stdout.close()
    process.stderr.close()
    deadline = time.monotonic() + 600
    while not served.world.livestreams:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGHUP)
    process.wait(timeout=600)
    assert [item.status for item in served.world.livestreams.values()] == ["OFFLINE"]
    assert served.world.meetings[served.meetings[-1]].status == "INACTIVE"
    assert (tmp_path / "facts.json").exists()


def test_simulated_account_needs_no_environment_and_its_facts_can_be_served(tmp_path: Path) -> None:
    process = start_probe(tmp_path, "--simulator")
    output, errors = process.communicate(timeout=600)
    assert (process.returncode, errors) == (0, "")
    assert "Unknown: alone_ends_after, create_gone_status, create_omits_name, per_page_cap, per_page_default." in output
    command = [sys.executable, str(TESTS / "simulator"), "--facts", str(tmp_path / "facts.json"), "--ttl", "0.1"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=600, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "export CLOUDFLARE_API_TOKEN=" in done.stdout


@pytest.mark.parametrize(
    ("document", "says"),
    [(None, "No such file"), ({"kind": "facts"}, "holds no facts"), ({"kind": KIND, "format": 99, "facts": {}}, "Update this clone")],
)
def test_simulator_refuses_what_are_no_facts(tmp_path: Path, document: Any, says: str) -> None:
    path = tmp_path / "facts.json"
    if document is not None:
        path.write_text(json.dumps(document), encoding="utf-8")
    command = [sys.executable, str(TESTS / "simulator"), "--facts", str(path)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=600, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("simulator: ")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("fact", "is_told"), [("refused", False), (None, False), ("same", True), ("another", True)])
def test_second_start_that_is_not_refused_is_reported_loudly(fact: str | None, is_told: bool) -> None:
    said = report.summarize({"second_start": fact, "no_active": None})
    assert ("IMPORTANT: the account has NOT refused a second start" in said) == is_told
    assert "Unknown: " in said

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks and the role say how long the API's rate limit has held them back, and say nothing if it has not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import awx
import pytest
import yaml
from conftest import BBBB, CCCC
from simulator import Simulator

BOTH = {"rtk_rooms": [BBBB, CCCC]}

#: Each takes more than three requests.
each_template = pytest.mark.parametrize(
    ("template", "answers"),
    [
        ("Start livestreams", {**BOTH, "rtk_wait": False}),
        ("Stop livestreams", {**BOTH, "rtk_wait": False}),
        ("Show livestreams", BOTH),
        ("Ensure ingests", {"rtk_names": ["studio", "foyer"]}),
    ],
)


def prepare(sim: Simulator, template: str) -> None:
    if template == "Stop livestreams":
        sim.world.start(BBBB)
        sim.world.start(CCCC)


@each_template
def test_playbook_shows_how_long_it_was_held_back(engine: awx.Engine, sim: Simulator, template: str, answers: dict[str, Any]) -> None:
    prepare(sim, template)
    sim.settings.update({"limit_requests": 3, "limit_window": 2})
    job = engine.launch(template, answers)
    assert job.status == "successful"
    (said,) = re.findall(r"(\d+) requests, waited (\d+\.\d) seconds to stay within the API's rate limit", job.stdout)
    assert int(said[0]) == len(sim.requests)
    assert 0 < float(said[1]) < 10
    assert 429 not in [entry["status"] for entry in sim.requests]


@each_template
def test_playbook_that_was_not_held_back_says_nothing(engine: awx.Engine, sim: Simulator, template: str, answers: dict[str, Any]) -> None:
    prepare(sim, template)
    job = engine.launch(template, answers)
    assert job.status == "successful"
    assert "requests, waited" not in job.stdout


def test_failed_playbook_shows_it_as_well(engine: awx.Engine, sim: Simulator) -> None:
    sim.settings.update({"limit_requests": 3, "limit_window": 2})
    sim.fault("status", "start", status=422, meeting_id=CCCC, message="No such picture today")
    job = engine.launch("Start livestreams", {**BOTH, "rtk_wait": False})
    assert job.status == "failed"
    assert "4 requests, waited" in job.stdout


@pytest.mark.parametrize(("limit", "lines"), [(3, 1), (1200, 0)])
def test_role_shows_it_in_its_summary(engine: awx.Engine, sim: Simulator, tmp_path: Path, limit: int, lines: int) -> None:
    sim.settings.update({"limit_requests": limit, "limit_window": 2})
    role = {
        "role": "streamops.realtimekit.broadcast",
        "vars": {"broadcast_meetings": [{"id": BBBB}, {"id": CCCC}], "broadcast_wait": False},
    }
    play = {"name": "On air", "hosts": "localhost", "connection": "local", "gather_facts": False, "roles": [role]}
    playbook = tmp_path / "on-air.yml"
    playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
    job = engine.play(str(playbook), {})
    assert job.status == "successful"
    assert len(re.findall(r"Waited [1-9] seconds to stay within the API's rate limit\"", job.stdout)) == lines

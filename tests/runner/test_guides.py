# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of README and the guides, from top to bottom, print the lines of the pages."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path

import guides
import pytest
from conftest import BBBB, CCCC
from simulator import Simulator
from simulator.seeding import seed_livestream


@pytest.fixture
def folder(installed: Path, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the reader is, with the connection exported."""
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    return tmp_path


def let_video_arrive(sim: Simulator) -> None:
    """Make the independent livestream LIVE a little after its create, as an encoder does."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        with sim.world.lock:
            own = [livestream for livestream in sim.world.livestreams.values() if livestream.meeting_id is None]
        if own:
            time.sleep(3)
            with sim.world.lock:
                sim.world.set_status(own[0], "LIVE")
            return
        time.sleep(0.1)


def save_first_playbook(folder: Path) -> None:
    (playbook,) = [block for block in guides.blocks("README.md", "yaml") if "hosts: localhost" in block]
    (folder / "on-air.yml").write_text(playbook, encoding="utf-8")


def test_first_playbook_can_be_followed(sim: Simulator, folder: Path) -> None:
    """From an empty app to two live rooms, by title."""
    sim.world.clear()
    save_first_playbook(folder)
    runs = [command for command in guides.commands("README.md") if "on-air.yml" in command.line]
    for command in runs:
        guides.follow(command, folder)
    assert len(runs) == 2
    assert sorted(str(meeting.title) for meeting in sim.world.meetings.values()) == ["Main stage", "Workshop upstairs"]
    assert [effect["kind"] for effect in sim.effects] == ["meeting_created"] * 2 + ["started"] * 2


def test_getting_started_can_be_followed(sim: Simulator, folder: Path) -> None:
    sim.world.clear()
    save_first_playbook(folder)
    for command in guides.commands("docs/getting-started.md"):
        guides.follow(command, folder)
    assert [effect["kind"] for effect in sim.effects] == ["meeting_created"] * 2 + ["started"] * 2 + ["stopped"] * 2


def test_playbooks_run_as_they_are(sim: Simulator, folder: Path) -> None:
    for command in guides.commands("playbooks/README.md"):
        done = subprocess.run(["bash", "-c", command.line], check=False, cwd=folder, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{command.line}\n{done.stdout}\n{done.stderr}"
    assert [effect["kind"] for effect in sim.effects] == ["started", "started", "stopped", "stopped", "created", "created"]


def test_going_live_can_be_followed(sim: Simulator, folder: Path) -> None:
    page = "docs/going-live.md"
    names = guides.write_files(page, folder)
    commands = guides.commands(page)
    assert [name for name in names if not any(name in command.line for command in commands)] == []
    for command in commands:
        if "patient.yml" in command.line:
            sim.world.stop(BBBB)  # by another user: the main stage is off air
            sim.settings.fail_next_starts = 1
        if "everything-off.yml" in command.line:
            sim.world.start(BBBB)  # by another user
        if "studio.yml" in command.line:
            encoder = threading.Thread(target=let_video_arrive, args=[sim], daemon=True)
            encoder.start()
        guides.follow(command, folder)
    encoder.join(600)
    assert [effect["kind"] for effect in sim.effects if effect["by"] != "somebody"] == [
        *["started"] * 2,  # links.yml
        *["started", "errored", "stopped", "started"],  # patient.yml
        *["stopped", "started"],  # restarted
        *["stopped"] * 2,
        "stopped",  # everything-off.yml
        "created",
    ]


def seed_ended(sim: Simulator, meeting_id: str | None, began: float, minutes: int, viewer_seconds: int) -> None:
    times = {"invoked_time": began, "started_time": began, "stopped_time": began + 60 * minutes}
    seed_livestream(sim.world, "OFFLINE", meeting_id=meeting_id, sessions=[{**times, "viewer_seconds": viewer_seconds}])


def test_after_the_event_can_be_followed(sim: Simulator, folder: Path) -> None:
    for meeting_id, minutes, viewer_seconds in ((BBBB, 480, 1_260_000), (CCCC, 90, 18_000), (CCCC, 120, 2400)):
        seed_ended(sim, meeting_id, time.time() - 86400, minutes, viewer_seconds)
    page = "docs/after-the-event.md"
    assert guides.write_files(page, folder) == ["report.yml", "month.yml"]
    for command in guides.commands(page):
        if "month.yml" in command.line:
            sim.world.clear()
            for hour in range(12):
                seed_ended(sim, None, 1795165200 + 3600 * hour, 125, 0)  # from 2026-11-20 on
        guides.follow(command, folder)
    assert {path.name for path in folder.glob("*report*")} == {"report.yml", "report.html", "report.csv", "report.json", "rtk-report.css"}
    assert sim.effects == []

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every command of docs/ad-hoc.md, as it stands there and one after another, prints what the page shows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import awx
import pytest
from conftest import BBBB, CCCC
from simulator import Simulator

PAGE = (awx.ROOT / "docs/ad-hoc.md").read_text(encoding="utf-8")


def normalise(text: str) -> list[str]:
    """The lines, with what differs from run to run replaced by what it is."""
    for pattern, what in (
        (r"https://\S+/manifest/video\.m3u8", "<playback>"),
        (r"rtmps://[^\"\s]+", "<ingest>"),
        (rf"\b(?!{BBBB}|{CCCC})[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b", "<id>"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "<time>"),
    ):
        text = re.sub(pattern, what, text)
    return [line.rstrip() for line in text.strip().splitlines()]


def blocks() -> list[tuple[str, str]]:
    """Each command of the page with the output below it."""
    found = [block.partition("\n") for block in re.findall(r"^\x60\x60\x60console\n\$ (.*?)^\x60\x60\x60$", PAGE, re.MULTILINE | re.DOTALL)]
    return [(command, output) for command, _newline, output in found]


def test_page_has_what_it_is_to_have() -> None:
    commands = [command for command, _output in blocks()]
    assert len(commands) == PAGE.count("\x60\x60\x60console")
    for wanted in ("--check", "wait=true", "rtk_livestream_info -a meeting_id", "status=LIVE", "state=stopped"):
        assert any(wanted in command for command in commands), wanted
    assert not any("stream_key" in command or "api_token" in command for command in commands)


def test_commands_print_what_the_page_shows(
    installed: Path, sim: Simulator, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    for command, output in blocks():
        done = subprocess.run(["bash", "-c", command], check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert normalise(done.stdout) == normalise(output), command
        assert sim.token not in done.stdout + done.stderr
    assert [effect["kind"] for effect in sim.effects] == ["started", "stopped", "created"], "and a check changes nothing"

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every command of docs/ad-hoc.md, one after another, prints the lines of the page."""

from __future__ import annotations

from pathlib import Path

import guides
import pytest
from simulator import Simulator

PAGE = "docs/ad-hoc.md"


def test_page_has_each_kind_of_command() -> None:
    commands = [command.line for command in guides.commands(PAGE)]
    for wanted in ("--check", "wait=true", "rtk_livestream_info -a 'title", "status=LIVE", "state=stopped"):
        assert any(wanted in command for command in commands), wanted
    assert not any("stream_key" in command or "api_token" in command for command in commands)


def test_commands_print_what_the_page_shows(
    installed: Path, sim: Simulator, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    for command in guides.commands(PAGE):
        assert sim.token not in guides.follow(command, tmp_path)
    assert [effect["kind"] for effect in sim.effects] == ["started", "stopped", "meeting_created", "created"], "and a check changes nothing"

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the house about README's picture of the demo: it shows the commands, tasks, and results of today's demo."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from ansible_collections.streamops.realtimekit.tests.demo.steps import STEPS

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[2]
LINES = [str(text.text) for text in ET.parse(ROOT / "docs/images/demo.svg").iter("{http://www.w3.org/2000/svg}text")]


def test_picture_shows_the_first_step() -> None:
    title, command, _must_change = STEPS[0]
    (play,) = yaml.safe_load((ROOT / command.split()[-1]).read_text(encoding="utf-8"))
    assert LINES[:3] == ["$ make demo", f"=== {title}", f"$ {command}"]
    heads = [match[1] for match in map(re.compile(r"(?:PLAY|TASK) \[(.+)\]").match, LINES) if match]
    assert heads == [play["name"], *(task["name"] for task in play["tasks"])], "run make pictures"


def test_picture_sums_up_every_step() -> None:
    rows = [re.split(r" {2,}", line.strip()) for line in LINES[LINES.index("=== What you have seen") + 1 :]]
    assert [(title, result != "changed=0") for title, result in rows] == [(title, must_change) for title, _command, must_change in STEPS], (
        "run make pictures"
    )

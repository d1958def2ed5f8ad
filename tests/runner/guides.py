# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides as something to follow: their files and their commands, and whether a command prints what the page shows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import awx
from conftest import BBBB, CCCC


class Command(NamedTuple):
    line: str
    output: str


def read(page: str) -> str:
    return (awx.ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^\x60\x60\x60{language}\n(.*?)^\x60\x60\x60$", read(page), re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[Command]:
    """Each command of the page with the output below it."""
    found = blocks(page, "console")
    assert all(block.startswith("$ ") for block in found)
    return [
        Command(line, output)
        for block in found
        for line, output in re.findall(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


def write_files(page: str, folder: Path) -> list[str]:
    """Save every YAML block whose first line is a comment with the name of a file; returns the names."""
    found = [re.match(r"# (\S+\.yml)\n", block) for block in blocks(page, "yaml")]
    for match in filter(None, found):
        (folder / match[1]).write_text(match.string, encoding="utf-8")
    return [match[1] for match in found if match]


def normalize(text: str) -> list[str]:
    """The lines, with what differs from run to run replaced by what it is."""
    for pattern, what in (
        (r"https://\S+/manifest/video\.m3u8", "<playback>"),
        (r"rtmps://[^\"\s]+", "<ingest>"),
        (rf"\b(?!{BBBB}|{CCCC})[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b", "<id>"),
        (r" +(?=: ok=| \w+=\d)", ""),  # the columns of a recap
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "<time>"),
    ):
        text = re.sub(pattern, what, text)
    return [line.rstrip() for line in text.strip().splitlines()]


def follow(command: Command, folder: Path) -> str:
    """Run a command, check that it prints the lines of the page, and return its whole output."""
    done = subprocess.run(["bash", "-c", command.line], check=False, cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{command.line}\n{done.stdout}\n{done.stderr}"
    assert normalize(done.stdout) == normalize(command.output), command.line
    return done.stdout + done.stderr

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One event for all tests: the simulator, a media server, and an encoder host that the role has prepared."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator, NamedTuple

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "browser")]

from event import Event, running_event  # noqa: E402

RESULTS = HERE.parents[1] / ".build/media"


@pytest.fixture(scope="session")
def event() -> Iterator[Event]:
    with running_event(RESULTS) as event:
        (event.folder / "units").mkdir()
        yield event


class Encoder(NamedTuple):
    """An encoder host as the role left it."""

    livestream_id: str
    key: str
    environment_file: Path
    command: list[str]

    def command_line(self) -> list[str]:
        """Do what systemd does with the unit: open the file with the key, and run the command, as one process."""
        return ["/bin/sh", "-c", 'exec "$@" <"$0"', str(self.environment_file), *self.command]


def play(event: Event, name: str, **variables: Any) -> subprocess.CompletedProcess[str]:
    return event.ansible("ansible-playbook", "--diff", str(HERE / name), variables=variables)


def prepare(event: Event, name: str, **variables: Any) -> Encoder:
    """Apply the role."""
    run = play(event, "encoder.yml", ffmpeg=shutil.which("ffmpeg"), encoder_name=name, **variables)
    assert run.returncode == 0, run.stdout + run.stderr
    livestream = event.livestream(name)
    assert livestream["stream_key"] not in run.stdout + run.stderr
    unit = (event.folder / f"units/rtk-encoder-{name}.service").read_text(encoding="utf-8")
    directives = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#"))
    environment_file = Path(directives["StandardInput"].removeprefix("file:"))
    return Encoder(livestream["id"], livestream["stream_key"], environment_file, shlex.split(directives["ExecStart"]))


@pytest.fixture(scope="session")
def encoder(event: Event) -> Encoder:
    return prepare(event, "studio-feed")

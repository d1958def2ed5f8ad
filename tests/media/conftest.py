# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One event for all tests: the simulator, a media server, and an encoder host that the role has prepared."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Iterator, NamedTuple

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "browser")]

from servers import Control, media_server, publish_callback  # noqa: E402
from simulator import Settings, Simulator  # noqa: E402

RESULTS = HERE.parents[1] / ".build/media"


class Event(NamedTuple):
    folder: Path
    simulator: Simulator
    control: Control
    rtmp_port: int
    http_port: int

    def ansible(self, *command: str, variables: dict[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
        """Run ansible; the simulator is its Cloudflare."""
        environment = {
            **os.environ,
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "CLOUDFLARE_BASE_URL": self.simulator.api_url,
            "CLOUDFLARE_API_TOKEN": self.simulator.token,
            "CLOUDFLARE_ACCOUNT_ID": self.simulator.account_id,
            "CLOUDFLARE_REALTIMEKIT_APP_ID": self.simulator.app_id,
        }
        extra = ["-e", json.dumps({"folder": str(self.folder), **(variables or {})})]
        return subprocess.run(
            [*command, *extra], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
        )

    def play(self, name: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        return self.ansible("ansible-playbook", "--diff", str(HERE / name), variables=variables)


@pytest.fixture(scope="session")
def event() -> Iterator[Event]:
    # Not in the checkout: its path may have spaces, and the role takes only plain ones.
    folder = Path(tempfile.mkdtemp(prefix="rtk-media-"))
    (folder / "units").mkdir()
    RESULTS.mkdir(parents=True, exist_ok=True)
    try:
        with Simulator(Settings(live_delay=3600)) as simulator:
            control = Control(simulator.control_url)
            with publish_callback(control) as callback_port, media_server(folder, callback_port) as (rtmp_port, http_port):
                servers = {"ingest_server": f"rtmp://127.0.0.1:{rtmp_port}/live", "playback_base": f"http://127.0.0.1:{http_port}"}
                control.call("PATCH", "settings", servers)
                yield Event(folder, simulator, control, rtmp_port, http_port)
    finally:
        for log in [*folder.glob("*.log"), *folder.glob("*.out")]:
            shutil.copy(log, RESULTS)
        shutil.rmtree(folder)


class Encoder(NamedTuple):
    """An encoder host as the role left it."""

    livestream_id: str
    key: str
    environment_file: Path
    command: list[str]

    def command_line(self) -> list[str]:
        """Do what systemd does with the unit: open the file with the key, and run the command, as one process."""
        return ["/bin/sh", "-c", 'exec "$@" <"$0"', str(self.environment_file), *self.command]


def prepare(event: Event, name: str, **variables: Any) -> Encoder:
    """Apply the role."""
    run = event.play("encoder.yml", ffmpeg=shutil.which("ffmpeg"), encoder_name=name, **variables)
    assert run.returncode == 0, run.stdout + run.stderr
    (livestream,) = [item for item in event.control.livestreams() if item["name"] == name]
    assert livestream["stream_key"] not in run.stdout + run.stderr
    unit = (event.folder / f"units/rtk-encoder-{name}.service").read_text(encoding="utf-8")
    directives = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#"))
    environment_file = Path(directives["StandardInput"].removeprefix("file:"))
    return Encoder(livestream["id"], livestream["stream_key"], environment_file, shlex.split(directives["ExecStart"]))


@pytest.fixture(scope="session")
def encoder(event: Event) -> Encoder:
    return prepare(event, "studio-feed")

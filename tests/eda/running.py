# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real ansible-rulebook against the simulator, and what a test looks at."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable

from simulator import Simulator

#: Seconds until a wait has failed. If a restart is lost, the source reminds of the room after 120 seconds, which must not pass for it.
LONGEST = 100
TOOLS = Path(sys.executable).parent
INVENTORY = {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}}


def wait_until(is_so: Callable[[], Any], what: str) -> None:
    """Wait in real time."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < LONGEST, f"not after {LONGEST} seconds: {what}"
        time.sleep(0.05)


class Rulebook:
    """An ansible-rulebook that runs in its own process group, and what it has put out."""

    def __init__(self, folder: Path, sim: Simulator, rulebook: str, *options: str, variables: Any = None) -> None:
        self.log = folder / f"output-{time.monotonic_ns()}"
        files: list[str] = []
        if "--inventory" not in options:
            (folder / "inventory.json").write_text(json.dumps(INVENTORY))
            (folder / "variables.json").write_text(json.dumps(variables or {}))
            files = ["--vars", "variables.json", "--inventory", "inventory.json"]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("CLOUDFLARE_", "EDA_"))},
            "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "ANSIBLE_NOCOLOR": "1",
            "NO_PROXY": "localhost,127.0.0.1",
            "CLOUDFLARE_BASE_URL": sim.api_url,
            "CLOUDFLARE_API_TOKEN": sim.token,
            "CLOUDFLARE_ACCOUNT_ID": sim.account_id,
            "CLOUDFLARE_REALTIMEKIT_APP_ID": sim.app_id,
        }
        with self.log.open("wb") as log:
            command = [str(TOOLS / "ansible-rulebook"), "--rulebook", rulebook, *files, *options]
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def output(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", self.log.read_text(encoding="utf-8", errors="replace"))

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it with everything that it has started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(60)


def find_live(sim: Simulator) -> list[str]:
    """The meetings whose livestreams are LIVE."""
    active = {meeting: sim.world.active(meeting) for meeting in sim.meetings}
    return [meeting for meeting, livestream in active.items() if livestream and livestream.status == "LIVE"]


def count_starts(sim: Simulator, meeting: str) -> int:
    """How often the rulebook has started this room."""
    return sum(effect["kind"] == "started" and effect["by"] == "api" and effect["meeting_id"] == meeting for effect in sim.effects)


def count_polls(sim: Simulator) -> int:
    """How many polls have begun: each begins with the list of the livestreams that are INVOKED."""
    return sum(entry["operation"] == "list" and entry["query"].get("status") == "INVOKED" for entry in list(sim.requests))


def find_secrets(sim: Simulator, text: str) -> list[str]:
    """The token and the stream keys that are in a text."""
    secrets = [sim.token, *(livestream.stream_key for livestream in sim.world.livestreams.values() if livestream.stream_key)]
    return [secret for secret in secrets if secret in text]

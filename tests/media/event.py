# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One event for all tests that send real video: the simulator and an RTMP server that asks it for the keys."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Iterator, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1]))

from servers import Control, media_server, publish_callback
from simulator import Settings, Simulator


class Event(NamedTuple):
    folder: Path
    simulator: Simulator
    control: Control
    rtmp_port: int
    http_port: int

    def ansible(self, *command: str, variables: dict[str, Any] | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run ansible with these settings in its environment; the simulator is its Cloudflare."""
        environment = {
            **os.environ,
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "CLOUDFLARE_BASE_URL": self.simulator.api_url,
            "CLOUDFLARE_API_TOKEN": self.simulator.token,
            "CLOUDFLARE_ACCOUNT_ID": self.simulator.account_id,
            "CLOUDFLARE_REALTIMEKIT_APP_ID": self.simulator.app_id,
            **settings,
        }
        extra = ["-e", json.dumps({"folder": str(self.folder), **(variables or {})})]
        return subprocess.run(
            [*command, *extra], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
        )

    def livestream(self, name: str) -> dict[str, Any]:
        """Return what the simulator knows of a livestream, its key included."""
        (livestream,) = [item for item in self.control.livestreams() if item["name"] == name]
        return dict(livestream)


@contextlib.contextmanager
def running_event(results: Path) -> Iterator[Event]:
    """Serve an event, and copy the logs to ``results`` at its end."""
    # Not in the checkout: its path may have spaces, and the role takes only plain ones.
    folder = Path(tempfile.mkdtemp(prefix="rtk-media-"))
    results.mkdir(parents=True, exist_ok=True)
    try:
        with Simulator(Settings(live_delay=3600)) as simulator:
            control = Control(simulator.control_url)
            with publish_callback(control) as callback_port, media_server(folder, callback_port) as (rtmp_port, http_port):
                servers = {"ingest_server": f"rtmp://127.0.0.1:{rtmp_port}/live", "playback_base": f"http://127.0.0.1:{http_port}"}
                control.call("PATCH", "settings", servers)
                yield Event(folder, simulator, control, rtmp_port, http_port)
    finally:
        for log in [*folder.glob("*.log"), *folder.glob("*.out")]:
            shutil.copy(log, results)
        shutil.rmtree(folder)

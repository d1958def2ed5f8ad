# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module's process that gets a signal while it works reports the real effects."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from simulator import Settings, Simulator

TREE = Path(__file__).resolve().parents[2] / ".build" / "tree"
MODULE = "ansible_collections.streamops.realtimekit.plugins.modules.rtk_meeting_livestream"
MEETINGS = 40


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_module_reports_what_it_has_started(number: signal.Signals, tmp_path: Path) -> None:
    with Simulator(Settings(latency=0.1), meetings=MEETINGS) as sim:
        options = {
            "meeting_id": sim.meetings,
            "concurrency": 4,
            "wait": True,
            "api_url": sim.api_url,
            "api_token": sim.token,
            "account_id": sim.account_id,
            "app_id": sim.app_id,
        }
        arguments = tmp_path / "arguments.json"
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}))
        environment = {**os.environ, "PYTHONPATH": str(TREE)}
        # A background process of a script ignores SIGINT, and this test may run in one.
        command = ["env", "--default-signal", sys.executable, "-m", MODULE, arguments]
        module = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 600
        while len(sim.effects) < 8 and module.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        module.send_signal(number)
        out, err = module.communicate(timeout=600)
        started = [effect["meeting_id"] for effect in sim.effects]

    result = json.loads(out)
    assert (module.returncode, err) == (1, b"")
    assert (result["failed"], result["changed"]) == (True, True)
    assert 8 <= len(started) < MEETINGS, "nothing was sent after the signal"
    assert len(started) == len(set(started))
    assert [entry["meeting_id"] for entry in result["meetings"]] == sim.meetings
    assert {entry["meeting_id"] for entry in result["meetings"] if entry["changed"]} == set(started)
    for entry in result["meetings"]:
        assert (entry["livestream"] is not None) == (entry["meeting_id"] in started)
        stage = "Wait not finished" if entry["meeting_id"] in started else "Not begun"
        assert entry["error"]["message"] == f"{stage}: the task was interrupted. Run the task again to do the rest"

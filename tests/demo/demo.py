# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show a day of two livestreams: real ansible runs against a simulated account.

Each step says whether it must change anything. What it changed is read from the output of ansible.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from simulator import Simulator  # noqa: E402 (it lies in tests/)

INFO = ["ansible", "localhost", "-m", "streamops.realtimekit.rtk_livestream_info", "-a", "status=LIVE"]
ENSURE = ["ansible", "localhost", "-m", "streamops.realtimekit.rtk_livestream", "-a", "name=studio-feed"]
CHANGED = re.compile(r"^localhost .* changed=(\d+) |^localhost \| (CHANGED|SUCCESS) ", re.MULTILINE)


def play(name: str, meetings: list[str]) -> list[str]:
    return ["ansible-playbook", f"tests/demo/{name}", "--extra-vars", json.dumps({"meetings": meetings})]


def run(title: str, command: list[str], environment: dict[str, str], *, must_change: bool) -> tuple[str, str]:
    """Run one step; return its output and its line of the summary. Exit unless it changed something exactly if it must."""
    print(f"\n=== {title}\n$ {shlex.join(command)}\n", flush=True)
    start, said = time.monotonic(), ""
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            said += line
    match = CHANGED.search(said)
    # A playbook ends with a recap that counts. An ad-hoc command says CHANGED or SUCCESS.
    changed = int(match[1] or match[2] == "CHANGED") if match else -1
    if process.returncode != 0 or (changed > 0) is not must_change or changed < 0:
        sys.exit(f'Unexpected: "{title}" has changed={changed} and exit status {process.returncode}.')
    return said, f"  {title:52} changed={changed}  {time.monotonic() - start:2.0f} s"


def main() -> None:
    os.chdir(HERE.parents[1])
    with Simulator() as simulator:
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"),
            "CLOUDFLARE_BASE_URL": simulator.api_url,
            "CLOUDFLARE_API_TOKEN": simulator.token,
            "CLOUDFLARE_ACCOUNT_ID": simulator.account_id,
            "CLOUDFLARE_REALTIMEKIT_APP_ID": simulator.app_id,
        }
        start, stop = (play(name, list(simulator.world.meetings)) for name in ("start.yml", "stop.yml"))
        steps = [
            ("Two meetings go live", start, True),
            ("The same playbook again", start, False),
            ("What is live now", INFO, False),
            ("An independent livestream, for an encoder", ENSURE, True),
            ("The same command again finds it", ENSURE, False),
            ("Everything stops", stop, True),
            ("The same playbook again stops nothing", stop, False),
        ]
        done = {title: run(title, command, environment, must_change=must_change) for title, command, must_change in steps}
    live = done["What is live now"][0].count('"status": "LIVE"')
    if live != 2:
        sys.exit(f"Unexpected: {live} livestreams were LIVE, not 2.")
    summary = "\n".join(line for _said, line in done.values())
    print(f"\n=== What you have seen\n\n{summary}\n")
    print(f"  {live} livestreams were LIVE in between, on a simulated account that served real HTTP at")
    print(f"  {simulator.api_url} and is gone now. To start one for yourself: make simulator")


if __name__ == "__main__":
    main()

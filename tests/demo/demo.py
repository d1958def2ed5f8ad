# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""demo.py [PICTURE]: show a day of two livestreams with real Ansible runs against a simulated account.

Each step says whether it must change anything, and the demo reads from Ansible's output whether it did. PICTURE is an SVG to write.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from drawing import draw  # noqa: E402 (the path comes first)
from simulator import Simulator  # noqa: E402
from steps import INFO, STEPS  # noqa: E402

CHANGED = re.compile(r"^localhost .* changed=(\d+) |^localhost \| (CHANGED|SUCCESS) ", re.MULTILINE)


def run(title: str, command: str, environment: dict[str, str], *, must_change: bool) -> tuple[str, str]:
    """Run one step; return its output and its line of the summary. Exit if it changed something and must not, or the reverse."""
    print(f"\n=== {title}\n$ {command}\n", flush=True)
    start, said = time.monotonic(), ""
    with subprocess.Popen(shlex.split(command), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
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
        simulator.world.clear()
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"),
            "CLOUDFLARE_BASE_URL": simulator.api_url,
            "CLOUDFLARE_API_TOKEN": simulator.token,
            "CLOUDFLARE_ACCOUNT_ID": simulator.account_id,
            "CLOUDFLARE_REALTIMEKIT_APP_ID": simulator.app_id,
        }
        done = [(command, *run(title, command, environment, must_change=must_change)) for title, command, must_change in STEPS]
    live = next(said for command, said, _line in done if command == INFO).count('"status": "LIVE"')
    if live != 2:
        sys.exit(f"Unexpected: {live} livestreams were LIVE, not 2.")
    summary = "\n".join(line for _command, _said, line in done)
    print(f"\n=== What you have seen\n\n{summary}\n")
    print(f"  {live} livestreams were LIVE in between, on a simulated account that served real HTTP at")
    print(f"  {simulator.api_url} and is gone now. To start one for yourself: make simulator")
    if sys.argv[1:]:
        (title, command, _must_change), (_command, said, _line) = STEPS[0], done[0]
        Path(sys.argv[1]).write_text(draw(f"=== {title}\n$ {command}\n\n{said}\n\n=== {summary}"), encoding="utf-8")


if __name__ == "__main__":
    main()

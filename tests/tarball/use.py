# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""use.py BIN: do what a new user does with the tarball in .build/dist/, with the ansible-core of the virtual environment of BIN.

Install it into an empty home, read the documentation of everything in it, and run a task twice, here against the simulator.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from simulator import Simulator  # noqa: E402 (it is in tests/)

COLLECTION = "streamops.realtimekit"


def run(wanted: str, command: list[str], environment: dict[str, str]) -> str:
    """Run a command in the home; fail unless its output matches the pattern ``wanted``."""
    done = subprocess.run(
        command,
        cwd=environment["HOME"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not re.search(wanted, done.stdout, re.MULTILINE):
        sys.exit(f"{done.stdout}\nThe output of {command} does not match {wanted!r}, or the exit status {done.returncode} is not 0.")
    return done.stdout


def main(binaries: str) -> None:
    (tarball,) = (ROOT / ".build/dist").glob("*.tar.gz")
    modules = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
    roles = sorted(path.name for path in (ROOT / "roles").iterdir())
    with tempfile.TemporaryDirectory(prefix="realtimekit-") as home, Simulator() as simulator:
        environment = {
            "PATH": f"{binaries}:/usr/local/bin:/usr/bin:/bin",
            "HOME": home,
            "LANG": "C.UTF-8",
            "ANSIBLE_NOCOLOR": "1",
            "CLOUDFLARE_BASE_URL": simulator.api_url,
            "CLOUDFLARE_API_TOKEN": simulator.token,
            "CLOUDFLARE_ACCOUNT_ID": simulator.account_id,
            "CLOUDFLARE_REALTIMEKIT_APP_ID": simulator.app_id,
        }
        said = run(r"core [\d.a-z]+", ["ansible", "--version"], environment)
        core = re.findall(r"core ([\d.a-z]+)", said)[0]
        run("was installed successfully", ["ansible-galaxy", "collection", "install", str(tarball), "--offline"], environment)
        for name in modules:
            run("EXAMPLES", ["ansible-doc", f"{COLLECTION}.{name}"], environment)
        for name in roles:
            run("ENTRY POINT", ["ansible-doc", "--type", "role", f"{COLLECTION}.{name}"], environment)
        # The Python that is first in PATH has requests.
        task = ["ansible", "localhost", "-e", "ansible_python_interpreter=python3", "-m", f"{COLLECTION}.rtk_livestream", "-a", "name=new"]
        run(r"^localhost \| CHANGED", task, environment)
        run(r"^localhost \| SUCCESS", task, environment)
    print(f"ansible-core {core} installs {tarball.name}, documents {' '.join(modules + roles)}, and runs a task.")


if __name__ == "__main__":
    main(sys.argv[1])

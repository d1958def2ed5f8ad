# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a playbook against a simulator, and measures it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, NamedTuple

from simulator import Settings, Simulator

from . import BENCH, LATENCY, ROOT, STATE

#: Seconds after which a run is given up. A loop of ``uri`` over 1,000 rooms takes about 20 minutes.
LONGEST_RUN = 3000.0


class BenchError(Exception):
    """A run that cannot be measured: it did not end, or not as expected."""


class Account(NamedTuple):
    """Where the requests of a play go."""

    api_url: str
    token: str
    account_id: str
    app_id: str


class Play(NamedTuple):
    """One ansible-playbook run: its seconds, its tasks as `callback/bench_tasks.py` notes them, and the requests that it sent."""

    seconds: float
    tasks: list[dict[str, Any]]
    log: list[dict[str, Any]]
    connections: int
    memory: dict[str, float]  #: MiB of the largest process, for ``module`` and ``playbook``

    @property
    def task_seconds(self) -> float:
        """Seconds of all tasks, without the start and the end of ansible-playbook."""
        return float(sum(task["ended"] - task["began"] for task in self.tasks))

    @property
    def requests(self) -> int:
        return len(self.log)

    @property
    def refused(self) -> int:
        return sum(1 for entry in self.log if entry["status"] == 429)

    @property
    def operations(self) -> Counter[str]:
        return Counter(entry["operation"] for entry in self.log)

    @property
    def held(self) -> float:
        """Seconds for which the last task held back, by its result, or else by its warning."""
        task = self.tasks[-1]
        if task["held"] is not None:
            return float(task["held"])
        return max((float(found[1]) for text in task["warnings"] if (found := re.search(r"Waited (\d+) seconds", text))), default=0.0)


@contextmanager
def simulate(meetings: int, **settings: Any) -> Iterator[Simulator]:
    """A simulator with the API's limit, and with LATENCY unless the settings say otherwise."""
    with Simulator(Settings(**{"latency": LATENCY, **settings}), seed=1, meetings=meetings) as sim:
        yield sim


def play(sim: Simulator, playbook: str, *, account: Account | None = None, may_fail: bool = False, **variables: Any) -> Play:
    """Run a playbook of the folder plays for all meetings of a simulator, in a new rate limit window.

    ``account``: another target of the requests. ``may_fail``: whether to measure a failed play also.
    """
    account = account or Account(sim.api_url, sim.token, sim.account_id, sim.app_id)
    STATE.mkdir(parents=True, exist_ok=True)
    app_url = f"{account.api_url}/accounts/{account.account_id}/realtime/kit/{account.app_id}"
    (STATE / "variables.json").write_text(json.dumps({"wanted": sim.meetings, "app_url": app_url, **variables}), encoding="utf-8")
    for notes in ("tasks", "memory"):
        (STATE / notes).write_text("", encoding="utf-8")
    sim.clear()
    sim.core.limit.reset()
    connections = sim.stats["connections"]
    start = time.monotonic()
    failed = _run(BENCH / "plays" / playbook, _environment(account))
    seconds = time.monotonic() - start
    output = (STATE / "output").read_text(encoding="utf-8", errors="replace")
    if failed and not may_fail:
        raise BenchError(f"{playbook} failed; the end of {STATE / 'output'} says:\n{output[-3000:]}")
    tasks = [json.loads(line) for line in (STATE / "tasks").read_text(encoding="utf-8").splitlines()]
    if not tasks:
        raise BenchError(f"{playbook} ran no task; {STATE / 'output'} says:\n{output[-3000:]}")
    return Play(seconds, tasks, sim.requests, sim.stats["connections"] - connections, _peaks())


def _environment(account: Account) -> dict[str, str]:
    return {
        **os.environ,
        "CLOUDFLARE_BASE_URL": account.api_url,
        "CLOUDFLARE_API_TOKEN": account.token,
        "CLOUDFLARE_ACCOUNT_ID": account.account_id,
        "CLOUDFLARE_REALTIMEKIT_APP_ID": account.app_id,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "tree"),
        "ANSIBLE_LIBRARY": str(BENCH / "plays" / "library"),
        "ANSIBLE_CALLBACK_PLUGINS": str(BENCH / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "bench_tasks",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "PYTHONPATH": str(BENCH / "site"),
        "BENCH_TASKS": str(STATE / "tasks"),
        "BENCH_MEMORY": str(STATE / "memory"),
    }


def _run(playbook: Path, environment: dict[str, str]) -> bool:
    """Whether ansible-playbook failed; what it prints goes to a file."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(playbook), "--extra-vars", f"@{STATE / 'variables.json'}"]
    with (STATE / "output").open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            return process.wait(LONGEST_RUN) != 0
        except subprocess.TimeoutExpired as error:
            raise BenchError(f"{playbook.name} did not finish within {LONGEST_RUN:.0f} seconds") from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # with its modules, which would go on
                process.wait()


def _peaks() -> dict[str, float]:
    peaks: dict[str, float] = {}
    for line in (STATE / "memory").read_text(encoding="utf-8").splitlines():
        process, kibibytes = line.split()
        peaks[process] = max(peaks.get(process, 0.0), int(kibibytes) / 1024)
    return peaks

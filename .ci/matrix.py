# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Try the collection on all versions of tests/versions.toml, or on those and by those kinds of test that the arguments name.

    matrix.py [VERSION...] [sanity|units|integration|secrets...]      2.16 is ansible-core 2.16.19, and 3.8 modules on Python 3.8

A cell is an ansible-core, or a Python that modules run on with its oldest or newest requests. .build/matrix/ gets a log of each kind
of test in each cell, and the table as summary.txt. What cannot be had here is said and counted, and no test is no success.
JOBS, from the environment, is how many run side by side.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Iterable
from xml.etree import ElementTree as ET

from versions import read_numbers, read_versions

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / ".build/matrix"
CORES = ROOT / ".build/cores"
COLUMNS = ("sanity", "units", "integration", "secrets")
# Whatever is wrong with a version shows in the first two of these; the last takes longest to say least.
ORDER = ("integration", "units", "secrets", "sanity")
TAIL = 40
ASK_ANSIBLE_TEST = (
    "from ansible_test._util.target.common import constants as c; print(*c.REMOTE_ONLY_PYTHON_VERSIONS, *c.CONTROLLER_PYTHON_VERSIONS)"
)


@dataclasses.dataclass(frozen=True)
class Cell:
    """What is tried: an ansible-core, or with ``python`` and ``requests`` the modules on these."""

    core: str
    python: str = ""
    requests: str = ""
    #: Why it cannot be had here, if it cannot.
    missing: str = ""

    @property
    def title(self) -> str:
        return f"Python {self.python}, requests {self.requests}" if self.python else f"ansible-core {self.core}"

    @property
    def kinds(self) -> tuple[str, ...]:
        """Without sanity and secrets where they have been seen to by the cell of the same ansible-core."""
        return ("units", "integration") if self.python else COLUMNS


@dataclasses.dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    #: Pythons that unit tests, and tests that sanity, would have had more.
    missing: int = 0
    is_good: bool = True

    def __str__(self) -> str:
        also = f", {self.missing} not had" if self.missing else ""
        if not self.is_good:
            return f"FAILED {self.failed or 'early'}, {self.passed} passed{also}"
        return f"{self.passed} passed{also}" if self.passed else "not had"


running: set[subprocess.Popen[bytes]] = set()
is_over = threading.Event()


# Which cells


def find_cells(words: list[str]) -> list[Cell]:
    """The cells of the list that the words pick, their ansible-cores installed; the ends of each kind first, for they break first."""
    versions = read_versions()
    names = [core["version"] for core in versions["cores"]]
    pythons = {target["python"]: target for target in versions["targets"]}
    for word in words:
        if not any(is_picked(name, [word]) for name in (*names, *pythons)):
            sys.exit(f"matrix.py: {word} is neither of tests/versions.toml nor one of {', '.join(COLUMNS)}")
    cores = [Cell(name, missing=install_core(name)) for name in ends_first(names) if is_picked(name, words)]
    targets = [
        cell
        for python in ends_first([*pythons])
        if is_picked(python, words)
        for cell in find_target(python, [versions["oldest_requests"], pythons[python]["newest_requests"]], names)
    ]
    return cores + targets


def is_picked(version: str, words: list[str]) -> bool:
    return not words or any(f"{version}.".startswith(f"{word}.") for word in words)


def ends_first(items: list[str]) -> list[str]:
    return [*items[:1], *items[-1:], *items[1:-1]] if len(items) > 1 else items


def install_core(version: str) -> str:
    """Why this ansible-core cannot be had here; empty if it can."""
    done = subprocess.run([".ci/cores.sh", version], cwd=ROOT, check=False, stderr=subprocess.DEVNULL)
    reason = CORES / f"{version}.missing"
    if done.returncode == 0:
        return ""
    return reason.read_text().strip() if reason.exists() else f".ci/cores.sh {version} failed"


def find_target(python: str, all_requests: list[str], cores: list[str]) -> list[Cell]:
    """This Python with its oldest and newest requests, under the newest ansible-core that knows it."""
    found = subprocess.run(["bash", "-c", 'source .ci/lib.sh; find_python "$1"', "-", python], cwd=ROOT, check=False, capture_output=True)
    core, missing = "", f"Python {python} cannot be had here: it is neither in PATH nor in pyenv"
    if found.returncode == 0:
        missing = f"Python {python} cannot be tried here: no ansible-core that runs here knows it"
        for version in reversed(cores):
            if not install_core(version) and python in target_pythons(version):
                core, missing = version, ""
                break
    return [Cell(core, python, requests, missing) for requests in all_requests]


def target_pythons(core: str) -> list[str]:
    """The Pythons on which this ansible-core runs modules, as its ansible-test knows them."""
    asked = [str(CORES / core / "bin/python"), "-c", ASK_ANSIBLE_TEST]
    return str(subprocess.run(asked, check=True, capture_output=True, text=True).stdout).split()


# What comes of one


def try_cell(cell: Cell, kind: str, lane: str) -> Outcome:
    """Run one kind of test; what it says goes into a log."""
    log = LOGS / f"{cell.title.replace(', ', '-').replace(' ', '-')}-{kind}.log"
    reports = ROOT / f".build/lanes/{lane}/copies/{kind}/ansible_collections/streamops/realtimekit/tests/output/junit"
    command = [".ci/ansible_test.sh", kind]
    if kind == "secrets":
        reports = LOGS / f"secrets-{cell.core}"
        command = [".build/venv/bin/pytest", "tests/secrets", "--core", cell.core, f"--junitxml={reports}/report.xml"]
    elif kind == "sanity":
        command.append("--junit")
    elif kind == "units" and not cell.python:
        command.append("--venv")  # all Pythons that there are
    elif kind == "integration" and cell.python:
        command.append("context/target/")  # the roles' targets stay on the control node
    environment = {**os.environ, "LANE": lane, "CORE": cell.core, "TARGET_PYTHON": cell.python, "TARGET_REQUESTS": cell.requests}
    print(f"{cell.title}, {kind}: begun, see {log.relative_to(ROOT)}", flush=True)
    start = time.monotonic()
    with log.open("wb") as output:
        status = run(command, environment, output.fileno())
    outcome = count(kind, log.read_text(errors="replace"), reports)
    if is_over.is_set():
        return outcome
    if status != 0 or outcome.failed or not outcome.passed:
        outcome.is_good = False
        last = "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:])
        print(f"\n{last}\n(the last {TAIL} lines of {log.relative_to(ROOT)}, exit status {status})\n")
    print(f"{cell.title}, {kind}: {outcome} in {time.monotonic() - start:.0f} s", flush=True)
    return outcome


def run(command: list[str], environment: dict[str, str], output: int) -> int:
    """Run it in a session of its own, so that it can be ended with all that it has started."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )
    running.add(process)
    try:
        return process.wait()
    finally:
        running.discard(process)


def count(kind: str, log: str, reports: Path) -> Outcome:
    """Count tests by their reports; of integration, whose reports count tasks, the targets that have passed."""
    outcome = Outcome(missing=len(set(re.findall(r"^WARNING: Skipping .* because it could not be found|^Not had: .*", log, re.MULTILINE))))
    if kind == "integration":
        started = len(re.findall(r"^Running \S+ integration test role", log, re.MULTILINE))
        outcome.failed = 0 if "\nansible-test integration passed: " in log else min(started, 1)
        outcome.passed = started - outcome.failed
        return outcome
    for path in reports.glob("*.xml"):
        for suite in ET.parse(path).iter("testsuite"):  # noqa: S314 (written by the run just now)
            tests, skipped, failures, errors = (int(suite.get(name) or 0) for name in ("tests", "skipped", "failures", "errors"))
            outcome.failed += failures + errors
            outcome.passed += tests - skipped - failures - errors
    return outcome


# All of them


def try_all(cells: Iterable[Cell], kinds: list[str], jobs: int) -> dict[tuple[Cell, str], Outcome]:
    lanes: queue.Queue[str] = queue.Queue()
    for lane in range(jobs):
        lanes.put(str(lane))

    def try_one(cell: Cell, kind: str) -> Outcome:
        lane = lanes.get()
        try:
            return try_cell(cell, kind, lane)
        finally:
            lanes.put(lane)

    with ThreadPoolExecutor(jobs) as pool:
        try:
            tried = {
                (cell, kind): pool.submit(try_one, cell, kind)
                for kind in kinds
                for cell in cells
                if kind in cell.kinds and not cell.missing
            }
            return {key: future.result() for key, future in tried.items()}
        except BaseException:
            is_over.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
            raise


def tabulate(cells: Iterable[Cell], kinds: list[str], outcomes: dict[tuple[Cell, str], Outcome]) -> str:
    rows = [["", *kinds]]
    for cell in cells:
        told = {kind: "not had" if cell.missing else str(outcomes.get((cell, kind), "")) for kind in kinds if kind in cell.kinds}
        title = f"{cell.title}, by {cell.core}" if cell.python and cell.core else cell.title
        rows.append([title, *(told.get(kind, "") for kind in kinds)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows)


def main(words: list[str]) -> int:
    kinds = [word for word in words if word in COLUMNS] or list(COLUMNS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    cells = find_cells([word for word in words if word not in COLUMNS])
    jobs = int(os.environ.get("JOBS") or min(2, os.cpu_count() or 1))
    outcomes = try_all(cells, [kind for kind in ORDER if kind in kinds], jobs)

    counted = list(outcomes.values())
    failed = sum(not outcome.is_good for outcome in counted)
    missing = sorted({cell.missing for cell in cells if cell.missing})
    not_had = sum(outcome.missing for outcome in counted) + sum(len(set(cell.kinds) & set(kinds)) for cell in cells if cell.missing)
    lines = [tabulate(sorted(cells, key=sort_key), kinds, outcomes), "", *missing]
    lines.append(f"{len(counted) - failed} passed, {failed} failed, {not_had} not had")
    if not counted:
        lines.append("Nothing was tried, and that is a failure.")
    summary = "\n".join(lines)
    (LOGS / "summary.txt").write_text(f"{summary}\n", encoding="utf-8")
    print(f"\n{summary}")
    return 1 if failed or not counted else 0


def sort_key(cell: Cell) -> tuple[bool, list[int], list[int]]:
    return bool(cell.python), read_numbers(cell.python or cell.core), read_numbers(cell.requests)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

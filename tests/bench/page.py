# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Iterator

from . import LATENCY, QUOTA, WINDOW
from .costs import STEPS, Costs
from .rows import Check, Row

INTRODUCTION = """\
# Benchmarks

`make bench` wrote this page on {day} with {versions}, and Python {python}, on {cores} cores.

Each figure is from a run of `ansible-playbook` against the simulator on one machine. Unless a section says otherwise, each request
takes {latency:.0f} ms, and the API allows {quota:,} requests in {window} seconds. Each run begins with a new rate limit window.
The simulator counts the requests, so these numbers are exact. Times depend on the machine: compare their ratios only.

## What a run costs
"""
LOOPS = """
## Beside loops

This table compares one task with two loops that do the same: one of `ansible.builtin.uri`, and one of a small module that uses the
official SDK. {size}
Seconds are those of the tasks, without the start of `ansible-playbook`. The ratio divides the seconds per room by those of the one task.
In the run that creates a name, each livestream in the app counts as a room, and the loops go through the pages of the list.
"""
TENTH = "A loop is slow, so it gets a tenth of the rooms. `make bench ARGS=--all` gives it all of them."
FULL = "All of them get the same rooms."
CONCURRENCY = """
## Concurrency

For each step, this table shows the seconds of the task, and in parentheses its requests and connections, without a rate limit.
Memory is the peak of the module's process.
"""
LIMITS = """
## More than one window

With a limit of 300 requests in 5 seconds, the start of 600 rooms takes several windows. The last column divides the seconds of the task
by the time until the last window opens.
"""


def render(rows: list[Row], costs: Costs | None, *, is_full: bool) -> str:
    """The page, as Markdown."""
    notice = [line.replace("# ", "", 1) for line in Path(__file__).read_text(encoding="utf-8").splitlines()[:3]]
    introduction = INTRODUCTION.format(
        day=f"{datetime.now(timezone.utc):%Y-%m-%d}",
        versions=", ".join(f"{package} {version(package)}" for package in ("ansible-core", "requests", "cloudflare")),
        python=platform.python_version(),
        cores=os.cpu_count(),
        latency=LATENCY * 1000,
        quota=QUOTA,
        window=WINDOW,
    )
    parts = ["\n".join(["<!--", *notice, "-->", ""]), introduction, *_checks(rows)]
    parts += [LOOPS.format(size=FULL if is_full else TENTH), *_ways(rows)]
    return "\n".join([*parts, *(_costs(costs) if costs else ())]) + "\n"


def describe(check: Check) -> str:
    """A check in a line."""
    missed = "" if check.is_met else ": missed"
    return f"{check.what}: {_number(check.reached)} (goal: {check.relation} {_number(check.goal)}{missed})"


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:,.1f}"


def _table(*rows: list[str], left: tuple[int, ...] = (0,)) -> Iterator[str]:
    """The first row is the head; the columns in ``left`` hold words, the others numbers."""
    head, *body = rows
    for cells in [head, ["---" if column in left else "---:" for column in range(len(head))], *body]:
        yield f"| {' | '.join(cells)} |"


def _checks(rows: list[Row]) -> Iterator[str]:
    lines = [["Run", "Measured", "Reached", "Goal", ""]]
    for row in rows:
        for number, check in enumerate(row.checks):
            goal = f"{check.relation} {_number(check.goal)}"
            met = "reached" if check.is_met else "**missed**"
            lines.append(["" if number else row.run, check.what, _number(check.reached), goal, met])
    yield from _table(*lines, left=(0, 1, 3, 4))


def _ways(rows: list[Row]) -> Iterator[str]:
    lines = [["Run", "Way", "Rooms", "Requests", "Seconds", "Requests per room", "Seconds per room", "Ratio"]]
    for row in rows:
        ours = row.ways[0]
        for number, way in enumerate(row.ways):
            ratio = way.seconds / way.rooms / (ours.seconds / ours.rooms)
            per_room = [f"{way.requests / way.rooms:.2g}", f"{way.seconds / way.rooms:.2g}"]
            totals = [_number(way.rooms), _number(way.requests), f"{way.seconds:,.1f}"]
            lines.append(["" if number else row.run, way.name, *totals, *per_room, f"{ratio:,.0f}" if ratio > 10 else f"{ratio:.1f}"])
    yield from _table(*lines, left=(0, 1))


def _costs(costs: Costs) -> Iterator[str]:
    yield from _concurrency(costs)
    yield from _limits(costs)
    memory, single = costs.memory, costs.single
    peaks = memory.done.memory
    largest = "No other process of the play needs more"
    if peaks["playbook"] > peaks["module"]:
        largest = f"`ansible-playbook` needs {peaks['playbook']:,.0f} MiB"
    yield "\n## Memory\n"
    yield (
        f"`rtk_livestream_info` lists {memory.livestreams:,} independent livestreams with {memory.done.requests:,} requests. "
        f"The module's process\nneeds {peaks['module']:,.0f} MiB at its peak. {largest}. "
        f"Without latency and limit, the task takes {memory.done.task_seconds:.0f} seconds."
    )
    yield "\n## A single task\n"
    yield (
        f"Without latency, a task of `rtk_livestream_info` that reads one meeting takes {single.info / single.uri:.2f} times as long\n"
        f"as one of `ansible.builtin.uri`, and {single.info / single.ping:.2f} times as long as one of `ansible.builtin.ping`. "
        f"A play with one `ping` takes {single.play:.2f} seconds."
    )


def _concurrency(costs: Costs) -> Iterator[str]:
    yield CONCURRENCY
    lines = [["Way", "Rooms", *(step.capitalize() for _state, step in STEPS), "Memory"]]
    for found in costs.concurrency:
        plays = [found.steps[step] for _state, step in STEPS]
        cells = [f"{done.task_seconds:.1f} ({done.requests:,}, {done.connections})" for done in plays]
        lines.append([found.way, _number(found.rooms), *cells, f"{max(done.memory['module'] for done in plays):.0f} MiB"])
    yield from _table(*lines)
    largest = max((found for found in costs.concurrency if found.concurrency), key=lambda found: (found.rooms, -found.concurrency))
    done, at_a_time = largest.steps["start"], largest.concurrency
    least = costs.single.play + done.requests * LATENCY / at_a_time
    yield (
        f"\nAt concurrency {at_a_time}, the play that starts {largest.rooms:,} rooms takes {done.seconds / least:.2f} times the least\n"
        f"possible time: a play with one `ping`, and {done.requests:,} requests of {LATENCY * 1000:.0f} ms, {at_a_time} at a time."
    )


def _limits(costs: Costs) -> Iterator[str]:
    yield LIMITS
    lines = [["Window", "Requests", "Refused with 429", "Seconds waited", "Seconds of the task", "Ratio"]]
    for kind, done in costs.limits.items():
        least = max(1, -(-done.requests // 300) - 1) * 5
        seconds = [f"{done.held:.0f}", f"{done.task_seconds:.1f}", f"{done.task_seconds / least:.2f}"]
        lines.append([kind, _number(done.requests), _number(done.refused), *seconds])
    yield from _table(*lines)

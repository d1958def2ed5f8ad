# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python tests/bench/bench.py``: measure the cost of tasks and of the alternatives, and write docs/benchmarks.md.

Everything is measured by real ansible-playbook runs against a simulator. The exit status is 1 if a scenario could not be measured
or a count missed its goal. A time that misses its goal is only reported.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

if not __package__:
    # Run by its path: make the folder importable as the package it is, and keep its files from shadowing other modules.
    here = Path(__file__).resolve().parent
    sys.path[:] = [item for item in sys.path if Path(item or ".").resolve() != here]
    sys.path.insert(0, str(here.parent))

from bench import ROOT, costs
from bench.page import describe, render
from bench.playing import BenchError
from bench.reach import SCENARIOS
from bench.rows import Row, Sizes

PAGE = ROOT / "docs" / "benchmarks.md"
COSTS = "costs"


def main() -> int:
    """Measure, print, and write the page unless only a part was measured."""
    given = _parse()
    sizes = Sizes(given.scale, 0.0 if given.no_loops else 1.0 if given.all else 0.1)
    rows: list[Row] = []
    missed: list[str] = []
    measured = None
    for name in given.only or [*SCENARIOS, COSTS]:
        start = time.monotonic()
        try:
            if name == COSTS:
                measured = costs.measure(sizes)
            else:
                found = list(SCENARIOS[name](sizes))
                rows += found
                missed += [f"{row.run}: {describe(check)}" for row in found for check in row.checks if check.is_count and not check.is_met]
                _print(found)
        except BenchError as error:
            missed.append(f"{name}: not measured: {error}")
        print(f"{name}: {time.monotonic() - start:.0f} seconds", flush=True)
    text = render(rows, measured, is_full=given.all)
    print(f"\n{text}")
    if not (given.no_page or given.only or given.no_loops or given.scale != 1):
        PAGE.write_text(text, encoding="utf-8")
    for line in missed:
        print(f"bench: {line}", file=sys.stderr)
    return 1 if missed else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the cost of tasks and of the alternatives.")
    parser.add_argument("--only", nargs="+", choices=[*SCENARIOS, COSTS], metavar="NAME", help=f"of {', '.join(SCENARIOS)}, {COSTS}")
    parser.add_argument("--all", action="store_true", help="give the loops all rooms instead of a tenth, which takes hours")
    parser.add_argument("--no-loops", action="store_true", help="measure the collection alone, for a trial")
    parser.add_argument("--scale", type=float, default=1.0, help="multiply the number of rooms, such as by 0.02 for a trial")
    parser.add_argument("--no-page", action="store_true", help="print the results without writing docs/benchmarks.md")
    return parser.parse_args()


def _print(rows: list[Row]) -> None:
    for row in rows:
        print(row.run)
        for check in row.checks:
            print(f"  {describe(check)}")
        for way in row.ways:
            print(f"  {way.name}, {way.rooms:,}: {way.requests:,} requests, {way.seconds:.1f} seconds")


if __name__ == "__main__":
    sys.exit(main())

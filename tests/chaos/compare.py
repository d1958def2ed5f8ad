# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python tests/chaos/compare.py``: the same faults for the official SDK and for the modules, as tables for docs/official-sdk.md."""

from __future__ import annotations

import argparse
import platform
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

if not __package__:
    # Run by its path: make the folder importable as the package it is, and keep its files from shadowing other modules.
    here = Path(__file__).resolve().parent
    sys.path[:] = [item for item in sys.path if Path(item or ".").resolve() != here]
    sys.path.insert(0, str(here.parent))

import yaml

import chaos
from chaos.single import FAULTS, WRITES, Ended, play_ours, play_theirs

PAGE = chaos.TESTS.parent / "docs" / "official-sdk.md"
BEGIN, END = "<!-- begin: make compare -->\n", "<!-- end: make compare -->\n"

#: In a row: one, and as many as the SDK has tries.
TIMES = (1, 3)

Pair = tuple[Ended, Ended]
Cell = tuple[str, str, int]


def main() -> int:
    parser = argparse.ArgumentParser(prog="compare", description="Compare the official SDK and this collection under the same faults.")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/official-sdk.md")
    given = parser.parse_args()
    pairs = compare()
    text = f"{origin()}\n{render(pairs)}"
    print(text)
    if given.write:
        before, _begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        _old, _end, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}{text}{END}{after}", encoding="utf-8")
    return 0


def compare() -> dict[Cell, Pair]:
    """Every write under every fault, once and thrice: how theirs ended, and how ours did."""
    cells = [(write, fault, times) for times in TIMES for write in WRITES for fault in FAULTS]
    with ThreadPoolExecutor(9) as pool:  # the SDK's pauses take real time
        theirs = list(pool.map(lambda cell: play_theirs(*cell), cells))
    return {cell: (their, play_ours(*cell)[0]) for cell, their in zip(cells, theirs)}


def origin() -> str:
    """When, and with what."""
    ours = yaml.safe_load((chaos.TESTS.parent / "galaxy.yml").read_text(encoding="utf-8"))
    day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    return (
        f"Made on {day} by `make compare`: cloudflare {version('cloudflare')} and {ours['namespace']}.{ours['name']} as it stands here, "
        f"Python {platform.python_version()}, ansible-core {version('ansible-core')}.\n"
    )


def render(pairs: dict[Cell, Pair]) -> str:
    """Both tables and what they come to; the same for the same behavior, whenever and wherever they are made."""
    parts: list[str] = []
    for times in TIMES:
        parts += [f"## {'One fault' if times == 1 else 'Three in a row'}\n", _table(pairs, times), _sums(pairs, times)]
    return "\n".join(parts)


def _table(pairs: dict[Cell, Pair], times: int) -> str:
    rows = [["What the write meets", *(f"{write}: {who}" for write in WRITES for who in ("SDK", "module"))], ["---"] * 7]
    rows += [[fault, *(_words(ended) for write in WRITES for ended in pairs[write, fault, times])] for fault in FAULTS]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _words(ended: Ended) -> str:
    return f"{ended.effects}, {ended.says}" if ended.verdict == "right" else f"**{ended.verdict}**: {ended.effects}, {ended.says}"


def _sums(pairs: dict[Cell, Pair], times: int) -> str:
    lines = []
    for number, who in enumerate(("SDK", "Modules")):
        verdicts = Counter(pair[number].verdict for cell, pair in pairs.items() if cell[2] == times)
        lines.append(
            f"- {who}: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())) + f", of {verdicts.total()}."
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

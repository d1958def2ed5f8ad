# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo's terminal as an SVG, without what differs from run to run."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

COLUMNS, CELL, LINE, MARGIN = 92, 7.4, 17, 18

HEADER = """\
<?xml version="1.0" encoding="UTF-8"?>
<!--
Copyright (c) 2026, streamops.realtimekit contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
"""
STYLE = """\
  <style>
    .ground { fill: #1d2126; }
    text { fill: #d5dae1; font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12px; white-space: pre; }
    .title { fill: #ffffff; font-weight: bold; }
    .command { fill: #8ab4f8; }
    .changed { fill: #f0c36d; }
    .ok { fill: #81c995; }
  </style>
"""
KINDS = {
    "title": r"===",
    "command": r"\$ ",
    "changed": r"changed: |.*changed=[1-9]",
    "ok": r"ok: |.*changed=0",
}


def kind_of(line: str) -> str:
    return next((kind for kind, pattern in KINDS.items() if re.match(pattern, line)), "")


def select(output: str) -> list[str]:
    """Return the first step as it was printed, then the summary. Seconds and ids are left out."""
    first, *_others, summary = output.strip().split("\n\n=== ")
    rows = [line.rpartition("  ")[0].rstrip() for line in summary.splitlines() if "changed=" in line]
    lines = [*first.splitlines(), "", "...", "", "=== What you have seen", "", *rows]
    lines = [re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…", line).replace(" " * 16 + " : ok=", " : ok=") for line in lines]
    lines = [re.sub(r"(?<=\d)    (?=\w+=)", "  ", line).rstrip() for line in lines]
    return ["$ make demo", "", *(line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "…" for line in lines)]


def draw(output: str) -> str:
    lines = re.sub(r"\n{2,}", "\n\n", "\n".join(select(output))).split("\n")
    width, height = round(COLUMNS * CELL) + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    texts = [
        f'  <text class="{kind_of(line)}" x="{MARGIN}" y="{MARGIN + LINE * row - 4}" textLength="{len(line) * CELL:.1f}"'
        f' lengthAdjust="spacingAndGlyphs" xml:space="preserve">{escape(line)}</text>\n'
        for row, line in enumerate(lines, start=1)
        if line
    ]
    return (
        f'{HEADER}<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">\n'
        '  <title id="title">The terminal of make demo</title>\n'
        f'{STYLE}  <rect class="ground" width="{width}" height="{height}" rx="10"/>\n{"".join(texts)}</svg>\n'
    )

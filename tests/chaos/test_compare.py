# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/official-sdk.md shows the results of `make compare`."""

from __future__ import annotations

from chaos.compare import BEGIN, END, PAGE, compare, render


def test_the_page_shows_what_the_comparison_gives() -> None:
    shown = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    pairs = compare()
    assert shown.partition("\n\n")[2] == render(pairs), "run: make compare"
    assert all(ours.verdict == "right" for _theirs, ours in pairs.values())

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests a task sends: every cell of the table in docs/many-rooms.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream_info, rtk_meeting_livestream
from simulator import Settings, Simulator
from tasks import run

PAGE = Path(__file__).resolve().parents[2] / "docs/many-rooms.md"


def read_table() -> list[Any]:
    rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in PAGE.read_text().splitlines() if line.startswith("|")]
    head = next(row for row in rows if row[0] == "the task")
    return [
        pytest.param(task.strip("`"), finds, int(count.split()[0]), int(cost.replace(",", "")), id=f"{task}, {finds}, {count}")
        for task, finds, *costs in rows[rows.index(head) + 2 :]
        for count, cost in zip(head[2:], costs)
    ]


@pytest.mark.parametrize(("task", "finds", "rooms", "cost"), read_table())
def test_task_costs_what_the_page_says(task: str, finds: str, rooms: int, cost: int) -> None:
    with Simulator(Settings(live_delay=0.0, limit_requests=10**6), seed=5, meetings=rooms) as sim:
        if finds == "all on air":
            for meeting in sim.meetings:
                sim.world.start(meeting)
        module: Any = rtk_livestream_info if task == "rtk_livestream_info" else rtk_meeting_livestream
        state = {} if task == "rtk_livestream_info" else {"state": task}
        report = run(sim, module, meeting_id=list(sim.meetings), **state)
        assert [outcome.error for outcome in report.outcomes] == [None] * rooms
        assert len(sim.requests) == cost
        off_air = finds == "none on air" and task != "started"
        on_air = [outcome.after is not None for outcome in report.outcomes]
        assert on_air == [not (off_air or task == "stopped")] * rooms


def test_page_has_a_table() -> None:
    assert len(read_table()) == 28

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rulebooks that end with their test, and apps for them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1])]

from running import Rulebook, find_live, wait_until  # noqa: E402 (only now can they be imported)
from simulator import Settings, Simulator  # noqa: E402


@pytest.fixture
def rulebook(tmp_path: Path) -> Iterator[Callable[..., Rulebook]]:
    """Start rulebooks that end with the test."""
    running: list[Rulebook] = []

    def start(sim: Simulator, name: str, *options: str, **variables: Any) -> Rulebook:
        running.append(Rulebook(tmp_path, sim, name, *options, variables=variables))
        return running[-1]

    yield start
    for each in running:
        each.end()


@pytest.fixture
def studio() -> Iterator[Callable[..., Simulator]]:
    """Serve apps in which every room is on air."""
    serving: list[Simulator] = []

    def serve(rooms: int = 3, **settings: Any) -> Simulator:
        sim = Simulator(Settings(**{"live_delay": 0.2, **settings}), seed=5, meetings=rooms)
        sim.serve()
        serving.append(sim)
        for meeting in sim.meetings:
            sim.world.start(meeting, by="crew")
        wait_until(lambda: len(find_live(sim)) == rooms, "the rooms are on air")
        return sim

    yield serve
    for each in serving:
        each.close()

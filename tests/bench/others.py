# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state that a scenario finds, and the same scenario in a loop of ``uri`` and in one over the official SDK."""

from __future__ import annotations

import socket
from typing import Any, Callable

from simulator import Simulator

from .playing import Account, play, simulate
from .rows import Way

URI, SDK = "loop of `ansible.builtin.uri`", "loop over the official SDK"


def fill(sim: Simulator, livestreams: int) -> None:
    """Give the app a number of independent livestreams."""
    for number in range(livestreams):
        sim.world.create(f"Livestream {number}")


def put_on_air(sim: Simulator) -> None:
    delay, sim.settings.live_delay = sim.settings.live_delay, 0.0
    for meeting_id in sim.meetings:
        sim.world.start(meeting_id)
    sim.settings.live_delay = delay


def take_off_air(sim: Simulator) -> None:
    put_on_air(sim)
    for meeting_id in sim.meetings:
        sim.world.stop(meeting_id)


def account_of(sim: Simulator, **other: str) -> Account:
    return Account(sim.api_url, sim.token, sim.account_id, sim.app_id)._replace(**other)


def closed_url() -> str:
    """An address of this machine where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/client/v4"


def loop(
    rooms: int,
    prepare: Callable[[Simulator], None] | None = None,
    other: dict[str, str] | None = None,
    *,
    live_delay: float = 3.0,
    **variables: Any,
) -> list[Way]:
    """The same in a loop of ``uri`` and in one over the SDK, each against a new simulator. Neither runs without rooms."""
    ways = []
    for way, playbook in ((URI, "uri.yml"), (SDK, "sdk.yml")) if rooms else ():
        with simulate(rooms, live_delay=live_delay) as sim:
            if prepare:
                prepare(sim)
            done = play(sim, playbook, account=account_of(sim, **(other or {})), may_fail=other is not None, **variables)
        ways.append(Way.of(way, rooms, done))
    return ways

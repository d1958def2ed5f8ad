# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Probes of simulated accounts for the tests, on a clock that passes only while a probe sleeps."""

from __future__ import annotations

from typing import Any, Callable

from simulator import Settings, Simulator

from . import story
from .account import Account, Allowed
from .livestreams import QUICK, SLOW
from .notes import Probe
from .wire import Wire

#: All that the probe may do.
EVERYTHING = Allowed(create=True, timeout=60.0, watch=40.0)
#: More meetings than a page of any list has.
MEETINGS = 150


class Clock:
    """Time that passes only while the probe sleeps; what is to come `later` comes then."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self._later: list[tuple[float, Callable[[], Any]]] = []

    def __call__(self) -> float:
        return self.now

    def later(self, seconds: float, call: Callable[[], Any]) -> None:
        self._later.append((self.now + seconds, call))

    def step(self, seconds: float) -> None:
        self.now += seconds
        due = [each for each in self._later if each[0] <= self.now]
        self._later = [each for each in self._later if each not in due]
        for _at, call in due:
            call()


def build_probe(sim: Simulator, clock: Clock, allowed: Allowed = EVERYTHING) -> Probe:
    """A probe that has yet to run."""
    account = Account(sim.api_url, sim.token, sim.account_id, sim.app_id)
    return story.begin(Wire(account, clock=clock, sleep=clock.step), allowed, lambda text: None)


def find_facts(allowed: Allowed = EVERYTHING, fault: Any = None, **settings: Any) -> dict[str, Any]:
    """The facts about an account with these settings."""
    clock, wanted = Clock(), Settings()
    wanted.update(settings)
    with Simulator(wanted, seed=1, meetings=MEETINGS, clock=clock) as sim:
        if fault:
            sim.fault(**fault)
        probe = build_probe(sim, clock, allowed)
        story.run(probe)
    assert probe.is_clean
    return probe.facts


#: A time is known as exactly as the probe has looked.
TIMES = {
    **dict.fromkeys(("live_delay", "playback_delay", "alone_ends_after"), SLOW),
    "stop_lag": QUICK,
    "visible_lag": QUICK,
    "list_lag": 2 * QUICK,
}


def is_as(name: str, fact: Any, value: Any) -> bool:
    """Whether a fact is the value, or a time close to it."""
    return fact == value or (name in TIMES and fact is not None and abs(fact - value) <= TIMES[name])

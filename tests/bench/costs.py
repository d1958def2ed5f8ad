# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Further sections of the page: concurrency, a reached rate limit, memory, and the cost of a single task."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from . import STATE
from .others import fill, put_on_air
from .playing import Play, play, simulate
from .rows import Sizes

#: No limit.
UNLIMITED = 10**9
STEPS = (("started", "start"), ("started", "start again"), ("stopped", "stop"))
#: How the rooms are brought into a state: in words, how many rooms, by which playbook, and how many at a time (0: a loop).
CONTENDERS = (
    ("one task, concurrency 1", 100, "task.yml", 1),
    ("one task, concurrency 8", 100, "task.yml", 8),
    ("one task, concurrency 32", 100, "task.yml", 32),
    ("one task, concurrency 8", 1000, "task.yml", 8),
    ("one task, concurrency 32", 1000, "task.yml", 32),
    ("loop of `rtk_meeting_livestream`", 10, "loop.yml", 0),
)


class Concurrency(NamedTuple):
    """The three steps in one way."""

    way: str
    rooms: int
    concurrency: int
    steps: dict[str, Play]


class Memory(NamedTuple):
    """A listing of a number of livestreams, and its peaks in MiB."""

    livestreams: int
    done: Play


class Single(NamedTuple):
    """Seconds of a play with one ``ping``, and of one more task of each kind."""

    play: float
    ping: float
    uri: float
    info: float


class Costs(NamedTuple):
    """All of these."""

    concurrency: list[Concurrency]
    limits: dict[str, Play]
    memory: Memory
    single: Single


def measure(sizes: Sizes) -> Costs:
    """Measure all of it, and tell what is done."""
    costs = Costs(_measure_concurrency(sizes), _measure_limits(sizes), _measure_memory(sizes), _measure_single())
    print("costs: concurrency, limits, memory, and single tasks are measured", flush=True)
    return costs


def _measure_concurrency(sizes: Sizes) -> list[Concurrency]:
    found = []
    for way, full, playbook, concurrency in CONTENDERS:
        rooms = sizes.rooms(full)
        with simulate(rooms, limit_requests=UNLIMITED, live_delay=0.0) as sim:
            steps = {step: play(sim, playbook, state=state, concurrency=concurrency) for state, step in STEPS}
        found.append(Concurrency(way, rooms, concurrency, steps))
    return found


def _measure_limits(sizes: Sizes) -> dict[str, Play]:
    """600 rooms started where 300 requests are allowed in five seconds."""
    plays = {}
    for kind in ("fixed", "sliding"):
        with simulate(sizes.rooms(600), limit_requests=300, limit_window=5.0, limit_kind=kind, live_delay=0.0) as sim:
            plays[kind] = play(sim, "task.yml", state="started")
    return plays


def _measure_memory(sizes: Sizes) -> Memory:
    livestreams = sizes.rooms(100_000)
    with simulate(0, limit_requests=UNLIMITED, latency=0.0) as sim:
        fill(sim, livestreams)
        return Memory(livestreams, play(sim, "list.yml"))


def _measure_single(rounds: int = 8, turns: int = 2) -> Single:
    """The best of some turns, the kinds one after another in each; no latency."""
    with simulate(1, limit_requests=UNLIMITED, latency=0.0) as sim:
        put_on_air(sim)
        uri: dict[str, Any] = {
            "url": "{{ app_url }}/meetings/{{ wanted[0] }}/active-livestream",
            "headers": {"Authorization": "Bearer {{ lookup('ansible.builtin.env', 'CLOUDFLARE_API_TOKEN') }}"},
        }
        tasks: dict[str, dict[str, Any]] = {
            "ping": {"ansible.builtin.ping": {}},
            "uri": {"ansible.builtin.uri": uri},
            "info": {"streamops.realtimekit.rtk_livestream_info": {"meeting_id": "{{ wanted }}"}},
        }
        start, more = float("inf"), dict.fromkeys(tasks, float("inf"))
        for _unused in range(turns):
            start = min(start, play(sim, "ping.yml").seconds)
            for kind, task in tasks.items():
                more[kind] = min(more[kind], play(sim, _write_loop(kind, task, rounds)).task_seconds / rounds)
    return Single(start, **more)


def _write_loop(kind: str, task: dict[str, Any], rounds: int) -> str:
    playbook = STATE / f"{kind}.yml"
    tasks = [{"name": kind, **task, "loop": list(range(rounds))}]
    playbook.write_text(yaml.safe_dump([{"name": kind, "hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    return str(playbook)

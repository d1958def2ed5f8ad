# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scenarios whose goals are set: what each run costs, and what the same costs in a loop of ``uri`` and over the official SDK."""

from __future__ import annotations

from typing import Any, Callable, Iterator

from .others import SDK, URI, account_of, closed_url, fill, loop, put_on_air, take_off_air
from .playing import BenchError, Play, play, simulate
from .rows import Check, Row, Sizes, Way

TASK = "one task"

#: How many times a play is measured whose time is compared with another one's, in turns.
TURNS = 5


def start_and_wait(sizes: Sizes) -> Iterator[Row]:
    rooms = sizes.rooms(1000)
    with simulate(rooms, live_delay=5.0) as sim:
        done = play(sim, "task.yml", may_fail=True, state="started", wait=True)
        (task,) = done.tasks
        sessions = [livestream.sessions[-1] for livestream in sim.world.livestreams.values() if livestream.status == "LIVE"]
    last = max((session.started_time or 0.0 for session in sessions), default=task["ended"])
    checks = [
        Check("requests", done.requests, "at most", 1150),
        Check("requests refused with 429", done.refused, "exactly", 0),
        Check("seconds waited for the rate limit", round(done.held, 1), "exactly", 0),
        Check("rooms on air", len(sessions), "exactly", rooms),
        Check("rooms reported as failed", task["errors"], "exactly", 0),
        Check("seconds from the last LIVE to the end of the task", task["ended"] - last, "at most", 5, is_count=False),
    ]
    ways = [Way.of(TASK, rooms, done), *loop(sizes.looped(1000), live_delay=5.0, state="started", wait=True)]
    yield Row(f"{rooms:,} rooms, none active, `started` with `wait`, LIVE after 5 s", checks, ways)


def on_air_again(sizes: Sizes) -> Iterator[Row]:
    rooms = sizes.rooms(500)
    with simulate(rooms) as sim:
        put_on_air(sim)
        pings, plays = [], []
        for _unused in range(TURNS):
            pings.append(play(sim, "ping.yml").seconds)
            plays.append(play(sim, "task.yml", state="started"))
    best = min(plays, key=lambda done: done.seconds)
    checks = [
        Check("requests", max(done.requests for done in plays), "at most", 10),
        Check("plays that changed a room", sum(done.tasks[0]["changed"] for done in plays), "exactly", 0),
        Check(f"ratio to the time of a play with one `ping`, best of {TURNS}", best.seconds / min(pings), "at most", 1.5, is_count=False),
    ]
    ways = [Way.of(TASK, rooms, best), *loop(sizes.looped(500), put_on_air, state="started")]
    yield Row(f"{rooms} rooms on air, `started` again", checks, ways)


def off_air_again(sizes: Sizes) -> Iterator[Row]:
    rooms = sizes.rooms(500)
    with simulate(rooms) as sim:
        take_off_air(sim)
        done = play(sim, "task.yml", state="stopped")
    checks = [
        Check("requests", done.requests, "at most", 15),
        Check("plays that changed a room", int(done.tasks[0]["changed"]), "exactly", 0),
    ]
    ways = [Way.of(TASK, rooms, done), *loop(sizes.looped(500), take_off_air, state="stopped")]
    yield Row(f"{rooms} rooms off air, `stopped` again, no other meeting in the app", checks, ways)


def info(sizes: Sizes) -> Iterator[Row]:
    rooms = sizes.rooms(500)
    with simulate(rooms) as sim:
        put_on_air(sim)
        done = play(sim, "info.yml")
    checks = [
        Check("requests", done.requests, "at most", 10),
        Check("livestreams found", done.tasks[0]["livestreams"], "exactly", rooms),
    ]
    ways = [Way.of(TASK, rooms, done), *loop(sizes.looped(500), put_on_air, state="read")]
    yield Row(f"{rooms} rooms on air, `rtk_livestream_info` by meeting", checks, ways)


def name(sizes: Sizes) -> Iterator[Row]:
    livestreams = sizes.rooms(10_000)

    def measure(size: int, playbook: str, **variables: Any) -> Play:
        with simulate(0) as sim:
            fill(sim, size)
            done = play(sim, playbook, wanted_name="The new one", **variables)
            if len(sim.world.livestreams) != size + 1:
                raise BenchError(f"{playbook} created {len(sim.world.livestreams) - size} livestreams instead of one")
            return done

    together = [measure(livestreams, "name.yml", concurrency=8) for _unused in range(2)]
    alone = measure(livestreams, "name.yml", concurrency=1)
    pages = "ratio of the time of pages one after another to that of pages side by side"
    checks = [
        Check("requests", max(done.requests for done in [*together, alone]), "at most", 105),
        Check(pages, _listing_seconds(alone) / min(map(_listing_seconds, together)), "at least", 4, is_count=False),
    ]
    best = min(together, key=lambda done: done.task_seconds)
    ours = [Way.of(TASK, livestreams, best), Way.of(f"{TASK}, concurrency 1", livestreams, alone)]
    few = sizes.looped(10_000)
    loops = [Way.of(way, few, measure(few, playbook)) for way, playbook in ((URI, "uri_name.yml"), (SDK, "sdk_name.yml")) if few]
    yield Row(f"one name created among {livestreams:,} independent livestreams", checks, [*ours, *loops])


def _listing_seconds(done: Play) -> float:
    """From the first page's request to the create, by the simulator's log."""
    (created,) = (entry["time"] for entry in done.log if entry["operation"] == "create")
    return float(created - min(entry["time"] for entry in done.log))


def wrong_token(sizes: Sizes) -> Iterator[Row]:
    rooms = sizes.rooms(500)
    with simulate(rooms) as sim:
        done = play(sim, "task.yml", account=account_of(sim, token="sim_wrong"), may_fail=True, state="started")
    checks = [
        Check("requests", done.requests, "at most", 2),
        Check("rooms reported as failed", done.tasks[0]["errors"], "exactly", rooms),
    ]
    ways = [Way.of(TASK, rooms, done), *loop(sizes.looped(500), None, {"token": "sim_wrong"}, state="started")]
    yield Row(f"wrong token, {rooms} rooms", checks, ways)


def nothing_listens(sizes: Sizes) -> Iterator[Row]:
    rooms = sizes.rooms(200)
    nowhere = {"api_url": closed_url()}
    times = []
    for size in (1, rooms):
        with simulate(size) as sim:
            times.append(play(sim, "task.yml", account=account_of(sim, **nowhere), may_fail=True, state="started"))
    one, all_of_them = times
    checks = [
        Check("rooms reported as failed", all_of_them.tasks[0]["errors"], "exactly", rooms),
        # Each pause between two tries is between half of it and the whole, by chance.
        Check(
            "ratio to the time of the same task with one room",
            all_of_them.task_seconds / one.task_seconds,
            "at most",
            2,
            is_count=False,
        ),
    ]
    ways = [Way.of(TASK, rooms, all_of_them), *loop(sizes.looped(200), None, nowhere, state="started")]
    yield Row(f"no server listens, {rooms} rooms", checks, ways)


#: The actions on one room: in words, whether the room is on air before, the state, and the requests that it may take.
SINGLE = (
    ("off air, `started`", False, "started", 2),
    ("on air, `started` again", True, "started", 1),
    ("on air, `stopped`", True, "stopped", 2),
    ("on air, `restarted`", True, "restarted", 3),
)


def one_room(sizes: Sizes) -> Iterator[Row]:
    for words, is_on_air, state, most in SINGLE:
        prepare = put_on_air if is_on_air else None
        with simulate(1) as sim:
            if prepare:
                prepare(sim)
            done = play(sim, "task.yml", state=state)
        checks = [Check("requests", done.requests, "at most", most), Check("listings", done.operations["list"], "exactly", 0)]
        yield Row(f"one room, {words}", checks, [Way.of(TASK, 1, done), *loop(sizes.looped(1), prepare, state=state)])


#: By the name that ``--only`` takes.
SCENARIOS: dict[str, Callable[[Sizes], Iterator[Row]]] = {
    "start": start_and_wait,
    "started": on_air_again,
    "stopped": off_air_again,
    "info": info,
    "name": name,
    "token": wrong_token,
    "nothing": nothing_listens,
    "one": one_room,
}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One episode: a world, its faults, its people and some tasks, all drawn from one seed and played to the end."""

from __future__ import annotations

import dataclasses
import functools
import random
from collections import Counter
from typing import Any, Callable, Mapping

from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from simulator import ChaosPlan, Settings, Simulator

from chaos.rivals import NAMES, Rivals
from chaos.task import Ending, Job, run
from chaos.virtual import VirtualTime

#: What the collection can cope with, in seconds: how late a write may come, and how late reads may show it, together stay
#: under the five that it looks for; how long a stop takes stays under the ten that it tries again for.
WRITE_LAG, VISIBLE_LAG, STOP_LAG = 2.5, 2.0, 8.0

#: Patience outlasts these: with enough retries they may cost time, never the task.
PASSING = {"drop": 3, "drop_midway": 1, "status": 3, "html": 1, "garbage": 1, "empty": 1, "truncated": 1, "missing_keys": 1, "no_data": 1}
PASSING.update(not_object=1, rate_limited=1, interim=1, interim_only=1)
#: Nor will these go away by being asked again.
LASTING = {"success_false": 0.3, "redirect": 0.3}

DIALECTS: dict[str, tuple[Any, ...]] = {
    "envelope": ("data", "result"),
    "no_active": ("not_found", "null", "empty_object", "empty_list", "idle_object", "no_data"),
    "active_shape": ("object", "list"),
    "list_shape": ("list", "livestreams", "data", "single"),
    "sessions_shape": ("reference", "list", "session_list"),
    "loose_types": (False, True),
    "empty_list_404": (False, True),
    "active_omits_secrets": (False, True),
    "start_playback_null": (False, True),
    "conflict_status": (409, 400),
    "stop_nothing_status": (404, 400, 409),
    "paging_count": ("true", "zero", "page"),
    "create_omits_name": (False, True),
    "list_omits": ([], ["ingest_server", "playback_url", "stream_key", "disabled"]),
    "session_objects": (False, True),
}

#: Seconds of ``Retry-After``. With more than the short one, faults must be rare, or a task takes hours.
#: With more than 300 the collection fails at once.
SHORT_RETRY_AFTER, LONGEST_RETRY_AFTER = 5, 295


@dataclasses.dataclass
class Episode:
    """What happened, for `checks` to judge: the tasks' endings, the requests, and the effects that truly came about."""

    seed: int
    calm: bool  #: nobody interferes, and patience outlasts every fault
    plan: ChaosPlan
    settings: dict[str, Any]
    token: str = ""
    keys: frozenset[str] = frozenset()
    meetings: tuple[str, ...] = ()
    began: float = 0.0
    endings: list[Ending] = dataclasses.field(default_factory=list)
    sure: set[int] = dataclasses.field(default_factory=set)  #: numbers of the tasks that may not fail
    again: dict[int, int] = dataclasses.field(default_factory=dict)  #: a task that repeats another one, which has to be unchanged then
    requests: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    effects: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    livestreams: dict[str, Any] = dataclasses.field(default_factory=dict)
    faults: Counter[str] = dataclasses.field(default_factory=Counter)
    moves: Counter[str] = dataclasses.field(default_factory=Counter)


def play(seed: int, make: Callable[[Client], Livestreams] = Livestreams) -> Episode:
    """Draw the episode of this seed and play it; ``make`` may plant a defect."""
    dice = random.Random(f"episode {seed}")
    calm = dice.random() < 0.35
    cap = dice.choice((100, 100, 1, 2, 3))
    dialects = _find_dialects(cap)
    settings = _draw_settings(dice, dialects, cap, calm=calm)
    episode = Episode(seed, calm, _draw_plan(dice, seed, calm=calm), settings.as_dict())
    clock = VirtualTime()
    # With more than five meetings, a wait asks for lists instead of each meeting.
    meetings = dice.choice((3, 3, 3, 3, 7))
    with Simulator(settings, seed=seed, meetings=meetings, clock=clock.clock, later=clock.later) as sim:
        episode.token, episode.meetings, episode.began = sim.token, tuple(sim.meetings), clock.clock()
        # If the count were true on one page and untrue on the next, no client could tell where the list ends.
        rivals = Rivals(sim, clock, {name: values for name, values in dialects.items() if name != "paging_count"})
        _Stage(episode, sim, clock, dice, rivals, make).play()
        sim.drain()
        episode.moves = rivals.moves
        episode.requests, episode.effects = sim.requests, sim.effects
        episode.livestreams = dict(sim.world.livestreams)
        episode.keys = frozenset(livestream.stream_key for livestream in episode.livestreams.values())
        for kind, operations in sim.stats["faults"].items():
            episode.faults[kind] += sum(operations.values())
        episode.faults["over the limit"] = sim.stats["rate_limited"] - episode.faults["rate_limited"]
    return episode


def _find_dialects(cap: int) -> dict[str, tuple[Any, ...]]:
    """The dialects that an API which returns at most ``cap`` rows a page may speak."""
    if cap == 100:
        return DIALECTS
    # If the API counts only the rows of a page, and makes pages shorter than asked for, each page looks like a complete list.
    # No client can tell the two apart: this is a documented limit.
    return {name: tuple(value for value in values if value != "page") for name, values in DIALECTS.items()}


def _draw_settings(dice: random.Random, dialects: Mapping[str, tuple[Any, ...]], cap: int, *, calm: bool) -> Settings:
    settings = Settings(live_delay=dice.uniform(0, 20), limit_window=dice.choice((dice.randint(5, 60), dice.randint(60, 300))))
    settings.update({name: dice.choice(values) for name, values in dialects.items()})
    settings.stop_lag = dice.choice((0.0, dice.uniform(0, STOP_LAG)))
    settings.visible_lag = dice.choice((0.0, dice.uniform(0, VISIBLE_LAG)))
    settings.per_page_cap = cap
    settings.omit_paging = dice.random() < 0.2
    if calm and settings.conflict_status == 400:
        settings.visible_lag = 0.0  # a 400 where no read shows why is taken at its word, and fails
    if not calm:
        settings.fail_next_starts = dice.choice((0, 0, 1, 2))
        if dice.random() < 0.4:
            settings.limit_requests = dice.choice((dice.randint(3, 10), dice.randint(10, 40)))
            settings.limit_kind = dice.choice(("fixed", "sliding"))
    return settings


def _draw_plan(dice: random.Random, seed: int, *, calm: bool) -> ChaosPlan:
    kinds = PASSING if calm else {**PASSING, **LASTING}
    retry_after = dice.choice((None, 1, SHORT_RETRY_AFTER, dice.randint(SHORT_RETRY_AFTER, LONGEST_RETRY_AFTER)))
    is_long = retry_after is not None and retry_after > SHORT_RETRY_AFTER
    if is_long:
        kinds = {**kinds, "rate_limited": 4}
    chosen = {*dice.sample(sorted(kinds), dice.randint(1, len(kinds))), *(["rate_limited"] if is_long else [])}
    return ChaosPlan(
        seed,
        probability=dice.uniform(0.05, 0.2) if is_long else dice.uniform(0.15, 0.6),
        kinds={kind: kinds[kind] for kind in sorted(chosen)},
        after=dice.uniform(0.2, 0.9),
        late=dice.choice((0.0, 0.5)),
        write_lag=WRITE_LAG,
        retry_after=retry_after,
        in_a_row=dice.choice((1, 2)) if calm else dice.choice((1, 2, 3, 5, None)),
    )


class _Stage:
    def __init__(
        self,
        episode: Episode,
        sim: Simulator,
        clock: VirtualTime,
        dice: random.Random,
        rivals: Rivals,
        make: Callable[[Client], Livestreams],
    ) -> None:
        self.episode, self.sim, self.clock, self.dice, self.rivals, self.make = episode, sim, clock, dice, rivals, make
        self.numbers = iter(range(1, 1000))

    def play(self) -> None:
        self._furnish()
        if self.episode.calm:
            self._play_calm()
        else:
            self._play_storm()
        self._play_aftermath()

    def _furnish(self) -> None:
        """Some of it is there already; then a minute passes, so that all of that can be seen."""
        for meeting_id in self.sim.meetings:
            if self.dice.random() < 0.4:
                self.sim.world.start(meeting_id, "Before")
        for name in NAMES:
            copies = self.dice.choices((0, 1, 2), (6, 3, 0 if self.episode.calm else 1))[0]
            for _copy in range(copies):
                self.sim.world.create(name)
        self._pause(60)

    def _play_calm(self) -> None:
        """One task after the other, and each at once again."""
        for _turn in range(self.dice.randint(2, 3)):
            job = self._draw_job(retries=4)
            self._run([job], sure=True)
            if job.options.get("state") != "restarted":
                again = dataclasses.replace(job, number=next(self.numbers))
                self.episode.again[again.number] = job.number
                self._run([again], sure=True)
            # Until reads show what this one has started: a task that asks before cannot know better.
            self._pause(self.sim.settings.visible_lag + self.dice.choice((0, self.dice.uniform(0, 15))))

    def _play_storm(self) -> None:
        """Several at once, on the same meetings and names, among people who do as they like."""
        self.rivals.restless = self.dice.choice((0.0, 0.05, 0.15))
        self.rivals.intrusive = self.dice.choice((0.0, 0.5, 1.0))
        for _turn in range(self.dice.randint(1, 2)):
            jobs = [self._draw_job(retries=self.dice.randint(0, 4)) for _number in range(self.dice.randint(2, 4))]
            twin = dataclasses.replace(jobs[0], number=next(self.numbers), starts_in=self.dice.uniform(0, 1))
            for _move in range(self.dice.randint(0, 4)):
                self.clock.later(self.dice.uniform(0, 20), functools.partial(self.rivals.act, random.Random(self.dice.random())))
            self._run([*jobs, twin], sure=False)
        self.rivals.restless = self.rivals.intrusive = 0.0

    def _play_aftermath(self) -> None:
        """The storm is over: whatever it left, one more run puts it right, and another one finds it so."""
        self.sim.install(None)
        self.sim.settings.fail_next_starts, self.sim.settings.limit_requests = 0, 1200
        self._pause(120)
        options = {"meeting_id": list(self.sim.meetings), "state": self.dice.choice(("started", "stopped")), "wait": True}
        job = Job(next(self.numbers), "rtk_meeting_livestream", options)
        self._run([job], sure=True)
        again = dataclasses.replace(job, number=next(self.numbers))
        self.episode.again[again.number] = job.number
        self._run([again], sure=True)

    def _run(self, jobs: list[Job], *, sure: bool) -> None:
        if self.episode.calm or not sure:
            self.sim.install(self.episode.plan)
        if sure:
            self.episode.sure.update(job.number for job in jobs)

        def begin(job: Job) -> None:
            rivals = self.rivals
            self.episode.endings.append(run(job, self.sim, self.clock, self.episode.seed, rivals.interfere, rivals.intrude, self.make))

        self.clock.run_all([(job.starts_in, lambda job=job: begin(job)) for job in jobs])

    def _pause(self, seconds: float) -> None:
        self.clock.run_all([(seconds, lambda: None)])

    # -- the tasks

    def _draw_job(self, retries: int) -> Job:
        module, draw = self.dice.choices(
            [("rtk_meeting_livestream", self._draw_meeting), ("rtk_livestream", self._draw_name), ("rtk_livestream_info", self._draw_info)],
            (6, 3, 1.5),
        )[0]
        options = draw()
        options["return_stream_key"] = self.dice.random() < 0.3
        return Job(next(self.numbers), module, options, self.dice.random() < 0.1, retries, self.dice.choice((0.0, self.dice.uniform(0, 6))))

    def _draw_meeting(self) -> dict[str, Any]:
        chosen = self.dice.sample(self.sim.meetings, self.dice.choice((1, 1, 2, 3, len(self.sim.meetings))))
        if self.dice.random() < 0.2:
            chosen.append(chosen[0].upper())
        options: dict[str, Any] = {
            "meeting_id": chosen,
            "state": self.dice.choice(("started", "started", "stopped", "stopped", "restarted")),
        }
        if self.dice.random() < 0.5:
            options["name"] = self.dice.choice(("Show", "Before"))
        if self.dice.random() < 0.2:
            options["video_config"] = {"width": 1280, "height": 720}
        if self.dice.random() < 0.3:
            options.update(wait=True, wait_timeout=900 if self.episode.calm else self.dice.randint(1, 40))
        options["concurrency"] = self.dice.choice((1, 2, 8))
        return options

    def _draw_name(self) -> dict[str, Any]:
        if self.dice.random() < 0.6:
            return {"name": self.dice.choice(NAMES)}
        return {"names": self.dice.sample(NAMES, self.dice.randint(1, len(NAMES)))}

    def _draw_info(self) -> dict[str, Any]:
        options = self.dice.choice(
            (
                {"meeting_id": self.dice.sample(self.sim.meetings, 2)},
                {"livestream_id": [livestream.id for livestream in self.sim.world.visible()[:2]]},
                {},
                {"exclude_meetings": True},
                {"name": self.dice.choice(NAMES)},
                {"status": "LIVE", "sort_order": "desc"},
            )
        )
        return {**options, "include_sessions": self.dice.random() < 0.3}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One episode: a world, its faults, its people and some tasks, all drawn from one seed and played to the end."""

from __future__ import annotations

import dataclasses
import functools
import random
from collections import Counter
from typing import Any, Callable
from unittest import mock

from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import waiting
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from simulator import ChaosPlan, Simulator, meetings, webhooks
from simulator.models import Meeting
from simulator.webhooks import Webhook

from chaos.breaks import Breaks
from chaos.drawing import LASTING_DIALECTS, Draft, draw
from chaos.jobs import Jobs
from chaos.meeting_rivals import TITLES, draw_settings
from chaos.rivals import NAMES, Rivals
from chaos.task import Ending, Job, TimedError, run
from chaos.virtual import VirtualTime
from chaos.webhook_rivals import HOOK_NAMES, SEVERAL, draw_hook

#: How the API fails every request from some moment on: it refuses the token, maybe only for writes, or answers nothing.
OUTAGES = (
    {"kind": "status", "status": 401, "envelope": "gateway"},
    {"kind": "status", "status": 403},
    {"kind": "status", "status": 403, "method": "POST"},
    {"kind": "status", "status": 403, "method": "PATCH"},
    {"kind": "status", "status": 403, "method": "DELETE"},
    *({"kind": "drop"} for _time in range(2)),
)


@dataclasses.dataclass
class Episode:
    """The result for `checks`: the endings of the tasks, the requests, and the real effects."""

    seed: int
    calm: bool  #: no other user interferes, and the retries outlast every fault
    plan: ChaosPlan
    settings: dict[str, Any]
    token: str = ""
    keys: frozenset[str] = frozenset()
    meetings: tuple[str, ...] = ()  #: those that it ends with
    apps: tuple[str, ...] = ()  #: oldest first
    began: float = 0.0
    endings: list[Ending] = dataclasses.field(default_factory=list)
    sure: set[int] = dataclasses.field(default_factory=set)  #: numbers of the tasks that may not fail
    again: dict[int, int] = dataclasses.field(default_factory=dict)  #: a task that repeats another one, and must then be unchanged
    requests: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    effects: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    livestreams: dict[str, Any] = dataclasses.field(default_factory=dict)
    history: dict[str, Meeting] = dataclasses.field(default_factory=dict)  #: the meetings with their earlier versions
    webhooks: dict[str, Webhook] = dataclasses.field(default_factory=dict)  #: also those that are gone
    faults: Counter[str] = dataclasses.field(default_factory=Counter)
    moves: Counter[str] = dataclasses.field(default_factory=Counter)
    breaks: Counter[str] = dataclasses.field(default_factory=Counter)  #: connections that broke before their request left


def play(seed: int, make: Callable[[Client], Livestreams] = Livestreams) -> Episode:
    """Draw the episode of this seed and play it; ``make`` may plant a defect."""
    draft = draw(seed)
    episode = Episode(seed, draft.calm, draft.plan, draft.settings.as_dict())
    clock = VirtualTime()
    with Simulator(draft.settings, seed=seed, meetings=draft.size.meetings, clock=clock.clock, later=clock.later) as sim:
        episode.token, episode.began = sim.token, clock.clock()
        rivals = Rivals(sim, clock, {name: values for name, values in draft.dialects.items() if name not in LASTING_DIALECTS})
        TimedError.clock = clock.clock
        with mock.patch.multiple(waiting, LAST_READS=draft.last_reads, WaitTimeoutError=TimedError):
            _Stage(episode, sim, clock, draft, rivals, make).play()
        sim.drain()
        episode.moves, episode.breaks = rivals.moves, draft.breaks.counts
        episode.requests, episode.effects = sim.requests, sim.effects
        episode.livestreams, episode.history = dict(sim.world.livestreams), dict(sim.world.meetings)
        episode.webhooks = {webhook.id: webhook for webhook in (*sim.world.webhooks.values(), *sim.world.gone_webhooks)}
        episode.meetings, episode.apps = tuple(sim.meetings), tuple(sorted(sim.core.apps, key=lambda each: sim.core.apps[each].created_at))
        episode.keys = frozenset(livestream.stream_key for livestream in episode.livestreams.values())
        for kind, operations in sim.stats["faults"].items():
            episode.faults[kind] += sum(operations.values())
        episode.faults["over the limit"] = sim.stats["rate_limited"] - episode.faults["rate_limited"]
    return episode


class _Stage:
    def __init__(
        self,
        episode: Episode,
        sim: Simulator,
        clock: VirtualTime,
        draft: Draft,
        rivals: Rivals,
        make: Callable[[Client], Livestreams],
    ) -> None:
        self.episode, self.sim, self.clock, self.dice, self.rivals, self.make = episode, sim, clock, draft.dice, rivals, make
        self.breaks: Breaks | None = draft.breaks
        self.rooms = list(sim.meetings)
        self.jobs = Jobs(self.dice, sim, calm=episode.calm)

    def play(self) -> None:
        self._furnish()
        if self.episode.calm:
            self._play_calm()
        else:
            self._play_storm()
        self._play_aftermath()

    def _furnish(self) -> None:
        """Some of it is there already; then a minute passes, so that all of that can be seen."""
        share = self.dice.choice((0.4, 0.9))
        for meeting_id in self.rooms:
            if self.dice.random() < share:
                self.sim.world.start(meeting_id, "Before")
        fillers = [f"Filler {number}" for number in range(self.dice.choice((0, len(self.rooms) // 2)))]
        for name in fillers:
            self._pause(0.1)
            self.sim.world.create(name)
        for name in NAMES:
            copies = self.dice.choices((0, 1, 2), (6, 3, 0 if self.episode.calm else 1))[0]
            for _copy in range(copies):
                self._pause(0.1)  # or nothing would tell in which order a list is
                self.sim.world.create(name)
        self._furnish_meetings()
        self._furnish_webhooks()
        for number in range(self.dice.choice((0, 0, 1, 3))):
            self._pause(0.1)
            self.sim.core.add_app(f"App {number}")
        self._pause(60)

    def _furnish_meetings(self) -> None:
        """Meetings that are no rooms."""
        for title in TITLES:
            for _copy in range(self.dice.choices((0, 1, 2), (4, 4, 0 if self.episode.calm else 2))[0]):
                self._pause(0.1)
                meeting = meetings.create(self.sim.world, {"title": title, **draw_settings(self.dice)})
                if self.dice.random() < 0.3:
                    meetings.update(self.sim.world, meeting.id, {"status": "INACTIVE"})

    def _furnish_webhooks(self) -> None:
        may_be_twins = not (self.episode.calm or self.sim.settings.webhook_names_unique)
        for name in HOOK_NAMES:
            twins = (6 if name == SEVERAL else 2) if may_be_twins else 0
            for _copy in range(self.dice.choices((0, 1, 2), (2, 4, twins))[0]):
                self._pause(0.1)
                webhooks.create(self.sim.world, {"name": name, **draw_hook(self.dice)})

    def _play_calm(self) -> None:
        """One task after the other, and each at once again."""
        for _turn in range(self.dice.randint(2, 3)):
            job = self.jobs.draw(retries=4)
            self._run([job], sure=True)
            if job.options.get("state") != "restarted":
                again = dataclasses.replace(job, number=next(self.jobs.numbers))
                self.episode.again[again.number] = job.number
                self._run([again], sure=True)
            # Until reads show what this one has started: a task that asks before cannot know better.
            lag = self.sim.settings.visible_lag + self.sim.settings.list_lag
            self._pause(lag + self.dice.choice((0, self.dice.uniform(0, 15))))

    def _play_storm(self) -> None:
        """Several at once, on the same meetings and names, among people who do as they like."""
        self.rivals.restless = self.dice.choice((0.0, 0.05, 0.15))
        self.rivals.watchful = self.dice.choice((0.0, 0.5))
        self.rivals.intrusive = self.dice.choice((0.0, 0.5, 1.0))
        for _turn in range(self.dice.randint(1, 2)):
            self.sim.settings.fail_next_starts = self.dice.choice((0, 0, 1, len(self.rooms) // 2))
            jobs = [self.jobs.draw(retries=self.dice.randint(0, 4)) for _number in range(self.dice.randint(2, 5))]
            # They are short, so that some more cost little.
            jobs += [self.jobs.draw(self.dice.randint(0, 4), "rtk_webhook") for _number in range(self.dice.randint(0, 2))]
            twin = dataclasses.replace(jobs[0], number=next(self.jobs.numbers), starts_in=self.dice.uniform(0, 1))
            for _move in range(self.dice.randint(0, 4)):
                self.clock.later(self.dice.uniform(0, 20), functools.partial(self.rivals.act, random.Random(self.dice.random())))
            if self.dice.random() < 0.15:
                outage = functools.partial(self.sim.fault, times=None, **self.dice.choice(OUTAGES))
                self.clock.later(self.dice.choice((0.0, self.dice.uniform(0, 10))), outage)
            self._run([*jobs, twin], sure=False)
            self.sim.core.faults.clear()
        self.rivals.restless = self.rivals.watchful = self.rivals.intrusive = 0.0

    def _play_aftermath(self) -> None:
        """After the storm, another run corrects the state, and one more changes nothing."""
        self.breaks = None
        self.sim.install(None)
        self.sim.settings.update({"fail_next_starts": 0, "limit_requests": 1200, "list_turns_idle": 0})
        self._pause(5)  # until reads show everything
        self.rivals.tidy()
        self._pause(120)
        self._run_twice("rtk_meeting_livestream", meeting_id=self.rooms, state=self.dice.choice(("started", "stopped")), wait=True)
        self._run_twice("rtk_meeting", titles=list(TITLES), state="present", persist_chat=True)
        seconds = self.dice.choice((60, 90))
        self._run_twice("rtk_meeting", meeting_id=self.rooms[0], title="Opening", state="present", session_keep_alive_time_in_secs=seconds)
        self._run_twice("rtk_webhook", name=HOOK_NAMES[0], state="present", **draw_hook(self.dice))
        self._run_twice("rtk_webhook", name=SEVERAL, state="absent")

    def _run_twice(self, module: str, **options: Any) -> None:
        job = Job(next(self.jobs.numbers), module, options)
        self._run([job], sure=True)
        again = dataclasses.replace(job, number=next(self.jobs.numbers))
        self.episode.again[again.number] = job.number
        self._run([again], sure=True)

    def _run(self, jobs: list[Job], *, sure: bool) -> None:
        if self.episode.calm or not sure:
            self.sim.install(self.episode.plan)
        if sure:
            self.episode.sure.update(job.number for job in jobs)

        def begin(job: Job) -> None:
            others = self.rivals.interfere, self.rivals.intrude
            self.episode.endings.append(run(job, self.sim, self.clock, self.episode.seed, *others, self.make, self.breaks))

        self.clock.run_all([(job.starts_in, lambda job=job: begin(job)) for job in jobs])

    def _pause(self, seconds: float) -> None:
        self.clock.run_all([(seconds, lambda: None)])

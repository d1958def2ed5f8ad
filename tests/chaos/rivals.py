# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The other users of an app: they start, stop, replace, and create, and the API changes its dialect under everyone."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, Mapping, Sequence

from simulator import ApiError, Simulator

from chaos.meeting_rivals import RIVAL, MeetingMoves
from chaos.targets import find_asked, find_titles
from chaos.task import Job
from chaos.virtual import VirtualTime
from chaos.webhook_rivals import WebhookMoves

#: Names to create. Two of them differ only by an exact comparison, and one has a comma.
NAMES = ("Main stage", "main stage", "Radio, mono", "Übertragung 3")

#: The ends of the requests that read a page of a list.
LISTS = ("/livestreams", "/meetings", "/webhooks")

#: Seconds after the last moment of a stop at which a rival starts the next livestream.
AT_ONCE = 0.001


class Rivals:
    """Other users. ``moves`` counts what they did, and what the API refused them."""

    def __init__(self, sim: Simulator, clock: VirtualTime, dialects: Mapping[str, Sequence[Any]]) -> None:
        self.moves = Counter[str]()
        self.restless = 0.0  #: how probable it is that they act before a request arrives
        self.watchful = 0.0  #: and before a page of a list is read
        self.intrusive = 0.0  #: and during a long sleep of a task
        self._sim, self._clock, self._dialects = sim, clock, dialects
        self._rooms = tuple(sim.meetings)
        self._meetings = MeetingMoves(sim, self.moves)
        self._webhooks = WebhookMoves(sim, self.moves)

    def interfere(self, job: Job, dice: random.Random, where: str) -> None:
        """Act before a request arrives. Tasks on webhooks are short, so that others would seldom come between their requests by chance."""
        is_list, is_webhook = where.startswith("GET") and where.endswith(LISTS), "/webhooks" in where
        if dice.random() >= (max(self.restless, self.watchful) if is_list or is_webhook else self.restless):
            return
        if is_webhook and dice.random() < 0.7:
            self._webhooks.act(dice, job.options.get("name"), is_doomed=job.options.get("state") == "absent")
        else:
            self.act(dice)

    def intrude(self, job: Job, dice: random.Random) -> None:
        """Act on what the sleeping task is about, which it may have read before it fell asleep."""
        if dice.random() >= self.intrusive:
            return
        titles = find_titles(job)
        if job.module == "rtk_meeting" or (titles and dice.random() < 0.3):
            self._meetings.act(dice, dice.choice(titles) if titles else None, find_asked(job)[0])
            return
        if job.module == "rtk_webhook":
            self._webhooks.act(dice, find_asked(job)[0], is_doomed=job.options["state"] == "absent")
            return
        asked = [target for target in find_asked(job) if target in self._rooms]
        meeting_id = dice.choice(asked or self._rooms)
        name = dice.choice(job.options.get("names") or [job.options.get("name") or NAMES[0]])
        weights = (1, 0, 0, 0) if job.module == "rtk_livestream" else (0, 3, 1, 1)
        self._move(dice.choices(("create", "replace", "stop", "start"), weights)[0], meeting_id, name)

    def tidy(self) -> None:
        """Leave the meetings and webhooks so that every task can succeed."""
        self._meetings.tidy()
        self._webhooks.tidy()

    def act(self, dice: random.Random) -> None:
        move = dice.choice(("start", "stop", "replace", "create", "dialect", "meeting", "meeting", "webhook"))
        if move in ("meeting", "webhook"):
            (self._meetings if move == "meeting" else self._webhooks).act(dice)
            return
        meeting_id, name = dice.choice(self._rooms), dice.choice((None, "Show", "Other"))
        if move == "dialect":
            changed = dice.choice(sorted(self._dialects))
            self._sim.settings.update({changed: dice.choice(self._dialects[changed])})
            self.moves[move] += 1
        else:
            self._move(move, meeting_id, dice.choice(NAMES) if move == "create" else name)

    def _move(self, move: str, meeting_id: str, name: str | None) -> None:
        """Do something, if the API lets them."""
        world = self._sim.world
        try:
            if move == "create":
                world.create(name, by=RIVAL)
            elif move == "start":
                world.start(meeting_id, name, by=RIVAL)
            else:
                world.stop(meeting_id, by=RIVAL)
        except ApiError:
            move += " refused"
        self.moves[move] += 1
        if move == "replace":
            # The API refuses the next start for as long as the stop takes.
            self._clock.later(self._sim.settings.stop_lag + AT_ONCE, lambda: self._move("start", meeting_id, "Another"))

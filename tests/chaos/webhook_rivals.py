# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The actions of other users on webhooks: create, rename, change, and delete one while a task runs."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from simulator import ApiError, Simulator, webhooks
from simulator.webhooks import Webhook

from chaos.meeting_rivals import RIVAL

#: Names to create. Two of them differ only by an exact comparison, and one has a comma.
HOOK_NAMES = ("Event bus", "event bus", "Audit, part 1", "Übergabe 3")

#: The name that several webhooks may have in the end, because a task then deletes all of them.
SEVERAL = HOOK_NAMES[1]

#: A name that no task asks for. A webhook that gets it is kept from a task that deletes by name.
KEPT_NAME = "Keep this one"

#: The settings that tasks ask for and other users change.
URLS = ("https://hooks.test/in", "https://hooks.test/out")
EVENTS = ("recording.statusUpdate", "livestreaming.statusUpdate", "meeting.ended")

MOVES = ("hook", "rename", "rewire", "unhook")


class WebhookMoves:
    """Other users of the webhooks, as far as the API lets them."""

    def __init__(self, sim: Simulator, moves: Counter[str]) -> None:
        self._sim, self._moves = sim, moves

    def act(self, dice: random.Random, name: str | None = None, *, is_doomed: bool = False) -> None:
        """Do one thing to a webhook: to one of this name, or to any. One that a task is to delete is often renamed, to keep it."""
        move, found = dice.choices(MOVES, (2, 8, 1, 1) if is_doomed else (3, 4, 3, 2))[0], self._find(name)
        if not found:
            move = "hook"
        try:
            self._move(move, dice, name or dice.choice(HOOK_NAMES), found)
        except ApiError:
            move += " refused"
        self._moves[move] += 1

    def tidy(self) -> None:
        """Make every name but one mean one webhook again."""
        for name in {webhook.name for webhook in self._find()} - {SEVERAL}:
            for twin in self._find(name)[1:]:
                webhooks.delete(self._sim.world, twin.id, by=RIVAL)

    def _move(self, move: str, dice: random.Random, name: str, found: list[Webhook]) -> None:
        world = self._sim.world
        if move == "hook":
            webhooks.create(world, {"name": name, **draw_hook(dice)}, by=RIVAL)
        elif move == "unhook":
            webhooks.delete(world, dice.choice(found).id, by=RIVAL)
        elif move == "rename":
            webhooks.update(world, dice.choice(found).id, {"name": dice.choice((*HOOK_NAMES, KEPT_NAME, KEPT_NAME))}, by=RIVAL)
        else:
            settings = draw_hook(dice)
            changed = dice.choice(sorted(settings))
            webhooks.update(world, dice.choice(found).id, {changed: settings[changed]}, by=RIVAL)

    def _find(self, name: str | None = None) -> list[Webhook]:
        return [webhook for webhook in self._sim.world.webhooks.values() if name in (None, webhook.name)]


def draw_hook(dice: random.Random) -> dict[str, Any]:
    """All settings of a webhook. Its events are in any order."""
    events = dice.sample(EVENTS, dice.randint(1, len(EVENTS)))
    return {"url": dice.choice(URLS), "events": events, "enabled": dice.random() < 0.6}

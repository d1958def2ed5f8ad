# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Webhooks under random faults, delays, and other users. Each task must agree with what really happened."""

from __future__ import annotations

import random
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.webhooks import Webhooks
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import FRESH
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.webhooks import ensure_absent, ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DefectError
from ansible_collections.streamops.realtimekit.tests.unit.fake_webhooks import EVENTS, NOT_THERE, URL, hook
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Answer, Clock, FakeAPI, build_client, dropped, ok, refusal, refused

WANTED: dict[str, Any] = {"url": URL, "events": EVENTS, "enabled": True}


class RandomWebhooks(FakeAPI):
    """An app of webhooks, drawn by ``dice``. Notes the writes that took effect, and those that hit another user's webhook."""

    def __init__(self, dice: random.Random, clock: Clock) -> None:
        super().__init__()
        self._dice, self._clock = dice, clock
        self._is_unique = dice.random() < 0.7
        self._faults = dice.choice((0, 0, 1, 3, 6))
        self.moves = dice.choice((0, 0, 1, 2, 4))  #: how often another user may still act
        self._renamed_at: dict[str, float] = {}
        self._made = 0
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.has_rivals = False
        self.lost = 0  #: writes without a clear answer
        self.effects: list[str] = []  #: the methods of the writes that took effect
        self.hits: list[str] = []  #: those on a webhook that another user had renamed so long before that the task must know
        for _unused in range(dice.choice((0, 1, 1, 2))):
            self._make(enabled=dice.random() < 0.5)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        while self.moves and self._dice.random() < 0.15:
            self.moves -= 1
            self._act_as_another_user()
        said = self._answer(method, path, body)
        self._clock.now += self._dice.choice((0, 0.05, 0.05, 0.2, 0.6))  # reads that take longer than FRESH count from their answers
        return said

    def _answer(self, method: str, path: str, body: Any) -> Answer:
        if method == "GET":
            if self._faults and self._dice.random() < 0.1:
                self._faults -= 1
                return self._dice.choice((refusal(500), dropped(), refusal(429, Retry_After="7")))
            if path == "/webhooks":
                return ok([*self.webhooks.values()])
            return next((ok(each) for each in self.webhooks.values() if path.endswith(each["id"])), NOT_THERE)
        if not self._faults or self._dice.random() < 0.5:
            return self._write(method, path, body)
        self._faults -= 1
        fault = self._dice.choice(("lost", "lost answer", "429", "no connection", "422"))
        if fault == "lost answer":
            self._write(method, path, body)
        self.lost += fault in ("lost", "lost answer")
        held = refusal(429, Retry_After=str(self._dice.choice((1, 3, 60))))
        return {"429": held, "no connection": refused(), "422": refusal(422)}.get(fault) or self._dice.choice((dropped(), refusal(502)))

    def _write(self, method: str, path: str, body: Any) -> Answer:
        if method == "POST":
            if self._is_unique and self.find("Bus"):
                return refusal(409)
            self.effects.append(method)
            return ok(self._make(**body), 201)
        known = next((each for each in self.webhooks.values() if path.endswith(each["id"])), None)
        if known is None:
            return NOT_THERE
        self.effects.append(method)
        if self._clock.now - self._renamed_at.get(known["id"], self._clock.now) > FRESH:
            self.hits.append(method)
        if method == "DELETE":
            return ok(self.webhooks.pop(known["id"]))
        known.update(body)
        return ok(known)

    def _act_as_another_user(self) -> None:
        self.has_rivals = True
        found, move = self.find("Bus"), self._dice.choice(("make", "delete", "rename", "change"))
        if move == "make" and not (found and self._is_unique):
            self._make(enabled=self._dice.random() < 0.5)
        elif found:
            one = self._dice.choice(found)
            if move == "delete":
                del self.webhooks[one["id"]]
            elif move == "rename":
                one["name"] = "Mine"
                self._renamed_at[one["id"]] = self._clock.now
            else:
                one["enabled"] = not one["enabled"]

    def _make(self, **fields: Any) -> dict[str, Any]:
        self._made += 1
        made = hook(self._made, **{"name": "Other" if self._is_unique and self.find("Bus") else "Bus", **fields})
        self.webhooks[made["id"]] = made
        return made

    def find(self, name: str) -> list[dict[str, Any]]:
        return [each for each in self.webhooks.values() if each["name"] == name]


def run(api: FakeAPI, clock: Clock, *, is_wanted: bool, retries: int = 4) -> Outcome:
    webhooks = Webhooks(build_client(api, clock, retries=retries))
    return ensure_present(webhooks, "Bus", WANTED) if is_wanted else ensure_absent(webhooks, "Bus")


@pytest.mark.parametrize("seed", range(300))
def test_task_agrees_with_what_happened(clock: Clock, seed: int) -> None:
    dice = random.Random(seed)
    api, is_wanted = RandomWebhooks(dice, clock), dice.random() < 0.5
    outcome = run(api, clock, is_wanted=is_wanted, retries=dice.choice((0, 1, 4)))
    assert not isinstance(outcome.error, DefectError)
    assert api.hits == []
    assert api.lost or bool(api.effects) == outcome.changed
    if api.has_rivals:
        return  # they may have undone a write before the task saw it
    assert outcome.changed or not api.effects
    assert api.effects.count("POST") <= 1
    if not outcome.error:
        assert api.find("Bus") == ([{**(outcome.after or {}), **WANTED}] if is_wanted else [])
        api.moves = 0
        assert not run(api, clock, is_wanted=is_wanted).changed

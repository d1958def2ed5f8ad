# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks on webhooks."""

from __future__ import annotations

import random
from typing import Any

from simulator import Simulator

from chaos.webhook_rivals import HOOK_NAMES, KEPT_NAME, draw_hook


class WebhookJobs:
    """Options for tasks on webhooks. In a calm world each has an answer that is no failure."""

    def __init__(self, dice: random.Random, sim: Simulator, *, calm: bool) -> None:
        self._dice, self._sim, self._calm = dice, sim, calm

    def draw_webhook(self) -> dict[str, Any]:
        """For rtk_webhook: a whole webhook, some of its settings, or none of this name."""
        name = self._dice.choice(HOOK_NAMES)
        if self._dice.random() < 0.35:
            return {"name": name, "state": "absent"}
        settings = draw_hook(self._dice)
        # Only an existing webhook can do without these.
        exists = any(webhook.name == name for webhook in self._sim.world.webhooks.values())
        if exists or not self._calm:
            settings = {option: value for option, value in settings.items() if self._dice.random() < (0.6 if exists else 0.9)}
        return {"name": name, "state": "present", **settings}

    def draw_webhook_info(self) -> dict[str, Any]:
        """By name, by id, or all."""
        known, way = list(self._sim.world.webhooks), self._dice.random()
        if way < 0.2 and known:
            return {"webhook_id": self._dice.choice(known)}
        return {} if way < 0.5 else {"name": self._dice.choice((*HOOK_NAMES, KEPT_NAME))}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account's apps. Each app has its own world. The app that the simulator was started with is the first."""

from __future__ import annotations

import dataclasses
from typing import Any

from . import dialects, queries
from .calls import Call
from .dialects import Answer
from .models import iso
from .world import World


@dataclasses.dataclass
class App:
    id: str
    name: str
    created_at: float
    world: World = dataclasses.field(repr=False)

    def as_api(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "created_at": iso(self.created_at)}


def list_apps(call: Call) -> Answer:
    """Newest first unless ``sort_order=ASC``. Unlike livestreams, apps say DESC for the other way."""
    order = queries.one_of(call.query, "sort_order", ("ASC", "DESC"))
    settings = call.world.settings
    found = [app for app in call.apps.values() if queries.is_found(settings, call.query, app.id, app.name)]
    found.sort(key=lambda app: app.created_at, reverse=order != "ASC")
    rows, paging = queries.page(settings, call.query, found)
    return dialects.success(settings, [app.as_api() for app in rows], paging=dialects.shown_paging(settings, rows, paging, "apps"))

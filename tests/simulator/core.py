# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One simulated app with everything around it: the state that the HTTP side and tests share."""

from __future__ import annotations

import threading
import time
from typing import Any, Callable, Mapping, Sequence

from .apps import App
from .chaos import ChaosPlan
from .faults import Fault, FaultRules
from .gateway import Access
from .journal import Journal
from .limits import RateLimit
from .models import Identities
from .seeding import seed_livestreams
from .settings import Settings
from .world import World


class Core:
    """World, settings, faults, limit and journal of one simulator."""

    def __init__(
        self,
        settings: Settings | None = None,
        seed: int | None = None,
        meetings: int | Sequence[str] = 3,
        token: str | None = None,
        account_id: str | None = None,
        app_id: str | None = None,
        clock: Callable[[], float] = time.time,
        later: Callable[[float, Callable[[], None]], Any] | None = None,
        livestreams: int = 0,
    ) -> None:
        self.later = later
        self.settings = settings if settings is not None else Settings()
        self._initial = self.settings.clone()
        identities = Identities(seed)
        self.access = Access(account_id or identities.hex(32), app_id or identities.uuid(), token or identities.token())
        self.meetings = (
            [identities.uuid() for _unused in range(meetings)] if isinstance(meetings, int) else [item.lower() for item in meetings]
        )
        self.livestreams = livestreams
        self.world = World(self.settings, seed=None if seed is None else seed + 1, clock=clock)
        self.apps: dict[str, App] = {}
        self._born_at = clock()
        self.faults = FaultRules()
        self.limit = RateLimit(self.settings, clock)
        self.journal = Journal(self.access.token)
        self.chaos: ChaosPlan | None = None
        self.generation = 0
        self.late_writes = 0
        self._lock = threading.Lock()
        self._populate()

    def add_app(self, name: str, app_id: str | None = None, created_at: float | None = None) -> App:
        """One more app of the account, with nothing in it."""
        world, clock = self.world, self.world.clock
        app = App(app_id or world.identities.uuid(), name, clock() if created_at is None else created_at, World(self.settings, clock=clock))
        self.apps[app.id] = app
        return app

    def _populate(self) -> None:
        self.apps.clear()
        self.apps[self.access.app_id] = App(self.access.app_id, "Simulated app", self._born_at, self.world)
        for number, meeting_id in enumerate(self.meetings, 1):
            self.world.add_meeting(meeting_id, title=f"Meeting {number}")
        seed_livestreams(self.world, {"name": "Livestream"}, self.livestreams)

    def reset(self) -> None:
        """As on the first day, with the same token, ids of account, app and first meetings, settings, and number of livestreams."""
        with self._lock, self.world.lock:
            # Writes that are still to come late belong to the world that is gone.
            self.generation += 1
            self.settings.update(self._initial.as_dict())
            self.world.clear()
            self._populate()
            self.faults.reset()
            self.chaos = None
            self.limit.reset()
            self.journal.reset()

    def clear(self) -> None:
        """No more faults and an empty request log; meetings and livestreams stay."""
        self.faults.clear()
        self.chaos = None
        self.journal.clear()

    def pick_fault(self, operation: str, method: str, ids: Mapping[str, str], query: Mapping[str, str]) -> Fault | None:
        """A rule's fault or, where no rule hits, one by chance."""
        fault = self.faults.pick(operation, method, ids.get("meeting_id"))
        chaos = self.chaos
        if fault is None and chaos is not None:
            page = f"{query.get('search', '')}:{query.get('page_no', '')}"
            known = [ids[name] for name in ("meeting_id", "livestream_id", "webhook_id") if name in ids]
            fault = chaos.draw(operation, known[0] if known else page)
        if fault is not None:
            self.faults.note(fault.kind, operation)
        return fault

    def is_quiet(self) -> bool:
        """No request in flight and no late write to come."""
        return self.late_writes == 0 and all(entry["elapsed"] is not None for entry in self.journal.entries)

    def stats(self) -> dict[str, Any]:
        """``{connections, requests, rate_limited, logged: {operation: n}, faults: {kind: {operation: n}}, late_writes}``."""
        return {**self.journal.stats(), "faults": self.faults.counts, "late_writes": self.late_writes}

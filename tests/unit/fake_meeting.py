# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A meeting with a memory, whose writes can end otherwise than they went."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    NONE_ACTIVE,
    OURS,
    STOPPED,
    STREAM_KEY,
    Answer,
    FakeAPI,
    Reply,
    livestream,
    ok,
    refusal,
)

ALREADY_ACTIVE = refusal(409, "A livestream is already active in this meeting")


class Ending(NamedTuple):
    """How a write ends: with ``answer``, or None for its own, and seen from the ``shows_at``-th read on, or 0 for no effect."""

    answer: Answer | None = None
    shows_at: int = 1


class FakeMeeting(FakeAPI):
    """One meeting's livestream; ``endings`` are those of its first writes, the later ones take effect and say so."""

    def __init__(self, active: dict[str, Any] | None = None, *endings: Ending) -> None:
        super().__init__()
        self.active = self.shown = active
        self._endings = iter(endings)
        self._hidden_for = 0
        self._started = 0

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if method == "GET":
            self._hidden_for -= 1
            if self._hidden_for <= 0:
                self.shown = self.active
            return ok(self.shown) if path.endswith("/active-livestream") else ok({})
        ending = next(self._endings, Ending())
        said: Answer = Reply(500)
        if ending.shows_at:
            said = self._stop() if path.endswith("/stop") else self._start(body)
            self._hidden_for = ending.shows_at
        return ending.answer or said

    def _start(self, body: dict[str, Any]) -> Reply:
        if self.active:
            return ALREADY_ACTIVE
        self._started += 1
        new_id = OURS if self._started == 1 else f"{OURS[:-1]}{self._started}"
        self.active = livestream(new_id, "INVOKED", name=body.get("name"), stream_key=STREAM_KEY)
        return ok({key: self.active[key] for key in ("id", "status", "stream_key")}, 201)

    def _stop(self) -> Reply:
        if not self.active:
            return NONE_ACTIVE
        self.active = None
        return STOPPED

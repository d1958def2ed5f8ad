# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Meetings with a memory, whose writes can end otherwise than they went, and an app of many such meetings with its lists."""

from __future__ import annotations

from typing import Any, Collection, Iterable, NamedTuple

from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import FakeLists, meeting, stream
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
    """One meeting's livestream; ``endings`` are those of its first writes, the later ones take effect and say so.

    ``first_id`` is that of the first livestream that is started here.
    """

    def __init__(self, active: dict[str, Any] | None = None, *endings: Ending, first_id: str = OURS) -> None:
        super().__init__()
        self.active = self.shown = active
        self._first_id = first_id
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
        new_id = self._first_id if self._started == 1 else f"{self._first_id[:-1]}{self._started}"
        self.active = livestream(new_id, "INVOKED", name=body.get("name"), stream_key=STREAM_KEY)
        return ok({key: self.active[key] for key in ("id", "status", "stream_key")}, 201)

    def _stop(self) -> Reply:
        if not self.active:
            return NONE_ACTIVE
        self.active = None
        return STOPPED


class FakeApp(FakeLists):
    """Several meetings with a memory each, and the lists of them; a meeting that is not there answers 404.

    ``unlisted``: meetings whose livestreams the lists do not show yet.
    """

    def __init__(self, meetings: dict[str, FakeMeeting], *, unlisted: Collection[str] = ()) -> None:
        super().__init__()
        self.meetings = meetings
        self.unlisted = unlisted

    def active(self) -> Iterable[tuple[str, Any]]:
        return [(meeting_id, found.active) for meeting_id, found in self.meetings.items() if meeting_id not in self.unlisted]

    def existing(self) -> Iterable[str]:
        return self.meetings

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        shown = self.answer_list(path, query) if method == "GET" else None
        if shown is not None:
            return shown
        found = self.meetings.get(path.split("/")[2])
        return found.answer(method, path, query, body) if found else refusal(404, "No such meeting")


def rooms(count: int, status: str | None = None) -> dict[str, FakeMeeting]:
    """A number of meetings, each with its own livestream in this status, or with none."""
    return {meeting(number): FakeMeeting(stream(number, status) if status else None, first_id=new_id(number)) for number in range(count)}


def new_id(number: int) -> str:
    """The id of the first livestream that is started in one of `rooms`."""
    return f"2222{number:04d}-aaaa-4bbb-8ccc-000000000001"

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Independent livestreams with a memory, whose creates can end otherwise than they went, and show late; and pages of their list."""

from __future__ import annotations

from typing import Any

from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fakes import OURS, Answer, Clock, FakeAPI, Reply, livestream, ok


class FakeCatalog(FakeAPI):
    """All livestreams, on one page; ``endings`` are those of the first creates, the later ones take effect and say so.

    ``theirs`` has what another user creates: the number of the listing from which on it shows, and the livestream.
    """

    def __init__(self, shown: list[dict[str, Any]], *endings: Ending, theirs: tuple[tuple[int, dict[str, Any]], ...] = ()) -> None:
        super().__init__()
        self._shows_from = [(0, each) for each in shown] + list(theirs)
        self._endings = iter(endings)
        self._listings = 0
        self.created = 0

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if method == "GET":
            self._listings += 1
            rows = [each for since, each in self._shows_from if since <= self._listings]
            return ok(rows, paging={"total_count": len(rows), "start_offset": 1, "end_offset": len(rows)})
        ending = next(self._endings, Ending())
        said: Answer = Reply(500)
        if ending.shows_at:
            self.created += 1
            new = livestream(created_id(self.created), "IDLE", name=body["name"], created_at="2026-11-20T09:00:00.000Z")
            self._shows_from.append((self._listings + ending.shows_at, new))
            said = ok(new, 201)
        return ending.answer or said


def created_id(number: int) -> str:
    return f"44444444-aaaa-4bbb-8ccc-{number:012d}"


def rows(*names: str, first: int = 1) -> list[dict[str, Any]]:
    """A livestream of each name, oldest first."""
    created_at = "2026-11-20T09:00:{:02d}.000Z"
    return [livestream(f"id-{number}", "IDLE", name=name, created_at=created_at.format(number)) for number, name in enumerate(names, first)]


def page(found: list[dict[str, Any]], end_offset: int | None = None, total: int | None = None, headers: Any = None) -> Reply:
    paging = {"end_offset": len(found) if end_offset is None else end_offset, "total_count": len(found) if total is None else total}
    return Reply(200, {"success": True, "data": found, "paging": paging}, headers)


def created(name: str, livestream_id: str = OURS) -> Reply:
    return ok(livestream(livestream_id, "IDLE", name=name), 201)


#: The window has no requests left, and ends in 280 seconds.
USED_UP = {"Ratelimit": '"default";r=0;t=280'}


class SlowAPI(FakeAPI):
    """Delay the answer to each request whose path has this ending."""

    def __init__(self, clock: Clock, seconds: dict[str, float], *script: Answer) -> None:
        super().__init__(*script)
        self._clock, self._seconds = clock, seconds

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        self._clock.now += next((seconds for ending, seconds in self._seconds.items() if path.endswith(ending)), 0.0)
        return super().answer(method, path, query, body)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many meetings whose livestreams change as time passes, for those who wait; and the outcomes with which a wait begins."""

from __future__ import annotations

from typing import Any

from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.waiting import Wait
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Answer, Clock, FakeAPI, build_livestreams, in_turn, livestream, ok

#: From so many seconds after the beginning on, the livestream is this one.
Schedule = tuple


class FakeStudio(FakeAPI):
    """``schedules``: for each meeting, since when its livestream is which; an answer in place of a livestream is given as it is."""

    def __init__(self, clock: Clock, schedules: dict[str, list[Schedule]]) -> None:
        super().__init__()
        self._clock = clock
        self._begun = clock()
        self._schedules = schedules
        self.times: list[float] = []
        self.page_size = 100
        self.listing_answer: Answer | None = None

    def state(self, meeting_id: str) -> Any:
        passed = self._clock() - self._begun + 1e-9
        return [state for since, state in self._schedules[meeting_id] if since <= passed][-1]

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        self.times.append(self._clock() - self._begun)
        if path == "/livestreams":
            return self.listing_answer or self._list(query)
        if path.endswith("/active-livestream-session"):
            return ok({"session": {"id": "s", "err_message": "No ingest."}})
        state = self.state(path.split("/")[2])
        return state if isinstance(state, (tuple, Exception)) else ok(state)  # type: ignore[return-value]

    def _list(self, query: dict[str, str]) -> Answer:
        states = [self.state(meeting_id) for meeting_id in self._schedules]
        rows = [state for state in states if isinstance(state, dict) and state["status"] == query["status"]]
        first = (int(query["page_no"]) - 1) * self.page_size
        page = rows[first : first + self.page_size]
        return ok(page, paging={"total_count": len(rows), "start_offset": first + 1, "end_offset": first + len(page)})


def meeting(number: int) -> str:
    return f"bbbb1111-22cc-33dd-44ee-{number:012d}"


def stream(number: int, status: str = "INVOKED") -> dict[str, Any]:
    return livestream(f"11111111-aaaa-4bbb-8ccc-{number:012d}", status)


def started(clock: Clock, number: int, *, changed: bool = True, status: str = "INVOKED", **fields: Any) -> Outcome:
    """A meeting's outcome whose livestream has been started, or was found so."""
    outcome = Outcome(meeting(number))
    outcome.changed = changed
    outcome.after = normalize({**stream(number, status), **fields}, {"meeting_id": meeting(number)})
    outcome.before = None if changed else outcome.after
    outcome.done_at = clock()
    return outcome


def stopped(clock: Clock, number: int, *, was: str = "LIVE", changed: bool = True) -> Outcome:
    """A meeting's outcome whose livestream has been stopped, or that had none."""
    outcome = Outcome(meeting(number))
    outcome.changed = changed
    if changed:
        outcome.before = normalize(stream(number, was))
        outcome.stopped_id = outcome.before["id"]
    outcome.done_at = clock()
    return outcome


def wait(api: FakeAPI, clock: Clock, *outcomes: Outcome, live: bool = True, timeout: float = 120) -> None:
    Wait(build_livestreams(api, clock, retries=1), outcomes, live=live, timeout=timeout, each=in_turn).run()

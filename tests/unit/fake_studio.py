# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many meetings whose livestreams change as time passes, for tests that wait; and the outcomes with which a wait begins."""

from __future__ import annotations

from typing import Any, Iterable

from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.waiting import Wait
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import FakeLists, meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Answer, Clock, FakeAPI, build_livestreams, ok

#: The livestream from this many seconds after the start on.
Schedule = tuple


#: The words of a timeout for an INVOKED livestream.
MANUAL_INGEST = ". It may be waiting for an encoder, if it was started with manual ingest"


class FakeStudio(FakeLists):
    """``schedules``: for each meeting, since when its livestream is which; an answer in place of a livestream is given as it is.

    Lists show what was true ``lag`` seconds ago. ``times`` has when each
    request came, in seconds from the beginning.
    """

    def __init__(self, clock: Clock, schedules: dict[str, list[Schedule]], *, lag: float = 0.0) -> None:
        super().__init__()
        self._clock = clock
        self._begun = clock()
        self._schedules = schedules
        self._lag = lag
        self.times: list[float] = []

    def state(self, meeting_id: str, ago: float = 0.0) -> Any:
        passed = self._clock() - self._begun - ago + 1e-9
        return [state for since, state in self._schedules[meeting_id] if since <= max(0.0, passed)][-1]

    def active(self) -> Iterable[tuple[str, Any]]:
        return [(meeting_id, self.state(meeting_id, self._lag)) for meeting_id in self._schedules]

    def existing(self) -> Iterable[str]:
        return self._schedules

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        self.times.append(self._clock() - self._begun)
        if path.endswith("/active-livestream-session"):
            return ok({"session": {"id": "s", "err_message": "No ingest."}})
        shown = self.answer_list(path, query)
        if shown is not None:
            return shown
        state = self.state(path.split("/")[2])
        return state if isinstance(state, (tuple, Exception)) else ok(state)  # type: ignore[return-value]


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


def studio(clock: Clock, count: int, *schedule: tuple, **options: Any) -> FakeStudio:
    """Meetings with the same schedule: a status, or an answer, since when."""
    return FakeStudio(
        clock,
        {
            meeting(number): [(since, stream(number, state) if isinstance(state, str) else state) for since, state in schedule]
            for number in range(count)
        },
        **options,
    )


def outcomes_of(clock: Clock, count: int, *, live: bool = True) -> list[Any]:
    return [started(clock, number) if live else stopped(clock, number) for number in range(count)]


def wait(
    api: FakeAPI, clock: Clock, *outcomes: Outcome, live: bool = True, timeout: float = 120, needs: Iterable[str] = (), **connection: Any
) -> None:
    livestreams = build_livestreams(api, clock, **{"retries": 1, **connection})
    Wait(livestreams, outcomes, live=live, timeout=timeout, needs=needs).run()

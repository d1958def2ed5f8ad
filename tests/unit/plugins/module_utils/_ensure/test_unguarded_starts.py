# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With STARTS_ARE_GUARDED turned off: every start leaves at most FRESH seconds after a read of its meeting."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import meeting_livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import FRESH, SETTLE
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meeting_livestreams import count_requests, ensure_started
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import Snapshot
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import OtherLivestreamError
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import USED_UP
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending, FakeApp, FakeMeeting, rooms
from ansible_collections.streamops.realtimekit.tests.unit.fake_snapshot import ensure, see
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    OLD,
    OURS,
    STARTED,
    STOPPED,
    THEIRS,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    Sent,
    begin,
    begin_anew,
    build_livestreams,
    dropped,
    livestream,
    ok,
    read,
    refusal,
    refused,
    start,
    stop,
)

SEEN: dict[str, Any] = {"off air": None, **{status: livestream(OLD, status) for status in ("LIVE", "ERRORED")}}
ANEW = [read(), stop(), read(), start()]

#: The requests of a real run, for each wanted and each current state: by a read of the meeting, and by a list.
READ_FIRST: dict[str, dict[str, list[Sent]]] = {
    "started": {"off air": [read(), start()], "LIVE": [read()], "ERRORED": ANEW},
    "restarted": {"off air": [read(), start()], "LIVE": ANEW, "ERRORED": ANEW},
}
LISTED: dict[str, dict[str, list[Sent]]] = {**READ_FIRST, "started": {**READ_FIRST["started"], "LIVE": []}}
each_cell = pytest.mark.parametrize(("state", "seen"), [(state, seen) for state in READ_FIRST for seen in SEEN])


@pytest.fixture(autouse=True)
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meeting_livestreams, "STARTS_ARE_GUARDED", False)


class TimedMeeting(FakeMeeting):
    """A meeting that notes when each request arrives."""

    def __init__(self, clock: Clock, active: Any = None, *endings: Ending) -> None:
        super().__init__(active, *endings)
        self.clock = clock
        self.times: list[float] = []

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        self.times.append(self.clock())
        return super().answer(method, path, query, body)


def ages_of_starts(api: TimedMeeting) -> list[float]:
    """How many seconds before each start the meeting was read."""
    ages, read_at = [], -inf
    for sent, at in zip(api.requests, api.times):
        read_at = at if sent == read() else read_at
        ages += [at - read_at] if sent == start() else []
    return ages


@each_cell
@pytest.mark.parametrize("is_listed", [False, True])
def test_each_start_has_a_read_directly_before_it(clock: Clock, state: str, seen: str, is_listed: bool) -> None:
    api = TimedMeeting(clock, SEEN[seen])
    snapshot = see(SEEN[seen]) if is_listed else Snapshot()
    outcome = ensure(api, clock, state, snapshot)
    expected = (LISTED if is_listed else READ_FIRST)[state][seen]
    assert api.requests == expected
    assert (outcome.error, outcome.changed) == (None, start() in expected)
    assert ages_of_starts(api) == [0.0] * (start() in expected)


@each_cell
def test_requests_counted_are_those_sent(state: str, seen: str) -> None:
    assert count_requests(see(SEEN[seen]), [MEETING], state) == len(LISTED[state][seen])
    assert count_requests(Snapshot(), [MEETING], state) == {"started": 2, "restarted": 4}[state]


@pytest.mark.parametrize(
    "ending", [Ending(dropped()), Ending(dropped(), 0), Ending(refusal(409), 0), Ending(refused(), 0), Ending(Reply(503), 3)]
)
def test_start_that_is_sent_again_has_a_fresh_read_as_well(clock: Clock, ending: Ending) -> None:
    api = TimedMeeting(clock, None, ending)
    outcome = ensure(api, clock, "started", Snapshot())
    assert (outcome.error, outcome.changed, outcome.after and outcome.after["id"]) == (None, True, OURS)
    assert 0 <= max(ages_of_starts(api)) <= FRESH
    assert len(api.writes) == 1 or ending.shows_at == 0


@pytest.mark.parametrize("hold", ["rate limit", "429"])
def test_livestream_that_another_user_started_in_between_is_found(clock: Clock, hold: str) -> None:
    theirs = ok(livestream(THEIRS))
    held = {
        "rate limit": [Reply(200, {"success": True, "data": None}, USED_UP), theirs],
        "429": [ok(None), refusal(429, Retry_After="290"), theirs],
    }[hold]
    api = FakeAPI(*held)
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, THEIRS)
    assert api.requests == [read(), *[start()] * (hold == "429"), read()]


def test_restart_starts_nothing_where_another_user_was_faster(clock: Clock) -> None:
    api = FakeAPI(ok(livestream(OLD)), STOPPED, ok(livestream(THEIRS)))
    outcome = begin_anew(build_livestreams(api, clock))
    assert isinstance(outcome.error, OtherLivestreamError)
    assert (outcome.changed, outcome.after["id"]) == (True, THEIRS)
    assert api.requests == [read(), stop(), read()]


def test_livestream_that_is_still_being_stopped_does_not_hinder_the_start(clock: Clock) -> None:
    api = FakeAPI(ok(livestream(OLD)), STOPPED, ok(livestream(OLD)), refusal(400), ok(None), STARTED)
    outcome = begin_anew(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, OURS)
    assert api.requests == [*ANEW, read(), start()]
    assert clock.sleeps == [0.0, SETTLE[0]]


def test_meeting_that_the_lists_have_missed_is_not_started_twice(clock: Clock) -> None:
    missed = rooms(1, "LIVE")
    api = FakeApp(missed)
    outcome = ensure_started(build_livestreams(api, clock), meeting(0), snapshot=Snapshot({meeting(0): None}))
    assert (outcome.error, outcome.changed) == (None, False)
    assert api.requests == [read(meeting(0))]

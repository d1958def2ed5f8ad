# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reads that a snapshot saves, and the remaining ones. Wrong snapshots are in test_meeting_livestreams_snapshot_wrong."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meeting_livestreams import (
    count_requests,
    ensure_started,
    ensure_stopped,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import Snapshot
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    InterruptError,
    NotFoundError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeMeeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_snapshot import ensure, see
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    NONE_ACTIVE,
    OLD,
    OURS,
    Answer,
    Clock,
    FakeAPI,
    Sent,
    build_livestreams,
    livestream,
    ok,
    prove,
    read,
    start,
    stop,
)

NONE = ok(None)
SEEN: dict[str, Any] = {
    "off air": None,
    **{status: livestream(OLD, status, name="Main", meeting_id=MEETING) for status in ("LIVE", "INVOKED", "ERRORED")},
}
FRESH_STOP = [read(), stop()]

#: The requests of a real run, for each wanted and each current state.
SENT: dict[str, dict[str, list[Sent]]] = {
    "started": {"off air": [start()], "LIVE": [], "INVOKED": [], "ERRORED": [*FRESH_STOP, start()]},
    "stopped": {"off air": [], "LIVE": FRESH_STOP, "INVOKED": FRESH_STOP, "ERRORED": FRESH_STOP},
    "restarted": {"off air": [read(), start()], **{status: [*FRESH_STOP, start()] for status in ("LIVE", "INVOKED", "ERRORED")}},
}
each_cell = pytest.mark.parametrize(("state", "seen"), [(state, seen) for state in SENT for seen in SEEN])


@each_cell
def test_real_run(clock: Clock, state: str, seen: str) -> None:
    api = FakeMeeting(SEEN[seen])
    outcome = ensure(api, clock, state, see(SEEN[seen]))
    assert api.requests == SENT[state][seen]
    before = SEEN[seen] and normalize(SEEN[seen])
    assert (outcome.error, outcome.warnings, outcome.changed, outcome.before) == (None, [], bool(api.writes), before)
    left = {"started": OLD if seen in ("LIVE", "INVOKED") else OURS, "stopped": None, "restarted": OURS}[state]
    assert (outcome.after and outcome.after["id"]) == left
    assert (outcome.started_id, outcome.is_own_only) == (OURS if start() in api.writes else None, state == "restarted")
    assert outcome.stopped_id == (OLD if stop() in api.writes else None)
    assert clock.sleeps == []


@each_cell
def test_check_mode_needs_no_request(clock: Clock, state: str, seen: str) -> None:
    api = FakeAPI()
    outcome = ensure(api, clock, state, see(SEEN[seen]), check_mode=True, **({} if state == "stopped" else {"name": "Main"}))
    assert (outcome.error, outcome.warnings, outcome.changed) == (None, [], bool(SENT[state][seen]))
    before = SEEN[seen] and normalize(SEEN[seen])
    new = normalize({"name": "Main", "meeting_id": MEETING, "status": "INVOKED"})
    assert outcome.before == before
    assert outcome.after == {"started": before if seen in ("LIVE", "INVOKED") else new, "stopped": None, "restarted": new}[state]


@pytest.mark.parametrize(("state", "check_mode"), [("started", True), ("stopped", True), ("restarted", True), ("stopped", False)])
@pytest.mark.parametrize(("answer", "exists"), [(ok({}), True), (NONE_ACTIVE, False)])
def test_meeting_off_air_that_no_list_has_shown_is_proved(clock: Clock, state: str, check_mode: bool, answer: Answer, exists: bool) -> None:
    api = FakeAPI(answer)
    outcome = ensure(api, clock, state, Snapshot({MEETING: None}), check_mode=check_mode)
    assert api.requests == [prove()]
    assert isinstance(outcome.error, NotFoundError) == (not exists)
    assert outcome.changed == (exists and state != "stopped")


@each_cell
def test_meeting_that_the_snapshot_leaves_open_is_read(clock: Clock, state: str, seen: str) -> None:
    api = FakeMeeting(SEEN[seen])
    ensure(api, clock, state, Snapshot({meeting(9): None}))
    writes = [sent for sent in SENT[state][seen] if sent != read()]
    assert api.requests == [read(), *writes]


def test_another_name_of_one_that_the_lists_show_on_air_is_a_warning(clock: Clock) -> None:
    (warning,) = ensure(FakeAPI(), clock, "started", see(SEEN["LIVE"]), name="Ours").warnings
    assert warning.startswith(f"Meeting {MEETING}: livestream {OLD} already runs under the name 'Main', not 'Ours'.")


# Once the task has to end


def interrupted(ensure_one: Callable[[Livestreams], Outcome], clock: Clock) -> Outcome:
    livestreams = build_livestreams(FakeAPI(), clock)
    livestreams.client.interrupt()
    return ensure_one(livestreams)


@each_cell
def test_interrupted_task_does_nothing_more_and_reports_it(clock: Clock, state: str, seen: str) -> None:
    """Meetings that the snapshot shows in the wanted state are still done."""
    snapshot, restart = see(SEEN[seen]), state == "restarted"
    outcome = interrupted(
        lambda livestreams: (
            ensure_stopped(livestreams, MEETING, snapshot=snapshot)
            if state == "stopped"
            else ensure_started(livestreams, MEETING, snapshot=snapshot, restart=restart)
        ),
        clock,
    )
    assert not outcome.changed
    if SENT[state][seen]:
        assert isinstance(outcome.error, InterruptError)
        assert str(outcome.error) == "Not begun: the task was interrupted. Run the task again to do the rest"
    else:
        assert outcome.error is None


# How many requests are to come


@pytest.mark.parametrize(
    ("state", "requests"),
    [
        ("started", {"off air": 1, "LIVE": 0, "INVOKED": 0, "ERRORED": 3, "open": 2}),
        ("stopped", {"off air": 0, "LIVE": 2, "INVOKED": 2, "ERRORED": 2, "open": 2}),
        ("restarted", {"off air": 2, "LIVE": 3, "INVOKED": 3, "ERRORED": 3, "open": 3}),
    ],
)
def test_requests_to_come_are_counted(state: str, requests: dict[str, int]) -> None:
    wanted = {name: meeting(number) for number, name in enumerate(requests)}
    snapshot = Snapshot({wanted[name]: SEEN[name] and normalize(SEEN[name]) for name in SEEN})
    assert {name: count_requests(snapshot, [wanted[name]], state) for name in requests} == requests
    assert count_requests(snapshot, list(wanted.values()), state) == sum(requests.values())
    assert count_requests(Snapshot(), [stream(number)["id"] for number in range(7)], state) == 7 * requests["open"]


@pytest.mark.parametrize("state", SENT)
def test_requests_counted_are_those_sent(clock: Clock, state: str) -> None:
    for seen in SEEN.values():
        api = FakeMeeting(seen)
        ensure(api, clock, state, see(seen))
        assert count_requests(see(seen), [MEETING], state) == len(api.requests)

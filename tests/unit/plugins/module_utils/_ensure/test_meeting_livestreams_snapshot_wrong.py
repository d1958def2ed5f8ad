# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A snapshot that was wrong: another livestream is active by then, or none."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import Snapshot
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ErroredError,
    OtherLivestreamError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending, FakeMeeting
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
    Sent,
    dropped,
    livestream,
    ok,
    read,
    refusal,
    start,
    stop,
)

SEEN = {status: livestream(OLD, status, name="Main", meeting_id=MEETING) for status in ("LIVE", "ERRORED")}


# The snapshot shows none, and one is active


CONFLICT = [refusal(409), refusal(400)]
by_400_or_409 = pytest.mark.parametrize("conflict", CONFLICT, ids=["409", "400"])


@by_400_or_409
@pytest.mark.parametrize("status", ["LIVE", "INVOKED"])
def test_livestream_that_the_lists_have_not_shown_counts_as_found(clock: Clock, conflict: Answer, status: str) -> None:
    theirs = livestream(THEIRS, status, name="Theirs")
    api = FakeAPI(conflict, ok(theirs))
    outcome = ensure(api, clock, "started", see(None), name="Ours")
    assert api.requests == [start(name="Ours"), read()]
    found = normalize(theirs, {"meeting_id": MEETING})
    assert (outcome.error, outcome.changed, outcome.before, outcome.after) == (None, False, found, found)
    assert [warning.split(": ")[1][:40] for warning in outcome.warnings] == [f"livestream {THEIRS}"[:40]]


@by_400_or_409
def test_failed_livestream_that_the_lists_have_not_shown_is_stopped_and_another_started(clock: Clock, conflict: Answer) -> None:
    failed = livestream(THEIRS, "ERRORED")
    api = FakeAPI(conflict, ok(failed), STOPPED, STARTED)
    outcome = ensure(api, clock, "started", see(None))
    assert api.requests == [start(), read(), stop(), start()]
    assert (outcome.error, outcome.changed, outcome.after["id"], outcome.stopped_id) == (None, True, OURS, THEIRS)
    assert outcome.before == normalize(failed, {"meeting_id": MEETING})


@pytest.mark.parametrize("status", ["LIVE", "INVOKED", "ERRORED"])
def test_livestream_that_the_lists_have_not_shown_is_restarted(clock: Clock, status: str) -> None:
    """A restart reads the meeting first, because it must tell its own livestream from one that the lists have missed."""
    theirs = livestream(THEIRS, status, name="Theirs")
    api = FakeMeeting(theirs)
    outcome = ensure(api, clock, "restarted", see(None), name="Ours")
    assert api.requests == [read(), stop(), start(name="Ours")]
    assert (outcome.error, outcome.warnings, outcome.changed) == (None, [], True)
    assert outcome.before == normalize(theirs, {"meeting_id": MEETING})
    assert (outcome.after["id"], outcome.stopped_id, outcome.started_id) == (OURS, THEIRS, OURS)


@by_400_or_409
@pytest.mark.parametrize(("status", "kind"), [("LIVE", OtherLivestreamError), ("INVOKED", OtherLivestreamError), ("ERRORED", ErroredError)])
def test_livestream_that_appears_after_that_read_is_left_as_it_is(clock: Clock, conflict: Answer, status: str, kind: type) -> None:
    api = FakeAPI(ok(None), conflict, ok(livestream(THEIRS, status)))
    outcome = ensure(api, clock, "restarted", see(None))
    assert api.requests == [read(), start(), read()]
    assert isinstance(outcome.error, kind)
    assert f"livestream {THEIRS}" in str(outcome.error)
    assert (outcome.changed, outcome.after["id"], outcome.before) == (False, THEIRS, None)


def test_restart_in_doubt_is_looked_for(clock: Clock) -> None:
    """None was active directly before it, so the new one belongs to this task."""
    api = FakeMeeting(None, Ending(dropped(), 2))
    outcome = ensure(api, clock, "restarted", see(None))
    assert api.requests == [read(), start(), read(), read()]
    assert (outcome.error, outcome.changed, outcome.before, outcome.after["id"], outcome.started_id) == (None, True, None, OURS, OURS)


def test_start_in_doubt_is_looked_for(clock: Clock) -> None:
    """As after a read: what shows is taken for this task's."""
    api = FakeMeeting(None, Ending(dropped(), 2))
    outcome = ensure(api, clock, "started", see(None))
    assert api.requests == [start(), read(), read()]
    assert (outcome.error, outcome.changed, outcome.before, outcome.after["id"]) == (None, True, None, OURS)


@pytest.mark.parametrize("state", ["started", "restarted"])
def test_start_that_has_failed_at_once_is_an_error(clock: Clock, state: str) -> None:
    is_read = state == "restarted"
    api = FakeAPI(*[ok(None)] * is_read, ok(livestream(OURS, "ERRORED"), 201))
    outcome = ensure(api, clock, state, see(None))
    assert api.requests == [*[read()] * is_read, start()]
    assert isinstance(outcome.error, ErroredError)
    assert outcome.changed


@pytest.mark.parametrize(("state", "requests"), [("started", [start()]), ("restarted", [read(), start()])])
def test_start_in_a_meeting_that_does_not_exist_is_refused(clock: Clock, state: str, requests: list[Sent]) -> None:
    api = FakeAPI(*[refusal(404)] * len(requests))
    outcome = ensure(api, clock, state, Snapshot({MEETING: None}))
    assert (outcome.error.status, outcome.changed, outcome.after) == (404, False, None)
    assert api.requests == requests


# The snapshot shows one that must be stopped, and the fresh read something else


@pytest.mark.parametrize("state", ["stopped", "restarted"])
def test_livestream_in_its_place_is_the_one_that_is_stopped(clock: Clock, state: str) -> None:
    """The fresh read counts, as if no list had been read."""
    api = FakeMeeting(livestream(THEIRS))
    outcome = ensure(api, clock, state, see(SEEN["LIVE"]))
    assert api.requests == [read(), stop(), *([start()] if state == "restarted" else [])]
    assert (outcome.error, outcome.changed, outcome.before["id"], outcome.stopped_id) == (None, True, THEIRS, THEIRS)


@pytest.mark.parametrize(
    ("state", "seen", "requests", "left"),
    [
        ("stopped", "LIVE", [read()], None),
        ("restarted", "LIVE", [read(), start()], OURS),
        ("started", "ERRORED", [read(), start()], OURS),
    ],
)
def test_livestream_that_has_ended_since_needs_no_stop(clock: Clock, state: str, seen: str, requests: list[Sent], left: str | None) -> None:
    api = FakeMeeting(None)
    outcome = ensure(api, clock, state, see(SEEN[seen]))
    assert api.requests == requests
    assert (outcome.error, outcome.changed, outcome.before) == (None, left is not None, None)
    assert (outcome.after and outcome.after["id"]) == left


def test_failed_one_in_whose_place_another_has_started_since_is_left_alone(clock: Clock) -> None:
    api = FakeMeeting(livestream(THEIRS))
    outcome = ensure(api, clock, "started", see(SEEN["ERRORED"]))
    assert api.requests == [read()]
    assert (outcome.error, outcome.changed, outcome.before["id"], outcome.after["id"]) == (None, False, THEIRS, THEIRS)


def test_stop_rests_on_the_fresh_read(clock: Clock) -> None:
    """However long ago the lists were read. The stop leaves right behind the read."""
    clock.now += 600
    api = FakeMeeting(livestream(OLD))
    assert ensure(api, clock, "stopped", see(SEEN["LIVE"])).changed
    assert api.requests == [read(), stop()]

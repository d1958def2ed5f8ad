# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A start that the API refuses, with each state that can be behind it. Stops are in test_meeting_livestreams_refused_stop."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import SETTLE
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meeting_livestreams import ensure_started
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import OtherLivestreamError
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    OLD,
    OURS,
    STARTED,
    STOPPED,
    THEIRS,
    Clock,
    FakeAPI,
    Reply,
    begin,
    begin_anew,
    build_livestreams,
    dropped,
    livestream,
    ok,
    read,
    refusal,
    settling,
    start,
    stop,
)

NONE = ok(None)
OLD_ONE = ok(livestream(OLD))
OTHER_ONE = ok(livestream(THEIRS, "INVOKED"))
WORDS = "The previous livestream is still stopping."

by_400_or_409 = pytest.mark.parametrize("status", [400, 409])

HAS_FAILED = "has failed: its status is ERRORED. Run the task again to stop it and start another"


def test_settling_takes_some_ten_seconds() -> None:
    assert SETTLE == (0.5, 1.0, 2.0, 3.0, 4.0)


@by_400_or_409
@pytest.mark.parametrize("status_word", ["LIVE", "INVOKED"])
def test_start_refused_because_another_user_started(clock: Clock, status: int, status_word: str) -> None:
    theirs = livestream(THEIRS, status_word, name="Theirs")
    api = FakeAPI(NONE, refusal(status), ok(theirs))
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.before) == (None, False, None)
    assert (outcome.after["id"], outcome.after["name"]) == (THEIRS, "Theirs")
    assert api.requests == [read(), start(), read()]
    assert clock.sleeps == [0.0]


@by_400_or_409
@pytest.mark.parametrize("restart", [False, True], ids=["started", "restarted"])
def test_started_livestream_that_has_failed_at_once(clock: Clock, status: int, restart: bool) -> None:
    api = FakeAPI(NONE, refusal(status), ok(livestream(THEIRS, "ERRORED")))
    outcome = ensure_started(build_livestreams(api, clock), MEETING, restart=restart)
    assert str(outcome.error) == f"Meeting {MEETING}: livestream {THEIRS} was started by another user and {HAS_FAILED}"
    assert not outcome.changed


def test_started_livestream_that_has_failed_names_the_request_in_doubt(clock: Clock) -> None:
    outcome = begin(build_livestreams(FakeAPI(NONE, dropped(), ok(livestream(OURS, "ERRORED"))), clock))
    assert str(outcome.error) == f"Meeting {MEETING}: livestream {OURS} was started and {HAS_FAILED}"
    assert (outcome.changed, outcome.error.details()["method"]) == (True, "POST")


@by_400_or_409
def test_livestream_that_another_user_started_may_have_another_name(clock: Clock, status: int) -> None:
    api = FakeAPI(NONE, refusal(status), ok(livestream(THEIRS, name="Theirs")))
    outcome = ensure_started(build_livestreams(api, clock), MEETING, name="Ours")
    (warning,) = outcome.warnings
    assert warning.startswith(f"Meeting {MEETING}: livestream {THEIRS} already runs under the name 'Theirs', not 'Ours'. ")


def test_start_answered_with_errored_fails_and_is_changed(clock: Clock) -> None:
    outcome = begin(build_livestreams(FakeAPI(NONE, ok(livestream(OURS, "ERRORED"), 201)), clock))
    assert str(outcome.error) == f"Meeting {MEETING}: livestream {OURS} was started and {HAS_FAILED}"
    assert outcome.changed
    assert outcome.after["status"] == "ERRORED"


@pytest.mark.parametrize("reads", range(1, 6), ids=lambda reads: f"{reads} reads")
@pytest.mark.parametrize("seen", [OLD_ONE, NONE], ids=["the old one still shows", "none shows"])
@by_400_or_409
def test_start_waits_for_the_old_one_to_stop(clock: Clock, status: int, seen: Reply, reads: int) -> None:
    api = FakeAPI(OLD_ONE, STOPPED, *[refusal(status), seen] * reads, STARTED)
    outcome = begin_anew(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, OURS)
    assert api.requests == [read(), stop(), *[start(), read()] * reads, start()]
    assert clock.sleeps == settling(reads)


@by_400_or_409
def test_errored_one_is_waited_for_as_well(clock: Clock, status: int) -> None:
    api = FakeAPI(ok(livestream(OLD, "ERRORED")), STOPPED, refusal(status), ok(livestream(OLD, "ERRORED")), STARTED)
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, OURS)


@by_400_or_409
def test_old_one_that_never_stops_fails_with_the_words_of_the_api(clock: Clock, status: int) -> None:
    api = FakeAPI(OLD_ONE, STOPPED, *[refusal(status, WORDS), OLD_ONE] * 6)
    outcome = begin_anew(build_livestreams(api, clock))
    assert (outcome.error.status, outcome.error.message) == (status, WORDS)
    assert outcome.changed, "it was told to stop"
    assert api.requests == [read(), stop(), *[start(), read()] * 6]
    assert clock.sleeps == [*settling(5), 0.0]


@by_400_or_409
def test_another_user_starts_after_our_stop(clock: Clock, status: int) -> None:
    api = FakeAPI(OLD_ONE, STOPPED, refusal(status), OTHER_ONE)
    outcome = begin_anew(build_livestreams(api, clock))
    assert isinstance(outcome.error, OtherLivestreamError)
    assert OLD in str(outcome.error)
    assert THEIRS in str(outcome.error)
    assert (outcome.changed, outcome.after["id"]) == (True, THEIRS)
    assert api.requests == [read(), stop(), start(), read()]


@by_400_or_409
def test_restart_where_nothing_ran_and_another_user_was_faster(clock: Clock, status: int) -> None:
    api = FakeAPI(NONE, refusal(status), OTHER_ONE)
    outcome = begin_anew(build_livestreams(api, clock))
    assert isinstance(outcome.error, OtherLivestreamError)
    assert str(outcome.error) == (
        f"Meeting {MEETING}: another user has started livestream {THEIRS} before this task could start one, and it stays on air. "
        "Run the task again to stop it also"
    )
    assert (outcome.changed, outcome.after["id"]) == (False, THEIRS)
    assert api.requests == [read(), start(), read()]


def test_restart_in_doubt_takes_what_it_finds_for_its_own(clock: Clock) -> None:
    api = FakeAPI(OLD_ONE, STOPPED, dropped(), OTHER_ONE)
    outcome = begin_anew(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, THEIRS)


def test_conflict_without_a_stop_of_ours_is_waited_for(clock: Clock) -> None:
    """Another user has stopped it a moment ago, and it still is stopping."""
    api = FakeAPI(NONE, refusal(409), NONE, refusal(409), NONE, STARTED)
    outcome = begin(build_livestreams(api, clock, retries=0))
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [read(), start(), read(), start(), read(), start()]
    assert clock.sleeps == settling(2)


def test_conflict_that_never_settles_is_unchanged(clock: Clock) -> None:
    outcome = begin(build_livestreams(FakeAPI(NONE, *[refusal(409, WORDS), NONE] * 6), clock))
    assert (outcome.error.status, outcome.error.message, outcome.changed) == (409, WORDS, False)


def test_bad_request_without_a_stop_of_ours_is_definite(clock: Clock) -> None:
    api = FakeAPI(NONE, refusal(400, "No such size."), NONE)
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error.status, outcome.error.message, outcome.changed) == (400, "No such size.", False)
    assert api.requests == [read(), start(), read()]


def test_other_name_of_one_that_another_user_started_in_between_is_warned_of(clock: Clock) -> None:
    theirs = ok(livestream(THEIRS, "LIVE", name="Theirs"))
    outcome = ensure_started(build_livestreams(FakeAPI(NONE, refusal(409), theirs), clock), MEETING, name="Ours")
    assert (outcome.error, outcome.changed) == (None, False)
    assert [warning.split(": ")[1] for warning in outcome.warnings] == [
        (f"livestream {THEIRS} already runs under the name 'Theirs', not 'Ours'. The API cannot rename it; state=restarted starts another.")
    ]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a wait for a few meetings: a timeout, a signal, a failed livestream, or a failed read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.waiting import Wait
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    DefectError,
    ErroredError,
    InterruptError,
    OtherLivestreamError,
    TaskTimeoutError,
    WaitTimeoutError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import MANUAL_INGEST, FakeStudio, started, stopped, wait
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    THEIRS,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    build_livestreams,
    livestream,
    ok,
    read,
    refusal,
)

SESSION = ("GET", f"/livestreams/{stream(1)['id']}/active-livestream-session", {}, None)
LIVE_AT_ONCE = [(0, stream(1, "LIVE"))]


@pytest.mark.parametrize(
    ("live", "state", "last"),
    [
        (True, stream(1), f"INVOKED{MANUAL_INGEST}"),
        (True, None, "none active"),
        (True, stream(1, "IDLE"), "none active"),
        (False, stream(1, "LIVE"), f"LIVE of {stream(1)['id']}"),
        (False, livestream(THEIRS, "ERRORED"), f"ERRORED of {THEIRS}"),
    ],
)
def test_out_of_time(clock: Clock, live: bool, state: Answer, last: str) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, state)]})
    outcome = started(clock, 1) if live else stopped(clock, 1)
    wait(api, clock, outcome, live=live, timeout=3)
    assert isinstance(outcome.error, WaitTimeoutError)
    goal = "LIVE" if live else "without an active livestream"
    assert str(outcome.error) == f"Meeting {meeting(1)}: not {goal} after 3 seconds; the last status seen is {last}"
    assert outcome.changed
    assert clock.sleeps == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("status", ["INVOKED", "LIVE"])
def test_stop_that_another_user_undoes_fails_at_once(clock: Clock, status: str) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, stream(1, "LIVE")), (1.5, livestream(THEIRS, status))]})
    outcome = stopped(clock, 1)
    wait(api, clock, outcome, live=False, timeout=60)
    assert isinstance(outcome.error, OtherLivestreamError)
    assert str(outcome.error) == (
        f"Meeting {meeting(1)}: livestream {stream(1)['id']} was stopped. Another user has started {THEIRS} since, and it stays on air. "
        "Run the task again to stop it also"
    )
    assert (outcome.changed, outcome.after["id"]) == (True, THEIRS)
    assert clock.sleeps == [1.0, 1.0]


def test_each_has_its_own_time_from_its_own_write(clock: Clock) -> None:
    """The last poll of each is at its own end, and the other one continues."""
    early = started(clock, 1)
    clock.now += 3
    late = started(clock, 2)
    api = FakeStudio(clock, {meeting(1): [(0, stream(1))], meeting(2): [(0, stream(2)), (4.4, stream(2, "LIVE"))]})
    wait(api, clock, early, late, timeout=5)
    assert str(early.error) == f"Meeting {meeting(1)}: not LIVE after 5 seconds; the last status seen is INVOKED{MANUAL_INGEST}"
    assert (late.error, late.after["status"]) == (None, "LIVE")
    assert clock.sleeps == [0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 1.0, 1.0, 1.0]


def test_out_of_time_when_the_wait_begins_is_read_once_more(clock: Clock) -> None:
    outcome = started(clock, 1)
    clock.now += 60
    wait(FakeStudio(clock, {meeting(1): LIVE_AT_ONCE}), clock, outcome, timeout=5)
    assert (outcome.error, outcome.after["status"]) == (None, "LIVE")
    assert clock.sleeps == [0.0]


@pytest.mark.parametrize(("resets_in", "told"), [(7, 6), (3, 2), (2, 1), (1, 0)])
@pytest.mark.parametrize("held_before", [False, True])
def test_seconds_held_back_count_and_are_reported(clock: Clock, resets_in: int, told: int, held_before: bool) -> None:
    """The first second of the window passes between two polls. The wait before its write is not reported here."""
    used_up = {"Ratelimit": f'"default";r=0;t={resets_in}'}
    before = [Reply(200, {"data": None}, {"Ratelimit": '"default";r=0;t=50'})] if held_before else []
    polls = [Reply(200, {"data": stream(1)}, used_up), *[ok(stream(1))] * 9]
    livestreams = build_livestreams(FakeAPI(*before, *([ok(None)] if held_before else []), *polls), clock)
    for _unused in range(2 if held_before else 0):
        livestreams.active(meeting(1))
    outcome = started(clock, 1)
    outcome.held_before = livestreams.client.held
    assert outcome.held_before == (50 if held_before else 0)
    Wait(livestreams, [outcome], live=True, timeout=9).run()
    pacing = f", {told} of them spent waiting for the API's rate limit" if told else ""
    assert str(outcome.error) == f"Meeting {meeting(1)}: not LIVE after 9 seconds{pacing}; the last status seen is INVOKED{MANUAL_INGEST}"


@pytest.mark.parametrize("live", [True, False])
def test_interrupted_wait_is_reported_as_such(clock: Clock, live: bool) -> None:
    livestreams = build_livestreams(FakeAPI(), clock)
    outcome = started(clock, 1)
    livestreams.client.interrupt()
    Wait(livestreams, [outcome], live=live, timeout=9).run()
    assert isinstance(outcome.error, InterruptError)
    assert outcome.changed
    assert str(outcome.error) == "Wait not finished: the task was interrupted. Run the task again to do the rest"


@pytest.mark.parametrize("live", [True, False])
def test_wait_ends_with_the_task(clock: Clock, live: bool) -> None:
    """The meetings are read as long as the task lasts."""
    schedules = {meeting(number): [(0, stream(number, "INVOKED"))] for number in range(2)}
    outcomes = [started(clock, number) if live else stopped(clock, number) for number in range(2)]
    api = FakeStudio(clock, schedules)
    wait(api, clock, *outcomes, live=live, timeout=60, task_timeout=2)
    for outcome in outcomes:
        assert isinstance(outcome.error, TaskTimeoutError)
        assert outcome.changed
        assert str(outcome.error) == "Wait not finished: task_timeout is over. Run the task again to do the rest"
    assert api.times == [0.5, 1.0, 1.5]


def test_errored_one_fails_at_once(clock: Clock) -> None:
    api = FakeStudio(
        clock, {meeting(1): [(0, stream(1)), (1.5, stream(1, "ERRORED"))], meeting(2): [(0, stream(2)), (3, stream(2, "LIVE"))]}
    )
    failed, live = started(clock, 1), started(clock, 2)
    wait(api, clock, failed, live)
    assert isinstance(failed.error, ErroredError)
    assert str(failed.error) == f"Meeting {meeting(1)}: livestream {stream(1)['id']} has failed, and its status is ERRORED: No ingest."
    assert (failed.changed, failed.after["status"]) == (True, "ERRORED")
    assert (live.error, live.after["status"]) == (None, "LIVE")
    assert api.requests[:5] == [read(meeting(1)), read(meeting(2)), read(meeting(1)), SESSION, read(meeting(2))]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(404), "the API does not say why"),
        (ok({"session": {"err_message": None}}), "the API does not say why"),
        (
            refusal(422, "Not now."),
            f"why could not be read: GET {SESSION[1]} answered 422 (code 422): Not now.",
        ),
    ],
)
def test_errored_one_whose_reason_is_not_known(clock: Clock, answer: Reply, said: str) -> None:
    outcome = started(clock, 1)
    wait(FakeAPI(ok(stream(1, "ERRORED")), answer), clock, outcome)
    assert isinstance(outcome.error, ErroredError)
    assert str(outcome.error) == f"Meeting {meeting(1)}: livestream {stream(1)['id']} has failed, and its status is ERRORED: {said}"


def test_failed_read_ends_only_the_wait_of_its_meeting(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, refusal(422))], meeting(2): [(0, stream(2)), (1.5, stream(2, "LIVE"))]})
    failed, live = started(clock, 1), started(clock, 2)
    wait(api, clock, failed, live)
    assert (failed.error.status, failed.changed) == (422, True)
    assert (live.error, live.after["status"]) == (None, "LIVE")


@pytest.mark.parametrize("status", [401, 403])
def test_read_that_is_refused_for_the_token_ends_the_wait_of_all(clock: Clock, status: int) -> None:
    api = FakeStudio(clock, {meeting(number): [(0, refusal(status))] for number in range(5)})
    outcomes = [started(clock, number) for number in range(5)]
    wait(api, clock, *outcomes)
    assert [(outcome.error.status, outcome.changed) for outcome in outcomes] == [(status, True)] * 5
    assert api.requests == [read(meeting(0))]


def test_defect_ends_only_the_wait_of_its_meeting(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, KeyError("a defect"))], meeting(2): [(0, stream(2, "LIVE"))]})
    failed, live = started(clock, 1), started(clock, 2)
    wait(api, clock, failed, live)
    assert isinstance(failed.error, DefectError)
    assert (live.error, live.after["status"]) == (None, "LIVE")


def test_what_is_still_active_when_the_time_is_over_is_returned(clock: Clock) -> None:
    outcome = stopped(clock, 1)
    wait(FakeStudio(clock, {meeting(1): [(0, livestream(THEIRS, "LIVE"))]}), clock, outcome, live=False, timeout=3)
    assert outcome.after["id"] == THEIRS


def test_status_of_the_one_that_was_stopped_is_not_the_last_one_seen(clock: Clock) -> None:
    outcome = started(clock, 1)
    outcome.stopped_id = THEIRS
    wait(FakeStudio(clock, {meeting(1): [(0, livestream(THEIRS, "LIVE"))]}), clock, outcome, timeout=3)
    assert str(outcome.error).endswith("the last status seen is none active")


def test_last_status_seen_is_that_of_the_last_read(clock: Clock) -> None:
    """It did not show at first."""
    outcome = started(clock, 1)
    wait(FakeStudio(clock, {meeting(1): [(0, None), (1.5, stream(1))]}), clock, outcome, timeout=3)
    assert str(outcome.error).endswith(f"the last status seen is INVOKED{MANUAL_INGEST}")


REPLACED = [(0, stream(1)), (3, stream(2, "LIVE"))]


def test_restarted_livestream_that_another_user_replaces_is_an_error(clock: Clock) -> None:
    outcome = started(clock, 1)
    outcome.started_id, outcome.is_own_only = stream(1)["id"], True
    wait(FakeStudio(clock, {meeting(1): REPLACED}), clock, outcome)
    assert isinstance(outcome.error, OtherLivestreamError)
    assert str(outcome.error) == (
        f"Meeting {meeting(1)}: another user has replaced livestream {stream(1)['id']} with {stream(2)['id']}, which stays on air. "
        "Run the task again to stop it also"
    )
    assert (outcome.changed, outcome.after["id"]) == (True, stream(2)["id"])


def test_started_livestream_may_be_replaced_by_another_user(clock: Clock) -> None:
    """The meeting is on air, and it does not matter by whom."""
    outcome = started(clock, 1)
    wait(FakeStudio(clock, {meeting(1): REPLACED}), clock, outcome)
    assert (outcome.error, outcome.after["id"]) == (None, stream(2)["id"])


@pytest.mark.parametrize("live_at", [4, 300], ids=["during the hold", "never"])
def test_meeting_is_looked_at_once_more_after_a_hold(clock: Clock, live_at: float) -> None:
    """The limit holds the task until long after its time is over. A meeting that is live by then is not out of time."""

    class Held(FakeStudio):
        def answer(self, *sent: Any) -> Any:
            said = super().answer(*sent)
            is_first = len(self.requests) == 1
            return said._replace(headers={"Ratelimit": '"default";r=0;t=280'}) if is_first else said

    outcome = started(clock, 1)
    wait(Held(clock, {meeting(1): [(0, stream(1)), (live_at, stream(1, "LIVE"))]}), clock, outcome, timeout=2)
    assert (outcome.error is None) == (live_at < 280)

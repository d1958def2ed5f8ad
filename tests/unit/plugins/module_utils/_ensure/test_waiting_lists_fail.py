# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for many meetings while their lists cannot be read, or once nothing can be read any more."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.waiting import Wait
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ApiError,
    InterruptError,
    TaskTimeoutError,
    WaitTimeoutError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import FakeStudio, outcomes_of, studio, wait
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Answer, Clock, FakeAPI, Reply, build_livestreams, read, refusal

# Lists that cannot be read


@pytest.mark.parametrize("answer", [refusal(422), refusal(400), Reply(302)], ids=["422", "400", "302"])
@pytest.mark.parametrize("live", [True, False])
def test_list_that_fails_is_made_up_for_by_reads(clock: Clock, answer: Answer, live: bool) -> None:
    schedule = ((0, "INVOKED"), (2, "LIVE")) if live else ((0, "LIVE"), (2, None))
    api = studio(clock, 6, *schedule)
    failing = LIVE if live else INVOKED
    api.in_place = {"LIVE" if live else "INVOKED": answer}
    outcomes = outcomes_of(clock, 6, live=live)
    wait(api, clock, *outcomes, live=live)
    assert [(outcome.error, outcome.after and outcome.after["status"]) for outcome in outcomes] == [(None, "LIVE" if live else None)] * 6
    everyone = [read(meeting(number)) for number in range(6)]
    assert api.requests == [failing, *everyone, failing, *everyone]
    assert clock.sleeps == [1.0, pytest.approx(0.4 * (1 + 6))]


@pytest.mark.parametrize("live", [True, False])
def test_defect_in_reading_the_lists_is_made_up_for_by_reads(clock: Clock, live: bool) -> None:
    """It must not hide what was started or stopped."""
    api = studio(clock, 6, *(((0, "INVOKED"), (2, "LIVE")) if live else ((0, "LIVE"), (2, None))))
    api.in_place = {"LIVE" if live else "INVOKED": KeyError("a defect")}
    outcomes = outcomes_of(clock, 6, live=live)
    wait(api, clock, *outcomes, live=live)
    assert [(outcome.error, outcome.changed, outcome.after and outcome.after["status"]) for outcome in outcomes] == [
        (None, True, "LIVE" if live else None)
    ] * 6
    everyone = [read(meeting(number)) for number in range(6)]
    assert api.requests == [LIVE if live else INVOKED, *everyone] * 2


def test_list_that_can_be_read_again_is_read_again(clock: Clock) -> None:
    api = studio(clock, 6, (0, "INVOKED"), (2, "LIVE"))
    api.in_place = {"LIVE": refusal(422)}
    outcomes = outcomes_of(clock, 6)
    read_one = api.answer

    def answer(method: str, path: str, query: Any, body: Any) -> Answer:
        said = read_one(method, path, query, body)
        api.in_place = {}
        return said

    api.answer = answer  # type: ignore[method-assign]
    wait(api, clock, *outcomes)
    assert api.requests == [LIVE, *[read(meeting(number)) for number in range(6)], LIVE]


def test_at_most_25_are_read_for_one_poll_until_their_time_is_over(clock: Clock) -> None:
    """Those first that were not read for longest. In the end all are read, before they are out of time."""
    api = studio(clock, 40, (0, "INVOKED"))
    api.in_place = {"LIVE": refusal(422), "INVOKED": refusal(422)}
    outcomes = outcomes_of(clock, 40)
    wait(api, clock, *outcomes, timeout=15)
    polls = [[LIVE, *range(25)], [LIVE, *range(10), *range(25, 40)], [INVOKED, *range(40)]]
    assert api.requests == [read(meeting(each)) if isinstance(each, int) else each for poll in polls for each in poll]
    assert clock.sleeps == [1.0, pytest.approx(0.4 * 26), pytest.approx(15 + 2 - 11.4)]
    assert all(isinstance(outcome.error, WaitTimeoutError) for outcome in outcomes)


def test_stopped_one_that_was_not_looked_at_is_not_gone(clock: Clock) -> None:
    """Only 25 of 30 are read at first."""
    api = studio(clock, 30, (0, "LIVE"))
    api.in_place = {"INVOKED": refusal(422)}
    outcomes = outcomes_of(clock, 30, live=False)
    wait(api, clock, *outcomes, live=False, timeout=5)
    assert all(isinstance(outcome.error, WaitTimeoutError) for outcome in outcomes)
    assert api.requests == [
        INVOKED,
        *[read(meeting(number)) for number in range(25)],
        INVOKED,
        *[read(meeting(number)) for number in range(30)],
    ]


def test_list_that_is_given_up_leaves_the_rest_to_reads(clock: Clock) -> None:
    """Seven of 1,000 live ones: their list has more pages than that."""
    schedules: dict[str, Any] = {meeting(number): [(0, stream(number, "LIVE"))] for number in range(100, 1100)}
    schedules.update({meeting(number): [(0, stream(number, "LIVE"))] for number in range(7)})
    api = FakeStudio(clock, schedules)
    outcomes = outcomes_of(clock, 7)
    wait(api, clock, *outcomes)
    assert [(outcome.error, outcome.after["status"]) for outcome in outcomes] == [(None, "LIVE")] * 7
    assert api.requests == [LIVE, ERRORED, *[read(meeting(number)) for number in range(7)]]


# The end of all


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("live", [True, False])
def test_list_that_is_refused_for_the_token_ends_the_wait_of_all(clock: Clock, status: int, live: bool) -> None:
    api = studio(clock, 40, (0, refusal(status)))
    api.in_place = {"LIVE": refusal(status, "Who?"), "INVOKED": refusal(status, "Who?")}
    outcomes = outcomes_of(clock, 40, live=live)
    wait(api, clock, *outcomes, live=live)
    assert [(outcome.error.message, outcome.changed) for outcome in outcomes] == [("Who?", True)] * 40
    assert api.requests == [LIVE if live else INVOKED]
    assert clock.sleeps == [1.0]


def test_refusal_of_reads_ends_the_wait_of_all_also_after_that_of_a_write(clock: Clock) -> None:
    """The token was revoked while the writes were sent: first a start was refused, and now a list is."""
    api = studio(clock, 20, (0, refusal(401)))
    api.in_place = {"LIVE": refusal(401, "Who?")}
    livestreams = build_livestreams(api, clock)
    livestreams.client.refuse(ApiError("POST", "/x", "Who?", status=401))
    outcomes = outcomes_of(clock, 20)
    Wait(livestreams, outcomes, live=True, timeout=60).run()
    assert [outcome.error.status for outcome in outcomes] == [401] * 20
    assert api.requests == [LIVE]


def test_single_read_that_is_refused_for_the_token_ends_the_wait_of_all(clock: Clock) -> None:
    api = studio(clock, 20, (0, refusal(403)))
    api.in_place = {"LIVE": refusal(422)}
    outcomes = outcomes_of(clock, 20)
    wait(api, clock, *outcomes)
    assert [outcome.error.status for outcome in outcomes] == [403] * 20
    assert api.requests == [LIVE, read(meeting(0))]


@pytest.mark.parametrize("live", [True, False])
def test_interrupted_wait_ends_without_a_request(clock: Clock, live: bool) -> None:
    livestreams = build_livestreams(FakeAPI(), clock)
    livestreams.client.interrupt()
    outcomes = outcomes_of(clock, 40, live=live)
    Wait(livestreams, outcomes, live=live, timeout=60).run()
    assert clock.sleeps == [1.0]
    for outcome in outcomes:
        assert isinstance(outcome.error, InterruptError)
        assert outcome.changed
        assert str(outcome.error) == "Wait not finished: the task was interrupted. Run the task again to do the rest"


def test_wait_ends_with_the_task(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(number): [(0, stream(number, "LIVE" if number < 2 else "INVOKED"))] for number in range(10)})
    outcomes = outcomes_of(clock, 10)
    wait(api, clock, *outcomes, timeout=60, task_timeout=2.5)
    assert [outcome.error for outcome in outcomes[:2]] == [None] * 2
    for outcome in outcomes[2:]:
        assert isinstance(outcome.error, TaskTimeoutError)
        assert str(outcome.error) == "Wait not finished: task_timeout is over. Run the task again to do the rest"
    assert api.requests == [LIVE, ERRORED, LIVE, ERRORED]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a wait for many meetings ends: out of time, or with a livestream that fails. Lists that fail are in test_waiting_lists_fail."""

from __future__ import annotations

from typing import Any, Iterable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import waiting
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    DefectError,
    ErroredError,
    OtherLivestreamError,
    WaitTimeoutError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, by_status, meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import MANUAL_INGEST, FakeStudio, outcomes_of, started, studio, wait
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    Answer,
    Clock,
    Sent,
    livestream,
    read,
)


def reads(numbers: Iterable[int]) -> list[Sent]:
    return [read(meeting(number)) for number in numbers]


# Out of time


def test_out_of_time(clock: Clock) -> None:
    """Each is read once more when its time is over."""
    early = outcomes_of(clock, 7)
    clock.now += 2
    late = [started(clock, number) for number in range(7, 16)]
    api = studio(clock, 16, (0, "INVOKED"))
    wait(api, clock, *early, *late, timeout=4.5)
    for outcome in early + late:
        assert isinstance(outcome.error, WaitTimeoutError)
        assert str(outcome.error) == f"Meeting {outcome.target}: not LIVE after 4.5 seconds; the last status seen is INVOKED{MANUAL_INGEST}"
    # The time of the first is over 2.5 seconds after the wait begins, and that of the others 4.5 seconds after it.
    assert api.requests == [LIVE, ERRORED, LIVE, ERRORED, INVOKED, *reads(range(7)), INVOKED, *reads(range(7, 16))]


@pytest.mark.parametrize("live_at", [4.9, 5.1])
def test_livestream_that_the_lists_show_late_is_not_out_of_time(clock: Clock, live_at: float) -> None:
    api = studio(clock, 8, (0, "INVOKED"), (live_at, "LIVE"), lag=2.0)
    outcomes = outcomes_of(clock, 8)
    wait(api, clock, *outcomes, timeout=5)
    is_in_time = live_at < 5  # each is read at that time
    assert [(outcome.error is None, outcome.after["status"]) for outcome in outcomes] == [
        (is_in_time, "LIVE" if is_in_time else "INVOKED")
    ] * 8
    assert api.times[-1] == 5.0
    assert api.requests[-9:] == [INVOKED, *reads(range(8))]


@pytest.mark.parametrize("live_at", [3, 99])
def test_livestream_that_no_list_shows_is_read_before_it_is_out_of_time(clock: Clock, live_at: float) -> None:
    api = studio(clock, 30, (0, None), (live_at, "LIVE"), lag=100)
    outcomes = outcomes_of(clock, 30)
    wait(api, clock, *outcomes, timeout=5)
    assert [outcome.error is None for outcome in outcomes] == [live_at == 3] * 30
    if live_at > 3:
        assert str(outcomes[0].error) == f"Meeting {meeting(0)}: not LIVE after 5 seconds; the last status seen is none active"
    assert api.requests == [*[LIVE, ERRORED] * 4, INVOKED, LIVE, ERRORED, *reads(range(30))]
    assert api.times[-1] == 5.0


class Held(FakeStudio):
    """After the first answer nothing may be sent for 280 seconds."""

    def answer(self, *sent: Any) -> Any:
        said = super().answer(*sent)
        return said._replace(headers={"Ratelimit": '"default";r=0;t=280'}) if len(self.requests) == 1 else said


@pytest.mark.parametrize("live_at", [4, 300], ids=["during the hold", "never"])
def test_livestream_is_looked_at_once_more_after_a_hold(clock: Clock, live_at: float) -> None:
    api = Held(clock, {meeting(number): [(0, stream(number)), (live_at, stream(number, "LIVE"))] for number in range(6)})
    outcomes = outcomes_of(clock, 6)
    wait(api, clock, *outcomes, timeout=2)
    if live_at < 280:
        assert [(outcome.error, outcome.after["status"]) for outcome in outcomes] == [(None, "LIVE")] * 6
    else:
        held = "280 of them spent waiting for the API's rate limit"
        assert (
            str(outcomes[0].error)
            == f"Meeting {meeting(0)}: not LIVE after 2 seconds, {held}; the last status seen is INVOKED{MANUAL_INGEST}"
        )
    assert api.requests == [LIVE, ERRORED, INVOKED, *([LIVE] if live_at < 280 else reads(range(6)))]


def test_stopped_ones_that_stay_active_are_out_of_time(clock: Clock) -> None:
    outcomes = outcomes_of(clock, 6, live=False)
    wait(studio(clock, 6, (0, "LIVE")), clock, *outcomes, live=False, timeout=3)
    for number, outcome in enumerate(outcomes):
        said = f"the last status seen is LIVE of {stream(number)['id']}"
        assert str(outcome.error) == f"Meeting {meeting(number)}: not without an active livestream after 3 seconds; {said}"
        assert (outcome.changed, outcome.after["id"]) == (True, stream(number)["id"])


@pytest.mark.parametrize("gone_at", [3.9, 99])
def test_stopped_ones_that_the_lists_still_show_are_read_before_they_are_out_of_time(clock: Clock, gone_at: float) -> None:
    api = studio(clock, 8, (0, "LIVE"), (gone_at, None), lag=2.0)
    outcomes = outcomes_of(clock, 8, live=False)
    wait(api, clock, *outcomes, live=False, timeout=4)
    is_gone = gone_at < 4
    assert [(outcome.error is None, outcome.after is None) for outcome in outcomes] == [(is_gone, is_gone)] * 8
    assert api.requests == [*[INVOKED, LIVE] * 4, *reads(range(8))]
    assert api.times[-1] == 4.0


def test_only_those_that_are_out_of_time_are_read(clock: Clock) -> None:
    """The others are still waited for."""
    early = outcomes_of(clock, 6)
    clock.now += 2
    late = [started(clock, number) for number in range(6, 12)]
    api = studio(clock, 12, (0, "INVOKED"), (2.5, "LIVE"))
    wait(api, clock, *early, *late, timeout=3)
    assert [isinstance(outcome.error, WaitTimeoutError) for outcome in early + late] == [True] * 6 + [False] * 6
    assert api.requests == [INVOKED, *reads(range(6)), INVOKED, LIVE]


# More than LAST_READS out of time


def test_bounds() -> None:
    assert (waiting.ONE_BY_ONE, waiting.READS_PER_POLL, waiting.LAST_READS) == (5, 25, 100)


PAGES = [by_status("INVOKED", number) for number in (1, 2)]


@pytest.mark.parametrize("live_at", [4.9, 5.1])
def test_more_than_a_hundred_are_decided_by_a_list_that_is_two_seconds_younger(clock: Clock, live_at: float) -> None:
    """The task reads none of them."""
    api = studio(clock, 101, (0, "INVOKED"), (live_at, "LIVE"), lag=2.0)
    outcomes = outcomes_of(clock, 101)
    wait(api, clock, *outcomes, timeout=5)
    is_in_time = live_at < 5
    assert [(outcome.error is None, outcome.after["status"]) for outcome in outcomes] == [
        (is_in_time, "LIVE" if is_in_time else "INVOKED")
    ] * 101
    assert {sent[1] for sent in api.requests} == {"/livestreams"}
    assert api.times[-1] == 7.0


def test_hundred_are_read(clock: Clock) -> None:
    api = studio(clock, 100, (0, "INVOKED"))
    outcomes = outcomes_of(clock, 100)
    wait(api, clock, *outcomes, timeout=2)
    assert [isinstance(outcome.error, WaitTimeoutError) for outcome in outcomes] == [True] * 100
    assert api.requests == [LIVE, ERRORED, INVOKED, *reads(range(100))]


class Hiding(FakeStudio):
    """The lists do not show the meetings from 101 on."""

    def active(self) -> Iterable[tuple[str, Any]]:
        return [each for each in super().active() if each[0] < meeting(101)]


def test_of_more_than_a_hundred_those_are_read_that_no_list_shows(clock: Clock) -> None:
    """There are three of them, and one of these is LIVE. A list decides about the others two seconds later."""
    api = Hiding(clock, {meeting(number): [(0, stream(number, "LIVE" if number == 103 else "INVOKED"))] for number in range(104)})
    outcomes = outcomes_of(clock, 104)
    wait(api, clock, *outcomes, timeout=2)
    assert [outcome.error is None for outcome in outcomes] == [False] * 103 + [True]
    assert api.requests == [LIVE, ERRORED, *PAGES, LIVE, ERRORED, *reads([101, 102, 103]), *PAGES]
    assert api.times == [1.0] * 2 + [2.0] * 7 + [4.0] * 2


@pytest.mark.parametrize("gone_at", [3.9, 99])
def test_more_than_a_hundred_stopped_ones_are_decided_by_a_list_also(clock: Clock, gone_at: float) -> None:
    api = studio(clock, 101, (0, "LIVE"), (gone_at, None), lag=2.0)
    outcomes = outcomes_of(clock, 101, live=False)
    wait(api, clock, *outcomes, live=False, timeout=4)
    is_gone = gone_at < 4
    assert [(outcome.error is None, outcome.after is None) for outcome in outcomes] == [(is_gone, is_gone)] * 101
    assert {sent[1] for sent in api.requests} == {"/livestreams"}
    assert 6.0 <= api.times[-1] <= 7.0


# One that ends alone


def test_failed_one_ends_at_once_and_hides_no_other(clock: Clock) -> None:
    schedules = {
        meeting(number): [(0, stream(number, "ERRORED" if number == 0 else "INVOKED")), (2, stream(number, "LIVE"))] for number in range(6)
    }
    outcomes = outcomes_of(clock, 6)
    api = FakeStudio(clock, schedules)
    wait(api, clock, *outcomes)
    assert isinstance(outcomes[0].error, ErroredError)
    assert str(outcomes[0].error) == f"Meeting {meeting(0)}: livestream {stream(0)['id']} has failed, and its status is ERRORED: No ingest."
    assert [outcome.error for outcome in outcomes[1:]] == [None] * 5
    assert api.requests[:3] == [LIVE, ERRORED, ("GET", f"/livestreams/{stream(0)['id']}/active-livestream-session", {}, None)]


def test_restarted_one_that_another_user_replaces_ends_alone(clock: Clock) -> None:
    shown = [livestream("theirs", "LIVE"), *[stream(number, "LIVE") for number in range(1, 7)]]
    outcomes = outcomes_of(clock, 7)
    for number, outcome in enumerate(outcomes):
        outcome.started_id, outcome.is_own_only = stream(number)["id"], True
    wait(FakeStudio(clock, {meeting(number): [(0, each)] for number, each in enumerate(shown)}), clock, *outcomes)
    assert isinstance(outcomes[0].error, OtherLivestreamError)
    assert outcomes[0].after["id"] == "theirs"
    assert [outcome.error for outcome in outcomes[1:]] == [None] * 6


def test_defect_ends_only_the_wait_of_its_meeting(clock: Clock) -> None:
    class Broken(FakeStudio):
        def answer(self, method: str, path: str, query: Any, body: Any) -> Answer:
            return KeyError("a defect") if path.endswith("-session") else super().answer(method, path, query, body)

    api = Broken(clock, {meeting(number): [(0, stream(number, "ERRORED" if number == 0 else "LIVE"))] for number in range(7)})
    outcomes = outcomes_of(clock, 7)
    wait(api, clock, *outcomes)
    assert isinstance(outcomes[0].error, DefectError)
    assert [outcome.error for outcome in outcomes[1:]] == [None] * 6

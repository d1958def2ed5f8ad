# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many meetings in a task that cannot go on: the token is refused, nothing answers, or its time is over."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    InterruptError,
    NotBegunError,
    TaskTimeoutError,
    UnknownOutcomeError,
)
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, meeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeApp, rooms
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import build_task, run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    LIST_APPS,
    PROVE_APP,
    Answer,
    Clock,
    FakeAPI,
    Same,
    dropped,
    read,
    refusal,
    refused,
    start,
    stop,
)

STATES = rtk_meeting_livestream.ARGUMENT_SPEC["state"]["choices"]
each_state = pytest.mark.parametrize("state", STATES)
in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])
LEFT = "Run the task again to do the rest"


def ids(count: int) -> list[str]:
    return [meeting(number) for number in range(count)]


def run(api: FakeAPI, clock: Clock, count: int, **options: Any) -> Any:
    return run_task(rtk_meeting_livestream, api, clock, meeting_id=ids(count), **options)


# The token is refused, or nothing answers


@in_check_mode_and_not
@each_state
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("count", [9, 20, 500])
def test_refused_token_costs_one_request(clock: Clock, count: int, status: int, state: str, check_mode: bool) -> None:
    api = Same(refusal(status))
    report = run(api, clock, count, state=state, check_mode=check_mode, wait=True)
    first_list = INVOKED if state == "stopped" or check_mode else LIVE
    assert api.requests == [read(meeting(0)) if count < 10 else first_list]
    assert [(entry["error"]["status"], entry["changed"]) for entry in report.returns["meetings"]] == [(status, False)] * count
    # The one whose own read was refused is begun.
    begun = [number for number, outcome in enumerate(report.outcomes) if not isinstance(outcome.error, NotBegunError)]
    assert begun == ([0] if count < 10 else [])
    assert report.returns["meetings"][-1]["error"]["message"].startswith("Not begun: ")
    assert clock.sleeps == []


@pytest.mark.parametrize("count", [9, 200])
def test_refused_token_costs_no_more_side_by_side(clock: Clock, count: int) -> None:
    """The first request goes alone."""
    api = Same(refusal(401))
    report = run(api, clock, count, concurrency=8)
    assert len(api.requests) == 1
    assert {entry["error"]["status"] for entry in report.returns["meetings"]} == {401}
    not_begun = [outcome for outcome in report.outcomes if isinstance(outcome.error, NotBegunError)]
    assert len(not_begun) == (8 if count == 9 else 200)


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("count", [9, 200])
def test_api_that_nothing_reaches_costs_the_tries_of_one_request(clock: Clock, count: int, concurrency: int) -> None:
    api = Same(refused())
    report = run(api, clock, count, concurrency=concurrency)
    assert all("no connection: Connection refused" in str(outcome.error) for outcome in report.outcomes)
    assert not any(outcome.changed for outcome in report.outcomes)
    if concurrency == 1:
        assert len(api.requests) == 5
        assert clock.sleeps == [0.5, 1.0, 2.0, 4.0]
    elif count >= 10:
        assert len(api.requests) == 5
    if concurrency == 1 or count >= 10:  # otherwise the threads are on their way by then
        not_begun = [outcome for outcome in report.outcomes if isinstance(outcome.error, NotBegunError)]
        assert len(not_begun) == (8 if count == 9 else 200)
        assert all(str(outcome.error).startswith("Not begun: ") for outcome in not_begun)


@each_state
@pytest.mark.parametrize("count", [9, 20])
def test_app_that_does_not_exist_fails_all(clock: Clock, state: str, count: int) -> None:
    api = Same(refusal(404))
    report = run(api, clock, count, state=state)
    assert [(entry["error"]["status"], entry["changed"]) for entry in report.returns["meetings"]] == [(404, False)] * count
    if count == 20:
        assert api.requests == [INVOKED if state == "stopped" else LIVE, PROVE_APP, LIST_APPS]


class Revoked(FakeApp):
    """Every write from the so-manieth on is refused for the token."""

    def __init__(self, count: int, status: str | None, since: int) -> None:
        super().__init__(rooms(count, status))
        self._since = since

    def answer(self, method: str, path: str, query: Any, body: Any) -> Answer:
        if method == "POST" and len(self.writes) >= self._since:
            return refusal(403, "No more.")
        return super().answer(method, path, query, body)


@pytest.mark.parametrize(
    ("state", "status", "each"),
    [
        ("started", None, lambda meeting_id: [start(meeting_id)]),
        ("stopped", "LIVE", lambda meeting_id: [read(meeting_id), stop(meeting_id)]),
    ],
)
def test_write_that_is_refused_for_the_token_ends_those_after_it(clock: Clock, state: str, status: str | None, each: Any) -> None:
    api = Revoked(20, status, 3)
    report = run(api, clock, 20, state=state)
    lists = [INVOKED, LIVE] if status else [LIVE, INVOKED, LIVE, ERRORED]
    proofs = [sent for sent in api.requests if sent[1] == "/meetings"]
    assert api.requests == [*lists, *proofs, *[sent for number in range(3) for sent in each(meeting(number))]]
    assert [outcome.changed for outcome in report.outcomes] == [True] * 2 + [False] * 18
    refused = report.outcomes[2].error
    assert (refused.status, refused.message) == (403, "No more.")
    assert [outcome.error for outcome in report.outcomes[:2]] == [None] * 2
    assert [str(outcome.error) for outcome in report.outcomes[3:]] == [f"Not begun: {refused}"] * 17
    assert {entry["error"]["status"] for entry in report.returns["meetings"][2:]} == {403}


def test_stop_that_is_refused_for_the_token_ends_the_restart_of_those_after_it(clock: Clock) -> None:
    """The task reads none of them, because no write could follow."""
    api = Revoked(20, "LIVE", 3)
    report = run(api, clock, 20, state="restarted")
    first, second = meeting(0), meeting(1)
    assert api.requests == [LIVE, read(first), stop(first), start(first), read(second), stop(second)]
    assert [outcome.changed for outcome in report.outcomes] == [True] + [False] * 19
    assert [entry["error"] and entry["error"]["status"] for entry in report.returns["meetings"]] == [None] + [403] * 19
    assert [isinstance(outcome.error, NotBegunError) for outcome in report.outcomes] == [False] * 2 + [True] * 18


# The time is over


class Slow(FakeApp):
    """Each request takes half a second."""

    def __init__(self, clock: Clock, count: int, status: str | None, lost: frozenset[int] = frozenset()) -> None:
        super().__init__(rooms(count, status))
        self._clock, self._lost = clock, lost

    def answer(self, *sent: Any) -> Answer:
        self._clock.now += 0.5
        said = super().answer(*sent)
        return dropped() if len(self.requests) in self._lost else said


def test_rooms_that_are_begun_are_done_and_the_others_are_not_begun(clock: Clock) -> None:
    """Four lists and four starts take four seconds."""
    api = Slow(clock, 20, None)
    report = run(api, clock, 20, task_timeout=4, wait=True)
    assert api.requests == [LIVE, INVOKED, LIVE, ERRORED, *map(start, ids(4))]
    for number, outcome in enumerate(report.outcomes):
        assert isinstance(outcome.error, TaskTimeoutError)
        stage = "Wait not finished" if number < 4 else "Not begun"
        assert (str(outcome.error), outcome.changed) == (f"{stage}: task_timeout is over. {LEFT}", number < 4)


def test_room_that_was_only_read_is_broken_off(clock: Clock) -> None:
    """Two lists, a read and a stop, and a read."""
    api = Slow(clock, 20, "LIVE")
    report = run(api, clock, 20, state="stopped", task_timeout=2.5)
    assert api.requests == [INVOKED, LIVE, read(meeting(0)), stop(meeting(0)), read(meeting(1))]
    first, second, *others = report.outcomes
    assert (first.error, first.changed, second.changed, second.after is None) == (None, True, False, False)
    assert str(second.error) == f"Not finished: task_timeout is over. {LEFT}"
    assert {str(outcome.error) for outcome in others} == {f"Not begun: task_timeout is over. {LEFT}"}


def test_room_that_is_found_in_the_wanted_state_is_done(clock: Clock) -> None:
    api = Slow(clock, 20, "LIVE")
    report = run(api, clock, 20, task_timeout=0.5, wait=True)
    assert [(outcome.error, outcome.changed) for outcome in report.outcomes] == [(None, False)] * 20
    assert api.requests == [LIVE]


def test_lists_that_there_is_no_time_for_begin_nothing(clock: Clock) -> None:
    api = Slow(clock, 20, None)
    report = run(api, clock, 20, task_timeout=1)
    assert api.requests == [LIVE, INVOKED]
    assert {(str(outcome.error), outcome.changed) for outcome in report.outcomes} == {(f"Not begun: task_timeout is over. {LEFT}", False)}


def test_start_whose_answer_is_lost_at_the_end_is_in_doubt(clock: Clock) -> None:
    api = Slow(clock, 20, None, lost=frozenset([5]))
    report = run(api, clock, 20, task_timeout=2.5)
    doubtful, *others = report.outcomes
    assert isinstance(doubtful.error, UnknownOutcomeError)
    assert doubtful.changed
    assert {str(outcome.error) for outcome in others} == {f"Not begun: task_timeout is over. {LEFT}"}


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("task_timeout", [0.5, 1.5, 2, 3, 5.5])
@pytest.mark.parametrize("status", [None, "LIVE", "ERRORED"])
@pytest.mark.parametrize("count", [9, 20])
@each_state
def test_each_room_is_done_or_in_doubt_or_not_begun(
    clock: Clock, state: str, count: int, status: str | None, task_timeout: float, concurrency: int
) -> None:
    """Some answers are lost. The report of a room matches its requests and the API's effects."""
    api = Slow(clock, count, status, lost=frozenset([6, 9, 14]))
    report = run(api, clock, count, state=state, task_timeout=task_timeout, concurrency=concurrency)
    for number, outcome in enumerate(report.outcomes):
        sent = [method for method, path, *_unused in api.requests if f"/{outcome.target}/" in f"{path}/"]
        is_left = api.meetings[outcome.target].active == rooms(count, status)[outcome.target].active
        said = str(outcome.error)
        if outcome.error is None:
            assert outcome.changed != is_left
            is_active = api.meetings[outcome.target].active is not None
            assert is_active == (state != "stopped")
        elif said.startswith("Not begun: "):
            assert (sent, outcome.changed) == ([], False), number
        elif said.startswith("Not finished: "):
            assert sent
            assert outcome.changed != is_left
        else:
            assert isinstance(outcome.error, UnknownOutcomeError)
            assert outcome.changed
            assert "POST" in sent


@each_state
def test_interrupted_task_reports_each_room(clock: Clock, state: str) -> None:
    api = Slow(clock, 20, "ERRORED")
    task = build_task(rtk_meeting_livestream, api, clock, meeting_id=ids(20), state=state)
    answer = api.answer

    def interrupt_after_the_first_stop(*sent: Any) -> Answer:
        if sent[0] == "POST":
            task.client.interrupt()
        return answer(*sent)

    api.answer = interrupt_after_the_first_stop  # type: ignore[method-assign]
    first, *others = rtk_meeting_livestream.run(task).outcomes
    assert api.writes == [stop(meeting(0))]
    assert first.changed
    assert (first.error is None) == (state == "stopped")
    for outcome in others:
        assert isinstance(outcome.error, InterruptError)
        assert (str(outcome.error), outcome.changed) == (f"Not begun: the task was interrupted. {LEFT}", False)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the work on one target ends: its error is kept, and the time and the requests of the task are noted."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome, work_on
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ApiError,
    DefectError,
    InterruptError,
    NotBegunError,
    NotFoundError,
    RealtimeKitError,
    ServerError,
    StoppedError,
    TaskTimeoutError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    NONE_ACTIVE,
    OLD,
    Clock,
    FakeAPI,
    Reply,
    build_livestreams,
    ok,
    read,
    refusal,
)

LEFT = "Run the task again to do the rest"


def fail(error: Exception) -> None:
    raise error


def test_new_outcome_knows_nothing() -> None:
    assert vars(Outcome("a")) == {
        "target": "a",
        "changed": False,
        "before": None,
        "after": None,
        "warnings": [],
        "error": None,
        "stopped_id": None,
        "only_id": None,
        "label": None,
        "started_id": None,
        "is_own_only": False,
        "doubt": None,
        "done_at": 0.0,
        "held_before": 0.0,
    }


@pytest.mark.parametrize(
    ("raised", "kind"), [(NotFoundError("GET", "/x", "No.", status=404), NotFoundError), (KeyError("secret words"), DefectError)]
)
def test_error_is_kept_and_not_raised(clock: Clock, raised: Exception, kind: type[RealtimeKitError]) -> None:
    outcome = work_on(build_livestreams(FakeAPI(), clock).client, MEETING, lambda outcome: fail(raised))
    assert (outcome.target, type(outcome.error), outcome.done_at) == (MEETING, kind, clock())
    assert "secret words" not in str(outcome.error)


@pytest.mark.parametrize("kind", [InterruptError, TaskTimeoutError])
def test_target_of_which_no_request_was_sent_is_not_begun(clock: Clock, kind: type[StoppedError]) -> None:
    """Requests for other targets do not count."""
    livestreams = build_livestreams(FakeAPI(ok(None)), clock)
    livestreams.active(MEETING)
    outcome = work_on(livestreams.client, MEETING, lambda outcome: fail(kind()))
    assert isinstance(outcome.error, kind)
    assert str(outcome.error) == f"Not begun: {kind.reason}. {LEFT}"


@pytest.mark.parametrize("status", [401, 403])
def test_target_of_which_no_request_was_sent_for_a_refusal_of_all_is_not_begun(clock: Clock, status: int) -> None:
    """The target whose request was refused is not one of these."""
    api = FakeAPI(refusal(status, "Who?"))
    livestreams = build_livestreams(api, clock)

    def work(outcome: Outcome) -> None:
        livestreams.active(outcome.target)

    first, second = (work_on(livestreams.client, target, work) for target in (MEETING, OLD))
    assert isinstance(first.error, ApiError)
    assert isinstance(second.error, NotBegunError)
    assert str(second.error) == f"Not begun: {first.error}"
    assert second.error.cause is first.error
    assert second.error.details() == {**first.error.details(), "message": str(second.error)}
    assert api.requests == [read(MEETING)]


def test_error_that_is_true_for_one_target_alone_does_not_mean_not_begun(clock: Clock) -> None:
    """No request was sent, and no failure affects all targets."""
    error = NotFoundError("GET", "/x", "No.", status=404)
    assert work_on(build_livestreams(FakeAPI(), clock).client, MEETING, lambda outcome: fail(error)).error is error


def test_target_without_an_error_is_not_not_begun(clock: Clock) -> None:
    """It needed no request, also after a refusal of all."""
    client = build_livestreams(FakeAPI(), clock).client
    client.refuse(ApiError("GET", "/x", "Who?", status=401))
    assert work_on(client, MEETING, lambda outcome: None).error is None


def test_what_the_task_ended_with_is_kept(clock: Clock) -> None:
    after = ServerError("GET", "/x", "Oops.", status=500)
    outcome = work_on(
        build_livestreams(FakeAPI(), clock).client, MEETING, lambda outcome: fail(TaskTimeoutError(reason="no time", after=after))
    )
    assert str(outcome.error) == f"Not begun: no time (the last try: {str(after).rstrip('.')}). {LEFT}"
    assert (type(outcome.error), outcome.error.after) == (TaskTimeoutError, after)


@pytest.mark.parametrize("answer", [ok(None), NONE_ACTIVE], ids=["null", "404"])
def test_target_of_which_a_request_was_sent_is_broken_off(clock: Clock, answer: Reply) -> None:
    livestreams = build_livestreams(FakeAPI(answer), clock)

    def work(outcome: Outcome) -> None:
        livestreams.active(MEETING)
        raise InterruptError

    assert str(work_on(livestreams.client, MEETING, work).error) == f"Not finished: the task was interrupted. {LEFT}"


def test_seconds_held_back_by_then_are_noted(clock: Clock) -> None:
    used_up = {"Ratelimit": '"default";r=0;t=50'}
    livestreams = build_livestreams(FakeAPI(Reply(200, {"data": None}, used_up), ok(None)), clock)
    begun = clock()
    for _unused in range(2):
        outcome = work_on(livestreams.client, MEETING, lambda outcome: fail(KeyError()) if livestreams.active(MEETING) else None)
    assert (outcome.error, outcome.held_before, outcome.done_at) == (None, 50.0, begun + 50)

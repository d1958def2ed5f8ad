# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the work on one target ends: its error is kept, and the time and the requests of the task are noted."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome, work_on
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    DefectError,
    InterruptError,
    NotFoundError,
    RealtimeKitError,
    StoppedError,
    TaskTimeoutError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    NONE_ACTIVE,
    Clock,
    FakeAPI,
    Reply,
    build_livestreams,
    ok,
)

LEFT = "Run the task again: it does what is left"


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
        "own_id": None,
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


@pytest.mark.parametrize("answer", [ok(None), NONE_ACTIVE], ids=["null", "404"])
def test_target_of_which_a_request_was_sent_is_broken_off(clock: Clock, answer: Reply) -> None:
    livestreams = build_livestreams(FakeAPI(answer), clock)

    def work(outcome: Outcome) -> None:
        livestreams.active(MEETING)
        raise InterruptError

    assert str(work_on(livestreams.client, MEETING, work).error) == f"Broken off: the task was interrupted. {LEFT}"


def test_seconds_held_back_by_then_are_noted(clock: Clock) -> None:
    used_up = {"Ratelimit": '"default";r=0;t=50'}
    livestreams = build_livestreams(FakeAPI(Reply(200, {"data": None}, used_up), ok(None)), clock)
    begun = clock()
    for _unused in range(2):
        outcome = work_on(livestreams.client, MEETING, lambda outcome: fail(KeyError()) if livestreams.active(MEETING) else None)
    assert (outcome.error, outcome.held_before, outcome.done_at) == (None, 50.0, begun + 50)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A write that the API refuses, or that never left: its message, and no second send."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meeting_livestreams import ensure_started, ensure_stopped
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ApiError, DefectError, NotSentError
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    OLD,
    OURS,
    STARTED,
    STOPPED,
    Clock,
    FakeAPI,
    Reply,
    begin,
    begin_anew,
    build_livestreams,
    end,
    livestream,
    ok,
    read,
    refusal,
    refused,
    start,
    stop,
)

NONE = ok(None)
OLD_ONE = ok(livestream(OLD))
WORDS = "The previous livestream is still stopping."


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("unreadable", [refusal(401), refusal(403)], ids=["401", "403"])
def test_refusal_that_cannot_be_looked_into_stays(clock: Clock, status: int, unreadable: Reply) -> None:
    outcome = begin(build_livestreams(FakeAPI(NONE, refusal(status, WORDS), unreadable), clock))
    assert (outcome.error.status, outcome.error.message, outcome.changed) == (status, WORDS, False)


REFUSED = {
    "401": refusal(401),
    "403": refusal(403),
    "405": refusal(405),
    "413": Reply(413, "<html>Too large</html>"),
    "422": refusal(422),
    "success false": Reply(200, {"success": False, "errors": [{"code": 1000, "message": "No."}]}),
    "success 'false'": Reply(201, {"success": "false", "data": livestream()}),
}
each_refusal = pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED)


@each_refusal
def test_definite_refusal_of_a_start_is_sent_once(clock: Clock, answer: Reply) -> None:
    api = FakeAPI(NONE, answer)
    outcome = begin(build_livestreams(api, clock))
    assert isinstance(outcome.error, ApiError)
    assert (outcome.error.status, outcome.changed, outcome.after) == (answer.status, False, None)
    assert (api.requests, clock.sleeps) == ([read(), start()], [])


def test_start_in_a_meeting_that_is_not_there_is_sent_once(clock: Clock) -> None:
    api = FakeAPI(NONE, refusal(404))
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error.status, outcome.changed) == (404, False)
    assert (api.requests, clock.sleeps) == ([read(), start()], [])


@pytest.mark.parametrize("ensure", [end, begin_anew], ids=["stopped", "restarted"])
@each_refusal
def test_definite_refusal_of_a_stop_is_sent_once(clock: Clock, ensure: Callable[[Livestreams], Outcome], answer: Reply) -> None:
    api = FakeAPI(OLD_ONE, answer)
    outcome = ensure(build_livestreams(api, clock))
    assert isinstance(outcome.error, ApiError)
    assert (outcome.error.status, outcome.changed, outcome.after["id"]) == (answer.status, False, OLD)
    assert (api.requests, clock.sleeps) == ([read(), stop()], [])


@each_refusal
def test_restart_that_ends_after_its_stop_is_changed(clock: Clock, answer: Reply) -> None:
    api = FakeAPI(OLD_ONE, STOPPED, answer)
    outcome = begin_anew(build_livestreams(api, clock))
    assert (outcome.error.status, outcome.changed, outcome.after) == (answer.status, True, None)
    assert api.requests == [read(), stop(), start()]


def test_start_that_was_never_sent_is_retried_without_a_look(clock: Clock) -> None:
    api = FakeAPI(NONE, refused(), refused(), STARTED)
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [read(), start(), start(), start()]
    assert clock.sleeps == [0.5, 1.0]


def test_start_that_is_never_sent_is_unchanged(clock: Clock) -> None:
    outcome = begin(build_livestreams(FakeAPI(NONE, refused()), clock, retries=0))
    assert isinstance(outcome.error, NotSentError)
    assert not outcome.changed


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("ensure", [ensure_started, ensure_stopped])
def test_defect_hides_no_other_meeting(clock: Clock, ensure: Any, check_mode: bool) -> None:
    """It is this meeting's own, and what only reads has changed nothing."""
    outcome = ensure(build_livestreams(FakeAPI(KeyError("a defect")), clock), MEETING, check_mode=check_mode)
    assert isinstance(outcome.error, DefectError)
    assert outcome.changed is False
    assert outcome.done_at == clock()


def test_started_is_the_default(clock: Clock) -> None:
    api = FakeAPI(OLD_ONE)
    assert not begin(build_livestreams(api, clock)).changed
    assert api.requests == [read()]


def test_outcome_knows_when_its_work_was_done(clock: Clock) -> None:
    begun = clock()
    assert begin_anew(build_livestreams(FakeAPI(OLD_ONE, STOPPED, refusal(409), NONE, STARTED), clock)).done_at == begun + 0.5
    assert begin(build_livestreams(FakeAPI(NONE, refusal(401)), clock)).done_at == clock()


@pytest.mark.parametrize(("ensure", "is_own_only"), [(begin, False), (begin_anew, True)], ids=["started", "restarted"])
def test_only_a_restart_insists_on_its_own_livestream(clock: Clock, ensure: Any, is_own_only: bool) -> None:
    outcome = ensure(build_livestreams(FakeAPI(NONE, STARTED), clock))
    assert (outcome.started_id, outcome.is_own_only) == (OURS, is_own_only)

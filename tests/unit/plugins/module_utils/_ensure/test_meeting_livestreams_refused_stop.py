# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stop that the API refuses, with each state that can be behind it: another user's livestream is never stopped."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import OtherLivestreamError
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
    Reply,
    begin,
    begin_anew,
    build_livestreams,
    dropped,
    end,
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

by_400_404_or_409 = pytest.mark.parametrize("status", [400, 404, 409])


@pytest.mark.parametrize("stopped_after", [0, 1, 3], ids=lambda reads: f"after {reads} reads")
@by_400_404_or_409
def test_stop_refused_because_it_was_stopped_already(clock: Clock, status: int, stopped_after: int) -> None:
    api = FakeAPI(OLD_ONE, *[refusal(status), OLD_ONE] * stopped_after, refusal(status), NONE)
    outcome = end(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after) == (None, False, None)
    assert api.requests == [read(), *[stop(), read()] * (stopped_after + 1)]
    assert clock.sleeps == [*settling(stopped_after), 0.0]


@by_400_404_or_409
def test_restart_of_one_that_another_user_stopped(clock: Clock, status: int) -> None:
    api = FakeAPI(OLD_ONE, refusal(status), NONE, STARTED)
    outcome = begin_anew(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, OURS)
    assert api.requests == [read(), stop(), read(), start()]


@by_400_404_or_409
def test_stop_refused_for_a_while(clock: Clock, status: int) -> None:
    api = FakeAPI(OLD_ONE, refusal(status), OLD_ONE, STOPPED)
    outcome = end(build_livestreams(api, clock, retries=0))
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, None)
    assert clock.sleeps == settling(1)


@by_400_404_or_409
def test_stop_refused_for_ever(clock: Clock, status: int) -> None:
    api = FakeAPI(OLD_ONE, *[refusal(status, WORDS), OLD_ONE] * 4, *[OLD_ONE, refusal(status, WORDS), OLD_ONE] * 2)
    outcome = end(build_livestreams(api, clock))
    assert (outcome.error.status, outcome.error.message, outcome.changed) == (status, WORDS, False)
    assert outcome.after["id"] == OLD
    # After the two longest pauses the state is too old to rest a stop on.
    assert api.requests == [read(), *[stop(), read()] * 4, *[read(), stop(), read()] * 2]


@pytest.mark.parametrize(
    ("answer", "changed", "cause"),
    [(refusal(409), False, None), (refusal(404), False, None), (dropped(), True, "POST"), (Reply(500), True, "POST")],
    ids=["409", "404", "dropped", "500"],
)
@pytest.mark.parametrize("ensure", [end, begin_anew], ids=["stopped", "restarted"])
def test_livestream_of_another_user_is_never_stopped(
    clock: Clock, ensure: Callable[[Livestreams], Outcome], answer: Answer, changed: bool, cause: Any
) -> None:
    api = FakeAPI(OLD_ONE, answer, OTHER_ONE)
    outcome = ensure(build_livestreams(api, clock))
    assert isinstance(outcome.error, OtherLivestreamError)
    assert str(outcome.error) == (
        f"Meeting {MEETING}: livestream {OLD} was stopped. Another user has started {THEIRS} since, and it stays on air. "
        "Run the task again to stop it also"
    )
    assert outcome.error.details()["method"] == cause
    assert (outcome.changed, outcome.after["id"]) == (changed, THEIRS)
    assert api.requests == [read(), stop(), read()]


@pytest.mark.parametrize(
    ("answer", "changed"), [(refusal(409), False), (refusal(404), False), (dropped(), True)], ids=["409", "404", "dropped"]
)
def test_errored_one_that_another_user_has_replaced_is_started(clock: Clock, answer: Answer, changed: bool) -> None:
    api = FakeAPI(ok(livestream(OLD, "ERRORED")), answer, OTHER_ONE)
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, changed, THEIRS)
    assert api.requests == [read(), stop(), read()]


def test_errored_one_in_whose_place_another_errored_one_is_found(clock: Clock) -> None:
    api = FakeAPI(ok(livestream(OLD, "ERRORED")), refusal(409), ok(livestream(THEIRS, "ERRORED")))
    outcome = begin(build_livestreams(api, clock))
    assert isinstance(outcome.error, OtherLivestreamError)
    assert api.requests == [read(), stop(), read()]


@pytest.mark.parametrize("changed", [False, True])
def test_failed_one_that_another_user_has_replaced_is_started(clock: Clock, changed: bool) -> None:
    """The goal is reached without a stop."""
    answer = dropped() if changed else refusal(404)
    api = FakeAPI(ok(livestream(OLD, "ERRORED")), answer, OTHER_ONE)
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, changed, THEIRS)
    assert api.requests == [read(), stop(), read()]

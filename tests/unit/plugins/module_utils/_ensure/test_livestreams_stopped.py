# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in a task that has to end: each is created, in doubt, or not begun."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import TaskTimeoutError, UnknownOutcomeError
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import FakeCatalog
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    SEARCH,
    Answer,
    Clock,
    FakeAPI,
    build_livestreams,
    create,
    dropped,
)

LEFT = "task_timeout is over. Run the task again to do the rest"


class Slow(FakeCatalog):
    """Each request takes half a second."""

    def __init__(self, clock: Clock, *endings: Ending) -> None:
        super().__init__([], *endings)
        self._clock = clock

    def answer(self, *sent: Any) -> Answer:
        self._clock.now += 0.5
        return super().answer(*sent)


def ensure(api: FakeAPI, clock: Clock, *names: str, task_timeout: float) -> list[Outcome]:
    return ensure_present(build_livestreams(api, clock, task_timeout=task_timeout), names)


def test_names_that_are_created_in_time_are_done(clock: Clock) -> None:
    api = Slow(clock)
    outcomes = ensure(api, clock, "a", "b", task_timeout=2)
    assert [(outcome.error, outcome.changed) for outcome in outcomes] == [(None, True)] * 2
    assert api.requests == [SEARCH, create("a"), create("b"), SEARCH]


@pytest.mark.parametrize("begun", [True, False], ids=["after the list", "before the list"])
def test_names_of_which_no_create_was_sent_are_not_begun(clock: Clock, begun: bool) -> None:
    api = Slow(clock)
    outcomes = ensure(api, clock, "a", "b", task_timeout=0.5 if begun else 0)
    assert [str(outcome.error) for outcome in outcomes] == [f"Not begun: {LEFT}"] * 2
    assert [(outcome.changed, outcome.after) for outcome in outcomes] == [(False, None)] * 2
    assert api.requests == [SEARCH] * begun


def test_some_are_created_and_the_others_not_begun(clock: Clock) -> None:
    """No time is left to look for twins, so those that are created fail as well."""
    api = Slow(clock)
    outcomes = ensure(api, clock, "a", "b", "c", task_timeout=1.4)
    assert api.requests == [SEARCH, create("a"), create("b")]
    assert all(isinstance(outcome.error, TaskTimeoutError) for outcome in outcomes)
    assert [(outcome.changed, outcome.after is None) for outcome in outcomes] == [(True, False), (True, False), (False, True)]
    assert str(outcomes[0].error) == str(outcomes[1].error) == f"Not finished: {LEFT}"
    assert str(outcomes[2].error) == f"Not begun: {LEFT}"


def test_create_whose_effect_there_is_no_time_to_look_for_is_in_doubt(clock: Clock) -> None:
    api = Slow(clock, Ending(dropped(), 0))
    (outcome,) = ensure(api, clock, "a", task_timeout=1)
    assert isinstance(outcome.error, UnknownOutcomeError)
    assert outcome.changed
    assert str(outcome.error) == (
        "Outcome unknown: POST /livestreams: the connection broke: Connection reset by peer; and then task_timeout is over. "
        "Run the task again: it reads the state first"
    )
    assert api.requests == [SEARCH, create("a")]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A livestream of the same name that another run creates at the same moment: the error has both ids."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    DuplicateNameError,
    InterruptError,
    TaskTimeoutError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import FakeCatalog, created_id
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OLD,
    OURS,
    SEARCH,
    THEIRS,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    build_livestreams,
    create,
    dropped,
    livestream,
    ok,
    refusal,
)

A = create("a")
#: The listings of one round of looks.
ALL_LOOKS = [SEARCH] * len(LOOKS)


def ensure(api: FakeAPI, clock: Clock, *names: str, retries: int = 4) -> list[Outcome]:
    return ensure_present(build_livestreams(api, clock, retries=retries), names)


def twins(clock: Clock, shows: int, *endings: Ending) -> tuple[FakeCatalog, Outcome]:
    api = FakeCatalog([], *endings, theirs=((shows, livestream(THEIRS, name="a")),))
    (outcome,) = ensure(api, clock, "a")
    return api, outcome


def test_twin_is_reported_with_both_ids(clock: Clock) -> None:
    api, outcome = twins(clock, 2)
    assert isinstance(outcome.error, DuplicateNameError)
    assert str(outcome.error).startswith(
        f"2 independent livestreams are named 'a': {THEIRS} (created at an unknown time), "
        f"{created_id(1)} (created 2026-11-20T09:00:00.000Z)."
    )
    assert outcome.changed
    assert api.requests == [SEARCH, A, SEARCH]


def test_twin_of_one_name_hides_none_of_another(clock: Clock) -> None:
    api = FakeCatalog([], theirs=((2, livestream(THEIRS, name="a")), (2, livestream(OLD, name="b"))))
    outcomes = ensure(api, clock, "a", "b")
    assert [THEIRS in str(outcomes[0].error), OLD in str(outcomes[1].error)] == [True, True]
    assert api.requests == [SEARCH, A, create("b"), SEARCH]


def test_twin_that_shows_before_ours(clock: Clock) -> None:
    api, outcome = twins(clock, 2, Ending(None, 9))
    assert isinstance(outcome.error, DuplicateNameError)
    assert THEIRS in str(outcome.error)
    assert created_id(1) in str(outcome.error)
    assert api.requests == [SEARCH, A, SEARCH]


@pytest.mark.parametrize("shows_at", [2, 3, 4])
def test_looks_for_twins_go_on_until_ours_shows(clock: Clock, shows_at: int) -> None:
    api = FakeCatalog([], Ending(None, shows_at))
    (outcome,) = ensure(api, clock, "a")
    assert (outcome.error, outcome.changed) == (None, True)
    assert api.requests == [SEARCH, A, *[SEARCH] * shows_at]
    assert clock.sleeps == list(LOOKS[:shows_at])


def test_looks_for_twins_end(clock: Clock) -> None:
    api = FakeCatalog([], Ending(None, 99))
    (outcome,) = ensure(api, clock, "a")
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, created_id(1))
    assert api.requests == [SEARCH, A, *ALL_LOOKS]
    assert outcome.warnings == ["Livestream 'a' was created but is not in the list yet. Until it is, another run creates another one."]


@pytest.mark.parametrize(("shows_at", "warnings"), [(1, 0), (99, 1)], ids=["shows", "never shows"])
def test_second_try_is_warned_of_only_if_it_does_not_show(clock: Clock, shows_at: int, warnings: int) -> None:
    api = FakeCatalog([], Ending(dropped(), 0), Ending(None, shows_at))
    (outcome,) = ensure(api, clock, "a")
    assert (outcome.error, outcome.changed, len(outcome.warnings)) == (None, True, warnings)
    assert api.requests == [SEARCH, A, *ALL_LOOKS, A, *ALL_LOOKS]


def test_twin_that_shows_with_ours_late(clock: Clock) -> None:
    api, outcome = twins(clock, 4, Ending(None, 3))
    assert isinstance(outcome.error, DuplicateNameError)
    assert api.requests == [SEARCH, A, *[SEARCH] * 3]


def test_twin_of_one_is_no_twin_of_another(clock: Clock) -> None:
    api = FakeCatalog([], theirs=((2, livestream(THEIRS, name="b")),))
    fine, twin, also = ensure(api, clock, "a", "b", "c")
    assert (fine.error, also.error) == (None, None)
    assert isinstance(twin.error, DuplicateNameError)
    assert [outcome.changed for outcome in (fine, twin, also)] == [True] * 3


@pytest.mark.parametrize("failing", [[refusal(401, "Who?")], [Reply(500)] * 5], ids=["401", "500"])
def test_look_for_twins_that_fails_is_a_warning(clock: Clock, failing: list[Any]) -> None:
    api = FakeAPI(ok([]), ok(livestream(OURS), 201), ok(livestream(THEIRS), 201), *failing)
    for name, outcome in zip("ab", ensure(api, clock, "a", "b")):
        assert (outcome.error, outcome.changed) == (None, True)
        assert len(outcome.warnings) == 1
        assert outcome.warnings[0].startswith(
            f"Livestream '{name}' was created, but the task could not check whether another run also created one: GET /livestreams answered"
        )


@pytest.mark.parametrize("task_timeout", [None, 9], ids=["interrupted", "out of time"])
def test_look_for_a_twin_that_the_task_has_no_time_for_is_a_failure(clock: Clock, task_timeout: int | None) -> None:
    class Ended(FakeCatalog):
        def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
            said = super().answer(method, path, query, body)
            if method == "POST":
                clock.now += task_timeout or 0
                if not task_timeout:
                    livestreams.client.interrupt()
            return said

    api = Ended([])
    livestreams = build_livestreams(api, clock, task_timeout=task_timeout)
    (outcome,) = ensure_present(livestreams, ["a"])
    assert isinstance(outcome.error, TaskTimeoutError if task_timeout else InterruptError)
    assert (outcome.changed, outcome.after["id"], outcome.warnings) == (True, created_id(1), [])
    assert api.requests == [SEARCH, A]

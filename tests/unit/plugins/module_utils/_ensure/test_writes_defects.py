# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A defect in the middle of a write: it hides no other target, and `changed` is true only if a write may have happened."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import names
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DefectError, UnknownOutcomeError
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import FakeCatalog
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OLD,
    OURS,
    SEARCH,
    STOPPED,
    Answer,
    Clock,
    FakeAPI,
    begin,
    begin_anew,
    build_livestreams,
    create,
    dropped,
    end,
    livestream,
    ok,
    read,
    refusal,
    start,
    stop,
)

NONE, OLD_ONE = ok(None), ok(livestream(OLD))
DEFECT = KeyError("a defect")

Ensure = Callable[[Livestreams], Outcome]


@pytest.mark.parametrize(
    ("ensure", "answers", "changed"),
    [
        (begin, [DEFECT], False),
        (end, [DEFECT], False),
        (begin, [NONE, DEFECT], True),
        (end, [OLD_ONE, DEFECT], True),
        (begin, [NONE, dropped(), DEFECT], True),
        (end, [OLD_ONE, dropped(), DEFECT], True),
        (begin, [NONE, refusal(409), DEFECT], False),
        (end, [OLD_ONE, refusal(404), DEFECT], False),
        (begin_anew, [OLD_ONE, refusal(404), DEFECT], False),
        (begin_anew, [OLD_ONE, refusal(404), NONE, refusal(409), DEFECT], False),
        (begin_anew, [OLD_ONE, STOPPED, refusal(409), DEFECT], True),
    ],
)
def test_changed_after_a_defect(clock: Clock, ensure: Ensure, answers: list[Answer], changed: bool) -> None:
    api = FakeAPI(*answers)
    outcome = ensure(build_livestreams(api, clock))
    assert isinstance(outcome.error, DefectError)
    assert outcome.changed is changed
    assert len(api.requests) == len(answers)


def test_defect_in_a_write_is_not_sent_again(clock: Clock) -> None:
    api = FakeAPI(OLD_ONE, DEFECT)
    end(build_livestreams(api, clock))
    assert api.requests == [read(), stop()]
    api = FakeAPI(NONE, DEFECT)
    begin(build_livestreams(api, clock))
    assert api.requests == [read(), start()]


@pytest.mark.parametrize("check_mode", [False, True])
def test_defect_in_the_first_reading_of_names(clock: Clock, check_mode: bool) -> None:
    outcomes = ensure_present(build_livestreams(FakeAPI(DEFECT), clock), ["a", "b"], check_mode=check_mode)
    assert [(type(outcome.error), outcome.changed) for outcome in outcomes] == [(DefectError, False)] * 2


def test_defect_in_one_create_hides_no_other(clock: Clock) -> None:
    ours = livestream(OURS, name="b")
    api = FakeAPI(ok([]), DEFECT, ok(ours, 201), ok([ours], paging={"end_offset": 1, "total_count": 1}))
    broken, created = ensure_present(build_livestreams(api, clock), ["a", "b"])
    assert (type(broken.error), broken.changed) == (DefectError, True)
    assert (created.error, created.changed, created.after["id"]) == (None, True, OURS)
    assert api.requests == [SEARCH, create("a"), create("b"), SEARCH]


def test_defect_in_the_look_for_twins_hides_nothing_that_was_created(clock: Clock) -> None:
    api = FakeAPI(ok([]), ok(livestream(OURS), 201), DEFECT)
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, OURS)
    assert "created one: Bug in streamops.realtimekit: KeyError" in outcome.warnings[0]


def test_defect_in_the_look_for_names_in_doubt(clock: Clock) -> None:
    api = FakeAPI(ok([]), dropped(), refusal(409), DEFECT)
    doubtful, refused = ensure_present(build_livestreams(api, clock), ["a", "b"])
    assert [(type(each.error), each.changed) for each in (doubtful, refused)] == [(UnknownOutcomeError, True), (DefectError, False)]


def test_text_of_a_defect_is_not_shown(clock: Clock) -> None:
    outcome: Any = begin(build_livestreams(FakeAPI(NONE, KeyError("secret words")), clock))
    assert "secret words" not in str(outcome.error)


@pytest.mark.parametrize("step", ["take", "_compare_name", "_compare_with_list"])
def test_defect_behind_the_creates_hides_none_of_them(clock: Clock, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    real = getattr(names, step)

    def break_once_created(*args: Any) -> Any:
        if api.writes and any(getattr(arg, "target", None) == "a" for arg in args):
            raise DEFECT
        return real(*args)

    monkeypatch.setattr(names, step, break_once_created)
    api = FakeCatalog([])
    broken, created = ensure_present(build_livestreams(api, clock), ["a", "b"])
    assert (type(broken.error), broken.changed) == (DefectError, True)
    assert (created.error, created.changed) == (None, True)


@pytest.mark.parametrize(("before", "changed"), [([], False), ([dropped(), *[OLD_ONE] * 4], True)], ids=["no doubt", "in doubt"])
def test_defect_before_a_write_leaves_changes_nothing(clock: Clock, before: list[Answer], changed: bool) -> None:
    api = FakeAPI(OLD_ONE, *before)
    livestreams = build_livestreams(api, clock)
    acquire = livestreams.client._pacing.acquire

    def break_before_the_last_stop(places: int = 1) -> float:
        if len(api.requests) == 1 + len(before):
            raise DEFECT
        return acquire(places)

    livestreams.client._pacing.acquire = break_before_the_last_stop
    outcome = end(livestreams)
    assert (type(outcome.error), outcome.changed) == (DefectError, changed)
    assert len(api.requests) == 1 + len(before)
    assert livestreams.client.has_written is changed

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A create whose answer does not tell whether it happened. Twins are in test_livestreams_twins."""

from __future__ import annotations

from typing import Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    DuplicateNameError,
    NoEffectError,
    UnknownOutcomeError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import FakeCatalog, created_id
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    SEARCH,
    THEIRS,
    UNCERTAIN,
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

ENDINGS = {**UNCERTAIN, "no id": lambda: ok({"name": "a"}, 201), "null": lambda: ok(None, 201)}
each_ending = pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
with_and_without_retries = pytest.mark.parametrize("retries", [0, 4], ids=["no retries", "4 retries"])

A = create("a")
#: The listings of one round of looks.
ALL_LOOKS = [SEARCH] * len(LOOKS)


def ensure(api: FakeAPI, clock: Clock, *names: str, retries: int = 4) -> list[Outcome]:
    return ensure_present(build_livestreams(api, clock, retries=retries), names)


@with_and_without_retries
@pytest.mark.parametrize("shows_at", [1, 2, 3, 4], ids=lambda look: f"shows at look {look}")
@each_ending
def test_effect_shows(clock: Clock, ending: Callable[[], Answer], shows_at: int, retries: int) -> None:
    """Then looks go on for a twin: what has shown may be another user's, and ours still to come."""
    api = FakeCatalog([], Ending(ending(), shows_at))
    (outcome,) = ensure(api, clock, "a", retries=retries)
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, created_id(1))
    assert api.requests == [SEARCH, A, *[SEARCH] * shows_at, *ALL_LOOKS]
    assert clock.sleeps == [*LOOKS[:shows_at], *LOOKS]
    assert api.created == 1


@each_ending
def test_create_without_effect_is_sent_again(clock: Clock, ending: Callable[[], Answer]) -> None:
    api = FakeCatalog([], Ending(ending(), 0))
    (outcome,) = ensure(api, clock, "a")
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, created_id(1))
    assert api.writes == [A, A]
    assert api.requests[:7] == [SEARCH, A, *ALL_LOOKS, A]
    assert clock.sleeps[:4] == list(LOOKS)


@with_and_without_retries
@each_ending
def test_create_without_effect_is_sent_as_often_as_retries_allow(clock: Clock, ending: Callable[[], Answer], retries: int) -> None:
    tries = retries + 1
    api = FakeCatalog([], *[Ending(ending(), 0)] * tries)
    (outcome,) = ensure(api, clock, "a", retries=retries)
    assert isinstance(outcome.error, NoEffectError)
    assert str(outcome.error).endswith("; no livestream named 'a' has appeared since. Run the task again: it reads the state first")
    assert outcome.error.details()["path"] == "/livestreams"
    assert (outcome.changed, outcome.after) == (False, None)
    assert api.requests == [SEARCH, *[A, *ALL_LOOKS] * tries]
    assert clock.sleeps == list(LOOKS) * tries


def test_effect_that_shows_after_all_looks_is_a_twin_of_the_next_try(clock: Clock) -> None:
    """The first one shows after a second was sent: the error has both ids."""
    api = FakeCatalog([], Ending(dropped(), 5))
    (outcome,) = ensure(api, clock, "a")
    assert isinstance(outcome.error, DuplicateNameError)
    assert created_id(1) in str(outcome.error)
    assert created_id(2) in str(outcome.error)
    assert outcome.changed


def test_one_round_of_looks_is_shared_by_all_names(clock: Clock) -> None:
    api = FakeCatalog([], Ending(dropped(), 3), Ending(Reply(500), 2), Ending(), Ending(Reply(504), 0))
    outcomes = ensure(api, clock, "a", "b", "c", "d")
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert [outcome.changed for outcome in outcomes] == [True] * 4
    assert [outcome.after["name"] for outcome in outcomes] == ["a", "b", "c", "d"]
    assert api.requests[:10] == [SEARCH, *map(create, "abcd"), *ALL_LOOKS, create("d")]
    assert len({outcome.after["id"] for outcome in outcomes}) == 4


@pytest.mark.parametrize("then", [refusal(401), refusal(422)], ids=["401", "422"])
def test_looks_that_fail_leave_it_unknown(clock: Clock, then: Reply) -> None:
    api = FakeAPI(ok([]), dropped(), refusal(409), then)
    unknown, refused = ensure(api, clock, "a", "b")
    assert isinstance(unknown.error, UnknownOutcomeError)
    assert str(unknown.error).startswith("Outcome unknown: POST /livestreams: the connection broke: Connection reset by peer; and then GET")
    assert unknown.changed
    assert (refused.error.status, refused.changed) == (then.status, False)
    assert api.requests == [SEARCH, A, create("b"), SEARCH]


@pytest.mark.parametrize("then", [refusal(403), refusal(422)], ids=["403", "422"])
def test_refused_after_uncertain_try_is_unknown(clock: Clock, then: Reply) -> None:
    api = FakeCatalog([], Ending(dropped(), 0), Ending(then, 0))
    (outcome,) = ensure(api, clock, "a")
    assert isinstance(outcome.error, UnknownOutcomeError)
    assert str(outcome.error).startswith(
        "Outcome unknown: POST /livestreams: the connection broke: Connection reset by peer; and then POST"
    )
    assert (outcome.changed, outcome.after) == (True, None)
    assert api.requests == [SEARCH, A, *ALL_LOOKS, A]


# A conflict


@pytest.mark.parametrize("shows_at", [1, 4], ids=lambda look: f"shows at look {look}")
def test_conflict_with_another_user(clock: Clock, shows_at: int) -> None:
    api = FakeCatalog([], Ending(refusal(409), 0), theirs=((1 + shows_at, livestream(THEIRS, name="a")),))
    (outcome,) = ensure(api, clock, "a")
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, False, THEIRS)
    assert api.requests == [SEARCH, A, *[SEARCH] * shows_at]
    assert clock.sleeps == list(LOOKS[:shows_at])


def test_conflict_with_an_earlier_try_of_ours(clock: Clock) -> None:
    api = FakeCatalog([], Ending(dropped(), 6), Ending(refusal(409), 0))
    (outcome,) = ensure(api, clock, "a")
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, created_id(1))
    assert api.writes == [A, A]


@with_and_without_retries
def test_conflict_without_a_visible_cause(clock: Clock, retries: int) -> None:
    api = FakeCatalog([], *[Ending(refusal(409, "Wait."), 0)] * 5)
    (outcome,) = ensure(api, clock, "a", retries=retries)
    assert str(outcome.error).startswith("POST /livestreams answered 409 (code 409): Wait.; no livestream named 'a' has appeared since.")
    assert not outcome.changed
    assert api.writes == [A] * (retries + 1)

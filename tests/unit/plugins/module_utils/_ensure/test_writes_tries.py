# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often a write is sent, and how long it waits before."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    NotSentError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import created, page, rows
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OLD,
    OURS,
    STARTED,
    STOPPED,
    Answer,
    Clock,
    FakeAPI,
    begin,
    build_livestreams,
    create,
    dropped,
    end,
    livestream,
    ok,
    read,
    refusal,
    refused,
    start,
)

OLD_ONE, NONE = livestream(OLD), None
TOO_FAST = [refusal(429)] * 2
WRITES: dict[str, tuple[Callable[[Livestreams], Any], list[Answer], list[Answer]]] = {
    "start": (begin, [ok(NONE)], [STARTED]),
    "stop": (end, [ok(OLD_ONE)], [STOPPED]),
    "create": (lambda livestreams: ensure_present(livestreams, ["a"])[0], [page([])], [created("a"), page([livestream(OURS, name="a")])]),
}
each_write = pytest.mark.parametrize(("ensure", "before", "after"), WRITES.values(), ids=WRITES)


@each_write
def test_each_429_holds_longer(clock: Clock, ensure: Any, before: list[Answer], after: list[Answer]) -> None:
    outcome = ensure(build_livestreams(FakeAPI(*before, *TOO_FAST, *after), clock))
    assert (outcome.error, outcome.changed) == (None, True)
    assert clock.sleeps[:2] == [0.5, 1.0]


@pytest.mark.parametrize("between", [[dropped(), *[ok(NONE)] * 4], [refusal(409), ok(NONE)]], ids=["lost", "conflict"])
def test_tries_to_connect_count_anew_after_an_answer(clock: Clock, between: list[Answer]) -> None:
    api = FakeAPI(ok(NONE), *[refused()] * 2, *between, *[refused()] * 2, STARTED)
    outcome = begin(build_livestreams(api, clock, retries=2))
    assert (outcome.error, outcome.changed) == (None, True)
    assert [pause for pause in clock.sleeps if pause in (0.5, 1.0)].count(1.0) == 2


def test_tries_to_connect_end(clock: Clock) -> None:
    api = FakeAPI(ok(NONE), *[refused()] * 3)
    outcome = begin(build_livestreams(api, clock, retries=2))
    assert isinstance(outcome.error, NotSentError)
    assert not outcome.changed
    assert api.requests == [read(), *[start()] * 3]


def test_write_that_pauses_learns_what_a_read_for_others_shows(clock: Clock) -> None:
    """While the first waits to be sent again, another user creates it, and the second's look shows that."""
    theirs, ours = rows("a")[0], livestream(OURS, name="b", created_at="2026-11-20T09:01:00.000Z")
    doubtful = [refusal(429, Retry_After="1"), dropped(), *[page([theirs])] * 4]
    api = FakeAPI(page([]), *doubtful, created("b"), *[page([theirs, ours])] * 4)
    found, made = ensure_present(build_livestreams(api, clock), ["a", "b"])
    assert (found.error, found.changed, found.after["id"]) == (None, False, "id-1")
    assert (made.error, made.changed) == (None, True)
    assert api.writes == [create("a"), create("b"), create("b")]

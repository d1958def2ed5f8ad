# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A write whose answer does not tell whether it was carried out: the state decides, and nothing is done twice."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import NoEffectError, UnknownOutcomeError
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending, FakeMeeting
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    OLD,
    OURS,
    STARTED,
    STOPPED,
    UNCERTAIN,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    Sent,
    begin,
    begin_anew,
    build_livestreams,
    dropped,
    end,
    livestream,
    ok,
    read,
    refusal,
    start,
    stop,
)


class Write(NamedTuple):
    """A write in its task: what was active before, what is sent before it, itself, and what is sent once it has happened."""

    ensure: Callable[[Livestreams], Outcome]
    before: dict[str, Any] | None
    earlier: list[Sent]
    itself: Sent
    later: list[Sent]
    leaves: str | None


RUNNING = livestream(OLD)
WRITES = {
    "start": Write(begin, None, [read()], start(), [], OURS),
    "stop": Write(end, RUNNING, [read()], stop(), [], None),
    "restart's stop": Write(begin_anew, RUNNING, [read()], stop(), [start()], OURS),
    "restart's start": Write(begin_anew, RUNNING, [read(), stop()], start(), [], OURS),
}
each_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
#: "no data" is one of them for a start only: a stop needs none.
ENDINGS = {name: ending for name, ending in UNCERTAIN.items() if name != "no data"}
each_ending = pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
with_and_without_retries = pytest.mark.parametrize("retries", [0, 4], ids=["no retries", "4 retries"])


def endings(write: Write, *of_it: Ending) -> list[Ending]:
    """The endings of a task's writes: those before this one go well."""
    return [Ending()] * (len(write.earlier) - 1) + list(of_it)


def test_looks_are_some_five_seconds() -> None:
    assert LOOKS == (0.0, 0.5, 1.5, 3.0)


@with_and_without_retries
@pytest.mark.parametrize("shows_at", [1, 2, 3, 4], ids=lambda look: f"shows at look {look}")
@each_ending
@each_write
def test_effect_shows(clock: Clock, write: Write, ending: Callable[[], Answer], shows_at: int, retries: int) -> None:
    api = FakeMeeting(write.before, *endings(write, Ending(ending(), shows_at)))
    outcome = write.ensure(build_livestreams(api, clock, retries=retries))
    assert (outcome.error, outcome.changed) == (None, True)
    assert outcome.after == write.leaves or outcome.after["id"] == write.leaves
    assert api.requests == [*write.earlier, write.itself, *[read()] * shows_at, *write.later]
    assert clock.sleeps == list(LOOKS[:shows_at])


@each_ending
@each_write
def test_write_without_effect_is_sent_again(clock: Clock, write: Write, ending: Callable[[], Answer]) -> None:
    api = FakeMeeting(write.before, *endings(write, Ending(ending(), 0)))
    outcome = write.ensure(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed) == (None, True)
    assert outcome.after == write.leaves or outcome.after["id"] == write.leaves
    assert api.requests == [*write.earlier, write.itself, *[read()] * 4, write.itself, *write.later]
    assert clock.sleeps == list(LOOKS)


@with_and_without_retries
@each_ending
@each_write
def test_write_without_effect_is_sent_as_often_as_retries_allow(
    clock: Clock, write: Write, ending: Callable[[], Answer], retries: int
) -> None:
    tries = retries + 1
    api = FakeMeeting(write.before, *endings(write, *[Ending(ending(), 0)] * tries))
    outcome = write.ensure(build_livestreams(api, clock, retries=retries))
    assert isinstance(outcome.error, NoEffectError)
    assert str(outcome.error).endswith(
        "; the state has not changed since, so the write seems to have had no effect. Run the task again: it reads the state first"
    )
    assert outcome.error.details()["path"] == write.itself[1]
    assert outcome.changed == (len(write.earlier) > 1)
    assert api.requests == [*write.earlier, *[write.itself, *[read()] * 4] * tries]
    assert clock.sleeps == list(LOOKS) * tries


NO_ID = {
    "without an id": ok({"status": "INVOKED"}, 201),
    "with an empty id": ok(livestream(""), 201),
    "with a number as id": ok({"id": 7, "status": "INVOKED"}, 201),
    "that is a list": ok([livestream()], 201),
    "that is null": ok(None, 201),
}


@pytest.mark.parametrize("answer", NO_ID.values(), ids=NO_ID)
def test_started_livestream_without_id_is_read(clock: Clock, answer: Reply) -> None:
    api = FakeMeeting(None, Ending(answer))
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, OURS)
    assert api.requests == [read(), start(), read()]


def test_start_that_is_answered_without_data_is_looked_up(clock: Clock) -> None:
    api = FakeMeeting(None, Ending(Reply(201, {"success": True}), 2))
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, OURS)
    assert api.requests == [read(), start(), read(), read()]


def test_stop_that_is_answered_without_data_is_done(clock: Clock) -> None:
    """However long the livestream still shows."""
    api = FakeMeeting(RUNNING, Ending(Reply(200, {"success": True}), 9))
    outcome = end(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, None)
    assert api.requests == [read(), stop()]


# After an uncertain try, the next result decides the report of the first one.

SAID = f"POST /meetings/{MEETING}/livestreams"
LOST = f"{SAID}: the connection broke: Connection reset by peer"
AGAIN = "Run the task again: it reads the state first"


def test_refusal_after_uncertain_try_is_resolved_by_a_look(clock: Clock) -> None:
    """The first try took effect, so late that the second one met it."""
    api = FakeMeeting(None, Ending(dropped(), 6), Ending(refusal(409), 0))
    outcome = begin(build_livestreams(api, clock))
    assert (outcome.error, outcome.changed, outcome.after["id"]) == (None, True, OURS)
    assert api.requests == [read(), start(), *[read()] * 4, start(), read(), start(), read()]


@pytest.mark.parametrize(
    ("then", "reads", "words"),
    [
        ([refusal(422, "No such size.")], 4, f"{SAID} answered 422 (code 422): No such size."),
        ([refusal(400)] * 6, 4 + 6, f"{SAID} answered 400 (code 400): No."),
        ([refusal(409)] * 6, 4 + 6, f"{SAID} answered 409 (code 409): No."),
    ],
    ids=["422", "400 for ever", "409 for ever"],
)
def test_refused_after_uncertain_try_is_unknown(clock: Clock, then: list[Reply], reads: int, words: str) -> None:
    api = FakeMeeting(None, Ending(dropped(), 0), *[Ending(answer, 0) for answer in then])
    outcome = begin(build_livestreams(api, clock))
    assert isinstance(outcome.error, UnknownOutcomeError)
    assert str(outcome.error) == f"Outcome unknown: {LOST}; and then {words.rstrip('.')}. {AGAIN}"
    assert outcome.error.details() == {
        "method": "POST",
        "path": f"/meetings/{MEETING}/livestreams",
        "status": None,
        "code": None,
        "message": str(outcome.error),
        "cf_ray": None,
    }
    assert outcome.changed
    assert len(api.requests) == 1 + 1 + len(then) + reads


def test_words_that_end_in_a_dot_keep_the_rest_of_them(clock: Clock) -> None:
    api = FakeMeeting(None, Ending(refusal(500, "Gone is X.."), 0), Ending(refusal(422, "..No X."), 0))
    assert str(begin(build_livestreams(api, clock)).error) == (
        f"Outcome unknown: {SAID} answered 500 (code 500): Gone is X; and then {SAID} answered 422 (code 422): ..No X. {AGAIN}"
    )


def script(write: Write) -> list[Answer]:
    """The answers up to the write."""
    return [ok(write.before), *[STOPPED] * (len(write.earlier) - 1)]


@each_write
@pytest.mark.parametrize(
    ("unreadable", "said"),
    [
        (refusal(405, "Not so."), "answered 405 (code 405): Not so."),
        (Reply(410), "answered 410: an empty body (Gone)"),
        (Reply(301), ": answered 301, a redirect, which is not followed, because it would carry the token; check api_url"),
    ],
    ids=["405", "410", "redirect"],
)
def test_unreadable_state_is_unknown_and_changed(clock: Clock, write: Write, unreadable: Reply, said: str) -> None:
    api = FakeAPI(*script(write), dropped(), unreadable)
    outcome = write.ensure(build_livestreams(api, clock))
    assert isinstance(outcome.error, UnknownOutcomeError)
    lost = f"POST {write.itself[1]}: the connection broke: Connection reset by peer"
    space = "" if said.startswith(":") else " "
    assert str(outcome.error) == f"Outcome unknown: {lost}; and then GET {read()[1]}{space}{said.rstrip('.')}. {AGAIN}"
    assert outcome.changed
    assert api.requests == [*write.earlier, write.itself, read()]


@with_and_without_retries
def test_read_behind_uncertain_write_is_retried_as_any_other(clock: Clock, retries: int) -> None:
    api = FakeAPI(ok(None), dropped(), *[Reply(503)] * (retries + 1))
    outcome = begin(build_livestreams(api, clock, retries=retries))
    assert isinstance(outcome.error, UnknownOutcomeError)
    assert outcome.changed
    assert api.requests == [read(), start(), *[read()] * (retries + 1)]


@with_and_without_retries
@pytest.mark.parametrize("answer", [refusal(429, Retry_After="7")], ids=["429"])
def test_rate_refusal_is_certain_and_retried(clock: Clock, answer: Reply, retries: int) -> None:
    api = FakeAPI(ok(None), answer, STARTED)
    outcome = begin(build_livestreams(api, clock, retries=retries))
    if retries:
        assert (outcome.error, outcome.changed) == (None, True)
        assert api.requests == [read(), start(), start()]
        assert clock.sleeps == [7.0]
    else:
        assert outcome.error.status == 429
        assert not outcome.changed
        assert api.requests == [read(), start()]
        assert clock.sleeps == []

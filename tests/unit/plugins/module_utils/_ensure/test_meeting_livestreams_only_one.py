# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stopping only the livestream that the task has named: another one is left alone, without a failure and with a warning."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meeting_livestreams import ensure_stopped
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import Snapshot
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import NotFoundError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending, FakeMeeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_snapshot import see
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import FakeStudio, stopped, wait
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    NONE_ACTIVE,
    OLD,
    STOPPED,
    THEIRS,
    Clock,
    FakeAPI,
    build_livestreams,
    dropped,
    livestream,
    ok,
    prove,
    read,
    refusal,
    stop,
)

in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])
LEFT_ALONE = f"Meeting {MEETING}: livestream {THEIRS} is active, not {OLD}, so nothing was stopped."
REPLACED = f"Meeting {MEETING}: livestream {OLD} was stopped, and {THEIRS} is active now. It stays on air."


def end(api: FakeAPI, clock: Clock, *, check_mode: bool = False, snapshot: Snapshot = Snapshot()) -> Outcome:  # noqa: B008
    api.is_read_only = check_mode
    return ensure_stopped(build_livestreams(api, clock), MEETING, only_id=OLD, check_mode=check_mode, snapshot=snapshot)


# The active livestream, the requests after its read, and the final state.
CELLS: dict[str, tuple[Any, list[Any], str | None]] = {
    "it is LIVE": (livestream(OLD, "LIVE"), [stop()], None),
    "it is INVOKED": (livestream(OLD, "INVOKED"), [stop()], None),
    "it is ERRORED": (livestream(OLD, "ERRORED"), [stop()], None),
    "another is LIVE": (livestream(THEIRS, "LIVE"), [], THEIRS),
    "another is INVOKED": (livestream(THEIRS, "INVOKED"), [], THEIRS),
    "another is ERRORED": (livestream(THEIRS, "ERRORED"), [], THEIRS),
    "none is active": (None, [], None),
    "it is over": (livestream(OLD, "OFFLINE"), [], None),
}


@in_check_mode_and_not
@pytest.mark.parametrize("is_listed", [False, True], ids=["read", "snapshot"])
@pytest.mark.parametrize(("active", "sent", "left"), CELLS.values(), ids=CELLS)
def test_cell(clock: Clock, active: Any, sent: list[Any], left: str | None, is_listed: bool, check_mode: bool) -> None:
    """No stop rests on a list, so what a list shows as active is read again."""
    is_active = active is not None and active["status"] != "OFFLINE"
    api = FakeMeeting(active)
    outcome = end(api, clock, check_mode=check_mode, snapshot=see(active if is_active else None) if is_listed else Snapshot())
    reads = [read()] if not is_listed or (is_active and not check_mode) else []
    assert api.requests == [*reads, *([] if check_mode else sent)]
    assert (outcome.error, outcome.changed) == (None, bool(sent))
    assert (outcome.after and outcome.after["id"]) == left
    assert outcome.warnings == ([LEFT_ALONE] if left else [])


@in_check_mode_and_not
def test_meeting_that_does_not_exist_is_an_error(clock: Clock, check_mode: bool) -> None:
    api = FakeAPI(NONE_ACTIVE, refusal(404))
    outcome = end(api, clock, check_mode=check_mode)
    assert (isinstance(outcome.error, NotFoundError), api.requests) == (True, [read(), prove()])


def test_another_that_takes_its_place_behind_the_list_is_left_alone(clock: Clock) -> None:
    api = FakeMeeting(livestream(THEIRS))
    outcome = end(api, clock, snapshot=see(livestream(OLD)))
    assert (outcome.changed, outcome.after["id"], outcome.warnings) == (False, THEIRS, [LEFT_ALONE])
    assert api.requests == [read()]


@pytest.mark.parametrize(("answer", "warning"), [(dropped(), REPLACED), (refusal(409), LEFT_ALONE)], ids=["dropped", "409"])
def test_another_that_shows_after_the_stop_is_left_alone(clock: Clock, answer: Any, warning: str) -> None:
    """Without an id in the task it would be an error, because then the meeting should have none."""
    api = FakeAPI(ok(livestream(OLD)), answer, ok(livestream(THEIRS)))
    outcome = end(api, clock)
    assert (outcome.error, outcome.after["id"], outcome.warnings) == (None, THEIRS, [warning])
    assert outcome.changed == isinstance(answer, Exception)
    assert api.requests == [read(), stop(), read()]


def test_stop_without_effect_is_sent_again(clock: Clock) -> None:
    api = FakeMeeting(livestream(OLD), Ending(dropped(), 0))
    outcome = end(api, clock)
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, None)
    assert api.writes == [stop(), stop()]


# Through the module, and waiting for it


def run(api: FakeAPI, clock: Clock, **options: Any) -> Outcome:
    (outcome,) = run_task(
        rtk_meeting_livestream, api, clock, state="stopped", meetings=[{"meeting_id": MEETING, "livestream_id": OLD}], **options
    ).outcomes
    return outcome


@pytest.mark.parametrize("wait", [False, True])
def test_module_leaves_another_alone_and_does_not_wait_for_it(clock: Clock, wait: bool) -> None:
    api = FakeMeeting(livestream(THEIRS))
    outcome = run(api, clock, wait=wait)
    assert (outcome.error, outcome.changed, outcome.after["id"], outcome.warnings) == (None, False, THEIRS, [LEFT_ALONE])
    assert api.requests == [read()]


def test_module_waits_until_it_is_gone(clock: Clock) -> None:
    api = FakeAPI(ok(livestream(OLD)), STOPPED, ok(livestream(OLD)), ok(livestream(OLD)), ok(None))
    outcome = run(api, clock, wait=True)
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, None)
    assert api.requests == [read(), stop(), read(), read(), read()]


def test_wait_ends_once_another_is_active(clock: Clock) -> None:
    api = FakeAPI(ok(livestream(OLD)), STOPPED, ok(livestream(OLD)), ok(livestream(THEIRS)))
    outcome = run(api, clock, wait=True)
    assert (outcome.error, outcome.changed, outcome.after) == (None, True, normalize({**livestream(THEIRS), "meeting_id": MEETING}))


def test_wait_for_it_can_time_out(clock: Clock) -> None:
    api = FakeAPI(ok(livestream(OLD)), STOPPED, *[ok(livestream(OLD))] * 4)
    outcome = run(api, clock, wait=True, wait_timeout=3)
    assert str(outcome.error) == (
        f"Meeting {MEETING}: not without an active livestream after 3 seconds; the last status seen is LIVE of {OLD}"
    )


def test_wait_for_many_ends_for_each_once_another_is_active(clock: Clock) -> None:
    """By the lists. The first ones wait until no livestream is active."""
    later = {number: stream(100 + number, "LIVE") if number > 5 else None for number in range(12)}
    api = FakeStudio(clock, {meeting(number): [(0, stream(number, "LIVE")), (1.5, later[number])] for number in range(12)})
    outcomes = [stopped(clock, number) for number in range(12)]
    for outcome in outcomes[6:]:
        outcome.only_id = outcome.stopped_id
    wait(api, clock, *outcomes, live=False)
    assert [outcome.error for outcome in outcomes] == [None] * 12
    assert [outcome.after and outcome.after["id"] for outcome in outcomes] == [each and each["id"] for each in later.values()]

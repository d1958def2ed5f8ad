# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many meetings in one task of rtk_meeting_livestream, and lists that show them late or never."""

from __future__ import annotations

from typing import Any, Iterable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import LAG
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, by_status, meeting, meetings_page
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeApp, FakeMeeting, new_id, rooms
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Answer, Clock, FakeAPI, ok, read, refusal, start, stop

in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def run(api: FakeAPI, clock: Clock, count: int, **options: Any) -> Any:
    return run_task(rtk_meeting_livestream, api, clock, meeting_id=[meeting(number) for number in range(count)], **options)


def stops(numbers: Iterable[int], *, check_mode: bool = False) -> list[Any]:
    return [send(meeting(number)) for number in numbers for send in (read, stop)] if not check_mode else []


class JustStarted(FakeApp):
    """Its livestreams have just been started, and the lists show them only LAG seconds later."""

    def __init__(self, clock: Clock, meetings: dict[str, FakeMeeting]) -> None:
        super().__init__(meetings)
        self._clock = clock
        self._shows_at = clock() + LAG

    def active(self) -> Iterable[tuple[str, Any]]:
        return super().active() if self._clock() >= self._shows_at else []


@in_check_mode_and_not
def test_rooms_that_were_just_started_are_all_stopped(clock: Clock, check_mode: bool) -> None:
    api = JustStarted(clock, rooms(12, "INVOKED"))
    report = run(api, clock, 12, state="stopped", check_mode=check_mode)
    assert [(entry["error"], entry["changed"], entry["livestream"]) for entry in report.returns["meetings"]] == [(None, True, None)] * 12
    assert [room.active is None for room in api.meetings.values()] == [not check_mode] * 12
    assert api.requests == [INVOKED, LIVE, ERRORED, INVOKED, *stops(range(12), check_mode=check_mode)]
    assert clock.sleeps == [LAG]


def test_few_rooms_are_not_worth_the_wait(clock: Clock) -> None:
    """Two of twenty are read one by one, at once: five pages more would cost more."""
    api = FakeApp(rooms(20, "LIVE"), unlisted=[meeting(3), meeting(7)])
    report = run(api, clock, 20, state="stopped")
    assert [(entry["error"], entry["changed"]) for entry in report.returns["meetings"]] == [(None, True)] * 20
    assert [room.active for room in api.meetings.values()] == [None] * 20
    assert api.requests == [INVOKED, LIVE, by_status("LIVE", 2), ERRORED, *stops(range(20))]
    assert clock.sleeps == []


def test_restart_of_a_room_that_the_lists_missed(clock: Clock) -> None:
    """Each room is read before its start, so this one is stopped and started like the others."""
    api = FakeApp(rooms(12, "LIVE"), unlisted=[meeting(7)])
    report = run(api, clock, 12, state="restarted")
    assert [(entry["error"], entry["changed"]) for entry in report.returns["meetings"]] == [(None, True)] * 12
    assert [entry["livestream"]["id"] for entry in report.returns["meetings"]] == [new_id(number) for number in range(12)]
    restarted = [read(meeting(7)), stop(meeting(7)), start(meeting(7))]
    assert [sent for sent in api.requests if meeting(7) in sent[1]] == restarted
    assert clock.sleeps == []


class WithoutLists(FakeApp):
    """Each list by status answers 404; ``has_list``: whether that of all livestreams, which has no row, does not."""

    def __init__(self, meetings: dict[str, FakeMeeting], *, has_list: bool) -> None:
        super().__init__(meetings)
        self._has_list = has_list

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if (method, path) == ("GET", "/livestreams"):
            return ok([]) if self._has_list and "status" not in query else refusal(404)
        return super().answer(method, path, query, body)


@pytest.mark.parametrize(("status", "has_list"), [(None, True), ("LIVE", False)], ids=["empty lists", "no lists"])
def test_404_in_place_of_the_lists(clock: Clock, status: str | None, has_list: bool) -> None:
    """Rooms on air are stopped although the API does not know the lists."""
    api = WithoutLists(rooms(12, status), has_list=has_list)
    report = run(api, clock, 12, state="stopped")
    assert [(entry["error"], entry["changed"]) for entry in report.returns["meetings"]] == [(None, status is not None)] * 12
    assert [room.active for room in api.meetings.values()] == [None] * 12
    app, asked = (("GET", path, {"page_no": "1", "per_page": "1"}, None) for path in ("/meetings", "/livestreams"))
    lists = [INVOKED, app, LIVE, ERRORED, INVOKED, LIVE, ERRORED, asked]
    assert api.requests == [*lists, *([meetings_page()] if has_list else stops(range(12)))]

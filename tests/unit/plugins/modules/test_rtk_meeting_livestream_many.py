# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several meetings in one task of rtk_meeting_livestream, and waiting for them. From ten on, see test_rtk_meeting_livestream_lists."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeApp, FakeMeeting, rooms
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import MANUAL_INGEST, FakeStudio
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import build_task, run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    OLD,
    OTHER_MEETING,
    OURS,
    Clock,
    FakeAPI,
    livestream,
    ok,
    read,
    start,
)

STATES = rtk_meeting_livestream.ARGUMENT_SPEC["state"]["choices"]
in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    return run_task(rtk_meeting_livestream, api, clock, **{"meeting_id": [MEETING], **options})


@pytest.mark.parametrize("concurrency", [1, 8, 32])
@pytest.mark.parametrize("count", [2, 9])
def test_few_meetings_cost_two_requests_each(clock: Clock, count: int, concurrency: int) -> None:
    api = FakeApp(rooms(count))
    ids = [meeting(number) for number in range(count)]
    report = run(api, clock, meeting_id=ids, concurrency=concurrency)
    assert [entry["meeting_id"] for entry in report.returns["meetings"]] == ids
    assert all(entry["changed"] for entry in report.returns["meetings"])
    assert "livestream" not in report.returns
    for meeting_id in ids:
        assert [sent for sent in api.requests if sent[1].startswith(f"/meetings/{meeting_id}/")] == [read(meeting_id), start(meeting_id)]
    assert len(api.requests) == 2 * count


def test_order_given_is_kept_and_duplicates_are_one(clock: Clock) -> None:
    api = FakeApp({MEETING: FakeMeeting(), OTHER_MEETING: FakeMeeting(livestream(OLD))})
    report = run(api, clock, meeting_id=[OTHER_MEETING.upper(), MEETING, f" {OTHER_MEETING}"])
    assert [(entry["meeting_id"], entry["changed"]) for entry in report.returns["meetings"]] == [(OTHER_MEETING, False), (MEETING, True)]
    assert len(api.requests) == 3


def test_the_same_meeting_twice_is_one_meeting(clock: Clock) -> None:
    report = run(FakeMeeting(), clock, meeting_id=[MEETING, MEETING.upper()])
    assert report.returns["livestream"]["id"] == OURS


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("state", STATES)
def test_one_that_fails_hides_no_other(clock: Clock, state: str, concurrency: int) -> None:
    active = livestream(OLD) if state != "started" else None
    api = FakeApp({MEETING: FakeMeeting(active), OTHER_MEETING: FakeMeeting(active)})
    gone = meeting(9)
    report = run(api, clock, state=state, meeting_id=[MEETING, gone, OTHER_MEETING], concurrency=concurrency)
    first, failed, last = report.returns["meetings"]
    assert (first["error"], first["changed"], last["error"], last["changed"]) == (None, True, None, True)
    assert (failed["meeting_id"], failed["changed"], failed["livestream"], failed["error"]["status"]) == (gone, False, None, 404)


@pytest.mark.parametrize("state", STATES)
@in_check_mode_and_not
def test_limit_is_asked_for_all_meetings_at_once(clock: Clock, state: str, check_mode: bool) -> None:
    """The forecast after each first answer, for a quota of ten and five meetings: 2 requests each, 3 for a restart."""
    told = {"Ratelimit": '"default";r=1;t=60', "Ratelimit-Policy": '"default";q=1;w=60'}

    class Told(FakeMeeting):
        def answer(self, *sent: Any) -> Any:
            return super().answer(*sent)._replace(headers=told)  # type: ignore[union-attr]

    api = FakeApp({meeting(number): Told(livestream(OLD)) for number in range(5)})
    ids = [meeting(number) for number in range(5)]
    task = build_task(rtk_meeting_livestream, api, clock, check_mode=check_mode, meeting_id=ids, state=state)
    rtk_meeting_livestream.run(task)
    assert task.client.forecast.requests == 5 * {"started": 2, "stopped": 2, "restarted": 3}[state]


# Waiting


class FakeStudioWithWrites(FakeStudio):
    """Accepts every write."""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        if method == "POST":
            return ok(stream(1), 201)
        return super().answer(method, path, query, body)


LATER_LIVE = {meeting(1): [(0, None), (0.5, stream(1)), (2.5, stream(1, "LIVE"))]}
LATER_GONE = {meeting(1): [(0, stream(1, "LIVE")), (2.5, None)]}


@pytest.mark.parametrize(
    ("state", "schedule", "left"),
    [("started", LATER_LIVE, "LIVE"), ("restarted", LATER_LIVE, "LIVE"), ("stopped", LATER_GONE, None)],
)
def test_wait(clock: Clock, state: str, schedule: dict[str, Any], left: str | None) -> None:
    api = FakeStudioWithWrites(clock, schedule)
    report = run(api, clock, meeting_id=[meeting(1)], state=state, wait=True)
    found = report.returns["livestream"]
    assert (found and found["status"], report.outcomes[0].error) == (left, None)
    assert clock.sleeps == [1.0, 1.0, 1.0]


def test_wait_of_what_is_found_invoked_is_unchanged(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, stream(1)), (1.5, stream(1, "LIVE"))]})
    report = run(api, clock, meeting_id=[meeting(1)], wait=True)
    assert (report.outcomes[0].changed, report.returns["livestream"]["status"]) == (False, "LIVE")


def test_wait_ends_with_the_timeout_given(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, stream(1))]})
    (outcome,) = run(api, clock, meeting_id=[meeting(1)], wait=True, wait_timeout=7).outcomes
    assert str(outcome.error) == f"Meeting {meeting(1)}: not LIVE after 7 seconds; the last status seen is INVOKED{MANUAL_INGEST}"
    assert sum(clock.sleeps) == 7


@pytest.mark.parametrize("options", [{"wait": False}, {"wait": True, "check_mode": True}], ids=["not asked for", "check mode"])
def test_no_wait(clock: Clock, options: dict[str, Any]) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, stream(1))]})
    run(api, clock, meeting_id=[meeting(1)], **options)
    assert api.requests == [read(meeting(1))]
    assert clock.sleeps == []


def test_all_are_written_before_any_is_waited_for(clock: Clock) -> None:
    api = FakeApp(rooms(3))
    run(api, clock, meeting_id=[meeting(number) for number in range(3)], wait=True, wait_timeout=2)
    written = [number for number, sent in enumerate(api.requests) if sent[0] == "POST"]
    assert written == sorted(written)
    assert len(written) == 3
    assert all(sent[0] == "GET" for sent in api.requests[max(written) + 1 :])
    assert max(written) == 5


class Export(FakeApp):
    """Each livestream that is started is LIVE five seconds later."""

    def __init__(self, clock: Clock, count: int) -> None:
        super().__init__(rooms(count))
        self._clock = clock
        self._started: dict[str, float] = {}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        self._clock.now += 0.01
        for meeting_id, since in self._started.items():
            if self._clock() >= since + 5:
                self.meetings[meeting_id].active["status"] = "LIVE"  # type: ignore[index]
        if method == "POST":
            self._started[path.split("/")[2]] = self._clock()
        return super().answer(method, path, query, body)


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("omitted", [[], ["meeting_id"]], ids=["whole rows", "rows without their meeting"])
def test_many_are_started_and_waited_for_with_few_requests(clock: Clock, omitted: list[str], concurrency: int) -> None:
    """Without their meeting the rows show nothing before the start. Afterwards their livestreams are known."""
    api = Export(clock, 120)
    api.omitted = omitted
    ids = [meeting(number) for number in range(120)]
    report = run(api, clock, meeting_id=ids, wait=True, concurrency=concurrency)
    assert [(entry["error"], entry["changed"]) for entry in report.returns["meetings"]] == [(None, True)] * 120
    assert {entry["livestream"]["status"] for entry in report.returns["meetings"]} == {"LIVE"}
    assert len(api.writes) == 120
    assert 120 + 3 < len(api.requests) <= 120 + 3 + 15
    assert {sent[1] for sent in api.requests if sent[0] == "GET"} == {"/livestreams"}

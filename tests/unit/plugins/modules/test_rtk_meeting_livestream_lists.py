# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many meetings in one task of rtk_meeting_livestream: what the lists save, request by request."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import LAG
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import (
    INVOKED,
    LIVE,
    by_status,
    meeting,
    meetings_page,
    stream,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import ALREADY_ACTIVE, FakeApp, FakeMeeting, new_id, rooms
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import build_task, run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    STREAM_KEY,
    Answer,
    Clock,
    FakeAPI,
    Sent,
    prove,
    read,
    refusal,
    start,
    stop,
)

STATES = rtk_meeting_livestream.ARGUMENT_SPEC["state"]["choices"]
STATUSES = (None, "INVOKED", "LIVE", "ERRORED")
each_state = pytest.mark.parametrize("state", STATES)
each_status = pytest.mark.parametrize("status", STATUSES)
in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def run(api: FakeAPI, clock: Clock, count: int, **options: Any) -> Any:
    return run_task(rtk_meeting_livestream, api, clock, meeting_id=[meeting(number) for number in range(count)], **options)


def find_writes(state: str, status: str | None) -> list[str]:
    """Return the requests of a meeting whose livestream has this status."""
    if state == "stopped":
        return ["stop"] if status else []
    is_replaced = status is not None and (state == "restarted" or status == "ERRORED")
    return ["stop", "start"] if is_replaced else [] if status else ["start"]


def is_read_first(state: str, writes: list[str]) -> bool:
    """Return whether a room in the lists is still read before these writes."""
    return state == "restarted" or writes[:1] == ["stop"]


def find_order(state: str, *, check_mode: bool) -> tuple[str, ...]:
    """The order of the lists, which ends as soon as they have shown all. A missed livestream does no harm to a start."""
    first = () if state == "stopped" or check_mode else ("LIVE",)
    return (*first, "INVOKED", "LIVE", "ERRORED")


def find_lists(count: int, state: str, status: str | None, *, check_mode: bool) -> list[Sent]:
    """The pages of all lists that it takes to find all: those of each status up to the one that has them, and of the meetings."""
    pages = range(1, -(-count // 100) + 1)
    order = find_order(state, check_mode=check_mode)
    if status:
        return [*map(by_status, order[: order.index(status)]), *[by_status(status, page_no) for page_no in pages]]
    is_proved = check_mode or state == "stopped"
    again = 2 if state == "stopped" else 1
    return [*[*map(by_status, order)] * again, *[meetings_page(page_no) for page_no in pages if is_proved]]


@in_check_mode_and_not
@each_status
@each_state
@pytest.mark.parametrize("count", [9, 10, 20, 250])
def test_requests(clock: Clock, count: int, state: str, status: str | None, check_mode: bool) -> None:
    """Fewer than ten are read one by one, more only before a stop or a restart. Those to be stopped are looked for twice."""
    api = FakeApp(rooms(count, status))
    report = run(api, clock, count, state=state, check_mode=check_mode)

    is_listed = count >= 10
    writes = find_writes(state, status)
    expected = find_lists(count, state, status, check_mode=check_mode) if is_listed else []
    for number in range(count):
        send = {"start": start(meeting(number)), "stop": stop(meeting(number))}
        expected += [read(meeting(number))] if not is_listed or (is_read_first(state, writes) and not check_mode) else []
        expected += [send[write] for write in writes if not check_mode]
    assert api.requests == expected

    found = stream(0, status)["id"] if status else None
    left = {"start": None if check_mode else new_id(0), "stop": None}[writes[-1]] if writes else found
    first = report.returns["meetings"][0]
    assert (first["livestream"] or {}).get("id") == left
    assert [entry["meeting_id"] for entry in report.returns["meetings"]] == [meeting(number) for number in range(count)]
    assert [(entry["error"], entry["changed"]) for entry in report.returns["meetings"]] == [(None, bool(writes))] * count
    assert [outcome.warnings for outcome in report.outcomes] == [[]] * count
    assert clock.sleeps == ([LAG] if is_listed and state == "stopped" and not status else [])


@pytest.mark.parametrize(("state", "status", "requests"), [("started", "LIVE", 5), ("started", None, 504), ("stopped", None, 11)])
def test_five_hundred_rooms(clock: Clock, state: str, status: str | None, requests: int) -> None:
    api = FakeApp(rooms(500, status))
    report = run(api, clock, 500, state=state, concurrency=8)
    assert len(api.requests) == requests
    assert {entry["error"] for entry in report.returns["meetings"]} == {None}


@pytest.mark.parametrize("concurrency", [1, 8])
def test_second_run_of_many_needs_only_the_lists(clock: Clock, concurrency: int) -> None:
    api = FakeApp(rooms(20))
    for changed, requests in ((True, 24), (False, 2)):
        api.requests.clear()
        report = run(api, clock, 20, concurrency=concurrency)
        assert [entry["changed"] for entry in report.returns["meetings"]] == [changed] * 20
        assert len(api.requests) == requests


@in_check_mode_and_not
@each_state
def test_requests_of_a_mixture(clock: Clock, state: str, check_mode: bool) -> None:
    """Twelve rooms: three in each state that a room can be in."""
    statuses = [STATUSES[number % 4] for number in range(12)]
    api = FakeApp({meeting(number): rooms(12, status)[meeting(number)] for number, status in enumerate(statuses)})
    report = run(api, clock, 12, state=state, check_mode=check_mode)
    may_miss = state != "stopped" and not check_mode
    order = find_order(state, check_mode=check_mode)
    expected = [by_status(status, page_no) for status in order for page_no in ((1,) if may_miss else (1, 2))]
    for number, status in enumerate(statuses):
        send = {"start": start(meeting(number)), "stop": stop(meeting(number))}
        writes = find_writes(state, status)
        if check_mode or not writes:
            # Three that no list has shown cost less one by one than the lists once more.
            expected += [read(meeting(number))] if not status and not may_miss else []
        else:
            expected += [read(meeting(number))] if is_read_first(state, writes) else []
            expected += [send[write] for write in writes]
    assert api.requests == expected
    assert [entry["changed"] for entry in report.returns["meetings"]] == [bool(find_writes(state, status)) for status in statuses]


# Incomplete lists


def test_room_on_air_that_no_list_shows_counts_as_found(clock: Clock) -> None:
    """The lists are a moment behind. The API refuses a second livestream."""
    api = FakeApp({**rooms(20), meeting(7): rooms(20, "LIVE")[meeting(7)]}, unlisted=[meeting(7)])
    report = run(api, clock, 20)
    assert [entry["changed"] for entry in report.returns["meetings"]] == [number != 7 for number in range(20)]
    assert report.returns["meetings"][7]["livestream"]["id"] == stream(7)["id"]
    assert len(api.requests) == 4 + 20 + 1
    assert [sent for sent in api.requests if meeting(7) in sent[1]] == [start(meeting(7)), read(meeting(7))]
    assert ALREADY_ACTIVE.status == 409


@each_state
@in_check_mode_and_not
def test_meeting_that_does_not_exist_fails_alone(clock: Clock, state: str, check_mode: bool) -> None:
    api = FakeApp({meeting_id: room for meeting_id, room in rooms(20).items() if meeting_id != meeting(7)})
    entries = run(api, clock, 20, state=state, check_mode=check_mode).returns["meetings"]
    assert [entry["error"] and entry["error"]["status"] for entry in entries] == [404 if number == 7 else None for number in range(20)]
    assert [entry["changed"] for entry in entries] == [state != "stopped" and number != 7 for number in range(20)]
    sent_by_a_run = {"started": [start(meeting(7))], "stopped": [prove(meeting(7))], "restarted": [read(meeting(7)), start(meeting(7))]}
    assert [sent for sent in api.requests if meeting(7) in sent[1]] == ([prove(meeting(7))] if check_mode else sent_by_a_run[state])


@each_state
def test_rows_without_their_meeting_have_each_room_read(clock: Clock, state: str) -> None:
    api = FakeApp(rooms(20, "LIVE"))
    api.omitted = ["meeting_id"]
    report = run(api, clock, 20, state=state)
    assert {entry["error"] for entry in report.returns["meetings"]} == {None}
    lists = [INVOKED, LIVE] if state == "stopped" else [LIVE]
    assert api.requests[: len(lists)] == lists
    # A list ends only with an empty page.
    shown = api.requests[len(lists) :]
    assert [sent for sent in shown if sent[0] == "GET"] == [read(meeting(number)) for number in range(20)]


@pytest.mark.parametrize(
    ("omitted", "options", "is_read"),
    [
        ([], {}, False),
        (["playback_url"], {}, True),
        (["name"], {}, False),
        (["name"], {"name": "Main"}, True),
        (["stream_key"], {}, False),
        ([], {"return_stream_key": True}, True),
        (["ingest_server"], {}, True),
        (["created_at", "updated_at", "disabled"], {"name": "Main"}, False),
    ],
    ids=str,
)
def test_room_is_read_if_its_row_lacks_what_the_task_needs(
    clock: Clock, omitted: list[str], options: dict[str, Any], is_read: bool
) -> None:
    """A name is needed to warn of another one, and a key only on request."""
    api = FakeApp({meeting(number): FakeMeeting(stream(number, "LIVE", name="Main")) for number in range(10)})
    api.omitted = omitted
    report = run(api, clock, 10, **options)
    assert api.requests == [LIVE, *[read(meeting(number)) for number in range(10) if is_read]]
    assert [(outcome.error, outcome.changed, outcome.warnings) for outcome in report.outcomes] == [(None, False, [])] * 10


def test_key_that_the_lists_show_needs_no_read(clock: Clock) -> None:
    api = FakeApp({meeting(number): FakeMeeting(stream(number, "LIVE", stream_key=STREAM_KEY)) for number in range(10)})
    entries = run(api, clock, 10, return_stream_key=True).returns["meetings"]
    assert [entry["livestream"]["stream_key"] for entry in entries] == [STREAM_KEY] * 10
    assert api.requests == [LIVE]


@pytest.mark.parametrize("status", ["INVOKED", "LIVE"])
@each_state
def test_list_that_cannot_be_read_has_each_room_read(clock: Clock, state: str, status: str) -> None:
    api = FakeApp(rooms(20, "ERRORED"))
    api.in_place = {status: refusal(422)}
    report = run(api, clock, 20, state=state)
    assert {entry["error"] for entry in report.returns["meetings"]} == {None}
    order = find_order(state, check_mode=False)
    assert [sent for sent in api.requests if sent[0] == "GET"] == [
        *map(by_status, order[: order.index(status) + 1]),
        *[read(meeting(number)) for number in range(20)],
    ]


# The limit


@in_check_mode_and_not
@pytest.mark.parametrize(
    ("state", "status", "requests"),
    [("started", None, 20), ("restarted", None, 40), ("restarted", "LIVE", 60), ("stopped", "LIVE", 40), ("started", "ERRORED", 60)],
)
def test_forecast_counts_the_remaining_requests(clock: Clock, state: str, status: str | None, requests: int, check_mode: bool) -> None:
    """The requests for the lists were sent before."""

    class Told(FakeApp):
        def answer(self, *sent: Any) -> Answer:
            told = {"Ratelimit": '"default";r=5;t=1', "Ratelimit-Policy": '"default";q=5;w=1'}
            return super().answer(*sent)._replace(headers=told)  # type: ignore[union-attr]

    api = Told(rooms(20, status))
    ids = [meeting(number) for number in range(20)]
    task = build_task(rtk_meeting_livestream, api, clock, check_mode=check_mode, meeting_id=ids, state=state)
    rtk_meeting_livestream.run(task)
    assert task.client.forecast.requests == requests


@in_check_mode_and_not
def test_nothing_to_come_is_not_a_forecast(clock: Clock, check_mode: bool) -> None:
    task = build_task(
        rtk_meeting_livestream,
        FakeApp(rooms(20, "LIVE")),
        clock,
        check_mode=check_mode,
        meeting_id=[meeting(number) for number in range(20)],
    )
    rtk_meeting_livestream.run(task)
    assert task.client.forecast is None

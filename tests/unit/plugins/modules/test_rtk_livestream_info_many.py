# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the livestreams of many meetings, or of many ids: the exact requests, and tasks that cannot go on."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream_info
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import (
    ERRORED,
    INVOKED,
    LIVE,
    by_status,
    meeting,
    meetings_page,
    stream,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeApp, FakeMeeting, rooms
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import build_task, run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    STREAM_KEY,
    Answer,
    Clock,
    FakeAPI,
    Same,
    Sent,
    ok,
    prove,
    read,
    refusal,
    refused,
)

STATUSES = (None, "INVOKED", "LIVE", "ERRORED")
LISTS = ("INVOKED", "LIVE", "ERRORED")
LEFT = "Run the task again to do the rest"
in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def run(api: FakeAPI, clock: Clock, count: int, **options: Any) -> Any:
    """Whether it is check mode or not, nothing is written."""
    report = run_task(rtk_livestream_info, api, clock, meeting_id=[meeting(number) for number in range(count)], **options)
    assert api.writes == []
    assert not any(outcome.changed for outcome in report.outcomes)
    return report


def reads(count: int) -> list[Sent]:
    return [read(meeting(number)) for number in range(count)]


@in_check_mode_and_not
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("count", [9, 10, 20, 250])
def test_requests(clock: Clock, count: int, status: str | None, check_mode: bool) -> None:
    api = FakeApp(rooms(count, status))
    report = run(api, clock, count, check_mode=check_mode)
    pages = range(1, -(-count // 100) + 1)
    if count < 10:
        expected = reads(count)
    elif status:
        expected = [*map(by_status, LISTS[: LISTS.index(status)]), *[by_status(status, page_no) for page_no in pages]]
    else:
        expected = [INVOKED, LIVE, ERRORED, *map(meetings_page, pages)]
    assert api.requests == expected
    found = report.returns["livestreams"]
    assert [(each["id"], each["meeting_id"]) for each in found] == [
        (stream(number)["id"], meeting(number)) for number in range(count if status else 0)
    ]
    assert [outcome.error for outcome in report.outcomes] == [None] * count


@pytest.mark.parametrize(("status", "requests"), [("LIVE", 6), (None, 8)])
@pytest.mark.parametrize("concurrency", [1, 8])
def test_five_hundred_meetings(clock: Clock, status: str | None, requests: int, concurrency: int) -> None:
    api = FakeApp(rooms(500, status))
    report = run(api, clock, 500, concurrency=concurrency)
    assert len(report.returns["livestreams"]) == (500 if status else 0)
    assert len(api.requests) == requests


def test_order_is_that_of_the_meetings(clock: Clock) -> None:
    statuses = [STATUSES[number % 4] for number in range(16)]
    api = FakeApp({meeting(number): rooms(16, status)[meeting(number)] for number, status in enumerate(statuses)})
    found = run(api, clock, 16).returns["livestreams"]
    shown = [(stream(number)["id"], status) for number, status in enumerate(statuses) if status]
    assert [(each["id"], each["status"]) for each in found] == shown
    # Each list to its empty page. Four that no list has shown cost less one by one than the lists once more.
    lists = [by_status(status, page_no) for status in LISTS for page_no in (1, 2)]
    assert api.requests == [*lists, *[read(meeting(number)) for number in range(0, 16, 4)]]


def test_meeting_that_does_not_exist_fails_alone(clock: Clock) -> None:
    api = FakeApp({meeting_id: room for meeting_id, room in rooms(20).items() if meeting_id != meeting(7)})
    report = run(api, clock, 20)
    assert [outcome.error and outcome.error.status for outcome in report.outcomes] == [404 if number == 7 else None for number in range(20)]
    assert api.requests == [INVOKED, LIVE, ERRORED, meetings_page(), prove(meeting(7))]


@pytest.mark.parametrize(
    ("omitted", "asked", "is_read"),
    [
        ([], False, False),
        ([], True, True),
        (["playback_url"], False, True),
        (["name"], False, True),
        (["ingest_server"], False, True),
        (["disabled", "created_at", "updated_at"], False, False),
    ],
)
def test_meeting_is_read_if_its_row_lacks_what_is_asked_for(clock: Clock, omitted: list[str], asked: bool, is_read: bool) -> None:
    """These lists keep the stream keys back."""
    api = FakeApp({meeting(number): FakeMeeting(stream(number, "LIVE", playback_url="https://x")) for number in range(10)})
    api.omitted = omitted
    report = run(api, clock, 10, return_stream_key=asked)
    assert [each["playback_url"] for each in report.returns["livestreams"]] == ["https://x"] * 10
    assert api.requests == [INVOKED, LIVE, *reads(10 if is_read else 0)]


def test_rows_without_their_meeting_have_each_meeting_read(clock: Clock) -> None:
    api = FakeApp(rooms(10, "LIVE"))
    api.omitted = ["meeting_id"]
    assert len(run(api, clock, 10).returns["livestreams"]) == 10
    assert [sent for sent in api.requests if sent[1] != "/livestreams"] == reads(10)


def test_key_that_the_lists_show_needs_no_read(clock: Clock) -> None:
    api = FakeApp({meeting(number): FakeMeeting(stream(number, "LIVE", stream_key=STREAM_KEY)) for number in range(10)})
    report = run(api, clock, 10, return_stream_key=True)
    assert [each["stream_key"] for each in report.returns["livestreams"]] == [STREAM_KEY] * 10
    assert api.requests == [INVOKED, LIVE]


def test_lists_that_cannot_be_read_have_each_meeting_read(clock: Clock) -> None:
    api = FakeApp(rooms(20, "LIVE"))
    api.in_place = {"LIVE": refusal(422)}
    assert len(run(api, clock, 20).returns["livestreams"]) == 20
    assert api.requests == [INVOKED, LIVE, *reads(20)]


@pytest.mark.parametrize("status", [None, "LIVE"])
def test_404_in_place_of_the_lists_means_empty_only_if_there_are_lists(clock: Clock, status: str | None) -> None:
    """With a livestream in each meeting, the lists are not empty, but the API does not have them."""

    class WithoutLists(FakeApp):
        def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
            if path == "/livestreams":
                return refusal(404) if status or "status" in query else ok([])
            return super().answer(method, path, query, body)

    api = WithoutLists(rooms(20, status))
    assert len(run(api, clock, 20).returns["livestreams"]) == (20 if status else 0)
    app, has_list = (("GET", path, {"page_no": "1", "per_page": "1"}, None) for path in ("/meetings", "/livestreams"))
    assert api.requests == [INVOKED, app, LIVE, ERRORED, has_list, *(reads(20) if status else [meetings_page()])]


class Told(FakeApp):
    """Five requests for each second."""

    def answer(self, *sent: Any) -> Answer:
        told = {"Ratelimit": '"default";r=5;t=1', "Ratelimit-Policy": '"default";q=5;w=1'}
        return super().answer(*sent)._replace(headers=told)  # type: ignore[union-attr]


@pytest.mark.parametrize(("omitted", "requests"), [([], None), (["name"], 20)], ids=["whole rows", "rows without their names"])
def test_forecast_counts_the_meetings_left_to_read(clock: Clock, omitted: list[str], requests: int | None) -> None:
    api = Told(rooms(20, "LIVE"))
    api.omitted = omitted
    task = build_task(rtk_livestream_info, api, clock, meeting_id=[meeting(number) for number in range(20)])
    rtk_livestream_info.run(task)
    forecast = task.client.forecast
    assert (forecast and forecast.requests) == requests


# A task that cannot go on


BY_MEETINGS = {"meeting_id": [meeting(number) for number in range(20)]}
BY_IDS = {"livestream_id": [stream(number)["id"] for number in range(20)]}
by_each = pytest.mark.parametrize("options", [BY_MEETINGS, BY_IDS], ids=["by meetings", "by ids"])


@by_each
@pytest.mark.parametrize("status", [401, 403])
def test_refused_token_costs_one_request(clock: Clock, status: int, options: dict[str, Any]) -> None:
    api = Same(refusal(status))
    report = run_task(rtk_livestream_info, api, clock, **options)
    said = [outcome.error.details() for outcome in report.outcomes]
    assert [each["status"] for each in said] == [status] * 20
    # The refused request is the first list, which is for all meetings, or the read of the first id.
    assert [each["message"].startswith("Not begun: ") for each in said] == ["meeting_id" in options] + [True] * 19
    assert len(api.requests) == 1


@by_each
def test_api_that_nothing_reaches_costs_the_tries_of_one_request(clock: Clock, options: dict[str, Any]) -> None:
    api = Same(refused())
    report = run_task(rtk_livestream_info, api, clock, **options)
    said = [str(outcome.error) for outcome in report.outcomes]
    assert all("no connection: Connection refused" in each for each in said)
    assert [each.startswith("Not begun: ") for each in said] == ["meeting_id" in options] + [True] * 19
    assert len(api.requests) == 5
    assert clock.sleeps == [0.5, 1.0, 2.0, 4.0]


class Slow(FakeApp):
    """Each request takes half a second."""

    def __init__(self, clock: Clock, meetings: dict[str, FakeMeeting]) -> None:
        super().__init__(meetings)
        self._clock = clock

    def answer(self, *sent: Any) -> Answer:
        self._clock.now += 0.5
        return super().answer(*sent)


@pytest.mark.parametrize("with_sessions", [False, True])
def test_meetings_are_read_as_long_as_the_task_may_take(clock: Clock, with_sessions: bool) -> None:
    """The first list cannot be read, and 20 single reads would take ten seconds."""
    api = Slow(clock, rooms(20))
    api.in_place = {"INVOKED": refusal(422)}
    report = run(api, clock, 20, task_timeout=2, include_sessions=with_sessions)
    assert api.requests == [INVOKED, *reads(3)]
    assert [outcome.error for outcome in report.outcomes[:3]] == [None] * 3
    assert {str(outcome.error) for outcome in report.outcomes[3:]} == {f"Not begun: task_timeout is over. {LEFT}"}


def test_what_the_lists_have_shown_is_returned_however_long_they_took(clock: Clock) -> None:
    report = run(Slow(clock, rooms(20, "LIVE")), clock, 20, task_timeout=1)
    assert len(report.returns["livestreams"]) == 20
    assert [outcome.error for outcome in report.outcomes] == [None] * 20

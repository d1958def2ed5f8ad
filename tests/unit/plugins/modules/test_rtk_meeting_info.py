# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests and results of rtk_meeting_info."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_info
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, meetings_page, page
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import room, search
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Answer, Clock, FakeAPI, Reply, Sent, ok, prove, refusal

SESSION = {"id": "session-1", "status": "LIVE", "live_participants": 12, "started_at": "2026-11-20T09:00:00.000Z"}


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    return run_task(rtk_meeting_info, api, clock, **options)


def ask_who_is_in(number: int) -> Sent:
    return ("GET", f"/meetings/{meeting(number)}/active-session", {}, None)


def test_by_ids_in_the_order_given_each_once(clock: Clock) -> None:
    api = FakeAPI(ok(room(2)), ok(room(1)))
    report = run(api, clock, meeting_id=[meeting(2), meeting(1), meeting(2).upper()])
    assert report.returns == {"meetings": [room(2), room(1)]}
    assert api.requests == [prove(meeting(2)), prove(meeting(1))]


def test_one_that_does_not_exist_hides_no_other(clock: Clock) -> None:
    report = run(FakeAPI(refusal(404), ok(room(1))), clock, meeting_id=[meeting(2), meeting(1)])
    assert report.returns == {"meetings": [room(1)]}
    assert [outcome.error and outcome.error.details()["status"] for outcome in report.outcomes] == [404, None]


def test_no_ids_ask_for_nothing(clock: Clock) -> None:
    assert run(FakeAPI(), clock, meeting_id=[]).returns == {"meetings": []}


def test_title_is_compared_exactly(clock: Clock) -> None:
    api = FakeAPI(page(room(3, "Stage"), room(2, "stage"), room(1, "Stage", "INACTIVE")))
    assert run(api, clock, title="Stage").returns == {"meetings": [room(3, "Stage"), room(1, "Stage", "INACTIVE")]}
    assert api.requests == [search("Stage")]


@pytest.mark.parametrize("option", ["search", "status", "start_time", "end_time"])
def test_filters_are_sent(clock: Clock, option: str) -> None:
    value = {"search": "Work", "status": "ACTIVE"}.get(option, "2026-11-20T09:00:00Z")
    api = FakeAPI(page(room(2), room(1)))
    assert run(api, clock, **{option: value}).returns == {"meetings": [room(2), room(1)]}
    method, path, query, body = meetings_page()
    assert api.requests == [(method, path, {**query, option: value}, body)]


def test_status_that_the_api_ignores_is_compared_here(clock: Clock) -> None:
    api = FakeAPI(page(room(2, status="INACTIVE"), room(1)))
    assert run(api, clock, status="ACTIVE").returns == {"meetings": [room(1)]}


@pytest.mark.parametrize("option", ["title", "status"])
def test_rows_without_what_is_filtered_by_are_read_separately(clock: Clock, option: str) -> None:
    """Otherwise they would all fail the comparison, and the task would report in green that there are none."""
    value = {"title": "Stage", "status": "ACTIVE"}[option]
    other = room(1, **{option: {"title": "stage", "status": "INACTIVE"}[option]})
    rows = [{key: each[key] for key in each if key != option} for each in (room(2), other)]
    api = FakeAPI(page(*rows), ok(room(2)), ok(other))
    assert run(api, clock, **{option: value}).returns == {"meetings": [room(2)]}
    assert api.requests[1:] == [prove(meeting(2)), prove(meeting(1))]


def test_rows_without_what_nothing_is_filtered_by_are_enough(clock: Clock) -> None:
    api = FakeAPI(page({"id": meeting(1), "title": "Stage"}))
    (found,) = run(api, clock, title="Stage").returns["meetings"]
    assert (found["id"], found["status"], len(api.requests)) == (meeting(1), None, 1)


def test_blank_search_is_none(clock: Clock) -> None:
    api = FakeAPI(page(room(1)))
    run(api, clock, search="")
    assert api.requests == [meetings_page()]


def test_limit_counts_after_the_filters(clock: Clock) -> None:
    api = FakeAPI(page(room(3, status="INACTIVE"), room(2), room(1), end=3, total=300))
    assert run(api, clock, status="ACTIVE", limit=1).returns == {"meetings": [room(2)]}
    assert len(api.requests) == 1


def test_list_that_fails_halfway_returns_nothing(clock: Clock) -> None:
    api = FakeAPI(page(room(2), end=1, total=2), refusal(403))
    report = run(api, clock)
    assert report.returns == {"meetings": []}
    assert [outcome.error.details()["status"] for outcome in report.outcomes] == [403]


NONE: dict[str, Answer] = {
    "404": refusal(404, "No active session"),
    "no data": Reply(200, {"success": True}),
    "null": ok(None),
    "empty object": ok({}),
    "ended": ok({**SESSION, "status": "ENDED"}),
}


@pytest.mark.parametrize("answer", NONE.values(), ids=NONE)
def test_meeting_that_no_one_is_in(clock: Clock, answer: Answer) -> None:
    api = FakeAPI(ok(room(1)), answer)
    report = run(api, clock, meeting_id=[meeting(1)], include_active_session=True)
    assert report.returns == {"meetings": [{**room(1), "active_session": None}]}
    assert api.requests == [prove(meeting(1)), ask_who_is_in(1)]


def test_meeting_that_people_are_in(clock: Clock) -> None:
    api = FakeAPI(page(room(2), room(1)), ok({**SESSION, "minutes_consumed": 7}), refusal(404))
    report = run(api, clock, include_active_session=True)
    assert [found["active_session"] for found in report.returns["meetings"]] == [SESSION, None]
    assert api.requests == [meetings_page(), ask_who_is_in(2), ask_who_is_in(1)]


@pytest.mark.parametrize("answer", [ok("someone"), refusal(422)], ids=["no object", "refused"])
def test_session_that_cannot_be_read_fails_and_hides_nothing(clock: Clock, answer: Answer) -> None:
    api = FakeAPI(ok(room(1)), *[answer] * 5)
    report = run(api, clock, meeting_id=[meeting(1)], include_active_session=True)
    assert report.outcomes[0].error is not None
    assert report.returns == {"meetings": [{**room(1), "active_session": None}]}


def test_meeting_that_was_read_is_broken_off_rather_than_not_begun(clock: Clock) -> None:
    class Slow(FakeAPI):
        def answer(self, *sent: Any) -> Answer:
            clock.now += 0.5
            return super().answer(*sent)

    (outcome,) = run(Slow(ok(room(1))), clock, meeting_id=[meeting(1)], include_active_session=True, task_timeout=0.4).outcomes
    assert str(outcome.error).startswith("Not finished: task_timeout is over")


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "ids and a filter": (
        {"meeting_id": [meeting(1)], "title": "a", "limit": 1},
        "meeting_id and title and limit cannot be combined: use ids or filters",
    ),
    "title and search": (
        {"title": "a", "search": "a"},
        "title and search cannot be combined: title compares exactly, and search matches more",
    ),
    "a list for a title": ({"title": ["a"]}, "title has ['a']: a name must be a string: quote it in YAML"),
    "no limit": ({"limit": 0}, "limit is 0: it must be from 1 to 1000000 meetings"),
    "no UUID": ({"meeting_id": ["a"]}, "meeting_id has 'a': it must be a UUID such as bbbb1111-22cc-33dd-44ee-555555ffffff"),
    "no time": ({"start_time": "today"}, "start_time is 'today': it must be a date and time such as 2026-11-20T09:00:00Z"),
}


@pytest.mark.parametrize(("options", "words"), BAD.values(), ids=BAD)
def test_bad_input_sends_nothing(clock: Clock, options: dict[str, Any], words: str) -> None:
    api = FakeAPI()
    with pytest.raises(InvalidInputError) as caught:
        run(api, clock, **options)
    assert str(caught.value) == words
    assert api.requests == []

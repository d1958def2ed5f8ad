# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading livestreams: by meetings, by ids, or all that pass the filters, with sessions or without; never a write."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream_info
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    FULL,
    MEETING,
    NONE_ACTIVE,
    OLD,
    OTHER_MEETING,
    OURS,
    STREAM_KEY,
    THEIRS,
    Clock,
    FakeAPI,
    Reply,
    Sent,
    listing,
    livestream,
    ok,
    prove,
    read,
    refusal,
)

in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    """Whether it is check mode or not, nothing is written."""
    report = run_task(rtk_livestream_info, api, clock, **options)
    assert api.writes == []
    assert not report.has_diff
    assert not any(outcome.changed for outcome in report.outcomes)
    return report


def ids(report: Any) -> list[str]:
    return [found["id"] for found in report.returns["livestreams"]]


def one(livestream_id: str) -> Sent:
    return ("GET", f"/livestreams/{livestream_id}", {}, None)


def sessions(livestream_id: str) -> Sent:
    return ("GET", f"/livestreams/{livestream_id}", {"page_no": "1", "per_page": "100"}, None)


def page(*rows: dict[str, Any], total: int | None = None) -> Reply:
    return ok(list(rows), paging={"end_offset": len(rows), "total_count": len(rows) if total is None else total})


# By meetings


@in_check_mode_and_not
@pytest.mark.parametrize("status", ["LIVE", "INVOKED", "ERRORED"])
def test_meeting_with_an_active_livestream(clock: Clock, status: str, check_mode: bool) -> None:
    api = FakeAPI(ok(livestream(OLD, status, stream_key=STREAM_KEY)))
    report = run(api, clock, check_mode=check_mode, meeting_id=[MEETING.upper()])
    (found,) = report.returns["livestreams"]
    assert (found["id"], found["status"], found["meeting_id"]) == (OLD, status, MEETING)
    assert "stream_key" not in found
    assert api.requests == [read()]


@in_check_mode_and_not
@pytest.mark.parametrize("answer", [ok(None), ok({}), ok([]), ok(livestream(OLD, "IDLE"))], ids=["null", "object", "list", "IDLE"])
def test_meeting_without_one(clock: Clock, answer: Reply, check_mode: bool) -> None:
    assert run(FakeAPI(answer), clock, check_mode=check_mode, meeting_id=[MEETING]).returns["livestreams"] == []


def test_meeting_that_answers_404_is_proved(clock: Clock) -> None:
    api = FakeAPI(NONE_ACTIVE, ok({}))
    assert run(api, clock, meeting_id=[MEETING]).returns["livestreams"] == []
    assert api.requests == [read(), prove()]


def test_unknown_meeting_is_an_error_and_hides_no_other(clock: Clock) -> None:
    api = FakeAPI(NONE_ACTIVE, refusal(404), ok(livestream(OLD)))
    report = run(api, clock, meeting_id=[MEETING, OTHER_MEETING, MEETING])
    failed, found = report.outcomes
    assert (failed.target, failed.error.status, found.error) == (MEETING, 404, None)
    assert ids(report) == [OLD]


# By ids


@in_check_mode_and_not
def test_livestreams_by_id(clock: Clock, check_mode: bool) -> None:
    api = FakeAPI(ok(livestream(OURS, "IDLE")), refusal(404), ok(livestream(THEIRS)))
    report = run(api, clock, check_mode=check_mode, livestream_id=[OURS, "gone", OURS, THEIRS])
    assert api.requests == [one(OURS), one("gone"), one(THEIRS)]
    assert ids(report) == [OURS, THEIRS]
    assert [outcome.target for outcome in report.outcomes if outcome.error] == ["gone"]


@pytest.mark.parametrize("option", ["meeting_id", "livestream_id"])
@pytest.mark.parametrize("with_sessions", [False, True])
def test_empty_list_asks_for_nothing(clock: Clock, option: str, with_sessions: bool) -> None:
    api = FakeAPI()
    by_meeting = {"meetings": []} if option == "meeting_id" else {}
    assert run(api, clock, **{option: []}, include_sessions=with_sessions).returns == {"livestreams": [], **by_meeting}
    assert api.requests == []


# All


@in_check_mode_and_not
def test_all(clock: Clock, check_mode: bool) -> None:
    last = ok([livestream("c", "IDLE", disabled="true")], paging={"end_offset": 3, "total_count": 3})
    api = FakeAPI(page(livestream("a"), livestream("b", "PAUSED"), total=3), last)
    report = run(api, clock, check_mode=check_mode)
    assert ids(report) == ["a", "b", "c"]
    assert report.returns["livestreams"][2]["disabled"] is True
    assert api.requests == [listing(1), listing(2)]


def test_no_meeting(clock: Clock) -> None:
    assert run(FakeAPI(page()), clock).returns == {"livestreams": []}


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ({"exclude_meetings": True}, {"exclude_meetings": "true"}),
        ({"exclude_meetings": False}, {}),
        ({"status": "LIVE"}, {"status": "LIVE"}),
        ({"name": "a"}, {}),
        ({"limit": 1}, {}),
        ({"sort_order": "asc"}, {"sort_order": "ASC"}),
        ({"sort_order": "desc"}, {"sort_order": "DSC"}),
        ({"start_time": "2026-11-20T09:00:00Z"}, {"start_time": "2026-11-20T09:00:00Z"}),
        ({"end_time": "2026-11-20T09:00:00+01:00"}, {"end_time": "2026-11-20T09:00:00+01:00"}),
        (
            {"start_time": "2026-11-20T09:00:00Z", "end_time": "2026-11-20T09:00:00Z"},
            {"start_time": "2026-11-20T09:00:00Z", "end_time": "2026-11-20T09:00:00Z"},
        ),
    ],
    ids=str,
)
def test_filters_are_sent(clock: Clock, options: dict[str, Any], query: dict[str, str]) -> None:
    api = FakeAPI(page())
    run(api, clock, **options)
    assert api.requests == [listing(**query)]


ROWS = [
    livestream("a", "LIVE", name="Main", meeting_id=MEETING),
    livestream("b", "IDLE", name="Main"),
    livestream("c", "LIVE", name="main"),
    livestream("d", "LIVE", name="Main"),
]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, "abcd"),
        ({"status": "LIVE"}, "acd"),
        ({"status": "ERRORED"}, ""),
        ({"name": "Main"}, "abd"),
        ({"exclude_meetings": True}, "bcd"),
        ({"status": "LIVE", "name": "Main", "exclude_meetings": True}, "d"),
        ({"limit": 1}, "a"),
        ({"limit": 2, "status": "LIVE"}, "ac"),
        ({"limit": 9}, "abcd"),
        ({"limit": 10**6}, "abcd"),
    ],
    ids=str,
)
def test_filters_are_checked_here_also(clock: Clock, options: dict[str, Any], found: str) -> None:
    assert ids(run(FakeAPI(page(*ROWS)), clock, **options)) == list(found)


def test_limit_reads_no_page_too_many(clock: Clock) -> None:
    api = FakeAPI(page(*ROWS, total=99))
    assert ids(run(api, clock, limit=4)) == list("abcd")
    assert api.requests == [listing()]


def test_listing_that_fails_half_way_is_one_that_failed(clock: Clock) -> None:
    api = FakeAPI(page(*ROWS, total=99), refusal(403))
    report = run(api, clock)
    (listing_outcome,) = report.outcomes
    assert (listing_outcome.target, listing_outcome.error.status) == ("list of livestreams", 403)
    assert report.returns == {"livestreams": []}


# Sessions


SESSIONS = ok({"id": OURS, "sessions": [{"id": "s1", "ingest_seconds": "7"}], "paging": {"end_offset": 1, "total_count": 1}})


@pytest.mark.parametrize(
    ("options", "answer", "sent"),
    [
        ({}, page(livestream(OURS)), listing()),
        ({"meeting_id": [MEETING]}, ok(livestream(OURS)), read()),
        ({"livestream_id": [OURS]}, ok(livestream(OURS)), one(OURS)),
    ],
)
def test_sessions_are_read_on_request(clock: Clock, options: dict[str, Any], answer: Reply, sent: Sent) -> None:
    api = FakeAPI(answer, SESSIONS)
    (found,) = run(api, clock, include_sessions=True, **options).returns["livestreams"]
    assert [(session["id"], session["ingest_seconds"]) for session in found["sessions"]] == [("s1", 7)]
    assert api.requests == [sent, sessions(OURS)]


def test_no_sessions_unless_asked_for(clock: Clock) -> None:
    (found,) = run(FakeAPI(page(livestream(OURS))), clock).returns["livestreams"]
    assert "sessions" not in found


def test_no_livestream_has_no_sessions(clock: Clock) -> None:
    api = FakeAPI(ok(None), NONE_ACTIVE, refusal(404))
    report = run(api, clock, include_sessions=True, meeting_id=[MEETING, OTHER_MEETING])
    assert report.returns["livestreams"] == []
    assert [outcome.error is None for outcome in report.outcomes] == [True, False]
    assert len(api.requests) == 3


def test_sessions_that_fail_hide_no_other_livestream(clock: Clock) -> None:
    api = FakeAPI(page(livestream(OURS), livestream(THEIRS)), refusal(422), SESSIONS)
    report = run(api, clock, include_sessions=True)
    failed, found = report.outcomes
    assert (failed.target, failed.error.status, found.error) == (OURS, 422, None)
    assert ids(report) == [OURS, THEIRS]
    assert [found["sessions"] is None for found in report.returns["livestreams"]] == [True, False]


@pytest.mark.parametrize(("option", "value", "other"), [("name", "Main stage", "Hall"), ("status", "LIVE", "IDLE")])
def test_rows_without_what_is_filtered_by_are_read_separately(clock: Clock, option: str, value: str, other: str) -> None:
    """Otherwise they would all fail the comparison, and the task would report in green that there are none."""
    livestreams = [{**FULL, "id": OURS, option: value}, {**FULL, "id": THEIRS, option: other}]
    rows = [{key: each[key] for key in each if key != option} for each in livestreams]
    api = FakeAPI(page(*rows), *map(ok, livestreams))
    assert ids(run(api, clock, **{option: value})) == [OURS]
    assert [path for _method, path, *_rest in api.requests] == ["/livestreams", f"/livestreams/{OURS}", f"/livestreams/{THEIRS}"]


def test_name_that_is_a_number_is_compared_as_its_digits(clock: Clock) -> None:
    api = FakeAPI(page(livestream(OURS, name="2026"), livestream(THEIRS, name="20260")))
    assert ids(run(api, clock, name=2026)) == [OURS]


@pytest.mark.parametrize("status", [401, 403])
def test_sessions_that_are_refused_for_the_token_cost_one_request(clock: Clock, status: int) -> None:
    api = FakeAPI(page(livestream(OURS), livestream(THEIRS)), refusal(status))
    report = run(api, clock, include_sessions=True)
    refused, shared = (outcome.error for outcome in report.outcomes)
    assert (refused.details()["status"], shared) == (status, refused)
    assert [(found["id"], found["sessions"]) for found in report.returns["livestreams"]] == [(OURS, None), (THEIRS, None)]
    assert api.requests == [listing(), sessions(OURS)]


class Slow(FakeAPI):
    """Each answer takes half a second."""

    def __init__(self, clock: Clock, *script: Any) -> None:
        super().__init__(*script)
        self._clock = clock

    def answer(self, *sent: Any) -> Any:
        self._clock.now += 0.5
        return super().answer(*sent)


@pytest.mark.parametrize("answer", [refusal(503), ok(livestream(OURS))], ids=["read", "sessions"])
def test_meeting_that_was_read_is_broken_off_rather_than_not_begun(clock: Clock, answer: Reply) -> None:
    (outcome,) = run(Slow(clock, answer), clock, meeting_id=[MEETING], include_sessions=True, task_timeout=0.4).outcomes
    assert str(outcome.error).startswith("Not finished: task_timeout is over")


@pytest.mark.parametrize("asked", [False, True])
def test_stream_key_is_returned_on_request(clock: Clock, asked: bool) -> None:
    (found,) = run(FakeAPI(page(livestream(OURS, stream_key=STREAM_KEY))), clock, return_stream_key=asked).returns["livestreams"]
    assert found.get("stream_key") == (STREAM_KEY if asked else None)

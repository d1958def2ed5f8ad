# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading all livestreams of meetings, also those that have ended, with their sessions."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import LostAnswerError, NotFoundError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream_info
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, page, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import room, search
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import STREAM_KEY, Clock, FakeAPI, Reply, Same, ok, prove, refusal

ONE = meeting(1)


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    report = run_task(rtk_livestream_info, api, clock, include_ended=True, **{"meeting_id": [ONE], **options})
    assert api.writes == []
    return report


def history(meeting_id: str = ONE, page_no: int = 1) -> Any:
    return ("GET", f"/meetings/{meeting_id}/livestream", {"page_no": str(page_no), "per_page": "100"}, None)


def sessions_of(number: int) -> Any:
    return ("GET", f"/livestreams/{stream(number)['id']}", {"page_no": "1", "per_page": "100"}, None)


def session(number: int, name: str = "s", **fields: Any) -> dict[str, Any]:
    """A session of the livestream of this number."""
    return {"id": f"{name}{number}", "livestream_id": stream(number)["id"], "ingest_seconds": "3600", "viewer_seconds": 7200, **fields}


def told(*livestreams: Any, sessions: Any = (), end: int | None = None, total: int | None = None) -> Reply:
    """The API's answer in the shape of the reference."""
    end = len(livestreams) if end is None else end
    body = {"livestreams": list(livestreams), "sessions": sessions if isinstance(sessions, dict) else list(sessions)}
    return ok({**body, "paging": {"start_offset": 1, "end_offset": end, "total_count": end if total is None else total}})


def over(number: int, created: str | None = "2026-11-20T09:00:00.000Z", updated: str = "2026-11-20T17:00:00.000Z", **fields: Any) -> Any:
    return stream(number, "OFFLINE", created_at=created, updated_at=updated, **fields)


def ids(livestreams: Any) -> list[int]:
    return [int(each["id"][-12:]) for each in livestreams]


def test_all_livestreams_with_their_sessions_take_one_request(clock: Clock) -> None:
    found = told(stream(3, "LIVE", stream_key=STREAM_KEY), over(2), sessions=[session(3), session(2), session(2, "t")])
    api = FakeAPI(found)
    report = run(api, clock, include_sessions=True)
    (entry,) = report.returns["meetings"]
    assert (entry["livestream"]["id"], entry["livestreams"]) == (stream(3)["id"], report.returns["livestreams"])
    assert entry["livestream"] == entry["livestreams"][0]
    assert [[each["id"] for each in livestream["sessions"]] for livestream in entry["livestreams"]] == [["s3"], ["s2", "t2"]]
    assert {each["meeting_id"] for each in entry["livestreams"]} == {ONE}
    assert entry["livestreams"][1]["sessions"][0]["ingest_seconds"] == 3600
    assert STREAM_KEY not in str(report.returns)
    assert api.requests == [history()]


def test_without_sessions_they_are_left_out(clock: Clock) -> None:
    api = FakeAPI(told(over(1), over(2), sessions=[session(1)]))
    (entry,) = run(api, clock).returns["meetings"]
    assert (entry["livestream"], ids(entry["livestreams"])) == (None, [1, 2])
    assert not [each for each in entry["livestreams"] if "sessions" in each]


def test_stream_keys_are_returned_on_request(clock: Clock) -> None:
    report = run(FakeAPI(told(over(1, stream_key=STREAM_KEY))), clock, return_stream_key=True)
    assert report.returns["livestreams"][0]["stream_key"] == STREAM_KEY


@pytest.mark.parametrize(
    ("statuses", "active"),
    [(["OFFLINE", "IDLE"], None), (["ERRORED", "LIVE"], 2), (["INVOKED"], 1), (["OFFLINE", "ERRORED"], 2)],
)
def test_active_livestream_is_among_them(clock: Clock, statuses: list[str], active: int | None) -> None:
    api = FakeAPI(told(*(stream(number, status) for number, status in enumerate(statuses, 1))))
    livestream = run(api, clock).returns["meetings"][0]["livestream"]
    assert livestream == (stream_shown(livestream) if active else None)
    assert ids([livestream] if livestream else []) == ([active] if active else [])


def stream_shown(livestream: Any) -> Any:
    return {key: value for key, value in livestream.items() if key != "stream_key"}


@pytest.mark.parametrize(
    "left_out",
    [
        [],
        [session(2, viewer_seconds=None)],
        [{"id": "s2", "livestream_id": stream(2)["id"], "ingest_seconds": "60"}],
        [session(3)],
        ["words"],
        [session(2, livestream_id=None)],
    ],
    ids=str,
)
def test_livestream_whose_sessions_are_left_out_is_read_separately(clock: Clock, left_out: Any) -> None:
    """Among several livestreams, a session that does not say whose it is belongs to none."""
    own = ok({"livestream": over(2), "session": [session(2), session(2, "t")], "paging": {"end_offset": 2, "total_count": 2}})
    api = FakeAPI(told(over(1), over(2), sessions=[session(1), *left_out]), own)
    report = run(api, clock, include_sessions=True)
    assert [[each["id"] for each in livestream["sessions"]] for livestream in report.returns["livestreams"]] == [["s1"], ["s2", "t2"]]
    assert api.requests == [history(), sessions_of(2)]


@pytest.mark.parametrize("sessions", [session(1, livestream_id=None), [session(1)]], ids=["one object", "list"])
def test_session_of_the_only_livestream(clock: Clock, sessions: Any) -> None:
    api = FakeAPI(told(over(1), sessions=sessions))
    assert [each["id"] for each in run(api, clock, include_sessions=True).returns["livestreams"][0]["sessions"]] == ["s1"]
    assert api.requests == [history()]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, [1, 2, 3, 4]),
        ({"start_time": "2026-11-20T17:00:00Z"}, [1, 3, 4]),
        ({"start_time": "2026-11-20T18:00:01+01:00"}, [3, 4]),
        ({"end_time": "2026-11-20T08:59:59Z"}, [2, 4]),
        ({"end_time": "2026-11-20T09:00:00Z"}, [1, 2, 4]),
        ({"start_time": "2026-11-19T18:00:00Z", "end_time": "2026-11-20T08:59:59Z"}, [4]),
    ],
    ids=str,
)
def test_period_leaves_out_what_was_over_before_or_came_later(clock: Clock, options: dict[str, str], found: list[int]) -> None:
    """An excluded livestream costs no request, and an unknown time excludes none."""
    before = over(2, "2026-11-19T09:00:00.000Z", "2026-11-19T17:00:00.000Z")
    active = stream(3, "ERRORED", created_at="2026-11-20T10:00:00.000Z", updated_at="2026-11-20T10:00:05.000Z")
    unknown = over(4, None, "soon")
    api = FakeAPI(told(over(1), before, active, unknown))
    assert ids(run(api, clock, **options).returns["livestreams"]) == found
    assert api.requests == [history()]


def test_all_pages_are_read(clock: Clock) -> None:
    api = FakeAPI(told(over(1), total=2), told(over(2), sessions=[session(2)], end=2))
    report = run(api, clock)
    assert ids(report.returns["livestreams"]) == [1, 2]
    assert api.requests == [history(), history(page_no=2)]


def test_rooms_by_title_in_the_order_given(clock: Clock) -> None:
    api = FakeAPI(page(room(1), room(2, "Hall")), page(room(2, "Hall")), told(over(2)), told())
    report = run(api, clock, meeting_id=None, meetings=[{"title": "Hall"}, {"title": "Stage"}])
    assert [(entry["title"], ids(entry["livestreams"])) for entry in report.returns["meetings"]] == [("Hall", [2]), ("Stage", [])]
    assert api.requests == [search("Hall"), search("Stage"), history(meeting(2)), history(ONE)]


def test_list_as_data_has_no_sessions(clock: Clock) -> None:
    api = FakeAPI(page(over(1)), ok({"session": session(1), "paging": {"end_offset": 1, "total_count": 1}}))
    assert [each["id"] for each in run(api, clock, include_sessions=True).returns["livestreams"][0]["sessions"]] == ["s1"]
    assert api.requests == [history(), sessions_of(1)]


def test_meeting_without_livestreams_may_answer_404(clock: Clock) -> None:
    api = FakeAPI(refusal(404), ok({"id": ONE}))
    assert run(api, clock).returns["meetings"] == [{"meeting_id": ONE, "title": None, "livestream": None, "livestreams": [], "error": None}]
    assert api.requests == [history(), prove(ONE)]


def test_later_page_that_answers_404_is_an_error_and_not_an_empty_history(clock: Clock) -> None:
    api = FakeAPI(told(over(1), total=3), refusal(404))
    (outcome,) = run(api, clock).outcomes
    assert isinstance(outcome.error, NotFoundError)
    assert api.requests == [history(), history(page_no=2)]


def test_meeting_that_does_not_exist_is_an_error_and_hides_no_other(clock: Clock) -> None:
    api = FakeAPI(refusal(404), refusal(404), told(over(2)))
    report = run(api, clock, meeting_id=[ONE, meeting(2)])
    assert [entry["livestreams"] and ids(entry["livestreams"]) for entry in report.returns["meetings"]] == [None, [2]]
    assert isinstance(report.outcomes[0].error, NotFoundError)
    assert report.outcomes[1].error is None


def test_sessions_that_fail_leave_the_livestream(clock: Clock) -> None:
    class Api(FakeAPI):
        def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
            return refusal(422, "No") if path.startswith("/livestreams/") else told(over(1))

    report = run(Api(), clock, include_sessions=True)
    (found,) = report.returns["livestreams"]
    assert found["sessions"] is None
    assert "No" in str(report.outcomes[0].error)


@pytest.mark.parametrize("data", ["words", {"sessions": []}, [{"name": "Stage"}], ["words"]], ids=str)
def test_useless_answer_is_an_error(clock: Clock, data: Any) -> None:
    report = run(Same(ok(data)), clock)
    assert isinstance(report.outcomes[0].error, LostAnswerError)
    assert report.returns["meetings"][0]["livestreams"] is None

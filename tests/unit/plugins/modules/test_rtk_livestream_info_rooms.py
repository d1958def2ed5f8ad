# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading the livestreams of meetings by title, or by a mix of titles and ids."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import AbsentTitleError, InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream_info
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, meeting, meetings_page, page, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeMeeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import FakeRooms, room, search
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import NONE_ACTIVE, STREAM_KEY, Clock, FakeAPI, ok, prove, read

in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])
ONE = meeting(1)


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    report = run_task(rtk_livestream_info, api, clock, **options)
    assert api.writes == []
    return report


def build_app(*meetings: Any, status: str = "LIVE") -> FakeRooms:
    api = FakeRooms(*meetings)
    api.studios = {each["id"]: FakeMeeting(stream(int(each["id"][-12:]), status, stream_key=STREAM_KEY)) for each in meetings}
    return api


@in_check_mode_and_not
@pytest.mark.parametrize("by", ["title", "meetings"])
def test_title_costs_one_search_more(clock: Clock, by: str, check_mode: bool) -> None:
    api = build_app(room(1), room(2, "Stage", "INACTIVE"))
    report = run(api, clock, check_mode=check_mode, **{by: "Stage" if by == "title" else [{"title": "Stage"}]})
    (found,) = report.returns["livestreams"]
    assert (found["id"], found["meeting_id"], "stream_key" in found) == (stream(1)["id"], ONE, False)
    assert report.returns["meetings"] == [{"meeting_id": ONE, "title": "Stage", "livestream": found, "error": None}]
    assert api.requests == [search("Stage"), read(ONE)]


def test_meeting_that_a_search_has_shown_needs_no_proof(clock: Clock) -> None:
    api = FakeAPI(page(room(1)), NONE_ACTIVE)
    report = run(api, clock, title="Stage")
    assert report.returns == {
        "livestreams": [],
        "meetings": [{"meeting_id": ONE, "title": "Stage", "livestream": None, "error": None}],
    }
    assert api.requests == [search("Stage"), read(ONE)]


def test_titles_and_ids_in_the_order_given(clock: Clock) -> None:
    api = build_app(room(1), room(2, "Hall"), room(3, "Yard"))
    report = run(api, clock, meetings=[{"title": "Yard"}, {"meeting_id": meeting(2).upper()}, {"title": "Barn"}, {"title": "Stage"}])
    assert [(each["meeting_id"], each["title"]) for each in report.returns["meetings"]] == [
        (meeting(3), "Yard"),
        (meeting(2), None),
        (None, "Barn"),
        (meeting(1), "Stage"),
    ]
    assert [outcome.error is None for outcome in report.outcomes] == [True, True, False, True]
    assert isinstance(report.outcomes[2].error, AbsentTitleError)
    assert [each["meeting_id"] for each in report.returns["livestreams"]] == [meeting(3), meeting(2), meeting(1)]


def test_two_entries_for_one_meeting_are_refused(clock: Clock) -> None:
    with pytest.raises(InvalidInputError, match=f"title 'Stage' and meeting_id {ONE} are the same meeting"):
        run(build_app(room(1)), clock, meetings=[{"title": "Stage"}, {"meeting_id": ONE}])


def test_empty_list_of_entries_asks_for_nothing(clock: Clock) -> None:
    api = FakeAPI()
    assert run(api, clock, meetings=[]).returns == {"livestreams": [], "meetings": []}
    assert api.requests == []


@pytest.mark.parametrize("titles", [12, 0], ids=["titles", "ids"])
def test_many_rooms_by_title_need_no_proof(clock: Clock, titles: int) -> None:
    """Their titles have shown that they exist; of ids the list of meetings has to."""
    meetings = [room(number, f"Room {number}") for number in range(12)]

    class Lists(FakeRooms):
        def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
            return page() if path == "/livestreams" else super().answer(method, path, query, body)

    api = Lists(*meetings)
    report = run(api, clock, meetings=[{"title": each["title"]} if titles else {"meeting_id": each["id"]} for each in meetings])
    assert [(outcome.error, outcome.after) for outcome in report.outcomes] == [(None, None)] * 12
    lists = [INVOKED, LIVE, ERRORED]
    assert api.requests == ([meetings_page(), *lists] if titles else [*lists, meetings_page()])
    assert not [sent for sent in api.requests if sent == prove(ONE)]


@pytest.mark.parametrize("asked", [False, True])
def test_stream_keys_are_returned_on_request_only(clock: Clock, asked: bool) -> None:
    report = run(build_app(room(1)), clock, title="Stage", return_stream_key=asked)
    (entry,) = report.returns["meetings"]
    key = STREAM_KEY if asked else None
    assert (entry["livestream"].get("stream_key"), report.returns["livestreams"][0].get("stream_key")) == (key, key)


def test_sessions_of_a_meeting_by_title(clock: Clock) -> None:
    sessions = ok({"id": stream(1)["id"], "sessions": [{"id": "s1"}], "paging": {"end_offset": 1, "total_count": 1}})
    report = run(FakeAPI(page(room(1)), ok(stream(1, "LIVE")), sessions), clock, title="Stage", include_sessions=True)
    assert [session["id"] for session in report.returns["meetings"][0]["livestream"]["sessions"]] == ["s1"]

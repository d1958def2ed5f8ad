# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests and results of the calls for meetings."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.meetings import Meetings
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ApiError,
    LostAnswerError,
    NotFoundError,
    ServerError,
    StoppedError,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import page
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    LIST_APPS,
    MEETING,
    OTHER_MEETING,
    PROVE_APP,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    Sent,
    build_client,
    ok,
    prove,
    refusal,
)

ROWS = [{"id": MEETING, "title": "Main"}, {"id": OTHER_MEETING, "title": "Side"}]
PAGING = {"total_count": 2, "start_offset": 1, "end_offset": 2}

ANSWERS = [ok({"id": MEETING}), ok(None), ok([]), ok("here"), Reply(200, {"success": True})]


def page_of_meetings(page_no: int) -> Sent:
    return ("GET", "/meetings", {"page_no": str(page_no), "per_page": "100"}, None)


def build(clock: Clock, *script: Any, **connection: Any) -> tuple[FakeAPI, Client, Meetings]:
    api = FakeAPI(*script)
    client = build_client(api, clock, **connection)
    return api, client, Meetings(client)


# Proofs


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_any_success_proves_a_meeting(clock: Clock, answer: Reply) -> None:
    api, _client, meetings = build(clock, answer)
    meetings.prove(MEETING)
    assert api.requests == [prove()]


def test_meeting_that_does_not_exist_says_nothing_about_others(clock: Clock) -> None:
    api, client, meetings = build(clock, refusal(404), ok({}))
    with pytest.raises(NotFoundError, match=f"GET /meetings/{MEETING} answered 404"):
        meetings.prove(MEETING)
    assert client.refusal is None
    meetings.prove(OTHER_MEETING)
    assert api.requests == [prove(), prove(OTHER_MEETING)]


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_any_success_proves_the_app(clock: Clock, answer: Reply) -> None:
    api, client, meetings = build(clock, answer)
    meetings.prove_app()
    assert (api.requests, client.refusal) == ([PROVE_APP], None)


UNKNOWN = "the app itself could not be checked, and rtk_app_info lists"
ABSENT = "the app itself was not found, and rtk_app_info lists"


@pytest.mark.parametrize(
    ("apps", "words"),
    [
        (ok([]), ABSENT),
        (page({"id": "another"}), ABSENT),
        (refusal(403), UNKNOWN),
        (refusal(404), ABSENT),
        (refusal(422), UNKNOWN),
    ],
    ids=str,
)
def test_nothing_is_sent_to_an_app_that_does_not_exist(clock: Clock, apps: Reply, words: str) -> None:
    api, client, meetings = build(clock, refusal(404), apps)
    with pytest.raises(NotFoundError, match="GET /meetings answered 404") as caught:
        meetings.prove_app()
    assert client.refusal is caught.value
    assert words in str(caught.value)
    for more in (lambda: meetings.prove(MEETING), meetings.prove_app, lambda: next(meetings.pages())):
        with pytest.raises(NotFoundError) as again:
            more()
        assert again.value is caught.value
    assert api.requests == [PROVE_APP, LIST_APPS]


def test_task_after_a_signal_does_not_report_the_app_as_missing(clock: Clock) -> None:
    api, client, meetings = build(clock, refusal(404))
    answer = api.answer

    def end(*sent: Any) -> Answer:
        client.interrupt()
        return answer(*sent)

    api.answer = end  # type: ignore[method-assign]
    with pytest.raises(StoppedError):
        meetings.prove_app()
    assert client.refusal is None


def test_app_without_meetings_whose_list_answers_404_is_among_the_apps(clock: Clock) -> None:
    api, client, meetings = build(clock, refusal(404), ok([{"id": "another"}, {"id": "app_1"}]))
    meetings.prove_app()
    assert (api.requests, client.refusal, client.has_found) == ([PROVE_APP, LIST_APPS], None, True)


@pytest.mark.parametrize(("status", "kind"), [(422, ApiError), (500, ServerError)])
def test_app_that_cannot_be_looked_up_may_exist(clock: Clock, status: int, kind: type) -> None:
    _api, client, meetings = build(clock, refusal(status), retries=0)
    with pytest.raises(kind, match=f"answered {status}"):
        meetings.prove_app()
    assert client.refusal is None


# The list


@pytest.mark.parametrize(
    "answer",
    [
        ok(ROWS, paging=PAGING),
        ok({"meetings": ROWS, "paging": PAGING}),
        ok({"data": ROWS}, paging=PAGING),
        Reply(200, {"result": ROWS, "paging": PAGING}),
    ],
    ids=["list", "list inside", "data inside data", "result"],
)
def test_list_of_meetings(clock: Clock, answer: Reply) -> None:
    api, _client, meetings = build(clock, answer)
    (page,) = meetings.pages()
    assert (page.rows, page.number, page.size, page.end, page.total, page.sent_at) == (ROWS, 1, 2, 2, 2, 5000.0)
    assert api.requests == [page_of_meetings(1)]


@pytest.mark.parametrize("connections", [1, 8])
def test_list_of_meetings_has_pages(clock: Clock, connections: int) -> None:
    first, second = (ok([row], paging={"total_count": 2, "end_offset": end}) for end, row in enumerate(ROWS, start=1))
    api, _client, meetings = build(clock, first, second, connections=connections)
    assert [[row["id"] for row in page.rows] for page in meetings.pages()] == [[MEETING], [OTHER_MEETING]]
    assert api.requests == [page_of_meetings(1), page_of_meetings(2)]


def test_list_of_meetings_is_read_as_it_is_asked_for(clock: Clock) -> None:
    api, _client, meetings = build(clock, ok(ROWS, paging={"total_count": 900, "end_offset": 2}), connections=8)
    assert next(meetings.pages()).pages_left == 449
    assert api.requests == [page_of_meetings(1)]


def test_list_of_livestreams_is_not_a_list_of_meetings(clock: Clock) -> None:
    _api, _client, meetings = build(clock, ok({"livestreams": ROWS}), retries=0)
    with pytest.raises(LostAnswerError, match="GET /meetings: answered 200 with something other than a list"):
        list(meetings.pages())


def test_list_of_meetings_that_answers_404_is_for_the_caller(clock: Clock) -> None:
    """It may be empty, or the app may not exist."""
    _api, client, meetings = build(clock, refusal(404))
    with pytest.raises(NotFoundError):
        next(meetings.pages())
    assert client.refusal is None

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access, limits, paging, dialects and the log: what is around the operations."""

from __future__ import annotations

from typing import Any

import pytest
import requests


def ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer.json()["data"]]


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc", "Bearer"])
def test_no_answer_without_the_token(api: Any, sim: Any, header: str | None) -> None:
    answer = requests.get(f"{sim.app_url}/meetings", headers={"Authorization": header} if header else {}, timeout=5)
    assert answer.status_code == 401
    assert answer.json() == {
        "success": False,
        "errors": [{"code": 10000, "message": "Authentication error"}],
        "messages": [],
        "result": None,
    }
    assert sim.requests[-1]["authorized"] is False


def test_the_bare_form_of_unauthorized(sim: Any) -> None:
    sim.settings.unauthorized_form = "message"
    assert requests.get(f"{sim.app_url}/meetings", timeout=5).json() == {"message": "Unauthorized"}


def test_wrong_places(api: Any, sim: Any) -> None:
    kit = f"{sim.api_url}/accounts/{sim.account_id}/realtime/kit"
    get = api.session.get
    assert get(f"{sim.api_url}/accounts/other/realtime/kit/{sim.app_id}/meetings").json()["errors"][0]["code"] == 10000
    assert get(f"{sim.api_url}/accounts/other/realtime/kit/{sim.app_id}/meetings").status_code == 403
    answer = get(f"{kit}/other/meetings")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 404)
    assert get(f"{kit}/{sim.app_id}/nonsense").status_code == 404
    assert get(f"{sim.url}/elsewhere").status_code == 404
    assert api.call("DELETE", "livestreams").status_code == 405
    assert {entry["operation"] for entry in sim.requests} == {"list_meetings", "unknown"}


@pytest.mark.parametrize(("form", "key"), [("realtimekit", "error"), ("gateway", "errors")])
def test_a_token_without_the_permission(api: Any, sim: Any, form: str, key: str) -> None:
    sim.settings.token_lacks_permission = form
    answer = api.get("meetings")
    assert answer.status_code == 403
    assert key in answer.json()


def test_an_escaped_slash_is_part_of_an_id(api: Any, sim: Any, meeting: str) -> None:
    api.get(f"meetings/{meeting}%2Factive-livestream")
    assert sim.requests[-1]["operation"] == "get_meeting"


def test_the_fixed_window(api: Any, sim: Any, clock: Any) -> None:
    sim.settings.limit_requests, sim.settings.limit_window = 2, 10
    first = api.get("meetings")
    assert (first.headers["Ratelimit"], first.headers["Ratelimit-Policy"]) == ('"default";r=1;t=10', '"default";q=2;w=10')
    clock.step(2.5)
    assert api.get("nonsense").headers["Ratelimit"] == '"default";r=0;t=8'
    refused = api.get("meetings")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "8")
    assert refused.headers["Ratelimit"] == '"default";r=0;t=8'
    clock.step(7.4)
    assert api.get("meetings").status_code == 429
    clock.step(0.1)
    assert api.get("meetings").headers["Ratelimit"] == '"default";r=1;t=10'
    assert sim.stats["rate_limited"] == 2
    assert api.control("GET", "stats").status_code == 200


def test_the_sliding_window_restores_requests_one_by_one(api: Any, sim: Any, clock: Any) -> None:
    sim.settings.limit_requests, sim.settings.limit_window, sim.settings.limit_kind = 2, 10, "sliding"
    api.get("meetings")
    clock.step(4)
    api.get("meetings")
    refused = api.get("meetings")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "6")
    clock.step(6)
    assert [api.get("meetings").status_code for _unused in range(2)] == [200, 429]


def test_a_refused_write_does_not_happen(api: Any, sim: Any, meeting: str) -> None:
    sim.settings.limit_requests = 0
    assert api.start(meeting).status_code == 429
    assert sim.effects == []


def test_pages_count_from_one_and_are_capped(api: Any, sim: Any) -> None:
    made = [sim.world.create(str(number)).id for number in range(5)]
    sim.settings.per_page_cap = 2
    pages = [api.get("livestreams", page_no=number, per_page=50, sort_order="ASC") for number in (1, 2, 3, 4)]
    assert [ids(page) for page in pages] == [made[:2], made[2:4], made[4:], []]
    assert [(page.json()["paging"]["start_offset"], page.json()["paging"]["end_offset"]) for page in pages[:3]] == [(1, 2), (3, 4), (5, 5)]
    assert {page.json()["paging"]["total_count"] for page in pages} == {5}
    sim.settings.repeat_page = True
    assert ids(api.get("livestreams", page_no=3, sort_order="ASC")) == made[:2]


def test_filters(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    mine = sim.world.create("mine").id
    clock.step(60)
    theirs = sim.world.start(meeting).id
    since = api.get(f"livestreams/{theirs}").json()["data"]["livestream"]["created_at"]
    assert ids(api.get("livestreams")) == [theirs, mine]
    assert ids(api.get("livestreams", exclude_meetings="true")) == [mine]
    assert ids(api.get("livestreams", exclude_meetings="false")) == [theirs, mine]
    assert ids(api.get("livestreams", status="INVOKED")) == [theirs]
    assert ids(api.get("livestreams", start_time=since)) == [theirs]
    assert ids(api.get("livestreams", end_time=since)) in ([mine], [theirs, mine])


@pytest.mark.parametrize(
    "query",
    [{"exclude_meetings": "True"}, {"status": "ON"}, {"sort_order": "desc"}, {"page_no": "x"}, {"per_page": "0"}, {"start_time": "x"}],
)
def test_bad_queries_are_refused(api: Any, query: dict[str, str]) -> None:
    assert api.get("livestreams", **query).status_code == 400


NOTHING = {
    "not_found": lambda answer: answer.status_code == 404 and answer.json()["error"]["code"] == 404,
    "null": lambda answer: answer.json() == {"success": True, "data": None},
    "no_data": lambda answer: answer.status_code == 200 and answer.json() == {"success": True},
    "empty_object": lambda answer: answer.json()["data"] == {},
    "empty_list": lambda answer: answer.json()["data"] == [],
    "idle_object": lambda answer: answer.json()["data"]["status"] == "IDLE",
}


@pytest.mark.parametrize("dialect", NOTHING)
def test_dialects_of_nothing_active(api: Any, sim: Any, meeting: str, dialect: str) -> None:
    sim.settings.no_active = dialect
    assert NOTHING[dialect](api.active(meeting))
    sim.world.start(meeting)
    sim.world.stop(meeting)
    assert NOTHING[dialect](api.active(meeting))
    assert api.active("11111111-1111-4111-8111-111111111111").status_code == 404


def test_the_active_livestreams_as_a_list(api: Any, sim: Any, meeting: str) -> None:
    sim.settings.active_shape = "list"
    assert api.active(meeting).status_code == 404
    one = sim.world.start(meeting)
    assert ids(api.active(meeting)) == [one.id]
    sim.world.set_status(one, "OFFLINE")
    two = sim.world.start(meeting)
    assert ids(api.active(meeting)) == [two.id]
    for errored, started in ((one, two), (two, one)):
        sim.world.set_status(errored, "ERRORED")
        sim.world.set_status(started, "LIVE")
        assert ids(api.active(meeting)) == [errored.id, started.id]
    assert "stream_key" in api.active(meeting).text
    sim.settings.active_omits_secrets = True
    assert "stream_key" not in api.active(meeting).text
    sim.settings.active_shape = "object"
    assert api.active(meeting).json()["data"]["id"] == two.id


@pytest.mark.parametrize(("count", "livestreams", "meetings"), [("true", 5, 3), ("zero", 0, 0), ("page", 2, 2)])
def test_the_count_of_rows_may_be_false(api: Any, sim: Any, count: str, livestreams: int, meetings: int) -> None:
    for number in range(5):
        sim.world.create(str(number))
    sim.settings.paging_count = count
    for path, total in (("livestreams", livestreams), ("meetings", meetings)):
        answer = api.get(path, per_page=2)
        assert len(ids(answer)) == 2
        assert answer.json()["paging"] == {"total_count": total, "start_offset": 1, "end_offset": 2}
    sim.settings.paging_total = 99
    assert api.get("livestreams", per_page=2).json()["paging"]["total_count"] == 99


@pytest.mark.parametrize("shape", ["list", "livestreams", "data", "single"])
def test_shapes_of_lists(api: Any, sim: Any, shape: str) -> None:
    made = sim.world.create("x").id
    sim.settings.list_shape = shape
    document = api.get("livestreams").json()
    data = document["data"]
    row = {"list": lambda: data[0], "livestreams": lambda: data["livestreams"][0], "data": lambda: data["data"][0], "single": lambda: data}[
        shape
    ]()
    assert row["id"] == made
    assert (document if shape == "list" else data)["paging"]["total_count"] == 1
    sim.settings.omit_paging = True
    assert "paging" not in api.get("livestreams").text


def test_other_dialects(api: Any, sim: Any, meeting: str) -> None:
    settings = sim.settings
    settings.empty_list_404 = True
    assert api.get("livestreams").status_code == 404
    settings.start_playback_null = settings.active_omits_secrets = True
    assert api.start(meeting).json()["data"]["playback_url"] is None
    row = api.active(meeting).json()["data"]
    assert not {"ingest_server", "stream_key"} & set(row)
    assert row["playback_url"]
    settings.paging_total = 99
    assert api.get("livestreams").json()["paging"]["total_count"] == 99
    settings.loose_types = True
    assert api.active(meeting).json()["data"]["disabled"] == "false"
    assert api.get(f"livestreams/{row['id']}").json()["data"]["session"]["ingest_seconds"] == "0"
    settings.envelope = "result"
    assert api.active(meeting).json()["result"]["id"] == row["id"]


def test_shapes_of_sessions(api: Any, sim: Any, meeting: str) -> None:
    one = sim.world.start(meeting).id
    assert api.get(f"livestreams/{one}").json()["data"]["session"]["livestream_id"] == one
    sim.settings.sessions_shape = "list"
    assert len(api.get(f"livestreams/{one}").json()["data"]["sessions"]) == 1
    sim.settings.sessions_shape = "session_list"
    assert len(api.get(f"livestreams/{one}").json()["data"]["session"]) == 1


def test_error_message_of_a_session_can_be_an_object(api: Any, sim: Any, meeting: str) -> None:
    one = sim.world.start(meeting)
    sim.world.set_status(one, "ERRORED", "no transcoder")
    sim.settings.session_objects = True
    of_one = api.get(f"livestreams/{one.id}").json()["data"]["session"]
    shown = [
        of_one,
        api.get(f"livestreams/{one.id}/active-livestream-session").json()["data"]["session"],
        api.get(f"livestreams/sessions/{of_one['id']}").json()["data"],
        api.get(f"sessions/{sim.world.meeting(meeting).session_id}/livestream-sessions").json()["data"][0],
        api.get(f"meetings/{meeting}/livestream").json()["data"]["sessions"],
    ]
    for row in shown:
        assert row["err_message"] == {"text": "no transcoder", "stream_key": one.stream_key}


def test_the_log_reports_everything_but_the_token(api: Any, sim: Any, meeting: str) -> None:
    api.start(meeting, name=f"leak {sim.token}")
    api.get("livestreams", name=sim.token)
    start, listing = sim.requests
    assert sorted(start) == sorted(
        [
            "number",
            "time",
            "method",
            "path",
            "operation",
            "query",
            "body",
            "status",
            "fault",
            "connection",
            "authorized",
            "agent",
            "elapsed",
        ]
    )
    assert start["agent"].startswith("python-requests/")
    assert (start["number"], start["operation"], start["status"], start["authorized"]) == (1, "start", 201, True)
    assert start["body"] == {"name": "leak <token>"}
    assert start["connection"] == listing["connection"]
    assert sim.token not in repr(sim.requests)


def test_connections_are_counted(api: Any, sim: Any) -> None:
    for _unused in range(3):
        api.get("meetings")
    requests.get(f"{sim.app_url}/meetings", timeout=5)
    assert sim.stats["connections"] == 2
    assert [entry["connection"] for entry in sim.requests] == [1, 1, 1, 2]


def test_every_answer_has_its_own_ray(api: Any) -> None:
    rays = {api.get("meetings").headers["cf-ray"], api.get("nonsense").headers["cf-ray"]}
    assert len(rays) == 2


# Fields of the official reference, in its own types: what is sent beside them would be an invention.
LIVESTREAM = {"id", "name", "status", "meeting_id", "ingest_server", "stream_key", "playback_url", "disabled", "created_at", "updated_at"}
SESSION = {"id", "livestream_id", "err_message", "ingest_seconds", "viewer_seconds", "invoked_time", "started_time", "stopped_time"}
SESSION |= {"created_at", "updated_at"}


def test_rows_of_the_list_may_lack_fields(api: Any, sim: Any) -> None:
    sim.settings.list_omits = ["ingest_server", "playback_url", "stream_key", "disabled"]
    one = sim.world.create("x").id
    assert set(api.get("livestreams").json()["data"][0]) == LIVESTREAM - {"ingest_server", "playback_url", "stream_key", "disabled"}
    assert set(api.get(f"livestreams/{one}").json()["data"]["livestream"]) == LIVESTREAM


def test_the_fields_are_those_of_the_reference(api: Any, sim: Any, meeting: str) -> None:
    one = sim.world.start(meeting, "x").id
    assert set(api.active(meeting).json()["data"]) == LIVESTREAM
    assert set(api.get("livestreams").json()["data"][0]) == LIVESTREAM
    got = api.get(f"livestreams/{one}").json()["data"]
    assert (set(got), set(got["livestream"]), set(got["session"])) == ({"livestream", "session", "paging"}, LIVESTREAM, SESSION)
    running = api.get(f"livestreams/{one}/active-livestream-session").json()["data"]
    assert (set(running), set(running["livestream"]), set(running["session"])) == ({"livestream", "session"}, LIVESTREAM, SESSION)
    of_meeting = api.get(f"meetings/{meeting}/livestream").json()["data"]
    assert set(of_meeting) == {"livestreams", "sessions", "paging"}
    assert set(api.create(name="y").json()["data"]) == LIVESTREAM - {"created_at", "updated_at"}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Meetings, their sessions, and apps: what is strict, partial, broad, and late."""

from __future__ import annotations

from typing import Any

import pytest
from simulator.settings import WORDS

EVERY_FIELD = {"id", *WORDS["meetings_list_omits"]}
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def data(answer: Any) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]


def create(api: Any, **body: Any) -> Any:
    return data(api.call("POST", "meetings", json=body))


def change(api: Any, meeting_id: str, **body: Any) -> Any:
    return api.call("PATCH", f"meetings/{meeting_id}", json=body)


def titles(api: Any, **query: Any) -> list[str]:
    return [row["title"] for row in data(api.get("meetings", **query))]


# Bodies


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("POST", "meetings", {"title": "x", "heading": "y"}, "heading"),
        ("POST", "meetings", {"title": "x", "status": "ACTIVE"}, "status"),
        ("POST", "meetings", {"id": "x"}, "id"),
        ("PATCH", "meetings/{meeting}", {"name": "x"}, "name"),
        ("POST", "meetings/{meeting}/livestreams", {"title": "x"}, "title"),
        ("POST", "meetings/{meeting}/livestreams", {"video_config": {"height": 1, "width": 1, "depth": 1}}, "video_config.depth"),
        ("POST", "livestreams", {"name": "x", "video_config": {}}, "video_config"),
    ],
)
def test_unknown_field_is_refused(api: Any, sim: Any, meeting: str, method: str, path: str, body: Any, named: str) -> None:
    answer = api.call(method, path.format(meeting=meeting), json=body)
    assert (answer.status_code, answer.json()) == (422, {"message": f'[body] "{named}" is not allowed', "success": False})
    assert (sim.effects, len(sim.meetings)) == ([], 3)


@pytest.mark.parametrize("field", ["title", "status", "record_on_start", "session_keep_alive_time_in_secs", "recording_config"])
def test_update_takes_no_null(api: Any, sim: Any, meeting: str, field: str) -> None:
    answer = change(api, meeting, **{field: None, "persist_chat": True})
    assert (answer.status_code, answer.json()["success"]) == (422, False)
    assert field in answer.json()["message"]
    assert sim.effects == []


@pytest.mark.parametrize(
    "body",
    [{"title": 1}, {"record_on_start": "true"}, {"session_keep_alive_time_in_secs": 59}, {"ai_config": []}, {"transcribe_on_end": 0}],
    ids=str,
)
def test_wrong_type_is_refused(api: Any, sim: Any, meeting: str, body: Any) -> None:
    assert api.call("POST", "meetings", json=body).status_code == 400
    assert change(api, meeting, **body).status_code == 400
    assert change(api, meeting, status="CLOSED").status_code == 400
    assert sim.effects == []


def test_create_takes_everything_that_the_reference_names(api: Any) -> None:
    body = {field: True for field in EVERY_FIELD if field.endswith(("_start", "_end", "_chat"))}
    body.update(title=None, session_keep_alive_time_in_secs=600, recording_config={"max_seconds": 60}, ai_config={})
    made = create(api, **body)
    assert set(made) == {*EVERY_FIELD, "recording_config", "ai_config"}
    assert {name: made[name] for name in body} == body
    assert data(api.get(f"meetings/{made['id']}")) == made
    assert set(create(api)) == EVERY_FIELD


# Updates


ECHOES = {
    "whole": EVERY_FIELD,
    "id_and_changed": {"id", "title", "persist_chat"},
    "changed": {"title", "persist_chat"},
    "id": {"id"},
}


@pytest.mark.parametrize("echo", ECHOES)
def test_update_echoes_a_part_and_changes_no_other_field(api: Any, sim: Any, clock: Any, meeting: str, echo: str) -> None:
    change(api, meeting, record_on_start=True)
    before = data(api.get(f"meetings/{meeting}"))
    sim.settings.update_echoes = echo
    clock.step(1)
    answer = data(change(api, meeting, title="Stage", persist_chat=True))
    after = data(api.get(f"meetings/{meeting}"))
    assert set(answer) == ECHOES[echo]
    assert answer == {name: after[name] for name in answer}
    assert {name for name in after if after[name] != before[name]} == {"title", "persist_chat", "updated_at"}


def test_update_may_have_no_data(api: Any, sim: Any, meeting: str) -> None:
    sim.settings.update_echoes = "no_data"
    assert change(api, meeting, title="Stage").json() == {"success": True}
    assert [(effect["kind"], effect["meeting_id"], effect["name"]) for effect in sim.effects] == [("meeting_updated", meeting, "Stage")]


def test_titles_are_trimmed_like_names(api: Any, sim: Any) -> None:
    sim.settings.trim_names = True
    made = create(api, title=" Stage ")
    assert made["title"] == "Stage"
    assert data(change(api, made["id"], title="Foyer "))["title"] == "Foyer"


@pytest.mark.parametrize("ends", [False, True])
def test_inactive_meeting_lets_no_one_in_and_may_end_what_is_under_way(api: Any, sim: Any, meeting: str, ends: bool) -> None:
    sim.settings.inactive_ends = ends
    api.control("POST", "actors/begin", {"meeting_id": meeting})
    api.start(meeting)
    assert data(change(api, meeting, status="INACTIVE"))["status"] == "INACTIVE"
    assert api.get(f"meetings/{meeting}/active-session").status_code == (404 if ends else 200)
    assert api.active(meeting).status_code == (404 if ends else 200)
    assert api.control("POST", "actors/begin", {"meeting_id": meeting}).status_code == 400
    assert [effect["kind"] for effect in sim.effects] == ["started", "meeting_updated", *(["stopped"] if ends else [])]


def test_create_that_answers_500_may_have_persisted(api: Any, sim: Any) -> None:
    for when, titled in (("before", []), ("after", ["Stage"])):
        sim.fault("status", "create_meeting", when=when)
        assert api.call("POST", "meetings", json={"title": "Stage"}).status_code == 500
        assert titles(api, search="Stage") == titled


def test_late_create_keeps_the_id_that_was_promised(api: Any, sim: Any, until: Any) -> None:
    sim.fault("unknown_status", "create_meeting")
    sim.fault("slow_drip", "create_meeting", seconds=0)
    assert create(api, title="Stage")["status"] == "WARMING_UP"
    promised = create(api, title="Foyer")["id"]
    assert data(api.get("meetings", search="Foyer"))[0]["id"] == promised
    sim.fault("status", "create_meeting", when="after", write_lag=0.05)
    assert api.call("POST", "meetings", json={"title": "Cellar"}).status_code == 500
    assert titles(api, search="Cellar") == []
    until(lambda: titles(api, search="Cellar") == ["Cellar"])
    assert [effect["request"] for effect in sim.effects] == [entry["number"] for entry in sim.requests if entry["method"] == "POST"]


# Lists


@pytest.mark.parametrize("field", WORDS["meetings_list_omits"])
def test_row_or_read_may_lack_a_field(api: Any, sim: Any, meeting: str, field: str) -> None:
    sim.settings.meetings_list_omits = [field]
    assert {frozenset(row) for row in data(api.get("meetings"))} == {frozenset(EVERY_FIELD - {field})}
    assert set(data(api.get(f"meetings/{meeting}"))) == EVERY_FIELD
    sim.settings.meeting_omits = [field]
    assert set(data(api.get(f"meetings/{meeting}"))) == EVERY_FIELD - {field}
    assert set(data(change(api, meeting, persist_chat=True))) == EVERY_FIELD - {field}
    assert set(create(api)) == EVERY_FIELD - {field}
    # A filter uses the real values, even if rows do not show them.
    assert len(data(api.get("meetings", status="INACTIVE"))) == 0


def test_search_is_as_broad_as_the_settings_say(api: Any, sim: Any) -> None:
    for title in ("Main stage", "MAIN STAGE 2", "Back stage", "Foyer"):
        made = create(api, title=title)
    assert titles(api, search="main Stage") == ["MAIN STAGE 2", "Main stage"]
    assert titles(api, search=made["id"][3:20].upper()) == ["Foyer"]
    assert len(titles(api, search="")) == 7
    sim.settings.search_finds = "words"
    assert titles(api, search="main stage") == ["Back stage", "MAIN STAGE 2", "Main stage"]
    sim.settings.search_finds = "everything"
    assert len(titles(api, search="main stage")) == 7


def test_paging_of_meetings_and_apps_may_be_missing_or_false(api: Any, sim: Any) -> None:
    apps = f"{sim.api_url}/accounts/{sim.account_id}/realtime/kit/apps"
    sim.settings.paging_total = 99
    assert api.get("meetings").json()["paging"]["total_count"] == 99
    assert api.session.get(apps).json()["paging"]["total_count"] == 99
    sim.settings.omit_paging = True
    assert "paging" not in api.get("meetings").json()
    assert "paging" not in api.session.get(apps).json()


def test_empty_page_of_meetings_or_apps_may_answer_404(api: Any, sim: Any) -> None:
    apps = f"{sim.api_url}/accounts/{sim.account_id}/realtime/kit/apps?page_no=2"
    sim.settings.empty_list_404 = True
    assert (api.get("meetings", page_no=2).status_code, api.session.get(apps).status_code) == (200, 200)
    sim.settings.empty_404 = ["apps", "meetings"]
    assert (api.get("meetings", page_no=2).status_code, api.session.get(apps).status_code) == (404, 404)
    assert len(data(api.get("meetings"))) == 3


def test_meeting_shows_late(api: Any, sim: Any, clock: Any) -> None:
    sim.settings.visible_lag, sim.settings.list_lag = 3, 2
    one = create(api, title="Stage")["id"]
    shown = []
    for _second in range(6):
        shown.append((api.get(f"meetings/{one}").status_code, titles(api, search="Stage")))
        clock.step(1)
    assert shown == [(404, [])] * 3 + [(200, [])] * 2 + [(200, ["Stage"])]


# Sessions


def test_session_begins_changes_and_ends(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    path = f"meetings/{meeting}/active-session"
    assert (api.get(path).status_code, api.get(path).json()["error"]["code"]) == (404, 404)
    assert api.get(f"meetings/{UNKNOWN}/active-session").status_code == 404
    sessions = api.control("POST", "actors/begin", {"meeting_id": sim.meetings, "participants": 0}).json()["sessions"]
    assert [session["associated_id"] for session in sessions] == sim.meetings
    clock.step(60)
    api.control("POST", "actors/begin", {"meeting_id": meeting, "participants": 5})
    session = data(api.get(path))
    assert (session["id"], session["live_participants"], session["minutes_consumed"]) == (sessions[0]["id"], 5, 1)
    assert (session["status"], session["ended_at"]) == ("LIVE", None)
    assert api.control("POST", "actors/end", {"meeting_id": meeting}).json()["live_participants"] == 0
    assert api.get(path).status_code == 404
    assert api.control("POST", "actors/end", {"meeting_id": meeting}).status_code == 404
    again = api.control("POST", "actors/begin", {"meeting_id": meeting}).json()
    assert again["id"] != session["id"]
    assert api.control("POST", "actors/begin", {"meeting_id": meeting, "participants": "x"}).json()["error"].startswith("participants:")
    assert sim.effects == []


# Apps


@pytest.fixture
def apps(api: Any, sim: Any) -> Any:
    return lambda **query: api.session.get(f"{sim.api_url}/accounts/{sim.account_id}/realtime/kit/apps", params=query)


def test_apps_are_paged_searched_and_sorted(api: Any, apps: Any, sim: Any, clock: Any) -> None:
    (one,) = data(apps())
    assert set(one) == {"id", "name", "created_at"}
    assert one["id"] == sim.app_id
    clock.step(1)
    added = api.control("POST", "apps", {"n": 3, "name": "Event"}).json()["apps"]
    assert [app["name"] for app in added] == ["Event 1", "Event 2", "Event 3"]
    assert [app["id"] for app in data(apps(sort_order="ASC", page_no=1, per_page=2))] == [sim.app_id, added[0]["id"]]
    assert data(apps(sort_order="DESC"))[-1]["id"] == sim.app_id
    assert apps(sort_order="DSC").status_code == 400
    assert [app["name"] for app in data(apps(search="EVENT 2"))] == ["Event 2"]
    assert api.control("GET", "apps").json()["apps"][0] == one
    assert {entry["operation"] for entry in sim.requests} == {"list_apps"}
    api.control("POST", "reset")
    assert data(apps()) == [one]


def test_another_app_has_its_own_world(api: Any, sim: Any, meeting: str) -> None:
    other = api.control("POST", "apps", {"name": "Other"}).json()["apps"][0]["id"]
    base = f"{sim.api_url}/accounts/{sim.account_id}/realtime/kit/{other}"
    assert data(api.session.get(f"{base}/meetings")) == []
    assert api.session.get(f"{base}/meetings/{meeting}").status_code == 404
    made = data(api.session.post(f"{base}/meetings", json={"title": "Stage"}))["id"]
    assert [row["id"] for row in data(api.session.get(f"{base}/meetings"))] == [made]
    assert made not in sim.meetings


def test_apps_need_the_token_the_account_and_realtimekit(api: Any, apps: Any, sim: Any) -> None:
    kit = f"{sim.api_url}/accounts/other/realtime/kit/apps"
    assert api.session.get(kit).status_code == 403
    assert api.session.post(kit.replace("other", sim.account_id)).status_code == 405
    for form, key in (("realtimekit", "error"), ("gateway", "errors")):
        for setting in ("realtimekit_disabled", "token_lacks_permission"):
            sim.settings.update({"realtimekit_disabled": "no", "token_lacks_permission": "no", setting: form})
            for answer in (apps(), api.get("meetings")):
                assert (answer.status_code, key in answer.json()) == (403, True)
    api.session.headers["Authorization"] = "Bearer wrong"
    assert apps().status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("apps", {"n": -1}, "n"),
        ("apps", {"title": "x"}, "title"),
        ("apps", {"name": None}, "name"),
        ("apps", {"id": "{app}"}, "id"),
        ("meetings", {"created_at": "today"}, "created_at"),
        ("actors/begin", {}, "meeting_id"),
    ],
)
def test_mistake_is_named(api: Any, sim: Any, path: str, body: Any, key: str) -> None:
    given = {name: value.format(app=sim.app_id) if isinstance(value, str) else value for name, value in body.items()}
    answer = api.control("POST", path, given)
    assert (answer.status_code, answer.json()["error"].split(":")[0]) == (400, key)


# Playback URLs


def test_playback_url_comes_later_than_live(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.settings.playback_delay, sim.settings.list_lag = 30, 5
    started = data(api.start(meeting))
    assert started["playback_url"] is None
    seen = []
    for seconds in (3, 26, 1, 4, 1):
        clock.step(seconds)
        active = data(api.active(meeting))
        (row,) = data(api.get("livestreams")) or [{"status": None, "playback_url": None}]
        seen.append((active["status"], bool(active["playback_url"]), row["status"], bool(row["playback_url"])))
    assert seen == [
        ("LIVE", False, None, False),
        ("LIVE", False, "LIVE", False),
        ("LIVE", True, "LIVE", False),
        ("LIVE", True, "LIVE", False),
        ("LIVE", True, "LIVE", True),
    ]
    assert started["id"] in active["playback_url"]

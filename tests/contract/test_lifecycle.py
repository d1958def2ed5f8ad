# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From start to stop, and everything that is refused on the way."""

from __future__ import annotations

import uuid
from typing import Any

import pytest


def kinds(sim: Any) -> list[str]:
    return [effect["kind"] for effect in sim.effects]


def status_of(api: Any, meeting: str) -> str | None:
    answer = api.active(meeting)
    return answer.json()["data"]["status"] if answer.status_code == 200 else None


def test_start_answers_five_fields(api: Any, meeting: str) -> None:
    answer = api.start(meeting, name="Morning show", video_config={"height": 720, "width": 1280})
    assert answer.status_code == 201
    assert sorted(answer.json()["data"]) == ["id", "ingest_server", "playback_url", "status", "stream_key"]
    assert answer.json()["data"]["status"] == "INVOKED"


def test_from_start_to_stop(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    started = api.start(meeting, name="x").json()["data"]
    assert status_of(api, meeting) == "INVOKED"
    clock.step(2)
    live = api.active(meeting).json()["data"]
    assert (live["id"], live["status"], live["name"], live["meeting_id"]) == (started["id"], "LIVE", "x", meeting)
    assert api.stop(meeting).json() == {"success": True, "data": {"message": "Livestream stopped successfully"}}
    assert api.active(meeting).status_code == 404
    assert api.get(f"livestreams/{started['id']}").json()["data"]["livestream"]["status"] == "OFFLINE"
    assert kinds(sim) == ["started", "stopped"]
    assert [effect["request"] for effect in sim.effects] == [1, 4]


def test_stop_before_it_is_live_ends_it_for_good(api: Any, clock: Any, meeting: str) -> None:
    api.start(meeting)
    api.stop(meeting)
    clock.step(10)
    assert status_of(api, meeting) is None


@pytest.mark.parametrize("status", [409, 400])
def test_a_second_start_is_refused(api: Any, sim: Any, meeting: str, status: int) -> None:
    sim.settings.conflict_status = status
    api.start(meeting)
    answer = api.start(meeting)
    assert answer.status_code == status
    assert answer.json()["success"] is False
    assert answer.json()["error"]["code"] == status
    assert kinds(sim) == ["started"]


@pytest.mark.parametrize("status", [404, 400, 409])
def test_stop_with_nothing_active_is_refused(api: Any, sim: Any, meeting: str, status: int) -> None:
    sim.settings.stop_nothing_status = status
    assert api.stop(meeting).status_code == status


def test_errored_reports_why_and_blocks_until_stopped(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.settings.fail_next_starts = 1
    sim.settings.err_message = "no transcoder"
    started = api.start(meeting).json()["data"]
    clock.step(2)
    assert status_of(api, meeting) == "ERRORED"
    session = api.get(f"livestreams/{started['id']}/active-livestream-session").json()["data"]["session"]
    assert session["err_message"] == "no transcoder"
    assert api.start(meeting).status_code == 409
    assert api.stop(meeting).status_code == 200
    assert api.start(meeting).status_code == 201
    clock.step(2)
    assert status_of(api, meeting) == "LIVE"
    assert kinds(sim) == ["started", "errored", "stopped", "started"]


def test_one_meeting_fails_and_the_other_does_not(api: Any, sim: Any, clock: Any) -> None:
    bad, good = sim.meetings[:2]
    api.control("PATCH", f"meetings/{bad}", {"fail_next_starts": 1, "err_message": "bad key", "live_delay": 1})
    api.start(bad)
    api.start(good)
    clock.step(1)
    assert (status_of(api, bad), status_of(api, good)) == ("ERRORED", "INVOKED")


def test_stop_lag_keeps_the_old_one_active(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.settings.stop_lag = 3
    old = api.start(meeting).json()["data"]["id"]
    clock.step(2)
    assert api.stop(meeting).status_code == 200
    seen = api.active(meeting).json()["data"]
    assert (seen["id"], seen["status"]) == (old, "LIVE")
    assert api.start(meeting).status_code == 409
    assert api.stop(meeting).status_code == 409
    clock.step(3)
    assert api.active(meeting).status_code == 404
    assert api.start(meeting).json()["data"]["id"] != old


def test_a_livestream_stopped_while_invoked_does_not_go_live_in_the_lag(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.settings.stop_lag = 10
    api.start(meeting)
    api.stop(meeting)
    clock.step(5)
    assert status_of(api, meeting) == "INVOKED"


def test_visible_lag_hides_a_start_from_reads_but_not_from_conflicts(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.settings.visible_lag = 1
    started = api.start(meeting).json()["data"]["id"]
    assert api.active(meeting).status_code == 404
    assert api.get(f"livestreams/{started}").status_code == 404
    assert api.get("livestreams").json()["data"] == []
    assert api.start(meeting).status_code == 409
    clock.step(1)
    assert api.active(meeting).json()["data"]["id"] == started


def test_visible_lag_hides_a_create(api: Any, sim: Any, clock: Any) -> None:
    sim.settings.visible_lag = 1
    api.create(name="x")
    assert api.get("livestreams").json()["data"] == []
    clock.step(1)
    assert [row["name"] for row in api.get("livestreams").json()["data"]] == ["x"]


def test_create_is_idle_and_of_no_meeting(api: Any, sim: Any) -> None:
    answer = api.create(name="Radio")
    assert answer.status_code == 201
    row = answer.json()["data"]
    assert (row["name"], row["status"], row["meeting_id"], row["disabled"]) == ("Radio", "IDLE", None, False)
    assert kinds(sim) == ["created"]


def test_names_are_not_unique(api: Any) -> None:
    assert api.create(name="x").json()["data"]["id"] != api.create(name="x").json()["data"]["id"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "meetings/{id}/livestreams"),
        ("GET", "meetings/{id}/active-livestream"),
        ("POST", "meetings/{id}/active-livestream/stop"),
        ("GET", "meetings/{id}/livestream"),
        ("GET", "meetings/{id}"),
        ("PATCH", "meetings/{id}"),
        ("GET", "livestreams/{id}"),
        ("GET", "livestreams/{id}/active-livestream-session"),
        ("GET", "livestreams/sessions/{id}"),
        ("GET", "sessions/{id}/livestream-sessions"),
    ],
)
def test_unknown_ids_are_not_found(api: Any, method: str, path: str) -> None:
    answer = api.call(method, path.format(id=uuid.uuid4()))
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == 404


def test_an_inactive_meeting_starts_nothing(api: Any, meeting: str) -> None:
    assert api.call("PATCH", f"meetings/{meeting}", json={"status": "INACTIVE"}).json()["data"]["status"] == "INACTIVE"
    assert api.start(meeting).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"x"',
        b'{"name": 3}',
        b'{"video_config": 3}',
        b'{"video_config": {"height": "720"}}',
        b'{"video_config": {"width": true}}',
    ],
)
def test_bad_bodies_are_refused(api: Any, sim: Any, meeting: str, body: bytes) -> None:
    answer = api.call("POST", f"meetings/{meeting}/livestreams", data=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert sim.effects == []


@pytest.mark.parametrize("body", [b"", b"{}", b'{"name": null}', b'{"name": ""}'])
def test_a_name_is_optional(api: Any, meeting: str, body: bytes) -> None:
    assert api.call("POST", f"meetings/{meeting}/livestreams", data=body).status_code == 201


@pytest.mark.parametrize(("trims", "stored"), [(True, "Morning  show"), (False, " Morning  show\t")])
def test_the_api_may_trim_names(api: Any, sim: Any, meeting: str, trims: bool, stored: str) -> None:
    sim.settings.trim_names = trims
    assert api.create(name=" Morning  show\t").json()["data"]["name"] == stored
    api.start(meeting, name=" Morning  show\t")
    assert api.active(meeting).json()["data"]["name"] == stored
    assert [effect["name"] for effect in sim.effects] == [stored, stored]


def test_the_answer_to_create_may_lack_the_name(api: Any, sim: Any) -> None:
    sim.settings.create_omits_name = True
    row = api.create(name="Radio").json()["data"]
    assert "name" not in row
    assert api.get(f"livestreams/{row['id']}").json()["data"]["livestream"]["name"] == "Radio"


def test_others_act_on_the_same_world(api: Any, sim: Any, meeting: str) -> None:
    theirs = sim.world.start(meeting, "theirs", by="alice")
    assert api.start(meeting).status_code == 409
    assert api.active(meeting).json()["data"]["id"] == theirs.id
    sim.world.stop(meeting, by="alice")
    sim.world.create("x", by="bob")
    assert [(effect["kind"], effect["by"], effect["request"]) for effect in sim.effects] == [
        ("started", "alice", None),
        ("stopped", "alice", None),
        ("created", "bob", None),
    ]


def test_sessions_and_analytics(api: Any, clock: Any, meeting: str) -> None:
    livestream = api.start(meeting).json()["data"]["id"]
    clock.step(12)
    api.stop(meeting)
    session = api.get(f"livestreams/{livestream}").json()["data"]["session"]
    assert (session["livestream_id"], session["ingest_seconds"], session["err_message"]) == (livestream, 10, None)
    assert session["invoked_time"] < session["started_time"] < session["stopped_time"]
    assert api.get(f"livestreams/sessions/{session['id']}").json()["data"] == session
    assert api.get(f"livestreams/{livestream}/active-livestream-session").status_code == 404
    sums = {"count": 1, "total_ingest_seconds": 10, "total_viewer_seconds": 0}
    assert api.get("analytics/livestreams/overall").json()["data"] == sums
    assert api.get("analytics/livestreams/daywise").json()["data"] == [{"date": session["invoked_time"][:10], **sums}]
    row = api.get(f"meetings/{meeting}/livestream").json()["data"]
    assert [item["id"] for item in row["livestreams"]] == [livestream]
    assert row["paging"]["total_count"] == 1


def test_sessions_of_a_meeting_session(api: Any, meeting: str) -> None:
    livestream = api.start(meeting).json()["data"]["id"]
    session_id = next(item["session_id"] for item in api.control("GET", "meetings").json()["meetings"] if item["id"] == meeting)
    assert [row["livestream_id"] for row in api.get(f"sessions/{session_id}/livestream-sessions").json()["data"]] == [livestream]


def test_meetings_are_created_changed_and_searched(api: Any) -> None:
    made = api.call("POST", "meetings", json={"title": "Stand-up", "record_on_start": True}).json()["data"]
    assert (made["title"], made["status"], made["record_on_start"]) == ("Stand-up", "ACTIVE", True)
    api.call("PATCH", f"meetings/{made['id']}", json={"title": "Town hall"})
    assert api.get(f"meetings/{made['id']}").json()["data"]["title"] == "Town hall"
    assert [row["id"] for row in api.get("meetings", search="town").json()["data"]] == [made["id"]]
    assert api.call("POST", "meetings", json={"session_keep_alive_time_in_secs": 5}).status_code == 400
    assert api.call("PATCH", f"meetings/{made['id']}", json={"status": "GONE"}).status_code == 400

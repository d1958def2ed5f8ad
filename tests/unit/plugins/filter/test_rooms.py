# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of the filter `rooms` for a list of rooms and the results of a broadcast's tasks."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.filter.rooms import FilterModule

rooms = FilterModule().filters()["rooms"]

A, B = "bbbb1111-22cc-33dd-44ee-000000000001", "bbbb1111-22cc-33dd-44ee-000000000002"
URL = "https://play.test/x.m3u8"
BOTH = [{"title": "Stage"}, {"id": B, "label": "Yard"}]
REFUSED = {"method": "POST", "path": "/x", "status": 422, "code": None, "message": "No such picture", "cf_ray": None}
LOST = {**REFUSED, "status": None, "message": "no answer"}


def entry(meeting_id: str | None = A, title: str | None = "Stage", *, changed: bool = True, **more: Any) -> dict[str, Any]:
    livestream = {"id": f"live-{meeting_id}", "status": "LIVE", "playback_url": URL}
    started_id = livestream["id"] if changed else None
    return {
        "meeting_id": meeting_id,
        "title": title,
        "changed": changed,
        "livestream": livestream,
        "started_id": started_id,
        "error": None,
        **more,
    }


def made(title: str = "Stage", *, meeting_id: str | None = A, error: Any = None, changed: bool = True) -> dict[str, Any]:
    return {"title": title, "meeting_id": meeting_id, "changed": changed, "error": error}


def pick(plan: dict[str, Any], *keys: str) -> list[Any]:
    return [room[keys[0]] if len(keys) == 1 else tuple(room[key] for key in keys) for room in plan["rooms"]]


def test_rooms_before_anything_was_done() -> None:
    plan = rooms([{"title": "Stage", "name": "Show"}, {"id": f" {B.upper()} "}])
    nothing = {"id": None, "status": None, "playback_url": None, "changed": False, "taken_down": False, "error": None}
    assert plan == {
        "rooms": [
            {"label": "Show", "name": "Show", "title": "Stage", "meeting_id": None, **nothing},
            {"label": B, "name": "", "title": None, "meeting_id": B, **nothing},
        ],
        "refusal": "",
        "is_known": True,
        "titles": ["Stage"],
        "targets": [{"title": "Stage", "name": "Show"}, {"meeting_id": B}],
        "own": [],
        "held_seconds": 0,
    }


@pytest.mark.parametrize(
    ("meetings", "words"),
    [
        ([], "broadcast_meetings is empty"),
        ([{"label": "Stage"}], "Room 1 of broadcast_meetings has no id and no title: give one of them"),
        ([{"title": "Stage", "id": A}], "Room 1 of broadcast_meetings has id and title: give one of them"),
        (
            [{"title": "Stage"}, {"id": "stage"}],
            "Room 2 of broadcast_meetings has the id 'stage': it must be a meeting's UUID, or use title",
        ),
        ([{"title": ["Stage"]}], "Room 1 of broadcast_meetings has the title ['Stage']: it must be a string"),
        ([{"title": True}], "the title True: it must be a string: quote it in YAML"),
        ([{"title": "Stage", "name": {}}], "the name {}: it must be a string"),
        ([{"title": "Stage"}, {"title": "Stage"}], "'Stage' twice: list each meeting once"),
        ([{"id": A}, {"id": A.upper()}], f"'{A}' twice: list each meeting once"),
    ],
)
def test_rooms_that_cannot_be_meant_are_refused(meetings: list[Any], words: str) -> None:
    plan = rooms(meetings)
    assert words in plan.pop("refusal")
    assert not any(plan.values())


def test_number_is_its_digits() -> None:
    plan = rooms([{"title": 2026, "name": 1.5}])
    assert (plan["targets"], pick(plan, "label")) == ([{"title": "2026", "name": "1.5"}], ["1.5"])


def test_picture_size_of_a_room_comes_before_the_one_of_all() -> None:
    meetings = [{"title": "Stage", "video_config": {"width": 1, "height": 2}}, {"id": B, "video_config": {}}]
    sizes = [target["video_config"] for target in rooms(meetings, {"width": 8, "height": 9})["targets"]]
    assert sizes == [{"width": 1, "height": 2}, {"width": 8, "height": 9}]


def test_started_rooms() -> None:
    ended = {"meetings": [entry(), entry(B, None, changed=False)], "rate_limit": {"held_seconds": 1.6}}
    plan = rooms(BOTH, ended=ended)
    assert pick(plan, "meeting_id", "id", "status", "playback_url", "changed", "error") == [
        (A, f"live-{A}", "LIVE", URL, True, None),
        (B, f"live-{B}", "LIVE", URL, False, None),
    ]
    assert plan["own"] == [{"meeting_id": A, "livestream_id": f"live-{A}"}]
    assert plan["held_seconds"] == 2


def test_created_meeting_is_started_by_its_id() -> None:
    created = {"results": [made()], "rate_limit": {"held_seconds": 2.0}}
    plan = rooms(BOTH, created=created)
    assert plan["targets"] == [{"meeting_id": A}, {"meeting_id": B}]
    ended = {"meetings": [entry(A, None, changed=False), entry(B, None, changed=False)]}
    plan = rooms(BOTH, created=created, ended=ended)
    assert pick(plan, "meeting_id", "status", "changed") == [(A, "LIVE", True), (B, "LIVE", False)]
    assert (plan["own"], plan["held_seconds"]) == ([], 2)


def test_meeting_that_would_be_created_would_be_started() -> None:
    plan = rooms(BOTH, created={"results": [made(meeting_id=None)]}, ended={"meetings": [entry(B, None)]})
    assert plan["targets"] == [{"meeting_id": B}]
    assert pick(plan, "meeting_id", "status", "changed", "error") == [(None, "INVOKED", True, None), (B, "LIVE", True, None)]


def test_room_whose_meeting_could_not_be_created_is_not_started() -> None:
    created = {"results": [made(meeting_id=None, error=REFUSED, changed=False)]}
    plan = rooms(BOTH, created=created, ended={"meetings": [entry(B, None)]})
    assert plan["targets"] == [{"meeting_id": B}]
    assert pick(plan, "status", "error") == [(None, "No such picture (HTTP 422)"), ("LIVE", None)]


def test_create_that_broke_fails_the_rooms_with_titles() -> None:
    plan = rooms(BOTH, created={"failed": True, "msg": "Timed out."})
    assert (plan["targets"], pick(plan, "error")) == ([{"meeting_id": B}], ["Timed out.", None])


def test_failure_before_the_first_read_is_distinct() -> None:
    lost = {"changed": False, "livestream": None, "started_id": None, "error": LOST}
    assert rooms(BOTH, ended={"meetings": [entry(**lost), entry(B, None, **lost)]})["is_known"] is False
    for known in ({**lost, "error": None}, {**lost, "changed": True}, {**lost, "livestream": {"status": "LIVE"}}):
        assert rooms(BOTH, ended={"meetings": [entry(**known), entry(B, None, **lost)]})["is_known"] is True


def test_start_that_broke_fails_all() -> None:
    plan = rooms(BOTH, ended={"failed": True, "msg": "Timed out."})
    assert plan["is_known"] is False
    assert pick(plan, "changed", "error") == [(False, "Timed out.")] * 2
    assert plan["own"] == []


def test_skipped_tasks_say_nothing() -> None:
    skipped = {"skipped": True, "changed": False}
    assert rooms(BOTH, {}, skipped, skipped, skipped) == rooms(BOTH)


def test_livestream_that_is_not_known_is_not_taken_down() -> None:
    ended = {"meetings": [entry(livestream=None, started_id=None, error=LOST), entry(B, None)]}
    plan = rooms(BOTH, ended=ended)
    assert plan["own"] == [{"meeting_id": B, "livestream_id": f"live-{B}"}]
    assert pick(plan, "changed", "error") == [(True, "no answer"), (True, None)]


def test_taken_down_rooms() -> None:
    ended = {"meetings": [entry(error=REFUSED), entry(B, None)]}
    undone = {"meetings": [entry(A, None, livestream=None), entry(B, None, changed=False, livestream=None, error=LOST)]}
    plan = rooms(BOTH, ended=ended, undone=undone)
    assert pick(plan, "id", "status", "changed", "taken_down", "error") == [
        (None, None, True, True, "No such picture (HTTP 422)"),
        (f"live-{B}", "LIVE", True, False, "it could not be taken down: no answer"),
    ]


def test_livestream_that_another_user_stopped_first_is_not_taken_down_by_this_run() -> None:
    undone = {"meetings": [entry(A, None, changed=False, livestream=None)]}
    (room, _other) = rooms(BOTH, ended={"meetings": [entry(error=REFUSED), entry(B, None)]}, undone=undone)["rooms"]
    assert (room["status"], room["taken_down"]) == (None, False)


def test_livestream_that_another_user_started_in_between_is_not_taken_down() -> None:
    theirs = {"id": "theirs", "status": "LIVE", "playback_url": URL}
    ended = {"meetings": [entry(livestream=theirs), entry(B, None, error=REFUSED)]}
    undone = {"meetings": [entry(A, None, changed=False, livestream=theirs), entry(B, None, livestream=None)]}
    plan = rooms(BOTH, ended=ended, undone=undone)
    assert plan["own"] == [{"meeting_id": each, "livestream_id": f"live-{each}"} for each in (A, B)]
    assert pick(plan, "id", "taken_down") == [("theirs", False), (None, True)]


def test_taking_down_that_broke() -> None:
    ended = {"meetings": [entry(error=REFUSED), entry(B, None, changed=False)]}
    plan = rooms(BOTH, ended=ended, undone={"failed": True, "msg": "Timed out."})
    assert pick(plan, "error", "taken_down") == [
        ("No such picture (HTTP 422); and it could not be taken down: Timed out.", False),
        (None, False),
    ]

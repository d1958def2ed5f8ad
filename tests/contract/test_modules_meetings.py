# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules rtk_meeting, rtk_meeting_info, and rtk_app_info over real HTTP, and rooms by their titles."""

from __future__ import annotations

import time
from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.meetings import DEFAULTS, MEETING_FIELDS
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    AbsentTitleError,
    DuplicateNameError,
    InvalidInputError,
    NotFoundError,
    OtherNameError,
    RequestError,
    WaitTimeoutError,
)
from ansible_collections.streamops.realtimekit.plugins.modules import (
    rtk_app_info,
    rtk_livestream_info,
    rtk_meeting,
    rtk_meeting_info,
    rtk_meeting_livestream,
)
from simulator import Simulator, meetings
from simulator.meeting_sessions import begin_session
from simulator.settings import CHOICES, WORDS
from tasks import only_error, operations, run

UNKNOWN_MEETING = "00000000-0000-4000-8000-000000000000"
FOUND = ["list_meetings"]
CREATED = ["list_meetings", "create_meeting", "list_meetings"]
CHANGED = ["list_meetings", "get_meeting", "update_meeting"]

Task = Callable[..., "tuple[bool, Any, list[str]]"]


@pytest.fixture
def sim(sim_in_real_time: Simulator) -> Simulator:
    return sim_in_real_time


@pytest.fixture
def task(sim: Simulator) -> Task:
    """A task about one meeting that ends well: whether it changed something, the meeting, and what was asked."""

    def do(title: str | None = "Stage", **options: Any) -> tuple[bool, Any, list[str]]:
        report = run(sim, rtk_meeting, title=title, **options)
        assert only_error(report) is None
        assert report.outcomes[0].warnings == []
        meeting = report.returns["meeting"]
        assert meeting is None or set(meeting) == set(MEETING_FIELDS)
        assert report.returns["meetings"] == [meeting]
        return report.outcomes[0].changed, meeting, operations(sim)

    return do


def titled(sim: Simulator, title: str) -> list[Any]:
    return [meeting for meeting in sim.world.meetings.values() if meeting.title == title]


def entry(**given: Any) -> dict[str, Any]:
    return {**dict.fromkeys(("meeting_id", "title", "name", "video_config", "livestream_id")), **given}


# One meeting, from nothing to closed and back


DIALECTS = [
    {},
    {"envelope": "result"},
    {"loose_types": True},
    {"omit_paging": True},
    {"paging_count": "zero"},
    {"paging_count": "page"},
    {"per_page_cap": 1},
    {"empty_404": ["meetings"]},
    *({"search_finds": words} for words in CHOICES["search_finds"][1:]),
    *({"update_echoes": echo} for echo in CHOICES["update_echoes"][1:]),
    *({"update_echoes": echo, "envelope": "result", "loose_types": True} for echo in CHOICES["update_echoes"]),
    *({"meetings_list_omits": [field]} for field in WORDS["meetings_list_omits"]),
    {"meetings_list_omits": list(WORDS["meetings_list_omits"])},
    {"meeting_omits": [*DEFAULTS, "created_at", "updated_at"]},
]


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_meeting_from_nothing_to_closed_and_back_in_every_dialect(sim: Simulator, task: Task, dialect: dict[str, Any]) -> None:
    meetings.create(sim.world, {"title": "Stage 2"})
    meetings.create(sim.world, {"title": "stage"})
    sim.settings.update(dialect)
    # How often it reads depends on the dialect; what it writes does not.
    created, nothing, updated = ["create_meeting"], [], ["update_meeting"]
    flag = {"record_on_start": True} if "record_on_start" not in dialect.get("meeting_omits", ()) else {}

    def writes(outcome: tuple[bool, Any, list[str]]) -> tuple[bool, list[str]]:
        return outcome[0], [operation for operation in outcome[2] if operation in ("create_meeting", "update_meeting")]

    assert writes(task(check_mode=True, **flag)) == (True, nothing)
    assert writes(task(state="inactive")) == (False, nothing)
    assert writes(task(**flag)) == (True, created)
    (meeting,) = titled(sim, "Stage")
    assert writes(task(**flag)) == (False, nothing)
    assert writes(task(persist_chat=True, session_keep_alive_time_in_secs=90)) == (True, updated)
    if not dialect.get("meeting_omits"):
        assert writes(task(persist_chat=True, session_keep_alive_time_in_secs=90, **flag)) == (False, nothing)
    assert writes(task(state="inactive", check_mode=True)) == (True, nothing)
    changed, closed, _asked = task(state="inactive")
    assert (changed, closed["id"], closed["title"], closed["status"]) == (True, meeting.id, "Stage", "INACTIVE")
    assert writes(task(state="inactive")) == (False, nothing)
    changed, open_again, _asked = task()
    assert (changed, open_again["id"], open_again["status"]) == (True, meeting.id, "ACTIVE")
    assert writes(task("Foyer", meeting_id=meeting.id)) == (True, updated)
    assert writes(task("Foyer", meeting_id=meeting.id)) == (False, nothing)
    assert writes(task("Foyer")) == (False, nothing)
    kinds = [effect["kind"] for effect in sim.effects[2:]]
    assert kinds == ["meeting_created", *["meeting_updated"] * 4]
    assert meeting.options == {**flag, "persist_chat": True, "session_keep_alive_time_in_secs": 90}
    assert (meeting.title, meeting.status, len(sim.meetings)) == ("Foyer", "ACTIVE", 6)


def test_requests_of_each_task(sim: Simulator, task: Task) -> None:
    assert task(check_mode=True)[::2] == (True, FOUND)
    assert task()[::2] == (True, CREATED)
    assert task()[::2] == (False, FOUND)
    assert task(record_on_start=True, check_mode=True)[::2] == (True, [*FOUND, "get_meeting"])
    changed, meeting, asked = task(record_on_start=True)
    assert (changed, meeting["record_on_start"], asked) == (True, True, CHANGED)
    assert task(state="inactive")[::2] == (True, CHANGED)
    assert task(state="inactive")[::2] == (False, FOUND)
    assert task(record_on_start=False)[::2] == (True, CHANGED)
    bodies = []
    sim.fault("status", "update_meeting", status=403)
    assert isinstance(only_error(run(sim, rtk_meeting, title="Stage", record_on_start=True)), RequestError)
    bodies = [entry["body"] for entry in sim.requests if entry["method"] == "PATCH"]
    assert bodies == [{"record_on_start": True}]
    operations(sim)
    assert task("Foyer", meeting_id=meeting["id"])[::2] == (True, ["get_meeting", "list_meetings", "update_meeting"])
    assert task("Foyer", meeting_id=meeting["id"])[::2] == (False, ["get_meeting"])
    assert task(None, meeting_id=meeting["id"].upper(), state="inactive")[::2] == (True, ["get_meeting", "update_meeting"])


def test_many_titles_share_their_reads(sim: Simulator) -> None:
    names = [f"Room {number}" for number in range(12)]
    report = run(sim, rtk_meeting, titles=[*names, names[0]], concurrency=4)
    assert [(outcome.target, outcome.changed, outcome.error) for outcome in report.outcomes] == [(name, True, None) for name in names]
    assert operations(sim) == ["list_meetings", *["create_meeting"] * 12, "list_meetings"]
    again = run(sim, rtk_meeting, titles=names[::-1])
    assert [meeting["title"] for meeting in again.returns["meetings"]] == names[::-1]
    assert (any(outcome.changed for outcome in again.outcomes), operations(sim)) == (False, FOUND)


# Twins


def test_two_active_ones_of_a_title_are_refused_with_both_ids(sim: Simulator) -> None:
    twins = [meetings.create(sim.world, {"title": "Stage"}).id for _unused in range(2)]
    for options in ({}, {"state": "inactive"}):
        error = only_error(run(sim, rtk_meeting, title="Stage", **options))
        assert isinstance(error, DuplicateNameError)
        assert all(twin in str(error) for twin in twins)
    for module in (rtk_meeting_livestream, rtk_livestream_info):
        error = only_error(run(sim, module, title="Stage"))
        assert isinstance(error, DuplicateNameError)
        assert all(twin in str(error) for twin in twins)
    assert set(operations(sim)) == {"list_meetings"}
    assert len(run(sim, rtk_meeting_info, title="Stage").returns["meetings"]) == 2


def test_inactive_namesake_does_not_count(sim: Simulator, task: Task) -> None:
    closed = meetings.create(sim.world, {"title": "Stage"})
    meetings.update(sim.world, closed.id, {"status": "INACTIVE"})
    active = meetings.create(sim.world, {"title": "Stage"})
    changed, meeting, asked = task()
    assert (changed, meeting["id"], asked) == (False, active.id, FOUND)
    started = run(sim, rtk_meeting_livestream, title="Stage").returns["meetings"][0]
    assert started["meeting_id"] == active.id
    operations(sim)
    assert task(state="inactive")[::2] == (True, CHANGED)
    assert (active.status, closed.status) == ("INACTIVE", "INACTIVE")
    assert task(state="inactive")[::2] == (False, FOUND)


def test_twin_of_another_run_that_shows_later_fails_the_task(sim: Simulator) -> None:
    theirs = []

    def create(_seconds: float) -> None:
        if not theirs and titled(sim, "Stage"):
            theirs.append(meetings.create(sim.world, {"title": "Stage"}, by="ann").id)

    report = run(sim, rtk_meeting, title="Stage", sleep=create)
    assert isinstance(only_error(report), DuplicateNameError)
    assert report.outcomes[0].changed
    assert all(meeting.id in str(only_error(report)) for meeting in titled(sim, "Stage"))
    assert len(titled(sim, "Stage")) == 2


def test_rename_to_a_title_that_is_taken_is_refused(sim: Simulator) -> None:
    report = run(sim, rtk_meeting, meeting_id=sim.meetings[0], title="Meeting 2")
    assert isinstance(only_error(report), DuplicateNameError)
    assert sim.meetings[1] in str(only_error(report))
    assert operations(sim) == ["get_meeting", "list_meetings"]


# Answers that get lost


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["drop", "drop_midway", "status", "html", "garbage", "empty", "truncated", "missing_keys", "no_data"])
def test_create_without_a_clear_answer_happens_once(sim: Simulator, task: Task, kind: str, when: str) -> None:
    sim.fault(kind, "create_meeting", when=when)
    changed, meeting, asked = task(record_on_start=True)
    assert (changed, meeting["record_on_start"]) == (True, True)
    assert [found.id for found in titled(sim, "Stage")] == [meeting["id"]]
    assert asked.count("create_meeting") == (1 if when == "after" else 2)
    assert task(record_on_start=True)[::2] == (False, FOUND)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["drop", "drop_midway", "status", "html", "garbage", "empty", "truncated"])
def test_update_without_a_clear_answer_happens_once(sim: Simulator, task: Task, kind: str, when: str) -> None:
    task()
    sim.fault(kind, "update_meeting", when=when)
    changed, meeting, asked = task(record_on_start=True)
    assert (changed, meeting["record_on_start"]) == (True, True)
    assert asked.count("update_meeting") == (1 if when == "after" else 2)
    assert [effect["kind"] for effect in sim.effects] == ["meeting_created", "meeting_updated"]
    assert task(record_on_start=True)[::2] == (False, FOUND)


def test_create_that_shows_late_happens_once(sim: Simulator) -> None:
    sim.settings.list_lag = 0.1
    sim.fault("drop", "create_meeting", when="after", write_lag=0.05)
    report = run(sim, rtk_meeting, title="Stage", sleep=lambda _seconds: time.sleep(0.2))
    assert (only_error(report), report.outcomes[0].changed, len(titled(sim, "Stage"))) == (None, True, 1)


def test_title_that_the_api_trims_is_never_sent(sim: Simulator) -> None:
    sim.settings.trim_names = True
    for options in ({"title": " Stage"}, {"titles": ["Foyer", "Stage "]}, {"title": "Stage\t", "meeting_id": sim.meetings[0]}):
        with pytest.raises(InvalidInputError, match="must not begin or end with white space"):
            run(sim, rtk_meeting, **options)
    assert sim.requests == []


def test_another_user_who_renames_in_between_is_noticed(sim: Simulator) -> None:
    made = meetings.create(sim.world, {"title": "Stage"})
    sim.settings.list_lag = 3600
    made.visible_at, made.past.changed_at = 0.0, 0.0
    meetings.update(sim.world, made.id, {"title": "Foyer"})
    error = only_error(run(sim, rtk_meeting, title="Stage", record_on_start=True))
    assert isinstance(error, OtherNameError)
    assert operations(sim) == ["list_meetings", "get_meeting"]


def test_unknown_meeting_is_an_error(sim: Simulator) -> None:
    error = only_error(run(sim, rtk_meeting, meeting_id=UNKNOWN_MEETING))
    assert isinstance(error, NotFoundError)
    assert UNKNOWN_MEETING in str(error)


# Reading meetings and apps


@pytest.mark.parametrize(
    "dialect", [{}, {"envelope": "result", "loose_types": True}, {"per_page_cap": 1}, {"empty_404": ["meetings"]}], ids=str
)
def test_info_in_every_dialect(sim: Simulator, dialect: dict[str, Any]) -> None:
    made = [meetings.create(sim.world, {"title": title}) for title in ("Stage", "Stage 2", "stage")]
    meetings.update(sim.world, made[1].id, {"status": "INACTIVE"})
    begin_session(sim.world, made[0].id, 12)
    sim.settings.update(dialect)

    def ids(**options: Any) -> list[str]:
        report = run(sim, rtk_meeting_info, **options)
        assert [outcome.error for outcome in report.outcomes] == [None] * len(report.outcomes)
        assert all(set(meeting) - {"active_session"} == set(MEETING_FIELDS) for meeting in report.returns["meetings"])
        return [meeting["id"] for meeting in report.returns["meetings"]]

    assert len(ids()) == 6
    assert ids(title="Stage") == [made[0].id]
    assert ids(title="Nothing like it") == []
    assert ids(search="stage 2") == [made[1].id]
    assert ids(search="STAGE", status="ACTIVE") == [made[2].id, made[0].id]
    assert ids(status="INACTIVE") == [made[1].id]
    assert ids(limit=2) == [made[2].id, made[1].id]
    assert ids(start_time="2100-01-01T00:00:00Z") == []
    assert ids(meeting_id=[made[2].id, made[0].id]) == [made[2].id, made[0].id]
    report = run(sim, rtk_meeting_info, meeting_id=[made[0].id, made[1].id], include_active_session=True)
    (busy, empty) = report.returns["meetings"]
    assert (busy["active_session"]["status"], int(busy["active_session"]["live_participants"])) == ("LIVE", 12)
    assert set(busy["active_session"]) == {"id", "status", "live_participants", "started_at"}
    assert empty["active_session"] is None
    assert {entry["method"] for entry in sim.requests} == {"GET"}


@pytest.mark.parametrize(
    "dialect",
    [{}, {"envelope": "result"}, {"omit_paging": True}, {"paging_count": "zero"}, {"per_page_cap": 2}],
    ids=str,
)
def test_apps_in_every_dialect(sim: Simulator, dialect: dict[str, Any]) -> None:
    later = sim.world.clock() + 60
    added = [sim.core.add_app(f"Event {number}", created_at=later + number) for number in range(4)]
    sim.settings.update(dialect)
    apps = run(sim, rtk_app_info, app_id="").returns["apps"]
    assert [app["id"] for app in apps] == [sim.app_id, *(app.id for app in added)]
    assert [app["name"] for app in apps] == ["Simulated app", *(app.name for app in added)]
    assert all(app["created_at"] for app in apps)
    assert set(operations(sim)) == {"list_apps"}
    assert run(sim, rtk_meeting_info, app_id=apps[1]["id"]).returns["meetings"] == []


def test_missing_apps_can_answer_404(sim: Simulator) -> None:
    """The account has no app, and RealtimeKit may not even be enabled: neither is a defect."""
    sim.core.apps.clear()
    assert run(sim, rtk_app_info).returns["apps"] == []
    sim.settings.realtimekit_disabled = "realtimekit"
    with pytest.raises(RequestError, match="RealtimeKit is not enabled"):
        run(sim, rtk_app_info)


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (rtk_meeting, {"title": "Stage"}),
        (rtk_meeting, {"titles": ["a", "b", "c"]}),
        (rtk_meeting_livestream, {"title": "Stage"}),
        (rtk_livestream_info, {"title": "Stage"}),
    ],
)
def test_wrong_app_id_names_the_module_that_lists_apps(sim: Simulator, module: Any, options: dict[str, Any]) -> None:
    report = run(sim, module, app_id="no-such-app", **options)
    assert {outcome.changed for outcome in report.outcomes} == {False}
    for outcome in report.outcomes:
        assert isinstance(outcome.error, RequestError) or "Not begun" in str(outcome.error)
        assert "rtk_app_info" in str(outcome.error)
    assert {entry["operation"] for entry in sim.requests} == {"list_meetings", "list_apps"}


@pytest.mark.parametrize("titles", [["Stage"], ["Stage", "Hall", "Yard"]], ids=["search", "list"])
def test_first_meeting_of_an_app_whose_empty_list_answers_404_is_created(sim: Simulator, titles: list[str]) -> None:
    sim.settings.empty_404 = ["meetings"]
    report = run(sim, rtk_meeting, app_id=sim.core.add_app("New").id, titles=titles)
    assert [(outcome.changed, outcome.error) for outcome in report.outcomes] == [(True, None)] * len(titles)
    asked = operations(sim)
    assert (asked[:3], asked.count("list_apps")) == (["list_meetings", "list_meetings", "list_apps"], 1)
    assert asked.count("create_meeting") == len(titles)


# Rooms by title


def test_room_by_title(sim: Simulator) -> None:
    (room,) = run(sim, rtk_meeting_livestream, title="Meeting 2", name="Show").returns["meetings"]
    assert (room["title"], room["meeting_id"], room["changed"]) == ("Meeting 2", sim.meetings[1], True)
    assert operations(sim) == ["list_meetings", "active", "start"]
    again = run(sim, rtk_meeting_livestream, title="Meeting 2", name="Show")
    assert (again.outcomes[0].changed, again.returns["livestream"]["id"]) == (False, room["livestream"]["id"])
    assert operations(sim) == ["list_meetings", "active"]
    (found,) = run(sim, rtk_livestream_info, title="Meeting 2").returns["livestreams"]
    assert found["id"] == room["livestream"]["id"]
    assert operations(sim) == ["list_meetings", "active"]
    # The search has shown that the meeting exists, so a 404 for its livestream needs no other proof.
    assert run(sim, rtk_livestream_info, title="Meeting 1").returns["livestreams"] == []
    assert operations(sim) == ["list_meetings", "active"]
    report = run(sim, rtk_meeting_livestream, title="Meeting 2", state="stopped")
    assert (report.outcomes[0].changed, operations(sim)) == (True, ["list_meetings", "active", "stop"])


def test_rooms_by_title_and_id_under_their_own_names(sim: Simulator) -> None:
    rooms = [
        entry(title="Meeting 3", name="Third", video_config={"width": 720, "height": 1280}),
        entry(meeting_id=sim.meetings[0]),
        entry(title="nowhere"),
    ]
    report = run(sim, rtk_meeting_livestream, meetings=rooms, name="Default")
    assert [outcome.changed for outcome in report.outcomes] == [True, True, False]
    assert isinstance(report.outcomes[2].error, AbsentTitleError)
    shown = report.returns["meetings"]
    assert [room["meeting_id"] for room in shown] == [sim.meetings[2], sim.meetings[0], None]
    assert [room["title"] for room in shown] == ["Meeting 3", None, "nowhere"]
    assert [(room["livestream"] or {}).get("name") for room in shown] == ["Third", "Default", None]
    bodies = {entry["path"].split("/")[-2]: entry["body"] for entry in sim.requests if entry["operation"] == "start"}
    assert bodies == {
        sim.meetings[2]: {"name": "Third", "video_config": {"width": 720, "height": 1280}},
        sim.meetings[0]: {"name": "Default"},
    }
    found = run(
        sim, rtk_livestream_info, meetings=[{"title": None, "meeting_id": sim.meetings[0]}, {"title": "Meeting 3", "meeting_id": None}]
    )
    assert [livestream["name"] for livestream in found.returns["livestreams"]] == ["Default", "Third"]


@pytest.mark.parametrize("check_mode", [False, True])
def test_two_entries_of_one_meeting_are_refused_before_a_write(sim: Simulator, check_mode: bool) -> None:
    for first, second in (
        (entry(title="Meeting 1"), entry(meeting_id=sim.meetings[0].upper())),
        (entry(title="Meeting 1"), entry(title="Meeting 1")),
        (entry(meeting_id=sim.meetings[0]), entry(meeting_id=sim.meetings[0])),
    ):
        with pytest.raises(InvalidInputError, match="are the same meeting"):
            run(sim, rtk_meeting_livestream, meetings=[entry(title="Meeting 2"), first, second], check_mode=check_mode)
    assert set(operations(sim)) == {"list_meetings"}


def test_only_the_livestream_that_is_named_is_stopped(sim: Simulator) -> None:
    ours, theirs = (sim.world.start(meeting) for meeting in sim.meetings[:2])
    rooms = [entry(title="Meeting 1", livestream_id=ours.id), entry(meeting_id=sim.meetings[1], livestream_id=ours.id)]
    stopped, left = run(sim, rtk_meeting_livestream, meetings=rooms, state="stopped", wait=True).outcomes
    assert (stopped.changed, stopped.error, stopped.after, stopped.warnings) == (True, None, None, [])
    assert (left.changed, left.error, (left.after or {})["id"]) == (False, None, theirs.id)
    assert theirs.id in left.warnings[0]
    assert [effect["livestream_id"] for effect in sim.effects if effect["kind"] == "stopped"] == [ours.id]


# Playable


def test_wait_until_it_can_be_played(sim: Simulator) -> None:
    sim.settings.playback_delay = 0.3
    options = {"title": "Meeting 1", "wait": True, "wait_timeout": 5}
    live = run(sim, rtk_meeting_livestream, **options).returns["livestream"]
    assert (live["status"], live["playback_url"]) == ("LIVE", None)
    report = run(sim, rtk_meeting_livestream, **options, wait_condition="playable")
    assert (only_error(report), report.outcomes[0].changed) == (None, False)
    assert live["id"] in report.returns["livestream"]["playback_url"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"playback_delay": 3600}, ["not playable", "LIVE", "no playback_url"]),
        ({"live_delay": 3600}, ["not LIVE", "INVOKED", "waiting for an encoder"]),
    ],
)
def test_timeout_says_what_is_missing(sim: Simulator, settings: dict[str, Any], words: list[str]) -> None:
    sim.settings.update(settings)
    report = run(sim, rtk_meeting_livestream, title="Meeting 1", wait=True, wait_condition="playable", wait_timeout=1)
    assert isinstance(only_error(report), WaitTimeoutError)
    assert all(word in str(only_error(report)) for word in words)
    assert report.outcomes[0].changed

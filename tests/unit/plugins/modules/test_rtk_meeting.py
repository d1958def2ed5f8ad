# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and results of rtk_meeting. Its states are in test_rtk_meeting_states, its faults in the tests of _ensure/meetings."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.meetings import MEETING_FIELDS
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.results import build_result
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_ansible import run_as_module
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, meetings_page
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import FakeRooms, add, change, new_room_id, room, search
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import build_task, run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import MEETING, TOKEN, Clock, FakeAPI, prove, refusal

in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])

#: Every setting, with a value that is not its default.
SETTINGS = {
    "live_stream_on_start": True,
    "record_on_start": True,
    "persist_chat": True,
    "summarize_on_end": True,
    "transcribe_on_end": True,
    "session_keep_alive_time_in_secs": 600,
}


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    return run_task(rtk_meeting, api, clock, **options)


def build_diff(report: Any) -> Any:
    return build_result(report, None, None, is_unknown=False, with_diff=True)["diff"]


def test_one_title(clock: Clock) -> None:
    report = run(FakeRooms(room()), clock, title="Stage")
    found = report.returns["meeting"]
    assert found == room()
    assert report.returns == {
        "meeting": found,
        "meetings": [found],
        "results": [{"title": "Stage", "meeting_id": meeting(1), "changed": False, "meeting": found, "error": None}],
    }


def test_several_titles_in_the_order_given_each_once(clock: Clock) -> None:
    report = run(FakeRooms(room()), clock, titles=["Hall", "Stage", "Hall"])
    assert [(entry["title"], entry["changed"]) for entry in report.returns["results"]] == [("Hall", True), ("Stage", False)]
    assert [each["id"] for each in report.returns["meetings"]] == [new_room_id(1), meeting(1)]
    assert "meeting" not in report.returns


def test_no_titles_ask_for_nothing(clock: Clock) -> None:
    api = FakeAPI()
    assert run(api, clock, titles=[]).returns == {"meetings": [], "results": []}
    assert api.requests == []


def test_title_with_a_comma_is_one_title(clock: Clock) -> None:
    api = FakeRooms()
    run(api, clock, title="Hall 1, left")
    assert api.writes == [add("Hall 1, left")]


def test_number_is_a_title(clock: Clock) -> None:
    api = FakeRooms()
    run(api, clock, titles=[2026, "Hall"])
    assert api.writes == [add("2026"), add("Hall")]


def test_one_that_fails_is_null_in_its_place(clock: Clock) -> None:
    report = run(FakeRooms(room(1), room(2)), clock, titles=["Stage", "Hall"])
    assert [each and each["title"] for each in report.returns["meetings"]] == [None, "Hall"]
    failed, created = report.returns["results"]
    assert failed["error"]["message"].startswith("2 meetings are titled 'Stage'")
    assert (created["error"], created["changed"], created["meeting_id"]) == (None, True, new_room_id(1))


@pytest.mark.parametrize("status", [401, 403])
def test_list_that_fails_fails_every_title(clock: Clock, status: int) -> None:
    report = run(FakeAPI(refusal(status)), clock, titles=["a", "b", "c"])
    assert [entry["error"]["status"] for entry in report.returns["results"]] == [status] * 3
    assert report.returns["meetings"] == [None] * 3


def test_titles_behind_a_create_that_is_refused_for_the_token_are_not_begun(clock: Clock) -> None:
    api = FakeRooms(room(1, record_on_start=False), endings=[Ending(refusal(403), 0)])
    report = run(api, clock, titles=["Hall", "Yard", "Stage"], record_on_start=True)
    refused, *others = report.outcomes
    assert api.writes == [add("Hall", record_on_start=True)]
    assert [str(outcome.error) for outcome in others] == [f"Not begun: {refused.error}"] * 2
    assert [entry["error"]["status"] for entry in report.returns["results"]] == [403] * 3


# Settings


@pytest.mark.parametrize("setting", SETTINGS)
def test_only_the_setting_that_differs_is_sent(clock: Clock, setting: str) -> None:
    api = FakeRooms(room(**{**SETTINGS, setting: room()[setting]}))
    report = run(api, clock, title="Stage", **SETTINGS)
    assert api.writes == [change(1, **{setting: SETTINGS[setting]})]
    assert {**report.returns["meeting"], **SETTINGS} == report.returns["meeting"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_setting_that_is_not_given_is_left_as_it_is(clock: Clock, setting: str) -> None:
    api = FakeRooms(room(**SETTINGS))
    run(api, clock, title="Stage", **{key: value for key, value in SETTINGS.items() if key != setting})
    assert api.requests == [search("Stage")]


@pytest.mark.parametrize("off", [False, True])
def test_setting_can_be_switched_off(clock: Clock, off: bool) -> None:
    api = FakeRooms(room(**SETTINGS))
    run(api, clock, title="Stage", persist_chat=not off)
    assert api.writes == ([change(1, persist_chat=False)] if off else [])


@pytest.mark.parametrize("raw", ["true", "1", 1])
def test_flag_that_comes_as_a_string_makes_no_difference(clock: Clock, raw: Any) -> None:
    api = FakeRooms(room(record_on_start=raw, session_keep_alive_time_in_secs="300"))
    report = run(api, clock, title="Stage", record_on_start=True, session_keep_alive_time_in_secs=300)
    assert api.requests == [search("Stage")]
    assert (report.returns["meeting"]["record_on_start"], report.returns["meeting"]["session_keep_alive_time_in_secs"]) == (True, 300)


def test_new_meeting_gets_all_settings_that_are_given(clock: Clock) -> None:
    api = FakeRooms()
    run(api, clock, title="Stage", **SETTINGS)
    assert api.writes == [add("Stage", **SETTINGS)]


def test_row_that_leaves_out_a_setting_costs_a_read_and_no_write(clock: Clock) -> None:
    """Its own read leaves it out as well, and then it has its default."""
    api = FakeRooms({"id": MEETING, "title": "Stage", "status": "ACTIVE"})
    report = run(api, clock, title="Stage", record_on_start=False, session_keep_alive_time_in_secs=60)
    assert (api.requests, report.outcomes[0].changed) == ([search("Stage"), prove()], False)
    assert report.returns["meeting"]["session_keep_alive_time_in_secs"] == 60


# Check mode and diff


def test_check_mode_invents_nothing(clock: Clock) -> None:
    report = run(FakeRooms(), clock, check_mode=True, title="Stage", record_on_start=True)
    told = {**dict.fromkeys(MEETING_FIELDS), "title": "Stage", "status": "ACTIVE", "record_on_start": True}
    assert report.returns["meeting"] == told
    assert (report.returns["results"][0]["meeting_id"], report.returns["results"][0]["changed"]) == (None, True)
    assert build_diff(report) == {"before": {"Stage": None}, "after": {"Stage": told}}


@in_check_mode_and_not
def test_diff_has_each_meeting_before_and_after(clock: Clock, check_mode: bool) -> None:
    report = run(FakeRooms(room(1), room(2, "Hall")), clock, check_mode=check_mode, titles=["Stage", "Hall"], state="inactive")
    assert build_diff(report) == {
        "before": {"Stage": room(1), "Hall": room(2, "Hall")},
        "after": {"Stage": room(1, status="INACTIVE"), "Hall": room(2, "Hall", "INACTIVE")},
    }


def test_diff_of_a_rename_is_under_the_id(clock: Clock) -> None:
    report = run(FakeRooms(room()), clock, meeting_id=meeting(1), title="Hall")
    assert build_diff(report) == {"before": {meeting(1): room()}, "after": {meeting(1): room(title="Hall")}}


@pytest.mark.parametrize(("titles", "planned"), [(["Stage"], None), (["Stage", "Hall"], 2), (["Barn", "Hall"], 4)])
def test_creates_and_changes_are_foreseen(clock: Clock, titles: list[str], planned: int | None) -> None:
    """Each also takes a read. The window has no requests left, so the limit is too small for all of them."""

    class UsedUp(FakeRooms):
        def answer(self, *sent: Any) -> Any:
            used_up = {"Ratelimit": '"default";r=0;t=280', "Ratelimit-Policy": '"default";q=100;w=300'}
            return super().answer(*sent)._replace(headers=used_up)

    api = UsedUp(room(), room(2, "Barn", "INACTIVE"))
    task = build_task(rtk_meeting, api, clock, check_mode=True, titles=titles)
    rtk_meeting.run(task)
    assert (task.client.forecast and task.client.forecast.requests) == planned


@pytest.mark.parametrize("concurrency", [1, 8])
def test_many_titles_are_one_list_and_a_search_of_it_afterwards(clock: Clock, concurrency: int) -> None:
    titles = [f"Room {number}" for number in range(12)]
    api = FakeRooms(room())
    report = run(api, clock, titles=titles, concurrency=concurrency)
    assert [(outcome.target, outcome.changed, outcome.error) for outcome in report.outcomes] == [(title, True, None) for title in titles]
    assert sorted(api.writes, key=str) == sorted(map(add, titles), key=str)
    assert [sent for sent in api.requests if sent[0] == "GET"] == [meetings_page()] * 2


# Input


BAD = {
    "no value": (
        {"title": None, "titles": None, "meeting_id": None},
        "None of title, titles, meeting_id has a value, perhaps because a variable is empty: give one of them",
    ),
    "empty title": ({"title": ""}, "title has '': a name must not be empty"),
    "blank title": ({"titles": ["Hall", " "]}, "titles has ' ': a name must not be empty"),
    "list": ({"title": ["Hall"]}, "title has ['Hall']: a name must be a string: quote it in YAML"),
    "white space": (
        {"title": "Hall "},
        "title has 'Hall ': a name must not begin or end with white space, which the API may remove",
    ),
    "new title": (
        {"meeting_id": MEETING, "title": " Hall"},
        "title has ' Hall': a name must not begin or end with white space, which the API may remove",
    ),
    "no UUID": ({"meeting_id": "Hall"}, "meeting_id has 'Hall': it must be a UUID such as bbbb1111-22cc-33dd-44ee-555555ffffff"),
    "too short": (
        {"title": "a", "session_keep_alive_time_in_secs": 59},
        "session_keep_alive_time_in_secs is 59: it must be from 60 to 600 seconds",
    ),
    "too long": (
        {"title": "a", "session_keep_alive_time_in_secs": 601},
        "session_keep_alive_time_in_secs is 601: it must be from 60 to 600 seconds",
    ),
    "settings of what is closed": (
        {"title": "a", "state": "inactive", "record_on_start": False, "persist_chat": True},
        "record_on_start, persist_chat cannot be given with state=inactive: change the settings first",
    ),
}


@in_check_mode_and_not
@pytest.mark.parametrize(("options", "words"), BAD.values(), ids=BAD)
def test_bad_input_sends_nothing(clock: Clock, options: dict[str, Any], words: str, check_mode: bool) -> None:
    api = FakeAPI()
    with pytest.raises(InvalidInputError) as caught:
        run(api, clock, check_mode=check_mode, **options)
    assert str(caught.value) == words
    assert api.requests == []


@pytest.mark.parametrize("seconds", [60, 600])
def test_keep_alive_at_its_ends(clock: Clock, seconds: int) -> None:
    assert run(FakeRooms(), clock, title="a", session_keep_alive_time_in_secs=seconds).outcomes[0].error is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of the following is required: title, titles, meeting_id"),
        ({"title": "a", "titles": ["b"]}, "parameters are mutually exclusive: title|titles"),
        ({"meeting_id": MEETING, "titles": ["b"]}, "parameters are mutually exclusive: titles|meeting_id"),
        ({"title": "a", "state": "absent"}, "value of state must be one of: present, inactive, got: absent"),
    ],
)
def test_options_that_ansible_refuses(monkeypatch: Any, capsys: Any, options: dict[str, Any], words: str) -> None:
    connection = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app_1", "api_url": "http://127.0.0.1:9"}
    ran = run_as_module(monkeypatch, capsys, rtk_meeting.main, {**connection, **options})
    assert (ran.failed, ran.result["msg"]) == (True, words)


def test_defaults() -> None:
    spec = rtk_meeting.ARGUMENT_SPEC
    assert {option: spec[option]["default"] for option in spec if "default" in spec[option]} == {"state": "present", "concurrency": 8}


def test_titles_of_an_interrupted_task_are_not_begun(clock: Clock) -> None:
    api = FakeAPI()
    task = build_task(rtk_meeting, api, clock, titles=["a", "b"])
    task.client.interrupt()
    assert [entry["error"]["message"].split(":")[0] for entry in rtk_meeting.run(task).returns["results"]] == ["Not begun"] * 2
    assert api.requests == []

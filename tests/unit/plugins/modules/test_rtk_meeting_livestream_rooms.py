# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rtk_meeting_livestream with titles and with entries for each room: their own names, picture sizes, and livestream ids."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import AbsentTitleError, DuplicateNameError, InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_ansible import run_as_module
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, meeting, meetings_page, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeMeeting, new_id
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import FakeRooms, room, search
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    NONE_ACTIVE,
    OLD,
    STREAM_KEY,
    TOKEN,
    Clock,
    FakeAPI,
    livestream,
    ok,
    prove,
    read,
    refusal,
    start,
    stop,
)

in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])
STATES = rtk_meeting_livestream.ARGUMENT_SPEC["state"]["choices"]

SIZE = {"width": 1280, "height": 720}
ONE, TWO = meeting(1), meeting(2)


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    return run_task(rtk_meeting_livestream, api, clock, **options)


def build_app(*meetings: Any, active: Any = None) -> FakeRooms:
    """An app in which each meeting has a livestream of this status, or none."""
    api = FakeRooms(*meetings)
    numbers = {each["id"]: int(each["id"][-12:]) for each in meetings}
    api.studios = {
        meeting_id: FakeMeeting(stream(number, active) if active else None, first_id=new_id(number))
        for meeting_id, number in numbers.items()
    }
    return api


# By title

#: The requests after the search, for a meeting without a livestream and with one: in a real run, and in check mode.
SENT: dict[str, dict[str, tuple[list[Any], list[Any]]]] = {
    "started": {"none": ([read(ONE), start(ONE)], [read(ONE)]), "LIVE": ([read(ONE)], [read(ONE)])},
    "stopped": {"none": ([read(ONE)], [read(ONE)]), "LIVE": ([read(ONE), stop(ONE)], [read(ONE)])},
    "restarted": {"none": ([read(ONE), start(ONE)], [read(ONE)]), "LIVE": ([read(ONE), stop(ONE), start(ONE)], [read(ONE)])},
}


@in_check_mode_and_not
@pytest.mark.parametrize("active", ["none", "LIVE"])
@pytest.mark.parametrize("state", STATES)
def test_title_costs_one_search_more(clock: Clock, state: str, active: str, check_mode: bool) -> None:
    api = build_app(room(1), active=None if active == "none" else active)
    report = run(api, clock, check_mode=check_mode, title="Stage", state=state)
    assert api.requests == [search("Stage"), *SENT[state][active][check_mode]]
    (entry,) = report.returns["meetings"]
    assert (entry["meeting_id"], entry["title"], entry["error"]) == (ONE, "Stage", None)
    assert entry["changed"] == (len(SENT[state][active][False]) > 1)
    assert report.returns["livestream"] == entry["livestream"]


@in_check_mode_and_not
@pytest.mark.parametrize(("state", "by", "proofs"), [(s, b, b == "id") for s in STATES for b in ("id", "title")])
def test_meeting_that_a_search_has_shown_needs_no_proof(clock: Clock, state: str, by: str, proofs: bool, check_mode: bool) -> None:
    """A 404 without a livestream may mean that there is no such meeting, if only its id is known."""
    script = [NONE_ACTIVE, *([ok({})] if proofs and (state == "stopped" or check_mode) else []), ok(livestream(OLD, "INVOKED"), 201)]
    rooms = {"meeting_id": [ONE]} if by == "id" else {"title": "Stage"}
    api = FakeAPI(*([] if by == "id" else [ok([room(1)], paging={"total_count": 1, "end_offset": 1})]), *script)
    report = run(api, clock, check_mode=check_mode, state=state, **rooms)
    assert [outcome.error for outcome in report.outcomes] == [None]
    assert api.requests.count(prove(ONE)) == int(proofs and (state == "stopped" or check_mode))


def test_many_titles_need_no_list_of_meetings_for_a_proof(clock: Clock) -> None:
    meetings = [room(number, f"Room {number}") for number in range(12)]

    class Lists(FakeRooms):
        def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
            return (
                ok([], paging={"total_count": 0, "end_offset": 0}) if path == "/livestreams" else super().answer(method, path, query, body)
            )

    api = Lists(*meetings)
    report = run(api, clock, state="stopped", meetings=[{"title": each["title"]} for each in meetings])
    assert [(outcome.error, outcome.changed) for outcome in report.outcomes] == [(None, False)] * 12
    assert api.requests == [meetings_page(), *[INVOKED, LIVE, ERRORED] * 2]


@in_check_mode_and_not
@pytest.mark.parametrize("state", STATES)
def test_title_that_does_not_exist_fails_its_room_only(clock: Clock, state: str, check_mode: bool) -> None:
    api = build_app(room(1), active="LIVE")
    report = run(api, clock, check_mode=check_mode, state=state, meetings=[{"title": "Hall"}, {"title": "Stage"}])
    failed, fine = report.outcomes
    assert (isinstance(failed.error, AbsentTitleError), fine.error) == (True, None)
    assert [(entry["title"], entry["meeting_id"]) for entry in report.returns["meetings"]] == [("Hall", None), ("Stage", ONE)]
    assert report.returns["meetings"][0]["error"]["message"].startswith("No meeting has the title 'Hall'")
    assert api.requests == [search("Hall"), search("Stage"), *SENT[state]["LIVE"][check_mode]]


def test_only_title_that_does_not_exist_sends_nothing_more(clock: Clock) -> None:
    api = build_app(room(1))
    report = run(api, clock, title="Hall", wait=True)
    assert (report.returns["livestream"], report.returns["meetings"][0]["changed"]) == (None, False)
    assert api.requests == [search("Hall")]


def test_title_of_two_meetings_fails_its_room_only(clock: Clock) -> None:
    report = run(build_app(room(1), room(2), room(3, "Hall")), clock, meetings=[{"title": "Stage"}, {"title": "Hall"}])
    failed, fine = report.outcomes
    assert (isinstance(failed.error, DuplicateNameError), failed.changed) == (True, False)
    assert (fine.error, fine.changed) == (None, True)


SAME = {
    "id and title": ([{"meeting_id": ONE}, {"title": "Stage"}], [search("Stage")]),
    "title twice": ([{"title": "Stage", "name": "a"}, {"title": "Stage", "name": "b"}], [search("Stage")]),
    "id twice": ([{"meeting_id": ONE}, {"meeting_id": ONE.upper()}], []),
    "absent title twice": ([{"title": "Hall"}, {"title": "Hall"}, {"title": "Stage"}], [search("Hall"), search("Stage")]),
}


@in_check_mode_and_not
@pytest.mark.parametrize(("meetings", "requests"), SAME.values(), ids=SAME)
def test_two_entries_for_one_meeting_are_refused_before_a_write(
    clock: Clock, meetings: list[Any], requests: list[Any], check_mode: bool
) -> None:
    api = build_app(room(1))
    with pytest.raises(InvalidInputError, match="are the same meeting: list each meeting once"):
        run(api, clock, check_mode=check_mode, meetings=meetings)
    assert api.requests == requests


# Options of each room


def test_rooms_start_with_their_own_names_and_sizes(clock: Clock) -> None:
    api = build_app(*[room(number, f"Room {number}") for number in range(4)])
    meetings = [
        {"title": "Room 0"},
        {"title": "Room 1", "name": "Side"},
        {"meeting_id": meeting(2), "video_config": {"width": 640, "height": 360}},
        {"meeting_id": meeting(3), "name": 7, "video_config": {}},
    ]
    run(api, clock, meetings=meetings, name="Main", video_config=SIZE)
    assert api.writes == [
        start(meeting(0), name="Main", video_config=SIZE),
        start(meeting(1), name="Side", video_config=SIZE),
        start(meeting(2), name="Main", video_config={"width": 640, "height": 360}),
        start(meeting(3), name="7", video_config=SIZE),
    ]


@pytest.mark.parametrize("nothing", ["", None])
def test_livestream_id_that_a_template_left_empty_stops_nothing(clock: Clock, nothing: str | None) -> None:
    """Ansible-core makes an empty text of an explicit null from 2.19 on."""
    api = FakeAPI()
    with pytest.raises(InvalidInputError, match=r"meetings\[\]\.livestream_id is ''"):
        run(api, clock, state="stopped", meetings=[{"title": "Stage", "livestream_id": nothing}])
    assert api.requests == []


@pytest.mark.parametrize("blank", ["", None])
def test_blank_name_of_a_room_is_the_default(clock: Clock, blank: Any) -> None:
    api = build_app(room(1))
    run(api, clock, meetings=[{"title": "Stage", "name": blank, "livestream_id": blank}], name="Main")
    assert api.writes == [start(ONE, name="Main")]


def test_room_that_runs_under_another_name_than_its_own_is_a_warning(clock: Clock) -> None:
    api = build_app(room(1), room(2, "Hall"), active="LIVE")
    report = run(api, clock, meetings=[{"title": "Stage", "name": "Main"}, {"title": "Hall"}])
    assert [len(outcome.warnings) for outcome in report.outcomes] == [1, 0]
    assert "already runs without a name, not 'Main'" in report.outcomes[0].warnings[0]


def test_stream_keys_of_titles_are_returned_on_request_only(clock: Clock) -> None:
    for asked in (False, True):
        entry = run(build_app(room(1)), clock, title="Stage", return_stream_key=asked).returns["meetings"][0]
        assert entry["livestream"].get("stream_key") == (STREAM_KEY if asked else None)


BAD = {
    "no entries": ({"meetings": []}, "meetings is an empty list: give at least one meeting"),
    "livestream_id to start": (
        {"meetings": [{"title": "Stage", "livestream_id": OLD}]},
        "meetings[].livestream_id can only be given with state=stopped: it is the livestream to stop",
    ),
    "livestream_id to restart": (
        {"meetings": [{"title": "Stage", "livestream_id": OLD}], "state": "restarted"},
        "meetings[].livestream_id can only be given with state=stopped: it is the livestream to stop",
    ),
    "no livestream_id": (
        {"meetings": [{"title": "Stage", "livestream_id": "a/b"}], "state": "stopped"},
        "meetings[].livestream_id is 'a/b': it must consist of letters, digits, '-' and '_' only",
    ),
    "name": ({"meetings": [{"title": "Stage", "name": ["Main"]}]}, "name has ['Main']: a name must be a string: quote it in YAML"),
    "size": (
        {"meetings": [{"title": "Stage", "video_config": {"width": 0, "height": 9}}]},
        "video_config.width is 0: it must be a positive number of pixels",
    ),
    "both": (
        {"meetings": [{"title": "a", "meeting_id": MEETING}]},
        "An entry of meetings has meeting_id and title: give exactly one of them",
    ),
    "none": ({"meetings": [{"name": "a"}]}, "An entry of meetings has no meeting_id and no title: give exactly one of them"),
    "title": ({"title": ["Stage"]}, "title has ['Stage']: a name must be a string: quote it in YAML"),
}


@in_check_mode_and_not
@pytest.mark.parametrize(("options", "words"), BAD.values(), ids=BAD)
def test_bad_input_sends_nothing(clock: Clock, options: dict[str, Any], words: str, check_mode: bool) -> None:
    api = FakeAPI()
    with pytest.raises(InvalidInputError) as caught:
        run(api, clock, check_mode=check_mode, **options)
    assert (str(caught.value), api.requests) == (words, [])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of the following is required: meeting_id, title, meetings"),
        ({"title": "a", "meeting_id": [MEETING]}, "parameters are mutually exclusive: meeting_id|title|meetings"),
    ],
)
def test_options_that_ansible_refuses(monkeypatch: Any, capsys: Any, options: dict[str, Any], words: str) -> None:
    connection = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app_1", "api_url": "http://127.0.0.1:9"}
    ran = run_as_module(monkeypatch, capsys, rtk_meeting_livestream.main, {**connection, **options})
    assert ran.failed
    assert ran.result["msg"] == words


def test_refused_token_fails_titles_and_ids_alike(clock: Clock) -> None:
    api = FakeAPI(refusal(403))
    report = run(api, clock, meetings=[{"title": "Stage"}, {"meeting_id": TWO}])
    assert [str(outcome.error).startswith("Not begun: GET /meetings answered 403") for outcome in report.outcomes] == [True, True]
    assert api.requests == [search("Stage")]

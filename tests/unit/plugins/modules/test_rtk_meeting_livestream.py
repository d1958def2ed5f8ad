# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of rtk_meeting_livestream. Its states are in test_rtk_meeting_livestream_states, many meetings in _many."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeMeeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    OLD,
    STREAM_KEY,
    Clock,
    FakeAPI,
    livestream,
    read,
    start,
)

STATES = rtk_meeting_livestream.ARGUMENT_SPEC["state"]["choices"]
in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    return run_task(rtk_meeting_livestream, api, clock, **{"meeting_id": [MEETING], **options})


# Bad input sends nothing.


BAD = {
    "no value": (
        {"meeting_id": None},
        "None of meeting_id, title, meetings has a value, perhaps because a variable is empty: give one of them",
    ),
    "no meeting": ({"meeting_id": []}, "meeting_id is an empty list: give at least one meeting"),
    "no UUID": ({"meeting_id": ["x"]}, "meeting_id has 'x': it must be a UUID such as bbbb1111-22cc-33dd-44ee-555555ffffff"),
    "the second no UUID": (
        {"meeting_id": [MEETING, ""]},
        "meeting_id has an empty value, perhaps from an empty survey field: it must be a meeting's UUID",
    ),
    "a list for a name": ({"name": ["a"]}, "name has ['a']: a name must be a string: quote it in YAML"),
    "no time": ({"wait_timeout": 0}, "wait_timeout is 0: it must be from 1 to 86400 seconds"),
    "too much time": ({"wait_timeout": 86401}, "wait_timeout is 86401: it must be from 1 to 86400 seconds"),
    "no width": ({"video_config": {"width": 0, "height": 1}}, "video_config.width is 0: it must be a positive number of pixels"),
    "no height": ({"video_config": {"width": 1, "height": -1}}, "video_config.height is -1: it must be a positive number of pixels"),
}


@in_check_mode_and_not
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("options", "words"), BAD.values(), ids=BAD)
def test_bad_input_sends_nothing(clock: Clock, options: dict[str, Any], words: str, state: str, check_mode: bool) -> None:
    api = FakeAPI()
    with pytest.raises(InvalidInputError) as caught:
        run(api, clock, check_mode=check_mode, state=state, **options)
    assert str(caught.value) == words
    assert api.requests == []


@pytest.mark.parametrize("seconds", [1, 86400])
def test_wait_timeout_at_its_ends(clock: Clock, seconds: int) -> None:
    assert run(FakeMeeting(livestream(OLD)), clock, wait_timeout=seconds).outcomes[0].error is None


def test_defaults(clock: Clock) -> None:
    spec = rtk_meeting_livestream.ARGUMENT_SPEC
    assert {option: spec[option].get("default") for option in spec if "default" in spec[option]} == {
        "state": "started",
        "wait": False,
        "wait_condition": "live",
        "wait_timeout": 120,
        "concurrency": 8,
        "return_stream_key": False,
    }
    assert spec["meeting_id"]["aliases"] == ["meeting_ids"]
    assert spec["video_config"]["required_together"] == [("width", "height")]


# The body of a start


@pytest.mark.parametrize("state", ["started", "restarted"])
@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({}, {}),
        ({"name": None}, {}),
        ({"name": ""}, {}),
        ({"name": "Main, stage"}, {"name": "Main, stage"}),
        ({"video_config": None}, {}),
        ({"video_config": {}}, {}),
        ({"video_config": {"width": None, "height": None}}, {}),
        ({"video_config": {"width": 1, "height": 1}}, {"video_config": {"width": 1, "height": 1}}),
        ({"name": "a", "video_config": {"width": 720, "height": 1280}}, {"name": "a", "video_config": {"width": 720, "height": 1280}}),
    ],
    ids=str,
)
def test_start_sends_name_and_size(clock: Clock, options: dict[str, Any], body: dict[str, Any], state: str) -> None:
    api = FakeMeeting()
    report = run(api, clock, state=state, **options)
    assert api.requests == [read(), start(**body)]
    assert report.returns["livestream"]["name"] == body.get("name")


@pytest.mark.parametrize("state", ["started", "restarted"])
def test_check_mode_gives_the_name_asked_for(clock: Clock, state: str) -> None:
    report = run(FakeMeeting(), clock, check_mode=True, name="Main", state=state)
    found = report.returns["livestream"]
    assert {key: value for key, value in found.items() if value is not None} == {"name": "Main", "meeting_id": MEETING, "status": "INVOKED"}


@in_check_mode_and_not
@pytest.mark.parametrize(
    ("runs", "asked", "words"),
    [
        ("Theirs", "Ours", "under the name 'Theirs', not 'Ours'"),
        (None, "Ours", "without a name, not 'Ours'"),
        ("", "Ours", "under the name '', not 'Ours'"),
        ("Ours", "Ours", None),
        ("Theirs", None, None),
        ("Theirs", "", None),
    ],
)
def test_another_name_is_a_warning(clock: Clock, runs: str | None, asked: str | None, words: str | None, check_mode: bool) -> None:
    (outcome,) = run(FakeMeeting(livestream(OLD, name=runs)), clock, check_mode=check_mode, name=asked).outcomes
    assert (outcome.error, outcome.changed, outcome.after["name"]) == (None, False, runs)
    assert outcome.warnings == (
        [f"Meeting {MEETING}: livestream {OLD} already runs {words}. The API cannot rename it; state=restarted starts another."]
        if words
        else []
    )


@pytest.mark.parametrize("state", ["stopped", "restarted"])
def test_another_name_of_what_is_stopped_is_none(clock: Clock, state: str) -> None:
    assert run(FakeMeeting(livestream(OLD, name="Theirs")), clock, name="Ours", state=state).outcomes[0].warnings == []


# Stream keys


@pytest.mark.parametrize("asked", [False, True])
def test_stream_key_is_returned_on_request(clock: Clock, asked: bool) -> None:
    report = run(FakeMeeting(), clock, return_stream_key=asked)
    for found in (report.returns["livestream"], report.returns["meetings"][0]["livestream"]):
        assert found.get("stream_key") == (STREAM_KEY if asked else None)
        assert ("stream_key" in found) == asked

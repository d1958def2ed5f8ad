# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of rtk_meeting_livestream, and many meetings at once. Its states are in test_rtk_meeting_livestream_states."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeMeeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_studio import FakeStudio, meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import build_task, run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    OLD,
    OTHER_MEETING,
    OURS,
    STREAM_KEY,
    Clock,
    FakeAPI,
    livestream,
    ok,
    read,
    refusal,
    start,
)

STATES = rtk_meeting_livestream.ARGUMENT_SPEC["state"]["choices"]
in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    return run_task(rtk_meeting_livestream, api, clock, **{"meeting_id": [MEETING], **options})


# Bad input sends nothing.


BAD = {
    "no meeting": ({"meeting_id": []}, "meeting_id is an empty list: give the UUID of at least one meeting"),
    "no UUID": ({"meeting_id": ["x"]}, "meeting_id has 'x': it must be a UUID such as bbbb1111-22cc-33dd-44ee-555555ffffff"),
    "the second no UUID": (
        {"meeting_id": [MEETING, ""]},
        "meeting_id has '': it must be a UUID such as bbbb1111-22cc-33dd-44ee-555555ffffff",
    ),
    "no time": ({"wait_timeout": 0}, "wait_timeout is 0: it must be from 1 to 86400 seconds"),
    "too much time": ({"wait_timeout": 86401}, "wait_timeout is 86401: it must be from 1 to 86400 seconds"),
    "no width": ({"video_config": {"width": 0, "height": 1}}, "video_config.width is 0: it must be a number of pixels, more than 0"),
    "no height": ({"video_config": {"width": 1, "height": -1}}, "video_config.height is -1: it must be a number of pixels, more than 0"),
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
        "wait_timeout": 120,
        "concurrency": 8,
        "return_stream_key": False,
    }
    assert spec["meeting_id"]["required"] is True
    assert spec["meeting_id"]["aliases"] == ["meeting_ids"]
    assert spec["video_config"]["required_together"] == [("width", "height")]


# What a start sends


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
        [f"Meeting {MEETING}: livestream {OLD} already runs {words}. A running one cannot be renamed; state=restarted starts another."]
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


# Many meetings


class FakeMeetings(FakeAPI):
    """Several meetings with a memory each; those that are not there answer 404."""

    def __init__(self, **meetings: FakeMeeting) -> None:
        super().__init__()
        self.meetings = {meeting_id.replace("_", "-"): found for meeting_id, found in meetings.items()}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        found = self.meetings.get(path.split("/")[2])
        return found.answer(method, path, query, body) if found else refusal(404, "No such meeting")


def meetings(count: int) -> FakeMeetings:
    return FakeMeetings(**{meeting(number): FakeMeeting() for number in range(count)})


@pytest.mark.parametrize("concurrency", [1, 8, 32])
@pytest.mark.parametrize("count", [2, 20])
def test_many_meetings_cost_two_requests_each(clock: Clock, count: int, concurrency: int) -> None:
    api = meetings(count)
    ids = [meeting(number) for number in range(count)]
    report = run(api, clock, meeting_id=ids, concurrency=concurrency)
    assert [entry["meeting_id"] for entry in report.returns["meetings"]] == ids
    assert all(entry["changed"] for entry in report.returns["meetings"])
    assert "livestream" not in report.returns
    for meeting_id in ids:
        assert [sent for sent in api.requests if sent[1].startswith(f"/meetings/{meeting_id}/")] == [read(meeting_id), start(meeting_id)]
    assert len(api.requests) == 2 * count


def test_order_given_is_kept_and_duplicates_are_one(clock: Clock) -> None:
    api = FakeMeetings(**{MEETING: FakeMeeting(), OTHER_MEETING: FakeMeeting(livestream(OLD))})
    report = run(api, clock, meeting_id=[OTHER_MEETING.upper(), MEETING, f" {OTHER_MEETING}"])
    assert [(entry["meeting_id"], entry["changed"]) for entry in report.returns["meetings"]] == [(OTHER_MEETING, False), (MEETING, True)]
    assert len(api.requests) == 3


def test_the_same_meeting_twice_is_one_meeting(clock: Clock) -> None:
    report = run(FakeMeeting(), clock, meeting_id=[MEETING, MEETING.upper()])
    assert report.returns["livestream"]["id"] == OURS


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("state", STATES)
def test_one_that_fails_hides_no_other(clock: Clock, state: str, concurrency: int) -> None:
    active = livestream(OLD) if state != "started" else None
    api = FakeMeetings(**{MEETING: FakeMeeting(active), OTHER_MEETING: FakeMeeting(active)})
    gone = meeting(9)
    report = run(api, clock, state=state, meeting_id=[MEETING, gone, OTHER_MEETING], concurrency=concurrency)
    first, failed, last = report.returns["meetings"]
    assert (first["error"], first["changed"], last["error"], last["changed"]) == (None, True, None, True)
    assert (failed["meeting_id"], failed["changed"], failed["livestream"], failed["error"]["status"]) == (gone, False, None, 404)


@pytest.mark.parametrize("state", STATES)
@in_check_mode_and_not
def test_limit_is_asked_for_all_meetings_at_once(clock: Clock, state: str, check_mode: bool) -> None:
    """Each first answer tells what a quota of ten makes of five meetings: 2 requests each, 3 for a restart."""
    told = {"Ratelimit": '"default";r=1;t=60', "Ratelimit-Policy": '"default";q=1;w=60'}

    class Told(FakeMeeting):
        def answer(self, *sent: Any) -> Any:
            return super().answer(*sent)._replace(headers=told)  # type: ignore[union-attr]

    api = FakeMeetings(**{meeting(number): Told(livestream(OLD)) for number in range(5)})
    ids = [meeting(number) for number in range(5)]
    task = build_task(rtk_meeting_livestream, api, clock, check_mode=check_mode, meeting_id=ids, state=state)
    rtk_meeting_livestream.run(task)
    assert task.livestreams._client.forecast.requests == 5 * {"started": 2, "stopped": 2, "restarted": 3}[state]


# Waiting


class FakeStudioWithWrites(FakeStudio):
    """Takes every write, whatever it does."""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        if method == "POST":
            return ok(stream(1), 201)
        return super().answer(method, path, query, body)


LATER_LIVE = {meeting(1): [(0, None), (0.5, stream(1)), (2.5, stream(1, "LIVE"))]}
LATER_GONE = {meeting(1): [(0, stream(1, "LIVE")), (2.5, None)]}


@pytest.mark.parametrize(
    ("state", "schedule", "left"),
    [("started", LATER_LIVE, "LIVE"), ("restarted", LATER_LIVE, "LIVE"), ("stopped", LATER_GONE, None)],
)
def test_wait(clock: Clock, state: str, schedule: dict[str, Any], left: str | None) -> None:
    api = FakeStudioWithWrites(clock, schedule)
    report = run(api, clock, meeting_id=[meeting(1)], state=state, wait=True)
    found = report.returns["livestream"]
    assert (found and found["status"], report.outcomes[0].error) == (left, None)
    assert clock.sleeps == [1.0, 1.0, 1.0]


def test_wait_of_what_is_found_invoked_is_unchanged(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, stream(1)), (1.5, stream(1, "LIVE"))]})
    report = run(api, clock, meeting_id=[meeting(1)], wait=True)
    assert (report.outcomes[0].changed, report.returns["livestream"]["status"]) == (False, "LIVE")


def test_wait_ends_with_the_timeout_given(clock: Clock) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, stream(1))]})
    (outcome,) = run(api, clock, meeting_id=[meeting(1)], wait=True, wait_timeout=7).outcomes
    assert str(outcome.error) == f"Meeting {meeting(1)}: not LIVE after 7 seconds; the last status seen is INVOKED"
    assert sum(clock.sleeps) == 7


@pytest.mark.parametrize("options", [{"wait": False}, {"wait": True, "check_mode": True}], ids=["not asked for", "check mode"])
def test_no_wait(clock: Clock, options: dict[str, Any]) -> None:
    api = FakeStudio(clock, {meeting(1): [(0, stream(1))]})
    run(api, clock, meeting_id=[meeting(1)], **options)
    assert api.requests == [read(meeting(1))]
    assert clock.sleeps == []


def test_all_are_written_before_any_is_waited_for(clock: Clock) -> None:
    api = FakeMeetings(**{meeting(number): FakeMeeting() for number in range(3)})
    run(api, clock, meeting_id=[meeting(number) for number in range(3)], wait=True, wait_timeout=2)
    written = [number for number, sent in enumerate(api.requests) if sent[0] == "POST"]
    assert written == sorted(written)
    assert len(written) == 3
    assert all(sent[0] == "GET" for sent in api.requests[max(written) + 1 :])
    assert max(written) == 5

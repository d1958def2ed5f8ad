# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules in every dialect of the API."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import FIELDS
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    InvalidInputError,
    NotFoundError,
    OtherLivestreamError,
    OtherNameError,
    RejectedAnswerError,
)
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream, rtk_livestream_info, rtk_meeting_livestream
from simulator import Simulator
from simulator.settings import CHOICES
from tasks import Clock, only_error, operations, run

UNKNOWN_MEETING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def sim(sim_in_real_time: Simulator) -> Simulator:
    return sim_in_real_time


@pytest.mark.parametrize("loose_types", [False, True], ids=["typed", "loose"])
@pytest.mark.parametrize("envelope", CHOICES["envelope"])
@pytest.mark.parametrize("no_active", CHOICES["no_active"])
def test_meeting_in_every_dialect(sim: Simulator, no_active: str, envelope: str, loose_types: bool) -> None:
    sim.settings.update({"no_active": no_active, "envelope": envelope, "loose_types": loose_types})
    # A 404 alone does not prove that the meeting exists.
    proof = ["get_meeting"] if no_active == "not_found" else []

    def task(state: str, *, check_mode: bool = False) -> tuple[bool, Any, list[str]]:
        report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", state=state, name="Main stage", check_mode=check_mode)
        assert only_error(report) is None
        livestream = report.returns["livestream"]
        assert livestream is None or set(livestream) == set(FIELDS)
        return report.outcomes[0].changed, livestream, operations(sim)

    promised = {**dict.fromkeys(FIELDS), "name": "Main stage", "meeting_id": sim.meetings[0], "status": "INVOKED"}
    for again in (False, True):  # the second time after an ended livestream
        assert task("stopped") == (False, None, ["active", *proof])
        assert task("started", check_mode=True) == (True, promised, ["active", *proof])
        assert task("restarted", check_mode=True) == (True, promised, ["active", *proof])
        changed, first, asked = task("started")
        assert (changed, first["meeting_id"], first["name"], asked) == (True, sim.meetings[0], "Main stage", ["active", "start"])
        changed, found, asked = task("started")
        assert (changed, found["id"], found["status"], found["disabled"], asked) == (False, first["id"], "LIVE", False, ["active"])
        assert task("restarted", check_mode=True) == (True, promised, ["active"])
        changed, second, asked = task("restarted")
        assert (changed, second["id"] != first["id"], asked) == (True, True, ["active", "stop", "start"])
        assert task("stopped", check_mode=True) == (True, None, ["active"])
        assert task("stopped") == (True, None, ["active", "stop"])
        kinds = [effect["kind"] for effect in sim.effects]
        assert kinds == ["started", "stopped"] * (4 if again else 2)


@pytest.mark.parametrize("no_active", CHOICES["no_active"])
def test_meeting_that_errored_in_every_dialect(sim: Simulator, no_active: str) -> None:
    sim.settings.update({"no_active": no_active, "fail_next_starts": 1})
    sim.world.start(sim.meetings[0])
    (found,) = run(sim, rtk_livestream_info, meeting_id="{meeting}").returns["livestreams"]
    assert found["status"] == "ERRORED"
    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}")
    assert report.outcomes[0].changed
    assert report.returns["livestream"]["id"] != found["id"]
    assert operations(sim) == ["active", "active", "stop", "start"]


@pytest.mark.parametrize("no_active", CHOICES["no_active"])
def test_restart_while_the_old_one_lingers_in_every_dialect(sim: Simulator, no_active: str) -> None:
    sim.settings.update({"no_active": no_active, "stop_lag": 0.1})
    old = sim.world.start(sim.meetings[0])
    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", state="restarted", wait=True, wait_timeout=5)
    assert only_error(report) is None
    assert report.returns["livestream"]["id"] != old.id
    assert report.returns["livestream"]["status"] == "LIVE"
    assert [effect["kind"] for effect in sim.effects] == ["started", "stopped", "started"]


@pytest.mark.parametrize("no_active", CHOICES["no_active"])
def test_unknown_meeting_is_an_error_in_every_dialect(sim: Simulator, no_active: str) -> None:
    sim.settings.update({"no_active": no_active})
    for module, options in [
        (rtk_livestream_info, {}),
        (rtk_meeting_livestream, {"state": "stopped"}),
        (rtk_meeting_livestream, {"state": "started"}),
        (rtk_meeting_livestream, {"state": "restarted"}),
    ]:
        error = only_error(run(sim, module, meeting_id=UNKNOWN_MEETING, **options))
        assert isinstance(error, NotFoundError)
        assert UNKNOWN_MEETING in str(error)
    assert sim.effects == []


LIST_DIALECTS = list(
    itertools.product(
        CHOICES["list_shape"],
        CHOICES["envelope"],
        [{}, {"loose_types": True}, {"omit_paging": True}, {"empty_list_404": True}, {"per_page_cap": 2, "per_page_default": 1}],
    )
)


@pytest.mark.parametrize(("list_shape", "envelope", "more"), LIST_DIALECTS)
def test_named_livestreams_in_every_dialect(sim: Simulator, list_shape: str, envelope: str, more: dict[str, Any]) -> None:
    sim.settings.update({"list_shape": list_shape, "envelope": envelope, **more})
    sim.world.start(sim.meetings[0], "Take one")

    def task(*names: str, check_mode: bool = False) -> tuple[list[bool], list[Any], list[str]]:
        report = run(sim, rtk_livestream, names=list(names), check_mode=check_mode)
        assert [outcome.error for outcome in report.outcomes] == [None] * len(names)
        writes = [operation for operation in operations(sim) if operation == "create"]
        return [outcome.changed for outcome in report.outcomes], report.returns["livestreams"], writes

    def ids(livestreams: list[Any]) -> list[str]:
        return [livestream["id"] for livestream in livestreams]

    # The meeting's livestream of the same name is none: an empty page, one row, and many.
    changed, promised, writes = task("Take one", check_mode=True)
    assert (changed, writes, promised) == ([True], [], [{**dict.fromkeys(FIELDS), "name": "Take one"}])
    changed, created, writes = task("Take one")
    assert (changed, writes, created[0]["meeting_id"]) == ([True], ["create"], None)
    changed, found, writes = task("Take one")
    assert (changed, writes, ids(found)) == ([False], [], ids(created))
    assert (found[0]["disabled"], found[0]["status"]) == (False, "IDLE")
    assert found[0]["created_at"]
    changed, created, writes = task("Take one", "Take two", "Take three")
    assert (changed, writes) == ([False, True, True], ["create", "create"])
    changed, found, writes = task("Take three", "Take two", "Take one")
    assert (changed, writes, ids(found)) == ([False] * 3, [], ids(created)[::-1])
    assert [effect["kind"] for effect in sim.effects] == ["started", "created", "created", "created"]


@pytest.mark.parametrize(("list_shape", "envelope", "more"), LIST_DIALECTS)
def test_info_in_every_dialect(sim: Simulator, list_shape: str, envelope: str, more: dict[str, Any]) -> None:
    sim.settings.update({"list_shape": list_shape, "envelope": envelope, **more})

    def names(**options: Any) -> list[str]:
        report = run(sim, rtk_livestream_info, **options)
        assert [outcome.error for outcome in report.outcomes] == [None] * len(report.outcomes)
        assert all(set(livestream) == set(FIELDS) for livestream in report.returns["livestreams"])
        assert all(livestream["disabled"] is False for livestream in report.returns["livestreams"])
        return [livestream["name"] for livestream in report.returns["livestreams"]]

    assert names() == []
    independent = [sim.world.create(name) for name in ("one", "two", "three")]
    sim.world.start(sim.meetings[0], "on air")
    assert names(sort_order="asc") == ["one", "two", "three", "on air"]
    assert names(sort_order="desc", limit=2) == ["on air", "three"]
    assert names(exclude_meetings=True, sort_order="asc") == ["one", "two", "three"]
    assert names(status="LIVE") == ["on air"]
    assert names(status="ERRORED") == []
    assert names(name="two") == ["two"]
    assert names(meeting_id=sim.meetings[:2]) == ["on air"]
    assert names(livestream_id=[independent[2].id, independent[0].id]) == ["three", "one"]
    assert names(start_time="2100-01-01T00:00:00Z") == []
    assert {entry["method"] for entry in sim.requests} == {"GET"}


@pytest.mark.parametrize("loose_types", [False, True], ids=["typed", "loose"])
@pytest.mark.parametrize("envelope", CHOICES["envelope"])
@pytest.mark.parametrize("sessions_shape", CHOICES["sessions_shape"])
def test_sessions_in_every_dialect(sim: Simulator, sessions_shape: str, envelope: str, loose_types: bool) -> None:
    sim.settings.update({"sessions_shape": sessions_shape, "envelope": envelope, "loose_types": loose_types, "fail_next_starts": 1})
    sim.settings.err_message = "The encoder is gone"
    started = sim.world.start(sim.meetings[0])
    idle = sim.world.create("studio-feed")
    options = {"livestream_id": [started.id, idle.id], "include_sessions": True}
    errored, quiet = run(sim, rtk_livestream_info, **options).returns["livestreams"]
    (session,) = errored["sessions"]
    assert (session["livestream_id"], session["err_message"]) == (started.id, "The encoder is gone")
    assert (session["ingest_seconds"], session["viewer_seconds"]) == (0, 0)
    assert quiet["sessions"] == []


def test_start_and_read_that_leave_things_out(sim: Simulator) -> None:
    sim.settings.update({"start_playback_null": True, "active_omits_secrets": True})
    options = {"meeting_id": "{meeting}", "return_stream_key": True}
    started = run(sim, rtk_meeting_livestream, **options).returns["livestream"]
    (truth,) = sim.world.livestreams.values()
    assert (started["playback_url"], started["stream_key"], started["ingest_server"]) == (None, truth.stream_key, truth.ingest_server)
    found = run(sim, rtk_meeting_livestream, **options).returns["livestream"]
    assert (found["playback_url"], found["stream_key"], found["ingest_server"]) == (truth.playback_url, None, None)


@pytest.mark.parametrize("conflict_status", [400, 409])
def test_another_user_has_started_in_each_dialect(sim: Simulator, conflict_status: int) -> None:
    sim.settings.conflict_status = conflict_status
    theirs = sim.world.start(sim.meetings[0])
    theirs.visible_at = float("inf")

    def show_it(seconds: float) -> None:
        theirs.visible_at = 0.0

    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", sleep=show_it)
    assert only_error(report) is None
    assert (report.outcomes[0].changed, report.returns["livestream"]["id"]) == (False, theirs.id)
    assert operations(sim) == ["active", "start", "active"]


@pytest.mark.parametrize("status", [400, 404, 409])
def test_another_user_has_stopped_in_each_dialect(sim: Simulator, status: int) -> None:
    sim.world.start(sim.meetings[0])
    sim.fault("status", "stop", status=status)

    def stop_it(seconds: float) -> None:
        sim.world.stop(sim.meetings[0])

    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", state="stopped", sleep=stop_it)
    assert only_error(report) is None
    assert (report.outcomes[0].changed, report.returns["livestream"]) == (False, None)
    assert operations(sim) == ["active", "stop", "active"]


# Several active ones, untrue counts, names that the API changes, and answers of different shapes


def test_active_livestreams_that_come_as_a_list(sim: Simulator) -> None:
    sim.settings.active_shape = "list"
    assert run(sim, rtk_meeting_livestream, meeting_id="{meeting}", state="stopped").returns["livestream"] is None
    started = run(sim, rtk_meeting_livestream, meeting_id="{meeting}").returns["livestream"]
    found = run(sim, rtk_meeting_livestream, meeting_id="{meeting}")
    assert (found.outcomes[0].changed, found.returns["livestream"]["id"]) == (False, started["id"])
    stopped = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", state="stopped")
    assert (stopped.outcomes[0].changed, stopped.returns["livestream"]) == (True, None)
    assert [effect["kind"] for effect in sim.effects] == ["started", "stopped"]


def test_started_one_of_several_active_livestreams_counts(sim: Simulator) -> None:
    errored = sim.world.start(sim.meetings[0])
    sim.world.set_status(errored, "OFFLINE")
    started = sim.world.start(sim.meetings[0])
    sim.world.set_status(errored, "ERRORED")
    sim.settings.active_shape = "list"
    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}")
    assert (only_error(report), report.outcomes[0].changed, report.returns["livestream"]["id"]) == (None, False, started.id)
    assert operations(sim) == ["active"]


@pytest.mark.parametrize("rows", [1, 99, 100, 101, 200], ids=lambda rows: f"{rows} rows")
@pytest.mark.parametrize("count", CHOICES["paging_count"])
def test_name_is_found_with_any_length_of_the_list(sim: Simulator, count: str, rows: int) -> None:
    sim.settings.paging_count = count
    for number in range(rows):
        sim.world.create(f"Take {number}")
    report = run(sim, rtk_livestream, names=["Take 0", f"Take {rows - 1}"])
    assert [(outcome.error, outcome.changed) for outcome in report.outcomes] == [(None, False)] * len(report.outcomes)
    assert set(operations(sim)) == {"list"}


@pytest.mark.parametrize("name", [" Main stage", "Main stage ", "\tMain stage"])
def test_name_that_the_api_would_trim_is_never_sent(sim: Simulator, name: str) -> None:
    sim.settings.update({"trim_names": True, "create_omits_name": True})
    for module, options in [(rtk_livestream, {"name": name}), (rtk_meeting_livestream, {"meeting_id": "{meeting}", "name": name})]:
        with pytest.raises(InvalidInputError, match="must not begin or end with white space"):
            run(sim, module, **options)
    assert sim.requests == []


def test_list_that_leaves_things_out_takes_nothing_away(sim: Simulator) -> None:
    sim.settings.list_omits = ["ingest_server", "playback_url", "stream_key", "disabled"]
    (created,) = run(sim, rtk_livestream, name="Main stage", return_stream_key=True).returns["livestreams"]
    (truth,) = sim.world.livestreams.values()
    known = (truth.stream_key, truth.ingest_server, truth.playback_url, False)
    assert tuple(created[key] for key in ("stream_key", "ingest_server", "playback_url", "disabled")) == known
    assert created["created_at"]


def test_list_without_names_has_nothing_created_again(sim: Simulator) -> None:
    """An empty list cannot tell that it leaves names out. The first name shows it, and no later run creates another."""
    sim.settings.list_omits = ["name"]
    assert isinstance(only_error(run(sim, rtk_livestream, name="Main stage")), OtherNameError)
    for name in ("Main stage", "Foyer"):
        report = run(sim, rtk_livestream, name=name)
        assert (type(only_error(report)), report.outcomes[0].changed) == (RejectedAnswerError, False)
    assert operations(sim).count("create") == 1


def test_no_field_of_a_session_holds_an_object(sim: Simulator) -> None:
    sim.settings.update({"session_objects": True, "fail_next_starts": 1})
    started = sim.world.start(sim.meetings[0])
    (found,) = run(sim, rtk_livestream_info, livestream_id=[started.id], include_sessions=True).returns["livestreams"]
    (session,) = found["sessions"]
    assert not [value for value in session.values() if isinstance(value, (dict, list))]
    assert started.stream_key not in str(found)


# A 1xx in front of the answer, or in its place


@pytest.mark.parametrize("operation", ["active", "start", "list", "create", "stop"])
def test_answer_behind_a_1xx_is_the_answer(sim: Simulator, operation: str) -> None:
    sim.fault("interim", operation, times=None)
    for module, options in [
        (rtk_meeting_livestream, {"meeting_id": "{meeting}"}),
        (rtk_meeting_livestream, {"meeting_id": "{meeting}", "state": "stopped"}),
        (rtk_livestream, {"name": "studio-feed"}),
    ]:
        report = run(sim, module, **options)
        assert (only_error(report), report.outcomes[0].changed) == (None, True)
    assert operations(sim) == ["active", "start", "active", "stop", "list", "create", "list"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("status", [101, 103])
def test_start_that_is_answered_with_a_1xx_alone_is_in_doubt(sim: Simulator, status: int, when: str) -> None:
    sim.fault("interim_only", "start", when=when, status=status)
    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}")
    assert (only_error(report), report.outcomes[0].changed) == (None, True)
    assert [effect["kind"] for effect in sim.effects] == ["started"]


# Another user acts while a task is held up


def test_stop_that_was_held_up_leaves_the_livestream_of_another_user(sim: Simulator) -> None:
    old = sim.world.start(sim.meetings[0])
    sim.fault("rate_limited", "stop", retry_after=290)
    new, clock = [], Clock()

    def replace(seconds: float) -> None:
        clock.step(seconds)
        if seconds > 100:
            sim.world.stop(sim.meetings[0])
            new.append(sim.world.start(sim.meetings[0]))

    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", state="stopped", clock=clock, sleep=replace)
    assert isinstance(only_error(report), OtherLivestreamError)
    assert old.id in str(only_error(report))
    assert new[0].id in str(only_error(report))
    assert not report.outcomes[0].changed
    assert operations(sim) == ["active", "stop", "active"]
    assert sim.world.active(sim.meetings[0]).id == new[0].id


def test_create_that_was_held_up_finds_what_another_user_created(sim: Simulator) -> None:
    sim.fault("rate_limited", "create", retry_after=290)
    clock = Clock()

    def create(seconds: float) -> None:
        clock.step(seconds)
        if seconds > 100:
            sim.world.create("studio-feed")

    report = run(sim, rtk_livestream, name="studio-feed", clock=clock, sleep=create)
    assert (only_error(report), report.outcomes[0].changed) == (None, False)
    assert operations(sim) == ["list", "create", "list"]
    assert len(sim.world.livestreams) == 1

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every state that can be asked for, with everything that can be found by a title or an id, and with check mode or without."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DuplicateNameError, NotFoundError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_rooms import FakeRooms, add, change, new_room_id, room, search
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock, Sent, prove

STATES = rtk_meeting.ARGUMENT_SPEC["state"]["choices"]

FOUND = {
    "none": [],
    "ACTIVE": [room(1)],
    "INACTIVE": [room(2, status="INACTIVE")],
    "both": [room(1), room(2, status="INACTIVE")],
    "two ACTIVE": [room(1), room(3)],
    "two INACTIVE": [room(2, status="INACTIVE"), room(4, status="INACTIVE")],
}
#: The search is broad: it finds these for "Stage" too.
OTHERS = [room(7, "stage"), room(8, "Stage left"), room(9, "Backstage", "INACTIVE")]

#: The current settings, and the wanted ones.
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "absent": ({}, {}),
    "equal": ({"record_on_start": True}, {"record_on_start": True}),
    "differing": ({"record_on_start": False}, {"record_on_start": True}),
}
S = search("Stage")
ONE, TWO = prove(meeting(1)), prove(meeting(2))
RECORD = {"record_on_start": True}

# The requests: in a real run, and in check mode. None for two meetings that cannot be distinguished.
Row = Any
SENT: dict[str, dict[str, dict[str, Row]]] = {
    "present": {
        "absent": {
            "none": ([S, add("Stage"), S], [S]),
            "ACTIVE": ([S], [S]),
            "INACTIVE": ([S, TWO, change(2, status="ACTIVE")], [S, TWO]),
            "both": ([S], [S]),
            "two ACTIVE": None,
            "two INACTIVE": None,
        },
        "equal": {
            "none": ([S, add("Stage", **RECORD), S], [S]),
            "ACTIVE": ([S], [S]),
            "INACTIVE": ([S, TWO, change(2, status="ACTIVE")], [S, TWO]),
            "both": ([S], [S]),
            "two ACTIVE": None,
            "two INACTIVE": None,
        },
        "differing": {
            "none": ([S, add("Stage", **RECORD), S], [S]),
            "ACTIVE": ([S, ONE, change(1, **RECORD)], [S, ONE]),
            "INACTIVE": ([S, TWO, change(2, status="ACTIVE", **RECORD)], [S, TWO]),
            "both": ([S, ONE, change(1, **RECORD)], [S, ONE]),
            "two ACTIVE": None,
            "two INACTIVE": None,
        },
    },
    "inactive": {
        "absent": {
            "none": ([S], [S]),
            "ACTIVE": ([S, ONE, change(1, status="INACTIVE")], [S, ONE]),
            "INACTIVE": ([S], [S]),
            "both": ([S, ONE, change(1, status="INACTIVE")], [S, ONE]),
            "two ACTIVE": None,
            "two INACTIVE": ([S], [S]),
        },
    },
}
CELLS = [(state, settings, found) for state, by_settings in SENT.items() for settings in by_settings for found in FOUND]
each_cell = pytest.mark.parametrize(("state", "settings", "found"), CELLS)
in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def run(api: FakeRooms, clock: Clock, **options: Any) -> Any:
    return run_task(rtk_meeting, api, clock, **options)


def build_app(found: str, settings: str) -> FakeRooms:
    return FakeRooms(*[{**each, **SETTINGS[settings][0]} for each in FOUND[found]], *OTHERS)


def test_every_state_has_its_cells() -> None:
    assert set(SENT) == set(STATES)


@in_check_mode_and_not
@each_cell
def test_cell(clock: Clock, state: str, settings: str, found: str, check_mode: bool) -> None:
    api, wanted = build_app(found, settings), SETTINGS[settings][1]
    before = {each["id"]: each for each in api.meetings}
    report = run(api, clock, check_mode=check_mode, title="Stage", state=state, **wanted)
    (outcome,) = report.outcomes
    (result,) = report.returns["results"]
    cell = SENT[state][settings][found]
    if cell is None:
        ids = [each["id"] for each in FOUND[found]]
        assert isinstance(outcome.error, DuplicateNameError)
        assert [each in str(outcome.error) for each in ids] == [True, True]
        assert (api.requests, outcome.changed) == ([S], False)
        assert report.returns["meeting"] is result["meeting"] is result["meeting_id"] is None
        return
    assert api.requests == cell[check_mode]
    assert outcome.error is None
    assert outcome.changed == result["changed"] == (len(cell[False]) > 1)
    after = report.returns["meeting"]
    assert result["meeting"] == after == outcome.after
    if after is None:
        assert (state, found, outcome.before) == ("inactive", "none", None)
        return
    status = {"present": "ACTIVE", "inactive": "INACTIVE"}[state]
    assert {**after, "title": "Stage", "status": status, **wanted} == after
    if found == "none":
        assert (after["id"], outcome.before) == (None if check_mode else new_room_id(1), None)
        return
    assert outcome.before == before[after["id"]]


@each_cell
def test_second_run_is_unchanged(clock: Clock, state: str, settings: str, found: str) -> None:
    api = build_app(found, settings)
    for _unused in range(2):
        api.requests.clear()
        report = run(api, clock, title="Stage", state=state, **SETTINGS[settings][1])
    assert (api.requests, report.outcomes[0].changed) == ([S], False)


@in_check_mode_and_not
@each_cell
def test_many_titles_do_the_same_for_each(clock: Clock, state: str, settings: str, found: str, check_mode: bool) -> None:
    """By the whole list, which takes one request for all of them. Creates come before updates."""
    api = build_app(found, settings)
    report = run(api, clock, check_mode=check_mode, titles=["Stage", "nowhere", "stage"], state=state, **SETTINGS[settings][1])
    cell = SENT[state][settings][found] or ([S], [S])
    stage = [sent for sent in cell[check_mode] if sent != S]
    assert [sent for sent in api.requests if sent in stage] == stage
    assert api.requests[0] == ("GET", "/meetings", {"page_no": "1", "per_page": "100"}, None)
    assert [outcome.target for outcome in report.outcomes] == ["Stage", "nowhere", "stage"]
    assert report.outcomes[0].changed == (len(cell[False]) > 1)
    assert report.outcomes[1].error is None


# By id


@in_check_mode_and_not
def test_meeting_is_not_activated_beside_an_active_one_of_its_title(clock: Clock, check_mode: bool) -> None:
    """A title that two ACTIVE meetings have names neither of them."""
    api = FakeRooms(room(1, status="INACTIVE"), room(2))
    report = run(api, clock, check_mode=check_mode, meeting_id=meeting(1))
    (outcome,) = report.outcomes
    assert str(outcome.error) == (
        f"Meeting {meeting(1)} was not changed: {meeting(2)} is ACTIVE and has the title 'Stage'. "
        "Use another title, or set the other meeting INACTIVE first"
    )
    assert (outcome.changed, api.requests) == (False, [ONE, S])


BY_ID = {"ACTIVE": [room(1, "Stage")], "INACTIVE": [room(1, "Stage", "INACTIVE")], "missing": []}
TITLES: dict[str, str | None] = {"none": None, "same": "Stage", "free": "Hall", "taken": "Yard", "closed": "Barn"}
#: "Yard" has an ACTIVE meeting, "Barn" an INACTIVE one.
NEIGHBORS = [room(5, "Yard"), room(6, "Barn", "INACTIVE")]


def find_sent_by_id(state: str, found: str, title: str, settings: dict[str, Any]) -> tuple[list[Sent], dict[str, Any]]:
    """The reads that it takes, and the fields that differ after them."""
    if found == "missing":
        return [ONE], {}
    status = {"present": "ACTIVE", "inactive": "INACTIVE"}[state]
    renamed = {} if title in ("none", "same") else {"title": TITLES[title]}
    # Only an ACTIVE meeting can be mistaken for another one of its title.
    is_in_question = state == "present" and (renamed or found == "INACTIVE")
    reads = [ONE, *([search(renamed.get("title") or "Stage")] if is_in_question else [])]
    if title == "taken" and state == "present":
        return reads, {}
    return reads, {**renamed, **({} if status == found else {"status": status}), **settings}


@in_check_mode_and_not
@pytest.mark.parametrize("settings", [{}, {"session_keep_alive_time_in_secs": 300}], ids=["absent", "differing"])
@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("found", BY_ID)
@pytest.mark.parametrize("state", STATES)
def test_cell_by_id(clock: Clock, state: str, found: str, title: str, settings: dict[str, Any], check_mode: bool) -> None:
    wanted = settings if state == "present" else {}
    api = FakeRooms(*BY_ID[found], *NEIGHBORS)
    report = run(api, clock, check_mode=check_mode, meeting_id=meeting(1).upper(), title=TITLES[title], state=state, **wanted)
    reads, fields = find_sent_by_id(state, found, title, wanted)
    assert api.requests == [*reads, *([change(1, **fields)] if fields and not check_mode else [])]
    (outcome,) = report.outcomes
    (result,) = report.returns["results"]
    assert (result["title"], result["meeting_id"], result["changed"]) == (TITLES[title], meeting(1), bool(fields))
    if found == "missing":
        assert isinstance(outcome.error, NotFoundError)
        assert report.returns["meeting"] is None
    elif title == "taken" and state == "present":
        assert str(outcome.error) == (
            f"Meeting {meeting(1)} was not changed: {meeting(5)} is ACTIVE and has the title 'Yard'. "
            "Use another title, or set the other meeting INACTIVE first"
        )
        assert (isinstance(outcome.error, DuplicateNameError), report.returns["meeting"]) == (True, None)
    else:
        assert outcome.error is None
        assert report.returns["meeting"] == {**outcome.before, **fields}

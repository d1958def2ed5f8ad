# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every state that can be asked for, with everything that a meeting can answer, and with check mode or without: the exact requests."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeMeeting
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    NONE_ACTIVE,
    OLD,
    OURS,
    STARTED,
    STOPPED,
    Clock,
    FakeAPI,
    livestream,
    ok,
    prove,
    read,
    start,
    stop,
)

STATES = rtk_meeting_livestream.ARGUMENT_SPEC["state"]["choices"]

RUNNING = {status: ok(livestream(OLD, status)) for status in ("LIVE", "INVOKED")}
ERRORED = {"ERRORED": ok(livestream(OLD, "ERRORED"))}
NONE = {
    "null": ok(None),
    "empty object": ok({}),
    "empty list": ok([]),
    "IDLE": ok(livestream(OLD, "IDLE")),
    "OFFLINE": ok(livestream(OLD, "OFFLINE")),
    "unknown word": ok(livestream(OLD, "PAUSED")),
    "lower case": ok(livestream(OLD, "live")),
    "idle without id": ok({"status": "IDLE"}),
    "beside its session": ok({"livestream": livestream(OLD, "IDLE"), "session": None}),
}
NOT_FOUND = {"404": NONE_ACTIVE}
ANSWERS = {**RUNNING, **ERRORED, **NONE, **NOT_FOUND}
KINDS = {name: kind for kind, names in (("running", RUNNING), ("errored", ERRORED), ("none", NONE), ("404", NOT_FOUND)) for name in names}

# The requests besides the read, for each state and kind of answer: in a real run, and in check mode.
SENT: dict[str, dict[str, tuple[list[Any], list[Any]]]] = {
    "started": {
        "running": ([], []),
        "errored": ([stop(), start()], []),
        "none": ([start()], []),
        "404": ([start()], [prove()]),
    },
    "stopped": {
        "running": ([stop()], []),
        "errored": ([stop()], []),
        "none": ([], []),
        "404": ([prove()], [prove()]),
    },
    "restarted": {
        "running": ([stop(), start()], []),
        "errored": ([stop(), start()], []),
        "none": ([start()], []),
        "404": ([start()], [prove()]),
    },
}
# The livestream afterwards. "before" is the one that was there.
LEFT = {
    "started": {"running": "before", "errored": "new", "none": "new", "404": "new"},
    "stopped": {"running": None, "errored": None, "none": None, "404": None},
    "restarted": {"running": "new", "errored": "new", "none": "new", "404": "new"},
}

each_cell = pytest.mark.parametrize(("state", "answer"), [(state, answer) for state in STATES for answer in ANSWERS])
in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def answers(sent: list[Any]) -> list[Any]:
    return [STOPPED if path.endswith("/stop") else STARTED if method == "POST" else ok({}) for method, path, *_unused in sent]


def left(state: str, kind: str, answer: str, *, check_mode: bool) -> dict[str, Any] | None:
    """The livestream as it is known after the task."""
    what = LEFT[state][kind]
    if what == "new":
        invoked = {"status": "INVOKED", "meeting_id": MEETING}
        return normalize(invoked if check_mode else {**STARTED.body["data"], **invoked})
    return normalize({**ANSWERS[answer].body["data"], "meeting_id": MEETING}) if what else None


@in_check_mode_and_not
@each_cell
def test_cell(clock: Clock, state: str, answer: str, check_mode: bool) -> None:
    kind = KINDS[answer]
    sent = SENT[state][kind][check_mode]
    api = FakeAPI(ANSWERS[answer], *answers(sent))

    report = run_task(rtk_meeting_livestream, api, clock, check_mode=check_mode, meeting_id=[MEETING], state=state)

    assert api.requests == [read(), *sent]
    (outcome,) = report.outcomes
    expected = left(state, kind, answer, check_mode=check_mode)
    writes = SENT[state][kind][False] not in ([], [prove()])
    assert (outcome.error, outcome.warnings, outcome.changed) == (None, [], writes)
    assert outcome.before == (None if kind in ("none", "404") else normalize({**ANSWERS[answer].body["data"], "meeting_id": MEETING}))
    assert outcome.after == expected
    shown = expected and {key: value for key, value in expected.items() if key != "stream_key"}
    started_id = OURS if start() in sent else None
    entry = {"meeting_id": MEETING, "title": None, "changed": writes, "livestream": shown, "started_id": started_id, "error": None}
    assert report.returns == {"livestream": shown, "meetings": [entry]}
    assert clock.sleeps == []


@pytest.mark.parametrize("state", STATES)
def test_check_mode_promises_what_a_run_does(clock: Clock, state: str) -> None:
    for active in (None, livestream(OLD), livestream(OLD, "INVOKED"), livestream(OLD, "ERRORED")):
        told, done = (
            run_task(rtk_meeting_livestream, FakeMeeting(active), clock, check_mode=check_mode, meeting_id=[MEETING], state=state)
            for check_mode in (True, False)
        )
        assert told.outcomes[0].changed == done.outcomes[0].changed
        assert (told.outcomes[0].after is None) == (done.outcomes[0].after is None)


@pytest.mark.parametrize("state", STATES)
def test_check_mode_leaves_the_meeting_as_it_is(clock: Clock, state: str) -> None:
    api = FakeMeeting(livestream(OLD, "ERRORED"))
    run_task(rtk_meeting_livestream, api, clock, check_mode=True, meeting_id=[MEETING], state=state)
    assert api.active == livestream(OLD, "ERRORED")
    assert api.writes == []


@pytest.mark.parametrize("active", [None, livestream(OLD), livestream(OLD, "ERRORED")], ids=["none", "LIVE", "ERRORED"])
@pytest.mark.parametrize("state", STATES)
def test_second_run_is_unchanged(clock: Clock, state: str, active: dict[str, Any] | None) -> None:
    """But for restarted, whose every run is to start another one."""
    api = FakeMeeting(active)
    first, second = (run_task(rtk_meeting_livestream, api, clock, meeting_id=[MEETING], state=state).outcomes[0] for _unused in range(2))
    if state == "restarted":
        assert second.changed
        assert second.after["id"] != first.after["id"]
    else:
        assert not second.changed
        assert api.requests[-1] == read()
        assert second.before == second.after


@in_check_mode_and_not
@pytest.mark.parametrize("state", STATES)
def test_meeting_that_does_not_exist(clock: Clock, state: str, check_mode: bool) -> None:
    api = FakeAPI(NONE_ACTIVE, NONE_ACTIVE)
    (outcome,) = run_task(rtk_meeting_livestream, api, clock, check_mode=check_mode, meeting_id=[MEETING], state=state).outcomes
    writes = not check_mode and state != "stopped"
    assert api.requests == [read(), start() if writes else prove()]
    assert (outcome.error.status, outcome.changed, outcome.before, outcome.after) == (404, False, None, None)


def test_what_is_not_known_is_null(clock: Clock) -> None:
    report = run_task(rtk_meeting_livestream, FakeMeeting(), clock, meeting_id=[MEETING])
    assert report.returns["livestream"] == {
        "id": OURS,
        "name": None,
        "status": "INVOKED",
        "meeting_id": MEETING,
        "ingest_server": None,
        "playback_url": None,
        "disabled": None,
        "created_at": None,
        "updated_at": None,
    }

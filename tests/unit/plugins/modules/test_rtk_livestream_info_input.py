# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The input that rtk_livestream_info refuses before the first request."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream_info
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    OURS,
    Clock,
    FakeAPI,
)

in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


EXCLUDE = "cannot be combined: use meetings, ids, or filters"
DATE = "it must be a date and time such as 2026-11-20T09:00:00Z"
ENDED = (
    "include_ended is about meetings: give meeting_id, title, or meetings; without these, leave it out, "
    "because livestreams that have ended are found anyway"
)
BAD: list[tuple[dict[str, Any], str]] = [
    ({"meeting_id": [MEETING], "livestream_id": [OURS]}, f"meeting_id and livestream_id {EXCLUDE}"),
    ({"meeting_id": [], "livestream_id": []}, f"meeting_id and livestream_id {EXCLUDE}"),
    ({"meeting_id": [MEETING], "status": "LIVE"}, f"meeting_id and status {EXCLUDE}"),
    ({"meeting_id": [], "name": ""}, f"meeting_id and name {EXCLUDE}"),
    ({"livestream_id": [OURS], "exclude_meetings": True, "limit": 3}, f"livestream_id and exclude_meetings and limit {EXCLUDE}"),
    ({"livestream_id": [], "start_time": "x", "end_time": "y", "sort_order": "asc"},
     f"livestream_id and start_time and end_time and sort_order {EXCLUDE}"),
    ({"meeting_id": ["x"]}, "meeting_id has 'x': it must be a UUID such as bbbb1111-22cc-33dd-44ee-555555ffffff"),
    ({"livestream_id": ["../x"]}, "livestream_id is '../x': it must consist of letters, digits, '-' and '_' only"),
    ({"livestream_id": [OURS, ""]}, "livestream_id is '': it must consist of letters, digits, '-' and '_' only"),
    ({"name": ["Stage"]}, "name has ['Stage']: a name must be a string: quote it in YAML"),
    ({"name": {"a": "Stage"}}, "name has {'a': 'Stage'}: a name must be a string: quote it in YAML"),
    ({"name": True}, "name has True: a name must be a string: quote it in YAML"),
    ({"title": ["Stage"]}, "title has ['Stage']: a name must be a string: quote it in YAML"),
    ({"title": "Stage", "meetings": []}, f"title and meetings {EXCLUDE}"),
    ({"title": "Stage", "name": "a"}, f"title and name {EXCLUDE}"),
    ({"meetings": [], "meeting_id": [], "livestream_id": []}, f"meeting_id and meetings and livestream_id {EXCLUDE}"),
    ({"meetings": [{"title": ["Stage"]}]}, "meetings[].title has ['Stage']: a name must be a string: quote it in YAML"),
    ({"name": " "}, "name has ' ': a name must not be empty"),
    ({"limit": 0}, "limit is 0: it must be from 1 to 1000000 livestreams"),
    ({"limit": -1}, "limit is -1: it must be from 1 to 1000000 livestreams"),
    ({"limit": 1000001}, "limit is 1000001: it must be from 1 to 1000000 livestreams"),
    ({"meeting_id": [MEETING], "limit": 0}, f"meeting_id and limit {EXCLUDE}"),
    ({"start_time": "now"}, f"start_time is 'now': {DATE}"),
    ({"end_time": ""}, f"end_time is '': {DATE}"),
    (
        {"start_time": "2026-11-20T09:00:01Z", "end_time": "2026-11-20T10:00:00+01:00"},
        "start_time 2026-11-20T09:00:01Z is later than end_time 2026-11-20T10:00:00+01:00: swap them",
    ),
    ({"include_ended": True}, ENDED),
    ({"include_ended": True, "livestream_id": ["x"]}, ENDED),
    ({"include_ended": True, "meeting_id": [MEETING], "status": "LIVE"}, f"meeting_id and status {EXCLUDE}"),
    ({"include_ended": True, "meeting_id": [MEETING], "title": "Stage"}, f"meeting_id and title {EXCLUDE}"),
    ({"include_ended": True, "meeting_id": [MEETING], "end_time": "now"}, f"end_time is 'now': {DATE}"),
    ({"meeting_id": [MEETING], "start_time": "2026-11-20T09:00:01Z"}, f"meeting_id and start_time {EXCLUDE}"),
]  # fmt: skip


@in_check_mode_and_not
@pytest.mark.parametrize("with_sessions", [False, True])
@pytest.mark.parametrize(("options", "words"), BAD)
def test_bad_input_sends_nothing(clock: Clock, options: dict[str, Any], words: str, with_sessions: bool, check_mode: bool) -> None:
    api = FakeAPI()
    with pytest.raises(InvalidInputError) as caught:
        run_task(rtk_livestream_info, api, clock, check_mode=check_mode, include_sessions=with_sessions, **options)
    assert str(caught.value) == words
    assert api.requests == []


def test_defaults() -> None:
    spec = rtk_livestream_info.ARGUMENT_SPEC
    assert {option: spec[option]["default"] for option in spec if "default" in spec[option]} == {
        "exclude_meetings": False,
        "include_ended": False,
        "include_sessions": False,
        "concurrency": 8,
        "return_stream_key": False,
    }
    assert spec["status"]["choices"] == ["LIVE", "INVOKED", "ERRORED", "IDLE"]
    assert spec["sort_order"]["choices"] == ["asc", "desc"]

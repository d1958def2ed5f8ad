# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sessions of a livestream: their shapes, their pages, their seconds."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import SESSION_FIELDS
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import LostAnswerError
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OURS,
    Clock,
    FakeAPI,
    Sent,
    build_livestreams,
    ok,
)


def paging(end: Any, total: Any) -> dict[str, Any]:
    return {"total_count": total, "start_offset": 1, "end_offset": end}


def sessions_page(page_no: int) -> Sent:
    return ("GET", f"/livestreams/{OURS}", {"page_no": str(page_no), "per_page": "100"}, None)


NULLS = dict.fromkeys(SESSION_FIELDS)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [(7, 7), ("7", 7), (7.5, 7.5), ("7.5", 7.5), ("7.0", 7), (0, 0), (None, None), ("", None), ("x", None), ("nan", None), ([], None),
     (10**400, None), (float("inf"), None)],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_seconds_are_numbers(clock: Clock, given: Any, seconds: Any) -> None:
    data = {
        "id": OURS,
        "sessions": [{"id": "s1", "ingest_seconds": given, "viewer_seconds": given, "stream_key": "x"}],
        "paging": paging(1, 1),
    }
    (session,) = build_livestreams(FakeAPI(ok(data)), clock).sessions(OURS)
    assert session == {**NULLS, "id": "s1", "ingest_seconds": seconds, "viewer_seconds": seconds}
    assert type(session["ingest_seconds"]) is type(seconds)


def test_fields_of_a_session() -> None:
    assert SESSION_FIELDS == (
        "id",
        "livestream_id",
        "err_message",
        "ingest_seconds",
        "viewer_seconds",
        "invoked_time",
        "started_time",
        "stopped_time",
        "created_at",
        "updated_at",
    )


def test_session_is_given_back_whole(clock: Clock) -> None:
    whole = {field: f"the {field}" for field in SESSION_FIELDS if not field.endswith("_seconds")}
    data = {"id": OURS, "session": {**whole, "ingest_seconds": 1, "viewer_seconds": 2}, "paging": paging(1, 1)}
    assert build_livestreams(FakeAPI(ok(data)), clock).sessions(OURS) == [{**whole, "ingest_seconds": 1, "viewer_seconds": 2}]


def test_reason_in_a_session_shows_no_key_of_another_livestream(clock: Clock) -> None:
    said = {"id": "s1", "err_message": f"Key {'7' * 64}\nrefused"}
    (session,) = build_livestreams(FakeAPI(ok({"id": OURS, "sessions": [said], "paging": paging(1, 1)})), clock).sessions(OURS)
    assert session["err_message"] == "Key [hidden] refused"


def test_sessions_have_pages_also(clock: Clock) -> None:
    api = FakeAPI(
        ok({"id": OURS, "sessions": [{"id": "s1"}, {"id": "s2"}], "paging": paging(2, 3)}),
        ok({"id": OURS, "sessions": [{"id": "s3"}]}, paging=paging(3, 3)),
    )
    assert [session["id"] for session in build_livestreams(api, clock).sessions(OURS)] == ["s1", "s2", "s3"]
    assert api.requests == [sessions_page(1), sessions_page(2)]


@pytest.mark.parametrize(
    "data", [{"id": OURS}, {"id": OURS, "sessions": []}, {"id": OURS, "sessions": None, "session": None}, {"session": None}], ids=str
)
def test_no_sessions(clock: Clock, data: Any) -> None:
    assert build_livestreams(FakeAPI(ok(data)), clock).sessions(OURS) == []


@pytest.mark.parametrize("data", [None, [], "none", {"sessions": "none"}, {"sessions": [{"id": None}]}, {"sessions": [None]}], ids=str)
def test_odd_sessions_are_lost(clock: Clock, data: Any) -> None:
    with pytest.raises(LostAnswerError):
        build_livestreams(FakeAPI(ok(data)), clock, retries=0).sessions(OURS)


def test_first_page_without_rows_of_sessions_that_there_are_is_lost(clock: Clock) -> None:
    with pytest.raises(LostAnswerError) as caught:
        build_livestreams(FakeAPI(ok({"id": OURS, "sessions": [], "paging": paging(0, 3)})), clock).sessions(OURS)
    assert str(caught.value) == f"GET /livestreams/{OURS}: the list has 3 rows, but its first page has none"


def test_sessions_that_do_not_end(clock: Clock) -> None:
    api = FakeAPI(*[ok({"sessions": [{"id": "s1"}], "paging": paging(1, 9)})] * 4)
    with pytest.raises(LostAnswerError, match=f"GET /livestreams/{OURS}: page 4 of the list has no new rows"):
        build_livestreams(api, clock).sessions(OURS)

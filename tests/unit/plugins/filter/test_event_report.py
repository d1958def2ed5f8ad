# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of the filter `event_report` for the sessions of rooms."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.filter.event_report import FilterModule

event_report = FilterModule().filters()["event_report"]

A, B = "bbbb1111-22cc-33dd-44ee-000000000001", "bbbb1111-22cc-33dd-44ee-000000000002"
#: 2026-11-21, noon.
NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc).timestamp()
ROOMS = [{"label": "The stage", "title": "Stage", "meeting_id": None}, {"label": "Yard", "title": None, "meeting_id": B}]


def at(clock: str, day: int = 20) -> str:
    return f"2026-11-{day:02d}T{clock}.000Z"


def session(begin: str | None, end: str | None, name: str = "s1", **more: Any) -> dict[str, Any]:
    times = {"invoked_time": begin, "started_time": begin, "stopped_time": end, "created_at": begin, "updated_at": end}
    return {"id": name, "livestream_id": "l1", "err_message": None, "ingest_seconds": 3600, "viewer_seconds": 7200, **times, **more}


def livestream(*sessions: Any, status: str = "OFFLINE") -> dict[str, Any]:
    return {"id": "l1", "status": status, "sessions": list(sessions)}


def found(*stage: Any, yard: Any = (), **more: Any) -> dict[str, Any]:
    """The result of rtk_livestream_info for ROOMS."""
    entries = [{"meeting_id": A, "title": "Stage", "livestreams": list(stage)}, {"meeting_id": B, "title": None, "livestreams": list(yard)}]
    return {"meetings": [{"livestream": None, "error": None, **entry} for entry in entries], **more}


def report(result: Any = None, again: Any = None, *, now: float = NOW, **options: Any) -> Any:
    return event_report(ROOMS, result or {}, again or {}, now=now, **options)


def test_before_anything_was_read() -> None:
    assert {key: value for key, value in report().items() if key not in ("rooms", "total")} == {
        "refusal": "",
        "targets": [{"title": "Stage"}, {"meeting_id": B}],
        "period": {"start": "2026-11-19T12:00:00Z", "end": None},
        "unsettled": [],
        "settle_seconds": 0,
        "time_zone": "UTC",
        "failure": "",
        "is_known": True,
        "held_seconds": 0,
    }


def test_rooms_are_found_by_an_id_in_capitals_and_by_a_title_of_digits() -> None:
    rooms = [{"label": "Yard", "meeting_id": f" {B.upper()}"}, {"label": "Hall", "title": 7}, {"label": "Odd", "title": B}]
    entries = [
        {"meeting_id": B, "title": None, "livestreams": [livestream(session(at("09:00:00"), at("10:00:00")))], "error": None},
        {"meeting_id": A, "title": "7", "livestreams": [], "error": {"message": "Oh", "status": None}},
        {"meeting_id": A, "title": B, "livestreams": [], "error": None},
    ]
    yard, hall, odd = event_report(rooms, {"meetings": entries}, {}, now=NOW)["rooms"]
    assert (yard["on_air_seconds"], yard["error"]) == (3600, None)
    assert (hall["on_air_seconds"], hall["error"]) == (None, "Oh")
    assert (odd["on_air_seconds"], odd["error"]) == (0, None)


def test_room_without_a_result_has_failed() -> None:
    result = event_report([{"label": "Hall", "title": "Hall"}], found(), {}, now=NOW)
    assert result["rooms"][0]["error"] == "the result has no entry for this room"
    assert result["is_known"] is False


def test_sums_of_rooms_and_of_the_event() -> None:
    one, two = session(at("09:00:00"), at("10:00:00")), session(at("11:00:00"), at("11:30:00"), "s2", ingest_seconds=1800, err_message="Oh")
    result = report(found(livestream(two), livestream(one), rate_limit={"held_seconds": 2.4}), price="0.01")
    stage, yard = result["rooms"]
    assert {key: value for key, value in stage.items() if key != "sessions"} == {
        "label": "The stage",
        "title": "Stage",
        "meeting_id": A,
        "is_on_air": False,
        "started": at("09:00:00"),
        "stopped": at("11:30:00"),
        "on_air_seconds": 5400,
        "ingest_seconds": 5400,
        "viewer_seconds": 14400,
        "errors": ["Oh"],
        "error": None,
    }
    assert stage["sessions"][0] == {
        "id": "s1",
        "livestream_id": "l1",
        "state": "ended",
        "invoked": at("09:00:00"),
        "started": at("09:00:00"),
        "stopped": at("10:00:00"),
        "on_air_seconds": 3600,
        "ingest_seconds": 3600,
        "viewer_seconds": 7200,
        "is_final": True,
        "error": None,
    }
    assert [each["id"] for each in stage["sessions"]] == ["s1", "s2"]
    assert (yard["started"], yard["stopped"], yard["on_air_seconds"], yard["sessions"]) == (None, None, 0, [])
    assert result["total"] == {
        "rooms": 2,
        "rooms_on_air": 1,
        "rooms_failed": 0,
        "sessions": 2,
        "sessions_not_final": 0,
        "errors": 1,
        "on_air_seconds": 5400,
        "ingest_seconds": 5400,
        "viewer_seconds": 14400,
        "cost": 0.9,
    }
    assert result["held_seconds"] == 2


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({}, ["yesterday", "today"]),
        ({"start_time": "2026-11-01T00:00:00Z"}, ["old", "yesterday", "today"]),
        ({"end_time": "2026-11-20T09:30:00Z"}, ["yesterday"]),
        ({"end_time": "2026-11-12T00:00:00Z"}, ["old"]),
        ({"start_time": "2026-11-20T10:00:00Z"}, ["yesterday", "today"]),
        ({"start_time": "2026-11-20T11:00:01+01:00"}, ["today"]),
    ],
    ids=str,
)
def test_session_counts_if_it_overlaps_the_period(options: dict[str, str], ids: list[str]) -> None:
    old = session(at("09:00:00", 10), at("10:00:00", 10), "old")
    others = session(at("09:00:00"), at("10:00:00"), "yesterday"), session(at("23:30:00"), at("00:30:00", 21), "today")
    result = report(found(livestream(old, *others)), **options)
    assert [each["id"] for each in result["rooms"][0]["sessions"]] == ids


@pytest.mark.parametrize(
    ("status", "times", "state", "seconds"),
    [
        ("LIVE", (at("11:00:00", 21), None), "on_air", 3600),
        ("INVOKED", (None, None), "starting", 0),
        ("ERRORED", (at("11:00:00", 21), None), "ended", None),
        ("ERRORED", (None, None), "never_started", 0),
        ("OFFLINE", (None, at("11:00:00", 21)), "never_started", 0),
        ("LIVE", (at("10:00:00", 21), at("11:00:00", 21)), "ended", 3600),
    ],
)
def test_state_of_a_session(status: str, times: tuple[str | None, str | None], state: str, seconds: int | None) -> None:
    invoked = {"invoked_time": at("10:59:00", 21)}
    result = report(found(livestream(session(*times, **invoked), status=status)))
    room = result["rooms"][0]
    (only,) = room["sessions"]
    assert (only["state"], only["on_air_seconds"]) == (state, seconds)
    assert room["is_on_air"] is (state == "on_air")
    is_over = state in ("ended", "never_started")
    assert (only["is_final"], only["ingest_seconds"] is not None, result["total"]["sessions_not_final"]) == (is_over, is_over, not is_over)


def test_only_the_newest_session_of_a_livestream_can_be_on_air() -> None:
    lost, current = session(at("09:00:00"), None, "lost"), session(at("11:00:00", 21), None, "now")
    result = report(found(livestream(current, lost, status="LIVE")))
    assert [(each["id"], each["state"]) for each in result["rooms"][0]["sessions"]] == [("lost", "ended"), ("now", "on_air")]
    assert result["rooms"][0]["stopped"] is None


@pytest.mark.parametrize(
    ("ago", "numbers", "wait"),
    [
        (10, (60, 60), 40),
        (49.2, (60, 60), 1),
        (50, (60, 60), 0),
        (3600, (60, 60), 0),
        (-5, (60, 60), 50),
        (10, (60, None), 40),
        (10, (60, 61), 0),
        (10, (3600, 60), 0),
        (10, (None, None), 0),
    ],
)
def test_60_seconds_are_read_again_only_right_after_the_end(ago: float, numbers: tuple[Any, Any], wait: int) -> None:
    ended = session(at("11:00:00", 21), at("11:59:00", 21), ingest_seconds=numbers[0], viewer_seconds=numbers[1])
    now = NOW - 60 + ago
    first = report(found(livestream(ended)), now=now)
    assert (first["settle_seconds"], first["unsettled"]) == (wait, [{"title": "Stage"}] if wait else [])
    assert first["rooms"][0]["sessions"][0]["is_final"] is not bool(wait)
    if wait:
        assert first["total"]["ingest_seconds"] == 0
        real = found(livestream({**ended, "ingest_seconds": 3540, "viewer_seconds": 7}))
        second = report(found(livestream(ended)), {"meetings": real["meetings"][:1]}, now=now + wait)
        assert (second["total"]["ingest_seconds"], second["total"]["viewer_seconds"]) == (3540, 7)
        failed = {"meetings": [{**real["meetings"][0], "livestreams": None, "error": {"message": "No", "status": 500}}]}
        kept = report(found(livestream(ended)), failed, now=now + wait - 0.5)
        assert (kept["rooms"][0]["error"], kept["total"]["sessions_not_final"]) == (None, 1)


@pytest.mark.parametrize(("numbers", "is_final"), [((60, 60), False), ((3600, 60), True), ((None, None), True)])
def test_session_whose_end_is_unknown_has_60_seconds_that_are_not_real(numbers: tuple[Any, Any], is_final: bool) -> None:
    """It is not read again, because no one knows when that would help."""
    lost = session(at("09:00:00"), None, ingest_seconds=numbers[0], viewer_seconds=numbers[1])
    result = report(found(livestream(lost, status="ERRORED")))
    assert (result["rooms"][0]["sessions"][0]["is_final"], result["settle_seconds"]) == (is_final, 0)


def test_room_that_failed_hides_no_other() -> None:
    result = found(yard=[livestream(session(at("09:00:00"), at("10:00:00")))])
    error = {"message": "No", "status": 403}
    result["meetings"][0] = {"meetings": A, "title": "Stage", "meeting_id": None, "livestreams": None, "error": error}
    stage, yard = report(result)["rooms"]
    assert (stage["error"], stage["ingest_seconds"], yard["error"], yard["ingest_seconds"]) == ("No (HTTP 403)", None, None, 3600)
    assert report(result)["total"]["rooms_failed"] == 1
    assert report(result)["failure"] == "1 of 2 rooms could not be read. The stage: No (HTTP 403)."
    result["meetings"][0]["error"]["status"] = None
    assert report(result)["rooms"][0]["error"] == "No"


def test_task_that_failed_as_one_fails_every_room() -> None:
    result = report({"failed": True, "msg": "api_token is needed"})
    assert [room["error"] for room in result["rooms"]] == ["api_token is needed"] * 2
    assert not result["is_known"]


def test_sessions_that_could_not_be_read_are_none() -> None:
    assert report(found({"id": "l1", "status": "OFFLINE", "sessions": None}))["rooms"][0]["sessions"] == []


def test_times_that_are_unknown_leave_out_nothing() -> None:
    strange = session("soon", None, started_time="2026-02-31T00:00:00Z")
    (only,) = report(found(livestream(strange)))["rooms"][0]["sessions"]
    assert (only["state"], only["on_air_seconds"]) == ("never_started", 0)


@pytest.mark.parametrize("strange", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 1_790_000_000, True])
@pytest.mark.parametrize("key", ["invoked_time", "started_time", "stopped_time", "created_at"])
def test_what_is_no_time_is_unknown(key: str, strange: Any) -> None:
    """Some programs write "never" as the year 1."""
    one, two = session(at("09:00:00"), at("10:00:00"), **{key: strange}), session(at("11:00:00"), at("12:00:00"), "s2")
    result = report(found(livestream(one, two)))["rooms"][0]["sessions"]
    assert {each["id"] for each in result} == {"s1", "s2"}
    assert strange not in [each[time] for each in result for time in ("invoked", "started", "stopped")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"end_time": "0001-01-01T00:00:00Z"}, "broadcast_report_end is '0001-01-01T00:00:00Z': it must be a date and time such as"),
        ({"price": 10**400}, "broadcast_price_per_minute is 1000"),
        ({"start_time": "2026-11-20"}, "broadcast_report_start is '2026-11-20': it must be a date and time such as"),
        ({"end_time": "2026-11-20 10:00:00+00:00"}, "broadcast_report_end is '2026-11-20 10:00:00+00:00': it must be"),
        ({"start_time": "2026-11-21T00:00:00Z", "end_time": "2026-11-20T00:00:00Z"}, "is later than broadcast_report_end"),
        ({"price": "a lot"}, "broadcast_price_per_minute is 'a lot': it must be a number from 0, such as 0.01"),
        ({"price": -1}, "broadcast_price_per_minute is -1"),
        ({"price": "nan"}, "broadcast_price_per_minute is 'nan'"),
        ({"price": "inf"}, "broadcast_price_per_minute is 'inf'"),
        ({"price": True}, "broadcast_price_per_minute is True"),
        ({"price": [1]}, "broadcast_price_per_minute is [1]"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any], words: str) -> None:
    assert words in report(**options)["refusal"]


@pytest.mark.parametrize("time_zone", ["Europe/Atlantis", "../etc/passwd", "", "\0"])
def test_time_zone_that_is_unknown_is_refused(time_zone: str) -> None:
    assert "the controller does not know this time zone" in report(time_zone=time_zone)["refusal"]


@pytest.mark.parametrize(("price", "cost"), [("", None), (None, None), (0, 0), ("0.5", 30), (0.0101, 0.61)])
def test_cost_is_reported_only_with_a_price(price: Any, cost: float | None) -> None:
    result = report(found(livestream(session(at("09:00:00"), at("10:00:00")))), price=price)
    assert (result["refusal"], result["total"]["cost"]) == ("", cost)


def test_period_that_is_given_is_sent_in_utc() -> None:
    options = {"start_time": "2026-11-20T00:00:00+01:00", "end_time": "2026-11-21T00:00:00.5Z"}
    assert report(**options)["period"] == {"start": "2026-11-19T23:00:00Z", "end": "2026-11-21T00:00:00Z"}


def test_time_is_that_of_the_controller() -> None:
    start = event_report(ROOMS)["period"]["start"]
    age = datetime.now(timezone.utc) - datetime.fromisoformat(start.replace("Z", "+00:00"))
    assert 48 * 3600 - 5 <= age.total_seconds() <= 48 * 3600 + 600

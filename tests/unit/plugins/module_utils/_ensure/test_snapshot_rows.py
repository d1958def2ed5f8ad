# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields that a row needs to decide its meeting."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import read_lists
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import ERRORED, INVOKED, LIVE, by_status, meeting, page, row, stream
from ansible_collections.streamops.realtimekit.tests.unit.fakes import OLD, STREAM_KEY, Clock, FakeAPI, build_livestreams

NONE = page()


def read(api: FakeAPI, clock: Clock, count: int, **options: Any) -> dict[int, Any]:
    """The number of each meeting that the lists settle, with the status that they show, or None.

    A livestream may be missed, so each list is read once, and its count is believed.
    """
    states = read_lists(build_livestreams(api, clock), [meeting(number) for number in range(count)], **{"may_miss": True, **options})
    return {int(meeting_id[-4:]): state and state["status"] for meeting_id, state in states.items()}


def without(number: int, *fields: str) -> dict[str, Any]:
    return {key: value for key, value in row(number, stream_key=STREAM_KEY).items() if key not in fields}


@pytest.mark.parametrize("field", ["meeting_id", "status"])
def test_rows_without_meeting_or_status_leave_open_what_they_do_not_show(clock: Clock, field: str) -> None:
    """Any row may be of any meeting, so no further list is read."""
    api = FakeAPI(NONE, page(row(0), without(1, field)))
    assert read(api, clock, 3) == {0: "LIVE"}
    assert api.requests == [INVOKED, LIVE]


def test_independent_livestream_leaves_nothing_open(clock: Clock) -> None:
    """It has no meeting, and says so."""
    api = FakeAPI(NONE, page(row(0), row(7, meeting_id=None)), NONE)
    assert read(api, clock, 2) == {0: "LIVE", 1: None}


def test_rows_without_meeting_are_matched_by_the_livestreams_that_are_known(clock: Clock) -> None:
    bare = [{"id": stream(number)["id"], "status": "LIVE"} for number in (0, 7)]
    api = FakeAPI(NONE, page(*bare), NONE)
    known = {meeting(number): normalize(row(number, "INVOKED")) for number in range(3)}
    assert read(api, clock, 3, known=known) == {0: "LIVE", 1: None, 2: None}
    assert api.requests == [INVOKED, LIVE, ERRORED]


def test_rows_without_a_status_leave_open_what_is_known_as_well(clock: Clock) -> None:
    api = FakeAPI(NONE, page({"id": stream(0)["id"], "meeting_id": meeting(0)}))
    known = {meeting(number): normalize(row(number, "INVOKED")) for number in range(3)}
    assert read(api, clock, 3, known=known) == {}
    assert api.requests == [INVOKED, LIVE]


def test_meeting_in_a_row_counts_more_than_the_livestream_that_is_known(clock: Clock) -> None:
    api = FakeAPI(NONE, page(row(0, meeting_id=meeting(1))), NONE)
    assert read(api, clock, 2, known={meeting(0): normalize(row(0))}) == {0: None, 1: "LIVE"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row(0, playback_url="https://x", stream_key=STREAM_KEY)], {0: "LIVE", 1: None}),
        ([row(0, playback_url=None, stream_key=STREAM_KEY)], {0: "LIVE", 1: None}),
        ([row(0, playback_url="https://x")], {1: None}),
        ([without(0, "playback_url")], {1: None}),
        ([without(0, "stream_key")], {1: None}),
        ([without(0, "name")], {0: "LIVE", 1: None}),
        ([row(0, playback_url=None, stream_key=STREAM_KEY), without(7, "playback_url")], {1: None}),
        ([row(0, playback_url="https://x", stream_key=STREAM_KEY), without(7, "playback_url")], {0: "LIVE", 1: None}),
    ],
    ids=[
        "has all",
        "has none, and says so",
        "key is null",
        "left out",
        "key left out",
        "left out, not needed",
        "null where another row leaves it out",
        "has it where another row leaves it out",
    ],
)
def test_row_that_lacks_what_is_needed_leaves_its_meeting_open(clock: Clock, rows: list[dict[str, Any]], found: dict[int, Any]) -> None:
    """A field that every row has may be null. But a list may keep the stream key back."""
    api = FakeAPI(NONE, page(*rows), NONE)
    assert read(api, clock, 2, needs={"playback_url", "stream_key"}) == found
    assert api.requests == [INVOKED, LIVE, ERRORED]


def test_row_need_not_have_what_is_known(clock: Clock) -> None:
    known = {meeting(0): normalize(row(0, stream_key=STREAM_KEY, playback_url="https://x")), meeting(1): normalize(row(1))}
    bare = [without(number, "playback_url", "stream_key") for number in (0, 1)]
    api = FakeAPI(NONE, page(*bare))
    assert read(api, clock, 2, needs={"playback_url", "stream_key"}, known=known) == {0: "LIVE"}
    assert api.requests == [INVOKED, LIVE]


def test_started_one_that_lacks_what_is_needed_stays_open_beside_a_failed_one(clock: Clock) -> None:
    """The meeting is on air, so the failed livestream that has every field must not stand for it."""
    api = FakeAPI(NONE, page(without(0, "playback_url")), page(row(0, "ERRORED", playback_url="https://x")))
    assert read(api, clock, 2, needs={"playback_url"}) == {1: None}


@pytest.mark.parametrize(
    ("lists", "requests"),
    [
        ([[row(0, "INVOKED", playback_url="https://x")], [without(0, "playback_url")], []], [INVOKED, LIVE, ERRORED]),
        ([[], [without(0, "playback_url"), row(0, id=OLD, playback_url="https://x")], []], [INVOKED, LIVE, ERRORED]),
        ([[], [row(0, id=OLD, playback_url="https://x"), without(0, "playback_url")], []], [INVOKED, LIVE, ERRORED]),
        ([[without(0, "playback_url")], [row(0, playback_url="https://x")], []], [INVOKED, LIVE, ERRORED]),
    ],
    ids=["found before", "again behind it", "again in front of it", "found later"],
)
def test_row_that_lacks_what_is_needed_takes_its_meeting_out_for_good(
    clock: Clock, lists: list[list[dict[str, Any]]], requests: list[Any]
) -> None:
    """Another row of the meeting does not bring it back."""
    lists = [[{**each, "status": status} for each in rows] for status, rows in zip(("INVOKED", "LIVE", "ERRORED"), lists)]
    api = FakeAPI(*[page(*rows) for rows in lists])
    assert read(api, clock, 2, needs={"playback_url"}) == {1: None}
    assert api.requests == requests


@pytest.mark.parametrize("settle", [0.0, 2.0])
def test_second_reading_does_not_bring_it_back_either(clock: Clock, settle: float) -> None:
    lists = [NONE, page(without(0, "playback_url")), NONE, NONE], [NONE, page(row(0, playback_url="https://x")), NONE, NONE]
    api = FakeAPI(*lists[0], *(lists[1] if settle else lists[1][1:3]))
    assert read(api, clock, 6, needs={"playback_url"}, may_miss=False, settle=settle) == dict.fromkeys(range(1, 6))
    live = [LIVE, by_status("LIVE", 2)]
    assert api.requests == [INVOKED, *live, ERRORED, *([INVOKED, *live, ERRORED] if settle else live)]


def test_lists_whose_rows_lack_their_meeting_are_not_read_again(clock: Clock) -> None:
    """No second reading could settle a meeting."""
    api = FakeAPI(NONE, page(row(0), without(7, "meeting_id")), NONE)
    assert read(api, clock, 12, may_miss=False, settle=2.0) == {0: "LIVE"}
    assert api.requests == [INVOKED, LIVE]
    assert clock.sleeps == []

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a snapshot is taken, which meetings it proves to exist, and what is still read with it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import LISTS_FROM, Snapshot, take_snapshot
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ApiError, InterruptError, NotFoundError
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import (
    ERRORED,
    INVOKED,
    LIVE,
    by_status,
    meeting,
    meetings_page,
    page,
    row,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import FakeApp, rooms
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    NONE_ACTIVE,
    OLD,
    STREAM_KEY,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    build_livestreams,
    dropped,
    livestream,
    ok,
    prove,
    read,
    refusal,
)

NONE = page()
NO_LIVESTREAMS = [NONE] * 3
LISTS = [INVOKED, LIVE, ERRORED]


def ids(count: int) -> list[str]:
    return [meeting(number) for number in range(count)]


def take(api: FakeAPI, clock: Clock, count: int, **options: Any) -> Snapshot:
    return take_snapshot(build_livestreams(api, clock, retries=0), ids(count), **options)


@pytest.mark.parametrize("count", [0, 1, LISTS_FROM - 1])
def test_few_meetings_are_not_looked_for_in_the_lists(clock: Clock, count: int) -> None:
    assert take(FakeAPI(), clock, count, must_exist=True) == Snapshot({}, ())


def test_ten_meetings_are_looked_for_in_the_lists(clock: Clock) -> None:
    api = FakeApp({**rooms(LISTS_FROM), meeting(3): rooms(4, "LIVE")[meeting(3)]})
    snapshot = take(api, clock, LISTS_FROM)
    live = normalize(row(3))
    assert snapshot == Snapshot({**dict.fromkeys(ids(LISTS_FROM)), meeting(3): live}, ())
    pages = [LIVE, by_status("LIVE", 2)]
    assert api.requests == [INVOKED, *pages, ERRORED, *pages]


FAILING: dict[str, Answer] = {"401": refusal(401), "422": refusal(422), "500": Reply(500), "302": Reply(302), "lost": dropped()}


@pytest.mark.parametrize("position", range(3))
@pytest.mark.parametrize("answer", FAILING.values(), ids=FAILING)
def test_lists_that_cannot_be_read_show_nothing(clock: Clock, answer: Answer, position: int) -> None:
    """The read of each meeting decides, or fails with its own message."""
    api = FakeAPI(*[NONE] * position, answer)
    assert take(api, clock, LISTS_FROM) == Snapshot()
    assert api.requests == LISTS[: position + 1]


def test_interrupted_snapshot_shows_nothing(clock: Clock) -> None:
    livestreams = build_livestreams(FakeAPI(), clock)
    livestreams.client.interrupt()
    assert take_snapshot(livestreams, ids(20)) == Snapshot()


def test_needed_fields_are_asked_of_the_rows(clock: Clock) -> None:
    api = FakeApp(rooms(LISTS_FROM, "LIVE"))
    assert take(api, clock, LISTS_FROM, needs={"stream_key"}) == Snapshot({}, ())
    assert set(take(api, clock, LISTS_FROM, needs={"name"}).states) == set(ids(LISTS_FROM))


@pytest.mark.parametrize("may_miss", [True, False])
def test_list_of_several_pages_is_read_once_if_a_livestream_may_be_missed(clock: Clock, may_miss: bool) -> None:
    others = {meeting(number): room for number, room in enumerate(rooms(3, "LIVE").values(), start=100)}
    api = FakeApp({**rooms(LISTS_FROM), **others})
    api.page_size = 2
    assert take(api, clock, LISTS_FROM, **({"may_miss": True} if may_miss else {})).states == dict.fromkeys(ids(LISTS_FROM))
    pages = [by_status("LIVE", number) for number in (1, 2, 3)]
    assert api.requests == ([*pages[:2], INVOKED, *pages[:2], ERRORED] if may_miss else [INVOKED, *pages, ERRORED, *pages])
    assert sum(clock.sleeps) == 0


def test_lists_are_read_again_once_they_have_settled(clock: Clock) -> None:
    """The second reading shows what the first one could not."""
    api = FakeAPI(NONE, NONE, NONE, page(row(3, "INVOKED")), NONE, NONE, NONE)
    assert take(api, clock, LISTS_FROM, settle=2.0).states == {**dict.fromkeys(ids(LISTS_FROM)), meeting(3): normalize(row(3, "INVOKED"))}
    assert api.requests == [*LISTS, INVOKED, by_status("INVOKED", 2), LIVE, ERRORED]
    assert clock.sleeps == [2.0]


# Existence


def test_existence_is_not_looked_for_unless_it_matters(clock: Clock) -> None:
    api = FakeApp(rooms(20))
    assert take(api, clock, 20).existing == ()
    assert api.requests == LISTS


def test_meetings_without_a_livestream_are_looked_for_in_their_list(clock: Clock) -> None:
    api = FakeApp({meeting(number): room for number, room in enumerate(rooms(20).values()) if number not in (3, 4)})
    snapshot = take(api, clock, 20, must_exist=True)
    assert snapshot.states == dict.fromkeys(ids(20))
    assert snapshot.existing == set(ids(20)) - {meeting(3), meeting(4)}
    assert api.requests == [*LISTS, meetings_page()]


LIVE_TWICE = [INVOKED, LIVE, by_status("LIVE", 2), ERRORED, LIVE, by_status("LIVE", 2)]


@pytest.mark.parametrize(("idle", "requests"), [(LISTS_FROM - 1, LIVE_TWICE), (LISTS_FROM, [*LIVE_TWICE, meetings_page()])])
def test_meeting_with_a_livestream_exists(clock: Clock, idle: int, requests: list[Any]) -> None:
    """So only those without one are looked for, and a few of these are asked for one by one."""
    api = FakeApp({**rooms(20), **dict(list(rooms(20, "LIVE").items())[idle:])})
    snapshot = take(api, clock, 20, must_exist=True)
    assert snapshot.existing == (set(ids(idle)) if idle >= LISTS_FROM else ())
    assert api.requests == requests


def listed(*numbers: int, end: int, total: int) -> Reply:
    return page(*[{"id": meeting(number)} for number in numbers], end=end, total=total)


@pytest.mark.parametrize(
    ("pages", "existing"),
    [
        ([listed(*range(10), end=10, total=990)], 10),
        ([listed(*range(10), end=10, total=-1)], 10),
        ([listed(*range(9), end=9, total=9 + 9 * 2)], 9),
        ([listed(*range(5), end=5, total=5 + 5 * 5), listed(*range(5, 10), end=10, total=30)], 10),
        ([listed(*range(5), end=5, total=5 + 5 * 6)], 5),
        ([refusal(404)], 0),
    ],
    ids=["all found", "all found, without paging", "two pages for one", "five pages for five", "six pages for five", "no meetings at all"],
)
def test_list_of_meetings_is_read_while_it_is_cheaper_than_single_requests(clock: Clock, pages: list[Reply], existing: int) -> None:
    api = FakeAPI(*NO_LIVESTREAMS, *pages)
    assert take(api, clock, LISTS_FROM, must_exist=True) == Snapshot(dict.fromkeys(ids(LISTS_FROM)), set(ids(existing)))
    assert api.requests == [*LISTS, *[meetings_page(number) for number in range(1, len(pages) + 1)]]


def test_list_of_meetings_is_read_to_its_end(clock: Clock) -> None:
    api = FakeAPI(*NO_LIVESTREAMS, listed(*range(6), end=6, total=8), listed(6, 7, end=8, total=8))
    assert take(api, clock, LISTS_FROM, must_exist=True).existing == set(ids(8))


@pytest.mark.parametrize("answer", FAILING.values(), ids=FAILING)
def test_list_of_meetings_that_cannot_be_read_proves_nothing_and_loses_no_states(clock: Clock, answer: Answer) -> None:
    api = FakeAPI(*NO_LIVESTREAMS, answer)
    assert take(api, clock, LISTS_FROM, must_exist=True) == Snapshot(dict.fromkeys(ids(LISTS_FROM)), set())
    assert api.requests == [*LISTS, meetings_page()]


def test_list_of_meetings_that_fails_on_its_second_page_proves_what_the_first_has_shown(clock: Clock) -> None:
    api = FakeAPI(*NO_LIVESTREAMS, listed(*range(6), end=6, total=12), Reply(500))
    assert take(api, clock, LISTS_FROM, must_exist=True) == Snapshot(dict.fromkeys(ids(LISTS_FROM)), set(ids(6)))
    assert api.requests == [*LISTS, meetings_page(), meetings_page(2)]


# The remaining reads


def read_one(livestreams: Livestreams, snapshot: Snapshot, **options: Any) -> str | None:
    state = snapshot.read(livestreams, MEETING, **options)
    return state and state["id"]


@pytest.mark.parametrize("must_exist", [False, True])
def test_meeting_with_a_livestream_is_not_read(clock: Clock, must_exist: bool) -> None:
    snapshot = Snapshot({MEETING: normalize(livestream(OLD))})
    assert read_one(build_livestreams(FakeAPI(), clock), snapshot, must_exist=must_exist) == OLD


@pytest.mark.parametrize(
    ("existing", "must_exist", "requests"), [((), False, []), ((MEETING,), True, []), ((), True, [prove()]), ((OLD,), True, [prove()])]
)
def test_meeting_without_a_livestream_is_proved_unless_it_was_listed(
    clock: Clock, existing: Any, must_exist: bool, requests: list[Any]
) -> None:
    api = FakeAPI(ok({}))
    assert read_one(build_livestreams(api, clock), Snapshot({MEETING: None}, existing), must_exist=must_exist) is None
    assert api.requests == requests


def test_meeting_that_is_not_there_is_an_error(clock: Clock) -> None:
    with pytest.raises(NotFoundError):
        read_one(build_livestreams(FakeAPI(NONE_ACTIVE), clock), Snapshot({MEETING: None}), must_exist=True)


@pytest.mark.parametrize(
    ("answers", "must_exist", "requests"),
    [
        ([ok(livestream(OLD, stream_key=STREAM_KEY))], True, [read()]),
        ([NONE_ACTIVE], False, [read()]),
        ([NONE_ACTIVE, ok({})], True, [read(), prove()]),
    ],
)
def test_meeting_that_the_lists_leave_open_is_read(clock: Clock, answers: list[Answer], must_exist: bool, requests: list[Any]) -> None:
    api = FakeAPI(*answers)
    found = read_one(build_livestreams(api, clock), Snapshot({meeting(9): None}), **({"must_exist": True} if must_exist else {}))
    assert found == (OLD if len(requests) == 1 and must_exist else None)
    assert api.requests == requests


def test_nothing_is_read_once_the_token_is_refused(clock: Clock) -> None:
    api = FakeAPI(refusal(401))
    livestreams = build_livestreams(api, clock)
    for _unused in range(2):
        with pytest.raises(ApiError, match="401"):
            Snapshot().read(livestreams, MEETING)
    assert api.requests == [read()]


def test_nothing_is_read_once_a_write_is_refused_for_the_token(clock: Clock) -> None:
    """The result of the read could not be used."""
    livestreams = build_livestreams(FakeAPI(refusal(403)), clock)
    with pytest.raises(ApiError, match="403"):
        livestreams.stop(MEETING)
    with pytest.raises(ApiError, match="403"):
        Snapshot().read(livestreams, MEETING)


def test_nothing_is_read_once_the_task_is_interrupted(clock: Clock) -> None:
    livestreams = build_livestreams(FakeAPI(), clock)
    livestreams.client.interrupt()
    with pytest.raises(InterruptError):
        Snapshot().read(livestreams, MEETING)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests and results of each call to the API."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.paging import Page
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ApiError, LostAnswerError, NotFoundError
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    FULL,
    LIST_APPS,
    MEETING,
    NONE_ACTIVE,
    NULLS,
    OURS,
    PROVE_APP,
    STREAM_KEY,
    Clock,
    FakeAPI,
    Reply,
    Sent,
    build_livestreams,
    create,
    listing,
    ok,
    prove,
    read,
    refusal,
    start,
    stop,
)

ONE = ("GET", f"/livestreams/{OURS}", {}, None)
SESSION = ("GET", f"/livestreams/{OURS}/active-livestream-session", {}, None)


CALLS: dict[str, tuple[Callable[[Livestreams], Any], Reply, Sent, Any]] = {
    "active": (lambda api: api.active(MEETING), ok(FULL), read(), FULL),
    "active without meeting": (lambda api: api.active(MEETING), ok({**FULL, "meeting_id": None}), read(), FULL),
    "active of another meeting": (lambda api: api.active(MEETING), ok({**FULL, "meeting_id": "x"}), read(), {**FULL, "meeting_id": "x"}),
    "active beside its session": (lambda api: api.active(MEETING), ok({"livestream": FULL, "session": {"id": "s"}}), read(), FULL),
    "active as a result": (lambda api: api.active(MEETING), Reply(200, {"result": FULL}), read(), FULL),
    "start": (
        lambda api: api.start(MEETING),
        ok({"id": OURS, "status": "INVOKED"}, 201),
        start(),
        {**NULLS, "id": OURS, "status": "INVOKED", "meeting_id": MEETING},
    ),
    "start with all": (
        lambda api: api.start(MEETING, name="Main", video_config={"width": 1, "height": 2}),
        ok({"id": OURS, "name": "Theirs"}, 201),
        start(name="Main", video_config={"width": 1, "height": 2}),
        {**NULLS, "id": OURS, "name": "Theirs", "meeting_id": MEETING},
    ),
    "start with a name": (
        lambda api: api.start(MEETING, name="Main"),
        ok({"id": OURS}, 201),
        start(name="Main"),
        {**NULLS, "id": OURS, "name": "Main", "meeting_id": MEETING},
    ),
    "stop": (lambda api: api.stop(MEETING), ok({"message": "Done."}), stop(), None),
    "stop without words": (lambda api: api.stop(MEETING), ok(None), stop(), None),
    "create": (lambda api: api.create("Main"), ok({"id": OURS}, 201), create("Main"), {**NULLS, "id": OURS, "name": "Main"}),
    "get": (lambda api: api.get(OURS), ok(FULL), ONE, FULL),
    "get beside its sessions": (lambda api: api.get(OURS), ok({**FULL, "sessions": [{"id": "s"}]}), ONE, FULL),
    "get inside": (lambda api: api.get(OURS), ok({"livestream": FULL, "sessions": []}), ONE, FULL),
}


@pytest.mark.parametrize(("call", "answer", "sent", "expected"), CALLS.values(), ids=CALLS)
def test_call(clock: Clock, call: Callable[[Livestreams], Any], answer: Reply, sent: Sent, expected: Any) -> None:
    api = FakeAPI(answer)
    assert call(build_livestreams(api, clock)) == expected
    assert api.requests == [sent]


# Answers that are none: a read is tried again, a write is uncertain.


ODD = {
    "null": (None, "something other than a livestream"),
    "a string": ("here", "something other than a livestream"),
    "a list": ([FULL], "something other than a livestream"),
    "null inside": ({"livestream": None}, "something other than a livestream"),
    "no id": ({"status": "LIVE"}, "a livestream that has no id"),
    "null id": ({"id": None, "status": "LIVE"}, "a livestream that has no id"),
    "empty id": ({"id": "", "status": "LIVE"}, "a livestream that has no id"),
    "number as id": ({"id": 7, "status": "LIVE"}, "a livestream that has no id"),
}
WITH_A_LIVESTREAM = {
    "GET": (lambda api: api.get(OURS), ONE),
    "create": (lambda api: api.create("Main"), create("Main")),
    "start": (lambda api: api.start(MEETING), start()),
}


@pytest.mark.parametrize(("data", "words"), ODD.values(), ids=ODD)
@pytest.mark.parametrize(("call", "sent"), WITH_A_LIVESTREAM.values(), ids=WITH_A_LIVESTREAM)
def test_odd_answer_is_lost(clock: Clock, call: Callable[[Livestreams], Any], sent: Sent, data: Any, words: str) -> None:
    api = FakeAPI(*[ok(data)] * 3)
    with pytest.raises(LostAnswerError) as caught:
        call(build_livestreams(api, clock, retries=2))
    assert str(caught.value) == f"{sent[0]} {sent[1]}: answered 200 with {words}"
    assert api.requests == [sent] * (3 if sent[0] == "GET" else 1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("here", "something other than a livestream"),
        (7, "something other than a livestream"),
        (["here"], "something other than a livestream"),
        ([FULL, None], "something other than a livestream"),
        ({"livestream": None}, "something other than a livestream"),
        ({"id": OURS}, "a livestream that has no status"),
        ({"id": OURS, "status": None}, "a livestream that has no status"),
        ({"id": OURS, "status": 1}, "a livestream that has no status"),
        ({"status": "LIVE"}, "a livestream that has no id"),
        ({"id": 7, "status": "ERRORED"}, "a livestream that has no id"),
    ],
)
def test_active_livestream_that_is_none_of_the_dialects_is_lost(clock: Clock, data: Any, words: str) -> None:
    """Nor does it count as "none active": a livestream may run."""
    with pytest.raises(LostAnswerError) as caught:
        build_livestreams(FakeAPI(ok(data)), clock, retries=0).active(MEETING)
    assert str(caught.value) == f"GET {read()[1]}: answered 200 with {words}"


def test_none_active_in_a_meeting_that_need_not_be_proved(clock: Clock) -> None:
    api = FakeAPI(NONE_ACTIVE)
    assert build_livestreams(api, clock).active(MEETING) is None
    assert api.requests == [read()]


def test_none_active_in_a_meeting_that_is_there(clock: Clock) -> None:
    api = FakeAPI(NONE_ACTIVE, ok({"id": MEETING}))
    assert build_livestreams(api, clock).active(MEETING, must_exist=True) is None
    assert api.requests == [read(), prove()]


def test_none_active_in_a_meeting_that_is_not_there(clock: Clock) -> None:
    with pytest.raises(NotFoundError, match=f"GET /meetings/{MEETING} answered 404"):
        build_livestreams(FakeAPI(NONE_ACTIVE, refusal(404)), clock).active(MEETING, must_exist=True)


LIVE_ONE, ERRORED_ONE, IDLE_ONE = ({"id": name, "status": name} for name in ("LIVE", "ERRORED", "IDLE"))


@pytest.mark.parametrize(
    ("rows", "active"),
    [
        ([LIVE_ONE], "LIVE"),
        ([ERRORED_ONE, LIVE_ONE], "LIVE"),
        ([LIVE_ONE, ERRORED_ONE], "LIVE"),
        ([IDLE_ONE, ERRORED_ONE], "ERRORED"),
        ([IDLE_ONE], None),
        ([{"livestream": LIVE_ONE}], "LIVE"),
    ],
)
def test_active_livestreams_may_be_a_list(clock: Clock, rows: list[Any], active: str | None) -> None:
    found = build_livestreams(FakeAPI(ok(rows)), clock).active(MEETING)
    assert (found and found["id"]) == active


@pytest.mark.parametrize("answer", [Reply(200, {"success": True}), ok(None), ok({}), ok([])], ids=["no data", "null", "object", "list"])
def test_none_active_may_be_said_by_leaving_it_out(clock: Clock, answer: Reply) -> None:
    assert build_livestreams(FakeAPI(answer), clock).active(MEETING) is None


NEEDS_DATA: dict[str, Callable[[Livestreams], Any]] = {
    "list": lambda livestreams: list(livestreams.find()),
    "get": lambda livestreams: livestreams.get(OURS),
    "sessions": lambda livestreams: livestreams.sessions(OURS),
    "start": lambda livestreams: livestreams.start(MEETING),
    "create": lambda livestreams: livestreams.create("studio"),
}


def test_stop_needs_no_data(clock: Clock) -> None:
    """The reference makes ``data`` optional, and the success says enough."""
    build_livestreams(FakeAPI(Reply(200, {"success": True})), clock).stop(MEETING)


@pytest.mark.parametrize("call", NEEDS_DATA.values(), ids=NEEDS_DATA)
def test_no_data_says_nothing_elsewhere(clock: Clock, call: Callable[[Livestreams], Any]) -> None:
    """An empty list would have everything created again."""
    with pytest.raises(LostAnswerError):
        call(build_livestreams(FakeAPI(Reply(200, {"success": True})), clock, retries=0))


@pytest.mark.parametrize("status", ["IDLE", "OFFLINE", "PAUSED", "live"])
def test_livestream_that_is_not_active_is_none(clock: Clock, status: str) -> None:
    assert build_livestreams(FakeAPI(ok({**FULL, "status": status})), clock).active(MEETING) is None


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (FULL, {STREAM_KEY}),
        ({"livestream": FULL, "session": {"stream_key": "another-key"}}, {STREAM_KEY, "another-key"}),
        ({**FULL, "sessions": [{"id": "s", "more": [None, {"stream_key": 12345}]}]}, {STREAM_KEY, "12345"}),
        ({**FULL, "stream_key": None}, set()),
        ({**FULL, "stream_key": ""}, set()),
        ({"status": "IDLE", "STREAM_KEY": "x"}, set()),
        (None, set()),
        ("odd", set()),
    ],
    ids=["plain", "beside its session", "deep inside", "null", "empty", "none", "no data", "odd"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_stream_keys_of_all_answers_are_noted(clock: Clock, method: str, data: Any, keys: set[str]) -> None:
    """Also those of an answer that cannot be used."""
    livestreams = build_livestreams(FakeAPI(ok(data)), clock, retries=0)
    with suppress(LostAnswerError):
        livestreams.get(OURS) if method == "GET" else livestreams.start(MEETING)
    assert livestreams.stream_keys == keys


def test_answer_with_too_many_levels_is_lost(clock: Clock) -> None:
    """From Python 3.12 on, the JSON parser allows more levels than a recursion."""
    levels = 3000
    body = '{"success": true, "data": ' + '{"x": ' * levels + "1" + "}" * levels + "}"
    with pytest.raises(LostAnswerError):
        build_livestreams(FakeAPI(Reply(200, body)), clock, retries=0).get(OURS)


def test_stream_keys_of_a_listing_are_noted(clock: Clock) -> None:
    livestreams = build_livestreams(FakeAPI(ok([FULL], paging={"end_offset": 1, "total_count": 1})), clock)
    assert [found["id"] for found in livestreams.find()] == [OURS]
    assert livestreams.stream_keys == {STREAM_KEY}


def test_answer_that_is_not_404_proves_the_meeting(clock: Clock) -> None:
    api = FakeAPI(ok(None))
    assert build_livestreams(api, clock).active(MEETING, must_exist=True) is None
    assert api.requests == [read()]


# Why it failed


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (ok({"livestream": FULL, "session": {"id": "s", "err_message": "No ingest."}}), "No ingest."),
        (ok({"livestream": FULL, "session": {"id": "s", "err_message": None}}), None),
        (ok({"livestream": FULL, "session": {"id": "s", "err_message": ""}}), None),
        (ok({"livestream": FULL, "session": {"id": "s"}}), None),
        (ok({"livestream": FULL, "session": None}), None),
        (ok({"livestream": FULL}), None),
        (ok({"livestream": FULL, "session": "none"}), None),
        (ok({"livestream": FULL, "sessions": [None, {"err_message": "No ingest."}, {"err_message": "Later."}]}), "No ingest."),
        (ok({"livestream": FULL, "session": {"err_message": 7}}), "7"),
        (ok({"livestream": FULL, "session": {"err_message": f"Key {'7' * 64}\nrefused"}}), "Key [hidden] refused"),
        (refusal(404, "No active session"), None),
    ],
)
def test_err_message(clock: Clock, answer: Reply, message: str | None) -> None:
    api = FakeAPI(answer)
    assert build_livestreams(api, clock).err_message(OURS) == message
    assert api.requests == [SESSION]


@pytest.mark.parametrize("data", [None, [], "none"], ids=str)
def test_err_message_in_an_odd_answer_is_lost(clock: Clock, data: Any) -> None:
    with pytest.raises(LostAnswerError, match="answered 200 with something other than a livestream with its sessions"):
        build_livestreams(FakeAPI(ok(data)), clock, retries=0).err_message(OURS)


def test_err_message_that_is_refused(clock: Clock) -> None:
    with pytest.raises(ApiError, match="answered 403"):
        build_livestreams(FakeAPI(refusal(403)), clock).err_message(OURS)


# Lists that answer 404


def test_empty_list_that_answers_404_is_empty_in_an_app_that_is_there(clock: Clock) -> None:
    api = FakeAPI(refusal(404), ok([]))
    assert list(build_livestreams(api, clock).find()) == []
    assert api.requests == [listing(), PROVE_APP]


def test_list_of_an_app_that_is_not_there(clock: Clock) -> None:
    api = FakeAPI(refusal(404), refusal(404), ok([]))
    livestreams = build_livestreams(api, clock)
    with pytest.raises(NotFoundError, match="GET /meetings answered 404") as caught:
        list(livestreams.find())
    assert livestreams.client.refusal is caught.value, "everything else would answer 404 as well"
    with pytest.raises(NotFoundError) as again:
        livestreams.create("Main")
    assert again.value is caught.value
    assert api.requests == [listing(), PROVE_APP, LIST_APPS]


@pytest.mark.parametrize(
    ("script", "sent"),
    [
        ([refusal(404), ok([]), refusal(404)], [listing(), PROVE_APP, listing()]),
        ([ok([], paging={"end_offset": 0, "total_count": 0}), refusal(404)], [listing(), listing()]),
    ],
    ids=["by another request", "by an empty list"],
)
def test_app_is_proved_once(clock: Clock, script: list[Reply], sent: list[Sent]) -> None:
    api = FakeAPI(*script)
    livestreams = build_livestreams(api, clock)
    assert [list(livestreams.find()) for _unused in range(2)] == [[], []]
    assert api.requests == sent


def test_empty_list_that_answers_404_is_a_separate_page(clock: Clock) -> None:
    api = FakeAPI(refusal(404), ok([]))
    assert list(build_livestreams(api, clock).pages(first_page=3)) == [Page([], number=3, sent_at=5000.0, is_missing=True)]
    assert api.requests == [listing(3), PROVE_APP]


def test_empty_list_that_answers_with_no_rows_is_not_missing(clock: Clock) -> None:
    (page,) = build_livestreams(FakeAPI(ok([])), clock).pages()
    assert (page.rows, page.is_missing) == ([], False)


def test_404_behind_the_last_page_is_not_a_page(clock: Clock) -> None:
    api = FakeAPI(ok([FULL], paging={"total_count": 1, "end_offset": 1}), refusal(404))
    pages = list(build_livestreams(api, clock).pages(to_the_end=True))
    assert [(page.number, page.is_missing) for page in pages] == [(1, False)]
    assert api.requests == [listing(1), listing(2)]


@pytest.mark.parametrize("to_the_end", [False, True])
def test_list_is_read_to_the_end_on_request(clock: Clock, to_the_end: bool) -> None:
    api = FakeAPI(ok([FULL], paging={"total_count": 1, "end_offset": 1}), ok([{**FULL, "id": "uncounted"}]), ok([]))
    found = [row["id"] for page in build_livestreams(api, clock).pages(status="LIVE", to_the_end=to_the_end) for row in page.rows]
    assert found == ([OURS, "uncounted"] if to_the_end else [OURS])
    assert api.requests == [listing(number, status="LIVE") for number in range(1, 4 if to_the_end else 2)]


# Whether the list exists


HAS_LIST = ("GET", "/livestreams", {"page_no": "1", "per_page": "1"}, None)


@pytest.mark.parametrize(
    ("answer", "has_list"),
    [(ok([FULL]), True), (ok([]), True), (ok("odd"), True), (Reply(200, {"success": True}), True), (refusal(404), False)],
    ids=["a row", "no rows", "something odd", "no data", "404"],
)
def test_list_is_there_unless_it_answers_404(clock: Clock, answer: Reply, has_list: bool) -> None:
    api = FakeAPI(answer)
    livestreams = build_livestreams(api, clock)
    assert livestreams.has_list() is has_list
    assert livestreams.client.refusal is None
    assert api.requests == [HAS_LIST]


def test_list_that_is_refused_is_neither_there_nor_not(clock: Clock) -> None:
    with pytest.raises(ApiError, match="GET /livestreams answered 403"):
        build_livestreams(FakeAPI(refusal(403)), clock).has_list()


# A page of the list


OTHER = {**FULL, "id": "other"}
BARE = {"id": "bare", "status": "IDLE"}


@pytest.mark.parametrize(
    ("rows", "omitted"),
    [
        ([FULL, OTHER], set()),
        ([FULL, {**OTHER, "stream_key": None, "name": None}], set()),
        ([FULL, {key: OTHER[key] for key in OTHER if key != "stream_key"}], {"stream_key"}),
        (
            [{key: FULL[key] for key in FULL if key != "name"}, {key: OTHER[key] for key in OTHER if key != "disabled"}],
            {"name", "disabled"},
        ),
        ([FULL, BARE], set(FULL) - {"id", "status"}),
        ([], set()),
    ],
    ids=["none", "null is not omitted", "key", "one each", "many", "no rows"],
)
def test_page_reports_which_fields_its_rows_lack(clock: Clock, rows: list[Any], omitted: set[str]) -> None:
    """A field that is null is known to be nothing; one that is omitted is not known."""
    api = FakeAPI(ok(rows, paging={"total_count": len(rows), "end_offset": len(rows)}))
    (page,) = build_livestreams(api, clock).pages()
    assert page.omitted == omitted
    assert [row["id"] for row in page.rows] == [row["id"] for row in rows]
    assert all(set(row) == set(FULL) for row in page.rows)


def test_page_without_the_rows_of_meetings_is_counted_as_it_came(clock: Clock) -> None:
    """By its size the pages behind it are counted, and those rows as well can lack a field."""
    answer = ok([{"id": "a", "meeting_id": "m"}, {**FULL, "id": "b", "meeting_id": None}], paging={"total_count": 6, "end_offset": 2})
    page = next(build_livestreams(FakeAPI(answer), clock).pages(exclude_meetings=True))
    assert [row["id"] for row in page.rows] == ["b"]
    assert (page.size, page.end, page.total, page.number, page.pages_left, page.sent_at) == (2, 2, 6, 1, 2, 5000.0)
    assert page.omitted == set(FULL) - {"id", "meeting_id"}


def test_proof_that_a_meeting_exists_has_no_error_after_it(clock: Clock) -> None:
    """Otherwise, the message of a later broken connection would have the words of the 404."""
    with pytest.raises(NotFoundError) as caught:
        build_livestreams(FakeAPI(NONE_ACTIVE, refusal(404)), clock).active(MEETING, must_exist=True)
    assert caught.value.__context__ is None

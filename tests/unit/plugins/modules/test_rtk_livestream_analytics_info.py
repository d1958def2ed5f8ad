# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rtk_livestream_analytics_info: what it sends and returns."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ApiError,
    InvalidInputError,
    LostAnswerError,
    NotFoundError,
)
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream_analytics_info
from ansible_collections.streamops.realtimekit.tests.unit.fake_ansible import run_as_module
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock, FakeAPI, Same, ok, refusal

SUMS = {"count": 3, "total_ingest_seconds": 10800, "total_viewer_seconds": 86400.5}
AS_TEXT = {"count": "3", "total_ingest_seconds": "10800", "total_viewer_seconds": "86400.5"}
DAYS = [{"date": "2026-11-20", **SUMS}, {"date": "2026-11-21", "count": 0, "total_ingest_seconds": 0, "total_viewer_seconds": 0}]


def asked(kind: str, **query: str) -> Any:
    return ("GET", f"/analytics/livestreams/{kind}", query, None)


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    """Return the result of the task, or raise its first error."""
    report = run_task(rtk_livestream_analytics_info, api, clock, **options)
    for outcome in report.outcomes:
        if outcome.error:
            raise outcome.error
    return report.returns


def test_sums_of_everything_take_one_request(clock: Clock) -> None:
    api = FakeAPI(ok(SUMS))
    assert run(api, clock) == {"analytics": SUMS}
    assert api.requests == [asked("overall")]


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ({"start_time": "2026-11-20T09:00:00Z"}, {"start_time": "1795165200"}),
        ({"end_time": "2026-11-20T10:00:00.999+01:00"}, {"end_time": "1795165200"}),
        (
            {"start_time": "2026-11-20T09:00:00Z", "end_time": "2026-11-20T09:00:00Z"},
            {"start_time": "1795165200", "end_time": "1795165200"},
        ),
        ({"start_time": "1970-01-01T00:00:00Z"}, {"start_time": "0"}),
    ],
)
def test_times_are_sent_in_unix_seconds(clock: Clock, options: dict[str, str], query: dict[str, str]) -> None:
    api = FakeAPI(ok(SUMS), ok(DAYS))
    assert run(api, clock, daily=True, **options) == {"analytics": SUMS, "days": DAYS}
    assert api.requests == [asked("overall", **query), asked("daywise", **query)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"start_time": "yesterday"}, "start_time is 'yesterday': it must be a date and time such as"),
        ({"end_time": "2026-11-20"}, "end_time is '2026-11-20': it must be"),
        ({"start_time": "1795165200"}, "start_time is '1795165200': it must be"),
        ({"start_time": "2026-02-31T00:00:00Z"}, "it must be a date and time"),
        ({"start_time": "2026-11-21T00:00:00Z", "end_time": "2026-11-20T00:00:00Z"}, "is later than end_time"),
    ],
)
def test_input_is_checked_before_anything_is_sent(clock: Clock, options: dict[str, str], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        run(FakeAPI(), clock, daily=True, **options)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (AS_TEXT, SUMS),
        ({"count": 3}, {"count": 3, "total_ingest_seconds": None, "total_viewer_seconds": None}),
        ({**SUMS, "total_viewer_seconds": "many"}, {**SUMS, "total_viewer_seconds": None}),
        ({**SUMS, "total_ingest_seconds": {"x": 1}, "more": 1}, {**SUMS, "total_ingest_seconds": None}),
        (dict.fromkeys(SUMS, 0), dict.fromkeys(SUMS, 0)),
        ({"count": 0, "total_ingest_seconds": None, "total_viewer_seconds": None}, dict.fromkeys(SUMS, 0)),
    ],
    ids=str,
)
def test_sums_have_one_shape(clock: Clock, raw: Any, shown: Any) -> None:
    returned = run(FakeAPI(ok(raw), ok([{"date": "2026-11-20", **raw}])), clock, daily=True)
    assert returned == {"analytics": shown, "days": [{"date": "2026-11-20", **shown}]}


@pytest.mark.parametrize("days", [[], None], ids=str)
def test_range_can_have_no_days(clock: Clock, days: Any) -> None:
    assert run(FakeAPI(ok(SUMS), ok(days)), clock, daily=True)["days"] == []


@pytest.mark.parametrize("data", [None, {}, [], "words", dict.fromkeys(SUMS), {"total": 3}], ids=str)
def test_answer_without_sums_is_an_error(clock: Clock, data: Any) -> None:
    with pytest.raises(LostAnswerError, match="analytics that have none of count, total_ingest_seconds, total_viewer_seconds"):
        run(Same(ok(data)), clock)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"2026-11-20": SUMS}, "something other than a list of days"),
        (["2026-11-20"], "a list in which a day has no date"),
        ([SUMS], "a list in which a day has no date"),
        ([{**SUMS, "date": ["2026-11-20"]}], "a list in which a day has no date"),
    ],
)
def test_answer_without_days_is_an_error(clock: Clock, data: Any, words: str) -> None:
    class Api(FakeAPI):
        def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
            return ok(data if "daywise" in path else SUMS)

    report = run_task(rtk_livestream_analytics_info, Api(), clock, daily=True)
    assert report.returns == {"analytics": SUMS, "days": None}
    first, second = (outcome.error for outcome in report.outcomes)
    assert first is None
    assert isinstance(second, LostAnswerError)
    assert words in str(second)


def test_refused_token_ends_the_task_with_one_request(clock: Clock) -> None:
    api = Same(refusal(401))
    report = run_task(rtk_livestream_analytics_info, api, clock, daily=True)
    assert api.requests == [asked("overall")]
    assert report.returns == {"analytics": None, "days": None}
    assert isinstance(report.outcomes[0].error, ApiError)
    assert "Not begun" in str(report.outcomes[1].error)


def test_app_that_does_not_exist(clock: Clock) -> None:
    with pytest.raises(NotFoundError):
        run(Same(refusal(404)), clock)


def test_module_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    options = {"api_token": "x", "account_id": "x", "app_id": "x", "start_time": "2026-11-20"}
    ran = run_as_module(monkeypatch, capsys, rtk_livestream_analytics_info.main, options)
    assert ran.failed
    assert ran.result["msg"] == "start_time is '2026-11-20': it must be a date and time such as 2026-11-20T09:00:00Z"

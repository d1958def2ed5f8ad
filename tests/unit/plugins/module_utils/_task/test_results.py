# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From outcomes to what a user sees: results, diffs, warnings and failures, and above all what is not seen."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Callable, Iterable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ApiError,
    InvalidInputError,
    NoEffectError,
    WaitTimeoutError,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.pacing import Forecast
from ansible_collections.streamops.realtimekit.plugins.module_utils._task import run as task_run
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.results import Report, build_entry, build_result
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.run import STREAM_KEY_SPEC, Task, run_module
from ansible_collections.streamops.realtimekit.tests.unit.fake_ansible import Ran, run_as_module
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OLD,
    OURS,
    STREAM_KEY,
    TOKEN,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    build_client,
    ok,
    refusal,
)

CONNECTION = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app_1"}
OLD_KEY = "4b1d-old-stream-key-of-the-unit-tests-09aa"
HIDDEN = "********"
NO_REQUESTS = {"requests": 0, "held_seconds": 0.0, "forecast_seconds": 0.0}

Show = Callable[..., Ran]


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    """End a module with these outcomes."""

    def end(
        *outcomes: Outcome,
        diff: bool = False,
        has_diff: bool = True,
        return_stream_key: bool = False,
        with_key: bool = True,
        more_keys: Iterable[str] = (),
        **returns: Any,
    ) -> Ran:
        def run(task: Task) -> Report:
            task.livestreams.stream_keys.update({STREAM_KEY, OLD_KEY, *more_keys})  # as if answers had brought them
            targets = [build_entry("target", outcome, with_key=with_key and return_stream_key) for outcome in outcomes]
            return Report(outcomes, lambda: {"targets": targets, **returns}, has_diff=has_diff)

        options = {**CONNECTION, "return_stream_key": return_stream_key}
        return run_as_module(monkeypatch, capsys, lambda: run_module(STREAM_KEY_SPEC, run), options, diff=diff)

    return end


def outcome(target: str = "a", *, changed: bool = False, error: Any = None, **fields: Any) -> Outcome:
    made = Outcome(target)
    made.changed = changed
    made.before = normalize({"id": OLD, "status": "LIVE", "stream_key": OLD_KEY})
    made.after = normalize({"id": OURS, "status": "INVOKED", "stream_key": STREAM_KEY, **fields})
    made.error = error
    return made


def shown(**fields: Any) -> dict[str, Any]:
    """A livestream as a result has it."""
    known = {key: value for key, value in normalize({"id": OURS, "status": "INVOKED"}).items() if key != "stream_key"}
    return {**known, **fields}


BEFORE = shown(id=OLD, status="LIVE")
FORBIDDEN = ApiError("POST", "/x", "No.", status=403, code=7, cf_ray="8f1c-FRA")
WAITED = WaitTimeoutError("Meeting c: not LIVE")
FORBIDDEN_SAID = (
    "POST /x answered 403 (code 7): No. The token is not allowed to do this. It needs the permission "
    "Realtime or Realtime Admin for this account, "
    "and RealtimeKit must be enabled there: check api_token and account_id"
)
FORBIDDEN_DETAILS = {"method": "POST", "path": "/x", "status": 403, "code": 7, "message": "No.", "cf_ray": "8f1c-FRA"}
WAITED_DETAILS = {"method": None, "path": None, "status": None, "code": None, "message": "Meeting c: not LIVE", "cf_ray": None}


def result(ran: Ran) -> dict[str, Any]:
    """The result without what ansible adds."""
    return {key: value for key, value in ran.result.items() if key not in ("invocation", "exception", "failed")}


@pytest.mark.parametrize("changed", [[], [False], [True], [False, True], [False, False]], ids=str)
def test_changed_if_any_is(show: Show, changed: list[bool]) -> None:
    ran = show(*[outcome(str(number), changed=each) for number, each in enumerate(changed)])
    assert (ran.failed, ran.result["changed"]) == (False, any(changed))


def test_result(show: Show) -> None:
    ran = show(outcome(changed=True, name="Main"), extra=7)
    assert result(ran) == {
        "changed": True,
        "targets": [{"target": "a", "changed": True, "livestream": shown(name="Main"), "error": None}],
        "extra": 7,
        "rate_limit": NO_REQUESTS,
    }
    assert ran.warnings == []


def build_rate_limit(clock: Clock, *script: Answer, planned: int = 0) -> dict[str, Any]:
    """Return the result after a read for each answer, with ``planned`` further requests."""
    client = build_client(FakeAPI(*script), clock, retries=0)
    for _unused in script:
        with suppress(ApiError):
            client.get(("meetings",), lambda payload: None)
    client.plan(planned)
    result = build_result(Report(()), None, client, is_unknown=False, with_diff=False)
    assert set(result) == {"changed", "rate_limit"}
    return dict(result["rate_limit"])


def test_rate_limit_counts_each_request(clock: Clock) -> None:
    assert build_rate_limit(clock, ok(1), refusal(404), refusal(500)) == {**NO_REQUESTS, "requests": 3}


def test_rate_limit_reports_for_how_long_the_task_held_back(clock: Clock) -> None:
    held = build_rate_limit(clock, Reply(200, {"data": 1}, {"Ratelimit": '"default";r=0;t=7'}), ok(2))
    assert held == {"requests": 2, "held_seconds": 7.0, "forecast_seconds": 0.0}


@pytest.mark.parametrize(("left", "seconds"), [(1000, 0.0), (5, 60.0)])
def test_rate_limit_reports_how_long_the_work_takes_at_the_least(clock: Clock, left: int, seconds: float) -> None:
    limit = {"Ratelimit": f'"default";r={left};t=60', "Ratelimit-Policy": '"default";q=1200;w=300'}
    forecast = build_rate_limit(clock, Reply(200, {"data": 1}, limit), planned=10)
    assert forecast == {"requests": 1, "held_seconds": 0.0, "forecast_seconds": seconds}


def test_seconds_are_reported_to_the_tenth(clock: Clock) -> None:
    client = build_client(FakeAPI(), clock)
    client._pacing._held, client._pacing.forecast = 61.44, Forecast(10, 1200, 300, 59.44)
    result = build_result(Report(()), None, client, is_unknown=False, with_diff=False)
    assert result["rate_limit"] == {"requests": 0, "held_seconds": 61.4, "forecast_seconds": 59.4}


def test_task_that_came_to_no_client_has_no_rate_limit() -> None:
    failure = InvalidInputError("no")
    result = build_result(Report(()), failure, None, is_unknown=False, with_diff=True)
    assert result == {"changed": False, "diff": {"before": {}, "after": {}}, "msg": "no", "error": failure.details()}


def test_nothing_is_null(show: Show) -> None:
    gone = outcome()
    gone.after = None
    assert show(gone).result["targets"][0]["livestream"] is None


# Failures


def test_one_failure(show: Show) -> None:
    ran = show(outcome("a", changed=True), outcome("b", error=FORBIDDEN))
    assert ran.failed
    assert result(ran) == {
        "changed": True,
        "msg": f"b: {FORBIDDEN_SAID}.",
        "error": FORBIDDEN_DETAILS,
        "targets": [
            {"target": "a", "changed": True, "livestream": shown(), "error": None},
            {"target": "b", "changed": False, "livestream": shown(), "error": FORBIDDEN_DETAILS},
        ],
        "rate_limit": NO_REQUESTS,
    }


def test_several_failures(show: Show) -> None:
    ran = show(outcome("a"), outcome("b", error=FORBIDDEN), outcome("c", error=WAITED, changed=True))
    assert ran.failed
    assert ran.result["msg"] == f"2 of 3 failed: b: {FORBIDDEN_SAID}; Meeting c: not LIVE"
    assert ran.result["error"] == FORBIDDEN_DETAILS
    assert ran.result["changed"] is True
    assert [target["error"] for target in ran.result["targets"]] == [None, FORBIDDEN_DETAILS, WAITED_DETAILS]


def test_words_of_several_failures_are_reported_once(show: Show) -> None:
    ran = show(outcome("a", error=FORBIDDEN), outcome("b", error=FORBIDDEN), outcome("c", error=WAITED))
    assert ran.result["msg"] == f"3 of 3 failed: {FORBIDDEN_SAID}; Meeting c: not LIVE"


def test_failure_without_a_request(show: Show) -> None:
    assert show(outcome("c", error=WAITED)).result["error"] == WAITED_DETAILS


def test_failure_that_follows_from_another_names_its_request(show: Show) -> None:
    ran = show(outcome("a", error=NoEffectError("Nothing came of it", FORBIDDEN)))
    assert ran.result["error"] == {**FORBIDDEN_DETAILS, "message": "Nothing came of it"}
    assert ran.result["msg"] == "Nothing came of it"


# Diff


def test_no_diff_unless_asked_for(show: Show) -> None:
    assert "diff" not in show(outcome(changed=True)).result
    assert "diff" not in show(outcome(changed=True), diff=True, has_diff=False).result


def test_diff(show: Show) -> None:
    """Unchanged livestreams are equal on both sides, even if another user has changed them."""
    created = outcome("created", changed=True)
    created.before = None
    stopped = outcome("stopped", changed=True)
    stopped.after = None
    ran = show(outcome("changed", changed=True), outcome("unchanged"), created, stopped, diff=True)
    assert ran.result["diff"] == {
        "before": {"changed": BEFORE, "unchanged": shown(), "created": None, "stopped": BEFORE},
        "after": {"changed": shown(), "unchanged": shown(), "created": shown(), "stopped": None},
    }


def test_diff_of_a_failure(show: Show) -> None:
    ran = show(outcome("a", changed=True, error=WAITED), diff=True)
    assert ran.failed
    assert ran.result["diff"] == {"before": {"a": BEFORE}, "after": {"a": shown()}}


def labeled(target: str, error: Any, label: str | None) -> Outcome:
    made = outcome(target, error=error, changed=True)
    made.label = label
    return made


def test_messages_name_a_target_as_the_task_does(show: Show) -> None:
    one = WaitTimeoutError("Meeting a: not LIVE.")
    assert show(labeled("a", one, "Stage")).result["msg"] == "Stage: Meeting a: not LIVE."
    assert show(labeled("a", one, "Meeting a")).result["msg"] == "Meeting a: not LIVE."
    several = show(labeled("a", one, "Stage"), labeled("b", FORBIDDEN, "Yard"), labeled("c", FORBIDDEN, "Barn"))
    assert several.result["msg"] == f"3 of 3 failed: Stage: Meeting a: not LIVE; {FORBIDDEN_SAID}"


def test_message_names_the_only_one_of_several_targets_that_failed(show: Show) -> None:
    refused = labeled("Hall", FORBIDDEN, None)
    assert show(refused).result["msg"] == f"{FORBIDDEN_SAID}."
    assert show(refused, outcome("Yard")).result["msg"] == f"Hall: {FORBIDDEN_SAID}."


@pytest.mark.parametrize(
    ("target", "named"),
    [("on", "on: "), ("403", ""), ("Hall\nYard", r"'Hall\nYard': "), ("x", "")],
    ids=["part of a word", "word", "lines", "path"],
)
def test_message_names_a_target_whose_name_is_no_word_of_it(show: Show, target: str, named: str) -> None:
    assert show(labeled(target, FORBIDDEN, None), outcome("Barn")).result["msg"] == f"{named}{FORBIDDEN_SAID}."


def test_warnings_and_the_diff_name_a_target_as_the_task_does(show: Show) -> None:
    made = labeled("a", None, "Stage")
    made.warnings = ["Meeting a: odd.", "Stage is odd."]
    ran = show(made, diff=True)
    assert ran.warnings == ["Stage: Meeting a: odd.", "Stage is odd."]
    assert ran.result["diff"] == {"before": {"Stage": BEFORE}, "after": {"Stage": shown()}}


# Secrets


def telling(**fields: Any) -> Outcome:
    """An outcome whose every text repeats a key, as the API's own words may."""
    words = f"rtmps://x/{STREAM_KEY}?was={OLD_KEY}"
    made = outcome(changed=True, name=f"Main {STREAM_KEY}", playback_url=f"https://play.test/{STREAM_KEY}", **fields)
    made.before["name"] = f"Main {OLD_KEY}"
    made.warnings.append(f"Odd: {words}")
    made.error = ApiError("POST", f"/{words}", words, status=422, code=words, cf_ray=words)
    return made


@pytest.mark.parametrize("diff", [False, True])
def test_key_is_nowhere(show: Show, diff: bool) -> None:
    ran = show(telling(), diff=diff)
    assert STREAM_KEY not in ran.text
    assert OLD_KEY not in ran.text
    words = f"rtmps://x/{HIDDEN}?was={HIDDEN}"
    assert ran.result["msg"] == f"POST /{words} answered 422 (code {words}): {words}"
    assert ran.result["error"] == {"method": "POST", "path": f"/{words}", "status": 422, "code": words, "message": words, "cf_ray": words}
    assert ran.warnings == [f"Odd: {words}"]
    assert ran.result["targets"][0]["livestream"] == shown(name=f"Main {HIDDEN}", playback_url=f"https://play.test/{HIDDEN}")
    if diff:
        assert ran.result["diff"]["before"]["a"] == {**BEFORE, "name": f"Main {HIDDEN}"}


def test_key_is_only_in_the_requested_places(show: Show) -> None:
    ran = show(telling(), diff=True, return_stream_key=True)
    assert ran.result["targets"][0]["livestream"]["stream_key"] == STREAM_KEY
    assert ran.text.count(STREAM_KEY) == 1
    assert OLD_KEY not in ran.text


def test_key_is_not_in_the_words_of_a_session(show: Show) -> None:
    made = outcome()
    made.after["sessions"] = [{"id": "s", "err_message": f"Lost rtmps://x/{STREAM_KEY}", "ingest_seconds": 7}]
    ran = show(made)
    assert STREAM_KEY not in ran.text
    assert ran.result["targets"][0]["livestream"]["sessions"] == [
        {"id": "s", "err_message": f"Lost rtmps://x/{HIDDEN}", "ingest_seconds": 7}
    ]


@pytest.mark.parametrize("longer", [f"{STREAM_KEY}-and-more", f"0-more-and-{STREAM_KEY}", f"z-more-and-{STREAM_KEY}"])
def test_key_that_has_another_one_in_it_is_hidden_whole(show: Show, longer: str) -> None:
    ran = show(outcome(error=WaitTimeoutError(f"rtmps://x/{longer}")), more_keys={longer})
    assert ran.result["msg"] == f"rtmps://x/{HIDDEN}"


def test_entry_can_leave_the_key_out(show: Show) -> None:
    ran = show(outcome(), return_stream_key=True, with_key=False)
    assert ran.result["targets"] == [{"target": "a", "changed": False, "livestream": shown(), "error": None}]


def test_livestream_without_a_key_is_shown_as_it_is(show: Show) -> None:
    ran = show(outcome(stream_key=None, name="********"), return_stream_key=True)
    assert ran.result["targets"][0]["livestream"] == shown(name="********", stream_key=None)


def test_secrets_are_registered_where_ansible_offers_it(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[str] = []
    monkeypatch.setattr(task_run, "register_secret", registered.append)
    other = outcome("b")
    other.after = None
    show(outcome(), outcome(), other)
    assert registered[0] == TOKEN
    assert sorted(registered[1:]) == sorted([TOKEN, STREAM_KEY, OLD_KEY])


def test_short_stream_key_is_not_registered(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ansible would hide it everywhere, and damage every id that contains it."""
    registered: list[str] = []
    monkeypatch.setattr(task_run, "register_secret", registered.append)
    show(outcome(), more_keys={"1a", "1234567", "12345678"})
    assert {STREAM_KEY, TOKEN, "12345678"} <= set(registered)
    assert not {"1a", "1234567"} & set(registered)

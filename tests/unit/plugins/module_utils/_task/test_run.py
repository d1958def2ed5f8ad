# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module from its options to its end, without a word of what must not be seen."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome, work_on
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.module_utils._http import client as http_client
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._task import run as task_run
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.results import Report, build_entry
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.run import (
    CONCURRENCY_SPEC,
    STREAM_KEY_SPEC,
    Task,
    _interruptible,
    run_module,
)
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_ansible import Ran, run_as_module
from ansible_collections.streamops.realtimekit.tests.unit.fake_server import FakeServer, http
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    MEETING,
    OURS,
    STREAM_KEY,
    TOKEN,
    Clock,
    FakeAPI,
    build_client,
)

CONNECTION = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app_1"}
NOTHING = {"method": None, "path": None, "status": None, "code": None, "cf_ray": None}

Play = Callable[..., Ran]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Play:
    """Run a module with this ``run`` and these options, beside the connection's."""

    def end(run: Callable[[Task], Report], spec: dict[str, Any] | None = None, check_mode: bool = False, **options: Any) -> Ran:
        given = {key: value for key, value in {**CONNECTION, **options}.items() if value is not None}
        return run_as_module(
            monkeypatch,
            capsys,
            lambda: run_module(CONCURRENCY_SPEC if spec is None else spec, run),
            given,
            check_mode=check_mode,
            diff=True,
        )

    return end


def seen(tasks: list[Task]) -> Callable[[Task], Report]:
    def run(task: Task) -> Report:
        tasks.append(task)
        return Report(())

    return run


def never(task: Task) -> Report:
    pytest.fail("bad input got as far as run")


@pytest.mark.parametrize("check_mode", [False, True])
def test_run_gets_what_the_task_gives(play: Play, check_mode: bool) -> None:
    tasks: list[Task] = []
    options = {"api_url": "http://127.0.0.1:9/v4", "api_timeout": 2.5, "api_retries": 7, "task_timeout": 90, "concurrency": 3}
    ran = play(seen(tasks), check_mode=check_mode, **options)
    assert (ran.failed, ran.result["changed"]) == (False, False)
    (task,) = tasks
    assert (task.check_mode, task.params["concurrency"]) == (check_mode, 3)
    client = task.client
    assert client.connection == ("http://127.0.0.1:9/v4", TOKEN, "account-1", "app_1", 2.5, 7, True, True, 90, 300.0)
    assert client.connections == 3
    assert client._session.get_adapter("http://x").poolmanager.connection_pool_kw["maxsize"] == 3


def test_environment_is_that_of_the_process(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", TOKEN)
    tasks: list[Task] = []
    ran = play(seen(tasks), STREAM_KEY_SPEC, api_token=None)
    assert tasks[0].livestreams.client.connection.token == TOKEN
    assert tasks[0].client.connections == 1, "a module without the option works on one target at a time"
    assert tasks[0].livestreams.client._session.get_adapter("http://x").poolmanager.connection_pool_kw["maxsize"] == 1
    assert TOKEN not in ran.text


def test_token_of_the_environment_is_hidden_in_all_that_is_returned(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "a-token-that-no-other-test-has-5d20"
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", token)
    ran = play(lambda task: Report((), lambda: {"words": f"the token is {token}"}), api_token=None)
    assert ran.result["words"] == "the token is ********" or ran.secrets == [token]


BAD = {
    "token": (
        {"api_token": None},
        "api_token is required: set it in the task, or set the environment variable CLOUDFLARE_API_TOKEN on the target",
    ),
    "account": ({"account_id": "a/b"}, "account_id is 'a/b': it must consist of letters, digits, '-' and '_' only"),
    "no concurrency": ({"concurrency": 0}, "concurrency is 0: it must be from 1 to 32 at a time"),
    "too much of it": ({"concurrency": 33}, "concurrency is 33: it must be from 1 to 32 at a time"),
    "no time": ({"task_timeout": 0}, "task_timeout is 0: it must be from 1 to 86400 seconds"),
    "timeout": ({"api_timeout": "nan"}, "api_timeout is nan: it must be from 0.001 to 3600 seconds"),
}


@pytest.mark.parametrize(("options", "words"), BAD.values(), ids=BAD)
def test_bad_input_fails_before_run(play: Play, options: dict[str, Any], words: str) -> None:
    ran = play(never, **options)
    assert (ran.failed, ran.result["msg"], ran.result["changed"]) == (True, words, False)
    assert ran.result["error"] == {**NOTHING, "message": words}
    assert "Traceback" not in ran.text
    assert not {"diff", "rate_limit"} & set(ran.result)
    assert TOKEN not in ran.text


@pytest.mark.parametrize("concurrency", [1, 32])
def test_concurrency_at_its_ends(play: Play, concurrency: int) -> None:
    assert not play(lambda task: Report(()), concurrency=concurrency).failed


def test_defect_shows_neither_traceback_nor_words(play: Play) -> None:
    def run(task: Task) -> Report:
        raise KeyError(f"words with {STREAM_KEY} in them")

    ran = play(run)
    assert ran.failed
    assert ran.result["msg"].startswith("Bug in streamops.realtimekit: KeyError in run, line ")
    assert STREAM_KEY not in ran.text
    assert "Traceback" not in ran.text


@pytest.mark.parametrize("has_written", [False, True])
def test_defect_after_a_write_may_have_changed_something(play: Play, has_written: bool) -> None:
    def run(task: Task) -> Report:
        with FakeServer([http({"data": {"id": OURS}}, "201 Created")]) as server:
            task.client._base = server.url
            if has_written:
                task.livestreams.create("studio")
        raise KeyError("a defect")

    assert play(run, api_url="http://127.0.0.1:9").result["changed"] == has_written


@pytest.mark.parametrize(("held", "said"), [(0.9, []), (1.0, ["1"]), (61.4, ["61"])])
def test_seconds_held_back_are_a_warning(play: Play, held: float, said: list[str]) -> None:
    def run(task: Task) -> Report:
        task.client._pacing._held = held
        return Report(())

    assert play(run).warnings == [f"Waited {seconds} seconds to stay within the API's rate limit." for seconds in said]


def test_seconds_held_back_are_reported_by_a_task_that_fails(play: Play) -> None:
    def run(task: Task) -> Report:
        task.client._pacing._held = 5.0
        raise InvalidInputError("no")

    ran = play(run)
    assert (ran.failed, ran.result["msg"]) == (True, "no")
    assert ran.result["rate_limit"] == {"requests": 0, "held_seconds": 5.0, "forecast_seconds": 0.0}
    assert ran.warnings == ["Waited 5 seconds to stay within the API's rate limit."]


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def heeded() -> Iterator[None]:
    """No signal is ignored. A process that nohup has started ignores one."""
    before = {number: signal.signal(number, lambda *_unused: None) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def play_three(play: Play, end: Callable[[Client], None], **options: Any) -> tuple[Ran, int]:
    """Run a module for three targets, and let ``end`` end the task while the second one sleeps; also the number of requests."""

    def work(livestreams: Livestreams, outcome: Outcome) -> None:
        livestreams.active(MEETING)
        if outcome.target == "b":
            end(livestreams.client)
            livestreams.client.sleep(30)
            livestreams.active(MEETING)

    def run(task: Task) -> Report:
        outcomes = [work_on(task.client, target, lambda outcome: work(task.livestreams, outcome)) for target in "abc"]
        return Report(outcomes, lambda: {"targets": [build_entry("target", outcome) for outcome in outcomes]})

    with FakeServer(*[[http({"data": None})]] * 9) as server:
        return play(run, spec=STREAM_KEY_SPEC, api_url=server.url, **options), len(server.requests)


def assert_second_of_three_was_broken_off(ran: Ran, sent: int, reason: str) -> None:
    broken_off, not_begun = (f"{stage}: {reason}. Run the task again to do the rest" for stage in ("Not finished", "Not begun"))
    assert ran.failed
    assert ran.result["msg"] == f"2 of 3 failed: b: {broken_off}; c: {not_begun}"
    assert [entry["error"] and entry["error"]["message"] for entry in ran.result["targets"]] == [None, broken_off, not_begun]
    assert ran.result["error"] == {**NOTHING, "message": broken_off}
    assert (sent, ran.result["rate_limit"]["requests"]) == (2, 2)


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", SIGNALS)
def test_interrupted_task_sends_nothing_more_and_reports_all(play: Play, number: signal.Signals) -> None:
    begun = time.monotonic()
    ran, sent = play_three(play, lambda client: os.kill(os.getpid(), number))
    assert time.monotonic() - begun < 10
    assert_second_of_three_was_broken_off(ran, sent, "the task was interrupted")


def test_task_whose_time_is_over_sends_nothing_more_and_reports_all(play: Play) -> None:
    begun = time.monotonic()
    ran, sent = play_three(play, lambda client: None, task_timeout=1)
    assert 1 <= time.monotonic() - begun < 10
    assert_second_of_three_was_broken_off(ran, sent, "task_timeout is over")


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("is_first", [False, True])
def test_signal_at_the_end_takes_no_result_away(
    play: Play, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, is_first: bool
) -> None:
    """A second signal, or a first one after the work and before the result."""
    finish = task_run.finish

    def finish_under_fire(*args: Any) -> None:
        os.kill(os.getpid(), number)
        finish(*args)

    def run(task: Task) -> Report:
        if not is_first:
            os.kill(os.getpid(), number)
        return Report((), lambda: {"said": "all of it"})

    monkeypatch.setattr(task_run, "finish", finish_under_fire)
    assert play(run).result["said"] == "all of it"


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("options", [{}, {"api_token": None}], ids=["a task", "a task that is refused"])
def test_handlers_are_put_back(play: Play, number: signal.Signals, options: dict[str, Any]) -> None:
    """An interpreter that runs several tasks must not ignore, after one of ours, what would end it."""
    before = [signal.getsignal(each) for each in SIGNALS]
    during: list[Any] = []

    def run(task: Task) -> Report:
        during.append(signal.getsignal(number))
        return Report(())

    play(run, **options)
    assert [signal.getsignal(each) for each in SIGNALS] == before
    assert during == [] if options else during[0] not in before


def test_handler_that_is_not_of_python_is_left_alone(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "getsignal", lambda _number: None)
    set_here: list[int] = []
    monkeypatch.setattr(signal, "signal", lambda number, _handler: set_here.append(number))
    assert not play(lambda task: Report(())).failed
    assert set(SIGNALS).isdisjoint(set_here)  # ansible-core sets others, since 2.22


@pytest.mark.usefixtures("heeded")
def test_result_is_out_before_a_signal_may_end_the_process(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    put_back: list[Any] = []
    flushed: list[int] = []
    monkeypatch.setattr(signal, "signal", lambda number, handler: put_back.append((number, handler)))

    def run(task: Task) -> Report:
        put_back.clear()
        monkeypatch.setattr(sys.stdout, "flush", lambda: flushed.append(len(put_back)))
        return Report(())

    play(run)
    # Ignored while the result is written, then flushed, and then restored.
    assert [handler for _number, handler in put_back[: len(SIGNALS)]] == [signal.SIG_IGN] * len(SIGNALS)
    assert (len(SIGNALS) in flushed, len(put_back)) == (True, 2 * len(SIGNALS))


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_that_is_ignored_stays_ignored(play: Play, number: signal.Signals) -> None:
    def run(task: Task) -> Report:
        os.kill(os.getpid(), number)
        assert signal.getsignal(number) is signal.SIG_IGN
        return Report(())

    before = signal.signal(number, signal.SIG_IGN)
    try:
        assert not play(run).failed
    finally:
        signal.signal(number, before)


def test_task_on_another_thread_leaves_signals_alone(clock: Clock) -> None:
    """By `_interruptible` alone: since ansible-core 2.22, an AnsibleModule works only on the main thread."""
    before = [signal.getsignal(number) for number in SIGNALS]
    seen_there: list[Any] = []

    def work() -> None:
        with _interruptible(build_client(FakeAPI(), clock)):
            seen_there.extend(signal.getsignal(number) for number in SIGNALS)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(60)
    assert seen_there == before


@pytest.mark.parametrize("check_mode", [False, True])
def test_forecast_is_a_warning_of_check_mode(play: Play, check_mode: bool) -> None:
    headers = {"Ratelimit": '"default";r=5;t=60', "Ratelimit_Policy": '"default";q=1200;w=300'}

    def run(task: Task) -> Report:
        task.client.plan(10)
        task.livestreams.active(MEETING)
        return Report(())

    with FakeServer([http({"data": None}, **headers)]) as server:
        ran = play(run, check_mode=check_mode, api_url=server.url)
    assert ran.result["rate_limit"] == {"requests": 1, "held_seconds": 0.0, "forecast_seconds": 60.0}
    assert (
        ran.warnings
        == [
            "If every target must change, this takes 10 requests. At the API's limit of 1200 in 300 seconds, they take at least 60 seconds."
        ][: int(check_mode)]
    )


def test_warnings_of_outcomes(play: Play) -> None:
    outcome = Outcome("a")
    outcome.warnings = ["One.", "Two."]
    assert play(lambda task: Report((outcome,))).warnings == ["One.", "Two."]


# Without requests


def test_requests_missing(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_run, "HAS_REQUESTS", False)
    ran = play(never)
    assert ran.failed
    assert "(requests)" in ran.result["msg"]
    assert "Failed to import the required Python library" in ran.result["msg"]


@pytest.mark.parametrize("missing", ["requests", "requests.adapters"])
def test_client_can_be_imported_without_requests(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    without = {}
    for name in ("session", "failures", "exchange", "client", "surroundings"):
        full_name = f"{http_client.__package__}.{name}"
        spec = importlib.util.spec_from_file_location(full_name, Path(http_client.__file__).with_name(f"{name}.py"))
        without[name] = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, full_name, without[name])
        spec.loader.exec_module(without[name])
    assert (task_run.HAS_REQUESTS, without["session"].HAS_REQUESTS, without["exchange"].HAS_REQUESTS) == (True, False, False)
    assert not hasattr(without["exchange"], "requests")
    assert without["client"].Client is not http_client.Client


# A whole module, on a real connection


def test_whole_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    started = http({"success": True, "data": {"id": OURS, "status": "INVOKED", "stream_key": STREAM_KEY}}, "201 Created")
    options = {**CONNECTION, "meeting_id": MEETING.upper(), "name": "Main"}
    with FakeServer([http({"success": True, "data": None})], [started]) as server:
        ran = run_as_module(monkeypatch, capsys, rtk_meeting_livestream.main, {**options, "api_url": server.url}, diff=True)
    assert not ran.failed
    assert (ran.result["changed"], ran.result["livestream"]["id"]) == (True, OURS)
    assert ran.result["diff"]["before"] == {MEETING: None}
    assert [request.split(b" ")[0] for request in server.requests] == [b"GET", b"POST"]
    assert STREAM_KEY not in ran.text
    assert TOKEN not in ran.text

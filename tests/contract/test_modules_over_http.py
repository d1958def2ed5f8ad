# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' ``run`` over real HTTP: every dialect of the API, real TLS, and answers that do not end well."""

from __future__ import annotations

import itertools
import runpy
import ssl
import time
import tracemalloc
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Iterator

import pytest
import trustme
from simulator import Settings, Simulator
from simulator.settings import CHOICES

# Lets the checkout be imported under its collection's name, which the imports below need.
# ruff: noqa: E402
runpy.run_path(str(Path(__file__).resolve().parents[1] / "unit" / "conftest.py"))

from ansible_collections.streamops.realtimekit.plugins.module_utils._client import Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    CertificateError,
    LostAnswerError,
    NotFoundError,
    RejectedAnswerError,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._frame import CONNECTION_SPEC, Report, Task
from ansible_collections.streamops.realtimekit.plugins.module_utils._livestreams import FIELDS, Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._options import build_connection
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream, rtk_livestream_info, rtk_meeting_livestream

UNKNOWN_MEETING = "00000000-0000-4000-8000-000000000000"

# Each module's cheapest task: {module: its options}, given a meeting.
ONE_OF_EACH = pytest.mark.parametrize(
    ("module", "options"),
    [
        (rtk_meeting_livestream, {"meeting_id": "{meeting}"}),
        (rtk_livestream, {"name": "studio-feed"}),
        (rtk_livestream_info, {}),
    ],
    ids=["rtk_meeting_livestream", "rtk_livestream", "rtk_livestream_info"],
)


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator(Settings(live_delay=0.0), seed=11) as simulator:
        yield simulator


@pytest.fixture
def sim(running: Simulator) -> Simulator:
    """One simulator for this file, as new; unlike the other files' it has the time of day."""
    running.reset()
    return running


def take_a_breath(seconds: float) -> None:
    """How long pauses are, the unit tests tell; here they only have to let the other side go on."""
    time.sleep(min(seconds, 0.05))


def run(
    sim: Simulator, module: ModuleType, *, check_mode: bool = False, sleep: Callable[[float], None] = take_a_breath, **options: Any
) -> Report:
    """What a task with these options makes of it; ``{meeting}`` stands for the first meeting, and one id needs no list."""
    defaults = {name: spec.get("default") for name, spec in {**CONNECTION_SPEC, **module.ARGUMENT_SPEC}.items()}
    given = {"api_url": sim.api_url, "api_token": sim.token, "account_id": sim.account_id, "app_id": sim.app_id, **options}
    for name in {"meeting_id", "livestream_id"} & set(given):
        ids = [given[name]] if isinstance(given[name], str) else given[name]
        given[name] = [value.format(meeting=sim.meetings[0]) for value in ids]
    params = {**defaults, **given}
    client = Client(build_connection(params, environ={}), sleep=sleep)
    return module.run(Task(params, check_mode, Livestreams(client)))


def operations(sim: Simulator) -> list[str]:
    """What was asked of the API since the last call, in order."""
    asked = [entry["operation"] for entry in sim.requests]
    sim.core.journal.clear()
    return asked


def only_error(report: Report) -> Any:
    """The one error of a task for one target."""
    (outcome,) = report.outcomes
    return outcome.error


# Dialects


@pytest.mark.parametrize("loose_types", [False, True], ids=["typed", "loose"])
@pytest.mark.parametrize("envelope", CHOICES["envelope"])
@pytest.mark.parametrize("no_active", CHOICES["no_active"])
def test_meeting_in_every_dialect(sim: Simulator, no_active: str, envelope: str, loose_types: bool) -> None:
    sim.settings.update({"no_active": no_active, "envelope": envelope, "loose_types": loose_types})
    # A 404 alone does not prove that the meeting exists.
    proof = ["get_meeting"] if no_active == "not_found" else []

    def task(state: str, *, check_mode: bool = False) -> tuple[bool, Any, list[str]]:
        report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", state=state, name="Main stage", check_mode=check_mode)
        assert only_error(report) is None
        livestream = report.returns["livestream"]
        assert livestream is None or set(livestream) == set(FIELDS)
        return report.outcomes[0].changed, livestream, operations(sim)

    promised = {**dict.fromkeys(FIELDS), "name": "Main stage", "meeting_id": sim.meetings[0], "status": "INVOKED"}
    for again in (False, True):  # the second time a livestream that is over lies behind
        assert task("stopped") == (False, None, ["active", *proof])
        assert task("started", check_mode=True) == (True, promised, ["active", *proof])
        assert task("restarted", check_mode=True) == (True, promised, ["active", *proof])
        changed, first, asked = task("started")
        assert (changed, first["meeting_id"], first["name"], asked) == (True, sim.meetings[0], "Main stage", ["active", "start"])
        changed, found, asked = task("started")
        assert (changed, found["id"], found["status"], found["disabled"], asked) == (False, first["id"], "LIVE", False, ["active"])
        assert task("restarted", check_mode=True) == (True, promised, ["active"])
        changed, second, asked = task("restarted")
        assert (changed, second["id"] != first["id"], asked) == (True, True, ["active", "stop", "start"])
        assert task("stopped", check_mode=True) == (True, None, ["active"])
        assert task("stopped") == (True, None, ["active", "stop"])
        kinds = [effect["kind"] for effect in sim.effects]
        assert kinds == ["started", "stopped"] * (4 if again else 2)


@pytest.mark.parametrize("no_active", CHOICES["no_active"])
def test_meeting_that_errored_in_every_dialect(sim: Simulator, no_active: str) -> None:
    sim.settings.update({"no_active": no_active, "fail_next_starts": 1})
    sim.world.start(sim.meetings[0])
    (found,) = run(sim, rtk_livestream_info, meeting_id="{meeting}").returns["livestreams"]
    assert found["status"] == "ERRORED"
    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}")
    assert report.outcomes[0].changed
    assert report.returns["livestream"]["id"] != found["id"]
    assert operations(sim) == ["active", "active", "stop", "start"]


@pytest.mark.parametrize("no_active", CHOICES["no_active"])
def test_restart_while_the_old_one_lingers_in_every_dialect(sim: Simulator, no_active: str) -> None:
    sim.settings.update({"no_active": no_active, "stop_lag": 0.1})
    old = sim.world.start(sim.meetings[0])
    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", state="restarted", wait=True, wait_timeout=5)
    assert only_error(report) is None
    assert report.returns["livestream"]["id"] != old.id
    assert report.returns["livestream"]["status"] == "LIVE"
    assert [effect["kind"] for effect in sim.effects] == ["started", "stopped", "started"]


@pytest.mark.parametrize("no_active", CHOICES["no_active"])
def test_unknown_meeting_is_an_error_in_every_dialect(sim: Simulator, no_active: str) -> None:
    sim.settings.update({"no_active": no_active})
    for module, options in [
        (rtk_livestream_info, {}),
        (rtk_meeting_livestream, {"state": "stopped"}),
        (rtk_meeting_livestream, {"state": "started"}),
        (rtk_meeting_livestream, {"state": "restarted"}),
    ]:
        error = only_error(run(sim, module, meeting_id=UNKNOWN_MEETING, **options))
        assert isinstance(error, NotFoundError)
        assert UNKNOWN_MEETING in str(error)
    assert sim.effects == []


LIST_DIALECTS = list(
    itertools.product(
        CHOICES["list_shape"],
        CHOICES["envelope"],
        [{}, {"loose_types": True}, {"omit_paging": True}, {"empty_list_404": True}, {"per_page_cap": 2, "per_page_default": 1}],
    )
)


@pytest.mark.parametrize(("list_shape", "envelope", "more"), LIST_DIALECTS)
def test_named_livestreams_in_every_dialect(sim: Simulator, list_shape: str, envelope: str, more: dict[str, Any]) -> None:
    sim.settings.update({"list_shape": list_shape, "envelope": envelope, **more})
    sim.world.start(sim.meetings[0], "Take one")

    def task(*names: str, check_mode: bool = False) -> tuple[list[bool], list[Any], list[str]]:
        report = run(sim, rtk_livestream, names=list(names), check_mode=check_mode)
        assert [outcome.error for outcome in report.outcomes] == [None] * len(names)
        writes = [operation for operation in operations(sim) if operation == "create"]
        return [outcome.changed for outcome in report.outcomes], report.returns["livestreams"], writes

    def ids(livestreams: list[Any]) -> list[str]:
        return [livestream["id"] for livestream in livestreams]

    # The meeting's livestream of the same name is none: an empty page, one row, and many.
    changed, promised, writes = task("Take one", check_mode=True)
    assert (changed, writes, promised) == ([True], [], [{**dict.fromkeys(FIELDS), "name": "Take one"}])
    changed, created, writes = task("Take one")
    assert (changed, writes, created[0]["meeting_id"]) == ([True], ["create"], None)
    changed, found, writes = task("Take one")
    assert (changed, writes, ids(found)) == ([False], [], ids(created))
    assert (found[0]["disabled"], found[0]["status"]) == (False, "IDLE")
    assert found[0]["created_at"]
    changed, created, writes = task("Take one", "Take two", "Take three")
    assert (changed, writes) == ([False, True, True], ["create", "create"])
    changed, found, writes = task("Take three", "Take two", "Take one")
    assert (changed, writes, ids(found)) == ([False] * 3, [], ids(created)[::-1])
    assert [effect["kind"] for effect in sim.effects] == ["started", "created", "created", "created"]


@pytest.mark.parametrize(("list_shape", "envelope", "more"), LIST_DIALECTS)
def test_info_in_every_dialect(sim: Simulator, list_shape: str, envelope: str, more: dict[str, Any]) -> None:
    sim.settings.update({"list_shape": list_shape, "envelope": envelope, **more})

    def names(**options: Any) -> list[str]:
        report = run(sim, rtk_livestream_info, **options)
        assert [outcome.error for outcome in report.outcomes] == [None] * len(report.outcomes)
        assert all(set(livestream) == set(FIELDS) for livestream in report.returns["livestreams"])
        assert all(livestream["disabled"] is False for livestream in report.returns["livestreams"])
        return [livestream["name"] for livestream in report.returns["livestreams"]]

    assert names() == []
    independent = [sim.world.create(name) for name in ("one", "two", "three")]
    sim.world.start(sim.meetings[0], "on air")
    assert names(sort_order="asc") == ["one", "two", "three", "on air"]
    assert names(sort_order="desc", limit=2) == ["on air", "three"]
    assert names(exclude_meetings=True, sort_order="asc") == ["one", "two", "three"]
    assert names(status="LIVE") == ["on air"]
    assert names(status="ERRORED") == []
    assert names(name="two") == ["two"]
    assert names(meeting_id=sim.meetings[:2]) == ["on air"]
    assert names(livestream_id=[independent[2].id, independent[0].id]) == ["three", "one"]
    assert names(start_time="2100-01-01T00:00:00Z") == []
    assert {entry["method"] for entry in sim.requests} == {"GET"}


@pytest.mark.parametrize("loose_types", [False, True], ids=["typed", "loose"])
@pytest.mark.parametrize("envelope", CHOICES["envelope"])
@pytest.mark.parametrize("sessions_shape", CHOICES["sessions_shape"])
def test_sessions_in_every_dialect(sim: Simulator, sessions_shape: str, envelope: str, loose_types: bool) -> None:
    sim.settings.update({"sessions_shape": sessions_shape, "envelope": envelope, "loose_types": loose_types, "fail_next_starts": 1})
    sim.settings.err_message = "The encoder is gone"
    started = sim.world.start(sim.meetings[0])
    idle = sim.world.create("studio-feed")
    options = {"livestream_id": [started.id, idle.id], "include_sessions": True}
    errored, quiet = run(sim, rtk_livestream_info, **options).returns["livestreams"]
    (session,) = errored["sessions"]
    assert (session["livestream_id"], session["err_message"]) == (started.id, "The encoder is gone")
    assert (session["ingest_seconds"], session["viewer_seconds"]) == (0, 0)
    assert quiet["sessions"] == []


def test_start_and_read_that_leave_things_out(sim: Simulator) -> None:
    sim.settings.update({"start_playback_null": True, "active_omits_secrets": True})
    options = {"meeting_id": "{meeting}", "return_stream_key": True}
    started = run(sim, rtk_meeting_livestream, **options).returns["livestream"]
    (truth,) = sim.world.livestreams.values()
    assert (started["playback_url"], started["stream_key"], started["ingest_server"]) == (None, truth.stream_key, truth.ingest_server)
    found = run(sim, rtk_meeting_livestream, **options).returns["livestream"]
    assert (found["playback_url"], found["stream_key"], found["ingest_server"]) == (truth.playback_url, None, None)


@pytest.mark.parametrize("conflict_status", [400, 409])
def test_somebody_else_has_started_whatever_the_api_calls_it(sim: Simulator, conflict_status: int) -> None:
    sim.settings.conflict_status = conflict_status
    theirs = sim.world.start(sim.meetings[0])
    theirs.visible_at = float("inf")

    def show_it(seconds: float) -> None:
        theirs.visible_at = 0.0

    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", sleep=show_it)
    assert only_error(report) is None
    assert (report.outcomes[0].changed, report.returns["livestream"]["id"]) == (False, theirs.id)
    assert operations(sim) == ["active", "start", "active"]


@pytest.mark.parametrize("status", [400, 404, 409])
def test_somebody_else_has_stopped_whatever_the_api_calls_it(sim: Simulator, status: int) -> None:
    sim.world.start(sim.meetings[0])
    sim.fault("status", "stop", status=status)

    def stop_it(seconds: float) -> None:
        sim.world.stop(sim.meetings[0])

    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", state="stopped", sleep=stop_it)
    assert only_error(report) is None
    assert (report.outcomes[0].changed, report.returns["livestream"]) == (False, None)
    assert operations(sim) == ["active", "stop", "active"]


# TLS


class Tls:
    """A simulator behind TLS, the CA that vouches for it, and how often somebody began a handshake."""

    def __init__(self, folder: Path) -> None:
        self.hellos = 0
        self.ca_path = self._write(folder / "ours.pem", authority := trustme.CA())
        self.other_ca_path = self._write(folder / "other.pem", trustme.CA())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        context.sni_callback = self._count
        self.sim = Simulator(Settings(live_delay=0.0), seed=13, tls=context)

    @staticmethod
    def _write(path: Path, authority: trustme.CA) -> str:
        authority.cert_pem.write_to_path(str(path))
        return str(path)

    def _count(self, *_hello: Any) -> None:
        self.hellos += 1


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    tls = Tls(tmp_path_factory.mktemp("tls"))
    with tls.sim:
        yield tls


@pytest.fixture
def tls(tls_server: Tls, monkeypatch: pytest.MonkeyPatch) -> Tls:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)
    tls_server.sim.reset()
    tls_server.hellos = 0
    return tls_server


@ONE_OF_EACH
def test_unknown_ca_is_refused_at_once_and_never_sees_the_token(tls: Tls, module: ModuleType, options: dict[str, Any]) -> None:
    for trust in ({}, {"ca_path": tls.other_ca_path}):
        tls.hellos = 0
        error = only_error(run(tls.sim, module, **options, **trust, api_retries=4))
        assert isinstance(error, CertificateError)
        assert "not sent" in str(error)
        assert "ca_path" in str(error)
        assert tls.hellos == 1
        assert tls.sim.requests == []  # no request, so no header with a token in it


@ONE_OF_EACH
def test_ca_path_vouches(tls: Tls, monkeypatch: pytest.MonkeyPatch, module: ModuleType, options: dict[str, Any]) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls.other_ca_path)
    report = run(tls.sim, module, **options, ca_path=tls.ca_path)
    assert [outcome.error for outcome in report.outcomes] == [None] * len(report.outcomes)
    assert all(entry["authorized"] for entry in tls.sim.requests)
    assert tls.sim.requests


@ONE_OF_EACH
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_validate_certs_off_is_off(tls: Tls, monkeypatch: pytest.MonkeyPatch, module: ModuleType, options: dict[str, Any]) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls.other_ca_path)
    for trust in ({}, {"ca_path": tls.other_ca_path}):
        report = run(tls.sim, module, **options, **trust, validate_certs=False)
        assert [outcome.error for outcome in report.outcomes] == [None] * len(report.outcomes)
        assert operations(tls.sim)


def test_environment_names_a_ca_too(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls.ca_path)
    assert run(tls.sim, rtk_livestream_info).returns == {"livestreams": []}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    assert isinstance(only_error(run(tls.sim, rtk_livestream_info)), CertificateError)


def test_name_on_the_certificate_counts(tls: Tls) -> None:
    elsewhere = tls.sim.api_url.replace("127.0.0.1", "localhost")
    error = only_error(run(tls.sim, rtk_livestream_info, api_url=elsewhere, ca_path=tls.ca_path))
    assert isinstance(error, CertificateError)
    assert tls.sim.requests == []


# Answers that do not end well


@ONE_OF_EACH
@pytest.mark.parametrize(
    ("kind", "seconds", "most"),
    [("slow_drip", 0.02, 0.6), ("slow_headers", 0.02, 0.6), ("hang", 60, 0.3)],
)
def test_slow_answers_end_in_time(
    sim: Simulator, module: ModuleType, options: dict[str, Any], kind: str, seconds: float, most: float
) -> None:
    # Each byte comes well within the timeout of a read; only the whole takes too long.
    sim.fault(kind, method="GET", seconds=seconds, times=None)
    began = time.monotonic()
    error = only_error(run(sim, module, **options, api_timeout=0.25, api_retries=0))
    assert isinstance(error, LostAnswerError)
    assert "api_timeout" in str(error)
    assert time.monotonic() - began < most + 0.3
    assert len(sim.requests) == 1


def test_slow_start_ends_in_time_and_is_found(sim: Simulator) -> None:
    sim.fault("slow_drip", "start", seconds=0.02)
    began = time.monotonic()
    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", api_timeout=0.25)
    assert time.monotonic() - began < 1
    assert (only_error(report), report.outcomes[0].changed) == (None, True)
    assert operations(sim) == ["active", "start", "active"]
    assert [effect["kind"] for effect in sim.effects] == ["started"]


@ONE_OF_EACH
def test_huge_answer_is_refused_with_little_memory(sim: Simulator, module: ModuleType, options: dict[str, Any]) -> None:
    sim.fault("oversize", method="GET", size=100_000_000, times=None)
    tracemalloc.start()
    try:
        error = only_error(run(sim, module, **options))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(error, RejectedAnswerError)
    assert "8 MiB" in str(error)
    assert peak < 24 * 2**20
    assert len(sim.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(sim: Simulator, status: int) -> None:
    with Simulator(seed=17, token=sim.token, account_id=sim.account_id, app_id=sim.app_id, meetings=sim.meetings) as other:
        sim.fault("redirect", status=status, location=f"{other.app_url}/livestreams", times=None)
        for module, options in [
            (rtk_livestream_info, {}),
            (rtk_livestream, {"name": "studio-feed"}),
            (rtk_meeting_livestream, {"meeting_id": "{meeting}"}),
            (rtk_meeting_livestream, {"meeting_id": "{meeting}", "state": "stopped"}),
        ]:
            error = only_error(run(sim, module, **options))
            assert isinstance(error, RejectedAnswerError)
            assert str(status) in str(error)
        assert (other.requests, other.stats["connections"]) == ([], 0)
    assert len(sim.requests) == 4


def test_redirected_writes_are_not_followed_either(sim: Simulator) -> None:
    with Simulator(seed=17, token=sim.token, account_id=sim.account_id, app_id=sim.app_id, meetings=sim.meetings) as other:
        sim.fault("redirect", method="POST", location=f"{other.app_url}/livestreams", times=None)
        for module, options in [(rtk_livestream, {"name": "studio-feed"}), (rtk_meeting_livestream, {"meeting_id": "{meeting}"})]:
            assert "redirect" in str(only_error(run(sim, module, **options, api_retries=0)))
        assert (other.requests, other.stats["connections"]) == ([], 0)
    assert sim.effects == []

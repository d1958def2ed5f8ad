# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that create names wait for each other, and never for longer than they may run."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._task import turns
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.results import Report
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.run import run_module
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.turns import PAUSE, take_turn
from ansible_collections.streamops.realtimekit.tests.unit.fake_ansible import run_as_module
from ansible_collections.streamops.realtimekit.tests.unit.fakes import TOKEN, Clock, FakeAPI, build_client


def build_waiting_client(clock: Clock, sleep: Any = None, **connection: Any) -> Client:
    client = build_client(FakeAPI(), clock, **connection)
    if sleep:
        client.sleep = sleep
    return client


def test_turn_is_waited_for(tmp_path: Path) -> None:
    clock = Clock()
    first = take_turn(str(tmp_path), build_waiting_client(clock))
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            first.__exit__(None, None, None)

    assert first.__enter__() == ""
    with take_turn(str(tmp_path), build_waiting_client(clock, sleep)) as problem:
        assert (problem, pauses) == ("", [PAUSE] * 3)
    with take_turn(str(tmp_path), build_waiting_client(clock, sleep)) as problem:
        assert (problem, pauses) == ("", [PAUSE] * 3)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("is_interrupted", [False, True])
def test_task_that_must_end_does_not_wait(tmp_path: Path, is_interrupted: bool) -> None:
    clock = Clock()
    client = build_waiting_client(clock, task_timeout=None if is_interrupted else 1)
    if is_interrupted:
        client.interrupt()
    with take_turn(str(tmp_path), build_waiting_client(clock)), take_turn(str(tmp_path), client) as problem:
        assert problem == ""


def test_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with take_turn(str(tmp_path / "none"), build_waiting_client(Clock())) as problem:
        assert problem.startswith("[Errno 2]")


def test_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / f"realtimekit-{os.getuid()}.lock").symlink_to(tmp_path / "victim")
    with take_turn(str(tmp_path), build_waiting_client(Clock())) as problem:
        assert problem.startswith(f"[Errno {errno.ELOOP}]")
    assert not (tmp_path / "victim").exists()


def test_file_system_without_locks_is_not_a_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(_file: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(turns.fcntl, "flock", flock)
    with take_turn(str(tmp_path), build_waiting_client(Clock())) as problem:
        assert problem == f"[Errno {errno.ENOLCK}] No locks available"


@pytest.mark.parametrize(("check_mode", "is_link", "locked", "warned"), [(False, False, 1, 0), (True, False, 0, 0), (False, True, 0, 1)])
def test_module_holds_the_lock_while_it_runs(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    check_mode: bool,
    is_link: bool,
    locked: int,
    warned: int,
) -> None:
    lock = tmp_path / f"realtimekit-{os.getuid()}.lock"
    if is_link:
        lock.symlink_to("/dev/null/none")
    seen = []

    def run(_task: Any) -> Report:
        seen.append(lock.exists())
        return Report(())

    options = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app_1", "_ansible_remote_tmp": str(tmp_path)}
    ran = run_as_module(monkeypatch, capsys, lambda: run_module({}, run, takes_turns=True), options, check_mode=check_mode)
    assert seen == [bool(locked)]
    assert len([words for words in ran.warnings if words.startswith("Could not lock out other tasks on this machine (")]) == warned

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules and answers that do not end well: slow ones, huge ones, and redirects."""

from __future__ import annotations

import time
import tracemalloc
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import LostAnswerError, RejectedAnswerError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream, rtk_livestream_info, rtk_meeting_livestream
from simulator import Simulator
from tasks import ONE_OF_EACH, only_error, operations, run


@pytest.fixture
def sim(sim_in_real_time: Simulator) -> Simulator:
    return sim_in_real_time


@ONE_OF_EACH
@pytest.mark.parametrize(("kind", "seconds"), [("slow_drip", 0.02), ("slow_headers", 0.02), ("hang", 60)])
def test_slow_answers_end_in_time(sim: Simulator, module: ModuleType, options: dict[str, Any], kind: str, seconds: float) -> None:
    # Each byte comes well within the timeout of a read; only the whole takes too long.
    sim.fault(kind, method="GET", seconds=seconds, times=None)
    began = time.monotonic()
    error = only_error(run(sim, module, **options, api_timeout=0.25, api_retries=0))
    assert isinstance(error, LostAnswerError)
    assert "api_timeout" in str(error)
    assert time.monotonic() - began < 3
    assert len(sim.requests) == 1


def test_slow_start_ends_in_time_and_is_found(sim: Simulator) -> None:
    sim.fault("slow_drip", "start", seconds=0.02)
    began = time.monotonic()
    report = run(sim, rtk_meeting_livestream, meeting_id="{meeting}", api_timeout=0.25)
    assert time.monotonic() - began < 3
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

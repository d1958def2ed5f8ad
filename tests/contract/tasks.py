# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' ``run`` over real HTTP, as the tests of this folder call it."""

from __future__ import annotations

import os
import time
from types import ModuleType
from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.options import CONNECTION_SPEC, build_connection
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.results import Report
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.run import Task
from ansible_collections.streamops.realtimekit.plugins.modules import (
    rtk_app_info,
    rtk_livestream,
    rtk_livestream_analytics_info,
    rtk_livestream_info,
    rtk_meeting,
    rtk_meeting_info,
    rtk_meeting_livestream,
    rtk_webhook,
    rtk_webhook_info,
)
from simulator import Simulator

# Each module's cheapest task: {module: its options}, given a meeting.
ONE_OF_EACH = pytest.mark.parametrize(
    ("module", "options"),
    [
        (rtk_meeting_livestream, {"meeting_id": "{meeting}"}),
        (rtk_livestream, {"name": "studio-feed"}),
        (rtk_livestream_info, {}),
        (rtk_livestream_analytics_info, {}),
        (rtk_meeting, {"title": "Main stage"}),
        (rtk_meeting_info, {}),
        (rtk_webhook, {"name": "Event bus", "state": "absent"}),
        (rtk_webhook_info, {}),
    ],
    ids=lambda value: value.__name__.rpartition(".")[2] if isinstance(value, ModuleType) else "",
)


class Clock:
    """Time that passes only on command."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def step(self, seconds: float) -> None:
        self.now += seconds


def take_a_breath(seconds: float) -> None:
    """Short pauses, because the unit tests check their lengths."""
    time.sleep(min(seconds, 0.05))


def run(
    sim: Simulator,
    module: ModuleType,
    *,
    check_mode: bool = False,
    sleep: Callable[[float], None] = take_a_breath,
    clock: Callable[[], float] = time.monotonic,
    **options: Any,
) -> Report:
    """Run a task with these options; ``{meeting}`` is the first meeting, and a single id needs no list."""
    defaults = {name: spec.get("default") for name, spec in {**CONNECTION_SPEC, **getattr(module, "ARGUMENT_SPEC", {})}.items()}
    given = {"api_url": sim.api_url, "api_token": sim.token, "account_id": sim.account_id, "app_id": sim.app_id, **options}
    # Of rtk_meeting, the id is one, not a list.
    for name in {"livestream_id", *(() if module is rtk_meeting else ("meeting_id",))} & set(given):
        ids = [given[name]] if isinstance(given[name], str) else given[name]
        given[name] = [value.format(meeting=sim.meetings[0]) for value in ids]
    params = {**defaults, **given}
    connection = build_connection(
        params, environ={name: value for name, value in os.environ.items() if name == "NO_PROXY"}, has_app=module is not rtk_app_info
    )
    client = Client(connection, connections=params.get("concurrency", 1), sleep=sleep, clock=clock)
    return module.run(Task(params, check_mode, Livestreams(client)))


def operations(sim: Simulator) -> list[str]:
    """Return the requests to the API since the last call, in order."""
    asked = [entry["operation"] for entry in sim.requests]
    sim.core.journal.clear()
    return asked


def only_error(report: Report) -> Any:
    """The one error of a task for one target."""
    (outcome,) = report.outcomes
    return outcome.error

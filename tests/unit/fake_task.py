# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module's ``run`` against the fake API; apart from `fakes`, as this needs ansible-core."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Mapping

from ansible_collections.streamops.realtimekit.plugins.module_utils._task.results import Report
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.run import Task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock, FakeAPI, build_livestreams


def build_params(module: ModuleType, **options: Any) -> dict[str, Any]:
    """Return all options of a module, with defaults, for these options of a task."""
    return _fill_in(module.ARGUMENT_SPEC, options)


def _fill_in(spec: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    assert set(given) <= set(spec), "there is no such option"
    params = {option: given.get(option, each.get("default")) for option, each in spec.items()}
    for option, each in spec.items():
        if each.get("elements") == "dict" and params[option] is not None:
            params[option] = [_fill_in(each["options"], entry) for entry in params[option]]
    return params


def build_task(module: ModuleType, api: FakeAPI, clock: Clock, *, check_mode: bool = False, **options: Any) -> Task:
    """The input of ``run``; a write in check mode fails the test. One request at a time, unless ``concurrency`` is given."""
    api.is_read_only = check_mode
    connection = {"connections": options.get("concurrency", 1), "task_timeout": options.pop("task_timeout", None)}
    return Task(build_params(module, **options), check_mode, build_livestreams(api, clock, **connection))


def run_task(module: ModuleType, api: FakeAPI, clock: Clock, **options: Any) -> Report:
    """Run it with these options, and in check mode with ``check_mode``."""
    return module.run(build_task(module, api, clock, **options))

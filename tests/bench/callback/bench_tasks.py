# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A callback plugin that notes how each task of a play ended, and when."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: bench_tasks
type: aggregate
short_description: Note how each task ended
description: Writes a line of JSON for each task to the file that the environment variable BENCH_TASKS names.
"""


class CallbackModule(CallbackBase):
    """One line for each task: ``{task, began, ended, failed, changed, msg, held, warnings, entries, errors, livestreams}``.

    Times are seconds since the epoch. ``entries`` counts the meetings or names, or the items of a loop, and ``errors`` those that failed.
    """

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "bench_tasks"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._task, self._began = task.get_name(), time.time()

    def v2_runner_on_ok(self, result: Any) -> None:
        self._note(result._result, has_failed=False)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._note(result._result, has_failed=True)

    def _note(self, result: Any, *, has_failed: bool) -> None:
        entries = [entry for entry in result.get("meetings") or result.get("results") or [] if isinstance(entry, dict)]
        line = {
            "task": self._task,
            "began": self._began,
            "ended": time.time(),
            "failed": has_failed,
            "changed": bool(result.get("changed")),
            "msg": str(result.get("msg", ""))[:2000],
            "held": (result.get("rate_limit") or {}).get("held_seconds"),
            "warnings": [str(warning) for warning in result.get("warnings") or []],
            "entries": len(entries),
            "errors": sum(1 for entry in entries if entry.get("error") or entry.get("failed")),
            "livestreams": len(result.get("livestreams") or []),
        }
        with Path(os.environ["BENCH_TASKS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module in this process as ansible does: arguments in, one JSON object out."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any, Callable

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings as all_warnings

try:
    from ansible.module_utils import _internal
except ImportError:  # ansible-core before 2.19
    _internal = None

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core before 2.18
    patch_module_args = None


class Ran:
    """A module's output: ``result``, ``warnings`` as strings, everything as ``text``, and whether it failed.

    ``secrets`` are the values that the controller masks since ansible-core 2.22.
    """

    def __init__(self, text: str, status: int) -> None:
        self.result: dict[str, Any] = json.loads(text)
        self.secrets = self.result.pop("_ansible_new_secrets", [])
        self.text = json.dumps(self.result) if self.secrets else text
        self.failed = status != 0
        assert self.failed == bool(self.result.get("failed"))
        self.warnings = [_words(warning) for warning in self.result.pop("warnings", [])]


def run_as_module(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    main: Callable[[], None],
    options: dict[str, Any],
    *,
    check_mode: bool = False,
    diff: bool = False,
) -> Ran:
    """End to end, but for the controller."""
    arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": diff}
    # The tests of the filter import what belongs to the controller, where a warning is not part of a result.
    if _internal:
        monkeypatch.setattr(_internal, "is_controller", False, raising=False)
    monkeypatch.setattr(all_warnings, "_global_warnings", type(all_warnings._global_warnings)())
    with ExitStack() as stack:
        if patch_module_args:
            stack.enter_context(patch_module_args(arguments))
        else:
            monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
        with pytest.raises(SystemExit) as ended:
            main()
    return Ran(capsys.readouterr().out, ended.value.code)


def _words(warning: Any) -> str:
    """Since ansible-core 2.19 a warning is an object, with its words inside."""
    return warning if isinstance(warning, str) else warning["event"]["msg"]

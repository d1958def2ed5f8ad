# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared fixtures of the plugin tests. Without ansible-core, the tests that need it are reported as skipped."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock

collect_ignore_glob = [] if find_spec("ansible") else ["modules/*", "module_utils/_task/test_run*", "module_utils/_task/test_results*"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if collect_ignore_glob:
        terminalreporter.write_line(f"Not run, as there is no ansible-core here: {', '.join(collect_ignore_glob)}")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide this machine's proxies, certificates, and credentials from the tests."""
    for variable in os.environ:
        if (
            variable.lower().endswith("_proxy")
            or variable.startswith("CLOUDFLARE_")
            or variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        ):
            monkeypatch.delenv(variable)


@pytest.fixture
def clock() -> Clock:
    return Clock()

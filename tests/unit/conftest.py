# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests in one process, and import a checkout under its collection's name, from any folder.

ansible-test has its own importer, so the import does nothing there.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.streamops.realtimekit"


def pytest_configure(config: Any) -> None:
    """Do not fork for each test, as ansible-test does. This takes most of the time, and the tests do not need it."""
    plugin = config.pluginmanager.get_plugin("ansible_forked")
    if plugin:
        config.pluginmanager.unregister(plugin)


def register_checkout() -> None:
    """Make COLLECTION a package whose path is this checkout, inside parents without one."""
    parts = COLLECTION.split(".")
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        if name not in sys.modules:
            package = ModuleType(name)
            package.__path__ = [str(ROOT)] if name == COLLECTION else []
            sys.modules[name] = package


try:
    importlib.import_module(COLLECTION)
except ImportError:
    register_checkout()

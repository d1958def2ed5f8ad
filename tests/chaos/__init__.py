# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection and the simulator under one seed of faults, late effects, rival tasks, and other users. See docs/reliability.md."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

if str(TESTS) not in sys.path:
    sys.path.insert(0, str(TESTS))
# The checkout can be imported under its collection's name from here on.
runpy.run_path(str(TESTS / "unit" / "conftest.py"))

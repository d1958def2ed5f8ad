# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cost of tasks and of their alternatives. See docs/benchmarks.md."""

from __future__ import annotations

import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parents[1]
STATE = ROOT / ".build" / "bench"

LATENCY = 0.05  #: seconds that the simulator lets pass before each answer
QUOTA, WINDOW = 1200, 300  #: the API's limit: requests, and seconds

if str(BENCH.parent) not in sys.path:
    sys.path.insert(0, str(BENCH.parent))

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long work takes, to compare little with much."""

from __future__ import annotations

import time
from typing import Callable


def measure_time(prepare: Callable[[int], Callable[[], None]], count: int) -> float:
    """Return the seconds of CPU time that the prepared work takes: the shortest of three, because a busy machine only adds to it."""
    taken = []
    for _unused in range(3):
        work = prepare(count)
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python runs this at every start; where the benchmark asks for it, a module's process notes its peak memory at its end."""

from __future__ import annotations

import atexit
import os
import resource
import sys
from pathlib import Path

if "BENCH_MEMORY" in os.environ and any("AnsiballZ" in argument for argument in sys.orig_argv):

    @atexit.register
    def note_memory() -> None:
        with Path(os.environ["BENCH_MEMORY"]).open("a", encoding="ascii") as file:
            file.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\n")

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python runs this file at every start. In the benchmark, ansible-playbook and each module note their peak memory at their end."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

COMMAND = " ".join(sys.orig_argv)
PROCESS = "module" if "AnsiballZ" in COMMAND else "playbook" if "ansible-playbook" in COMMAND else None

if PROCESS and "BENCH_MEMORY" in os.environ:

    @atexit.register
    def note_memory() -> None:
        # The workers of ansible-playbook end without this function, so their parent notes the largest of them.
        whose = [RUSAGE_SELF] if PROCESS == "module" else [RUSAGE_SELF, RUSAGE_CHILDREN]
        peak = max(getrusage(one).ru_maxrss for one in whose)
        with Path(os.environ["BENCH_MEMORY"]).open("a", encoding="ascii") as file:
            file.write(f"{PROCESS} {peak}\n")

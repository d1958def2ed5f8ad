# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python tests/chaos --requests 50000 --seed 1``: play episodes until this many requests have met a fault."""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:
    # Run by its path: make the folder importable as the package it is, and keep its files from shadowing other modules.
    here = Path(__file__).resolve().parent
    sys.path[:] = [item for item in sys.path if Path(item or ".").resolve() != here]
    sys.path.insert(0, str(here.parent))

from chaos.campaign import main

if __name__ == "__main__":
    sys.exit(main())

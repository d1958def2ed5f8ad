# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A script in Chromium, from Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any


def look(script: Path, *arguments: object) -> dict[str, Any]:
    """Run a script that uses chromium.mjs, and return the JSON object that it prints."""
    with tempfile.TemporaryDirectory(prefix="rtk-chromium-") as profile:
        environment = {**os.environ, "CHROMIUM": str(shutil.which("chromium")), "PROFILE": profile}
        command = ["node", str(script), *map(str, arguments)]
        # Each step has its own, shorter limit; this one is for all of them.
        run = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return dict(json.loads(run.stdout))

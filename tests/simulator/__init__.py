# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The RealtimeKit livestream API in memory, over real HTTP. See docs/simulator.md."""

from __future__ import annotations

from .chaos import ChaosPlan
from .faults import KINDS, Fault
from .models import ApiError
from .server import Simulator
from .settings import Settings
from .world import World

__all__ = ["KINDS", "ApiError", "ChaosPlan", "Fault", "Settings", "Simulator", "World"]

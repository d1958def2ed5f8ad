# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A snapshot of one meeting, and what ensures its state with it."""

from __future__ import annotations

from typing import Any

from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meeting_livestreams import ensure_started, ensure_stopped
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.snapshot import Snapshot
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.tests.unit.fakes import MEETING, Clock, FakeAPI, build_livestreams


def see(seen: Any) -> Snapshot:
    """A snapshot that shows this livestream, in a meeting that exists."""
    return Snapshot({MEETING: seen and normalize(seen)}, {MEETING})


def ensure(api: FakeAPI, clock: Clock, state: str, snapshot: Snapshot, **options: Any) -> Outcome:
    livestreams = build_livestreams(api, clock)
    if state == "stopped":
        return ensure_stopped(livestreams, MEETING, snapshot=snapshot, **options)
    return ensure_started(livestreams, MEETING, snapshot=snapshot, restart=state == "restarted", **options)

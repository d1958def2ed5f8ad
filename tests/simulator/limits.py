# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rate limit of the API, shared by all clients of the token."""

from __future__ import annotations

import collections
import dataclasses
import math
import threading
from typing import Callable

from .settings import Settings


@dataclasses.dataclass
class Verdict:
    """The limit for one request: whether it is refused, ``left`` requests, and ``reset`` whole seconds."""

    refused: bool
    left: int
    reset: int
    quota: int
    window: int

    def headers(self) -> dict[str, str]:
        shown = {"Ratelimit": f'"default";r={self.left};t={self.reset}', "Ratelimit-Policy": f'"default";q={self.quota};w={self.window}'}
        if self.refused:
            shown["Retry-After"] = str(self.reset)
        return shown


class RateLimit:
    """Counts requests in a fixed or a sliding window.

    ``fixed``: the first request opens a window; past the quota everything is refused until it ends.
    ``sliding``: past the quota everything is refused until the oldest counted request is a window old,
    and then only as many pass as have aged out: a reset that promises less than a full quota.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self.settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: float | None = None
        self._count = 0
        self._seen: collections.deque[float] = collections.deque()

    def reset(self) -> None:
        with self._lock:
            self._opened = None
            self._count = 0
            self._seen.clear()

    def count(self) -> Verdict:
        """Count one request and judge it."""
        with self._lock:
            if self.settings.limit_kind == "sliding":
                return self._count_sliding(self._clock())
            return self._count_fixed(self._clock())

    def _count_fixed(self, now: float) -> Verdict:
        quota, window = self.settings.limit_requests, self.settings.limit_window
        if self._opened is None or now >= self._opened + window:
            self._opened, self._count = now, 0
        self._count += 1
        return self._verdict(self._count > quota, quota - self._count, self._opened + window - now)

    def _count_sliding(self, now: float) -> Verdict:
        quota, window = self.settings.limit_requests, self.settings.limit_window
        while self._seen and self._seen[0] <= now - window:
            self._seen.popleft()
        refused = len(self._seen) >= quota
        if not refused:
            self._seen.append(now)
        oldest = self._seen[0] if self._seen else now
        return self._verdict(refused, quota - len(self._seen), oldest + window - now)

    def _verdict(self, refused: bool, left: int, seconds: float) -> Verdict:
        # Rounded up, so that the window is over after these seconds.
        return Verdict(
            refused, max(0, left), max(1, math.ceil(seconds)), self.settings.limit_requests, math.ceil(self.settings.limit_window)
        )

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Further facts in answers: the error of this machine's clock, and the rest of the rate limit."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Callable

from .answers import Answer
from .client import Client
from .pacing import Window, parse_policies, parse_ratelimit

#: In seconds. A ``Date`` header omits the fraction of its second.
WHOLE_SECOND = 1.0


class Trace:
    """Evaluates each answer to a client. ``now`` is the wall clock of this machine, in seconds."""

    def __init__(self, client: Client, now: Callable[[], float] = time.time) -> None:
        self._client = client
        self._now = now
        self._bounds: tuple[float, float] | None = None
        self.window: Window | None = None  #: the rest of the rate limit
        self.quota: int | None = None  #: how many requests its window allows
        self.quickest: float | None = None  #: seconds of the quickest answer, None without any
        client.on_answer = self.note

    def note(self, answer: Answer) -> None:
        took = self._client.clock() - self._client.sent_at
        self.quickest = took if self.quickest is None else min(self.quickest, took)
        self.window = parse_ratelimit(answer.headers.get("Ratelimit")) or self.window
        policies = dict(parse_policies(answer.headers.get("Ratelimit-Policy"), "q"))
        if self.window and self.window.policy in policies:
            (self.quota,) = policies[self.window.policy]
        self._compare_clocks(answer.headers.get("Date"), took)

    def _compare_clocks(self, date: str | None, took: float) -> None:
        """Narrow down the lead of the API's clock, which was read between the request and the answer."""
        try:
            told = parsedate_to_datetime(date or "").timestamp()
        except (TypeError, ValueError, IndexError, OverflowError):
            return
        came_at = self._now()
        least, most = told - came_at, told + WHOLE_SECOND - (came_at - took)
        if self._bounds and least <= self._bounds[1] and most >= self._bounds[0]:
            least, most = max(least, self._bounds[0]), min(most, self._bounds[1])
        self._bounds = least, most

    @property
    def ahead(self) -> float | None:
        """Return the certain lead of the API's clock in seconds, negative if it is behind; None if unknown."""
        if self._bounds is None:
            return None
        least, most = self._bounds
        return least if least > 0 else min(most, 0.0)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures by chance, the same ones for the same seed."""

from __future__ import annotations

import collections
import dataclasses
import random
import threading
from typing import Any, Mapping

from .faults import KINDS, TRUTHFUL, Fault
from .operations import OPERATIONS
from .settings import is_number

# A refusal that says "not done" must mean it: after one of these a write has never happened.
# The answers to these writes look whole without data or ids.
WHOLE_WITHOUT_DATA = frozenset({"stop", "update_meeting", "update_webhook", "delete_webhook"})
DEFINITE = frozenset({"success_false", "redirect", "rate_limited"})
DEFAULT_KINDS: dict[str, float] = {
    "drop": 3,
    "drop_midway": 1,
    "status": 3,
    "html": 1,
    "garbage": 1,
    "empty": 1,
    "truncated": 1,
    "missing_keys": 1,
    "no_data": 1,
    "rate_limited": 1,
}


@dataclasses.dataclass
class ChaosPlan:
    """For every API request: hit it with ``probability``, by a kind drawn by weight.

    The n-th request of an operation on a meeting, a livestream, a webhook, or a page of a list or search meets the same fate in every
    run with the same seed, in any order in which threads send them. ``after`` is the share of ambiguous faults whose write happens all the
    same, ``late`` the share of those that happen up to ``write_lag`` seconds later. At most ``in_a_row`` faults
    hit one of these one after another, so that a client with patience gets through. ``times`` caps them all.
    """

    seed: int
    probability: float = 0.2
    kinds: Mapping[str, float] = dataclasses.field(default_factory=lambda: dict(DEFAULT_KINDS))
    after: float = 0.5
    late: float = 0.0
    write_lag: float = 0.0
    statuses: tuple[int, ...] = (408, 500, 502, 503, 504)
    retry_after: int | None = None
    seconds: float | None = None
    operations: tuple[str, ...] | None = None
    in_a_row: int | None = 3
    times: int | None = None

    def __post_init__(self) -> None:
        for name, known in (("kinds", KINDS), ("operations", OPERATIONS)):
            unknown = [item for item in getattr(self, name) or () if item not in known]
            if unknown:
                raise ValueError(f"{name}: {unknown[0]!r} is none of {', '.join(known)}")
        if not all(is_number(weight) and weight > 0 for weight in self.kinds.values()):
            raise ValueError(f"kinds: weights must be numbers above 0, not {dict(self.kinds)!r}")
        for name in ("probability", "after", "late"):
            if not is_number(getattr(self, name)) or not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: must be from 0 to 1, not {getattr(self, name)!r}")
        if not is_number(self.write_lag) or self.write_lag < 0:
            raise ValueError(f"write_lag: must be seconds from 0, not {self.write_lag!r}")
        if not self.statuses:
            raise ValueError("statuses: must not be empty")
        self._lock = threading.Lock()
        self._drawn: collections.Counter[str] = collections.Counter()
        self._running: collections.Counter[str] = collections.Counter()
        self._left = self.times

    def draw(self, operation: str, target: str | None) -> Fault | None:
        """The fate of the next request of this operation on this meeting, livestream, webhook, or page."""
        if self.operations is not None and operation not in self.operations:
            return None
        key = f"{operation}:{target or ''}"
        with self._lock:
            self._drawn[key] += 1
            dice = random.Random(f"{self.seed}:{key}:{self._drawn[key]}")
            spared = self._left == 0 or (self.in_a_row is not None and self._running[key] >= self.in_a_row)
            if dice.random() >= self.probability or spared or not self.kinds:
                self._running[key] = 0
                return None
            self._running[key] += 1
            if self._left is not None:
                self._left -= 1
        return self._fault(dice, operation)

    def _fault(self, dice: random.Random, operation: str) -> Fault:
        kind = dice.choices(list(self.kinds), weights=list(self.kinds.values()))[0]
        if kind == "no_data" and operation == "active":
            # This answer can mean that nothing is active. Chance must not say so of an active livestream.
            kind = "empty"
        values: dict[str, Any] = {"kind": kind, "seconds": self.seconds, "retry_after": self.retry_after}
        if kind == "status":
            values["status"] = dice.choice(self.statuses)
            values["envelope"] = dice.choice(("realtimekit", "gateway"))
        # The answer to a stop has nothing to lose, and that to an update may hold any part: both look whole, so they must have happened.
        is_whole = kind in TRUTHFUL or (kind in ("missing_keys", "no_data") and operation in WHOLE_WITHOUT_DATA)
        happens = is_whole or (kind not in DEFINITE and dice.random() < self.after)
        values["when"] = "after" if happens else "before"
        # A refusal has no id to lose. It looks complete, so its write must not follow later.
        if happens and not is_whole and dice.random() < self.late and kind != "missing_keys":
            values["write_lag"] = dice.uniform(0, self.write_lag)
        return Fault(**values)

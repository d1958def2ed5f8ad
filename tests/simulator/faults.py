# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures on order: the rules, and which request each of them hits."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any, Callable, Mapping, Sequence, Union

from .operations import OPERATIONS
from .settings import is_integer, is_number

# Kind to what it does to the answer. See docs/simulator.md.
KINDS: dict[str, str] = {
    "drop": "the connection is aborted, no byte of an answer",
    "drop_midway": "head and half of the body, then the connection is aborted",
    "status": "`status` (500) with an error envelope, `envelope` realtimekit or gateway; `retry_after`, `code`, `message`",
    "html": "a page of the edge, `status` (502)",
    "garbage": "a 2xx whose bytes are not JSON",
    "empty": "a 2xx without a body",
    "truncated": "a 2xx whose JSON is cut in half, with a content length that fits",
    "success_false": "a 2xx with `success` false and an error, `code`, `message`",
    "no_data": "a 2xx with `success` true and nothing else",
    "missing_keys": "the answer without any `id`",
    "not_object": "a 2xx with a JSON array at the top",
    "hang": "nothing for `seconds` (3600), then the connection is aborted",
    "slow_drip": "the body byte by byte, `seconds` (0.05) apart",
    "slow_headers": "the head byte by byte, `seconds` (0.05) apart",
    "oversize": "`size` bytes (100,000,000) that begin like JSON",
    "redirect": "`status` (307) to `location` (/)",
    "rate_limited": "429, with `retry_after` or without",
    "interim": "a 103 head before the true answer, on the same connection",
    "interim_only": "a 1xx head, `status` (103), then the connection is closed",
    "unknown_status": "every livestream `status` replaced by WARMING_UP",
}
# These deliver a true and whole answer, slowly, with a new word in it, or after another head: the write must have happened.
TRUTHFUL = frozenset({"slow_drip", "slow_headers", "unknown_status", "interim"})
DEFAULT_SECONDS = {"hang": 3600.0, "slow_drip": 0.05, "slow_headers": 0.05}
DEFAULT_STATUS = {"status": 500, "html": 502, "redirect": 307, "interim_only": 103}
Names = Union[str, Sequence[str], None]


def is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def is_count(value: Any) -> bool:
    return is_integer(value) and value >= 0


def is_seconds(value: Any) -> bool:
    return is_number(value) and value >= 0


RULES: list[tuple[str, Callable[[Any], bool], str]] = [
    ("method", is_text, "a string or null"),
    ("meeting_id", is_text, "a string or null"),
    ("times", lambda value: value is None or (is_count(value) and value > 0), "null (for ever) or an integer from 1"),
    ("skip", is_count, "an integer from 0"),
    ("when", lambda value: value in ("before", "after"), "before or after"),
    ("seconds", is_seconds, "seconds from 0"),
    ("retry_after", lambda value: is_text(value) or is_count(value), "whole seconds, a string or null"),
    ("envelope", lambda value: value in ("realtimekit", "gateway"), "realtimekit or gateway"),
    ("code", lambda value: value is None or is_integer(value), "an integer or null"),
    ("message", is_text, "a string or null"),
    ("location", lambda value: isinstance(value, str), "a string"),
    ("size", is_count, "an integer from 0"),
    ("write_lag", is_seconds, "seconds from 0"),
]


@dataclasses.dataclass
class Fault:
    """One rule. ``operation``, ``method`` and ``meeting_id`` None match anything; all given must match.

    ``skip`` matching requests pass first, then ``times`` are hit (None: for ever). ``when`` before: a write
    does not happen; after: it happens, and then the answer is damaged; with ``write_lag`` seconds it
    happens only that long after the damaged answer began to go out. Raises ``ValueError`` naming the key.
    """

    kind: str
    operation: Names = None
    method: str | None = None
    meeting_id: str | None = None
    times: int | None = 1
    skip: int = 0
    when: str | None = None
    seconds: float | None = None
    status: int | None = None
    retry_after: int | str | None = None
    envelope: str = "realtimekit"
    code: int | None = None
    message: str | None = None
    location: str = "/"
    size: int = 100_000_000
    write_lag: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in KINDS:
            raise ValueError(f"kind: no such fault {self.kind!r}; known are {', '.join(KINDS)}")
        if self.when is None:
            self.when = "after" if self.kind in TRUTHFUL or self.write_lag else "before"
        if self.seconds is None:
            self.seconds = DEFAULT_SECONDS.get(self.kind, 0.0)
        if self.status is None:
            self.status = DEFAULT_STATUS.get(self.kind)
        self._check()

    def _check(self) -> None:
        if not isinstance(self.operation, (str, list, tuple, type(None))):
            raise ValueError(f"operation: must be a name, a list of names or null, not {self.operation!r}")
        unknown = [name for name in self.operations() if name not in OPERATIONS]
        if unknown:
            raise ValueError(f"operation: no such operation {unknown[0]!r}; known are {', '.join(OPERATIONS)}")
        for name, fits, wanted in RULES:
            if not fits(getattr(self, name)):
                raise ValueError(f"{name}: must be {wanted}, not {getattr(self, name)!r}")
        # 100 means "go on": a client has to wait for more after it.
        least, most = (101, 199) if self.kind == "interim_only" else (200, 599)
        if self.status is not None and not (is_integer(self.status) and least <= self.status <= most):
            raise ValueError(f"status: must be an HTTP status from {least} to {most}, not {self.status!r}")
        if self.kind in TRUTHFUL and self.when == "before":
            raise ValueError(f"when: {self.kind} delivers the true answer, so it can only be after")
        if self.kind in TRUTHFUL and self.write_lag:
            raise ValueError(f"write_lag: {self.kind} delivers the true answer, so its write cannot be late")
        if self.write_lag and self.when == "before":
            raise ValueError("write_lag: only with when=after; a write that does not happen cannot be late")
        if self.kind == "redirect" and self.status not in (301, 302, 303, 307, 308):
            raise ValueError(f"status: {self.status!r} does not redirect")

    def operations(self) -> tuple[str, ...]:
        if self.operation is None:
            return ()
        return (self.operation,) if isinstance(self.operation, str) else tuple(self.operation)

    def is_for(self, operation: str, method: str, meeting_id: str | None) -> bool:
        return (
            (self.operation is None or operation in self.operations())
            and (self.method is None or self.method.upper() == method)
            and (self.meeting_id is None or (meeting_id or "").lower() == self.meeting_id.lower())
        )

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def fault_from(values: Mapping[str, Any]) -> Fault:
    """A rule from JSON; ``ValueError`` names an unknown or missing key."""
    known = {field.name for field in dataclasses.fields(Fault)}
    for name in values:
        if name not in known:
            raise ValueError(f"{name}: no such key of a fault; known are {', '.join(sorted(known))}")
    if "kind" not in values:
        raise ValueError("kind: missing")
    return Fault(**values)


class FaultRules:
    """The rules in force, in the order in which they were added, and the count of what they did."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []
        self._counts: dict[str, dict[str, int]] = {}

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            # A copy: the caller's object keeps the numbers it was made with.
            self._rules.append(dataclasses.replace(fault))
        return fault

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def reset(self) -> None:
        with self._lock:
            self._rules.clear()
            self._counts.clear()

    def pick(self, operation: str, method: str, meeting_id: str | None) -> Fault | None:
        """The first rule that hits this request, used up by one."""
        with self._lock:
            for rule in self._rules:
                if not rule.is_for(operation, method, meeting_id):
                    continue
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                if rule.times is not None:
                    rule.times -= 1
                    if rule.times == 0:
                        self._rules.remove(rule)
                return rule
        return None

    def note(self, kind: str, operation: str) -> None:
        with self._lock:
            by_operation = self._counts.setdefault(kind, {})
            by_operation[operation] = by_operation.get(operation, 0) + 1

    @property
    def pending(self) -> list[dict[str, Any]]:
        with self._lock:
            return [rule.as_dict() for rule in self._rules]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many faults were injected: ``{kind: {operation: number}}``."""
        with self._lock:
            return {kind: dict(by_operation) for kind, by_operation in self._counts.items()}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of a run: the objects that the probe has made, and the facts that it has found."""

from __future__ import annotations

import dataclasses
from typing import Any, Callable

from simulator.facts import FACTS

from .account import Allowed
from .shapes import describe, find_envelope, has_loose_types
from .wire import Answer, Wire


class ProbeError(Exception):
    """The probe cannot go on, and why."""


@dataclasses.dataclass
class Probe:
    """One run. ``title`` is unique, so that no other meeting has it."""

    wire: Wire
    allowed: Allowed
    title: str
    tell: Callable[[str], Any]  #: shows the user what is about to happen
    meeting_id: str | None = None
    has_created: bool = False  #: whether the create of the meeting was sent
    has_started: bool = False  #: whether a start was sent
    is_clean: bool = True  #: whether nothing of this run is left active, as far as the cleanup could tell
    is_in_doubt: bool = False  #: whether a start was sent whose outcome is unknown
    live_at: float | None = None  #: when the first livestream was seen LIVE, on the wire's clock
    livestreams: list[str] = dataclasses.field(default_factory=list)  #: ids of those that were started here, in order
    #: Each is a setting of the simulator; None is what is unknown.
    facts: dict[str, Any] = dataclasses.field(default_factory=lambda: dict.fromkeys(FACTS))
    #: Further observations, which no setting has.
    seen: dict[str, dict[str, Any]] = dataclasses.field(default_factory=lambda: {"answers": {}, "fields": {}, "seconds": {}, "words": {}})

    @property
    def meeting(self) -> str:
        """The path of this run's meeting."""
        return f"meetings/{self.meeting_id}"

    @property
    def per_page(self) -> int:
        """As many rows as the modules ask for, or fewer if the API refuses that."""
        cap = self.facts["per_page_cap"]
        return min(100, cap) if cap and self.facts["per_page_over"] == "refused" else 100

    def note_refusal(self, what: str, answer: Answer) -> None:
        self.seen["answers"][what] = describe(answer)

    def note_success(self, what: str, answer: Answer, row: Any = None) -> None:
        """Note which fields a row has, and how the answer speaks."""
        self.seen["answers"][what] = {"status": answer.status}
        self.facts["envelope"] = find_envelope(answer) or self.facts["envelope"]
        if isinstance(row, dict):
            self.seen["fields"][what] = sorted(row)
            loose = has_loose_types(row)
            self.facts["loose_types"] = self.facts["loose_types"] if loose is None else loose

    def note_seconds(self, what: str, seconds: float) -> None:
        self.seen["seconds"][what] = round(seconds, 1)

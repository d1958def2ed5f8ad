# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Waits for many meetings together until their livestreams are LIVE, or until none is active."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Sequence

from .._api.livestreams import Livestreams
from .._api.paging import PER_PAGE
from .._api.shapes import ERRORED, INVOKED, LIVE, Livestream, merge
from .._errors import DefectError, ErroredError, InterruptError, OtherLivestreamError, RealtimeKitError, WaitTimeoutError
from .targets import Outcome

#: Seconds from one poll to the next, whomever it is for: all together stay under three a second.
SPACING = 0.4

#: Seconds from one poll of a meeting to its next, at the least.
INTERVAL = 1.0

#: With more meetings than this, listings tell which have moved, and only those are read.
FEW = 5

#: Calls a function with each item, maybe side by side, and returns the results in the items' order.
Each = Callable[[Callable[[Outcome], bool], Sequence[Outcome]], Iterable[bool]]


class Wait:
    """A wait for several meetings' outcomes; ``live``: for LIVE, else for none active.

    Each has ``timeout`` seconds from its own ``done_at``. What is seen goes
    into its ``after``, and what does not come into its ``error``.
    """

    def __init__(self, livestreams: Livestreams, outcomes: Sequence[Outcome], *, live: bool, timeout: float, each: Each) -> None:
        self._livestreams = livestreams
        self._client = livestreams.client
        self._live = live
        self._timeout = timeout
        self._each = each
        self._waiting = [outcome for outcome in outcomes if not (outcome.error or self._is_there(outcome))]
        self._last = {outcome.target: outcome.after and outcome.after["status"] for outcome in self._waiting}
        self._looked_at = {outcome.target: outcome.done_at for outcome in self._waiting}

    def run(self) -> None:
        """Poll until every outcome is there, has failed, or is out of time."""
        pause = INTERVAL
        while self._waiting:
            if len(self._waiting) <= FEW:
                pause = max(SPACING, INTERVAL / len(self._waiting))
                over = [self._poll(outcome, pause) for outcome in self._waiting]
                self._waiting = [outcome for outcome, is_over in zip(self._waiting, over) if not is_over]
            else:
                self._sleep(pause)
                self._looked_at.update((outcome.target, self._client.clock()) for outcome in self._waiting)
                moved, pages = self._find_moved()
                over = list(self._each(self._read, moved))
                settled = {outcome.target for outcome, is_over in zip(moved, over) if is_over}
                self._waiting = [outcome for outcome in self._waiting if outcome.target not in settled]
                # A read that settled nothing was one more poll: a longer pause pays for it.
                pause = max(INTERVAL, SPACING * (pages + len(moved) - len(settled)))
            self._expire()

    def _is_there(self, outcome: Outcome) -> bool:
        """Whether the outcome needs no waiting: found live, answered as live, or found with none active."""
        if self._live:
            return outcome.after is not None and outcome.after["status"] == LIVE
        return not outcome.changed

    def _sleep(self, pause: float) -> None:
        """Until the next poll, or until the first outcome is out of time."""
        first = min(outcome.done_at for outcome in self._waiting) + self._timeout
        self._client.sleep(max(0.0, min(pause, first - self._client.clock())))

    def _poll(self, outcome: Outcome, pause: float) -> bool:
        self._sleep(pause)
        self._looked_at[outcome.target] = self._client.clock()
        return self._read(outcome)

    def _read(self, outcome: Outcome) -> bool:
        """Read the meeting's livestream into the outcome; whether its wait is over."""
        try:
            state = self._livestreams.active(outcome.target)
            return self._is_live(outcome, state) if self._live else self._is_gone(outcome, state)
        except InterruptError:
            outcome.error = InterruptError("The task was interrupted while it waited for this")
        except RealtimeKitError as error:
            outcome.error = error
        except Exception as error:  # noqa: BLE001 (a defect that one meeting shows must not hide the others)
            outcome.error = DefectError(error)
        return True

    def _is_gone(self, outcome: Outcome, state: Livestream | None) -> bool:
        outcome.after = self._add_to_known(outcome, state) if state else None
        self._last[outcome.target] = state and f"{state['status']} of {state['id']}"
        return state is None

    def _is_live(self, outcome: Outcome, state: Livestream | None) -> bool:
        if state is None or state["id"] == outcome.stopped_id:
            self._last[outcome.target] = None
            return False  # it does not show yet, or the one that was stopped still shows
        self._last[outcome.target] = state["status"]
        outcome.after = self._add_to_known(outcome, state)
        if outcome.own_id not in (None, state["id"]):
            raise OtherLivestreamError(
                f"Meeting {outcome.target}: another user has replaced livestream {outcome.own_id} by {state['id']}, "
                "which is left as it is. Run the task again if it must be stopped too"
            )
        if state["status"] == ERRORED:
            try:
                said = self._livestreams.err_message(state["id"]) or "the API does not say why"
            except RealtimeKitError as error:  # it has failed all the same
                said = f"why could not be read: {error}"
            raise ErroredError(f"Meeting {outcome.target}: livestream {state['id']} has failed, its status is ERRORED: {said}")
        return bool(state["status"] == LIVE)

    @staticmethod
    def _add_to_known(outcome: Outcome, state: Livestream) -> Livestream:
        return merge(outcome.after if outcome.after and outcome.after["id"] == state["id"] else {}, state)

    def _find_moved(self) -> tuple[list[Outcome], int]:
        """Those that listings no longer show in the status they are to leave, and how many pages that took."""
        if self._live:
            statuses = {INVOKED}
        else:
            statuses = {outcome.before["status"] for outcome in self._waiting if outcome.before}
        try:
            listed = [
                livestream["id"]
                for status in sorted(statuses)
                for livestream in self._livestreams.find(status=status)
                if livestream["status"] == status
            ]
        except RealtimeKitError:
            return self._waiting, 1  # reading each will tell, and fail where that is impossible too
        still = set(listed)
        moved = [outcome for outcome in self._waiting if self._find_awaited_id(outcome) not in still]
        return moved, len(statuses) + len(listed) // PER_PAGE

    def _find_awaited_id(self, outcome: Outcome) -> Any:
        """The id of the livestream that has to move."""
        return outcome.after and outcome.after["id"] if self._live else outcome.stopped_id

    def _expire(self) -> None:
        """Fail the outcomes that are out of time, once they were looked at after their time was over: a hold may have come between."""
        expired = [outcome for outcome in self._waiting if self._looked_at[outcome.target] >= outcome.done_at + self._timeout]
        for outcome in expired:
            goal = "LIVE" if self._live else "without an active livestream"
            last = self._last[outcome.target] or "none active"
            held = self._client.held - outcome.held_before
            pacing = f", {held:.0f} of them held back for the API's rate limit" if held >= 1 else ""
            outcome.error = WaitTimeoutError(
                f"Meeting {outcome.target}: not {goal} after {self._timeout:g} seconds{pacing}; the last status seen is {last}"
            )
        self._waiting = [outcome for outcome in self._waiting if outcome not in expired]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Wait for many meetings together until their livestreams are LIVE or playable, or until none is active."""

from __future__ import annotations

from functools import partial
from typing import Callable, Iterable, Sequence

from .._api.livestreams import Livestreams
from .._api.shapes import ERRORED, INVOKED, LIVE, Livestream, is_started, merge
from .._errors import DefectError, ErroredError, OtherLivestreamError, RealtimeKitError, StoppedError, WaitTimeoutError
from .snapshot import LAG, STATUSES, read_lists
from .targets import Outcome, find_another

#: The seconds of pause for each request of a poll, so that a wait sends fewer than three requests a second.
SPACING = 0.4

#: The least seconds between two polls of a meeting.
INTERVAL = 1.0

#: The pause before a poll of the lists, as a share of the time waited so far. A long wait polls less often.
PATIENCE = 0.1

#: Read so many meetings one by one. For more, read the lists.
ONE_BY_ONE = 5

#: Read so many meetings that are out of time one by one, even if the lists show them.
LAST_READS = 100

#: How many undecided meetings to read one by one in each poll, as long as none is out of time.
READS_PER_POLL = 25


class Wait:
    """A wait for several meetings: with ``live`` for LIVE, with ``playable`` also for a playback URL, otherwise for none active.

    Each meeting has ``timeout`` seconds from its own ``done_at``. The last state
    goes into its ``after``, and a timeout into its ``error``. ``needs``: the fields
    that need a read of the livestream if a list lacks them.
    """

    def __init__(
        self,
        livestreams: Livestreams,
        outcomes: Sequence[Outcome],
        *,
        live: bool,
        timeout: float,
        playable: bool = False,
        needs: Iterable[str] = (),
    ) -> None:
        self._livestreams = livestreams
        self._client = livestreams.client
        self._live = live
        self._playable = playable
        self._timeout = timeout
        self._needs = needs
        self._waiting = [outcome for outcome in outcomes if not (outcome.error or self._is_there(outcome))]
        self._total = len(self._waiting)
        self._last: dict[str, str | None] = {outcome.target: (outcome.after or {}).get("status") for outcome in self._waiting}
        self._looked_at = {outcome.target: outcome.done_at for outcome in self._waiting}

    def run(self) -> None:
        """Poll until every meeting has reached its goal, has failed, or is out of time."""
        began, pause = self._client.clock(), INTERVAL
        while self._waiting:
            if len(self._waiting) <= ONE_BY_ONE:
                pause = max(SPACING, INTERVAL / len(self._waiting))
                over = [self._poll(outcome, pause) for outcome in self._waiting]
            else:
                self._client.sleep(min(pause, max(INTERVAL, self._find_time_left() + LAG)))
                sent = self._client.requests
                over = self._poll_lists()
                waited = self._client.clock() - began
                pause = max(INTERVAL, SPACING * (self._client.requests - sent), PATIENCE * waited)
            self._waiting = [outcome for outcome, is_over in zip(self._waiting, over) if not is_over]
            self._expire()

    def _is_there(self, outcome: Outcome) -> bool:
        """Return whether the outcome needs no wait: already live, or without an active livestream."""
        return self._is_on_air(outcome.after) if self._live else not outcome.changed

    def _is_on_air(self, state: Livestream | None) -> bool:
        """Return whether a livestream meets the goal of the wait."""
        return state is not None and state["status"] == LIVE and bool(state["playback_url"] or not self._playable)

    def _poll(self, outcome: Outcome, pause: float) -> bool:
        """Read the meeting after a pause, or when the first outcome is out of time. Return whether its wait is over."""
        self._client.sleep(max(0.0, min(pause, self._find_time_left())))
        return self._read(outcome)

    def _find_time_left(self) -> float:
        """Return the seconds until the first outcome is out of time."""
        return min(outcome.done_at for outcome in self._waiting) + self._timeout - self._client.clock()

    def _read(self, outcome: Outcome) -> bool:
        self._looked_at[outcome.target] = self._client.clock()
        return self._take(outcome, lambda: self._livestreams.active(outcome.target))

    def _take(self, outcome: Outcome, read: Callable[[], Livestream | None]) -> bool:
        """Put the result of ``read`` into the outcome. Return whether its wait is over."""
        try:
            state = read()
            return self._is_live(outcome, state) if self._live else self._is_gone(outcome, state)
        except StoppedError as error:
            outcome.error = error.at_stage("Wait not finished")
        except RealtimeKitError as error:
            outcome.error = error
        except Exception as error:  # noqa: BLE001 (a defect that one meeting shows must not hide the others)
            outcome.error = DefectError(error)
        return True

    def _is_gone(self, outcome: Outcome, state: Livestream | None) -> bool:
        if state and outcome.only_id not in (None, state["id"]):
            outcome.after = state  # another one, which must not be stopped
            return True
        outcome.after = self._add_to_known(outcome, state) if state else None
        self._last[outcome.target] = f"{state['status']} of {state['id']}" if state else None
        if state and is_started(state) and state["id"] != outcome.stopped_id:
            raise find_another(outcome)
        return state is None

    def _is_live(self, outcome: Outcome, state: Livestream | None) -> bool:
        if state is None or state["id"] == outcome.stopped_id != outcome.started_id:
            self._last[outcome.target] = None
            return False  # the new one does not show yet, or the stopped one still shows
        self._last[outcome.target] = state["status"]
        outcome.after = self._add_to_known(outcome, state)
        if outcome.is_own_only and outcome.started_id != state["id"]:
            raise OtherLivestreamError(
                f"Meeting {outcome.target}: another user has replaced livestream {outcome.started_id} with {state['id']}, "
                "which stays on air. Run the task again to stop it also"
            )
        if state["status"] == ERRORED:
            try:
                said = self._livestreams.err_message(state["id"]) or "the API does not say why"
            except RealtimeKitError as error:  # it has failed anyway
                said = f"why could not be read: {error}"
            raise ErroredError(f"Meeting {outcome.target}: livestream {state['id']} has failed, and its status is ERRORED: {said}")
        return self._is_on_air(outcome.after)

    @staticmethod
    def _add_to_known(outcome: Outcome, state: Livestream) -> Livestream:
        return merge(outcome.after if outcome.after and outcome.after["id"] == state["id"] else {}, state)

    def _poll_lists(self) -> list[bool]:
        """Find all meetings in the lists, and read the undecided ones. Return whether each wait is over."""
        began = self._client.clock()
        late = {outcome.target for outcome in self._waiting if began >= outcome.done_at + self._timeout}
        states: dict[str, Livestream | None] = {}
        try:
            states = self._read_lists(late)
        except RealtimeKitError as error:
            if isinstance(error, StoppedError) or error is self._client.refusal:
                return [self._take(outcome, partial(_fail, error)) for outcome in self._waiting]
        except Exception:  # noqa: BLE001, S110 (a defect in reading the lists must not hide what was started: each is read by itself)
            pass
        for meeting_id in states:
            self._looked_at[meeting_id] = max(began - LAG, self._looked_at[meeting_id])
        left_open = [outcome.target for outcome in self._waiting if outcome.target not in states]
        left_open.sort(key=self._looked_at.__getitem__)
        to_read = late.intersection(left_open).union(left_open[:READS_PER_POLL])

        def look(outcome: Outcome) -> bool:
            if outcome.target in to_read:
                return self._read(outcome)
            state = states.get(outcome.target)
            if outcome.target not in states or (self._live and not state):
                return False  # a list that does not show LIVE yet proves nothing
            return self._take(outcome, lambda: state)

        return self._client.side_by_side(look, self._waiting)

    def _read_lists(self, late: set[str]) -> dict[str, Livestream | None]:
        """Return the result of the lists. Meetings that need a separate read are missing."""
        shown = (
            self._read_live(is_late=bool(late))
            if self._live
            else read_lists(self._livestreams, [outcome.target for outcome in self._waiting])
        )
        unsettled = {target for target in late if self._is_unsettled(shown.get(target))}
        if len(unsettled) > LAST_READS:
            unsettled = {target for target in unsettled if not shown.get(target)}
        return {target: state for target, state in shown.items() if target not in unsettled}

    def _is_unsettled(self, state: Livestream | None) -> bool:
        """Return whether this state from a list would fail a meeting that is out of time."""
        return not state or (is_started(state) and not self._is_on_air(state)) if self._live else state is not None

    def _read_live(self, *, is_late: bool) -> dict[str, Livestream | None]:
        known = {outcome.target: outcome.after for outcome in self._waiting if outcome.after}
        wanted = list(known)

        def find(*statuses: str) -> dict[str, Livestream | None]:
            return read_lists(self._livestreams, wanted, statuses=statuses, needs=self._needs, known=known, may_miss=True)

        if is_late:
            return find(*STATUSES)
        states: dict[str, Livestream | None] = {}
        if len(wanted) * 2 < self._total:  # fewer rows than the list of LIVE livestreams has by now
            states = find(INVOKED)
            wanted = [meeting_id for meeting_id, state in states.items() if not state]
            states = {meeting_id: state for meeting_id, state in states.items() if state}
        return {**states, **find(LIVE, ERRORED)} if wanted else states

    def _expire(self) -> None:
        """Fail the outcomes that are out of time and were read after their time was over, because a hold can delay the last read."""
        for outcome in self._waiting:
            if self._looked_at[outcome.target] < outcome.done_at + self._timeout:
                continue
            held = self._client.held - outcome.held_before
            pacing = f", {held:.0f} of them spent waiting for the API's rate limit" if held >= 1 else ""
            goal, seen = self._tell_what_is_missing(self._last[outcome.target])
            outcome.error = WaitTimeoutError(f"Meeting {outcome.target}: not {goal} after {self._timeout:g} seconds{pacing}; {seen}")
        self._waiting = [outcome for outcome in self._waiting if not outcome.error]

    def _tell_what_is_missing(self, last: str | None) -> tuple[str, str]:
        """Describe the goal that was not reached, and the last state."""
        seen = f"the last status seen is {last or 'none active'}"
        if not self._live:
            return "without an active livestream", seen
        if last == INVOKED:
            seen += ". It may be waiting for an encoder, if it was started with manual ingest"
        return ("playable", "it is LIVE, and has no playback_url yet") if last == LIVE else ("LIVE", seen)


def _fail(error: RealtimeKitError) -> Livestream | None:
    raise error

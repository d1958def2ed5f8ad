# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The engine: carry out every write, and find out its effect. `decisions` decides what follows each attempt.

The API has no idempotency key and no lock. These rules make a write happen once;
docs/reliability.md has the guarantees:

1. Before a write that may have happened is sent again, the state is read.
2. A write leaves at most FRESH seconds after the read of its state, unless the API
   guards it: the API refuses a second start (STARTS_ARE_GUARDED).
3. A task stops only the livestream that it has found: `Write.is_reached` is true
   when another one has replaced it.
4. ``by_us`` is true if the write took effect, or if this is unknown.
5. Before a write fails for lack of time, the state is read once more.
"""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import Any, Callable, NamedTuple, Sequence

from .._errors import DefectError, NoEffectError, RealtimeKitError, StaleStateError, UnknownOutcomeError
from .._http.client import Client, Departure
from .decisions import FRESH, SLOW_READS, Answer, Decision, Done, Fail, History, Look, Pause, SendAgain, State, decide


class Write(NamedTuple):
    """One write, as data."""

    send: Callable[[Departure], Any]  #: sends it, and returns the state of the answer
    is_reached: Callable[[Any], bool]  #: returns whether a state is the goal
    no_effect: str  #: the message if the write had no effect
    conflicts: tuple[type[RealtimeKitError], ...] = ()  #: refusals that mean "read again"
    settling: tuple[type[RealtimeKitError], ...] = ()  #: those of them that can be temporary
    inconclusive: tuple[type[RealtimeKitError], ...] = ()  #: refusals that are as unclear as a lost answer
    target: str = ""  #: the key of the write, if several share a read
    is_guarded: bool = False  #: whether the API refuses it in a wrong state


class Attempt:
    """A write under way, and its result at the end.

    ``state`` is the last one seen, ``by_us`` whether this write caused it,
    ``doubt`` the error of an uncertain send, ``refusal`` the error of the last
    send, ``error`` the final failure, and ``is_begun`` whether it was ever sent.
    """

    def __init__(self, write: Write, retries: int) -> None:
        self.write = write
        self.state: Any = None
        self.by_us = False
        self.doubt: RealtimeKitError | None = None
        self.error: RealtimeKitError | None = None
        self.is_begun = False
        self.staleness: StaleStateError | None = None
        self.next: Decision = SendAgain()
        self.tries: Counter[Answer] = Counter()
        self._answer = Answer.STALE
        self.refusal: RealtimeKitError | None = None
        self._history = History(retries=retries)

    @property
    def is_over(self) -> bool:
        return isinstance(self.next, (Done, Fail))

    def end_send(self, answer: Answer, error: RealtimeKitError | None = None, back_off: float = 0.0) -> None:
        if answer is not Answer.STALE:
            self.tries[Answer.STALE] = 0
            if answer is not Answer.NOT_SENT:
                self.tries[Answer.NOT_SENT] = 0
        self.tries[answer] += 1
        self.doubt = error if error and error.is_uncertain else self.doubt
        self._answer, self.refusal = answer, error
        may_settle = isinstance(error, self.write.settling)
        self._history = History(self.doubt is not None, self.tries[answer], 0, self._history.retries, may_settle, back_off)
        self._go_on(State.NOT_READ, error)

    def end_look(self, state: Any) -> None:
        self.state, self._history = state, self._history._replace(looks=self._history.looks + 1)
        reached = State.OURS if self.doubt else State.THEIRS
        self._go_on(reached if self.write.is_reached(state) else State.NOT_REACHED, self.refusal)

    def learn(self, state: Any) -> None:
        """Use a read for other writes for this one also."""
        if self.write.is_reached(state):
            self._answer = Answer.STALE
            self.end_look(state)

    def fail_look(self, error: RealtimeKitError) -> None:
        self._go_on(State.UNREADABLE, error)

    def end_in_defect(self, error: Exception, *, by_us: bool) -> None:
        self.next, self.by_us, self.error = Fail.UNKNOWN, by_us, DefectError(error)

    def _go_on(self, state: State, error: RealtimeKitError | None) -> None:
        self.next = decide(self._answer, state, self._history)
        self.by_us = self.next.by_us if isinstance(self.next, Done) else self.next is Fail.UNKNOWN
        if self.next is Fail.NO_EFFECT:
            self.error = NoEffectError(f"{error}; {self.write.no_effect}. Run the task again: it reads the state first", error)
        elif self.next is Fail.UNKNOWN:
            first, then = (getattr(each, "reason", str(each)).rstrip(".") for each in (self.doubt, error))
            self.error = UnknownOutcomeError(
                f"Outcome unknown: {first}; and then {then}. Run the task again: it reads the state first", self.doubt
            )
        elif isinstance(self.next, Fail):
            self.error = error if self.next is Fail.UNREADABLE else self.refusal


class Writes:
    """Writes that share the reads of their states.

    ``read`` returns the state for each of some writes, and when its request left,
    on the client's clock. ``sent_at`` is the time of the read before, or None if there was
    none.
    """

    def __init__(self, client: Client, read: Callable[[Sequence[Write]], tuple[Sequence[Any], float]], sent_at: float | None) -> None:
        self._client = client
        self._read = read
        self._rests_on = -inf if sent_at is None else sent_at
        self._slow_reads = int(sent_at is not None and client.clock() - sent_at > FRESH)
        self._attempts: list[Attempt] = []

    def carry_out(self, *writes: Write) -> list[Attempt]:
        """Carry out each write, and return the attempts. They do not raise, so that none hides another."""
        attempts = due = self._attempts = [Attempt(write, self._client.connection.retries) for write in writes]
        while due:
            self._send(due)
            pauses = [attempt.next.seconds for attempt in due if isinstance(attempt.next, Look)]
            while pauses:
                self._client.sleep(max(pauses))
                self._look([attempt for attempt in due if isinstance(attempt.next, Look)])
                pauses = [attempt.next.seconds for attempt in due if isinstance(attempt.next, Look)]
            due = [attempt for attempt in due if not attempt.is_over]
            pause = max((attempt.next.seconds for attempt in due if isinstance(attempt.next, Pause)), default=0.0)
            if pause:
                self._client.sleep(pause)
        return attempts

    def _send(self, attempts: Sequence[Attempt]) -> None:
        """Send all side by side. If their state is too old, one of them reads it again for the others."""
        left = attempts
        while left:
            is_stale = self._client.side_by_side(self._try, left)
            left = [attempt for attempt, stale in zip(left, is_stale) if stale and not attempt.is_over]
            if left:
                self._send_anew(left.pop(0))
                left = [attempt for attempt in left if not attempt.is_over]

    def _send_anew(self, attempt: Attempt) -> None:
        """Read the state, and send directly after the read."""
        attempt.end_send(Answer.STALE, attempt.staleness)
        while attempt.tries[Answer.STALE] and not attempt.is_over:
            with self._client.pair():
                self._look([attempt])
                if isinstance(attempt.next, SendAgain) and self._try(attempt):
                    attempt.end_send(Answer.STALE, attempt.staleness)

    def _try(self, attempt: Attempt) -> bool:
        """Send it. Return whether its state was too old, so that it was not sent."""
        write = attempt.write
        try:
            leave_by = None if write.is_guarded else self._rests_on + FRESH
            attempt.state = write.send(Departure(attempt.tries[Answer.NOT_SENT], attempt.doubt is not None, leave_by))
        except StaleStateError as error:
            attempt.staleness = error
            return True
        except RealtimeKitError as error:
            attempt.is_begun = attempt.is_begun or self._client.is_sent
            back_off = self._client.find_pause("POST", error, attempt.tries[Answer.NOT_SENT], attempt.refusal)
            attempt.end_send(_classify(error, write, may_repeat=back_off is not None), error, back_off or 0.0)
        except Exception as error:  # noqa: BLE001 (a defect that one target shows must not hide the others)
            attempt.end_in_defect(error, by_us=attempt.doubt is not None or self._client.is_sent)
        else:
            attempt.end_send(Answer.ACCEPTED)
        return False

    def _look(self, attempts: Sequence[Attempt]) -> None:
        """Read the state for these writes, and with the same read for all others that are not over."""
        others = [attempt for attempt in self._attempts if not (attempt.is_over or attempt in attempts)]
        try:
            states, sent_at = self._read([attempt.write for attempt in (*attempts, *others)])
            answered_at = self._client.clock()
            self._slow_reads = self._slow_reads + 1 if answered_at - sent_at > FRESH else 0
            self._rests_on = answered_at if self._slow_reads >= SLOW_READS else sent_at
            for attempt, state in zip(attempts, states):
                attempt.end_look(state)
            for attempt, state in zip(others, states[len(attempts) :]):
                attempt.learn(state)
        except RealtimeKitError as error:
            for attempt in attempts:
                attempt.fail_look(error)
        except Exception as error:  # noqa: BLE001 (as above)
            for attempt in attempts:
                attempt.end_in_defect(error, by_us=attempt.doubt is not None)


def _classify(error: RealtimeKitError, write: Write, *, may_repeat: bool) -> Answer:
    if error.is_uncertain or isinstance(error, write.inconclusive):
        return Answer.UNCERTAIN
    if may_repeat:
        return Answer.NOT_SENT
    return Answer.CONFLICT if isinstance(error, write.conflicts) else Answer.REFUSED

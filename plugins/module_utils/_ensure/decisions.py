# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The decision after an attempt to write. Pure functions: `writes` sends, reads, and waits."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, Union

#: The seconds before each look for the effect of an uncertain write, which may show late.
LOOKS = (0.0, 0.5, 1.5, 3.0)

#: The seconds before each further try of a write after a conflict with an earlier one: about ten in total.
SETTLE = (0.5, 1.0, 2.0, 3.0, 4.0)

#: The most seconds from the read of a state to the unguarded write that rests on it.
FRESH = 2.0

#: Whether the API refuses a start while a livestream of the meeting is active. `make live` finds out whether a real account does.
#: If it does not, set this to False. Every start then rests on a read of its meeting that is FRESH, as every stop does.
STARTS_ARE_GUARDED = True

#: How often in a row to read a state again that became too old before the write could leave.
REREADS = 4

#: After so many reads in a row that took longer than FRESH, the time counts from the answer. Otherwise, no write could
#: reach a slow API.
SLOW_READS = 2


class Answer(Enum):
    """The end of the last send of a write."""

    ACCEPTED = "accepted"
    UNCERTAIN = "uncertain"
    CONFLICT = "conflict"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    STALE = "stale"


class State(Enum):
    """The state after the last send, relative to the goal of the write."""

    NOT_READ = "not read"
    NOT_REACHED = "not reached"
    OURS = "reached by us"
    THEIRS = "reached by others"
    UNREADABLE = "unreadable"


class History(NamedTuple):
    """The earlier attempts."""

    in_doubt: bool = False  #: an earlier send of this write ended uncertain
    tries: int = 1  #: how often the write ended with this answer; STALE counts anew after any other, NOT_SENT after any but STALE
    looks: int = 0  #: how often the state was read since the last send
    retries: int = 0  #: how often a write that had no effect may be sent again
    may_settle: bool = True  #: whether a conflict can be temporary
    back_off: float = 0.0  #: the seconds that the transport wants before the next send


class Done(NamedTuple):
    """The goal is reached. ``by_us``: by this write, or this is unknown."""

    by_us: bool


class Look(NamedTuple):
    """Read the state after so many seconds."""

    seconds: float


class SendAgain(NamedTuple):
    """Send the write again now."""


class Pause(NamedTuple):
    """Send the write again after so many seconds."""

    seconds: float


class Fail(Enum):
    """The reason why the write fails."""

    REFUSED = "refused"  #: with the error of the last send; the write had no effect
    UNREADABLE = "unreadable"  #: with the error of the read; the write had no effect
    NO_EFFECT = "no effect"  #: sent, but without a visible effect
    UNKNOWN = "unknown"  #: sent, with an unknown effect


Decision = Union[Done, Look, SendAgain, Pause, Fail]


def decide(answer: Answer, state: State, history: History) -> Decision:
    """Decide what follows an attempt to write.

    | The answer | The state | Before | What follows |
    | --- | --- | --- | --- |
    | accepted | not read | any | done, by us |
    | refused | not read | no doubt | fail: refused |
    | refused | not read | in doubt | fail: unknown |
    | not sent | not read | tries left | pause, send again |
    | not sent | not read | no tries left, no doubt | fail: refused |
    | not sent | not read | no tries left, in doubt | fail: unknown |
    | uncertain, conflict, or stale | not read | any | look |
    | uncertain, conflict, or stale | reached by us | any | done, by us |
    | uncertain, conflict, or stale | reached by others | any | done, by others |
    | uncertain | not reached | looks left | look |
    | uncertain | not reached | no looks left, tries left | send again |
    | uncertain | not reached | no looks left, no tries left | fail: no effect |
    | conflict | not reached | tries left | pause, send again |
    | stale | not reached | tries left | send again |
    | conflict, or stale | not reached | no tries left, no doubt | fail: refused |
    | conflict | unreadable | no doubt | fail: refused |
    | uncertain, or stale | unreadable | no doubt | fail: unreadable |
    | conflict, or stale | not reached | no tries left, in doubt | fail: unknown |
    | uncertain, conflict, or stale | unreadable | in doubt | fail: unknown |
    """
    # After an uncertain send, the conflict may be with our own write.
    settles = len(SETTLE) if history.may_settle or history.in_doubt else 0
    has_tries = history.tries <= {Answer.CONFLICT: settles, Answer.STALE: REREADS}.get(answer, history.retries)
    if answer is Answer.ACCEPTED:
        return Done(by_us=True)
    if state in (State.OURS, State.THEIRS):
        return Done(by_us=state is State.OURS)
    if answer is Answer.NOT_SENT and has_tries:
        return Pause(history.back_off)
    if answer in (Answer.UNCERTAIN, Answer.CONFLICT, Answer.STALE):
        if state is State.NOT_READ:
            return Look(LOOKS[0])
        if state is State.NOT_REACHED and answer is Answer.UNCERTAIN:
            if history.looks < len(LOOKS):
                return Look(LOOKS[history.looks])
            return SendAgain() if has_tries else Fail.NO_EFFECT
        if state is State.NOT_REACHED and has_tries:
            return SendAgain() if answer is Answer.STALE else Pause(SETTLE[history.tries - 1])
    if history.in_doubt:
        return Fail.UNKNOWN
    return Fail.UNREADABLE if state is State.UNREADABLE and answer is not Answer.CONFLICT else Fail.REFUSED

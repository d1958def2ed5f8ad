# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Whether and when to send again, and how fast to send at all.

The retry rules and delays are pure functions. `Pacing` is the one place where
a task's threads meet: it knows the rate limit window that the API reports on
every answer, and holds all of them when little is left of it.
"""

from __future__ import annotations

import os
import re
import select
import threading
import time
from typing import Any, Callable, Iterator, NamedTuple

from .._errors import (
    InterruptError,
    LostAnswerError,
    NotSentError,
    ProxyRefusedError,
    RateLimitedError,
    RequestError,
    ServerError,
    TaskTimeoutError,
)

#: Seconds. A task that waits longer than this for the API looks stuck: fail and say when to come back.
LONGEST_HOLD = 300.0
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 8.0

#: Statuses about the token rather than the target.
TOKEN_REFUSED = (401, 403)

#: One in so many requests of the quota is left to the user's other clients.
RESERVE_SHARE = 50

#: Seconds by which two answers of one window may disagree about its end: ``t`` comes in whole seconds, and answers take their time.
SAME_WINDOW = 1.5


def is_retryable(method: str, error: Exception, before: Exception | None = None) -> bool:
    """Whether the same request may be sent again without knowing more; ``before`` is how its last try had ended.

    What was refused for its rate or never left is safe for any method. After
    that only reads are: a write that got no clear answer may have happened.
    A proxy that refuses twice will do so again.
    """
    if isinstance(error, ProxyRefusedError):
        return not error.is_final and str(error) != str(before)
    if isinstance(error, (NotSentError, RateLimitedError)):
        return True
    return method == "GET" and isinstance(error, (LostAnswerError, ServerError))


def is_shared(error: RequestError) -> bool:
    """Whether every other request would end like this one, because it is about the token, or about the user of the proxy."""
    return error.is_final if isinstance(error, ProxyRefusedError) else getattr(error, "status", None) in TOKEN_REFUSED


def back_off(attempt: int, retry_after: float | None, jitter: float) -> float:
    """Seconds before the try after ``attempt`` (from 0): doubling, at least half of it fixed, ``Retry-After`` as a floor.

    ``jitter`` is a random number from 0 to 1, so that many tasks that failed together do not return together.
    """
    backoff = min(FIRST_BACKOFF * 2.0 ** min(attempt, 16), LONGEST_BACKOFF)
    return max(backoff * (1 + jitter) / 2, retry_after or 0.0)


class Window(NamedTuple):
    """What a ``Ratelimit`` header says: requests left, seconds until the window resets, and the name of the policy."""

    left: int
    resets_in: float
    policy: str


class Forecast(NamedTuple):
    """What a task's requests mean under the limit: at least ``seconds`` for ``requests``, with ``quota`` allowed in ``window`` seconds."""

    requests: int
    quota: int
    window: int
    seconds: float


def parse_ratelimit(header: str | None) -> Window | None:
    """The tightest policy of a ``Ratelimit`` header such as ``"default";r=50;t=30``, or None."""
    windows = [Window(left, float(resets_in), name) for name, (left, resets_in) in _parse_policies(header, "r", "t")]
    return min(windows, key=lambda window: (window.left, -window.resets_in), default=None)


def _parse_policies(header: str | None, *names: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The name of each policy in a header and these parameters, as whole numbers; policies that lack one are passed over."""
    for policy in (header or "").split(","):
        parts = [part.strip() for part in policy.split(";")]
        parameters = dict(part.partition("=")[::2] for part in parts)
        numbers = [parameters.get(name, "") for name in names]
        if all(re.fullmatch(r"-?\d{1,9}", number) for number in numbers):  # thousands of digits are no number to reckon with
            yield parts[0].strip('"'), tuple(int(number) for number in numbers)


class Pacing:
    """Lets a task's threads send no faster than the API's limit allows.

    ``clock`` gives monotonic seconds, ``sleep`` takes seconds; without one
    `stop` ends a sleep. ``lifetime`` is how many seconds there are for all of
    it. The first request goes alone, for its answer tells what is left; so does
    the first one after a window has ended, for it may slide rather than start
    afresh. If it gets no answer the others do not wait any longer.
    """

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], Any] | None = None, lifetime: float | None = None) -> None:
        self._stopped = False
        self._wakes = os.pipe() if sleep is None else None  # readable once stopped, which ends every sleep
        self._clock = clock
        self._pass_time = sleep or self._sleep
        self._ends_at = float("inf") if lifetime is None else clock() + lifetime
        self.sent = 0  #: how many requests were sent
        self._turn = threading.Condition()
        self._in_flight = 0
        self._left: float | None = None  # None: not known, so one request has to find out
        self._quota = 0
        self._resets_at = 0.0
        self._hold_until = 0.0
        self._counted_until = 0.0
        self._planned = 0
        self._policy: tuple[int, ...] = (0, 0)  # requests, and the seconds in which so many are allowed
        self._held = 0.0
        self.forecast: Forecast | None = None  #: set if what is planned is more than what is left

    def __del__(self) -> None:
        """Close the pipe: an event source makes one of these for each poll."""
        for end in getattr(self, "_wakes", None) or ():
            os.close(end)

    def plan(self, requests: int) -> None:
        """Tell how many requests are to come, at the least: what is left of the limit tells how long they will take."""
        with self._turn:
            self._planned = requests
            resets_in = self._resets_at - self._clock()
            if self._left is not None and resets_in > 0:
                self._foresee(self._left, resets_in)

    @property
    def held(self) -> float:
        """Seconds for which the task, with all its threads, has held back so far."""
        return self._held - max(0.0, self._counted_until - self._clock())

    def stop(self) -> None:
        """Let no request pass any more. For signal handlers, too: takes no lock, which what they interrupt may hold."""
        self._stopped = True
        if self._wakes:
            os.write(self._wakes[1], b".")

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass, or those until the task has to end."""
        self._pass_time(max(0.0, min(seconds, self._ends_at - self._clock())))

    def _sleep(self, seconds: float) -> None:
        # Not an Event: before Python 3.9 its wait uses the wall clock, which can be set.
        select.select(self._wakes[:1] if self._wakes else (), (), (), seconds)

    @staticmethod
    def tell_when(seconds: float) -> str:
        """When to come back, as a time of day, because it may be read later."""
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + min(seconds, 10**9)))
        return f"the API accepts no requests for {seconds:.0f} seconds: try again at {at} UTC"

    def acquire(self, places: int = 1) -> float:
        """Return when a request may be sent: 0, or the seconds by which the hold is too long to sit out.

        ``places``: how many the window must have left. Two for a read that a write
        follows at once, and then none for that write. Otherwise a nearly used-up
        window could let a task read again and again, each time too long before it
        may write.
        """
        while True:
            with self._turn:
                self.check()
                pause = self._find_pause(places)
                if pause is None:
                    self._turn.wait()
                    continue
                if pause <= 0:
                    self._in_flight += 1
                    return 0.0
                if pause > LONGEST_HOLD:
                    return pause
                if self._clock() + pause >= self._ends_at:
                    raise TaskTimeoutError(reason=f"{self.tell_when(pause)}, and task_timeout is over before that")
                self._count_hold(pause)
            self.sleep(pause)

    def check(self) -> None:
        """Raise StoppedError if nothing may be sent any more."""
        if self._stopped:
            raise InterruptError
        if self._clock() >= self._ends_at:
            raise TaskTimeoutError

    def release(self, ratelimit: str | None = None, policy: str | None = None, *, is_sent: bool = True, hold: float = 0.0) -> None:
        """Take in the headers ``Ratelimit`` and ``Ratelimit-Policy`` of the answer to a request that `acquire` let pass.

        ``is_sent``: whether it was sent after all. ``hold``: seconds for which no
        thread may send, because the API has refused this one for its rate.
        """
        window = parse_ratelimit(ratelimit)
        with self._turn:
            self._in_flight -= 1
            self.sent += is_sent
            if self._clock() < self._hold_until or not is_sent:
                pass  # only what is sent, and not overtaken by a refusal, tells anything
            elif window:
                self._observe(window, dict(_parse_policies(policy, "q", "w")))
            elif self._left is None:
                # An API, or a proxy, that tells no limit; or one that does not answer, and must not make all wait one by one.
                self._left, self._resets_at = float("inf"), 0.0
            else:
                self._left -= 1
            if hold:
                used_up = window.resets_in if window and window.left <= 0 else 0.0
                self._hold_until = max(self._hold_until, self._clock() + max(hold, used_up))
                self._left = None
            self._turn.notify_all()

    def _find_pause(self, places: int) -> float | None:
        """Seconds until a request may leave; None: another one's answer has to come first."""
        now = self._clock()
        if not places:
            return 0.0  # granted with the read before it, also if another thread's request was refused since
        if now < self._hold_until:
            return self._hold_until - now
        if self._left is not None and now >= self._resets_at and self._resets_at:
            self._left = None
        if self._left is None:
            return None if self._in_flight else 0.0
        if self._left - self._in_flight >= self._quota // RESERVE_SHARE + places:
            return 0.0
        # An answer on its way may show places left; without one only the end of the window brings any.
        return None if self._in_flight else self._resets_at - now

    def _observe(self, window: Window, policies: dict[str, tuple[int, ...]]) -> None:
        resets_at = self._clock() + window.resets_in
        self._policy = policies.get(window.policy) or max(policies.values(), default=(0, 0))
        self._quota = max(0, self._policy[0]) or max(self._quota, window.left)
        if self._left is None or resets_at > self._resets_at + SAME_WINDOW:
            self._left, self._resets_at = float(window.left), resets_at
        else:
            # Answers overtake each other, and seconds are rounded up: within one window the least is the nearest to the truth.
            self._left, self._resets_at = min(self._left, float(window.left)), min(self._resets_at, resets_at)
        if self._planned:
            self._foresee(window.left, window.resets_in)

    def _foresee(self, left: float, resets_in: float) -> None:
        quota, seconds = self._policy
        beyond = self._planned - max(0.0, left - quota // RESERVE_SHARE)
        if beyond > 0 and quota > 0 and seconds > 0:
            windows = -(-beyond // max(1, quota - quota // RESERVE_SHARE))
            self.forecast = Forecast(self._planned, quota, seconds, resets_in + (windows - 1) * seconds)
        self._planned = 0

    def _count_hold(self, pause: float) -> None:
        """Count what no other thread's hold has counted yet."""
        now = self._clock()
        ends = now + pause
        self._held += max(0.0, ends - max(now, self._counted_until))
        self._counted_until = max(self._counted_until, ends)

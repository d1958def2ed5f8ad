# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Whether and when to send again, and how fast to send.

The retry rules and delays are pure functions. A task's threads share one
`Pacing`: it knows the rate limit window that the API reports with every answer,
and makes all of them wait when little is left of it.
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

#: In seconds. A task that waits longer for the API looks stuck, so it fails and says when to try again.
LONGEST_HOLD = 300.0
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 8.0

#: Statuses about the token rather than the target.
TOKEN_REFUSED = (401, 403)

#: The share of the quota that is left to the user's other clients: one in so many requests.
RESERVE_SHARE = 50

#: Seconds by which two answers of one window may disagree about its end: ``t`` comes in whole seconds, and answers take their time.
SAME_WINDOW = 1.5


def is_retryable(method: str, error: Exception, before: Exception | None = None) -> bool:
    """Return whether the same request may be sent again without a read; ``before`` is the error of its last try.

    After a 429, or if the request never left, any method is safe. Otherwise only
    reads are, because a write without a clear answer may have happened. A proxy
    that refuses twice is final.
    """
    if isinstance(error, ProxyRefusedError):
        return not error.is_final and str(error) != str(before)
    if isinstance(error, (NotSentError, RateLimitedError)):
        return True
    return method == "GET" and isinstance(error, (LostAnswerError, ServerError))


def is_shared(error: RequestError) -> bool:
    """Return whether every other request would fail alike, because of the token or the user of the proxy."""
    return error.is_final if isinstance(error, ProxyRefusedError) else getattr(error, "status", None) in TOKEN_REFUSED


def back_off(attempt: int, retry_after: float | None, jitter: float) -> float:
    """Return the seconds before the try after ``attempt`` (from 0): doubling, half of it random, at least ``Retry-After``.

    ``jitter`` is a random number from 0 to 1, so that tasks that failed together do not return together.
    """
    backoff = min(FIRST_BACKOFF * 2.0 ** min(attempt, 16), LONGEST_BACKOFF)
    return max(backoff * (1 + jitter) / 2, retry_after or 0.0)


class Window(NamedTuple):
    """A ``Ratelimit`` header: requests left, seconds until the window resets, and the name of the policy."""

    left: int
    resets_in: float
    policy: str


class Forecast(NamedTuple):
    """The least ``seconds`` that a task's ``requests`` take under a limit of ``quota`` in ``window`` seconds."""

    requests: int
    quota: int
    window: int
    seconds: float


def parse_ratelimit(header: str | None) -> Window | None:
    """Return the tightest policy of a ``Ratelimit`` header such as ``"default";r=50;t=30``, or None."""
    windows = [Window(left, float(resets_in), name) for name, (left, resets_in) in parse_policies(header, "r", "t")]
    return min(windows, key=lambda window: (window.left, -window.resets_in), default=None)


def parse_policies(header: str | None, *names: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the name of each policy in a header with these parameters as integers. Skip a policy that lacks one."""
    for policy in (header or "").split(","):
        parts = [part.strip() for part in policy.split(";")]
        parameters = dict(part.partition("=")[::2] for part in parts)
        numbers = [parameters.get(name, "") for name in names]
        if all(re.fullmatch(r"-?\d{1,9}", number) for number in numbers):  # ignore a number with thousands of digits
            yield parts[0].strip('"'), tuple(int(number) for number in numbers)


class Pacing:
    """Makes a task's threads send no faster than the API's limit allows.

    ``clock`` returns monotonic seconds, and ``sleep`` takes seconds; by default,
    `stop` ends a sleep. ``lifetime`` is the number of seconds for the task,
    and ``longest_hold`` the most seconds of one hold. The first request goes alone, because its answer shows what is left. So does the
    first one after a window, which may be sliding. If it gets no answer, the
    others do not wait any longer.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], Any] | None = None,
        lifetime: float | None = None,
        longest_hold: float = LONGEST_HOLD,
    ) -> None:
        self._stopped = False
        self._wakes = os.pipe() if sleep is None else None  # readable once stopped, which ends every sleep
        self._clock = clock
        self._pass_time = sleep or self._sleep
        self._ends_at = float("inf") if lifetime is None else clock() + lifetime
        self._longest_hold = longest_hold
        self.sent = 0  #: how many requests were sent
        self._turn = threading.Condition()
        self._in_flight = 0
        self._left: float | None = None  # None if unknown, so one request must find out
        self._quota = 0
        self._resets_at = 0.0
        self._hold_until = 0.0
        self._counted_until = 0.0
        self._planned = 0
        self._policy: tuple[int, ...] = (0, 0)  # requests, and the seconds in which so many are allowed
        self._held = 0.0
        self.forecast: Forecast | None = None  #: set if more requests are planned than are left

    def __del__(self) -> None:
        """Close the pipe, because an event source creates a `Pacing` for each poll."""
        for end in getattr(self, "_wakes", None) or ():
            os.close(end)

    def plan(self, requests: int) -> None:
        """Announce the least number of requests that will follow, for a forecast of their time."""
        with self._turn:
            self._planned = requests
            resets_in = self._resets_at - self._clock()
            if self._left is not None and resets_in > 0:
                self._foresee(self._left, resets_in)

    @property
    def held(self) -> float:
        """Return the seconds that the task, with all its threads, has waited so far."""
        return self._held - max(0.0, self._counted_until - self._clock())

    def stop(self) -> None:
        """Allow no more requests. Signal handlers can call this, because it takes no lock."""
        self._stopped = True
        if self._wakes:
            os.write(self._wakes[1], b".")

    def sleep(self, seconds: float) -> None:
        """Sleep for so many seconds, or until the task must end."""
        self._pass_time(max(0.0, min(seconds, self._ends_at - self._clock())))

    def _sleep(self, seconds: float) -> None:
        # Not an Event: before Python 3.9 its wait uses the wall clock, which can be set.
        select.select(self._wakes[:1] if self._wakes else (), (), (), seconds)

    @staticmethod
    def tell_when(seconds: float) -> str:
        """Say when to try again, as a time of day, because the message may be read later."""
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + min(seconds, 10**9)))
        return f"the API accepts no requests for {seconds:.0f} seconds: try again at {at} UTC"

    def acquire(self, places: int = 1) -> float:
        """Wait until a request may be sent. Return 0, or the seconds of a pause that is too long to wait for.

        ``places``: how many requests the window must have left. A read with a write
        right behind it takes two, and that write none. Otherwise, a nearly used-up
        window could make a task read forever without a chance to write.
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
                if pause > self._longest_hold:
                    return pause
                if self._clock() + pause >= self._ends_at:
                    raise TaskTimeoutError(reason=f"{self.tell_when(pause)}, and task_timeout is over before that")
                self._count_hold(pause)
            self.sleep(pause)

    def check(self) -> None:
        """Raise StoppedError if the task must end."""
        if self._stopped:
            raise InterruptError
        if self._clock() >= self._ends_at:
            raise TaskTimeoutError

    def release(self, ratelimit: str | None = None, policy: str | None = None, *, is_sent: bool = True, hold: float = 0.0) -> None:
        """Note the headers ``Ratelimit`` and ``Ratelimit-Policy`` of the answer to a request after `acquire`.

        ``is_sent``: whether the request was sent. ``hold``: the seconds for which no
        thread may send, because the API answered 429.
        """
        window = parse_ratelimit(ratelimit)
        with self._turn:
            self._in_flight -= 1
            self.sent += is_sent
            if self._clock() < self._hold_until or not is_sent:
                pass  # ignore the answer if the request was not sent, or if a newer refusal exists
            elif window:
                self._observe(window, dict(parse_policies(policy, "q", "w")))
            elif self._left is None:
                # The API or a proxy reports no limit, or does not answer. Other requests must not wait one by one.
                self._left, self._resets_at = float("inf"), 0.0
            else:
                self._left -= 1
            if hold:
                used_up = window.resets_in if window and window.left <= 0 else 0.0
                self._hold_until = max(self._hold_until, self._clock() + max(hold, used_up))
                self._left = None
            self._turn.notify_all()

    def _find_pause(self, places: int) -> float | None:
        """Return the seconds until a request may leave, or None if it must wait for another one's answer."""
        now = self._clock()
        if not places:
            return 0.0  # granted with the read before it, even after another thread's 429
        if now < self._hold_until:
            return self._hold_until - now
        if self._left is not None and now >= self._resets_at and self._resets_at:
            self._left = None
        if self._left is None:
            return None if self._in_flight else 0.0
        if self._left - self._in_flight >= self._quota // RESERVE_SHARE + places:
            return 0.0
        # An answer under way may show places left. Otherwise, only the end of the window brings new ones.
        return None if self._in_flight else self._resets_at - now

    def _observe(self, window: Window, policies: dict[str, tuple[int, ...]]) -> None:
        resets_at = self._clock() + window.resets_in
        self._policy = policies.get(window.policy) or max(policies.values(), default=(0, 0))
        self._quota = max(0, self._policy[0]) or max(self._quota, window.left)
        if self._left is None or resets_at > self._resets_at + SAME_WINDOW:
            self._left, self._resets_at = float(window.left), resets_at
        else:
            # Answers overtake each other, and seconds are rounded up, so the smallest number of a window is the best.
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
        """Count the part of a wait that no other thread has counted."""
        now = self._clock()
        ends = now + pause
        self._held += max(0.0, ends - max(now, self._counted_until))
        self._counted_until = max(self._counted_until, ends)

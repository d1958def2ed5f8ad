# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""HTTP to the API: whether and when a request is sent, and when it is sent again.

Reads are sent again here. Writes are not: `_ensure.writes` decides that. The
adapter's own retries are off, because they sleep where pacing cannot see it and
repeat what they must not.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import contextmanager
from copy import copy
from functools import partial
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Sequence, TypeVar
from urllib.parse import quote

from .._errors import LostAnswerError, RateLimitedError, RejectedAnswerError, RequestError, StaleStateError, StoppedError
from .answers import Payload, unwrap
from .exchange import exchange
from .opening import opening
from .pacing import LONGEST_HOLD, Forecast, Pacing, back_off, is_retryable, is_shared
from .session import ApiSession, Bearer, Connection, build_session

S = TypeVar("S")
T = TypeVar("T")


class Departure(NamedTuple):
    """How a write may leave."""

    attempt: int = 0  #: how often it was sent before and certainly not carried out; each one lengthens the back-off
    is_again: bool = False  #: whether the connection of an earlier try may be to blame, so that it needs a new one
    leave_by: float | None = None  #: when the state that it rests on becomes too old, on the client's clock


AT_ONCE = Departure()


class _Thread(threading.local):
    """What the client knows of each thread that uses it."""

    sent_at = 0.0
    sent = 0
    is_sent = False
    is_pair = False
    is_worker = False


class Client:
    """Sends requests below ``/accounts/{account_id}/realtime/kit/{app_id}``, and returns what they carry.

    ``clock`` and ``sleep`` are in seconds, ``jitter`` gives numbers from 0 to
    1. Safe to share between threads; ``connections`` is how many they may be.
    Without a ``sleep`` of the caller's, `interrupt` ends a sleep.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        connections: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] | None = None,
        jitter: Callable[[], float] = random.random,
        session: ApiSession | None = None,
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.connections = connections
        self.has_written = False  #: or has at least tried to
        self.has_found = False  #: whether anything proves that the app exists
        self.on_payload: Callable[[Payload], None] = lambda payload: None  #: called with what each answer carries
        self._jitter = jitter
        self._refusal: RequestError | None = None
        self._silence: RequestError | None = None  # how the first read that got no answer at all ended
        self._has_answered = False
        self._pacing = Pacing(clock, sleep, connection.task_timeout)
        self._thread = _Thread()
        self.sleep = self._pacing.sleep
        self._session = session or build_session(connections)
        self._session.auth = Bearer(connection.token)
        self._account = f"{connection.url.rstrip('/')}/accounts/{quote(connection.account_id, safe='')}/realtime/kit"
        self._base = f"{self._account}/{quote(connection.app_id or '', safe='')}"

    def of_account(self) -> Client:
        """A client of what belongs to the account. It shares this one's limits, and what is refused there says nothing about the app."""
        client = copy(self)
        client._base = self._account
        return client

    @property
    def held(self) -> float:
        """Seconds for which this task has held back for the API's rate limit."""
        return self._pacing.held

    @property
    def forecast(self) -> Forecast | None:
        """How long the requests planned take at the least, if they are more than the rate limit leaves."""
        return self._pacing.forecast

    @property
    def refusal(self) -> RequestError | None:
        """The failure that every other request would share: the token is refused, or no read has ever been answered."""
        return self._refusal or (None if self._has_answered else self._silence)

    def refuse(self, error: RequestError) -> None:
        """Take a failure for one that every other request would share. That of a read stops more than that of a write."""
        if not self._refusal or (error.method == "GET" and self._refusal.method != "GET"):
            self._refusal = error

    @property
    def requests(self) -> int:
        """How many requests this task has sent, each try of one counted."""
        return self._pacing.sent

    @property
    def sent_here(self) -> int:
        """How many of them this thread has sent."""
        return self._thread.sent

    @property
    def sent_at(self) -> float:
        """When this thread's last request left. What it has read was so no earlier than that."""
        return self._thread.sent_at

    @property
    def is_sent(self) -> bool:
        """Whether this thread has tried to send its last request, so that it may have left."""
        return self._thread.is_sent

    @contextmanager
    def pair(self) -> Iterator[None]:
        """A context in which this thread's read and the write that rests on it pass the rate limit together."""
        self._thread.is_pair = True
        try:
            yield
        finally:
            self._thread.is_pair = False

    def plan(self, requests: int) -> None:
        """Tell how many requests are to come, at the least."""
        if not self.refusal:
            self._pacing.plan(requests)

    def check(self) -> None:
        """Raise what makes it useless to begin with anything more: the task has to end, or `refusal`."""
        self._pacing.check()
        self._check_refusal("POST")

    def side_by_side(self, function: Callable[[S], T], items: Sequence[S]) -> list[T]:
        """``function`` of each item, in the items' order, for as many at a time as there are connections."""
        workers = min(self.connections, len(items))
        if workers < 2 or self._thread.is_worker:  # a worker's own work would take more threads than there are connections
            return [function(item) for item in items]
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (one target does not need it, and should not pay for it)

        def work(item: S) -> T:
            self._thread.is_worker = True
            return function(item)

        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(work, items))

    def interrupt(self) -> None:
        """Send nothing more, and end all sleeping: every request from now on raises InterruptError."""
        self._pacing.stop()

    def get(self, segments: Sequence[str], parse: Callable[[Payload], T], params: Mapping[str, Any] | None = None) -> T:
        """What ``parse`` makes of the payload. It raises ValueError if that is not usable; the read is then sent again."""
        attempt, last = 0, None
        while True:
            try:
                # What has broken one kept connection may have broken them all, and be noticed only when they are used.
                return self._send("GET", segments, parse, Departure(attempt, isinstance(last, LostAnswerError)), params=params)
            except StoppedError as error:
                if not last:
                    raise
                raise type(error)(reason=error.reason, after=last) from last
            except RequestError as error:
                pause = self.find_pause("GET", error, attempt, last)
                last = error
                if pause is None or attempt >= self.connection.retries or error is self.refusal:
                    self._silence = self._silence or error
                    raise
                if pause:
                    self.sleep(pause)
            attempt += 1

    def post(
        self, segments: Sequence[str], parse: Callable[[Payload], T], body: Mapping[str, Any] | None = None, departure: Departure = AT_ONCE
    ) -> T:
        """Send a write, once. An error that ``is_uncertain`` leaves its outcome open; after any other it was not carried out."""
        return self._send("POST", segments, parse, departure, body=body)

    def patch(self, segments: Sequence[str], parse: Callable[[Payload], T], body: Mapping[str, Any], departure: Departure = AT_ONCE) -> T:
        """As `post`, for a change of the fields in ``body`` and no others."""
        return self._send("PATCH", segments, parse, departure, body=body)

    def delete(self, segments: Sequence[str], parse: Callable[[Payload], T], departure: Departure = AT_ONCE) -> T:
        """As `post`, to remove something."""
        return self._send("DELETE", segments, parse, departure)

    def find_pause(self, method: str, error: Exception, attempt: int, before: Exception | None = None) -> float | None:
        """Seconds after which the same request may be sent again without reading anything first; None if it may not.

        ``before`` is the error that its last try had ended in.
        """
        retry_after = getattr(error, "retry_after", None)
        if not is_retryable(method, error, before) or (retry_after or 0) > LONGEST_HOLD:
            return None
        # A 429 holds all threads already, in `_send`.
        return 0.0 if isinstance(error, RateLimitedError) else back_off(attempt, retry_after, self._jitter())

    def _send(self, method: str, segments: Sequence[str], parse: Callable[[Payload], T], departure: Departure, **content: Any) -> T:
        """One request, once pacing lets it pass."""
        path = "/" + "/".join(quote(segment, safe="") for segment in segments)
        self._thread.is_sent = False
        self._check_refusal(method)
        too_long = self._pacing.acquire(places=1 if not self._thread.is_pair else 2 if method == "GET" else 0)
        if too_long:
            raise RequestError(method, path, f"not sent: {self._pacing.tell_when(too_long)}")
        self._thread.sent_at = self.clock()

        answer, hold = None, 0.0
        try:
            self._check_refusal(method)  # it may have come while this one waited
            self._check_departure(method, path, departure)
            check = partial(self._check_departure, method, path, departure)  # again once its connection is open
            opening.begin(is_write=method != "GET", is_again=departure.is_again, check=check)
            self._thread.is_sent = True
            self.has_written = self.has_written or method != "GET"
            answer = exchange(self._session, self.connection, method, self._base, path, **content)
            self._has_answered = True
            payload = unwrap(method, path, answer)
            self.has_found = True
        except StaleStateError:
            self._thread.is_sent = False  # also if it became too old while the connection opened
            raise
        except RejectedAnswerError:
            self._has_answered = True  # with more than is read
            raise
        except RateLimitedError as error:
            hold = back_off(departure.attempt, error.retry_after, self._jitter())
            if hold > LONGEST_HOLD:
                error.message += f" ({self._pacing.tell_when(hold)})"
            raise
        except RequestError as error:
            if is_shared(error):
                self.refuse(error)
            raise
        finally:
            self._thread.sent += self._thread.is_sent
            headers = answer.headers if answer else {}
            self._pacing.release(headers.get("Ratelimit"), headers.get("Ratelimit-Policy"), is_sent=self._thread.is_sent, hold=hold)
        self.on_payload(payload)
        try:
            return parse(payload)
        except ValueError as error:
            raise LostAnswerError(method, path, f"answered {answer.status} with {error}") from error

    def _check_refusal(self, method: str) -> None:
        """A write that is refused for the token says nothing about reads, which still tell what other writes did."""
        if (refusal := self.refusal) and (method != "GET" or refusal.method == "GET"):
            raise refusal

    def _check_departure(self, method: str, path: str, departure: Departure) -> None:
        if departure.leave_by is not None and self.clock() > departure.leave_by:
            raise StaleStateError(method, path, "not sent, because the state was read too long before: check the network and the proxy")

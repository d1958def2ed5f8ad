# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""HTTP to the API: when to send a request, and when to send it again.

The client repeats reads. `_ensure.writes` decides whether to repeat a write. The
adapter's retries are off, because they sleep without pacing and would repeat
writes.
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

from .._errors import HeldError, LostAnswerError, RateLimitedError, RejectedAnswerError, RequestError, StaleStateError, StoppedError
from .answers import Answer, Payload, unwrap
from .exchange import exchange
from .opening import opening
from .pacing import Forecast, Pacing, back_off, is_retryable, is_shared
from .session import ApiSession, Bearer, Connection, build_session

S = TypeVar("S")
T = TypeVar("T")


class Departure(NamedTuple):
    """The conditions under which a write may leave."""

    attempt: int = 0  #: how often it was sent before, certainly without effect; each one lengthens the backoff
    is_again: bool = False  #: whether to use a new connection, because that of an earlier try may be broken
    leave_by: float | None = None  #: when the state behind it becomes too old, on the client's clock


AT_ONCE = Departure()


class _Thread(threading.local):
    """The client's data for each thread."""

    sent_at = 0.0
    sent = 0
    is_sent = False
    is_pair = False
    is_worker = False


class Client:
    """Sends requests below ``/accounts/{account_id}/realtime/kit/{app_id}`` and returns their content.

    ``clock`` and ``sleep`` use seconds, and ``jitter`` returns numbers from 0 to
    1. Threads can share a client; ``connections`` is their largest number.
    By default, `interrupt` ends a sleep.
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
        self.on_answer: Callable[[Answer], None] = lambda answer: None  #: called with each answer as it came
        self.on_payload: Callable[[Payload], None] = lambda payload: None  #: called with the content of each answer
        self._jitter = jitter
        self._refusal: RequestError | None = None
        self._silence: RequestError | None = None  # the error of the first read without any answer
        self._has_answered = False
        self._pacing = Pacing(clock, sleep, connection.task_timeout, connection.longest_hold)
        self._thread = _Thread()
        self.sleep = self._pacing.sleep
        self._session = session or build_session(connections)
        self._session.auth = Bearer(connection.token)
        self._account = f"{connection.url.rstrip('/')}/accounts/{quote(connection.account_id, safe='')}/realtime/kit"
        self._base = f"{self._account}/{quote(connection.app_id or '', safe='')}"

    def of_account(self) -> Client:
        """Return a client for the account's resources. It shares this client's limits. Its refusals do not affect the app."""
        return self._below(self._account)

    def of_api(self) -> Client:
        """Return a client for the whole API, like `of_account`."""
        return self._below(self.connection.url.rstrip("/"))

    def _below(self, base: str) -> Client:
        client = copy(self)
        client._base = base
        return client

    @property
    def held(self) -> float:
        """Return the seconds that this task has waited for the API's rate limit."""
        return self._pacing.held

    @property
    def forecast(self) -> Forecast | None:
        """Return the least time of the planned requests, if the rate limit leaves too few."""
        return self._pacing.forecast

    @property
    def refusal(self) -> RequestError | None:
        """The failure that every other request would share: a refused token, or no answer to any read."""
        return self._refusal or (None if self._has_answered else self._silence)

    def refuse(self, error: RequestError) -> None:
        """Note a failure that every other request would share. The failure of a read has precedence over that of a write."""
        if not self._refusal or (error.method == "GET" and self._refusal.method != "GET"):
            self._refusal = error

    @property
    def requests(self) -> int:
        """Return the number of requests that this task has sent. Each try counts."""
        return self._pacing.sent

    @property
    def sent_here(self) -> int:
        """Return the number of requests that this thread has sent."""
        return self._thread.sent

    @property
    def sent_at(self) -> float:
        """Return when this thread's last request left. The state that it read is not older."""
        return self._thread.sent_at

    @property
    def is_sent(self) -> bool:
        """Return whether this thread has tried to send its last request, which may then have left."""
        return self._thread.is_sent

    @contextmanager
    def pair(self) -> Iterator[None]:
        """A context in which the rate limit grants this thread's read and the write after it together."""
        self._thread.is_pair = True
        try:
            yield
        finally:
            self._thread.is_pair = False

    def plan(self, requests: int) -> None:
        """Announce the least number of requests that will follow."""
        if not self.refusal:
            self._pacing.plan(requests)

    def check(self) -> None:
        """Raise the reason not to begin more work: the task must end, or `refusal`."""
        self._pacing.check()
        self._check_refusal("POST")

    def side_by_side(self, function: Callable[[S], T], items: Sequence[S]) -> list[T]:
        """Return ``function`` of each item, in the items' order, with a thread for each connection."""
        workers = min(self.connections, len(items))
        if workers < 2 or self._thread.is_worker:  # nested work would use more threads than there are connections
            return [function(item) for item in items]
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (one target does not need it, and should not pay for it)

        def work(item: S) -> T:
            self._thread.is_worker = True
            return function(item)

        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(work, items))

    def interrupt(self) -> None:
        """Send no more requests and end all sleeps: every further request raises InterruptError."""
        self._pacing.stop()

    def get(self, segments: Sequence[str], parse: Callable[[Payload], T], params: Mapping[str, Any] | None = None) -> T:
        """Return what ``parse`` makes of the payload. If it raises ValueError, the read is sent again."""
        attempt, last = 0, None
        while True:
            try:
                # If one kept connection broke, all of them may be broken without a sign.
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
        """Send a write once. After an error with ``is_uncertain``, its outcome is unknown; after any other, it had no effect."""
        return self._send("POST", segments, parse, departure, body=body)

    def patch(self, segments: Sequence[str], parse: Callable[[Payload], T], body: Mapping[str, Any], departure: Departure = AT_ONCE) -> T:
        """As `post`, to change only the fields in ``body``."""
        return self._send("PATCH", segments, parse, departure, body=body)

    def delete(self, segments: Sequence[str], parse: Callable[[Payload], T], departure: Departure = AT_ONCE) -> T:
        """As `post`, to delete a resource."""
        return self._send("DELETE", segments, parse, departure)

    def find_pause(self, method: str, error: Exception, attempt: int, before: Exception | None = None) -> float | None:
        """Return the seconds before the same request may be sent again without a read, or None if it must not be.

        ``before`` is the error of its last try.
        """
        retry_after = getattr(error, "retry_after", None)
        if not is_retryable(method, error, before) or (retry_after or 0) > self.connection.longest_hold:
            return None
        # A 429 holds all threads already, in `_send`.
        return 0.0 if isinstance(error, RateLimitedError) else back_off(attempt, retry_after, self._jitter())

    def _send(self, method: str, segments: Sequence[str], parse: Callable[[Payload], T], departure: Departure, **content: Any) -> T:
        """Send one request when pacing allows it."""
        path = "/" + "/".join(quote(segment, safe="") for segment in segments)
        self._thread.is_sent = False
        self._check_refusal(method)
        too_long = self._pacing.acquire(places=1 if not self._thread.is_pair else 2 if method == "GET" else 0)
        if too_long:
            raise HeldError(method, path, f"not sent: {self._pacing.tell_when(too_long)}")
        self._thread.sent_at = self.clock()

        answer, hold = None, 0.0
        try:
            self._check_refusal(method)  # it may have happened while this request waited
            self._check_departure(method, path, departure)
            check = partial(self._check_departure, method, path, departure)  # again once its connection is open
            opening.begin(is_write=method != "GET", is_again=departure.is_again, check=check)
            self._thread.is_sent = True
            self.has_written = self.has_written or method != "GET"
            answer = exchange(self._session, self.connection, method, self._base, path, **content)
            self._has_answered = True
            self.on_answer(answer)
            payload = unwrap(method, path, answer)
            self.has_found = True
        except StaleStateError:
            self._thread.is_sent = False  # the state can become too old while the connection opens
            raise
        except RejectedAnswerError:
            self._has_answered = True  # with more than is read
            raise
        except RateLimitedError as error:
            hold = back_off(departure.attempt, error.retry_after, self._jitter())
            if hold > self.connection.longest_hold:
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
        """Note a refused token. After a refused write, reads still show what other writes did."""
        if (refusal := self.refusal) and (method != "GET" or refusal.method == "GET"):
            raise refusal

    def _check_departure(self, method: str, path: str, departure: Departure) -> None:
        if departure.leave_by is not None and self.clock() > departure.leave_by:
            raise StaleStateError(method, path, "not sent, because the state was read too long before: check the network and the proxy")

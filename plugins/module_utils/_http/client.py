# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""HTTP to the API: how a request is sent, and what its failure means.

Reads are sent again here. Writes are not: `_ensure.writes` decides that. The
adapter's own retries are off, because they sleep where pacing cannot see it and
repeat what they must not.
"""

from __future__ import annotations

import random
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Sequence, TypeVar
from urllib.parse import quote, urlsplit

from .._errors import (
    CertificateError,
    LostAnswerError,
    NotSentError,
    RateLimitedError,
    RejectedAnswerError,
    RequestError,
    StaleStateError,
    walk_causes,
)
from .answers import Answer, Payload, unwrap
from .deadline import check
from .pacing import LONGEST_HOLD, Forecast, Pacing, back_off, is_retryable
from .session import HAS_REQUESTS, Bearer, build_session

if HAS_REQUESTS:
    import requests
    from urllib3.exceptions import ConnectTimeoutError, HTTPError, InvalidHeader, NewConnectionError, ReadTimeoutError

T = TypeVar("T")

#: Bytes. A page of a hundred livestreams has some fifty thousand.
LARGEST_ANSWER = 8 * 1024 * 1024


class Connection(NamedTuple):
    """Where the API is and how to talk to it; ``timeout`` in seconds, ``retries`` beside the first try."""

    url: str
    token: str
    account_id: str
    app_id: str
    timeout: float
    retries: int
    verify: bool | str = True  #: a path is that of a CA bundle
    is_direct: bool = False  #: through no proxy, even if the environment names one


class Departure(NamedTuple):
    """How a write may leave."""

    attempt: int = 0  #: how often it was sent before and certainly not carried out; each one lengthens the back-off
    leave_by: float | None = None  #: when the state that it rests on becomes too old, on the client's clock


AT_ONCE = Departure()


class _Thread(threading.local):
    """What the client knows of each thread that uses it."""

    sent_at = 0.0
    is_sent = False
    is_pair = False


class Client:
    """Sends requests below ``/accounts/{account_id}/realtime/kit/{app_id}`` and returns what they carry.

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
        session: requests.Session | None = None,
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.has_written = False  #: or has at least tried to
        self.on_payload: Callable[[Payload], None] = lambda payload: None  #: called with what each answer carries
        self._jitter = jitter
        self._pacing = Pacing(clock, sleep)
        self._thread = _Thread()
        self.sleep = self._pacing.sleep
        self._session = session or build_session(connections)
        self._session.auth = Bearer(connection.token)
        account, app = quote(connection.account_id, safe=""), quote(connection.app_id, safe="")
        self._proxies = {"no_proxy": urlsplit(connection.url).hostname or ""} if connection.is_direct else None
        self._base = f"{connection.url.rstrip('/')}/accounts/{account}/realtime/kit/{app}"

    @property
    def held(self) -> float:
        """Seconds for which this task has held back for the API's rate limit."""
        return self._pacing.held

    @property
    def forecast(self) -> Forecast | None:
        """How long the requests planned take at the least, if they are more than the rate limit leaves."""
        return self._pacing.forecast

    @property
    def sent_at(self) -> float:
        """When this thread's last request left. What it has read was so no earlier than that."""
        return self._thread.sent_at

    @property
    def is_sent(self) -> bool:
        """Whether this thread's last request left."""
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
        """Tell before the first request how many are to come, at the least."""
        self._pacing.plan(requests)

    def interrupt(self) -> None:
        """Send nothing more, and end all sleeping: every request from now on raises InterruptError."""
        self._pacing.stop()

    def get(self, segments: Sequence[str], parse: Callable[[Payload], T], params: Mapping[str, Any] | None = None) -> T:
        """What ``parse`` makes of the payload. It raises ValueError if that is not usable; the read is then sent again."""
        attempt = 0
        while True:
            try:
                return self._send("GET", segments, parse, Departure(attempt), params=params)
            except RequestError as error:
                pause = self.find_pause("GET", error, attempt)
                if pause is None or attempt >= self.connection.retries:
                    raise
                if pause:
                    self.sleep(pause)
            attempt += 1

    def post(
        self, segments: Sequence[str], parse: Callable[[Payload], T], body: Mapping[str, Any] | None = None, departure: Departure = AT_ONCE
    ) -> T:
        """Send a write, once. An error that ``is_uncertain`` leaves its outcome open; after any other it was not carried out."""
        return self._send("POST", segments, parse, departure, body=body)

    def find_pause(self, method: str, error: Exception, attempt: int) -> float | None:
        """Seconds after which the same request may be sent again without reading anything first; None if it may not."""
        retry_after = getattr(error, "retry_after", None)
        if not is_retryable(method, error) or (retry_after or 0) > LONGEST_HOLD:
            return None
        # A 429 holds all threads already, in `_send`.
        return 0.0 if isinstance(error, RateLimitedError) else back_off(attempt, retry_after, self._jitter())

    def _send(self, method: str, segments: Sequence[str], parse: Callable[[Payload], T], departure: Departure, **content: Any) -> T:
        """One request, once pacing lets it pass."""
        path = "/" + "/".join(quote(segment, safe="") for segment in segments)
        self._thread.is_sent = False
        too_long = self._pacing.acquire(places=1 if not self._thread.is_pair else 2 if method == "GET" else 0)
        if too_long:
            raise RequestError(method, path, f"not sent: {self._pacing.tell_when(too_long)}")
        self._thread.sent_at = self.clock()

        answer, hold = None, 0.0
        try:
            self._check_departure(method, path, departure)
            check.passes = lambda: self._check_departure(method, path, departure)  # again once its connection is open
            self._thread.is_sent = True
            self.has_written = self.has_written or method != "GET"
            answer = self._exchange(method, path, **content)
            payload = unwrap(method, path, answer)
        except RateLimitedError as error:
            hold = back_off(departure.attempt, error.retry_after, self._jitter())
            if hold > LONGEST_HOLD:
                error.message += f" ({self._pacing.tell_when(hold)})"
            raise
        finally:
            headers = answer.headers if answer else {}
            self._pacing.release(headers.get("Ratelimit"), headers.get("Ratelimit-Policy"), answered=answer is not None, hold=hold)
        self.on_payload(payload)
        try:
            return parse(payload)
        except ValueError as error:
            raise LostAnswerError(method, path, f"answered {answer.status} with {error}") from error

    def _check_departure(self, method: str, path: str, departure: Departure) -> None:
        if departure.leave_by is not None and self.clock() > departure.leave_by:
            raise StaleStateError(
                method,
                path,
                "not sent: what it rests on was read too long before; check the network and the proxy",
            )

    def _exchange(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None
    ) -> Answer:
        timeout = self.connection.timeout
        try:
            # `verify` goes with each request, or REQUESTS_CA_BUNDLE would override a session's `False`.
            with self._session.request(
                method,
                self._base + path,
                params=params,
                json=body,
                timeout=timeout,
                verify=self.connection.verify,
                allow_redirects=False,
                proxies=self._proxies,
                stream=True,
            ) as response:
                return Answer(response.status_code, response.headers, _read(response, method, path))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _sort_error(method, path, error, timeout) from error


def _read(response: requests.Response, method: str, path: str) -> bytes:
    """The whole body; over the limit the caller's ``with`` closes the connection on the rest."""
    body = bytearray()
    response.raw.enforce_content_length = True  # or urllib3 before 2.0 takes what came until the connection broke for the whole
    try:
        for chunk in response.iter_content(64 * 1024):
            body += chunk
            if len(body) > LARGEST_ANSWER:
                too_much = f"answered {response.status_code} with more than {LARGEST_ANSWER // 2**20} MiB, which is refused"
                raise RejectedAnswerError(method, path, too_much)
    except ValueError as error:  # http.client lets one out where a chunk says that it has less than no bytes
        raise LostAnswerError(method, path, f"the connection broke: {type(error).__name__}") from error
    return bytes(body)


def _sort_error(method: str, path: str, error: Exception, timeout: float) -> RequestError:
    """Sorts what requests raises by the one question that counts: can the request have been carried out?

    The messages are made here: those of the libraries may repeat a proxy's password or a header.
    """
    causes = list(walk_causes(error))

    def caused_by(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if caused_by(ssl.SSLCertVerificationError):
        reason = next(cause.verify_message for cause in causes if isinstance(cause, ssl.SSLCertVerificationError))
        return CertificateError(method, path, f"not sent, the server's certificate is not valid: {reason}; a private CA goes in ca_path")
    if isinstance(error, ValueError) and not caused_by(InvalidHeader):  # that one is about the answer's
        return RequestError(method, path, f"not sent: {type(error).__name__}; check api_url, api_token and the proxy variables")
    if not isinstance(error, (requests.RequestException, HTTPError)):
        return CertificateError(method, path, "not sent, there is no CA bundle where REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or ca_path says")
    reason = next(
        (cause.strerror for cause in reversed(causes) if isinstance(cause, OSError) and cause.strerror), type(causes[-1]).__name__
    )
    if caused_by(NewConnectionError):  # itself a ConnectTimeoutError, though nothing timed out
        return NotSentError(method, path, f"no connection: {reason}; check api_url, the network and the proxy variables")
    if caused_by(ConnectTimeoutError):
        return NotSentError(method, path, f"no connection within {timeout:g} seconds; check api_url, the network and the proxy variables")
    if caused_by(socket.timeout, ReadTimeoutError):
        return LostAnswerError(method, path, f"no whole answer in time (api_timeout is {timeout:g} seconds)")
    return LostAnswerError(method, path, f"the connection broke: {reason}")

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""HTTP to the API: the only importer of ``requests`` and ``urllib3``.

Retries are counted here and nowhere else: the adapter's own are off, for they
sleep where pacing cannot see it and repeat what they must not.
"""

from __future__ import annotations

import random
import socket
import ssl
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Callable, ClassVar, Mapping, NamedTuple, Sequence, TypeVar
from urllib.parse import quote, urlsplit

from ansible_collections.streamops.realtimekit.plugins.module_utils._answers import Answer, Payload, unwrap
from ansible_collections.streamops.realtimekit.plugins.module_utils._deadline import TimedAnswer
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    CertificateError,
    LostAnswerError,
    NotSentError,
    RateLimitedError,
    RejectedAnswerError,
    RequestError,
    walk_causes,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._pacing import LONGEST_HOLD, Forecast, Pacing, back_off, is_retryable

try:
    import requests
    from requests import Session
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import ConnectTimeoutError, HTTPError, InvalidHeader, NewConnectionError, ReadTimeoutError
except ImportError:
    HAS_REQUESTS = False
    Session = HTTPAdapter = AuthBase = HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment, misc]
else:
    HAS_REQUESTS = True

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
    is_direct: bool = False  #: through no proxy, whatever the environment says


class Client:
    """Sends requests below ``/accounts/{account_id}/realtime/kit/{app_id}`` and gives back what they carry.

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
        session: Session | None = None,
    ) -> None:
        self.connection = connection
        self.clock = clock
        self.has_written = False  #: or has at least tried to
        self._jitter = jitter
        self._pacing = Pacing(clock, sleep)
        self.sleep = self._pacing.sleep
        self._session = session or build_session(connections)
        self._session.auth = _Bearer(connection.token)
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

    def plan(self, requests: int) -> None:
        """Tell before the first request how many are to come, at the least."""
        self._pacing.plan(requests)

    def interrupt(self) -> None:
        """Send nothing more, and end all sleeping: whatever is asked from now on raises InterruptError."""
        self._pacing.stop()

    def get(self, segments: Sequence[str], parse: Callable[[Payload], T], params: Mapping[str, Any] | None = None) -> T:
        """What ``parse`` makes of the payload. It raises ValueError where that is not usable; a read is then tried again."""
        return self._request("GET", segments, parse, params=params)

    def post(self, segments: Sequence[str], parse: Callable[[Payload], T], body: Mapping[str, Any] | None = None) -> T:
        """As `get`, for a write: sent again only if it certainly was not carried out. Else the error ``is_uncertain``."""
        self.has_written = True
        return self._request("POST", segments, parse, body=body)

    def _request(self, method: str, segments: Sequence[str], parse: Callable[[Payload], T], **content: Mapping[str, Any] | None) -> T:
        path = "/" + "/".join(quote(segment, safe="") for segment in segments)
        attempt = 0
        while True:
            try:
                return self._try(method, path, parse, attempt, **content)
            except RequestError as error:
                if attempt >= self.connection.retries or not is_retryable(method, error):
                    raise
                retry_after = getattr(error, "retry_after", None)
                if retry_after and retry_after > LONGEST_HOLD:
                    raise
                if not isinstance(error, RateLimitedError):  # that one holds all threads, in `_try`
                    self.sleep(back_off(attempt, retry_after, self._jitter()))
            attempt += 1

    def _try(self, method: str, path: str, parse: Callable[[Payload], T], attempt: int, **content: Any) -> T:
        """One request, once pacing lets it pass."""
        too_long = self._pacing.acquire()
        if too_long:
            raise RequestError(method, path, f"not sent: {self._pacing.tell_when(too_long)}")
        answer, hold = None, 0.0
        try:
            answer = self._exchange(method, path, **content)
            payload = unwrap(method, path, answer)
        except RateLimitedError as error:
            hold = back_off(attempt, error.retry_after, self._jitter())
            if hold > LONGEST_HOLD:
                error.message += f" ({self._pacing.tell_when(hold)})"
            raise
        finally:
            headers = answer.headers if answer else {}
            self._pacing.release(headers.get("Ratelimit"), headers.get("Ratelimit-Policy"), answered=answer is not None, hold=hold)
        try:
            return parse(payload)
        except ValueError as error:
            raise LostAnswerError(method, path, f"answered {answer.status} with {error}") from error

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


def build_session(connections: int) -> Session:
    """A session that keeps connections alive, sends no cookies and never retries by itself."""
    session = _Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"Accept": "application/json", "User-Agent": "ansible-streamops.realtimekit"})
    adapter = _Adapter(pool_connections=1, pool_maxsize=connections, pool_block=True, max_retries=0)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session


class _Session(Session):
    """Shows a redirect as the answer it is; requests would read the whole of it to work out where it leads."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 (requests names it)
        return None


class _Bearer(AuthBase):
    """Goes in as ``auth``, because requests would replace a mere header by what ``~/.netrc`` has for the host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _add_timing(pool: Any) -> Any:
    """A urllib3 connection pool class whose connections read `TimedAnswer`."""
    if not HAS_REQUESTS:
        return pool
    connection = type("TimedConnection", (pool.ConnectionCls,), {"response_class": TimedAnswer})
    return type("TimedConnectionPool", (pool,), {"ConnectionCls": connection})


class _Adapter(HTTPAdapter):
    """Pools whose connections hold the total time limit, also through a proxy."""

    _pools: ClassVar = {"http": _add_timing(HTTPConnectionPool), "https": _add_timing(HTTPSConnectionPool)}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


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

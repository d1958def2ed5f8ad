# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The handling of exceptions of requests and urllib3: whether the request can have taken effect. No text has the token."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import Any, Callable, Tuple

import pytest
import requests
from ansible_collections.streamops.realtimekit.plugins.module_utils import _errors as errors
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.opening import Phase
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    TOKEN,
    Clock,
    FakeAPI,
    build_client,
    connect_timeout,
    dropped,
    read_timeout,
    refused,
    refused_by_proxy,
    unsent,
)
from urllib3 import exceptions as urllib3
from urllib3.util.ssl_match_hostname import CertificateError as NameMismatch

PROXY = "http://somebody:proxy-password@proxy.test:3128"


def wrapped(reason: Exception) -> Exception:
    return requests.ConnectionError(urllib3.MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def opening(phase: Phase, reason: Exception, proxy: str = "", status: int | None = None) -> Callable[[], Exception]:
    """Return a connection that failed in this phase with this reason."""
    return lambda: unsent(wrapped(reason), phase, proxy, status)


def connecting(reason: Exception, proxy: str = "") -> Callable[[], Exception]:
    return opening(Phase.CONNECT, caused(urllib3.NewConnectionError(None, f"Cannot connect to {PROXY}"), reason), proxy)  # type: ignore[arg-type]


def untrusted(code: int, words: str) -> Exception:
    error = ssl.SSLCertVerificationError(1, f"certificate verify failed: {words} ({TOKEN})")
    error.verify_code, error.verify_message = code, words
    return urllib3.SSLError(error)


def cut_off() -> Exception:
    return requests.exceptions.ChunkedEncodingError(urllib3.ProtocolError("Connection broken", http.client.IncompleteRead(b"secret", 7)))


def slow_body() -> Exception:
    return requests.ConnectionError(urllib3.ReadTimeoutError(None, "/", "Read timed out."))  # type: ignore[arg-type]


def slow_socket() -> Exception:
    return requests.ConnectionError(urllib3.ProtocolError(socket.timeout("the answer took too long")))


def circular() -> Exception:
    error = requests.ConnectionError("round")
    error.__cause__ = again = requests.ConnectionError("and round")
    again.__cause__ = error
    return error


class SOCKS5Error(OSError):
    """As PySocks has it, which is not installed everywhere."""


class SOCKS5AuthError(OSError):
    """As PySocks has it."""


class GeneralProxyError(OSError):
    """Return the exception of PySocks for a proxy that ends its handshake."""


Case = Tuple[Callable[[], Exception], type, str]
CHECK = "check api_url, the network and the proxy variables"
CHECK_PROXY = "check the proxy variables and the network"
LOOKED_UP = "its name cannot be looked up (Name or service not known); check the name server,"
REFUSED = "not sent, the proxy refused the connection with"
SOCKS_REFUSED = "not sent, the SOCKS proxy refused the connection with"
SOCKS_CHECK = "check that the proxy allows and can reach the host and the port of api_url"
THROUGH = "not sent, the connection through the"
BROKE = "broke before it was ready:"
PROXY_CHECK = "check the proxy and the proxy variables"
TIMEOUT = "no complete answer in time (api_timeout is 2.5 seconds)"
NOT_SENT = "not sent: {}; check api_url, api_token and the proxy variables"
NO_BUNDLE = "not sent: REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, or ca_path names a CA bundle that does not exist"
NO_SUCH_NAME = socket.gaierror(-2, "Name or service not known")
UNKNOWN_CA = untrusted(18, "self-signed certificate")
OTHER_NAME = untrusted(62, "Hostname mismatch")
EARLIER_OTHER_NAME = urllib3.SSLError(NameMismatch("hostname 'api.test' doesn't match 'other.test'"))
LATE = socket.timeout("timed out")

SENT: dict[str, Case] = {
    "read timeout": (read_timeout, errors.LostAnswerError, TIMEOUT),
    "slow body": (slow_body, errors.LostAnswerError, TIMEOUT),
    "slow socket": (slow_socket, errors.LostAnswerError, TIMEOUT),
    "dropped": (dropped, errors.LostAnswerError, "the connection broke: Connection reset by peer"),
    "cut off": (cut_off, errors.LostAnswerError, "the connection broke: ProtocolError"),
    "bare urllib3": (lambda: urllib3.DecodeError("x"), errors.LostAnswerError, "the connection broke: DecodeError"),
    "bare requests": (requests.RequestException, errors.LostAnswerError, "the connection broke: RequestException"),
    "circular": (circular, errors.LostAnswerError, "the connection broke: ConnectionError"),
    "odd header of an answer": (lambda: urllib3.InvalidHeader("x"), errors.LostAnswerError, "the connection broke: InvalidHeader"),
    "odd value": (lambda: ValueError(TOKEN), errors.LostAnswerError, "the connection broke: ValueError"),
}

OPENING: dict[str, Case] = {
    "name": (
        connecting(NO_SUCH_NAME),
        errors.NotSentError,
        f"no connection: {LOOKED_UP} {CHECK[6:]}",
    ),
    "refused": (refused, errors.NotSentError, f"no connection: Connection refused; {CHECK}"),
    "connect timeout": (connect_timeout, errors.NotSentError, f"no connection within 2.5 seconds; {CHECK}"),
    "system's timeout": (
        connecting(TimeoutError(110, "Connection timed out")),
        errors.NotSentError,
        f"no connection: Connection timed out; {CHECK}",
    ),
    "proxy's name": (
        connecting(NO_SUCH_NAME, "proxy"),
        errors.NotSentError,
        f"no connection to the proxy: {LOOKED_UP} {CHECK_PROXY[6:]}",
    ),
    "no proxy": (
        connecting(ConnectionRefusedError(111, "Connection refused"), "proxy"),
        errors.NotSentError,
        f"no connection to the proxy: Connection refused; {CHECK_PROXY}",
    ),
    "slow proxy": (
        connecting(LATE, "SOCKS proxy"),
        errors.NotSentError,
        f"no connection to the SOCKS proxy within 2.5 seconds; {CHECK_PROXY}",
    ),
    "proxy asks for a user": (
        lambda: refused_by_proxy(407),
        errors.ProxyRefusedError,
        f"{REFUSED} 407 Proxy Authentication Required; check the user and the password in the proxy variable",
    ),
    "proxy forbids": (
        lambda: refused_by_proxy(403),
        errors.ProxyRefusedError,
        f"{REFUSED} 403 Forbidden; allow the host and the port of api_url in the proxy, or name the host in NO_PROXY",
    ),
    "proxy cannot reach": (
        lambda: refused_by_proxy(502),
        errors.ProxyRefusedError,
        f"{REFUSED} 502 Bad Gateway; check that the proxy itself can reach the host of api_url",
    ),
    "proxy has its own status": (
        lambda: refused_by_proxy(599),
        errors.ProxyRefusedError,
        f"{REFUSED} 599; check that the proxy itself can reach the host of api_url",
    ),
    "proxy closes": (
        opening(Phase.TUNNEL, caused(urllib3.ProtocolError("x"), http.client.RemoteDisconnected("x")), "proxy"),
        errors.NotSentError,
        f"{THROUGH} proxy {BROKE} the other side closed it; {PROXY_CHECK}",
    ),
    "proxy breaks off behind its answer": (
        opening(Phase.TUNNEL, caused(urllib3.ProtocolError("x"), ConnectionResetError(104, "Connection reset by peer")), "proxy", 200),
        errors.NotSentError,
        f"{THROUGH} proxy {BROKE} Connection reset by peer; {PROXY_CHECK}",
    ),
    "proxy is silent": (
        opening(Phase.TUNNEL, LATE, "proxy"),
        errors.NotSentError,
        f"{THROUGH} proxy was not ready within 2.5 seconds; {PROXY_CHECK}",
    ),
    "SOCKS proxy refuses": (
        connecting(SOCKS5Error("0x02: Connection not allowed by ruleset"), "SOCKS proxy"),
        errors.ProxyRefusedError,
        f"{SOCKS_REFUSED} 0x02: Connection not allowed by ruleset; {SOCKS_CHECK}",
    ),
    "SOCKS proxy is odd": (
        connecting(SOCKS5Error(PROXY), "SOCKS proxy"),
        errors.ProxyRefusedError,
        f"{SOCKS_REFUSED} an answer that PySocks does not know; {SOCKS_CHECK}",
    ),
    "SOCKS proxy does not know its user": (
        connecting(SOCKS5AuthError(PROXY), "SOCKS proxy"),
        errors.ProxyRefusedError,
        f"{SOCKS_REFUSED} a wrong user or password, or one that it does not ask for; check them in the proxy variable",
    ),
    "SOCKS proxy closes": (
        connecting(GeneralProxyError("Connection closed unexpectedly"), "SOCKS proxy"),
        errors.NotSentError,
        f"{THROUGH} SOCKS proxy {BROKE} the other side closed it; {PROXY_CHECK}",
    ),
    "SOCKS proxy is none": (
        connecting(GeneralProxyError("SOCKS5 proxy server sent invalid data"), "SOCKS proxy"),
        errors.NotSentError,
        f"{THROUGH} SOCKS proxy {BROKE} its answer is not SOCKS; {PROXY_CHECK}",
    ),
    "TLS reset": (
        opening(Phase.TLS, caused(urllib3.ProtocolError("x"), ConnectionResetError(104, "Connection reset by peer"))),
        errors.NotSentError,
        f"not sent, the TLS handshake with the server failed: Connection reset by peer; {CHECK}",
    ),
    "TLS closed": (
        opening(Phase.TLS, urllib3.SSLError(ssl.SSLEOFError(8, "EOF occurred in violation of protocol (_ssl.c:1129)"))),
        errors.NotSentError,
        f"not sent, the TLS handshake with the server failed: the other side closed it; {CHECK}",
    ),
    "no TLS": (
        opening(Phase.TLS, urllib3.SSLError(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1129)"))),
        errors.NotSentError,
        f"not sent, the TLS handshake with the server failed: [SSL: WRONG_VERSION_NUMBER] wrong version number; {CHECK}",
    ),
    "TLS late": (
        opening(Phase.TLS, urllib3.ReadTimeoutError(None, "/", "x")),
        errors.NotSentError,
        f"not sent, the TLS handshake with the server did not finish within 2.5 seconds; {CHECK}",
    ),  # type: ignore[arg-type]
    "proxy's TLS closed": (
        opening(Phase.PROXY_TLS, caused(urllib3.ProtocolError("x"), ConnectionResetError()), "proxy"),
        errors.NotSentError,
        f"not sent, the TLS handshake with the proxy failed: the other side closed it; {CHECK}",
    ),
    "unknown CA": (
        opening(Phase.TLS, UNKNOWN_CA),
        errors.CertificateError,
        "not sent, the server's certificate is not valid: self-signed certificate; a private CA goes in ca_path",
    ),
    "other name": (
        opening(Phase.TLS, OTHER_NAME),
        errors.CertificateError,
        "not sent, the server's certificate is for another name; check the host in api_url",
    ),
    "other name, earlier": (
        opening(Phase.TLS, EARLIER_OTHER_NAME),
        errors.CertificateError,
        "not sent, the server's certificate is for another name; check the host in api_url",
    ),
    "proxy's unknown CA": (
        opening(Phase.PROXY_TLS, UNKNOWN_CA, "proxy"),
        errors.CertificateError,
        "not sent, the proxy's certificate is not valid: self-signed certificate; a private CA goes in ca_path",
    ),
    "proxy's other name": (
        opening(Phase.PROXY_TLS, OTHER_NAME, "proxy"),
        errors.CertificateError,
        "not sent, the proxy's certificate is for another name; check the host in the proxy variable",
    ),
}

UNBEGUN: dict[str, Case] = {
    name: (lambda error=error: unsent(error), kind, message)  # type: ignore[misc]
    for name, error, kind, message in [
        ("no bundle", OSError("Could not find a suitable TLS CA certificate bundle"), errors.CertificateError, NO_BUNDLE),
        ("no file", FileNotFoundError(2, "No such file or directory"), errors.CertificateError, NO_BUNDLE),
        ("odd URL", requests.exceptions.InvalidURL(f"Failed to parse: {PROXY}"), errors.RequestError, NOT_SENT.format("InvalidURL")),
        ("odd proxy", requests.exceptions.InvalidProxyURL(PROXY), errors.RequestError, NOT_SENT.format("InvalidProxyURL")),
        ("proxy without a host", TypeError(PROXY), errors.RequestError, NOT_SENT.format("TypeError")),
        ("odd header", requests.exceptions.InvalidHeader(TOKEN), errors.RequestError, NOT_SENT.format("InvalidHeader")),
        ("odd location", urllib3.LocationParseError(PROXY), errors.RequestError, NOT_SENT.format("LocationParseError")),
        ("odd password", ValueError(PROXY), errors.RequestError, NOT_SENT.format("ValueError")),
        ("odd scheme", requests.exceptions.InvalidSchema(PROXY), errors.RequestError, NOT_SENT.format("InvalidSchema")),
        (
            "no PySocks",
            requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support."),
            errors.RequestError,
            "not sent: a SOCKS proxy needs the Python library PySocks, which the target does not have",
        ),
        (
            "no place in the pool",
            requests.ConnectionError(urllib3.ClosedPoolError(None, "x")),
            errors.LostAnswerError,
            "the connection broke: ClosedPoolError",
        ),  # type: ignore[arg-type]
    ]
}

CASES = {**SENT, **OPENING, **UNBEGUN}
each_case = pytest.mark.parametrize(("fail", "kind", "message"), CASES.values(), ids=CASES)


def caught(clock: Clock, fail: Callable[[], Exception]) -> errors.RequestError:
    with pytest.raises(errors.RequestError) as caught:
        build_client(FakeAPI(fail()), clock, timeout=2.5, retries=0).post(("meetings", "m1"), lambda payload: payload)
    return caught.value


@each_case
def test_transport_error(clock: Clock, fail: Callable[[], Exception], kind: type, message: str) -> None:
    error = caught(clock, fail)
    assert (type(error), error.method, error.path, error.message) == (kind, "POST", "/meetings/m1", message)
    assert error.is_uncertain == (kind is errors.LostAnswerError)


@each_case
def test_token_and_password_are_in_no_text(clock: Clock, fail: Callable[[], Exception], kind: Any, message: Any) -> None:
    error = caught(clock, fail)
    for text in (str(error), repr(error), str(error.details())):
        assert TOKEN not in text
        assert "proxy-password" not in text


@each_case
def test_certain_failures_of_a_read_are_not_tried_again(clock: Clock, fail: Callable[[], Exception], kind: type, message: Any) -> None:
    api = FakeAPI(*[fail() for _unused in range(3)])
    with pytest.raises(kind):
        build_client(api, clock, retries=2).get(("meetings", "m1"), lambda payload: payload)
    tries = {errors.LostAnswerError: 3, errors.NotSentError: 3, errors.ProxyRefusedError: 1 if "user" in message else 2}
    assert len(api.requests) == tries.get(kind, 1)


def test_what_is_not_of_the_transport_is_raised_as_it_is(clock: Clock) -> None:
    with pytest.raises(KeyError):
        build_client(FakeAPI(KeyError("a defect")), clock).get(("meetings", "m1"), lambda payload: payload)

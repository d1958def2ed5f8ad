# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is made of the exceptions of requests and urllib3: can the request have been carried out? And the token is in no text."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import Any, Callable

import pytest
import requests
from ansible_collections.streamops.realtimekit.plugins.module_utils import _errors as errors
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    TOKEN,
    Clock,
    FakeAPI,
    build_client,
    connect_timeout,
    dropped,
    read_timeout,
    refused,
)
from urllib3 import exceptions as urllib3

PROXY = "http://somebody:proxy-password@proxy.test:3128"


def untrusted() -> Exception:
    error = ssl.SSLCertVerificationError(1, f"certificate verify failed: self-signed certificate ({TOKEN})")
    error.verify_message = "self-signed certificate"
    return requests.exceptions.SSLError(urllib3.MaxRetryError(None, "/", urllib3.SSLError(error)))  # type: ignore[arg-type]


def broken_handshake() -> Exception:
    return requests.exceptions.SSLError(
        urllib3.MaxRetryError(None, "/", urllib3.SSLError(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")))  # type: ignore[arg-type]
    )


def no_proxy() -> Exception:
    error = urllib3.ProxyError(f"Cannot connect to {PROXY}", refused())
    error.__cause__ = refused().args[0].reason
    return requests.exceptions.ProxyError(urllib3.MaxRetryError(None, "/", error))  # type: ignore[arg-type]


def cut_off() -> Exception:
    return requests.exceptions.ChunkedEncodingError(urllib3.ProtocolError("Connection broken", http.client.IncompleteRead(b"secret", 7)))


def slow_body() -> Exception:
    return requests.ConnectionError(urllib3.ReadTimeoutError(None, "/", "Read timed out."))  # type: ignore[arg-type]


def slow_socket() -> Exception:
    return requests.ConnectionError(urllib3.ProtocolError(socket.timeout("the answer took too long as a whole")))


def circular() -> Exception:
    error = requests.ConnectionError("round")
    error.__cause__ = again = requests.ConnectionError("and round")
    again.__cause__ = error
    return error


CHECK = "check api_url, the network and the proxy variables"
TIMEOUT = "no whole answer in time (api_timeout is 2.5 seconds)"
NOT_SENT = "not sent: {}; check api_url, api_token and the proxy variables"
NO_BUNDLE = "not sent, there is no CA bundle where REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or ca_path says"

CASES: dict[str, tuple[Callable[[], Exception], type, str]] = {
    "refused": (refused, errors.NotSentError, f"no connection: Connection refused; {CHECK}"),
    "no proxy": (no_proxy, errors.NotSentError, f"no connection: Connection refused; {CHECK}"),
    "connect timeout": (connect_timeout, errors.NotSentError, f"no connection within 2.5 seconds; {CHECK}"),
    "read timeout": (read_timeout, errors.LostAnswerError, TIMEOUT),
    "slow body": (slow_body, errors.LostAnswerError, TIMEOUT),
    "slow socket": (slow_socket, errors.LostAnswerError, TIMEOUT),
    "dropped": (dropped, errors.LostAnswerError, "the connection broke: Connection reset by peer"),
    "cut off": (cut_off, errors.LostAnswerError, "the connection broke: ProtocolError"),
    "bare urllib3": (lambda: urllib3.DecodeError("x"), errors.LostAnswerError, "the connection broke: DecodeError"),
    "bare requests": (requests.RequestException, errors.LostAnswerError, "the connection broke: RequestException"),
    "circular": (circular, errors.LostAnswerError, "the connection broke: ConnectionError"),
    "broken handshake": (
        broken_handshake,
        errors.LostAnswerError,
        "the connection broke: [SSL: WRONG_VERSION_NUMBER] wrong version number",
    ),
    "untrusted": (
        untrusted,
        errors.CertificateError,
        "not sent, the server's certificate is not valid: self-signed certificate; a private CA goes in ca_path",
    ),
    "no bundle": (lambda: OSError("Could not find a suitable TLS CA certificate bundle"), errors.CertificateError, NO_BUNDLE),
    "no file": (lambda: FileNotFoundError(2, "No such file or directory"), errors.CertificateError, NO_BUNDLE),
    "odd URL": (lambda: requests.exceptions.InvalidURL(f"Failed to parse: {PROXY}"), errors.RequestError, NOT_SENT.format("InvalidURL")),
    "odd proxy": (lambda: requests.exceptions.InvalidProxyURL(PROXY), errors.RequestError, NOT_SENT.format("InvalidProxyURL")),
    "odd header": (lambda: requests.exceptions.InvalidHeader(TOKEN), errors.RequestError, NOT_SENT.format("InvalidHeader")),
    "odd location": (lambda: urllib3.LocationParseError(PROXY), errors.RequestError, NOT_SENT.format("LocationParseError")),
}
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
    assert len(api.requests) == (3 if kind in (errors.LostAnswerError, errors.NotSentError) else 1)


def test_what_is_not_of_the_transport_is_raised_as_it_is(clock: Clock) -> None:
    with pytest.raises(KeyError):
        build_client(FakeAPI(KeyError("a defect")), clock).get(("meetings", "m1"), lambda payload: payload)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The meaning of a request without an answer: whether it can have taken effect, the phase that failed, and what helps.

`opening` knows whether the request can have left. The exceptions only have the
reason. The messages are written here, because those of the libraries can contain
a proxy's password or a header.
"""

from __future__ import annotations

import re
import socket
import ssl
from http.client import RemoteDisconnected, responses
from typing import Sequence

from .._errors import CertificateError, LostAnswerError, NotSentError, ProxyRefusedError, RequestError, walk_causes
from .opening import Opening, Phase, opening
from .session import HAS_REQUESTS

if HAS_REQUESTS:
    import requests
    from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError
    from urllib3.util.ssl_match_hostname import CertificateError as NameMismatch

Causes = Sequence[BaseException]

#: OpenSSL's words for a valid certificate of another host name or address.
OTHER_NAME = (62, 64)

#: PySocks's message for a refusal. It contains no secrets, because the texts are its own.
SOCKS_REFUSAL = re.compile(r"0x\w+:[\w\s,]+")

#: The proxy refuses its user. A retry could lock the account.
PROXY_UNKNOWN_USER = 407


def sort_failure(method: str, path: str, error: Exception, timeout: float) -> RequestError:
    """Return the failure of a request as one of this collection's errors."""
    causes = list(walk_causes(error))
    if opening.phase:
        return _sort_opening(method, path, causes, opening, timeout)
    if not opening.is_sent:
        if isinstance(error, requests.exceptions.InvalidSchema) and "SOCKS" in str(error):
            return RequestError(method, path, "not sent: a SOCKS proxy needs the Python library PySocks, which the target does not have")
        if isinstance(error, (TypeError, ValueError)):
            return RequestError(method, path, f"not sent: {type(error).__name__}; check api_url, api_token and the proxy variables")
        if not isinstance(error, (requests.RequestException, HTTPError)):
            missing = "not sent: REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, or ca_path names a CA bundle that does not exist"
            return CertificateError(method, path, missing)
    if _is_timeout(causes):
        return LostAnswerError(method, path, f"no complete answer in time (api_timeout is {timeout:g} seconds)")
    return LostAnswerError(method, path, f"the connection broke: {_find_reason(causes)}")


def _sort_opening(method: str, path: str, causes: Causes, at: Opening, timeout: float) -> RequestError:
    """Return the error of a connection that did not open, so that no part of the request has left."""
    refusal = _find_refusal(causes, at)
    if refusal:
        said, is_final = refusal
        return ProxyRefusedError(method, path, f"not sent, the {at.proxy} refused the connection with {said}", is_final=is_final)
    if _is_refused_certificate(causes):
        return CertificateError(method, path, f"not sent, {_tell_certificate(causes, at)}")
    return NotSentError(method, path, _tell_opening(causes, at, timeout), at_proxy=bool(at.proxy) and at.phase is not Phase.TLS)


def _find_refusal(causes: Causes, at: Opening) -> tuple[str, bool] | None:
    """Return a proxy's refusal with advice, and whether a retry would be wrong."""
    if at.phase is Phase.TUNNEL and at.proxy_status and at.proxy_status != 200:
        status = at.proxy_status
        reason = responses.get(status, "")
        is_final = status == PROXY_UNKNOWN_USER
        if is_final:
            advice = "check the user and the password in the proxy variable"
        elif status < 500:
            advice = "allow the host and the port of api_url in the proxy, or name the host in NO_PROXY"
        else:
            advice = "check that the proxy itself can reach the host of api_url"
        return f"{status} {reason}".strip() + f"; {advice}", is_final
    for cause in causes:
        kind = type(cause).__name__  # PySocks may not be installed
        if kind == "SOCKS5AuthError":
            return "a wrong user or password, or one that it does not ask for; check them in the proxy variable", True
        if kind in ("SOCKS5Error", "SOCKS4Error"):
            said = SOCKS_REFUSAL.search(str(cause))
            code = said.group() if said else "an answer that PySocks does not know"
            advice = "check that the proxy allows and can reach the host and the port of api_url"
            return f"{code}; {advice}", False
    return None


def _is_refused_certificate(causes: Causes) -> bool:
    return any(isinstance(cause, (ssl.SSLCertVerificationError, NameMismatch)) for cause in causes)


def _tell_certificate(causes: Causes, at: Opening) -> str:
    whose = "proxy" if at.phase is Phase.PROXY_TLS else "server"
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError) and getattr(cause, "verify_code", None) not in OTHER_NAME:
            return f"the {whose}'s certificate is not valid: {cause.verify_message}; a private CA goes in ca_path"
    return f"the {whose}'s certificate is for another name; check the host in {'the proxy variable' if whose == 'proxy' else 'api_url'}"


def _tell_opening(causes: Causes, at: Opening, timeout: float) -> str:
    """Describe the failed phase, the reason, and what to check."""
    is_late, reason = _is_timeout(causes), _find_reason(causes)
    if at.phase in (Phase.TLS, Phase.PROXY_TLS):
        peer = "proxy" if at.phase is Phase.PROXY_TLS else "server"
        how = f"did not finish within {timeout:g} seconds" if is_late else f"failed: {reason}"
        return f"not sent, the TLS handshake with the {peer} {how}; check api_url, the network and the proxy variables"
    if at.phase is Phase.TUNNEL or _has_reached_socks_proxy(causes):
        how = f"was not ready within {timeout:g} seconds" if is_late else f"broke before it was ready: {reason}"
        return f"not sent, the connection through the {at.proxy} {how}; check the proxy and the proxy variables"
    to, check = (
        (f" to the {at.proxy}", "the proxy variables and the network") if at.proxy else ("", "api_url, the network and the proxy variables")
    )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"no connection{to}: its name cannot be looked up ({reason}); check the name server, {check}"
    return f"no connection{to} within {timeout:g} seconds; check {check}" if is_late else f"no connection{to}: {reason}; check {check}"


def _has_reached_socks_proxy(causes: Causes) -> bool:
    return any(type(cause).__name__ == "GeneralProxyError" for cause in causes)


def _is_timeout(causes: Causes) -> bool:
    """Return whether our time limit ended it. A system error has a number; before urllib3 2.0, a NewConnectionError counts also."""
    late = (ReadTimeoutError, ConnectTimeoutError, socket.timeout)
    return any(
        isinstance(cause, late) and not isinstance(cause, NewConnectionError) and getattr(cause, "errno", None) is None for cause in causes
    )


def _find_reason(causes: Causes) -> str:
    """Return the system's or OpenSSL's words for the innermost cause that has some."""
    for cause in reversed(causes):
        if isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError, RemoteDisconnected)):
            return "the other side closed it"
        if isinstance(cause, OSError) and cause.strerror and cause.errno != 0:
            return re.sub(r" \(_ssl\.c:\d+\)$", "", str(cause.strerror))
        if type(cause).__name__ == "GeneralProxyError":
            return "the other side closed it" if "closed" in str(cause) else "its answer is not SOCKS"
    return "the other side closed it" if any(isinstance(cause, ConnectionError) for cause in causes) else type(causes[-1]).__name__

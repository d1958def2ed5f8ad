# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that break before a request leaves: over real sockets, in every phase but those that only a time limit ends."""

from __future__ import annotations

import functools
import random
import socket
import ssl
from collections import Counter
from typing import Any, Callable, Mapping, NamedTuple
from unittest import mock
from urllib.parse import urlsplit

import trustme
from simulator.hops import Hop, Kind

SCHEMES: dict[Kind, str] = {"CONNECT": "http://", "SOCKS": "socks5h://user:password@"}
UNKNOWN_HOST = "unknown.test"


class Break(NamedTuple):
    """A route, and the fault that its hop plays."""

    route: Kind
    fault: str


ROUTES: tuple[Kind, ...] = ("direct", "CONNECT", "SOCKS")
#: Patience outlasts these.
PASSING = (
    *(Break(route, fault) for route in ROUTES for fault in ("unknown name", "TCP refused", "TLS closed", "TLS reset", "TLS garbage")),
    *(Break("CONNECT", f"CONNECT {how}") for how in ("closed", "reset", "garbage")),
    *(Break("SOCKS", f"SOCKS {how}") for how in ("closed", "reset", "garbage")),
)
#: After one of these, or after two, the client gives up.
LASTING = (
    *(Break(route, "certificate of another CA") for route in ROUTES),
    *(Break("CONNECT", f"CONNECT {status}") for status in (407, 403, 502)),
    *(Break("SOCKS", f"SOCKS {how}") for how in ("wants a user", "wrong user", "denied", "unreachable")),
)


class Breaks:
    """Breaks connections with ``probability``, in a way drawn from ``kinds``, at most a given number for one request. Counts them by fault.

    The same dice draw the same breaks.
    """

    def __init__(self, probability: float, kinds: tuple[Break, ...], most: int | None) -> None:
        self.probability, self.kinds, self.most = probability, kinds, most
        self.counts = Counter[str]()
        self._of_request = Counter[str]()

    def draw(self, dice: random.Random, request: str) -> Break | None:
        """The fate of the next connection for this request."""
        if dice.random() >= self.probability or self._of_request[request] == self.most:
            return None
        self._of_request[request] += 1
        drawn = dice.choice(self.kinds)
        self.counts[drawn.fault] += 1
        return drawn


def break_connection(broken: Break, send: Callable[..., Any], method: str, url: str, options: Mapping[str, Any]) -> Any:
    """Send a request on a connection that breaks. One thread at a time is awake, so that the hop's fault is for this one."""
    hop, is_unknown = _listen(broken.route), broken.fault == "unknown name"
    here = f"127.0.0.1:{_find_closed_port() if broken.fault == 'TCP refused' else hop.port}"
    host = f"{UNKNOWN_HOST}:1" if is_unknown else here
    path = urlsplit(url).path
    hop.set_fault("" if broken.fault in ("unknown name", "TCP refused") else broken.fault)
    if broken.route == "direct":
        url, proxies = f"https://{host}{path}", None
    else:
        url, proxies = f"https://api.test{path}", {"https": SCHEMES[broken.route] + host}
    with mock.patch.object(socket, "getaddrinfo", _look_up):
        return send(method, url, **{**options, "proxies": proxies})


_real_look_up = socket.getaddrinfo


def _look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
    if host == UNKNOWN_HOST:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return _real_look_up(host, *args, **kwargs)


@functools.lru_cache
def _listen(route: Kind) -> Hop:
    """A hop of this kind, which listens until the process ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("api.test", "127.0.0.1").configure_cert(context)
    # An unbroken request would reach the API, so it must not.
    return Hop(route, _find_closed_port(), {"certificate of another CA": context}).__enter__()


@functools.lru_cache
def _hold_port() -> socket.socket:
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held


def _find_closed_port() -> int:
    return int(_hold_port().getsockname()[1])

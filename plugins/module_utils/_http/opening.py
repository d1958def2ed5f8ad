# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The progress of a thread's request: the phase of its connection, and whether any of it can have left.

The connection reports this. urllib3's exceptions cannot: they differ between
versions, and the same one can mean a refused tunnel or a lost answer.
"""

from __future__ import annotations

import threading
import time
from enum import Enum
from typing import Any, Callable

#: In seconds. A write does not use a connection that has been idle for longer, because servers and firewalls drop idle
#: connections without a sign, some after five seconds. A read can be repeated, so it may use any connection.
LONGEST_IDLE = 4.0


class Phase(Enum):
    """The current or failed phase of opening a connection. No part of the request has left yet."""

    CONNECT = "connect"  #: look up the name and connect, to the proxy if there is one; with SOCKS, also the proxy's handshake
    PROXY_TLS = "proxy TLS"
    TUNNEL = "tunnel"  #: CONNECT, and the proxy's answer to it
    TLS = "TLS"


class Opening(threading.local):
    """The progress of this thread's request. ``phase`` is None unless its connection is opening."""

    def __init__(self) -> None:
        self.begin()

    def begin(self, *, is_write: bool = False, is_again: bool = False, check: Callable[[], None] = lambda: None) -> None:
        """Prepare for a request. ``check`` runs when its connection is open, and raises if the request must not leave."""
        self.phase: Phase | None = None
        self.proxy = ""  #: the kind of proxy that the connection goes through
        self.proxy_status: int | None = None  #: what the proxy answered to CONNECT
        self.is_sent = False  #: whether any of the request can have left
        self.check = check
        self._is_write = is_write
        self._is_again = is_again

    def may_use(self, idle: float) -> bool:
        """Return whether the request may use a connection that has been idle for so many seconds."""
        return not (self._is_again or (self._is_write and idle > LONGEST_IDLE))


opening = Opening()


class ReportingConnection:
    """A mixin for urllib3 connections that report each phase of opening and the begin of sending."""

    def connect(self) -> None:
        opening.phase = Phase.CONNECT
        is_proxied = getattr(self, "_tunnel_host", None) or getattr(self, "proxy", None)
        opening.proxy = "SOCKS proxy" if hasattr(self, "_socks_options") else "proxy" if is_proxied else ""
        super().connect()  # type: ignore[misc]
        opening.phase = None
        opening.check()  # opening it can take long

    def _new_conn(self) -> Any:
        sock = super()._new_conn()  # type: ignore[misc]
        opening.phase = Phase.TLS  # unless one of the next two comes first
        return sock

    def _connect_tls_proxy(self, *args: Any, **kwargs: Any) -> Any:
        opening.phase = Phase.PROXY_TLS
        return super()._connect_tls_proxy(*args, **kwargs)  # type: ignore[misc]

    def _tunnel(self) -> None:
        opening.phase = Phase.TUNNEL
        super()._tunnel()  # type: ignore[misc]
        opening.phase = Phase.TLS

    def send(self, data: Any) -> None:
        if self.sock is None and self.auto_open:  # type: ignore[attr-defined]
            self.connect()  # as http.client would, but before anything counts as sent
        opening.is_sent = opening.is_sent or opening.phase is None  # a CONNECT is sent in a phase
        super().send(data)  # type: ignore[misc]


class FreshPool:
    """A mixin for urllib3 pools that return a kept connection only if this thread's request may use it."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        conn = super()._get_conn(timeout)  # type: ignore[misc]
        if conn.sock is not None and not opening.may_use(time.monotonic() - conn.idle_since):
            conn.close()
            conn = self._new_conn()  # type: ignore[attr-defined]
        return conn

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)  # type: ignore[misc]

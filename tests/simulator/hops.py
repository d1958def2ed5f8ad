# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hops on the way to the API, on loopback: a plain one, a CONNECT proxy, one behind TLS, and a SOCKS proxy.

Each can break a connection in any phase.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
from typing import Callable, Iterator, Literal

Kind = Literal["direct", "CONNECT", "HTTPS", "SOCKS"]

RESET = struct.pack("ii", 1, 0)
GREETING, USER, REQUEST = 0x05, 0x01, 0x05
#: SOCKS 5: what the proxy chooses (no authentication, user and password, nothing), and what it answers to a request.
NO_AUTHENTICATION, PASSWORD, NOTHING = 0x00, 0x02, 0xFF
SOCKS_REPLIES = {"": 0x00, "SOCKS denied": 0x02, "SOCKS unreachable": 0x04}


class BrokenError(Exception):
    """The fault is over, and the connection must close."""


class Hop:
    """Listens on a port and relays each connection to the API's, unless a fault is set when the connection comes in.

    ``contexts`` are the TLS contexts with which it answers itself, by the name
    of the fault that their certificate is; an HTTPS proxy's usual one has an
    empty name. ``connections`` counts those that came in.
    """

    def __init__(self, kind: Kind, api_port: int, contexts: dict[str, ssl.SSLContext]) -> None:
        self.kind = kind
        self.connections = 0
        self.asked_for: list[str] = []  #: what the proxy was asked to connect to
        self.fault = ""
        self.times: int | None = None  #: how many connections the fault breaks; None: all until it is taken away
        self.most: int | None = None  #: how many requests it relays on one connection, if these are not behind TLS; the next is lost
        self._api_port = api_port
        self._contexts = contexts
        self._is_over = threading.Event()
        self._fillers: list[socket.socket] = []
        self._listener = self._bind(0)
        self.port = self._listener.getsockname()[1]
        self._listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Hop:  # noqa: PYI034 (Python 3.8)
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._is_over.set()
        self._thread.join(5)
        self._listener.close()

    # A port that refuses connections, or that takes none

    def set_fault(self, fault: str) -> None:
        """Break the connections that come in from now on in this way; an empty one ends that."""
        if fault == self.fault:
            return
        before, self.fault = self.fault, fault
        if {before, fault} & {"TCP refused", "TCP timeout"}:
            # The thread that accepts must not have the port while it refuses.
            self._is_over.set()
            self._thread.join(5)
            self._is_over.clear()
            for filler in self._fillers:
                filler.close()
            self._fillers.clear()
            self._listener.close()
            self._listener = self._bind(self.port)
            if fault == "TCP timeout":
                self._listener.listen(0)
                self._fill()
            elif fault != "TCP refused":
                self._listen()
                self._thread = threading.Thread(target=self._serve, daemon=True)
                self._thread.start()

    @staticmethod
    def _bind(port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        return listener

    def _listen(self) -> None:
        self._listener.listen(64)
        self._listener.settimeout(0.02)

    def _fill(self) -> None:
        """Fill the queue of unaccepted connections, so that the next one gets no answer."""
        for _unused in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(("127.0.0.1", self.port))
            self._fillers.append(filler)

    # The handling of a connection

    def _serve(self) -> None:
        while not self._is_over.is_set():
            try:
                connection, _peer = self._listener.accept()
            except socket.timeout:
                continue
            except OSError:
                return
            self.connections += 1
            fault, self.fault = self.fault, "" if self.connections == self.times else self.fault
            threading.Thread(target=self._take, args=(connection, fault), daemon=True).start()

    def _take(self, connection: socket.socket, fault: str) -> None:
        connection.settimeout(10)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError, BrokenError):
            stack.enter_context(connection)
            if self.kind == "HTTPS":
                connection = stack.enter_context(self._open_tls(connection, fault))
            if self.kind == "SOCKS":
                self._shake_hands(connection, fault)
            elif self.kind != "direct":
                self._open_tunnel(connection, fault)
            if fault and fault in self._contexts:
                self._present(connection, self._contexts[fault])
            elif fault.startswith("TLS "):
                connection.recv(65536)  # what the client says first
                self._break(connection, fault[4:])
            elif fault:
                raise AssertionError(f"{self.kind} does not know {fault}")
            with socket.create_connection(("127.0.0.1", self._api_port)) as api:
                if isinstance(connection, ssl.SSLSocket):
                    self._pump_both_ways(connection, api)
                    return
                threading.Thread(target=self._pump, args=(api, connection), daemon=True).start()
                self._pump(connection, api)

    @staticmethod
    def _break(connection: socket.socket, how: str) -> None:
        if how == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        elif how == "silent":
            connection.recv(65536)  # until the client has had enough
        elif how == "garbage":
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        raise BrokenError

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        requests = 0
        with contextlib.suppress(OSError):
            while True:
                received = source.recv(65536)
                requests += received.count(b"\r\nAuthorization:")
                if not received or (self.most is not None and requests > self.most):
                    break
                sink.sendall(received)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    @staticmethod
    def _pump_both_ways(connection: ssl.SSLSocket, api: socket.socket) -> None:
        """In one thread, because two must not use a TLS connection at the same time."""
        others: dict[socket.socket, socket.socket] = {connection: api, api: connection}
        while True:
            for source in [connection] if connection.pending() else select.select(list(others), [], [], 10)[0]:
                received = source.recv(65536)
                if not received:
                    return
                others[source].sendall(received)

    def _present(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        """Shake hands as the API. Python wraps no TLS within TLS, so that goes through a pair of sockets."""
        if not isinstance(connection, ssl.SSLSocket):
            context.wrap_socket(connection, server_side=True).recv(1)
            return
        near, far = socket.socketpair()
        with near, far:
            threading.Thread(target=self._take_handshake, args=(far, context), daemon=True).start()
            self._pump_both_ways(connection, near)

    @staticmethod
    def _take_handshake(connection: socket.socket, context: ssl.SSLContext) -> None:
        with contextlib.suppress(OSError):
            context.wrap_socket(connection, server_side=True).recv(1)

    def _open_tls(self, connection: socket.socket, fault: str) -> ssl.SSLSocket:
        how = fault[len("proxy ") :] if fault.startswith("proxy ") else ""
        if how.startswith("TLS "):
            connection.recv(65536)  # what the client says first
            self._break(connection, how[len("TLS ") :])
        wrapped = self._contexts[how].wrap_socket(connection, server_side=True)
        if how:
            wrapped.recv(1)
            raise BrokenError
        return wrapped

    def _open_tunnel(self, connection: socket.socket, fault: str) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1) or self._give_up()
        self.asked_for.append(head.split(b" ")[1].decode())
        if fault.startswith("CONNECT "):
            how = fault[len("CONNECT ") :]
            if how.isdigit():
                connection.sendall(f"HTTP/1.1 {how} No\r\nContent-Length: 0\r\n\r\n".encode())
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1)
            self._break(connection, how)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

    def _shake_hands(self, connection: socket.socket, fault: str) -> None:
        how = fault[len("SOCKS ") :] if fault.startswith("SOCKS ") else ""
        _version, count = self._read(connection, 2)
        offered = self._read(connection, count)
        if how in ("closed", "reset", "silent", "garbage"):
            self._break(connection, how)
        chosen = PASSWORD if PASSWORD in offered else NO_AUTHENTICATION
        if how == "wants a user":
            chosen = NOTHING
        connection.sendall(bytes([GREETING, chosen]))
        if chosen == PASSWORD:
            _version, length = self._read(connection, 2)
            self._read(connection, length)
            self._read(connection, self._read(connection, 1)[0])
            connection.sendall(bytes([USER, 1 if how == "wrong user" else 0]))
        if how in ("wants a user", "wrong user"):
            raise BrokenError
        _version, _command, _reserved, form = self._read(connection, 4)
        length = {1: 4, 4: 16}.get(form) or self._read(connection, 1)[0]
        host = self._read(connection, length)
        self.asked_for.append(
            f"{host.decode() if form == 3 else socket.inet_ntop(socket.AF_INET, host)}:{int.from_bytes(self._read(connection, 2), 'big')}"
        )
        reply = SOCKS_REPLIES.get(fault, 0x00)
        connection.sendall(bytes([REQUEST, reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        if reply:
            raise BrokenError

    def _read(self, connection: socket.socket, length: int) -> bytes:
        received = b""
        while len(received) < length:
            received += connection.recv(length - len(received)) or self._give_up()
        return received

    @staticmethod
    def _give_up() -> bytes:
        raise BrokenError


@contextlib.contextmanager
def hops(api_port: int, contexts: dict[str, ssl.SSLContext]) -> Iterator[Callable[[Kind], Hop]]:
    """One hop of each kind."""
    kinds: tuple[Kind, ...] = ("direct", "CONNECT", "HTTPS", "SOCKS")
    with contextlib.ExitStack() as stack:
        made = {kind: stack.enter_context(Hop(kind, api_port, contexts)) for kind in kinds}
        yield made.__getitem__

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on a raw socket, for behavior that needs a real connection: late or missing bytes."""

from __future__ import annotations

import json
import socket
import struct
import threading
from typing import Any, Iterable, Union

#: The next action of a server: send bytes, wait for seconds, or reset the connection.
Step = Union[bytes, float, str]
RESET = "reset"
CLOSE = "close"


def http(body: Any = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; a body that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode() + content


def dripping(content: bytes, pause: float) -> list[Step]:
    return [step for byte in content for step in (bytes([byte]), pause)]


class FakeServer:
    """Answers request after request with the steps scripted for it, and closes the connection when there are none left."""

    def __init__(self, *script: Iterable[Step]) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._script = iter([list(steps) for steps in script])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.01)
        self.port = self._listener.getsockname()[1]
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> FakeServer:  # noqa: PYI034 (Python 3.8)
        self._thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._is_over.set()
        self._listener.close()
        self._thread.join(60)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while not self._is_over.is_set():
            try:
                connection, _peer = self._listener.accept()
            except OSError:  # a timeout, or the end
                continue
            self.connections += 1
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.settimeout(0.01)
                try:
                    while self._answer(connection):
                        pass
                except OSError:
                    pass  # the client has gone

    def _answer(self, connection: socket.socket) -> bool:
        """Whether the connection stays open."""
        request = self._read(connection)
        if not request:
            return False
        self.requests.append(request)
        for step in next(self._script, [CLOSE]):
            if self._is_over.is_set() or step == CLOSE:
                return False
            if step == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            if isinstance(step, bytes):
                connection.settimeout(2)
                connection.sendall(step)
            elif isinstance(step, float):
                self._is_over.wait(step)
        return True

    def _read(self, connection: socket.socket) -> bytes:
        """One request, head and body; nothing if the client closes first."""
        connection.settimeout(0.01)
        received = b""
        while not self._is_over.is_set():
            head, end, body = received.partition(b"\r\n\r\n")
            lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            if end and len(body) >= int(lengths[0] if lengths else 0):
                return received
            try:
                chunk = connection.recv(65536)
            except socket.timeout:
                continue
            if not chunk:
                break
            received += chunk
        return b""

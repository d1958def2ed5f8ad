# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Answers that end in time, even if they arrive slowly."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

from .opening import Phase, opening

#: The most time for a whole answer, in timeouts of one read.
WHOLE_ANSWER = 2


class _TimedReads(io.RawIOBase):
    """A socket's bytes until a deadline. Each byte would restart the socket's own timeout."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._timeout = sock.gettimeout()
        self._ends = None if self._timeout is None else time.monotonic() + WHOLE_ANSWER * self._timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._ends is None or self._timeout is None:
            return self._raw.readinto(buffer)
        left = self._ends - time.monotonic()
        if left <= 0:
            raise socket.timeout("the answer took too long")
        self._sock.settimeout(min(left, self._timeout))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(self._timeout)

    def close(self) -> None:
        self._raw.close()
        super().close()


class TimedAnswer(http.client.HTTPResponse):
    """An answer whose head and body end in time, and whose first status is not a 1xx."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReads(self.fp.detach(), sock))

    def _read_status(self) -> Any:
        # The standard library skips a 100 but returns any other 1xx as the answer. The connection's next request would then
        # read the real answer to this one.
        version, status, reason = super()._read_status()  # type: ignore[misc]
        if opening.phase is Phase.TUNNEL:
            opening.proxy_status = status
        return version, http.client.CONTINUE if 100 <= status < 200 else status, reason

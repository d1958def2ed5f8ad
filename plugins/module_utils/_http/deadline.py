# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Answers that end in time, however slowly they drip in."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

from .opening import Phase, opening

#: An answer may take this many times the timeout of one read, from the first byte waited for to the last.
WHOLE_ANSWER = 2


class _TimedReads(io.RawIOBase):
    """A socket's bytes until a deadline, for each byte that drips in would start a socket's own timeout anew."""

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
    """An answer whose head and body both end in time, and that begins with its own status, not with a 1xx."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReads(self.fp.detach(), sock))

    def _read_status(self) -> Any:
        # The standard library skips a 100 and takes any other 1xx for the answer, so that the connection's next request would
        # read the true answer to this one. It skips everything that claims to be a 100.
        version, status, reason = super()._read_status()  # type: ignore[misc]
        if opening.phase is Phase.TUNNEL:
            opening.proxy_status = status
        return version, http.client.CONTINUE if 100 <= status < 200 else status, reason

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests to the API and their results, for tests of their cost."""

from __future__ import annotations

import json
import threading
import time
import weakref
from typing import Any

Entry = dict[str, Any]


class Journal:
    """A thread-safe log of API requests. It never contains the token."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._connections: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._connected = 0
        self._number = 0
        self._limited = 0

    def open(self, moment: float, method: str, path: str, operation: str, query: dict[str, str], raw: bytes, connection: int) -> Entry:
        """Log a request on its arrival; ``close`` completes the entry. ``status`` None: nothing was answered (yet)."""
        entry: Entry = {"number": 0, "time": moment, "method": method, "path": self._clean(path), "operation": operation}
        entry.update(query={name: self._clean(value) for name, value in query.items()}, body=self._body(raw), status=None, fault=None)
        entry.update(connection=connection, authorized=False, agent=None, elapsed=None, began=time.perf_counter())
        with self._lock:
            self._number += 1
            entry["number"] = self._number
            self._entries.append(entry)
        return entry

    def note_agent(self, entry: Entry, agent: str | None) -> None:
        """The client's name, because several clients can share a log."""
        entry["agent"] = None if agent is None else self._clean(agent)

    def close(self, entry: Entry, status: int | None) -> None:
        with self._lock:
            entry["status"] = status
            entry["elapsed"] = round(time.perf_counter() - entry["began"], 6)
            self._limited += status == 429

    def connection(self, transport: Any) -> int:
        """The number of the TCP connection, counted from 1 in the order of their first requests."""
        with self._lock:
            if transport not in self._connections:
                self._connected += 1
                self._connections[transport] = self._connected
            return self._connections[transport]

    @property
    def entries(self) -> list[Entry]:
        with self._lock:
            return [{name: value for name, value in entry.items() if name != "began"} for entry in self._entries]

    def clear(self) -> None:
        """Forget the entries; numbers go on, so that effects stay unambiguous."""
        with self._lock:
            self._entries.clear()

    def reset(self) -> None:
        with self._lock:
            self._entries.clear()
            self._connections.clear()
            self._connected = self._number = self._limited = 0

    def stats(self) -> dict[str, Any]:
        with self._lock:
            by_operation: dict[str, int] = {}
            for entry in self._entries:
                by_operation[entry["operation"]] = by_operation.get(entry["operation"], 0) + 1
            return {"connections": self._connected, "requests": self._number, "rate_limited": self._limited, "logged": by_operation}

    def _clean(self, text: str) -> str:
        return text.replace(self._token, "<token>")

    def _body(self, raw: bytes) -> Any:
        """Return the JSON of a body, or its text if it is not JSON, or None without a body."""
        if not raw:
            return None
        text = self._clean(raw.decode("utf-8", "replace"))
        try:
            return json.loads(text)
        except ValueError:
            return text

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replaces what recorded exchanges must not tell: the same value by the same word everywhere.

Texts are replaced unless they are known to be harmless, so what the API adds one
day is replaced as well. Messages are kept, without the values and ids in them.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any, Iterator, Mapping
from urllib.parse import urlsplit

#: Texts that are kept.
WORDS = frozenset(("ACTIVE", "INACTIVE", "LIVE", "INVOKED", "IDLE", "OFFLINE", "ERRORED", "ENDED", "ASC", "DSC", "true", "false"))
#: The key whose texts are kept, except for the values and ids in them.
MESSAGE = "message"
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
KEY = re.compile(r"[A-Za-z][A-Za-z_-]{0,40}")
#: Addresses, ids, and keys, as they look in a message.
PATTERNS = {
    "url": re.compile(r"[a-z][a-z+]+://[^\s\"'<>]+", re.IGNORECASE),
    "mail": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    "id": re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE),
    "host": re.compile(r"\b(?:[\w-]+\.){2,}[a-z]{2,}\b", re.IGNORECASE),
    "ip": re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    "key": re.compile(r"(?=[\w+/=-]*\d)[\w+/=-]{16,}"),
}
#: Numbers from here on are replaced, as texts with more than nine digits are.
LONG = 10**9
#: How many rows of longer lists are kept, in addition to our own.
ROWS = 2


class Scrubber:
    """``known``: values that are secret from the start, and what to call them."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._words: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._pattern: re.Pattern[str] | None = None
        self.ours: set[str] = set()  #: ids of what the probe has made
        for value, kind in known.items():
            self._name(value, kind)

    def scrub(self, exchanges: list[dict[str, Any]]) -> Any:
        """The exchanges without what they must not tell. A value may occur in a message before it is met as a field."""
        for exchange in exchanges:
            self._learn([exchange["request"]["query"], exchange["request"]["body"], exchange["answer"]["body"]])
        return [self._exchange(exchange) for exchange in exchanges]

    def value(self, value: Any, key: str = "text") -> Any:
        if isinstance(value, dict):
            return {self.key(name): self.value(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return self._rows(value, key)
        if not isinstance(value, str):
            return self._name(str(value), "number") if _is_long(value) else value
        return self.text(value) if key == MESSAGE else self._text_of_field(value, key)

    def key(self, name: str) -> str:
        return name if KEY.fullmatch(name) else self._name(name, "field")

    def text(self, text: str) -> str:
        """A message without known values, addresses, ids, and keys."""
        if self._pattern is None:
            # A short value could be any word.
            values = sorted((value for value in self._words if len(value) >= 4), key=len, reverse=True)
            forms = [re.escape(value) if _is_telling(value) else rf"(?<!\w){re.escape(value)}(?!\w)" for value in values]
            self._pattern = re.compile("|".join(forms) or r"(?!)", re.IGNORECASE)
        words = {value.lower(): word for value, word in self._words.items()}
        text = self._pattern.sub(lambda found: words[found[0].lower()], text)
        for kind, pattern in PATTERNS.items():
            text = pattern.sub(lambda found, kind=kind: self._name(found[0], kind), text)
        return text

    def find_leaks(self, text: str) -> list[str]:
        """The replacements of values that a text still has, although they look like an id, an address, or a key."""
        lowered = text.lower()
        return [word for value, word in self._words.items() if _is_telling(value) and value.lower() in lowered]

    def _learn(self, value: Any, key: str = "text") -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                self._learn(item, name)
        elif isinstance(value, list):
            for item in value:
                self._learn(item, key)
        elif isinstance(value, str) and key != MESSAGE:
            self._text_of_field(value, key)
        elif _is_long(value):
            self._name(str(value), "number")

    def _exchange(self, exchange: Mapping[str, Any]) -> dict[str, Any]:
        """An exchange, of which the probe has written all but the query, the bodies, and the headers' values."""
        request, answer = exchange["request"], exchange["answer"]
        sent = {"path": self.text(request["path"]), "query": self.value(request["query"]), "body": self.value(request["body"])}
        got = {"headers": {name: self.text(value) for name, value in answer["headers"].items()}, "body": self.value(answer["body"])}
        return {**exchange, "request": {**request, **sent}, "answer": {**answer, **got}}

    def _rows(self, rows: list[Any], key: str) -> list[Any]:
        kept = [row for number, row in enumerate(rows) if number < ROWS or (isinstance(row, dict) and str(row.get("id")) in self.ours)]
        left = len(rows) - len(kept)
        return [self.value(row, key) for row in kept] + ([f"and {left} more"] if left else [])

    def _text_of_field(self, value: str, key: str) -> str:
        if not value or value in WORDS or re.fullmatch(r"\d{1,9}(\.\d+)?", value):
            return value
        if TIME.fullmatch(value):
            return re.sub(r"\d", "0", value)  # its form is of interest
        if "://" in value:
            with contextlib.suppress(ValueError):  # it is no address
                return "".join(self._address(value))
        return self._name(value, "id" if PATTERNS["id"].fullmatch(value) else key if KEY.fullmatch(key) else "text")

    def _address(self, url: str) -> Iterator[str]:
        """An address whose parts are replaced one by one."""
        self._name(url, "url")
        parts = urlsplit(url)
        yield f"{parts.scheme}://{self._name(parts.hostname, 'host') if parts.hostname else ''}"
        port = re.search(r":(\d+)$", parts.netloc)
        yield port[0] if port else ""
        if parts.path.strip("/"):
            ending = re.search(r"\.\w{2,4}$", parts.path)
            yield f"/{self._name(parts.path, 'path')}{ending[0] if ending else ''}"
        if parts.query or parts.fragment:
            yield f"?{self._name(parts.query + parts.fragment, 'query')}"

    def _name(self, value: str, kind: str) -> str:
        if value not in self._words:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._words[value] = f"<{kind}-{self._counts[kind]}>"
            self._pattern = None
        return self._words[value]


def _is_long(value: Any) -> bool:
    """Whether it is a number that may be an id or a point in time."""
    return isinstance(value, (int, float)) and abs(value) >= LONG


def _is_telling(value: str) -> bool:
    """Whether it is no plain word, so that finding it again is no chance."""
    return len(value) >= 8 and (bool(re.search(r"\d", value)) or "://" in value or len(value) >= 24)

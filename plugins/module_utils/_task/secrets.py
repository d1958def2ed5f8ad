# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Hide secrets in the result. The API's words can contain one, in an error, a session, or a name."""

from __future__ import annotations

import re
from typing import Any, Callable, Collection, TypeVar

T = TypeVar("T")

HIDDEN = "********"

#: A secret of at least this many characters is hidden everywhere. A shorter one could be part of many ids and URLs, so it
#: is hidden only as a separate word.
LONG = 8

#: The characters before and after a short secret that make it a part of an id or a URL. A period can also end a sentence.
BEFORE, BEHIND = r"(?<![\w/.@&%+-])", r"(?![\w/@&=%+-]|[.:?][\w/])"


def mask(secrets: Collection[str], value: T, *, shown: Collection[str] = ()) -> T:
    """Return the value with all secrets hidden in its strings. A ``stream_key`` in ``shown`` stays.

    The time depends on the size of the value and on the number of different lengths
    of the secrets, but not on the number of secrets.
    """
    by_length: dict[int, set[str]] = {}
    for secret in secrets:
        by_length.setdefault(len(secret), set()).add(secret)
    hiders = [(length, _build_hider(length, by_length[length])) for length in sorted(by_length, reverse=True) if length]
    return _hide(hiders, value, frozenset(shown)) if hiders else value


def _build_hider(length: int, secrets: set[str]) -> Callable[[str], str]:
    """Return a function that hides secrets of one length.

    A regular expression finds long enough runs of characters that occur in secrets.
    The function then tries each position in these runs.
    """
    characters = "".join(map(re.escape, sorted(set("".join(secrets)))))
    if length < LONG:
        alone = re.compile(f"{BEFORE}[{characters}]{{{length}}}{BEHIND}")
        return lambda text: alone.sub(lambda run: HIDDEN if run.group() in secrets else run.group(), text)

    def hide_in_run(run: re.Match[str]) -> str:
        text, parts, begin, place = run.group(), [], 0, 0
        while place <= len(text) - length:
            if text[place : place + length] in secrets:
                parts += [text[begin:place], HIDDEN]
                begin = place = place + length
            else:
                place += 1
        return "".join([*parts, text[begin:]])

    runs = re.compile(f"[{characters}]{{{length},}}")
    return lambda text: runs.sub(hide_in_run, text)


def _hide(hiders: list[tuple[int, Callable[[str], str]]], value: Any, shown: Collection[str]) -> Any:
    if isinstance(value, str):
        for length, hide in hiders:
            if len(value) >= length:  # most strings of a result are shorter than any secret
                value = hide(value)
    elif isinstance(value, dict):
        return {
            _hide(hiders, name, ()): inner if name == "stream_key" and str(inner) in shown else _hide(hiders, inner, shown)
            for name, inner in value.items()
        }
    elif isinstance(value, (list, tuple)):
        return [_hide(hiders, inner, shown) for inner in value]
    return value

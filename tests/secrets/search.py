# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks for secrets in text and files: whole or in part, in any letter case, plain or as base64."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Iterable, Iterator, Mapping

#: As many characters of a secret in a row are a leak; fewer could come about by chance.
TELLING = 12


def traces(secret: str) -> set[str]:
    """Return lower-case parts, at least one of which is in any text with a recognizable part of the secret."""
    encoded = []
    for shift in range(3):
        # The text before it decides how base64 splits it. Drop the characters that mix with their neighbors.
        text = base64.b64encode(b"\0" * shift + secret.encode()).decode().rstrip("=")
        encoded.append(text[2 if shift else 0 : -1][2:])
    return {form[at : at + TELLING].lower() for form in (secret, *encoded) for at in range(len(form) - TELLING + 1)}


def search(text: str, secrets: Mapping[str, str]) -> list[str]:
    """The names of those ``secrets`` (name to value) of which the text has a recognizable part, with the first position."""
    telling = {trace: name for name, secret in secrets.items() for trace in traces(secret)}
    lowered = text.lower()
    found: dict[str, str] = {}
    for at in range(len(lowered) - TELLING + 1):
        name = telling.get(lowered[at : at + TELLING])
        if name is not None and name not in found:
            found[name] = f"{name} after: {before(text, at, secrets.values())}"
    return list(found.values())


def search_files(folders: Iterable[Path], secrets: Mapping[str, str]) -> list[str]:
    """As `search`, in the names and contents of all files below the folders."""
    return [
        f"{path}: {found}"
        for folder in folders
        for path in files_in(folder)
        for found in search(f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}", secrets)
    ]


def files_in(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def before(text: str, at: int, secrets: Iterable[str]) -> str:
    """Return the end of the text before a secret in its line, because a log must not have secrets."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    for secret in secrets:
        line = line.replace(secret, "<secret>")
    return line[-160:]

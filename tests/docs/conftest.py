# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site that `make docs` has built, served as `make docs-serve` does, and looked at once for all tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / ".build/docs/html"
sys.path[:0] = [str(ROOT / "tests/docs"), str(ROOT / "tests/browser")]

from browser import look  # noqa: E402

# To be looked at by people: the front, a page of tables, a guide, the drawings.
PICTURES = [
    "index.html",
    "collection/rtk_meeting_livestream_module.html",
    "docs/going-live.html",
    "docs/how-it-works.html",
    "docs/troubleshooting.html",
]


class Seen(NamedTuple):
    """The findings of the browser: the address of the site, where its navigation leads, each page by its path, and what a search finds."""

    url: str
    nav: list[str]
    pages: dict[str, dict[str, Any]]
    found: list[str]


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with subprocess.Popen([sys.executable, str(ROOT / "tests/docs/serve.py")], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield server.stdout.readline().split()[0]
        server.terminate()
        assert server.wait(10) == 0


@pytest.fixture(scope="session")
def seen(url: str) -> Seen:
    paths = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html"))
    assert paths, "there is no site: run make docs"
    saw = look(ROOT / "tests/docs/look.mjs", url, SITE.parent, ",".join(PICTURES), *paths)
    return Seen(url, saw["nav"], saw["pages"], saw["found"])

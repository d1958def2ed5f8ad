# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site in a browser, on a wide and a narrow screen."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any, Iterator
from urllib.parse import unquote, urldefrag

import pytest
from conftest import PICTURES, ROOT, SITE, Seen

MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


def local(seen: Seen, links: list[str]) -> Iterator[tuple[str, str]]:
    """The path and the anchor of each link that stays on the site."""
    for link in links:
        address, anchor = urldefrag(link)
        if address.startswith(seen.url):
            yield address[len(seen.url) :] or "index.html", unquote(anchor)


def test_every_page_is_reached_by_the_navigation(seen: Seen) -> None:
    reached = {path for path, _anchor in local(seen, seen.nav)}
    assert len(reached) > 15
    assert reached == set(seen.pages) - {"index.html", "search.html"}


def test_every_guide_module_and_role_has_its_page(seen: Seen) -> None:
    guides = [path.relative_to(ROOT).with_suffix(".html") for path in ROOT.glob("docs/*.md")]
    assert {str(guide) for guide in guides} <= set(seen.pages)
    assert {f"collection/{name}_module.html" for name in MODULES} <= set(seen.pages)
    assert {page for name in ROLES for page in (f"collection/{name}_role.html", f"roles/{name}/README.html")} <= set(seen.pages)


def test_every_page_loads(seen: Seen) -> None:
    assert {path: page["status"] for path, page in seen.pages.items() if page["status"] != 200} == {}
    assert [path for path, page in seen.pages.items() if not page["title"] and path != "search.html"] == []
    assert {path: page["errors"] for path, page in seen.pages.items() if page["errors"]} == {}


def test_search_finds_modules_and_guides(seen: Seen) -> None:
    found = {path for path, _anchor in local(seen, seen.found)}
    assert {"collection/rtk_meeting_livestream_module.html", "docs/troubleshooting.html"} <= found


def test_nothing_is_fetched_from_elsewhere(seen: Seen) -> None:
    requests = {path: page["requests"] for path, page in seen.pages.items()}
    assert all(f"{seen.url}{path}" in made for path, made in requests.items()), "the page itself is a request"
    assert {path: [url for url in made if not url.startswith((seen.url, "data:"))] for path, made in requests.items()} == {
        path: [] for path in requests
    }


def test_no_link_is_dead(seen: Seen) -> None:
    followed = [(page, *link) for page, there in seen.pages.items() for link in local(seen, there["links"])]
    assert len(followed) > 500
    assert [link for link in followed if link[1] not in seen.pages and not (SITE / link[1]).is_file()] == []
    assert [link for link in followed if link[2] and link[1] in seen.pages and link[2] not in seen.pages[link[1]]["ids"]] == []


def test_every_link_elsewhere_is_encrypted(seen: Seen) -> None:
    assert [link for page in seen.pages.values() for link in page["links"] if not link.startswith((seen.url, "https://"))] == []


def test_every_picture_loads_and_has_a_description(seen: Seen) -> None:
    assert len(seen.pages["docs/how-it-works.html"]["images"]) == 2
    assert {path: bad for path, page in seen.pages.items() if (bad := [image for image in page["images"] if not all(image.values())])} == {}


@pytest.mark.parametrize("screen", ["wide", "narrow"])
def test_no_page_scrolls_sideways(seen: Seen, screen: str) -> None:
    assert {path: page[screen] for path, page in seen.pages.items() if page[screen] > 0} == {}


def test_no_line_of_code_is_wider_than_its_box(seen: Seen) -> None:
    assert {path: page["cut"] for path, page in seen.pages.items() if page["cut"]} == {}


def test_pictures_are_left_to_look_at(seen: Seen) -> None:
    left = [path.name for path in SITE.parent.glob("*.png") if path.stat().st_mtime > SITE.stat().st_mtime]
    assert len(left) == len(PICTURES) * 4


def documented(name: str, kind: str) -> dict[str, Any]:
    """Return the documentation of a module or a role from ansible-doc."""
    command = ["ansible-doc", "--json", "--type", kind, f"streamops.realtimekit.{name}"]
    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=True).stdout
    return dict(json.loads(said)[f"streamops.realtimekit.{name}"])


def flat(entries: dict[str, Any], inner: str, prefix: str) -> Iterator[tuple[str, str]]:
    """The id that each option or return value has on its page, with those inside it, and how its description begins, up to any markup."""
    for name, entry in entries.items():
        says = entry["description"] if isinstance(entry["description"], str) else entry["description"][0]
        yield f"{prefix}{name}", re.split(r"[A-Z]+\(", says)[0].strip()
        yield from flat(entry.get(inner, {}), inner, f"{prefix}{name}/")


def check_rows(seen: Seen, page: str, prefix: str, wanted: dict[str, str]) -> None:
    """Each of them has its row, with its name, its type and its description."""
    rows = {row["id"]: row for row in seen.pages[page]["rows"] if row["id"].startswith(prefix)}
    assert sorted(rows) == sorted(wanted)
    assert [row for name, row in rows.items() if not (row["type"] and row["name"] and name.endswith(row["name"]))] == []
    # Sphinx turns straight quotation marks into others.
    assert {name: row["says"] for name, row in rows.items() if wanted[name] not in row["says"].replace("\u2019", "'")} == {}


@pytest.mark.parametrize("name", MODULES)
def test_module_page_has_every_option_and_return_value(seen: Seen, name: str) -> None:
    says = documented(name, "module")
    page = f"collection/{name}_module.html"
    check_rows(seen, page, "parameter-", dict(flat(says["doc"]["options"], "suboptions", "parameter-")))
    check_rows(seen, page, "return-", dict(flat(says["return"], "contains", "return-")))


@pytest.mark.parametrize("name", ROLES)
def test_role_page_has_every_option(seen: Seen, name: str) -> None:
    options = documented(name, "role")["entry_points"]["main"]["options"]
    check_rows(seen, f"collection/{name}_role.html", "parameter-", dict(flat(options, "options", "parameter-main--")))

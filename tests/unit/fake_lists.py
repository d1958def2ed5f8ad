# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists of a fake API, page by page: of its livestreams by status, and of its meetings."""

from __future__ import annotations

from typing import Any, Collection, Iterable, Mapping

from ansible_collections.streamops.realtimekit.tests.unit.fakes import NULLS, OURS, Answer, FakeAPI, Reply, Sent, listing, livestream, ok

INVOKED, LIVE, ERRORED = (listing(status=status, sort_order="ASC") for status in ("INVOKED", "LIVE", "ERRORED"))


def by_status(status: str, page_no: int = 1) -> Sent:
    """A page of the list of all livestreams in this status, oldest first."""
    return listing(page_no, status=status, sort_order="ASC")


def meetings_page(page_no: int = 1) -> Sent:
    return ("GET", "/meetings", {"page_no": str(page_no), "per_page": "100"}, None)


def meeting(number: int) -> str:
    return f"bbbb1111-22cc-33dd-44ee-{number:012d}"


def stream(number: int, status: str = "INVOKED", **fields: Any) -> dict[str, Any]:
    """The livestream of the meeting of this number; the first one is OURS."""
    return livestream(f"{OURS[:-12]}{number:012d}", status, **fields)


def row(number: int, status: str = "LIVE", **fields: Any) -> dict[str, Any]:
    """The same livestream as a list shows it: with its meeting and every field, null if it is not known."""
    return {**NULLS, **stream(number, status), "meeting_id": meeting(number), **fields}


def page(*rows: Mapping[str, Any], end: int | None = None, total: int | None = None) -> Reply:
    """One page, the only one unless ``end`` and ``total`` differ; a count below 0 means no paging."""
    if total is not None and total < 0:
        return ok(list(rows))
    end = len(rows) if end is None else end
    return ok(list(rows), paging={"total_count": end if total is None else total, "start_offset": end - len(rows) + 1, "end_offset": end})


class FakeLists(FakeAPI):
    """An API with lists. ``omitted``: fields that their rows leave out; ``in_place``: answers that are given instead of a list."""

    def __init__(self) -> None:
        super().__init__()
        self.page_size = 100
        self.omitted: Collection[str] = ()
        self.in_place: dict[str, Answer] = {}  #: by the status of the list, or "meetings"

    def active(self) -> Iterable[tuple[str, Any]]:
        """Each meeting with its livestream, or anything else if it has none."""
        raise NotImplementedError

    def existing(self) -> Iterable[str]:
        """The meetings that there are."""
        raise NotImplementedError

    def answer_list(self, path: str, query: Mapping[str, str]) -> Answer | None:
        """The page of the list that is asked for; None if it is no list."""
        if path == "/meetings":
            return self.in_place.get("meetings") or self._cut([{"id": meeting_id} for meeting_id in self.existing()], query)
        if path == "/livestreams":
            found = [{**NULLS, **active, "meeting_id": meeting_id} for meeting_id, active in self.active() if isinstance(active, dict)]
            rows = [{key: each[key] for key in each if key not in self.omitted} for each in found if each["status"] == query["status"]]
            return self.in_place.get(query["status"]) or self._cut(rows, query)
        return None

    def _cut(self, rows: list[dict[str, Any]], query: Mapping[str, str]) -> Reply:
        first = (int(query["page_no"]) - 1) * self.page_size
        shown = rows[first : first + self.page_size]
        return page(*shown, end=first + len(shown), total=len(rows))

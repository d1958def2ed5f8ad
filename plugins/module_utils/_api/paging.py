# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Reading a list page by page. Its paging may be missing, capped, or untrue."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping, NamedTuple

from .._errors import LostAnswerError, NotFoundError
from .._http.answers import Payload
from .shapes import Rows, parse_seconds

PER_PAGE = 100
#: Pages in a row that bring nothing new before a listing counts as one that never ends.
STALE_PAGES = 3


class Page(NamedTuple):
    """A page's rows, its paging's ``end_offset`` and ``total_count`` if it has them, its number, and how many rows it had as it came."""

    rows: Rows
    end: float | None
    total: float | None
    number: int = 1
    size: int = 0

    @property
    def is_full(self) -> bool:
        """Whether more rows were counted behind it, so that no new row can come to it."""
        return self.end is not None and self.total is not None and self.end < self.total


def parse_page(payload: Payload, rows_of: Callable[[Any], Rows]) -> Page:
    rows = rows_of(payload.data)
    if not all(isinstance(row, dict) and isinstance(row.get("id"), str) and row["id"] for row in rows):
        raise ValueError("a list in which a row has no id")
    paging = payload.paging or (payload.data.get("paging") if isinstance(payload.data, dict) else None)
    if not isinstance(paging, dict):
        return Page(rows, None, None)
    return Page(rows, parse_seconds(paging.get("end_offset")), parse_seconds(paging.get("total_count")))


def read_pages(read: Callable[[Mapping[str, int]], Page], path: str, page_no: int = 1) -> Iterator[Page]:
    """Each page from one on, with those of its rows that no earlier page had.

    ``read`` takes the parameters of a page. A short page is not the last one,
    because the API may cap the page size. A page without anything new may only
    have been pushed back by new rows. An empty page may answer 404, which the
    first one leaves to the caller.
    """
    seen: set[str] = set()
    stale, may_be_empty = 0, False
    while True:
        try:
            page = read({"page_no": page_no, "per_page": PER_PAGE})
        except NotFoundError:
            if not may_be_empty:
                raise
            return
        new = list({row["id"]: row for row in page.rows if row["id"] not in seen}.values())
        seen.update(row["id"] for row in new)
        yield page._replace(rows=new, number=page_no, size=len(page.rows))
        if page_no == 1 and not page.rows and page.total:
            raise LostAnswerError("GET", path, f"the list has {page.total:g} rows, and its first page none")
        if _is_last(page, is_new=bool(new), seen=len(seen)):
            return
        stale = 0 if new else stale + 1
        if stale == STALE_PAGES:
            reason = f"page {page_no} of the list brings nothing new and is not the last: the list does not end"
            raise LostAnswerError("GET", path, reason)
        may_be_empty = page.end is None or page.total is None or page.end >= page.total
        page_no += 1


def _is_last(page: Page, *, is_new: bool, seen: int) -> bool:
    """Whether the list ends with this page, ``seen`` rows having been read."""
    if not page.rows:
        return True
    if page.end is None or page.total is None:
        return not is_new
    # The count may be untrue: after a full page, or more rows than it counts, "done" is worth one more page.
    is_doubtful = len(page.rows) >= PER_PAGE or page.total < seen
    return page.end >= page.total and not (is_new and is_doubtful)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Read a list page by page. Its paging may be missing, capped, or wrong."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Sequence

from .._errors import LostAnswerError, NotFoundError
from .._http.answers import Payload
from .._http.client import Client
from .shapes import Rows, parse_seconds

PER_PAGE = 100
#: More than any list has. A larger count is wrong, and maybe infinite.
MOST_ROWS = 10**9
#: After so many pages in a row without new rows, a listing counts as endless.
STALE_PAGES = 3


class Page(NamedTuple):
    """One page of a list."""

    rows: Rows
    end: float | None = None  #: the position of its last row in the list, from 1, if known
    total: float | None = None  #: how many rows the list has, if known
    number: int = 1
    size: int = 0  #: how many rows it had in the answer
    sent_at: float = 0.0  #: when the request for it left, on the client's clock
    omitted: frozenset[str] = frozenset()  #: documented fields that at least one of its rows lacks
    is_missing: bool = False  #: whether the API answered 404 instead

    @property
    def is_full(self) -> bool:
        """Return whether the count shows more rows behind it, so that it cannot get a new row."""
        return self.end is not None and self.total is not None and self.end < self.total

    @property
    def is_whole(self) -> bool:
        """Return whether it is the only page, by a plausible count."""
        return self.number == 1 and self.end is not None and self.total is not None and self.end >= self.total >= self.size

    @property
    def pages_left(self) -> int:
        """Return how many pages follow, according to its paging."""
        if not self.size or self.end is None or self.total is None:
            return 0
        return max(0, math.ceil((min(self.total, MOST_ROWS) - self.end) / self.size))


def parse_page(payload: Payload, rows_of: Callable[[Any], Rows]) -> Page:
    rows = rows_of(payload.data)
    if not all(isinstance(row, dict) and isinstance(row.get("id"), str) and row["id"] for row in rows):
        raise ValueError("a list in which a row has no id")
    paging = payload.paging or (payload.data.get("paging") if isinstance(payload.data, dict) else None)
    if not isinstance(paging, dict):
        return Page(rows, size=len(rows))
    return Page(rows, parse_seconds(paging.get("end_offset")), parse_seconds(paging.get("total_count")), size=len(rows))


def read_pages(
    client: Client,
    segments: Sequence[str],
    params: Mapping[str, Any],
    rows_of: Callable[[Any], Rows],
    first_page: int = 1,
    *,
    to_the_end: bool = False,
    is_eager: bool = False,
) -> Iterator[Page]:
    """Yield each page from page 1 on, with the rows that no earlier page had.

    If the paging has a count, read pages side by side: more and more of them
    ahead, or with ``is_eager`` one for each connection from the start. With
    ``to_the_end``, ignore the count and end only with an empty page. A short page
    can be followed by others, because the API may cap the page size. A page without
    new rows may have been shifted by new rows. An empty page may answer 404; for the
    first page, the caller handles this.
    """
    read = partial(_read_page, client, segments, params, rows_of)
    seen: set[str] = set()
    stale, may_be_empty, width = 0, False, client.connections if is_eager else 1
    ahead, page_no = [read(first_page)], first_page
    while True:
        page = ahead.pop(0)
        if isinstance(page, NotFoundError):
            if not may_be_empty:
                raise page
            return
        new = list({row["id"]: row for row in page.rows if row["id"] not in seen}.values())
        seen.update(row["id"] for row in new)
        yield page._replace(rows=new)
        if len(new) < page.size or any(_is_older(other, page) for other in ahead):
            # New rows at the front shift others to pages that may have been read before.
            ahead.clear()
        if not page.rows or (not to_the_end and _is_last(page, is_new=bool(new), seen=len(seen))):
            return
        stale = 0 if new else stale + 1
        if stale == STALE_PAGES:
            reason = f"page {page_no} of the list has no new rows and is not the last one: the list does not end"
            raise LostAnswerError("GET", "/" + "/".join(segments), reason)
        may_be_empty = page.end is None or page.total is None or page.end >= page.total
        page_no += 1
        if not ahead:
            width = min(2 * width, client.connections)
            count = max(1, min(page.pages_left, width)) if new else 1
            ahead = client.side_by_side(read, range(page_no, page_no + count))


def _read_page(
    client: Client, segments: Sequence[str], params: Mapping[str, Any], rows_of: Callable[[Any], Rows], number: int
) -> Page | NotFoundError:
    try:
        page = client.get(segments, lambda payload: parse_page(payload, rows_of), {**params, "page_no": number, "per_page": PER_PAGE})
    except NotFoundError as error:
        return error
    if number == 1 and not page.rows and page.total:
        reason = f"the list has {page.total:g} rows, but its first page has none"
        raise LostAnswerError("GET", "/" + "/".join(segments), reason)
    return page._replace(number=number, sent_at=client.sent_at)


def _is_older(other: Page | NotFoundError, page: Page) -> bool:
    """Return whether another page was read while the list was shorter, because a retry can take minutes."""
    return isinstance(other, Page) and other.total is not None and page.total is not None and other.total < page.total


def _is_last(page: Page, *, is_new: bool, seen: int) -> bool:
    """Return whether the list ends with this nonempty page, after ``seen`` rows."""
    if page.end is None or page.total is None:
        return not is_new
    # The count may be wrong. After a full page, or more rows than it counts, read one more page.
    is_doubtful = len(page.rows) >= PER_PAGE or page.total < seen
    return page.end >= page.total and not (is_new and is_doubtful)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Ensure that independent livestreams exist by name, each once."""

from __future__ import annotations

from typing import Sequence

from .._api.livestreams import Livestreams
from .._api.shapes import Livestream, merge, normalize
from .._errors import LostAnswerError, RealtimeKitError, RejectedAnswerError, StoppedError
from .._http.client import Departure
from .names import Words, create_missing, look_up, take
from .targets import Outcome, mark_not_begun

WORDS = Words(
    one="Livestream",
    are_named="independent livestreams are named",
    advice="The API cannot delete or rename them: use another name, or use rtk_livestream_info with the id",
    field="name",
)


def ensure_present(livestreams: Livestreams, names: Sequence[str], *, check_mode: bool = False) -> list[Outcome]:
    """Return an outcome for each of ``names``: its only independent livestream, created if it was missing.

    This costs one listing for all names, and a POST for each missing one. Then the
    end of the list is read again, because another run may have created a name at the
    same moment. If the creates take too long, the end of the list is also read in
    between.
    """
    outcomes = [Outcome(name) for name in names]
    catalog = _Catalog(livestreams, names)
    try:
        look_up(catalog.read, names)
        catalog.check_names()
    except RealtimeKitError as error:
        for outcome in outcomes:
            outcome.error = error
            if isinstance(error, StoppedError):
                mark_not_begun(outcome, catalog.client)
        return outcomes
    missing = [outcome for outcome in outcomes if not take(catalog, outcome, catalog.find(outcome.target))]
    for outcome in outcomes:
        outcome.before = outcome.after
        if outcome.after and outcome.after["disabled"]:
            outcome.warnings.append(
                f"Livestream {outcome.target!r} ({outcome.after['id']}) exists and is disabled; the API offers no way to enable it."
            )
    catalog.client.plan(len(missing) + bool(missing))
    if check_mode:
        for outcome in missing:
            outcome.after, outcome.changed = normalize({"name": outcome.target}), True
    elif missing:
        create_missing(catalog, missing)
    return outcomes


class _Catalog:
    """The independent livestreams of some names, and all that are new in the list since its first read.

    The list is read oldest first, so that new rows do not shift its pages. They can
    only be on the first page that may not have been full, or later.
    """

    def __init__(self, livestreams: Livestreams, names: Sequence[str]) -> None:
        self.client = livestreams.client
        self.words = WORDS
        self._livestreams = livestreams
        self._names = frozenset(names)
        self._rows: dict[str, Livestream] = {}
        self._by_name: dict[str | None, list[Livestream]] = {}
        self._end = self._largest = 1
        self._is_read = self._has_rows = self._has_names = False
        self._nameless_id = ""
        self._is_sorted = True
        #: When the request for the last page left.
        self.sent_at = 0.0

    def read(self, names: Sequence[str]) -> None:  # noqa: ARG002 (one list serves all names)
        """Read the list from its known end: completely the first time, or if the API ignores the order."""
        last = self._read(self._end if self._is_sorted else 1)
        if self._is_sorted and self._end < last:
            self._read(self._end)  # for rows that appeared while later pages were read

    def _read(self, first_page: int) -> int:
        """Read the list from a page on. Return the number of the last page with rows."""
        created_at, times, sizes, may_fill_up = "", {}, {}, []
        has_order = self._is_read  # only two rows of different age show the order
        for page in self._livestreams.pages(exclude_meetings=True, sort_order="ASC", first_page=first_page):
            times[page.number], sizes[page.number] = page.sent_at, page.size
            if not page.is_full:
                may_fill_up.append(page.number)
            for row in page.rows:
                self._has_names = self._has_names or row["name"] is not None
                self._nameless_id = row["id"]
                if self._is_read or row["name"] in self._names:
                    self._rows[row["id"]] = merge(self._rows.get(row["id"], {}), row)
                before, created_at = created_at, str(row["created_at"] or "")
                self._is_sorted = self._is_sorted and before <= created_at
                has_order = has_order or "" < before < created_at
            self._largest = max(self._largest, page.size)
        self._is_sorted = self._is_sorted and has_order
        # Without a correct count, a page may have filled up after it was read: a smaller one, or the last but one.
        last = max((number for number, size in sizes.items() if size), default=first_page)
        self._end = min([last, *(number for number in may_fill_up if sizes[number] < self._largest or number >= last - 1)])
        if self._has_rows and not sizes[first_page]:
            raise LostAnswerError("GET", "/livestreams", "the list has fewer rows than before")
        # If the list is not in order, new rows may appear on its first page.
        self.sent_at = times[self._end if self._is_sorted else first_page]
        self._is_read, self._has_rows = True, sizes[last] > 0
        self._by_name = {}
        for row in self._rows.values():
            self._by_name.setdefault(row["name"], []).append(row)
        return last

    def check_names(self) -> None:
        """Fail if the rows lack their names, because every name would then be created again."""
        if not self._has_names and self._nameless_id and self._livestreams.get(self._nameless_id)["name"] is not None:
            raise RejectedAnswerError("GET", "/livestreams", "the rows of the list have no names, so the task cannot look for a name")

    def find(self, name: str) -> list[Livestream]:
        """Return all livestreams of a name, oldest first."""
        return self._by_name.get(name, [])

    def get(self, livestream_id: str) -> Livestream | None:
        """Return a new livestream of the list by its id, with any name."""
        return self._rows.get(livestream_id)

    def create(self, name: str, *, departure: Departure) -> Livestream:
        """Create another livestream of this name."""
        return self._livestreams.create(name, departure=departure)

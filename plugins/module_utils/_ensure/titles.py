# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The meetings of some titles, which the API does not keep unique."""

from __future__ import annotations

from typing import Any, Collection, Mapping, Sequence

from .._api.meetings import ACTIVE, Meeting, Meetings, normalize_meeting
from .._api.paging import Page
from .._errors import AbsentTitleError, ApiError, RealtimeKitError
from .._http.client import Departure
from .names import Words, look_up, take
from .targets import Outcome

WORDS = Words(
    one="Meeting",
    are_named="meetings are titled",
    advice="Give the one you mean by its meeting_id, or set the others INACTIVE with rtk_meeting, by meeting_id too",
    field="title",
)

#: Up to so many titles are searched for one by one, without a look at how long the list is.
SEARCHES = 2


class Titles:
    """Meetings by their titles, from a search for each title or from the whole list, whichever takes fewer requests.

    The API's search is broad, so titles are compared here. Among several
    meetings of a title, those that are not ACTIVE do not count, unless none is.
    """

    def __init__(self, meetings: Meetings, settings: Mapping[str, Any] | None = None) -> None:
        self.client = meetings.client
        self.words = WORDS
        self.sent_at = 0.0
        self._meetings = meetings
        self._settings = settings or {}
        self._rows: dict[str, Meeting] = {}

    def read(self, names: Sequence[str]) -> None:
        """Find the meetings of these titles anew; the others stay as they were read before."""
        pages = self._read_list(len(names)) if len(names) > SEARCHES else None
        if pages is None:
            pages = [page for pages in self.client.side_by_side(self._search, names) for page in pages]
        titles = frozenset(names)
        found = [self._complete(row, titles) for page in pages for row in page.rows]
        kept = [row for row in self._rows.values() if row["title"] not in titles]
        self._rows = {row["id"]: row for row in (*kept, *found)}
        self.sent_at = min(page.sent_at for page in pages)

    def find(self, name: str) -> list[Meeting]:
        """The ACTIVE meetings of this title, or those that are not if there are no others, oldest first."""
        found = sorted((row for row in self._rows.values() if row["title"] == name), key=lambda row: str(row["created_at"] or ""))
        return [row for row in found if row["status"] == ACTIVE] or found

    def get(self, resource_id: str) -> Meeting | None:
        """A meeting that a read has shown, under any title."""
        return self._rows.get(resource_id)

    def create(self, name: str, *, departure: Departure) -> Meeting:
        """Create one more meeting of this title."""
        return self._meetings.create(name, self._settings, departure=departure)

    def _read_list(self, most_pages: int) -> list[Page] | None:
        """All pages of the list; None if searches take fewer requests than this many pages, or if the list does not tell the titles."""
        pages: list[Page] = []
        for page in self._meetings.find():
            if page.is_missing or page.number + page.pages_left > most_pages or any("title" not in row for row in page.rows):
                return None
            pages.append(page)
        return pages

    def _search(self, title: str) -> list[Page]:
        return list(self._meetings.find(search=title))

    def _complete(self, row: dict[str, Any], titles: Collection[str]) -> Meeting:
        """The meeting of a row, from a read of its own if the row leaves out what tells whether it is meant."""
        if "title" not in row or (row["title"] in titles and "status" not in row):
            return self._meetings.get(row["id"])
        return normalize_meeting(row)


def resolve(titles: Titles, names: Sequence[str]) -> dict[str, Meeting | RealtimeKitError]:
    """The one meeting of each title, or the error that says why there is none."""
    try:
        if names:
            look_up(titles, names)
    except RealtimeKitError as error:
        is_about_one = isinstance(error, ApiError) and not error.is_uncertain and error is not titles.client.refusal
        if is_about_one and len(names) > 1:
            return {name: found for each in names for name, found in resolve(titles, [each]).items()}
        return dict.fromkeys(names, error)
    return {name: _pick(titles, name) for name in names}


def _pick(titles: Titles, name: str) -> Meeting | RealtimeKitError:
    outcome = Outcome(name)
    if not take(titles, outcome, titles.find(name)):
        return AbsentTitleError(f"No meeting is titled {name!r}. Compare letter case and spaces; rtk_meeting creates it")
    return outcome.error or outcome.after or {}

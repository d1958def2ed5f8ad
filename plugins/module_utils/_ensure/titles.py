# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The meetings of some titles, which the API does not keep unique."""

from __future__ import annotations

from typing import Any, Collection, Mapping, Sequence

from .._api.meetings import ACTIVE, Meeting, Meetings
from .._api.paging import Page
from .._errors import AbsentTitleError, ApiError, RealtimeKitError
from .._http.client import Departure
from .names import Words, look_up, take
from .targets import Outcome

WORDS = Words(
    one="Meeting",
    are_named="meetings are titled",
    advice="Use meeting_id instead, or set all but one INACTIVE with rtk_meeting and meeting_id",
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
        for error in self.read_each(names).values():
            raise error

    def read_each(self, names: Sequence[str]) -> dict[str, ApiError]:
        """As `read`; returns the errors of those titles for which the API has refused the search."""
        errors: dict[str, ApiError] = {}
        pages = self._read_list(len(names)) if len(names) > SEARCHES else None
        if pages is None:
            found_or_refused = self.client.side_by_side(self._search, names)
            errors = {name: result for name, result in zip(names, found_or_refused) if isinstance(result, ApiError)}
            pages = [page for result in found_or_refused if not isinstance(result, ApiError) for page in result]
        titles = frozenset(names)
        rows = list({row["id"]: row for page in pages for row in page.rows}.values())
        found = self.client.side_by_side(lambda row: self._complete(row, titles), rows)
        kept = [row for row in self._rows.values() if row["title"] not in titles]
        self._rows = {row["id"]: row for row in (*kept, *found)}
        self.sent_at = min((page.sent_at for page in pages), default=self.client.sent_at)
        return errors

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
        try:
            for page in self._meetings.find():
                if page.is_missing or page.number + page.pages_left > most_pages or any("title" not in row for row in page.rows):
                    return None
                pages.append(page)
        except ApiError as error:
            self._keep_refused(error)
            return None
        return pages

    def _search(self, title: str) -> list[Page] | ApiError:
        """The pages that a search for this title brings, or the error if the API refuses only this one."""
        try:
            return list(self._meetings.find(search=title))
        except ApiError as error:
            return self._keep_refused(error)

    def _keep_refused(self, error: ApiError) -> ApiError:
        """The error, unless any other request would end in it as well."""
        if error.is_uncertain or error is self.client.refusal:
            raise error
        return error

    def _complete(self, row: dict[str, Any], titles: Collection[str]) -> Meeting:
        """The meeting of a row, with what tells whether it is meant."""
        return self._meetings.complete(row, ("title", "status") if row.get("title") in titles else ("title",))


def resolve(titles: Titles, names: Sequence[str]) -> dict[str, Meeting | RealtimeKitError]:
    """The one meeting of each title, or the error that says why there is none."""
    try:
        errors = look_up(titles.read_each, names) if names else {}
    except RealtimeKitError as error:
        return dict.fromkeys(names, error)
    return {name: errors.get(name) or _pick(titles, name) for name in names}


def _pick(titles: Titles, name: str) -> Meeting | RealtimeKitError:
    outcome = Outcome(name)
    if not take(titles, outcome, titles.find(name)):
        return AbsentTitleError(f"No meeting has the title {name!r}. Check letter case and spaces, or create it with rtk_meeting")
    return outcome.error or outcome.after or {}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Meetings by title. The API does not keep titles unique."""

from __future__ import annotations

from typing import Any, Collection, Mapping, Sequence

from .._api.meetings import ACTIVE, Meeting, Meetings
from .._api.paging import Page
from .._api.shapes import keep_single
from .._errors import AbsentTitleError, ApiError, RealtimeKitError
from .._http.client import Departure
from .names import Words, look_up, take
from .targets import Outcome

WORDS = Words(
    one="Meeting",
    are_named="meetings are titled",
    advice="Use meeting_id instead, or make exactly one of them ACTIVE with rtk_meeting and meeting_id",
    field="title",
)

#: Search for so many titles one by one, without reading the length of the list.
SEARCHES = 2


class Titles:
    """Meetings by their titles, from a search for each title or from the whole list, with the fewest requests.

    The API's search is broad, so titles are compared here. Among several meetings
    of a title, only ACTIVE ones count, unless there is none.
    """

    def __init__(self, meetings: Meetings, settings: Mapping[str, Any] | None = None) -> None:
        self.client = meetings.client
        self.words = WORDS
        self.sent_at = 0.0
        self._meetings = meetings
        self._settings = settings or {}
        self._rows: dict[str, Meeting] = {}

    def read(self, names: Sequence[str]) -> None:
        """Find the meetings of these titles again. Keep the other ones."""
        for error in self.read_each(names).values():
            raise error

    def read_each(self, names: Sequence[str]) -> dict[str, ApiError]:
        """As `read`, but return the errors of titles whose search the API refused."""
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
        """Return the ACTIVE meetings of this title, or the other ones if none is ACTIVE, oldest first."""
        found = sorted((row for row in self._rows.values() if row["title"] == name), key=lambda row: str(row["created_at"] or ""))
        return [row for row in found if row["status"] == ACTIVE] or found

    def get(self, resource_id: str) -> Meeting | None:
        """Return a meeting from any read by its id, with any title."""
        return self._rows.get(resource_id)

    def create(self, name: str, *, departure: Departure) -> Meeting:
        """Create another meeting of this title."""
        return self._meetings.create(name, self._settings, departure=departure)

    def _read_list(self, most_pages: int) -> list[Page] | None:
        """Return all pages of the list, or None if searches take fewer requests, or if the list lacks the titles."""
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
        """Return the pages of a search for this title, or the error if the API refuses only this one."""
        try:
            return list(self._meetings.find(search=title))
        except ApiError as error:
            return self._keep_refused(error)

    def _keep_refused(self, error: ApiError) -> ApiError:
        """Return the error, unless every other request would end in it."""
        if error.is_uncertain or error is self.client.refusal:
            raise error
        return error

    def _complete(self, row: dict[str, Any], titles: Collection[str]) -> Meeting:
        """Return the meeting of a row, with the fields that identify it."""
        return self._meetings.complete(row, ("title", "status") if keep_single(row.get("title")) in titles else ("title",))


def resolve(titles: Titles, names: Sequence[str]) -> dict[str, Meeting | RealtimeKitError]:
    """Return the only meeting of each title, or the error."""
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

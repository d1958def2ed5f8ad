# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The state of many meetings from the lists, if that takes fewer requests than single reads.

A list can be LAG seconds old, and a list of several pages can miss a livestream
that moves to another page. Therefore, no stop rests on a list. A start does,
because the API refuses it if the list was wrong. docs/reliability.md lists the
remaining gaps.
"""

from __future__ import annotations

from typing import Collection, Iterable, Iterator, Mapping, NamedTuple, Sequence

from .._api.livestreams import Livestreams
from .._api.paging import Page
from .._api.shapes import ACTIVE, ERRORED, INVOKED, LIVE, Livestream, is_started
from .._errors import RealtimeKitError

#: For so many meetings or more, read the lists first.
LISTS_FROM = 10

#: The seconds by which a list can lag behind a read of the meeting.
LAG = 2.0

#: In the order of a livestream's life, so that one that changes while the lists are read is in a later list.
STATUSES = (INVOKED, LIVE, ERRORED)

#: If a missed livestream does no harm, first the list that most often shows all meetings. STATUSES follow, to find one that goes LIVE
#: meanwhile.
LIVE_FIRST = (LIVE, *STATUSES)

#: The fields that show a row's meeting, and whether it is active.
NEEDED = frozenset(("meeting_id", "status"))


class Snapshot(NamedTuple):
    """The result of the lists."""

    #: The active livestream of a meeting, or None. Undecided meetings are missing.
    states: Mapping[str, Livestream | None] = {}
    #: Meetings that exist, if this was checked.
    existing: Collection[str] = ()

    def read(self, livestreams: Livestreams, meeting_id: str, *, must_exist: bool = False) -> Livestream | None:
        """Return the meeting's active livestream, or None, from the lists if possible; as `Livestreams.active`."""
        must_exist = must_exist and meeting_id not in self.existing
        if meeting_id not in self.states:
            livestreams.client.check()
            return livestreams.active(meeting_id, must_exist=must_exist)
        state = self.states[meeting_id]
        if must_exist and not state:
            livestreams.meetings.prove(meeting_id)
        return state


def take_snapshot(
    livestreams: Livestreams,
    meeting_ids: Sequence[str],
    *,
    needs: Iterable[str] = (),
    may_miss: bool = False,
    settle: float = 0.0,
    must_exist: bool = False,
    existing: Collection[str] = (),
) -> Snapshot:
    """Return a snapshot of these meetings. It has no states for few meetings, or if the lists are unreadable.

    ``needs``, ``may_miss``, and ``settle`` as in `read_lists`. With ``must_exist``,
    check in the list of meetings that those without an active livestream exist,
    unless they are in ``existing``.
    """
    if len(meeting_ids) < LISTS_FROM:
        return Snapshot({}, existing)
    try:
        statuses = LIVE_FIRST if may_miss else STATUSES
        states = read_lists(livestreams, meeting_ids, statuses=statuses, needs=needs, may_miss=may_miss, settle=settle)
    except RealtimeKitError:
        return Snapshot({}, existing)  # the read of each meeting decides instead, or fails
    unproven = [meeting_id for meeting_id, state in states.items() if not state and meeting_id not in existing]
    if must_exist and len(unproven) >= LISTS_FROM:
        existing = {*existing, *_find_existing(livestreams, unproven)}
    return Snapshot(states, existing)


def read_lists(
    livestreams: Livestreams,
    meeting_ids: Collection[str],
    *,
    statuses: Sequence[str] = STATUSES,
    needs: Iterable[str] = (),
    known: Mapping[str, Livestream] | None = None,
    may_miss: bool = False,
    settle: float = 0.0,
) -> dict[str, Livestream | None]:
    """Return the active livestream of each meeting, or None. Meetings that need a separate read are missing.

    ``needs``: the fields that a row must have, unless ``known``, the livestreams
    seen before, has them. ``may_miss``: whether a missed livestream does no harm.
    Otherwise, each list is read to an empty page. Before a meeting counts as off
    air, a list of several pages is read again, and with ``settle`` all lists are,
    so many seconds later.
    """
    lists = _Lists(livestreams, meeting_ids, needs, known or {}, to_the_end=not may_miss)
    again = [status for status in statuses if lists.read(status) or settle]
    if may_miss or not lists.unseen:
        return lists.get_states()
    if again and (lists.is_blind or lists.pages > len(lists.unseen)):
        return lists.found
    if again:
        livestreams.client.sleep(settle)
    for status in again:
        lists.read(status)
    # A meeting that no list shows is off air, unless a 404 did not mean an empty list.
    return lists.found if lists.unseen and lists.is_missing and not livestreams.has_list() else lists.get_states()


def read_all(livestreams: Livestreams, known: Collection[str] = ()) -> Iterator[tuple[Livestream, bool]]:
    """Yield every livestream of the lists that may be active, perhaps again in a later list, and whether it needs a separate read.

    It does if its row lacks its status, or its meeting and its id is not ``known``.
    A list of several pages can miss a livestream, as in `read_lists`.
    """
    for status in STATUSES:
        for page in livestreams.pages(status=status, sort_order="ASC"):
            lacks_meeting = "meeting_id" in page.omitted
            for row in page.rows:
                if row["status"] is None:
                    yield row, True
                elif row["status"] in ACTIVE:
                    yield row, lacks_meeting and row["meeting_id"] is None and row["id"] not in known


class _Lists:
    """The lists by status, read as far as necessary."""

    def __init__(
        self,
        livestreams: Livestreams,
        meeting_ids: Collection[str],
        needs: Iterable[str],
        known: Mapping[str, Livestream],
        *,
        to_the_end: bool,
    ) -> None:
        self._livestreams = livestreams
        self._to_the_end = to_the_end
        self._wanted = set(meeting_ids)
        self._most_pages = len(self._wanted)
        self._needs = frozenset(needs)
        self._known = known
        self._meetings = {livestream["id"]: meeting_id for meeting_id, livestream in known.items()}
        self.is_blind = False  #: whether rows lack their meeting, so that the lists are useless
        self.unseen = dict.fromkeys(meeting_ids)
        self.found: dict[str, Livestream | None] = {}
        self.is_missing = False  #: whether a list answered 404
        self.pages = 0
        self._leaves_open = False  # whether a meeting that no list has shown may still be on air

    def get_states(self) -> dict[str, Livestream | None]:
        """Return the result of the lists, with None for the other meetings if the lists are complete."""
        return self.found if self._leaves_open else {**dict.fromkeys(self.unseen), **self.found}

    def read(self, status: str) -> bool:
        """Read a list until it has shown all, or single reads are cheaper. Return whether it may have several pages."""
        count, has_several = 0, False
        if not self.unseen or self.is_blind:
            return has_several
        for page in self._livestreams.pages(status=status, sort_order="ASC", to_the_end=self._to_the_end, is_eager=True):
            count += 1
            # A second page can become empty before it is read, and answer 404.
            has_several = has_several or count > 1 or (page.size > 0 and not page.is_whole)
            self.is_missing = self.is_missing or page.is_missing
            self._take(page)
            if not self.unseen or self.is_blind:
                break
            if page.pages_left > len(self.unseen) or count > self._most_pages:
                self._leaves_open = True
                break
        self.pages += count
        return has_several

    def _take(self, page: Page) -> None:
        for row in page.rows:
            meeting_id = row["meeting_id"] or self._meetings.get(row["id"])
            if meeting_id not in self._wanted or row["status"] not in (*ACTIVE, None):
                continue
            self.unseen.pop(meeting_id, None)
            # Without a status, or if another row without its meeting may have replaced this failed one, a read of the meeting decides.
            if row["status"] is None or (not row["meeting_id"] and not is_started(row)):
                continue
            found = self.found.get(meeting_id)
            # A failed livestream is not the active one, and an INVOKED row of a livestream that was LIVE is from an older list.
            if found and (not is_started(row) or (row["status"] == INVOKED and (found["status"], found["id"]) == (LIVE, row["id"]))):
                continue
            known = self._known.get(meeting_id, {})
            lacks = [field for field in self._needs if row[field] is None and known.get(field) is None]
            if any(field in page.omitted or field == "stream_key" for field in lacks):
                self._wanted.discard(meeting_id)  # a read of the livestream has the missing field
                self.found.pop(meeting_id, None)
            else:
                self.found[meeting_id] = row
        lacking = page.omitted & NEEDED
        if "status" in lacking or (lacking and not self._known):
            self.is_blind = True
        # An unknown row may belong to a meeting whose livestream is not known.
        if self.is_blind or (lacking and not self._wanted <= self._known.keys()):
            self._leaves_open = True


def _find_existing(livestreams: Livestreams, meeting_ids: Sequence[str]) -> set[str]:
    """Return the meetings that are in the list of meetings. The others need separate reads."""
    unseen, existing = set(meeting_ids), set()
    try:
        for page in livestreams.meetings.pages():
            shown = unseen.intersection(row["id"] for row in page.rows)
            unseen -= shown
            existing |= shown
            if not unseen or page.pages_left > len(unseen):
                break
    except RealtimeKitError:
        pass  # an empty list may answer 404; after any error, separate reads decide
    return existing

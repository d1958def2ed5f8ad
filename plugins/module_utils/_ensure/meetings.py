# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Ensure that meetings exist by title and are ACTIVE with their settings, or that they are INACTIVE."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import Any, Mapping, Sequence

from .._api.meetings import ACTIVE, MEETING_FIELDS, Meetings
from .._errors import DuplicateNameError, OtherNameError, RealtimeKitError, StoppedError
from .names import create_missing, look_up, take
from .targets import Outcome, begin_on, go_on_with, mark_not_begun, work_on
from .titles import SEARCHES, Titles
from .updates import check_result, find_changes, update


def ensure_titles(
    meetings: Meetings, titles: Sequence[str], *, state: str, settings: Mapping[str, Any], check_mode: bool = False
) -> list[Outcome]:
    """Return an outcome for each title.

    ``state`` ACTIVE: the only meeting of this title exists, is ACTIVE, and has
    these ``settings``. INACTIVE: no meeting of this title is ACTIVE. An unchanged
    title costs its share of the shared reads, a new one at most three requests, and
    a changed one three.
    """
    catalog, wanted = Titles(meetings, settings), {"status": state, **settings}
    outcomes = [Outcome(title) for title in titles]
    missing = [outcome for outcome in _look(catalog, outcomes) if _is_missing(catalog, outcome, state)]
    for outcome in outcomes:
        outcome.before = outcome.after
    # Each create is followed by its share of a look for twins: a search, or one list for many titles.
    looks = len(missing) if len(missing) <= SEARCHES else 1
    catalog.client.plan(len(missing) + looks + 2 * len(_find_differing(outcomes, wanted)))
    if check_mode:
        for outcome in missing:
            outcome.after = {**dict.fromkeys(MEETING_FIELDS), "title": outcome.target, "status": ACTIVE, **settings}
            outcome.changed = True
    elif missing:
        create_missing(catalog, missing)

    def update_found(outcome: Outcome) -> None:
        found: Any = outcome.after
        update_it = partial(_update, meetings, found["id"], wanted, title=outcome.target, check_mode=check_mode)
        (go_on_with if outcome in missing else partial(begin_on, catalog.client))(outcome, update_it)

    # If the answer to the create is lost, a look can show another run's meeting, with other settings.
    catalog.client.side_by_side(update_found, _find_differing(outcomes, wanted))
    return outcomes


def ensure_meeting(
    meetings: Meetings, meeting_id: str, *, state: str, title: str | None, settings: Mapping[str, Any], check_mode: bool = False
) -> Outcome:
    """Ensure that the meeting of this id has this state, these settings, and this ``title`` if given."""
    wanted = {**({"title": title} if title else {}), "status": state, **settings}
    return work_on(meetings.client, meeting_id, partial(_update, meetings, meeting_id, wanted, title=None, check_mode=check_mode))


def _look(catalog: Titles, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Find the meetings. Return the outcomes of the titles that could be read."""
    titles = [outcome.target for outcome in outcomes]
    errors: dict[str, Any]
    try:
        errors = look_up(catalog.read_each, titles)
    except RealtimeKitError as error:
        errors = dict.fromkeys(titles, error)
    for outcome in outcomes:
        outcome.error = errors.get(outcome.target)
        if isinstance(outcome.error, StoppedError):
            mark_not_begun(outcome, catalog.client)
    return [outcome for outcome in outcomes if not outcome.error]


def _find_differing(outcomes: Sequence[Outcome], wanted: Mapping[str, Any]) -> list[Outcome]:
    """Return the outcomes whose meeting needs a separate read. A meeting that is INACTIVE and stays so does not."""
    found = [outcome for outcome in outcomes if outcome.after and not outcome.error]
    if wanted["status"] != ACTIVE:
        found = [outcome for outcome in found if outcome.after and outcome.after["status"] == ACTIVE]
    return [outcome for outcome in found if outcome.after and find_changes(outcome.after, wanted)]


def _is_missing(catalog: Titles, outcome: Outcome, state: str) -> bool:
    """Return whether to create a meeting of this title. Otherwise, its outcome gets the meeting, or an error if there are several."""
    found = catalog.find(outcome.target)
    if state == ACTIVE:
        return not take(catalog, outcome, found)
    if found and found[0]["status"] != ACTIVE:
        outcome.after = found[-1]  # there may be several, and none is ACTIVE
    else:
        take(catalog, outcome, found)
    return False


def _update(
    meetings: Meetings, meeting_id: str, wanted: Mapping[str, Any], outcome: Outcome, *, title: str | None, check_mode: bool
) -> None:
    """Change the fields that differ from ``wanted``. A meeting that was found by its ``title`` must still have it."""

    def check(current: Mapping[str, Any]) -> None:
        if title is not None and current["title"] not in (title, None):
            raise OtherNameError(
                f"Meeting {meeting_id} was titled {title!r} and is {current['title']!r} now: another user renamed it. Run the task again"
            )

    def check_changes(current: Mapping[str, Any], changes: Mapping[str, Any]) -> float:
        new_title = {**current, **changes}["title"]
        if title is None and new_title and wanted["status"] == ACTIVE and not changes.keys().isdisjoint({"title", "status"}):
            return _check_that_title_is_free(meetings, meeting_id, new_title)
        return inf

    meetings.client.check()
    is_sent = update(meetings, meeting_id, wanted, outcome, noun="meeting", check_mode=check_mode, check=check, check_changes=check_changes)
    if is_sent and outcome.after and not outcome.error:
        check_result(f"Meeting {meeting_id}", outcome.after, wanted)


def _check_that_title_is_free(meetings: Meetings, meeting_id: str, title: str) -> float:
    """Raise DuplicateNameError if another ACTIVE meeting has this title. Return when the read behind this left."""
    catalog = Titles(meetings)
    look_up(catalog.read, [title])
    others = [found["id"] for found in catalog.find(title) if found["status"] == ACTIVE and found["id"] != meeting_id]
    if others:
        raise DuplicateNameError(
            f"Meeting {meeting_id} was not changed: {', '.join(others)} is ACTIVE and has the title {title!r}. "
            "Use another title, or set the other meeting INACTIVE first"
        )
    return catalog.sent_at

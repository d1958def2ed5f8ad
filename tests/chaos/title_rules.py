# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Titles: which meeting a task may take one for, judged from what the lists showed while it looked."""

from __future__ import annotations

from typing import Any, Iterator

from chaos.history import has_title, is_active
from chaos.ledger import Ledger, is_write
from chaos.targets import find_entries, find_titles, is_refused_whole
from chaos.task import Ending

Entry = dict[str, Any]

#: The fields of a meeting's title and status.
READS = frozenset({"list_meetings", "get_meeting"})


def find_window(ledger: Ledger, ending: Ending, *, before_writes: bool = True) -> tuple[float, float]:
    """From the first moment that a list of meetings can have shown to the last one, before the task's first write or altogether."""
    requests = ledger.requests(ending)
    first = min((entry["number"] for entry in requests if before_writes and is_write(entry)), default=float("inf"))
    reads = [entry for entry in requests if entry["operation"] in READS and ledger.is_clear_read(entry) and entry["number"] < first]
    if not reads:
        return ending.began, ending.ended
    return min(entry["time"] for entry in reads) - ledger.list_lag, max(entry["time"] for entry in reads)


def may_miss(ledger: Ledger, since: float, until: float) -> bool:
    """Return whether rows moved while a list of meetings was read, so that a read may have missed one.

    A list whose paging shows the end may grow, and the read is still complete. A
    search can also lose rows, and no answer shows this.
    """
    history, lag = ledger.history, ledger.list_lag
    is_longer, is_shorter = history.has_new(since - lag, until), history.has_renamed(since - lag, until)
    return is_shorter or (is_longer and not ledger.is_counted)


def means_the_only_one(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A title is taken for a meeting that had it, and not for one of two ACTIVE ones."""
    # A title that shows only when the lists are read again is another user's, and counts as well.
    since, until = find_window(ledger, ending, before_writes=ending.job.module != "rtk_meeting")
    for title in find_titles(ending.job):
        entry = _find_entry(ending, title)
        if entry is None or entry["meeting_id"] is None or _is_own(ledger, ending, entry["meeting_id"]):
            continue
        if not ledger.history.was(entry["meeting_id"], since, until, has_title(title)):
            yield f"{title}: is taken for {entry['meeting_id']}, which did not have this title"
        others = {*ledger.history.find_always(since, until, is_active(title))} - {entry["meeting_id"]}
        if others and not may_miss(ledger, since, until):
            yield f"{title}: is taken for {entry['meeting_id']}, and {sorted(others)} had this title"


def refuses_twins(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """No write for a title that two ACTIVE meetings had all the time, and the error names both."""
    since, until = find_window(ledger, ending)
    for title in find_titles(ending.job):
        twins = ledger.history.find_always(since, until, is_active(title))
        entry = _find_entry(ending, title)
        if len(twins) < 2 or entry is None or may_miss(ledger, since, until):
            continue
        writes = [f"#{each['number']}" for each in ledger.requests(ending) if is_write(each) and _is_for(each, title, twins)]
        # Another room may be one of the two, by its id.
        if writes and ending.job.module == "rtk_meeting":
            yield f"{title}: two meetings have this title, {twins}, and {writes} write to one or create another"
        if not entry["error"]:
            yield f"{title}: two meetings have this title, {twins}, and it does not fail"


def says_why(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A title that is refused as absent was absent at some moment, and one that is refused for twins had two."""
    since, until = find_window(ledger, ending, before_writes=ending.job.module != "rtk_meeting")
    for title in find_titles(ending.job):
        kind = ending.kinds.get(title)
        if kind == "AbsentTitleError" and ledger.history.find_always(since, until, has_title(title)) and not may_miss(ledger, since, until):
            yield f"{title}: says that no meeting has this title, and one had it"
        if kind == "DuplicateNameError":
            said = (find_entries(ending)[title]["error"] or {})["message"]
            # A meeting that the task created counts, even if it gets another title before it shows.
            created = [effect["meeting_id"] for effect in ledger.find_caused(ending, title) if effect["kind"] == "meeting_created"]
            named = [each for each in {*ledger.history.find_ever(since, until, has_title(title)), *created} if each in said]
            if len(named) < 2:
                yield f"{title}: says that two meetings have this title, and names {named}: {said}"


def refuses_one_meeting_twice(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A task whose rooms are the same meeting writes nothing; any other task has valid options here."""
    if not is_refused_whole(ending):
        return
    said = ending.result["msg"]
    if "are the same meeting" not in said or "meetings" not in ending.job.options:
        yield f"refuses valid options: {said}"
    if any(is_write(entry) for entry in ledger.requests(ending)):
        yield "refuses its options, and has sent a write"


def _find_entry(ending: Ending, title: str) -> Entry | None:
    return next((entry for entry in find_entries(ending).values() if entry["title"] == title), None)


def _is_own(ledger: Ledger, ending: Ending, meeting_id: str) -> bool:
    """Whether the task has created it, so that it did not show before."""
    created = [effect for effect in ledger.effects(meeting_id, "meeting_created") if ledger.owner(effect) == ending.job.number]
    return bool(created)


def _is_for(entry: Entry, title: str, meeting_ids: list[str]) -> bool:
    if entry["operation"] == "create_meeting":
        return bool(entry["body"]["title"] == title)
    return any(f"/meetings/{meeting_id}" in entry["path"] for meeting_id in meeting_ids)

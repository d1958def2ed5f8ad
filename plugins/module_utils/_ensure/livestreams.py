# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Ensures that independent livestreams exist by name, each once, as far as an API without locks or unique names allows."""

from __future__ import annotations

from functools import partial
from typing import Sequence

from .._api.livestreams import Livestreams
from .._api.shapes import Livestream, merge, normalize
from .._errors import (
    ConflictError,
    DefectError,
    DuplicateNameError,
    LostAnswerError,
    OtherNameError,
    RealtimeKitError,
    RejectedAnswerError,
    StoppedError,
)
from .._http.client import Client
from .decisions import LOOKS
from .targets import Outcome, go_on_with, mark_not_begun
from .writes import Attempt, Write, Writes


def ensure_present(livestreams: Livestreams, names: Sequence[str], *, check_mode: bool = False) -> list[Outcome]:
    """An outcome for each of ``names``: the one independent livestream of that name, created if there was none.

    Costs one listing for all names, and a POST for each that is missing. After
    those the end of the list is read once more, because another run may have
    created at the same moment. If the creates take longer than their state may
    be old, the end of the list is also read in between.
    """
    outcomes = [Outcome(name) for name in names]
    catalog = _Catalog(livestreams, names)
    try:
        catalog.read()
        catalog.check_names()
    except RealtimeKitError as error:
        for outcome in outcomes:
            outcome.error = error
            if isinstance(error, StoppedError):
                mark_not_begun(outcome, catalog.client)
        return outcomes
    missing = [outcome for outcome in outcomes if not _take(outcome, catalog.find(outcome.target))]
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
        _create(livestreams, catalog, missing)
        _look_for_twins(catalog, [outcome for outcome in missing if outcome.changed and not outcome.error])
    return outcomes


class _Catalog:
    """The independent livestreams of some names, and all others that have come to the list since it was first read.

    The list is read oldest first. New rows do not shift its pages then, and come
    only from the first page on that may not have been full when it was read.
    """

    def __init__(self, livestreams: Livestreams, names: Sequence[str]) -> None:
        self.client = livestreams.client
        self._livestreams = livestreams
        self._names = frozenset(names)
        self._rows: dict[str, Livestream] = {}
        self._by_name: dict[str | None, list[Livestream]] = {}
        self._end = self._largest = 1
        self._is_read = self._has_rows = self._has_names = False
        self._nameless_id = ""
        self._is_sorted = True
        #: When the request left that read the page on which the list ended.
        self.sent_at = 0.0

    def read(self) -> None:
        """Read the list from its end on: all of it the first time, or if the API does not keep to the order."""
        try:
            last = self._read(self._end if self._is_sorted else 1)
            if self._is_sorted and self._end < last:
                self._read(self._end)  # for what came to it while the pages behind it were read
        except RealtimeKitError:
            raise
        except Exception as error:  # it must not hide what was created
            raise DefectError(error) from error

    def _read(self, first_page: int) -> int:
        """Read the list from a page on; returns the number of its last page that has rows."""
        created_at, times, sizes, may_fill_up = "", {}, {}, []
        has_order = self._is_read  # only two rows of different age can tell
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
        # Without a true count a page may have filled up after it was read: one that is smaller than others, or the last but one.
        last = max((number for number, size in sizes.items() if size), default=first_page)
        self._end = min([last, *(number for number in may_fill_up if sizes[number] < self._largest or number >= last - 1)])
        if self._has_rows and not sizes[first_page]:
            raise LostAnswerError("GET", "/livestreams", "the list has lost rows that it had before")
        # If it is not in order, new rows may come to the page that was read first.
        self.sent_at = times[self._end if self._is_sorted else first_page]
        self._is_read, self._has_rows = True, sizes[last] > 0
        self._by_name = {}
        for row in self._rows.values():
            self._by_name.setdefault(row["name"], []).append(row)
        return last

    def check_names(self) -> None:
        """Fail if the rows leave their names out, since every name would then be created again."""
        if not self._has_names and self._nameless_id and self._livestreams.get(self._nameless_id)["name"] is not None:
            raise RejectedAnswerError("GET", "/livestreams", "the rows of the list have no names, so no name can be looked for")

    def find(self, name: str) -> list[Livestream]:
        """All livestreams of a name, oldest first."""
        return self._by_name.get(name, [])

    def get(self, livestream_id: str) -> Livestream | None:
        """A new livestream that the list shows, under any name."""
        return self._rows.get(livestream_id)


def _take(outcome: Outcome, found: Sequence[Livestream]) -> bool:
    """Whether the name is there: its livestream goes into the outcome, or an error if there are several."""
    if len({livestream["id"] for livestream in found}) > 1:
        each = ", ".join(f"{livestream['id']} (created {livestream['created_at'] or 'at an unknown time'})" for livestream in found)
        outcome.error = DuplicateNameError(
            f"{len(found)} independent livestreams are named {outcome.target!r}: {each}. "
            "The API can neither delete nor rename one: use another name, or read the one you mean by its id with rtk_livestream_info"
        )
    elif found:
        outcome.after = found[0]
    return bool(found)


def _create(livestreams: Livestreams, catalog: _Catalog, missing: Sequence[Outcome]) -> None:
    """Create each. If answers leave doubt, one look serves all of those."""

    def read(writes: Sequence[Write]) -> tuple[list[list[Livestream]], float]:
        catalog.read()
        return [catalog.find(write.target) for write in writes], catalog.sent_at

    writes = [_build_create(livestreams, outcome.target) for outcome in missing]
    for outcome, attempt in zip(missing, Writes(catalog.client, read, catalog.sent_at).carry_out(*writes)):
        go_on_with(outcome, partial(_end_create, catalog.client, attempt))


def _end_create(client: Client, attempt: Attempt, outcome: Outcome) -> None:
    outcome.take_in(attempt)
    if not attempt.is_begun:
        mark_not_begun(outcome, client)
    if not outcome.error:
        _take(outcome, attempt.state)
        _compare_name(outcome)


def _build_create(livestreams: Livestreams, name: str) -> Write:
    return Write(
        target=name,
        send=lambda departure: [livestreams.create(name, departure=departure)],
        is_reached=bool,
        no_effect=f"no livestream named {name!r} shows since",
        inconclusive=(ConflictError,),
    )


def _compare_name(outcome: Outcome, listed: Livestream | None = None) -> None:
    """Fail if the API has changed the name: a second run would not find it, and create another."""
    created = listed or outcome.after
    if created and created["name"] != outcome.target:
        outcome.error = OtherNameError(
            f"Livestream {created['id']} was created, and the API has named it {created['name']!r}, not {outcome.target!r}. "
            "Ask for it by the API's name, or each run creates another"
        )


def _look_for_twins(catalog: _Catalog, created: list[Outcome]) -> None:
    """Fail those whose name another run has created as well. Looks until ours show, because then a twin shows too.

    After a create in doubt, the livestream that showed first may be the other
    run's, and ours still to come: looks to the end.
    """
    for pause in LOOKS:
        if not created:
            return
        catalog.client.sleep(pause)
        try:
            catalog.read()
        except RealtimeKitError as error:
            for outcome in created:
                _leave_unseen(outcome, error)
            return
        created = [outcome for outcome in created if _find_twin(catalog, outcome)]
    for outcome in created:
        if outcome.after and not catalog.get(outcome.after["id"]):
            outcome.warnings.append(
                f"Livestream {outcome.target!r} was created and does not show in the list yet. "
                "Until it does, under this name, another run creates another."
            )


def _find_twin(catalog: _Catalog, outcome: Outcome) -> bool:
    """Fail one whose name another run has created as well, or the API has changed; returns whether a twin may still show."""
    go_on_with(outcome, partial(_compare_with_list, catalog))
    return not outcome.error and (outcome.doubt is not None or not catalog.get((outcome.after or {})["id"]))


def _compare_with_list(catalog: _Catalog, outcome: Outcome) -> None:
    ours = outcome.after or {}
    listed, shown = catalog.get(ours["id"]), catalog.find(outcome.target)
    shown = shown if listed else [*shown, ours]
    if len(shown) > 1:
        _take(outcome, shown)
    elif listed:
        outcome.after = merge(listed, ours)
        _compare_name(outcome, listed)


def _leave_unseen(outcome: Outcome, error: RealtimeKitError) -> None:
    """Warn that a twin was not looked for: what was created exists. But a task that was broken off has to fail."""
    if isinstance(error, StoppedError):
        outcome.error = error
    else:
        outcome.warnings.append(
            f"Livestream {outcome.target!r} was created, but whether another run created one too could not be read: {error}"
        )

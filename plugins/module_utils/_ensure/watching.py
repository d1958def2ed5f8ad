# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Watch an app's livestreams by polling the lists, for the event source `livestreams`.

If a list or a read fails, the livestreams keep their last state. A failure never
looks as if a room went off air.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Dict, Mapping, NamedTuple, Sequence, Union

from .._api.livestreams import Livestreams
from .._api.shapes import ACTIVE, FIELDS, Livestream, is_started, merge
from .._errors import NotFoundError, RealtimeKitError
from .restarts import Restarts
from .snapshot import read_all, read_lists

#: A change as a rulebook sees it, without a stream key.
Event = Dict[str, Any]
#: A livestream, None for off air, or why it could not be read.
State = Union[Livestream, RealtimeKitError, None]


class Poll(NamedTuple):
    """The result of a poll."""

    events: list[Event]
    #: Why meetings or independent livestreams could not be read. They keep their last state.
    unread: Mapping[str, RealtimeKitError]


class Watch:
    """The livestreams of these meetings, or all active ones of the app, including independent ones.

    ``emit_initial``: whether the first poll that can read one returns an event for
    it. Otherwise, that poll is only the baseline. ``restarts`` decides which rooms
    of ``meeting_ids`` to start again.
    """

    def __init__(self, meeting_ids: Sequence[str] | None = None, *, emit_initial: bool = False, restarts: Restarts | None = None) -> None:
        self._meeting_ids = meeting_ids
        self._restarts = restarts
        self._emits_initial = emit_initial
        self._is_first = True
        self._undecided = set(meeting_ids or ())  # meetings that no poll could read yet
        self._active: dict[str, Livestream] = {}  # by meeting, or by its own id without a meeting

    def poll(self, livestreams: Livestreams) -> Poll:
        """Read the lists once, and each livestream that has left them. Raise RealtimeKitError if a list is unreadable."""
        shown = self._read_all(livestreams) if self._meeting_ids is None else self._read_wanted(livestreams, self._meeting_ids)
        left = [key for key in self._active if not shown.get(key)]
        unclear = left + [key for key in self._meeting_ids or () if key not in shown and key not in left]
        read = dict(zip(unclear, livestreams.client.side_by_side(partial(_attempt, partial(self._read, livestreams)), unclear)))
        states: dict[str, Livestream | None] = {}
        unread: dict[str, RealtimeKitError] = {}
        for key in self._meeting_ids or {**shown, **read}:
            state = read.get(key, shown.get(key))
            if isinstance(state, RealtimeKitError):
                unread[key] = state
            else:
                states[key] = state
        before = dict(self._active)
        events = [*self._take(states), *self._find_due(livestreams.client.clock(), states, before)]
        self._is_first = False
        return Poll(events, unread)

    def _read_wanted(self, livestreams: Livestreams, meeting_ids: Sequence[str]) -> dict[str, State]:
        """Return the states of these meetings from the lists. Undecided ones are missing."""
        shown = read_lists(livestreams, meeting_ids, known=self._active, may_miss=True)
        return {meeting_id: livestream and {**livestream, "meeting_id": meeting_id} for meeting_id, livestream in shown.items()}

    def _read_all(self, livestreams: Livestreams) -> dict[str, State]:
        """Return the states from the lists and from unclear rows' own reads, with None for a livestream that has left the lists."""
        keys = {livestream["id"]: key for key, livestream in self._active.items()}
        shown: dict[str, State] = dict.fromkeys(self._active)
        rows = list(read_all(livestreams, keys))
        found: list[Livestream] = [row for row, is_unclear in rows if not is_unclear]
        unclear = list(dict.fromkeys(row["id"] for row, is_unclear in rows if is_unclear))
        for livestream_id, state in zip(unclear, livestreams.client.side_by_side(partial(_attempt, livestreams.get), unclear)):
            if isinstance(state, RealtimeKitError):
                shown[keys.get(livestream_id, livestream_id)] = state
            elif state and state["status"] in ACTIVE:
                found.append(state)
        for livestream in found:
            key = livestream["meeting_id"] or keys.get(livestream["id"]) or livestream["id"]
            other = shown.get(key)
            # A meeting can have a second livestream that is ERRORED.
            if not isinstance(other, dict) or other["id"] == livestream["id"] or is_started(livestream):
                shown[key] = {**livestream, "meeting_id": livestream["meeting_id"] or (self._active.get(key) or {}).get("meeting_id")}
        return shown

    def _read(self, livestreams: Livestreams, key: str) -> Livestream | None:
        """Read a livestream that has left the lists, or an undecided meeting."""
        before = self._active.get(key)
        # If rows lack their meeting, the lists do not show that another livestream has replaced this one.
        active = livestreams.active(key) if self._meeting_ids is not None else None
        if active or not before:
            return active
        return merge(before, {**livestreams.get(before["id"]), "meeting_id": before["meeting_id"]})

    def _take(self, states: Mapping[str, Livestream | None]) -> list[Event]:
        """Store these states for the next poll. Return an event for each change."""
        events = []
        for key, state in states.items():
            is_first = self._is_first or key in self._undecided
            self._undecided.discard(key)
            before = self._active.pop(key, None)
            if state and state["status"] in ACTIVE:
                self._active[key] = state
                is_change = not before or (before["id"], before["status"]) != (state["id"], state["status"])
            else:
                is_change = before is not None
            if self._emits_initial if is_first else is_change:
                events.append(_build_event(key, state, before))
        return events

    def _find_due(self, now: float, states: Mapping[str, Livestream | None], before: Mapping[str, Livestream]) -> list[Event]:
        if not self._restarts:
            return []
        on_air = [key for key in states if is_started(self._active.get(key))]
        off_air = [key for key in states if not is_started(self._active.get(key))]
        # A restart between two polls can fail, and shows only as another failed livestream.
        anew = [key for key in off_air if key in self._active and (key not in before or before[key]["id"] != self._active[key]["id"])]
        due = self._restarts.find_due(now, [*on_air, *anew], off_air)
        told = {"restart": due.restart, "alert": due.alert}
        return [{name: {"meeting_ids": meeting_ids}} for name, meeting_ids in told.items() if meeting_ids]


def _attempt(read: Callable[[str], Livestream | None], key: str) -> State:
    try:
        return read(key)
    except NotFoundError:
        return None
    except RealtimeKitError as error:
        return error


def _build_event(key: str, state: Livestream | None, before: Livestream | None) -> Event:
    livestream = {field: state[field] for field in FIELDS} if state else None
    # The key is the meeting, or the livestream's id without a meeting.
    last = state or before
    return {
        "meeting_id": key if not last or last["id"] != key else None,
        "status": state["status"] if state else None,
        "previous_status": before["status"] if before else None,
        "livestream": livestream,
    }

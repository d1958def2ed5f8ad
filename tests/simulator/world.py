# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the simulated app and the rules by which it changes; no HTTP.

Every rule reads the clock that was passed in, and what is due is settled on each
access, so a test may step the clock or use delays of a few hundredths of a second.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import threading
import time
from typing import TYPE_CHECKING, Any, Callable

from .models import ApiError, Change, Identities, Livestream, Meeting, Session
from .settings import Settings

if TYPE_CHECKING:
    from .webhooks import Webhook


class World:
    """Thread-safe: tests can act as another user while the server answers.

    ``start``, ``stop`` and ``create`` raise ``ApiError``. With ``commit=False`` they only decide, and
    return what they would have done.
    """

    def __init__(self, settings: Settings, seed: int | None = None, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.clock = clock
        self.lock = threading.RLock()
        self.identities = Identities(seed)
        self.meetings: dict[str, Meeting] = {}
        self.livestreams: dict[str, Livestream] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.gone_webhooks: list[Webhook] = []
        self._of_meeting: dict[str, list[Livestream]] = {}
        # Due changes, by moment; ``_next`` has the valid change of each livestream.
        self._due: list[tuple[float, int, Change]] = []
        self._next: dict[str, Change] = {}
        self._number = itertools.count()
        self._effects: list[dict[str, Any]] = []
        self._sequence = 0

    def clear(self) -> None:
        """Remove all objects and effects."""
        with self.lock:
            of_api = (self.meetings, self.livestreams, self.webhooks, self.gone_webhooks)
            for everything in (*of_api, self._of_meeting, self._due, self._next, self._effects):
                everything.clear()

    # -- meetings

    def add_meeting(self, meeting_id: str | None = None, title: str | None = None, **options: Any) -> Meeting:
        """Lists show it at once, unless its ``visible_at`` says otherwise."""
        with self.lock:
            now = self.clock()
            name = (meeting_id or self.identities.uuid()).lower()
            meeting = Meeting(name, self.identities.uuid(), now, now, title, options=options)
            self.meetings[meeting.id] = meeting
            return meeting

    def meeting(self, meeting_id: str) -> Meeting:
        found = self.meetings.get(meeting_id.lower())
        if found is None:
            raise ApiError(404, f"No meeting found with id {meeting_id}")
        return found

    # -- what changes livestreams

    def start(
        self,
        meeting_id: str,
        name: str | None = None,
        by: str = "somebody",
        request: int | None = None,
        commit: bool = True,
        prepared: Livestream | None = None,
    ) -> Livestream:
        """Start a meeting's livestream: INVOKED now, LIVE or ERRORED after ``live_delay``.

        ``prepared`` is what an earlier ``commit=False`` returned: the id that was promised.
        """
        with self.lock:
            now = self.settle()
            meeting = self.meeting(meeting_id)
            if meeting.status != "ACTIVE":
                raise ApiError(400, f"Meeting {meeting.id} is inactive")
            if self.settings.start_needs_people and meeting.session is None:
                raise ApiError(400, f"No participant is in meeting {meeting.id}")
            active, second = self._truly_active(meeting.id), self.settings.second_start
            if active is not None and second == "same" and not active.stopping:
                return active
            if active is not None and (second == "refused" or active.stopping):
                words = "is still being stopped" if active.stopping else "is already active"
                raise ApiError(self.settings.conflict_status, f"A livestream {words} for meeting_id {meeting.id}")
            livestream = prepared or self.draft(name, meeting.id)
            playback_url, delay = livestream.playback_url, self.settings.playback_delay
            if not commit:
                return dataclasses.replace(livestream, status="INVOKED", sessions=[], playback_url=None if delay else playback_url)
            self.insert(livestream, now)
            if delay:
                livestream.playback_url = None
                self._push(Change(now + delay, livestream, "", playback_url=playback_url))
            self._apply(livestream, "INVOKED", now)
            self._note("started", livestream, by, request, now)
            delay = self.settings.live_delay if meeting.live_delay is None else meeting.live_delay
            self._schedule(self._outcome_of_start(meeting, livestream, now + delay))
            self.settle()
            return livestream

    def stop(self, meeting_id: str, by: str = "somebody", request: int | None = None, commit: bool = True) -> Livestream:
        """Stop a meeting's livestream: OFFLINE after ``stop_lag`` of looking as before."""
        with self.lock:
            now = self.settle()
            meeting = self.meeting(meeting_id)
            active = self._truly_active(meeting.id)
            if active is None:
                raise ApiError(self.settings.stop_nothing_status, f"No active livestream found for meeting_id {meeting.id}")
            if active.stopping:
                raise ApiError(self.settings.conflict_status, f"The livestream of meeting_id {meeting.id} is already being stopped")
            if not commit:
                return active
            self._forget_changes(active)
            active.stopping = True
            self._note("stopped", active, by, request, now)
            lag = self.settings.stop_lag if meeting.stop_lag is None else meeting.stop_lag
            self._schedule(Change(now + lag, active, "OFFLINE"))
            self.settle()
            return active

    def create(
        self,
        name: str | None = None,
        by: str = "somebody",
        request: int | None = None,
        commit: bool = True,
        prepared: Livestream | None = None,
    ) -> Livestream:
        """Create an independent livestream, which is IDLE until video arrives."""
        with self.lock:
            now = self.settle()
            livestream = prepared or self.draft(name, None)
            if commit:
                self.insert(livestream, now)
                self._note("created", livestream, by, request, now)
            return livestream

    def set_status(self, livestream: Livestream, status: str, err_message: str | None = None) -> None:
        """Force a status, and drop due changes."""
        with self.lock:
            now = self.settle()
            self._forget_changes(livestream)
            self._apply(livestream, status, now, err_message)

    def take_off_air(self, livestream: Livestream, by: str = "somebody") -> None:
        """Another user's stop that takes no time and leaves the livestream IDLE."""
        with self.lock:
            self._note("stopped", livestream, by, None, self.settle())
            self.set_status(livestream, "IDLE")

    # -- what reads see

    def visible(self) -> list[Livestream]:
        """All livestreams that reads show by now, oldest first."""
        with self.lock:
            now = self.settle()
            return [item for item in self.livestreams.values() if item.visible_at <= now]

    def active(self, meeting_id: str) -> Livestream | None:
        """The active livestream of a meeting as reads show it."""
        found = self.all_active(meeting_id)
        return found[-1] if found else None

    def all_active(self, meeting_id: str) -> list[Livestream]:
        """More than one only if a test has forced their statuses, oldest first."""
        with self.lock:
            meeting = self.meeting(meeting_id)
            now = self.settle()
            return [item for item in self.of_meeting(meeting.id) if item.visible_at <= now and item.is_active()]

    def of_meeting(self, meeting_id: str) -> list[Livestream]:
        """Every livestream of a meeting, seen by reads or not, oldest first."""
        return self._of_meeting.get(meeting_id, [])

    def livestream(self, livestream_id: str) -> Livestream:
        with self.lock:
            now = self.settle()
            found = self.livestreams.get(livestream_id)
            if found is None or found.visible_at > now:
                raise ApiError(404, f"No livestream found with id {livestream_id}")
            return found

    @property
    def effects(self) -> list[dict[str, Any]]:
        """The real effects: ``{time, kind, meeting_id, livestream_id, name, by, request}``, in order.

        ``kind`` is started, stopped, created, errored, meeting_created or meeting_updated, with the title as ``name``,
        or webhook_created, webhook_updated or webhook_deleted, with the webhook's id as ``webhook_id``;
        ``request`` the number of the API request or None.
        """
        with self.lock:
            self.settle()
            return [dict(effect) for effect in self._effects]

    # -- below: under the lock

    def settle(self) -> float:
        """Apply every change that is due and return the moment."""
        with self.lock:
            now = self.clock()
            while self._due and self._due[0][0] <= now:
                change = heapq.heappop(self._due)[2]
                if change.playback_url:
                    change.livestream.past.keep(change.livestream, change.at)
                    change.livestream.playback_url = change.playback_url
                    continue
                if self._next.get(change.livestream.id) is not change:
                    continue
                del self._next[change.livestream.id]
                self._apply(change.livestream, change.status, change.at, change.err_message)
                if change.status == "LIVE":
                    self._end_alone(change)
                if change.status in ("ERRORED", "IDLE"):
                    kind = "errored" if change.status == "ERRORED" else "stopped"
                    self._note(kind, change.livestream, "pipeline", None, change.at)
            return now

    def draft(self, name: str | None, meeting_id: str | None) -> Livestream:
        livestream_id, key = self.identities.uuid(), self.identities.hex(64)
        if name is not None and self.settings.trim_names:
            name = name.strip()
        playback = f"{self.settings.playback_base}/{livestream_id}/manifest/video.m3u8"
        return Livestream(livestream_id, name, meeting_id, key, self.settings.ingest_server, playback, self.clock(), self.clock())

    def insert(self, livestream: Livestream, now: float) -> None:
        self._sequence += 1
        livestream.sequence = self._sequence
        livestream.created_at = livestream.updated_at = now
        livestream.visible_at = now + self.settings.visible_lag
        self.livestreams[livestream.id] = livestream
        if livestream.meeting_id is not None:
            self._of_meeting.setdefault(livestream.meeting_id, []).append(livestream)

    def _outcome_of_start(self, meeting: Meeting, livestream: Livestream, at: float) -> Change:
        if meeting.fail_next_starts > 0:
            meeting.fail_next_starts -= 1
        elif self.settings.fail_next_starts > 0:
            self.settings.fail_next_starts -= 1
        else:
            return Change(at, livestream, "LIVE")
        return Change(at, livestream, "ERRORED", meeting.err_message or self.settings.err_message)

    def _end_alone(self, change: Change) -> None:
        """A livestream that turns LIVE in an empty meeting ends after a while, if the settings say so."""
        meeting = self.meetings.get(change.livestream.meeting_id or "")
        if self.settings.alone_ends_after and meeting is not None and meeting.session is None:
            self._schedule(Change(change.at + self.settings.alone_ends_after, change.livestream, "IDLE"))

    def _truly_active(self, meeting_id: str) -> Livestream | None:
        found = [item for item in self.of_meeting(meeting_id) if item.is_active()]
        return found[-1] if found else None

    def _schedule(self, change: Change) -> None:
        self._next[change.livestream.id] = change
        self._push(change)

    def _push(self, change: Change) -> None:
        heapq.heappush(self._due, (change.at, next(self._number), change))

    def _forget_changes(self, livestream: Livestream) -> None:
        self._next.pop(livestream.id, None)
        livestream.stopping = False

    def _apply(self, livestream: Livestream, status: str, at: float, err_message: str | None = None) -> None:
        livestream.past.keep(livestream, at)
        livestream.status = status
        livestream.updated_at = at
        livestream.stopping = False
        session = livestream.open_session
        if session is None and livestream.is_active():
            session = Session(id=self.identities.uuid(), livestream_id=livestream.id, invoked_time=at, updated_at=at)
            livestream.sessions.append(session)
        if session is not None:
            session.note(status, at, err_message or self.settings.err_message)

    def _note(self, kind: str, livestream: Livestream, by: str, request: int | None, at: float) -> None:
        of = {"meeting_id": livestream.meeting_id, "livestream_id": livestream.id, "name": livestream.name}
        self._effects.append({"time": at, "kind": kind, **of, "by": by, "request": request})

    def note_meeting(self, kind: str, meeting: Meeting, by: str, request: int | None, at: float) -> None:
        of = {"meeting_id": meeting.id, "livestream_id": None, "name": meeting.title}
        self._effects.append({"time": at, "kind": kind, **of, "by": by, "request": request})

    def note_webhook(self, kind: str, webhook: Webhook, by: str, request: int | None, at: float) -> None:
        of = {"meeting_id": None, "livestream_id": None, "webhook_id": webhook.id, "name": webhook.name}
        self._effects.append({"time": at, "kind": kind, **of, "by": by, "request": request})

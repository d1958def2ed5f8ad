# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of the simulated app: meetings, livestreams, and livestream sessions."""

from __future__ import annotations

import copy
import dataclasses
import functools
import math
import random
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from .meeting_sessions import MeetingSession

# ERRORED is not on air, but it blocks the next start until it is stopped.
ACTIVE_STATUSES = frozenset({"INVOKED", "LIVE", "ERRORED"})
OVER_STATUSES = frozenset({"IDLE", "OFFLINE"})
Item = TypeVar("Item")


class ApiError(Exception):
    """A refusal by RealtimeKit: the HTTP status, which is also the code, and the words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class BodyError(ApiError):
    """A body that the API's validation refuses. Such an answer has no error object."""

    def __init__(self, message: str) -> None:
        super().__init__(422, f"[body] {message}")


@functools.lru_cache(maxsize=10_000)
def iso(moment: float | None) -> str | None:
    """Seconds since the epoch as ISO 8601, UTC, milliseconds."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, tz=timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Identities:
    """Draws ids, keys and tokens; the same seed draws the same ones in the same order."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed) if seed is not None else random.SystemRandom()

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def hex(self, digits: int) -> str:
        return format(self._random.getrandbits(4 * digits), f"0{digits}x")

    def token(self) -> str:
        """40 characters that cannot be mistaken for anything but a simulator's token."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "sim_" + "".join(self._random.choice(letters) for _unused in range(36))


class Past(Generic[Item]):
    """Earlier versions of a meeting or livestream, because lists can show them after they have changed."""

    def __init__(self) -> None:
        self.changed_at = -math.inf
        self._versions: list[tuple[float, Item]] = []

    def keep(self, item: Item, at: float) -> None:
        """Call this before the item changes at that moment. Moments must not decrease."""
        self._versions.append((at, copy.copy(item)))
        self.changed_at = at

    def version(self, item: Item, moment: float) -> Item:
        """The item as it was at that moment."""
        return next((version for changed_at, version in self._versions if moment < changed_at), item)

    def forget(self) -> None:
        """The item has always been as it is now."""
        self._versions.clear()
        self.changed_at = -math.inf


@dataclasses.dataclass
class Meeting:
    id: str
    session_id: str
    created_at: float
    updated_at: float
    title: str | None = None
    status: str = "ACTIVE"
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    # How its livestreams behave; None leaves it to the settings.
    fail_next_starts: int = 0
    err_message: str | None = None
    live_delay: float | None = None
    stop_lag: float | None = None
    # The session under way, whose id is the session_id, and whether there has ever been one.
    session: MeetingSession | None = None
    has_met: bool = False
    # Reads show it only from this moment on.
    visible_at: float = 0.0
    past: Past[Meeting] = dataclasses.field(default_factory=Past, repr=False, compare=False)

    def as_api(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "status": self.status,
            "live_stream_on_start": False,
            "record_on_start": False,
            "persist_chat": False,
            "summarize_on_end": False,
            "transcribe_on_end": False,
            "session_keep_alive_time_in_secs": 60,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }
        body.update(self.options)
        return body

    def as_control(self) -> dict[str, Any]:
        body = self.as_api()
        for name in ("session_id", "fail_next_starts", "err_message", "live_delay", "stop_lag"):
            body[name] = getattr(self, name)
        return body


@dataclasses.dataclass
class Session:
    """One stretch of a livestream, from its invocation to its end."""

    id: str
    livestream_id: str
    invoked_time: float
    updated_at: float
    started_time: float | None = None
    stopped_time: float | None = None
    err_message: str | None = None
    viewer_seconds: int = 0

    def note(self, status: str, at: float, err_message: str) -> None:
        """The livestream has just taken this status."""
        self.updated_at = at
        if status == "LIVE" and self.started_time is None:
            self.started_time = at
        if status == "ERRORED":
            self.err_message = err_message
        if status in OVER_STATUSES:
            self.stopped_time = at

    def ingest_seconds(self, now: float) -> int:
        if self.started_time is None:
            return 0
        end = now if self.stopped_time is None else self.stopped_time
        return max(0, int(end - self.started_time))

    def as_api(self, now: float) -> dict[str, Any]:
        return {
            "id": self.id,
            "livestream_id": self.livestream_id,
            "err_message": self.err_message,
            "ingest_seconds": self.ingest_seconds(now),
            "viewer_seconds": self.viewer_seconds,
            "invoked_time": iso(self.invoked_time),
            "started_time": iso(self.started_time),
            "stopped_time": iso(self.stopped_time),
            "created_at": iso(self.invoked_time),
            "updated_at": iso(self.updated_at),
        }


@dataclasses.dataclass
class Livestream:
    id: str
    name: str | None
    meeting_id: str | None
    stream_key: str | None
    ingest_server: str | None
    playback_url: str | None
    created_at: float
    updated_at: float
    status: str = "IDLE"
    disabled: bool = False
    sequence: int = 0
    visible_at: float = 0.0
    stopping: bool = False
    sessions: list[Session] = dataclasses.field(default_factory=list)
    past: Past[Livestream] = dataclasses.field(default_factory=Past, repr=False, compare=False)

    @property
    def open_session(self) -> Session | None:
        if self.sessions and self.sessions[-1].stopped_time is None:
            return self.sessions[-1]
        return None

    def is_active(self) -> bool:
        return self.status in ACTIVE_STATUSES

    def as_api(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "meeting_id": self.meeting_id,
            "ingest_server": self.ingest_server,
            "stream_key": self.stream_key,
            "playback_url": self.playback_url,
            "disabled": self.disabled,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


@dataclasses.dataclass
class Change:
    """A status that a livestream takes at a moment to come, or the playback URL that it gets then, beside any status."""

    at: float
    livestream: Livestream
    status: str
    err_message: str | None = None
    playback_url: str | None = None

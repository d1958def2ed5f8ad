# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The API's meetings: their shape and the endpoints.

Source: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/meetings/
"""

from __future__ import annotations

from itertools import chain
from typing import Any, Dict, Iterable, Iterator, Mapping

from .._errors import NotFoundError, RealtimeKitError, StoppedError
from .._http.answers import NO_DATA, Payload
from .._http.client import AT_ONCE, Client, Departure
from .apps import list_apps
from .paging import Page, read_pages
from .shapes import find_rows, ignore, keep_single, merge, parse_boolean, parse_resource, parse_seconds

#: A meeting: all of MEETING_FIELDS, None for unknown values.
Meeting = Dict[str, Any]

#: The settings of a meeting with their defaults: flags, and the seconds for which an empty session continues.
FLAGS = ("live_stream_on_start", "record_on_start", "persist_chat", "summarize_on_end", "transcribe_on_end")
KEEP_ALIVE = "session_keep_alive_time_in_secs"
DEFAULTS: Mapping[str, Any] = {**dict.fromkeys(FLAGS, False), KEEP_ALIVE: 60}

MEETING_FIELDS = ("id", "title", "status", *DEFAULTS, "created_at", "updated_at")
SESSION_FIELDS = ("id", "status", "live_participants", "started_at")

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"


class Meetings:
    """The meetings of one app. All methods raise the errors of `_errors`."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def prove(self, meeting_id: str) -> None:
        """Raise NotFoundError if the meeting does not exist."""
        self.client.get(("meetings", meeting_id), ignore)

    def prove_app(self) -> None:
        """Raise NotFoundError if the app does not exist. All other requests would then also fail.

        Any resource in it proves the app. A 404 for its meetings can mean that it has
        none yet. Then the account's list of apps decides, if it is readable.
        """
        if self.client.has_found:
            return
        try:
            self.client.get(("meetings",), ignore, {"page_no": 1, "per_page": 1})
        except NotFoundError as error:
            if error is self.client.refusal:
                raise  # the error already says it
            missing = error
        else:
            return
        found = self._find_unlisted()
        if found:
            missing.message = f"{missing.message.rstrip('.')}; {found}, and rtk_app_info lists the account's apps"
            missing.advice = "Check app_id, account_id, and api_url."
            self.client.refuse(missing)
            raise missing
        self.client.has_found = True

    def _find_unlisted(self) -> str | None:
        """Return the message if the account's list of apps does not have this app, or is unreadable."""
        try:
            is_listed = any(app["id"] == self.client.connection.app_id for app in list_apps(self.client))
        except NotFoundError:
            is_listed = False  # an empty list may answer 404
        except StoppedError:
            raise
        except RealtimeKitError:
            return "the app itself could not be checked"
        return None if is_listed else "the app itself was not found"

    def get(self, meeting_id: str) -> Meeting:
        """Return one meeting. A setting that the answer omits has its default."""
        return self.client.get(("meetings", meeting_id), lambda payload: merge(DEFAULTS, parse_meeting(payload)))

    def complete(self, row: Mapping[str, Any], needs: Iterable[str]) -> Meeting:
        """Return the meeting of a list row, from a separate read if the row lacks a field in ``needs``."""
        return normalize_meeting(row) if all(field in row for field in needs) else self.get(row["id"])

    def create(self, title: str, settings: Mapping[str, Any], *, departure: Departure = AT_ONCE) -> Meeting:
        """Create a meeting. Titles are not unique, so each call creates another one."""
        body = {"title": title, **settings}
        return self.client.post(("meetings",), lambda payload: merge(body, parse_meeting(payload)), body, departure)

    def update(self, known: Meeting, fields: Mapping[str, Any], *, departure: Departure = AT_ONCE) -> Meeting:
        """Change only these fields. The answer may have only a part of the ``known`` meeting."""
        expected = {**known, **fields, "updated_at": None}
        path = ("meetings", known["id"])
        return self.client.patch(path, lambda payload: parse_meeting(payload, expected), fields, departure)

    def active_session(self, meeting_id: str) -> dict[str, Any] | None:
        """Return the active session, as SESSION_FIELDS, or None, also for a meeting that does not exist."""
        try:
            return self.client.get(("meetings", meeting_id, "active-session"), parse_session)
        except NotFoundError:
            return None

    def pages(self, **filters: str | None) -> Iterator[Page]:
        """Yield each page of the list. A NotFoundError for the first one can mean an empty list.

        ``filters``: ``search``, ``status``, ``start_time``, ``end_time``, sent if not None.
        """
        params = {key: value for key, value in filters.items() if value is not None}
        return read_pages(self.client, ("meetings",), params, lambda data: find_rows(data, "meetings"))

    def find(self, **filters: str | None) -> Iterator[Page]:
        """As `pages`, but a 404 for the first one means an empty list if the app exists."""
        pages = self.pages(**filters)
        try:
            first = next(pages)
        except NotFoundError:
            first = Page([], sent_at=self.client.sent_at, is_missing=True)
        if first.is_missing:
            self.prove_app()
        return chain([first], pages)


def normalize_meeting(raw: Mapping[str, Any]) -> Meeting:
    """Return one shape for every answer: all of MEETING_FIELDS, flags as booleans or None, the keep-alive as a number or None."""
    meeting = {field: keep_single(raw.get(field)) for field in MEETING_FIELDS}
    return {**meeting, **{flag: parse_boolean(raw.get(flag)) for flag in FLAGS}, KEEP_ALIVE: parse_seconds(raw.get(KEEP_ALIVE))}


def parse_meeting(payload: Payload, known: Meeting | None = None) -> Meeting:
    """Return the meeting of an answer. If the id is missing, it is that of the ``known`` one."""
    return parse_resource(payload, "meeting", normalize_meeting, known)


def parse_session(payload: Payload) -> dict[str, Any] | None:
    """Return the active session, or None in each dialect: no data, null, empty, or an ended one."""
    data = payload.data
    if data is NO_DATA or not data:
        return None
    if not isinstance(data, dict):
        raise ValueError("something other than a session")
    session = {field: keep_single(data.get(field)) for field in SESSION_FIELDS}
    return session if session["status"] == "LIVE" else None

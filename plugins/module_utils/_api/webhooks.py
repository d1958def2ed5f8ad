# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The API's webhooks: their shape and the endpoints.

Source: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/webhooks/
"""

from __future__ import annotations

from typing import Any, Dict, Mapping

from .._errors import NotFoundError
from .._http.answers import Payload
from .._http.client import AT_ONCE, Client, Departure
from .meetings import Meetings
from .paging import Page, parse_page
from .shapes import find_rows, ignore, keep_single, merge, parse_boolean, parse_resource

#: A webhook: all of WEBHOOK_FIELDS, None for unknown values, events in alphabetical order.
Webhook = Dict[str, Any]

#: The fields that a user sets.
SETTINGS = ("url", "events", "enabled")
WEBHOOK_FIELDS = ("id", "name", *SETTINGS, "created_at", "updated_at")

EVENTS = (
    "livestreaming.statusUpdate",
    "meeting.chatSynced",
    "meeting.ended",
    "meeting.participantJoined",
    "meeting.participantLeft",
    "meeting.started",
    "meeting.summary",
    "meeting.transcript",
    "recording.statusUpdate",
)


class Webhooks:
    """The webhooks of one app. All methods raise the errors of `_errors`."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def find(self) -> Page:
        """Return all webhooks. Their list has one page. If a row lacks its name or a setting, read that webhook.

        An empty list may answer 404. Then check that the app exists.
        """
        try:
            page = self.client.get(("webhooks",), lambda payload: parse_page(payload, lambda data: find_rows(data, "webhooks")))
        except NotFoundError:
            page = Page([], is_missing=True)  # the error of the next request must not have this one as its context
        sent_at = self.client.sent_at
        if page.is_missing:
            Meetings(self.client).prove_app()
        is_whole = {row["id"]: all(field in row for field in ("name", *SETTINGS)) for row in page.rows}
        found = [normalize_webhook(row) if is_whole[row["id"]] else self._read_row(row["id"]) for row in page.rows]
        return page._replace(rows=[row for row in found if row], sent_at=sent_at)

    def _read_row(self, webhook_id: str) -> Webhook | None:
        """Return one webhook of the list, or None if it was deleted since."""
        try:
            return self.get(webhook_id)
        except NotFoundError:
            return None

    def get(self, webhook_id: str) -> Webhook:
        """Return one webhook."""
        return self.client.get(("webhooks", webhook_id), parse_webhook)

    def create(self, name: str, settings: Mapping[str, Any], *, departure: Departure = AT_ONCE) -> Webhook:
        """Create a webhook. The API refuses an existing name."""
        body = {"name": name, **settings}
        return self.client.post(("webhooks",), lambda payload: merge(body, parse_webhook(payload)), body, departure)

    def update(self, known: Webhook, fields: Mapping[str, Any], *, departure: Departure = AT_ONCE) -> Webhook:
        """Change only these fields. The answer may have only a part of the ``known`` webhook."""
        expected = {**known, **fields, "updated_at": None}
        path = ("webhooks", known["id"])
        return self.client.patch(path, lambda payload: parse_webhook(payload, expected), fields, departure)

    def delete(self, webhook_id: str, *, departure: Departure = AT_ONCE) -> None:
        """Delete a webhook."""
        self.client.delete(("webhooks", webhook_id), ignore, departure)


def normalize_webhook(raw: Mapping[str, Any]) -> Webhook:
    """Return one shape for every answer: all of WEBHOOK_FIELDS, ``enabled`` as a boolean or None, and sorted events."""
    events = raw.get("events")
    webhook = {field: keep_single(raw.get(field)) for field in WEBHOOK_FIELDS}
    return {
        **webhook,
        "events": sorted(map(str, events)) if isinstance(events, list) else None,
        "enabled": parse_boolean(raw.get("enabled")),
    }


def parse_webhook(payload: Payload, known: Webhook | None = None) -> Webhook:
    """Return the webhook of an answer. If the id is missing, it is that of the ``known`` one."""
    return parse_resource(payload, "webhook", normalize_webhook, known)

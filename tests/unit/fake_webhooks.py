# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An app's webhooks, with a memory: they can be listed, read, created, changed, and deleted, and writes can end otherwise."""

from __future__ import annotations

from typing import Any, Collection, Mapping

from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Answer, FakeAPI, Reply, Sent, ok, refusal

NOT_THERE = refusal(404, "Not found")
URL = "https://hooks.test/in"
EVENTS = ["livestreaming.statusUpdate", "meeting.ended"]

LIST: Sent = ("GET", "/webhooks", {}, None)


def hook_id(number: int) -> str:
    return f"55555555-aaaa-4bbb-8ccc-{number:012d}"


def hook(number: int = 1, name: Any = "Bus", **fields: Any) -> dict[str, Any]:
    """The webhook of this number, with every field; the higher the number, the younger it is."""
    times = dict.fromkeys(("created_at", "updated_at"), f"2026-11-20T09:00:{number % 60:02d}.000Z")
    return {"id": hook_id(number), "name": name, "url": URL, "events": EVENTS, "enabled": True, **times, **fields}


def read(number: int = 1) -> Sent:
    return ("GET", f"/webhooks/{hook_id(number)}", {}, None)


def add(name: str = "Bus", **settings: Any) -> Sent:
    return ("POST", "/webhooks", {}, {"name": name, **settings})


def change(number: int = 1, **fields: Any) -> Sent:
    return ("PATCH", f"/webhooks/{hook_id(number)}", {}, fields)


def remove(number: int = 1) -> Sent:
    return ("DELETE", f"/webhooks/{hook_id(number)}", {}, None)


class FakeWebhooks(FakeAPI):
    """``endings`` are those of the first writes; the later ones take effect and say so.

    A write that ends with ``shows_at`` shows from that many GET requests later
    on. ``theirs`` has what another user does: from which GET request on it
    shows, and the webhook, or only its id if it is deleted.
    """

    def __init__(self, *webhooks: Mapping[str, Any], endings: Collection[Ending] = (), theirs: Collection[Any] = ()) -> None:
        super().__init__()
        self._changes: list[tuple[int, Mapping[str, Any]]] = [(0, each) for each in webhooks] + list(theirs)
        self._endings = iter(endings)
        self._reads = 0
        self.created = 0
        self.omitted: Collection[str] = ()  #: fields that rows of the list leave out
        self.echoed: Collection[str] | None = None  #: the fields that the answer to a write has, if not all
        self.ignored: Collection[str] = ()  #: fields that a write does not take
        self.is_silent = False  #: whether an empty list answers 404
        self.in_place: dict[int, Answer] = {}  #: answers that are given instead of those of GET requests, by their numbers, from 1

    @property
    def webhooks(self) -> dict[str, dict[str, Any]]:
        """All that show by now."""
        shown: dict[str, dict[str, Any]] = {}
        for since, fields in self._changes:
            if since <= self._reads:
                shown[fields["id"]] = {**shown.get(fields["id"], {}), **fields}
                if set(fields) == {"id"}:
                    del shown[fields["id"]]
        return shown

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if method != "GET":
            return self._write(method, path, body)
        if path == "/meetings":
            return ok([])
        self._reads += 1
        if self._reads in self.in_place:
            return self.in_place[self._reads]
        if path != "/webhooks":
            return next((ok(each) for each in self.webhooks.values() if path.endswith(each["id"])), NOT_THERE)
        if self.is_silent and not self.webhooks:
            return NOT_THERE
        return ok([{key: each[key] for key in each if key not in self.omitted} for each in self.webhooks.values()])

    def _write(self, method: str, path: str, body: Any) -> Answer:
        ending = next(self._endings, Ending())
        known = next((each for each in self.webhooks.values() if path.endswith(each["id"])), None)
        if not ending.shows_at:
            return ending.answer or Reply(500)
        if method == "POST":
            self.created += 1
        elif known is None:
            return NOT_THERE
        taken = {key: value for key, value in (body or {}).items() if key not in self.ignored}
        written = {**(known or hook(100 + self.created)), **taken}
        shown = {"id": written["id"]} if method == "DELETE" else written
        self._changes.append((self._reads + ending.shows_at, shown))
        if self.echoed is not None:
            written = {key: value for key, value in written.items() if key in self.echoed}
        return ending.answer or ok(written, 201 if method == "POST" else 200)

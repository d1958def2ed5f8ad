# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An app whose meetings have titles, with a memory: they can be searched, listed, created, and changed, and writes can end otherwise."""

from __future__ import annotations

from typing import Any, Collection, Mapping

from ansible_collections.streamops.realtimekit.plugins.module_utils._api.meetings import DEFAULTS, Meetings
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import meeting, page
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending, FakeMeeting
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Answer, Clock, FakeAPI, Reply, Sent, build_client, ok, refusal

NOT_THERE = refusal(404, "Not found")


def room(number: int = 1, title: Any = "Stage", status: str | None = "ACTIVE", **fields: Any) -> dict[str, Any]:
    """The meeting of this number, with every field; the higher the number, the younger it is."""
    times = dict.fromkeys(("created_at", "updated_at"), f"2026-11-20T09:{number // 60:02d}:{number % 60:02d}.000Z")
    return {"id": meeting(number), "title": title, "status": status, **DEFAULTS, **times, **fields}


def new_room_id(number: int) -> str:
    """The id of a meeting that is created in `FakeRooms`, counted from 1."""
    return meeting(100 + number)


def search(title: str, page_no: int = 1, **query: str) -> Sent:
    return ("GET", "/meetings", {"search": title, **query, "page_no": str(page_no), "per_page": "100"}, None)


def add(title: str, **settings: Any) -> Sent:
    return ("POST", "/meetings", {}, {"title": title, **settings})


def change(number: int = 1, **fields: Any) -> Sent:
    return ("PATCH", f"/meetings/{meeting(number)}", {}, fields)


class FakeRooms(FakeAPI):
    """``endings`` are those of the first writes; the later ones take effect and say so.

    A write that ends with ``shows_at`` shows from that many GET requests later
    on. ``theirs`` has what another user does: from which GET request on it
    shows, and the meeting, of which only the fields that change are needed.
    """

    def __init__(self, *meetings: Mapping[str, Any], endings: Collection[Ending] = (), theirs: Collection[Any] = ()) -> None:
        super().__init__()
        self._changes: list[tuple[int, Mapping[str, Any]]] = [(0, each) for each in meetings] + list(theirs)
        self._endings = iter(endings)
        self._reads = 0
        self.created = 0
        self.page_size = 100
        self.omitted: Collection[str] = ()  #: fields that rows leave out
        self.is_silent = False  #: whether a search that finds nothing answers 404
        self.ignored: Collection[str] = ()  #: fields that a create does not take
        self.in_place: dict[str, Answer] = {}  #: answers that are given instead of the list of a search, or of the whole list ("")
        self.studios: dict[str, FakeMeeting] = {}  #: the livestreams of meetings

    @property
    def meetings(self) -> list[dict[str, Any]]:
        """All that show by now."""
        shown: dict[str, dict[str, Any]] = {}
        for since, fields in self._changes:
            if since <= self._reads:
                shown[fields["id"]] = {**shown.get(fields["id"], {}), **fields}
        return list(shown.values())

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if path.count("/") > 2:
            return self.studios[path.split("/")[2]].answer(method, path, query, body)
        if method != "GET":
            return self._write(path, body)
        self._reads += 1
        if path == "/meetings":
            return self._list(query)
        return next((ok(each) for each in self.meetings if path == f"/meetings/{each['id']}"), NOT_THERE)

    def _list(self, query: Mapping[str, str]) -> Answer:
        wanted = query.get("search", "")
        if wanted in self.in_place and query["per_page"] != "1":
            return self.in_place[wanted]
        found = [each for each in self.meetings if wanted.lower() in f"{each['title']} {each['id']}".lower()]
        if not found and self.is_silent and wanted:
            return NOT_THERE
        first = (int(query["page_no"]) - 1) * self.page_size
        rows = [{key: each[key] for key in each if key not in self.omitted} for each in found[first : first + self.page_size]]
        return page(*rows, end=first + len(rows), total=len(found))

    def _write(self, path: str, body: dict[str, Any]) -> Answer:
        ending = next(self._endings, Ending())
        if not ending.shows_at:
            return ending.answer or Reply(500)
        if path == "/meetings":
            self.created += 1
            written = {**room(100 + self.created), **{key: body[key] for key in body if key not in self.ignored}}
        else:
            known = next(each for each in self.meetings if path == f"/meetings/{each['id']}")
            written = {**known, **body}
        self._changes.append((self._reads + ending.shows_at, {"id": written["id"], **(written if path == "/meetings" else body)}))
        return ending.answer or ok(written, 201 if path == "/meetings" else 200)


def build_meetings(api: FakeAPI, clock: Clock, connections: int = 1, **connection: Any) -> Meetings:
    return Meetings(build_client(api, clock, connections, **connection))

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An app whose livestreams a test sets as it likes between two polls."""

from __future__ import annotations

from typing import Any

from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import FakeLists, meeting, stream
from ansible_collections.streamops.realtimekit.tests.unit.fakes import NULLS, STREAM_KEY, Answer, Sent, ok, refusal

NOT_THERE = refusal(404, "Not found")


def get(number: int) -> Sent:
    """Return the request for the livestream of this number."""
    return ("GET", f"/livestreams/{stream(number)['id']}", {}, None)


class FakeApp(FakeLists):
    """``livestreams`` has what there is: for each meeting, or None, a livestream in any status. All of it has a stream key."""

    def __init__(self) -> None:
        super().__init__()
        self.livestreams: list[tuple[str | None, dict[str, Any]]] = []
        self.by_id: dict[str, Answer] = {}  #: answers that are given instead of a single livestream, or a meeting's active one

    def set(self, number: int, status: str | None, livestream: int = 0) -> None:
        """Give the meeting of this number a livestream in this status, or none. ``livestream``: the number of another one."""
        self.livestreams = [each for each in self.livestreams if each[0] != meeting(number)]
        if status is not None:
            self.livestreams.append((meeting(number), stream(livestream or number, status, stream_key=STREAM_KEY)))

    def active(self) -> Any:
        return self.livestreams

    def existing(self) -> Any:
        return []

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        shown = self.answer_list(path, query)
        if shown is not None:
            return shown
        target = path.split("/")[2]
        if target in self.by_id:
            return self.by_id[target]
        if path.endswith("/active-livestream"):
            return next((ok(each) for meeting_id, each in self.livestreams if meeting_id == target and each["status"] != "IDLE"), NOT_THERE)
        if path.startswith("/livestreams/"):
            found = ({**NULLS, **each, "meeting_id": meeting_id} for meeting_id, each in self.livestreams if each["id"] == target)
            return next((ok({"livestream": each}) for each in found), NOT_THERE)
        return ok([])

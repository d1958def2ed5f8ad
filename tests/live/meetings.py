# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The probe's meeting: how it is created, found, read, and changed."""

from __future__ import annotations

from simulator.settings import MEETING_FIELDS

from .livestreams import is_over, read_active
from .notes import Probe, ProbeError
from .shapes import Row, describe, get_data, get_object, get_rows, name_no_active
from .wire import Answer

#: Seconds to wait until a new meeting shows, and until an INACTIVE one has lost its livestream.
PATIENCE, ENDING = 30.0, 10.0
#: No title has it.
NONSENSE = "qzxwvk"


def create(probe: Probe) -> None:
    probe.tell(f"Creating the meeting {probe.title!r}")
    probe.has_created = True
    answer = probe.wire.send("POST", "meetings", note="create the meeting", body={"title": probe.title})
    row = get_object(answer)
    if row.get("id"):
        probe.meeting_id = str(row["id"])
        probe.note_success("create meeting", answer, row)
        return
    probe.note_refusal("create meeting", answer)
    said = describe(answer)
    raise ProbeError(
        f"Could not create the meeting: the API answered {answer.status} ({said['message']}). "
        "Check that the token has the permission Realtime Admin"
    )


def find_own(probe: Probe) -> list[str]:
    """The ids of the meetings with this run's title. It is unique, so there is one, or none."""
    answer = probe.wire.get("meetings", "find the meeting", search=probe.title.rsplit(" ", 1)[-1], per_page=probe.per_page)
    return [str(row["id"]) for row in get_rows(answer) if str(row.get("title", "")).strip() == probe.title and "id" in row]


def observe(probe: Probe) -> None:
    probe.tell("Reading the meeting, and the lists of meetings and apps")
    wire, deadline = probe.wire, probe.wire.clock() + PATIENCE
    while not (row := get_object(answer := wire.get(probe.meeting, "read the meeting"))):
        if wire.clock() > deadline:
            raise ProbeError(f"The meeting does not show after {PATIENCE:.0f} seconds: a read of it answered {answer.status}")
        wire.sleep(1)
    probe.note_success("read meeting", answer, row)
    probe.facts["meeting_omits"] = _omitted(row)
    mark = probe.title.rsplit(" ", 1)[-1]
    while not (own := _find(probe, wire.get("meetings", "search for the meeting", search=mark, per_page=probe.per_page))):
        if wire.clock() > deadline:
            return
        wire.sleep(1)
    probe.facts["meetings_list_omits"] = _omitted(own)
    probe.seen["fields"]["list meetings"] = sorted(own)
    others = wire.get("meetings", "search for what no meeting has", search=NONSENSE, per_page=probe.per_page)
    parts = wire.get(
        "meetings", "search for one word that it has and one that it has not", search=f"{mark} {NONSENSE}", per_page=probe.per_page
    )
    found = "everything" if _find(probe, others) else "words" if _find(probe, parts) else "matches"
    probe.facts["search_finds"] = found if all(each.is_success or each.status == 404 for each in (others, parts)) else None


def make_inactive(probe: Probe) -> None:
    """Set it INACTIVE while its livestream is active, with a space behind its title."""
    probe.tell("Setting the meeting INACTIVE, and looking whether that ends its livestream")
    body = {"title": f"{probe.title} ", "status": "INACTIVE"}
    was_active = not name_no_active(read_active(probe, "read before the meeting becomes INACTIVE"))
    answer = probe.wire.send("PATCH", probe.meeting, note="set the meeting INACTIVE", body=body)
    if not answer.is_success:
        probe.note_refusal("update meeting", answer)
        return
    row = get_object(answer)
    probe.note_success("update meeting", answer, row)
    probe.facts["update_echoes"] = _name_echo(row, set(body)) if row else "no_data" if not isinstance(get_data(answer), dict) else None
    title = get_object(probe.wire.get(probe.meeting, "read the title")).get("title")
    probe.facts["trim_names"] = {body["title"]: False, probe.title: True}.get(str(title))
    if was_active:
        deadline = probe.wire.clock() + ENDING
        while not (has_ended := is_over(probe, "is it still active?")) and probe.wire.clock() < deadline:
            probe.wire.sleep(2)
        probe.facts["inactive_ends"] = has_ended


def _find(probe: Probe, answer: Answer) -> Row:
    return next((row for row in get_rows(answer) if row.get("id") == probe.meeting_id), {})


def _omitted(row: Row) -> list[str]:
    return [name for name in MEETING_FIELDS if name not in row]


def _name_echo(row: Row, sent: set[str]) -> str:
    return {frozenset(("id",)): "id", frozenset(sent): "changed", frozenset((*sent, "id")): "id_and_changed"}.get(frozenset(row), "whole")

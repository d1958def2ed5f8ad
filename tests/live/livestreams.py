# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The livestreams of the probe's meeting: starts, stops, and how long they take."""

from __future__ import annotations

from typing import Mapping

from simulator.settings import STATUSES

from .notes import Probe
from .shapes import ACTIVE, Row, find_active, get_data, get_object, get_rows, name_no_active
from .wire import Answer

#: Seconds between two polls in the first seconds of a wait, and later.
QUICK, SLOW, QUICK_UNTIL = 0.5, 2.0, 10.0
#: Seconds to wait until a start shows, in a read and in the list, and until a stop or the start after it goes through.
PATIENCE = 60.0
CONFLICTS = (400, 409)


def read_active(probe: Probe, note: str) -> Answer:
    return probe.wire.get(f"{probe.meeting}/active-livestream", note)


def is_over(probe: Probe, note: str) -> bool:
    """Return whether no livestream of this run is active, by reads of the meeting and of each livestream."""
    if not name_no_active(read_active(probe, note)):
        return False
    for livestream_id in dict.fromkeys(probe.livestreams):
        data = get_object(probe.wire.get(f"livestreams/{livestream_id}", note))
        shown = data.get("livestream", data)
        if isinstance(shown, dict) and shown.get("status") in ACTIVE:
            return False
    return True


def send_start(probe: Probe, note: str) -> Answer:
    probe.has_started = True
    answer = probe.wire.send("POST", f"{probe.meeting}/livestreams", note=note, body={"name": probe.title})
    probe.is_in_doubt = probe.is_in_doubt or not (answer.is_success or answer.is_refusal)
    row = get_object(answer)
    if row.get("id"):
        probe.livestreams.append(str(row["id"]))
    (probe.note_success if row else probe.note_refusal)(note, answer, *([row] if row else []))
    return answer


def send_stop(probe: Probe, note: str) -> Answer:
    answer = probe.wire.send("POST", f"{probe.meeting}/active-livestream/stop", note=note)
    (probe.note_success if answer.is_success else probe.note_refusal)(note, answer)
    return answer


def observe_nothing(probe: Probe) -> None:
    probe.tell("Reading and stopping while nothing is active")
    word = name_no_active(read_active(probe, "read before any start"))
    probe.facts["no_active"] = probe.seen["words"]["no_active before any start"] = word
    answer = send_stop(probe, "stop while nothing is active")
    probe.facts["stop_nothing_status"] = answer.status if answer.status in (404, *CONFLICTS) else None


def start_first(probe: Probe) -> bool:
    """Start, and at once again; whether there is a livestream."""
    probe.tell("Starting a livestream in the empty meeting, and a second one at once, which the API should refuse")
    answer = send_start(probe, "start")
    row, began = get_object(answer), answer.at
    if answer.status in CONFLICTS:
        probe.facts["start_needs_people"] = True
    if not row:
        return False
    probe.facts["start_needs_people"] = False
    probe.facts["start_playback_null"] = row.get("playback_url") is None
    _start_second(probe, "second start at once")
    _follow(probe, began)
    return True


def start_while_live(probe: Probe) -> None:
    """Try a second start again, if the first livestream has not ended."""
    if probe.facts["second_start"] in ("refused", None) and find_active(read_active(probe, "is it active before the second start?")):
        probe.tell("Starting a second livestream again, now that the first one is on air")
        _start_second(probe, "second start while active")


def _start_second(probe: Probe, note: str) -> None:
    """Send a start while one is active, and note what it did."""
    known = list(probe.livestreams)
    answer = send_start(probe, note)
    started = get_object(answer).get("id")
    probe.facts["second_start"] = None
    if answer.is_success and started and known:
        probe.facts["second_start"] = "same" if str(started) in known else "another"
    elif answer.status in CONFLICTS:
        probe.facts["second_start"], probe.facts["conflict_status"] = "refused", answer.status


def _follow(probe: Probe, began: float) -> None:
    probe.tell(f"Waiting up to {probe.allowed.timeout:.0f} seconds until it is LIVE and has a playback URL")
    at: dict[str, float] = {}
    try:
        _await_all(probe, began, at)
    finally:  # also after an interruption
        for name, seconds in at.items():
            probe.note_seconds(f"from the start to {name}", seconds)
        _note_times(probe, at)
        probe.live_at = began + at["live"] if "live" in at else None


def _await_all(probe: Probe, began: float, at: dict[str, float]) -> None:
    """Read until the livestream is LIVE, listed, and can be played, or the time is up; ``at`` gets the seconds until each was so."""
    while True:
        answer = read_active(probe, "wait for LIVE")
        row, waited = find_active(answer) or {}, answer.at - began
        if row:
            _note_active(probe, answer, row)
        probe.seen["words"]["status after the wait"] = row.get("status")
        is_so = {"visible": bool(row), "live": row.get("status") == "LIVE", "playable": bool(row.get("playback_url"))}
        if "listed" not in at and waited < PATIENCE:
            page = probe.wire.get("livestreams", "is it listed?", sort_order="DSC", per_page=probe.per_page)
            is_so["listed"] = any(each.get("id") in probe.livestreams for each in get_rows(page))
        for name in filter(is_so.get, is_so):
            at.setdefault(name, waited)
        if "live" in at and not row:
            probe.facts["alone_ends_after"] = round(waited - at["live"], 1)
        is_late = row.get("status") == "ERRORED" or ("visible" in at and not row) or waited >= probe.allowed.timeout
        if is_late or ({"live", "playable"} <= set(at) and ("listed" in at or waited >= PATIENCE)):
            return
        probe.wire.sleep(QUICK if waited < QUICK_UNTIL else SLOW)


def _note_times(probe: Probe, at: Mapping[str, float]) -> None:
    if "visible" not in at:
        return
    facts, seconds = probe.facts, {name: round(value, 1) for name, value in at.items()}
    facts["visible_lag"], facts["live_delay"] = seconds["visible"], seconds.get("live")
    if "listed" in at:
        facts["list_lag"] = max(0.0, round(at["listed"] - at["visible"], 1))
    if "playable" in at:  # what the first read shows may have been there before
        is_late = facts["start_playback_null"] and at["playable"] > at["visible"]
        facts["playback_delay"] = seconds["playable"] if is_late else 0.0


def _note_active(probe: Probe, answer: Answer, row: Row) -> None:
    probe.note_success("read active livestream", answer, row)
    probe.facts["active_shape"] = "list" if isinstance(get_data(answer), list) else "object"
    probe.facts["active_omits_secrets"] = "stream_key" not in row
    if not probe.livestreams and row.get("id"):  # its start did not tell it
        probe.livestreams.append(str(row["id"]))


def observe_sessions(probe: Probe) -> None:
    if not probe.livestreams:
        return
    probe.tell("Reading the livestream with its sessions")
    data = get_object(probe.wire.get(f"livestreams/{probe.livestreams[0]}", "read the livestream"))
    forms = {("session", dict): "reference", ("sessions", list): "list", ("session", list): "session_list"}
    for (key, kind), word in forms.items():
        sessions = data.get(key)
        if isinstance(sessions, kind) and sessions:
            session = sessions[0] if isinstance(sessions, list) else sessions
            probe.facts["sessions_shape"] = word
            probe.facts["session_objects"] = isinstance(session.get("err_message"), dict)
            probe.seen["fields"]["session"] = sorted(session)


def watch_alone(probe: Probe) -> None:
    """Look whether the livestream of an empty meeting ends without a stop."""
    seconds, live_at = probe.allowed.watch, probe.live_at
    if seconds and live_at is not None and probe.facts["alone_ends_after"] is None:
        probe.tell(f"Watching the livestream of the empty meeting until it was LIVE for {seconds:.0f} seconds (RTK_LIVE_WATCH)")
        while (waited := probe.wire.clock() - live_at) < seconds:
            if name_no_active(read_active(probe, "does it end alone?")):
                probe.facts["alone_ends_after"] = round(waited, 1)
                return
            probe.wire.sleep(SLOW)


def stop(probe: Probe) -> None:
    """Stop, and send a start while the livestream is still being stopped, if it is seen so."""
    probe.tell("Stopping the livestream")
    answer = send_stop(probe, "stop")
    began, deadline = answer.at, answer.at + PATIENCE
    while not (word := name_no_active(seen := read_active(probe, "has it stopped?"))) and probe.wire.clock() < deadline:
        if probe.facts["second_start"] == "another":
            send_stop(probe, "stop the next one")
        elif answer.is_success and "start while stopping" not in probe.seen["answers"]:
            refusal = send_start(probe, "start while stopping")
            if refusal.status in CONFLICTS and probe.facts["conflict_status"] is None:
                probe.facts["conflict_status"] = refusal.status
            if refusal.is_success:  # it is the next livestream
                return
        probe.wire.sleep(QUICK)
    if word:
        probe.facts["no_active"] = probe.seen["words"]["no_active after a stop"] = word
        if answer.is_success and probe.facts["second_start"] != "another":
            probe.note_seconds("from the stop to no active livestream", seen.at - began)
            probe.facts["stop_lag"] = round(seen.at - began, 1)


def start_anew(probe: Probe) -> None:
    probe.tell("Starting a livestream once more")
    began = probe.wire.clock()
    while (answer := send_start(probe, "start after the stop")).status in CONFLICTS and probe.wire.clock() - began < PATIENCE:
        if find_active(read_active(probe, "read after a refused start")) and "start while stopping" in probe.seen["answers"]:
            return
        probe.wire.sleep(QUICK)
    probe.note_seconds("from the first start after the stop to one that is accepted", answer.at - began)
    while not find_active(read_active(probe, "does it show?")) and probe.wire.clock() - began < PATIENCE:
        probe.wire.sleep(QUICK)


def create(probe: Probe) -> None:
    probe.tell("Creating an independent livestream, which stays (RTK_LIVE_CREATE)")
    answer = probe.wire.send("POST", "livestreams", note="create a livestream", body={"name": probe.title})
    row = get_object(answer)
    (probe.note_success if row else probe.note_refusal)("create livestream", answer, *([row] if row else []))
    probe.facts["create_gone_status"] = 0 if row else answer.status if answer.status in STATUSES["create_gone_status"] else None
    probe.facts["create_omits_name"] = "name" not in row if row else None

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Ensure that a meeting's livestream is started, stopped, or restarted."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .._api.livestreams import Livestreams
from .._api.shapes import ERRORED, INVOKED, Livestream, is_started, normalize
from .._errors import BadRequestError, ConflictError, ErroredError, NotFoundError
from .decisions import STARTS_ARE_GUARDED
from .snapshot import Snapshot
from .targets import Outcome, find_another, work_on
from .writes import Write, Writes

#: The message of a write without effect.
NO_EFFECT = "the state has not changed since, so the write seems to have had no effect"


def count_requests(snapshot: Snapshot, meeting_ids: Sequence[str], state: str) -> int:
    """Return the least number of requests for this state. A meeting that is not in the snapshot counts as different."""
    total, further = 0, 0 if STARTS_ARE_GUARDED else 1
    for meeting_id in meeting_ids:
        is_open = meeting_id not in snapshot.states
        active = snapshot.states.get(meeting_id)
        if state == "stopped":
            total += 2 if is_open or active else 0
        elif is_open:
            total += 3 + further if state == "restarted" else 2
        elif not active:
            total += 2 if state == "restarted" else 1 + further
        elif state == "restarted" or not is_started(active):
            total += 3 + further
    return total


def ensure_started(
    livestreams: Livestreams,
    meeting_id: str,
    *,
    name: str | None = None,
    video_config: Mapping[str, int] | None = None,
    check_mode: bool = False,
    restart: bool = False,
    snapshot: Snapshot = Snapshot(),  # noqa: B008 (it cannot be changed)
) -> Outcome:
    """Ensure that the meeting has a LIVE or INVOKED livestream; with ``restart``, one that this task has started.

    ``name`` and ``video_config`` are for a new livestream. A meeting that is off air
    in the snapshot is started without a read, except for a restart. If the API then
    reports that it is on air, it counts as found on air.
    """

    def work(outcome: Outcome) -> None:
        def start() -> bool:
            return _start(livestreams, outcome, name, video_config)

        before = outcome.before = outcome.after = snapshot.read(livestreams, meeting_id, must_exist=check_mode)
        is_seen = meeting_id in snapshot.states and not check_mode
        # If the answer to a start is lost, a look cannot distinguish its livestream from one that the lists missed. A restart must.
        if is_seen and not before and not restart and STARTS_ARE_GUARDED:
            if start():
                _check_started(outcome, name, is_ours=True, restart=False)
                return
            before = outcome.before = outcome.after
        elif is_seen and (restart or not is_started(before)):
            before = _read_again(livestreams, outcome)
        if before and (restart or not is_started(before)):
            _stop(livestreams, outcome, before["id"], check_mode=check_mode)
            if outcome.after and (restart or not is_started(outcome.after)):
                raise find_another(outcome)
        if outcome.after:
            _warn_of_other_name(outcome, outcome.after, name)
        elif check_mode:
            outcome.after = normalize({"name": name, "meeting_id": meeting_id, "status": INVOKED})
            outcome.changed = True
        else:
            _check_started(outcome, name, is_ours=start(), restart=restart)

    return work_on(livestreams.client, meeting_id, work)


def ensure_stopped(
    livestreams: Livestreams,
    meeting_id: str,
    *,
    only_id: str | None = None,
    check_mode: bool = False,
    snapshot: Snapshot = Snapshot(),  # noqa: B008 (as above)
) -> Outcome:
    """Ensure that the existing meeting has no LIVE, INVOKED, or ERRORED livestream, or with ``only_id`` not this one."""

    def work(outcome: Outcome) -> None:
        outcome.only_id = only_id
        before = outcome.before = outcome.after = snapshot.read(livestreams, meeting_id, must_exist=True)
        if before and meeting_id in snapshot.states and not check_mode:
            before = _read_again(livestreams, outcome)
        if before and before["id"] == (only_id or before["id"]):
            _stop(livestreams, outcome, before["id"], check_mode=check_mode)
            if outcome.after and not only_id:
                raise find_another(outcome)
        if only_id and outcome.after:
            theirs = outcome.after["id"]
            if outcome.changed:
                seen = f"livestream {only_id} was stopped, and {theirs} is active now. It stays on air."
            else:
                seen = f"livestream {theirs} is active, not {only_id}, so nothing was stopped."
            outcome.warnings.append(f"Meeting {meeting_id}: {seen}")

    return work_on(livestreams.client, meeting_id, work)


def _read_again(livestreams: Livestreams, outcome: Outcome) -> Livestream | None:
    """Read the meeting's active livestream, because no stop rests on a list."""
    livestreams.client.check()
    outcome.before = outcome.after = livestreams.active(outcome.target)
    return outcome.before


def _start(livestreams: Livestreams, outcome: Outcome, name: str | None, video_config: Mapping[str, int] | None) -> bool:
    """Start a livestream if none is active, or only the one that was stopped here. Return whether it is this task's."""
    write = Write(
        send=lambda departure: livestreams.start(outcome.target, name=name, video_config=video_config, departure=departure),
        is_reached=lambda state: state is not None and state["id"] != outcome.stopped_id,
        conflicts=(BadRequestError, ConflictError),
        # Unless our own livestream is stopping, a 400 is about the request itself, and final.
        settling=(BadRequestError, ConflictError) if outcome.stopped_id else (ConflictError,),
        no_effect=NO_EFFECT,
        is_guarded=STARTS_ARE_GUARDED,
    )
    is_ours = _carry_out(livestreams, outcome, write, is_read=not outcome.stopped_id)
    if is_ours and outcome.after:
        outcome.started_id = outcome.after["id"]
    return is_ours


def _check_started(outcome: Outcome, name: str | None, *, is_ours: bool, restart: bool) -> None:
    """Fail if another livestream than the wanted one is active after a start."""
    started: Any = outcome.after
    if started["status"] == ERRORED:
        by = "was started" if is_ours else "was started by another user"
        raise ErroredError(
            f"Meeting {outcome.target}: livestream {started['id']} {by} and has failed: its status is ERRORED. "
            "Run the task again to stop it and start another",
            outcome.doubt,
        )
    if restart and not is_ours:
        raise find_another(outcome)
    outcome.is_own_only = restart
    _warn_of_other_name(outcome, started, name)


def _stop(livestreams: Livestreams, outcome: Outcome, livestream_id: str, *, check_mode: bool) -> None:
    """Stop the livestream that was read as active. An active one afterwards belongs to another user."""
    outcome.stopped_id = livestream_id
    if check_mode:
        outcome.after, outcome.changed = None, True
        return
    write = Write(
        send=lambda departure: livestreams.stop(outcome.target, departure=departure),
        is_reached=lambda state: state is None or state["id"] != livestream_id,
        conflicts=(BadRequestError, ConflictError, NotFoundError),
        settling=(BadRequestError, ConflictError, NotFoundError),
        no_effect=NO_EFFECT,
    )
    _carry_out(livestreams, outcome, write)


def _carry_out(livestreams: Livestreams, outcome: Outcome, write: Write, *, is_read: bool = True) -> bool:
    """Carry out a write on the meeting, or raise its error. Return whether the new state is this task's work.

    ``is_read`` says whether the request before this write has read the meeting.
    """

    def read(_writes: Sequence[Write]) -> tuple[list[Livestream | None], float]:
        return [livestreams.active(outcome.target)], livestreams.client.sent_at

    (attempt,) = Writes(livestreams.client, read, livestreams.client.sent_at if is_read else None).carry_out(write)
    outcome.take_in(attempt)
    if outcome.error:
        raise outcome.error
    outcome.after = attempt.state
    return attempt.by_us


def _warn_of_other_name(outcome: Outcome, running: Livestream, name: str | None) -> None:
    """Warn if a running livestream has another name, because the API cannot rename it."""
    if name is None or running["name"] == name:
        return
    runs_as = "without a name" if running["name"] is None else f"under the name {running['name']!r}"
    outcome.warnings.append(
        f"Meeting {outcome.target}: livestream {running['id']} already runs {runs_as}, not {name!r}. "
        "The API cannot rename it; state=restarted starts another."
    )

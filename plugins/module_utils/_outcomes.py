# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Ensures that a meeting's livestream is started, stopped or restarted: read, decide, write, reconcile.

`_write` is the one place that decides what becomes of a write without a
clear answer. The API has no idempotency key and no lock, so it reads the state
again and lets that tell; docs/reliability.md says what is promised, and what
remains possible.
"""

from __future__ import annotations

from typing import Callable, Mapping, NamedTuple

from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    BadRequestError,
    ConflictError,
    ErroredError,
    NoEffectError,
    NotFoundError,
    OtherLivestreamError,
    RealtimeKitError,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._livestreams import (
    ERRORED,
    INVOKED,
    Livestream,
    Livestreams,
    is_started,
    normalise,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._targets import LOOKS, Outcome, explain_doubt, work_on

#: Seconds between the tries of a write that an earlier one, still taking effect, hinders: some ten in all.
SETTLE = (0.5, 1.0, 2.0, 3.0, 4.0)


def ensure_started(
    livestreams: Livestreams,
    meeting_id: str,
    *,
    name: str | None = None,
    video_config: Mapping[str, int] | None = None,
    check_mode: bool = False,
    restart: bool = False,
) -> Outcome:
    """The meeting has a livestream that is LIVE or INVOKED; with ``restart``, one that was not there before.

    ``name`` and ``video_config`` are used only if one has to be started.
    """

    def work(outcome: Outcome) -> None:
        before = outcome.before = outcome.after = livestreams.active(meeting_id, must_exist=check_mode)
        if is_started(before) and not restart:
            _warn_of_other_name(outcome, name)
            return
        if before:
            replacement = _stop(livestreams, outcome, before["id"], check_mode=check_mode)
            if is_started(replacement) and not restart:
                _warn_of_other_name(outcome, name)
                return  # somebody else has mended it
            _refuse_another(outcome, before["id"])
        _start(livestreams, outcome, name, video_config, check_mode=check_mode)

    return work_on(livestreams, meeting_id, work, may_write=not check_mode)


def ensure_stopped(livestreams: Livestreams, meeting_id: str, *, check_mode: bool = False) -> Outcome:
    """The meeting, which exists, has no livestream that is LIVE, INVOKED or ERRORED."""

    def work(outcome: Outcome) -> None:
        before = outcome.before = outcome.after = livestreams.active(meeting_id, must_exist=True)
        if before:
            _stop(livestreams, outcome, before["id"], check_mode=check_mode)
            _refuse_another(outcome, before["id"])

    return work_on(livestreams, meeting_id, work, may_write=not check_mode)


def _start(
    livestreams: Livestreams, outcome: Outcome, name: str | None, video_config: Mapping[str, int] | None, *, check_mode: bool
) -> None:
    """Start a livestream where none runs, or where only the one that was stopped here still shows."""
    if check_mode:
        outcome.after = normalise({"name": name, "meeting_id": outcome.target, "status": INVOKED})
        outcome.changed = True
        return
    written = _write(
        livestreams,
        outcome.target,
        send=lambda: livestreams.start(outcome.target, name=name, video_config=video_config),
        refusals=(BadRequestError, ConflictError),
        is_settled=lambda state: state is not None and state["id"] != outcome.stopped_id,
        # A 400 without one of our own on its way out is about the request itself, and stays.
        is_patient=lambda refusal: isinstance(refusal, ConflictError) or outcome.stopped_id is not None,
    )
    outcome.after = written.livestream
    outcome.changed = outcome.changed or written.by_us
    if outcome.after and outcome.after["status"] == ERRORED:
        by = "was started" if written.by_us else "was started by somebody else"
        raise ErroredError(
            f"Meeting {outcome.target}: livestream {outcome.after['id']} {by} and has failed, its status is ERRORED. "
            "Run the task again: it stops this one and starts another",
            written.doubt,
        )
    _warn_of_other_name(outcome, name)


def _stop(livestreams: Livestreams, outcome: Outcome, livestream_id: str, *, check_mode: bool) -> Livestream | None:
    """Stop the livestream that was read as active; gives back one that has taken its place since, which is somebody else's."""
    outcome.stopped_id = livestream_id
    if check_mode:
        outcome.after, outcome.changed = None, True
    else:
        written = _write(
            livestreams,
            outcome.target,
            send=lambda: livestreams.stop(outcome.target),
            refusals=(BadRequestError, ConflictError, NotFoundError),
            is_settled=lambda state: state is None or state["id"] != livestream_id,
            is_patient=lambda refusal: True,
        )
        outcome.after = written.livestream
        outcome.changed = written.by_us
        outcome.doubt = written.doubt
    return outcome.after


def _refuse_another(outcome: Outcome, livestream_id: str) -> None:
    """What somebody else has started since is never stopped blindly."""
    if outcome.after:
        raise OtherLivestreamError(
            f"Meeting {outcome.target}: livestream {livestream_id} is stopped, and somebody else has started "
            f"{outcome.after['id']} since, which is left as it is. Run the task again if it is to be stopped too",
            outcome.doubt,
        )


class _Written(NamedTuple):
    """How a write ended: the livestream that it left, and whether it was ours (or may have been: ``doubt``)."""

    livestream: Livestream | None
    by_us: bool = True
    doubt: RealtimeKitError | None = None


def _write(
    livestreams: Livestreams,
    meeting_id: str,
    *,
    send: Callable[[], Livestream | None],
    refusals: tuple[type[RealtimeKitError], ...],
    is_settled: Callable[[Livestream | None], bool],
    is_patient: Callable[[RealtimeKitError], bool],
) -> _Written:
    """Send a write, and where the answer does not settle it, let the meeting's state do so.

    - accepted: done, by us.
    - uncertain (dropped, timed out, 5xx, garbled): look several times. Settled: by us, as
      far as anybody can tell. Not settled: it did not arrive, so send again, as often as
      requests are retried.
    - one of ``refusals``: look once. Settled: somebody else did it, or an earlier uncertain
      try of ours. Not settled: something is still under way; if ``is_patient``, send again
      over some ten seconds, then raise the API's own words.
    - anything else is definite and raised.
    """
    doubt: RealtimeKitError | None = None
    repeats, pauses = livestreams.retries, iter(SETTLE)
    while True:
        try:
            return _Written(send())
        except RealtimeKitError as error:
            if not error.is_uncertain and not isinstance(error, refusals):
                if doubt:
                    raise explain_doubt(doubt, error) from error
                raise
            cause = error
        doubt = cause if cause.is_uncertain else doubt
        state = _look(livestreams, meeting_id, cause, doubt, is_settled)
        if is_settled(state):
            return _Written(state, doubt is not None, doubt)
        if cause.is_uncertain:
            if not repeats:
                raise NoEffectError(
                    f"{cause}; the state has not moved since, so it seems not to have taken effect. Run the task again: it looks first",
                    cause,
                )
            repeats -= 1
            continue
        pause = next(pauses, None)
        if pause is None or not (doubt or is_patient(cause)):
            raise (explain_doubt(doubt, cause) if doubt else cause)
        livestreams.sleep(pause)


def _look(
    livestreams: Livestreams,
    meeting_id: str,
    cause: RealtimeKitError,
    doubt: RealtimeKitError | None,
    is_settled: Callable[[Livestream | None], bool],
) -> Livestream | None:
    """The meeting's state after a write that ended with ``cause``; several looks if that was uncertain."""
    state = None
    for pause in LOOKS if cause.is_uncertain else LOOKS[:1]:
        livestreams.sleep(pause)
        try:
            state = livestreams.active(meeting_id)
        except RealtimeKitError as error:
            raise (explain_doubt(doubt, error) if doubt else cause) from error
        if is_settled(state):
            break
    return state


def _warn_of_other_name(outcome: Outcome, name: str | None) -> None:
    """A livestream that runs cannot be renamed, so a name that it does not have is only warned of."""
    if outcome.after is None or name is None or outcome.after["name"] == name:
        return
    runs_as = "without a name" if outcome.after["name"] is None else f"under the name {outcome.after['name']!r}"
    outcome.warnings.append(
        f"Meeting {outcome.target}: livestream {outcome.after['id']} already runs {runs_as}, not {name!r}. "
        "A running one cannot be renamed; state=restarted starts another."
    )

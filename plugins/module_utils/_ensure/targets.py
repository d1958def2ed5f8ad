# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The outcome of a task for one target, and how the work on a target ends: an error of one never hides another."""

from __future__ import annotations

from typing import Callable

from .._api.shapes import Livestream
from .._errors import DefectError, NotBegunError, RealtimeKitError, StoppedError
from .._http.client import Client
from .writes import Attempt


class Outcome:
    """What a task found and did for one target: a meeting by its id, or a livestream by its name.

    ``before`` and ``after`` are livestreams or None. ``error`` is kept rather
    than raised, so that no target hides another; ``changed`` is true beside it
    if a write took effect, or if that is unknown.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        #: What the task calls it, if that is not the target.
        self.label: str | None = None
        self.changed = False
        self.before: Livestream | None = None
        self.after: Livestream | None = None
        self.warnings: list[str] = []
        self.error: RealtimeKitError | None = None
        #: The id that was stopped here, which reads may go on showing for a while.
        self.stopped_id: str | None = None
        #: The only id that may be stopped here, if the task has named one.
        self.only_id: str | None = None
        #: The id that was started here.
        self.started_id: str | None = None
        #: Whether no other one will do.
        self.is_own_only = False
        #: The error that left a write in doubt, if one did.
        self.doubt: RealtimeKitError | None = None
        #: When the work on it was done, before any waiting; seconds on the client's clock.
        self.done_at = 0.0
        #: Seconds for which the task had held back for the rate limit by then.
        self.held_before = 0.0

    def take_in(self, write: Attempt) -> None:
        """Note what a write on this target did; its state is the resource's to read."""
        self.changed, self.doubt, self.error = self.changed or write.by_us, write.doubt, write.error


def work_on(client: Client, target: str, work: Callable[[Outcome], None]) -> Outcome:
    """What ``work`` makes of a new outcome, with the error that it may end in."""
    outcome = Outcome(target)
    begin_on(client, outcome, work)
    return outcome


def begin_on(client: Client, outcome: Outcome, work: Callable[[Outcome], None]) -> None:
    """As `go_on_with`, for the first work on a target that may send something."""
    sent = client.sent_here
    go_on_with(outcome, work)
    if client.sent_here == sent:
        mark_not_begun(outcome, client)
    outcome.done_at, outcome.held_before = client.clock(), client.held


def mark_not_begun(outcome: Outcome, client: Client) -> None:
    """If what ended the work on this target is true for all of them, say that nothing was sent for this one."""
    if isinstance(outcome.error, StoppedError):
        outcome.error = outcome.error.at_stage("Not begun")
    elif outcome.error and outcome.error is client.refusal:
        outcome.error = NotBegunError(f"Not begun: {outcome.error}", outcome.error)


def go_on_with(outcome: Outcome, work: Callable[[Outcome], None]) -> None:
    """Let ``work`` add to an outcome; what it ends in is the outcome's error."""
    try:
        work(outcome)
    except RealtimeKitError as error:
        outcome.error = error
    except Exception as error:  # noqa: BLE001 (a defect that one target shows must not hide the others)
        outcome.error = DefectError(error)

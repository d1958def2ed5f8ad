# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The outcome of a task for one target. An error of one target never hides another."""

from __future__ import annotations

from typing import Callable

from .._api.shapes import Livestream
from .._errors import DefectError, NotBegunError, OtherLivestreamError, RealtimeKitError, StoppedError
from .._http.client import Client
from .writes import Attempt


class Outcome:
    """The result for one target: a meeting by its id, or a livestream by its name.

    ``before`` and ``after`` are livestreams or None. ``error`` is not raised, so
    that no target hides another. ``changed`` is true even with an error if a write
    took effect, or if this is unknown.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        #: The target's label, if it differs from the target.
        self.label: str | None = None
        self.changed = False
        self.before: Livestream | None = None
        self.after: Livestream | None = None
        self.warnings: list[str] = []
        self.error: RealtimeKitError | None = None
        #: The id that was stopped here, which reads may still show for a while.
        self.stopped_id: str | None = None
        #: The only id that may be stopped here, if the task gives one.
        self.only_id: str | None = None
        #: The id that was started here.
        self.started_id: str | None = None
        #: Whether no other livestream is acceptable.
        self.is_own_only = False
        #: The error that left a write in doubt, if one did.
        self.doubt: RealtimeKitError | None = None
        #: When the work ended, before any wait; seconds on the client's clock.
        self.done_at = 0.0
        #: The seconds that the task had waited for the rate limit by then.
        self.held_before = 0.0

    def take_in(self, write: Attempt) -> None:
        """Note the result of a write on this target, without its state."""
        self.changed, self.doubt, self.error = self.changed or write.by_us, write.doubt, write.error


def work_on(client: Client, target: str, work: Callable[[Outcome], None]) -> Outcome:
    """Return a new outcome after ``work``, with its error if there is one."""
    outcome = Outcome(target)
    begin_on(client, outcome, work)
    return outcome


def begin_on(client: Client, outcome: Outcome, work: Callable[[Outcome], None]) -> None:
    """As `go_on_with`, for the first work on a target that may send requests."""
    sent = client.sent_here
    go_on_with(outcome, work)
    if client.sent_here == sent:
        mark_not_begun(outcome, client)
    outcome.done_at, outcome.held_before = client.clock(), client.held


def mark_not_begun(outcome: Outcome, client: Client) -> None:
    """Mark the outcome as not begun if its error affects all targets and no request was sent for it."""
    if isinstance(outcome.error, StoppedError):
        outcome.error = outcome.error.at_stage("Not begun")
    elif outcome.error and outcome.error is client.refusal:
        outcome.error = NotBegunError(f"Not begun: {outcome.error}", outcome.error)


def go_on_with(outcome: Outcome, work: Callable[[Outcome], None]) -> None:
    """Run ``work`` on an outcome, and store its error in the outcome."""
    try:
        work(outcome)
    except RealtimeKitError as error:
        outcome.error = error
    except Exception as error:  # noqa: BLE001 (a defect that one target shows must not hide the others)
        outcome.error = DefectError(error)


def find_another(outcome: Outcome) -> OtherLivestreamError:
    """Return the error for another user's livestream. The task never stops it blindly, and never reports it as its own."""
    theirs = (outcome.after or {})["id"]
    if outcome.stopped_id:
        said = f"livestream {outcome.stopped_id} was stopped. Another user has started {theirs} since, and it stays on air. "
    else:
        said = f"another user has started livestream {theirs} before this task could start one, and it stays on air. "
    return OtherLivestreamError(f"Meeting {outcome.target}: {said}Run the task again to stop it also", outcome.doubt)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""What a task comes to for one target, and how the work on a target ends: an error of one never hides another."""

from __future__ import annotations

from typing import Callable

from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DefectError, RealtimeKitError, UnknownOutcomeError
from ansible_collections.streamops.realtimekit.plugins.module_utils._livestreams import Livestream, Livestreams

#: Seconds before each look at what became of an uncertain write, for an effect may show late.
LOOKS = (0.0, 0.5, 1.5, 3.0)


class Outcome:
    """What a task found and did for one target: a meeting by its id, or a livestream by its name.

    ``before`` and ``after`` are livestreams or None. ``error`` is kept rather
    than raised, so that no target hides another; ``changed`` is true beside it
    if something was written, or if nobody can tell.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.changed = False
        self.before: Livestream | None = None
        self.after: Livestream | None = None
        self.warnings: list[str] = []
        self.error: RealtimeKitError | None = None
        #: The id that was stopped here, which reads may go on showing for a while.
        self.stopped_id: str | None = None
        #: The error that left a write in doubt, if one did.
        self.doubt: RealtimeKitError | None = None
        #: When the work on it was done, before any waiting; seconds on the clock of `Livestreams`.
        self.done_at = 0.0
        #: Seconds for which the task had held back for the rate limit by then.
        self.held_before = 0.0


def work_on(livestreams: Livestreams, target: str, work: Callable[[Outcome], None], *, may_write: bool = False) -> Outcome:
    """What ``work`` makes of a new outcome, with the error that it may end in.

    ``may_write``: whether ``work`` writes, so that nobody can tell after a defect.
    """
    outcome = Outcome(target)
    try:
        work(outcome)
    except RealtimeKitError as error:
        outcome.error = error
        outcome.changed = outcome.changed or isinstance(error, UnknownOutcomeError)
    except Exception as error:  # noqa: BLE001 (a defect that one target brings to light must not hide what became of the others)
        outcome.error = DefectError(error)
        outcome.changed = outcome.changed or may_write
    outcome.done_at, outcome.held_before = livestreams.clock(), livestreams.held
    return outcome


def explain_doubt(doubt: RealtimeKitError, then: RealtimeKitError) -> UnknownOutcomeError:
    """What to raise where ``then`` keeps the state from telling what became of a write that ended in ``doubt``."""
    return UnknownOutcomeError(
        f"Outcome unknown: {str(doubt).rstrip('.')}; and then {str(then).rstrip('.')}. Run the task again: it looks first", doubt
    )

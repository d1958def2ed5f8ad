# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Change only those fields of a meeting or a webhook that differ from the wanted ones."""

from __future__ import annotations

from math import inf
from typing import Any, Callable, Mapping, Sequence, Union

from .._api.meetings import Meetings
from .._api.webhooks import Webhooks
from .._errors import ConflictError, NoEffectError
from .targets import Outcome
from .writes import Write, Writes

Fields = Mapping[str, Any]


def find_changes(current: Fields, wanted: Fields) -> dict[str, Any]:
    """Return the wanted fields that differ from these."""
    return {field: value for field, value in wanted.items() if current[field] != value}


def update(
    resources: Union[Meetings, Webhooks],  # noqa: UP007 (Python 3.8)
    resource_id: str,
    wanted: Fields,
    outcome: Outcome,
    *,
    noun: str,
    check_mode: bool,
    check: Callable[[Fields], None],
    check_changes: Callable[[Fields, Fields], float] = lambda current, changes: inf,
) -> bool:
    """Change the fields that differ after a fresh read, because a list row can be old and lack fields. Return whether a write was sent.

    ``check`` raises if the current resource must not be changed, and
    ``check_changes`` raises if these changes must not be made. It returns when the
    read that it rests on left, or infinity if it needs none.
    """

    def read(_writes: Sequence[Write] = ()) -> tuple[list[Any], float]:
        known = find_changes(outcome.after, wanted) if outcome.after else {}
        rests_on = check_changes(outcome.after or {}, known) if known else inf
        outcome.after = current = resources.get(resource_id)  # last, because most depends on this read
        rests_on = min(rests_on, resources.client.sent_at)
        check(current)
        changes = find_changes(current, wanted)
        return [current], rests_on if changes == known else min(rests_on, check_changes(current, changes))

    (current,), sent_at = read()
    if not outcome.changed:  # otherwise this task has created it
        outcome.before = current
    changes = find_changes(current, wanted)
    if check_mode or not changes:
        outcome.after, outcome.changed = {**current, **changes}, outcome.changed or bool(changes)
        return False
    write = Write(
        send=lambda departure: resources.update(outcome.after or {}, find_changes(outcome.after or {}, wanted), departure=departure),
        is_reached=lambda state: not find_changes(state, wanted),
        no_effect=f"the {noun} has not changed since, so the write seems to have had no effect",
        inconclusive=(ConflictError,),
    )
    (attempt,) = Writes(resources.client, read, sent_at).carry_out(write)
    outcome.take_in(attempt)
    if not outcome.error:
        outcome.after = attempt.state
    return True


def check_result(label: str, shown: Fields, wanted: Fields) -> None:
    """Raise NoEffectError if the API accepted the update but shows other values."""
    left = ", ".join(f"{field}={shown[field]!r} instead of {value!r}" for field, value in find_changes(shown, wanted).items())
    if left:
        raise NoEffectError(f"{label}: the API accepted the update but shows {left}")

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Ensures that independent livestreams exist by name, each once, as far as an API without locks or unique names allows."""

from __future__ import annotations

from typing import Sequence

from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ConflictError,
    DuplicateNameError,
    InterruptError,
    NoEffectError,
    OtherNameError,
    RealtimeKitError,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._livestreams import Livestream, Livestreams, normalise
from ansible_collections.streamops.realtimekit.plugins.module_utils._targets import LOOKS, Outcome, explain_doubt


def ensure_present(livestreams: Livestreams, names: Sequence[str], *, check_mode: bool = False) -> list[Outcome]:
    """An outcome for each of ``names``: the one independent livestream of that name, created if there was none.

    Costs one listing for all names, a POST for each that is missing, and one
    more listing after those: another run may have created at the same moment.
    """
    outcomes = [Outcome(name) for name in names]
    try:
        found = _find_by_name(livestreams, names)
    except RealtimeKitError as error:
        for outcome in outcomes:
            outcome.error = error
        return outcomes
    missing = [outcome for outcome in outcomes if not _take(outcome, found[outcome.target])]
    for outcome in outcomes:
        outcome.before = outcome.after
        if outcome.after and outcome.after["disabled"]:
            outcome.warnings.append(
                f"Livestream {outcome.target!r} ({outcome.after['id']}) exists and is disabled; the API offers no way to enable it."
            )
    if check_mode:
        for outcome in missing:
            outcome.after, outcome.changed = normalise({"name": outcome.target}), True
    elif missing:
        _create(livestreams, missing)
        _look_for_twins(livestreams, [outcome for outcome in missing if outcome.changed and not outcome.error])
    return outcomes


def _find_by_name(livestreams: Livestreams, names: Sequence[str]) -> dict[str, list[Livestream]]:
    """The independent livestreams of each name. Oldest first, so that new ones do not shift the pages while they are read."""
    found: dict[str, list[Livestream]] = {name: [] for name in names}
    for livestream in livestreams.find(exclude_meetings=True, sort_order="ASC"):
        if isinstance(livestream["name"], str) and livestream["name"] in found:
            found[livestream["name"]].append(livestream)
    return found


def _take(outcome: Outcome, found: Sequence[Livestream]) -> bool:
    """Whether the name is there: its livestream goes into the outcome, or an error if there are several."""
    if len({livestream["id"] for livestream in found}) > 1:
        each = ", ".join(f"{livestream['id']} (created {livestream['created_at'] or 'at an unknown time'})" for livestream in found)
        outcome.error = DuplicateNameError(
            f"{len(found)} independent livestreams are named {outcome.target!r}: {each}. "
            "The API can neither delete nor rename one: use another name, or read the one you mean by its id with rtk_livestream_info"
        )
    elif found:
        outcome.after = found[0]
    return bool(found)


def _create(livestreams: Livestreams, missing: list[Outcome]) -> None:
    """Create each; where answers leave doubt, let one look for all of those tell before anything is sent again."""
    causes: dict[str, RealtimeKitError] = {}
    for _again in range(livestreams.retries + 1):
        causes = {}
        for outcome in missing:
            try:
                outcome.after = livestreams.create(outcome.target)
                outcome.changed = True
                _compare_name(outcome, outcome.after)
            except RealtimeKitError as error:
                if error.is_uncertain:
                    outcome.doubt = error
                if error.is_uncertain or isinstance(error, ConflictError):
                    causes[outcome.target] = error
                else:
                    _fail(outcome, error)
        missing = _look(livestreams, [outcome for outcome in missing if outcome.target in causes])
    for outcome in missing:
        cause = causes[outcome.target]
        outcome.error = NoEffectError(
            f"{cause}; no livestream named {outcome.target!r} shows since. Run the task again: it looks first", cause
        )


def _compare_name(outcome: Outcome, created: Livestream) -> None:
    """Fail where the API has changed the name: a second run would not find it, and create another."""
    if created["name"] != outcome.target:
        outcome.error = OtherNameError(
            f"Livestream {created['id']} was created, and the API has named it {created['name']!r}, not {outcome.target!r}. "
            "Ask for it by the API's name, or each run creates another"
        )


def _look(livestreams: Livestreams, unclear: list[Outcome]) -> list[Outcome]:
    """Those of ``unclear`` whose livestream does not show in several looks; one that does counts as ours if a create of it is in doubt."""
    for pause in LOOKS:
        if not unclear:
            break
        livestreams.sleep(pause)
        try:
            found = _find_by_name(livestreams, [outcome.target for outcome in unclear])
        except RealtimeKitError as error:
            for outcome in unclear:
                _fail(outcome, error)
            return []
        for outcome in unclear:
            if found[outcome.target]:
                outcome.changed = outcome.doubt is not None
                _take(outcome, found[outcome.target])
        unclear = [outcome for outcome in unclear if not found[outcome.target]]
    return unclear


def _fail(outcome: Outcome, error: RealtimeKitError) -> None:
    """End in ``error``; with a create in doubt nobody can tell, which counts as changed."""
    outcome.error = explain_doubt(outcome.doubt, error) if outcome.doubt else error
    outcome.changed = outcome.doubt is not None


def _leave_unseen(outcome: Outcome, error: RealtimeKitError) -> None:
    """What was created exists; that nobody has looked for a twin is a warning, but an interrupted task has to fail."""
    if isinstance(error, InterruptError):
        outcome.error = error
    else:
        outcome.warnings.append(
            f"Livestream {outcome.target!r} was created, but whether another run created one too could not be read: {error}"
        )


def _look_for_twins(livestreams: Livestreams, created: list[Outcome]) -> None:
    """Fail those whose name somebody else has created as well; looks until the new ones show, for then a twin shows too.

    What turned up after a create in doubt may be somebody else's, and ours still to show: looks to the end.
    """
    for pause in LOOKS:
        if not created:
            return
        livestreams.sleep(pause)
        try:
            found = _find_by_name(livestreams, [outcome.target for outcome in created])
        except RealtimeKitError as error:
            for outcome in created:
                _leave_unseen(outcome, error)
            return
        created = [outcome for outcome in created if _find_twin(outcome, found[outcome.target])]
    for outcome in created:
        if not found[outcome.target]:
            outcome.warnings.append(
                f"Livestream {outcome.target!r} was created and does not show in the list yet. "
                "Until it does, under this name, another run creates another."
            )


def _find_twin(outcome: Outcome, shown: Sequence[Livestream]) -> bool:
    """Fail one whose name somebody else has created as well; gives back whether such a twin may still show."""
    ours = outcome.after or {}
    is_hidden = all(livestream["id"] != ours["id"] for livestream in shown)
    shown = [*shown, ours] if is_hidden else shown
    if len(shown) > 1:
        _take(outcome, shown)
        return False
    if not is_hidden:  # the listing knows what the answer to a create leaves out
        outcome.after = {key: shown[0][key] if value is None else value for key, value in ours.items()}
    return is_hidden or outcome.doubt is not None

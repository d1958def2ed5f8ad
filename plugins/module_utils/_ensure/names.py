# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Create each missing resource once by its name, which the API does not keep unique, and look for twins.

A resource supplies a `Catalog` and its `Words`.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Dict, NamedTuple, Protocol, Sequence, TypeVar

from .._api.shapes import merge
from .._errors import ConflictError, DefectError, DuplicateNameError, OtherNameError, RealtimeKitError, StoppedError
from .._http.client import Client, Departure
from .decisions import LOOKS
from .targets import Outcome, go_on_with, mark_not_begun
from .writes import Attempt, Write, Writes

Resource = Dict[str, Any]
T = TypeVar("T")


class Words(NamedTuple):
    """The words for a resource in messages."""

    one: str  #: such as "Livestream"
    are_named: str  #: such as "independent livestreams are named"
    advice: str  #: what to do about several of one name
    field: str  #: the field that has the name


class Catalog(Protocol):
    """The place to find resources by their names."""

    client: Client
    words: Words
    #: When the request of the last `read` left, on the client's clock.
    sent_at: float

    def read(self, names: Sequence[str]) -> None:
        """Read the resources of these names."""

    def find(self, name: str) -> Sequence[Resource]:
        """Return all resources of a name from its last `read`, oldest first."""

    def get(self, resource_id: str) -> Resource | None:
        """Return a resource from any `read` by its id, with any name."""

    def create(self, name: str, *, departure: Departure) -> Resource:
        """Create another resource of this name."""


def look_up(read: Callable[[Sequence[str]], T], names: Sequence[str]) -> T:
    """Read the resources of these names. Turn a defect into an error, so that it does not hide created resources."""
    try:
        return read(names)
    except RealtimeKitError:
        raise
    except Exception as error:
        raise DefectError(error) from error


def take(catalog: Catalog, outcome: Outcome, found: Sequence[Resource]) -> bool:
    """Return whether the name exists. Its outcome gets the resource, or an error if there are several."""
    words = catalog.words
    if len({resource["id"] for resource in found}) > 1:
        each = ", ".join(f"{resource['id']} (created {resource['created_at'] or 'at an unknown time'})" for resource in found)
        outcome.error = DuplicateNameError(f"{len(found)} {words.are_named} {outcome.target!r}: {each}. {words.advice}")
    elif found:
        outcome.after = found[0]
    return bool(found)


def create_missing(catalog: Catalog, missing: Sequence[Outcome]) -> None:
    """Create each resource. One look serves all creates in doubt. Then look for twins."""

    def read(writes: Sequence[Write]) -> tuple[list[Sequence[Resource]], float]:
        look_up(catalog.read, [write.target for write in writes])
        return [catalog.find(write.target) for write in writes], catalog.sent_at

    writes = [_build_create(catalog, outcome.target) for outcome in missing]
    for outcome, attempt in zip(missing, Writes(catalog.client, read, catalog.sent_at).carry_out(*writes)):
        go_on_with(outcome, partial(_end_create, catalog, attempt))
    _look_for_twins(catalog, [outcome for outcome in missing if outcome.changed and not outcome.error])


def _build_create(catalog: Catalog, name: str) -> Write:
    return Write(
        target=name,
        send=lambda departure: [catalog.create(name, departure=departure)],
        is_reached=bool,
        no_effect=f"no {catalog.words.one.lower()} named {name!r} has appeared since",
        inconclusive=(ConflictError,),
    )


def _end_create(catalog: Catalog, attempt: Attempt, outcome: Outcome) -> None:
    outcome.take_in(attempt)
    if not attempt.is_begun:
        mark_not_begun(outcome, catalog.client)
    if not outcome.error:
        take(catalog, outcome, attempt.state)
        _compare_name(catalog.words, outcome)


def _compare_name(words: Words, outcome: Outcome, listed: Resource | None = None) -> None:
    """Fail if the API changed the name, because a second run would not find it and create another one."""
    created = listed or outcome.after
    if created and created[words.field] != outcome.target:
        outcome.error = OtherNameError(
            f"{words.one} {created['id']} was created, but the API named it {created[words.field]!r}, not {outcome.target!r}. "
            "Use the API's name, or each run creates another one"
        )


def _look_for_twins(catalog: Catalog, created: list[Outcome]) -> None:
    """Fail the names that another run has also created. Look until our resources show, because a twin then shows also.

    After a create in doubt, the first resource may be the other run's, and ours may
    show later, so look until the end.
    """
    for pause in LOOKS:
        if not created:
            return
        catalog.client.sleep(pause)
        try:
            look_up(catalog.read, [outcome.target for outcome in created])
        except RealtimeKitError as error:
            for outcome in created:
                _leave_unseen(catalog.words, outcome, error)
            return
        created = [outcome for outcome in created if _find_twin(catalog, outcome)]
    for outcome in created:
        if outcome.after and not catalog.get(outcome.after["id"]):
            outcome.warnings.append(
                f"{catalog.words.one} {outcome.target!r} was created but is not in the list yet. "
                "Until it is, another run creates another one."
            )


def _find_twin(catalog: Catalog, outcome: Outcome) -> bool:
    """Fail a name that another run has also created, or that the API changed. Return whether a twin may still show."""
    go_on_with(outcome, partial(_compare_with_list, catalog))
    return not outcome.error and (outcome.doubt is not None or not catalog.get((outcome.after or {})["id"]))


def _compare_with_list(catalog: Catalog, outcome: Outcome) -> None:
    ours = outcome.after or {}
    listed, shown = catalog.get(ours["id"]), catalog.find(outcome.target)
    shown = shown if listed else [*shown, ours]
    if len(shown) > 1:
        take(catalog, outcome, shown)
    elif listed:
        outcome.after = merge(listed, ours)
        _compare_name(catalog.words, outcome, listed)


def _leave_unseen(words: Words, outcome: Outcome, error: RealtimeKitError) -> None:
    """Warn that the check for a twin failed. A task that must end fails instead."""
    if isinstance(error, StoppedError):
        outcome.error = error
    else:
        outcome.warnings.append(
            f"{words.one} {outcome.target!r} was created, but the task could not check whether another run also created one: {error}"
        )

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Planted defects, and the episodes that can show them."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams

from chaos.drawing import Draft
from chaos.planted import Patch


class Defect(NamedTuple):
    """A planted defect, an episode that has shown it, and a regular expression for its violation.

    The search begins with that episode, because a search from episode 1 takes most
    of the time of the session. ``make`` builds the API's client of a task. ``where``
    says by its draft whether an episode can show the defect; the other episodes are
    not played.
    """

    episode: int
    found_as: str
    patches: tuple[Patch, ...] = ()
    make: Callable[[Any], Livestreams] = Livestreams
    where: Callable[[Draft], bool] = lambda draft: True


def has_many_rooms(draft: Draft) -> bool:
    return draft.size.is_large and not draft.calm


def has_storm(draft: Draft) -> bool:
    return not draft.calm


def has_limit(draft: Draft) -> bool:
    return not draft.calm and (draft.settings.limit_requests < 1200 or (draft.plan.retry_after or 0) > 5)


def has_interim(draft: Draft) -> bool:
    return "interim" in draft.plan.kinds or "interim_only" in draft.plan.kinds


def has_lag(draft: Draft) -> bool:
    return draft.plan.late > 0 or draft.settings.visible_lag + draft.settings.list_lag > 1


def has_pages(draft: Draft) -> bool:
    return draft.size.cap < 100


def has_breaks(draft: Draft) -> bool:
    return draft.breaks.probability > 0

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists: the world as single reads showed it ``list_lag`` seconds ago, and changes between two pages."""

from __future__ import annotations

from itertools import islice
from typing import Any, Iterable, Protocol, TypeVar

from .models import Livestream, Meeting
from .world import World


class Listed(Protocol):
    """The state for lists, and its earlier versions."""

    visible_at: float
    past: Any


Item = TypeVar("Item", bound=Listed)


def listed_livestreams(world: World) -> list[Livestream]:
    """The livestreams of every list, oldest first."""
    with world.lock:
        return earlier(world.livestreams.values(), world.settle(), world.settings.list_lag)


def listed_meetings(world: World) -> list[Meeting]:
    """The meetings of every list, oldest first."""
    with world.lock:
        return earlier(world.meetings.values(), world.settle(), world.settings.list_lag)


def earlier(items: Iterable[Item], now: float, lag: float) -> list[Item]:
    """The items as they were ``lag`` seconds ago, without those that reads did not show then."""
    moment = now - lag
    shown = [item for item in items if item.visible_at <= moment]
    if not lag:
        return shown
    return [item if item.past.changed_at <= moment else item.past.version(item, moment) for item in shown]


def change_between_pages(world: World) -> None:
    """Turn meetings' livestreams LIVE and IDLE, as many as the settings say, so that the next page meets other rows."""
    settings = world.settings
    to_live = oldest_of_meetings(world, "INVOKED", settings.list_turns_live)
    to_idle = oldest_of_meetings(world, "LIVE", settings.list_turns_idle)
    for livestream in to_live:
        world.set_status(livestream, "LIVE")
    for livestream in to_idle:
        world.take_off_air(livestream)


def oldest_of_meetings(world: World, status: str, count: int) -> list[Livestream]:
    if not count:
        return []
    found = (item for item in world.livestreams.values() if item.status == status and item.meeting_id is not None and not item.stopping)
    return list(islice(found, count))

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects without a request: no rule applies, no effect is noted, and every read shows them at once."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Sequence

from .models import Livestream, Meeting, Session
from .world import World


def seed_meetings(world: World, fields: Mapping[str, Any], number: int = 1, meeting_id: str | None = None) -> list[Meeting]:
    """Add a number of meetings with these fields."""
    added = []
    for named in numbered(fields, "title", number):
        meeting = world.add_meeting(meeting_id)
        vars(meeting).update(named)
        added.append(meeting)
    return added


def seed_livestreams(world: World, fields: Mapping[str, Any], number: int = 1) -> list[Livestream]:
    """Add a number of livestreams with these fields, which can also be ``sessions``.

    They can also be ``status`` and ``err_message``, as in `World.set_status`.
    """
    return [seed_livestream(world, **named) for named in numbered(fields, "name", number)]


def seed_livestream(
    world: World, status: str = "IDLE", err_message: str | None = None, sessions: Sequence[Mapping[str, Any]] = (), **fields: Any
) -> Livestream:
    with world.lock:
        livestream = world.draft(None, fields.get("meeting_id"))
        livestream.id = fields.pop("id", livestream.id)
        world.insert(livestream, world.settle())
        livestream.visible_at = 0.0
        world.set_status(livestream, status, err_message)
        if sessions:
            livestream.sessions = [
                Session(world.identities.uuid(), livestream.id, updated_at=each.get("stopped_time") or each["invoked_time"], **each)
                for each in sessions
            ]
        vars(livestream).update(fields)
        livestream.past.forget()
        return livestream


def numbered(fields: Mapping[str, Any], name: str, number: int) -> Iterator[dict[str, Any]]:
    """The fields once for each; several names end with a number, counted from 1."""
    for index in range(1, number + 1):
        is_one_of_many = number > 1 and fields.get(name) is not None
        yield {**fields, name: f"{fields[name]} {index}"} if is_one_of_many else dict(fields)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoints of meetings, and the rules for their creates and changes."""

from __future__ import annotations

import dataclasses
from typing import Any, Mapping

from . import bodies, dialects, queries
from .calls import Call
from .dialects import Answer, Row
from .listings import listed_meetings
from .meeting_sessions import end_session
from .models import ApiError, Meeting
from .world import World


def create(
    world: World,
    fields: Mapping[str, Any],
    by: str = "somebody",
    request: int | None = None,
    commit: bool = True,
    prepared: Meeting | None = None,
) -> Meeting:
    """Create a meeting; reads show it after ``visible_lag``. Titles are not unique. The rest as in `World.start`."""
    with world.lock:
        now = world.settle()
        meeting = prepared or draft(world, fields, now)
        if commit:
            meeting.created_at = meeting.updated_at = now
            meeting.visible_at = now + world.settings.visible_lag
            world.meetings[meeting.id] = meeting
            world.note_meeting("meeting_created", meeting, by, request, now)
        return meeting


def draft(world: World, fields: Mapping[str, Any], now: float) -> Meeting:
    options = {name: value for name, value in fields.items() if name != "title"}
    ids = world.identities.uuid(), world.identities.uuid()
    return Meeting(*ids, now, now, cleaned(world, fields.get("title")), options=options)


def update(
    world: World, meeting_id: str, fields: Mapping[str, Any], by: str = "somebody", request: int | None = None, commit: bool = True
) -> Meeting:
    """Change these fields and no others."""
    with world.lock:
        now = world.settle()
        meeting = world.meeting(meeting_id)
        if commit:
            meeting.past.keep(meeting, now)
        else:
            meeting = dataclasses.replace(meeting)
        left = dict(fields)
        if "title" in left:
            meeting.title = cleaned(world, left.pop("title"))
        meeting.status = left.pop("status", meeting.status)
        meeting.options = {**meeting.options, **left}
        meeting.updated_at = now
        if commit:
            world.note_meeting("meeting_updated", meeting, by, request, now)
            if meeting.status == "INACTIVE" and world.settings.inactive_ends:
                end_all(world, meeting, by)
        return meeting


def cleaned(world: World, title: str | None) -> str | None:
    return title.strip() if title is not None and world.settings.trim_names else title


def end_all(world: World, meeting: Meeting, by: str) -> None:
    """End the session and the livestreams of a meeting that has become INACTIVE. The reference does not define this."""
    if meeting.session is not None:
        end_session(world, meeting.id)
    for livestream in world.of_meeting(meeting.id):
        if livestream.is_active():
            world.take_off_air(livestream, by)


# The endpoints


def list_meetings(call: Call) -> Answer:
    """Newest first."""
    world, query = call.world, call.query
    status = queries.one_of(query, "status", ("ACTIVE", "INACTIVE"))
    start_time, end_time = queries.moment(query, "start_time"), queries.moment(query, "end_time")
    found = [
        item
        for item in reversed(listed_meetings(world))
        if queries.is_found(world.settings, query, item.id, item.title)
        and (status is None or item.status == status)
        and (start_time is None or item.created_at >= start_time)
        and (end_time is None or item.created_at <= end_time)
    ]
    rows, paging = queries.page(world.settings, query, found)
    shown = [without(item.as_api(), world.settings.meetings_list_omits) for item in rows]
    # Meetings have one shape in the reference and in its examples: `list_shape` is not for them.
    return dialects.success(world.settings, shown, paging=dialects.shown_paging(world.settings, rows, paging, "meetings"))


def create_meeting(call: Call) -> Answer:
    fields = bodies.check_meeting(bodies.parse_body(call.raw))
    call.prepared = create(call.world, fields, "api", call.number, call.commit, call.prepared)
    return single(call, call.prepared, 201)


def get_meeting(call: Call) -> Answer:
    return single(call, visible(call))


def update_meeting(call: Call) -> Answer:
    fields = bodies.check_meeting(bodies.parse_body(call.raw), is_update=True)
    meeting = update(call.world, call.ids["meeting_id"], fields, "api", call.number, call.commit)
    echo = call.world.settings.update_echoes
    if echo == "no_data":
        return Answer(200, {"success": True})
    if echo == "whole":
        return single(call, meeting)
    body = meeting.as_api()
    named = {"id"} if echo == "id" else {*fields} if echo == "changed" else {"id", *fields}
    return dialects.success(call.world.settings, {name: value for name, value in body.items() if name in named})


def meeting_session(call: Call) -> Answer:
    meeting = visible(call)
    if meeting.session is None:
        raise ApiError(404, f"No active session found for meeting_id {meeting.id}")
    (app_id,) = [app.id for app in call.apps.values() if app.world is call.world]
    return dialects.success(call.world.settings, meeting.session.as_api(call.world.settle(), meeting.title, app_id))


def visible(call: Call) -> Meeting:
    meeting = call.world.meeting(call.ids["meeting_id"])
    if meeting.visible_at > call.world.settle():
        raise ApiError(404, f"No meeting found with id {meeting.id}")
    return meeting


def single(call: Call, meeting: Meeting, status: int = 200) -> Answer:
    return dialects.success(call.world.settings, without(meeting.as_api(), call.world.settings.meeting_omits), status)


def without(body: Row, omitted: list[str]) -> Row:
    return {name: value for name, value in body.items() if name not in omitted}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoints: a table of paths, and one function for each operation."""

from __future__ import annotations

from typing import Any

from . import bodies, dialects, queries, tokens
from .apps import list_apps
from .calls import Call, Operation
from .dialects import Answer
from .listings import change_between_pages, listed_livestreams
from .meetings import create_meeting, get_meeting, list_meetings, meeting_session, update_meeting
from .models import ApiError, Livestream, Session, iso
from .webhooks import create_webhook, delete_webhook, get_webhook, list_webhooks, update_webhook
from .world import World


def start(call: Call) -> Answer:
    body = bodies.parse_body(call.raw)
    bodies.refuse_unknown(body, ("name", "video_config"))
    name = bodies.check_name(body)
    bodies.check_video_config(body)
    call.prepared = call.world.start(call.ids["meeting_id"], name, "api", call.number, call.commit, call.prepared)
    return dialects.started(call.world.settings, call.prepared)


def stop(call: Call) -> Answer:
    call.world.stop(call.ids["meeting_id"], "api", call.number, call.commit)
    return dialects.success(call.world.settings, {"message": "Livestream stopped successfully"})


def create(call: Call) -> Answer:
    gone = dialects.gone(call.world.settings)
    if gone:
        return gone
    body = bodies.parse_body(call.raw)
    bodies.refuse_unknown(body, ("name",))
    name = bodies.check_name(body)
    call.prepared = call.world.create(name, "api", call.number, call.commit, call.prepared)
    return dialects.created(call.world.settings, call.prepared)


def active(call: Call) -> Answer:
    world = call.world
    meeting = world.meeting(call.ids["meeting_id"])
    found = world.all_active(meeting.id)
    if found:
        return dialects.active(world.settings, found)
    now = world.settle()
    seen = [item for item in world.of_meeting(meeting.id) if item.visible_at <= now]
    return dialects.no_active(world.settings, meeting, seen[-1] if seen else None)


def meeting_livestreams(call: Call) -> Answer:
    """The reference's shape: livestreams, their sessions and paging beside each other."""
    world, settings = call.world, call.world.settings
    meeting = world.meeting(call.ids["meeting_id"])
    now = world.settle()
    newest = [item for item in reversed(world.of_meeting(meeting.id)) if item.visible_at <= now]
    rows, paging = queries.page(settings, call.query, newest)
    shown = dialects.shown_paging(settings, [item.as_api() for item in rows], paging)
    sessions = [session_row(world, session) for item in rows for session in reversed(item.sessions)]
    sessions = [{name: value for name, value in row.items() if name not in settings.history_omits} for row in sessions]
    body = dialects.with_sessions(settings, {"livestreams": [item.as_api() for item in rows]}, "sessions", sessions, shown)
    return dialects.success(settings, body)


def list_livestreams(call: Call) -> Answer:
    settings = call.world.settings
    query = {name: value for name, value in call.query.items() if name not in settings.list_ignores}
    found = queries.select_livestreams(query, listed_livestreams(call.world))
    rows, paging = queries.page(settings, call.query, found)
    answer = dialects.list_answer(settings, [dialects.listed(settings, item) for item in rows], paging, "livestreams")
    change_between_pages(call.world)
    return answer


def get(call: Call) -> Answer:
    world, settings = call.world, call.world.settings
    livestream = world.livestream(call.ids["livestream_id"])
    rows, paging = queries.page(settings, call.query, livestream.sessions[::-1])
    shown = None if settings.omit_paging else paging
    sessions = [session_row(world, session) for session in rows]
    return dialects.success(settings, dialects.with_sessions(settings, {"livestream": livestream.as_api()}, "session", sessions, shown))


def active_session(call: Call) -> Answer:
    world = call.world
    livestream = world.livestream(call.ids["livestream_id"])
    session = livestream.open_session
    if session is None:
        raise ApiError(404, f"No active session found for livestream_id {livestream.id}")
    return dialects.success(world.settings, {"livestream": livestream.as_api(), "session": session_row(world, session)})


def session(call: Call) -> Answer:
    wanted = call.ids["livestream_session_id"]
    for item in sessions_of(call.world.visible()):
        if item.id == wanted:
            return dialects.success(call.world.settings, session_row(call.world, item))
    raise ApiError(404, f"No livestream session found with id {wanted}")


def session_livestreams(call: Call) -> Answer:
    world, wanted = call.world, call.ids["session_id"]
    meetings = [meeting for meeting in world.meetings.values() if meeting.session_id == wanted]
    if not meetings:
        raise ApiError(404, f"No session found with id {wanted}")
    found = sessions_of([item for item in world.visible() if item.meeting_id == meetings[0].id])
    rows, paging = queries.page(world.settings, call.query, found[::-1])
    return dialects.list_answer(world.settings, [session_row(world, item) for item in rows], paging, "sessions")


def session_row(world: World, item: Session) -> dict[str, Any]:
    row = {**item.as_api(world.settle()), **seconds_of(world, item)}
    if world.settings.session_objects:
        row["err_message"] = {"text": item.err_message, "stream_key": world.livestreams[item.livestream_id].stream_key}
    return row


def sessions_of(livestreams: list[Livestream]) -> list[Session]:
    return [session for item in livestreams for session in item.sessions]


def seconds_of(world: World, item: Session) -> dict[str, int]:
    """The seconds as reads show them: until ``seconds_lag`` after its end, a session that went on air has 60 of each."""
    now = world.settle()
    is_early = item.started_time is not None and (item.stopped_time is None or now < item.stopped_time + world.settings.seconds_lag)
    if world.settings.seconds_lag and is_early:
        return {"ingest_seconds": 60, "viewer_seconds": 60}
    return {"ingest_seconds": item.ingest_seconds(now), "viewer_seconds": item.viewer_seconds}


def sums(world: World, sessions: list[Session]) -> dict[str, Any]:
    """The sums, without what the settings leave out. Those of nothing can be null, as in a database."""
    rows = [seconds_of(world, item) for item in sessions]
    names = ("ingest_seconds", "viewer_seconds")
    is_null = not sessions and world.settings.analytics_of_nothing == "nulls"
    found = {"count": len(sessions), **{f"total_{name}": None if is_null else sum(row[name] for row in rows) for name in names}}
    return without_omitted(world, found)


def without_omitted(world: World, row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in world.settings.analytics_omits}


def sessions_between(call: Call) -> list[Session]:
    """The sessions that were asked for between two moments, which analytics take in Unix seconds."""
    start_time, end_time = (queries.integer_or_none(call.query, name) for name in ("start_time", "end_time"))
    return [
        item
        for item in sessions_of(call.world.visible())
        if (start_time is None or item.invoked_time >= start_time) and (end_time is None or item.invoked_time <= end_time)
    ]


def analytics_overall(call: Call) -> Answer:
    settings, found = call.world.settings, sessions_between(call)
    is_null = not found and settings.analytics_of_nothing == "null"
    return dialects.success(settings, None if is_null else sums(call.world, found))


def analytics_daywise(call: Call) -> Answer:
    settings, days = call.world.settings, dict[str, list[Session]]()
    for item in sessions_between(call):
        days.setdefault(str(iso(item.invoked_time))[:10], []).append(item)
    rows = [{**without_omitted(call.world, {"date": day}), **sums(call.world, found)} for day, found in sorted(days.items())]
    return dialects.success(settings, None if not rows and settings.analytics_of_nothing == "null" else rows)


# Method, path below the app with {ids}, operation as the request log names it, function.
# Literal segments come first where both would match.
ROUTES: list[tuple[str, str, str, Operation]] = [
    ("POST", "meetings/{meeting_id}/livestreams", "start", start),
    ("GET", "meetings/{meeting_id}/active-livestream", "active", active),
    ("POST", "meetings/{meeting_id}/active-livestream/stop", "stop", stop),
    ("GET", "meetings/{meeting_id}/livestream", "meeting_livestreams", meeting_livestreams),
    ("POST", "livestreams", "create", create),
    ("GET", "livestreams", "list", list_livestreams),
    ("GET", "livestreams/sessions/{livestream_session_id}", "session", session),
    ("GET", "livestreams/{livestream_id}", "get", get),
    ("GET", "livestreams/{livestream_id}/active-livestream-session", "active_session", active_session),
    ("GET", "sessions/{session_id}/livestream-sessions", "session_livestreams", session_livestreams),
    ("GET", "analytics/livestreams/overall", "analytics", analytics_overall),
    ("GET", "analytics/livestreams/daywise", "analytics", analytics_daywise),
    ("GET", "meetings", "list_meetings", list_meetings),
    ("POST", "meetings", "create_meeting", create_meeting),
    ("GET", "meetings/{meeting_id}", "get_meeting", get_meeting),
    ("PATCH", "meetings/{meeting_id}", "update_meeting", update_meeting),
    ("GET", "meetings/{meeting_id}/active-session", "meeting_session", meeting_session),
    ("GET", "webhooks", "list_webhooks", list_webhooks),
    ("POST", "webhooks", "create_webhook", create_webhook),
    ("GET", "webhooks/{webhook_id}", "get_webhook", get_webhook),
    ("PATCH", "webhooks/{webhook_id}", "update_webhook", update_webhook),
    ("DELETE", "webhooks/{webhook_id}", "delete_webhook", delete_webhook),
]
# The same for paths below the account's RealtimeKit, without an app.
ACCOUNT_ROUTES: list[tuple[str, str, str, Operation]] = [("GET", "apps", "list_apps", list_apps)]
OPERATIONS: tuple[str, ...] = (*dict.fromkeys(route[2] for route in (*ROUTES, *ACCOUNT_ROUTES)), *tokens.OPERATIONS, "unknown")
WRITES = frozenset({"start", "stop", "create", "create_meeting", "update_meeting", "create_webhook", "update_webhook", "delete_webhook"})

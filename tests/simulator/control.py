# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control surface under ``/_simulator/``: JSON in and out, for tests over HTTP and by hand."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Callable, Mapping
from urllib.parse import unquote

from . import webhooks
from .bodies import check_webhook
from .chaos import ChaosPlan
from .control_keys import (
    APP_KEYS,
    LIVESTREAM_KEYS,
    MEETING_KEYS,
    STATUS_KEYS,
    checked,
    count,
    one_or_more,
    sessions,
    text,
    text_or_null,
)
from .core import Core
from .faults import fault_from
from .meeting_sessions import begin_session, end_session
from .models import ApiError, Livestream
from .seeding import numbered, seed_livestreams, seed_meetings
from .settings import is_integer

Body = dict[str, Any]


def connection(core: Core, api_url: str) -> Body:
    """How to reach the API: ``{url, api_url, token, account, app, meetings}``."""
    access = core.access
    url = api_url[: -len("/client/v4")]
    return {
        "url": url,
        "api_url": api_url,
        "token": access.token,
        "account_id": access.account_id,
        "app_id": access.app_id,
        "meetings": list(core.world.meetings),
    }


def respond(core: Core, api_url: str, method: str, path: str, query: Mapping[str, str], raw: bytes) -> tuple[int, Any]:
    """Status and document of one control call; what is wrong is said as ``{error}``."""
    parts = [unquote(item) for item in path.strip("/").split("/") if item]
    name = parts[0] if parts else ""
    if name == "" and method == "GET":
        return 200, connection(core, api_url)
    # Changing one thing has its id below the collection; actors have a verb there.
    key = (method, name, len(parts) > 1)
    if key not in CALLS or len(parts) > 2:
        known = sorted(f"{verb} {item}{'/...' if deep else ''}" for verb, item, deep in CALLS)
        return 404, {"error": f"no such control call: {method} /{'/'.join(parts)}; known are {', '.join(known)}"}
    try:
        body = json.loads(raw) if raw else {}
        if not isinstance(body, dict):
            return 400, {"error": "body: must be a JSON object"}
        with core.world.lock:
            return 200, CALLS[key](core, parts[1] if len(parts) > 1 else "", query, body)
    except ApiError as error:
        return error.status, {"error": error.message}
    except json.JSONDecodeError as error:
        return 400, {"error": f"body: not valid JSON: {error}"}
    except (TypeError, ValueError) as error:
        return 400, {"error": str(error)}


def patch_settings(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    core.settings.update(body)
    return core.settings.as_dict()


def reset(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    core.reset()
    return {}


def add_webhook(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    """Another user creates a webhook."""
    return webhooks.create(core.world, check_webhook(body)).as_api()


def remove_webhook(core: Core, webhook_id: str, query: Mapping[str, str], body: Body) -> Any:
    return webhooks.delete(core.world, webhook_id).as_api()


def add_meetings(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    fields = checked(body, {**MEETING_KEYS, "n": count, "id": text})
    number, meeting_id = fields.pop("n", 1), fields.pop("id", None)
    if meeting_id is not None and (number != 1 or meeting_id.lower() in core.world.meetings):
        raise ValueError("id: names one meeting that does not exist yet")
    return {"meetings": [meeting.as_control() for meeting in seed_meetings(core.world, fields, number, meeting_id)]}


def get_apps(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    return {"apps": [app.as_api() for app in core.apps.values()]}


def add_apps(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    fields = checked(body, {**APP_KEYS, "n": count, "id": text})
    number, app_id = fields.pop("n", 1), fields.pop("id", None)
    if app_id is not None and (number != 1 or app_id in core.apps):
        raise ValueError("id: names one app that does not exist yet")
    named = numbered({"name": "App", **fields}, "name", number)
    return {"apps": [core.add_app(app_id=app_id, **each).as_api() for each in named]}


def change_meeting(core: Core, meeting_id: str, query: Mapping[str, str], body: Body) -> Any:
    meeting = core.world.meeting(meeting_id)
    fields = checked(body, MEETING_KEYS)
    meeting.past.keep(meeting, core.world.settle())
    vars(meeting).update(fields)
    return meeting.as_control()


def add_livestreams(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    """Return the livestream, or with ``n`` a list of livestreams."""
    fields = checked(body, {**LIVESTREAM_KEYS, **STATUS_KEYS, "n": count, "id": text, "sessions": sessions})
    world, number = core.world, fields.pop("n", None)
    if fields.get("meeting_id") is not None:
        fields["meeting_id"] = world.meeting(fields["meeting_id"]).id
    if "id" in fields and (number not in (None, 1) or fields["id"] in world.livestreams):
        raise ValueError("id: names one livestream that does not exist yet")
    if number is None:
        return shown(seed_livestreams(world, fields)[0])
    return {"livestreams": [shown(item) for item in seed_livestreams(world, fields, number)]}


def change_livestream(core: Core, livestream_id: str, query: Mapping[str, str], body: Body) -> Any:
    found = core.world.livestreams.get(livestream_id)
    if found is None:
        raise ApiError(404, f"id: no livestream {livestream_id}")
    fields = checked(body, {**{name: check for name, check in LIVESTREAM_KEYS.items() if name != "meeting_id"}, **STATUS_KEYS})
    err_message = fields.pop("err_message", None)
    found.past.keep(found, core.world.settle())
    if "status" in fields:
        core.world.set_status(found, fields.pop("status"), err_message)
    vars(found).update(fields)
    return shown(found)


def shown(livestream: Livestream) -> Body:
    return {**livestream.as_api(), "stopping": livestream.stopping, "sessions": [item.id for item in livestream.sessions]}


def get_livestreams(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    """Return the real state, even if reads do not show it yet."""
    core.world.settle()
    return {"livestreams": [shown(item) for item in core.world.livestreams.values()]}


def add_fault(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    return core.faults.add(fault_from(body)).as_dict()


def clear_faults(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    core.faults.clear()
    core.chaos = None
    return {}


def install_chaos(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    known = {field.name for field in dataclasses.fields(ChaosPlan)}
    for name in body:
        if name not in known:
            raise ValueError(f"{name}: no such key of a chaos plan; known are {', '.join(sorted(known))}")
    if not is_integer(body.get("seed")):
        raise ValueError("seed: must be an integer")
    core.chaos = ChaosPlan(**body)
    return dataclasses.asdict(core.chaos)


def get_requests(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    wanted = query.get("operation")
    return {"requests": [entry for entry in core.journal.entries if wanted in (None, entry["operation"])]}


def clear_requests(core: Core, _id: str, query: Mapping[str, str], body: Body) -> Any:
    core.journal.clear()
    return {}


def act(core: Core, verb: str, query: Mapping[str, str], body: Body) -> Any:
    """Another user starts, stops or creates, or people meet, by the rules; several meetings one after another, up to the first refusal."""
    fields = checked(body, {"meeting_id": one_or_more, "name": text_or_null, "by": text, "participants": count})
    by, name, world = fields.get("by", "somebody"), fields.get("name"), core.world
    if verb == "create":
        return shown(world.create(name, by=by))
    deeds: dict[str, Callable[[str], Body]] = {
        "start": lambda meeting_id: shown(world.start(meeting_id, name, by=by)),
        "stop": lambda meeting_id: shown(world.stop(meeting_id, by=by)),
        "begin": lambda meeting_id: dataclasses.asdict(begin_session(world, meeting_id, fields.get("participants", 1))),
        "end": lambda meeting_id: dataclasses.asdict(end_session(world, meeting_id)),
    }
    if verb not in deeds:
        raise ApiError(404, f"no such actor's deed: {verb}; known are {', '.join(deeds)}, create")
    if "meeting_id" not in fields:
        raise ValueError("meeting_id: missing")
    meetings, do = fields["meeting_id"], deeds[verb]
    if isinstance(meetings, str):
        return do(meetings)
    return {"sessions" if verb in ("begin", "end") else "livestreams": [do(item) for item in meetings]}


Control = Callable[[Core, str, Mapping[str, str], Body], Any]
CALLS: dict[tuple[str, str, bool], Control] = {
    ("GET", "settings", False): lambda core, _id, query, body: core.settings.as_dict(),
    ("PATCH", "settings", False): patch_settings,
    ("POST", "reset", False): reset,
    ("GET", "meetings", False): lambda core, _id, query, body: {"meetings": [item.as_control() for item in core.world.meetings.values()]},
    ("POST", "meetings", False): add_meetings,
    ("PATCH", "meetings", True): change_meeting,
    ("GET", "webhooks", False): lambda core, _id, query, body: {"webhooks": [item.as_api() for item in core.world.webhooks.values()]},
    ("POST", "webhooks", False): add_webhook,
    ("DELETE", "webhooks", True): remove_webhook,
    ("GET", "apps", False): get_apps,
    ("POST", "apps", False): add_apps,
    ("GET", "livestreams", False): get_livestreams,
    ("POST", "livestreams", False): add_livestreams,
    ("PATCH", "livestreams", True): change_livestream,
    ("GET", "faults", False): lambda core, _id, query, body: {"faults": core.faults.pending},
    ("POST", "faults", False): add_fault,
    ("DELETE", "faults", False): clear_faults,
    ("POST", "chaos", False): install_chaos,
    ("GET", "requests", False): get_requests,
    ("DELETE", "requests", False): clear_requests,
    ("GET", "effects", False): lambda core, _id, query, body: {"effects": core.world.effects},
    ("GET", "stats", False): lambda core, _id, query, body: core.stats(),
    ("POST", "actors", True): act,
}

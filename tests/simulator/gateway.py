# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The edge in front of RealtimeKit: which operation a path names, and who may pass."""

from __future__ import annotations

import dataclasses
from typing import Container, Mapping, Sequence
from urllib.parse import unquote

from . import dialects, tokens
from .calls import Operation
from .dialects import Answer
from .operations import ACCOUNT_ROUTES, ROUTES
from .settings import Settings

BASE = ["client", "v4"]
PREFIX = [*BASE, "accounts"]


@dataclasses.dataclass
class Access:
    """The access: the ids in the path, and the token."""

    account_id: str
    app_id: str
    token: str


@dataclasses.dataclass
class Route:
    """Where a path leads. ``operation`` is unknown and ``run`` None where it leads nowhere."""

    operation: str = "unknown"
    run: Operation | None = None
    account_id: str | None = None
    app_id: str | None = None
    ids: dict[str, str] = dataclasses.field(default_factory=dict)
    other_method: bool = False


TABLE, ACCOUNT_TABLE = ([(method, path.split("/"), name, run) for method, path, name, run in routes] for routes in (ROUTES, ACCOUNT_ROUTES))


def resolve(method: str, raw_path: str) -> Route:
    """Split first and decode each segment then: an escaped slash is part of an id, not of the path."""
    segments = [unquote(item) for item in raw_path.strip("/").split("/")]
    for known_method, path, name in tokens.ROUTES:
        ids = match(path.split("/"), segments[2:]) if segments[:2] == BASE and method == known_method else None
        if ids is not None:
            return Route(operation=name, account_id=ids.get("account_id"))
    if segments[:3] != PREFIX or len(segments) < 7 or segments[4:6] != ["realtime", "kit"]:
        return Route()
    route, table, below = Route(account_id=segments[3], app_id=segments[6]), TABLE, segments[7:]
    if not below:
        route, table, below = Route(account_id=segments[3]), ACCOUNT_TABLE, segments[6:]
    for known_method, pattern, name, run in table:
        ids = match(pattern, below)
        if ids is None:
            continue
        if known_method != method:
            route.other_method = True
            continue
        return dataclasses.replace(route, operation=name, run=run, ids=ids, other_method=False)
    return route


def match(pattern: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    ids: dict[str, str] = {}
    for known, given in zip(pattern, segments):
        if known.startswith("{") and given:
            ids[known[1:-1]] = given
        elif known != given:
            return None
    return ids


def is_authorized(header: str | None, access: Access) -> bool:
    scheme, _separator, token = (header or "").partition(" ")
    return scheme.lower() == "bearer" and token == access.token


def forbid(form: str, message: str) -> Answer | None:
    """A 403 in the envelope that a setting names; the edge does not say why."""
    if form == "no":
        return None
    return dialects.gateway_error(403, 10000, "Authentication error") if form == "gateway" else dialects.realtimekit_error(403, message)


def refuse(
    route: Route, header: str | None, access: Access, apps: Container[str], settings: Settings, query: Mapping[str, str]
) -> Answer | None:
    """Return the edge's own refusal of a request, or None."""
    is_known = is_authorized(header, access)
    if route.operation in tokens.OPERATIONS:
        return tokens.answer(route.operation, route.account_id, access.account_id, settings, query, is_known=is_known)
    if not is_known or settings.token_status != "active":
        return dialects.unauthorized(settings)
    if route.account_id is None:
        return dialects.gateway_error(404, 7003, "Could not route to that path, perhaps your object identifier is invalid?")
    if route.account_id != access.account_id:
        return dialects.gateway_error(settings.wrong_account_status, 10000, "Authentication error")
    forbidden = forbid(settings.token_lacks_permission, "The token lacks the permission for RealtimeKit") or forbid(
        settings.realtimekit_disabled, "RealtimeKit is not enabled for this account"
    )
    if forbidden is not None:
        return forbidden
    if route.app_id is not None and route.app_id not in apps:
        return dialects.realtimekit_error(404, "App not found")
    if route.other_method:
        return dialects.gateway_error(405, 10405, "Method not allowed for this path")
    if route.run is None:
        return dialects.gateway_error(404, 7000, "No route for that URI")
    return None

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The endpoints of webhooks. `deliveries` sends events on command."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Mapping

from . import bodies, dialects
from .calls import Call
from .dialects import Answer
from .listings import earlier
from .meetings import cleaned, without
from .models import ApiError, Past, iso
from .world import World


@dataclasses.dataclass
class Webhook:
    id: str
    name: str
    url: str
    events: list[str]
    enabled: bool
    created_at: float
    updated_at: float
    # Reads show it only from this moment on, and until its end. Lists are as late with the end as with the rest.
    visible_at: float = 0.0
    gone_at: float = math.inf
    past: Past[Webhook] = dataclasses.field(default_factory=Past, repr=False, compare=False)

    def as_api(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "url": self.url,
            "enabled": self.enabled,
            "events": list(self.events),
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


def create(
    world: World,
    fields: Mapping[str, Any],
    by: str = "somebody",
    request: int | None = None,
    commit: bool = True,
    prepared: Webhook | None = None,
) -> Webhook:
    """Create a webhook; reads show it after ``visible_lag``. A name in use is refused, unless the settings say otherwise."""
    with world.lock:
        now = world.settle()
        name = str(cleaned(world, fields["name"]))
        if world.settings.webhook_names_unique and any(each.name == name for each in world.webhooks.values()):
            raise ApiError(409, f"A webhook with name {name} already exists")
        webhook = prepared or Webhook(
            world.identities.uuid(), name, fields["url"], [*fields["events"]], fields.get("enabled", True), now, now
        )
        if commit:
            webhook.created_at = webhook.updated_at = now
            webhook.visible_at = now + world.settings.visible_lag
            world.webhooks[webhook.id] = webhook
            world.note_webhook("webhook_created", webhook, by, request, now)
        return webhook


def update(
    world: World, webhook_id: str, fields: Mapping[str, Any], by: str = "somebody", request: int | None = None, commit: bool = True
) -> Webhook:
    """Change these fields and no others."""
    with world.lock:
        now = world.settle()
        webhook = find(world, webhook_id)
        if commit:
            webhook.past.keep(webhook, now)
        else:
            webhook = dataclasses.replace(webhook)
        for name, value in fields.items():
            setattr(webhook, name, value)
        webhook.updated_at = now
        if commit:
            world.note_webhook("webhook_updated", webhook, by, request, now)
        return webhook


def delete(world: World, webhook_id: str, by: str = "somebody", request: int | None = None, commit: bool = True) -> Webhook:
    with world.lock:
        now = world.settle()
        webhook = find(world, webhook_id)
        if commit:
            del world.webhooks[webhook.id]
            webhook.gone_at = now
            world.gone_webhooks.append(webhook)
            world.note_webhook("webhook_deleted", webhook, by, request, now)
        return webhook


def find(world: World, webhook_id: str) -> Webhook:
    found = world.webhooks.get(webhook_id)
    if found is None or found.visible_at > world.settle():
        raise ApiError(404, f"No webhook found with id {webhook_id}")
    return found


def listed_webhooks(world: World) -> list[Webhook]:
    """The webhooks of every list, newest first."""
    now, lag = world.settle(), world.settings.list_lag
    late = [webhook for webhook in world.gone_webhooks if webhook.gone_at > now - lag]
    return earlier(sorted([*world.webhooks.values(), *late], key=lambda each: each.created_at)[::-1], now, lag)


# The endpoints


def list_webhooks(call: Call) -> Answer:
    """Newest first, all on one page without paging."""
    world, settings = call.world, call.world.settings
    listed = listed_webhooks(world)
    if not listed and "webhooks" in settings.empty_404:
        raise ApiError(404, "No webhooks found")
    return dialects.success(settings, [without(webhook.as_api(), settings.webhooks_list_omits) for webhook in listed])


def create_webhook(call: Call) -> Answer:
    fields = bodies.check_webhook(bodies.parse_body(call.raw))
    call.prepared = create(call.world, fields, "api", call.number, call.commit, call.prepared)
    return echo(call, call.prepared, fields, 201)


def get_webhook(call: Call) -> Answer:
    return dialects.success(call.world.settings, find(call.world, call.ids["webhook_id"]).as_api())


def update_webhook(call: Call) -> Answer:
    fields = bodies.check_webhook(bodies.parse_body(call.raw), is_update=True)
    return echo(call, update(call.world, call.ids["webhook_id"], fields, "api", call.number, call.commit), fields)


def delete_webhook(call: Call) -> Answer:
    webhook = delete(call.world, call.ids["webhook_id"], "api", call.number, call.commit)
    return echo(call, webhook, {})


def echo(call: Call, webhook: Webhook, fields: Mapping[str, Any], status: int = 200) -> Answer:
    """Return the answer to a write, as far as the settings allow. The answer to a create always has the id."""
    how = call.world.settings.update_echoes
    if how == "no_data" and status == 200:
        return Answer(200, {"success": True})
    named = {"id"} if how in ("id", "no_data") else {*fields} if how == "changed" and status == 200 else {"id", *fields}
    body = webhook.as_api()
    return dialects.success(call.world.settings, body if how == "whole" else {name: body[name] for name in body if name in named}, status)

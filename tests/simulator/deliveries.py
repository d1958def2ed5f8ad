# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Delivers events to the webhooks on command, signed with the simulator's key."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any, Mapping

import aiohttp
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .control_keys import boolean, checked, text
from .models import ApiError, Livestream
from .webhooks import Webhook
from .world import World

STATUS_UPDATE = "livestreaming.statusUpdate"


class Signer:
    """A private key, which can change."""

    def __init__(self) -> None:
        self.change()

    def change(self) -> None:
        self._key = rsa.generate_private_key(65537, 2048)

    @property
    def public_key(self) -> str:
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, body: bytes) -> str:
        return base64.b64encode(self._key.sign(body, PKCS1v15(), SHA256())).decode()


def describe(livestream: Livestream, status: str) -> dict[str, Any]:
    """The body of a status update. It has the stream key, as Cloudflare's has."""
    return {
        "event": STATUS_UPDATE,
        "streamId": livestream.id,
        "status": status,
        "manualIngest": False,
        "playbackUrl": livestream.playback_url,
        "ingestServer": livestream.ingest_server,
        "streamKey": livestream.stream_key,
        "meeting": {"id": livestream.meeting_id},
    }


def choice(*words: str) -> Any:
    def check(name: str, value: Any) -> Any:
        if value not in words:
            raise ValueError(f"{name}: must be one of {', '.join(words)}, not {value!r}")
        return value

    return check


def mapping(name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{name}: must be an object")
    return value


KEYS = {
    "livestream_id": text,
    "status": text,
    "payload": mapping,
    "delivery_id": text,
    "signature": choice("valid", "wrong", "none"),
    "headers": choice("rtk", "dyte"),
    "new_key": boolean,
}


async def respond(world: World, signer: Signer, raw: bytes) -> tuple[int, Any]:
    """Status and document of the control call `POST deliveries`."""
    try:
        body = json.loads(raw) if raw else {}
        if not isinstance(body, dict):
            return 400, {"error": "body: must be a JSON object"}
        return 200, await deliver(world, signer, body)
    except ApiError as error:
        return error.status, {"error": error.message}
    except (TypeError, ValueError) as error:
        return 400, {"error": str(error)}


async def deliver(world: World, signer: Signer, body: Mapping[str, Any]) -> dict[str, Any]:
    """Send an event to every webhook that is enabled and wants it: the ``status`` of a livestream, or any ``payload``."""
    fields = checked(body, KEYS)
    if fields.get("new_key"):
        signer.change()
    if "payload" in fields:
        payload = fields["payload"]
    else:
        livestream = world.livestream(fields.get("livestream_id", ""))
        payload = describe(livestream, fields.get("status", livestream.status))
    raw, prefix = json.dumps(payload).encode(), fields.get("headers", "rtk")
    signature = signer.sign(raw if fields.get("signature", "valid") == "valid" else raw + b" ")
    headers = {f"{prefix}-uuid": fields.get("delivery_id") or str(uuid.uuid4()), "Content-Type": "application/json"}
    if fields.get("signature") != "none":
        headers[f"{prefix}-signature"] = signature
    wanted = [each for each in world.webhooks.values() if each.enabled and payload.get("event") in each.events]
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        return {"deliveries": [await send(session, each, raw, {**headers, f"{prefix}-webhook-id": each.id}) for each in wanted]}


async def send(session: aiohttp.ClientSession, webhook: Webhook, raw: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    try:
        async with session.post(webhook.url, data=raw, headers=headers, allow_redirects=False, ssl=False) as answer:
            return {"webhook_id": webhook.id, "status": answer.status}
    except (aiohttp.ClientError, TimeoutError) as error:
        return {"webhook_id": webhook.id, "status": None, "error": type(error).__name__}

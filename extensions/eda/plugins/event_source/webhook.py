# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An event source for ansible-rulebook: the signed webhooks of Cloudflare RealtimeKit."""

from __future__ import annotations

import asyncio
import base64
import binascii
import ipaddress
import json
import logging
import ssl
from collections import OrderedDict
from pathlib import Path
from typing import Any, Awaitable, Callable, Mapping
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

DOCUMENTATION = r"""
---
short_description: Receive the signed webhooks of Cloudflare RealtimeKit
description:
  - Listens for deliveries on any path, and sends an event for each delivery that Cloudflare has signed.
  - The source answers 401 without a valid signature, 413 to more than 1 MiB, and 400 if the body is not a JSON object. It answers 200 to a
    delivery id that it has seen, and sends no event. If the rulebook does not accept an event in time, the answer is 503, and Cloudflare
    delivers it again.
  - The event has C(payload), without any stream key, and C(meta) with C(webhook_id) and C(delivery_id).
  - The signature covers only the body. A retry can have a new delivery id, so an event can come twice.
  - No documented webhook reports that a livestream is C(ERRORED). The source C(streamops.realtimekit.livestreams) does.
options:
  host:
    description: The address to listen on.
    type: str
    default: 127.0.0.1
  port:
    description: The port to listen on.
    type: int
    required: true
  public_key:
    description: The public key of the signatures, as PEM text.
    type: str
  public_key_file:
    description: The path of a file with this key. The source reads it again when a signature fails.
    type: path
  public_key_url:
    description:
      - The address of a JSON document with this key under C(data.publicKey). The source fetches it at the start, and again when a signature
        fails, at most once a minute. Without a key, the source answers 503, and Cloudflare delivers again.
      - It must begin with C(https://), unless its host is a loopback address.
      - O(public_key), O(public_key_file), and O(public_key_url) cannot be combined.
    type: str
    default: https://api.realtime.cloudflare.com/.well-known/webhooks.json
  certfile:
    description: The path of the TLS certificate with its chain. Without it, put a TLS proxy in front.
    type: path
  keyfile:
    description: The path of the private key of O(certfile). Give both or neither.
    type: path
"""

EXAMPLES = r"""
- name: Follow livestreams without polling
  hosts: localhost
  sources:
    - streamops.realtimekit.webhook:
        host: 0.0.0.0
        port: 8443
        certfile: /etc/ssl/certs/hooks.example.com.pem
        keyfile: /etc/ssl/private/hooks.example.com.pem
  rules:
    - name: Report that a livestream is on air
      condition: event.payload.event == "livestreaming.statusUpdate" and event.payload.status == "LIVE"
      action:
        debug:
          msg: "{{ event.payload.streamId }} is on air"
"""

logger = logging.getLogger("streamops.realtimekit.webhook")

WELL_KNOWN = "https://api.realtime.cloudflare.com/.well-known/webhooks.json"
ARGUMENTS = ("host", "port", "public_key", "public_key_file", "public_key_url", "certfile", "keyfile")

LARGEST_BODY = 1024 * 1024
LARGEST_KEY = 64 * 1024
#: How many delivery ids to remember.
MOST_SEEN = 10_000
#: The seconds to wait for a body, for the key, and for the rulebook to accept an event.
PATIENCE = 10.0
#: The seconds between two fetches of the key, because anyone can send a wrong signature.
KEY_PAUSE = 60.0

SIGNATURE_HEADERS = ("rtk-signature", "dyte-signature")
ID_HEADERS = ("rtk-uuid", "dyte-uuid")
WEBHOOK_HEADERS = ("rtk-webhook-id", "dyte-webhook-id")

HIDDEN = "********"


class PublicKey:
    """The key of the signatures. When a signature fails, ``read`` fetches the key again, if given."""

    def __init__(self, key: RSAPublicKey | None, read: Callable[[], Awaitable[str]] | None, clock: Callable[[], float]) -> None:
        self._key = key
        self._read = read
        self._clock = clock
        self._read_at: float | None = None
        self._lock = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the key again, unless this was done a moment ago."""
        async with self._lock:
            if not self._read or (self._read_at is not None and self._clock() - self._read_at < KEY_PAUSE):
                return
            self._read_at = self._clock()
            try:
                self._key = parse_key(await self._read())
            except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
                logger.warning("The public key could not be read (%s), the next try follows after %.0f seconds", describe(error), KEY_PAUSE)

    @property
    def is_known(self) -> bool:
        return self._key is not None

    def has_signed(self, body: bytes, signature: str) -> bool:
        """Return whether the base64 signature is valid for this body."""
        try:
            raw = base64.b64decode(signature, validate=True)
            if not self._key:
                return False
            self._key.verify(raw, body, PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def describe(error: Exception) -> str:
    """Describe the failure, without quoting the other side."""
    return str(error) if isinstance(error, ValueError) else type(error).__name__


def parse_key(pem: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError as error:
        raise ValueError("it is not a public key in PEM") from error
    if not isinstance(key, RSAPublicKey):
        raise ValueError("it is not an RSA key")
    return key


async def fetch_key(url: str) -> str:
    """Return the key from a JSON document."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session, session.get(url, allow_redirects=False) as answer:
        if answer.status != 200:
            raise ValueError(f"the address answered {answer.status}")
        body = await read_body(answer, LARGEST_KEY)
    if body is None:
        raise ValueError("the document is too large")
    document = json.loads(body)
    pem = document.get("data", {}).get("publicKey") if isinstance(document, dict) and isinstance(document.get("data", {}), dict) else None
    if not isinstance(pem, str):
        raise ValueError("the document has no data.publicKey")
    return pem


def remove_keys(payload: Any) -> Any:
    """Return the payload without its stream keys, also within other strings."""
    keys: set[str] = set()

    def remove(value: Any) -> Any:
        if isinstance(value, dict):
            for name, inner in value.items():
                if is_stream_key(name) and inner:
                    keys.add(str(inner))
            return {name: remove(inner) for name, inner in value.items() if not is_stream_key(name)}
        return [remove(inner) for inner in value] if isinstance(value, list) else value

    def hide(value: Any) -> Any:
        if isinstance(value, dict):
            return {hide(name): hide(inner) for name, inner in value.items()}
        if isinstance(value, str):
            for key in keys:
                value = value.replace(key, HIDDEN)
        return [hide(inner) for inner in value] if isinstance(value, list) else value

    return hide(remove(payload))


def is_stream_key(name: str) -> bool:
    return name.replace("_", "").replace("-", "").lower() == "streamkey"


def find_header(headers: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((headers[name] for name in names if headers.get(name)), None)


class Receiver:
    """Answers deliveries, and queues an event for each new delivery with a valid signature."""

    def __init__(self, queue: asyncio.Queue[Any], key: PublicKey) -> None:
        self._queue = queue
        self._key = key
        self._seen: OrderedDict[str, None] = OrderedDict()

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer a request. Cloudflare does not retry after a 4xx, but after a 5xx."""
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        try:
            body = await asyncio.wait_for(read_body(request), PATIENCE)
        except asyncio.TimeoutError:
            return web.Response(status=408)
        if body is None:
            return web.Response(status=413)
        refusal = await self._check(body, find_header(request.headers, SIGNATURE_HEADERS))
        if refusal:
            logger.warning("A delivery from %s was refused with %d", request.remote, refusal)
            return web.Response(status=refusal)
        try:
            payload = remove_keys(json.loads(body))
        except (ValueError, RecursionError):
            payload = None
        if not isinstance(payload, dict):
            return web.Response(status=400)
        meta = {"webhook_id": find_header(request.headers, WEBHOOK_HEADERS), "delivery_id": find_header(request.headers, ID_HEADERS)}
        return web.Response(status=await self._emit({"payload": payload, "meta": meta}))

    async def _check(self, body: bytes, signature: str | None) -> int:
        """Return the status to refuse the delivery with, or 0."""
        if not signature:
            return 401
        if self._key.has_signed(body, signature):
            return 0
        await self._key.refresh()
        if self._key.has_signed(body, signature):
            return 0
        return 401 if self._key.is_known else 503

    async def _emit(self, event: dict[str, Any]) -> int:
        delivery_id = event["meta"]["delivery_id"]
        if delivery_id in self._seen:
            return 200
        if delivery_id:
            # Before the rulebook accepts the event, because a second delivery of this id may arrive.
            self._seen[delivery_id] = None
            if len(self._seen) > MOST_SEEN:
                self._seen.popitem(last=False)
        try:
            await asyncio.wait_for(self._queue.put(event), PATIENCE)
        except asyncio.TimeoutError:
            self._seen.pop(delivery_id, None)
            return 503
        return 200


async def read_body(message: web.BaseRequest | aiohttp.ClientResponse, largest: int = LARGEST_BODY) -> bytes | None:
    """Return the whole body of a request or an answer, or None if it is too large."""
    if (message.content_length or 0) > largest:
        return None
    body = bytearray()
    async for chunk in message.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > largest:
            return None
    return bytes(body)


def check_arguments(args: Mapping[str, Any]) -> None:
    """Raises ValueError."""
    unknown = [name for name in args if name not in ARGUMENTS and name != "eda_feedback_queue"]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not an argument of this source; the arguments are {', '.join(ARGUMENTS)}")
    try:
        is_port = 0 <= int(args["port"]) <= 65535
    except (KeyError, TypeError, ValueError):
        is_port = False
    if not is_port:
        raise ValueError("port is required: a number from 0 to 65535")
    keys = [name for name in ("public_key", "public_key_file", "public_key_url") if args.get(name)]
    if len(keys) > 1:
        raise ValueError(f"{' and '.join(keys)} cannot be combined: give one of them")
    if bool(args.get("certfile")) != bool(args.get("keyfile")):
        raise ValueError("certfile and keyfile belong together: give both or neither")
    url = urlsplit(args.get("public_key_url") or WELL_KNOWN)
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname or "")):
        raise ValueError("public_key_url must begin with https://, because anyone on the network could replace the key")


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def build_key(args: Mapping[str, Any]) -> PublicKey:
    """Return the key of the arguments. A given key must exist at the start; a fetched one may arrive later."""
    clock = asyncio.get_running_loop().time
    if args.get("public_key"):
        return PublicKey(parse_key(args["public_key"]), None, clock)
    if args.get("public_key_file"):
        path = Path(args["public_key_file"])

        async def read_file() -> str:
            return path.read_text(encoding="utf-8")

        return PublicKey(parse_key(await read_file()), read_file, clock)
    key = PublicKey(None, lambda: fetch_key(args.get("public_key_url") or WELL_KNOWN), clock)
    await key.refresh()
    return key


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Listen until ansible-rulebook cancels it."""
    check_arguments(args)
    context = None
    if args.get("certfile"):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(args["certfile"], args["keyfile"])
    host = args.get("host") or "127.0.0.1"
    if not context and not is_loopback(host):
        logger.warning("Deliveries carry stream keys, and %s receives them without TLS: put a TLS proxy in front, or set certfile", host)
    receiver = Receiver(queue, await build_key(args))
    runner = web.ServerRunner(web.Server(receiver.answer, access_log=None))
    await runner.setup()
    try:
        await web.TCPSite(runner, host, int(args["port"]), ssl_context=context).start()
        logger.info("Listening on %s", runner.addresses)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()

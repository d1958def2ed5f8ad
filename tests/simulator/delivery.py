# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Putting an answer on the wire, whole or damaged."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import json
from typing import Any, Awaitable, Callable, Optional, Tuple

from aiohttp import web

from . import dialects
from .dialects import Answer
from .faults import Fault

HTML = """<!DOCTYPE html>
<html><head><title>simulator.invalid | {status}: Bad gateway</title></head>
<body><h1>Error {status}</h1><p>The web server reported a bad gateway error.</p><center>cloudflare</center></body></html>
"""
JSON = "application/json"
CHUNK = b"x" * 65536
# The response, and the status that the client got to see (None: not even that).
Delivered = Tuple[web.StreamResponse, Optional[int]]


async def deliver(request: web.BaseRequest, answer: Answer, fault: Fault | None, headers: dict[str, str]) -> Delivered:
    if fault is None:
        return plain(answer, headers), answer.status
    if fault.kind in ON_THE_WIRE:
        return await ON_THE_WIRE[fault.kind](request, answer, fault, headers)
    if fault.kind in BODIES:
        status = answer.status if answer.status < 300 else 200
        return web.Response(status=status, body=BODIES[fault.kind](answer), content_type=JSON, headers=headers), status
    changed, extra = DOCUMENTS[fault.kind](answer, fault)
    return plain(changed, {**headers, **extra}), changed.status


def plain(answer: Answer, headers: dict[str, str]) -> web.Response:
    if isinstance(answer.document, str):
        return web.Response(status=answer.status, text=answer.document, content_type="text/html", headers=headers)
    return web.Response(status=answer.status, body=encode(answer.document), content_type=JSON, headers={**headers, **answer.headers})


def encode(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


# Other bytes in place of the document

BODIES: dict[str, Callable[[Answer], bytes]] = {
    "garbage": lambda answer: b"\x00\xff\xfenot json at all\x1b",
    "empty": lambda answer: b"",
    "truncated": lambda answer: encode(answer.document)[: len(encode(answer.document)) // 2],
    "not_object": lambda answer: b'["success", true]',
    "no_data": lambda answer: b'{"success":true}',
}


# Another document in place of the answer: ``(answer, extra headers)``


def refuse(answer: Answer, fault: Fault) -> tuple[Answer, dict[str, str]]:
    status = fault.status or 500
    message = fault.message or "Something went wrong on our side"
    if fault.envelope == "gateway":
        changed = dialects.gateway_error(status, fault.code or 10001, message)
    else:
        changed = dialects.realtimekit_error(status, message)
        changed.document["error"]["code"] = fault.code or status
    return changed, waiting(fault)


def waiting(fault: Fault) -> dict[str, str]:
    return {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}


def limit(answer: Answer, fault: Fault) -> tuple[Answer, dict[str, str]]:
    return dialects.gateway_error(429, 971, fault.message or "Please wait and consider throttling your request speed"), waiting(fault)


def show_page(answer: Answer, fault: Fault) -> tuple[Answer, dict[str, str]]:
    return Answer(fault.status or 502, HTML.format(status=fault.status or 502)), waiting(fault)


def redirect(answer: Answer, fault: Fault) -> tuple[Answer, dict[str, str]]:
    return Answer(fault.status or 307, ""), {"Location": fault.location}


def deny(answer: Answer, fault: Fault) -> tuple[Answer, dict[str, str]]:
    changed = dialects.realtimekit_error(answer.status if answer.status < 300 else 200, fault.message or "Request could not be processed")
    changed.document["error"]["code"] = fault.code or 400
    return changed, {}


def without_ids(answer: Answer, fault: Fault) -> tuple[Answer, dict[str, str]]:
    return dataclasses.replace(answer, document=walk(answer.document, lambda name, value: name != "id", lambda name, value: value)), {}


def unheard_of(answer: Answer, fault: Fault) -> tuple[Answer, dict[str, str]]:
    changed = walk(answer.document, lambda name, value: True, lambda name, value: "WARMING_UP" if name == "status" else value)
    return dataclasses.replace(answer, document=changed), {}


def walk(value: Any, keep: Callable[[str, Any], bool], change: Callable[[str, Any], Any]) -> Any:
    if isinstance(value, list):
        return [walk(item, keep, change) for item in value]
    if isinstance(value, dict):
        return {name: change(name, walk(item, keep, change)) for name, item in value.items() if keep(name, item)}
    return copy.copy(value)


DOCUMENTS: dict[str, Callable[[Answer, Fault], tuple[Answer, dict[str, str]]]] = {
    "status": refuse,
    "html": show_page,
    "rate_limited": limit,
    "redirect": redirect,
    "success_false": deny,
    "missing_keys": without_ids,
    "unknown_status": unheard_of,
}


# Answers that no response object supports


def abort(request: web.BaseRequest) -> web.Response:
    """Cut the connection; aiohttp finds it closed and sends nothing of the response."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def head(answer: Answer, headers: dict[str, str], length: int) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} Simulated", f"Content-Type: {JSON}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in {**headers, **answer.headers}.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def drop(request: web.BaseRequest, answer: Answer, fault: Fault, headers: dict[str, str]) -> Delivered:
    return abort(request), None


async def drop_midway(request: web.BaseRequest, answer: Answer, fault: Fault, headers: dict[str, str]) -> Delivered:
    body = encode(answer.document)
    if request.transport is not None:
        request.transport.write(head(answer, headers, len(body)) + body[: len(body) // 2])
        # abort() throws away what has not left yet.
        await asyncio.sleep(0.005)
    return abort(request), answer.status


def interim_head(status: int) -> bytes:
    return f"HTTP/1.1 {status} Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n".encode()


async def interim(request: web.BaseRequest, answer: Answer, fault: Fault, headers: dict[str, str]) -> Delivered:
    if request.transport is not None:
        request.transport.write(interim_head(103))
    return plain(answer, headers), answer.status


async def interim_only(request: web.BaseRequest, answer: Answer, fault: Fault, headers: dict[str, str]) -> Delivered:
    if request.transport is not None:
        request.transport.write(interim_head(fault.status or 103))
        request.transport.close()
    return web.Response(), None


async def hang(request: web.BaseRequest, answer: Answer, fault: Fault, headers: dict[str, str]) -> Delivered:
    await asyncio.sleep(fault.seconds or 0)
    return abort(request), None


async def slow_drip(request: web.BaseRequest, answer: Answer, fault: Fault, headers: dict[str, str]) -> Delivered:
    body = encode(answer.document)
    response = web.StreamResponse(status=answer.status, headers={**headers, "Content-Type": JSON, "Content-Length": str(len(body))})
    await response.prepare(request)
    for index in range(len(body)):
        await response.write(body[index : index + 1])
        await asyncio.sleep(fault.seconds or 0)
    return response, answer.status


async def slow_headers(request: web.BaseRequest, answer: Answer, fault: Fault, headers: dict[str, str]) -> Delivered:
    body = encode(answer.document)
    for byte in head(answer, {**headers, "Connection": "close"}, len(body)):
        if request.transport is None or request.transport.is_closing():
            return abort(request), None
        request.transport.write(bytes([byte]))
        await asyncio.sleep(fault.seconds or 0)
    if request.transport is not None:
        request.transport.write(body)
        request.transport.close()
    return web.Response(), answer.status


async def oversize(request: web.BaseRequest, answer: Answer, fault: Fault, headers: dict[str, str]) -> Delivered:
    """Chunked, so that no content length warns of it."""
    status = answer.status if answer.status < 300 else 200
    response = web.StreamResponse(status=status, headers={**headers, "Content-Type": JSON})
    response.enable_chunked_encoding()
    await response.prepare(request)
    start = b'{"success":true,"data":{"name":"'
    await response.write(start[: fault.size])
    left = max(0, fault.size - len(start))
    while left:
        await response.write(CHUNK[:left])
        left -= min(left, len(CHUNK))
    return response, status


Wire = Callable[[web.BaseRequest, Answer, Fault, "dict[str, str]"], Awaitable[Delivered]]
ON_THE_WIRE: dict[str, Wire] = {
    "drop": drop,
    "drop_midway": drop_midway,
    "interim": interim,
    "interim_only": interim_only,
    "hang": hang,
    "slow_drip": slow_drip,
    "slow_headers": slow_headers,
    "oversize": oversize,
}

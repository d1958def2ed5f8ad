# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an HTTP request to an answer: the order in which gateway, limit, faults and operations act."""

from __future__ import annotations

import asyncio
import secrets
import time
from email.utils import formatdate

from aiohttp import web

from . import control, deliveries, dialects, gateway
from .calls import Call
from .core import Core
from .deliveries import Signer
from .delivery import deliver
from .dialects import Answer
from .faults import Fault
from .gateway import Route
from .limits import Verdict
from .models import ApiError
from .operations import WRITES

CONTROL = "/_simulator"
WELL_KNOWN = "/.well-known/webhooks.json"


class Front:
    """The request handler of one simulator."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.api_url = ""
        self._signer: Signer | None = None

    @property
    def signer(self) -> Signer:
        """Made when it is needed: a key takes its time."""
        self._signer = self._signer or Signer()
        return self._signer

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if path == WELL_KNOWN:
            return web.json_response({"success": True, "data": {"publicKey": self.signer.public_key}})
        if path == f"{CONTROL}/deliveries" and request.method == "POST":
            status, document = await deliveries.respond(self.core.world, self.signer, await request.read())
            return web.json_response(document, status=status)
        if path == CONTROL or path.startswith(CONTROL + "/"):
            status, document = control.respond(
                self.core, self.api_url, request.method, path[len(CONTROL) :], request.query, await request.read()
            )
            return web.json_response(document, status=status)
        return await self.answer_api(request, path)

    async def answer_api(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        core = self.core
        route = gateway.resolve(request.method, path)
        verdict = core.limit.count()
        raw = await request.read()
        query = dict(request.query)
        entry = core.journal.open(
            core.world.clock(), request.method, path, route.operation, query, raw, core.journal.connection(request.transport)
        )
        core.journal.note_agent(entry, request.headers.get("User-Agent"))
        entry["authorized"] = gateway.is_authorized(request.headers.get("Authorization"), core.access)
        status: int | None = None
        try:
            if core.settings.latency:
                await asyncio.sleep(core.settings.latency)
            date = formatdate(time.time() + core.settings.clock_offset, usegmt=True)
            headers = {"cf-ray": secrets.token_hex(8) + "-SIM", "Date": date, **verdict.headers()}
            if verdict.refused:
                answer, fault = dialects.gateway_error(429, 971, "Please wait and consider throttling your request speed"), None
            else:
                fault = core.pick_fault(route.operation, request.method, route.ids, query)
                entry["fault"] = fault.kind if fault else None
                header = request.headers.get("Authorization")
                refusal = gateway.refuse(route, header, core.access, core.apps, core.settings, query)
                world = core.apps[route.app_id].world if route.app_id in core.apps else core.world
                call = Call(world, route.ids, query, raw, entry["number"], apps=core.apps)
                answer = refusal or self.run(route, call, fault)
            if fault is not None and fault.kind == "rate_limited":
                headers.update(exhausted(verdict, fault))
            response, status = await deliver(request, answer, fault, headers)
            return response
        finally:
            core.journal.close(entry, status)

    def run(self, route: Route, call: Call, fault: Fault | None) -> Answer:
        """Do what was asked; with a fault, a write may only pretend, or happen later."""
        assert route.run is not None
        spoiled = fault is not None and route.operation in WRITES
        if spoiled and fault is not None and (fault.when == "before" or fault.write_lag):
            call.commit = False
        answer = self.perform(route, call)
        if spoiled and fault is not None and fault.when == "after" and fault.write_lag:
            self.write_later(route, call, fault.write_lag)
        return answer

    def perform(self, route: Route, call: Call) -> Answer:
        assert route.run is not None
        try:
            # One operation sees one state, even if other threads change the world.
            with call.world.lock:
                return route.run(call)
        except ApiError as error:
            return dialects.refusal(error)

    def write_later(self, route: Route, call: Call, seconds: float) -> None:
        """Decide again when the time has come: what was refused now may pass then, and the other way round."""
        core, generation = self.core, self.core.generation
        core.late_writes += 1

        def commit() -> None:
            core.late_writes -= 1
            if core.generation == generation:
                call.commit = True
                self.perform(route, call)

        (core.later or asyncio.get_running_loop().call_later)(seconds, commit)


def exhausted(verdict: Verdict, fault: Fault) -> dict[str, str]:
    """A 429 says that nothing is left, also where the count knows better."""
    seconds = fault.retry_after if isinstance(fault.retry_after, int) else verdict.reset
    return {"Ratelimit": f'"default";r=0;t={seconds}'}

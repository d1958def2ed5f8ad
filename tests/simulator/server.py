# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator object: an HTTP server in a separate thread."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Sequence, Union

from aiohttp import web

from .app import Front
from .chaos import ChaosPlan
from .core import Core
from .faults import Fault
from .journal import Entry
from .settings import Settings
from .world import World

if TYPE_CHECKING:
    from typing_extensions import Self

Tls = Union[ssl.SSLContext, "tuple[str, str]", None]


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Simulator:
    """``with Simulator() as sim:`` serves the API on a free port of the loopback interface.

    ``settings`` is used, not copied: change ``sim.settings`` while it runs. ``meetings`` is a number or a list of
    ids, ``livestreams`` the number of independent livestreams that exist from the beginning. ``tls`` is a context or the
    paths ``(certificate, key)``. ``clock`` gives seconds since the epoch and rules lifecycle and rate limit; latency and slow
    faults take real time. ``later(seconds, call)`` makes late writes come when that clock says so; without it they take real
    time too. Raises ``ValueError`` for a host that is not loopback and ``OSError`` where the port cannot be had.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        seed: int | None = None,
        tls: Tls = None,
        host: str = "127.0.0.1",
        port: int = 0,
        meetings: int | Sequence[str] = 3,
        token: str | None = None,
        account_id: str | None = None,
        app_id: str | None = None,
        clock: Callable[[], float] = time.time,
        later: Callable[[float, Callable[[], None]], Any] | None = None,
        livestreams: int = 0,
    ) -> None:
        if not is_loopback(host):
            raise ValueError(f"host: only loopback is served, not {host}")
        self.core = Core(settings, seed, meetings, token, account_id, app_id, clock, later, livestreams)
        self._host, self._port = host, port
        self._tls = context_of(tls)
        self._front = Front(self.core)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._listening = threading.Event()

    # -- serving

    def __enter__(self) -> Self:
        self.serve()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def serve(self) -> Self:
        """Listen; on return the port answers."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
            # Connections queue from here on, so no caller must wait for the thread.
            listener.listen(1024)
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self._front.api_url = self.api_url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(self._loop, listener), name="simulator", daemon=True)
        self._thread.start()
        self._listening.wait()
        return self

    def close(self) -> None:
        """Stop at once; answers still under way are cut off."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        self._loop = self._thread = None

    def _run(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        async def listen() -> web.ServerRunner:
            runner = web.ServerRunner(web.Server(self._front, access_log=None), shutdown_timeout=0.01)
            await runner.setup()
            await web.SockSite(runner, listener, ssl_context=self._tls, backlog=1024).start()
            return runner

        try:
            asyncio.set_event_loop(loop)
            runner = loop.run_until_complete(listen())
            self._listening.set()
            loop.run_forever()
            loop.run_until_complete(runner.cleanup())
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        finally:
            # In any case, no caller may wait forever.
            self._listening.set()
            loop.close()

    # -- where it is

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self._port}"

    @property
    def api_url(self) -> str:
        return self.url + "/client/v4"

    @property
    def control_url(self) -> str:
        return self.url + "/_simulator"

    @property
    def app_url(self) -> str:
        """The prefix of every endpoint."""
        return f"{self.api_url}/accounts/{self.account_id}/realtime/kit/{self.app_id}"

    @property
    def token(self) -> str:
        return self.core.access.token

    @property
    def account_id(self) -> str:
        return self.core.access.account_id

    @property
    def app_id(self) -> str:
        return self.core.access.app_id

    @property
    def meetings(self) -> list[str]:
        """The ids of all meetings, oldest first."""
        return list(self.world.meetings)

    # -- what it holds

    @property
    def world(self) -> World:
        return self.core.world

    @property
    def settings(self) -> Settings:
        return self.core.settings

    @property
    def requests(self) -> list[Entry]:
        """The request log, oldest first; copies."""
        return self.core.journal.entries

    @property
    def effects(self) -> list[dict[str, Any]]:
        return self.world.effects

    @property
    def faults(self) -> list[dict[str, Any]]:
        """The rules still in force, with what is left of ``times`` and ``skip``."""
        return self.core.faults.pending

    @property
    def stats(self) -> dict[str, Any]:
        return self.core.stats()

    def fault(self, kind: str | Fault, operation: Any = None, **values: Any) -> Fault:
        """Add a rule: a ``Fault``, or what makes one."""
        return self.core.faults.add(kind if isinstance(kind, Fault) else Fault(kind, operation, **values))

    def install(self, chaos: ChaosPlan | None) -> None:
        """Failures by chance from now on; None ends them."""
        self.core.chaos = chaos

    def clear(self) -> None:
        self.core.clear()

    def reset(self) -> None:
        self.core.reset()

    def drain(self, timeout: float = 5.0) -> bool:
        """Wait until no request is in flight and no late write is to come; False if that takes too long."""
        end = time.monotonic() + timeout
        while not self.core.is_quiet():
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True


def context_of(tls: Tls) -> ssl.SSLContext | None:
    if not isinstance(tls, tuple):
        return tls
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)
    return context

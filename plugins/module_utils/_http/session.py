# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The ``requests`` session that all requests of a task share, and its connections."""

from __future__ import annotations

from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple

from .deadline import TimedAnswer
from .opening import FreshPool, ReportingConnection
from .pacing import LONGEST_HOLD

try:
    import requests
    from requests import Session
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase
except ImportError:
    HAS_REQUESTS = False
    Session = HTTPAdapter = AuthBase = object  # type: ignore[assignment, misc]
else:
    HAS_REQUESTS = True


class Connection(NamedTuple):
    """The address of the API and the connection settings; ``timeout`` in seconds, ``retries`` after the first try."""

    url: str
    token: str
    account_id: str
    app_id: str | None  #: None for resources of the account
    timeout: float
    retries: int
    verify: bool | str = True  #: a path means a CA bundle
    is_direct: bool = False  #: through no proxy, even if the environment names one
    task_timeout: float | None = None  #: seconds after the client's start in which it may send requests
    longest_hold: float = LONGEST_HOLD  #: the most seconds of one hold for the rate limit


def build_session(connections: int) -> ApiSession:
    """Return a session that keeps connections alive, sends no cookies, and never retries."""
    session = ApiSession()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update({"Accept": "application/json", "User-Agent": "ansible-streamops.realtimekit"})
    adapter = _Adapter(pool_connections=1, pool_maxsize=connections, pool_block=True, max_retries=0)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session


class ApiSession(Session):
    """Returns a redirect as an answer. requests would otherwise read its whole body to follow it."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 (requests names it)
        return None


class Bearer(AuthBase):
    """Sets the token as ``auth``, because requests would replace a plain header by the entry in ``~/.netrc``."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@lru_cache(maxsize=None)
def _refine(pool: Any) -> Any:
    """Return a urllib3 pool class whose connections report their phases and whose answers end in time."""
    connection = type("Connection", (ReportingConnection, pool.ConnectionCls), {"response_class": TimedAnswer})
    return type("Pool", (FreshPool, pool), {"ConnectionCls": connection})


class _Adapter(HTTPAdapter):
    """Uses these pools for direct connections and for each kind of proxy. SOCKS has its own pools."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._refine_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = self.proxy_manager.get(proxy)
        if manager is None:
            manager = super().proxy_manager_for(proxy, **kwargs)
            self._refine_pools(manager)
        return manager

    @staticmethod
    def _refine_pools(manager: Any) -> None:
        manager.pool_classes_by_scheme = {scheme: _refine(pool) for scheme, pool in manager.pool_classes_by_scheme.items()}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""This machine's part of a request: the proxy, the trusted CA certificates, and the libraries."""

from __future__ import annotations

import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

from .session import HAS_REQUESTS, Connection, build_session

if HAS_REQUESTS:
    import requests
    import urllib3
    from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy


class Route(NamedTuple):
    """The route to the API: ``proxy`` without its user and password, or None, and the path of the CAs."""

    proxy: str | None
    ca: str


def find_route(connection: Connection) -> Route:
    """Return the route that `exchange` will use, as ``requests`` determines it."""
    parts = urlsplit(connection.url)
    proxies = {"no_proxy": parts.hostname or ""} if connection.is_direct else {}
    with build_session(1) as session:
        settings = session.merge_environment_settings(connection.url, proxies, stream=True, verify=connection.verify, cert=None)
    proxy = select_proxy(connection.url, settings["proxies"])
    ca = settings["verify"] if isinstance(settings["verify"], str) else DEFAULT_CA_BUNDLE_PATH
    return Route(_hide_user(proxy) if proxy else None, ca)


def list_libraries() -> dict[str, str]:
    """Return the version of each library that a request depends on."""
    urllib3_version: str = urllib3.__version__  # type: ignore[attr-defined] # which it does not list as its own
    return {"requests": requests.__version__, "urllib3": urllib3_version, "OpenSSL": ssl.OPENSSL_VERSION.replace("OpenSSL ", "")}


def _hide_user(url: str) -> str:
    """Return the address of a proxy without possible secrets."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        address = f"{parts.scheme}://{host}:{parts.port}" if parts.port else f"{parts.scheme}://{host}"
        is_clear = bool(host) and "@" not in parts.path + parts.query + parts.fragment  # a password with "/", "?", or "#" ends the host
    except ValueError:
        is_clear = False
    if not is_clear:
        return "an address that cannot be read, and is not shown as it may hold a password"
    return f"{address} (with a user, who is not shown)" if "@" in parts.netloc else address

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account to ask, and what the user allows: from environment variables."""

from __future__ import annotations

import re
from typing import Mapping, NamedTuple
from urllib.parse import urlsplit

CLOUDFLARE = "https://api.cloudflare.com/client/v4"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class RefusedError(Exception):
    """The probe does not begin, and why."""


class Account(NamedTuple):
    """How to reach the account's app."""

    url: str
    token: str
    account_id: str
    app_id: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


class Allowed(NamedTuple):
    """The steps that the probe may take, and how long it may wait."""

    create: bool = False  #: one independent livestream, which cannot be deleted
    timeout: float = 180.0  #: seconds to wait for LIVE and for a playback URL
    watch: float = 0.0  #: seconds to watch a livestream whose meeting is empty


def find_account(environ: Mapping[str, str]) -> Account:
    """The account that the environment names, if the user has agreed to use it."""
    if environ.get("RTK_LIVE") != "yes":
        raise RefusedError(
            "Nothing was sent. This starts and stops a livestream in a real account. If you want that, read docs/real-account.md and set "
            "RTK_LIVE=yes. To see it with a simulated account, run: make live ARGS=--simulator"
        )
    named = ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_REALTIMEKIT_APP_ID")
    missing = [name for name in named if not environ.get(name)]
    if missing:
        raise RefusedError(f"Nothing was sent. Set {' and '.join(missing)}.")
    token, account_id, app_id = (environ[name] for name in named)
    for name, value in (("CLOUDFLARE_ACCOUNT_ID", account_id), ("CLOUDFLARE_REALTIMEKIT_APP_ID", app_id)):
        if not re.fullmatch(r"[A-Za-z0-9_-]+", value):
            raise RefusedError(f"Nothing was sent. {name} is not an id: it may have letters, digits, '_', and '-'.")
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise RefusedError("Nothing was sent. CLOUDFLARE_API_TOKEN is not a token: it has a space or another character that no token has.")
    account = Account((environ.get("CLOUDFLARE_BASE_URL") or CLOUDFLARE).rstrip("/"), token, account_id, app_id)
    scheme = urlsplit(account.url).scheme
    if not account.host or not (scheme == "https" or (scheme == "http" and account.host in LOOPBACK)):
        raise RefusedError("Nothing was sent. CLOUDFLARE_BASE_URL must start with https://, because the token goes there.")
    return account


def find_allowed(environ: Mapping[str, str]) -> Allowed:
    seconds = {}
    for name, default in (("RTK_LIVE_TIMEOUT", Allowed().timeout), ("RTK_LIVE_WATCH", Allowed().watch)):
        text = environ.get(name) or str(default)
        if not re.fullmatch(r"\d+(\.\d+)?", text):
            raise RefusedError(f"Nothing was sent. {name} must be seconds, such as 300.")
        seconds[name] = float(text)
    return Allowed(environ.get("RTK_LIVE_CREATE") == "yes", seconds["RTK_LIVE_TIMEOUT"], seconds["RTK_LIVE_WATCH"])

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The API's own view of the token, and the accounts that it reaches.

Source: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/, the same below
``accounts``, and https://developers.cloudflare.com/api/resources/accounts/methods/list/
"""

from __future__ import annotations

from typing import Any

from .._http.answers import Payload
from .._http.client import Client
from .shapes import find_rows, keep_single

#: Read at most so many accounts. A list of this length may be incomplete.
MOST_ACCOUNTS = 50


def verify_token(client: Client, account_id: str | None = None) -> dict[str, Any]:
    """Return ``status`` (active, disabled, or expired) and ``expires_on`` of the token of a user or of this account.

    An endpoint answers only for its own kind of token, and refuses the other kind like an unknown token.
    """
    owner = ("user",) if account_id is None else ("accounts", account_id)
    return client.of_api().get((*owner, "tokens", "verify"), _parse_token)


def list_accounts(client: Client) -> list[dict[str, Any]]:
    """Return ``id`` and ``name`` of the accounts that a user's token reaches, at most MOST_ACCOUNTS.

    Without a permission for account settings, the list may be empty. The API refuses a token of an account.
    """
    rows = client.of_api().get(("accounts",), lambda payload: find_rows(payload.data, "accounts"), {"page": 1, "per_page": MOST_ACCOUNTS})
    return [{field: keep_single(row.get(field)) for field in ("id", "name")} for row in rows if isinstance(row, dict)]


def _parse_token(payload: Payload) -> dict[str, Any]:
    if not isinstance(payload.data, dict) or not isinstance(payload.data.get("status"), str):
        raise ValueError("something other than the status of a token")
    return {field: keep_single(payload.data.get(field)) for field in ("status", "expires_on")}

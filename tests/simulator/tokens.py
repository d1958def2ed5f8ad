# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The edge's answers about the token: whether it works, and which accounts it reaches."""

from __future__ import annotations

from typing import Any, Mapping

from . import dialects
from .dialects import Answer
from .settings import Settings

#: Method, path below ``/client/v4``, and the operation as the request log names it.
ROUTES = (
    ("GET", "user/tokens/verify", "verify_user_token"),
    ("GET", "accounts/{account_id}/tokens/verify", "verify_account_token"),
    ("GET", "accounts", "list_accounts"),
)
OPERATIONS = tuple(name for _method, _path, name in ROUTES)

EXPIRED = "2026-01-31T23:59:59Z"


def answer(
    operation: str, account_id: str | None, own_account_id: str, settings: Settings, query: Mapping[str, str], *, is_known: bool
) -> Answer:
    """``account_id`` is that of the path, ``is_known`` whether the header has the token."""
    if not is_known:
        return refuse()
    if operation == "list_accounts":
        return list_accounts(own_account_id, settings, query)
    owner = "user" if operation == "verify_user_token" else "account"
    if account_id not in (None, own_account_id):
        return dialects.gateway_error(settings.wrong_account_status, 10000, "Authentication error")
    return verify(settings) if owner == settings.token_owner else refuse()


def refuse() -> Answer:
    """The same for a token that does not exist and for one of the other kind."""
    return dialects.gateway_error(401, 1000, "Invalid API Token")


def verify(settings: Settings) -> Answer:
    token = {"id": "ed17574386854bf78a67040be0a770b0", "status": settings.token_status}
    if settings.token_status == "expired":
        token["expires_on"] = EXPIRED
    if settings.token_status != "active":
        return succeed(token)
    return succeed(token, {"code": 10000, "message": "This API Token is valid and active", "type": None})


def list_accounts(own_account_id: str, settings: Settings, query: Mapping[str, str]) -> Answer:
    """One page has all there is."""
    if settings.token_owner == "account":
        return dialects.gateway_error(400, 1001, "List accounts endpoint does not support account owned tokens.")
    if settings.accounts_list == "forbidden":
        return dialects.gateway_error(403, 9109, "Unauthorized to access requested resource")
    is_there = settings.accounts_list == "whole" and query.get("page", "1") == "1"
    return succeed([{"id": own_account_id, "name": "Simulated account"}] if is_there else [])


def succeed(result: Any, *messages: Any) -> Answer:
    """The envelope of the edge, independent of RealtimeKit's envelope."""
    return Answer(200, {"result": result, "success": True, "errors": [], "messages": list(messages)})

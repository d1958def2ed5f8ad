# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cloudflare's client for tokens and accounts, and further answers of the edge."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import cloudflare
import pytest
import requests
from cloudflare import Cloudflare

OTHER = "0" * 32


@pytest.mark.parametrize("status", ["active", "disabled", "expired"])
def test_token_of_a_user_is_verified(client: Cloudflare, sim: Any, status: str) -> None:
    sim.settings.token_status = status
    token = client.user.tokens.verify()
    assert token is not None
    assert (token.status, token.expires_on is not None) == (status, status == "expired")
    with pytest.raises(cloudflare.AuthenticationError, match="Invalid API Token"):
        client.accounts.tokens.verify(account_id=sim.account_id)


def test_token_of_an_account_is_verified(client: Cloudflare, sim: Any) -> None:
    sim.settings.token_owner = "account"
    token = client.accounts.tokens.verify(account_id=sim.account_id)
    assert token is not None
    assert token.status == "active"
    with pytest.raises(cloudflare.AuthenticationError, match="Invalid API Token"):
        client.user.tokens.verify()
    with pytest.raises(cloudflare.PermissionDeniedError, match="Authentication error"):
        client.accounts.tokens.verify(account_id=OTHER)
    with pytest.raises(cloudflare.BadRequestError, match="does not support account owned tokens"):
        client.accounts.list()


def test_unknown_token_is_refused(client: Cloudflare, sim: Any) -> None:
    unknown = client.with_options(api_token="sim_unknown")
    for ask in (unknown.user.tokens.verify, unknown.accounts.list, lambda: unknown.accounts.tokens.verify(account_id=sim.account_id)):
        with pytest.raises(cloudflare.AuthenticationError, match="Invalid API Token"):
            ask()


def test_token_that_is_not_active_does_nothing(api: Any, sim: Any) -> None:
    sim.settings.token_status = "disabled"
    assert api.get("meetings").status_code == 401
    assert [entry["operation"] for entry in sim.requests] == ["list_meetings"]


def test_accounts(client: Cloudflare, sim: Any) -> None:
    assert [(account.id, account.name) for account in client.accounts.list()] == [(sim.account_id, "Simulated account")]
    sim.settings.accounts_list = "empty"
    assert list(client.accounts.list()) == []
    sim.settings.accounts_list = "forbidden"
    with pytest.raises(cloudflare.PermissionDeniedError, match="9109"):
        client.accounts.list()


@pytest.mark.parametrize("path", ["user/tokens", "user/tokens/verify/x", "accounts/a/tokens", "users/tokens/verify"])
def test_nothing_else_is_there(api: Any, sim: Any, path: str) -> None:
    answer = api.session.get(f"{sim.api_url}/{path}", timeout=5)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, 7003)


@pytest.mark.parametrize("offset", [0.0, 600.0, -600.0])
def test_clock_is_off_as_configured(api: Any, sim: Any, offset: float) -> None:
    sim.settings.update({"clock_offset": offset})
    told = parsedate_to_datetime(api.get("meetings").headers["Date"]).timestamp()
    assert abs(told - time.time() - offset) < 30


@pytest.mark.parametrize(("status", "code"), [(404, 7000), (405, 10405), (410, None), (501, None)])
def test_create_can_be_gone(api: Any, sim: Any, status: int, code: int | None) -> None:
    sim.settings.update({"create_gone_status": status})
    answer: requests.Response = api.create(name="studio")
    assert answer.status_code == status
    document = answer.json()
    assert (document["errors"][0]["code"] if code else document["error"]["code"]) == (code or status)
    assert api.get("livestreams").json()["data"] == []
    sim.settings.update({"create_gone_status": 0})
    assert api.create(name="studio").status_code == 201

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API's answers about the token and its accounts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.tokens import list_accounts, verify_token
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import LostAnswerError
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock, FakeAPI, Reply, build_client

API = "https://api.test/client/v4"


def said(result: Any) -> Reply:
    return Reply(200, {"result": result, "success": True, "errors": [], "messages": []})


@pytest.mark.parametrize(("account_id", "path"), [(None, "/user/tokens/verify"), ("acc/1", "/accounts/acc/1/tokens/verify")])
def test_token_is_verified_where_its_kind_is(clock: Clock, account_id: str | None, path: str) -> None:
    api = FakeAPI(said({"id": "ed17", "status": "active", "expires_on": "2027-01-01T00:00:00Z", "not_before": None}))
    assert verify_token(build_client(api, clock), account_id) == {"status": "active", "expires_on": "2027-01-01T00:00:00Z"}
    assert api.requests == [("GET", f"{API}{path}".replace("acc/1", "acc%2F1"), {}, None)]


def test_token_without_an_end_has_none(clock: Clock) -> None:
    assert verify_token(build_client(FakeAPI(said({"status": "disabled"})), clock)) == {"status": "disabled", "expires_on": None}


@pytest.mark.parametrize("result", [None, [], "active", {}, {"status": 1}], ids=str)
def test_answer_without_a_status_is_none(clock: Clock, result: Any) -> None:
    with pytest.raises(LostAnswerError, match="something other than the status of a token"):
        verify_token(build_client(FakeAPI(said(result)), clock, retries=0))


def test_accounts_have_ids_and_names(clock: Clock) -> None:
    api = FakeAPI(said([{"id": "a", "name": "Studio", "type": "standard"}, {"id": "b"}, "c"]))
    assert list_accounts(build_client(api, clock)) == [{"id": "a", "name": "Studio"}, {"id": "b", "name": None}]
    assert api.requests == [("GET", f"{API}/accounts?page=1&per_page=50", {"page": "1", "per_page": "50"}, None)]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rtk_connection_info from its options to its end."""

from __future__ import annotations

import json
from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._task import run as task_run
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_connection_info
from ansible_collections.streamops.realtimekit.tests.unit.fake_ansible import Ran, run_as_module
from ansible_collections.streamops.realtimekit.tests.unit.fake_server import FakeServer, http
from ansible_collections.streamops.realtimekit.tests.unit.fakes import TOKEN

Play = Callable[..., Ran]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Play:
    def end(**options: Any) -> Ran:
        for variable in ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_REALTIMEKIT_APP_ID"):
            monkeypatch.setenv(variable, options.pop(variable, ""))
        return run_as_module(monkeypatch, capsys, rtk_connection_info.main, options, check_mode=True, diff=True)

    return end


def statuses(ran: Ran) -> dict[str, str]:
    assert (ran.failed, ran.result["changed"], "diff" in ran.result) == (False, False, False)
    return {check["name"]: check["status"] for check in ran.result["checks"]}


def test_module_ends_cleanly_after_any_failure(play: Play) -> None:
    ran = play(api_token=TOKEN, api_url="http://127.0.0.1:9")
    assert [name for name, status in statuses(ran).items() if status == "failed"] == ["connection", "account", "app"]
    assert ran.result["rate_limit"]["requests"] == 2


def test_no_options_are_given(play: Play) -> None:
    ran = play()
    assert [name for name, status in statuses(ran).items() if status == "failed"] == ["token", "account", "app"]
    assert ran.result["rate_limit"]["requests"] == 0
    assert "*" not in ran.text, "nothing is a secret"


@pytest.mark.parametrize("option", ["api_token", "CLOUDFLARE_API_TOKEN"])
def test_token_is_hidden_also_where_the_api_repeats_it(play: Play, option: str) -> None:
    said = json.dumps({"success": False, "errors": [{"code": 1000, "message": f"No such token: {TOKEN}"}]}).encode()
    answer = [http(said, "401 Unauthorized")]
    with FakeServer(answer, answer, answer) as server:
        ran = play(**{option: TOKEN}, account_id="a", app_id="b", api_url=server.url)
    (token,) = [check for check in ran.result["checks"] if check["name"] == "token"]
    assert token["status"] == "failed"
    assert "No such token: ********" in token["detail"] or ran.secrets == [TOKEN]
    assert TOKEN not in ran.text or ran.secrets == [TOKEN]
    assert [request.split()[1] for request in server.requests] == [
        *(b"/user/tokens/verify", b"/accounts/a/tokens/verify"),
        b"/accounts/a/realtime/kit/apps?sort_order=ASC&page_no=1&per_page=100",
    ]


def test_missing_requests_is_a_result(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_run, "HAS_REQUESTS", False)
    ran = play(api_token=TOKEN)
    assert [name for name, status in statuses(ran).items() if status == "failed"] == ["versions"]
    assert "rate_limit" not in ran.result
    (versions,) = [check for check in ran.result["checks"] if check["name"] == "versions"]
    assert "Failed to import the required Python library (requests)" in versions["detail"]

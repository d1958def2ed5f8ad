# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The exact requests: address, headers, query, and body."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.deadline import TimedAnswer
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.session import _refine, build_session
from ansible_collections.streamops.realtimekit.tests.unit.fakes import CONNECTION, TOKEN, Clock, FakeAPI, build_client, ok
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

HEADERS = {
    "User-Agent": "ansible-streamops.realtimekit",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "keep-alive",
    "Authorization": f"Bearer {TOKEN}",
}


def everything(payload: Any) -> Any:
    return payload


def sent(clock: Clock, method: str = "get", *content: Any, segments: tuple[str, ...] = ("meetings", "m1"), **connection: Any) -> Any:
    """The one request that a call sends."""
    api = FakeAPI(ok({"id": "x"}))
    assert getattr(build_client(api, clock, **connection), method)(segments, everything, *content).data == {"id": "x"}
    (request,) = api.raw
    (options,) = api.options
    return request, options


def test_read(clock: Clock) -> None:
    request, options = sent(clock)
    assert (request.method, request.url, request.body) == (
        "GET",
        "https://api.test/client/v4/accounts/account-1/realtime/kit/app_1/meetings/m1",
        None,
    )
    headers = {name: value.split(", br")[0].split(", zstd")[0] for name, value in request.headers.items()}
    assert headers == HEADERS
    assert options == {"timeout": 30.0, "verify": True, "cert": None, "proxies": {}, "stream": True}


def test_write_with_a_body(clock: Clock) -> None:
    request, _unused = sent(clock, "post", {"name": "Bühne", "video_config": {"width": 720, "height": 1280}})
    assert (request.method, request.body) == ("POST", b'{"name": "B\\u00fchne", "video_config": {"width": 720, "height": 1280}}')
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Content-Length"] == str(len(request.body))


def test_write_with_an_empty_body(clock: Clock) -> None:
    assert sent(clock, "post", {})[0].body == b"{}"


def test_write_without_a_body(clock: Clock) -> None:
    request, _unused = sent(clock, "post")
    assert (request.body, request.headers["Content-Length"]) == (None, "0")
    assert "Content-Type" not in request.headers


def test_query(clock: Clock) -> None:
    request, _unused = sent(clock, "get", {"status": "LIVE", "start_time": "2026-11-20T09:00:00+01:00", "page_no": 2})
    assert request.url.endswith("/m1?status=LIVE&start_time=2026-11-20T09%3A00%3A00%2B01%3A00&page_no=2")


@pytest.mark.parametrize(
    ("segments", "path"),
    [
        (("livestreams",), "/livestreams"),
        (("a/b", "c"), "/a%2Fb/c"),
        (("a?b=1", "c#d"), "/a%3Fb%3D1/c%23d"),
        (("ä b", "100%"), "/%C3%A4%20b/100%25"),
        (("a\r\nb",), "/a%0D%0Ab"),
    ],
)
def test_path_segments_are_quoted(clock: Clock, segments: tuple[str, ...], path: str) -> None:
    assert sent(clock, segments=segments)[0].url == f"https://api.test/client/v4/accounts/account-1/realtime/kit/app_1{path}"


@pytest.mark.parametrize("url", ["https://api.test/client/v4", "https://api.test/client/v4/", "https://api.test/client/v4//"])
def test_base_path(clock: Clock, url: str) -> None:
    request, _unused = sent(clock, url=url, account_id="a/b", app_id="c?d/")
    assert request.url == "https://api.test/client/v4/accounts/a%2Fb/realtime/kit/c%3Fd%2F/meetings/m1"


@pytest.mark.parametrize("verify", [True, False, "/etc/ssl/our-ca.pem"], ids=str)
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_environment_overrides_no_decision_about_certificates(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, variable: str, verify: bool | str
) -> None:
    monkeypatch.setenv(variable, "/etc/ssl/their-ca.pem")
    expected = "/etc/ssl/their-ca.pem" if verify is True else verify
    assert sent(clock, verify=verify)[1]["verify"] == expected


def test_timeout(clock: Clock) -> None:
    assert sent(clock, timeout=0.25)[1]["timeout"] == 0.25


def test_netrc_is_ignored(clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.test login somebody password else\ndefault login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert sent(clock)[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("scheme", ["https://", "http://"])
def test_session_never_retries_and_holds_as_many_connections_as_there_are_threads(scheme: str) -> None:
    adapter = build_session(7).get_adapter(f"{scheme}api.test")
    assert (adapter.max_retries.total, adapter.max_retries.read) == (0, False)
    pools = adapter.poolmanager
    assert (pools.connection_pool_kw["maxsize"], pools.connection_pool_kw["block"]) == (7, True)
    assert pools.pools._maxsize == 1


def test_base_path_keeps_its_letters(clock: Clock) -> None:
    assert sent(clock, url="https://api.test/X/X")[0].url.startswith("https://api.test/X/X/accounts/account-1/")


@pytest.mark.parametrize("pool", [HTTPConnectionPool, HTTPSConnectionPool])
def test_connections_read_answers_that_end(pool: Any) -> None:
    refined = _refine(pool)
    assert issubclass(refined, pool)
    assert issubclass(refined.ConnectionCls, pool.ConnectionCls)
    assert refined.ConnectionCls.response_class is TimedAnswer


def test_client_builds_its_own_session(clock: Clock) -> None:
    client = Client(CONNECTION, connections=3, clock=clock, sleep=clock.sleep)
    assert client._session.get_adapter("https://api.test").poolmanager.connection_pool_kw["maxsize"] == 3
    assert Client(CONNECTION)._session.get_adapter("https://api.test").poolmanager.connection_pool_kw["maxsize"] == 1


def test_jitter_is_random_by_default() -> None:
    client = Client(CONNECTION)
    drawn = {client._jitter() for _unused in range(10)}
    assert len(drawn) > 1
    assert all(0 <= jitter <= 1 for jitter in drawn)

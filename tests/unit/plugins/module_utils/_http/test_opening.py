# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that do not open, and kept ones that are not used again. tests/contract has the whole table, with real TLS and SOCKS."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import LostAnswerError, NotSentError, ProxyRefusedError
from ansible_collections.streamops.realtimekit.plugins.module_utils._http import opening as opening_file
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client, Departure
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.opening import LONGEST_IDLE, opening
from ansible_collections.streamops.realtimekit.tests.unit.fake_server import CLOSE, RESET, FakeServer, http
from ansible_collections.streamops.realtimekit.tests.unit.fakes import CONNECTION, Clock

DATA = http({"data": "here"})
PASSWORD = "proxy-password-of-the-unit-tests"
API = "https://api.test/client/v4"


def connect(clock: Clock, url: str, timeout: float = 10.0) -> Client:
    return Client(CONNECTION._replace(url=url, timeout=timeout, retries=0), clock=clock, sleep=clock.sleep)


def call(client: Client, method: str, departure: Departure = Departure()) -> Any:  # noqa: B008 (it cannot be changed)
    if method == "GET":
        return client.get(("x",), lambda payload: payload.data)
    return client.post(("x",), lambda payload: payload.data, None, departure)


# A connection that does not open. {what the proxy or the server does: the kind of error, its words}

SILENT = [1.0]
PROXIES: dict[str, tuple[list[Any], type, str]] = {
    "asks for a user": (
        [b"HTTP/1.1 407 Who are you\r\n\r\n", CLOSE],
        ProxyRefusedError,
        "refused the connection with 407 Proxy Authentication Required",
    ),
    "forbids": ([b"HTTP/1.1 403 No\r\n\r\n", CLOSE], ProxyRefusedError, "refused the connection with 403 Forbidden"),
    "cannot reach": ([b"HTTP/1.1 502 No\r\n\r\n", CLOSE], ProxyRefusedError, "refused the connection with 502 Bad Gateway"),
    "closes": ([CLOSE], NotSentError, "through the proxy broke before it was ready"),
    "resets": ([RESET], NotSentError, "through the proxy broke before it was ready"),
    "is silent": (SILENT, NotSentError, "through the proxy was not ready within 0.2 seconds"),
    "is no proxy": ([b"SSH-2.0-OpenSSH_9.2\r\n", CLOSE], NotSentError, "through the proxy broke before it was ready"),
    "closes behind its answer": ([b"HTTP/1.1 200 Yes\r\n\r\n", CLOSE], NotSentError, "the TLS handshake with the server failed"),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("steps", "kind", "words"), PROXIES.values(), ids=PROXIES)
def test_tunnel_that_does_not_open(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, steps: list[Any], kind: type, words: str, method: str
) -> None:
    with FakeServer(steps) as proxy:
        monkeypatch.setenv("https_proxy", f"http://somebody:{PASSWORD}@127.0.0.1:{proxy.port}")
        with pytest.raises(NotSentError, match=words) as caught:
            call(connect(clock, API, 0.2 if steps == SILENT else 10.0), method)
    assert caught.type is kind
    assert not caught.value.is_uncertain
    assert PASSWORD not in str(caught.value)
    assert [request.split(b" ")[:2] for request in proxy.requests] == [[b"CONNECT", b"api.test:443"]]


def test_proxy_behind_tls_that_has_none(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer([DATA]) as proxy:
        monkeypatch.setenv("https_proxy", f"https://127.0.0.1:{proxy.port}")
        with pytest.raises(NotSentError, match=r"not sent, the TLS handshake with the proxy (failed|did not finish)"):
            call(connect(clock, API, 0.2), "POST")
    assert proxy.connections == 1


def test_server_behind_tls_that_has_none(clock: Clock) -> None:
    with FakeServer([DATA]) as server, pytest.raises(
        NotSentError, match=r"not sent, the TLS handshake with the server (failed|did not finish)"
    ):
        call(connect(clock, server.url.replace("http", "https"), 0.2), "POST")


def test_proxy_that_refused_once_is_asked_again(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer([b"HTTP/1.1 502 No\r\n\r\n", CLOSE], [b"HTTP/1.1 503 No\r\n\r\n", CLOSE]) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        client = connect(clock, API)
        for status in ("502", "503"):
            with pytest.raises(ProxyRefusedError, match=f"refused the connection with {status}"):
                call(client, "POST")
    assert proxy.connections == 2


# A connection that was kept


@pytest.mark.parametrize(("method", "idle", "connections"), [("POST", 3.9, 1), ("POST", 4.1, 2), ("GET", 4.1, 1), ("GET", 300.0, 1)])
def test_write_avoids_a_connection_that_has_idled(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, method: str, idle: float, connections: int
) -> None:
    assert LONGEST_IDLE == 4.0
    monkeypatch.setattr(opening_file, "time", SimpleNamespace(monotonic=clock))
    with FakeServer([DATA], [DATA]) as server:
        client = connect(clock, server.url)
        call(client, "GET")
        clock.now += idle
        assert call(client, method) == "here"
    assert server.connections == connections


def test_write_that_is_sent_again_uses_a_new_connection(clock: Clock) -> None:
    with FakeServer([DATA], [DATA], [DATA]) as server:
        client = connect(clock, server.url)
        call(client, "GET")
        call(client, "POST", Departure(is_again=True))
        call(client, "POST")
    assert server.connections == 2


def test_read_that_is_sent_again_uses_a_new_connection(clock: Clock) -> None:
    """Also if another one is there: what has broken one may have broken them all."""
    with FakeServer([http({"data": None})], [http(b"garbage")], [DATA]) as server:
        client = Client(CONNECTION._replace(url=server.url, retries=1), clock=clock, sleep=clock.sleep)
        call(client, "GET")
        assert call(client, "GET") == "here"
    assert server.connections == 2


def test_connection_that_was_closed_is_opened_again(clock: Clock) -> None:
    """http.client opens it in the middle of sending, when nothing has been sent yet."""
    with FakeServer([DATA]) as server:
        client = connect(clock, server.url)
        call(client, "GET")
    with pytest.raises(NotSentError, match="no connection"):
        call(client, "POST")
    assert not opening.is_sent


def test_request_that_was_lost_was_sent(clock: Clock) -> None:
    with FakeServer([CLOSE]) as server, pytest.raises(LostAnswerError):
        call(connect(clock, server.url), "POST")
    assert opening.is_sent

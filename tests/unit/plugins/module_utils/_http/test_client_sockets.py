# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The transport on real sockets: late, oversized, broken, and missing answers, and the state of a session."""

from __future__ import annotations

import gzip
import json
import socket
import time
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    LostAnswerError,
    NotSentError,
    RejectedAnswerError,
    StaleStateError,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client, Departure
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.exchange import LARGEST_ANSWER
from ansible_collections.streamops.realtimekit.tests.unit.fake_server import CLOSE, RESET, FakeServer, dripping, http
from ansible_collections.streamops.realtimekit.tests.unit.fakes import CONNECTION, TOKEN, Clock
from urllib3.connection import HTTPConnection

PATH = "/accounts/account-1/realtime/kit/app_1/x"
DATA = http({"data": "here"})
TIMEOUT = 0.1
#: Seconds within which an answer has ended that may take twice the timeout; one of SLOW would go on for longer.
ENDED = 5.0


def connect(server: FakeServer, clock: Clock, **connection: Any) -> Client:
    options = {"url": server.url, "timeout": 10.0, "retries": 0, **connection}
    return Client(CONNECTION._replace(**options), clock=clock, sleep=clock.sleep)


def get(client: Client) -> Any:
    return client.get(("x",), lambda payload: payload.data)


def post(client: Client) -> Any:
    return client.post(("x",), lambda payload: payload.data, {"name": "a"})


def lines(request: bytes) -> list[str]:
    return request.split(b"\r\n\r\n")[0].decode().split("\r\n")


def test_request_on_the_wire(clock: Clock) -> None:
    with FakeServer([DATA]) as server:
        assert post(connect(server, clock)) == "here"
    first, *headers = lines(server.requests[0])
    assert first == f"POST {PATH} HTTP/1.1"
    assert sorted(header.split(":")[0] for header in headers) == [
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "Connection",
        "Content-Length",
        "Content-Type",
        "Host",
        "User-Agent",
    ]
    assert f"Authorization: Bearer {TOKEN}" in headers
    assert server.requests[0].endswith(b'\r\n\r\n{"name": "a"}')


def test_connection_is_kept(clock: Clock) -> None:
    with FakeServer(*[[DATA]] * 3) as server:
        client = connect(server, clock)
        assert [get(client), post(client), get(client)] == ["here"] * 3
    assert server.connections == 1


@pytest.mark.parametrize("status", ["100 Continue", "101 Switching Protocols", "102 Processing", "103 Early Hints", "199 Odd"])
def test_answer_begins_behind_a_1xx(clock: Clock, status: str) -> None:
    """Taken for the answer, it would leave the true one for the next request on the connection."""
    interim = f"HTTP/1.1 {status}\r\nLink: </style.css>\r\n\r\n".encode()
    with FakeServer([interim, http({"data": 1}, "201 Created")], [interim, interim, http({"data": 2})]) as server:
        client = connect(server, clock)
        assert [post(client), get(client)] == [1, 2]
    assert server.connections == 1


@pytest.mark.parametrize("then", [CLOSE, RESET, 1.0, b"HTTP/1.1 20"], ids=["closed", "reset", "nothing", "cut"])
def test_1xx_without_an_answer_is_lost(clock: Clock, then: Any) -> None:
    with FakeServer([b"HTTP/1.1 103 Early Hints\r\n\r\n", then, CLOSE]) as server, pytest.raises(LostAnswerError) as caught:
        post(connect(server, clock))
    assert caught.value.is_uncertain


def test_write_whose_connection_takes_too_long_to_open_does_not_leave(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    open_at_once = HTTPConnection.connect

    def open_slowly(self: HTTPConnection) -> None:
        open_at_once(self)
        clock.now += 1.5

    monkeypatch.setattr(HTTPConnection, "connect", open_slowly)
    with FakeServer([DATA], [DATA]) as server:
        client = connect(server, clock)
        with pytest.raises(StaleStateError):
            client.post(("x",), lambda payload: payload.data, None, Departure(leave_by=clock.now + 1.0))
        assert server.requests == []
        assert (client.requests, client.sent_here, client.is_sent) == (0, 0, False)
        assert client.post(("x",), lambda payload: payload.data, None, Departure(leave_by=clock.now + 2.0)) == "here"
        assert get(client) == "here", "what was checked for a write is not checked for the next request"
        assert (client.requests, client.sent_here, client.is_sent) == (2, 2, True)


def test_cookies_are_refused(clock: Clock) -> None:
    with FakeServer([http({"data": 1}, Set_Cookie="session=abc; Path=/")], [DATA]) as server:
        client = connect(server, clock)
        get(client)
        get(client)
    assert not [line for line in lines(server.requests[1]) if line.lower().startswith("cookie")]


def test_compressed_answer(clock: Clock) -> None:
    with FakeServer([http(gzip.compress(b'{"data": "here"}'), Content_Encoding="gzip")]) as server:
        assert get(connect(server, clock)) == "here"


# Redirects


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_redirect_is_not_followed(clock: Clock, status: str) -> None:
    not_followed = pytest.raises(RejectedAnswerError, match=f"answered {status[:3]}, a redirect, which is not followed")
    with not_followed, FakeServer([DATA]) as elsewhere, FakeServer([http(b"", status, Location=f"{elsewhere.url}/x")]) as server:
        get(connect(server, clock))
    assert (len(server.requests), elsewhere.connections) == (1, 0)


def test_redirect_with_too_much_behind_it_is_not_read(clock: Clock) -> None:
    """For requests reads the whole body of a redirect, however much it is, even of one that it is not to follow."""
    much = [b"HTTP/1.1 302 Found\r\nLocation: /y\r\n\r\n", *[bytes(2**20)] * 9, 2.0]
    with FakeServer(much) as server, pytest.raises(RejectedAnswerError, match="answered 302 with more than 8 MiB, which is refused"):
        get(connect(server, clock, timeout=1.0))


# Size


def test_largest_answer_is_taken(clock: Clock) -> None:
    assert LARGEST_ANSWER == 8 * 1024 * 1024
    frame = json.dumps({"data": ""})
    with FakeServer([http({"data": "x" * (LARGEST_ANSWER - len(frame))})]) as server:
        assert len(get(connect(server, clock))) == LARGEST_ANSWER - len(frame)


def test_answer_one_byte_over_the_limit_is_refused(clock: Clock) -> None:
    with FakeServer([http(bytes(LARGEST_ANSWER + 1))]) as server, pytest.raises(RejectedAnswerError, match="more than 8 MiB"):
        get(connect(server, clock))


@pytest.mark.parametrize("call", [get, post])
def test_answer_over_the_limit_is_refused_and_its_connection_closed(clock: Clock, call: Any) -> None:
    # So much more that it is not read to its end by chance: then the connection would be kept, and the server has closed it.
    with FakeServer([http(bytes(LARGEST_ANSWER + 2**20)), CLOSE], [DATA]) as server:
        client = connect(server, clock)
        with pytest.raises(RejectedAnswerError) as caught:
            call(client)
        assert str(caught.value) == f"{call.__name__.upper()} /x: answered 200 with more than 8 MiB, which is refused"
        assert caught.value.is_uncertain
        assert get(client) == "here"
    assert server.connections == 2


# Broken connections


BROKEN = {
    "closed": [CLOSE],
    "reset": [RESET],
    "closed in the status": [b"HTTP/1.", CLOSE],
    "closed in the body": [b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"data": 1}', CLOSE],
    "closed in a chunk": [b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{"data": 1}', CLOSE],
    "no chunk at all": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", CLOSE],
    "reset in the body": [b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"data": 1}', 0.01, RESET],
    "a chunk of less than nothing": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", CLOSE],
    "two lengths": [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}", CLOSE],
    "no HTTP": [b"SSH-2.0-OpenSSH_9.2\r\n", CLOSE],
    "no gzip": [http(b'{"data": 1}', Content_Encoding="gzip")],
}


@pytest.mark.parametrize("call", [get, post])
@pytest.mark.parametrize("steps", BROKEN.values(), ids=BROKEN)
def test_broken_answer_is_lost(clock: Clock, steps: Any, call: Any) -> None:
    with FakeServer(steps) as server, pytest.raises(LostAnswerError, match=r"x: the connection broke: \w") as caught:
        call(connect(server, clock))
    assert len(server.requests) == 1
    assert TOKEN not in str(caught.value)


def test_head_that_ends_early_is_an_answer_without_a_body(clock: Clock) -> None:
    with FakeServer([b"HTTP/1.1 200 OK\r\nContent-", CLOSE]) as server, pytest.raises(LostAnswerError, match="200 with an empty body"):
        post(connect(server, clock))


def test_read_is_tried_again_on_a_new_connection(clock: Clock) -> None:
    with FakeServer([RESET], [DATA]) as server:
        assert get(connect(server, clock, retries=1)) == "here"
    assert (server.connections, clock.sleeps == [] or 0.25 <= clock.sleeps[0] <= 0.5) == (2, True)


def test_refused_connection_was_never_sent(clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSentError, match="no connection: Connection refused; check api_url, the network and the proxy variables"):
        post(Client(CONNECTION._replace(url=f"http://127.0.0.1:{port}", retries=0), clock=clock, sleep=clock.sleep))


# Time: api_timeout is that of one read, and an answer ends after twice as long, however it drips.


SLOW = {
    "nothing": [30.0],
    "head drips": dripping(DATA, 0.03),
    "head stops": [DATA[:20], 30.0],
    "body drips": [b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n", *dripping(bytes(400), 0.03)],
    "body stops": [DATA[:-5], 30.0],
    "body drips without end": [b"HTTP/1.1 200 OK\r\n\r\n", *dripping(bytes(400), 0.03)],
    "chunks drip": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\n{\r\n", 0.03] * 400],
}


@pytest.mark.parametrize("call", [get, post])
@pytest.mark.parametrize("steps", SLOW.values(), ids=SLOW)
def test_slow_answer_ends(clock: Clock, steps: Any, call: Any) -> None:
    with FakeServer(steps) as server:
        begun = time.monotonic()
        with pytest.raises(LostAnswerError) as caught:
            call(connect(server, clock, timeout=TIMEOUT))
        took = time.monotonic() - begun
    assert str(caught.value).endswith("/x: no complete answer in time (api_timeout is 0.1 seconds)")
    assert TIMEOUT <= took < ENDED


def test_answer_that_takes_less_than_twice_the_timeout_is_whole(clock: Clock) -> None:
    with FakeServer([DATA[:10], 0.8, DATA[10:-5], 0.8, DATA[-5:-2], 0.8, DATA[-2:]], [DATA]) as server:
        client = connect(server, clock, timeout=2.0)
        assert get(client) == "here"
        assert get(client) == "here"
    assert server.connections == 1


# Proxies


def test_proxy_of_the_environment_is_used(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer([DATA]) as proxy:
        monkeypatch.setenv("http_proxy", f"http://somebody:proxy-password@127.0.0.1:{proxy.port}")
        assert get(connect(proxy, clock, url="http://127.0.0.2:9/v4")) == "here"
    assert lines(proxy.requests[0])[0] == f"GET http://127.0.0.2:9/v4{PATH} HTTP/1.1"


def test_no_proxy_is_used_for_what_needs_none(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer([DATA]) as server:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert get(connect(server, clock)) == "here"


@pytest.mark.parametrize("call", [get, post])
def test_slow_answer_ends_through_a_proxy_also(clock: Clock, monkeypatch: pytest.MonkeyPatch, call: Any) -> None:
    with FakeServer(SLOW["body drips"]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        begun = time.monotonic()
        with pytest.raises(LostAnswerError, match="no complete answer in time"):
            call(connect(proxy, clock, url="http://127.0.0.2:9", timeout=TIMEOUT))
        assert time.monotonic() - begun < ENDED


def test_proxy_that_is_not_there_was_never_reached(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeServer() as gone:
        pass
    monkeypatch.setenv("https_proxy", f"http://somebody:proxy-password@127.0.0.1:{gone.port}")
    with pytest.raises(NotSentError, match="no connection to the proxy: Connection refused") as caught:
        post(connect(gone, clock, url="https://127.0.0.2:9"))
    assert "proxy-password" not in str(caught.value)


def test_address_of_this_machine_is_not_reached_by_a_proxy(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy would see the token in clear."""
    with FakeServer([DATA]) as proxy, FakeServer([DATA]) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("all_proxy", proxy.url)
        get(connect(server, clock, is_direct=True))
    assert (len(server.requests), proxy.connections) == (1, 0)

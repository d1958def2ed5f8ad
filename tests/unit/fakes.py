# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fakes for the API and for time: a session adapter with scripted answers, and a clock."""

from __future__ import annotations

import io
import json
import threading
from typing import Any, Callable, NamedTuple, Union
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import requests
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import SETTLE
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meeting_livestreams import ensure_started, ensure_stopped
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.opening import Phase, opening
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.session import Connection, build_session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProtocolError, ProxyError, ReadTimeoutError

TOKEN = "Zq8-token-of-the-unit-tests-c41e"
STREAM_KEY = "9f2c-stream-key-of-the-unit-tests-77ab"
CONNECTION = Connection("https://api.test/client/v4", TOKEN, "account-1", "app_1", 30.0, 4)
ACCOUNT_BASE = "/client/v4/accounts/account-1/realtime/kit"
BASE = f"{ACCOUNT_BASE}/app_1"

MEETING = "bbbb1111-22cc-33dd-44ee-555555ffffff"
OTHER_MEETING = "cccc2222-33dd-44ee-55ff-666666aaaaaa"

OURS = "11111111-aaaa-4bbb-8ccc-000000000001"
THEIRS = "22222222-aaaa-4bbb-8ccc-000000000002"
OLD = "33333333-aaaa-4bbb-8ccc-000000000003"

#: A livestream of which everything is known, and one of which nothing is.
FULL = {
    "id": OURS,
    "name": "Main stage",
    "status": "LIVE",
    "meeting_id": MEETING,
    "ingest_server": "rtmps://live.test:443/live/",
    "playback_url": "https://play.test/x.m3u8",
    "disabled": False,
    "created_at": "2026-11-20T09:00:00.000Z",
    "updated_at": "2026-11-20T09:00:05.000Z",
    "stream_key": STREAM_KEY,
}
NULLS = dict.fromkeys(FULL)

#: A request as it was sent: method, path below the app or, for apps, below the account, query, JSON body.
Sent = tuple

#: The request that proves that the app exists.
PROVE_APP: Sent = ("GET", "/meetings", {"page_no": "1", "per_page": "1"}, None)

#: The request that shows whether an app exists if its meetings answer 404.
LIST_APPS: Sent = ("GET", "/apps", {"sort_order": "ASC", "page_no": "1", "per_page": "100"}, None)


def read(meeting_id: str = MEETING) -> Sent:
    return ("GET", f"/meetings/{meeting_id}/active-livestream", {}, None)


def prove(meeting_id: str = MEETING) -> Sent:
    return ("GET", f"/meetings/{meeting_id}", {}, None)


def start(meeting_id: str = MEETING, **body: Any) -> Sent:
    return ("POST", f"/meetings/{meeting_id}/livestreams", {}, body)


def stop(meeting_id: str = MEETING) -> Sent:
    return ("POST", f"/meetings/{meeting_id}/active-livestream/stop", {}, None)


def create(name: str) -> Sent:
    return ("POST", "/livestreams", {}, {"name": name})


def listing(page_no: int = 1, **query: str) -> Sent:
    return ("GET", "/livestreams", {**query, "page_no": str(page_no), "per_page": "100"}, None)


#: The listing that looks for independent livestreams by their names.
SEARCH = listing(exclude_meetings="true", sort_order="ASC")


class Clock:
    """Seconds that pass only during sleeps; threads can share it."""

    def __init__(self) -> None:
        self.now = 5000.0
        self.sleeps: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        with self._lock:
            self.sleeps.append(seconds)
            self.now += seconds


class Reply(NamedTuple):
    """An HTTP answer; a body that is neither bytes nor text is sent as JSON."""

    status: int
    body: Any = b""
    headers: Any = None

    def to_response(self, request: requests.PreparedRequest) -> requests.Response:
        response = requests.Response()
        response.status_code = self.status
        response.headers = CaseInsensitiveDict(self.headers or {})
        response.url, response.request = str(request.url), request
        body = self.body if isinstance(self.body, (bytes, str)) else json.dumps(self.body)
        response.raw = io.BytesIO(body.encode() if isinstance(body, str) else body)
        return response


Answer = Union[Reply, Exception]


def ok(data: Any, status: int = 200, **beside: Any) -> Reply:
    return Reply(status, {"success": True, "data": data, **beside})


def refusal(status: int, message: str = "No.", **headers: str) -> Reply:
    """RealtimeKit's own error envelope."""
    return Reply(
        status, {"success": False, "error": {"code": status, "message": message}}, {key.replace("_", "-"): headers[key] for key in headers}
    )


def livestream(livestream_id: str = OURS, status: str = "LIVE", **fields: Any) -> dict[str, Any]:
    return {"id": livestream_id, "status": status, **fields}


STOPPED = ok({"message": "Livestream stopped"})
STARTED = ok(livestream(OURS, "INVOKED", ingest_server="rtmps://live.test:443/live/", playback_url=None, stream_key=STREAM_KEY), 201)
NONE_ACTIVE = refusal(404, "No active livestream found")


def dropped() -> Exception:
    reset = ConnectionResetError(104, "Connection reset by peer")
    error = ProtocolError("Connection aborted.", reset)
    error.__context__ = reset
    return requests.ConnectionError(error)


def read_timeout() -> Exception:
    return requests.ReadTimeout(ReadTimeoutError(None, "/", "Read timed out. (read timeout=30.0)"))  # type: ignore[arg-type]


def unsent(error: Exception, phase: Phase | None = None, proxy: str = "", proxy_status: int | None = None) -> Exception:
    """An exception with what the connection has reported before it: the phase that failed, or that none had begun."""
    error.opening = {"phase": phase, "proxy": proxy, "proxy_status": proxy_status, "is_sent": False}  # type: ignore[attr-defined]
    return error


def refused() -> Exception:
    error = NewConnectionError(None, "Failed to establish a new connection")  # type: ignore[arg-type]
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    return unsent(requests.ConnectionError(MaxRetryError(None, "/", error)), Phase.CONNECT)  # type: ignore[arg-type]


def connect_timeout() -> Exception:
    error = MaxRetryError(None, "/", ConnectTimeoutError(None, "timed out"))  # type: ignore[arg-type]
    return unsent(requests.ConnectTimeout(error), Phase.CONNECT)


def refused_by_proxy(status: int = 403) -> Exception:
    error = ProxyError("Unable to connect to proxy", OSError(f"Tunnel connection failed: {status} No"))
    return unsent(requests.exceptions.ProxyError(MaxRetryError(None, "/", error)), Phase.TUNNEL, "proxy", status)  # type: ignore[arg-type]


#: The ends of a write with an unknown effect.
UNCERTAIN: dict[str, Callable[[], Answer]] = {
    "dropped": dropped,
    "read timeout": read_timeout,
    "408": lambda: refusal(408, "Request timeout"),
    "500": lambda: refusal(500, "Internal error"),
    "502 html": lambda: Reply(502, "<html>Bad gateway</html>"),
    "504": lambda: Reply(504),
    "empty 2xx": lambda: Reply(201),
    "garbage 2xx": lambda: Reply(200, "<html>Welcome</html>"),
    "truncated 2xx": lambda: Reply(201, '{"success": true, "data": {"id": "1111'),
    "no data": lambda: Reply(201, {"success": True}),
    "redirect": lambda: Reply(302, headers={"Location": "https://elsewhere.test/"}),
}


def settling(reads: int) -> list[float]:
    """The sleeps of a write that is refused this many times before it succeeds: none before a look, then SETTLE."""
    return [pause for settle in SETTLE[:reads] for pause in (0.0, settle)]


class FakeAPI(BaseAdapter):
    """Gives scripted answers, raises scripted exceptions, and records each request; one too many fails the test."""

    def __init__(self, *script: Answer) -> None:
        super().__init__()
        self.requests: list[Sent] = []
        self.raw: list[requests.PreparedRequest] = []
        self.options: list[dict[str, Any]] = []
        self.is_read_only = False
        self._script = iter(script)
        self._lock = threading.Lock()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        url = urlsplit(str(request.url))
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        base = next((base for base in (BASE, ACCOUNT_BASE) if url.path.startswith(f"{base}/")), None)
        path = str(request.url) if base is None else unquote(url.path[len(base) :])
        sent = (request.method, path, query, json.loads(request.body) if request.body else None)
        with self._lock:
            self.requests.append(sent)
            self.raw.append(request)
            self.options.append(options)
            if self.is_read_only and request.method != "GET":
                pytest.fail(f"check mode writes: {sent}")
            answer = self.answer(*sent)
        # The report of a real connection.
        vars(opening).update(getattr(answer, "opening", {"phase": None, "is_sent": True}))
        if isinstance(answer, Exception):
            raise answer
        return answer.to_response(request)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """Override it for an API with a memory."""
        for scripted in self._script:
            return scripted
        # Not an AssertionError, which the tested code would report as a defect.
        return pytest.fail(f"a request too many: {self.requests}")

    def close(self) -> None:
        pass

    @property
    def writes(self) -> list[Sent]:
        return [sent for sent in self.requests if sent[0] != "GET"]


class Same(FakeAPI):
    """An API on which each request ends like this."""

    def __init__(self, ending: Answer) -> None:
        super().__init__()
        self._ending = ending

    def answer(self, *sent: Any) -> Answer:
        return self._ending


def build_client(api: FakeAPI, clock: Clock, connections: int = 1, **connection: Any) -> Client:
    """A client whose back-off has no jitter: 0.5, 1, 2, 4, 8 seconds."""
    session = build_session(connections)
    session.mount("https://", api)
    return Client(
        CONNECTION._replace(**connection), connections=connections, session=session, clock=clock, sleep=clock.sleep, jitter=lambda: 1.0
    )


def build_livestreams(api: FakeAPI, clock: Clock, **connection: Any) -> Livestreams:
    return Livestreams(build_client(api, clock, **connection))


def begin(livestreams: Livestreams) -> Outcome:
    return ensure_started(livestreams, MEETING)


def begin_anew(livestreams: Livestreams) -> Outcome:
    return ensure_started(livestreams, MEETING, restart=True)


def end(livestreams: Livestreams) -> Outcome:
    return ensure_stopped(livestreams, MEETING)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends one request after the other, as plain as can be, and keeps every exchange."""

from __future__ import annotations

import re
import threading
import time
from typing import Any, Callable, Mapping, NamedTuple

import requests

from .account import Account

#: Seconds for the connection and for each part of the answer.
TIMEOUTS = (10, 30)
#: How often a read is sent that gets no answer or a 5xx. A write is sent once.
READS = 3
#: How often a request is sent again after a 429, and how many seconds each of these waits at most.
HOLDS, LONGEST_HOLD = 3, 300
HEADERS = ("Content-Type", "Ratelimit", "Ratelimit-Policy", "Retry-After")


class InterruptedProbeError(Exception):
    """The user wants it to end."""


class Answer(NamedTuple):
    """An answer; the status is 0 if there was none, and the document None if it was no JSON."""

    status: int
    document: Any
    headers: Mapping[str, str]
    at: float  #: when it was there, on the wire's clock

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_refusal(self) -> bool:
        """Whether the request was certainly not carried out."""
        return 400 <= self.status < 500 and self.status != 408


class Wire:
    """Sends requests below the app. Once `interrupt` was called, only those of the cleanup are sent: ``is_cleaning``."""

    def __init__(
        self,
        account: Account,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] | None = None,
        session: requests.Session | None = None,
    ) -> None:
        self.account = account
        self.clock = clock
        self.is_cleaning = False
        self.exchanges: list[dict[str, Any]] = []
        self._interrupted = threading.Event()
        self._sleep = sleep
        self._began = clock()
        self._session = session or requests.Session()

    def interrupt(self) -> None:
        """Safe in a signal handler: a request under way ends first, so that its outcome is known."""
        self._interrupted.set()

    def sleep(self, seconds: float) -> None:
        self._check()
        if self._sleep:
            self._sleep(seconds)
        elif self.is_cleaning:
            time.sleep(seconds)
        else:
            self._interrupted.wait(seconds)
        self._check()

    def _check(self) -> None:
        if self._interrupted.is_set() and not self.is_cleaning:
            raise InterruptedProbeError

    def get(self, path: str, note: str = "", **query: Any) -> Answer:
        for attempt in range(READS):
            answer = self.send("GET", path, note=note, query=query)
            if 0 < answer.status < 500 or attempt == READS - 1:
                break
            self.sleep(1)
        return answer

    def send(
        self,
        method: str,
        path: str,
        *,
        note: str = "",
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        account: Account | None = None,
    ) -> Answer:
        """One request to a path below the app, or below the account's RealtimeKit if it starts with a slash; again after a 429."""
        self._check()
        answer = self._exchange(method, path, note, query or {}, body, account or self.account)
        for _hold in range(HOLDS):
            if answer.status != 429:
                break
            # It was not carried out. The limit is the whole account's, so that others may have used it up.
            asked = answer.headers.get("Retry-After", "")
            self.sleep(min(int(asked) if re.fullmatch("[0-9]{1,9}", asked) else 30, LONGEST_HOLD))
            answer = self._exchange(method, path, note, query or {}, body, account or self.account)
        return answer

    def _exchange(self, method: str, path: str, note: str, query: Mapping[str, Any], body: Any, account: Account) -> Answer:
        kit = f"{account.url}/accounts/{account.account_id}/realtime/kit"
        url = f"{kit}{path}" if path.startswith("/") else f"{kit}/{account.app_id}/{path}"
        # A proxy would see the token of an http:// request, which is for this machine.
        proxies = {"no_proxy": account.host} if account.url.startswith("http://") else None
        began = self.clock()
        try:
            response = self._session.request(
                method,
                url,
                params=dict(query),
                json=body,
                auth=Bearer(account.token),
                timeout=TIMEOUTS,
                allow_redirects=False,
                proxies=proxies,
            )
        except requests.RequestException as error:
            answer, said = Answer(0, None, {}, self.clock()), f"no answer: {type(error).__name__}"
        else:
            headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
            try:
                document, said = response.json(), ""
            except (ValueError, RecursionError):
                document, said = None, f"{len(response.content)} bytes that are not JSON"
            answer = Answer(response.status_code, document, headers, self.clock())
        self.exchanges.append(
            {
                "note": note,
                "at": round(began - self._began, 3),
                "took": round(answer.at - began, 3),
                "request": {"method": method, "path": path, "query": dict(query), "body": body},
                "answer": {"status": answer.status, "headers": dict(answer.headers), "body": answer.document, "said": said},
            }
        )
        return answer


class Bearer(requests.auth.AuthBase):
    """As ``auth``, so that a .netrc does not replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

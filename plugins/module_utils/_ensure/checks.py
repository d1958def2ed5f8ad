# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The lines of a diagnosis, and the conclusions from a failed request or from all answers."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import NamedTuple

from .._errors import (
    ApiError,
    CertificateError,
    HeldError,
    LostAnswerError,
    NotSentError,
    RateLimitedError,
    RejectedAnswerError,
    RequestError,
)
from .._http.session import Connection
from .._http.surroundings import Route
from .._http.trace import Trace

OK, FAILED, NOT_CHECKED = "ok", "failed", "not_checked"

#: The checks of the API in their order. A check runs only if all before it allow it.
NAMES = (
    *("proxy", "certificate", "connection", "clock", "rate_limit"),
    *("token", "account", "realtimekit", "app", "read_permission", "write_permission"),
)

#: The most seconds by which this machine's clock may be off. Time servers keep it within a fraction of a second.
MOST_SKEW = 30.0


class Check(NamedTuple):
    """One line: the check, its result, the reason, and what to do."""

    name: str
    status: str
    detail: str
    advice: str | None = None


class FoundError(Exception):
    """The cause is found, so no more questions are necessary."""


class Checks:
    """The results so far. The first result of a check stays, unless a failure replaces it."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._checks

    def add(self, name: str, status: str, detail: str) -> None:
        self._checks.setdefault(name, Check(name, status, detail))

    def fail(self, name: str, detail: str, advice: str) -> FoundError:
        """Note a failure. Return an error that the caller can raise to end the questions."""
        self._checks[name] = Check(name, FAILED, detail, advice)
        return FoundError()

    @property
    def failed(self) -> list[str]:
        return [name for name, check in self._checks.items() if check.status == FAILED]

    def complete(self, causes: list[str]) -> list[Check]:
        """Return each of NAMES. Missing results are due to these failures."""
        because = f"because {', '.join(causes) or 'options'} failed"
        return [self._checks.get(name) or Check(name, NOT_CHECKED, because) for name in NAMES]

    def place(self, error: RequestError, proxy: str | None) -> None:
        """Fail the check that a request without a usable answer belongs to."""
        words = re.sub(r"^not sent[:,] ", "", error.message)
        detail, _separator, advice = words.rpartition("; ")
        detail, advice = (detail, make_sentence(advice)) if detail else (words, "")
        if isinstance(error, (HeldError, RateLimitedError)):
            self.fail("rate_limit", f"used up: {words}", "Wait until then. All tokens and keys of a user share the limit.")
        elif isinstance(error, CertificateError):
            clock = f" The clock of this machine says {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC."
            self.fail("certificate", detail, (advice or "Correct the path on the machine that runs the module.") + clock)
        elif isinstance(error, ApiError):
            self.fail("connection", f"the API failed: {tell(error)}", "Try again in some minutes.")
        elif isinstance(error, (NotSentError, LostAnswerError, RejectedAnswerError)) and not getattr(error, "at_proxy", False):
            self.fail("connection", detail, advice or "Check api_url, the network, and whether a proxy answers in the place of the API.")
        else:  # the proxy's own error, or an invalid proxy
            self.fail("proxy", f"{proxy}: {detail}" if proxy else detail, advice or "Install PySocks for the Python that runs the module.")

    def look_around(self, connection: Connection, route: Route, trace: Trace, *, is_tried: bool, is_open: bool) -> None:
        """Note the results of all requests together. A failed check stays failed."""
        if route.proxy is None:
            self.add("proxy", OK, "none is used")
        else:
            self.add("proxy", OK if is_tried else NOT_CHECKED, f"{route.proxy}, as the environment says")
        if connection.url.startswith("http://"):
            self.add("certificate", NOT_CHECKED, "api_url is http://, which has none")
        elif not connection.verify:
            self.add("certificate", NOT_CHECKED, "validate_certs is false: anything on the way can read the token")
        elif is_open:
            self.add("certificate", OK, f"valid, by the CAs of {route.ca}")
        if trace.quickest is None:
            return
        self.add("connection", OK, f"{connection.url} answers in {1000 * trace.quickest:.0f} ms")
        self._compare_clocks(trace.ahead)
        if trace.window:
            of = f" of {trace.quota}" if trace.quota else ""
            self.add("rate_limit", OK, f"{trace.window.left}{of} requests are left for {trace.window.resets_in:.0f} seconds")
        else:
            self.add("rate_limit", NOT_CHECKED, "the API's answers do not tell")

    def _compare_clocks(self, ahead: float | None) -> None:
        if ahead is None:
            self.add("clock", NOT_CHECKED, "the API's answers do not tell the time")
        elif abs(ahead) > MOST_SKEW:
            where = "behind" if ahead > 0 else "ahead of"
            self.fail("clock", f"this machine is {abs(ahead):.0f} seconds {where} the API", "Set the clock, and keep it set with NTP.")
        else:
            self.add("clock", OK, f"within {MOST_SKEW:.0f} seconds of the API's")


def make_sentence(advice: str) -> str:
    """Return only the advice at the end of an error's message."""
    return advice + "." if advice.startswith("http") else f"{advice[:1].upper()}{advice[1:]}."


def is_past_gateway(error: ApiError) -> bool:
    """Return whether RealtimeKit itself answered. Its codes are HTTP statuses, and the gateway has other codes."""
    return str(error.code) == str(error.status)


def tell(error: ApiError) -> str:
    """Return a refusal in few words."""
    code = "" if error.code is None or is_past_gateway(error) else f", code {error.code}"
    return f"{error.message.rstrip('.')} ({error.status}{code})"

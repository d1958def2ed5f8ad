# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each cause of trouble is found, it alone is called failed, and nothing is asked that rests on it."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.checks import FAILED, NAMES, NOT_CHECKED, OK, Check
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.diagnosis import Diagnosis
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InterruptError
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.opening import Phase
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.surroundings import Route
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.trace import Trace
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import USED_UP
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    BASE,
    Answer,
    Clock,
    FakeAPI,
    Reply,
    build_client,
    connect_timeout,
    dropped,
    ok,
    read_timeout,
    refusal,
    refused,
    refused_by_proxy,
    unsent,
)

NOW = 1_796_000_000.0
ROUTE = Route(None, "/ca.pem")
PROXY = Route("http://proxy.test:3128", "/ca.pem")

USER, ACCOUNT, ACCOUNTS, APPS = "/user/tokens/verify", "/accounts/account-1/tokens/verify", "/accounts", "/apps"
MEETINGS, LIVESTREAMS, WEBHOOKS = "/meetings", "/livestreams", "/webhooks"
ALL = [USER, APPS, MEETINGS, LIVESTREAMS, WEBHOOKS]

APP = {"id": "app_1", "name": "Conference"}


def edge(status: int, code: int = 10000, message: str = "Authentication error") -> Reply:
    """The gateway's own error envelope."""
    return Reply(status, {"success": False, "errors": [{"code": code, "message": message}], "messages": [], "result": None})


def token(status: str = "active", **fields: Any) -> Reply:
    return ok({"id": "ed17", "status": status, **fields})


def apps(*rows: dict[str, Any]) -> Reply:
    return ok(rows, paging={"total_count": len(rows), "start_offset": 1, "end_offset": len(rows)})


UNKNOWN = edge(401, 1000, "Invalid API Token")

#: The API's answers without a fault.
WELL: dict[str, Answer] = {USER: token(), APPS: apps(APP), MEETINGS: ok([]), LIVESTREAMS: ok([]), WEBHOOKS: ok([])}


class Account(FakeAPI):
    """Answers by path."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        super().__init__()
        self._answers = {**WELL, **answers}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        return self._answers.get(shorten(path)) or pytest.fail(f"a request too many: {path}")

    @property
    def asked(self) -> list[str]:
        return [shorten(sent[1]) for sent in self.requests]


def shorten(path: str) -> str:
    return path.partition("?")[0].replace("https://api.test/client/v4", "").replace(BASE.replace("/client/v4", ""), "")


class Result:
    """The checks of a diagnosis, and what it has asked."""

    def __init__(
        self, clock: Clock, answers: dict[str, Answer], problems: Any = None, route: Route | None = ROUTE, **connection: Any
    ) -> None:
        api = Account(answers)
        client = build_client(api, clock, **{"retries": 0, "longest_hold": 2.0, **connection})
        trace = Trace(client, now=lambda: NOW)
        self.checks = Diagnosis(client, trace, route, problems or {}).run()
        self.asked = api.asked
        assert [check.name for check in self.checks] == list(NAMES)
        assert all(bool(check.advice) == (check.status == FAILED) for check in self.checks)
        assert {sent[0] for sent in api.requests} <= {"GET"}

    def __getitem__(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)

    def named(self, status: str) -> list[str]:
        return [check.name for check in self.checks if check.status == status]


def test_all_is_well(clock: Clock) -> None:
    result = Result(clock, {})
    assert result.named(FAILED) == []
    assert result.named(NOT_CHECKED) == ["clock", "rate_limit", "write_permission"]
    assert result.asked == ALL
    assert {name: result[name].detail for name in result.named(OK)} == {
        "proxy": "none is used",
        "certificate": "valid, by the CAs of /ca.pem",
        "connection": "https://api.test/client/v4 answers in 0 ms",
        "token": "active, and belongs to a user",
        "account": "the API answers for account-1",
        "realtimekit": "enabled, with 1 app",
        "app": "app_1 (Conference) exists",
        "read_permission": "the token may read apps, meetings, livestreams, webhooks",
    }


#: The API's answers, the cause, its words, and the requests.
CAUSES: dict[str, tuple[dict[str, Answer], str, str, list[str]]] = {
    "unknown token": (
        {USER: UNKNOWN, ACCOUNT: UNKNOWN, APPS: edge(401)},
        "token",
        "refused as a user's token and as this account's: Invalid API Token (401, code 1000)",
        [USER, ACCOUNT, APPS],
    ),
    "malformed token": (
        {USER: edge(400, 6003, "Invalid request headers"), ACCOUNT: edge(400, 6003, "x"), APPS: edge(400, 6003, "x")},
        "token",
        "refused as a user's token and as this account's: Invalid request headers (400, code 6003)",
        [USER, ACCOUNT, APPS],
    ),
    "disabled token": ({USER: token("disabled")}, "token", "the API knows it, and it is disabled, not active", [USER]),
    "expired token of the account": (
        {USER: UNKNOWN, ACCOUNT: token("expired", expires_on="2026-01-01T00:00:00Z")},
        "token",
        "the API knows it, and it is expired, not active",
        [USER, ACCOUNT],
    ),
    "wrong account": (
        {APPS: edge(403), ACCOUNTS: ok([{"id": "other", "name": "Studio"}, {"id": "third"}])},
        "account",
        "the token does not reach account-1, but other (Studio), third",
        [USER, APPS, ACCOUNTS],
    ),
    "wrong account, 404": (
        {APPS: edge(404, 7003, "Could not route"), ACCOUNTS: ok([{"id": "other"}])},
        "account",
        "the token does not reach account-1, but other",
        [USER, APPS, ACCOUNTS],
    ),
    "account that cannot be looked for": (
        {APPS: edge(403), ACCOUNTS: edge(403, 9109, "Unauthorized to access requested resource")},
        "account",
        "the API refuses account-1 to this token: Authentication error (403, code 10000). It may be another account",
        [USER, APPS, ACCOUNTS],
    ),
    "no account is listed": ({APPS: edge(403), ACCOUNTS: ok([])}, "account", "It may be another account", [USER, APPS, ACCOUNTS]),
    "more accounts than are read": (
        {APPS: edge(403), ACCOUNTS: ok([{"id": f"other-{number}"} for number in range(50)])},
        "account",
        "It may be another account",
        [USER, APPS, ACCOUNTS],
    ),
    "no permission": (
        {APPS: refusal(403, "The token may not.")},
        "read_permission",
        "the token may not list the account's apps: The token may not (403)",
        [USER, APPS],
    ),
    "no permission, says the gateway": (
        {APPS: edge(403), ACCOUNTS: ok([{"id": "account-1"}])},
        "read_permission",
        "Authentication error (403, code 10000)",
        [USER, APPS, ACCOUNTS],
    ),
    "no permission of the account's token": (
        {USER: UNKNOWN, ACCOUNT: token(), APPS: edge(403)},
        "read_permission",
        "Authentication error (403, code 10000)",
        [USER, ACCOUNT, APPS],
    ),
    "RealtimeKit off": (
        {APPS: refusal(403, "RealtimeKit is not enabled for this account.")},
        "realtimekit",
        "not there for this account: RealtimeKit is not enabled for this account (403)",
        [USER, APPS],
    ),
    "no RealtimeKit": (
        {APPS: edge(404, 7000, "No route for that URI"), ACCOUNTS: ok([{"id": "account-1"}])},
        "realtimekit",
        "No route for that URI (404, code 7000)",
        [USER, APPS, ACCOUNTS],
    ),
    "other app": (
        {APPS: apps({"id": "app-2", "name": None})},
        "app",
        "app_1 is not among the account's apps; the account has app-2",
        [USER, APPS],
    ),
    "many other apps": ({APPS: apps(*({"id": f"app-{n}", "name": "x"} for n in range(12)))}, "app", "app-9 (x), and 2 more", [USER, APPS]),
    "no app": ({APPS: refusal(404, "Nothing found")}, "app", "the account has no app", [USER, APPS]),
    "some may be read": (
        {MEETINGS: refusal(403), WEBHOOKS: edge(405, 10405, "Method not allowed")},
        "read_permission",
        "the token may read apps, livestreams, and not meetings: No (403); webhooks: Method not allowed (405, code 10405)",
        ALL,
    ),
    "a list is not there": (
        {WEBHOOKS: edge(404, 7000, "No route for that URI")},
        "read_permission",
        "and not webhooks: No route for that URI (404, code 7000)",
        ALL,
    ),
    "no API there": (
        {USER: Reply(404, "<html>"), ACCOUNT: Reply(404), APPS: Reply(404)},
        "connection",
        "there is no API at https://api.test/client/v4: an empty body (Not Found) (404)",
        [USER, ACCOUNT, APPS],
    ),
    "proxy that answers in its place": (
        {USER: Reply(403, "<html>"), ACCOUNT: Reply(403, "<html>"), APPS: Reply(403, "<html>")},
        "connection",
        "there is no API at https://api.test/client/v4: an HTML page (Forbidden) (403)",
        [USER, ACCOUNT, APPS],
    ),
    "unknown token, in few words": (
        {USER: (few := Reply(401, {"message": "Unauthorized"})), ACCOUNT: few, APPS: few},
        *("token", "refused as a user's token and as this account's: Unauthorized (401)", [USER, ACCOUNT, APPS]),
    ),
    "trouble of the API": ({APPS: refusal(503)}, "connection", "the API failed: No (503)", [USER, APPS]),
    "trouble at the first question": ({USER: refusal(500)}, "connection", "the API failed", [USER]),
    "trouble with the accounts": ({APPS: edge(403), ACCOUNTS: refusal(500)}, "connection", "the API failed", [USER, APPS, ACCOUNTS]),
    "trouble with a list": ({LIVESTREAMS: refusal(500)}, "connection", "the API failed", [USER, APPS, MEETINGS, LIVESTREAMS]),
    "no answer": ({USER: read_timeout()}, "connection", "no complete answer in time (api_timeout is 30 seconds)", [USER]),
    "dropped": ({APPS: dropped()}, "connection", "the connection broke: Connection reset by peer", [USER, APPS]),
    "redirect": (
        {USER: Reply(302)},
        "connection",
        "answered 302, a redirect, which is not followed, because it would carry the token",
        [USER],
    ),
    "not the API": ({USER: Reply(200, "<html>Welcome</html>")}, "connection", "instead of the API's JSON object", [USER]),
    "no route": ({USER: refused()}, "connection", "no connection: Connection refused", [USER]),
    "no route in time": ({USER: connect_timeout()}, "connection", "no connection within 30 seconds", [USER]),
    "quota used up": (
        {USER: Reply(429, {"message": "Slow down"}, {"Retry-After": "280", **USED_UP})},
        "rate_limit",
        "used up: Slow down (the API accepts no requests for 280 seconds: try again at ",
        [USER],
    ),
    "quota used up by the first question": (
        {USER: Reply(200, {"result": {"status": "active"}}, USED_UP)},
        "rate_limit",
        "used up: the API accepts no requests for 280 seconds: try again at ",
        [USER],
    ),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_cause_is_found_and_it_alone(clock: Clock, cause: str) -> None:
    answers, name, words, asked = CAUSES[cause]
    result = Result(clock, answers)
    assert result.named(FAILED) == [name], result.checks
    assert words in result[name].detail
    assert result.asked == asked
    assert clock.sleeps == []
    because = [result[each].detail for each in result.named(NOT_CHECKED) if each not in ("clock", "rate_limit", "write_permission")]
    assert set(because) <= {f"because {name} failed"}


def test_what_the_api_has_shown_stays_known(clock: Clock) -> None:
    result = Result(clock, CAUSES["quota used up by the first question"][0])
    assert result["token"] == ("token", OK, "active, and belongs to a user", None)
    assert result["connection"].status == OK


def test_token_of_the_account_proves_the_account(clock: Clock) -> None:
    result = Result(clock, {USER: UNKNOWN, ACCOUNT: token(expires_on="2027-01-01T00:00:00Z")})
    assert result.named(FAILED) == []
    assert result["token"].detail == "active until 2027-01-01T00:00:00Z, and belongs to the account"
    assert result["account"].detail == "the token belongs to account-1"
    assert result.asked == [USER, ACCOUNT, *ALL[1:]]


def test_token_that_works_needs_no_proof(clock: Clock) -> None:
    """Something in front of the API may let only RealtimeKit's paths through."""
    result = Result(clock, {USER: edge(404, 7000, "No route"), ACCOUNT: edge(404, 7000, "No route")})
    assert result.named(FAILED) == []
    assert result["token"] == ("token", OK, "accepted, although it cannot be verified: No route (404, code 7000)", None)


def test_empty_lists_may_answer_404(clock: Clock) -> None:
    missing = refusal(404, "Nothing found")
    result = Result(clock, {MEETINGS: missing, LIVESTREAMS: missing, WEBHOOKS: missing})
    assert result.named(FAILED) == []
    assert result["read_permission"].status == OK


# The options


TOLD = ("it is needed", "Set it.")


@pytest.mark.parametrize(
    ("problems", "route", "failed", "asked"),
    [
        ({"token": TOLD}, ROUTE, ["token"], []),
        ({"certificate": TOLD}, PROXY, ["certificate"], []),
        ({}, None, [], []),
        ({"account": TOLD}, ROUTE, ["account"], [USER]),
        ({"app": TOLD}, ROUTE, ["app"], [USER, APPS]),
        ({"account": TOLD, "app": TOLD}, ROUTE, ["account", "app"], [USER]),
        ({"token": TOLD, "account": TOLD, "app": TOLD}, ROUTE, ["token", "account", "app"], []),
    ],
    ids=str,
)
def test_option_that_is_missing_is_the_cause(
    clock: Clock, problems: dict[str, Any], route: Route | None, failed: list[str], asked: list[str]
) -> None:
    result = Result(clock, {}, problems, route)
    assert result.named(FAILED) == failed
    assert result.asked == asked
    assert result["read_permission"].detail == f"because {', '.join(problems) or 'options'} failed"
    assert {result[name].advice for name in failed} <= {"Set it."}


def test_apps_are_named_if_the_option_is_missing(clock: Clock) -> None:
    assert Result(clock, {}, {"app": TOLD})["app"].detail == "it is needed; the account has app_1 (Conference)"


def test_token_that_no_user_has_is_not_judged_without_an_account(clock: Clock) -> None:
    result = Result(clock, {USER: UNKNOWN}, {"account": TOLD})
    assert result.named(FAILED) == ["account"]
    assert result["token"][1:3] == (NOT_CHECKED, "no user has it, and one that belongs to an account is verified with account_id")


# The connection


def test_proxy_is_named(clock: Clock) -> None:
    assert Result(clock, {}, route=PROXY)["proxy"][1:3] == (OK, "http://proxy.test:3128, as the environment says")
    untried = Result(clock, {}, {"token": TOLD}, PROXY)
    assert untried["proxy"][1:3] == (NOT_CHECKED, "http://proxy.test:3128, as the environment says")


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (lambda: refused_by_proxy(407), "proxy"),
        (lambda: refused_by_proxy(502), "proxy"),
        (lambda: unsent(refused(), Phase.CONNECT, "proxy"), "proxy"),
        (lambda: unsent(refused(), Phase.PROXY_TLS, "proxy"), "proxy"),
        (lambda: unsent(refused(), Phase.TLS, "proxy"), "connection"),
        (lambda: unsent(ValueError("http://user:hunter2@proxy.test")), "proxy"),
    ],
)
def test_proxy_is_blamed_for_what_is_its_own(clock: Clock, error: Any, name: str) -> None:
    result = Result(clock, {USER: error()}, route=PROXY)
    assert result.named(FAILED) == [name]
    assert (result["proxy"].status == OK) == (name != "proxy")
    assert "hunter2" not in str(result.checks)
    if name == "proxy":
        assert result["proxy"].detail.startswith("http://proxy.test:3128: ")


def test_library_for_socks_can_be_what_is_missing(clock: Clock) -> None:
    import requests  # noqa: PLC0415 (only here)

    missing = unsent(requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support."))
    result = Result(clock, {USER: missing}, route=ROUTE)
    assert result["proxy"][1:] == (
        FAILED,
        "a SOCKS proxy needs the Python library PySocks, which the target does not have",
        "Install PySocks for the Python that runs the module.",
    )


def test_ca_bundle_can_be_what_is_missing(clock: Clock) -> None:
    result = Result(clock, {USER: unsent(OSError("Could not find a suitable TLS CA certificate bundle"))})
    assert result.named(FAILED) == ["certificate"]
    assert "REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, or ca_path names a CA bundle that does not exist" in result["certificate"].detail
    assert "Correct the path on the machine that runs the module. The clock of this machine says 2" in str(result["certificate"].advice)


@pytest.mark.parametrize(
    ("connection", "detail"),
    [
        ({"url": "http://127.0.0.1:9"}, "api_url is http://, which has none"),
        ({"verify": False}, "validate_certs is false: anything on the way can read the token"),
    ],
)
def test_certificate_that_is_not_asked_for_is_not_checked(clock: Clock, connection: dict[str, Any], detail: str) -> None:
    result = Result(clock, {}, {"token": TOLD}, **connection)
    assert result["certificate"][1:3] == (NOT_CHECKED, detail)


@pytest.mark.parametrize(
    ("seconds", "status", "words"),
    [
        (0, OK, "within 30 seconds of the API's"),
        (30, OK, "within 30 seconds of the API's"),
        (31, FAILED, "this machine is 31 seconds behind the API"),
        (-31, OK, "within 30 seconds of the API's"),
        (-32, FAILED, "this machine is 31 seconds ahead of the API"),
    ],
)
def test_clock_is_compared(clock: Clock, seconds: int, status: str, words: str) -> None:
    answer = Reply(200, {"result": {"status": "active"}}, {"Date": formatdate(NOW + seconds, usegmt=True)})
    result = Result(clock, {USER: answer})
    assert result["clock"][1:3] == (status, words)
    assert result["read_permission"].status == OK, "nothing rests on the clock"


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (
            {"Ratelimit": '"default";r=900;t=30', "Ratelimit-Policy": '"default";q=1200;w=300'},
            "900 of 1200 requests are left for 30 seconds",
        ),
        ({"Ratelimit": '"default";r=900;t=30'}, "900 requests are left for 30 seconds"),
    ],
)
def test_rate_limit_is_reported(clock: Clock, headers: dict[str, str], words: str) -> None:
    result = Result(clock, {USER: Reply(200, {"result": {"status": "active"}}, {"Ratelimit": '"default";r=900;t=30', **headers})})
    assert result["rate_limit"][1:3] == (OK, words)


def test_hold_of_a_moment_is_waited_for(clock: Clock) -> None:
    result = Result(clock, {USER: Reply(200, {"result": {"status": "active"}}, {"Ratelimit": '"default";r=0;t=1'})})
    assert result.named(FAILED) == []
    assert clock.sleeps == [1.0]


def test_checks_before_the_end_of_the_task_timeout_are_kept(clock: Clock) -> None:
    result = Result(clock, {APPS: refusal(500)}, retries=5, task_timeout=1)
    assert result.asked == [USER, APPS, APPS]
    last = "GET /apps answered 500 (code 500): No"
    assert result["connection"].detail == f"the checks took too long: task_timeout is over (the last try: {last})"
    assert result["connection"].advice == "Increase task_timeout, or set none."
    assert (result["token"].status, result["certificate"].status) == (OK, OK)
    assert result["account"] == Check("account", NOT_CHECKED, "because connection failed")


def test_a_task_timeout_can_end_before_any_answer(clock: Clock) -> None:
    result = Result(clock, {USER: refusal(500)}, retries=5, task_timeout=1)
    assert (result.named(FAILED), result["token"].status) == (["connection"], NOT_CHECKED)


def test_a_task_timeout_can_end_before_the_first_request(clock: Clock) -> None:
    result = Result(clock, {}, task_timeout=0)
    assert (result.asked, result["connection"].detail) == ([], "the checks took too long: task_timeout is over")


def test_interrupt_ends_all(clock: Clock) -> None:
    client = build_client(Account({}), clock)
    client.interrupt()
    with pytest.raises(InterruptError):
        Diagnosis(client, Trace(client), ROUTE, {}).run()

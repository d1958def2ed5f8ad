# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Find out why the API cannot be used: one check after the other, up to the first failure.

The gateway gives the same answer to a wrong token, a wrong account, and a missing
permission. Therefore, verify the token first, and look for a refusing account among
those that the token reaches.
"""

from __future__ import annotations

import re
from copy import copy
from functools import partial
from typing import Any, Callable, Mapping, Sequence, TypeVar

from .._api.apps import list_apps
from .._api.shapes import ignore
from .._api.tokens import MOST_ACCOUNTS, list_accounts, verify_token
from .._errors import (
    ApiError,
    LostAnswerError,
    NotFoundError,
    RateLimitedError,
    RejectedAnswerError,
    RequestError,
    ServerError,
    TaskTimeoutError,
)
from .._http.client import Client
from .._http.surroundings import Route
from .._http.trace import Trace
from .checks import NOT_CHECKED, OK, Check, Checks, FoundError, is_past_gateway, tell

T = TypeVar("T")

#: The most apps and accounts in a line.
MOST_NAMED = 10

#: RealtimeKit's words for an account without it. It may also answer as for a missing permission.
SAYS_DISABLED = re.compile(r"\b(enabled|disabled|activated|available|subscri\w+)\b", re.IGNORECASE)

READS = ("meetings", "livestreams", "webhooks")

PERMISSION = "Give the token the permission Realtime or Realtime Admin for this account, in the dashboard under API Tokens."
ENABLE = "Enable RealtimeKit in the dashboard of this account, or use the account that has it."


class Diagnosis:
    """The checks of the API for one connection. Without a ``route``, no request is sent.

    ``problems`` are the problems of options, with advice, by the check that needs them.
    """

    def __init__(self, client: Client, trace: Trace, route: Route | None, problems: Mapping[str, tuple[str, str]]) -> None:
        self._client = client
        self._trace = trace
        self._route = route
        self._problems = problems
        self._checks = Checks()

    def run(self) -> list[Check]:
        """Run each of NAMES. Raise only InterruptError."""
        error = None
        for name in self._problems:
            self._checks.fail(name, *self._problems[name])
        try:
            self._ask()
        except FoundError:
            pass
        except TaskTimeoutError as stopped:
            last = f" (the last try: {str(stopped.after).rstrip('.')})" if stopped.after else ""
            self._checks.fail("connection", f"the checks took too long: {stopped.reason}{last}", "Increase task_timeout, or set none.")
        except RequestError as failure:
            error = failure
            self._checks.place(failure, self._route.proxy if self._route else None)
        causes = self._checks.failed
        if self._route:
            is_open = self._trace.quickest is not None or isinstance(error, (LostAnswerError, RejectedAnswerError))
            is_tried = is_open or error is not None
            self._checks.look_around(self._client.connection, self._route, self._trace, is_tried=is_tried, is_open=is_open)
        self._checks.add("write_permission", NOT_CHECKED, "only a write can prove it, and nothing is written")
        return self._checks.complete(causes)

    def _ask(self) -> None:
        if self._route is None or self._problems.keys() & {"certificate", "token"}:
            raise FoundError
        refusal = self._verify()
        if "account" in self._problems:
            raise FoundError
        apps = self._read_apps(refusal)
        self._find_app(apps)
        self._read()

    def _verify(self) -> ApiError | None:
        """Verify the token. Return its refusal, which can have another cause."""
        refusals = []
        has_account = "account" not in self._problems
        for account_id in (None, *((self._client.connection.account_id,) if has_account else ())):
            token, refusal = _listen(partial(verify_token, self._client, account_id))
            if token is None:
                refusals.append(refusal)
                continue
            until = f" until {token['expires_on']}" if token["expires_on"] else ""
            if token["status"] != "active":
                advice = "Enable it or make a new one in the dashboard under API Tokens, and put it in api_token (CLOUDFLARE_API_TOKEN)."
                raise self._checks.fail("token", f"the API knows it, and it is {token['status']}, not active", advice)
            self._checks.add("token", OK, f"active{until}, and belongs to {'the account' if account_id else 'a user'}")
            if account_id:
                self._checks.add("account", OK, f"the token belongs to {account_id}")
            return None
        if not has_account:
            self._checks.add("token", NOT_CHECKED, "no user has it, and one that belongs to an account is verified with account_id")
        return refusals[0]

    def _read_apps(self, refusal: ApiError | None) -> list[dict[str, Any]]:
        apps, error = _listen(lambda: list(list_apps(self._client)))
        if error and not _is_empty(error):
            self._explain(error, refusal)
        apps = apps or []
        if refusal:
            self._checks.add("token", OK, f"accepted, although it cannot be verified: {tell(refusal)}")
        self._checks.add("account", OK, f"the API answers for {self._client.connection.account_id}")
        self._checks.add("realtimekit", OK, f"enabled, with {len(apps)} app{'' if len(apps) == 1 else 's'}")
        return apps

    def _explain(self, error: ApiError, refusal: ApiError | None) -> None:
        """Find out why the API refuses the account's list of apps."""
        if refusal:
            has_no_code = error.code is refusal.code is None and error.status != 401  # so another server has answered
            if has_no_code or error.status == refusal.status == 404:
                advice = "Correct api_url (CLOUDFLARE_BASE_URL), which ends with /client/v4, or find out which proxy answers in its place."
                raise self._checks.fail("connection", f"there is no API at {self._client.connection.url}: {tell(error)}", advice)
            advice = (
                "Copy the token once more into api_token (CLOUDFLARE_API_TOKEN), without spaces, or make a new one. "
                "If it belongs to an account and not to a user, check account_id (CLOUDFLARE_ACCOUNT_ID) as well."
            )
            raise self._checks.fail("token", f"refused as a user's token and as this account's: {tell(refusal)}", advice)
        if is_past_gateway(error):
            self._checks.add("account", OK, f"RealtimeKit answers for {self._client.connection.account_id}")
        elif "account" not in self._checks:
            self._find_account(error)
        if error.status not in (401, 403) or SAYS_DISABLED.search(error.message):
            raise self._checks.fail("realtimekit", f"not there for this account: {tell(error)}", ENABLE)
        raise self._checks.fail(
            "read_permission",
            f"the token may not list the account's apps: {tell(error)}",
            f"{PERMISSION} If it has that, RealtimeKit may not be enabled for this account: the API can answer both alike.",
        )

    def _find_account(self, error: ApiError) -> None:
        """Look for the account among those that the token reaches, because the gateway's refusal does not show it."""
        account_id = self._client.connection.account_id
        accounts, _refusal = _listen(partial(list_accounts, self._client))
        accounts = accounts or []  # a refusal proves no more than an empty list
        if any(account["id"] == account_id for account in accounts):
            self._checks.add("account", OK, f"the token reaches {account_id}")
            return
        advice = "Use the account that the token is for as account_id (CLOUDFLARE_ACCOUNT_ID), or a token for this account."
        if accounts and len(accounts) < MOST_ACCOUNTS:
            raise self._checks.fail("account", f"the token does not reach {account_id}, but {_name(accounts)}", advice)
        raise self._checks.fail(
            "account",
            f"the API refuses {account_id} to this token: {tell(error)}. It may be another account, the token may lack the permission, "
            "or RealtimeKit may not be enabled: the API answers alike, and this token may not list its accounts",
            f"Compare account_id (CLOUDFLARE_ACCOUNT_ID) with the dashboard first. {PERMISSION} {ENABLE}",
        )

    def _find_app(self, apps: Sequence[Mapping[str, Any]]) -> None:
        there = f"the account has {_name(apps)}" if apps else "the account has no app"
        app_id = self._client.connection.app_id
        if "app" in self._problems:
            problem, advice = self._problems["app"]
            raise self._checks.fail("app", f"{problem}; {there}", advice)
        found = [app for app in apps if app["id"] == app_id]
        if not found:
            advice = (
                "Put the id of an app of this account in app_id (CLOUDFLARE_REALTIMEKIT_APP_ID)."
                if apps
                else "Make an app in the dashboard first."
            )
            raise self._checks.fail("app", f"{app_id} is not among the account's apps; {there}", advice)
        self._checks.add("app", OK, f"{_name(found)} exists")

    def _read(self) -> None:
        """Read a little of each kind. A refusal of one kind does not affect the next, so each gets a new client."""
        refused = {}
        for kind in READS:
            _nothing, error = _listen(partial(copy(self._client).get, (kind,), ignore, {"page_no": 1, "per_page": 1}))
            if error and not _is_empty(error):
                refused[kind] = error
        may = ", ".join(["apps", *(kind for kind in READS if kind not in refused)])
        if refused:
            told = "; ".join(f"{kind}: {tell(error)}" for kind, error in refused.items())
            raise self._checks.fail("read_permission", f"the token may read {may}, and not {told}", PERMISSION)
        self._checks.add("read_permission", OK, f"the token may read {may}")


def _listen(ask: Callable[[], T]) -> tuple[T | None, ApiError | None]:
    """Return the API's answer or refusal. Any other error ends all questions."""
    try:
        return ask(), None
    except (RateLimitedError, ServerError):
        raise
    except ApiError as error:
        return None, error


def _is_empty(error: ApiError) -> bool:
    """Return whether this can be the answer of an empty list."""
    return isinstance(error, NotFoundError) and is_past_gateway(error)


def _name(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return apps or accounts by id and name, and the number of further ones."""
    named = [f"{row['id']} ({row['name']})" if row["name"] else str(row["id"]) for row in rows[:MOST_NAMED]]
    return ", ".join(named) + (f", and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else "")

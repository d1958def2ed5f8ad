# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The checks of the connection for Ansible: the options and the versions first, then the API."""

from __future__ import annotations

import os
import platform
import re
from typing import Any, Mapping, Sequence

from .._ensure.checks import FAILED, NAMES, NOT_CHECKED, OK, Check, make_sentence
from .._ensure.diagnosis import Diagnosis
from .._http.client import Client
from .._http.session import Connection
from .._http.surroundings import find_route, list_libraries
from .._http.trace import Trace
from .options import HARMLESS, build_connection, find_problems
from .results import Report

#: The oldest supported versions.
MINIMUMS = {"ansible-core": (2, 16), "Python": (3, 8), "requests": (2, 28)}

#: The check that needs an option; "options" for all others.
NEEDED_FOR = {"api_token": "token", "account_id": "account", "app_id": "app", "ca_path": "certificate"}

#: One retry is enough to see a lasting fault. A used-up rate limit is a result, not a reason to wait.
MOST_RETRIES = 1
LONGEST_HOLD = 2.0


def connect(params: Mapping[str, Any], environ: Mapping[str, str]) -> Connection:
    """Return the connection as far as the options allow. An invalid option gets a value that is never sent."""
    problems = find_problems(params, environ)
    connection = build_connection({**params, **{option: HARMLESS[option] for option in problems}}, environ)
    return connection._replace(
        token="" if "api_token" in problems else connection.token,
        retries=min(connection.retries, MOST_RETRIES),
        longest_hold=LONGEST_HOLD,
    )


def check_all(client: Client, params: Mapping[str, Any], ansible_version: str) -> Report:
    """Run every check with this client of a connection from `connect`."""
    problems: dict[str, tuple[str, str]] = {}
    for option, error in find_problems(params, os.environ).items():
        name = NEEDED_FOR.get(option, "options")
        detail, _separator, advice = str(error).partition(": ")
        others = problems.get(name, ("", ""))
        told = re.sub("^It must", f"{option} must", make_sentence(advice)) if advice else f"Correct {option}."
        problems[name] = "; ".join(filter(None, (others[0], detail))), " ".join(filter(None, (others[1], told)))
    wrong = problems.pop("options", None)
    route = None if wrong else find_route(client.connection)
    options = Check("options", FAILED, *wrong) if wrong else Check("options", OK, f"api_url is {client.connection.url}")
    checks = Diagnosis(client, Trace(client), route, problems).run()
    return build_report([_check_versions(ansible_version, list_libraries()), options, *checks])


def report_without_requests(missing: str, ansible_version: str) -> Report:
    """Return the checks that are possible without the requests library; ``missing`` is Ansible's message."""
    versions = _check_versions(ansible_version, {})
    advice = "Install requests 2.28 or newer for this Python."
    others = [Check(name, NOT_CHECKED, "because versions failed") for name in ("options", *NAMES)]
    return build_report([versions._replace(status=FAILED, detail=f"{versions.detail}. {missing}", advice=advice), *others])


def build_report(checks: Sequence[Check]) -> Report:
    return Report((), lambda: {"checks": [check._asdict() for check in checks]}, has_diff=False)


def _check_versions(ansible_version: str, libraries: Mapping[str, str]) -> Check:
    versions = {"ansible-core": ansible_version, "Python": platform.python_version(), **libraries}
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    old = [name for name, least in MINIMUMS.items() if name in versions and _parse(versions[name]) < least]
    if not old:
        return Check("versions", OK, told)
    needed = ", ".join("{} {}.{}".format(name, *MINIMUMS[name]) for name in old)
    return Check("versions", FAILED, f"{told}; too old: {', '.join(old)}", f"Install at least {needed}.")


def _parse(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])

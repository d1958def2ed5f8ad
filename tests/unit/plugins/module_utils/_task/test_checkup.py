# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The effects of options and versions on the checks of the connection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._task import checkup
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.options import CONNECTION_SPEC
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.results import Report
from ansible_collections.streamops.realtimekit.tests.unit.fakes import TOKEN, Clock, FakeAPI, build_client, refusal

ROOT = Path(__file__).resolve().parents[5]

IN_CLEAR = "http:// would send the token unencrypted and is allowed for loopback addresses only; use https://"

GIVEN = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app_1", "validate_certs": True}


def read(report: Report) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in report.returns["checks"]}


def check(clock: Clock, api: FakeAPI, core: str = "2.19.2", **params: Any) -> dict[str, dict[str, Any]]:
    given = {**dict.fromkeys(CONNECTION_SPEC), **GIVEN, **params}
    connection = checkup.connect(given, {})
    client = build_client(api, clock, **connection._asdict())
    return read(checkup.check_all(client, given, core))


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("TOKEN", "ACCOUNT_ID", "REALTIMEKIT_APP_ID", "BASE_URL", "API_TIMEOUT", "API_RETRIES"):
        monkeypatch.delenv(f"CLOUDFLARE_{variable}", raising=False)
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)


@pytest.mark.parametrize(("given", "used"), [(None, 1), (0, 0), (1, 1), (7, 1)])
def test_connection_is_in_a_hurry(given: int | None, used: int) -> None:
    connection = checkup.connect({**GIVEN, "api_retries": given, "api_timeout": 7}, {})
    assert (connection.retries, connection.longest_hold, connection.timeout) == (used, 2.0, 7.0)
    assert (connection.token, connection.account_id, connection.app_id) == (TOKEN, "account-1", "app_1")


@pytest.mark.parametrize("token", [None, "", "two words"])
def test_token_that_cannot_be_used_is_in_no_header(token: str | None) -> None:
    assert checkup.connect({**GIVEN, "api_token": token}, {}).token == ""


def test_connection_comes_from_the_environment_as_well() -> None:
    environ = {"CLOUDFLARE_API_TOKEN": TOKEN, "CLOUDFLARE_ACCOUNT_ID": "a", "CLOUDFLARE_REALTIMEKIT_APP_ID": "b"}
    connection = checkup.connect({"validate_certs": False}, environ)
    assert (connection.token, connection.account_id, connection.app_id, connection.verify) == (TOKEN, "a", "b", False)


@pytest.mark.parametrize(
    ("params", "name", "detail", "advice"),
    [
        (
            {"api_token": None},
            *("token", "api_token is required", "Set it in the task, or set the environment variable CLOUDFLARE_API_TOKEN on the target."),
        ),
        (
            {"api_token": "two words"},
            "token",
            "api_token must be printable ASCII without spaces (the value is not shown here)",
            "Correct api_token.",
        ),
        (
            {"account_id": ""},
            *(
                "account",
                "account_id is required",
                "Set it in the task, or set the environment variable CLOUDFLARE_ACCOUNT_ID on the target.",
            ),
        ),
        ({"account_id": "a/b"}, "account", "account_id is 'a/b'", "account_id must consist of letters, digits, '-' and '_' only."),
        (
            {"ca_path": "/nonexistent"},
            *("certificate", "ca_path is '/nonexistent'", "The target has no file or directory of CA certificates there."),
        ),
        ({"api_timeout": "soon"}, "options", "api_timeout is 'soon'", "api_timeout must be a number."),
        (
            {"api_url": "http://api.test", "task_timeout": 0},
            "options",
            "task_timeout is 0; api_url is 'http://api.test'",
            f"task_timeout must be from 1 to 86400 seconds. {IN_CLEAR}.",
        ),
    ],
)
def test_option_that_cannot_be_used_is_a_result(clock: Clock, params: dict[str, Any], name: str, detail: str, advice: str) -> None:
    checks = check(clock, FakeAPI(refusal(429), refusal(429)), **params)
    assert checks[name] == {"name": name, "status": "failed", "detail": detail, "advice": advice}
    assert {found for found, each in checks.items() if each["status"] == "failed"} <= {name, "rate_limit"}


def test_nothing_is_sent_with_an_option_that_all_requests_need(clock: Clock) -> None:
    checks = check(clock, FakeAPI(), api_retries="many")
    assert checks["proxy"]["detail"] == "because options failed"
    assert checks["options"]["status"] == "failed"


def test_options_that_can_be_used_are_reported(clock: Clock) -> None:
    checks = check(clock, FakeAPI(refusal(503)), api_retries=0, api_url="https://api.test/client/v4")
    assert checks["options"] == {"name": "options", "status": "ok", "detail": "api_url is https://api.test/client/v4", "advice": None}
    assert checks["connection"]["status"] == "failed"


# Versions


def test_versions_are_reported(clock: Clock) -> None:
    versions = check(clock, FakeAPI(refusal(503)), api_retries=0)["versions"]
    assert versions["status"] == "ok"
    assert re.fullmatch(r"ansible-core 2\.19\.2, Python 3\.\d+\.\S+, requests 2\.\S+, urllib3 \S+, OpenSSL .+", versions["detail"])


@pytest.mark.parametrize(
    ("core", "status"), [("2.15.13", "failed"), ("2.16.0", "ok"), ("2.22.0rc1", "ok"), ("3.0", "ok"), ("2.9.27", "failed")]
)
def test_version_that_is_too_old_has_failed(clock: Clock, core: str, status: str) -> None:
    versions = check(clock, FakeAPI(refusal(503)), core, api_retries=0)["versions"]
    assert versions["status"] == status
    if status == "failed":
        assert versions["detail"].endswith("; too old: ansible-core")
        assert versions["advice"] == "Install at least ansible-core 2.16."


def test_several_may_be_too_old() -> None:
    found = checkup._check_versions("2.15.1", {"requests": "2.27.1", "urllib3": "1.26.5"})
    assert found.detail.endswith("urllib3 1.26.5; too old: ansible-core, requests")
    assert found.advice == "Install at least ansible-core 2.16, requests 2.28."


def test_minimums_are_those_that_the_collection_declares() -> None:
    least = {name: "{}.{}".format(*version) for name, version in checkup.MINIMUMS.items()}
    runtime, readme = ((ROOT / name).read_text(encoding="utf-8") for name in ("meta/runtime.yml", "README.md"))
    assert f'requires_ansible: ">={least["ansible-core"]}.0"' in runtime
    assert f"ansible-core {least['ansible-core']} or newer" in readme
    assert f"Python {least['Python']} or newer, and `requests` {least['requests']} or newer" in readme
    assert f"requests>={least['requests']}" in (ROOT / "requirements.txt").read_text(encoding="utf-8")


def test_missing_requests_is_a_result() -> None:
    checks = read(checkup.report_without_requests("Failed to import the required Python library (requests).", "2.19.2"))
    versions = checks.pop("versions")
    assert versions["status"] == "failed"
    assert versions["detail"].endswith(". Failed to import the required Python library (requests).")
    assert versions["advice"] == "Install requests 2.28 or newer for this Python."
    assert {(each["status"], each["detail"]) for each in checks.values()} == {("not_checked", "because versions failed")}
    assert list(checks)[:2] == ["options", "proxy"]

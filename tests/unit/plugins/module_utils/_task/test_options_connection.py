# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection: from the task or the environment, checked the same, and the token never in an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests.certs
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.session import Connection
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.options import (
    CONNECTION_SPEC,
    DEFAULTS,
    ENVIRONMENT,
    build_connection,
)
from ansible_collections.streamops.realtimekit.tests.unit.fakes import TOKEN

#: The options of a task with typed values; the environment has the same values as strings.
TASK = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app_1"}
NOTHING = {**dict.fromkeys(CONNECTION_SPEC), "validate_certs": True}
ENVIRON = {ENVIRONMENT[option]: value for option, value in TASK.items()}

FROM_THE_TASK = Connection("https://api.cloudflare.com/client/v4", TOKEN, "account-1", "app_1", 30.0, 4, True)


def from_task(**options: Any) -> Connection:
    return build_connection({**NOTHING, **TASK, **options}, {})


def from_environment(**options: str) -> Connection:
    return build_connection(NOTHING, {**ENVIRON, **{ENVIRONMENT[option]: value for option, value in options.items()}})


def refused(read: Any, **options: Any) -> str:
    with pytest.raises(InvalidInputError) as caught:
        read(**options)
    assert TOKEN not in str(caught.value)
    return str(caught.value)


def test_task_alone() -> None:
    assert from_task() == FROM_THE_TASK


def test_environment_alone() -> None:
    assert from_environment() == FROM_THE_TASK


def test_names_of_the_variables() -> None:
    assert ENVIRONMENT == {
        "api_token": "CLOUDFLARE_API_TOKEN",
        "account_id": "CLOUDFLARE_ACCOUNT_ID",
        "app_id": "CLOUDFLARE_REALTIMEKIT_APP_ID",
        "api_url": "CLOUDFLARE_BASE_URL",
        "api_timeout": "CLOUDFLARE_API_TIMEOUT",
        "api_retries": "CLOUDFLARE_API_RETRIES",
    }
    assert DEFAULTS == {"api_url": "https://api.cloudflare.com/client/v4", "api_timeout": 30.0, "api_retries": 4}


OTHERS = {
    "api_token": ("another-token-7f31", "another-token-7f31", "token"),
    "account_id": ("account-2", "account-2", "account_id"),
    "app_id": ("app-2", "app-2", "app_id"),
    "api_url": ("https://other.test/v4", "https://other.test/v4", "url"),
    "api_timeout": (2.5, "2.5", "timeout"),
    "api_retries": (7, "7", "retries"),
}


def test_table_has_every_variable() -> None:
    assert list(OTHERS) == list(ENVIRONMENT)


@pytest.mark.parametrize("option", OTHERS)
def test_task_comes_before_the_environment(option: str) -> None:
    value, _unused, field = OTHERS[option]
    environ = {**ENVIRON, **{ENVIRONMENT[each]: str(DEFAULTS.get(each, "environment")) for each in OTHERS}}
    assert getattr(build_connection({**NOTHING, option: value}, environ), field) == value


@pytest.mark.parametrize("option", OTHERS)
def test_environment_is_converted(option: str) -> None:
    value, text, field = OTHERS[option]
    found = getattr(from_environment(**{option: text}), field)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("option", OTHERS)
def test_empty_string_is_unset_in_both_places(option: str) -> None:
    value, text, field = OTHERS[option]
    environ = {**ENVIRON, ENVIRONMENT[option]: text}
    assert getattr(build_connection({**NOTHING, option: ""}, environ), field) == value
    if option in TASK:
        assert refused(from_environment, **{option: ""}) == needed(option)
    else:
        assert getattr(from_environment(**{option: ""}), field) == DEFAULTS[option]


def needed(option: str) -> str:
    return f"{option} is required: set it in the task, or set the environment variable {ENVIRONMENT[option]} on the target"


@pytest.mark.parametrize("option", TASK)
def test_what_is_needed_is_named_with_its_variable(option: str) -> None:
    assert refused(from_task, **{option: None}) == needed(option)


def test_zero_is_not_unset() -> None:
    assert from_task(api_retries=0).retries == 0
    assert from_environment(api_retries="0").retries == 0


ODD_TOKENS = ["two words", " leading", "trailing\n", "tab\there", "zero\0here", "bühne-token", "\u201cquoted\u201d", " "]


@pytest.mark.parametrize("token", ODD_TOKENS, ids=repr)
def test_odd_token_is_refused_and_not_shown(token: str) -> None:
    said = "must be printable ASCII without spaces (the value is not shown here)"
    assert refused(from_task, api_token=token) == f"api_token {said}"
    assert refused(from_environment, api_token=token) == f"api_token (from the environment variable CLOUDFLARE_API_TOKEN) {said}"


def test_token_may_have_every_printable_character() -> None:
    every = "".join(map(chr, range(0x21, 0x7F)))
    assert from_task(api_token=every).token == every


@pytest.mark.parametrize("option", ["account_id", "app_id"])
@pytest.mark.parametrize("value", ["a/b", "a b", "a.b", "..", "ä", "a\n", " ", "%41"], ids=repr)
def test_odd_id_is_refused(option: str, value: str) -> None:
    said = f"is {value!r}: it must consist of letters, digits, '-' and '_' only"
    assert refused(from_task, **{option: value}) == f"{option} {said}"
    assert refused(from_environment, **{option: value}) == f"{option} (from the environment variable {ENVIRONMENT[option]}) {said}"


@pytest.mark.parametrize("value", ["a", "A-b_9", "x" * 100])
def test_id_may_have_any_length(value: str) -> None:
    assert from_task(account_id=value, app_id=value)[2:4] == (value, value)


RANGES = {
    "api_timeout": (0.001, 3600.0, "seconds", "it must be from 0.001 to 3600 seconds", "it must be a number"),
    "api_retries": (0, 100, "retries", "it must be from 0 to 100 retries", "it must be a whole number"),
}


@pytest.mark.parametrize("option", RANGES)
def test_number_may_be_at_both_ends(option: str) -> None:
    least, most, *_unused = RANGES[option]
    field = OTHERS[option][2]
    for value in (least, most):
        assert getattr(from_task(**{option: value}), field) == value
        assert getattr(from_environment(**{option: str(value)}), field) == value


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("api_timeout", 0.0),
        ("api_timeout", 0.0009),
        ("api_timeout", 3600.1),
        ("api_timeout", -1.0),
        ("api_timeout", float("nan")),
        ("api_timeout", float("inf")),
        ("api_timeout", float("-inf")),
        ("api_retries", -1),
        ("api_retries", 101),
    ],
)
def test_number_out_of_range(option: str, value: float) -> None:
    says = RANGES[option][3]
    assert refused(from_task, **{option: value}) == f"{option} is {value}: {says}"
    assert refused(from_environment, **{option: str(value)}) == (
        f"{option} (from the environment variable {ENVIRONMENT[option]}) is {value}: {says}"
    )


@pytest.mark.parametrize(
    ("option", "value"), [("api_timeout", "soon"), ("api_timeout", "1,5"), ("api_retries", "4.0"), ("api_retries", "many")]
)
def test_number_that_is_none(option: str, value: str) -> None:
    assert refused(from_environment, **{option: value}) == (
        f"{option} (from the environment variable {ENVIRONMENT[option]}) is {value!r}: {RANGES[option][4]}"
    )


@pytest.mark.parametrize("seconds", [1, 60, 86400])
def test_task_timeout(seconds: int) -> None:
    assert from_task(task_timeout=seconds) == FROM_THE_TASK._replace(task_timeout=seconds)


@pytest.mark.parametrize("seconds", [0, -1, 86401])
def test_task_timeout_out_of_range(seconds: int) -> None:
    assert refused(from_task, task_timeout=seconds) == f"task_timeout is {seconds}: it must be from 1 to 86400 seconds"


def test_task_without_a_timeout() -> None:
    """Not from the environment either: what is right for one task is wrong for the next."""
    assert from_task(task_timeout=None).task_timeout is None
    assert "task_timeout" not in ENVIRONMENT


@pytest.mark.parametrize("option", ["api_url", "api_timeout", "api_retries", "task_timeout", "ca_path"])
def test_empty_text_counts_as_not_set(option: str) -> None:
    assert from_task(**{option: ""}) == from_task(**{option: None})


@pytest.mark.parametrize(("given", "connection"), [("2.5", {"timeout": 2.5}), ("7", {"timeout": 7.0})])
def test_numbers_are_read_from_texts(given: str, connection: dict[str, Any]) -> None:
    assert from_task(api_timeout=given) == FROM_THE_TASK._replace(**connection)
    assert from_task(task_timeout="60", api_retries="3") == FROM_THE_TASK._replace(task_timeout=60, retries=3)
    assert refused(from_task, task_timeout="soon") == "task_timeout is 'soon': it must be a whole number"


# Certificates


@pytest.mark.parametrize(("validate", "with_path", "verify"), [(True, False, True), (False, False, False), (False, True, False)])
def test_verify(tmp_path: Path, validate: bool, with_path: bool, verify: bool) -> None:
    assert from_task(validate_certs=validate, ca_path=str(tmp_path) if with_path else None).verify is verify


def test_ca_path() -> None:
    bundle = Path(requests.certs.where())
    assert from_task(ca_path=str(bundle)).verify == str(bundle)
    assert from_task(ca_path=str(bundle.parent)).verify == str(bundle.parent)


@pytest.mark.parametrize("validate", [True, False])
@pytest.mark.parametrize("content", [None, "", "a certificate"], ids=["gone", "empty", "something else"])
def test_ca_path_without_certificates(tmp_path: Path, content: str | None, validate: bool) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    assert refused(from_task, ca_path=str(path), validate_certs=validate) == (
        f"ca_path is {str(path)!r}: the target has no file or directory of CA certificates there"
    )


def test_ca_path_that_no_file_can_have() -> None:
    assert refused(from_task, ca_path="/etc/\0").startswith("ca_path is '/etc/\\x00': the target has no file")


def test_empty_ca_path_is_unset() -> None:
    assert from_task(ca_path="").verify is True


@pytest.mark.parametrize(
    ("url", "is_direct"),
    [("http://127.0.0.1:8080", True), ("HTTP://127.0.0.1", True), (" http://127.0.0.1\n", True), ("https://api.test/v4", False)],
)
def test_only_what_is_not_encrypted_avoids_proxies(url: str, is_direct: bool) -> None:
    assert from_task(api_url=url).is_direct is is_direct


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize(
    ("no_proxy", "is_direct"),
    [
        ("[2001:db8::7]", True),
        ("api.test, [2001:DB8::7]:8443", True),
        ("2001:db8:0::7", True),
        ("2001:db8::/32", True),
        ("[2001:db8::8],2001:db8:1::/48,10.0.0.0/8,127.0.0.1", False),
        ("[", False),
        ("", False),
    ],
)
def test_no_proxy_names_an_ipv6_address(variable: str, no_proxy: str, is_direct: bool) -> None:
    """requests would take none of the first two for this host, and of networks only those of IPv4."""
    params = {**NOTHING, **TASK, "api_url": "https://[2001:db8::7]:8443/v4"}
    assert build_connection(params, {variable: no_proxy}).is_direct is is_direct

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address of the API, ids, names, numbers and dates, each at its edges."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.module_utils._task import options
from ansible_collections.streamops.realtimekit.tests.unit.fakes import MEETING, OTHER_MEETING, TOKEN

NEEDED = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app_1", "validate_certs": True}


def refused(check: Any, *values: Any) -> str:
    with pytest.raises(InvalidInputError) as caught:
        check(*values)
    return str(caught.value)


def url_of(value: str) -> str:
    return options.build_connection({**NEEDED, "api_url": value}, {}).url


@pytest.mark.parametrize(
    "url",
    [
        "https://api.cloudflare.com/client/v4",
        "https://api.test",
        "https://api.test:8443/v4/",
        "HTTPS://API.TEST/v4",
        "https://10.0.0.1/v4",
        "http://localhost:8080/client/v4",
        "http://LOCALHOST",
        "http://127.0.0.1:8080",
        "http://127.200.0.9",
        "http://[::1]:8080",
    ],
)
def test_url(url: str) -> None:
    assert url_of(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "api.test",
        "//api.test/v4",
        "ftp://api.test",
        "https://api.test/v4?",
        "https://api.test/v4#",
        "file:///etc/passwd",
        "https://",
        "https:///v4",
        "https://:443/v4",
        "https://api.test/v4?x=1",
        "https://api.test/v4#x",
        "https",
        " ",
    ],
)
def test_url_that_is_none(url: str) -> None:
    assert refused(url_of, url) == f"api_url is {url.strip()!r}: it must be a URL such as https://api.cloudflare.com/client/v4"


@pytest.mark.parametrize(
    "url",
    [
        "http://api.test/v4",
        "HTTP://api.test/v4",
        "http://localhost.api.test",
        "http://127.0.0.1.api.test",
        "http://127.1",
        "http://0.0.0.0:8080",
        "http://10.0.0.1",
        "http://[2001:db8::1]",
    ],
)
def test_url_that_would_show_the_token(url: str) -> None:
    assert refused(url_of, url) == (
        f"api_url is {url!r}: http:// would send the token unencrypted and is allowed for loopback addresses only; use https://"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://somebody:pass-word@api.test",
        "https://:pass-word@api.test",
        "https://pass-word@api.test",
        "http://somebody:pass-word@localhost",
        "ftp://somebody:pass-word@api.test",
    ],
)
def test_url_with_a_password_is_refused_and_not_shown(url: str) -> None:
    said = refused(url_of, url)
    assert said == "api_url must not have a user or a password in it (they are not shown here)"


@pytest.mark.parametrize(
    "url",
    [
        "https://somebody:pass-word@api.test:port",
        "https://somebody:pass-word@[::1",
        "https://somebody:pass-word@api℀.test",
        "https://a.test:99999",
    ],
)
def test_url_that_cannot_be_read_is_not_shown(url: str) -> None:
    assert refused(url_of, url) == "api_url is not a valid URL (the value is not shown, because it may contain a password)"


def test_url_of_the_environment_is_named() -> None:
    said = refused(options.build_connection, NEEDED, {"CLOUDFLARE_BASE_URL": "ftp://api.test"})
    assert said.startswith("api_url (from the environment variable CLOUDFLARE_BASE_URL) is 'ftp://api.test': ")


@pytest.mark.parametrize("value", ["a", "6d2f4d5e-9c3b", "A_b", "0" * 200])
def test_identifier(value: str) -> None:
    assert options.check_identifier("livestream_id", value) == value


@pytest.mark.parametrize("value", ["", "a/b", "../x", "a b", "a\n", "é"])
def test_odd_identifier(value: str) -> None:
    assert refused(options.check_identifier, "livestream_id", value) == (
        f"livestream_id is {value!r}: it must consist of letters, digits, '-' and '_' only"
    )


@pytest.mark.parametrize("value", [MEETING, MEETING.upper(), f" {MEETING}\n", "00000000-0000-0000-0000-000000000000"])
def test_meeting_id_is_lowered_and_stripped(value: str) -> None:
    assert options.check_meeting_id("meeting_id", value) == value.strip().lower()


@pytest.mark.parametrize(
    "value",
    [
        "x",
        MEETING[:-1],
        f"{MEETING}0",
        MEETING.replace("-", ""),
        f"{{{MEETING}}}",
        MEETING.replace("b", "g"),
        f"{MEETING} {MEETING}",
        "../..",
    ],
)
def test_odd_meeting_id(value: str) -> None:
    assert refused(options.check_meeting_id, "meeting_id", value) == (
        f"meeting_id has {value!r}: it must be a UUID such as bbbb1111-22cc-33dd-44ee-555555ffffff"
    )


@pytest.mark.parametrize("value", ["", "  "])
def test_empty_meeting_id(value: str) -> None:
    assert refused(options.check_meeting_id, "meeting_id", value) == (
        "meeting_id has an empty value, perhaps from an empty survey field: it must be a meeting's UUID"
    )


def test_each_once() -> None:
    values = [OTHER_MEETING, MEETING.upper(), MEETING, OTHER_MEETING]
    assert options.check_each("meeting_id", values, options.check_meeting_id) == [OTHER_MEETING, MEETING]
    assert options.check_each("meeting_id", [], options.check_meeting_id) == []


def test_each_is_checked() -> None:
    assert refused(options.check_each, "meeting_id", [MEETING, "x"], options.check_meeting_id).startswith("meeting_id has 'x': ")


@pytest.mark.parametrize("value", ["a", " a ", "Bühne, links", "0"])
def test_name_is_taken_whole(value: str) -> None:
    assert options.check_name("name", value) == value


@pytest.mark.parametrize(("value", "name"), [(2026, "2026"), (0, "0"), (4.5, "4.5")])
def test_number_is_a_name(value: float, name: str) -> None:
    assert options.check_name("name", value) == name


@pytest.mark.parametrize("value", [["a", "b"], {"name": "a"}, True, None], ids=repr)
def test_what_is_no_text_is_no_name(value: Any) -> None:
    """Ansible would convert it to a string, the name of a livestream that cannot be deleted."""
    assert refused(options.check_name, "name", value) == f"name has {value!r}: a name must be a string: quote it in YAML"


@pytest.mark.parametrize("value", ["", " ", "\t\n"])
def test_blank_name(value: str) -> None:
    assert refused(options.check_name, "names", value) == f"names has {value!r}: a name must not be empty"


@pytest.mark.parametrize("value", ["a", "Bühne, links", "a  b", 7])
def test_new_name_is_taken_whole(value: Any) -> None:
    assert options.check_new_name("name", value) == str(value)


@pytest.mark.parametrize("value", [" a", "a ", "\ta\n", "a\u00a0"])
def test_new_name_has_no_white_space_around_it(value: str) -> None:
    assert refused(options.check_new_name, "names", value) == (
        f"names has {value!r}: a name must not begin or end with white space, which the API may remove"
    )


@pytest.mark.parametrize("value", ["", " ", None, ["a"]], ids=repr)
def test_new_name_is_a_name(value: Any) -> None:
    assert refused(options.check_new_name, "names", value) == refused(options.check_name, "names", value)


@pytest.mark.parametrize("value", [1, 2, 32])
def test_between(value: int) -> None:
    assert options.check_range("concurrency", value, 1, 32, "meetings") == value


@pytest.mark.parametrize("value", [0, 33, -1, float("nan"), float("inf")])
def test_not_between(value: float) -> None:
    assert (
        refused(options.check_range, "concurrency", value, 1, 32, "meetings") == f"concurrency is {value}: it must be from 1 to 32 meetings"
    )


def utc(*parts: int, hours: int = 0) -> datetime:
    return datetime(*parts, tzinfo=timezone(timedelta(hours=hours)))  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("value", "point"),
    [
        (None, None),
        ("2026-11-20T09:00:00Z", utc(2026, 11, 20, 9)),
        ("2026-11-20T09:00:00.123456Z", utc(2026, 11, 20, 9)),
        ("2026-11-20T09:00:00.123456789Z", utc(2026, 11, 20, 9)),
        ("2026-11-20T09:00:00.1+01:00", utc(2026, 11, 20, 9, hours=1)),
        ("2026-11-20T09:00:00-08:00", utc(2026, 11, 20, 9, hours=-8)),
        ("2024-02-29T23:59:59+00:00", utc(2024, 2, 29, 23, 59, 59)),
    ],
)
def test_date_time(value: str | None, point: datetime | None) -> None:
    assert options.check_date_time("start_time", value) == point


@pytest.mark.parametrize(
    "value",
    [
        "",
        "now",
        "2026-11-20",
        "2026-11-20T09:00:00",
        "2026-11-20 09:00:00Z",
        "2026-11-20T09:00Z",
        "2026-11-20T09:00:00z",
        "2026-02-31T09:00:00Z",
        "2026-13-01T09:00:00Z",
        "2026-11-20T24:00:00Z",
        "2026-11-20T09:00:00+24:00",
        "2026-11-20T09:00:00.Z",
        " 2026-11-20T09:00:00Z",
        "2026-11-20T09:00:00Z\n",
    ],
)
def test_odd_date_time(value: str) -> None:
    assert refused(options.check_date_time, "end_time", value) == (
        f"end_time is {value!r}: it must be a date and time such as 2026-11-20T09:00:00Z"
    )

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proxy, the CA certificates, and the libraries that requests are sent with."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.surroundings import Route, find_route, list_libraries
from ansible_collections.streamops.realtimekit.tests.unit.fakes import CONNECTION
from requests.utils import DEFAULT_CA_BUNDLE_PATH

VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)


@pytest.mark.parametrize(
    ("variables", "connection", "route"),
    [
        ({}, {}, (None, DEFAULT_CA_BUNDLE_PATH)),
        ({"HTTPS_PROXY": "http://proxy.test:3128"}, {}, ("http://proxy.test:3128", DEFAULT_CA_BUNDLE_PATH)),
        ({"HTTPS_PROXY": "http://proxy.test"}, {}, ("http://proxy.test", DEFAULT_CA_BUNDLE_PATH)),
        ({"HTTPS_PROXY": "proxy.test:3128"}, {}, ("http://proxy.test:3128", DEFAULT_CA_BUNDLE_PATH)),
        ({"HTTPS_PROXY": "http://[2001:db8::7]:3128"}, {}, ("http://[2001:db8::7]:3128", DEFAULT_CA_BUNDLE_PATH)),
        ({"ALL_PROXY": "socks5h://proxy.test:1080"}, {}, ("socks5h://proxy.test:1080", DEFAULT_CA_BUNDLE_PATH)),
        ({"HTTP_PROXY": "http://proxy.test:3128"}, {}, (None, DEFAULT_CA_BUNDLE_PATH)),
        ({"HTTPS_PROXY": "http://proxy.test:3128", "NO_PROXY": "api.test"}, {}, (None, DEFAULT_CA_BUNDLE_PATH)),
        ({"ALL_PROXY": "http://proxy.test"}, {"url": "http://127.0.0.1:9", "is_direct": True}, (None, DEFAULT_CA_BUNDLE_PATH)),
        ({"REQUESTS_CA_BUNDLE": "/own.pem"}, {}, (None, "/own.pem")),
        ({"REQUESTS_CA_BUNDLE": "/own.pem"}, {"verify": "/option.pem"}, (None, "/option.pem")),
        ({"REQUESTS_CA_BUNDLE": "/own.pem"}, {"verify": False}, (None, DEFAULT_CA_BUNDLE_PATH)),
    ],
    ids=str,
)
def test_route(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], connection: dict[str, Any], route: tuple[Any, str]) -> None:
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    assert find_route(CONNECTION._replace(**connection)) == Route(*route)


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://user:hunter2hunter2@proxy.test:3128/hunter2", "http://proxy.test:3128 (with a user, who is not shown)"),
        ("user:hunter2@proxy.test", "http://proxy.test (with a user, who is not shown)"),
        ("http://user:hunter2@proxy.test:port", "an address that cannot be read, and is not shown as it may hold a password"),
        ("http://hunter2/hunter@proxy.test:3128", "an address that cannot be read, and is not shown as it may hold a password"),
        ("http://hunter2#hunter@proxy.test", "an address that cannot be read, and is not shown as it may hold a password"),
        ("http://hunter2?hunter@proxy.test", "an address that cannot be read, and is not shown as it may hold a password"),
        ("http://user:hunter2@", "an address that cannot be read, and is not shown as it may hold a password"),
        ("http://user:hunter2@[proxy", "an address that cannot be read, and is not shown as it may hold a password"),
    ],
)
def test_user_of_the_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch, proxy: str, shown: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert find_route(CONNECTION).proxy == shown


def test_libraries_have_versions() -> None:
    libraries = list_libraries()
    assert list(libraries) == ["requests", "urllib3", "OpenSSL"]
    assert all(version[0].isdecimal() for version in libraries.values())

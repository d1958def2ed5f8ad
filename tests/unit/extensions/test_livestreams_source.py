# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of the event source `livestreams`. tests/contract polls with it."""

from __future__ import annotations

import gc
import importlib
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest

SOURCE = "ansible_collections.streamops.realtimekit.extensions.eda.plugins.event_source.livestreams"
MEETING = "bbbb1111-22cc-33dd-44ee-555555ffffff"
TOKEN = "Zq8-token-of-the-unit-tests-c41e"
ENVIRON = {"CLOUDFLARE_API_TOKEN": TOKEN, "CLOUDFLARE_ACCOUNT_ID": "account", "CLOUDFLARE_REALTIMEKIT_APP_ID": "app"}


@pytest.fixture(scope="module")
def source() -> dict[str, Any]:
    """The names in the file. ansible-rulebook gets them by runpy, which ansible-test breaks."""
    return vars(importlib.import_module(SOURCE))


def build(source: dict[str, Any], environ: Any = None, **args: Any) -> Any:
    return source["build_source"](args, ENVIRON if environ is None else environ)


def test_defaults(source: dict[str, Any]) -> None:
    built = build(source)
    assert (built.interval, built.secrets) == (15.0, {TOKEN})
    connection = built.connect().client.connection
    assert (connection.token, connection.account_id, connection.app_id, connection.task_timeout) == (TOKEN, "account", "app", 60)
    assert connection.verify is True


def test_arguments_come_before_the_environment(source: dict[str, Any]) -> None:
    built = build(source, api_token="another", account_id=7, app_id="b", api_url="http://127.0.0.1:1", interval="30", validate_certs=False)
    connection = built.connect().client.connection
    assert (connection.token, connection.account_id, connection.app_id, connection.url) == ("another", "7", "b", "http://127.0.0.1:1")
    assert (built.interval, connection.task_timeout, connection.verify) == (30.0, 120, False)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"interval_s": 5}, "'interval_s' is not an argument of this source; the arguments are api_token, "),
        ({"interval": 0}, "interval is 0.0: it must be from 1 to 3600 seconds"),
        ({"interval": "often"}, "interval is 'often': it must be a number"),
        ({"interval": []}, "interval is []: it must be a number"),
        ({"meeting_ids": []}, "must not be empty"),
        ({"meeting_ids": MEETING}, "it must be a list of UUIDs"),
        ({"meeting_ids": ["Main stage"]}, "it must be a UUID such as"),
        ({"restarts": 3}, "restarts requires meeting_ids"),
        ({"restarts": "many", "meeting_ids": [MEETING]}, "it must be a whole number"),
        ({"restarts": float("inf"), "meeting_ids": [MEETING]}, "it must be a whole number"),
        ({"account_id": ["a"]}, "account_id must be a string"),
        ({"account_id": True}, "account_id must be a string"),
        ({"api_token": [TOKEN]}, "api_token must be a string (the value is not shown here)"),
        ({"api_token": "with blank"}, "api_token must be printable ASCII"),
        ({"api_url": "http://elsewhere.test"}, "use https://"),
    ],
)
def test_mistake_ends_the_source_before_it_polls(source: dict[str, Any], args: dict[str, Any], words: str) -> None:
    with pytest.raises(source["load"]("_errors").InvalidInputError) as refused:
        build(source, **args)
    assert words in str(refused.value)


def test_connection_of_a_poll_ends_with_it(source: dict[str, Any]) -> None:
    livestreams = build(source).connect()
    client = weakref.ref(livestreams.client)
    gc.disable()
    try:
        del livestreams
        assert client() is None
    finally:
        gc.enable()


def test_token_is_needed(source: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="api_token is required"):
        build(source, {})


def test_feedback_queue_of_ansible_rulebook_is_not_a_mistake(source: dict[str, Any]) -> None:
    build(source, eda_feedback_queue=None)


def test_documentation_has_every_argument(source: dict[str, Any]) -> None:
    yaml = pytest.importorskip("yaml")
    options = yaml.safe_load(source["DOCUMENTATION"])["options"]
    assert set(options) == set(source["ARGUMENTS"])
    assert {name: options[name]["default"] for name in source["DEFAULTS"]} == source["DEFAULTS"]
    assert yaml.safe_load(source["EXAMPLES"])[0]["sources"][0].keys() == {"streamops.realtimekit.livestreams"}


def test_module_utils_belong_to_the_same_collection(source: dict[str, Any]) -> None:
    watching = source["load"]("_ensure.watching")
    assert Path(watching.__file__) == Path(__file__).parents[3] / "plugins/module_utils/_ensure/watching.py"
    assert watching is sys.modules[f"{source['PACKAGE']}._ensure.watching"]

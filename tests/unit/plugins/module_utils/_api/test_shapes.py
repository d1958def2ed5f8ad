# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One shape for every livestream, even if an answer leaves fields out or writes them in another way."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import (
    ACTIVE,
    ALL_FIELDS,
    FIELDS,
    STARTED,
    find_rows,
    is_started,
    normalize,
)
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    FULL,
    NULLS,
    STREAM_KEY,
)


def test_statuses() -> None:
    assert {"LIVE", "INVOKED"} == STARTED
    assert {"LIVE", "INVOKED", "ERRORED"} == ACTIVE


@pytest.mark.parametrize(("status", "started"), [("LIVE", True), ("INVOKED", True), ("ERRORED", False), ("IDLE", False), (None, False)])
def test_is_started(status: str | None, started: bool) -> None:
    assert is_started(normalize({"status": status})) is started


def test_no_livestream_is_not_started() -> None:
    assert is_started(None) is False


def test_normalized_livestream_has_all_keys_and_no_others() -> None:
    assert normalize({**FULL, "viewers": 7, "session": {}}) == FULL
    assert normalize({}) == NULLS


@pytest.mark.parametrize("value", [{"stream_key": STREAM_KEY}, [STREAM_KEY]], ids=["object", "list"])
def test_what_is_no_single_value_is_unknown(value: Any) -> None:
    """It could hold a key, which results show by that name if one is asked for."""
    assert normalize({"id": "x", "ingest_server": value}) == normalize({"id": "x"})


def test_fields_are_those_of_a_livestream_and_its_key() -> None:
    assert {*FIELDS, "stream_key"} == set(ALL_FIELDS) == set(FULL)
    assert "stream_key" not in FIELDS


def test_rows_of_a_list_stand_under_its_name() -> None:
    rows = [{"id": "x"}]
    assert find_rows({"meetings": rows}, "meetings") == rows
    assert find_rows({"data": rows}, "meetings") == rows
    with pytest.raises(ValueError, match="something other than a list"):
        find_rows({"livestreams": rows}, "meetings")


def test_known_values_fill_in_what_is_missing() -> None:
    assert normalize({"name": None, "id": "x"}, {"name": "Main", "id": "y"}) == {**NULLS, "name": "Main", "id": "x"}
    assert normalize({"name": ""}, {"name": "Main"})["name"] == ""


@pytest.mark.parametrize(
    ("given", "disabled"),
    [
        (True, True),
        ("true", True),
        ("True", True),
        ("TRUE", True),
        (1, True),
        ("1", True),
        (False, False),
        ("false", False),
        ("False", False),
        (0, False),
        ("0", False),
        (None, None),
        ("", None),
        ("no", None),
        ([], None),
    ],
    ids=repr,
)
def test_disabled_is_a_boolean_or_null(given: Any, disabled: bool | None) -> None:
    assert normalize({"disabled": given})["disabled"] is disabled


@pytest.mark.parametrize(
    ("given", "key"), [(STREAM_KEY, STREAM_KEY), (12345, "12345"), (None, None), ({"key": "x"}, None), ([STREAM_KEY], None)], ids=repr
)
def test_stream_key_is_text(given: Any, key: str | None) -> None:
    """So that it can be hidden everywhere."""
    assert normalize({"stream_key": given})["stream_key"] == key

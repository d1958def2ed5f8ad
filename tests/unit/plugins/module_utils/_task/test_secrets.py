# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Masking: what is hidden, what is left alone, and how long it takes."""

from __future__ import annotations

import uuid
from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.secrets import HIDDEN, mask
from ansible_collections.streamops.realtimekit.tests.unit.timing import measure_time

KEY = "9f2c-stream-key-of-the-unit-tests-77ab"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (KEY, HIDDEN),
        (f"key={KEY}", f"key={HIDDEN}"),
        (f"rtmps://live.test:443/live/{KEY}?x=1", f"rtmps://live.test:443/live/{HIDDEN}?x=1"),
        (f"0{KEY}0", f"0{HIDDEN}0"),
        (KEY * 2, HIDDEN * 2),
        (f"{KEY[:-1]}{KEY}", f"{KEY[:-1]}{HIDDEN}"),
        (KEY[:-1], KEY[:-1]),
        (KEY.upper(), KEY.upper()),
        ("", ""),
        ("\n", "\n"),
    ],
)
def test_secret_is_hidden_everywhere(text: str, masked: str) -> None:
    assert mask({KEY}, text) == masked


def test_values_of_every_kind_are_searched() -> None:
    value = {"a": [KEY, {"b": (KEY, 7, None, True, 1.5)}], f"x {KEY}": {}, "c": "plain"}
    assert mask({KEY}, value) == {"a": [HIDDEN, {"b": [HIDDEN, 7, None, True, 1.5]}], f"x {HIDDEN}": {}, "c": "plain"}


def test_value_is_left_alone_without_secrets() -> None:
    value = {"a": ["b"]}
    assert mask(set(), value) is value
    assert mask({""}, value) is value


@pytest.mark.parametrize("secret", ["a.b*c+d^e", "]-\\^[x]yz", "(?i)secret", "ÄÖÜäöüß€"])
def test_secret_may_have_any_characters(secret: str) -> None:
    assert mask({secret}, f"it is <{secret}>, and not <{secret[::-1]}>") == f"it is <{HIDDEN}>, and not <{secret[::-1]}>"


def test_longest_of_several_is_hidden_whole() -> None:
    assert mask({"abcdefgh", "abcdefgh-ijkl"}, "abcdefgh-ijkl abcdefgh") == f"{HIDDEN} {HIDDEN}"


# Requested keys


def test_requested_stream_key_stays() -> None:
    livestream = {"id": "x", "stream_key": KEY, "name": KEY}
    assert mask({KEY}, {"livestream": livestream}, shown={KEY}) == {"livestream": {"id": "x", "stream_key": KEY, "name": HIDDEN}}
    assert mask({KEY}, {"livestream": livestream}) == {"livestream": {"id": "x", "stream_key": HIDDEN, "name": HIDDEN}}


@pytest.mark.parametrize("inner", [{"text": KEY}, [KEY], f"is {KEY}", "a-token-under-a-wrong-name"], ids=str)
def test_field_called_stream_key_is_not_a_hiding_place(inner: Any) -> None:
    shown = str(mask({KEY, "a-token-under-a-wrong-name"}, {"stream_key": inner}, shown={KEY}))
    assert KEY not in shown
    assert "token" not in shown


# Short secrets


@pytest.mark.parametrize("secret", ["a", "1", "live", "4b1d", "e-4a", "1234567"])
def test_short_secret_garbles_no_id_and_no_url(secret: str) -> None:
    livestream = {
        "id": "6d2f4d5e-9c3b-4f1a-8a57-0d6a4b1d2e3f",
        "playback_url": f"https://live.test/{secret}/1/4b1d/e-4a.m3u8?a=x1234567",
        "created_at": "2026-11-20T09:00:00.000Z",
    }
    assert mask({secret}, livestream) == livestream


@pytest.mark.parametrize(
    "text", ["{}", "key {}", "the key '{}', which", "({})", "{};", "The key {}.", "The key {}: no", "key={}", "Bearer {}?"]
)
def test_short_secret_is_hidden_as_a_separate_word(text: str) -> None:
    assert mask({"4b1d"}, text.format("4b1d")) == text.format(HIDDEN)


def test_eight_characters_are_no_short_secret() -> None:
    assert mask({"12345678"}, "x12345678x") == f"x{HIDDEN}x"
    assert mask({"1234567"}, "x1234567x") == "x1234567x"


# Time


def build_livestreams(count: int) -> tuple[set[str], list[dict[str, str]]]:
    keys = [uuid.uuid4().hex * 2 for _unused in range(count)]
    rows = [
        {
            "id": key[:36],
            "name": f"Room {number}",
            "url": f"https://customer.test/{key[:32]}/manifest/video.m3u8",
            "err_message": f"Lost {key}",
        }
        for number, key in enumerate(keys)
    ]
    return set(keys), rows


def test_time_grows_in_proportion() -> None:
    """Ten times as many may take thirty times as long, but not a hundred times."""

    def prepare(count: int) -> Callable[[], None]:
        keys, rows = build_livestreams(count)

        def work() -> None:
            masked = mask({*keys, "a-token-of-another-length"}, rows)
            assert [row["err_message"] for row in masked] == [f"Lost {HIDDEN}"] * count

        return work

    assert measure_time(prepare, 20_000) < 30 * measure_time(prepare, 2_000)

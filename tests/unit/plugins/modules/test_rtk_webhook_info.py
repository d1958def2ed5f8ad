# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rtk_webhook_info: what it sends and returns."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InvalidInputError, LostAnswerError, NotFoundError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_webhook_info
from ansible_collections.streamops.realtimekit.tests.unit.fake_ansible import run_as_module
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import run_task
from ansible_collections.streamops.realtimekit.tests.unit.fake_webhooks import EVENTS, LIST, FakeWebhooks, hook, hook_id, read
from ansible_collections.streamops.realtimekit.tests.unit.fakes import LIST_APPS, PROVE_APP, Clock, FakeAPI, Same, ok, refusal


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    """The webhooks, or the error raised that the task ends with."""
    report = run_task(rtk_webhook_info, api, clock, **options)
    (outcome,) = report.outcomes
    if outcome.error:
        assert report.returns["webhooks"] == []
        raise outcome.error
    return report.returns["webhooks"]


@pytest.mark.parametrize(
    ("options", "sent", "found"),
    [
        ({}, LIST, [1, 2, 3]),
        ({"name": "Bus"}, LIST, [1, 3]),
        ({"name": "Bus 2"}, LIST, []),
        ({"webhook_id": hook_id(2)}, read(2), [2]),
    ],
)
def test_webhooks(clock: Clock, options: dict[str, Any], sent: Any, found: list[int]) -> None:
    webhooks = {1: hook(1), 2: hook(2, "bus"), 3: hook(3)}
    api = FakeWebhooks(*webhooks.values())
    assert run(api, clock, **options) == [webhooks[number] for number in found]
    assert api.requests == [sent]


def test_webhook_that_does_not_exist(clock: Clock) -> None:
    with pytest.raises(NotFoundError):
        run(FakeWebhooks(), clock, webhook_id=hook_id(1))


@pytest.mark.parametrize("options", [{"webhook_id": "a/b"}, {"name": []}])
def test_input_is_checked(clock: Clock, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        run(FakeAPI(), clock, **options)


def test_empty_list_may_answer_404(clock: Clock) -> None:
    api = FakeWebhooks()
    api.is_silent = True
    assert run(api, clock) == []
    assert api.requests == [LIST, PROVE_APP]


def test_app_that_does_not_exist_has_no_empty_list(clock: Clock) -> None:
    api = Same(refusal(404))
    with pytest.raises(NotFoundError, match="the app itself was not found"):
        run(api, clock)
    assert api.requests == [LIST, PROVE_APP, LIST_APPS]


@pytest.mark.parametrize("field", ["name", "url", "events", "enabled"])
def test_row_that_leaves_out_a_field_is_read_separately(clock: Clock, field: str) -> None:
    api = FakeWebhooks(hook(1), hook(2))
    api.omitted = [field]
    assert run(api, clock, name="Bus") == [hook(1), hook(2)]
    assert api.requests == [LIST, read(1), read(2)]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ({"enabled": "true"}, {"enabled": True}),
        ({"events": EVENTS[::-1]}, {"events": EVENTS}),
        ({"events": "all"}, {"events": None}),
        ({"url": {"secret": "x"}}, {"url": None}),
        ({"secret": "sesame"}, {}),
    ],
    ids=str,
)
def test_webhook_has_one_shape(clock: Clock, raw: dict[str, Any], shown: dict[str, Any]) -> None:
    assert run(FakeWebhooks({**hook(), **raw}), clock) == [{**hook(), **shown}]


@pytest.mark.parametrize("data", [{"webhooks": [hook()]}, {"data": [hook()]}, hook(), [hook()]], ids=["webhooks", "data", "one", "list"])
def test_list_in_each_shape(clock: Clock, data: Any) -> None:
    assert run(FakeAPI(ok(data)), clock) == [hook()]


@pytest.mark.parametrize(
    ("options", "data", "words"),
    [
        ({}, [{"name": "Bus"}], "a list in which a row has no id"),
        ({}, "words", "something other than a list"),
        ({"webhook_id": "x"}, [], "something other than a webhook"),
        ({"webhook_id": "x"}, {"name": "Bus"}, "a webhook that has no id"),
    ],
)
def test_useless_answer(clock: Clock, options: dict[str, Any], data: Any, words: str) -> None:
    with pytest.raises(LostAnswerError, match=words):
        run(Same(ok(data)), clock, **options)


def test_module_refuses_both_id_and_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run_as_module(monkeypatch, capsys, rtk_webhook_info.main, {"webhook_id": "x", "name": "Bus"})
    assert ran.failed
    assert "mutually exclusive" in ran.result["msg"]

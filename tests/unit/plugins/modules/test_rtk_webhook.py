# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""rtk_webhook: every state with everything that can be found by a name, and with check mode or without; its options and results."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.webhooks import EVENTS, WEBHOOK_FIELDS
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DuplicateNameError, InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.results import build_result
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_webhook
from ansible_collections.streamops.realtimekit.tests.unit.fake_ansible import run_as_module
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import build_task, run_task
from ansible_collections.streamops.realtimekit.tests.unit.fake_webhooks import EVENTS as SOME
from ansible_collections.streamops.realtimekit.tests.unit.fake_webhooks import (
    LIST,
    URL,
    FakeWebhooks,
    add,
    change,
    hook,
    hook_id,
    read,
    remove,
)
from ansible_collections.streamops.realtimekit.tests.unit.fakes import TOKEN, Clock, FakeAPI, refusal

FOUND = {
    "none": [],
    "equal": [hook()],
    "other url": [hook(url="https://old.test/")],
    "other events": [hook(events=["meeting.ended", "meeting.started"])],
    "disabled": [hook(enabled=False)],
    "two": [hook(1), hook(2)],
}
#: Names are compared exactly.
OTHERS = [hook(7, "bus"), hook(8, "Bus 2")]
WANTED: dict[str, Any] = {"url": URL, "events": SOME}
WHOLE = {**WANTED, "enabled": True}


def changed(**fields: Any) -> Any:
    """Return the requests of a change, in a real run and in check mode."""
    return [LIST, read(), change(**fields), read()], [LIST, read()]


# The requests: in a real run, and in check mode. None for two webhooks that cannot be distinguished.
SENT: dict[str, dict[str, Any]] = {
    "present": {
        "none": ([LIST, add(**WHOLE), LIST], [LIST]),
        "equal": ([LIST], [LIST]),
        "other url": changed(url=URL),
        "other events": changed(events=SOME),
        "disabled": changed(enabled=True),
        "two": None,
    },
    "absent": {
        "none": ([LIST], [LIST]),
        **dict.fromkeys(("equal", "other url", "other events", "disabled"), ([LIST, remove()], [LIST])),
        "two": ([LIST, remove(1), remove(2)], [LIST]),
    },
}
CELLS = [(state, found) for state in SENT for found in FOUND]
each_cell = pytest.mark.parametrize(("state", "found"), CELLS)
in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    return run_task(rtk_webhook, api, clock, **{"name": "Bus", **options})


def test_every_state_has_its_cells() -> None:
    assert set(SENT) == set(rtk_webhook.ARGUMENT_SPEC["state"]["choices"])


@in_check_mode_and_not
@each_cell
def test_cell(clock: Clock, state: str, found: str, check_mode: bool) -> None:
    api = FakeWebhooks(*FOUND[found], *OTHERS)
    before = FOUND[found][0] if FOUND[found] else None
    report = run(api, clock, check_mode=check_mode, state=state, **WANTED)
    (outcome,) = report.outcomes
    cell = SENT[state][found]
    if cell is None:
        assert isinstance(outcome.error, DuplicateNameError)
        assert [hook_id(number) in str(outcome.error) for number in (1, 2)] == [True, True]
        assert (api.requests, outcome.changed, report.returns["webhook"]) == ([LIST], False, None)
        return
    assert api.requests == cell[check_mode]
    assert outcome.error is None
    assert outcome.changed == (len(cell[False]) > 1)
    assert outcome.before == (before if outcome.changed else outcome.after)
    after = report.returns["webhook"]
    if state == "absent":
        assert after is None
    elif found == "none" and check_mode:
        assert after == {**dict.fromkeys(WEBHOOK_FIELDS), "name": "Bus", **WHOLE}
    else:
        assert {**after, **WHOLE, "id": hook_id(101 if found == "none" else 1)} == after
    diff = build_result(report, None, None, is_unknown=False, with_diff=True)["diff"]
    assert diff == {"before": {"Bus": outcome.before}, "after": {"Bus": after}}


@each_cell
def test_second_run_is_unchanged(clock: Clock, state: str, found: str) -> None:
    api = FakeWebhooks(*FOUND[found], *OTHERS)
    for _unused in range(2):
        api.requests.clear()
        report = run(api, clock, state=state, **WANTED)
    assert (api.requests, report.outcomes[0].changed) == ([LIST], False)


# Options


@pytest.mark.parametrize("option", ["url", "events"])
def test_setting_that_is_not_given_is_left_as_it_is(clock: Clock, option: str) -> None:
    api = FakeWebhooks(hook(**{option: {"url": "https://other.test/", "events": ["meeting.started"]}[option]}))
    report = run(api, clock, **{key: value for key, value in WANTED.items() if key != option})
    assert (api.requests, report.outcomes[0].error) == ([LIST], None)


@in_check_mode_and_not
@pytest.mark.parametrize(("given", "lacks"), [({}, "url and events"), ({"url": URL}, "events"), ({"events": SOME}, "url")])
def test_new_webhook_needs_url_and_events(clock: Clock, given: Any, lacks: str, check_mode: bool) -> None:
    api = FakeWebhooks()
    (outcome,) = run(api, clock, check_mode=check_mode, **given).outcomes
    assert str(outcome.error) == f"No webhook has the name 'Bus': give {lacks} to create it"
    assert (api.requests, outcome.changed) == ([LIST], False)


def test_order_of_events_makes_no_difference_and_each_counts_once(clock: Clock) -> None:
    api = FakeWebhooks(hook(events=SOME[::-1]))
    report = run(api, clock, events=[*SOME[::-1], *SOME])
    assert (api.requests, report.returns["webhook"]["events"]) == ([LIST], SOME)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": ""}, "must not be empty"),
        ({"name": " Bus"}, "must not begin or end with white space"),
        ({"name": ["Bus"]}, "a name must be a string"),
        ({"name": " ", "state": "absent"}, "must not be empty"),
        ({"events": []}, "events is empty: give at least one, or set enabled to false"),
        *(
            ({"url": url}, "url must be an address such as")
            for url in ("", "hooks.test", "ftp://hooks.test", "https://", "https://a b", "https://[x")
        ),
    ],
)
def test_input_is_checked_before_anything_is_sent(clock: Clock, options: dict[str, Any], words: str) -> None:
    api = FakeAPI()
    with pytest.raises(InvalidInputError, match=words):
        run(api, clock, **options)
    assert api.requests == []


def test_refused_url_is_not_shown(clock: Clock) -> None:
    with pytest.raises(InvalidInputError) as refused:
        run(FakeAPI(), clock, url="hooks.test/?key=sesame")
    assert "sesame" not in str(refused.value)


def test_name_to_delete_may_have_white_space_at_its_ends(clock: Clock) -> None:
    api = FakeWebhooks(hook(name=" Bus"))
    run(api, clock, name=" Bus", state="absent")
    assert api.writes == [remove()]


def test_events_are_those_of_the_api() -> None:
    assert rtk_webhook.ARGUMENT_SPEC["events"]["choices"] == sorted(EVENTS)


@pytest.mark.parametrize(("options", "planned"), [({"state": "absent"}, 1), ({"enabled": False}, 3), ({"name": "New", **WANTED}, 2)])
def test_writes_are_foreseen(clock: Clock, options: dict[str, Any], planned: int) -> None:
    """The window has no requests left, so the limit is too small for all of them."""

    class UsedUp(FakeWebhooks):
        def answer(self, *sent: Any) -> Any:
            used_up = {"Ratelimit": '"default";r=0;t=280', "Ratelimit-Policy": '"default";q=100;w=300'}
            return super().answer(*sent)._replace(headers=used_up)

    task = build_task(rtk_webhook, UsedUp(hook()), clock, check_mode=True, **{"name": "Bus", **options})
    rtk_webhook.run(task)
    assert task.client.forecast is not None
    assert task.client.forecast.requests == planned


def test_module_ends_with_the_error_of_the_api(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A host that refuses connections, end to end."""
    options = {
        "name": "Bus",
        "state": "absent",
        "api_token": TOKEN,
        "account_id": "account",
        "app_id": "app",
        "api_url": "http://127.0.0.1:9",
        "api_retries": "0",
    }
    ran = run_as_module(monkeypatch, capsys, rtk_webhook.main, options)
    assert ran.failed
    assert ran.result["msg"].startswith("GET /webhooks: no connection")
    assert (ran.result["changed"], ran.result["webhook"]) == (False, None)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_token_fails_the_task(clock: Clock, status: int) -> None:
    (outcome,) = run(FakeAPI(refusal(status)), clock, **WANTED).outcomes
    assert (outcome.error.details()["status"], outcome.changed) == (status, False)

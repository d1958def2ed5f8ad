# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules rtk_webhook and rtk_webhook_info over real HTTP."""

from __future__ import annotations

import threading
from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.webhooks import WEBHOOK_FIELDS
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import DuplicateNameError, RequestError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_webhook, rtk_webhook_info
from simulator import ChaosPlan, Simulator, webhooks
from simulator.chaos import DEFAULT_KINDS
from simulator.settings import CHOICES, WORDS
from tasks import only_error, operations, run

WANTED: dict[str, Any] = {"url": "https://hooks.test/in", "events": ["meeting.started", "meeting.ended"]}
FOUND, CREATED = ["list_webhooks"], ["list_webhooks", "create_webhook", "list_webhooks"]
CHANGED = ["list_webhooks", "get_webhook", "update_webhook", "get_webhook"]
DELETED = ["list_webhooks", "delete_webhook"]

Task = Callable[..., "tuple[bool, Any, list[str]]"]


@pytest.fixture
def sim(sim_in_real_time: Simulator) -> Simulator:
    return sim_in_real_time


@pytest.fixture
def task(sim: Simulator) -> Task:
    """A task that ends well: whether it changed something, the webhook, and what was asked."""

    def do(name: str = "Bus", **options: Any) -> tuple[bool, Any, list[str]]:
        report = run(sim, rtk_webhook, name=name, **options)
        assert only_error(report) is None
        assert report.outcomes[0].warnings == []
        webhook = report.returns["webhook"]
        assert webhook is None or set(webhook) == set(WEBHOOK_FIELDS)
        return report.outcomes[0].changed, webhook, operations(sim)

    return do


def kinds(sim: Simulator) -> list[str]:
    return [effect["kind"] for effect in sim.effects]


def test_requests_of_each_task(sim: Simulator, task: Task) -> None:
    assert task(check_mode=True, **WANTED)[::2] == (True, FOUND)
    assert task(**WANTED)[::2] == (True, CREATED)
    assert task(**WANTED)[::2] == (False, FOUND)
    assert task(enabled=False, check_mode=True)[::2] == (True, [*FOUND, "get_webhook"])
    assert task(enabled=False)[::2] == (True, CHANGED)
    assert task(enabled=False)[::2] == (False, FOUND)
    assert task(state="absent", check_mode=True)[::2] == (True, FOUND)
    assert task(state="absent")[::2] == (True, DELETED)
    assert task(state="absent")[::2] == (False, FOUND)
    assert kinds(sim) == ["webhook_created", "webhook_updated", "webhook_deleted"]


DIALECTS = [
    {},
    {"envelope": "result"},
    {"loose_types": True},
    {"empty_404": ["webhooks"]},
    {"webhook_names_unique": False},
    *({"update_echoes": echo} for echo in CHOICES["update_echoes"][1:]),
    *({"update_echoes": echo, "envelope": "result", "loose_types": True} for echo in CHOICES["update_echoes"]),
    *({"webhooks_list_omits": [field]} for field in WORDS["webhooks_list_omits"]),
    {"webhooks_list_omits": list(WORDS["webhooks_list_omits"])},
]


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_webhook_from_nothing_to_gone_in_every_dialect(sim: Simulator, task: Task, dialect: dict[str, Any]) -> None:
    sim.settings.update(dialect)
    # How often it reads depends on the dialect; what it writes does not.
    writes = [[], ["create_webhook"], [], ["update_webhook"], [], ["delete_webhook"], []]
    steps: list[dict[str, Any]] = [
        {"check_mode": True, **WANTED},
        WANTED,
        WANTED,
        {"enabled": False, "events": ["meeting.summary"]},
        {"enabled": False, **WANTED, "events": ["meeting.summary"]},
        {"state": "absent"},
        {"state": "absent"},
    ]
    for step, expected in zip(steps, writes):
        changed, webhook, asked = task(**step)
        assert [operation for operation in asked if operation.split("_")[0] in ("create", "update", "delete")] == expected
        assert changed == bool(expected or step.get("check_mode"))
        if step.get("state") == "absent":
            assert webhook is None
        else:
            assert webhook["url"] == WANTED["url"]
    assert sim.world.webhooks == {}


@pytest.mark.parametrize("kind", ["drop", "drop_midway", "status", "html", "garbage", "empty", "truncated", "missing_keys"])
@pytest.mark.parametrize("operation", ["create_webhook", "update_webhook", "delete_webhook"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_lost_answer_leaves_one_effect(sim: Simulator, task: Task, kind: str, operation: str, when: str) -> None:
    if kind == "missing_keys" and operation != "create_webhook" and when == "before":
        pytest.skip("such an answer looks whole, so the API would have lied")
    if operation != "create_webhook":
        webhooks.create(sim.world, {"name": "Bus", **WANTED})
    sim.fault(kind, operation, when=when)
    options = {"create_webhook": WANTED, "update_webhook": {"enabled": False}, "delete_webhook": {"state": "absent"}}[operation]
    assert task(**options)[0]
    assert kinds(sim)[-1:] == [{"create": "webhook_created", "update": "webhook_updated", "delete": "webhook_deleted"}[operation[:6]]]
    assert len(kinds(sim)) == (1 if operation == "create_webhook" else 2)


def test_name_that_another_user_has_taken_in_between(sim: Simulator, task: Task) -> None:
    """The list is behind, so the create meets a name in use."""
    webhooks.create(sim.world, {"name": "Bus", **WANTED, "enabled": False}, by="rival")
    sim.settings.list_lag = 0.1
    changed, webhook, _asked = task(**WANTED)
    assert (changed, webhook["enabled"]) == (True, True)
    assert kinds(sim) == ["webhook_created", "webhook_updated"]


def test_delete_of_one_that_is_gone(sim: Simulator, task: Task) -> None:
    made = webhooks.create(sim.world, {"name": "Bus", **WANTED})
    sim.fault("status", "delete_webhook", status=404)
    webhooks_seen = sim.core.world.webhooks

    def take_away(_seconds: float) -> None:
        webhooks_seen.pop(made.id, None)

    report = run(sim, rtk_webhook, name="Bus", state="absent", sleep=take_away)
    assert (only_error(report), report.outcomes[0].changed, report.returns["webhook"]) == (None, False, None)
    assert operations(sim) == [*DELETED, "get_webhook"]


@pytest.mark.parametrize("is_unique", [True, False])
def test_runs_at_one_moment_leave_one_webhook_or_tell(sim: Simulator, is_unique: bool) -> None:
    sim.settings.webhook_names_unique = is_unique
    sim.settings.latency = 0.01
    reports: list[Any] = []
    runs = [threading.Thread(target=lambda: reports.append(run(sim, rtk_webhook, name="Bus", **WANTED))) for _unused in range(4)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    errors = [only_error(report) for report in reports]
    if is_unique:
        assert (errors, [report.outcomes[0].changed for report in reports].count(True)) == ([None] * 4, 1)
        assert len(sim.world.webhooks) == 1
    elif len(sim.world.webhooks) > 1:
        assert any(isinstance(error, DuplicateNameError) for error in errors)
        assert only_error(run(sim, rtk_webhook, name="Bus", state="absent")) is None
        assert sim.world.webhooks == {}


@pytest.mark.parametrize("seed", range(20))
def test_under_chaos_each_task_ends_in_the_state_it_tells(sim: Simulator, seed: int) -> None:
    # Without 429s, which hold a task in real time.
    kinds_of_faults = {kind: weight for kind, weight in DEFAULT_KINDS.items() if kind != "rate_limited"}
    sim.install(ChaosPlan(seed, probability=0.4, kinds=kinds_of_faults, in_a_row=2))
    wanted: dict[str, Any] = {"enabled": bool(seed % 2), **WANTED}
    for step in ({**wanted}, {"enabled": not wanted["enabled"]}, {"state": "absent"}):
        report = run(sim, rtk_webhook, name="Bus", **step)
        assert (only_error(report), report.outcomes[0].changed) == (None, True)
    assert kinds(sim) == ["webhook_created", "webhook_updated", "webhook_deleted"]


def test_info(sim: Simulator) -> None:
    assert run(sim, rtk_webhook_info).returns["webhooks"] == []
    made = [webhooks.create(sim.world, {"name": name, **WANTED}) for name in ("Bus", "Archive")]
    both = run(sim, rtk_webhook_info).returns["webhooks"]
    assert {webhook["id"] for webhook in both} == {each.id for each in made}
    (one,) = run(sim, rtk_webhook_info, name="Bus").returns["webhooks"]
    assert run(sim, rtk_webhook_info, webhook_id=made[0].id).returns["webhooks"] == [one]
    assert isinstance(only_error(run(sim, rtk_webhook_info, webhook_id="unknown")), RequestError)

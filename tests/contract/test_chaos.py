# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures by chance: repeatable, and never a lie about a refusal."""

from __future__ import annotations

from typing import Any

from simulator import KINDS, ChaosPlan


def test_chaos_is_the_same_for_the_same_seed() -> None:
    def fates(seed: int) -> list[Any]:
        plan = ChaosPlan(seed, probability=0.5)
        return [plan.draw(operation, "m") for _unused in range(50) for operation in ("start", "active")]

    assert fates(1) == fates(1)
    assert fates(1) != fates(2)
    assert any(fates(1))
    assert not all(fates(1))


def test_chaos_does_not_depend_on_the_order_among_meetings() -> None:
    one, other = ChaosPlan(1, probability=0.5), ChaosPlan(1, probability=0.5)
    forward = {name: one.draw("start", name) for name in "abcdefgh"}
    backward = {name: other.draw("start", name) for name in "hgfedcba"}
    assert forward == backward


def test_chaos_relents_and_ends() -> None:
    relenting = ChaosPlan(1, probability=1, in_a_row=2)
    assert [relenting.draw("start", "m") is not None for _unused in range(6)] == [True, True, False] * 2
    ending = ChaosPlan(1, probability=1, in_a_row=None, times=4)
    assert sum(ending.draw("start", "m") is not None for _unused in range(9)) == 4


def test_chaos_never_lies_about_a_refusal() -> None:
    plan = ChaosPlan(1, probability=1, kinds=dict.fromkeys(KINDS, 1), after=1, in_a_row=None, late=0.5, write_lag=1)
    drawn = [plan.draw("start", "m") for _unused in range(300)]
    assert {fault.kind for fault in drawn if fault} == set(KINDS)
    assert {fault.kind for fault in drawn if fault and fault.when == "before"} == {"success_false", "redirect", "rate_limited"}


def test_chaos_knows_which_interim_head_comes_of_a_true_write() -> None:
    plan = ChaosPlan(1, probability=1, kinds={"interim": 1, "interim_only": 1}, after=0, in_a_row=None)
    drawn = [plan.draw("start", "m") for _unused in range(50)]
    assert {(fault.kind, fault.when) for fault in drawn if fault} == {("interim", "after"), ("interim_only", "before")}


def test_chaos_never_says_by_chance_that_nothing_is_active() -> None:
    plan = ChaosPlan(1, probability=1, kinds={"no_data": 1}, in_a_row=None)
    drawn = {operation: plan.draw(operation, "m") for operation in ("active", "list")}
    assert {operation: fault.kind for operation, fault in drawn.items() if fault} == {"active": "empty", "list": "no_data"}


def test_chaos_over_http(api: Any, sim: Any) -> None:
    sim.install(ChaosPlan(3, probability=1, kinds={"status": 1}, in_a_row=1))
    assert [api.get("meetings").status_code >= 400 for _unused in range(4)] == [True, False, True, False]
    assert sim.stats["faults"] == {"status": {"list_meetings": 2}}

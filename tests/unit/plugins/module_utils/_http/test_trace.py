# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The headers of answers about this machine's clock and the rate limit."""

from __future__ import annotations

from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.answers import Answer
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.trace import Trace
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock
from requests.structures import CaseInsensitiveDict

NOW = 1_796_000_000.0


class Machine:
    """A client whose answers come ``took`` seconds after they were asked for, and a wall clock that shows NOW all the time."""

    def __init__(self) -> None:
        self.client = SimpleNamespace(clock=lambda: 100.0, sent_at=0.0, on_answer=None)
        self.trace = Trace(self.client, now=lambda: NOW)  # type: ignore[arg-type]

    def answer(self, took: float = 0.0, **headers: str) -> None:
        self.client.sent_at = 100.0 - took
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.client.on_answer(Answer(200, CaseInsensitiveDict(named), b""))


@pytest.fixture
def machine() -> Machine:
    return Machine()


def date(seconds: float) -> str:
    return formatdate(NOW + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("took", "told", "ahead"),
    [
        (0.0, 0, 0.0),
        (0.0, 600, 600.0),
        (0.0, -600, -599.0),  # the second that the header leaves out
        (20.0, -20, 0.0),  # the server may have read its clock when the request arrived
        (20.0, -600, -579.0),
        (20.0, 5, 5.0),  # the answer cannot come before it was written
    ],
)
def test_clock_is_off_by_what_the_round_trip_cannot_explain(machine: Machine, took: float, told: float, ahead: float) -> None:
    machine.answer(took, Date=date(told))
    assert machine.trace.ahead == ahead


def test_quick_answers_narrow_it_down_and_slow_ones_do_not_widen_it(machine: Machine) -> None:
    machine.answer(90.0, Date=date(-60))
    assert machine.trace.ahead == 0.0
    machine.answer(0.0, Date=date(-60))
    assert machine.trace.ahead == -59.0
    machine.answer(90.0, Date=date(-60))
    assert machine.trace.ahead == -59.0


def test_last_of_two_that_contradict_each_other_counts(machine: Machine) -> None:
    machine.answer(0.0, Date=date(600))
    machine.answer(0.0, Date=date(0))
    assert machine.trace.ahead == 0.0


@pytest.mark.parametrize("headers", [{}, {"Date": ""}, {"Date": "yesterday"}, {"Date": "Thu, 99 Jan 2026 00:00:00 GMT"}], ids=str)
def test_missing_date_proves_nothing(machine: Machine, headers: dict[str, str]) -> None:
    machine.answer(**headers)
    assert machine.trace.ahead is None


def test_quickest_answer_counts(machine: Machine) -> None:
    assert machine.trace.quickest is None
    for took in (3.0, 1.0, 2.0):
        machine.answer(took)
    assert machine.trace.quickest == 1.0


@pytest.mark.parametrize(
    ("headers", "left", "quota"),
    [
        ({}, None, None),
        ({"Ratelimit": '"default";r=50;t=30'}, 50, None),
        ({"Ratelimit": '"default";r=50;t=30', "Ratelimit_Policy": '"default";q=1200;w=300'}, 50, 1200),
        ({"Ratelimit": '"a";r=50;t=30,"b";r=5;t=9', "Ratelimit_Policy": '"a";q=1200;w=300,"b";q=10;w=10'}, 5, 10),
        ({"Ratelimit": '"default";r=50;t=30', "Ratelimit_Policy": '"other";q=1200;w=300'}, 50, None),
    ],
    ids=str,
)
def test_rate_limit_is_the_tightest(machine: Machine, headers: dict[str, Any], left: int | None, quota: int | None) -> None:
    machine.answer(**headers)
    machine.answer()
    assert (machine.trace.window.left if machine.trace.window else None, machine.trace.quota) == (left, quota)


def test_clock_is_that_of_the_machine() -> None:
    client = SimpleNamespace(clock=Clock(), sent_at=0.0)
    assert Trace(client)._now() > 1_700_000_000  # type: ignore[arg-type]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each drop is reported once, a room that stays off air again, and a room that drops too often not any more."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.restarts import Due, Restarts

NOTHING, RESTART, ALERT = Due([], []), Due(["a"], []), Due([], ["a"])


def play(*steps: tuple[float, str], most: int = 2, within: float = 100, remind: float = 30) -> list[Due]:
    """Return the due rooms at each moment; the room is on air, off air, or unknown."""
    restarts = Restarts(most, within, remind)
    return [restarts.find_due(at, ["a"] if state == "on" else [], ["a"] if state == "off" else []) for at, state in steps]


@pytest.mark.parametrize(
    ("steps", "due"),
    [
        ([(0, "on"), (1, "off")], [NOTHING, RESTART]),
        ([(0, "off")], [RESTART]),
        ([(0, "on"), (1, "off"), (2, "off"), (30, "off")], [NOTHING, RESTART, NOTHING, NOTHING]),
        # Once more, because the start may have failed; then the brake.
        ([(0, "off"), (30, "off"), (31, "off"), (60, "off"), (61, "off")], [RESTART, RESTART, NOTHING, ALERT, NOTHING]),
        # Each drop counts, even right behind the one before.
        ([(0, "off"), (1, "on"), (2, "off"), (3, "on"), (4, "off")], [RESTART, NOTHING, RESTART, NOTHING, ALERT]),
        # The limit is reported once, and ends when the first restart is old enough.
        (
            [(0, "off"), (1, "on"), (2, "off"), (3, "on"), (4, "off"), (50, "off"), (100, "off"), (101, "off")],
            [RESTART, NOTHING, RESTART, NOTHING, ALERT, NOTHING, RESTART, NOTHING],
        ),
        # An unknown room is in neither list.
        ([(0, "off"), (1, "unknown"), (2, "off"), (3, "unknown"), (40, "off")], [RESTART, NOTHING, NOTHING, NOTHING, RESTART]),
        # A new limit is reported again.
        (
            [(0, "off"), (30, "off"), (60, "off"), (130, "off"), (160, "off"), (190, "off")],
            [RESTART, RESTART, ALERT, RESTART, RESTART, ALERT],
        ),
    ],
)
def test_what_is_due(steps: list[tuple[float, str]], due: list[Due]) -> None:
    assert play(*steps) == due


def test_at_most_the_quota_in_any_window() -> None:
    """A room that is off air at every poll for an hour."""
    due = play(*((at, "off") for at in range(3600)), most=3, within=600, remind=1)
    told = [at for at, each in enumerate(due) if each.restart]
    assert max(sum(first <= at < first + 600 for at in told) for first in told) == 3
    assert len(told) == 18
    assert [at for at, each in enumerate(due) if each.alert] == [at + 1 for at in told[2::3]]


def test_rooms_are_counted_apart() -> None:
    restarts = Restarts(1, 100, 30)
    assert restarts.find_due(0, ["b"], ["a"]) == Due(["a"], [])
    assert restarts.find_due(40, [], ["a", "b"]) == Due(["b"], ["a"])

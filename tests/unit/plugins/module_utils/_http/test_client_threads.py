# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work side by side, on as many threads as the client has connections."""

from __future__ import annotations

import sys
import threading
import time

import pytest
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock, FakeAPI, build_client


@pytest.mark.parametrize(("connections", "count"), [(1, 5), (8, 0), (8, 1), (3, 7), (8, 3)])
def test_order_is_kept(clock: Clock, connections: int, count: int) -> None:
    client = build_client(FakeAPI(), clock, connections=connections)
    assert client.side_by_side(lambda item: item * 2, range(count)) == [item * 2 for item in range(count)]


def test_items_that_end_later_stay_before_those_that_end_sooner(clock: Clock) -> None:
    second_is_done = threading.Event()

    def work(item: int) -> int:
        assert item == 2 or second_is_done.wait(5)
        second_is_done.set()
        return item

    assert build_client(FakeAPI(), clock, connections=2).side_by_side(work, [1, 2]) == [1, 2]


def test_work_is_done_at_the_same_time(clock: Clock) -> None:
    """Each waits for the other, so one after the other would never end."""
    together = threading.Barrier(2)
    assert sorted(build_client(FakeAPI(), clock, connections=2).side_by_side(lambda item: together.wait(5), [1, 2])) == [0, 1]


def test_no_more_are_at_work_than_there_are_connections(clock: Clock) -> None:
    at_work: list[int] = []
    most: list[int] = []

    def work(item: int) -> None:
        at_work.append(item)
        most.append(len(at_work))
        time.sleep(0.02)
        at_work.remove(item)

    build_client(FakeAPI(), clock, connections=2).side_by_side(work, range(8))
    assert max(most) == 2


@pytest.mark.parametrize(("connections", "count"), [(1, 5), (8, 1)])
def test_one_at_a_time_needs_no_thread(clock: Clock, connections: int, count: int) -> None:
    here = threading.get_ident()
    client = build_client(FakeAPI(), clock, connections=connections)
    assert client.side_by_side(lambda item: threading.get_ident(), range(count)) == [here] * count


def test_one_at_a_time_does_not_pay_for_the_import(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "concurrent.futures", None)  # an import would fail
    client = build_client(FakeAPI(), clock, connections=8)
    assert client.side_by_side(str, [1]) == ["1"]
    with pytest.raises(ImportError):
        client.side_by_side(str, [1, 2])


def test_what_an_item_raises_is_raised_once_those_under_way_are_done(clock: Clock) -> None:
    """Those that have not begun by then are left out."""
    both_have_begun = threading.Barrier(2)
    done: list[int] = []

    def work(item: int) -> None:
        both_have_begun.wait(5)
        if item == 1:
            raise KeyError("a defect")
        time.sleep(0.02)
        done.append(item)

    with pytest.raises(KeyError, match="a defect"):
        build_client(FakeAPI(), clock, connections=2).side_by_side(work, [1, 2])
    assert done == [2]


def test_what_an_item_raises_ends_work_that_is_done_one_by_one(clock: Clock) -> None:
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        raise KeyError("a defect")

    with pytest.raises(KeyError, match="a defect"):
        build_client(FakeAPI(), clock).side_by_side(work, [1, 2])
    assert begun == [1]


def test_work_side_by_side_may_itself_be_done_side_by_side(clock: Clock) -> None:
    client = build_client(FakeAPI(), clock, connections=2)

    def work(item: int) -> list[int]:
        return client.side_by_side(lambda inner: item * inner, [1, 2, 3])

    assert client.side_by_side(work, [1, 10, 100]) == [[1, 2, 3], [10, 20, 30], [100, 200, 300]]

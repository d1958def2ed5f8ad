# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work side by side, on as many threads as the client has connections."""

from __future__ import annotations

import sys
import threading
import time
from itertools import chain

import pytest
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock, FakeAPI, build_client


@pytest.mark.parametrize(("connections", "count"), [(1, 5), (8, 0), (8, 1), (3, 7), (8, 3)])
def test_order_is_kept(clock: Clock, connections: int, count: int) -> None:
    client = build_client(FakeAPI(), clock, connections=connections)
    assert client.side_by_side(lambda item: item * 2, range(count)) == [item * 2 for item in range(count)]


def test_items_that_end_later_stay_before_those_that_end_sooner(clock: Clock) -> None:
    second_is_done = threading.Event()

    def work(item: int) -> int:
        assert item == 2 or second_is_done.wait(60)
        second_is_done.set()
        return item

    assert build_client(FakeAPI(), clock, connections=2).side_by_side(work, [1, 2]) == [1, 2]


def test_work_is_done_at_the_same_time(clock: Clock) -> None:
    """Each waits for the other, so one after the other would never end."""
    together = threading.Barrier(2)
    assert sorted(build_client(FakeAPI(), clock, connections=2).side_by_side(lambda item: together.wait(60), [1, 2])) == [0, 1]


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
        both_have_begun.wait(60)
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


def test_worker_does_its_own_work_itself(clock: Clock) -> None:
    """At any depth: more threads than connections would only wait for one."""
    client = build_client(FakeAPI(), clock, connections=3)
    all_at_work = threading.Barrier(3)
    before = threading.active_count()
    counts: list[int] = []

    def innermost(item: int) -> int:
        counts.append(threading.active_count())
        return threading.get_ident()

    def inner(item: int) -> list[int]:
        return [threading.get_ident(), *client.side_by_side(innermost, range(4))]

    def work(item: int) -> set[int]:
        all_at_work.wait(60)
        found = {threading.get_ident(), *chain.from_iterable(client.side_by_side(inner, range(4)))}
        all_at_work.wait(60)
        return found

    found = client.side_by_side(work, range(3))
    assert [len(threads) for threads in found] == [1, 1, 1]
    assert len(set().union(*found)) == 3
    assert max(counts) <= before + 3
    assert len(counts) == 3 * 4 * 4


def test_worker_passes_on_what_its_own_work_raises(clock: Clock) -> None:
    client = build_client(FakeAPI(), clock, connections=2)
    begun: list[int] = []

    def inner(item: int) -> None:
        begun.append(item)
        raise KeyError("a defect")

    with pytest.raises(KeyError, match="a defect"):
        client.side_by_side(lambda item: client.side_by_side(inner, [1, 2]) if item == 1 else None, [1, 2])
    assert begun == [1]


def test_thread_that_has_workers_is_none_of_them(clock: Clock) -> None:
    """Before, between, and after: work for one at a time leaves all connections to what it does side by side."""
    client = build_client(FakeAPI(), clock, connections=2)
    here = threading.get_ident()

    def together(_item: int) -> list[int]:
        barrier = threading.Barrier(2)  # one after the other would never pass it
        return client.side_by_side(lambda item: (barrier.wait(60), threading.get_ident())[1], [1, 2])

    for found in (together(0), together(0), *client.side_by_side(together, [1])):
        assert len({here, *found}) == 3


def test_worker_of_one_client_is_none_of_another(clock: Clock) -> None:
    one, other = (build_client(FakeAPI(), clock, connections=2) for _unused in range(2))

    def work(item: int) -> int:
        barrier = threading.Barrier(2)
        return len(other.side_by_side(lambda inner: barrier.wait(60), [1, 2]))

    assert one.side_by_side(work, [1, 2]) == [2, 2]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time that passes only while all threads sleep.

A wait of five minutes costs nothing, and a seed repeats a run. Sleeping threads wake one at a time, in the order of
their moments, and the next one only when the one before sleeps again, waits for another thread, or has ended. The load of
the machine makes no difference, and all delays of client and simulator keep their relative lengths.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import threading
from typing import Any, Callable, Sequence, TypeVar

T = TypeVar("T")
R = TypeVar("R")

#: Real seconds after which a sleeper gives up, because no other thread will wake it.
STUCK = 60.0

#: Virtual seconds between threads that would otherwise continue at the same moment, in any order.
MOMENT = 1e-6

#: Virtual seconds after which an episode has gone on for too long: something waits in a circle.
TOO_LONG = 100_000.0


class Stuck(BaseException):
    """A thread waits for something that never comes; not an Exception, so that no code under test swallows it."""


class VirtualTime:
    """``clock`` and ``sleep`` for threads that were started with `run_all`, ``later`` for what is due at a moment."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self._ends = now + TOO_LONG
        self._lock = threading.Lock()
        self._due: list[tuple[float, int, Callable[[], None], threading.Event | None]] = []
        self._number = itertools.count()
        self._awake = 0

    def clock(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        if self._now > self._ends:
            raise Stuck("time goes round and round")
        gate = threading.Event()
        self.wake(seconds, gate)
        self.leave()
        if not gate.wait(STUCK):
            raise Stuck("slept for a minute of real time: a thread is stuck")

    def wake(self, seconds: float, gate: threading.Event) -> None:
        """Wake the thread that waits at the gate after a number of seconds."""
        with self._lock:
            self._push(seconds, gate.set, gate)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Call ``act`` after a number of seconds; it must not sleep."""
        with self._lock:
            self._push(seconds, act, None)

    def run_all(self, functions: Sequence[tuple[float, Callable[[], None]]]) -> None:
        """Call each function in a separate thread after a number of seconds. Return when all have ended and nothing is due."""
        threads = []
        with self._lock:
            self._awake += 1
        for seconds, function in functions:
            gate = threading.Event()
            thread = threading.Thread(target=self._begin, args=(gate, function), daemon=True)
            thread.start()
            threads.append(thread)
            self.wake(seconds, gate)
        self.leave()
        for thread in threads:
            thread.join(STUCK)
            if thread.is_alive():
                raise Stuck("a task does not end")
        with self._lock:
            self._awake = 0
        self._pass()

    def leave(self) -> None:
        """This thread ends, or waits at a gate for another thread's `wake`."""
        with self._lock:
            self._awake -= 1
        self._pass()

    def side_by_side(
        self, run: Callable[[Callable[[Any], R], Sequence[Any]], list[R]], workers: int, function: Callable[[T], R], items: Sequence[T]
    ) -> list[R]:
        """``run(function, items)``, which uses a pool of ``workers`` threads while this thread waits."""
        # The waiting thread's place is the first worker's, and the last worker to end gives it back.
        lock, ended, spare = threading.Lock(), itertools.count(1), [len(items) - workers]
        errors: dict[int, Exception] = {}
        with self._lock:
            self._awake += workers - 1

        def work(numbered: tuple[int, T]) -> Any:
            number, item = numbered
            try:
                self.sleep(number * MOMENT)
                # As in a pool, what has not begun by then is not begun after an error.
                return function(item) if not errors else None
            except Exception as error:  # noqa: BLE001 (raised below: the pool would drop items whose places are counted here)
                errors[number] = error
                return None
            finally:
                with lock:
                    goes_on = spare[0] > 0
                    spare[0] -= goes_on
                    is_last = not goes_on and next(ended) == workers
                if not (goes_on or is_last):
                    self.leave()

        results = run(work, list(enumerate(items)))
        if errors:
            raise errors[min(errors)]
        return results

    def _begin(self, gate: threading.Event, function: Callable[[], None]) -> None:
        if gate.wait(STUCK):
            with contextlib.suppress(Stuck):
                function()
        self.leave()

    def _push(self, seconds: float, act: Callable[[], None], gate: threading.Event | None) -> None:
        heapq.heappush(self._due, (self._now + max(0.0, seconds), next(self._number), act, gate))

    def _pass(self) -> None:
        """If no thread is awake, continue with the next moment at which one is due."""
        while True:
            with self._lock:
                if self._awake or not self._due:
                    return
                self._now, _number, act, gate = heapq.heappop(self._due)
                self._awake += 1
                if gate:
                    act()
                    return
            try:
                act()
            finally:
                with self._lock:
                    self._awake -= 1


class Turn(threading.Condition):
    """A condition whose waiting threads count as asleep, and are woken one at a time, first come first served."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time
        self._gates: list[threading.Event] = []

    def wait(self, timeout: float | None = None) -> bool:
        gate = threading.Event()
        self._gates.append(gate)
        self.release()
        self._time.leave()
        is_open = gate.wait(STUCK)
        self.acquire()
        if not is_open:
            raise Stuck("waited for a minute of real time for another thread's request")
        return True

    def notify_all(self) -> None:
        for number, gate in enumerate(self._gates, start=1):
            self._time.wake(number * MOMENT, gate)
        self._gates.clear()

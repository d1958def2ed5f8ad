# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Threads that share a `Pacing`: real ones, on a clock that only sleep moves."""

from __future__ import annotations

import gc
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InterruptError, TaskTimeoutError
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.pacing import Pacing
from ansible_collections.streamops.realtimekit.tests.unit.fakes import Clock

#: Seconds. Long enough for a thread that is not held to go on.
A_MOMENT = 0.05


class Senders:
    """Threads that each want to send one request; what becomes of the answers is for the test to say."""

    def __init__(self, pacing: Pacing) -> None:
        self.pacing = pacing
        self.sent: list[float] = []
        self.answered = 0
        self._threads: list[threading.Thread] = []

    def start(self, count: int) -> None:
        for _unused in range(count):
            thread = threading.Thread(target=lambda: self.sent.append(self.pacing.acquire()), daemon=True)
            self._threads.append(thread)
            thread.start()

    def settle(self, count: int) -> int:
        """How many requests have been sent, once ``count`` are or it is clear that they are not, and no more follow."""
        deadline = time.monotonic() + 60
        while len(self.sent) < count and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(A_MOMENT)
        return len(self.sent)

    def answer(self, ratelimit: str | None = None, **ending: Any) -> None:
        """Give one of the requests sent its answer."""
        self.answered += 1
        self.pacing.release(ratelimit, **ending)

    def end(self) -> None:
        """Give all of them their answers, so that no thread stays."""
        deadline = time.monotonic() + 60
        while any(thread.is_alive() for thread in self._threads):
            assert time.monotonic() < deadline
            if self.answered < len(self.sent):
                self.answer()
            time.sleep(0.001)


def test_stop_ends_sleeping_and_waiting_and_lets_nothing_pass() -> None:
    """One thread sleeps out a hold, another waits for an answer that is on its way."""
    pacing = Pacing(time.monotonic)
    pacing.acquire()
    pacing.release('"default";r=0;t=250')
    ended: list[str] = []

    def send() -> None:
        try:
            pacing.acquire()
        except InterruptError as error:
            ended.append(str(error))

    waiting = Pacing(time.monotonic)
    waiting.acquire()

    def wait() -> None:
        try:
            waiting.acquire()
        except InterruptError as error:
            ended.append(str(error))

    threads = [threading.Thread(target=target, daemon=True) for target in (send, wait)]
    for thread in threads:
        thread.start()
    time.sleep(A_MOMENT)
    assert ended == []
    pacing.stop()
    waiting.stop()
    waiting.release()
    for thread in threads:
        thread.join(60)
    assert ended == ["Not finished: the task was interrupted. Run the task again to do the rest"] * 2
    with pytest.raises(InterruptError):
        pacing.acquire()


def test_thread_that_waits_for_an_answer_ends_with_the_task(clock: Clock) -> None:
    """The request under way finishes first."""
    pacing = Pacing(clock, clock.sleep, 60)
    pacing.acquire()
    ended: list[str] = []

    def send() -> None:
        try:
            pacing.acquire()
        except TaskTimeoutError as error:
            ended.append(str(error))

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    time.sleep(A_MOMENT)
    clock.now += 60
    assert ended == []
    pacing.release('"default";r=100;t=60')
    thread.join(60)
    assert ended == ["Not finished: task_timeout is over. Run the task again to do the rest"]
    assert (pacing.sent, clock.sleeps) == (1, [])


def test_seconds_held_back_are_those_that_have_passed(clock: Clock) -> None:
    seen: list[float] = []

    def sleep(seconds: float) -> None:
        clock.now += 20
        seen.append(pacing.held)

    pacing = Pacing(clock, sleep)
    pacing.acquire()
    pacing.release('"default";r=0;t=80')
    pacing.acquire()
    assert seen == [20.0, 40.0, 60.0, 80.0]


@pytest.fixture
def start_senders(clock: Clock) -> Iterator[Callable[[int], Senders]]:
    senders = Senders(Pacing(clock, clock.sleep))

    def begin(count: int) -> Senders:
        senders.start(count)
        return senders

    yield begin
    senders.end()


def test_first_request_goes_alone(start_senders: Callable[[int], Senders]) -> None:
    senders = start_senders(8)
    assert senders.settle(1) == 1
    senders.answer('"default";r=100;t=60')
    assert senders.settle(8) == 8


def test_first_request_that_was_lost_holds_up_no_others(start_senders: Callable[[int], Senders]) -> None:
    """Or all would wait for an API that does not answer, one after another."""
    senders = start_senders(4)
    assert senders.settle(1) == 1
    senders.answer()
    assert senders.settle(4) == 4


def test_first_request_of_a_window_that_was_lost_holds_up_no_others(start_senders: Callable[[int], Senders], clock: Clock) -> None:
    senders = start_senders(1)
    assert senders.settle(1) == 1
    senders.answer('"default";r=100;t=60')
    clock.now += 60
    senders.start(4)
    assert senders.settle(2) == 2
    senders.answer()
    assert senders.settle(5) == 5


def test_request_after_one_that_was_not_sent_goes_alone(start_senders: Callable[[int], Senders]) -> None:
    senders = start_senders(4)
    assert senders.settle(1) == 1
    senders.answer(is_sent=False)
    assert senders.settle(2) == 2
    senders.answer('"default";r=100;t=60')
    assert senders.settle(4) == 4
    assert senders.pacing.sent == 1


def test_what_is_in_flight_is_subtracted(start_senders: Callable[[int], Senders], clock: Clock) -> None:
    senders = start_senders(8)
    assert senders.settle(1) == 1
    senders.answer('"default";r=3;t=60')
    assert senders.settle(4) == 4, "three are left and all in flight"
    assert clock.sleeps == [], "their answers may yet show places"
    senders.answer('"default";r=3;t=60')
    assert senders.settle(5) == 5, "one answer later two are in flight"


def test_nothing_left_and_nothing_in_flight_sleeps_until_the_reset(start_senders: Callable[[int], Senders], clock: Clock) -> None:
    senders = start_senders(1)
    assert senders.settle(1) == 1
    senders.answer('"default";r=0;t=60')
    senders.start(1)
    assert senders.settle(2) == 2
    assert clock.sleeps == [60.0]


def test_after_the_reset_one_goes_alone(start_senders: Callable[[int], Senders], clock: Clock) -> None:
    senders = start_senders(1)
    assert senders.settle(1) == 1
    senders.answer('"default";r=100;t=60')
    clock.now += 60
    senders.start(5)
    assert senders.settle(2) == 2
    senders.answer('"default";r=100;t=60')
    assert senders.settle(6) == 6


def test_refusal_holds_all_and_then_one_goes_alone(start_senders: Callable[[int], Senders], clock: Clock) -> None:
    senders = start_senders(1)
    assert senders.settle(1) == 1
    senders.answer(hold=5.0)
    senders.start(5)
    assert senders.settle(2) == 2
    assert set(clock.sleeps) == {5.0}
    senders.answer('"default";r=100;t=60')
    assert senders.settle(6) == 6


def test_seconds_that_threads_sleep_at_the_same_time_count_once(clock: Clock) -> None:
    """Three sleep 60 seconds at once; the last of them, awake too soon, another 40."""
    together = threading.Barrier(3, action=lambda: setattr(clock, "now", clock.now + 20))
    pacing = Pacing(clock, lambda seconds: together.wait(60) and None)
    pacing.acquire()
    pacing.release('"default";r=0;t=60')
    threads = [threading.Thread(target=lambda: (pacing.acquire(), pacing.release()), daemon=True) for _unused in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert pacing.held == 60.0


OPEN_FILES = Path("/proc/self/fd")


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="the open files are counted in /proc")
def test_files_are_closed_with_the_pacing() -> None:
    """An event source makes one for each poll, and would be out of files after two hours."""
    gc.collect()
    before = len(list(OPEN_FILES.iterdir()))
    for _unused in range(50):
        Pacing(time.monotonic)
    gc.collect()
    assert len(list(OPEN_FILES.iterdir())) <= before

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source `livestreams` against the simulator, without ansible-rulebook: tests/eda has that."""

from __future__ import annotations

import asyncio
import logging
import runpy
import time
from pathlib import Path
from typing import Any, Callable, Coroutine

import pytest
from simulator import Simulator

PATH = Path(__file__).resolve().parents[2] / "extensions/eda/plugins/event_source/livestreams.py"
SOURCE = runpy.run_path(str(PATH))


@pytest.fixture
def sim(sim_in_real_time: Simulator) -> Simulator:
    return sim_in_real_time


class Running:
    """A source that polls, as fast as a test needs it."""

    def __init__(self, queue: asyncio.Queue[Any], task: asyncio.Task[None]) -> None:
        self._queue, self.task = queue, task

    async def next(self) -> Any:
        return await asyncio.wait_for(self._queue.get(), 120)

    def is_silent(self) -> bool:
        return self._queue.empty()


def with_source(sim: Simulator, story: Callable[[Running], Coroutine[Any, Any, None]], **args: Any) -> None:
    """Run the source until the story has ended."""

    async def run() -> None:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        connection = {"api_url": sim.api_url, "api_token": sim.token, "account_id": sim.account_id, "app_id": sim.app_id}
        task = asyncio.create_task(SOURCE["main"](queue, {**connection, "interval": 1, "api_retries": 0, **args}))
        await asyncio.sleep(0.5)
        try:
            await story(Running(queue, task))
            assert not task.done(), task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


def test_each_change_is_an_event_without_a_key(sim: Simulator) -> None:
    meeting = sim.meetings[0]

    async def story(source: Running) -> None:
        started = sim.world.start(meeting)
        first = await source.next()
        assert (first["meeting_id"], first["previous_status"], first["status"]) == (meeting, None, "LIVE")
        assert first["livestream"]["id"] == started.id
        assert started.stream_key not in repr(first)
        sim.world.set_status(started, "ERRORED")
        second = await source.next()
        assert (second["previous_status"], second["status"]) == ("LIVE", "ERRORED")
        sim.world.take_off_air(started)
        third = await source.next()
        assert (third["previous_status"], third["status"]) == ("ERRORED", "IDLE")
        assert source.is_silent()

    with_source(sim, story)
    lists = [entry for entry in sim.requests if entry["operation"] == "list"]
    assert len(sim.requests) - len(lists) == 1


@pytest.mark.parametrize("kind", ["drop", "status", "garbage", "success_false", "redirect", "no_data"])
def test_outage_is_logged_and_reports_nothing(sim: Simulator, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    started = sim.world.start(sim.meetings[0])

    async def story(source: Running) -> None:
        sim.fault(kind, times=2)
        await asyncio.sleep(3)
        assert source.is_silent()
        sim.world.take_off_air(started)
        event = await source.next()
        assert (event["previous_status"], event["status"]) == ("LIVE", "IDLE")

    with caplog.at_level(logging.WARNING):
        with_source(sim, story)
    assert "Poll failed; the next one follows in 1 seconds" in caplog.text
    assert "the next one follows in 2 seconds" in caplog.text


def test_token_that_is_refused_and_valid_again(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    started = sim.world.start(sim.meetings[0])

    async def story(source: Running) -> None:
        token, sim.core.access.token = sim.core.access.token, "another"
        sim.world.take_off_air(started)
        await asyncio.sleep(1.5)
        assert source.is_silent()
        sim.core.access.token = token
        assert (await source.next())["status"] == "IDLE"

    with_source(sim, story)
    assert "check api_token" in caplog.text
    assert sim.token not in caplog.text


def test_words_of_the_api_that_repeat_the_token_are_hidden(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    async def story(source: Running) -> None:
        sim.fault("status", status=500, message=f"No, {sim.token}.")
        await asyncio.sleep(1.5)
        assert source.is_silent()

    with_source(sim, story)
    assert "No, ********." in caplog.text or "[hidden]" in caplog.text
    assert sim.token not in caplog.text


def test_used_up_limit_is_waited_for(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    """For as long as the API asks for, because each request more would be refused as well."""
    started = sim.world.start(sim.meetings[0])

    async def story(source: Running) -> None:
        sim.fault("rate_limited", retry_after=3)
        sim.world.take_off_air(started)
        before = len(sim.requests)
        await asyncio.sleep(2.5)
        assert source.is_silent()
        assert len(sim.requests) <= before + 1
        assert (await source.next())["status"] == "IDLE"

    with_source(sim, story)
    assert "Poll failed; the next one follows in 3 seconds" in caplog.text


def test_canceled_source_ends_at_once_while_a_request_hangs(sim: Simulator) -> None:
    async def story(source: Running) -> None:
        sim.fault("rate_limited", "list", retry_after=30)
        await asyncio.sleep(1)

    began = time.monotonic()
    with_source(sim, story)
    assert time.monotonic() - began < 20


def test_restarts_are_one_event_for_all_rooms(sim: Simulator) -> None:
    meetings = sim.meetings[:2]
    for meeting in meetings:
        sim.world.start(meeting)

    async def story(source: Running) -> None:
        for livestream in list(sim.world.livestreams.values()):
            sim.world.take_off_air(livestream)
        events = [await source.next() for _unused in range(3)]
        # The two drops can fall into two polls.
        told = [each for event in events for each in event.get("restart", {}).get("meeting_ids", ())]
        if len(told) < 2:
            told += (await source.next())["restart"]["meeting_ids"]
        assert sorted(told) == sorted(meetings)

    with_source(sim, story, meeting_ids=meetings, restarts=3)


def test_defect_in_a_poll_does_not_end_the_source(
    sim: Simulator, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = SOURCE["load"]("_ensure.watching").Watch
    poll, polls = watch.poll, []

    def break_once(self: Any, livestreams: Any) -> Any:
        polls.append(livestreams)
        if len(polls) == 2:
            raise KeyError(sim.token)
        return poll(self, livestreams)

    monkeypatch.setattr(watch, "poll", break_once)

    async def story(source: Running) -> None:
        sim.world.start(sim.meetings[0])
        assert (await source.next())["meeting_id"] == sim.meetings[0]

    with_source(sim, story)
    assert "Poll failed" in caplog.text
    assert sim.token not in caplog.text

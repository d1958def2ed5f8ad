# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One write meets one fault: the collection's way out of it, and the official SDK's, side by side."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, NamedTuple

from simulator import Fault, Settings, Simulator

from chaos.task import Ending, Job, run
from chaos.virtual import VirtualTime

NAME = "Main stage"
MEETING = "bbbb1111-22cc-43dd-84ee-555555ffffff"

#: The faults of a write: the kind, whether the write takes effect, and further settings.
FAULTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "connection dropped before": ("drop", "before", {}),
    "connection dropped after": ("drop", "after", {}),
    "500 before": ("status", "before", {"status": 500}),
    "500 after": ("status", "after", {"status": 500}),
    "504 after": ("status", "after", {"status": 504}),
    "502, a page of the edge, after": ("html", "after", {"status": 502}),
    "2xx with garbage, after": ("garbage", "after", {}),
    "2xx without a body, after": ("empty", "after", {}),
    "429": ("rate_limited", "before", {"retry_after": 1}),
}

#: Each write, and the effect that it is to have, once.
WRITES = {"create": "created", "start": "started", "stop": "stopped"}


class Ended(NamedTuple):
    """How it ended: how often the write took effect, and whether the client said that it succeeded."""

    effects: int
    well: bool
    says: str

    @property
    def verdict(self) -> str:
        if self.effects > 1:
            return "duplicate"
        if self.well:
            return "right" if self.effects == 1 else "untrue success"
        return "untrue failure" if self.effects else "failure"


@contextlib.contextmanager
def world_of(write: str, fault: str, times: int, **timing: Any) -> Iterator[Simulator]:
    """A world in which the write is due, and the fault waits for it."""
    kind, when, more = FAULTS[fault]
    with Simulator(Settings(live_delay=0), seed=1, meetings=[MEETING], **timing) as sim:
        if write == "stop":
            sim.world.start(MEETING)
        sim.fault(Fault(kind, write, when=when, times=times, **more))
        yield sim


def count_effects(sim: Simulator, write: str) -> int:
    sim.drain()
    return sum(effect["kind"] == WRITES[write] and effect["by"] == "api" for effect in sim.effects)


def play_ours(write: str, fault: str, times: int = 1) -> tuple[Ended, Ending]:
    """The module whose task it is, with its default options."""
    state = {"start": "started", "stop": "stopped"}.get(write)
    options: dict[str, Any] = {"meeting_id": [MEETING], "state": state} if state else {"name": NAME}
    job = Job(1, "rtk_meeting_livestream" if state else "rtk_livestream", options)
    clock, endings = VirtualTime(), []
    with world_of(write, fault, times, clock=clock.clock, later=clock.later) as sim:
        clock.run_all([(0.0, lambda: endings.append(run(job, sim, clock, 1)))])
        effects = count_effects(sim, write)
    (ending,) = endings
    assert ending.crash is None, ending.crash
    says = f"failed: {next(iter(ending.kinds.values()))}" if ending.failed else f"ok, changed={str(ending.result['changed']).lower()}"
    return Ended(effects, not ending.failed and ending.result["changed"], says), ending


def play_theirs(write: str, fault: str, times: int = 1) -> Ended:
    """The official SDK's own call, with its default settings; for a create its generic ``post``, as it has no other."""
    import cloudflare  # noqa: PLC0415 (only the comparison needs it)

    with world_of(write, fault, times) as sim, cloudflare.Cloudflare(api_token=sim.token, base_url=sim.api_url) as client:
        try:
            answer = _call(client, sim, write)
        except Exception as error:  # noqa: BLE001 (any exception is the result)
            well, says = False, type(error).__name__
        else:
            well, says = True, "ok" if _has_data(answer) else "ok, without data"
        return Ended(count_effects(sim, write), well, says)


def _call(client: Any, sim: Simulator, write: str) -> Any:
    livestreams, ids = client.realtime_kit.livestreams, {"account_id": sim.account_id, "app_id": sim.app_id}
    if write == "start":
        return livestreams.start_livestreaming_a_meeting(MEETING, **ids)
    if write == "stop":
        return livestreams.stop_livestreaming_a_meeting(MEETING, **ids)
    return client.post(f"/accounts/{sim.account_id}/realtime/kit/{sim.app_id}/livestreams", body={"name": NAME}, cast_to=object)


def _has_data(answer: Any) -> bool:
    return bool(answer.get("data") if isinstance(answer, dict) else getattr(answer, "data", None))

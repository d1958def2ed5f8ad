# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python tests/contract/compare_phases.py``: broken connections, for the official SDK, ansible.builtin.uri, and the modules.

Each write meets each phase of test_phases without SOCKS, which the SDK lacks, and each fault after the request has left.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Callable, Iterator, NamedTuple

import trustme

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from simulator import Settings, Simulator  # noqa: E402 (it is beside this folder)
from simulator.hops import Hop, hops  # noqa: E402
from test_phases import COMPARED, EXPIRED, LATE, OPERATIONS, SENT, Kind, World, context_of, write_ca  # noqa: E402

PAGE = HERE.parents[1] / "docs/official-sdk.md"
BEGIN, END = "<!-- begin: make compare, phases -->\n", "<!-- end: make compare, phases -->\n"
WRITES = ("start", "stop", "create")
NAME = "Main stage"
TRIES = 3
#: Seconds after which a port that refuses connections takes them again. The SDK waits longer than that before it tries again.
REPAIRED = 0.2


class Case(NamedTuple):
    """The fault of the write. ``when``, for a fault of the API: whether the write takes effect after or before it."""

    route: Kind
    fault: str
    when: str = ""

    @property
    def seconds(self) -> float:
        """The time limit of the client."""
        return LATE if self.fault.endswith(("silent", "timeout")) else 5.0

    def spoil(self, sim: Simulator, write: str) -> None:
        if self.when:
            sim.fault(**SENT[self.fault][0], operation=OPERATIONS[write][1], when=self.when)


class Told(NamedTuple):
    """The end: how often the write took effect, whether the client reported success, and how often it asked the proxy."""

    effects: int
    is_well: bool
    connections: int

    @property
    def verdict(self) -> str:
        if self.effects > 1:
            return "duplicates"
        if self.is_well:
            return "right" if self.effects else "false successes"
        return "false failures" if self.effects else "failures"


BEFORE = [Case(phase.route, phase.fault) for phase in COMPARED]
AFTER = [Case("direct", name, when) for name in SENT for when in ("before", "after")]

KINDS = {"the connection did not open": BEFORE, "the request had left": AFTER}
VERDICTS = ("right", "duplicates", "false failures", "false successes", "failures")
OURS = "the modules"


class Place:
    """The API, the hops to it, and where a client finds both."""

    def __init__(self, sim: Simulator, hop_of: Callable[[Kind], Hop], ca_path: str) -> None:
        self.sim, self.hop_of, self.ca_path = sim, hop_of, ca_path

    def url(self, route: Kind) -> str:
        port = self.hop_of("direct").port if route == "direct" else self.sim.url.rpartition(":")[2]
        return f"https://localhost:{port}/client/v4"

    def environ(self, route: Kind) -> dict[str, str]:
        proxy = {} if route == "direct" else {"HTTPS_PROXY": f"http://user:password@localhost:{self.hop_of(route).port}"}
        return {"SSL_CERT_FILE": self.ca_path, **proxy}

    def path(self, write: str) -> str:
        """Of the write, below the API's URL."""
        ends = {"start": f"meetings/{self.sim.meetings[0]}/livestreams", "create": "livestreams"}
        ends["stop"] = f"meetings/{self.sim.meetings[0]}/active-livestream/stop"
        return f"/accounts/{self.sim.account_id}/realtime/kit/{self.sim.app_id}/{ends[write]}"


def call_sdk(place: Place, write: str, case: Case, _pause: Callable[[], None]) -> bool:
    """The official SDK with its default settings, but for the time limit."""
    import cloudflare  # noqa: PLC0415 (only this needs it)

    with changed_environ(place.environ(case.route)):
        try:
            with cloudflare.Cloudflare(api_token=place.sim.token, base_url=place.url(case.route), timeout=case.seconds) as client:
                client.post(place.path(write), body={"name": NAME} if write == "create" else {}, cast_to=object)
        except Exception:  # noqa: BLE001 (any exception says that it failed)
            return False
        return True


def call_uri(place: Place, write: str, case: Case, pause: Callable[[], None]) -> bool:
    """The module as Ansible runs it, and again as `until` and `retries: 2` do."""
    arguments = {
        "url": place.url(case.route) + place.path(write),
        "method": "POST",
        "headers": {"Authorization": f"Bearer {place.sim.token}"},
        "body_format": "json",
        "body": {"name": NAME} if write == "create" else {},
        "status_code": [200, 201],
        "timeout": 1 if case.seconds == LATE else 5,
        "ca_path": place.ca_path,
    }
    for _unused in range(TRIES):
        done = subprocess.run(
            [sys.executable, "-m", "ansible.modules.uri"],
            input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
            env={**os.environ, **place.environ(case.route)},
            capture_output=True,
            text=True,
            check=False,
        )
        if not json.loads(done.stdout).get("failed"):
            return True
        pause()
    return False


def play(place: Place, call: Callable[..., bool], write: str, case: Case, times: int | None = 1) -> Told:
    """One write that meets one fault, once or always."""
    place.sim.reset()
    if write == "stop":
        place.sim.world.start(place.sim.meetings[0])
    hop = place.hop_of(case.route)
    hop.set_fault("")
    hop.connections, hop.times = 0, times
    case.spoil(place.sim, write)
    if not case.when:
        hop.set_fault(case.fault)
    mend = threading.Timer(REPAIRED if call is call_sdk else 3600, hop.set_fault, [""])
    if case.fault.startswith("TCP"):
        mend.start()
    is_well = call(place, write, case, lambda: hop.set_fault("") if case.fault.startswith("TCP") else None)
    mend.cancel()
    hop.set_fault("")
    hop.times = None
    place.sim.drain()
    return Told(sum(effect["by"] == "api" for effect in place.sim.effects), is_well, hop.connections)


def play_ours(world: World, write: str, case: Case) -> Told:
    world.sim.reset()
    case.spoil(world.sim, write)
    ended = world.play(write, case.route, "" if case.when else case.fault, timeout=case.seconds)
    return Told(ended.effects, ended.kind is None and ended.changed, ended.tries)


@contextlib.contextmanager
def changed_environ(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def places(folder: Path) -> Iterator[tuple[Place, World]]:
    authority = trustme.CA()
    contexts = {
        "certificate of another CA": context_of(trustme.CA().issue_cert("api.test", "localhost")),
        "certificate that has expired": context_of(authority.issue_cert("api.test", "localhost", not_after=EXPIRED)),
        "certificate for another name": context_of(authority.issue_cert("other.test")),
    }
    command = [sys.executable, str(HERE / "wire_client.py")]
    with contextlib.ExitStack() as stack:
        tls = context_of(authority.issue_cert("api.test", "localhost"))
        sim = stack.enter_context(Simulator(Settings(live_delay=0.0), seed=23, tls=tls))
        hop_of = stack.enter_context(hops(int(sim.url.rpartition(":")[2]), contexts))
        client = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        ca_path = write_ca(folder / "ca.pem", authority)
        world = World(sim, hop_of, ca_path, client)
        world._hear()
        yield Place(sim, hop_of, ca_path), world
        assert client.stdin
        client.stdin.close()


def compare(place: Place, world: World) -> str:
    """The table, and how often each client gives a wrong password to a proxy."""
    cells = [(write, case) for case in (*BEFORE, *AFTER) for write in WRITES]
    calls = {"the official SDK": call_sdk, "`ansible.builtin.uri` with `retries: 2`": call_uri}
    told = {who: {cell: play(place, call, *cell) for cell in cells} for who, call in calls.items()}
    told[OURS] = {cell: play_ours(world, *cell) for cell in cells}
    rows = [f"| | writes | {' | '.join(VERDICTS)} |", f"| --- |{' --- |' * (len(VERDICTS) + 1)}"]
    for words, cases in KINDS.items():
        rows += [render(words, who, [end for (_write, case), end in ends.items() if case in cases]) for who, ends in told.items()]
    wrong = Case("CONNECT", "CONNECT 407")
    asked = {who: play(place, call, "start", wrong, None).connections for who, call in calls.items()}
    world.sim.reset()
    asked[OURS] = world.play("start", wrong.route, wrong.fault, always=True).tries
    listed = ", ".join(f"{who}: {count}" for who, count in asked.items())
    return "\n".join(rows) + f"\n\nHow often a proxy that does not know the user is given the same wrong password: {listed}.\n"


def render(words: str, who: str, ends: list[Told]) -> str:
    """One row of the table."""
    counts = Counter(end.verdict for end in ends)
    return f"| {words}: {who} | {len(ends)} | {' | '.join(str(counts[verdict]) for verdict in VERDICTS)} |"


def main() -> int:
    parser = argparse.ArgumentParser(prog="compare_phases", description="Compare clients whose connections break.")
    parser.add_argument("--write", action="store_true", help="put the table into docs/official-sdk.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, places(Path(folder)) as (place, world):
        text = compare(place, world)
    print(text)
    if given.write:
        before, _begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        _old, _end, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}{text}{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

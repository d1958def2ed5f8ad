# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures what a task costs, side by side with what a user would otherwise use, and writes docs/benchmarks.md.

Everything runs by real ansible-playbook runs against a simulator of its own.
Absolute times mean nothing outside of one run; the ratios are what counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any, Iterator, NamedTuple

import requests
import yaml

BENCH = Path(__file__).parent
ROOT = BENCH.parent.parent
STATE = ROOT / ".build" / "bench"
PAGE = ROOT / "docs" / "benchmarks.md"
LATENCY = 0.05  # seconds that the simulator lets pass before each answer
STEPS = (("started", "start"), ("started", "find started"), ("stopped", "stop"))


class Run(NamedTuple):
    """One ansible-playbook run: seconds, requests, connections, refusals, and MiB of the largest module process."""

    seconds: float
    requests: int
    connections: int
    refused: int
    memory: float
    output: str


class Bench:
    """A simulator of its own, and the playbooks beside this file run against it."""

    def __init__(self, meetings: int) -> None:
        STATE.mkdir(parents=True, exist_ok=True)
        ready = STATE / "simulator.json"
        ready.unlink(missing_ok=True)
        command = [sys.executable, ROOT / "tests" / "simulator", "--port", "0", "--ready-file", ready, "--meetings", meetings]
        self.simulator = subprocess.Popen([*map(str, command), "--latency", str(LATENCY), "--ttl", "7200"], stdout=subprocess.DEVNULL)
        for _unused in range(200):
            if ready.exists():
                break
            time.sleep(0.05)
        self.facts = json.loads(ready.read_text())
        self.control = self.facts["url"] + "/_simulator"
        self.memory = STATE / "memory"

    def reset(self, **settings: Any) -> None:
        requests.post(f"{self.control}/reset", timeout=30).raise_for_status()
        self.set(**settings)

    def set(self, **settings: Any) -> None:
        requests.patch(f"{self.control}/settings", json=settings, timeout=30).raise_for_status()

    def log(self) -> list[dict[str, Any]]:
        return requests.get(f"{self.control}/requests", timeout=60).json()["requests"]

    def play(self, playbook: Path, meetings: int, **variables: Any) -> Run:
        """Run a playbook for the first so many meetings."""
        (STATE / "variables.json").write_text(json.dumps({"wanted": self.facts["meetings"][:meetings], **variables}))
        self.memory.write_text("")
        environment = {
            **os.environ,
            "CLOUDFLARE_BASE_URL": self.facts["api_url"],
            "CLOUDFLARE_API_TOKEN": self.facts["token"],
            "CLOUDFLARE_ACCOUNT_ID": self.facts["account_id"],
            "CLOUDFLARE_REALTIMEKIT_APP_ID": self.facts["app_id"],
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "tree"),
            "ANSIBLE_LIBRARY": str(BENCH / "library"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "PYTHONPATH": str(BENCH / "site"),
            "BENCH_MEMORY": str(self.memory),
        }
        requests.delete(f"{self.control}/requests", timeout=30).raise_for_status()
        before = requests.get(f"{self.control}/stats", timeout=30).json()
        start = time.monotonic()
        done = subprocess.run(
            [Path(sys.executable).parent / "ansible-playbook", playbook, "--extra-vars", f"@{STATE / 'variables.json'}"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=3000,
            check=False,
        )
        seconds = time.monotonic() - start
        if done.returncode:
            raise SystemExit(f"{playbook.name} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        log = self.log()
        after = requests.get(f"{self.control}/stats", timeout=30).json()
        peaks = [int(line) for line in self.memory.read_text().split()]
        return Run(
            seconds,
            len(log),
            after["connections"] - before["connections"],
            sum(1 for entry in log if entry["status"] == 429),
            max(peaks, default=0) / 1024,
            done.stdout + done.stderr,
        )

    def close(self) -> None:
        self.simulator.terminate()
        self.simulator.wait(10)


class Contender(NamedTuple):
    """One way to bring meetings into a state."""

    name: str
    playbook: str
    variables: dict[str, Any]
    most: int  #: meetings; a loop over more takes so long that only `--all` measures it


CONTENDERS = (
    Contender("one task, concurrency 1", "task.yml", {"concurrency": 1}, 1000),
    Contender("one task, concurrency 8", "task.yml", {"concurrency": 8}, 1000),
    Contender("one task, concurrency 32", "task.yml", {"concurrency": 32}, 1000),
    Contender("loop of rtk_meeting_livestream", "loop.yml", {}, 100),
    Contender("loop of ansible.builtin.uri", "uri.yml", {}, 100),
    Contender("loop over the official SDK", "sdk.yml", {}, 100),
)


def measure_sizes(bench: Bench, sizes: list[int], everything: bool) -> dict[tuple[int, str, str], Run]:
    """Each contender starts, finds started, and stops so many meetings."""
    runs = {}
    for size in sizes:
        for contender in CONTENDERS:
            if size > contender.most and not everything:
                continue
            bench.reset(limit_requests=10**9, live_delay=0.0, latency=LATENCY)
            for state, step in STEPS:
                runs[size, contender.name, step] = run = bench.play(BENCH / contender.playbook, size, state=state, **contender.variables)
                print(f"{size:5} {contender.name:32} {step:13} {run.seconds:7.2f} s {run.requests:5} requests", flush=True)
    return runs


def measure_single(bench: Bench, rounds: int = 30, turns: int = 3) -> dict[str, float]:
    """Seconds of a play of one ping, and of one more task of each kind: the best of some turns, the kinds one after another in each."""
    app = "{base}/accounts/{account}/realtime/kit/{app}".format(
        base=bench.facts["api_url"], account=bench.facts["account_id"], app=bench.facts["app_id"]
    )
    uri = {
        "url": f"{app}/meetings/{bench.facts['meetings'][0]}/active-livestream",
        "headers": {"Authorization": f"Bearer {bench.facts['token']}"},
        "status_code": [200, 404],
    }
    tasks = {
        "ping": {"ansible.builtin.ping": {}},
        "uri": {"ansible.builtin.uri": uri},
        "info": {"streamops.realtimekit.rtk_livestream_info": {"meeting_id": "{{ wanted }}"}},
    }
    bench.reset(limit_requests=10**9, latency=0.0)
    bench.play(BENCH / "task.yml", 1, state="started", concurrency=1)
    one, many = dict.fromkeys(tasks, float("inf")), dict.fromkeys(tasks, float("inf"))
    for _unused in range(turns):
        for kind, task in tasks.items():
            one[kind] = min(one[kind], bench.play(_looped(kind, task, 1), 1).seconds)
            many[kind] = min(many[kind], bench.play(_looped(kind, task, rounds), 1).seconds)
    return {"start": one["ping"], **{kind: (many[kind] - one[kind]) / (rounds - 1) for kind in tasks}}


def _looped(kind: str, task: dict[str, Any], rounds: int) -> Path:
    playbook = STATE / f"{kind}.yml"
    tasks = [{"name": kind, **task, "loop": list(range(rounds))}]
    playbook.write_text(yaml.safe_dump([{"name": kind, "hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    return playbook


def measure_wait(bench: Bench) -> dict[str, float]:
    """A hundred meetings that turn LIVE after five seconds."""
    bench.reset(limit_requests=10**9, live_delay=5.0, latency=LATENCY)
    bench.play(BENCH / "task.yml", 100, state="started", concurrency=8, wait=True)
    log = bench.log()
    last_start = max(entry["time"] for entry in log if entry["operation"] == "start")
    after = [entry for entry in log if entry["time"] > last_start]
    return {
        "seen": max(entry["time"] for entry in after) - last_start,
        "polls": sum(1 for entry in after if entry["operation"] == "list"),
        "confirms": sum(1 for entry in after if entry["operation"] == "active"),
    }


def measure_limit(bench: Bench, kind: str) -> Run:
    """Six hundred meetings, and 300 requests allowed in five seconds."""
    bench.reset(limit_requests=300, limit_window=5.0, limit_kind=kind, live_delay=0.0, latency=LATENCY)
    return bench.play(BENCH / "task.yml", 600, state="started", concurrency=8)


class Figures(NamedTuple):
    """All that was measured."""

    sizes: list[int]
    runs: dict[tuple[int, str, str], Run]
    single: dict[str, float]
    wait: dict[str, float]
    limits: dict[str, Run]


def page(figures: Figures) -> str:
    """The page in docs, as Markdown."""
    licence = [line.replace("# ", "", 1) for line in Path(__file__).read_text(encoding="utf-8").splitlines()[:3]]
    versions = ", ".join(f"{package} {version(package)}" for package in ("ansible-core", "requests", "cloudflare"))
    lines = [
        "<!--",
        *licence,
        "-->",
        "",
        "# Benchmarks",
        "",
        f"Written by `make bench` on {datetime.now(timezone.utc):%Y-%m-%d}: {versions},",
        f"Python {platform.python_version()}, {os.cpu_count()} cores, the simulator with {LATENCY * 1000:.0f} ms latency, no rate limit",
        "unless it says so. All are `ansible-playbook` runs on one machine in one go. Read the ratios; the seconds are this machine's.",
        "",
        "## Many meetings",
        "",
        "Seconds (requests, connections) for each step. A meeting costs one GET, and a POST where something changes.",
        "Loops over a thousand meetings take ten times as long as those over a hundred and are measured by `make bench ARGS=--all`.",
        "",
        "| meetings | | start | find started | stop | peak memory |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for size in figures.sizes:
        for contender in CONTENDERS:
            own = [figures.runs.get((size, contender.name, step)) for _unused, step in STEPS]
            if not any(own):
                continue
            cells = " | ".join(f"{run.seconds:.1f} ({run.requests}, {run.connections})" if run else "" for run in own)
            lines.append(f"| {size:,} | {contender.name} | {cells} | {max(run.memory for run in own if run):.0f} MiB |")
    return "\n".join([*lines, "", "## Ratios", "", *(f"- {line}" for line in ratios(figures)), ""])


def ratios(figures: Figures) -> Iterator[str]:
    """What the figures say."""
    sizes, runs, single, wait, limits = figures
    task, uri = "one task, concurrency 8", "loop of ansible.builtin.uri"
    if 100 in sizes:
        ours, floor = runs[100, task, "start"].seconds, single["start"] + 200 * LATENCY / 8
        faster = runs[100, uri, "start"].seconds / ours
        yield f"100 meetings started by one task at concurrency 8: {faster:.1f} times faster than the loop of `uri`."
        yield (
            f"The same against the floor, which is a play of one `ping` ({single['start']:.2f} s) and 200 requests of "
            f"{LATENCY * 1000:.0f} ms by 8 ({200 * LATENCY / 8:.2f} s): {ours / floor:.2f} times as long."
        )
        found = {name: runs[100, name, "find started"].seconds for name in (task, uri)}
        yield f"100 meetings found started: {found[uri] / found[task]:.1f} times faster than the loop of `uri`."
    if (1000, uri, "start") in runs:
        yield f"1,000 meetings started: {runs[1000, uri, 'start'].seconds / runs[1000, task, 'start'].seconds:.1f} times faster than it."
    if 100 in sizes and 1000 in sizes:
        growth = {step: runs[1000, task, step].seconds / runs[100, task, step].seconds for _unused, step in STEPS}
        each = ", ".join(f"{step} {times:.1f}" for step, times in growth.items())
        yield f"From 100 to 1,000 meetings the time of one task at concurrency 8 grows so many times: {each}."
    own = [run for (_size, name, _step), run in runs.items() if name.startswith("one task")]
    if own:
        yield f"The largest process of one task took {max(run.memory for run in own):.0f} MiB."
    yield (
        f"One meeting read by `rtk_livestream_info`, without latency: {single['info'] / single['uri']:.2f} times the time of a `uri` task, "
        f"{single['info'] / single['ping']:.2f} times that of one `ping`."
    )
    yield (
        f"100 meetings that turn LIVE after 5 seconds, waited for: all seen {wait['seen']:.1f} seconds after the last start, "
        f"with {wait['polls']:.0f} polls ({wait['polls'] / wait['seen']:.1f} a second) and {wait['confirms']:.0f} confirming reads."
    )
    # What is allowed at once goes out at full speed; after that, so many windows have to pass.
    least = single["start"] + (1200 / 300 - 1) * 5 + 300 * LATENCY / 8
    for kind, run in limits.items():
        yield (
            f"600 meetings started at concurrency 8 where 300 requests are allowed in 5 seconds ({kind} window): "
            f"{run.requests:,} requests in {run.seconds:.1f} seconds, {run.refused} of them refused. The limit makes it {least:.1f} at the "
            f"least (a play of one `ping`, three windows to wait for, and 300 requests of {LATENCY * 1000:.0f} ms by 8), "
            f"so that is {run.seconds / least:.2f} times as long: a fiftieth of each window is left to others."
        )


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default="1,10,100,1000", help="numbers of meetings")
    parser.add_argument("--all", action="store_true", help="measure the loops for every size: an hour more")
    parser.add_argument("--quick", action="store_true", help="only what has to do with the rate limit, with waiting, and with single tasks")
    parser.add_argument("--no-page", action="store_true", help="print, and leave docs/benchmarks.md as it is")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    bench = Bench(max(600, *sizes))
    try:
        single = measure_single(bench)
        print(f"one task beyond an empty play, in seconds: {single}", flush=True)
        limits = {kind: measure_limit(bench, kind) for kind in ("fixed", "sliding")}
        wait = measure_wait(bench)
        runs = {} if options.quick else measure_sizes(bench, sizes, options.all)
    finally:
        bench.close()
    text = page(Figures([] if options.quick else sizes, runs, single, wait, limits))
    print(text)
    if not (options.no_page or options.quick):
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

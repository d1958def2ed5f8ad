# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many episodes, several at a time, until enough requests have met a fault, with the figures at the end."""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import time
from collections import Counter, deque
from typing import Any, Iterator

from chaos.checks import violations
from chaos.episode import Episode, play
from chaos.ledger import Ledger, has_hold
from chaos.targets import find_targets
from chaos.virtual import Stuck

#: This many violations are enough to see the defect.
ENOUGH = 5

#: Real seconds; an episode takes one or two.
LONGEST_EPISODE = 300


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos", description="Run the modules under faults, and check what they say.")
    parser.add_argument(
        "--requests", type=int, default=2000, metavar="N", help="stop once so many requests have met a fault (default 2000)"
    )
    parser.add_argument("--seed", type=int, default=1, help="the first episode's; the others' follow. With --requests 1 just that one")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N")
    given = parser.parse_args()

    began, figures, found = time.monotonic(), Counter[str](), 0
    for seed, counts, texts in judge_all(given.seed, 1 if given.requests == 1 else given.processes):
        last = seed
        figures.update(counts)
        found += len(texts)
        for text in texts:
            print(text, flush=True)
        if figures["faulted"] >= given.requests or found >= ENOUGH:
            break
    report(figures, given.seed, last, found, time.monotonic() - began)
    return 1 if found else 0


def judge_all(first: int, processes: int) -> Iterator[tuple[int, Counter[str], list[str]]]:
    """Every seed from the first on, in this order; the processes are a few episodes ahead."""
    if processes == 1:
        yield from map(judge, itertools.count(first))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        ahead = deque(pool.apply_async(judge, (seed,)) for seed in range(first, first + 2 * processes))
        for seed in itertools.count(first + 2 * processes):
            yield ahead.popleft().get(LONGEST_EPISODE)
            ahead.append(pool.apply_async(judge, (seed,)))


def judge(seed: int) -> tuple[int, Counter[str], list[str]]:
    """One episode's figures, and its violations as text."""
    try:
        episode = play(seed)
    except Stuck as error:
        return seed, Counter(episodes=1), [f"VIOLATION in episode {seed}: {error}"]
    texts = [describe(episode, *violation) for violation in violations(episode)]
    return seed, count(episode), texts


def count(episode: Episode) -> Counter[str]:
    figures = Counter[str](episodes=1, tasks=len(episode.endings), requests=len(episode.requests), effects=len(episode.effects))
    figures["holds"] = has_hold(Ledger(episode))
    figures["faulted"] = episode.faults.total()
    figures.update({f"fault:{kind}": number for kind, number in episode.faults.items() if number})
    figures["broken"] = episode.breaks.total()
    figures.update({f"broken:{fault}": number for fault, number in episode.breaks.items()})
    figures.update({f"move:{kind}": number for kind, number in episode.moves.items()})
    for ending in episode.endings:
        figures[f"module:{ending.job.module}"] += 1
        figures["check mode"] += ending.job.check_mode
        figures["many"] += len(find_targets(ending)) >= 10
        for kind in set(ending.kinds.values()) or {ending.failure or "well"}:
            figures[f"ending:{kind}"] += 1
    figures["virtual seconds"] = round(sum(ending.ended - ending.began for ending in episode.endings))
    return figures


def describe(episode: Episode, ending: Any, text: str) -> str:
    """All there is to know about a violation, and how to see it again."""
    lines = [f"VIOLATION in episode {episode.seed} (repeat it: make chaos ARGS='--requests 1 --seed {episode.seed}'): {text}"]
    lines.append(f"  {'calm' if episode.calm else 'storm'}; {episode.plan}; {episode.settings}")
    for each in sorted(episode.endings, key=lambda each: each.job.number):
        about = each is ending or ending is None
        span = f"{each.began - episode.began:8.2f}..{each.ended - episode.began:8.2f}"
        lines.append(f"  {'>' if about else ' '} {span} {each.job} {each.kinds}")
        if about:
            lines.append(f"      {json.dumps(each.result)} {each.warnings}")
    target = text.partition(": ")[0]
    events = [(entry["time"], 0, _request(entry)) for entry in episode.requests if _concerns(episode, entry, target)]
    events += [(effect["time"], 1, _effect(effect)) for effect in episode.effects if _concerns(episode, effect, target)]
    lines += [f"    {moment - episode.began:8.2f} {event}" for moment, _order, event in sorted(events)]
    return "\n".join(lines)


def _concerns(episode: Episode, event: dict[str, Any], target: str) -> bool:
    """Whether it is about the violation's meeting, or about none. The others' would fill pages."""
    meeting_id = event.get("meeting_id") or next((each for each in episode.meetings if each in event.get("path", "")), target)
    return target not in episode.meetings or meeting_id == target


def _request(entry: dict[str, Any]) -> str:
    path = entry["path"].partition("/realtime/kit/")[2].partition("/")[2]
    answer = f"{entry['status'] or 'no answer'} {entry['fault'] or ''}"
    page = f" {entry['query'].get('status', '')} page {entry['query']['page_no']}" if "page_no" in entry["query"] else ""
    return f"{entry['agent'].rpartition(' ')[2]:8} #{entry['number']} {entry['method']} /{path}{page} -> {answer}"


def _effect(effect: dict[str, Any]) -> str:
    target = effect["meeting_id"] or effect["name"]
    if effect["kind"].startswith("meeting_"):
        target += f" {effect['name']!r}"
    found = effect["livestream_id"] or effect.get("webhook_id") or ""
    return f"         * {effect['kind']} {found} of {target} by {effect['by']}, request #{effect['request']}"


def report(figures: Counter[str], first: int, last: int, found: int, seconds: float) -> None:
    def part(prefix: str) -> str:
        return ", ".join(f"{number} {name.partition(':')[2]}" for name, number in figures.most_common() if name.startswith(prefix + ":"))

    print(f"chaos: {figures['episodes']} episodes (seeds {first} to {last}), {figures['tasks']} tasks, {figures['requests']} requests")
    print(f"  tasks           {part('module')}; {figures['check mode']} of them in check mode")
    print(f"                  {figures['many']} of them for ten meetings or more")
    print(f"  endings         {part('ending')}")
    print(f"  faulted         {figures['faulted']} requests: {part('fault')}")
    print(f"  broken          {figures['broken']} connections, before the request left: {part('broken')}")
    print(f"  others' moves   {part('move')}")
    print(f"  holds           {figures['holds']} episodes, in which a task paused for over two seconds between a read and its write")
    print(f"  effects         {figures['effects']}")
    print(f"  time            {seconds:.0f} seconds, in which {figures['virtual seconds']} of the tasks' own seconds passed")
    print(f"  violations      {found}")

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rule 5: when a wait may end, and when it has to."""

from __future__ import annotations

from typing import Iterator

from chaos.bounds import LAG, PAUSE, cost_of
from chaos.ledger import Ledger, is_write
from chaos.targets import find_entries, find_options, find_targets
from chaos.task import LATENCY, Ending
from chaos.virtual import MOMENT

#: A wait for this many meetings reads each of them; for more, it reads the lists.
ONE_BY_ONE = 5

#: As many of the meetings that the lists leave open are read for each poll.
READS_PER_POLL = 25


def waits_from_the_end_of_its_work(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """The time of a meeting begins when its last write is over."""
    for target, done in ending.done.items():
        first = max((entry["time"] for entry in ledger.trail(ending, target) if is_write(entry)), default=ending.began)
        if not first <= done <= ending.ended:
            yield f"{target}: is waited for from {done - ending.began:.2f} on, and its last write was at {first - ending.began:.2f}"


def looks_before_giving_up(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A meeting that is reported as out of time was looked at after its time was over, and was not there then.

    A list may show what was so LAG seconds before. So it counts as a look from LAG after the end on.
    """
    for target, kind in ending.kinds.items():
        if kind != "WaitTimeoutError":
            continue
        over, end = _find_end(ending, target), ending.given_up[target]
        looks = [entry["time"] for entry in ledger.trail(ending, target) if ledger.is_clear_read(entry) and over <= entry["time"] <= end]
        looks += [entry["time"] - ledger.list_lag for entry in ledger.lists(ending) if over + LAG <= entry["time"] <= end]
        if not looks:
            yield f"{target}: timed out, and was not looked at after its time was over"
        # A list can change at the moment of the request.
        elif all(_is_there(ledger, ending, target, each) for moment in looks for each in (moment - MOMENT, moment)):
            yield f"{target}: timed out, and the last look showed {ledger.show(target, max(looks))}"


def _find_end(ending: Ending, target: str) -> float:
    """When the time is over for which a meeting is waited for."""
    return ending.done[target] + float(ending.job.options.get("wait_timeout", 120))


def _is_there(ledger: Ledger, ending: Ending, target: str, moment: float) -> bool:
    """Whether a read at that moment shows what is waited for."""
    livestream_id, status = ledger.show(target, moment)
    if ending.job.options["state"] == "stopped":
        return livestream_id is None or livestream_id != find_options(ending, target).get("livestream_id", livestream_id)
    return status == "LIVE" and not any(effect["livestream_id"] == livestream_id for effect in ledger.own(ending, target, "stopped"))


def waits_until_it_is_gone(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A stop that was waited for has left a moment after it at which no livestream showed."""
    if not ending.job.options.get("wait") or ending.job.options["state"] != "stopped" or ending.job.check_mode:
        return
    for target, entry in find_entries(ending).items():
        stops = [effect for effect in ledger.own(ending, target, "stopped") if not ledger.is_late(effect)]
        named = find_options(ending, target).get("livestream_id")
        # A stop that hits another livestream than the named one is waited for no longer than the named one shows.
        if entry["error"] or not stops or named not in (None, stops[-1]["livestream_id"]):
            continue
        stopped = ledger.episode.livestreams[stops[-1]["livestream_id"]]
        end = stopped.sessions[-1].stopped_time
        # The stop may have hit one that no read has shown before.
        if stopped.visible_at <= stops[-1]["time"] and (end is None or end > ending.ended):
            yield f"{target}: was waited for, and {stops[-1]['livestream_id']} still showed at the end"


def gives_up_in_time(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A wait ends with the first look that begins after its time."""
    if not ending.job.options.get("wait") or ending.job.check_mode:
        return
    for target in ending.done:
        over = _find_end(ending, target) + LATENCY
        late = [entry for entry in ledger.trail(ending, target) if ledger.is_clear_read(entry) and entry["time"] > over]
        # One look may have begun in time and arrived later.
        if len(late) > 2:
            yield f"{target}: goes on looking when its time is over, {len(late)} times"
    over = max((_find_end(ending, target) for target in ending.done), default=ending.ended) + LAG + LATENCY
    polls = [e for e in ledger.lists(ending) if e["query"]["status"] == "INVOKED" and e["query"]["page_no"] == "1" and e["time"] > over]
    # A list of several pages is read twice.
    if len(polls) > 4:
        yield f"goes on looking when its time is over, {len(polls)} times"


def ends_once_all_are_there(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A wait that succeeds ends one pause after its last meeting shows, with one more poll."""
    options = ending.job.options
    if not options.get("wait") or ending.failed or ending.job.check_mode:
        return
    targets, since = find_targets(ending), max(ending.done.values())
    there = max([since, *(_find_arrival(ledger, ending, target) for target in targets)]) + ledger.list_lag
    requests = ledger.requests(ending)
    after = [entry for entry in requests if entry["time"] > there]
    under_way = requests[: len(requests) - len(after)][-8:]
    # A poll has the pages of three lists, maybe twice, and reads READS_PER_POLL of the meetings that these leave open, in turns.
    pages = 1 + len(ledger.episode.livestreams) // ledger.episode.settings["per_page_cap"]
    most = min(6 * (1 + pages) + READS_PER_POLL, sum(entry["time"] > since for entry in requests))
    turns = 1 + -(-len(targets) // READS_PER_POLL)
    bound = turns * max(PAUSE, 0.1 * (there - since), 0.4 * most) + sum(cost_of(ledger, entry) for entry in under_way + after)
    if ending.ended - there > bound:
        yield f"waits for {ending.ended - there:.1f} seconds after all have shown; {bound:.1f} are promised"


def _find_arrival(ledger: Ledger, ending: Ending, target: str) -> float:
    """From when on reads showed what was waited for, or what the result has of it."""
    livestream = find_entries(ending)[target]["livestream"]
    if livestream:
        found = ledger.episode.livestreams[livestream["id"]]
        return float(max(found.visible_at, found.sessions[0].started_time or 0.0))
    ends = [ledger.episode.livestreams[effect["livestream_id"]].sessions[-1].stopped_time for effect in ledger.effects(target, "stopped")]
    return max((end for end in ends if end and end <= ending.ended), default=0.0)

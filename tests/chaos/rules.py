# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the engine, judged from what arrived at the API and what it showed then.

Nothing may come between a read and the unguarded write that rests on it.
"""

from __future__ import annotations

from typing import Any, Iterator

from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS

from chaos.ledger import Ledger, find_entries, find_targets, is_doubtful, is_write
from chaos.task import LATENCY, Ending

#: Seconds from a read to the unguarded write that rests on it, as promised. The client's own figure is what is on trial.
FRESH = 2.0

#: Seconds that the order of threads may cost.
MOMENTS = 0.01


def looks_before_repeating(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 1: a write that may have happened is not repeated before the state was read."""
    for target in find_targets(ending):
        doubtful: dict[str, int] = {}
        for entry in ledger.trail(ending, target):
            if ledger.is_clear_read(entry):
                doubtful.clear()
            elif is_write(entry):
                if entry["operation"] in doubtful:
                    first = doubtful[entry["operation"]]
                    yield f"{target}: request #{entry['number']} repeats #{first}, and the state was not read in between"
                if is_doubtful(entry):
                    doubtful[entry["operation"]] = entry["number"]


def writes_on_fresh_state(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 2: a stop or a create arrives soon after its read. Whatever it is answered, it was sent."""
    for target in find_targets(ending):
        trail = ledger.trail(ending, target)
        for write in trail:
            if write["operation"] not in ("stop", "create"):
                continue
            reads = [entry for entry in trail if ledger.is_clear_read(entry) and entry["number"] < write["number"]]
            if not reads:
                yield f"{target}: request #{write['number']} writes before anything was read"
                continue
            # The client checks before the request sets out, and the time counts from when its read set out.
            bound = FRESH + LATENCY + MOMENTS
            age = write["time"] - reads[-1]["time"]
            if age > bound and not _is_slow(ledger, ending, write, bound + LATENCY):
                yield f"{target}: request #{write['number']} writes on what #{reads[-1]['number']} has read {age:.2f} seconds before"


def writes_in_the_end(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 2: a task reads again and then writes, however little of the rate limit is left."""
    for target, kind in ending.kinds.items():
        if kind == "StaleStateError":
            yield f"{target}: reads again and again, and never finds the time to write"


def _is_slow(ledger: Ledger, ending: Ending, write: dict[str, Any], bound: float) -> bool:
    """Whether the listing before a create took too long by itself, for which the time may count from its end."""
    before = [entry for entry in ledger.requests(ending) if entry["number"] < write["number"]]
    return write["operation"] == "create" and not is_write(before[-1]) and write["time"] - before[-1]["time"] <= bound


def creates_what_is_missing(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 2: no livestream of that name was there to be seen when the list was read for a create."""
    for target in find_targets(ending):
        trail = ledger.trail(ending, target)
        for write in trail:
            if write["operation"] != "create":
                continue
            listing = _find_listing([entry for entry in trail if ledger.is_clear_read(entry) and entry["number"] < write["number"]])
            if not listing:
                continue
            # A row that comes while the list is read may land on a page that was read before.
            seen_at = max(listing[0]["time"], min(listing[-1]["time"], write["time"] - FRESH - LATENCY - MOMENTS))
            shown = [e["livestream_id"] for e in ledger.effects(target, "created") if e["time"] + ledger.visible_lag < seen_at]
            if shown:
                yield f"{target}: request #{write['number']} creates another one, and the list has shown {shown}"


def _find_listing(reads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last reading of the list, page by page, up to its end. The page after that may only have shown that it is the end."""
    listing = reads[-1:]
    for entry in reads[-2::-1]:
        if int(entry["query"]["page_no"]) >= int(listing[0]["query"]["page_no"]):
            break
        listing.insert(0, entry)
    return listing[:-1] or listing


def stops_only_its_own(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 3: the read before a stop shows the livestream that the task has found at first."""
    for target in find_targets(ending):
        trail = ledger.trail(ending, target)
        for write in trail:
            if write["operation"] != "stop":
                continue
            shown = [ledger.show(target, e["time"])[0] for e in trail if ledger.is_clear_read(e) and e["number"] < write["number"]]
            if shown and (shown[0] is None or shown[0] != shown[-1]):
                yield f"{target}: request #{write['number']} stops {shown[-1]}, and the task had found {shown[0]}"


def names_both(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 3: a task that another user's livestream is in the way of says which, and which one it had found."""
    for target, entry in find_entries(ending).items():
        if ending.kinds.get(target) != "OtherLivestreamError":
            continue
        shown = [ledger.show(target, e["time"])[0] for e in ledger.trail(ending, target) if ledger.is_clear_read(e)]
        first, last, said = shown[0], shown[-1], entry["error"]["message"]
        # A restart that is waited for may lose the livestream that it has started, or that it takes for its own after a doubtful start.
        own = [effect["livestream_id"] for effect in ledger.own(ending, target, "started")]
        before = [each for each in (*shown[:-1], *own) if each not in (None, last)]
        if last in (None, first) or last not in said or (before and not any(each in said for each in before)):
            yield f"{target}: another one is in the way; the reads showed {first} and {last}, and the message says: {said}"


def restarts_with_its_own(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 3: a restart that succeeds returns what this task has started, if anyone can tell."""
    if ending.job.check_mode or ending.job.options["state"] != "restarted":
        return
    for target, entry in find_entries(ending).items():
        own = [effect["livestream_id"] for effect in ledger.own(ending, target, "started")]
        if not entry["error"] and (entry["livestream"] or {}).get("id") not in own and not ledger.doubts(ending, target, "start"):
            yield f"{target}: restarted, and {(entry['livestream'] or {}).get('id')} was started by another user"


def looks_before_giving_up(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 5: a target that fails for lack of time was looked at after its time was over, and was not there then."""
    state, timeout = ending.job.options.get("state"), ending.job.options.get("wait_timeout", 120)
    for target, kind in ending.kinds.items():
        if kind != "WaitTimeoutError":
            continue
        trail = ledger.trail(ending, target)
        reads = [entry["time"] for entry in trail if ledger.is_clear_read(entry)]
        since = max((entry["time"] for entry in trail if is_write(entry)), default=reads[0])
        # A wait for many asks which livestreams still have a status; each such list begins with its first page.
        lists = [e["time"] for e in ledger.requests(ending) if e["query"].get("status") and e["query"]["page_no"] == "1" and not e["fault"]]
        last = max(reads + lists)
        if last < since + timeout:
            yield f"{target}: timed out, and the last look was {last - since:.2f} seconds after its write, with {timeout} to wait"
        livestream_id, status = ledger.show(target, last)
        stopped_id = ledger.show(target, reads[0])[0] if any(entry["operation"] == "stop" for entry in trail) else None
        is_gone = state == "stopped" and livestream_id is None and last in reads
        is_live = state != "stopped" and status == "LIVE" and livestream_id != stopped_id
        if is_gone or is_live:
            yield f"{target}: timed out, and the last look showed {livestream_id} as {status}"


def gives_up_in_time(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 5: a wait ends with the first look that begins after its time."""
    if not ending.job.options.get("wait"):
        return
    for target in find_targets(ending):
        trail = ledger.trail(ending, target)
        since = max((entry["time"] for entry in trail if is_write(entry)), default=ending.began)
        reads = [entry["time"] for entry in trail if ledger.is_clear_read(entry) and entry["time"] > since]
        # The first ones may be the looks for a doubtful write, after which the wait begins.
        begins = max(reads[: len(LOOKS)], default=since) + LATENCY
        late = [moment for moment in reads if moment > begins + ending.job.options.get("wait_timeout", 120)]
        # One look may have begun in time and arrived later.
        if len(late) > 2:
            yield f"{target}: goes on looking when its time is over, {len(late)} times"

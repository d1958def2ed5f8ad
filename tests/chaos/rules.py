# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the engine, checked by the requests that arrived at the API and by its state.

No other request may come between a read and the unguarded write that rests on it.
"""

from __future__ import annotations

from typing import Any, Iterator

from chaos.ledger import Ledger, is_conflict, is_doubtful, is_write
from chaos.targets import find_entries, find_options, find_targets
from chaos.task import LATENCY, Ending
from chaos.virtual import MOMENT

Entry = dict[str, Any]

#: Seconds from a read to the unguarded write that rests on it, as promised. The client's own figure is what is on trial.
FRESH = 2.0

#: The writes that rest on a fresh read of their own target.
UNGUARDED = ("stop", "create")

#: Seconds that the order of threads may cost.
MOMENTS = 0.01


def looks_before_repeating(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 1: a write that may have happened, or that the state forbids, is not repeated before the state was read."""
    for target in find_targets(ending):
        doubtful: dict[str, int] = {}
        for entry in ledger.trail(ending, target):
            if ledger.is_clear_read(entry):
                doubtful.clear()
            elif is_write(entry):
                if entry["operation"] in doubtful:
                    first = doubtful[entry["operation"]]
                    yield f"{target}: request #{entry['number']} repeats #{first}, and the state was not read in between"
                if is_doubtful(entry) or is_conflict(entry):
                    doubtful[entry["operation"]] = entry["number"]


def writes_on_fresh_state(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 2: a stop or a create arrives soon after its read, independent of its answer."""
    for target in find_targets(ending):
        trail = ledger.trail(ending, target)
        for write in trail:
            if write["operation"] not in UNGUARDED:
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
    """Return whether the listing before a create took too long, so that the time may count from its end."""
    before = [entry for entry in ledger.requests(ending) if entry["number"] < write["number"]]
    return write["operation"] == "create" and not is_write(before[-1]) and write["time"] - before[-1]["time"] <= bound


def creates_what_is_missing(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 2: no livestream of that name was there to be seen when the list was read for a create."""
    for target in find_targets(ending):
        trail = ledger.trail(ending, target)
        for write in trail:
            if write["operation"] != "create":
                continue
            reads = [entry for entry in trail if ledger.is_clear_read(entry) and entry["number"] < write["number"]]
            if not reads:
                continue
            # Rows that come in front push others back, so the pages behind them are read again.
            listing = (
                [entry for entry in reads if entry["query"]["page_no"] == "1"][-1:] if _grows_in_front(ledger) else _find_listing(reads)
            )
            # A row that comes while the list is read may land on a page that was read before.
            seen_at = listing[0]["time"]
            if not _grows_in_front(ledger):
                seen_at = max(seen_at, min(listing[-1]["time"], write["time"] - FRESH - LATENCY - MOMENTS))
            lag = ledger.visible_lag + ledger.list_lag
            shown = [e["livestream_id"] for e in ledger.effects(target, "created") if e["time"] + lag < seen_at]
            if shown:
                yield f"{target}: request #{write['number']} creates another one, and the list has shown {shown}"


def sees_what_it_creates(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 2: what the task says does not show yet did not show when the list was read for the last time."""
    for target in find_targets(ending):
        is_unseen = any(repr(target) in warning and "is not in the list yet" in warning for warning in ending.warnings)
        reads = [entry for entry in ledger.trail(ending, target) if ledger.is_clear_read(entry)]
        listing = _find_listing(reads)
        for effect in ledger.own(ending, target, "created") if is_unseen else ():
            # Rows that come in front push others back, so the pages behind them are read again.
            whole = [entry for entry in reads if entry["query"]["page_no"] == "1" and entry["time"] > effect["time"]]
            listing = whole[-1:] if whole and _grows_in_front(ledger) else listing
            if effect["time"] + ledger.visible_lag + ledger.list_lag < listing[0]["time"]:
                yield f"{target}: says that {effect['livestream_id']} does not show, and the list has shown it"


def _grows_in_front(ledger: Ledger) -> bool:
    """Whether the API lists the newest first, although asked for the oldest."""
    return "sort_order" in ledger.episode.settings["list_ignores"]


def _find_listing(reads: list[Entry]) -> list[Entry]:
    """The last reading of the list up to its end, in the order of arrival. The page after that may only have shown that it is the end.

    Pages are read side by side, but the first one goes alone. A reading begins with a page that the one before has had.
    """
    listing: dict[int, Entry] = {}
    for entry in reads:
        page_no = int(entry["query"]["page_no"])
        if page_no in listing and listing[page_no]["fault"] == "missing_keys":
            del listing[page_no]  # the page had rows, so it was read again
        elif page_no in listing or page_no < min(listing, default=page_no):
            listing.clear()
        listing[page_no] = entry
    pages = sorted(listing)
    return [entry for page_no, entry in listing.items() if page_no != pages[-1]] or list(listing.values())


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
        trail, said = ledger.trail(ending, target), entry["error"]["message"]
        shown = [ledger.show(target, each["time"])[0] for each in trail if ledger.is_clear_read(each)]
        # If it begins with a start, the lists have shown none.
        first = None if is_write(trail[0]) else shown[0]
        own = {effect["livestream_id"] for effect in ledger.own(ending, target, "started")}
        # A restart that is waited for may lose the livestream that it has started, or that it takes for its own after a doubtful start.
        before = {first, *own, *shown} - {None}
        moments = [each["time"] - ledger.list_lag for each in ledger.lists(ending)]
        # A list can change at the moment of the request.
        shown += [ledger.show(target, each)[0] for moment in moments for each in (moment - MOMENT, moment)]
        named = {each for each in (*before, *shown) if each and each in said}
        if not named - {first, *own} or (len(named) == 1 and before - named):
            yield f"{target}: another one is in the way; the reads showed {shown}, and the message says: {said}"


def restarts_with_its_own(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 3: a restart that succeeds returns what this task has started, if anyone can tell."""
    if ending.job.check_mode or ending.job.options["state"] != "restarted":
        return
    for target, entry in find_entries(ending).items():
        own = [effect["livestream_id"] for effect in ledger.own(ending, target, "started")]
        if not entry["error"] and (entry["livestream"] or {}).get("id") not in own and not ledger.doubts(ending, target, "start"):
            yield f"{target}: restarted, and {(entry['livestream'] or {}).get('id')} was started by another user"


def starts_under_its_name(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A livestream gets the name that was asked for in its room, or for all of them."""
    for target in find_targets(ending):
        name = find_options(ending, target).get("name")
        for effect in ledger.own(ending, target, "started"):
            if effect["name"] != name:
                yield f"{target}: is started under the name {effect['name']!r}, not {name!r}"


def stops_only_what_is_named(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 3: if a livestream is named, the read before a stop has shown it."""
    for target in find_targets(ending):
        named, trail = find_options(ending, target).get("livestream_id"), ledger.trail(ending, target)
        for write in trail if named else ():
            shown = [ledger.show(target, e["time"])[0] for e in trail if ledger.is_clear_read(e) and e["number"] < write["number"]]
            if write["operation"] == "stop" and shown and shown[-1] != named:
                yield f"{target}: request #{write['number']} stops {shown[-1]}, and {named} was to be stopped"

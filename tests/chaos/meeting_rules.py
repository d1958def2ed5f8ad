# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the engine for `rtk_meeting`: what it may send, and when."""

from __future__ import annotations

from typing import Any, Iterator

from chaos.history import has_title
from chaos.ledger import Ledger, is_write
from chaos.rules import FRESH, MOMENTS
from chaos.targets import find_targets, find_titles
from chaos.task import LATENCY, Ending
from chaos.title_rules import may_miss

Entry = dict[str, Any]

#: Seconds from the read to the write that rests on it, as they arrive. The client checks before the write sets out.
BOUND = FRESH + LATENCY + MOMENTS


def find_wanted(ending: Ending) -> dict[str, Any]:
    """The fields that each meeting of the task is to have."""
    options = dict(ending.job.options)
    given = {name: value for name, value in options.items() if name not in ("meeting_id", "titles", "state", "concurrency")}
    if "meeting_id" not in options:
        given.pop("title", None)
    return {**given, "status": {"present": "ACTIVE", "inactive": "INACTIVE"}[options["state"]]}


def rests_on_fresh_state(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 2: a create or an update arrives at most two seconds after the first read that it rests on."""
    for target in find_targets(ending):
        trail = ledger.trail(ending, target)
        for write in filter(is_write, trail):
            before = [entry for entry in trail if ledger.is_clear_read(entry) and entry["number"] < write["number"]]
            reads = [entry for entry in before if _is_read_for(entry, write)]
            if not reads:
                yield f"{target}: request #{write['number']} writes before anything was read"
                continue
            age = write["time"] - reads[-1]["time"]
            if age > BOUND and not (write["operation"] == "create_meeting" and rests_on_slow_reads(ledger, ending, write)):
                yield f"{target}: request #{write['number']} writes on what #{reads[-1]['number']} has read {age:.2f} seconds before"


def _is_read_for(entry: Entry, write: Entry) -> bool:
    """Whether a read begins what a write rests on: the meeting itself for an update, the first page of a list for a create."""
    if write["operation"] == "update_meeting":
        return bool(entry["operation"] == "get_meeting")
    return bool(entry["operation"] == "list_meetings" and entry["query"]["page_no"] == "1")


def rests_on_slow_reads(ledger: Ledger, ending: Ending, write: Entry) -> bool:
    """Whether the titles or names took longer than that to find, for which the time may count from the answer."""
    before = [entry for entry in ledger.requests(ending) if entry["number"] < write["number"]]
    reads: list[Entry] = []
    for entry in reversed(before):
        if reads and is_write(entry):
            break
        reads += [] if is_write(entry) else [entry]
    took = reads[0]["time"] - reads[-1]["time"] + 2 * LATENCY
    return took > FRESH and write["time"] - reads[0]["time"] <= BOUND + LATENCY


def creates_what_no_list_shows(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 2: no meeting of that title was there to be seen when the lists were read for a create."""
    for title in find_titles(ending.job):
        trail = ledger.trail(ending, title)
        for write in [entry for entry in trail if entry["operation"] == "create_meeting"]:
            reads = [entry for entry in trail if ledger.is_clear_read(entry) and entry["number"] < write["number"]]
            firsts = [entry["time"] for entry in reads if _is_read_for(entry, write)]
            if not firsts:
                continue
            # If a row lacks a field, the meeting is read separately, and may have another title by then.
            alone = [
                each["time"] for each in ledger.requests(ending) if each["operation"] == "get_meeting" and each["number"] < write["number"]
            ]
            since, until = firsts[-1], max([reads[-1]["time"], *alone])
            shown = ledger.history.find_always(since - ledger.list_lag, until, has_title(title))
            if shown and not may_miss(ledger, since, until):
                yield f"{title}: request #{write['number']} creates another one, and the lists have shown {shown}"


def sends_what_differs(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """An update has the fields that were asked for, as far as the meeting did not have them when it was read. A create has all."""
    wanted = find_wanted(ending)
    settings = {name: value for name, value in wanted.items() if name not in ("status", "title")}
    for target in find_targets(ending):
        trail = ledger.trail(ending, target)
        for write in trail:
            if write["operation"] == "create_meeting" and write["body"] != {"title": target, **settings}:
                yield f"{target}: creates a meeting with {write['body']}, asked for {settings}"
            if write["operation"] != "update_meeting":
                continue
            reads = [e for e in trail if e["operation"] == "get_meeting" and ledger.is_clear_read(e) and e["number"] < write["number"]]
            # The update does not rest on a search that reads the meeting for its title.
            recent = [each["time"] for each in reads if write["time"] - each["time"] <= BOUND] or [each["time"] for each in reads[-1:]]
            shown = [ledger.history.show(write["path"].rpartition("/")[2], moment) for moment in recent]
            needless = [name for name, value in write["body"].items() if name not in wanted or all(was.get(name) == value for was in shown)]
            if needless or not write["body"] or {**wanted, **write["body"]} != wanted:
                yield f"{target}: request #{write['number']} sends {write['body']}, of which {needless} did not have to change"


def writes_to_its_targets(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Every write is about a title or a meeting that was asked for, and nothing is created for ``inactive``."""
    known = {entry["number"] for target in find_targets(ending) for entry in ledger.trail(ending, target)}
    for entry in filter(is_write, ledger.requests(ending)):
        if entry["number"] not in known:
            yield f"request #{entry['number']} writes to {entry['path']}, which no target stands for"
        if entry["operation"] == "create_meeting" and (ending.job.options["state"] != "present" or not find_titles(ending.job)):
            yield f"request #{entry['number']} creates a meeting, which was not asked for"

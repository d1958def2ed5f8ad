# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the engine for `rtk_webhook`: what it may send, and when."""

from __future__ import annotations

from typing import Any, Iterator

from chaos.history import has_name
from chaos.ledger import Ledger, is_conflict, is_doubtful, is_write
from chaos.meeting_rules import BOUND, Entry, rests_on_slow_reads
from chaos.task import Ending
from chaos.virtual import MOMENT

#: The reads that each write may rest on.
READS = {
    "create_webhook": ("list_webhooks",),
    "update_webhook": ("get_webhook",),
    "delete_webhook": ("list_webhooks", "get_webhook"),
}

#: The only writes of each state.
WRITES = {"present": ("create_webhook", "update_webhook"), "absent": ("delete_webhook",)}


def find_settings(ending: Ending) -> dict[str, Any]:
    """The settings that the webhook of a task is to have."""
    given = {name: value for name, value in ending.job.options.items() if name not in ("name", "state")}
    return {"enabled": True, **given, **({"events": sorted(given["events"])} if "events" in given else {})}


def looks_before_repeating(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 1: a write that may have happened, or that the state forbids, is not repeated before its webhook or the list was read."""
    doubtful: dict[tuple[str, str], int] = {}
    for entry in _find_trail(ledger, ending):
        key = entry["operation"], entry["path"]
        if ledger.is_clear_read(entry):
            doubtful = {each: number for each, number in doubtful.items() if not _is_read_for(entry, *each)}
        elif is_write(entry):
            if key in doubtful:
                yield f"request #{entry['number']} repeats #{doubtful[key]}, and the state was not read in between"
            if is_doubtful(entry) or is_conflict(entry):
                doubtful[key] = entry["number"]


def rests_on_fresh_state(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 2: a write arrives at most two seconds after the read that it rests on. For a slow list they count from its answer."""
    for write, reads in _find_writes(ledger, ending):
        if not reads:
            yield f"request #{write['number']} writes before anything was read"
            continue
        age = write["time"] - reads[-1]["time"]
        if age > BOUND and not (write["operation"] == "create_webhook" and rests_on_slow_reads(ledger, ending, write)):
            yield f"request #{write['number']} writes on what #{reads[-1]['number']} has read {age:.2f} seconds before"


def creates_what_no_list_shows(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 2: no webhook of this name was there to be seen when the list was read for a create."""
    for write, reads in _find_writes(ledger, ending):
        if write["operation"] != "create_webhook" or not reads:
            continue
        # If a row lacks a field, the webhook is read separately, and may have another name by then.
        rows = [each["time"] for each in _find_trail(ledger, ending) if each["operation"] == "get_webhook"]
        since, until = ledger.find_shown_time(reads[-1]), max([reads[-1]["time"], *(time for time in rows if time < write["time"])])
        shown = ledger.webhooks.find_always(since, until, has_name(ending.job.options["name"]))
        if shown:
            yield f"request #{write['number']} creates another webhook, and the list has shown {shown}"


def changes_only_what_has_the_name(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Rule 3: the last read before an update or a delete has shown the webhook under the name that was asked for."""
    name = ending.job.options["name"]
    for write, reads in _find_writes(ledger, ending):
        if write["operation"] not in WRITES[ending.job.options["state"]]:
            yield f"request #{write['number']} is {write['operation']}, which was not asked for"
        if write["operation"] == "create_webhook" or not reads:
            continue
        webhook_id, shown = write["path"].rpartition("/")[2], ledger.find_shown_time(reads[-1])
        # A list can change at the moment of the request.
        names = {ledger.webhooks.show(webhook_id, moment).get("name") for moment in (shown - MOMENT, shown)}
        if name not in names:
            yield f"request #{write['number']} is {write['operation']} of {webhook_id}, which #{reads[-1]['number']} has shown as {names}"


def sends_what_differs(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """An update has the settings that were asked for, as far as the webhook did not have them when it was read. A create has all."""
    wanted = find_settings(ending)
    for write, reads in _find_writes(ledger, ending):
        if write["operation"] == "create_webhook" and write["body"] != {"name": ending.job.options["name"], **wanted}:
            yield f"request #{write['number']} creates a webhook with {write['body']}, asked for {wanted}"
        if write["operation"] != "update_webhook" or not reads:
            continue
        was = ledger.webhooks.show(write["path"].rpartition("/")[2], reads[-1]["time"])
        was = {**was, "events": sorted(was.get("events", ()))}
        needless = [name for name, value in write["body"].items() if name not in wanted or was.get(name) == value]
        if needless or not write["body"] or {**wanted, **write["body"]} != wanted:
            yield f"request #{write['number']} sends {write['body']}, of which {needless} did not have to change"


def _find_trail(ledger: Ledger, ending: Ending) -> list[Entry]:
    return ledger.trail(ending, ending.job.options["name"])


def _find_writes(ledger: Ledger, ending: Ending) -> Iterator[tuple[Entry, list[Entry]]]:
    """Each write, with the reads before it that it may rest on."""
    trail = _find_trail(ledger, ending)
    for write in filter(is_write, trail):
        before = [entry for entry in trail if entry["number"] < write["number"] and ledger.is_clear_read(entry)]
        yield write, [entry for entry in before if _is_read_for(entry, write["operation"], write["path"])]


def _is_read_for(entry: Entry, operation: str, path: str) -> bool:
    """Whether a read shows the state for a write: the list, or this webhook."""
    return entry["operation"] in READS[operation] and entry["path"] in (path, path.rpartition("/")[0])

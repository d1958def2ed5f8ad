# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a task may take: the bounds of docs/reliability.md, with what a request takes here in place of the timeouts."""

from __future__ import annotations

from typing import Any

from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS, REREADS, SETTLE

from chaos.ledger import Ledger
from chaos.targets import find_targets, find_titles
from chaos.task import LATENCY, Ending

#: Seconds by which a list may be behind, as the collection reckons.
LAG = 2.0

#: Seconds from one poll of a wait to the next, at least.
PAUSE = 1.0


def longest(ledger: Ledger, ending: Ending) -> float:
    """Seconds for a whole task."""
    if ending.job.lifetime is not None:
        # A request that is under way may end.
        return min(ending.job.lifetime + 2 * LATENCY + 0.01, _longest(ledger, ending))
    return _longest(ledger, ending)


def _longest(ledger: Ledger, ending: Ending) -> float:
    tries, options, livestreams = ending.job.retries + 1, ending.job.options, len(ledger.episode.livestreams)
    request, targets = longest_request(ledger, ending), len(find_targets(ending))
    listing = request * (livestreams + 5)
    if ending.job.module in ("rtk_meeting", "rtk_meeting_info", "rtk_app_info"):
        return _longest_on_meetings(ledger, ending)
    if ending.job.module in ("rtk_webhook", "rtk_webhook_info"):
        return _longest_on_webhooks(ledger, ending)
    if ending.job.module == "rtk_livestream_info":
        return listing * (2 + 3 * max(livestreams, targets)) + longest_search(ledger, ending)
    if ending.job.module == "rtk_livestream":
        create = request + tries * REREADS * listing
        return listing + tries * (targets * create + sum(LOOKS) + 4 * listing) + sum(LOOKS) + 4 * listing
    send = request + tries * REREADS * request
    write = tries * (send + sum(LOOKS) + 4 * request) + 6 * (send + request) + sum(SETTLE)
    wait = longest_wait(ledger, ending) if options.get("wait") else 0.0
    # Three lists, each maybe twice, and that of the meetings.
    snapshot = 7 * listing if targets >= 10 else 0.0
    return longest_search(ledger, ending) + snapshot + targets * (2 * request + 2 * write) + wait


def longest_search(ledger: Ledger, ending: Ending) -> float:
    """Seconds to find all titles of a task: the list, and a search for each, and maybe a read of every meeting that these show."""
    meetings, titles = len(ledger.episode.meetings), len(find_titles(ending.job))
    return longest_request(ledger, ending) * (1 + titles) * 2 * (meetings + 5) if titles else 0.0


def _longest_on_meetings(ledger: Ledger, ending: Ending) -> float:
    """Seconds for a whole task: a search, the creates with the looks for them and for twins, and an update of each meeting."""
    tries, request, targets = ending.job.retries + 1, longest_request(ledger, ending), len(find_targets(ending))
    search = max(longest_search(ledger, ending), request * (len(ledger.episode.meetings) + len(ledger.episode.apps) + 5))
    if ending.job.module != "rtk_meeting":
        return 2 * search
    create = tries * (targets * (request + REREADS * search) + sum(LOOKS) + 4 * search) + sum(LOOKS) + 4 * search
    # By its id, a search follows each read, because the title must be free.
    read = request + search if "meeting_id" in ending.job.options else request
    update = 2 * read + tries * (request + REREADS * read + sum(LOOKS) + 4 * read)
    return 2 * search + create + targets * update


def _longest_on_webhooks(ledger: Ledger, ending: Ending) -> float:
    """Seconds for a whole task: the list, the create with its looks and an update, or the deletes of all webhooks of the name."""
    tries, request, number = ending.job.retries + 1, longest_request(ledger, ending), len(ledger.episode.webhooks)
    listing = request * (number + 2)  # any row may lack a field
    looks = sum(LOOKS) + len(LOOKS) * listing
    create = tries * (request + REREADS * listing + looks) + looks
    update = 2 * request + tries * (request + REREADS * request + looks) + looks
    delete = (tries + len(SETTLE)) * (request + REREADS * request + sum(LOOKS) + len(LOOKS) * request) + sum(SETTLE)
    return listing + max(create + update, number * delete)


def longest_wait(ledger: Ledger, ending: Ending) -> float:
    """Seconds from the end of the work to the end of a task that waits: its time, a list's lag, some pauses, and each request's own."""
    timeout = float(ending.job.options.get("wait_timeout", 120))
    over = max(ending.done.values(), default=ending.began) + timeout
    after = [entry for entry in ledger.requests(ending) if entry["time"] > over]
    return timeout + LAG + 3 * max(PAUSE, LAG) + longest_request(ledger, ending) + sum(cost_of(ledger, entry) for entry in after)


def cost_of(ledger: Ledger, entry: dict[str, Any]) -> float:
    """Seconds that one request may take, with the pause that its answer asks for, and the hold of the next one for the limit."""
    pause = 0.0 if entry["fault"] is None and entry["status"] != 429 else max(8.0, ledger.episode.plan.retry_after or 0)
    return 2 * LATENCY + pause + _longest_hold(ledger)


def longest_request(ledger: Ledger, ending: Ending) -> float:
    """Seconds for one request, as often as it is tried, with the pauses between, and with what the limit may hold it back for."""
    retries, floor = ending.job.retries, ledger.episode.plan.retry_after or 0
    return (retries + 1) * (2 * LATENCY + _longest_hold(ledger)) + sum(max(min(0.5 * 2**attempt, 8), floor) for attempt in range(retries))


def _longest_hold(ledger: Ledger) -> float:
    settings = ledger.episode.settings
    is_limited = ledger.has_refused_for_rate or settings["limit_requests"] < 1200
    return max(settings["limit_window"], ledger.episode.plan.retry_after or 0) + 9 if is_limited else 0.0

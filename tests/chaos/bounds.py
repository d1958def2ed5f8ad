# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long a task may take: the bounds of docs/reliability.md, with what a request takes here in place of the timeouts."""

from __future__ import annotations

from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS, REREADS, SETTLE

from chaos.ledger import Ledger, find_targets
from chaos.task import LATENCY, Ending


def longest(ledger: Ledger, ending: Ending) -> float:
    """Seconds for a whole task."""
    tries, options, livestreams = ending.job.retries + 1, ending.job.options, len(ledger.episode.livestreams)
    request = longest_request(ledger, ending)
    listing = request * (livestreams + 5)
    if ending.job.module == "rtk_livestream_info":
        return listing * (1 + 3 * livestreams)
    if ending.job.module == "rtk_livestream":
        create = request + tries * REREADS * listing
        return listing + tries * (len(find_targets(ending)) * create + sum(LOOKS) + 4 * listing) + sum(LOOKS) + 4 * listing
    send = request + tries * REREADS * request
    write = tries * (send + sum(LOOKS) + 4 * request) + 6 * (send + request) + sum(SETTLE)
    wait = longest_wait(ledger, ending) if options.get("wait") else 0.0
    return len(find_targets(ending)) * (2 * request + 2 * write) + wait


def longest_wait(ledger: Ledger, ending: Ending) -> float:
    """Seconds from the last write to the end of a task that waits."""
    looks = 20 + len(ledger.episode.meetings) + len(ledger.episode.livestreams)
    timeout = ending.job.options.get("wait_timeout", 120)
    return float(timeout + looks * longest_request(ledger, ending) + sum(LOOKS) + sum(SETTLE))


def longest_request(ledger: Ledger, ending: Ending) -> float:
    """Seconds for one request, as often as it is tried, with the pauses between, and with what the limit may hold it back for."""
    retries, settings = ending.job.retries, ledger.episode.settings
    floor = ledger.episode.plan.retry_after or 0
    is_limited = any(entry["status"] == 429 for entry in ledger.episode.requests) or settings["limit_requests"] < 1200
    hold = max(settings["limit_window"], floor) + 9 if is_limited else 0
    return (retries + 1) * (2 * LATENCY + hold) + sum(max(min(0.5 * 2**attempt, 8), floor) for attempt in range(retries))

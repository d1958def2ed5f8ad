# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seconds in docs/reliability.md are what the code adds up to."""

from __future__ import annotations

from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS, SETTLE
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.deadline import WHOLE_ANSWER
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.pacing import back_off
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.options import DEFAULTS

import chaos

PAGE = (chaos.TESTS.parent / "docs" / "reliability.md").read_text(encoding="utf-8")


def pauses(retries: int) -> float:
    return sum(back_off(attempt, None, jitter=1) for attempt in range(retries))


def a_request(retries: int, timeout: float, timeouts: int = 2 + WHOLE_ANSWER) -> float:
    return (retries + 1) * timeouts * timeout + pauses(retries)


def worst(retries: int, timeout: float, writes: int) -> float:
    request = a_request(retries, timeout)
    looked = (retries + 1) * (request + sum(LOOKS) + len(LOOKS) * request)
    settled = (len(SETTLE) + 1) * (request + request) + sum(SETTLE)
    return request + writes * (looked + settled)


def test_the_page_reports_the_defaults() -> None:
    retries, timeout = DEFAULTS["api_retries"], DEFAULTS["api_timeout"]
    looking = (retries + 1) * sum(LOOKS)
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and line.endswith(" s |")]
    assert [row.rsplit("|", 2)[1].strip() for row in rows] == [
        f"{pauses(retries):g} s",
        f"{a_request(retries, timeout, timeouts=1):g} s",
        f"{a_request(retries, timeout):g} s",
        f"{looking:g} s, {looking + sum(SETTLE):g} s",
        f"{2 * (looking + sum(SETTLE)):g} s",
        f"{looking:g} s, {looking + sum(LOOKS):g} s",
    ]


def test_the_page_reports_the_shortened_ones() -> None:
    promised = f"make a request at most {a_request(1, 5):g} seconds, and a start in the worst case {worst(1, 5, writes=1):g}."
    assert promised in " ".join(PAGE.split())

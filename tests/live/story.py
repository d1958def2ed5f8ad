# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of the probe, in order."""

from __future__ import annotations

import secrets
from typing import Any, Callable

from . import leaving, lists, livestreams, meetings, refusals
from .account import Allowed
from .notes import Probe
from .wire import Wire

PLAN = """\
In the app of CLOUDFLARE_REALTIMEKIT_APP_ID, this will
- create one meeting, {title!r};
- start a livestream in it, try to start a second one while the first is active, stop it, and start and stop once more;
- rename the meeting by a space, and set it INACTIVE, which also happens if anything fails. The API cannot delete a meeting;
- {create};
- read this app's lists of meetings, livestreams, and webhooks, and the account's list of apps;
- send one read with a token that is not yours, and one with your token for an account that is not yours.
It changes nothing that it has not made. It sends about 100 requests, or 400 if the livestream takes minutes. Ctrl-C stops the
livestream and ends."""
CREATES = "create one independent livestream, which stays: the API cannot delete it"
CREATES_NOT = "create no independent livestream (RTK_LIVE_CREATE=yes would)"


def begin(wire: Wire, allowed: Allowed, tell: Callable[[str], Any]) -> Probe:
    return Probe(wire, allowed, f"streamops.realtimekit live probe {secrets.token_hex(6)}", tell)


def describe_plan(probe: Probe) -> str:
    return PLAN.format(title=probe.title, create=CREATES if probe.allowed.create else CREATES_NOT)


def run(probe: Probe) -> None:
    """Do it all, and clean up in any case. An error that ends the story is raised after the cleanup."""
    try:
        _tell_story(probe)
    finally:
        probe.is_clean = False  # also if the cleanup breaks off
        probe.is_clean = leaving.leave_nothing_running(probe)


def _tell_story(probe: Probe) -> None:
    refusals.check_access(probe)
    lists.observe_pages(probe)
    meetings.create(probe)
    meetings.observe(probe)
    livestreams.observe_nothing(probe)
    if livestreams.start_first(probe):
        livestreams.start_while_live(probe)
        lists.observe_row(probe)
        livestreams.observe_sessions(probe)
        livestreams.watch_alone(probe)
        livestreams.stop(probe)
        livestreams.start_anew(probe)
        lists.observe_filters(probe)
    lists.observe_empty(probe)
    if probe.allowed.create:
        livestreams.create(probe)
    meetings.make_inactive(probe)
    refusals.observe(probe)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the API refuses a token and an account, and what it says about its rate limit."""

from __future__ import annotations

import re

from .notes import Probe, ProbeError
from .shapes import describe
from .wire import Answer

#: They have the form of a token and of an account's id, and belong to no account.
OTHER_TOKEN = "this-is-no-token-it-asks-how-one-is-refused"
OTHER_ACCOUNT = "0" * 32


def check_access(probe: Probe) -> None:
    """Read before anything is written."""
    probe.tell("Checking the access with a read")
    answer = probe.wire.get("meetings", "may the token read?", per_page=1)
    if answer.is_success or (answer.status == 404 and probe.wire.get("/apps", "is that an empty list?").is_success):
        _note_limit(probe, answer)
        return
    said = describe(answer)
    advice = {
        0: "Check the network, the proxy, and CLOUDFLARE_BASE_URL",
        401: "Check CLOUDFLARE_API_TOKEN",
        403: "Check that the token has the permission Realtime Admin, and that RealtimeKit is enabled for the account",
        404: "Check CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_REALTIMEKIT_APP_ID",
    }.get(answer.status, "Try again later")
    raise ProbeError(f"Could not read the app's meetings: the API answered {answer.status or 'nothing'} ({said['message']}). {advice}")


def _note_limit(probe: Probe, answer: Answer) -> None:
    found = re.search(r"q=(\d+);\s*w=(\d+)", answer.headers.get("Ratelimit-Policy", ""))
    if found:
        probe.facts["limit_requests"], probe.facts["limit_window"] = int(found[1]), float(found[2])


def observe(probe: Probe) -> None:
    probe.tell("Sending a read with another token, and one for another account")
    account = probe.wire.account
    wrong = probe.wire.send("GET", "meetings", note="a wrong token", query={"per_page": 1}, account=account._replace(token=OTHER_TOKEN))
    probe.note_refusal("a wrong token", wrong)
    document = wrong.document if isinstance(wrong.document, dict) else {}
    if wrong.status in (400, 401, 403):
        is_gateway = bool(document.get("errors"))
        probe.facts["unauthorized_form"] = "gateway" if is_gateway else "message" if "message" in document else None
    other = account._replace(account_id=OTHER_ACCOUNT)
    foreign = probe.wire.send("GET", "meetings", note="another account", query={"per_page": 1}, account=other)
    probe.note_refusal("another account", foreign)
    probe.facts["wrong_account_status"] = foreign.status if foreign.status in (403, 404) else None

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A module over the official SDK, as a user would write it: the benchmark compares the collection with it.

from __future__ import annotations

import os
import time

import cloudflare
from ansible.module_utils.basic import AnsibleModule

SCOPE = {"account_id": os.environ["CLOUDFLARE_ACCOUNT_ID"], "app_id": os.environ["CLOUDFLARE_REALTIMEKIT_APP_ID"]}

module = AnsibleModule(argument_spec={"meeting_id": {"type": "str"}, "state": {"type": "str"}})
meeting_id, state = module.params["meeting_id"], module.params["state"]
livestreams = cloudflare.Cloudflare().realtime_kit.livestreams


def read_status() -> str | None:
    try:
        data = livestreams.get_meeting_active_livestreams(meeting_id, **SCOPE).data
    except cloudflare.NotFoundError:
        return None
    return data.livestream.status if hasattr(data, "livestream") else getattr(data, "status", None)


status = read_status()
while state == "live" and status != "LIVE":
    time.sleep(1)
    status = read_status()
stops = status is not None and state in {"stopped", "restarted"}
starts = state == "restarted" or (state == "started" and status is None)
if stops:
    livestreams.stop_livestreaming_a_meeting(meeting_id, **SCOPE)
if starts:
    livestreams.start_livestreaming_a_meeting(meeting_id, **SCOPE)
module.exit_json(changed=stops or starts)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What a user would write over the official SDK: the benchmark's yardstick, not a part of the collection.

from __future__ import annotations

import os

import cloudflare
from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule(argument_spec={"meeting_id": {"type": "str"}, "state": {"type": "str"}})
meeting_id, start = module.params["meeting_id"], module.params["state"] == "started"
livestreams = cloudflare.Cloudflare().realtime_kit.livestreams
scope = {"account_id": os.environ["CLOUDFLARE_ACCOUNT_ID"], "app_id": os.environ["CLOUDFLARE_REALTIMEKIT_APP_ID"]}
try:
    active = bool(livestreams.get_meeting_active_livestreams(meeting_id, **scope).data)
except cloudflare.NotFoundError:
    active = False
if active != start:
    write = livestreams.start_livestreaming_a_meeting if start else livestreams.stop_livestreaming_a_meeting
    write(meeting_id, **scope)
module.exit_json(changed=active != start)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A module over the official SDK, which has no call for the create: the benchmark compares the collection with it.

from __future__ import annotations

import os

import cloudflare
from ansible.module_utils.basic import AnsibleModule

account_id, app_id = os.environ["CLOUDFLARE_ACCOUNT_ID"], os.environ["CLOUDFLARE_REALTIMEKIT_APP_ID"]
module = AnsibleModule(argument_spec={"name": {"type": "str"}})
wanted = module.params["name"]
client = cloudflare.Cloudflare()
page, names, total = 0, [], 1
while len(names) < total:
    page += 1
    answer = client.realtime_kit.livestreams.with_raw_response.get_all_livestreams(
        app_id, account_id=account_id, exclude_meetings=True, sort_order="ASC", page_no=page, per_page=100
    ).json()
    names += [row["name"] for row in answer["data"]]
    total = answer["paging"]["total_count"]
if wanted not in names:
    client.post(f"/accounts/{account_id}/realtime/kit/{app_id}/livestreams", body={"name": wanted}, cast_to=object)
module.exit_json(changed=wanted not in names)

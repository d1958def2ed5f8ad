#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_webhook_info
short_description: Show the webhooks of a Cloudflare RealtimeKit app
version_added: 1.0.0
description:
  - Returns one webhook by its id, all webhooks of a name, or all webhooks of the app.
  - It changes nothing.
author:
  - streamops.realtimekit contributors (@streamops)
extends_documentation_fragment:
  - streamops.realtimekit.connection
  - streamops.realtimekit.attributes
attributes:
  check_mode:
    details:
      - The module only reads, so check mode makes no difference.
  diff_mode:
    support: N/A
    details:
      - The module changes nothing.
  idempotent:
    support: N/A
    details:
      - The module changes nothing.
options:
  webhook_id:
    description:
      - The id of one webhook. The task fails if it does not exist.
    type: str
  name:
    description:
      - Only webhooks of exactly this name.
      - O(webhook_id) and O(name) cannot be combined. Without both, the module returns all webhooks.
    type: raw
seealso:
  - module: streamops.realtimekit.rtk_webhook
  - name: Cloudflare API, webhooks
    description: The endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/webhooks/
"""

EXAMPLES = r"""
# The connection comes from the environment variables CLOUDFLARE_API_TOKEN,
# CLOUDFLARE_ACCOUNT_ID, and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc:
#   ansible localhost -m streamops.realtimekit.rtk_webhook_info

- name: Find disabled webhooks
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Read all webhooks
      streamops.realtimekit.rtk_webhook_info:
      register: found

    - name: Show their names
      ansible.builtin.debug:
        msg: "{{ found.webhooks | rejectattr('enabled') | map(attribute='name') | list }}"
"""

RETURN = r"""
webhooks:
  description: The webhooks, in the API's order. An unknown value is V(null).
  returned: when the input was accepted
  type: list
  elements: dict
  contains:
    id:
      description: The webhook's id.
      type: str
      sample: 0190a1b2-7c3d-4e5f-8a9b-0c1d2e3f4a5b
    name:
      description: The webhook's name.
      type: str
      sample: Event bus
    url:
      description: The address to which the API sends each event.
      type: str
      sample: https://hooks.example.com/realtimekit
    events:
      description: The events of the webhook, in alphabetical order.
      type: list
      elements: str
      sample:
        - livestreaming.statusUpdate
        - meeting.ended
    enabled:
      description: Whether the webhook is enabled.
      type: bool
      sample: true
    created_at:
      description: The time of creation, in UTC.
      type: str
      sample: "2026-11-20T09:00:00.000Z"
    updated_at:
      description: The time of the last change, in UTC.
      type: str
      sample: "2026-11-20T09:00:05.000Z"
rate_limit:
  description: How this task used the API's rate limit.
  returned: when the connection's options were accepted
  type: dict
  contains:
    requests:
      description: How many requests the task has sent. Each try counts, even without a connection.
      type: int
      sample: 1
    held_seconds:
      description: How many seconds the task has waited to stay within the limit.
      type: float
      sample: 0.0
    forecast_seconds:
      description:
        - The least number of seconds that the work takes if the limit leaves too few requests, otherwise V(0).
      type: float
      sample: 0.0
error:
  description: The first failure. Without a request, all keys except RV(error.message) are V(null).
  returned: on failure, unless Ansible itself refused the options or C(requests) is missing
  type: dict
  contains:
    method:
      description: The HTTP method.
      type: str
      sample: GET
    path:
      description: The path below the app's base path.
      type: str
      sample: /webhooks
    status:
      description: The HTTP status, if there was an answer.
      type: int
      sample: 403
    code:
      description: The API's error code.
      type: raw
      sample: 10000
    message:
      description: The API's message, or the reason why there was no answer.
      type: str
      sample: Authentication error
    cf_ray:
      description: The id by which Cloudflare's support finds the request.
      type: str
      sample: 8f1c2d3e4a5b6c7d-FRA
"""

from typing import Any

from ..module_utils._api.webhooks import Webhook, Webhooks
from ..module_utils._ensure.targets import Outcome, work_on
from ..module_utils._task.options import check_identifier, check_name
from ..module_utils._task.results import Report
from ..module_utils._task.run import Task, run_module

ARGUMENT_SPEC: dict[str, Any] = {
    "webhook_id": {"type": "str"},
    "name": {"type": "raw"},  # `check_name` sees to it
}


def run(task: Task) -> Report:
    """Read one webhook by its id, or all webhooks with the name."""
    params, webhooks = task.params, Webhooks(task.client)
    webhook_id = None if params["webhook_id"] is None else check_identifier("webhook_id", params["webhook_id"])
    name = None if params["name"] is None else check_name("name", params["name"])
    found: list[Webhook] = []

    def work(_outcome: Outcome) -> None:
        if webhook_id is not None:
            found.append(webhooks.get(webhook_id))
        else:
            found.extend(webhook for webhook in webhooks.find().rows if name in (None, webhook["name"]))

    outcome = work_on(task.client, webhook_id or "list of webhooks", work)
    return Report([outcome], lambda: {"webhooks": found}, has_diff=False)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, mutually_exclusive=[("webhook_id", "name")])


if __name__ == "__main__":
    main()

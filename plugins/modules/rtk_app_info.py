#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_app_info
short_description: Show the Cloudflare RealtimeKit apps of an account
version_added: 1.0.0
description:
  - Returns all apps of the account. Use it to find the O(app_id) for the other modules.
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
seealso:
  - module: streamops.realtimekit.rtk_meeting_info
  - name: Cloudflare API, apps
    description: The endpoint that this module calls.
    link: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/apps/
"""

EXAMPLES = r"""
# The connection comes from the environment variables CLOUDFLARE_API_TOKEN
# and CLOUDFLARE_ACCOUNT_ID.
#
# Ad hoc:
#   ansible localhost -m streamops.realtimekit.rtk_app_info

- name: Find an app by its name
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Read the apps of the account
      streamops.realtimekit.rtk_app_info:
      register: account

    - name: Show the id of each app with this name
      ansible.builtin.debug:
        msg: "{{ item.id }}"
      loop: "{{ account.apps | selectattr('name', 'equalto', 'Conference') }}"
      loop_control:
        label: "{{ item.name }}"
"""

RETURN = r"""
apps:
  description: The apps, oldest first. An unknown value is V(null). Names are not unique.
  returned: on success
  type: list
  elements: dict
  contains:
    id:
      description: The app's id, for O(app_id).
      type: str
      sample: 2ae3b1c0-9f4d-4e55-a3b7-7f0c52e1d964
    name:
      description: The app's name.
      type: str
      sample: Conference
    created_at:
      description: The time of creation, in UTC.
      type: str
      sample: "2026-11-20T09:00:00.000Z"
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
      description: The path below the account's RealtimeKit.
      type: str
      sample: /apps
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

from ..module_utils._api.apps import list_apps
from ..module_utils._task.results import Report
from ..module_utils._task.run import Task, run_module

ARGUMENT_SPEC: dict[str, Any] = {}


def run(task: Task) -> Report:
    """Read all apps."""
    apps = list(list_apps(task.client))
    return Report((), lambda: {"apps": apps}, has_diff=False)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, has_app=False)


if __name__ == "__main__":
    main()

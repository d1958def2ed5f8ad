#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_connection_info
short_description: Check the connection to Cloudflare RealtimeKit
version_added: 1.0.0
description:
  - Checks everything that the tasks of this collection need, and reports the missing part and what to do.
  - A check without its precondition does not run, so the module reports only the cause as failed.
  - It changes nothing, and never fails because of a check. The playbook C(streamops.realtimekit.doctor) shows a line for each check and
    fails at its end.
  - It sends about five requests, each at most twice, and does not wait for the API's rate limit.
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
notes:
  - A missing or invalid option is a failed check here, and an error in all other modules.
  - The module uses at most V(1) of O(api_retries).
seealso:
  - module: streamops.realtimekit.rtk_app_info
  - name: Cloudflare API, verify a token
    description: One of the endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
"""

EXAMPLES = r"""
# The connection comes from the environment variables CLOUDFLARE_API_TOKEN,
# CLOUDFLARE_ACCOUNT_ID, and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc:
#   ansible localhost -m streamops.realtimekit.rtk_connection_info
# With a line for each check, and an exit status:
#   ansible-playbook streamops.realtimekit.doctor

- name: Stop before the event if something is wrong
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Check the connection
      streamops.realtimekit.rtk_connection_info:
      register: doctor

    - name: Check that no check has failed
      ansible.builtin.assert:
        that: doctor.checks | selectattr('status', 'equalto', 'failed') | length == 0
        fail_msg: >-
          {{ doctor.checks | selectattr('status', 'equalto', 'failed')
             | map(attribute='advice') | join(' ') }}
"""

RETURN = r"""
checks:
  description: All checks, in the order of RV(checks[].name).
  returned: on success
  type: list
  elements: dict
  contains:
    name:
      description:
        - The name of the check.
        - V(versions) of ansible-core, Python, and the libraries. V(options) of the connection.
        - V(proxy) that requests go through. V(certificate) of the API, and the CA certificates that it is verified with.
          V(connection), whether the API answers.
        - V(clock), whether this machine's clock agrees with the API's. V(rate_limit), how much of it is left.
        - V(token), whether the API knows it and it is active. V(account), whether the token reaches it. V(realtimekit), whether the account
          has it. V(app), whether it is among the account's apps.
        - V(read_permission), what the token may read. V(write_permission), which only a write could prove, so it is never checked.
      type: str
      sample: account
    status:
      description: The result, V(ok), V(failed), or V(not_checked).
      type: str
      sample: failed
    detail:
      description: The result in words, or the reason why the check did not run.
      type: str
      sample: the token does not reach 023e105f4ecef8ad9ca31a8372d0c353, but 9a7806061c88ada191ed06f989cc3dac (Studio)
    advice:
      description: The advice for a failed check, otherwise V(null).
      type: str
      sample: Use the account that the token is for as account_id (CLOUDFLARE_ACCOUNT_ID), or a token for this account.
rate_limit:
  description: How this task used the API's rate limit.
  returned: on success, unless C(requests) is missing
  type: dict
  contains:
    requests:
      description: How many requests the task has sent. Each try counts, even without a connection.
      type: int
      sample: 5
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
  description: The reason why the task ended before all checks. Without a request, all keys except RV(error.message) are V(null).
  returned: if the task was interrupted
  type: dict
  contains:
    method:
      description: The HTTP method.
      type: str
      sample: GET
    path:
      description: The path below the app's base path.
      type: str
      sample: /meetings
    status:
      description: The HTTP status, if there was an answer.
      type: int
      sample: 503
    code:
      description: The API's error code.
      type: raw
      sample: 10000
    message:
      description: The API's message, or the reason why there was no answer.
      type: str
      sample: "Not finished: the task was interrupted. Run the task again to do the rest"
    cf_ray:
      description: The id by which Cloudflare's support finds the request.
      type: str
      sample: 8f1c2d3e4a5b6c7d-FRA
"""

from functools import partial
from typing import Any

from ansible.module_utils.ansible_release import __version__ as ansible_version

from ..module_utils._task.checkup import check_all, connect, report_without_requests
from ..module_utils._task.results import Report
from ..module_utils._task.run import Task, run_module

ARGUMENT_SPEC: dict[str, Any] = {}


def run(task: Task) -> Report:
    """Run every check."""
    return check_all(task.client, task.params, ansible_version)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, connect=connect, without_requests=partial(report_without_requests, ansible_version=ansible_version))


if __name__ == "__main__":
    main()

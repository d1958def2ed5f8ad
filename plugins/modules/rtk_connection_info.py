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
  - Checks one after the other what every task of this collection needs, and says which of these is missing and what to do.
  - A check whose precondition is missing is not made, so only the cause is reported as failed.
  - Changes nothing, and never fails because of a check. The playbook C(streamops.realtimekit.doctor) shows a line for each check and fails
    at its end.
  - Sends about five requests, each at most twice, and does not wait for the API's rate limit.
author:
  - streamops.realtimekit contributors (@streamops)
extends_documentation_fragment:
  - streamops.realtimekit.connection
  - streamops.realtimekit.attributes
attributes:
  check_mode:
    details:
      - It only reads, so it does the same as without check mode.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: N/A
    details:
      - It changes nothing.
notes:
  - An option that is missing or cannot be used is the result of a check here, and an error in all other modules.
  - Of O(api_retries), at most V(1) is used.
seealso:
  - module: streamops.realtimekit.rtk_app_info
  - name: Cloudflare API, verify a token
    description: One of the endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/
"""

EXAMPLES = r"""
# The token, the account and the app are taken from the environment variables
# CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_REALTIMEKIT_APP_ID.
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
        fail_msg: "{{ doctor.checks | selectattr('status', 'equalto', 'failed') | map(attribute='advice') | join(' ') }}"
"""

RETURN = r"""
checks:
  description: The checks, always all of them and in the order in which they are listed under RV(checks[].name).
  returned: on success
  type: list
  elements: dict
  contains:
    name:
      description:
        - What is checked.
        - V(versions) of ansible-core, Python, and the libraries. V(options), of which the others are made.
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
      description: What was found, or why the check was not made.
      type: str
      sample: the token does not reach 023e105f4ecef8ad9ca31a8372d0c353, but 9a7806061c88ada191ed06f989cc3dac (Studio)
    advice:
      description: What to do about a check that failed, otherwise V(null).
      type: str
      sample: Use the account that the token is for as account_id (CLOUDFLARE_ACCOUNT_ID), or a token for this account.
rate_limit:
  description: How this task used the API's rate limit.
  returned: on success, unless C(requests) is missing
  type: dict
  contains:
    requests:
      description: How many requests the task has sent. Each try counts, also one that found no connection.
      type: int
      sample: 5
    held_seconds:
      description: For how many seconds it has held back, to stay within the limit.
      type: float
      sample: 0.0
    forecast_seconds:
      description:
        - The least number of seconds that the work takes if the limit leaves too few requests for it, otherwise V(0).
      type: float
      sample: 0.0
error:
  description: What ended the task before all checks were made. Without a request all keys but RV(error.message) are V(null).
  returned: if the task was interrupted, or O(task_timeout) was over
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
      description: The API's own code.
      type: raw
      sample: 10000
    message:
      description: The API's own words, or what happened instead of an answer.
      type: str
      sample: "Not finished: the task was interrupted. Run the task again to do the rest"
    cf_ray:
      description: The id under which Cloudflare's support finds the request.
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
    """Make every check."""
    return check_all(task.client, task.params, ansible_version)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, connect=connect, without_requests=partial(report_without_requests, ansible_version=ansible_version))


if __name__ == "__main__":
    main()

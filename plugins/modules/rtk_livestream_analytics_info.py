#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_livestream_analytics_info
short_description: Show how long the livestreams of a Cloudflare RealtimeKit app sent video and viewers watched it
version_added: 1.0.0
description:
  - Returns the sums of all livestreams of an app in a range of time, and the sums of each day on request.
  - The sums come from the API, which does not distinguish rooms. For the numbers of single meetings, read their sessions with
    M(streamops.realtimekit.rtk_livestream_info).
  - The API has the real numbers of a session 40 to 50 seconds after its end. Until then, it counts the session as 60 seconds.
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
  start_time:
    description:
      - The beginning of the range, such as V(2026-11-20T09:00:00Z). By default, the API chooses it.
      - A date and time in the form of RFC 3339, with a time zone. Quote it in YAML. The module sends it in whole seconds.
    type: str
  end_time:
    description:
      - The end of the range, such as V(2026-11-20T18:00:00Z). It cannot be before O(start_time). It works like O(start_time).
    type: str
  daily:
    description:
      - Whether to return RV(days) also. This costs one more request.
    type: bool
    default: false
seealso:
  - module: streamops.realtimekit.rtk_livestream_info
  - name: Cloudflare API, livestreams
    description: The endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/livestreams/
"""

EXAMPLES = r"""
# The connection comes from the environment variables CLOUDFLARE_API_TOKEN,
# CLOUDFLARE_ACCOUNT_ID, and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc, everything up to now:
#   ansible localhost -m streamops.realtimekit.rtk_livestream_analytics_info

- name: Show what November has used
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Read the sums of the month and of each day
      streamops.realtimekit.rtk_livestream_analytics_info:
        start_time: "2026-11-01T00:00:00Z"
        end_time: "2026-11-30T23:59:59Z"
        daily: true
      register: november

    - name: Show how many minutes the livestreams sent
      ansible.builtin.debug:
        msg: >-
          {{ november.analytics.count }} livestreams,
          {{ (november.analytics.total_ingest_seconds / 60) | round(1) }} minutes

    - name: Show the days
      ansible.builtin.debug:
        msg: "{{ item.date }}: {{ item.count }}"
      loop: "{{ november.days }}"
      loop_control:
        label: "{{ item.date }}"
"""

RETURN = r"""
analytics:
  description:
    - The sums of the whole range. An unknown number is V(null).
    - V(null) if the read failed, which fails the task.
  returned: when the input was accepted
  type: dict
  contains:
    count:
      description: The number of livestreams.
      type: int
      sample: 12
    total_ingest_seconds:
      description: How many seconds all livestreams together have sent.
      type: float
      sample: 86400
    total_viewer_seconds:
      description: How many seconds all viewers together have watched.
      type: float
      sample: 1036800
days:
  description:
    - The sums of each day, in the API's order. A day without a livestream may be missing.
    - Only with O(daily=true). V(null) if the read failed, which fails the task.
  returned: when O(daily=true) and the input was accepted
  type: list
  elements: dict
  contains:
    date:
      description: The day, as the API writes it.
      type: str
      sample: "2026-11-20"
    count:
      description: As RV(analytics.count).
      type: int
      sample: 3
    total_ingest_seconds:
      description: As RV(analytics.total_ingest_seconds).
      type: float
      sample: 21600
    total_viewer_seconds:
      description: As RV(analytics.total_viewer_seconds).
      type: float
      sample: 259200
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
      sample: /analytics/livestreams/overall
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

from ..module_utils._api.analytics import read_days, read_overall
from ..module_utils._ensure.targets import Outcome, work_on
from ..module_utils._task.options import check_date_time, check_period
from ..module_utils._task.results import Report
from ..module_utils._task.run import Task, run_module

ARGUMENT_SPEC: dict[str, Any] = {
    "start_time": {"type": "str"},
    "end_time": {"type": "str"},
    "daily": {"type": "bool", "default": False},
}


def run(task: Task) -> Report:
    """Read the sums of the range, and of its days on request."""
    params = task.params
    check_period(params["start_time"], params["end_time"])
    start_time, end_time = (_convert(option, params[option]) for option in ("start_time", "end_time"))
    found: dict[str, Any] = {"analytics": None, **({"days": None} if params["daily"] else {})}

    def read_sums(_outcome: Outcome) -> None:
        found["analytics"] = read_overall(task.client, start_time, end_time)

    def read_daily_sums(_outcome: Outcome) -> None:
        found["days"] = read_days(task.client, start_time, end_time)

    outcomes = [work_on(task.client, "analytics", read_sums)]
    if params["daily"]:
        outcomes.append(work_on(task.client, "analytics by day", read_daily_sums))
    return Report(outcomes, lambda: found, has_diff=False)


def _convert(option: str, value: str | None) -> int | None:
    """Return the point in time in Unix seconds, as this part of the API needs it."""
    moment = check_date_time(option, value)
    return None if moment is None else int(moment.timestamp())


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_webhook
short_description: Ensure that a Cloudflare RealtimeKit webhook exists or does not exist
version_added: 1.0.0
description:
  - Ensures that one webhook exists by name, with the given settings, or that no webhook has this name.
  - The module reads the list of webhooks before it writes. It reads again after each update, because an answer can be incomplete,
    and after each create, to find a twin that another run has created.
author:
  - streamops.realtimekit contributors (@streamops)
extends_documentation_fragment:
  - streamops.realtimekit.connection
  - streamops.realtimekit.attributes
attributes:
  check_mode:
    details:
      - The module reads the webhooks, but does not write.
      - A webhook that would be created has the given name and settings. Its other keys are V(null).
  diff_mode:
    support: full
    details:
      - The webhook before and after.
  idempotent:
    support: full
options:
  name:
    description:
      - The name of the webhook, compared exactly, including letter case and spaces. A comma is part of it.
      - With O(state=present), white space at its beginning or end is an error, because the API may remove it, and no later run would
        find the webhook.
      - A string or a number. A list or a mapping is an error.
    type: raw
    required: true
  state:
    description:
      - With V(present), one webhook of this name exists. Several webhooks of this name are an error with their ids.
      - With V(absent), no webhook of this name exists. The module deletes all webhooks of this name and ignores the other options.
    type: str
    choices:
      - present
      - absent
    default: present
  url:
    description:
      - The address to which the API sends each event, with V(https://) or V(http://).
      - Required for a new webhook. If it is not given, an existing webhook keeps its value.
      - The result and the diff show it. If it contains a secret, set C(no_log) on the task.
    type: str
  events:
    description:
      - All events that the webhook sends. The module removes other events from it.
      - Required for a new webhook. If it is not given, an existing webhook keeps its value.
      - No documented event reports that a livestream is C(ERRORED).
    type: list
    elements: str
    choices:
      - livestreaming.statusUpdate
      - meeting.chatSynced
      - meeting.ended
      - meeting.participantJoined
      - meeting.participantLeft
      - meeting.started
      - meeting.summary
      - meeting.transcript
      - recording.statusUpdate
  enabled:
    description:
      - Whether the webhook sends its events.
    type: bool
    default: true
notes:
  - If two runs create the same webhook at the same moment, the API refuses one of them, and that run finds the other's webhook. If the
    API accepts both, each run fails with both ids.
  - If the answer to a create is lost and the result exists afterwards, the task reports a change, although another run may have made it.
seealso:
  - module: streamops.realtimekit.rtk_webhook_info
  - name: Cloudflare API, webhooks
    description: The endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/webhooks/
"""

EXAMPLES = r"""
# The connection comes from the environment variables CLOUDFLARE_API_TOKEN,
# CLOUDFLARE_ACCOUNT_ID, and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc:
#   ansible localhost -m streamops.realtimekit.rtk_webhook -a "name='Event bus' state=absent"

- name: Send events to a receiver
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Ensure that the webhook exists
      streamops.realtimekit.rtk_webhook:
        name: Event bus
        url: https://hooks.example.com/realtimekit
        events:
          - livestreaming.statusUpdate
          - meeting.ended

- name: Send no events for now
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Ensure that the webhook is disabled
      streamops.realtimekit.rtk_webhook:
        name: Event bus
        enabled: false
"""

RETURN = r"""
changed:
  description: Whether the webhook was created, changed, or deleted, even if the task failed later.
  returned: when the input was accepted
  type: bool
  sample: true
webhook:
  description: The webhook, or V(null) if the task failed or there is none. An unknown value is V(null).
  returned: when the input was accepted
  type: dict
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
      sample: 3
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
      sample: POST
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
from urllib.parse import urlsplit

from ..module_utils._api.webhooks import EVENTS, SETTINGS, Webhooks
from ..module_utils._ensure.webhooks import ensure_absent, ensure_present
from ..module_utils._errors import InvalidInputError
from ..module_utils._task.options import check_name, check_new_name
from ..module_utils._task.results import Report
from ..module_utils._task.run import Task, run_module

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "raw", "required": True},  # `check_name` sees to it
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "url": {"type": "str"},
    "events": {"type": "list", "elements": "str", "choices": [*EVENTS]},
    "enabled": {"type": "bool", "default": True},
}


def run(task: Task) -> Report:
    """Ensure that one webhook exists, or that none does."""
    params, webhooks = task.params, Webhooks(task.client)
    if params["state"] == "absent":
        outcome = ensure_absent(webhooks, check_name("name", params["name"]), check_mode=task.check_mode)
    else:
        settings = {option: params[option] for option in SETTINGS if params[option] is not None}
        if "url" in settings:
            _check_url(settings["url"])
        if "events" in settings:
            settings["events"] = sorted({*settings["events"]})
            if not settings["events"]:
                raise InvalidInputError("events is empty: give at least one, or set enabled to false")
        outcome = ensure_present(webhooks, check_new_name("name", params["name"]), settings, check_mode=task.check_mode)
    return Report([outcome], lambda: {"webhook": None if outcome.error else outcome.after})


def _check_url(url: str) -> None:
    try:
        is_url = urlsplit(url).scheme in ("https", "http") and bool(urlsplit(url).hostname) and not any(map(str.isspace, url))
    except ValueError:
        is_url = False
    if not is_url:
        raise InvalidInputError(
            "url must be an address such as https://hooks.example.com/realtimekit (the value is not shown, because it may contain a secret)"
        )


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_livestream
short_description: Ensure that independent Cloudflare RealtimeKit livestreams exist
version_added: 1.0.0
description:
  - Ensures that an independent livestream exists by name, with RTMPS in and HLS out. It belongs to no meeting.
  - Names are not unique, and the API has no lock. The module reads all livestreams before it creates one, again if the answer to the
    create is lost, and after every create for a twin that another run has created.
  - Tasks of this module that one user runs on one machine take turns, under any strategy and in simultaneous runs. Several hosts of
    a play can therefore use the same name if they delegate the task to the same host.
  - The API cannot delete or rename a livestream, so there is no O(state=absent).
  - The API's reference describes how to create such a livestream, but the official SDKs dropped the operation in September 2026 without
    notice. If the API no longer offers it, the module fails with a message that says so. It still finds existing livestreams. The
    alternative is a meeting's livestream, with M(streamops.realtimekit.rtk_meeting_livestream).
author:
  - streamops.realtimekit contributors (@streamops)
extends_documentation_fragment:
  - streamops.realtimekit.connection
  - streamops.realtimekit.attributes
attributes:
  check_mode:
    details:
      - The module reads the livestreams, but does not write.
      - A livestream that would be created has the given name. Its other keys are V(null).
  diff_mode:
    support: full
    details:
      - Each name's livestream before and after, without stream keys.
  idempotent:
    support: full
options:
  name:
    description:
      - The name of one livestream, compared exactly, including letter case and spaces. A comma is part of it.
      - White space at its beginning or end is an error, because the API may remove it, and no later run would find the livestream.
      - Exactly one of O(name) and O(names) is required.
      - A string or a number. A list or a mapping is an error.
    type: raw
  names:
    description:
      - The names of many livestreams. Duplicates count once. An empty list changes nothing.
      - Give a YAML list, because Ansible splits a single string at its commas.
    type: list
    elements: raw
  state:
    description:
      - With V(present), a livestream of each name exists.
    type: str
    choices:
      - present
    default: present
  concurrency:
    description:
      - How many pages of the list to read, and how many livestreams to create at a time, from V(1) to V(32).
    type: int
    default: 8
  return_stream_key:
    description:
      - Whether to return the RV(livestream.stream_key) of the livestreams.
      - Anyone who has the key can broadcast. Set C(no_log=true) on a task that returns it.
    type: bool
    default: false
notes:
  - If two runs on different machines create the same name at the same moment, both livestreams exist. Each run then fails with both ids,
    or only the later one fails if the first one ends before the other livestream is visible.
  - If the answer to a create is lost and the result exists afterwards, the task reports a change, although another run may have made it.
seealso:
  - module: streamops.realtimekit.rtk_livestream_info
  - module: streamops.realtimekit.rtk_meeting_livestream
  - name: Cloudflare API, livestreams
    description: The endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/livestreams/
"""

EXAMPLES = r"""
# The connection comes from the environment variables CLOUDFLARE_API_TOKEN,
# CLOUDFLARE_ACCOUNT_ID, and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc:
#   ansible localhost -m streamops.realtimekit.rtk_livestream -a "name='Main stage, camera 1'"

- name: Set up an ingest for an encoder
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Ensure that the livestream exists
      streamops.realtimekit.rtk_livestream:
        name: Main stage, camera 1
        return_stream_key: true
      register: ingest
      no_log: true

    - name: Write the settings of the encoder
      ansible.builtin.copy:
        dest: "{{ lookup('ansible.builtin.env', 'HOME') }}/main-stage.env"
        mode: "0600"
        content: |
          RTMP_URL={{ ingest.livestream.ingest_server }}
          STREAM_KEY={{ ingest.livestream.stream_key }}
      no_log: true

- name: Set the connection once for all modules of the collection
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/streamops.realtimekit.realtimekit:
      api_token: "{{ lookup('ansible.builtin.env', 'CLOUDFLARE_API_TOKEN') }}"
      account_id: "{{ lookup('ansible.builtin.env', 'CLOUDFLARE_ACCOUNT_ID') }}"
      app_id: "{{ lookup('ansible.builtin.env', 'CLOUDFLARE_REALTIMEKIT_APP_ID') }}"
  tasks:
    - name: Ensure that many livestreams exist
      streamops.realtimekit.rtk_livestream:
        names:
          - Main stage, camera 2
          - Workshop
      register: ingests

    - name: Show the livestreams
      ansible.builtin.debug:
        msg: "{{ item.name }}: {{ item.id }}"
      loop: "{{ ingests.livestreams }}"
      loop_control:
        label: "{{ item.name }}"
"""

RETURN = r"""
changed:
  description: Whether a livestream was created, even if the task failed later.
  returned: when the input was accepted
  type: bool
  sample: true
livestreams:
  description: The livestreams, with the keys of RV(livestream), in the order given. A livestream that failed is V(null).
  returned: when the input was accepted
  type: list
  elements: dict
  sample: []
results:
  description: The outcome of each name, in the order given.
  returned: when the input was accepted
  type: list
  elements: dict
  contains:
    name:
      description: The name asked for.
      type: str
      sample: Main stage, camera 1
    changed:
      description: Whether this task has created the livestream. Also true if this is unknown.
      type: bool
      sample: true
    livestream:
      description:
        - The livestream, with the keys of RV(livestream) but never its RV(livestream.stream_key), or V(null).
      type: dict
      sample: null
    error:
      description: Why this name failed, with the keys of RV(error), or V(null).
      type: dict
      sample: null
livestream:
  description: The livestream, or V(null) if the task failed. An unknown value is V(null).
  returned: when O(name) was given and the input was accepted
  type: dict
  contains:
    id:
      description: The livestream's id.
      type: str
      sample: 6d2f4d5e-9c3b-4f1a-8a57-0d6a5c1b2e3f
    name:
      description: The livestream's name.
      type: str
      sample: Main stage
    status:
      description: V(IDLE) while no video arrives, or V(LIVE), V(INVOKED), or V(ERRORED).
      type: str
      sample: LIVE
    meeting_id:
      description: Always V(null), because the livestream belongs to no meeting.
      type: str
      sample: null
    ingest_server:
      description: The RTMPS URL to send the livestream to.
      type: str
      sample: rtmps://live.cloudflare.com:443/live/
    playback_url:
      description: The URL of the HLS manifest.
      type: str
      sample: https://customer-f33zs165nr7gyfy4.cloudflarestream.com/6d2f4d5e9c3b4f1a8a570d6a5c1b2e3f/manifest/video.m3u8
    disabled:
      description: Whether the livestream is disabled.
      type: bool
      sample: false
    created_at:
      description: The time of creation, in UTC.
      type: str
      sample: "2026-11-20T09:00:00.000Z"
    updated_at:
      description: The time of the last change, in UTC.
      type: str
      sample: "2026-11-20T09:00:05.000Z"
    stream_key:
      description:
        - The secret key to broadcast with. Only returned with O(return_stream_key=true).
        - V(null) if the API's answer omits it. M(streamops.realtimekit.rtk_livestream_info) with C(livestream_id) can read it.
      type: str
      sample: null
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
        - It is known before the first write. In check mode, it is the forecast for the real run.
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
      sample: /livestreams
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

from ..module_utils._ensure.livestreams import ensure_present
from ..module_utils._task.options import check_each, check_given, check_new_name
from ..module_utils._task.results import Report, build_entry, show
from ..module_utils._task.run import CONCURRENCY_SPEC, STREAM_KEY_SPEC, Task, run_module

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "raw"},  # `check_new_name` sees to it
    "names": {"type": "list", "elements": "raw"},
    "state": {"type": "str", "choices": ["present"], "default": "present"},
    **CONCURRENCY_SPEC,
    **STREAM_KEY_SPEC,
}


def run(task: Task) -> Report:
    """Ensure each name with one listing for all."""
    check_given(task.params, ("name", "names"))
    is_single = task.params["name"] is not None
    option, given = ("name", [task.params["name"]]) if is_single else ("names", task.params["names"])
    names = check_each(option, given, check_new_name)
    outcomes = ensure_present(task.livestreams, names, check_mode=task.check_mode) if names else []

    def build() -> dict[str, Any]:
        # Without keys: ansible-core 2.19 and 2.20 treat a list called `results` as a loop's, and show it despite `no_log`.
        results = [build_entry("name", outcome) for outcome in outcomes]
        livestreams = [None if outcome.error else show(outcome.after, with_key=task.params["return_stream_key"]) for outcome in outcomes]
        single = {"livestream": livestreams[0]} if is_single else {}
        return {"livestreams": livestreams, "results": results, **single}

    return Report(outcomes, build)


def main() -> None:
    run_module(ARGUMENT_SPEC, run, takes_turns=True, mutually_exclusive=[("name", "names")], required_one_of=[("name", "names")])


if __name__ == "__main__":
    main()

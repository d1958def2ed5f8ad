#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_meeting
short_description: Ensure that Cloudflare RealtimeKit meetings exist
version_added: 1.0.0
description:
  - Ensures that meetings exist by title, each once, with the given settings. The module creates missing meetings.
  - Titles are not unique, and the API has no lock. The module searches for a title before it creates a meeting, again if the answer to the
    create is lost, and after every create for a twin that another run has created.
  - The API cannot delete a meeting. With O(state=inactive), no one can join it.
author:
  - streamops.realtimekit contributors (@streamops)
extends_documentation_fragment:
  - streamops.realtimekit.connection
  - streamops.realtimekit.attributes
attributes:
  check_mode:
    details:
      - The module reads the meetings, but does not write.
      - A meeting that would be created has the given title and settings. Its other keys are V(null).
  diff_mode:
    support: full
    details:
      - Each meeting before and after.
  idempotent:
    support: full
options:
  title:
    description:
      - The title of one meeting, compared exactly, including letter case and spaces. A comma is part of it.
      - White space at its beginning or end is an error, because the API may remove it, and no later run would find the meeting.
      - If several meetings have this title, the only V(ACTIVE) one counts. Several V(ACTIVE) ones are an error with all ids.
        With O(state=present), so are several without an V(ACTIVE) one.
      - With O(meeting_id), the new title of this meeting.
      - A string or a number. A list or a mapping is an error. Quote a title that YAML would read as a number, such as V("007").
    type: raw
  titles:
    description:
      - The titles of many meetings. Duplicates count once. An empty list changes nothing.
      - Give a YAML list, because Ansible splits a single string at its commas.
    type: list
    elements: raw
  meeting_id:
    description:
      - The UUID of one meeting, which must exist.
      - Exactly one of O(title), O(titles), and O(meeting_id) is required, but O(title) can be combined with O(meeting_id).
    type: str
  state:
    description:
      - With V(present), the meeting exists and is V(ACTIVE). If the only meeting of a title is V(INACTIVE), the module activates it.
      - With V(inactive), no meeting of this title is V(ACTIVE). The module does not create a missing meeting. Two active meetings of
        one title are also an error. Use O(meeting_id) instead.
    type: str
    choices:
      - present
      - inactive
    default: present
  live_stream_on_start:
    description:
      - Whether a livestream starts when a session of the meeting starts.
      - The module does not change a setting that is not given. Settings cannot be combined with O(state=inactive).
    type: bool
  record_on_start:
    description:
      - Whether a recording starts when a session of the meeting starts.
    type: bool
  persist_chat:
    description:
      - Whether the chat is kept when a session ends.
    type: bool
  summarize_on_end:
    description:
      - Whether a session is summarized when it ends.
    type: bool
  transcribe_on_end:
    description:
      - Whether a session is transcribed when it ends.
    type: bool
  session_keep_alive_time_in_secs:
    description:
      - How many seconds a session continues after the last person has left, from V(60) to V(600).
    type: int
  concurrency:
    description:
      - How many searches, creates, and updates to send at a time, from V(1) to V(32).
    type: int
    default: 8
notes:
  - Tasks of this module that one user runs on one machine take turns, under any strategy and in simultaneous runs.
    If two runs on different machines create the same title at the same moment, both meetings exist. Each run then fails with both ids,
    or only the later one fails if the first one ends before the other meeting is visible.
  - If the answer to a create is lost and the result exists afterwards, the task reports a change, although another run may have made it.
seealso:
  - module: streamops.realtimekit.rtk_meeting_info
  - module: streamops.realtimekit.rtk_meeting_livestream
  - name: Cloudflare API, meetings
    description: The endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/meetings/
"""

EXAMPLES = r"""
# The connection comes from the environment variables CLOUDFLARE_API_TOKEN,
# CLOUDFLARE_ACCOUNT_ID, and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc:
#   ansible localhost -m streamops.realtimekit.rtk_meeting -a "title='Main stage'"

- name: Prepare the rooms of an event
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Ensure that every room exists
      streamops.realtimekit.rtk_meeting:
        titles:
          - Main stage
          - Workshop upstairs
        record_on_start: true

    - name: Start the livestream of one of them
      streamops.realtimekit.rtk_meeting_livestream:
        title: Main stage

- name: Close the rooms after the event
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Ensure that no one can join
      streamops.realtimekit.rtk_meeting:
        titles:
          - Main stage
          - Workshop upstairs
        state: inactive
"""

RETURN = r"""
changed:
  description: Whether a meeting was created or changed, even if the task failed later.
  returned: when the input was accepted
  type: bool
  sample: true
meetings:
  description: The meetings, with the keys of RV(meeting), in the order given. A meeting that failed or does not exist is V(null).
  returned: when the input was accepted
  type: list
  elements: dict
  sample: []
results:
  description: The outcome of each meeting, in the order given.
  returned: when the input was accepted
  type: list
  elements: dict
  contains:
    title:
      description: The title asked for. V(null) if only O(meeting_id) was given.
      type: str
      sample: Main stage
    meeting_id:
      description: The meeting's id, or V(null) if there is none.
      type: str
      sample: bbbb1111-22cc-33dd-44ee-555555ffffff
    changed:
      description: Whether this task has created or changed the meeting. Also true if this is unknown.
      type: bool
      sample: true
    meeting:
      description: The meeting, with the keys of RV(meeting), or V(null).
      type: dict
      sample: null
    error:
      description: Why this meeting failed, with the keys of RV(error), or V(null).
      type: dict
      sample: null
meeting:
  description: The meeting, or V(null) if the task failed or there is none. An unknown value is V(null).
  returned: when one meeting was asked for by O(title) or O(meeting_id) and the input was accepted
  type: dict
  contains:
    id:
      description: The meeting's id, a UUID.
      type: str
      sample: bbbb1111-22cc-33dd-44ee-555555ffffff
    title:
      description: The meeting's title.
      type: str
      sample: Main stage
    status:
      description: V(ACTIVE), or V(INACTIVE) if no one can join.
      type: str
      sample: ACTIVE
    live_stream_on_start:
      description: Whether a livestream starts when a session of the meeting starts.
      type: bool
      sample: false
    record_on_start:
      description: Whether a recording starts when a session of the meeting starts.
      type: bool
      sample: false
    persist_chat:
      description: Whether the chat is kept when a session ends.
      type: bool
      sample: false
    summarize_on_end:
      description: Whether a session is summarized when it ends.
      type: bool
      sample: false
    transcribe_on_end:
      description: Whether a session is transcribed when it ends.
      type: bool
      sample: false
    session_keep_alive_time_in_secs:
      description: How many seconds a session continues after the last person has left.
      type: int
      sample: 60
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
      sample: /meetings
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

from ..module_utils._api.meetings import ACTIVE, FLAGS, INACTIVE, KEEP_ALIVE
from ..module_utils._ensure.meetings import ensure_meeting, ensure_titles
from ..module_utils._errors import InvalidInputError
from ..module_utils._task.options import check_each, check_given, check_meeting_id, check_new_name, check_range
from ..module_utils._task.results import Report, build_entry
from ..module_utils._task.run import CONCURRENCY_SPEC, Task, run_module

STATES = {"present": ACTIVE, "inactive": INACTIVE}

ARGUMENT_SPEC: dict[str, Any] = {
    "title": {"type": "raw"},  # `check_new_name` sees to it
    "titles": {"type": "list", "elements": "raw"},
    "meeting_id": {"type": "str"},
    "state": {"type": "str", "choices": [*STATES], "default": "present"},
    **{flag: {"type": "bool"} for flag in FLAGS},
    KEEP_ALIVE: {"type": "int"},
    **CONCURRENCY_SPEC,
}


def run(task: Task) -> Report:
    """Ensure each meeting, by id or by title."""
    params = task.params
    check_given(params, ("title", "titles", "meeting_id"))
    settings = {option: params[option] for option in (*FLAGS, KEEP_ALIVE) if params[option] is not None}
    if settings and params["state"] == "inactive":
        raise InvalidInputError(f"{', '.join(settings)} cannot be given with state=inactive: change the settings first")
    if KEEP_ALIVE in settings:
        check_range(KEEP_ALIVE, settings[KEEP_ALIVE], 60, 600, "seconds")
    goal: dict[str, Any] = {"state": STATES[params["state"]], "settings": settings, "check_mode": task.check_mode}
    title = None if params["title"] is None else check_new_name("title", params["title"])
    if params["meeting_id"] is not None:
        meeting_id = check_meeting_id("meeting_id", params["meeting_id"])
        outcomes = [ensure_meeting(task.livestreams.meetings, meeting_id, title=title, **goal)]
    else:
        titles = [title] if title else check_each("titles", params["titles"], check_new_name)
        outcomes = ensure_titles(task.livestreams.meetings, titles, **goal) if titles else []

    def build() -> dict[str, Any]:
        results = [
            {
                **build_entry("title", outcome, resource="meeting"),
                "title": outcome.target if params["meeting_id"] is None else title,
                "meeting_id": (outcome.after or {}).get("id") if params["meeting_id"] is None else outcome.target,
            }
            for outcome in outcomes
        ]
        meetings = [None if outcome.error else outcome.after for outcome in outcomes]
        single = {"meeting": meetings[0]} if params["titles"] is None else {}
        return {"meetings": meetings, "results": results, **single}

    return Report(outcomes, build)


def main() -> None:
    run_module(
        ARGUMENT_SPEC,
        run,
        takes_turns=True,
        mutually_exclusive=[("title", "titles"), ("titles", "meeting_id")],
        required_one_of=[("title", "titles", "meeting_id")],
    )


if __name__ == "__main__":
    main()

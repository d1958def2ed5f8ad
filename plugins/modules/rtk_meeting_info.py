#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_meeting_info
short_description: Show Cloudflare RealtimeKit meetings
version_added: 1.0.0
description:
  - Returns meetings by their ids, by a title, or by filters, and how many people are in them.
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
  meeting_id:
    description:
      - The UUIDs of one or many meetings. A meeting that does not exist is an error.
      - Duplicates count once, even if their letter case differs. An empty list returns nothing.
      - Cannot be combined with any of the options below, except O(include_active_session) and O(concurrency).
    type: list
    elements: str
    aliases:
      - meeting_ids
  title:
    description:
      - Only meetings of exactly this title, including letter case and spaces. A title that no meeting has returns nothing.
      - A string or a number. A list or a mapping is an error.
    type: raw
  search:
    description:
      - Only meetings that the API finds by this text in their titles or ids. The API decides what matches.
      - Cannot be combined with O(title).
    type: str
  status:
    description:
      - Only meetings of this status.
    type: str
    choices:
      - ACTIVE
      - INACTIVE
  start_time:
    description:
      - Only meetings from this time on, such as V(2026-11-20T09:00:00Z), by the API's rules.
      - It needs a time zone. Quote it in YAML.
    type: str
  end_time:
    description:
      - Only meetings up to this time, such as V(2026-11-20T18:00:00Z). It works like O(start_time).
    type: str
  limit:
    description:
      - At most this many meetings, after all filters, from V(1) to V(1000000).
    type: int
  include_active_session:
    description:
      - Whether to return the RV(meetings[].active_session). This costs one request for each meeting.
    type: bool
    default: false
  concurrency:
    description:
      - How many meetings, or pages of the list, to read at a time, from V(1) to V(32).
    type: int
    default: 8
seealso:
  - module: streamops.realtimekit.rtk_meeting
  - module: streamops.realtimekit.rtk_livestream_info
  - name: Cloudflare API, meetings
    description: The endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/meetings/
"""

EXAMPLES = r"""
# The connection comes from the environment variables CLOUDFLARE_API_TOKEN,
# CLOUDFLARE_ACCOUNT_ID, and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc, show all rooms and how many people are in each:
#   ansible localhost -m streamops.realtimekit.rtk_meeting_info \
#     -a "status=ACTIVE include_active_session=true"

- name: Show which rooms are in use
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Read the rooms of the event
      streamops.realtimekit.rtk_meeting_info:
        search: Workshop
        status: ACTIVE
        include_active_session: true
      register: rooms

    - name: Show how many people are in each
      ansible.builtin.debug:
        msg: "{{ (item.active_session or {}).live_participants | default(0) }}"
      loop: "{{ rooms.meetings }}"
      loop_control:
        label: "{{ item.title }}"
"""

RETURN = r"""
meetings:
  description:
    - The meetings, by O(meeting_id) in the order given, otherwise in the API's order. An unknown value is V(null).
    - After a failure, the meetings that could be read by O(meeting_id). A list that fails halfway returns none.
  returned: when the input was accepted
  type: list
  elements: dict
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
    active_session:
      description: The current session, or V(null) if there is none.
      returned: with O(include_active_session=true)
      type: dict
      contains:
        id:
          description: The session's id.
          type: str
          sample: 6d2f4d5e-9c3b-4f1a-8a57-0d6a5c1b2e3f
        status:
          description: Always V(LIVE).
          type: str
          sample: LIVE
        live_participants:
          description: How many people are in it.
          type: int
          sample: 12
        started_at:
          description: The time of the start, in UTC.
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

from itertools import islice
from typing import Any, Callable

from ..module_utils._api.meetings import ACTIVE, INACTIVE
from ..module_utils._ensure.targets import Outcome, go_on_with, work_on
from ..module_utils._errors import InvalidInputError
from ..module_utils._task.options import check_each, check_meeting_id, check_name, check_period, check_range
from ..module_utils._task.results import Report
from ..module_utils._task.run import CONCURRENCY_SPEC, Task, run_module

FILTERS = ("title", "search", "status", "start_time", "end_time", "limit")

ARGUMENT_SPEC: dict[str, Any] = {
    "meeting_id": {"type": "list", "elements": "str", "aliases": ["meeting_ids"]},
    "title": {"type": "raw"},  # `check_name` sees to it
    "search": {"type": "str"},
    "status": {"type": "str", "choices": [ACTIVE, INACTIVE]},
    "start_time": {"type": "str"},
    "end_time": {"type": "str"},
    "limit": {"type": "int"},
    "include_active_session": {"type": "bool", "default": False},
    **CONCURRENCY_SPEC,
}


def run(task: Task) -> Report:
    """Read meetings by ids or by filters."""
    outcomes = _check_input(task)()
    if task.params["include_active_session"]:
        task.client.side_by_side(lambda outcome: _add_session(task, outcome), outcomes)
    return Report(outcomes, lambda: {"meetings": [outcome.after for outcome in outcomes if outcome.after]}, has_diff=False)


def _check_input(task: Task) -> Callable[[], list[Outcome]]:
    """Check all options. Return the function that reads."""
    params = task.params
    filters = [option for option in FILTERS if params[option] is not None]
    if params["meeting_id"] is not None:
        if filters:
            raise InvalidInputError(f"{' and '.join(['meeting_id', *filters])} cannot be combined: use ids or filters")
        meeting_ids = check_each("meeting_id", params["meeting_id"], check_meeting_id)
        return lambda: task.client.side_by_side(lambda meeting_id: _read(task, meeting_id), meeting_ids)
    title = None if params["title"] is None else check_name("title", params["title"])
    if title and params["search"]:
        raise InvalidInputError("title and search cannot be combined: title compares exactly, and search matches more")
    if params["limit"] is not None:
        check_range("limit", params["limit"], 1, 10**6, "meetings")
    check_period(params["start_time"], params["end_time"])
    return lambda: _read_all(task, title)


def _read(task: Task, meeting_id: str) -> Outcome:
    def work(outcome: Outcome) -> None:
        outcome.after = task.livestreams.meetings.get(meeting_id)

    return work_on(task.client, meeting_id, work)


def _read_all(task: Task, title: str | None) -> list[Outcome]:
    """Return an outcome for each meeting that matches the filters, or only a failed one if the list fails halfway."""
    params, meetings = task.params, task.livestreams.meetings
    outcomes: list[Outcome] = []

    def work(_listing: Outcome) -> None:
        filters = {key: params[key] for key in ("status", "start_time", "end_time")}
        pages = meetings.find(search=title or params["search"] or None, **filters)
        wanted = {key: value for key, value in (("status", params["status"]), ("title", title)) if value is not None}
        found = (meetings.complete(row, wanted) for page in pages for row in page.rows)
        for meeting in islice((each for each in found if all(each[key] == value for key, value in wanted.items())), params["limit"]):
            outcome = Outcome(meeting["id"])
            outcome.after = meeting
            outcomes.append(outcome)

    listing = work_on(task.client, "list of meetings", work)
    return [listing] if listing.error else outcomes


def _add_session(task: Task, outcome: Outcome) -> None:
    def work(_outcome: Outcome) -> None:
        if outcome.after:
            meeting = outcome.after = {**outcome.after, "active_session": None}  # the value if the read fails
            meeting["active_session"] = task.livestreams.meetings.active_session(meeting["id"])

    go_on_with(outcome, work)


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_livestream_info
short_description: Show Cloudflare RealtimeKit livestreams
version_added: 1.0.0
description:
  - Returns the livestreams of meetings, livestreams by their ids, or all livestreams of an app that match some filters.
  - Changes nothing.
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
options:
  meeting_id:
    description:
      - The UUIDs of meetings, one or many. Returned is the livestream of each that is V(LIVE), V(INVOKED) or V(ERRORED).
      - From ten meetings on, they are looked for in the lists of livestreams where that takes fewer requests. Such a list can be some
        seconds behind.
      - Duplicates, also by letter case, count once. A meeting that does not exist is an error.
      - An empty list asks for nothing, and nothing is returned.
      - Cannot be combined with O(title), O(meetings), O(livestream_id), O(status), O(name), O(exclude_meetings), O(start_time),
        O(end_time), O(sort_order) or O(limit).
    type: list
    elements: str
    aliases:
      - meeting_ids
  title:
    description:
      - The title of one meeting, taken whole. It is compared exactly, with regard to letter case and spaces.
      - Among several meetings of this title, the only V(ACTIVE) one is meant. Two of them are an error that names both ids.
      - Cannot be combined with O(meeting_id) or what that cannot be combined with.
      - A text or a number. A list or a mapping is refused.
    type: raw
  meetings:
    description:
      - Many meetings, each by its id or by its title.
      - Two entries that mean the same meeting are refused. An empty list asks for nothing, and nothing is returned.
      - Cannot be combined with O(meeting_id) or what that cannot be combined with.
    type: list
    elements: dict
    suboptions:
      meeting_id:
        description:
          - The UUID of the meeting.
          - Exactly one of O(meetings[].meeting_id) and O(meetings[].title) is needed. An empty string counts as not given.
        type: str
      title:
        description:
          - The title of the meeting. Otherwise like O(title).
        type: raw
  livestream_id:
    description:
      - The ids of livestreams, one or many, whatever their status. One that does not exist is an error.
      - An empty list asks for nothing, and nothing is returned.
      - Cannot be combined with O(meeting_id) or what that cannot be combined with.
    type: list
    elements: str
    aliases:
      - livestream_ids
  status:
    description:
      - Only livestreams of this status.
    type: str
    choices:
      - LIVE
      - INVOKED
      - ERRORED
      - IDLE
  name:
    description:
      - Only livestreams of exactly this name. The API cannot filter by name, so all of them are read.
      - A text or a number. A list or a mapping is refused.
    type: raw
  exclude_meetings:
    description:
      - Whether to leave out the livestreams of meetings, so that only independent ones are returned.
    type: bool
    default: false
  start_time:
    description:
      - Only livestreams from this time on, such as V(2026-11-20T09:00:00Z), by what the API takes for their time.
      - It needs a time zone, and in YAML quotes.
    type: str
  end_time:
    description:
      - Only livestreams up to this time, such as V(2026-11-20T18:00:00Z). Otherwise like O(start_time).
    type: str
  sort_order:
    description:
      - Whether the oldest (V(asc)) or the newest (V(desc)) come first. Without it the order is the API's own.
    type: str
    choices:
      - asc
      - desc
  limit:
    description:
      - At most this many livestreams, counted after all filters, from V(1) to V(1000000).
    type: int
  include_sessions:
    description:
      - Whether each livestream carries its RV(livestreams[].sessions). Costs at least one request for each livestream.
    type: bool
    default: false
  concurrency:
    description:
      - How many meetings, livestreams, or pages of a list are read at a time, from V(1) to V(32).
    type: int
    default: 8
  return_stream_key:
    description:
      - Whether the livestreams are returned with their RV(livestreams[].stream_key).
      - Whoever has the key can broadcast. Set C(no_log=true) on a task that returns it.
    type: bool
    default: false
seealso:
  - module: streamops.realtimekit.rtk_meeting_livestream
  - module: streamops.realtimekit.rtk_livestream
  - module: streamops.realtimekit.rtk_meeting_info
  - name: Cloudflare API, livestreams
    description: The endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/livestreams/
"""

EXAMPLES = r"""
# The token, the account and the app are taken from the environment variables
# CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc, what is live right now:
#   ansible localhost -m streamops.realtimekit.rtk_livestream_info -a "status=LIVE"

- name: See what is going on
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/streamops.realtimekit.realtimekit:
      api_token: "{{ lookup('ansible.builtin.env', 'CLOUDFLARE_API_TOKEN') }}"
      account_id: "{{ lookup('ansible.builtin.env', 'CLOUDFLARE_ACCOUNT_ID') }}"
      app_id: "{{ lookup('ansible.builtin.env', 'CLOUDFLARE_REALTIMEKIT_APP_ID') }}"
  tasks:
    - name: Read the livestreams of two meetings
      streamops.realtimekit.rtk_livestream_info:
        meetings:
          - title: Main stage
          - meeting_id: cccc2222-33dd-44ee-55ff-666666aaaaaa
      register: rooms

    - name: Show which of them are on air
      ansible.builtin.debug:
        msg: "{{ item.title or item.meeting_id }}: {{ item.livestream.status | default('off air') }}"
      loop: "{{ rooms.meetings }}"
      loop_control:
        label: "{{ item.meeting_id }}"

    - name: Read the ten newest independent livestreams, with their sessions
      streamops.realtimekit.rtk_livestream_info:
        exclude_meetings: true
        sort_order: desc
        limit: 10
        include_sessions: true
      register: newest

    - name: Show the name and status of each
      ansible.builtin.debug:
        msg: "{{ item.name }} is {{ item.status }}"
      loop: "{{ newest.livestreams }}"
      loop_control:
        label: "{{ item.id }}"
"""

RETURN = r"""
livestreams:
  description:
    - The livestreams. Asked for by meetings or ids they come in the order given, else in the order of the API.
    - Meetings without an active livestream have none here. Where some of many could not be read, the task fails and this holds the rest.
    - A key whose value is not known is V(null).
  returned: when the input was accepted
  type: list
  elements: dict
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
      description: V(LIVE), V(INVOKED) while it starts, V(ERRORED), V(IDLE) while nothing is sent, or another one of the API's.
      type: str
      sample: LIVE
    meeting_id:
      description: The UUID of the meeting, or V(null) for an independent livestream.
      type: str
      sample: bbbb1111-22cc-33dd-44ee-555555ffffff
    ingest_server:
      description: The RTMPS URL that the livestream is sent to.
      type: str
      sample: rtmps://live.cloudflare.com:443/live/
    playback_url:
      description: The URL of the HLS manifest. V(null) at times right after the start.
      type: str
      sample: https://customer-f33zs165nr7gyfy4.cloudflarestream.com/6d2f4d5e9c3b4f1a8a570d6a5c1b2e3f/manifest/video.m3u8
    disabled:
      description: Whether the livestream is disabled.
      type: bool
      sample: false
    created_at:
      description: When it was created, UTC.
      type: str
      sample: "2026-11-20T09:00:00.000Z"
    updated_at:
      description: When it was last changed, UTC.
      type: str
      sample: "2026-11-20T09:00:05.000Z"
    sessions:
      description: The livestream's sessions; null where they could not be read, which fails the task. Only with O(include_sessions=true).
      type: list
      elements: dict
      contains:
        id:
          description: The session's id.
          type: str
          sample: 0d6a5c1b-2e3f-4f1a-8a57-6d2f4d5e9c3b
        livestream_id:
          description: The livestream's id.
          type: str
          sample: 6d2f4d5e-9c3b-4f1a-8a57-0d6a5c1b2e3f
        err_message:
          description: Why it failed, if it did.
          type: str
          sample: null
        ingest_seconds:
          description: For how many seconds something was sent.
          type: float
          sample: 3600
        viewer_seconds:
          description: For how many seconds it was watched, all viewers together.
          type: float
          sample: 86400
        invoked_time:
          description: When it was asked for, UTC.
          type: str
          sample: "2026-11-20T09:00:00.000Z"
        started_time:
          description: When it went on air, UTC.
          type: str
          sample: "2026-11-20T09:00:05.000Z"
        stopped_time:
          description: When it ended, UTC.
          type: str
          sample: null
        created_at:
          description: When it was created, UTC.
          type: str
          sample: "2026-11-20T09:00:00.000Z"
        updated_at:
          description: When it was last changed, UTC.
          type: str
          sample: "2026-11-20T09:00:05.000Z"
    stream_key:
      description:
        - The key to broadcast with, which is a secret. Only with O(return_stream_key=true).
        - V(null) where the API leaves it out of a list or of what it says of a meeting; O(livestream_id) reads it.
      type: str
      sample: null
meetings:
  description: What was found of each meeting, in the order given.
  returned: when O(meeting_id), O(title), or O(meetings) was given and the input was accepted
  type: list
  elements: dict
  contains:
    meeting_id:
      description: The meeting's UUID, in lower case. V(null) if no meeting was found by its title.
      type: str
      sample: bbbb1111-22cc-33dd-44ee-555555ffffff
    title:
      description: The title asked for, or V(null) if the meeting was given by its id.
      type: str
      sample: Main stage
    livestream:
      description: The meeting's active livestream, with the keys of RV(livestreams), or V(null) if there is none.
      type: dict
      sample: null
    error:
      description: Why this meeting failed, with the keys of RV(error), or V(null).
      type: dict
      sample: null
rate_limit:
  description: How this task used the API's rate limit.
  returned: when the connection's options were accepted
  type: dict
  contains:
    requests:
      description: How many requests the task has sent. Each try counts, also one that found no connection.
      type: int
      sample: 1
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
  description: What went wrong first. Without a request all keys but RV(error.message) are V(null).
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
      sample: /meetings/bbbb1111-22cc-33dd-44ee-555555ffffff/active-livestream
    status:
      description: The HTTP status, if there was an answer.
      type: int
      sample: 403
    code:
      description: The API's own code.
      type: raw
      sample: 10000
    message:
      description: The API's own words, or what happened instead of an answer.
      type: str
      sample: Authentication error
    cf_ray:
      description: The id under which Cloudflare's support finds the request.
      type: str
      sample: 8f1c2d3e4a5b6c7d-FRA
"""

from itertools import islice
from typing import Any, Callable

from ..module_utils._api.shapes import ERRORED, IDLE, INVOKED, LIVE, Livestream
from ..module_utils._ensure.snapshot import take_snapshot
from ..module_utils._ensure.targets import Outcome, go_on_with, work_on
from ..module_utils._errors import InvalidInputError
from ..module_utils._task.options import check_each, check_identifier, check_name, check_period, check_range
from ..module_utils._task.results import Report, show
from ..module_utils._task.rooms import ROOM_OPTIONS, Room, build_entries, build_rooms_spec, find_rooms, parse_rooms
from ..module_utils._task.run import CONCURRENCY_SPEC, STREAM_KEY_SPEC, Task, run_module

FILTERS = ("status", "name", "exclude_meetings", "start_time", "end_time", "sort_order", "limit")
SORT_ORDERS = {"asc": "ASC", "desc": "DSC", None: None}  # the API's own spelling of "descending"

ARGUMENT_SPEC: dict[str, Any] = {
    **build_rooms_spec(),
    "livestream_id": {"type": "list", "elements": "str", "aliases": ["livestream_ids"]},
    "status": {"type": "str", "choices": [LIVE, INVOKED, ERRORED, IDLE]},
    "name": {"type": "raw"},  # `check_name` sees to it
    "exclude_meetings": {"type": "bool", "default": False},
    "start_time": {"type": "str"},
    "end_time": {"type": "str"},
    "sort_order": {"type": "str", "choices": ["asc", "desc"]},
    "limit": {"type": "int"},
    "include_sessions": {"type": "bool", "default": False},
    **CONCURRENCY_SPEC,
    **STREAM_KEY_SPEC,
}


def run(task: Task) -> Report:
    """Read what was asked for: by meetings, by ids, or all that pass the filters."""
    rooms, read = _check_input(task)
    outcomes = read()
    if task.params["include_sessions"]:
        task.client.side_by_side(lambda outcome: _add_sessions(task, outcome), outcomes)
    with_key = task.params["return_stream_key"]

    def build() -> dict[str, Any]:
        livestreams = [show(outcome.after, with_key=with_key) for outcome in outcomes if outcome.after]
        if rooms is None:
            return {"livestreams": livestreams}
        entries = build_entries(rooms, outcomes, with_key=with_key)
        meetings = [{key: value for key, value in entry.items() if key != "changed"} for entry in entries]
        return {"livestreams": livestreams, "meetings": meetings}

    return Report(outcomes, build, has_diff=False)


def _check_input(task: Task) -> tuple[list[Room] | None, Callable[[], list[Outcome]]]:
    """The rooms that were asked for, or None, and how to read what was asked for, once all of the input has been checked."""
    params = task.params
    by_id = [option for option in (*ROOM_OPTIONS, "livestream_id") if params[option] is not None]
    filters = [option for option in FILTERS if params[option] is not None and params[option] is not False]
    if len(by_id) > 1 or (by_id and filters):
        raise InvalidInputError(f"{' and '.join([*by_id, *filters])} cannot be combined: use meetings, ids, or filters")
    if by_id and by_id != ["livestream_id"]:
        rooms = parse_rooms(params, {}, lambda _entry: {})
        return rooms, lambda: _read_rooms(task, rooms)
    if params["livestream_id"] is not None:
        livestream_ids = check_each("livestream_id", params["livestream_id"], check_identifier)
        return None, lambda: _read_each(task, livestream_ids, task.livestreams.get)
    name = None if params["name"] is None else check_name("name", params["name"])
    if params["limit"] is not None:
        check_range("limit", params["limit"], 1, 10**6, "livestreams")
    check_period(params["start_time"], params["end_time"])
    return None, lambda: _read_all(task, name)


def _read_rooms(task: Task, rooms: list[Room]) -> list[Outcome]:
    needs = {"playback_url", "ingest_server", "name", *(["stream_key"] if task.params["return_stream_key"] else [])}
    found = find_rooms(task.livestreams.meetings, rooms)
    meeting_ids = list(found.rooms)
    snapshot = take_snapshot(task.livestreams, meeting_ids, needs=needs, must_exist=True, existing=found.existing)
    task.client.plan(len(set(meeting_ids) - set(snapshot.states)))
    outcomes = _read_each(task, meeting_ids, lambda wanted: snapshot.read(task.livestreams, wanted, must_exist=True))
    return found.arrange(rooms, outcomes)


def _read_each(task: Task, targets: list[str], read: Callable[[str], Livestream | None]) -> list[Outcome]:
    def observe(target: str) -> Outcome:
        def work(outcome: Outcome) -> None:
            outcome.after = read(target)

        return work_on(task.client, target, work)

    return task.client.side_by_side(observe, targets)


def _read_all(task: Task, name: str | None) -> list[Outcome]:
    """An outcome for each livestream that passes the filters; a listing that fails half-way is one that failed."""
    params = task.params
    outcomes: list[Outcome] = []

    def work(_listing: Outcome) -> None:
        wanted = {key: value for key, value in (("status", params["status"]), ("name", name)) if value is not None}
        found = task.livestreams.find(
            wanted,
            exclude_meetings=params["exclude_meetings"],
            status=params["status"],
            start_time=params["start_time"],
            end_time=params["end_time"],
            sort_order=SORT_ORDERS[params["sort_order"]],
        )
        for livestream in islice((each for each in found if all(each[key] == value for key, value in wanted.items())), params["limit"]):
            outcome = Outcome(livestream["id"])
            outcome.after = livestream
            outcomes.append(outcome)

    listing = work_on(task.client, "list of livestreams", work)
    return [listing] if listing.error else outcomes


def _add_sessions(task: Task, outcome: Outcome) -> None:
    def work(_outcome: Outcome) -> None:
        if outcome.after:
            livestream = outcome.after = {**outcome.after, "sessions": None}  # what stays if they cannot be read
            livestream["sessions"] = task.livestreams.sessions(livestream["id"])

    go_on_with(outcome, work)


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()

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
  - Returns livestreams by their meetings, by their ids, or by filters.
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
      - The UUIDs of one or many meetings. The module returns the livestream of each that is V(LIVE), V(INVOKED), or V(ERRORED).
      - For ten meetings or more, the module reads the lists of livestreams if that takes fewer requests. Such a list can lag by some
        seconds.
      - Duplicates count once, even if their letter case differs. A meeting that does not exist is an error.
      - An empty list returns nothing.
      - Cannot be combined with O(title), O(meetings), O(livestream_id), O(status), O(name), O(exclude_meetings), O(start_time),
        O(end_time), O(sort_order), or O(limit). O(include_ended) allows O(start_time) and O(end_time).
    type: list
    elements: str
    aliases:
      - meeting_ids
  title:
    description:
      - The title of one meeting, compared exactly, including letter case and spaces. A comma is part of it.
      - If several meetings have this title, the only V(ACTIVE) one counts. Several V(ACTIVE) ones, or several without an
        V(ACTIVE) one, are an error with all ids.
      - Cannot be combined with O(meeting_id) or the options that O(meeting_id) excludes.
      - A string or a number. A list or a mapping is an error.
    type: raw
  meetings:
    description:
      - Many meetings, each by its id or its title.
      - Two entries for the same meeting are an error. An empty list returns nothing.
      - Cannot be combined with O(meeting_id) or the options that O(meeting_id) excludes.
    type: list
    elements: dict
    suboptions:
      meeting_id:
        description:
          - The UUID of the meeting.
          - Exactly one of O(meetings[].meeting_id) and O(meetings[].title) is required. An empty string counts as not given.
        type: str
      title:
        description:
          - The title of the meeting. It works like O(title).
        type: raw
  livestream_id:
    description:
      - The ids of one or many livestreams of any status. An id that does not exist is an error.
      - An empty list returns nothing.
      - Cannot be combined with O(meeting_id) or the options that O(meeting_id) excludes.
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
      - Only livestreams of exactly this name. The API cannot filter by name, so the module reads all livestreams.
      - A string or a number. A list or a mapping is an error.
    type: raw
  exclude_meetings:
    description:
      - Whether to return only independent livestreams, without those of meetings.
    type: bool
    default: false
  start_time:
    description:
      - Only livestreams from this time on, such as V(2026-11-20T09:00:00Z), by the API's rules.
      - With O(include_ended), only livestreams that are active, or that have changed at this time or later.
      - It needs a time zone. Quote it in YAML.
    type: str
  end_time:
    description:
      - Only livestreams up to this time, such as V(2026-11-20T18:00:00Z). It works like O(start_time).
      - With O(include_ended), only livestreams that were created at this time or before.
    type: str
  sort_order:
    description:
      - Whether the oldest (V(asc)) or the newest (V(desc)) come first. The default is the API's order.
    type: str
    choices:
      - asc
      - desc
  limit:
    description:
      - At most this many livestreams, after all filters, from V(1) to V(1000000).
    type: int
  include_ended:
    description:
      - Whether to return all livestreams of the meetings, including those that have ended. This costs at least one request for each
        meeting.
      - It needs O(meeting_id), O(title), or O(meetings). Without these, the module finds livestreams that have ended anyway.
    type: bool
    default: false
  include_sessions:
    description:
      - Whether to return the RV(livestreams[].sessions). This costs at least one request for each livestream.
      - With O(include_ended), the same request returns the sessions. A livestream costs one more request if the answer leaves out its
        sessions, or some of their seconds.
    type: bool
    default: false
  concurrency:
    description:
      - How many meetings, livestreams, or pages of a list to read at a time, from V(1) to V(32).
    type: int
    default: 8
  return_stream_key:
    description:
      - Whether to return the RV(livestreams[].stream_key) of the livestreams.
      - Anyone who has the key can broadcast. Set C(no_log=true) on a task that returns it.
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
# The connection comes from the environment variables CLOUDFLARE_API_TOKEN,
# CLOUDFLARE_ACCOUNT_ID, and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc, show everything that is live:
#   ansible localhost -m streamops.realtimekit.rtk_livestream_info -a "status=LIVE"

- name: Show livestreams
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
        msg: "{{ item.livestream.status | default('off air') }}"
      loop: "{{ rooms.meetings }}"
      loop_control:
        label: "{{ item.title or item.meeting_id }}"

    - name: Read every livestream of these meetings since Friday, with its sessions
      streamops.realtimekit.rtk_livestream_info:
        meetings:
          - title: Main stage
          - meeting_id: cccc2222-33dd-44ee-55ff-666666aaaaaa
        include_ended: true
        include_sessions: true
        start_time: "2026-11-20T00:00:00Z"
      register: history

    - name: Show for how many seconds each meeting has sent
      ansible.builtin.debug:
        msg: >-
          {{ item.livestreams | map(attribute='sessions') | flatten
             | map(attribute='ingest_seconds') | sum }}
      loop: "{{ history.meetings }}"
      loop_control:
        label: "{{ item.title or item.meeting_id }}"

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
    - The livestreams, by meetings or ids in the order given, otherwise in the API's order.
    - Without O(include_ended), the list has no entry for a meeting without an active livestream. If some reads failed, the task fails
      and returns the rest. A list that fails halfway returns none.
    - An unknown value is V(null).
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
      description: V(LIVE), V(INVOKED) while it starts, V(ERRORED), V(IDLE) while no video arrives, or another status of the API.
      type: str
      sample: LIVE
    meeting_id:
      description: The UUID of the meeting, or V(null) for an independent livestream.
      type: str
      sample: bbbb1111-22cc-33dd-44ee-555555ffffff
    ingest_server:
      description: The RTMPS URL to send the livestream to.
      type: str
      sample: rtmps://live.cloudflare.com:443/live/
    playback_url:
      description: The URL of the HLS manifest. It can be V(null) directly after the start.
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
    sessions:
      description: The livestream's sessions, or V(null) if the read failed. Only with O(include_sessions=true).
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
          description: The reason of a failure.
          type: str
          sample: null
        ingest_seconds:
          description:
            - How many seconds of video the livestream sent.
            - The API knows the real number 40 to 50 seconds after the end of the session. Until then, it is 60.
          type: float
          sample: 3600
        viewer_seconds:
          description:
            - How many seconds all viewers together have watched.
            - It works like RV(livestreams[].sessions[].ingest_seconds).
          type: float
          sample: 86400
        invoked_time:
          description: The time of the request, in UTC.
          type: str
          sample: "2026-11-20T09:00:00.000Z"
        started_time:
          description: The time when it went on air, in UTC.
          type: str
          sample: "2026-11-20T09:00:05.000Z"
        stopped_time:
          description: The time when it ended, in UTC.
          type: str
          sample: null
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
        - V(null) if a list or the answer for a meeting omits it. With O(livestream_id), the module can read it.
      type: str
      sample: null
meetings:
  description: The result for each meeting, in the order given.
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
    livestreams:
      description:
        - All livestreams of the meeting, with the keys of RV(livestreams), in the API's order. Only with O(include_ended=true).
        - V(null) if the read failed, which fails the task.
      type: list
      elements: dict
      sample: []
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
      sample: /meetings/bbbb1111-22cc-33dd-44ee-555555ffffff/active-livestream
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

from ..module_utils._api.shapes import ACTIVE, ERRORED, IDLE, INVOKED, LIVE, Livestream, is_started, parse_time
from ..module_utils._ensure.snapshot import take_snapshot
from ..module_utils._ensure.targets import Outcome, go_on_with, work_on
from ..module_utils._errors import InvalidInputError
from ..module_utils._task.options import check_date_time, check_each, check_identifier, check_name, check_period, check_range
from ..module_utils._task.results import Report, show
from ..module_utils._task.rooms import ROOM_OPTIONS, Room, build_entries, build_rooms_spec, find_rooms, parse_rooms
from ..module_utils._task.run import CONCURRENCY_SPEC, STREAM_KEY_SPEC, Task, run_module

FILTERS = ("status", "name", "exclude_meetings", "start_time", "end_time", "sort_order", "limit")
PERIOD = ("start_time", "end_time")
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
    "include_ended": {"type": "bool", "default": False},
    "include_sessions": {"type": "bool", "default": False},
    **CONCURRENCY_SPEC,
    **STREAM_KEY_SPEC,
}


def run(task: Task) -> Report:
    """Read livestreams by meetings, by ids, or by filters."""
    history: dict[str, list[Livestream]] = {}
    rooms, read = _check_input(task, history)
    outcomes = read()
    with_ended = task.params["include_ended"]
    if task.params["include_sessions"] and not with_ended:
        task.client.side_by_side(lambda outcome: _add_sessions(task, outcome), outcomes)
    with_key = task.params["return_stream_key"]

    def build() -> dict[str, Any]:
        livestreams = [show(outcome.after, with_key=with_key) for outcome in outcomes if outcome.after]
        if rooms is None:
            return {"livestreams": livestreams}
        entries = build_entries(rooms, outcomes, with_key=with_key)
        meetings = [{key: value for key, value in entry.items() if key != "changed"} for entry in entries]
        if with_ended:
            found = [history.get(outcome.target) for outcome in outcomes]
            shown = [None if each is None else [show(livestream, with_key=with_key) for livestream in each] for each in found]
            meetings = [{**entry, "livestreams": each} for entry, each in zip(meetings, shown)]
            livestreams = [livestream for each in shown for livestream in each or ()]
        return {"livestreams": livestreams, "meetings": meetings}

    return Report(outcomes, build, has_diff=False)


def _check_input(task: Task, history: dict[str, list[Livestream]]) -> tuple[list[Room] | None, Callable[[], list[Outcome]]]:
    """Check all options. Return the rooms, or None, and the function that reads."""
    params = task.params
    by_id = [option for option in (*ROOM_OPTIONS, "livestream_id") if params[option] is not None]
    filters = [option for option in FILTERS if params[option] is not None and params[option] is not False]
    if params["include_ended"]:
        if not set(by_id).intersection(ROOM_OPTIONS):
            raise InvalidInputError(
                "include_ended is about meetings: give meeting_id, title, or meetings; without these, leave it out, "
                "because livestreams that have ended are found anyway"
            )
        filters = [option for option in filters if option not in PERIOD]
    if len(by_id) > 1 or (by_id and filters):
        raise InvalidInputError(f"{' and '.join([*by_id, *filters])} cannot be combined: use meetings, ids, or filters")
    if by_id and by_id != ["livestream_id"]:
        rooms = parse_rooms(params, {}, lambda _entry: {})
        if params["include_ended"]:
            check_period(params["start_time"], params["end_time"])
            return rooms, lambda: _read_history(task, rooms, history)
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


def _read_history(task: Task, rooms: list[Room], history: dict[str, list[Livestream]]) -> list[Outcome]:
    """An outcome for each room with its active livestream; all of its livestreams go into ``history``, by the id of the meeting."""
    found = find_rooms(task.livestreams.meetings, rooms)
    task.client.plan(len(found.rooms))

    def read(meeting_id: str) -> Livestream | None:
        whole = [livestream for livestream in task.livestreams.of_meeting(meeting_id) if _is_within(task, livestream)]
        history[meeting_id] = whole
        for livestream in whole:
            if not task.params["include_sessions"]:
                del livestream["sessions"]
            elif livestream["sessions"] is None:
                livestream["sessions"] = task.livestreams.sessions(livestream["id"])
        active = [livestream for livestream in whole if livestream["status"] in ACTIVE]
        return next(iter(sorted(active, key=lambda livestream: not is_started(livestream))), None)

    return found.arrange(rooms, _read_each(task, list(found.rooms), read))


def _is_within(task: Task, livestream: Livestream) -> bool:
    """Whether it may have run in the period asked for: one that was over before has not changed since."""
    start, end = (check_date_time(option, task.params[option]) for option in PERIOD)
    created, changed = parse_time(livestream["created_at"]), parse_time(livestream["updated_at"])
    is_over = bool(start and changed and changed < start) and livestream["status"] not in ACTIVE
    return not (is_over or (end and created and created > end))


def _read_each(task: Task, targets: list[str], read: Callable[[str], Livestream | None]) -> list[Outcome]:
    def observe(target: str) -> Outcome:
        def work(outcome: Outcome) -> None:
            outcome.after = read(target)

        return work_on(task.client, target, work)

    return task.client.side_by_side(observe, targets)


def _read_all(task: Task, name: str | None) -> list[Outcome]:
    """Return an outcome for each livestream that matches the filters, or only a failed one if the list fails halfway."""
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
            livestream = outcome.after = {**outcome.after, "sessions": None}  # the value if the read fails
            livestream["sessions"] = task.livestreams.sessions(livestream["id"])

    go_on_with(outcome, work)


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()

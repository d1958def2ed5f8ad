#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_meeting_livestream
short_description: Start, stop, or restart the livestreams of Cloudflare RealtimeKit meetings
version_added: 1.0.0
description:
  - Brings one or many meetings on air or off air. The module reads the active livestreams first, and writes only if the state differs.
  - You give a meeting by its id or by its title.
  - The module reads up to nine meetings one by one. For ten or more, it uses the lists of livestreams if that takes fewer requests.
    It starts a meeting that the lists show off air without another read, because the API refuses a second livestream. Before it
    stops a livestream, it always reads the meeting.
  - If the answer to a write is lost, for example after a timeout, the module reads the state before it sends the write again.
  - If some meetings fail, the module finishes the others. The task then fails, and its result still has each outcome. A refused
    token (401, 403), or an API that has never answered, ends the work on the remaining meetings.
author:
  - streamops.realtimekit contributors (@streamops)
extends_documentation_fragment:
  - streamops.realtimekit.connection
  - streamops.realtimekit.attributes
attributes:
  check_mode:
    details:
      - The module reads the livestreams, and the meetings if necessary, but does not write.
      - A livestream that would be started has the RV(livestream.status) V(INVOKED) and the O(name). Its other keys are V(null).
  diff_mode:
    support: full
    details:
      - Each meeting's livestream before and after, without stream keys.
  idempotent:
    support: partial
    details:
      - With O(state=started) and O(state=stopped), a second run changes nothing.
      - O(state=restarted) starts a new livestream in each run.
options:
  meeting_id:
    description:
      - The UUIDs of the meetings, one or many.
      - Duplicates count once, even if their letter case differs. An empty list is an error.
      - Ansible splits a single string at its commas.
      - Exactly one of O(meeting_id), O(title), and O(meetings) is required.
    type: list
    elements: str
    aliases:
      - meeting_ids
  title:
    description:
      - The title of one meeting, compared exactly, including letter case and spaces. A comma is part of it.
      - If several meetings have this title, the only V(ACTIVE) one counts. Several V(ACTIVE) ones, or several without an
        V(ACTIVE) one, are an error with all ids.
      - A string or a number. A list or a mapping is an error.
    type: raw
  meetings:
    description:
      - Many meetings, each by its id or its title, with its own name and picture size.
      - If no meeting or several meetings have a title, only this entry fails.
      - Two entries for the same meeting are an error before the first write. An empty list is an error.
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
      name:
        description:
          - The name of a new livestream in this meeting. The default is O(name).
        type: raw
      video_config:
        description:
          - The picture size of a new livestream in this meeting. The default is O(video_config).
        type: dict
        suboptions:
          width:
            description: The width in pixels, greater than 0. Requires O(meetings[].video_config.height).
            type: int
          height:
            description: The height in pixels, greater than 0. Requires O(meetings[].video_config.width).
            type: int
      livestream_id:
        description:
          - With O(state=stopped), the only livestream to stop. If another one is active in the meeting, the module does not stop it and
            warns.
          - By default, the module stops any livestream of the meeting. An empty value is an error, because an empty template would
            otherwise stop any livestream.
          - An error with any other O(state).
        type: str
        default: "*"
  state:
    description:
      - With V(started), each meeting has a livestream that is V(LIVE) or V(INVOKED). The module stops a failed one (V(ERRORED)) and
        starts another.
      - With V(stopped), no livestream of the meetings is V(LIVE), V(INVOKED), or V(ERRORED). A meeting that does not exist is an error.
      - With V(restarted), the module stops the active livestream of each meeting and starts another.
        If another user starts one first, the meeting fails, and that livestream stays on air.
    type: str
    choices:
      - started
      - stopped
      - restarted
    default: started
  name:
    description:
      - The name of new livestreams. An empty string means no name.
      - White space at its beginning or end is an error, because the API may remove it.
      - The API cannot rename a running livestream. If it has another name, the module warns.
    type: raw
  video_config:
    description:
      - The picture size of new livestreams. A running livestream keeps its size.
    type: dict
    suboptions:
      width:
        description: The width in pixels, greater than 0. Requires O(video_config.height).
        type: int
      height:
        description: The height in pixels, greater than 0. Requires O(video_config.width).
        type: int
  wait:
    description:
      - Whether to wait until each livestream meets O(wait_condition), or with O(state=stopped), until none is active.
      - The module also waits for a livestream that was V(INVOKED) before.
      - The module sends all writes first, and then waits for all meetings together. Ignored in check mode.
      - It reads up to five meetings one by one, at most once a second. For more, it reads the lists of livestreams.
      - A livestream that becomes V(ERRORED) fails at once, with the API's reason.
    type: bool
    default: false
  wait_condition:
    description:
      - The condition to wait for after a start.
      - With V(live), the livestream is V(LIVE).
      - With V(playable), it also has a RV(livestream.playback_url), which can follow up to 90 seconds later.
    type: str
    choices:
      - live
      - playable
    default: live
  wait_timeout:
    description:
      - How many seconds to wait for each meeting after its start or stop, from V(1) to V(86400).
      - This includes the time that the task waits for the rate limit. The task reads a meeting once more before it fails, which can
        take some seconds longer.
    type: int
    default: 120
  concurrency:
    description:
      - How many meetings, or pages of a list, to handle at a time, from V(1) to V(32).
    type: int
    default: 8
  return_stream_key:
    description:
      - Whether to return the RV(livestream.stream_key) of the livestreams.
      - Anyone who has the key can broadcast. Set C(no_log=true) on a task that returns it.
    type: bool
    default: false
seealso:
  - module: streamops.realtimekit.rtk_livestream
  - module: streamops.realtimekit.rtk_livestream_info
  - module: streamops.realtimekit.rtk_meeting
  - name: Cloudflare RealtimeKit livestreaming
    description: Cloudflare's documentation of meetings and livestreams.
    link: https://developers.cloudflare.com/realtime/realtimekit/
  - name: Cloudflare API, livestreams
    description: The endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/livestreams/
"""

EXAMPLES = r"""
# The connection comes from the environment variables CLOUDFLARE_API_TOKEN,
# CLOUDFLARE_ACCOUNT_ID, and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc:
#   ansible localhost -m streamops.realtimekit.rtk_meeting_livestream -a "title='Main stage'"

- name: Bring two rooms on air and show their playback links
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Start both and wait until they can be played
      streamops.realtimekit.rtk_meeting_livestream:
        meetings:
          - title: Main stage
          - title: Workshop upstairs
        wait: true
        wait_condition: playable
      register: rooms

    - name: Show the links
      ansible.builtin.debug:
        msg: "{{ item.title }}: {{ item.livestream.playback_url }}"
      loop: "{{ rooms.meetings }}"
      loop_control:
        label: "{{ item.title }}"

- name: Set the connection once for all modules of the collection
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/streamops.realtimekit.realtimekit:
      api_token: "{{ lookup('ansible.builtin.env', 'CLOUDFLARE_API_TOKEN') }}"
      account_id: "{{ lookup('ansible.builtin.env', 'CLOUDFLARE_ACCOUNT_ID') }}"
      app_id: "{{ lookup('ansible.builtin.env', 'CLOUDFLARE_REALTIMEKIT_APP_ID') }}"
      api_timeout: 10
  tasks:
    - name: Start each room under its own name, one of them in portrait
      streamops.realtimekit.rtk_meeting_livestream:
        meetings:
          - title: Main stage
            name: Opening
          - meeting_id: cccc2222-33dd-44ee-55ff-666666aaaaaa
            name: Backstage
            video_config:
              width: 720
              height: 1280

    - name: Take everything off air and wait until it is
      streamops.realtimekit.rtk_meeting_livestream:
        meeting_id:
          - bbbb1111-22cc-33dd-44ee-555555ffffff
          - cccc2222-33dd-44ee-55ff-666666aaaaaa
        state: stopped
        wait: true
"""

RETURN = r"""
changed:
  description: Whether a livestream was started or stopped, even if the task failed later.
  returned: when the input was accepted
  type: bool
  sample: true
meetings:
  description: The outcome of each meeting, in the order given.
  returned: when the input was accepted
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
    changed:
      description: Whether this task has started or stopped a livestream of the meeting. Also true if this is unknown.
      type: bool
      sample: true
    livestream:
      description: The meeting's active livestream, with the keys of RV(livestream), or V(null).
      type: dict
      sample: null
    started_id:
      description: The id of the livestream that this task has started, or V(null). Another user may have replaced it.
      type: str
      sample: 1a2b3c4d-55aa-66bb-77cc-8899aabbccdd
    error:
      description: Why this meeting failed, with the keys of RV(error), or V(null).
      type: dict
      sample: null
livestream:
  description:
    - The meeting's active livestream, or V(null) if there is none. An unknown value is V(null).
    - The API's answer to a start lacks some values, such as RV(livestream.disabled) and the dates. A later read has them.
  returned: when one meeting was asked for
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
      description: V(LIVE), V(INVOKED) while it starts, or V(ERRORED).
      type: str
      sample: LIVE
    meeting_id:
      description: The meeting's UUID.
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
      sample: 4
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
      sample: /meetings/bbbb1111-22cc-33dd-44ee-555555ffffff/livestreams
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

from typing import Any, Mapping

from ..module_utils._ensure.meeting_livestreams import count_requests, ensure_started, ensure_stopped
from ..module_utils._ensure.snapshot import LAG, take_snapshot
from ..module_utils._ensure.targets import Outcome
from ..module_utils._ensure.waiting import Wait
from ..module_utils._errors import InvalidInputError
from ..module_utils._task.options import check_given, check_identifier, check_new_name, check_range
from ..module_utils._task.results import Report
from ..module_utils._task.rooms import ROOM_OPTIONS, Room, build_entries, build_rooms_spec, find_rooms, parse_rooms
from ..module_utils._task.run import CONCURRENCY_SPEC, STREAM_KEY_SPEC, Task, run_module

#: Any active livestream, instead of an id.
ANY = "*"

PER_ROOM: dict[str, dict[str, Any]] = {
    "name": {"type": "raw"},  # `check_new_name` sees to it
    "video_config": {
        "type": "dict",
        "options": {"width": {"type": "int"}, "height": {"type": "int"}},
        "required_together": [("width", "height")],
    },
}

ARGUMENT_SPEC: dict[str, Any] = {
    **build_rooms_spec(**PER_ROOM, livestream_id={"type": "str", "default": ANY}),
    **PER_ROOM,
    "state": {"type": "str", "choices": ["started", "stopped", "restarted"], "default": "started"},
    "wait": {"type": "bool", "default": False},
    "wait_condition": {"type": "str", "choices": ["live", "playable"], "default": "live"},
    "wait_timeout": {"type": "int", "default": 120},
    **CONCURRENCY_SPEC,
    **STREAM_KEY_SPEC,
}


def run(task: Task) -> Report:
    """Bring every meeting to the state, then wait for all of them together."""
    params = task.params
    state = params["state"]
    rooms = _parse(params)
    found = find_rooms(task.livestreams.meetings, rooms)
    has_names = any(room.options["name"] for room in rooms)
    needs = {"playback_url", "ingest_server", *(["name"] if has_names else []), *(["stream_key"] if params["return_stream_key"] else [])}
    meeting_ids = list(found.rooms)
    snapshot = take_snapshot(
        task.livestreams,
        meeting_ids,
        needs=needs,
        may_miss=state != "stopped" and not task.check_mode,
        settle=LAG if state == "stopped" else 0.0,
        must_exist=state == "stopped" or task.check_mode,
        existing=found.existing,
    )

    def ensure(meeting_id: str) -> Outcome:
        options = found.rooms[meeting_id].options
        same: dict[str, Any] = {"check_mode": task.check_mode, "snapshot": snapshot}
        if state == "stopped":
            return ensure_stopped(task.livestreams, meeting_id, only_id=options["livestream_id"], **same)
        return ensure_started(
            task.livestreams,
            meeting_id,
            name=options["name"],
            video_config=options["video_config"],
            restart=state == "restarted",
            **same,
        )

    # Also in check mode, for the forecast of the real run.
    task.client.plan(count_requests(snapshot, meeting_ids, state))
    outcomes = task.client.side_by_side(ensure, meeting_ids)
    if params["wait"] and not task.check_mode:
        is_playable = params["wait_condition"] == "playable"
        Wait(task.livestreams, outcomes, live=state != "stopped", playable=is_playable, timeout=params["wait_timeout"], needs=needs).run()
    outcomes = found.arrange(rooms, outcomes)

    def build() -> dict[str, Any]:
        entries = build_entries(rooms, outcomes, with_key=params["return_stream_key"])
        meetings = [{**entry, "started_id": outcome.started_id} for entry, outcome in zip(entries, outcomes)]
        single = {"livestream": meetings[0]["livestream"]} if len(meetings) == 1 else {}
        return {"meetings": meetings, **single}

    return Report(outcomes, build)


def _parse(params: Mapping[str, Any]) -> list[Room]:
    """Return the checked rooms, each with its name, picture size, and livestream id."""
    defaults = {**_check_options(params), "livestream_id": None}

    def check_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
        given = {option: value for option, value in _check_options(entry).items() if value is not None}
        livestream_id = entry["livestream_id"] or ""
        if params["state"] != "stopped" and livestream_id not in ("", ANY):
            raise InvalidInputError("meetings[].livestream_id can only be given with state=stopped: it is the livestream to stop")
        if params["state"] != "stopped" or livestream_id == ANY:
            return {**defaults, **given}
        return {**defaults, **given, "livestream_id": check_identifier("meetings[].livestream_id", livestream_id)}

    check_given(params, ROOM_OPTIONS)
    check_range("wait_timeout", params["wait_timeout"], 1, 86400, "seconds")
    rooms = parse_rooms(params, defaults, check_entry)
    if not rooms:
        option = next(option for option in ROOM_OPTIONS if params[option] is not None)
        raise InvalidInputError(f"{option} is an empty list: give at least one meeting")
    return rooms


def _check_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a room's new livestream; None means the API's default."""
    name = check_new_name("name", given["name"]) if given["name"] not in (None, "") else None
    return {"name": name, "video_config": _check_video_config(given["video_config"])}


def _check_video_config(given: dict[str, int | None] | None) -> dict[str, int] | None:
    """Return both sizes to send, or None."""
    sizes = {side: size for side, size in (given or {}).items() if size is not None}
    for side, size in sizes.items():
        if size < 1:
            raise InvalidInputError(f"video_config.{side} is {size}: it must be a positive number of pixels")
    return sizes or None


def main() -> None:
    run_module(ARGUMENT_SPEC, run, mutually_exclusive=[ROOM_OPTIONS], required_one_of=[ROOM_OPTIONS])


if __name__ == "__main__":
    main()

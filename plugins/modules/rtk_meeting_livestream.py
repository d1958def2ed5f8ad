#!/usr/bin/python
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rtk_meeting_livestream
short_description: Start, stop or restart the livestreams of Cloudflare RealtimeKit meetings
version_added: 1.0.0
description:
  - Brings one or many meetings on air or off air. It looks at the active livestreams first and writes only where the state
    is another one than asked for.
  - A meeting is given by its id or by its title. Titles are looked up first.
  - Up to nine meetings are read one by one. From ten on, the module takes their state from the lists of livestreams where that takes fewer
    requests. If the lists show a meeting off air, it is started without a read, because the API refuses a second livestream.
    A livestream is stopped only right after a read of its meeting.
  - A write without a clear answer, such as after a dropped connection or a timeout, is not repeated blindly. The module reads the
    state again, and that tells whether it took effect.
  - All meetings are worked through, also if some of them fail. The task then fails, and its result still has each one's outcome. A refused
    token (401, 403), or an API that has never answered, ends the work on the remaining meetings.
author:
  - streamops.realtimekit contributors (@streamops)
extends_documentation_fragment:
  - streamops.realtimekit.connection
  - streamops.realtimekit.attributes
attributes:
  check_mode:
    details:
      - The livestreams are looked up, and if in doubt the meetings; nothing is written.
      - A livestream that would be started has the RV(livestream.status) V(INVOKED) and the O(name) asked for; its other keys are V(null).
  diff_mode:
    support: full
    details:
      - Each meeting's livestream before and after, without stream keys.
  idempotent:
    support: partial
    details:
      - With O(state=started) and O(state=stopped) a second run is unchanged.
      - O(state=restarted) starts a new livestream in each run.
options:
  meeting_id:
    description:
      - The UUIDs of the meetings, one or many.
      - Duplicates, also by letter case, count once. An empty list is an error.
      - A single string is split at its commas.
      - Exactly one of O(meeting_id), O(title), and O(meetings) is needed.
    type: list
    elements: str
    aliases:
      - meeting_ids
  title:
    description:
      - The title of one meeting, taken whole. It is compared exactly, with regard to letter case and spaces.
      - Among several meetings of this title, the only V(ACTIVE) one is meant. Two of them are an error that names both ids.
      - A text or a number. A list or a mapping is refused.
    type: raw
  meetings:
    description:
      - Many meetings, each by its id or by its title, and with a name and a picture size for itself.
      - A title that no meeting has, or that several have, fails that meeting only.
      - Two entries that mean the same meeting are refused before anything is written. An empty list is an error.
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
      name:
        description:
          - The name of the livestream that this task starts in this meeting. Without it, O(name) applies.
        type: raw
      video_config:
        description:
          - The size of the picture of the livestream that this task starts in this meeting. Without it, O(video_config) applies.
        type: dict
        suboptions:
          width:
            description: Width in pixels, more than 0. Needs O(meetings[].video_config.height).
            type: int
          height:
            description: Height in pixels, more than 0. Needs O(meetings[].video_config.width).
            type: int
      livestream_id:
        description:
          - With O(state=stopped), the only livestream to stop. If another one is active in the meeting, it is left alone, the meeting is
            unchanged, and there is a warning.
          - By default, any livestream of the meeting. An empty value is refused, because a template that gave nothing would otherwise
            stop any.
          - Refused with any other O(state).
        type: str
        default: "*"
  state:
    description:
      - With V(started), each meeting has a livestream that is V(LIVE) or V(INVOKED). One whose export has failed (V(ERRORED)) is
        stopped and another one started.
      - With V(stopped), no livestream of the meetings is V(LIVE), V(INVOKED) or V(ERRORED). A meeting that does not exist is an error.
      - With V(restarted), each meeting has a livestream that was started by this task. One that was active before is stopped.
        If another user starts one in between, the meeting fails, and that one is left as it is.
    type: str
    choices:
      - started
      - stopped
      - restarted
    default: started
  name:
    description:
      - The name of a livestream that this task starts. An empty string is no name.
      - White space at its beginning or end is refused, because the API may remove it.
      - The API cannot rename a running livestream. If it has another name, there is a warning.
    type: raw
  video_config:
    description:
      - The size of the picture of a livestream that this task starts. A livestream that is already running keeps its own.
    type: dict
    suboptions:
      width:
        description: Width in pixels, more than 0. Needs O(video_config.height).
        type: int
      height:
        description: Height in pixels, more than 0. Needs O(video_config.width).
        type: int
  wait:
    description:
      - Whether to wait until every meeting's livestream is as O(wait_condition) says, or with O(state=stopped) until none is active.
      - A livestream that was found V(INVOKED) is waited for as well, and stays unchanged.
      - Everything is written first, then all meetings are waited for together. Ignored in check mode.
      - Up to five meetings are read one by one, once a second at most. More are looked for in the lists of livestreams.
      - A livestream that turns V(ERRORED) fails at once, with the reason that the API gives.
    type: bool
    default: false
  wait_condition:
    description:
      - What to wait for after a start.
      - With V(live), the livestream is V(LIVE).
      - With V(playable), it also has a RV(livestream.playback_url), which can come up to 90 seconds later.
    type: str
    choices:
      - live
      - playable
    default: live
  wait_timeout:
    description:
      - How many seconds to wait for each meeting from its own start or stop, from V(1) to V(86400).
      - This includes the time that the rate limit holds the task back. The task looks at a meeting once more before it fails, so it can
        take some seconds longer.
    type: int
    default: 120
  concurrency:
    description:
      - How many meetings are worked on at a time, and how many pages of a list are read at a time, from V(1) to V(32).
    type: int
    default: 8
  return_stream_key:
    description:
      - Whether the livestreams are returned with their RV(livestream.stream_key).
      - Whoever has the key can broadcast. Set C(no_log=true) on a task that returns it.
    type: bool
    default: false
seealso:
  - module: streamops.realtimekit.rtk_livestream
  - module: streamops.realtimekit.rtk_livestream_info
  - module: streamops.realtimekit.rtk_meeting
  - name: Cloudflare RealtimeKit livestreaming
    description: What a meeting's livestream is, in Cloudflare's documentation.
    link: https://developers.cloudflare.com/realtime/realtimekit/
  - name: Cloudflare API, livestreams
    description: The endpoints that this module calls.
    link: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/livestreams/
"""

EXAMPLES = r"""
# The token, the account and the app are taken from the environment variables
# CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_REALTIMEKIT_APP_ID.
#
# Ad hoc:
#   ansible localhost -m streamops.realtimekit.rtk_meeting_livestream -a "title='Main stage'"

- name: Bring two rooms on air and hand out their playback links
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
  description: Whether a livestream was started or stopped, also if the task failed after that.
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
      description: Whether this task has started or stopped a livestream of the meeting. True as well if that is unknown.
      type: bool
      sample: true
    livestream:
      description: The meeting's active livestream, with the keys of RV(livestream), or V(null).
      type: dict
      sample: null
    started_id:
      description: The id of the livestream that this task has started, or V(null). Another user may have replaced it since.
      type: str
      sample: 1a2b3c4d-55aa-66bb-77cc-8899aabbccdd
    error:
      description: Why this meeting failed, with the keys of RV(error), or V(null).
      type: dict
      sample: null
livestream:
  description:
    - The meeting's active livestream, or V(null) if there is none. A key whose value is not known is V(null).
    - What the API does not say when it starts a livestream, such as RV(livestream.disabled) and the dates, is known from the next read on.
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
    stream_key:
      description:
        - The key to broadcast with, which is a secret. Only with O(return_stream_key=true).
        - V(null) where the API leaves it out of its answer; M(streamops.realtimekit.rtk_livestream_info) with C(livestream_id) reads it.
      type: str
      sample: null
rate_limit:
  description: How this task used the API's rate limit.
  returned: when the connection's options were accepted
  type: dict
  contains:
    requests:
      description: How many requests the task has sent. Each try counts, also one that found no connection.
      type: int
      sample: 4
    held_seconds:
      description: For how many seconds it has held back, to stay within the limit.
      type: float
      sample: 0.0
    forecast_seconds:
      description:
        - The least number of seconds that the work takes if the limit leaves too few requests for it, otherwise V(0).
        - Known before the first write. In check mode it is what the run itself would take.
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

from typing import Any, Mapping

from ..module_utils._ensure.meeting_livestreams import count_requests, ensure_started, ensure_stopped
from ..module_utils._ensure.snapshot import LAG, take_snapshot
from ..module_utils._ensure.targets import Outcome
from ..module_utils._ensure.waiting import Wait
from ..module_utils._errors import InvalidInputError
from ..module_utils._task.options import check_identifier, check_new_name, check_range
from ..module_utils._task.results import Report
from ..module_utils._task.rooms import ROOM_OPTIONS, Room, build_entries, build_rooms_spec, find_rooms, parse_rooms
from ..module_utils._task.run import CONCURRENCY_SPEC, STREAM_KEY_SPEC, Task, run_module

#: Instead of an id: whichever livestream is active.
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
    """Bring every meeting into the state, then wait for all of them together."""
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

    # Also in check mode, which so tells how long the run itself would take.
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
    """The rooms, each with its name, picture size, and livestream id, checked."""
    defaults = {**_check_options(params), "livestream_id": None}

    def check_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
        given = {option: value for option, value in _check_options(entry).items() if value is not None}
        livestream_id = entry["livestream_id"] or ""
        if params["state"] != "stopped" and livestream_id not in ("", ANY):
            raise InvalidInputError("meetings[].livestream_id can only be given with state=stopped: it is the livestream to stop")
        if params["state"] != "stopped" or livestream_id == ANY:
            return {**defaults, **given}
        return {**defaults, **given, "livestream_id": check_identifier("meetings[].livestream_id", livestream_id)}

    check_range("wait_timeout", params["wait_timeout"], 1, 86400, "seconds")
    rooms = parse_rooms(params, defaults, check_entry)
    if not rooms:
        option = next(option for option in ROOM_OPTIONS if params[option] is not None)
        raise InvalidInputError(f"{option} is an empty list: give at least one meeting")
    return rooms


def _check_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a room's livestream starts with; None for what the API chooses."""
    name = check_new_name("name", given["name"]) if given["name"] not in (None, "") else None
    return {"name": name, "video_config": _check_video_config(given["video_config"])}


def _check_video_config(given: dict[str, int | None] | None) -> dict[str, int] | None:
    """What is sent: both sizes, or nothing."""
    sizes = {side: size for side, size in (given or {}).items() if size is not None}
    for side, size in sizes.items():
        if size < 1:
            raise InvalidInputError(f"video_config.{side} is {size}: it must be a positive number of pixels")
    return sizes or None


def main() -> None:
    run_module(ARGUMENT_SPEC, run, mutually_exclusive=[ROOM_OPTIONS], required_one_of=[ROOM_OPTIONS])


if __name__ == "__main__":
    main()

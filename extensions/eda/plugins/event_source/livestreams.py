# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An event source for ansible-rulebook: the livestreams of a Cloudflare RealtimeKit app, by polling their lists."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Callable, Mapping, NamedTuple

if TYPE_CHECKING:
    from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
    from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.watching import Watch

DOCUMENTATION = r"""
---
short_description: Watch the livestreams of a Cloudflare RealtimeKit app
description:
  - Polls the lists of livestreams and sends an event for each change. It needs no open port.
  - A poll takes at most 3 requests while each list fits on one page of fewer than 100 livestreams. The source reads a livestream that
    has left the lists once more for its status, and with O(meeting_ids) its meeting before that. A poll every 15 seconds uses less than
    5 % of the API's limit. If rows of a list lack their meeting or status, the source also reads what they leave open, one by one.
  - The source logs a failed poll and tries again, with a longer pause each time, up to five minutes. A failed poll never ends the source,
    and never looks as if a room went off air.
  - The event has C(meeting_id), C(status), C(previous_status), and C(livestream), each of them null for none. If another livestream
    replaces one in its meeting between two polls, this is also a change.
options:
  api_token:
    description: The API token. The default is E(CLOUDFLARE_API_TOKEN).
    type: str
  account_id:
    description: The account. The default is E(CLOUDFLARE_ACCOUNT_ID).
    type: str
  app_id:
    description: The RealtimeKit app. The default is E(CLOUDFLARE_REALTIMEKIT_APP_ID).
    type: str
  api_url:
    description: The address of the API. The default is E(CLOUDFLARE_BASE_URL), or Cloudflare's address.
    type: str
  api_timeout:
    description: How many seconds to wait for an answer. The default is E(CLOUDFLARE_API_TIMEOUT), or 30.
    type: float
  api_retries:
    description: How often to repeat a request. The default is E(CLOUDFLARE_API_RETRIES), or 4.
    type: int
  ca_path:
    description: The path of a file or folder of CA certificates that verify the API's certificate.
    type: path
  validate_certs:
    description: Whether to verify the certificate of the API.
    type: bool
    default: true
  interval:
    description: The seconds between two polls, from 1 to 3600.
    type: float
    default: 15
  meeting_ids:
    description:
      - The UUIDs of the meetings to watch. By default, the source watches every livestream of the app. An independent livestream has
        the C(meeting_id) null.
    type: list
    elements: str
  emit_initial:
    description:
      - Whether the first poll sends an event for each active livestream, and for each of O(meeting_ids) without one. Otherwise, the first
        poll is only the baseline for later polls. If it cannot read one of O(meeting_ids), the first poll that can counts for it.
    type: bool
    default: false
  restarts:
    description:
      - If this is greater than 0, a poll that finds rooms of O(meeting_ids) off air or failed sends another event with
        C(restart.meeting_ids). Each drop of a room is in one such event. It requires O(meeting_ids).
      - A room can be in this many of them within O(restarts_within) seconds. After that, it is in C(alert.meeting_ids) of one more event.
    type: int
    default: 0
  restarts_within:
    description: The period of O(restarts) in seconds.
    type: float
    default: 600
  remind_after:
    description: After this many seconds, a room that is still off air is in C(restart.meeting_ids) again.
    type: float
    default: 120
"""

EXAMPLES = r"""
- name: Watch two rooms
  hosts: localhost
  sources:
    - streamops.realtimekit.livestreams:
        interval: 15
        meeting_ids:
          - bbbb1111-22cc-33dd-44ee-555555ffffff
          - cccc2222-33dd-44ee-55ff-666666aaaaaa
  rules:
    - name: Report that a livestream has failed
      condition: event.status == "ERRORED"
      action:
        debug:
          msg: "{{ event.meeting_id }} was {{ event.previous_status }} and has failed"
"""

logger = logging.getLogger("streamops.realtimekit.livestreams")

#: The package name for module_utils of this file's collection.
PACKAGE = "_streamops_realtimekit"

#: The most seconds between a failed poll and the next one.
LONGEST_PAUSE = 300.0

#: How many livestreams that have left the lists to read at a time.
CONNECTIONS = 8

NUMBERS = {"interval": (1.0, 3600.0), "restarts": (0, 1000), "restarts_within": (1.0, 604800.0), "remind_after": (1.0, 86400.0)}
DEFAULTS = {"interval": 15.0, "restarts": 0, "restarts_within": 600.0, "remind_after": 120.0}
TEXTS = ("api_token", "account_id", "app_id", "api_url", "ca_path")
CONNECTION = (*TEXTS, "api_timeout", "api_retries", "validate_certs")
ARGUMENTS = (*CONNECTION, *NUMBERS, "meeting_ids", "emit_initial")


def load(name: str) -> ModuleType:
    """Import a file of module_utils.

    ansible-rulebook runs this file by its path, without Ansible's import system,
    and the package `ansible_collections` may belong to another installation. The
    files of module_utils use relative imports, so they work under any name.
    """
    if PACKAGE not in sys.modules:
        package = ModuleType(PACKAGE)
        package.__path__ = [str(Path(__file__).resolve().parents[4] / "plugins/module_utils")]
        sys.modules[PACKAGE] = package
    return importlib.import_module(f"{PACKAGE}.{name}")


class Source(NamedTuple):
    """The checked arguments."""

    watch: Watch
    connect: Callable[[], Livestreams]
    interval: float
    secrets: frozenset[str]


def build_source(args: Mapping[str, Any], environ: Mapping[str, str]) -> Source:
    """Check the arguments, or raise InvalidInputError. Each poll has its own client, because a refused token can become valid again."""
    client, livestreams, options = load("_http.client"), load("_api.livestreams"), load("_task.options")
    errors, restarts, watching = load("_errors"), load("_ensure.restarts"), load("_ensure.watching")
    unknown = [name for name in args if name not in ARGUMENTS and name != "eda_feedback_queue"]
    if unknown:
        raise errors.InvalidInputError(f"{unknown[0]!r} is not an argument of this source; the arguments are {', '.join(ARGUMENTS)}")
    numbers = {name: _read_number(options, name, args) for name in NUMBERS}
    ids = args.get("meeting_ids")
    if ids is not None and not (isinstance(ids, list) and ids and all(isinstance(each, str) for each in ids)):
        raise errors.InvalidInputError(f"meeting_ids is {ids!r}: it must be a list of UUIDs, and must not be empty")
    meeting_ids = None if ids is None else options.check_each("meeting_ids", ids, options.check_meeting_id)
    if numbers["restarts"] and meeting_ids is None:
        raise errors.InvalidInputError("restarts requires meeting_ids, the rooms that must be on air")
    # A poll that takes longer is canceled and counts as failed.
    lifetime = max(60, int(4 * numbers["interval"]))
    given: dict[str, Any] = {name: args.get(name) for name in CONNECTION}
    for name in TEXTS:
        if isinstance(given[name], int) and not isinstance(given[name], bool):
            given[name] = str(given[name])  # YAML reads an id of digits as a number
        if given[name] is not None and not isinstance(given[name], str):
            raise errors.InvalidInputError(f"{name} must be a string (the value is not shown here)")
    given["validate_certs"] = args.get("validate_certs", True) not in (False, "false", "no")
    connection = options.build_connection({**given, "task_timeout": lifetime}, environ)
    brake = restarts.Restarts(int(numbers["restarts"]), numbers["restarts_within"], numbers["remind_after"])
    emit_initial = args.get("emit_initial", False) in (True, "true", "yes")
    return Source(
        watching.Watch(meeting_ids, emit_initial=emit_initial, restarts=brake if numbers["restarts"] else None),
        lambda: livestreams.Livestreams(client.Client(connection, connections=CONNECTIONS)),
        numbers["interval"],
        frozenset({connection.token}),
    )


def _read_number(options: ModuleType, name: str, args: Mapping[str, Any]) -> float:
    value = DEFAULTS[name] if args.get(name) is None else args[name]
    least, most = NUMBERS[name]
    return float(options.check_range(name, options.convert(name, value, type(least)), least, most, "seconds" if name != "restarts" else ""))


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Poll until ansible-rulebook cancels it."""
    source = build_source(args, os.environ)
    mask, errors = load("_task.secrets").mask, load("_errors")
    loop, failures = asyncio.get_running_loop(), 0
    while True:
        began, pause = loop.time(), source.interval
        livestreams = source.connect()
        try:
            # In a thread, because the requests block.
            poll = await asyncio.to_thread(source.watch.poll, livestreams)
        except Exception as defect:  # noqa: BLE001 (nothing that a poll meets may end the source)
            error = defect if isinstance(defect, errors.RealtimeKitError) else errors.DefectError(defect)
            failures += 1
            # The API may ask for a longer pause, also in a try before the poll was canceled.
            asked = getattr(getattr(error, "after", None) or error, "retry_after", None) or 0.0
            pause = min(LONGEST_PAUSE, max(asked, source.interval * 2 ** min(failures - 1, 10)))
            words = mask(source.secrets | livestreams.stream_keys, str(error))
            logger.warning("Poll failed; the next one follows in %.0f seconds: %s", pause, words)
        else:
            failures = 0
            for event in mask(source.secrets | livestreams.stream_keys, poll.events):
                await queue.put(event)
            if poll.unread:
                words = mask(source.secrets | livestreams.stream_keys, str(next(iter(poll.unread.values()))))
                logger.warning("Could not read %d livestreams, which keep their last status: %s", len(poll.unread), words)
        finally:
            # Ends the thread at once if this task is canceled.
            livestreams.client.interrupt()
        await asyncio.sleep(max(0.0, began + pause - loop.time()))

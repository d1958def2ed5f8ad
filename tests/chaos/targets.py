# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The targets of a task, and their entries in its result."""

from __future__ import annotations

from typing import Any

from chaos.task import Ending, Job

#: The modules that may write.
WRITERS = frozenset({"rtk_meeting_livestream", "rtk_livestream", "rtk_meeting", "rtk_webhook"})

#: The modules that take meetings by id or by title, and the options that say which.
ROOM_MODULES = frozenset({"rtk_meeting_livestream", "rtk_livestream_info"})
ROOM_OPTIONS = ("meeting_id", "title", "meetings")

#: The key of a result under which each target has its entry.
ENTRIES = {"rtk_meeting_livestream": "meetings", "rtk_livestream_info": "meetings", "rtk_livestream": "results", "rtk_meeting": "results"}


def find_entries(ending: Ending) -> dict[str, dict[str, Any]]:
    """The entry of each target in the task's result."""
    return {_name_target(ending.job, entry): entry for entry in _find_rows(ending)}


def find_targets(ending: Ending) -> list[str]:
    """The meetings, names, or titles that the task was asked for. A room counts by the id of its meeting, if the task has found it."""
    job = ending.job
    if job.module not in ROOM_MODULES or is_about_no_room(job):
        return find_asked(job)
    found = {entry["title"]: entry["meeting_id"] or entry["title"] for entry in _find_rows(ending) if entry["title"] is not None}
    return [found.get(asked, asked) for asked in find_asked(job)]


def find_asked(job: Job) -> list[str]:
    """The meetings, names, or titles as they were asked for, each once."""
    options = job.options
    if "meetings" in options:
        return [room.get("meeting_id", room.get("title")) for room in options["meetings"]]
    for option in ("titles", "names"):
        if option in options:
            return list(options[option])
    if "meeting_id" in options:
        given = options["meeting_id"]
        return list(dict.fromkeys(meeting_id.lower() for meeting_id in ([given] if isinstance(given, str) else given)))
    return [options[option] for option in ("title", "name") if option in options][:1]


def find_titles(job: Job) -> list[str]:
    """The titles by which the task was asked for meetings."""
    options = job.options
    if "meetings" in options:
        return [room["title"] for room in options["meetings"] if "title" in room]
    return [] if "meeting_id" in options or not {"title", "titles"} & {*options} else find_asked(job)


def find_options(ending: Ending, target: str) -> dict[str, Any]:
    """The options that hold for one target: its own ones, before those of the task."""
    options = ending.job.options
    own = dict(zip(find_targets(ending), options.get("meetings", ()))).get(target, {})
    return {**options, **own}


def is_about_no_room(job: Job) -> bool:
    return not any(option in job.options for option in ROOM_OPTIONS)


def is_refused_whole(ending: Ending) -> bool:
    """Whether two of its rooms have turned out to be the same meeting, so that it has no entries and sends no write."""
    return ending.failure == "InvalidInputError"


def _find_rows(ending: Ending) -> list[dict[str, Any]]:
    if ending.job.module == "rtk_webhook":  # its result is its only entry
        return [{"name": ending.job.options["name"], "error": None, **ending.result}] if "webhook" in ending.result else []
    return list(ending.result.get(ENTRIES.get(ending.job.module, ""), ()))


def _name_target(job: Job, entry: dict[str, Any]) -> str:
    if job.module in ("rtk_livestream", "rtk_webhook"):
        return str(entry["name"])
    if job.module == "rtk_meeting":
        return str(entry["title"] if find_titles(job) else entry["meeting_id"])
    return str(entry["meeting_id"] or entry["title"])

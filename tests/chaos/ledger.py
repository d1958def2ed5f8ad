# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an episode's requests and effects say about one task, and what reads showed at any moment. `checks` judges by it."""

from __future__ import annotations

from typing import Any

from chaos.episode import Episode
from chaos.task import LONG_SLEEP, Ending

#: Faults that leave no doubt about a write: its answer is true, or says that nothing was done.
CLEAR_WRITES = frozenset({None, "rate_limited", "success_false", "interim"})

#: And faults after which a client knows the state from a read.
CLEAR_READS = frozenset({None, "interim"})


class Ledger:
    """The episode's requests and effects, by whose they are and what they are about."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self.visible_lag, self.stop_lag = episode.settings["visible_lag"], episode.settings["stop_lag"]
        self._asked = {entry["number"]: entry["time"] for entry in episode.requests}
        self._owner = {entry["number"]: int(entry["agent"].rpartition("/")[2]) for entry in episode.requests}

    def owner(self, effect: dict[str, Any]) -> int | None:
        """The number of the task that caused an effect, or None."""
        return self._owner.get(effect["request"])

    def requests(self, ending: Ending) -> list[dict[str, Any]]:
        return [entry for entry in self.episode.requests if self._owner[entry["number"]] == ending.job.number]

    def trail(self, ending: Ending, target: str) -> list[dict[str, Any]]:
        """The task's reads of the state of a target, and its writes to it, in the order in which they arrived."""
        is_about = _is_about_meeting if target in self.episode.meetings else _is_about_name
        return [entry for entry in self.requests(ending) if is_about(entry, target)]

    def effects(self, target: str, *kinds: str) -> list[dict[str, Any]]:
        """What happened to a meeting, or to independent livestreams of a name."""
        return [e for e in self.episode.effects if target == (e["meeting_id"] or e["name"]) and (not kinds or e["kind"] in kinds)]

    def own(self, ending: Ending, target: str, *kinds: str) -> list[dict[str, Any]]:
        return [effect for effect in self.effects(target, *kinds) if self.owner(effect) == ending.job.number]

    def rivals(self, ending: Ending, target: str, *kinds: str) -> list[dict[str, Any]]:
        """What others did to it while the task ran, or so shortly before that only the task could see it."""
        begins = ending.began - self.visible_lag - self.stop_lag
        return [
            effect
            for effect in self.effects(target, *kinds)
            if self.owner(effect) != ending.job.number and begins <= effect["time"] <= ending.ended
        ]

    def doubts(self, ending: Ending, target: str, operation: str | None = None) -> list[dict[str, Any]]:
        """The task's writes to a target whose answers do not show whether they took effect."""
        return [
            entry
            for entry in self.trail(ending, target)
            if is_write(entry) and is_doubtful(entry) and operation in (None, entry["operation"])
        ]

    def is_late(self, effect: dict[str, Any]) -> bool:
        """Whether it came about after its request's answer, and so after whatever the task has done since."""
        return effect["time"] > self._asked[effect["request"]] + 0.001

    def lives(self, meeting_id: str) -> list[tuple[float, float, str]]:
        """From when until when which livestream of a meeting was active and not asked to stop."""
        begun, lives = {}, []
        for effect in self.effects(meeting_id, "started", "stopped"):
            if effect["kind"] == "started":
                begun[effect["livestream_id"]] = effect["time"]
            else:
                lives.append((begun.pop(effect["livestream_id"]), effect["time"], effect["livestream_id"]))
        return lives + [(time, float("inf"), livestream_id) for livestream_id, time in begun.items()]

    def show(self, meeting_id: str, moment: float) -> tuple[str | None, str | None]:
        """The id and the status of the active livestream that a read of the meeting shows at a moment, or None for both."""
        for begun, over, livestream_id in self.lives(meeting_id):
            if begun + self.visible_lag <= moment < over + self.stop_lag:
                return livestream_id, self._find_status(livestream_id, begun, min(over, moment))
        return None, None

    def is_clear_read(self, entry: dict[str, Any]) -> bool:
        """Whether its answer shows the state. Where nothing is active, and on a page without rows, there is no id to lose."""
        is_clear = entry["fault"] in CLEAR_READS
        if entry["fault"] == "missing_keys":
            is_clear = entry["operation"] == "list" or self.show(entry["path"].split("/")[-2], entry["time"])[0] is None
        return not is_write(entry) and is_clear and entry["status"] in (200, 404)

    def _find_status(self, livestream_id: str, begun: float, moment: float) -> str:
        """A livestream that is asked to stop keeps its status until it is gone."""
        if begun + self.episode.settings["live_delay"] > moment:
            return "INVOKED"
        errored = {effect["livestream_id"] for effect in self.episode.effects if effect["kind"] == "errored"}
        return "ERRORED" if livestream_id in errored else "LIVE"


def _is_about_meeting(entry: dict[str, Any], meeting_id: str) -> bool:
    return entry["operation"] in ("active", "start", "stop") and f"/meetings/{meeting_id}/" in entry["path"]


def _is_about_name(entry: dict[str, Any], name: str) -> bool:
    return entry["operation"] == "list" or (entry["operation"] == "create" and entry["body"]["name"] == name)


def is_write(entry: dict[str, Any]) -> bool:
    return bool(entry["method"] == "POST")


def is_doubtful(entry: dict[str, Any]) -> bool:
    """Whether nobody can tell from a write's answer whether it took effect."""
    return entry["fault"] not in CLEAR_WRITES


def find_entries(ending: Ending) -> dict[str, dict[str, Any]]:
    """The entry of each target in the task's result."""
    key = {"rtk_meeting_livestream": "meetings", "rtk_livestream": "results"}.get(ending.job.module)
    return {entry.get("meeting_id") or entry["name"]: entry for entry in ending.result.get(key, ())} if key else {}


def find_targets(ending: Ending) -> list[str]:
    """The meetings or names that the task was asked for."""
    options = ending.job.options
    if ending.job.module == "rtk_meeting_livestream":
        return list(dict.fromkeys(meeting_id.lower() for meeting_id in options["meeting_id"]))
    return [options["name"]] if "name" in options else list(options.get("names", ()))


def has_hold(ledger: Ledger) -> bool:
    """Whether a task had read a state, paused for more than two seconds, and then wrote: the time in which others can act unseen."""
    return any(
        _has_hold(ledger, ledger.trail(ending, target))
        for ending in ledger.episode.endings
        if ending.job.module != "rtk_livestream_info"
        for target in find_targets(ending)
    )


def _has_hold(ledger: Ledger, trail: list[dict[str, Any]]) -> bool:
    """A client that reads again before its write leaves has paused all the same. The looks for a doubtful write do not count."""
    steps = [entry for entry in trail if ledger.is_clear_read(entry) or (is_write(entry) and entry["status"] != 429)]
    is_looking = False
    for here, then, after in zip(steps, steps[1:], [*steps[2:], None]):
        if is_write(here):
            is_looking = is_doubtful(here)
        elif not is_looking and then["time"] - here["time"] > LONG_SLEEP and (is_write(then) or (after and is_write(after))):
            return True
    return False

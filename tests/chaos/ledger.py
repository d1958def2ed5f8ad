# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests and effects of one task, and the results of reads at any moment, for `checks`."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Callable

from chaos.episode import Episode
from chaos.history import History
from chaos.targets import WRITERS, find_entries, find_targets, find_titles
from chaos.task import LONG_SLEEP, Ending

#: Faults that leave no doubt about a write: its answer is true, or says that nothing was done.
CLEAR_WRITES = frozenset({None, "rate_limited", "success_false", "interim"})

#: And faults after which a client knows the state from a read.
CLEAR_READS = frozenset({None, "interim"})

#: The API refuses the token.
REFUSALS = (401, 403)

Entry = dict[str, Any]


class Ledger:
    """The episode's requests and effects, by whose they are and what they are about."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        settings = episode.settings
        self.visible_lag, self.stop_lag, self.list_lag = settings["visible_lag"], settings["stop_lag"], settings["list_lag"]
        self.history, self.webhooks = History(episode.history), History(episode.webhooks)
        self.has_refused_for_rate = any(entry["status"] == 429 for entry in episode.requests)
        self._asked = {entry["number"]: entry["time"] for entry in episode.requests}
        self._owner = {entry["number"]: int(entry["agent"].rpartition("/")[2]) for entry in episode.requests}
        self._requests: dict[int, list[Entry]] = defaultdict(list)
        self._effects: dict[str, list[Entry]] = defaultdict(list)
        self._livestreams: dict[str, list[Any]] = defaultdict(list)
        self._trails: dict[tuple[int, str], list[Entry]] = {}
        for entry in episode.requests:
            self._requests[self._owner[entry["number"]]].append(entry)
        for effect in episode.effects:
            self._effects[effect["meeting_id"] or effect["name"]].append(effect)
        for livestream in episode.livestreams.values():
            self._livestreams[livestream.meeting_id].append(livestream)

    @property
    def is_counted(self) -> bool:
        """Return whether the paging of a list shows its end. Otherwise, a list that changes can seem to end early."""
        return not self.episode.settings["omit_paging"] and self.episode.settings["paging_count"] == "true"

    def owner(self, effect: Entry) -> int | None:
        """The number of the task that caused an effect, or None."""
        return self._owner.get(effect["request"])

    def requests(self, ending: Ending) -> list[Entry]:
        return self._requests[ending.job.number]

    def trail(self, ending: Ending, target: str) -> list[Entry]:
        """The task's reads of the state of a target, and its writes to it, in the order in which they arrived."""
        key = ending.job.number, target
        if key not in self._trails:
            is_about = self._find_test(ending, target)
            self._trails[key] = [entry for entry in self.requests(ending) if is_about(entry)]
        return self._trails[key]

    def _find_test(self, ending: Ending, target: str) -> Callable[[Entry], bool]:
        if ending.job.module == "rtk_livestream":
            return lambda entry: _is_about_name(entry, target)
        if ending.job.module == "rtk_webhook":
            return lambda entry: entry["operation"].endswith(("_webhook", "_webhooks"))  # it has one target
        if ending.job.module != "rtk_meeting":
            return lambda entry: _is_about_meeting(entry, target)
        title = target if find_titles(ending.job) else None
        meeting_id = find_entries(ending).get(target, {}).get("meeting_id") or target
        return lambda entry: _is_about_title(entry, title) or _is_about_fields(entry, meeting_id)

    def find_caused(self, ending: Ending, target: str) -> list[Entry]:
        """Return the task's effects on the meeting or webhook of a target, by its requests."""
        sent = {entry["number"] for entry in self.trail(ending, target)}
        return [effect for effect in self.episode.effects if effect["request"] in sent]

    def lists(self, ending: Ending) -> list[Entry]:
        """The task's reads of the lists by status, as far as they show the state."""
        asked = [entry for entry in self.requests(ending) if entry["operation"] == "list" and entry["query"].get("status")]
        return [entry for entry in asked if entry["fault"] in CLEAR_READS and entry["status"] in (200, 404)]

    def count_misses(self, ending: Ending) -> int:
        """How often the task has read the same list by status while rows moved to other pages, so that it may have missed some."""
        readings: list[list[Entry]] = []
        for entry in self.lists(ending):
            if entry["query"]["page_no"] == "1":
                readings.append([])
            readings[-1:] = [[*each, entry] for each in readings[-1:]]
        moving = [each for each in readings if len(each) > 1 and self._is_moving(each[0]["time"], each[-1]["time"])]
        return max(Counter(each[0]["query"]["status"] for each in moving).values(), default=0)

    def _is_moving(self, since: float, until: float) -> bool:
        """Return whether a livestream's status changed between two list reads."""
        return any(
            since <= over + self.list_lag <= until
            for livestream in self.episode.livestreams.values()
            for over, was in livestream.past._versions
            if was.is_active()
        )

    def effects(self, target: str, *kinds: str) -> list[Entry]:
        """Return the effects on a meeting, or on independent livestreams of a name."""
        return [effect for effect in self._effects[target] if not kinds or effect["kind"] in kinds]

    def own(self, ending: Ending, target: str, *kinds: str) -> list[Entry]:
        return [effect for effect in self.effects(target, *kinds) if self.owner(effect) == ending.job.number]

    def rivals(self, ending: Ending, target: str, *kinds: str) -> list[Entry]:
        """Return the effects of other users during the task, or shortly before it."""
        begins = ending.began - self.visible_lag - self.stop_lag - self.list_lag
        return [
            effect
            for effect in self.effects(target, *kinds)
            if self.owner(effect) != ending.job.number and begins <= effect["time"] <= ending.ended
        ]

    def doubts(self, ending: Ending, target: str, operation: str | None = None) -> list[Entry]:
        """The task's writes to a target whose answers do not show whether they took effect."""
        return [
            entry
            for entry in self.trail(ending, target)
            if is_write(entry) and is_doubtful(entry) and operation in (None, entry["operation"])
        ]

    def is_late(self, effect: Entry) -> bool:
        """Whether it came about after its request's answer, and so after everything that the task has done since."""
        return effect["time"] > self._asked[effect["request"]] + 0.001

    def find_first_sight(self, ending: Ending) -> float:
        """The earliest moment whose state the task can have seen. A list shows what was so `list_lag` seconds before."""
        return min((self.find_shown_time(entry) for entry in self.requests(ending)), default=ending.ended)

    def find_shown_time(self, entry: Entry) -> float:
        """The moment whose state a read shows."""
        return float(entry["time"] - (self.list_lag if entry["operation"] in ("list", "list_meetings", "list_webhooks") else 0.0))

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
        for livestream in self._livestreams[meeting_id]:
            was = livestream.past.version(livestream, moment)
            if was.visible_at <= moment and was.is_active():
                return livestream.id, was.status
        return None, None

    def find_statuses(self, livestream_id: str, since: float, until: float) -> set[str]:
        """Each status that a livestream had from one moment to another."""
        livestream = self.episode.livestreams[livestream_id]
        # A state may have had no duration.
        passed = {was.status for over, was in livestream.past._versions if since <= over <= until}
        return passed | {livestream.past.version(livestream, moment).status for moment in (since, until)}

    def is_clear_read(self, entry: Entry) -> bool:
        """Return whether its answer shows the state. Without an active livestream, or on an empty page, there is no id to lose."""
        is_clear = entry["fault"] in CLEAR_READS
        if entry["fault"] == "missing_keys" and entry["operation"] == "list_webhooks":
            shown = self.find_shown_time(entry)
            is_clear = not self.webhooks.find_always(shown, shown, lambda webhook: True)
        elif entry["fault"] == "missing_keys" and entry["operation"] not in ("get_meeting", "get_webhook"):
            is_clear = entry["operation"] in ("list", "list_meetings") or self.show(entry["path"].split("/")[-2], entry["time"])[0] is None
        return not is_write(entry) and is_clear and entry["status"] in (200, 404)


def _is_about_meeting(entry: Entry, meeting_id: str) -> bool:
    return entry["operation"] in ("active", "start", "stop") and f"/meetings/{meeting_id}/" in entry["path"]


def _is_about_name(entry: Entry, name: str) -> bool:
    return entry["operation"] == "list" or (entry["operation"] == "create" and entry["body"]["name"] == name)


def _is_about_title(entry: Entry, title: str | None) -> bool:
    if entry["operation"] == "list_meetings":
        # A page of one row only proves that the app exists.
        return entry["query"].get("search") in (None, title) and entry["query"]["per_page"] != "1"
    return entry["operation"] == "create_meeting" and entry["body"]["title"] == title


def _is_about_fields(entry: Entry, meeting_id: str) -> bool:
    return entry["operation"] in ("get_meeting", "update_meeting") and entry["path"].endswith(f"/meetings/{meeting_id}")


def is_write(entry: Entry) -> bool:
    return entry["method"] in ("POST", "PATCH", "DELETE")


def is_doubtful(entry: Entry) -> bool:
    """Whether a write's answer leaves open whether it took effect."""
    return entry["fault"] not in CLEAR_WRITES and entry["status"] not in REFUSALS


def is_conflict(entry: Entry) -> bool:
    """Whether the API has refused a write for the state of its meeting or webhook."""
    statuses = (400, 404, 409) if entry["operation"] in ("stop", "delete_webhook") else (400, 409)
    return not is_doubtful(entry) and entry["status"] in statuses


def has_hold(ledger: Ledger) -> bool:
    """Whether a task had read a state, paused for more than two seconds, and then wrote: the time in which others can act unseen."""
    return any(
        _has_hold(ledger, ledger.trail(ending, target))
        for ending in ledger.episode.endings
        if ending.job.module in WRITERS
        for target in find_targets(ending)
    )


def _has_hold(ledger: Ledger, trail: list[Entry]) -> bool:
    """Return whether the client paused, even if it read again before its write. Looks for a write in doubt do not count."""
    steps = [entry for entry in trail if ledger.is_clear_read(entry) or (is_write(entry) and entry["status"] != 429)]
    is_looking = False
    for here, then, after in zip(steps, steps[1:], [*steps[2:], None]):
        if is_write(here):
            is_looking = is_doubtful(here)
        elif not is_looking and then["time"] - here["time"] > LONG_SLEEP and (is_write(then) or (after and is_write(after))):
            return True
    return False

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be true of every episode. Each check yields a sentence for each violation, with the task it is about."""

from __future__ import annotations

import json
from typing import Any, Iterator

from ansible_collections.streamops.realtimekit.plugins.module_utils._outcomes import SETTLE
from ansible_collections.streamops.realtimekit.plugins.module_utils._targets import LOOKS

from chaos.episode import WRITE_LAG, Episode
from chaos.task import LATENCY, Ending

#: Kinds of faults after which nobody can tell from the answer whether a write took effect.
CLEAR = frozenset({None, "rate_limited", "success_false"})
STARTED = ("LIVE", "INVOKED")


def violations(episode: Episode) -> Iterator[tuple[Ending | None, str]]:
    """Every violation, with the task whose it is or None."""
    ledger = Ledger(episode)
    yield from ((None, text) for text in _one_active(ledger))
    for ending in sorted(episode.endings, key=lambda ending: ending.job.number):
        for check in (_ends, _hides, _leaves_alone_in_check_mode, _answers_for_each_target, _keeps_its_word):
            yield from ((ending, text) for text in check(ledger, ending))
        if not ending.crash:
            for check in CHECKS[ending.job.module]:
                yield from ((ending, text) for text in check(ledger, ending))


class Ledger:
    """The episode's requests and effects, by whose they are and what they are about."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self.lag = episode.settings["visible_lag"] + episode.settings["stop_lag"]
        self._asked = {entry["number"]: entry["time"] for entry in episode.requests}
        self._owner = {entry["number"]: int(entry["agent"].rpartition("/")[2]) for entry in episode.requests}

    def owner(self, effect: dict[str, Any]) -> int | None:
        """The number of the task that caused an effect, or None."""
        return self._owner.get(effect["request"])

    def requests(self, ending: Ending) -> list[dict[str, Any]]:
        return [entry for entry in self.episode.requests if self._owner[entry["number"]] == ending.job.number]

    def effects(self, target: str, *kinds: str) -> list[dict[str, Any]]:
        """What happened to a meeting, or to independent livestreams of a name."""
        return [e for e in self.episode.effects if target == (e["meeting_id"] or e["name"]) and (not kinds or e["kind"] in kinds)]

    def own(self, ending: Ending, target: str, *kinds: str) -> list[dict[str, Any]]:
        return [effect for effect in self.effects(target, *kinds) if self.owner(effect) == ending.job.number]

    def rivals(self, ending: Ending, target: str, *kinds: str) -> list[dict[str, Any]]:
        """What others did to it while the task ran, or so shortly before that only the task could see it."""
        return [
            effect
            for effect in self.effects(target, *kinds)
            if self.owner(effect) != ending.job.number and ending.began - self.lag <= effect["time"] <= ending.ended
        ]

    def doubts(self, ending: Ending, target: str) -> list[dict[str, Any]]:
        """The task's writes to a target whose answers do not tell what became of them."""
        return [
            entry
            for entry in self.requests(ending)
            if entry["method"] == "POST"
            and entry["fault"] not in CLEAR
            and (f"/meetings/{target}/" in entry["path"] if entry["operation"] != "create" else entry["body"]["name"] == target)
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


def _entries(ending: Ending) -> dict[str, dict[str, Any]]:
    key = {"rtk_meeting_livestream": "meetings", "rtk_livestream": "results"}.get(ending.job.module)
    return {entry.get("meeting_id") or entry["name"]: entry for entry in ending.result.get(key, ())} if key else {}


def _targets(ending: Ending) -> list[str]:
    options = ending.job.options
    if ending.job.module == "rtk_meeting_livestream":
        return list(dict.fromkeys(meeting_id.lower() for meeting_id in options["meeting_id"]))
    return [options["name"]] if "name" in options else list(options["names"])


# Of any task


def _one_active(ledger: Ledger) -> Iterator[str]:
    for meeting_id in ledger.episode.meetings:
        lives = sorted(ledger.lives(meeting_id))
        for (_begun, over, one), (begun, _over, other) in zip(lives, lives[1:]):
            if begun < over:
                yield f"meeting {meeting_id} has two active livestreams, {one} and {other}"


def _ends(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.crash:
        yield f"ends in a traceback: {ending.crash}"
    took, bound = ending.ended - ending.began, longest(ledger, ending)
    if took > bound:
        yield f"took {took:.0f} seconds; {bound:.0f} are promised"

    if ending.job.options.get("wait"):
        done = max((entry["time"] for entry in ledger.requests(ending) if entry["method"] == "POST"), default=ending.began)
        bound = ending.job.options.get("wait_timeout", 120) + 20 * longest_request(ledger, ending) + sum(LOOKS) + sum(SETTLE)
        if ending.ended - done > bound:
            yield f"waited for {ending.ended - done:.0f} seconds; {bound:.0f} are promised"


def longest(ledger: Ledger, ending: Ending) -> float:
    """The bound of docs/reliability.md for a whole task, with what a request takes here in place of the timeouts."""
    retries, options, livestreams = ending.job.retries, ending.job.options, len(ledger.episode.livestreams)
    request = longest_request(ledger, ending)
    listing = request * (livestreams + 5)
    if ending.job.module == "rtk_livestream":
        return listing + (retries + 1) * (len(_targets(ending)) * request + sum(LOOKS) + 4 * listing) + sum(LOOKS) + 4 * listing
    if ending.job.module == "rtk_livestream_info":
        return listing * (1 + 3 * livestreams)
    write = (retries + 1) * (5 * request + sum(LOOKS)) + 6 * 2 * request + sum(SETTLE)
    wait = options.get("wait_timeout", 120) + 10 * request if options.get("wait") else 0
    return len(_targets(ending)) * (2 * request + 2 * write) + wait


def longest_request(ledger: Ledger, ending: Ending) -> float:
    """As often as it is tried, with the pauses between, and with what the limit may hold it back for."""
    retries, settings = ending.job.retries, ledger.episode.settings
    floor = ledger.episode.plan.retry_after or 0
    is_limited = any(entry["status"] == 429 for entry in ledger.episode.requests) or settings["limit_requests"] < 1200
    hold = settings["limit_window"] + 9 if is_limited else 0
    return (retries + 1) * (2 * LATENCY + hold) + sum(max(min(0.5 * 2**attempt, 8), floor) for attempt in range(retries))


def _hides(ledger: Ledger, ending: Ending) -> Iterator[str]:
    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: bare(item) for key, item in value.items() if key != "stream_key" or not ending.job.options.get("return_stream_key")
            }
        return [bare(item) for item in value] if isinstance(value, (list, tuple)) else value

    shown = json.dumps([bare({key: value for key, value in ending.result.items() if key != "diff"}), ending.warnings, ending.crash])
    shown += json.dumps(ending.result.get("diff"))  # a diff has no keys, whatever was asked for
    if ledger.episode.token in shown:
        yield "shows the token"
    if any(key in shown for key in ledger.episode.keys):
        yield "shows a stream key"


def _leaves_alone_in_check_mode(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.job.check_mode or ending.job.module == "rtk_livestream_info":
        writes = [f"{entry['method']} {entry['path']}" for entry in ledger.requests(ending) if entry["method"] != "GET"]
        if writes:
            yield f"may not write, and sends {writes}"


def _answers_for_each_target(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.job.module == "rtk_livestream_info" or ending.crash:
        return
    if list(_entries(ending)) != _targets(ending):
        yield f"answers for {list(_entries(ending))}, not for {_targets(ending)}"
    if ("livestream" in ending.result) != (len(_targets(ending)) == 1 and "names" not in ending.job.options):
        yield "has 'livestream' where it should not, or not where it should"
    failed = {target for target, entry in _entries(ending).items() if entry["error"]}
    if failed != set(ending.kinds) or bool(failed) != ending.failed:
        yield f"says failed={ending.failed}, with errors for {sorted(failed)}"
    if ending.result["changed"] != any(entry["changed"] for entry in _entries(ending).values()):
        yield "says of the whole something else than of its parts"


def _keeps_its_word(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.job.number in ledger.episode.sure and ending.failed:
        yield f"fails where patience is enough: {ending.result['msg']}"
    if ending.job.number in ledger.episode.again and ending.result.get("changed") and not ending.job.check_mode:
        (first,) = (each for each in ledger.episode.endings if each.job.number == ledger.episode.again[ending.job.number])
        # After a doubtful write it may take what the first one has just done for its own.
        if not first.failed and not any(ledger.doubts(ending, target) for target in _targets(ending)):
            yield "changes what the same task has just left"


# Of tasks that write


def _changed_is_honest(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.job.check_mode:
        return
    for target, entry in _entries(ending).items():
        own = ledger.own(ending, target, "started", "stopped", "created")
        if own and not entry["changed"] and not _leaves_no_trace(ledger, ending, target):
            yield f"{target}: says unchanged, and it {[effect['kind'] for effect in own]}"
        if entry["changed"] and not own:
            doubts = ledger.doubts(ending, target)
            kinds = {"start": "started", "stop": "stopped", "create": "created"}
            moved = [effect for doubt in doubts for effect in ledger.rivals(ending, target, kinds[doubt["operation"]])]
            if not moved and not (doubts and ending.kinds.get(target) == "UnknownOutcomeError"):
                yield f"{target}: says changed, and nothing that it sent took effect; {len(doubts)} writes were in doubt"
        if ending.kinds.get(target) == "UnknownOutcomeError" and not entry["changed"]:
            yield f"{target}: outcome unknown, and yet unchanged"
        if ending.kinds.get(target) == "UnknownOutcomeError" and not ledger.doubts(ending, target):
            yield f"{target}: outcome unknown, with no write in doubt"


def _leaves_no_trace(ledger: Ledger, ending: Ending, target: str) -> bool:
    """Whether nothing that can be read tells of an effect: undone by others before a look, or a slow stop whose last try was lost."""
    if ending.kinds.get(target) != "NoEffectError":
        return False
    undone = ledger.rivals(ending, target, "stopped") and ledger.own(ending, target, "started")
    is_slow = ledger.episode.settings["stop_lag"] + WRITE_LAG > sum(LOOKS)
    return bool(undone or (is_slow and ledger.own(ending, target, "stopped")))


def _writes_once(ledger: Ledger, ending: Ending) -> Iterator[str]:
    state = ending.job.options["state"]
    for target in _targets(ending):
        starts, stops = ledger.own(ending, target, "started"), ledger.own(ending, target, "stopped")
        if len(starts) > 1 + len(ledger.rivals(ending, target, "stopped")):
            yield f"{target}: started {len(starts)} livestreams"
        # One that comes late, after it had to be given up and sent again, hits what was started since.
        in_time = [stop for stop in stops if not ledger.is_late(stop)]
        if len(in_time) > 1 + len(ledger.rivals(ending, target, "started")):
            yield f"{target}: stopped {len(stops)} livestreams"
        if state == "stopped" and starts:
            yield f"{target}: started one, asked to stop"
        for stop in stops:
            if _is_knowingly_anothers(ledger, ending, target, stop):
                yield f"{target}: stopped {stop['livestream_id']}, which had taken the place of the one that it found"
        if state == "started":
            errored = {effect["livestream_id"] for effect in ledger.effects(target, "errored")}
            for stop in stops:
                is_ours_to_stop = stop["livestream_id"] in errored or ledger.is_late(stop)
                if not is_ours_to_stop and not ledger.rivals(ending, target, "started"):
                    yield f"{target}: stopped {stop['livestream_id']}, which was well, asked to start"


def _is_knowingly_anothers(ledger: Ledger, ending: Ending, target: str, stop: dict[str, Any]) -> bool:
    """Whether the task's first read did not show what it stopped, and its last one before the stop did."""
    begun = next(begun for begun, _over, livestream_id in ledger.lives(target) if livestream_id == stop["livestream_id"])
    seen_from = begun + ledger.episode.settings["visible_lag"]
    asked = [entry for entry in ledger.requests(ending) if entry["operation"] == "active" and f"/{target}/" in entry["path"]]
    reads = [e["time"] for e in asked if e["number"] < stop["request"] and e["status"] in (200, 404) and not e["fault"]]
    return bool(reads) and not ledger.is_late(stop) and reads[0] < seen_from <= reads[-1]


def _success_is_true(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.job.check_mode:
        return
    state, lag = ending.job.options["state"], ledger.episode.settings["visible_lag"]
    stop_lag = ledger.episode.settings["stop_lag"]
    for target, entry in _entries(ending).items():
        if entry["error"]:
            continue
        lives = ledger.lives(target)
        if state == "stopped":
            if entry["livestream"]:
                yield f"{target}: stopped, and returns a livestream"
            if not _is_free(sorted((begun + lag, over) for begun, over, _id in lives), ending.began, ending.ended):
                yield f"{target}: stopped, and a livestream was active all the time"
            continue
        found = entry["livestream"] or {}
        of_it = [(begun, over) for begun, over, livestream_id in lives if livestream_id == found.get("id")]
        if not of_it or not (of_it[0][0] <= ending.ended and of_it[0][1] + stop_lag >= ending.began):
            yield f"{target}: {state}, and {found.get('id')} was not active at any moment"
            continue
        if found["status"] not in (("LIVE",) if ending.job.options.get("wait") else STARTED):
            yield f"{target}: {state}, and the status is {found['status']}"
        if state == "restarted" and of_it[0][0] < ending.began - lag:
            yield f"{target}: restarted, and {found['id']} was there before"


def _is_free(taken: list[tuple[float, float]], began: float, ended: float) -> bool:
    """Whether some moment between two is in none of the sorted intervals."""
    moment = began
    for begun, over in taken:
        if begun > moment:
            break
        moment = max(moment, over)
    return moment <= ended


def _names_are_once(ledger: Ledger, ending: Ending) -> Iterator[str]:
    lag = ledger.episode.settings["visible_lag"]
    for target, entry in _entries(ending).items():
        created = ledger.own(ending, target, "created")
        if len(created) > 1:
            yield f"{target}: created {len(created)} times"
        if created:
            earlier = [effect for effect in ledger.effects(target, "created") if effect["time"] < created[0]["time"]]
            if any(effect["time"] + lag < ending.began for effect in earlier):
                yield f"{target}: created, and it was there before"
            if earlier and not _is_reported(ending, target, [*earlier, created[0]]):
                yield f"{target}: created a twin of {earlier[0]['livestream_id']}, and does not say so"
        if entry["error"] is None and not ending.job.check_mode:
            found = ledger.episode.livestreams.get((entry["livestream"] or {}).get("id"))
            if found is None or found.name != target or found.meeting_id:
                yield f"{target}: present, and returns {entry['livestream']}"


def _is_reported(ending: Ending, target: str, twins: list[dict[str, Any]]) -> bool:
    """Whether the task fails with two ids (of three twins one may not show yet), or says that it could not look."""
    error = (_entries(ending)[target]["error"] or {}).get("message", "")
    could_not_look = any(target in warning and "could not be read" in warning for warning in ending.warnings)
    names_two = sum(twin["livestream_id"] in error for twin in twins) > 1
    return names_two or could_not_look or ending.kinds.get(target) == "UnknownOutcomeError"


# Of tasks that read


def _reads_what_is(ledger: Ledger, ending: Ending) -> Iterator[str]:
    options, livestreams = ending.job.options, ledger.episode.livestreams
    lag = ledger.episode.settings["visible_lag"]
    found = [livestream["id"] for livestream in ending.result.get("livestreams", ())]
    if len(found) != len(set(found)):
        yield "returns a livestream twice"
    for livestream_id in found:
        if livestream_id not in livestreams:
            yield f"returns {livestream_id}, which does not exist"
    if ending.failed or "meeting_id" in options or "status" in options:
        return
    for livestream in livestreams.values():
        wanted = (
            livestream.id in options["livestream_id"]
            if "livestream_id" in options
            else livestream.name == options.get("name", livestream.name) and not (options.get("exclude_meetings") and livestream.meeting_id)
        )
        # Without paging a list that grows while it is read cannot be told from one that has ended.
        is_steady = ledger.episode.calm or not ledger.episode.settings["omit_paging"]
        if wanted and is_steady and livestream.created_at + lag < ending.began and livestream.id not in found:
            yield f"leaves out {livestream.id}"
        if livestream.id in found and not wanted:
            yield f"returns {livestream.id}, which was not asked for"


CHECKS = {
    "rtk_meeting_livestream": (_changed_is_honest, _writes_once, _success_is_true),
    "rtk_livestream": (_changed_is_honest, _names_are_once),
    "rtk_livestream_info": (_reads_what_is,),
}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be true of every episode. Each check yields a sentence for each violation, with the task it is about."""

from __future__ import annotations

import json
from typing import Any, Iterator

from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS

from chaos import rules
from chaos.bounds import longest, longest_wait
from chaos.episode import WRITE_LAG, Episode
from chaos.ledger import Ledger, find_entries, find_targets
from chaos.task import Ending

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
        bound = longest_wait(ledger, ending)
        if ending.ended - done > bound:
            yield f"waited for {ending.ended - done:.0f} seconds; {bound:.0f} are promised"


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
    if list(find_entries(ending)) != find_targets(ending):
        yield f"answers for {list(find_entries(ending))}, not for {find_targets(ending)}"
    if ("livestream" in ending.result) != (len(find_targets(ending)) == 1 and "names" not in ending.job.options):
        yield "has 'livestream' where it should not, or not where it should"
    failed = {target for target, entry in find_entries(ending).items() if entry["error"]}
    if failed != set(ending.kinds) or bool(failed) != ending.failed:
        yield f"says failed={ending.failed}, with errors for {sorted(failed)}"
    if ending.result["changed"] != any(entry["changed"] for entry in find_entries(ending).values()):
        yield "says of the whole something else than of its parts"


def _keeps_its_word(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.job.number in ledger.episode.sure and ending.failed:
        yield f"fails where patience is enough: {ending.result['msg']}"
    if ending.job.number in ledger.episode.again and ending.result.get("changed") and not ending.job.check_mode:
        (first,) = (each for each in ledger.episode.endings if each.job.number == ledger.episode.again[ending.job.number])
        # After a doubtful write it may take what the first one has just done for its own.
        if not first.failed and not any(ledger.doubts(ending, target) for target in find_targets(ending)):
            yield "changes what the same task has just left"


# Of tasks that write


def _changed_is_honest(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.job.check_mode:
        return
    for target, entry in find_entries(ending).items():
        own = ledger.own(ending, target, "started", "stopped", "created")
        if own and not entry["changed"] and not _leaves_no_trace(ledger, ending, target):
            yield f"{target}: says unchanged, and it {[effect['kind'] for effect in own]}"
        if entry["changed"] and not own:
            doubts = ledger.doubts(ending, target)
            kinds = {"start": "started", "stop": "stopped", "create": "created"}
            moved = [effect for doubt in doubts for effect in ledger.rivals(ending, target, kinds[doubt["operation"]])]
            if not moved and not (doubts and ending.kinds.get(target) in ("UnknownOutcomeError", "DefectError")):
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
    is_slow = ledger.stop_lag + WRITE_LAG > sum(LOOKS)
    return bool(undone or (is_slow and ledger.own(ending, target, "stopped")))


def _writes_once(ledger: Ledger, ending: Ending) -> Iterator[str]:
    state = ending.job.options["state"]
    for target in find_targets(ending):
        starts, stops = ledger.own(ending, target, "started"), ledger.own(ending, target, "stopped")
        if len(starts) > 1 + len(ledger.rivals(ending, target, "stopped")):
            yield f"{target}: started {len(starts)} livestreams"
        # One that comes late, after it had to be given up and sent again, hits what was started since.
        in_time = [stop for stop in stops if not ledger.is_late(stop)]
        if len(in_time) > 1 + len(ledger.rivals(ending, target, "started")):
            yield f"{target}: stopped {len(stops)} livestreams"
        if state == "stopped" and starts:
            yield f"{target}: started one, asked to stop"
        if state == "started":
            errored = {effect["livestream_id"] for effect in ledger.effects(target, "errored")}
            for stop in stops:
                is_ours_to_stop = stop["livestream_id"] in errored or ledger.is_late(stop)
                if not is_ours_to_stop and not ledger.rivals(ending, target, "started"):
                    yield f"{target}: stopped {stop['livestream_id']}, which was well, asked to start"


def _success_is_true(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.job.check_mode:
        return
    state, lag = ending.job.options["state"], ledger.visible_lag
    stop_lag = ledger.stop_lag
    for target, entry in find_entries(ending).items():
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
    lag = ledger.visible_lag
    for target, entry in find_entries(ending).items():
        created = ledger.own(ending, target, "created")
        if len(created) > 1:
            yield f"{target}: created {len(created)} times"
        if created:
            earlier = [effect for effect in ledger.effects(target, "created") if effect["time"] < created[0]["time"]]
            if any(effect["time"] + lag < ending.began for effect in earlier):
                yield f"{target}: created, and it was there before"
            if earlier and not _is_reported(ending, target, ledger.effects(target, "created")):
                yield f"{target}: created a twin of {earlier[0]['livestream_id']}, and does not say so"
        if entry["error"] is None and not ending.job.check_mode:
            found = ledger.episode.livestreams.get((entry["livestream"] or {}).get("id"))
            if found is None or found.name != target or found.meeting_id:
                yield f"{target}: present, and returns {entry['livestream']}"


def _is_reported(ending: Ending, target: str, twins: list[dict[str, Any]]) -> bool:
    """Whether the task fails with two ids (of three twins one may not show yet), or says that it could not look."""
    error = (find_entries(ending)[target]["error"] or {}).get("message", "")
    could_not_look = any(target in warning and "could not be read" in warning for warning in ending.warnings)
    names_two = sum(twin["livestream_id"] in error for twin in twins) > 1
    return names_two or could_not_look or ending.kinds.get(target) == "UnknownOutcomeError"


# Of tasks that read


def _reads_what_is(ledger: Ledger, ending: Ending) -> Iterator[str]:
    options, livestreams, settings = ending.job.options, ledger.episode.livestreams, ledger.episode.settings
    lag = ledger.visible_lag
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
        # Without a true count a list that grows while it is read cannot be told from one that has ended.
        is_counted = not settings["omit_paging"] and settings["paging_count"] == "true"
        is_steady = ledger.episode.calm or is_counted
        if wanted and is_steady and livestream.created_at + lag < ending.began and livestream.id not in found:
            yield f"leaves out {livestream.id}"
        if livestream.id in found and not wanted:
            yield f"returns {livestream.id}, which was not asked for"


CHECKS = {
    "rtk_meeting_livestream": (
        _changed_is_honest,
        _writes_once,
        _success_is_true,
        rules.looks_before_repeating,
        rules.writes_on_fresh_state,
        rules.writes_in_the_end,
        rules.stops_only_its_own,
        rules.names_both,
        rules.restarts_with_its_own,
        rules.looks_before_giving_up,
        rules.gives_up_in_time,
    ),
    "rtk_livestream": (
        _changed_is_honest,
        _names_are_once,
        rules.looks_before_repeating,
        rules.writes_on_fresh_state,
        rules.writes_in_the_end,
        rules.creates_what_is_missing,
    ),
    "rtk_livestream_info": (_reads_what_is,),
}

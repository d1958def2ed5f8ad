# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare a task's report with the ledger: its changes, the final state, and its reads."""

from __future__ import annotations

from typing import Any, Iterator

from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import LOOKS

from chaos.drawing import WRITE_LAG
from chaos.ledger import Ledger, is_write
from chaos.targets import find_entries, find_options, find_targets, is_about_no_room, is_refused_whole
from chaos.task import Ending

STARTED = {"LIVE", "INVOKED"}


# Of tasks that write


def changed_is_honest(ledger: Ledger, ending: Ending) -> Iterator[str]:
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
            if (
                not moved
                and not _was_missed(ledger, ending, target)
                and not (doubts and ending.kinds.get(target) in ("UnknownOutcomeError", "DefectError"))
            ):
                yield f"{target}: says changed, and nothing that it sent took effect; {len(doubts)} writes were in doubt"
        if ending.kinds.get(target) == "UnknownOutcomeError" and not entry["changed"]:
            yield f"{target}: outcome unknown, and yet unchanged"
        if ending.kinds.get(target) == "UnknownOutcomeError" and not ledger.doubts(ending, target):
            yield f"{target}: outcome unknown, with no write in doubt"


def _was_missed(ledger: Ledger, ending: Ending, target: str) -> bool:
    """Whether the lists had missed a livestream, and the refusal of the start was lost: then it looks like the task's own."""
    first = next(iter(ledger.trail(ending, target)), None)
    return first is not None and is_write(first) and ledger.count_misses(ending) > 0 and ledger.show(target, first["time"])[0] is not None


def _leaves_no_trace(ledger: Ledger, ending: Ending, target: str) -> bool:
    """Return whether reads cannot show an effect: undone by others before a look, or a slow stop whose last try was lost."""
    if ending.kinds.get(target) != "NoEffectError":
        return False
    undone = ledger.rivals(ending, target, "stopped") and ledger.own(ending, target, "started")
    is_slow = ledger.stop_lag + WRITE_LAG > sum(LOOKS)
    return bool(undone or (is_slow and ledger.own(ending, target, "stopped")))


def writes_once(ledger: Ledger, ending: Ending) -> Iterator[str]:
    state = ending.job.options["state"]
    for target in find_targets(ending):
        starts, stops = ledger.own(ending, target, "started"), ledger.own(ending, target, "stopped")
        if len(starts) > 1 + len(ledger.rivals(ending, target, "stopped")):
            yield f"{target}: started {len(starts)} livestreams"
        # A late stop, after the task sent it again, hits a livestream that was started since.
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


def success_is_true(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A list shows the state of `list_lag` seconds before. A task's own writes count from their effect on."""
    if ending.job.check_mode:
        return
    for target, entry in find_entries(ending).items():
        if not entry["error"]:
            own = [effect["time"] for effect in ledger.own(ending, target, "started", "stopped") if not ledger.is_late(effect)]
            check = _is_stopped if ending.job.options["state"] == "stopped" else _is_started
            yield from (f"{target}: {text}" for text in check(ledger, ending, target, max([ledger.find_first_sight(ending), *own])))


def _is_stopped(ledger: Ledger, ending: Ending, target: str, since: float) -> Iterator[str]:
    named = find_options(ending, target).get("livestream_id")
    left = find_entries(ending)[target]["livestream"]
    if left and named in (None, left["id"]):
        yield "stopped, and returns a livestream"
    if not _is_free(ledger, target, since, ending.ended, named) and not _is_missed_twice(ledger, ending, target):
        yield "stopped, and a livestream was active all the time"


def _is_started(ledger: Ledger, ending: Ending, target: str, since: float) -> Iterator[str]:
    found, state = find_entries(ending)[target]["livestream"] or {}, ending.job.options["state"]
    if not _is_active(ledger, target, found.get("id"), since, ending.ended):
        yield f"{state}, and {found.get('id')} was not active at any moment"
        return
    goal = {"LIVE"} if ending.job.options.get("wait") else STARTED
    if found["status"] not in goal & ledger.find_statuses(found["id"], since, ending.ended):
        yield f"{state}, and the status is {found['status']}"
    begun = min(begun for begun, _over, livestream_id in ledger.lives(target) if livestream_id == found["id"])
    if state == "restarted" and begun < ending.began - ledger.visible_lag:
        yield f"restarted, and {found['id']} was there before"


def _is_active(ledger: Ledger, target: str, livestream_id: str | None, since: float, until: float) -> bool:
    """Whether reads showed the livestream at some moment between two, or it was started then."""
    return any(begun <= until and over + ledger.stop_lag >= since for begun, over, each in ledger.lives(target) if each == livestream_id)


def _is_free(ledger: Ledger, target: str, since: float, until: float, named: str | None = None) -> bool:
    """Whether at some moment between two no livestream showed that was not asked to stop, or not the ``named`` one."""
    moment = since
    lives = [(begun + ledger.visible_lag, over) for begun, over, livestream_id in ledger.lives(target) if named in (None, livestream_id)]
    for begun, over in sorted(lives):
        if begun > moment:
            break
        moment = max(moment, over)
    return moment <= until


def _is_missed_twice(ledger: Ledger, ending: Ending, target: str) -> bool:
    """Whether the lists alone have shown none, and their rows moved to other pages both times that they were read."""
    return not ledger.trail(ending, target) and ledger.count_misses(ending) > 1


def names_are_once(ledger: Ledger, ending: Ending) -> Iterator[str]:
    lag = ledger.visible_lag + ledger.list_lag
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
    could_not_look = any(target in warning and "could not check" in warning for warning in ending.warnings)
    names_two = sum(twin["livestream_id"] in error for twin in twins) > 1
    return names_two or could_not_look or ending.kinds.get(target) in ("UnknownOutcomeError", "TaskTimeoutError")


# Of tasks that read


def reads_meetings_as_they_are(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A meeting's livestream was active, or none was, at some moment of the task, or `list_lag` seconds before."""
    if is_about_no_room(ending.job) or is_refused_whole(ending):
        return
    since, livestreams = ledger.find_first_sight(ending), ledger.episode.livestreams
    shown = [livestream for livestream in ending.result.get("livestreams", ()) if livestream["id"] in livestreams]
    for target in find_targets(ending):
        of_it = [livestream for livestream in shown if livestreams[livestream["id"]].meeting_id == target]
        if len(of_it) > 1:
            yield f"{target}: returns {len(of_it)} livestreams"
        is_true = target in ending.kinds or _is_free(ledger, target, since, ending.ended) or _is_missed_twice(ledger, ending, target)
        if not of_it and not is_true:
            yield f"{target}: returns none, and a livestream was active all the time"
        for found in of_it:
            if not _is_active(ledger, target, found["id"], since, ending.ended):
                yield f"{target}: returns {found['id']}, which was not active at any moment"
            elif found["status"] not in ledger.find_statuses(found["id"], since, ending.ended):
                yield f"{target}: returns {found['id']} as {found['status']}, which it was not at any moment"
            elif found["playback_url"] != livestreams[found["id"]].playback_url:
                yield f"{target}: returns {found['id']} with {found['playback_url']}"


def reads_what_is(ledger: Ledger, ending: Ending) -> Iterator[str]:
    options, livestreams, settings = ending.job.options, ledger.episode.livestreams, ledger.episode.settings
    lag = ledger.visible_lag + ledger.list_lag
    found = [livestream["id"] for livestream in ending.result.get("livestreams", ())]
    if len(found) != len(set(found)):
        yield "returns a livestream twice"
    for livestream_id in found:
        if livestream_id not in livestreams:
            yield f"returns {livestream_id}, which does not exist"
    if ending.failed or not is_about_no_room(ending.job) or "status" in options:
        return
    # If the API returns livestreams of meetings without their meeting, the task cannot know.
    may_be_omitted = "meeting_id" in settings["list_omits"] or ledger.episode.moves["dialect"]
    is_blind = "exclude_meetings" in settings["list_ignores"] and may_be_omitted
    for livestream in livestreams.values():
        wanted = (
            livestream.id in options["livestream_id"]
            if "livestream_id" in options
            else livestream.name == options.get("name", livestream.name) and not (options.get("exclude_meetings") and livestream.meeting_id)
        )
        # Without a correct count, a growing list looks like one that has ended.
        is_counted = not settings["omit_paging"] and settings["paging_count"] == "true"
        is_steady = ledger.episode.calm or is_counted
        if wanted and is_steady and livestream.created_at + lag < ending.began and livestream.id not in found:
            yield f"leaves out {livestream.id}"
        if livestream.id in found and not wanted and not is_blind:
            yield f"returns {livestream.id}, which was not asked for"

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the results of tasks for meetings with the real effects."""

from __future__ import annotations

from typing import Any, Iterator

from chaos.history import has_fields, has_title, is_active
from chaos.ledger import Ledger
from chaos.meeting_rules import find_wanted
from chaos.targets import find_entries, find_titles
from chaos.task import Ending
from chaos.title_rules import find_window, may_miss

#: The effect of each write.
EFFECTS = {"create_meeting": "meeting_created", "update_meeting": "meeting_updated"}

# Of tasks that write


def changed_is_true(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """It is true if a write took effect. Otherwise it is true only if a lost answer left that open."""
    if ending.job.check_mode:
        return
    entries = find_entries(ending)
    # Other users may give the meeting of one title another title that the task was asked for.
    shared = {entry["meeting_id"] for entry in entries.values() if entry["changed"]}
    for target, entry in entries.items():
        own, kind = ledger.find_caused(ending, target), ending.kinds.get(target)
        doubts = ledger.doubts(ending, target)
        if (
            own
            and not entry["changed"]
            and entry["meeting_id"] not in shared
            and not (kind == "NoEffectError" and _is_undone(ledger, ending, target))
        ):
            yield f"{target}: says unchanged, and {[effect['kind'] for effect in own]}"
        if entry["changed"] and not own and not (doubts and (kind == "UnknownOutcomeError" or _is_done_by_others(ledger, ending, target))):
            yield f"{target}: says changed, and nothing that it sent took effect; {len(doubts)} writes were in doubt"
        if kind == "UnknownOutcomeError" and not (entry["changed"] and doubts):
            yield f"{target}: outcome unknown, changed is {entry['changed']}, and {len(doubts)} writes were in doubt"


def creates_once(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A task creates a title once, unless other users take the title from the meeting that it has created."""
    for title in find_titles(ending.job):
        created = [effect for effect in ledger.find_caused(ending, title) if effect["kind"] == "meeting_created"]
        renamed = [effect for effect in created if not _keeps(ledger, ending, effect, has_title(title))]
        if len(created) > 1 + len(renamed):
            yield f"{title}: created {len(created)} times"


def reports_its_twin(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A task that has created a meeting beside an ACTIVE one of this title says so, unless it says that it could not look."""
    for title in find_titles(ending.job):
        for effect in ledger.find_caused(ending, title):
            if effect["kind"] != "meeting_created" or not _keeps(ledger, ending, effect, is_active(title)):
                continue
            found = ledger.history.find_always(effect["time"], ending.ended, is_active(title))
            twins = [each for each in found if each != effect["meeting_id"]]
            lost = ending.kinds.get(title) in ("UnknownOutcomeError", "TaskTimeoutError", "NoEffectError")
            has_looked = not any(title in warning and "could not check" in warning for warning in ending.warnings)
            said = (find_entries(ending)[title]["error"] or {}).get("message", "")
            is_named = sum(each in said for each in [*twins, effect["meeting_id"]]) > 1
            if twins and has_looked and not (lost or is_named or may_miss(ledger, effect["time"], ending.ended)):
                yield f"{title}: created a twin of {twins}, and does not say so"


def success_is_what_was_asked(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A reported state was true at some moment of the task, and the returned meeting is the right one."""
    if ending.job.check_mode:
        return
    wanted, since = find_wanted(ending), ledger.find_first_sight(ending)
    for target, entry in find_entries(ending).items():
        if entry["error"]:
            continue
        titled = {"title": target} if find_titles(ending.job) else {}
        meeting = entry["meeting"] or {}
        if wanted["status"] == "INACTIVE" and titled and not meeting:
            if ledger.history.find_always(since, ending.ended, has_title(target)) and not may_miss(ledger, since, ending.ended):
                yield f"{target}: returns no meeting, and one had this title"
            continue
        if not _was_so(ledger, ending, target, since, {**titled, **wanted}):
            yield f"{target}: returns {entry['meeting_id']}, which was not {wanted} at any moment"
        if any(meeting.get(name) != value for name, value in {"id": entry["meeting_id"], **titled, **_without_lag(ending, wanted)}.items()):
            yield f"{target}: returns {meeting}, asked for {wanted}"


def _was_so(ledger: Ledger, ending: Ending, target: str, since: float, fields: dict[str, Any]) -> bool:
    """Whether a meeting had all of the fields at some moment, or one after the other if other users changed it between read and update."""
    meeting_id, trail = find_entries(ending)[target]["meeting_id"], ledger.trail(ending, target)
    moments = [entry["time"] for entry in trail if entry["operation"] in ("get_meeting", "update_meeting")]
    is_disturbed = (
        any(min(moments) <= effect["time"] <= max(moments) for effect in _find_others(ledger, ending, target)) if moments else False
    )
    parts = [{name: value} for name, value in fields.items()] if is_disturbed else [fields]
    return all(ledger.history.was(meeting_id, since, ending.ended, has_fields(part)) for part in parts)


def _without_lag(ending: Ending, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that the returned meeting must show. A row without a change has all, and one that stays INACTIVE its status."""
    return {"status": "INACTIVE"} if wanted["status"] == "INACTIVE" else wanted


def _keeps(ledger: Ledger, ending: Ending, effect: dict[str, Any], test: Any) -> bool:
    """Whether a meeting that was created passed the test until the task ended."""
    begun = max(effect["time"] + ledger.visible_lag, effect["time"])
    return begun > ending.ended or effect["meeting_id"] in ledger.history.find_always(begun, ending.ended, test)


def _is_undone(ledger: Ledger, ending: Ending, target: str) -> bool:
    """Whether other users changed the same meeting while the task ran."""
    return bool(_find_others(ledger, ending, target))


def _is_done_by_others(ledger: Ledger, ending: Ending, target: str) -> bool:
    """Whether another user did what a lost write was to do."""
    kinds = {EFFECTS[entry["operation"]] for entry in ledger.doubts(ending, target)} | {"meeting_updated"}
    return any(effect["kind"] in kinds for effect in _find_others(ledger, ending, target))


def _find_others(ledger: Ledger, ending: Ending, target: str) -> list[dict[str, Any]]:
    begins = ending.began - ledger.visible_lag - ledger.list_lag
    meeting_id = (find_entries(ending).get(target) or {}).get("meeting_id")
    own = {effect["meeting_id"] for effect in ledger.find_caused(ending, target)} | {meeting_id}
    return [
        effect
        for effect in ledger.episode.effects
        if effect["kind"] in EFFECTS.values()
        and (effect["meeting_id"] in own or effect["name"] == target)
        and ledger.owner(effect) != ending.job.number
        and begins <= effect["time"] <= ending.ended
    ]


# Of tasks that read


def reads_titles_as_they_are(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """rtk_meeting_info returns what had the title at some moment of the task, and all that had it all the time."""
    options, (since, until) = ending.job.options, find_window(ledger, ending)
    found = [meeting["id"] for meeting in ending.result.get("meetings", ())]
    if len(found) != len(set(found)):
        yield f"returns a meeting twice: {found}"
    if ending.failed:
        return
    fields = {name: options[name] for name in ("title", "status") if name in options}
    for meeting_id in found:
        if not ledger.history.was(meeting_id, since, until, has_fields(fields)):
            yield f"returns {meeting_id}, which did not have {fields}"
    settings = ledger.episode.settings
    is_told = not {*fields} & {*settings["meetings_list_omits"]} & {*settings["meeting_omits"]}
    missing = {*ledger.history.find_always(since, until, has_fields(fields))} - {*found}
    if missing and is_told and not may_miss(ledger, since, until):
        yield f"leaves out {sorted(missing)}"


def reads_every_app(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """rtk_app_info returns every app once, oldest first."""
    found = tuple(app["id"] for app in ending.result.get("apps", ()))
    if not ending.failed and found != ledger.episode.apps:
        yield f"returns {found}, and the apps are {ledger.episode.apps}"

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules for every episode. Each check yields a sentence for each violation, with its task."""

from __future__ import annotations

import json
from typing import Any, Iterator

from chaos import meeting_outcomes, meeting_rules, outcomes, rules, title_rules, waits, webhook_outcomes, webhook_rules
from chaos.bounds import longest, longest_wait
from chaos.episode import Episode
from chaos.ledger import REFUSALS, Ledger, is_write
from chaos.rules import MOMENTS
from chaos.targets import ENTRIES, WRITERS, find_asked, find_entries, find_targets, find_titles, is_about_no_room, is_refused_whole
from chaos.task import LATENCY, Ending

#: The key under which the result of one target has it.
SINGLE = dict.fromkeys(ENTRIES, "livestream") | {"rtk_meeting": "meeting", "rtk_webhook": "webhook"}


def violations(episode: Episode) -> Iterator[tuple[Ending | None, str]]:
    """Every violation, with the task whose it is or None."""
    ledger = Ledger(episode)
    yield from ((None, text) for text in _one_active(ledger))
    for ending in sorted(episode.endings, key=lambda ending: ending.job.number):
        for check in OF_ANY_TASK:
            yield from ((ending, text) for text in check(ledger, ending))
        if not ending.crash:
            for check in CHECKS[ending.job.module]:
                yield from ((ending, text) for text in check(ledger, ending))


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

    if ending.job.options.get("wait") and not ending.job.check_mode:
        done, bound = max(ending.done.values(), default=ending.began), longest_wait(ledger, ending)
        if ending.ended - done > bound:
            yield f"waited for {ending.ended - done:.0f} seconds; {bound:.0f} are promised"


def _begins_nothing_after_its_time(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """After `task_timeout` no request leaves, and a target that says "Not begun" has cost none."""
    if ending.job.lifetime is None:
        return
    over = ending.began + ending.job.lifetime + LATENCY + MOMENTS
    late = [entry["number"] for entry in ledger.requests(ending) if entry["time"] > over]
    if late:
        yield f"sends {late} after its task_timeout"
    for target, entry in find_entries(ending).items():
        if entry["error"] and entry["error"]["message"].startswith("Not begun") and _is_begun(ledger, ending, target):
            yield f"{target}: says that it was not begun, and has cost a request"


def _is_begun(ledger: Ledger, ending: Ending, target: str) -> bool:
    """Whether a request was about this target alone. The reads that find a title or name are about all of them."""
    shared = {"list", "list_meetings", "list_webhooks", "get_webhook", *(["get_meeting"] if find_titles(ending.job) else [])}
    own = [entry for entry in ledger.requests(ending) if entry["operation"] not in shared and entry["path"].endswith(f"/meetings/{target}")]
    return bool(own) or any(entry["operation"] not in shared for entry in ledger.trail(ending, target))


def _heeds_a_refusal(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Once the API has refused the token, no other request leaves. If it has refused a write, reads may go on."""
    for refusal in ledger.requests(ending):
        if refusal["status"] not in REFUSALS:
            continue
        heeded = refusal["time"] + 2 * LATENCY + MOMENTS
        for entry in ledger.requests(ending):
            if entry["time"] > heeded and (is_write(entry) or not is_write(refusal)):
                yield f"request #{entry['number']} was sent after #{refusal['number']} had shown that the token is refused"
        return


def _heeds_silence(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """If the API has answered nothing, a task ends once one request has used up its tries."""
    requests, at_a_time = ledger.requests(ending), ending.job.options.get("concurrency", 8)
    has_answer = any(entry["status"] is not None for entry in requests)
    if not has_answer and len(requests) > (ending.job.retries + 1) * at_a_time:
        yield f"sends {len(requests)} requests to an API that answers none"


def _hides(ledger: Ledger, ending: Ending) -> Iterator[str]:
    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: bare(item) for key, item in value.items() if key != "stream_key" or not ending.job.options.get("return_stream_key")
            }
        return [bare(item) for item in value] if isinstance(value, (list, tuple)) else value

    shown = json.dumps([bare({key: value for key, value in ending.result.items() if key != "diff"}), ending.warnings, ending.crash])
    shown += json.dumps(ending.result.get("diff"))  # a diff never has keys
    if ledger.episode.token in shown:
        yield "shows the token"
    if any(key in shown for key in ledger.episode.keys):
        yield "shows a stream key"


def _leaves_alone_in_check_mode(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.job.check_mode or ending.job.module not in WRITERS:
        writes = [f"{entry['method']} {entry['path']}" for entry in ledger.requests(ending) if entry["method"] != "GET"]
        if writes:
            yield f"may not write, and sends {writes}"


def _answers_for_each_target(ledger: Ledger, ending: Ending) -> Iterator[str]:
    module, is_list = ending.job.module, {"names", "titles"} & {*ending.job.options}
    has_no_entries = is_refused_whole(ending) or (module == "rtk_livestream_info" and is_about_no_room(ending.job))
    if module not in SINGLE or ending.crash or has_no_entries:
        return
    entries, targets = find_entries(ending), find_targets(ending)
    if list(entries) != targets or len(targets) != len(find_asked(ending.job)):
        yield f"answers for {list(entries)}, not for {targets}"
    failed = {target for target, entry in entries.items() if entry["error"]}
    if failed != set(ending.kinds) or bool(failed) != ending.failed:
        yield f"says failed={ending.failed}, with errors for {sorted(failed)}"
    if module == "rtk_livestream_info":
        return
    if (SINGLE[module] in ending.result) != (len(targets) == 1 and not is_list):
        yield f"has {SINGLE[module]!r} where it should not, or not where it should"
    if ending.result["changed"] != any(entry["changed"] for entry in entries.values()):
        yield "says of the whole something else than of its parts"


def _keeps_its_word(ledger: Ledger, ending: Ending) -> Iterator[str]:
    if ending.job.number in ledger.episode.sure and ending.failed:
        yield f"fails where patience is enough: {ending.result['msg']}"
    if ending.job.number in ledger.episode.again and ending.result.get("changed") and not ending.job.check_mode:
        (first,) = (each for each in ledger.episode.endings if each.job.number == ledger.episode.again[ending.job.number])
        # After a doubtful write it may take what the first one has just done for its own.
        if not first.failed and not any(ledger.doubts(ending, target) for target in find_targets(ending)):
            yield "changes what the same task has just left"


OF_ANY_TASK = (
    _ends,
    _begins_nothing_after_its_time,
    _heeds_a_refusal,
    _heeds_silence,
    _hides,
    _leaves_alone_in_check_mode,
    _answers_for_each_target,
    _keeps_its_word,
)
OF_TITLES = (
    title_rules.means_the_only_one,
    title_rules.refuses_twins,
    title_rules.says_why,
    title_rules.refuses_one_meeting_twice,
)
CHECKS = {
    "rtk_meeting_livestream": (
        outcomes.changed_is_honest,
        outcomes.writes_once,
        outcomes.success_is_true,
        rules.looks_before_repeating,
        rules.writes_on_fresh_state,
        rules.writes_in_the_end,
        rules.stops_only_its_own,
        rules.names_both,
        rules.restarts_with_its_own,
        rules.starts_under_its_name,
        rules.stops_only_what_is_named,
        *OF_TITLES,
        waits.waits_from_the_end_of_its_work,
        waits.looks_before_giving_up,
        waits.waits_until_it_is_gone,
        waits.gives_up_in_time,
        waits.ends_once_all_are_there,
    ),
    "rtk_livestream": (
        outcomes.changed_is_honest,
        outcomes.names_are_once,
        rules.looks_before_repeating,
        rules.writes_on_fresh_state,
        rules.writes_in_the_end,
        rules.creates_what_is_missing,
        rules.sees_what_it_creates,
    ),
    "rtk_livestream_info": (outcomes.reads_what_is, outcomes.reads_meetings_as_they_are, *OF_TITLES),
    "rtk_meeting": (
        meeting_outcomes.changed_is_true,
        meeting_outcomes.creates_once,
        meeting_outcomes.reports_its_twin,
        meeting_outcomes.success_is_what_was_asked,
        meeting_rules.rests_on_fresh_state,
        meeting_rules.creates_what_no_list_shows,
        meeting_rules.sends_what_differs,
        meeting_rules.writes_to_its_targets,
        rules.looks_before_repeating,
        rules.writes_in_the_end,
        *OF_TITLES,
    ),
    "rtk_meeting_info": (meeting_outcomes.reads_titles_as_they_are,),
    "rtk_app_info": (meeting_outcomes.reads_every_app,),
    "rtk_webhook": (
        webhook_outcomes.changed_is_true,
        webhook_outcomes.foresees_in_check_mode,
        webhook_outcomes.creates_once,
        webhook_outcomes.reports_its_twin,
        webhook_outcomes.success_is_what_was_asked,
        webhook_outcomes.says_why,
        webhook_rules.looks_before_repeating,
        webhook_rules.rests_on_fresh_state,
        webhook_rules.creates_what_no_list_shows,
        webhook_rules.changes_only_what_has_the_name,
        webhook_rules.sends_what_differs,
        rules.writes_in_the_end,
    ),
    "rtk_webhook_info": (webhook_outcomes.reads_webhooks_as_they_are,),
}

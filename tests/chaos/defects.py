# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Defects to plant in the collection, and what a violation has to say of each."""

from __future__ import annotations

from ansible_collections.streamops.realtimekit.plugins.module_utils._api import paging
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import (
    decisions,
    livestreams,
    meeting_livestreams,
    names,
    snapshot,
    waiting,
    writes,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import Done, Fail, SendAgain
from ansible_collections.streamops.realtimekit.plugins.module_utils._http import client, exchange, failures
from ansible_collections.streamops.realtimekit.plugins.module_utils._task import results
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream_info, rtk_meeting_livestream

from chaos.meeting_defects import MEETING_DEFECTS
from chaos.planted import (
    SHOWS_INTERIM,
    ChangesByReading,
    CreatesBlindly,
    CreatesOnOldState,
    Patch,
    ReadsOnePage,
    ReadsWithDefect,
    StartsAgainAfterConflict,
    StartsBlindly,
    StopsOnOldState,
    accept_any_start,
    believe_count,
    decide_in_doubt,
    doubt_opening,
    expire_without_a_look,
    forget_the_time,
    ignore_check_mode,
    need_nothing,
    read_lists_once,
    refuse_interim,
    say_not_begun,
    say_not_sent,
    stop_what_the_lists_show,
    stop_whatever_runs,
    work_as,
)
from chaos.planting import Defect, has_breaks, has_interim, has_lag, has_limit, has_many_rooms, has_pages, has_storm
from chaos.webhook_defects import WEBHOOK_DEFECTS

DEFECTS = {
    # rule 1
    "a start is sent again blindly": Defect(6, "the state was not read in between", make=StartsBlindly),
    "a create is sent again blindly": Defect(14, "the state was not read in between", make=CreatesBlindly),
    "a lost answer is no reason to look": Defect(2, "the state was not read in between", (decide_in_doubt(SendAgain()),)),
    "a start is sent again after a conflict": Defect(5, "the state was not read in between", make=StartsAgainAfterConflict),
    # rule 2
    "a stop rests on an old state": Defect(2, "seconds before", make=StopsOnOldState),
    "a create rests on an old state": Defect(1, "seconds before", make=CreatesOnOldState, where=has_limit),
    "a state that is too old is not read again": Defect(2, "never finds the time", (Patch(decisions, "REREADS", 0),)),
    "a stop rests on the lists": Defect(
        13, "before anything was read|seconds before", (Patch(rtk_meeting_livestream, "ensure_stopped", stop_what_the_lists_show),)
    ),
    "the order of a list is taken for granted": Defect(
        22,
        "the list has shown",
        (Patch(livestreams._Catalog, "_is_sorted", property(lambda self: True, lambda self, value: None)),),
        where=lambda draft: "sort_order" in draft.settings.list_ignores,
    ),
    # rule 3
    "a stop goes on until nothing runs": Defect(7, "and the task had found", (Patch(meeting_livestreams, "Write", stop_whatever_runs),)),
    "a restart accepts any livestream": Defect(22, "started by another user", (Patch(meeting_livestreams, "_start", accept_any_start),)),
    "the old livestream counts as the new one": Defect(
        1,
        "the status is|not active at any|was there before",
        (Patch(waiting.Wait, "_is_live", lambda self, outcome, state: state is not None),),
    ),
    # rule 4
    "a defect in a read is a change": Defect(
        1, "says changed, and nothing", (Patch(writes, "Attempt", ChangesByReading),), make=ReadsWithDefect
    ),
    "changed is always true": Defect(1, "says changed, and nothing", (work_as(True),)),
    "changed is never true": Defect(1, "says unchanged", (work_as(False),)),
    "a lost answer is a failure": Defect(6, "says unchanged", (decide_in_doubt(Fail.REFUSED),)),
    "a lost answer is a success": Defect(2, "says changed, and nothing", (decide_in_doubt(Done(by_us=True)),)),
    "a 1xx is an answer": Defect(68, "", (SHOWS_INTERIM,), where=has_interim),
    "a 1xx is a refusal": Defect(7, "says unchanged", (SHOWS_INTERIM, Patch(client, "unwrap", refuse_interim)), where=has_interim),
    # rule 5
    "a wait ends without a last look": Defect(9, "timed out", (Patch(waiting.Wait, "_expire", expire_without_a_look),)),
    "a wait does not end": Defect(6, "goes on looking", (Patch(waiting.Wait, "_expire", lambda self: None),)),
    "one look has to be enough": Defect(
        6, r"says unchanged|created \d+ times|started \d+ live", (Patch(decisions, "LOOKS", (0.0,)),), where=has_lag
    ),
    "a list that is behind ends a wait": Defect(
        517, "timed out", (Patch(waiting, "LAG", 0.0),), where=lambda draft: has_many_rooms(draft) and not draft.last_reads
    ),
    "a wait takes its time": Defect(5, "seconds after all have shown", (Patch(waiting, "PATIENCE", 1.0), Patch(waiting, "INTERVAL", 15.0))),
    # the lists
    "one reading of several pages proves that none is active": Defect(
        13,
        "active all the time",
        (Patch(snapshot, "read_lists", read_lists_once), Patch(waiting, "read_lists", read_lists_once)),
        where=lambda draft: has_many_rooms(draft) and draft.settings.list_turns_idle > 0,
    ),
    "a row without its meeting is passed over": Defect(
        7,
        "active all the time",
        (Patch(snapshot, "NEEDED", frozenset()),),
        where=lambda draft: draft.size.is_large and "meeting_id" in draft.settings.list_omits,
    ),
    "a row without what is asked for will do": Defect(
        332,
        "returns .* with None",
        (Patch(rtk_livestream_info, "take_snapshot", need_nothing),),
        where=lambda draft: draft.size.is_large and "playback_url" in draft.settings.list_omits,
    ),
    # the end
    "a task goes on after its time": Defect(4, "after its task_timeout", make=forget_the_time, where=has_storm),
    "a target that was begun says that it was not": Defect(
        83, "not begun, and has cost", (Patch(meeting_livestreams, "work_on", say_not_begun),), where=has_storm
    ),
    "a refused token is used again": Defect(
        14, "shown that the token is refused", (Patch(client, "is_shared", lambda error: False),), where=has_storm
    ),
    "an API that answers nothing is asked again": Defect(
        93, "an API that answers none", (Patch(client.Client, "refusal", property(lambda self: self._refusal)),), where=has_storm
    ),
    # connections
    "a connection that did not open leaves doubt": Defect(
        7, "says changed, and nothing|no write in doubt", (Patch(failures, "_sort_opening", doubt_opening),), where=has_breaks
    ),
    "a request that has left counts as not sent": Defect(
        2, "the state was not read in between", (Patch(exchange, "sort_failure", say_not_sent),)
    ),
    # the rest
    "nothing is retried": Defect(1, "patience is enough", (Patch(client, "is_retryable", lambda method, error: False),)),
    "what is still stopping is not waited for": Defect(5, "patience is enough", (Patch(decisions, "SETTLE", ()),)),
    "twins are not looked for": Defect(16, "does not say so", (Patch(names, "_look_for_twins", lambda *args: None),)),
    "a listing ends with its first page": Defect(6, "leaves out", make=ReadsOnePage, where=has_pages),
    "a count of rows is believed": Defect(15, "leaves out|the list has shown", (Patch(paging, "_is_last", believe_count),)),
    "check mode writes": Defect(11, "may not write", (Patch(rtk_meeting_livestream, "ensure_started", ignore_check_mode),)),
    **MEETING_DEFECTS,
    **WEBHOOK_DEFECTS,
    "stream keys are shown": Defect(5, "shows a stream key", (Patch(results, "show", lambda livestream, **_kwargs: livestream),)),
}

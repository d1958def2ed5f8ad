# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Defects to plant in tasks on meetings and titles, and what a violation has to say of each."""

from __future__ import annotations

from functools import partial

from ansible_collections.streamops.realtimekit.plugins.module_utils._api import apps
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import meetings, names, updates
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.titles import Titles
from ansible_collections.streamops.realtimekit.plugins.modules import (
    rtk_meeting,
    rtk_meeting_info,
    rtk_meeting_livestream,
)

from chaos import meeting_planted as planted
from chaos.drawing import Draft
from chaos.planted import Patch
from chaos.planting import Defect, has_limit, has_pages, has_storm


def has_whole_rows(draft: Draft) -> bool:
    """Whether the rows of a list have all that an update could rest on."""
    return not draft.settings.meetings_list_omits


MEETING_DEFECTS = {
    # rule 1
    "a meeting is created again blindly": Defect(15, r"created \d+ times", make=planted.use(planted.CreatesBlindly)),
    "an update is sent again blindly": Defect(12, "the state was not read in between", make=planted.use(planted.UpdatesBlindly)),
    # rule 2
    "a meeting is created on an old state": Defect(
        313, r"#\d+ writes on what", make=planted.use(planted.CreatesOnOldState), where=has_limit
    ),
    "an update rests on an old state": Defect(91, r"#\d+ writes on what", make=planted.use(planted.UpdatesOnOldState), where=has_limit),
    "an update rests on a list": Defect(7, "before anything was read", make=planted.use(planted.TakesOldRows), where=has_whole_rows),
    "a search ends with its first page": Defect(1, "the lists have shown", make=planted.use(planted.FindsOnePage), where=has_pages),
    "an update sends what is there": Defect(1, "did not have to change", (Patch(updates, "find_changes", planted.send_everything),)),
    "a meeting is created without its settings": Defect(
        1, "creates a meeting with", (Patch(Titles, "create", planted.create_without_settings),)
    ),
    "a meeting is created to be inactive": Defect(
        40, "creates a meeting, which was not asked for", (Patch(meetings, "_is_missing", planted.miss_what_is_inactive),)
    ),
    # rule 4
    "an update is never a change": Defect(
        1, r"says unchanged, and \['meeting_", (planted.ensure_titles_as(partial(planted.mark, changed=False)),)
    ),
    "a title is always a change": Defect(1, "says changed, and nothing", (planted.ensure_titles_as(partial(planted.mark, changed=True)),)),
    # titles
    "the first of two meetings is taken": Defect(54, "two meetings have this title", planted.TAKES_THE_FIRST, where=has_storm),
    "a title that two meetings have is taken for one": Defect(
        59, r"is taken for .* had this title", planted.TAKES_THE_FIRST, where=has_storm
    ),
    "letter case makes no difference": Defect(2, "which did not have this title", (Patch(Titles, "find", planted.find_any_case),)),
    "an inactive meeting is none": Defect(
        7, "says that no meeting has", (Patch(Titles, "find", planted.find_active_only),), where=has_storm
    ),
    "an error about two meetings names none": Defect(
        4, r"and names \[\]", (Patch(names, "DuplicateNameError", planted.name_none),), where=has_storm
    ),
    "another run's meeting is taken for the task's own": Defect(
        1, "was not .* at any moment|asked for", (Patch(meetings, "_find_differing", planted.leave_what_was_found),)
    ),
    "twins of a title are not looked for": Defect(
        16, r"created a twin of \[", (Patch(names, "_look_for_twins", lambda *args: None),), where=has_storm
    ),
    "a title that fails is left out": Defect(4, r"answers for", (planted.ensure_titles_as(planted.drop_failures),), where=has_storm),
    # rooms
    "rooms are refused": Defect(1, "refuses valid options", (Patch(rtk_meeting_livestream, "find_rooms", planted.refuse_rooms),)),
    "a room's own name is ignored": Defect(
        21, "is started under the name", (Patch(rtk_meeting_livestream, "parse_rooms", planted.parse_without_entries),)
    ),
    "a named livestream is no limit": Defect(7, "was to be stopped", (Patch(rtk_meeting_livestream, "ensure_stopped", planted.stop_any),)),
    # the rest
    "a second run changes a meeting again": Defect(1, "changes what the same task", make=planted.use(planted.ReadsNumbersAsText)),
    "check mode writes to meetings": Defect(108, "may not write", (Patch(rtk_meeting, "ensure_titles", planted.write_in_check_mode),)),
    "a list of meetings ends with its first page": Defect(60, r"^leaves out \[", make=planted.use(planted.FindsOnePage), where=has_pages),
    "a title is not compared": Defect(
        15, "which did not have", (Patch(rtk_meeting_info, "check_name", lambda option, value: planted.Anything(value)),)
    ),
    "a list of apps ends with its first page": Defect(
        126, "and the apps are", (Patch(apps, "read_pages", planted.read_one_page),), where=has_pages
    ),
}

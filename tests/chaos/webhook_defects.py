# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Defects to plant in tasks on webhooks, and what a violation has to say of each."""

from __future__ import annotations

from ansible_collections.streamops.realtimekit.plugins.module_utils._api import webhooks as api
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import webhooks
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_webhook, rtk_webhook_info

from chaos import webhook_planted as planted
from chaos.drawing import Draft
from chaos.planted import Patch
from chaos.planting import Defect, has_limit, has_storm


def use(kind: type[api.Webhooks]) -> tuple[Patch, ...]:
    """These webhooks of the API for each task."""
    return (Patch(rtk_webhook, "Webhooks", kind), Patch(rtk_webhook_info, "Webhooks", kind))


def has_twins(draft: Draft) -> bool:
    """Whether the API accepts a second webhook of a name."""
    return not (draft.calm or draft.settings.webhook_names_unique)


def lacks_fields(draft: Draft) -> bool:
    """Whether a row of the list lacks a field that decides."""
    return bool({"name", "events", "url"} & {*draft.settings.webhooks_list_omits})


WEBHOOK_DEFECTS = {
    # rule 1
    "a webhook is created again blindly": Defect(7, r"created \d+ times|not read in between", use(planted.CreatesBlindly)),
    "a webhook is changed again blindly": Defect(15, "the state was not read in between", use(planted.UpdatesBlindly)),
    "a webhook is deleted again blindly": Defect(2, "the state was not read in between", use(planted.DeletesBlindly)),
    # rule 2
    "a webhook is created on an old state": Defect(1, r"#\d+ writes on what", use(planted.CreatesOnOldState), where=has_limit),
    "a webhook is changed on an old state": Defect(143, r"#\d+ writes on what", use(planted.UpdatesOnOldState), where=has_limit),
    "a webhook is deleted on an old state": Defect(63, r"#\d+ writes on what", use(planted.DeletesOnOldState), where=has_limit),
    "an update of a webhook rests on the list": Defect(1, "before anything was read", use(planted.TakesOldRows)),
    "a row without a name is passed over": Defect(10, "the list has shown", use(planted.PassesRowsOver), where=lacks_fields),
    "the order of events is a difference": Defect(
        6, "did not have to change", (Patch(api, "normalize_webhook", planted.normalize_in_any_order),)
    ),
    # rule 3
    "a webhook that was renamed is deleted": Defect(
        43, "is delete_webhook of .* shown as", (Patch(webhooks, "_exists", planted.exists_under_any_name),), where=has_storm
    ),
    "a webhook that was renamed is changed": Defect(
        1, "is update_webhook of .* shown as", (Patch(webhooks, "update", planted.update_under_any_name),), where=has_storm
    ),
    # rule 4
    "a change of a webhook is none": Defect(1, r"says unchanged, and \['webhook_", planted.say(changed=False)),
    "a webhook is always a change": Defect(1, "says changed, and nothing", planted.say(changed=True)),
    "check mode foresees nothing": Defect(9, "would say changed=False", planted.say(changed=False)),
    "a webhook is not as reported": Defect(
        1, "asked for|at any moment", (Patch(webhooks, "_update", planted.accept_any_result),), where=has_storm
    ),
    # names
    "letter case makes no difference for a webhook": Defect(
        1, "asked for|shown as", (Patch(webhooks._Catalog, "find", planted.find_any_case),)
    ),
    "one of several webhooks is deleted": Defect(
        4, r"absent, .* had this name", (Patch(webhooks._Catalog, "find", planted.find_first),), where=has_twins
    ),
    "the first of two webhooks is taken": Defect(
        4, r"returns .*, and \[.*\] had this name", (Patch(webhooks._Catalog, "find", planted.find_first),), where=has_twins
    ),
    # the rest
    "a webhook that is gone fails every task": Defect(
        23, "fails because another webhook is gone|patience is enough", use(planted.FailsWithAnyRow), where=lacks_fields
    ),
    "check mode writes to webhooks": Defect(9, "may not write", planted.ensure_as(check_mode=False)),
    "a list of webhooks ends with its first row": Defect(4, r"^returns \[.*were there", use(planted.ShowsOneRow)),
}

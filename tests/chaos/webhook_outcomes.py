# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the results of tasks for webhooks with the real effects."""

from __future__ import annotations

from typing import Any, Iterator

from chaos.history import has_fields, has_name
from chaos.ledger import Entry, Ledger, is_write
from chaos.task import Ending
from chaos.webhook_rules import find_settings

#: The failures of a task that could not look for a twin, or did not see its own webhook.
WITHOUT_A_LOOK = ("UnknownOutcomeError", "TaskTimeoutError", "NoEffectError")

# Of tasks that write


def changed_is_true(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """It is true if a write took effect. Otherwise it is true only if a lost answer left that open."""
    if ending.job.check_mode:
        return
    changed, own, kind = ending.result["changed"], ledger.find_caused(ending, _find_name(ending)), _find_kind(ending)
    doubts, others = ledger.doubts(ending, _find_name(ending)), _find_others(ledger, ending)
    if own and not changed and not (kind == "NoEffectError" and others):
        yield f"says unchanged, and {[effect['kind'] for effect in own]}"
    if changed and not own and not (doubts and (kind == "UnknownOutcomeError" or others)):
        yield f"says changed, and nothing that it sent took effect; {len(doubts)} writes were in doubt"
    if kind == "UnknownOutcomeError" and not (changed and doubts):
        yield f"outcome unknown, changed is {changed}, and {len(doubts)} writes were in doubt"


def foresees_in_check_mode(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """Check mode says what the task would do, as long as other users leave the webhooks alone."""
    if not ending.job.check_mode or ending.failed or _find_others(ledger, ending):
        return
    name, since = _find_name(ending), ledger.find_first_sight(ending)
    wanted = has_fields({"name": name, **find_settings(ending)}) if _is_present(ending) else has_name(name)
    found = ledger.webhooks.find_always(since, ending.ended, wanted)
    if ending.result["changed"] != (not found if _is_present(ending) else bool(found)):
        yield f"would say changed={ending.result['changed']}, and {found} are as asked for"


def creates_once(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A task creates a name once, unless other users take the webhook or its name away."""
    created = [effect for effect in ledger.find_caused(ending, _find_name(ending)) if effect["kind"] == "webhook_created"]
    lost = [effect for effect in created if not _keeps_its_name(ledger, ending, effect)]
    if len(created) > 1 + len(lost):
        yield f"created {len(created)} times"


def reports_its_twin(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A task that has created a webhook beside another one of this name says so, unless it says that it could not look."""
    name, said = _find_name(ending), ending.result.get("msg", "")
    for effect in ledger.find_caused(ending, name):
        if effect["kind"] != "webhook_created" or not _keeps_its_name(ledger, ending, effect):
            continue
        twins = [each for each in ledger.webhooks.find_always(effect["time"], ending.ended, has_name(name)) if each != effect["webhook_id"]]
        has_looked = not any("could not check" in warning for warning in ending.warnings) and _find_kind(ending) not in WITHOUT_A_LOOK
        if twins and has_looked and not sum(each in said for each in [*twins, effect["webhook_id"]]) > 1:
            yield f"created a twin of {twins}, and does not say so: {said}"


def success_is_what_was_asked(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """A reported state was true at some moment of the task, and nothing else had the name all the time."""
    if ending.job.check_mode or ending.failed:
        return
    name, webhook, since = _find_name(ending), ending.result["webhook"], ledger.find_first_sight(ending)
    left = ledger.webhooks.find_always(since, ending.ended, has_name(name))
    if not _is_present(ending):
        if webhook or left:
            yield f"absent, returns {webhook}, and {left} had this name"
        return
    wanted = {"name": name, **find_settings(ending)}
    if webhook is None or any(webhook[field] != value for field, value in wanted.items()):
        yield f"returns {webhook}, asked for {wanted}"
    elif not _was_so(ledger, ending, webhook["id"], since, wanted):
        yield f"returns {webhook['id']}, which was not {wanted} at any moment"
    elif {*left} - {webhook["id"]}:
        yield f"returns {webhook['id']}, and {left} had this name"


def says_why(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """The reason of a failure was true at some moment."""
    name, kind, said, webhooks = _find_name(ending), _find_kind(ending), ending.result.get("msg", ""), ledger.webhooks
    since, until = ledger.find_first_sight(ending), ending.ended
    ever = webhooks.find_ever(since - ledger.list_lag, until, has_name(name))
    if kind == "DuplicateNameError" and sum(each in said for each in ever) < 2:
        yield f"says that several webhooks have this name, and {ever} had it: {said}"
    if kind == "InvalidInputError":
        last = max(entry["time"] for entry in ledger.requests(ending) if ledger.is_clear_read(entry))
        if {"url", "events"} <= {*ending.job.options} or webhooks.find_always(since, last, has_name(name)):
            yield f"says that no webhook has this name, and lacks options: {said}"
    if kind == "OtherNameError" and not any(each in said and webhooks.find_always(since, until, has_name(name)) != [each] for each in ever):
        yield f"says that a webhook has another name: {said}"
    if kind == "NotFoundError" and not any(each in said for each in ever):
        yield f"fails because another webhook is gone: {said}"


def _was_so(ledger: Ledger, ending: Ending, webhook_id: str, since: float, fields: dict[str, Any]) -> bool:
    """Whether a webhook had all of the fields at some moment, or one after the other if other users changed it."""
    parts = [{name: value} for name, value in fields.items()] if _find_others(ledger, ending) else [fields]
    return all(ledger.webhooks.was(webhook_id, since, ending.ended, has_fields(part)) for part in parts)


def _keeps_its_name(ledger: Ledger, ending: Ending, effect: Entry) -> bool:
    """Whether a webhook that was created kept its name until the task ended."""
    begun = effect["time"] + ledger.visible_lag
    return begun > ending.ended or effect["webhook_id"] in ledger.webhooks.find_always(begun, ending.ended, has_name(_find_name(ending)))


def _find_others(ledger: Ledger, ending: Ending) -> list[Entry]:
    """What other users did to webhooks that had the name, or that the task wrote to, while it ran or shortly before."""
    begins = ending.began - ledger.visible_lag - ledger.list_lag
    written = {entry["path"].rpartition("/")[2] for entry in ledger.requests(ending) if is_write(entry)}
    named = {*ledger.webhooks.find_ever(begins, ending.ended, has_name(_find_name(ending)))}
    return [
        effect
        for effect in ledger.episode.effects
        if effect.get("webhook_id") in named | written
        and ledger.owner(effect) != ending.job.number
        and begins <= effect["time"] <= ending.ended
    ]


def _find_name(ending: Ending) -> str:
    return str(ending.job.options["name"])


def _find_kind(ending: Ending) -> str | None:
    return ending.kinds.get(_find_name(ending))


def _is_present(ending: Ending) -> bool:
    return bool(ending.job.options["state"] == "present")


# Of tasks that read


def reads_webhooks_as_they_are(ledger: Ledger, ending: Ending) -> Iterator[str]:
    """rtk_webhook_info returns what was asked for as it was at some moment of the task, and all that was there all the time."""
    options, since, until = ending.job.options, ledger.find_first_sight(ending), ending.ended
    fields = {{"webhook_id": "id"}.get(option, option): options[option] for option in ("webhook_id", "name") if option in options}
    found, always = ending.result.get("webhooks", []), ledger.webhooks.find_always(since, until, has_fields(fields))
    if ending.kinds and "NotFoundError" in ending.kinds.values() and (always or "id" not in fields):
        yield f"says that a webhook is missing, and {always} were there: {ending.result['msg']}"
    if ending.failed:
        return
    ids = [webhook["id"] for webhook in found]
    if len(ids) != len({*ids}) or {*always} - {*ids}:
        yield f"returns {ids}, and {always} were there"
    for webhook in found:
        shown = {field: webhook[field] for field in ("id", "name", "url", "events", "enabled")}
        if not ledger.webhooks.was(webhook["id"], since, until, has_fields({**shown, **fields})):
            yield f"returns {webhook}, which was not so at any moment"

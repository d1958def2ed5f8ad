# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Ensure that one webhook exists by name with these settings, or that none has this name."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .._api.shapes import merge
from .._api.webhooks import WEBHOOK_FIELDS, Webhook, Webhooks
from .._errors import ConflictError, InvalidInputError, NotFoundError, OtherNameError, RealtimeKitError, StoppedError
from .._http.client import Departure
from .decisions import LOOKS
from .names import Words, create_missing, look_up, take
from .targets import Outcome, work_on
from .updates import check_result, find_changes, update
from .writes import Write, Writes

WORDS = Words(
    one="Webhook",
    are_named="webhooks are named",
    advice="Delete all of them with rtk_webhook and state=absent, then create the one you want",
    field="name",
)


def ensure_present(webhooks: Webhooks, name: str, settings: Mapping[str, Any], *, check_mode: bool = False) -> Outcome:
    """Ensure that the only webhook of this name exists with these ``settings``.

    An unchanged webhook costs one request, a new one three, and a changed one four.
    """

    def work(outcome: Outcome) -> None:
        catalog = _Catalog(webhooks, settings)
        look_up(catalog.read, [name])
        if take(catalog, outcome, catalog.find(name)):
            outcome.before = outcome.after
            if outcome.after and find_changes(outcome.after, settings):
                webhooks.client.plan(3)
                _update(webhooks, outcome.after["id"], settings, outcome, check_mode=check_mode)
            return
        webhooks.client.plan(2)
        lacking = [option for option in ("url", "events") if option not in settings]
        if lacking:
            raise InvalidInputError(f"No webhook has the name {name!r}: give {' and '.join(lacking)} to create it")
        if check_mode:
            outcome.after, outcome.changed = {**dict.fromkeys(WEBHOOK_FIELDS), "name": name, **settings}, True
            return
        create_missing(catalog, [outcome])
        if outcome.error or not outcome.after:
            return
        # The answer to a create can be incomplete, and the list was read again since.
        outcome.after = merge(outcome.after, catalog.get(outcome.after["id"]) or outcome.after)
        if find_changes(outcome.after, settings):
            _update(webhooks, outcome.after["id"], settings, outcome, check_mode=False)

    return work_on(webhooks.client, name, work)


def ensure_absent(webhooks: Webhooks, name: str, *, check_mode: bool = False) -> Outcome:
    """Ensure that no webhook has this name. This costs one request, and one more for each deleted webhook."""

    def work(outcome: Outcome) -> None:
        catalog = _Catalog(webhooks, {})
        look_up(catalog.read, [name])
        found = catalog.find(name)
        outcome.before = outcome.after = found[0] if found else None
        webhooks.client.plan(len(found))
        if check_mode:
            outcome.after, outcome.changed = None, bool(found)
            return

        def read(writes: Sequence[Write]) -> tuple[list[bool], float]:
            (write,) = writes
            return [_exists(webhooks, write.target, name)], webhooks.client.sent_at

        # Each webhook has its own reads, because the state of one would become too old while the others are read.
        writes = [(Writes(webhooks.client, read, catalog.sent_at), _build_delete(webhooks, each["id"])) for each in found]
        attempts = [engine.carry_out(write)[0] for engine, write in writes]
        for attempt in attempts:
            failed = outcome.error
            outcome.take_in(attempt)
            outcome.error = failed or outcome.error
        outcome.after = next((each for each, attempt in zip(found, attempts) if attempt.error), None)

    return work_on(webhooks.client, name, work)


def _build_delete(webhooks: Webhooks, webhook_id: str) -> Write:
    def send(departure: Departure) -> bool:
        webhooks.delete(webhook_id, departure=departure)
        return False

    return Write(
        target=webhook_id,
        send=send,
        is_reached=lambda exists: not exists,
        no_effect=f"webhook {webhook_id} still exists",
        # Another user, or a try of ours with a lost answer, may have deleted it.
        conflicts=(NotFoundError, ConflictError),
        settling=(ConflictError,),
    )


def _exists(webhooks: Webhooks, webhook_id: str, name: str) -> bool:
    """Return whether the webhook exists and still has this name. Another user can have renamed it, to keep it."""
    try:
        return webhooks.get(webhook_id)["name"] in (name, None)
    except NotFoundError:
        return False


def _update(webhooks: Webhooks, webhook_id: str, settings: Mapping[str, Any], outcome: Outcome, *, check_mode: bool) -> None:
    """Change the fields that differ from ``settings``. Read again, because an answer can be incomplete and a change can show late.

    If that fails, the last values that were shown decide.
    """

    def check(current: Mapping[str, Any]) -> None:
        if current["name"] not in (outcome.target, None):
            raise OtherNameError(
                f"Webhook {webhook_id} was named {outcome.target!r} and is {current['name']!r} now: another user renamed it. "
                "Run the task again"
            )

    if not update(webhooks, webhook_id, settings, outcome, noun="webhook", check_mode=check_mode, check=check) or outcome.error:
        return
    for pause in LOOKS:
        webhooks.client.sleep(pause)
        try:
            outcome.after = current = webhooks.get(webhook_id)
        except StoppedError:
            raise
        except RealtimeKitError as error:
            if pause == LOOKS[0]:
                outcome.warnings.append(f"Webhook {outcome.target!r} was updated, but could not be read afterwards: {error}")
                return
            break
        check(current)
        if not find_changes(current, settings):
            return
    check_result(f"Webhook {outcome.target!r}", current, settings)


class _Catalog:
    """Webhooks by name, from the list."""

    def __init__(self, webhooks: Webhooks, settings: Mapping[str, Any]) -> None:
        self.client = webhooks.client
        self.words = WORDS
        #: When the request for the list left.
        self.sent_at = 0.0
        self._webhooks = webhooks
        self._settings = settings
        self._rows: dict[str, Webhook] = {}

    def read(self, names: Sequence[str]) -> None:  # noqa: ARG002 (one list serves all names)
        """Read the list again."""
        page = self._webhooks.find()
        self.sent_at = page.sent_at
        self._rows = {webhook["id"]: webhook for webhook in page.rows}

    def find(self, name: str) -> list[Webhook]:
        """Return the webhooks of this name, oldest first."""
        return sorted((row for row in self._rows.values() if row["name"] == name), key=lambda row: str(row["created_at"] or ""))

    def get(self, resource_id: str) -> Webhook | None:
        """Return a webhook from the last read by its id, with any name."""
        return self._rows.get(resource_id)

    def create(self, name: str, *, departure: Departure) -> Webhook:
        """Create a webhook of this name. The API refuses an existing name."""
        return self._webhooks.create(name, self._settings, departure=departure)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The defects of tasks on webhooks."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.streamops.realtimekit.plugins.module_utils._api.webhooks import Webhook, Webhooks, normalize_webhook
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import webhooks
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import NotFoundError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_webhook

from chaos.planted import Patch, again_if_uncertain


class CreatesBlindly(Webhooks):
    def create(self, *args: Any, **kwargs: Any) -> Any:
        return again_if_uncertain(super().create, *args, **kwargs)


class UpdatesBlindly(Webhooks):
    def update(self, *args: Any, **kwargs: Any) -> Any:
        return again_if_uncertain(super().update, *args, **kwargs)


class DeletesBlindly(Webhooks):
    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return again_if_uncertain(super().delete, *args, **kwargs)


class CreatesOnOldState(Webhooks):
    def create(self, *args: Any, departure: Any) -> Any:
        return super().create(*args, departure=departure._replace(leave_by=None))


class UpdatesOnOldState(Webhooks):
    def update(self, *args: Any, departure: Any) -> Any:
        return super().update(*args, departure=departure._replace(leave_by=None))


class DeletesOnOldState(Webhooks):
    def delete(self, *args: Any, departure: Any) -> Any:
        return super().delete(*args, departure=departure._replace(leave_by=None))


class TakesOldRows(Webhooks):
    """A webhook that the list has shown is not read before its update."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._rows: dict[str, Webhook] = {}

    def find(self) -> Any:
        page = super().find()
        self._rows = {row["id"]: row for row in page.rows}
        return page

    def get(self, webhook_id: str) -> Webhook:
        return self._rows.pop(webhook_id, None) or super().get(webhook_id)


class PassesRowsOver(Webhooks):
    """A row that lacks a field is not read separately."""

    def _read_row(self, webhook_id: str) -> Webhook | None:
        return normalize_webhook({"id": webhook_id})


class FailsWithAnyRow(Webhooks):
    """A row that lacks a field and is gone by then fails the task."""

    def _read_row(self, webhook_id: str) -> Webhook | None:
        return self.get(webhook_id)


class ShowsOneRow(Webhooks):
    def find(self) -> Any:
        page = super().find()
        return page._replace(rows=page.rows[:1])


def exists_under_any_name(webhooks_of_app: Webhooks, webhook_id: str, _name: str) -> bool:
    try:
        return bool(webhooks_of_app.get(webhook_id))
    except NotFoundError:
        return False


def update_under_any_name(*args: Any, **options: Any) -> bool:
    return real_update(*args, **{**options, "check": lambda *_fields: None})


real_update = webhooks.update


def accept_any_result(webhooks_of_app: Webhooks, webhook_id: str, settings: Any, outcome: Outcome, *, check_mode: bool) -> None:
    """The first read after an update is believed even if it shows the old values."""
    if real_update(webhooks_of_app, webhook_id, settings, outcome, noun="webhook", check_mode=check_mode, check=lambda *_fields: None):
        outcome.after = webhooks_of_app.get(webhook_id)


def find_any_case(self: Any, name: str) -> list[Webhook]:
    return [row for row in self._rows.values() if str(row["name"]).lower() == name.lower()]


def find_first(self: Any, name: str) -> list[Webhook]:
    return [row for row in self._rows.values() if row["name"] == name][:1]


def normalize_in_any_order(raw: Any) -> Webhook:
    return {**normalize_webhook(raw), "events": raw.get("events")}


def ensure_as(**always: Any) -> tuple[Patch, ...]:
    """Both states, with these options."""

    def change(ensure: Callable[..., Outcome]) -> Callable[..., Outcome]:
        return lambda *args, **options: ensure(*args, **{**options, **always})

    return tuple(Patch(rtk_webhook, name, change(getattr(rtk_webhook, name))) for name in ("ensure_present", "ensure_absent"))


def say(*, changed: bool) -> tuple[Patch, ...]:
    """Both states, with this result."""

    def mark(ensure: Callable[..., Outcome]) -> Callable[..., Outcome]:
        def ensure_and_mark(*args: Any, **options: Any) -> Outcome:
            outcome = ensure(*args, **options)
            outcome.changed = changed
            return outcome

        return ensure_and_mark

    return tuple(Patch(rtk_webhook, name, mark(getattr(rtk_webhook, name))) for name in ("ensure_present", "ensure_absent"))

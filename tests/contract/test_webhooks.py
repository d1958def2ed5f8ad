# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's webhooks, with a plain client and with Cloudflare's own."""

from __future__ import annotations

from typing import Any

import cloudflare
import pytest
from cloudflare import Cloudflare
from simulator.settings import WORDS

FIELDS: dict[str, Any] = {"name": "Bus", "url": "https://hooks.test/in", "events": ["meeting.ended"]}


def create(api: Any, **fields: Any) -> Any:
    return api.call("POST", "webhooks", json={**FIELDS, **fields})


def data(answer: Any) -> Any:
    assert answer.ok, answer.text
    return answer.json()["data"]


def test_webhook_is_created_listed_changed_and_deleted(api: Any, sim: Any, clock: Any) -> None:
    assert data(api.get("webhooks")) == []
    made = create(api)
    assert made.status_code == 201
    one = data(made)
    assert one == {"id": one["id"], **FIELDS, "enabled": True, "created_at": one["created_at"], "updated_at": one["created_at"]}
    clock.step(1)
    path = f"webhooks/{one['id']}"
    changed = data(api.call("PATCH", path, json={"enabled": False}))
    assert changed == {**one, "enabled": False, "updated_at": changed["updated_at"]} == data(api.get(path))
    assert changed["updated_at"] > one["updated_at"]
    assert data(api.get("webhooks")) == [changed]
    assert "paging" not in api.get("webhooks").json()
    assert data(api.call("DELETE", path)) == changed
    assert [api.call(method, path, json={}).status_code for method in ("GET", "PATCH", "DELETE")] == [404] * 3
    assert [effect["kind"] for effect in sim.effects] == ["webhook_created", "webhook_updated", "webhook_deleted"]
    assert {effect["webhook_id"] for effect in sim.effects} == {one["id"]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"secret": "x"}, '"secret" is not allowed'),
        ({"name": None}, '"name" is required'),
        ({"name": ""}, '"name" must be a string'),
        ({"url": "hooks.test"}, '"url" must be a valid uri'),
        ({"events": []}, '"events" does not contain'),
        ({"events": ["meeting.paused"]}, '"events" does not contain'),
        ({"enabled": "yes"}, '"enabled" must be a boolean'),
        ({"enabled": None}, '"enabled" must not be null'),
    ],
)
def test_body_is_checked(api: Any, body: Any, words: str) -> None:
    refused = create(api, **body)
    assert (refused.status_code, words in refused.json()["message"]) == (422, True)


def test_name_in_use_is_refused_unless_the_settings_say_otherwise(api: Any, sim: Any) -> None:
    create(api)
    assert create(api).status_code == 409
    assert create(api, name="bus").status_code == 201
    sim.settings.webhook_names_unique = False
    assert create(api).status_code == 201
    assert len(data(api.get("webhooks"))) == 3


def test_empty_list_may_answer_404(api: Any, sim: Any) -> None:
    sim.settings.empty_404 = ["meetings", "apps"]
    assert api.get("webhooks").status_code == 200
    sim.settings.empty_404 = ["webhooks"]
    assert api.get("webhooks").status_code == 404
    create(api)
    assert len(data(api.get("webhooks"))) == 1


@pytest.mark.parametrize(
    ("echo", "created", "changed"),
    [
        ("id_and_changed", {"id", *FIELDS}, {"id", "enabled"}),
        ("changed", {"id", *FIELDS}, {"enabled"}),
        ("id", {"id"}, {"id"}),
        ("no_data", {"id"}, None),
    ],
)
def test_answer_to_a_write_may_report_only_a_part(api: Any, sim: Any, echo: str, created: set[str], changed: set[str] | None) -> None:
    sim.settings.update_echoes = echo
    one = data(create(api))
    assert set(one) == created
    answer = api.call("PATCH", f"webhooks/{one['id']}", json={"enabled": False}).json()
    assert set(answer.get("data", ())) == (changed or set())
    assert ("data" in answer) == (changed is not None)


@pytest.mark.parametrize("field", WORDS["webhooks_list_omits"])
def test_row_of_the_list_may_lack_a_field(api: Any, sim: Any, field: str) -> None:
    one = data(create(api))
    sim.settings.webhooks_list_omits = [field]
    assert set(one) - set(data(api.get("webhooks"))[0]) == {field}
    assert data(api.get(f"webhooks/{one['id']}")) == one


def test_webhook_shows_late(api: Any, sim: Any, clock: Any) -> None:
    sim.settings.visible_lag, sim.settings.list_lag = 3, 2
    one = data(create(api))["id"]
    shown = []
    for _second in range(6):
        shown.append((api.get(f"webhooks/{one}").status_code, len(data(api.get("webhooks")))))
        clock.step(1)
    assert shown == [(404, 0)] * 3 + [(200, 0)] * 2 + [(200, 1)]


def test_list_shows_a_deleted_webhook_for_a_while(api: Any, sim: Any, clock: Any) -> None:
    sim.settings.list_lag = 2
    one = data(create(api))["id"]
    clock.step(1)
    other = data(create(api, name="Other"))["id"]
    clock.step(2)
    api.call("DELETE", f"webhooks/{one}")
    shown = []
    for _second in range(3):
        shown.append((api.get(f"webhooks/{one}").status_code, [each["id"] for each in data(api.get("webhooks"))]))
        clock.step(1)
    assert shown == [(404, [other, one])] * 2 + [(404, [other])]


def test_create_that_answers_500_and_has_persisted(api: Any, sim: Any) -> None:
    sim.fault("status", "create_webhook", when="after")
    assert create(api).status_code == 500
    assert [webhook["name"] for webhook in data(api.get("webhooks"))] == ["Bus"]


def test_control_acts_as_another_user(api: Any, sim: Any) -> None:
    made = api.control("POST", "webhooks", FIELDS).json()
    assert api.control("GET", "webhooks").json() == {"webhooks": [made]}
    assert api.control("POST", "webhooks", FIELDS).status_code == 409
    assert api.control("DELETE", f"webhooks/{made['id']}").json() == made
    assert api.control("DELETE", f"webhooks/{made['id']}").status_code == 404
    assert {effect["by"] for effect in sim.effects} == {"somebody"}


# Cloudflare's own client


def test_official_client(client: Cloudflare, ids: Any) -> None:
    hooks = client.realtime_kit.webhooks
    made = hooks.create_webhook(**FIELDS, **ids).data
    assert made is not None
    assert (made.name, made.url, made.enabled, made.events) == ("Bus", "https://hooks.test/in", True, ["meeting.ended"])
    changed = hooks.edit_webhook(made.id, enabled=False, **ids).data
    assert changed is not None
    assert (changed.id, changed.enabled) == (made.id, False)
    one = hooks.get_webhook_by_id(made.id, **ids).data
    assert one is not None
    assert one.enabled is False
    listed = hooks.get_webhooks(**ids).data
    assert [each.id for each in listed or []] == [made.id]
    with pytest.raises(cloudflare.ConflictError):
        hooks.create_webhook(**FIELDS, **ids)
    assert hooks.delete_webhook(made.id, **ids).success
    with pytest.raises(cloudflare.NotFoundError):
        hooks.get_webhook_by_id(made.id, **ids)

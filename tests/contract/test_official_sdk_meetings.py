# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cloudflare's own client, for meetings, their sessions, and apps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import cloudflare
import pytest
from cloudflare import Cloudflare
from simulator.meeting_sessions import begin_session, end_session


def test_meetings(client: Cloudflare, ids: Any) -> None:
    meetings = client.realtime_kit.meetings
    made = meetings.create(title="Town hall", persist_chat=True, transcribe_on_end=True, session_keep_alive_time_in_secs=90, **ids).data
    assert made is not None
    assert (made.title, made.status, made.persist_chat, made.record_on_start) == ("Town hall", "ACTIVE", True, False)
    changed = meetings.update_meeting_by_id(made.id, status="INACTIVE", **ids).data
    assert changed is not None
    assert (changed.status, changed.title) == ("INACTIVE", "Town hall")
    one = meetings.get_meeting_by_id(made.id, **ids).data
    assert one is not None
    assert (one.status, one.persist_chat, one.transcribe_on_end, one.session_keep_alive_time_in_secs) == ("INACTIVE", True, True, 90)
    listed = meetings.get(search="town", **ids)
    assert [item.id for item in listed.data] == [made.id]
    assert isinstance(listed.data[0].created_at, datetime)
    assert (listed.paging.total_count, listed.paging.start_offset, listed.paging.end_offset) == (1, 1, 1)


def test_update_that_echoes_only_a_part(client: Cloudflare, ids: Any, sim: Any, meeting: str) -> None:
    sim.settings.update_echoes = "id_and_changed"
    changed = client.realtime_kit.meetings.update_meeting_by_id(meeting, record_on_start=True, **ids).data
    assert changed is not None
    assert (changed.id, changed.record_on_start, changed.title) == (meeting, True, None)
    sim.settings.update_echoes = "no_data"
    assert client.realtime_kit.meetings.update_meeting_by_id(meeting, record_on_start=False, **ids).data is None


def test_update_with_a_null_is_refused(client: Cloudflare, ids: Any, meeting: str) -> None:
    with pytest.raises(cloudflare.UnprocessableEntityError) as refused:
        client.realtime_kit.meetings.update_meeting_by_id(meeting, record_on_start=None, **ids)
    assert refused.value.body == {"message": '[body] "record_on_start" must not be null', "success": False}


def test_active_session(client: Cloudflare, ids: Any, sim: Any, clock: Any, meeting: str) -> None:
    read = client.realtime_kit.active_session.get_active_session
    with pytest.raises(cloudflare.NotFoundError):
        read(meeting, **ids)
    begin_session(sim.world, meeting, 12)
    begin_session(sim.world, meeting, 7)
    clock.step(130)
    session = read(meeting, **ids).data
    assert session is not None
    assert (session.associated_id, session.meeting_display_name, session.organization_id) == (meeting, "Meeting 1", sim.app_id)
    assert (session.status, session.live_participants, session.max_concurrent_participants) == ("LIVE", 7, 12)
    assert (session.minutes_consumed, session.ended_at) == (2, None)
    end_session(sim.world, meeting)
    with pytest.raises(cloudflare.NotFoundError):
        read(meeting, **ids)


def test_apps(client: Cloudflare, sim: Any, clock: Any) -> None:
    clock.step(60)
    other = sim.core.add_app("Conference")
    apps = client.realtime_kit.apps.get
    listed = apps(account_id=sim.account_id)
    assert [(app.id, app.name) for app in listed.data or []] == [(other.id, "Conference"), (sim.app_id, "Simulated app")]
    assert listed.paging is not None
    assert listed.paging.total_count == 2
    oldest = apps(account_id=sim.account_id, sort_order="ASC", per_page=1, page_no=1).data
    assert [app.id for app in oldest or []] == [sim.app_id]
    assert [app.id for app in apps(account_id=sim.account_id, search="confer").data or []] == [other.id]


def test_apps_of_an_account_without_realtimekit(client: Cloudflare, sim: Any) -> None:
    sim.settings.realtimekit_disabled = "realtimekit"
    with pytest.raises(cloudflare.PermissionDeniedError):
        client.realtime_kit.apps.get(account_id=sim.account_id)


def test_its_retries_create_a_meeting_twice(ids: Any, sim: Any) -> None:
    """As with livestreams: the SDK repeats a POST that was answered with a 500 and had persisted."""
    sim.fault("status", "create_meeting", when="after")
    with Cloudflare(api_token=sim.token, base_url=sim.api_url, max_retries=1) as client:
        client.realtime_kit.meetings.create(title="Town hall", **ids)
    assert [(effect["kind"], effect["name"]) for effect in sim.effects] == [("meeting_created", "Town hall")] * 2

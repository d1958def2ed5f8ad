# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract: Cloudflare's own client, generated from Cloudflare's own reference, talks to the simulator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import cloudflare
import pytest
from cloudflare import Cloudflare


def test_start_read_and_stop(client: Cloudflare, ids: Any, sim: Any, clock: Any, meeting: str) -> None:
    livestreams = client.realtime_kit.livestreams
    started = livestreams.start_livestreaming_a_meeting(meeting, name="Show", video_config={"height": 720, "width": 1280}, **ids)
    assert started.success is True
    assert started.data is not None
    assert started.data.status == "INVOKED"
    assert started.data.ingest_server is not None
    assert started.data.ingest_server.startswith("rtmps://")
    assert len(started.data.stream_key or "") == 64
    clock.step(2)
    active = livestreams.get_meeting_active_livestreams(meeting, **ids).data
    assert active is not None
    assert (active.id, active.status, active.name, active.meeting_id) == (started.data.id, "LIVE", "Show", meeting)
    assert isinstance(active.created_at, datetime)
    assert active.created_at.tzinfo is not None
    stopped = livestreams.stop_livestreaming_a_meeting(meeting, **ids)
    assert stopped.data is not None
    assert stopped.data.message
    assert [effect["kind"] for effect in sim.effects] == ["started", "stopped"]


def test_one_livestream_and_its_sessions(client: Cloudflare, ids: Any, clock: Any, meeting: str) -> None:
    livestreams = client.realtime_kit.livestreams
    started = livestreams.start_livestreaming_a_meeting(meeting, **ids).data
    assert started is not None
    assert started.id is not None
    clock.step(5)
    running = livestreams.get_active_livestreams_for_livestream_id(started.id, **ids).data
    assert running is not None
    assert running.session is not None
    assert running.livestream is not None
    assert running.livestream.status == "LIVE"
    one = livestreams.get_livestream_session_for_livestream_id(started.id, **ids).data
    assert one is not None
    assert one.livestream is not None
    assert one.session is not None
    assert one.paging is not None
    assert (one.livestream.id, one.session.livestream_id, one.paging.total_count) == (started.id, started.id, 1)
    assert one.session.ingest_seconds == 3
    assert one.session.id is not None
    session = livestreams.get_livestream_session_details_for_session_id(one.session.id, **ids).data
    assert session is not None
    assert session.livestream_id == started.id


def test_create_and_list(client: Cloudflare, ids: Any, sim: Any, meeting: str) -> None:
    # The SDK has no method for an independent livestream.
    path = f"/accounts/{ids['account_id']}/realtime/kit/{ids['app_id']}/livestreams"
    created: Any = client.post(path, body={"name": "Radio"}, cast_to=object)
    assert created["data"]["status"] == "IDLE"
    sim.world.start(meeting)
    listed = client.realtime_kit.livestreams.get_all_livestreams(exclude_meetings=True, sort_order="ASC", page_no=1, per_page=10, **ids)
    # The SDK types the list as one object, and turns the real answer into a list of such objects.
    rows: Any = listed.data
    assert [row.id for row in rows] == [created["data"]["id"]]


def test_list_in_the_shape_of_the_reference(client: Cloudflare, ids: Any, sim: Any) -> None:
    sim.settings.list_shape = "single"
    sim.world.create("Radio")
    row = client.realtime_kit.livestreams.get_all_livestreams(**ids).data
    assert row is not None
    assert row.paging is not None
    assert (row.name, row.status, row.paging.total_count, row.paging.start_offset, row.paging.end_offset) == ("Radio", "IDLE", 1, 1, 1)


def test_analytics(client: Cloudflare, ids: Any, sim: Any, meeting: str) -> None:
    sim.world.start(meeting)
    livestreams = client.realtime_kit.livestreams
    overall = livestreams.get_livestream_analytics_complete(**ids).data
    assert overall is not None
    assert overall.count == 1
    days = livestreams.get_livestream_analytics_daywise(**ids).data
    assert days is not None
    assert [day.count for day in days] == [1]


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        ({"token": "sim_wrong"}, cloudflare.AuthenticationError),
        ({"account_id": "0" * 32}, cloudflare.PermissionDeniedError),
        ({"app_id": "other"}, cloudflare.NotFoundError),
        ({"meeting": "11111111-1111-4111-8111-111111111111"}, cloudflare.NotFoundError),
    ],
)
def test_refusals_are_the_sdks_errors(sim: Any, ids: Any, meeting: str, spoil: dict[str, str], error: type[Exception]) -> None:
    given = {"token": sim.token, "meeting": meeting, **ids, **spoil}
    with Cloudflare(api_token=given["token"], base_url=sim.api_url, max_retries=0) as client, pytest.raises(error):
        client.realtime_kit.livestreams.get_meeting_active_livestreams(
            given["meeting"], account_id=given["account_id"], app_id=given["app_id"]
        )


def test_conflict_limit_and_outage(client: Cloudflare, ids: Any, sim: Any, meeting: str) -> None:
    start = client.realtime_kit.livestreams.start_livestreaming_a_meeting
    start(meeting, **ids)
    with pytest.raises(cloudflare.ConflictError):
        start(meeting, **ids)
    sim.fault("status", "start", status=503)
    with pytest.raises(cloudflare.InternalServerError):
        start(meeting, **ids)
    sim.fault("drop", "start")
    with pytest.raises(cloudflare.APIConnectionError):
        start(meeting, **ids)
    sim.settings.limit_requests = 1
    with pytest.raises(cloudflare.RateLimitError):
        start(meeting, **ids)


def test_its_retries_create_twice(ids: Any, sim: Any) -> None:
    """Why the collection has its own loop: the SDK repeats a POST whose answer was lost."""
    sim.fault("drop", "create", when="after")
    path = f"/accounts/{ids['account_id']}/realtime/kit/{ids['app_id']}/livestreams"
    with Cloudflare(api_token=sim.token, base_url=sim.api_url, max_retries=1) as client:
        client.post(path, body={"name": "Radio"}, cast_to=object)
    assert [effect["name"] for effect in sim.effects] == ["Radio", "Radio"]

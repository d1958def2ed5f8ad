# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fakes do what the tests rely on them for."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.tests.unit.fakes import MEETING, STARTED, Clock, FakeAPI, build_livestreams, ok, read, start


def test_write_in_check_mode_fails_the_test(clock: Clock) -> None:
    api = FakeAPI(ok(None), STARTED)
    api.is_read_only = True
    livestreams = build_livestreams(api, clock)
    assert livestreams.active(MEETING) is None
    with pytest.raises(pytest.fail.Exception, match="check mode writes"):
        livestreams.start(MEETING)


def test_request_too_many_fails_the_test(clock: Clock) -> None:
    livestreams = build_livestreams(FakeAPI(), clock)
    with pytest.raises(pytest.fail.Exception, match="a request too many"):
        livestreams.active(MEETING)


def test_requests_are_recorded_as_they_were_sent(clock: Clock) -> None:
    api = FakeAPI(ok(None), STARTED)
    livestreams = build_livestreams(api, clock)
    livestreams.active(MEETING)
    livestreams.start(MEETING, name="Main, stage", video_config={"width": 720, "height": 1280})
    assert api.requests == [read(), start(name="Main, stage", video_config={"width": 720, "height": 1280})]
    assert api.writes == api.requests[1:]


def test_only_sleep_moves_the_clock(clock: Clock) -> None:
    begun = clock()
    clock.sleep(1.5)
    assert (clock() - begun, clock.sleeps) == (1.5, [1.5])

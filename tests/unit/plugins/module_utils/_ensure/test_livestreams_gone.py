# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A create that the API no longer offers, while the app exists: 404, 405, 410, and 501."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    GoneError,
    NotBegunError,
    NotFoundError,
    UnknownOutcomeError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import FakeCatalog, rows
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    SEARCH,
    Clock,
    FakeAPI,
    Reply,
    build_livestreams,
    create,
    dropped,
    refusal,
)

each_status = pytest.mark.parametrize("status", [404, 405, 410, 501])

EDGE = {"success": False, "errors": [{"code": 7000, "message": "No route for that URI"}], "messages": [], "result": None}
SAYS = (
    "This API no longer offers independent livestreams. Use a meeting's livestream instead: rtk_meeting creates the meeting, "
    "and rtk_meeting_livestream starts its livestream."
)


@each_status
def test_error_names_the_alternative_and_keeps_what_the_api_said(clock: Clock, status: int) -> None:
    api = FakeCatalog([], Ending(Reply(status, EDGE), 0))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert isinstance(outcome.error, GoneError)
    assert not isinstance(outcome.error, NotFoundError), "the app is not looked for"
    assert str(outcome.error) == f"POST /livestreams answered {status} (code 7000): No route for that URI. {SAYS}"
    details = outcome.error.details()
    assert (details["status"], details["code"], details["message"]) == (status, 7000, "No route for that URI")
    assert not outcome.changed
    assert api.requests == [SEARCH, create("a")]
    assert clock.sleeps == []


@each_status
def test_other_names_are_not_tried_and_those_that_exist_are_found(clock: Clock, status: int) -> None:
    api = FakeCatalog(rows("there"), Ending(refusal(status), 0))
    first, there, second = ensure_present(build_livestreams(api, clock), ["a", "there", "b"])
    assert isinstance(first.error, GoneError)
    assert (there.error, there.changed) == (None, False)
    assert isinstance(second.error, NotBegunError)
    assert SAYS in str(second.error)
    assert api.writes == [create("a")]


@each_status
def test_create_in_doubt_stays_in_doubt(clock: Clock, status: int) -> None:
    """The effect of a lost answer may still show."""
    api = FakeCatalog([], Ending(dropped(), 0), Ending(refusal(status), 0))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert isinstance(outcome.error, UnknownOutcomeError)
    assert "This API no longer offers independent livestreams" in str(outcome.error)
    assert outcome.changed
    assert api.writes == [create("a")] * 2


def test_404_for_an_app_that_nothing_proves_stays_what_it_is(clock: Clock) -> None:
    livestreams = build_livestreams(FakeAPI(refusal(404, "App not found")), clock)
    with pytest.raises(NotFoundError):
        livestreams.create("a")
    assert livestreams.client.refusal is None


@pytest.mark.parametrize("status", [400, 403, 409, 422, 500, 503])
def test_other_refusals_do_not_count_as_gone(clock: Clock, status: int) -> None:
    api = FakeCatalog([], Ending(refusal(status), 0))
    (outcome,) = ensure_present(build_livestreams(api, clock, retries=0), ["a"])
    assert outcome.error is not None
    assert not isinstance(outcome.error, GoneError)

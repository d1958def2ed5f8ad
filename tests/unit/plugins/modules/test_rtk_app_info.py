# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests and results of rtk_app_info, and the errors of other modules if their app does not exist."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ApiError, NotFoundError
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.results import Report
from ansible_collections.streamops.realtimekit.plugins.module_utils._task.run import Task, _look_for_app
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_app_info, rtk_livestream_info, rtk_meeting_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_lists import page
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import build_task, run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    LIST_APPS,
    MEETING,
    NONE_ACTIVE,
    PROVE_APP,
    Clock,
    FakeAPI,
    build_client,
    build_livestreams,
    ok,
    refusal,
)

APP = {"id": "app-1", "name": "Conference", "created_at": "2026-11-20T09:00:00.000Z"}


def test_all_apps_are_listed(clock: Clock) -> None:
    api = FakeAPI(page({**APP, "more": 1}, end=1, total=2), page({"id": "app-2", "name": ["x"]}, end=2, total=2))
    report = run_task(rtk_app_info, api, clock)
    assert report.returns == {"apps": [APP, {"id": "app-2", "name": None, "created_at": None}]}
    assert [sent[1:3] for sent in api.requests] == [
        ("/apps", {"sort_order": "ASC", "page_no": str(number), "per_page": "100"}) for number in (1, 2)
    ]


def test_requests_without_an_app_go_to_the_account(clock: Clock) -> None:
    api = FakeAPI(page(APP))
    client = build_client(api, clock, app_id=None)
    assert run_task_with(client).returns == {"apps": [APP]}
    assert str(api.raw[0].url).partition("?")[0].endswith("/accounts/account-1/realtime/kit/apps")


def run_task_with(client: Any) -> Report:
    return rtk_app_info.run(Task({}, False, Livestreams(client)))


def test_failure_is_raised(clock: Clock) -> None:
    with pytest.raises(ApiError) as caught:
        run_task(rtk_app_info, FakeAPI(refusal(403)), clock)
    assert caught.value.details()["status"] == 403


# An app that does not exist


def report_missing(livestreams: Livestreams) -> Report:
    """A meeting that was looked for, and not found."""
    outcome, other = Outcome(MEETING), Outcome("other")
    try:
        livestreams.meetings.prove(MEETING)
    except NotFoundError as error:
        outcome.error = error
    return Report([outcome, other])


def test_missing_app_is_named_in_place_of_what_is_missing_in_it(clock: Clock) -> None:
    api = FakeAPI(NONE_ACTIVE, refusal(404, "App not found."), ok([]))
    livestreams = build_livestreams(api, clock)
    report = report_missing(livestreams)
    _look_for_app(livestreams, report)
    assert "App not found; the app itself was not found, and rtk_app_info lists the account's apps" in str(report.outcomes[0].error)
    assert report.outcomes[1].error is None
    assert api.requests[1:] == [PROVE_APP, LIST_APPS]


@pytest.mark.parametrize("module", [rtk_meeting_livestream, rtk_livestream_info], ids=lambda module: module.__name__.rpartition(".")[2])
def test_missing_app_is_named_for_each_room(clock: Clock, module: Any) -> None:
    api = FakeAPI(NONE_ACTIVE, refusal(404, "No meeting."), refusal(404, "App not found."), ok([]))
    task = build_task(module, api, clock, meeting_id=[MEETING], **({"state": "stopped"} if module is rtk_meeting_livestream else {}))
    report = module.run(task)
    _look_for_app(task.livestreams, report)
    assert [entry["error"]["message"].partition("; ")[2] for entry in report.returns["meetings"]] == [
        "the app itself was not found, and rtk_app_info lists the account's apps"
    ]


@pytest.mark.parametrize("answer", [ok([]), refusal(422)], ids=["the app exists", "no one knows"])
def test_error_stays_if_the_app_is_not_known_to_be_missing(clock: Clock, answer: Any) -> None:
    livestreams = build_livestreams(FakeAPI(NONE_ACTIVE, answer), clock)
    report = report_missing(livestreams)
    error = report.outcomes[0].error
    _look_for_app(livestreams, report)
    assert report.outcomes[0].error is error


def test_app_in_which_anything_was_found_is_not_looked_for(clock: Clock) -> None:
    api = FakeAPI(ok({}), NONE_ACTIVE)
    livestreams = build_livestreams(api, clock)
    livestreams.meetings.prove(MEETING)
    _look_for_app(livestreams, report_missing(livestreams))
    assert len(api.requests) == 2


def test_app_is_not_looked_for_if_nothing_is_missing(clock: Clock) -> None:
    api = FakeAPI()
    _look_for_app(build_livestreams(api, clock), Report([Outcome("a")]))
    assert api.requests == []

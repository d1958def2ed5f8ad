# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options and results of rtk_livestream. The tests of _ensure/livestreams cover its work."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import InvalidInputError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream
from ansible_collections.streamops.realtimekit.tests.unit.fake_ansible import run_as_module
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import FakeCatalog, created_id
from ansible_collections.streamops.realtimekit.tests.unit.fake_task import build_task, run_task
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OURS,
    SEARCH,
    STREAM_KEY,
    THEIRS,
    TOKEN,
    Clock,
    FakeAPI,
    create,
    livestream,
    refusal,
)

STATES = rtk_livestream.ARGUMENT_SPEC["state"]["choices"]
STUDIO = livestream(OURS, "IDLE", name="studio", stream_key=STREAM_KEY)
in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])

# The requests for an existing livestream, and for a missing one: in a real run, and in check mode.
SENT: dict[str, dict[str, tuple[list[Any], list[Any]]]] = {
    "present": {"studio": ([SEARCH], [SEARCH]), "foyer": ([SEARCH, create("foyer"), SEARCH], [SEARCH])},
}


def run(api: FakeAPI, clock: Clock, **options: Any) -> Any:
    return run_task(rtk_livestream, api, clock, **options)


@in_check_mode_and_not
@pytest.mark.parametrize("name", ["studio", "foyer"])
@pytest.mark.parametrize("state", STATES)
def test_cell(clock: Clock, state: str, name: str, check_mode: bool) -> None:
    api = FakeCatalog([STUDIO])
    report = run(api, clock, check_mode=check_mode, name=name, state=state)
    assert api.requests == SENT[state][name][check_mode]
    (outcome,) = report.outcomes
    assert (outcome.error, outcome.changed) == (None, name == "foyer")
    new_id = None if check_mode else created_id(1)
    assert report.returns["livestream"]["id"] == (OURS if name == "studio" else new_id)
    assert report.returns["livestream"]["name"] == name


@pytest.mark.parametrize("state", STATES)
def test_second_run_is_unchanged(clock: Clock, state: str) -> None:
    api = FakeCatalog([])
    first, second = (run(api, clock, name="foyer", state=state) for _unused in range(2))
    assert (first.outcomes[0].changed, second.outcomes[0].changed) == (True, False)
    assert first.returns["livestream"] == second.returns["livestream"]


def test_one_name(clock: Clock) -> None:
    report = run(FakeCatalog([STUDIO]), clock, name="studio")
    found = report.returns["livestream"]
    assert report.returns == {
        "livestream": found,
        "livestreams": [found],
        "results": [{"name": "studio", "changed": False, "livestream": found, "error": None}],
    }
    assert "stream_key" not in found


def test_name_with_a_comma_is_one_name(clock: Clock) -> None:
    api = FakeCatalog([])
    run(api, clock, name="Hall 1, left")
    assert api.writes == [create("Hall 1, left")]


@pytest.mark.parametrize(
    "options", [{"name": ["studio", "foyer"]}, {"name": {"name": "foyer"}}, {"names": ["studio", {"name": "foyer"}]}], ids=str
)
def test_invalid_name_creates_nothing(monkeypatch: Any, capsys: Any, options: dict[str, Any]) -> None:
    """Ansible would make a text of it, and the API a livestream of that text, for ever."""
    connection = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app-1", "api_url": "http://127.0.0.1:9"}
    ran = run_as_module(monkeypatch, capsys, rtk_livestream.main, {**connection, **options})
    assert ran.failed
    assert "a name must be a string" in ran.result["msg"]
    assert ran.result["error"]["path"] is None  # nothing was sent


@pytest.mark.parametrize("option", ["name", "names"])
def test_no_value_is_bad_input(monkeypatch: Any, capsys: Any, option: str) -> None:
    """Ansible counts an option that is null as given."""
    connection = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app-1", "api_url": "http://127.0.0.1:9"}
    ran = run_as_module(monkeypatch, capsys, rtk_livestream.main, {**connection, option: None})
    assert ran.result["msg"] == "None of name, names has a value, perhaps because a variable is empty: give one of them"
    assert (ran.failed, ran.result["changed"], ran.result["rate_limit"]["requests"]) == (True, False, 0)


def test_number_is_a_name(clock: Clock) -> None:
    api = FakeCatalog([])
    run(api, clock, names=[2026, "Hall"])
    assert api.writes == [create("2026"), create("Hall")]


class BusyCatalog(FakeCatalog):
    """Answers the first creates only once ``concurrency`` of them are on their way, and notes how many were at most."""

    def __init__(self, concurrency: int) -> None:
        super().__init__([])
        self.most = 0
        self._under_way: list[Any] = []
        self._all_are_there = threading.Barrier(concurrency)
        self._waiting = iter(range(concurrency))

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        if request.method != "POST":
            return super().send(request, **options)
        self._under_way.append(request)
        self.most = max(self.most, len(self._under_way))
        if next(self._waiting, None) is not None:
            self._all_are_there.wait(60)
        response = super().send(request, **options)
        self._under_way.remove(request)
        return response


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_names_are_created_side_by_side(clock: Clock, concurrency: int) -> None:
    """At the cost of one listing before them all, and one after."""
    names = [f"room {number}" for number in range(9)]
    api = BusyCatalog(concurrency)
    report = run(api, clock, names=names, concurrency=concurrency)
    assert [(outcome.target, outcome.changed, outcome.error) for outcome in report.outcomes] == [(name, True, None) for name in names]
    assert [each["name"] for each in report.returns["livestreams"]] == names
    assert sorted(api.writes, key=str) == [create(name) for name in names]
    assert [sent for sent in api.requests if sent[0] == "GET"] == [SEARCH, SEARCH]
    assert api.most == concurrency


@pytest.mark.parametrize(("concurrency", "words"), [(0, "is 0"), (33, "is 33")])
def test_concurrency_out_of_range_sends_nothing(monkeypatch: Any, capsys: Any, concurrency: int, words: str) -> None:
    options = {"api_token": TOKEN, "account_id": "account-1", "app_id": "app-1", "name": "a", "api_url": "http://127.0.0.1:9"}
    ran = run_as_module(monkeypatch, capsys, rtk_livestream.main, {**options, "concurrency": concurrency})
    assert (ran.failed, ran.result["msg"]) == (True, f"concurrency {words}: it must be from 1 to 32 at a time")
    assert ran.result["error"]["path"] is None


def test_several_names_in_the_order_given_each_once(clock: Clock) -> None:
    report = run(FakeCatalog([STUDIO]), clock, names=["foyer", "studio", "foyer"])
    assert [(entry["name"], entry["changed"]) for entry in report.returns["results"]] == [("foyer", True), ("studio", False)]
    assert [each["name"] for each in report.returns["livestreams"]] == ["foyer", "studio"]
    assert "livestream" not in report.returns


def test_no_names_ask_for_nothing(clock: Clock) -> None:
    api = FakeAPI()
    assert run(api, clock, names=[]).returns == {"livestreams": [], "results": []}
    assert api.requests == []


def test_one_that_fails_is_null_in_its_place(clock: Clock) -> None:
    twin = livestream(THEIRS, "IDLE", name="studio")
    report = run(FakeCatalog([STUDIO, twin]), clock, names=["studio", "foyer"])
    assert report.returns["livestreams"][0] is None
    assert report.returns["livestreams"][1]["name"] == "foyer"
    failed, created = report.returns["results"]
    assert failed["error"]["message"].startswith("2 independent livestreams are named 'studio'")
    assert (created["error"], created["changed"]) == (None, True)


def test_one_name_that_fails_is_null(clock: Clock) -> None:
    report = run(FakeAPI(refusal(403)), clock, name="studio")
    assert (report.returns["livestream"], report.returns["livestreams"]) == (None, [None])
    assert report.returns["results"][0]["error"]["status"] == 403


class Told(FakeCatalog):
    """Five requests for each second; creates are refused if ``is_revoked``."""

    is_revoked = False

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        told = {"Ratelimit": '"default";r=5;t=1', "Ratelimit-Policy": '"default";q=5;w=1'}
        said = refusal(403) if self.is_revoked and method == "POST" else super().answer(method, path, query, body)
        return said._replace(headers=told)  # type: ignore[union-attr]


@in_check_mode_and_not
@pytest.mark.parametrize(("count", "requests"), [(0, None), (20, 21)])
def test_forecast_counts_the_creates_and_the_search_after_them(clock: Clock, count: int, requests: int | None, check_mode: bool) -> None:
    names = ["studio", *[f"room {number}" for number in range(count)]]
    task = build_task(rtk_livestream, Told([STUDIO]), clock, check_mode=check_mode, names=names)
    rtk_livestream.run(task)
    forecast = task.client.forecast
    assert (forecast and forecast.requests) == requests


def test_names_behind_a_create_that_is_refused_for_the_token_are_not_begun(clock: Clock) -> None:
    api = Told([])
    api.is_revoked = True
    report = run(api, clock, names=["foyer", "hall", "attic"])
    refused, *others = report.outcomes
    assert api.writes == [create("foyer")]
    assert [str(outcome.error) for outcome in others] == [f"Not begun: {refused.error}"] * 2
    assert [entry["error"]["status"] for entry in report.returns["results"]] == [403] * 3


@pytest.mark.parametrize("asked", [False, True])
def test_stream_key_is_returned_on_request(clock: Clock, asked: bool) -> None:
    found = run(FakeCatalog([STUDIO]), clock, name="studio", return_stream_key=asked).returns["livestream"]
    assert found.get("stream_key") == (STREAM_KEY if asked else None)


@in_check_mode_and_not
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"name": ""}, "name has '': a name must not be empty"),
        ({"name": " \t"}, "name has ' \\t': a name must not be empty"),
        ({"names": ["studio", ""]}, "names has '': a name must not be empty"),
    ],
)
def test_bad_input_sends_nothing(clock: Clock, options: dict[str, Any], words: str, check_mode: bool) -> None:
    api = FakeAPI()
    with pytest.raises(InvalidInputError) as caught:
        run(api, clock, check_mode=check_mode, **options)
    assert str(caught.value) == words
    assert api.requests == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of the following is required: name, names"),
        ({"name": "a", "names": ["b"]}, "parameters are mutually exclusive: name|names"),
        ({"name": "a", "state": "absent"}, "value of state must be one of: present, got: absent"),
    ],
)
def test_options_that_ansible_refuses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: dict[str, Any], words: str
) -> None:
    ran = run_as_module(
        monkeypatch, capsys, rtk_livestream.main, {"api_token": TOKEN, "account_id": "account-1", "app_id": "app_1", **options}
    )
    assert (ran.failed, ran.result["msg"]) == (True, words)


def test_defaults() -> None:
    spec = rtk_livestream.ARGUMENT_SPEC
    assert {option: spec[option]["default"] for option in spec if "default" in spec[option]} == {
        "state": "present",
        "concurrency": 8,
        "return_stream_key": False,
    }

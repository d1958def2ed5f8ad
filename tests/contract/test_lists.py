# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists that are late, leave out fields, ignore parameters, or change between two pages."""

from __future__ import annotations

from typing import Any

import pytest
from simulator.settings import WORDS


def statuses(api: Any, **query: str) -> list[tuple[str, str]]:
    """The ids and statuses of *list livestreams*; the count must agree with the rows."""
    document = api.get("livestreams", **query).json()
    assert document["paging"]["total_count"] == len(document["data"])
    return [(row["id"], row["status"]) for row in document["data"]]


def titles(api: Any, **query: str) -> list[str]:
    document = api.get("meetings", **query).json()
    assert document["paging"]["total_count"] == len(document["data"])
    return [row["title"] for row in document["data"]]


# list_lag


def test_list_shows_each_status_late(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.settings.list_lag = 10  # the livestream is LIVE after 2 seconds
    one = api.start(meeting).json()["data"]["id"]
    clock.step(9)
    assert api.active(meeting).json()["data"]["status"] == "LIVE"
    assert statuses(api) == statuses(api, status="INVOKED") == statuses(api, status="LIVE") == []
    clock.step(1)
    assert statuses(api) == statuses(api, status="INVOKED") == [(one, "INVOKED")]
    assert statuses(api, status="LIVE") == []
    clock.step(2)
    assert statuses(api) == statuses(api, status="LIVE") == [(one, "LIVE")]
    assert statuses(api, status="INVOKED") == []
    api.stop(meeting)
    clock.step(9)
    assert api.active(meeting).status_code == 404
    assert api.get(f"livestreams/{one}").json()["data"]["livestream"]["status"] == "OFFLINE"
    assert statuses(api) == statuses(api, status="LIVE") == [(one, "LIVE")]
    clock.step(1)
    assert statuses(api) == statuses(api, status="OFFLINE") == [(one, "OFFLINE")]


def test_list_shows_a_failure_late(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.settings.list_lag, sim.settings.fail_next_starts = 5, 1
    one = api.start(meeting).json()["data"]["id"]
    clock.step(5)
    assert api.active(meeting).json()["data"]["status"] == "ERRORED"
    assert statuses(api, status="ERRORED") == []
    clock.step(2)
    assert statuses(api, status="ERRORED") == [(one, "ERRORED")]


def test_list_shows_a_create_and_forced_changes_late(api: Any, sim: Any, clock: Any) -> None:
    sim.settings.list_lag = 5
    one = api.create(name="Radio").json()["data"]["id"]
    clock.step(3)
    api.control("PATCH", f"livestreams/{one}", {"status": "LIVE", "name": "Television"})
    clock.step(1)
    api.control("PATCH", f"livestreams/{one}", {"status": "IDLE"})
    seen = []
    for seconds in (0.5, 0.5, 2.5, 0.5, 1):
        clock.step(seconds)
        seen.append([(row["name"], row["status"]) for row in api.get("livestreams").json()["data"]])
    assert seen == [[], [("Radio", "IDLE")], [("Radio", "IDLE")], [("Television", "LIVE")], [("Television", "IDLE")]]


def test_list_row_is_wholly_of_its_moment(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    api.start(meeting)
    now = api.get("livestreams").json()["data"]
    clock.step(3)
    assert api.get("livestreams").json()["data"] != now
    sim.settings.list_lag = 3
    assert api.get("livestreams").json()["data"] == now
    sim.settings.list_lag = 4
    assert api.get("livestreams").json()["data"] == []


def test_lags_of_reads_and_of_lists_add_up(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.settings.list_lag, sim.settings.visible_lag = 5, 3
    one = api.start(meeting).json()["data"]["id"]
    clock.step(3)
    assert api.active(meeting).json()["data"]["id"] == one
    clock.step(4)
    assert statuses(api) == []
    clock.step(1)
    assert statuses(api) == [(one, "LIVE")]


def test_list_of_meetings_is_also_late(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.settings.list_lag = 5
    known = titles(api)
    one = api.call("POST", "meetings", json={"title": "Stage"}).json()["data"]["id"]
    api.call("PATCH", f"meetings/{meeting}", json={"title": "Closed", "status": "INACTIVE"})
    clock.step(4)
    assert api.get(f"meetings/{one}").json()["data"]["title"] == "Stage"
    assert api.get(f"meetings/{meeting}").json()["data"]["status"] == "INACTIVE"
    assert titles(api) == known
    assert titles(api, search="Stage") == titles(api, status="INACTIVE") == []
    clock.step(1)
    assert titles(api) == ["Stage", "Meeting 3", "Meeting 2", "Closed"]
    assert (titles(api, search="Stage"), titles(api, status="INACTIVE")) == (["Stage"], ["Closed"])


def test_what_control_adds_has_always_been_there(api: Any, sim: Any, meeting: str) -> None:
    api.control("PATCH", "settings", {"list_lag": 3600})
    one = api.control("POST", "livestreams", {"meeting_id": meeting, "status": "LIVE"}).json()["id"]
    api.control("POST", "meetings", {"title": "Stage"})
    assert statuses(api, status="LIVE") == [(one, "LIVE")]
    assert titles(api)[0] == "Stage"


def test_pages_of_a_late_list_agree_with_its_count(api: Any, sim: Any, clock: Any) -> None:
    sim.settings.list_lag = 5
    made = [sim.world.create().id for _unused in range(5)]
    clock.step(5)
    sim.world.create()
    pages = [api.get("livestreams", sort_order="ASC", page_no=number, per_page=2).json() for number in (1, 2, 3)]
    assert [row["id"] for page in pages for row in page["data"]] == made
    assert {page["paging"]["total_count"] for page in pages} == {5}


# list_omits


@pytest.mark.parametrize("name", WORDS["list_omits"])
def test_list_row_may_lack_a_field(api: Any, sim: Any, meeting: str, name: str) -> None:
    one = sim.world.start(meeting).id
    (whole,) = api.get("livestreams").json()["data"]
    assert api.control("PATCH", "settings", {"list_omits": [name]}).json()["list_omits"] == [name]
    del whole[name]
    assert api.get("livestreams", status="INVOKED").json()["data"] == [whole]
    assert name in api.active(meeting).json()["data"]
    assert name in api.get(f"livestreams/{one}").json()["data"]["livestream"]


def test_list_row_may_have_nothing_but_an_id(api: Any, sim: Any, meeting: str) -> None:
    one = sim.world.start(meeting)
    assert {"id", *WORDS["list_omits"]} == set(one.as_api())
    sim.settings.list_omits = list(WORDS["list_omits"])
    assert api.get("livestreams").json()["data"] == [{"id": one.id}]
    api.control("POST", "reset")
    assert sim.settings.list_omits == []


# list_ignores


def test_list_may_ignore_each_filter(api: Any, sim: Any, clock: Any, meeting: str) -> None:
    sim.world.create("Radio")
    clock.step(60)
    one = sim.world.start(meeting)
    moment = api.get(f"livestreams/{one.id}").json()["data"]["livestream"]["created_at"]
    everything = statuses(api)
    filters = {"status": "INVOKED", "exclude_meetings": "true", "start_time": moment, "end_time": "2020-01-01T00:00:00Z"}
    for name, value in filters.items():
        sim.settings.list_ignores = []
        assert len(statuses(api, **{name: value})) < len(everything)
        assert api.control("PATCH", "settings", {"list_ignores": [name]}).json()["list_ignores"] == [name]
        assert statuses(api, **{name: value}) == everything
        assert len(statuses(api, **filters)) < len(everything)
    sim.settings.list_ignores = list(filters)
    assert statuses(api, **filters) == everything


def test_list_may_ignore_the_order(api: Any, sim: Any) -> None:
    oldest, newest = (sim.world.create().id for _unused in range(2))
    assert [row["id"] for row in api.get("livestreams", sort_order="ASC").json()["data"]] == [oldest, newest]
    sim.settings.list_ignores = ["sort_order"]
    assert [row["id"] for row in api.get("livestreams", sort_order="ASC").json()["data"]] == [newest, oldest]


# list_turns_live and list_turns_idle


def page_ids(api: Any, number: int, **query: str) -> list[str]:
    answer = api.get("livestreams", page_no=number, per_page=2, sort_order="ASC", **query)
    return [row["id"] for row in answer.json()["data"]]


def truth(sim: Any, ids: list[str]) -> list[str]:
    return [sim.world.livestream(livestream_id).status for livestream_id in ids]


@pytest.fixture
def five(sim: Any) -> list[str]:
    """Five started livestreams, each of another meeting, beside two independent ones."""
    for status in ("INVOKED", "LIVE"):
        sim.world.set_status(sim.world.create(), status)
    return [sim.world.start(sim.world.add_meeting().id).id for _unused in range(5)]


def test_livestreams_go_live_between_two_pages(api: Any, sim: Any, clock: Any, five: list[str]) -> None:
    sim.settings.list_turns_live = 2
    assert page_ids(api, 1, exclude_meetings="false", status="INVOKED")[1:] == five[:1]
    assert truth(sim, five) == ["LIVE"] * 2 + ["INVOKED"] * 3
    assert api.active(sim.world.livestream(five[0]).meeting_id).json()["data"]["status"] == "LIVE"
    # Two rows have left the list, so the second page begins two rows later: it skips five[2].
    assert page_ids(api, 2, status="INVOKED") == five[3:]
    assert truth(sim, five) == ["LIVE"] * 4 + ["INVOKED"]
    api.get("meetings")
    assert truth(sim, five) == ["LIVE"] * 4 + ["INVOKED"]
    clock.step(2)
    assert truth(sim, five) == ["LIVE"] * 5
    assert {effect["kind"] for effect in sim.effects} == {"created", "started"}


def test_livestreams_go_off_air_between_two_pages(api: Any, sim: Any, clock: Any, five: list[str]) -> None:
    clock.step(2)
    assert api.control("PATCH", "settings", {"list_turns_idle": 2}).json()["list_turns_idle"] == 2
    live = page_ids(api, 1, status="LIVE")
    assert live[1:] == five[:1]
    assert truth(sim, five) == ["IDLE"] * 2 + ["LIVE"] * 3
    assert api.active(sim.world.livestream(five[0]).meeting_id).status_code == 404
    assert page_ids(api, 2, status="LIVE") == five[3:]  # five[2] is now on the first page
    assert truth(sim, five) == ["IDLE"] * 4 + ["LIVE"]
    stops = [effect for effect in sim.effects if effect["kind"] == "stopped"]
    assert [(effect["livestream_id"], effect["by"], effect["request"]) for effect in stops] == [(one, "somebody", None) for one in five[:4]]
    assert api.start(sim.world.livestream(five[0]).meeting_id).status_code == 201


def test_livestreams_go_live_and_off_air_between_two_pages(api: Any, sim: Any, five: list[str]) -> None:
    sim.settings.list_turns_live, sim.settings.list_turns_idle = 3, 1
    statuses(api)
    assert truth(sim, five) == ["LIVE"] * 3 + ["INVOKED"] * 2
    statuses(api)
    assert truth(sim, five) == ["IDLE", "LIVE", "LIVE", "LIVE", "LIVE"]


def test_livestream_that_is_being_stopped_stays_as_it_is_between_two_pages(api: Any, sim: Any, clock: Any, five: list[str]) -> None:
    sim.settings.update({"list_turns_live": 1, "list_turns_idle": 1, "stop_lag": 9})
    sim.world.stop(sim.world.livestream(five[0]).meeting_id)
    statuses(api)
    assert truth(sim, five) == ["INVOKED", "LIVE", "INVOKED", "INVOKED", "INVOKED"]
    sim.world.stop(sim.world.livestream(five[1]).meeting_id)
    statuses(api)
    assert truth(sim, five) == ["INVOKED", "LIVE", "LIVE", "INVOKED", "INVOKED"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("list_turns_live", -1),
        ("list_turns_idle", 1.5),
        ("list_lag", -1),
        ("list_omits", True),
        ("list_omits", "name"),
        ("list_omits", ["id"]),
        ("list_omits", [["name"]]),
        ("list_ignores", ["page_no"]),
        ("list_ignores", None),
    ],
)
def test_mistake_in_a_setting_of_lists_is_named(api: Any, sim: Any, name: str, value: Any) -> None:
    before = sim.settings.as_dict()
    answer = api.control("PATCH", "settings", {"trim_names": True, name: value})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{name}: must be ")
    assert all(word in answer.json()["error"] for word in WORDS.get(name, ()))
    assert sim.settings.as_dict() == before

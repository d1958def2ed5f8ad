# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Independent livestreams by name: found, created, predicted in check mode, and the cost of each."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.shapes import normalize
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ApiError, DuplicateNameError, OtherNameError
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import FakeCatalog, created_id, page, rows
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    OURS,
    SEARCH,
    THEIRS,
    Clock,
    FakeAPI,
    Reply,
    build_livestreams,
    create,
    dropped,
    livestream,
    ok,
    refusal,
)

STUDIO = livestream(OURS, "IDLE", name="studio", created_at="2026-01-01T00:00:00.000Z", disabled=False)
STAGE = livestream(THEIRS, "LIVE", name="stage", disabled="false")
OF_A_MEETING = livestream("x", "LIVE", name="foyer", meeting_id="bbbb1111-22cc-33dd-44ee-555555ffffff")
OTHERS = [livestream("y", "IDLE"), livestream("z", "IDLE", name=7), livestream("w", "IDLE", name=["foyer"])]

in_check_mode_and_not = pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])


def ensure(api: FakeAPI, clock: Clock, *names: str, check_mode: bool = False) -> list[Outcome]:
    api.is_read_only = check_mode
    return ensure_present(build_livestreams(api, clock), names, check_mode=check_mode)


@in_check_mode_and_not
@pytest.mark.parametrize("names", [["studio"], ["studio", "stage"], ["stage", "studio"]], ids="+".join)
def test_any_number_found_costs_one_listing(clock: Clock, names: list[str], check_mode: bool) -> None:
    api = FakeCatalog([STUDIO, STAGE, OF_A_MEETING, *OTHERS])
    outcomes = ensure(api, clock, *names, check_mode=check_mode)
    assert api.requests == [SEARCH]
    assert clock.sleeps == []
    for name, outcome in zip(names, outcomes):
        assert (outcome.target, outcome.changed, outcome.error, outcome.warnings) == (name, False, None, [])
        assert outcome.before == outcome.after == normalize(STUDIO if name == "studio" else STAGE)


@pytest.mark.parametrize("names", [["foyer"], ["foyer", "yard"]], ids="+".join)
def test_any_number_created_costs_two_listings(clock: Clock, names: list[str]) -> None:
    """A meeting's livestream has the name, and is none of these."""
    api = FakeCatalog([STUDIO, OF_A_MEETING, *OTHERS])
    outcomes = ensure(api, clock, *names)
    assert api.requests == [SEARCH, *map(create, names), SEARCH]
    assert clock.sleeps == [0.0]
    for number, (name, outcome) in enumerate(zip(names, outcomes), start=1):
        assert (outcome.target, outcome.changed, outcome.error, outcome.warnings) == (name, True, None, [])
        assert outcome.before is None
        assert (outcome.after["id"], outcome.after["name"]) == (created_id(number), name)


@pytest.mark.parametrize(("names", "planned"), [(["studio"], None), (["studio", "foyer"], 2), (["foyer", "yard"], 3)])
def test_creates_and_the_look_after_them_are_foreseen(clock: Clock, names: list[str], planned: int | None) -> None:
    """The window has no requests left, so the limit is too small for all of them."""
    used_up = {"Ratelimit": '"default";r=0;t=280', "Ratelimit-Policy": '"default";q=100;w=300'}
    api = FakeAPI(page([STUDIO], headers=used_up))
    livestreams = build_livestreams(api, clock)
    ensure_present(livestreams, names, check_mode=True)
    assert (livestreams.client.forecast and livestreams.client.forecast.requests) == planned
    assert api.requests == [SEARCH]


def test_created_one_has_what_only_the_listing_tells(clock: Clock) -> None:
    """The listing fills in what the answer leaves out, and replaces nothing."""
    listed = livestream(OURS, "LIVE", name="studio", created_at="2026-11-20T09:00:00.000Z", playback_url="https://play.test/listed")
    answered = livestream(OURS, "IDLE", name="studio", playback_url="https://play.test/answered")
    catalog = {"total_count": 1, "start_offset": 1, "end_offset": 1}
    api = FakeAPI(ok([], paging={"total_count": 0, "start_offset": 0, "end_offset": 0}), ok(answered, 201), ok([listed], paging=catalog))
    (created,) = ensure(api, clock, "studio")
    assert (created.changed, created.error) == (True, None)
    assert created.after == {**normalize(answered), "created_at": "2026-11-20T09:00:00.000Z"}


def test_api_that_changes_a_name_fails_it(clock: Clock) -> None:
    """Else each run would create another."""
    renamed = livestream(OURS, name="studio")
    api = FakeAPI(ok([]), ok(renamed, 201))
    (outcome,) = ensure(api, clock, " studio")
    assert isinstance(outcome.error, OtherNameError)
    assert str(outcome.error) == (
        f"Livestream {OURS} was created, but the API named it 'studio', not ' studio'. Use the API's name, or each run creates another one"
    )
    assert (outcome.changed, outcome.after) == (True, normalize(renamed))
    assert api.requests == [SEARCH, create(" studio")]


def test_some_found_and_some_created(clock: Clock) -> None:
    api = FakeCatalog([STUDIO])
    found, created = ensure(api, clock, "studio", "foyer")
    assert api.requests == [SEARCH, create("foyer"), SEARCH]
    assert (found.changed, found.after["id"]) == (False, OURS)
    assert (created.changed, created.after["id"]) == (True, created_id(1))


def test_check_mode_creates_nothing_and_invents_nothing(clock: Clock) -> None:
    api = FakeCatalog([STUDIO])
    found, told = ensure(api, clock, "studio", "foyer", check_mode=True)
    assert api.requests == [SEARCH]
    assert (found.changed, found.after["id"]) == (False, OURS)
    assert (told.changed, told.before, told.after) == (True, None, normalize({"name": "foyer"}))


def test_second_run_is_unchanged(clock: Clock) -> None:
    api = FakeCatalog([])
    first, second = (ensure(api, clock, "foyer", "yard") for _unused in range(2))
    assert [outcome.changed for outcome in first + second] == [True, True, False, False]
    assert [outcome.after["id"] for outcome in first] == [outcome.after["id"] for outcome in second]
    assert api.requests[4:] == [SEARCH]


@pytest.mark.parametrize("name", ["Studio", "studio ", " studio", "studi", "studios"])
def test_name_matches_whole_and_exactly(clock: Clock, name: str) -> None:
    (outcome,) = ensure(FakeCatalog([STUDIO]), clock, name)
    assert outcome.changed
    assert outcome.after["id"] == created_id(1)


def test_name_may_have_commas_and_other_letters(clock: Clock) -> None:
    api = FakeCatalog([])
    ensure(api, clock, "Bühne 1, links")
    assert api.requests[1] == create("Bühne 1, links")


@in_check_mode_and_not
@pytest.mark.parametrize("disabled", [True, "true"])
def test_disabled_one_is_unchanged_with_a_warning(clock: Clock, disabled: Any, check_mode: bool) -> None:
    (outcome,) = ensure(FakeCatalog([{**STUDIO, "disabled": disabled}]), clock, "studio", check_mode=check_mode)
    assert (outcome.changed, outcome.error) == (False, None)
    assert outcome.warnings == [f"Livestream 'studio' ({OURS}) exists and is disabled; the API offers no way to enable it."]


TWIN = "55555555-aaaa-4bbb-8ccc-000000000005"
TWINS = [STUDIO, livestream(TWIN, "IDLE", name="studio")]


@in_check_mode_and_not
def test_several_of_one_name_fail_with_all_ids(clock: Clock, check_mode: bool) -> None:
    api = FakeCatalog([*TWINS, STAGE])
    failed, found = ensure(api, clock, "studio", "stage", check_mode=check_mode)
    assert isinstance(failed.error, DuplicateNameError)
    assert str(failed.error) == (
        f"2 independent livestreams are named 'studio': {OURS} (created 2026-01-01T00:00:00.000Z), {TWIN} (created at an unknown time). "
        "The API cannot delete or rename them: use another name, or use rtk_livestream_info with the id"
    )
    assert (failed.changed, failed.before, failed.after, failed.warnings) == (False, None, None, [])
    assert (found.error, found.after["id"]) == (None, THEIRS)
    assert api.requests == [SEARCH]


def test_row_that_is_listed_twice_is_one(clock: Clock) -> None:
    """New rows can push one onto the next page."""
    more = ok([livestream("y", "IDLE"), STUDIO], paging={"end_offset": 2, "total_count": 3})
    last = ok([STUDIO], paging={"end_offset": 3, "total_count": 3})
    (outcome,) = ensure(FakeAPI(more, last), clock, "studio")
    assert (outcome.error, outcome.after["id"]) == (None, OURS)


@in_check_mode_and_not
@pytest.mark.parametrize("answer", [refusal(401), Reply(500)], ids=["401", "500"])
def test_listing_that_fails_fails_each_name(clock: Clock, answer: Reply, check_mode: bool) -> None:
    api = FakeAPI(*[answer] * 5)
    outcomes = ensure(api, clock, "studio", "stage", check_mode=check_mode)
    for outcome in outcomes:
        assert isinstance(outcome.error, ApiError)
        assert (outcome.changed, outcome.before, outcome.after) == (False, None, None)
    assert api.writes == []


def test_one_that_is_refused_hides_no_other(clock: Clock) -> None:
    api = FakeAPI(
        ok([]),
        refusal(422, "Odd name."),
        ok(livestream(OURS), 201),
        ok([livestream(OURS, name="b")], paging={"end_offset": 1, "total_count": 1}),
    )
    refused, created = ensure(api, clock, "a", "b")
    assert api.requests == [SEARCH, create("a"), create("b"), SEARCH]
    assert (refused.error.message, refused.changed, refused.after) == ("Odd name.", False, None)
    assert (created.error, created.changed, created.after["id"]) == (None, True, OURS)


def test_all_that_are_refused_cost_no_second_listing(clock: Clock) -> None:
    api = FakeAPI(ok([]), refusal(403))
    ensure(api, clock, "a")
    assert api.requests == [SEARCH, create("a")]
    assert clock.sleeps == []


# A created livestream in the list


@pytest.mark.parametrize("listed", ["Main", None])
def test_name_that_the_api_changed_is_known_by_its_id(clock: Clock, listed: str | None) -> None:
    """The answer to the create does not repeat it. Else each run would create one more, and say so truthfully."""
    api = FakeAPI(page(rows("other")), ok({"id": OURS, "status": "IDLE"}, 201), page([*rows("other"), livestream(OURS, name=listed)]))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["Main Stage"])
    assert str(outcome.error) == (
        f"Livestream {OURS} was created, but the API named it {listed!r}, not 'Main Stage'. "
        "Use the API's name, or each run creates another one"
    )
    assert (outcome.changed, outcome.warnings) == (True, [])
    assert api.requests == [SEARCH, create("Main Stage"), SEARCH]


def test_what_is_known_is_not_lost_to_a_row_that_leaves_it_out(clock: Clock) -> None:
    whole = livestream(OURS, "IDLE", name="a", playback_url="https://play.test/x", ingest_server="rtmps://live.test")
    api = FakeAPI(page([]), ok(whole, 201), page([livestream(OURS, "LIVE", name="a", created_at="2026-11-20T09:00:00.000Z")]))
    (outcome,) = ensure_present(build_livestreams(api, clock), ["a"])
    assert outcome.after["playback_url"] == "https://play.test/x"
    assert outcome.after["created_at"] == "2026-11-20T09:00:00.000Z"


def test_name_that_a_later_reading_leaves_out_is_not_forgotten(clock: Clock) -> None:
    """Otherwise it would look as if the API had changed it."""
    named, nameless = livestream(OURS, "IDLE", name="a"), livestream(OURS, "IDLE", name=None)
    (outcome,) = ensure_present(build_livestreams(FakeAPI(page([]), dropped(), page([named]), *[page([nameless])] * 4), clock), ["a"])
    assert (outcome.error, outcome.changed, outcome.after["name"]) == (None, True, "a")

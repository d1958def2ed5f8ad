# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Webhooks under faults: lost answers, names in use, partial echoes, other users, and states that became too old."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.webhooks import Webhooks
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import FRESH, LOOKS
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.webhooks import ensure_absent, ensure_present
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ApiError,
    DefectError,
    DuplicateNameError,
    InterruptError,
    NoEffectError,
    NotFoundError,
    OtherNameError,
    UnknownOutcomeError,
)
from ansible_collections.streamops.realtimekit.tests.unit.fake_catalog import USED_UP
from ansible_collections.streamops.realtimekit.tests.unit.fake_meeting import Ending
from ansible_collections.streamops.realtimekit.tests.unit.fake_webhooks import (
    EVENTS,
    LIST,
    URL,
    FakeWebhooks,
    add,
    change,
    hook,
    hook_id,
    read,
    remove,
)
from ansible_collections.streamops.realtimekit.tests.unit.fakes import (
    UNCERTAIN,
    Answer,
    Clock,
    FakeAPI,
    build_client,
    dropped,
    ok,
    refusal,
    refused,
)

WANTED: dict[str, Any] = {"url": URL, "events": EVENTS, "enabled": True}
CREATE, OFF = add(**WANTED), change(enabled=False)
IN_USE = refusal(409, "A webhook with this name exists")

each_uncertain = pytest.mark.parametrize("answer", UNCERTAIN.values(), ids=UNCERTAIN)
#: An update and a delete have taken effect if the answer says that they succeeded, and nothing else.
UNCLEAR = {name: answer for name, answer in UNCERTAIN.items() if name != "no data"}
each_unclear = pytest.mark.parametrize("answer", UNCLEAR.values(), ids=UNCLEAR)


def build(api: FakeAPI, clock: Clock, **connection: Any) -> Webhooks:
    return Webhooks(build_client(api, clock, **connection))


def present(api: FakeAPI, clock: Clock, settings: dict[str, Any] | None = None, **connection: Any) -> Outcome:
    return ensure_present(build(api, clock, **connection), "Bus", WANTED if settings is None else settings)


def absent(api: FakeAPI, clock: Clock, **connection: Any) -> Outcome:
    return ensure_absent(build(api, clock, **connection), "Bus")


# Create


@each_uncertain
def test_create_without_a_clear_answer_that_has_persisted_is_found(clock: Clock, answer: Callable[[], Answer]) -> None:
    api = FakeWebhooks(endings=[Ending(answer())])
    outcome = present(api, clock)
    assert (outcome.changed, outcome.error) == (True, None)
    assert (outcome.after or {})["id"] == hook_id(101)
    assert api.writes == [CREATE]


@each_uncertain
def test_create_without_a_clear_answer_that_had_no_effect_is_sent_again(clock: Clock, answer: Callable[[], Answer]) -> None:
    api = FakeWebhooks(endings=[Ending(answer(), 0)])
    outcome = present(api, clock)
    assert (outcome.changed, outcome.error) == (True, None)
    assert api.requests[: len(LOOKS) + 3] == [LIST, CREATE, *[LIST] * len(LOOKS), CREATE]


def test_name_that_another_user_takes_first_is_theirs(clock: Clock) -> None:
    api = FakeWebhooks(endings=[Ending(IN_USE, 0)], theirs=[(2, hook(5))])
    outcome = present(api, clock)
    assert (outcome.changed, outcome.error, outcome.after) == (False, None, hook(5))
    assert api.requests == [LIST, CREATE, LIST]


def test_settings_of_the_one_that_another_user_creates_are_changed(clock: Clock) -> None:
    api = FakeWebhooks(endings=[Ending(IN_USE, 0)], theirs=[(2, hook(5, enabled=False))])
    outcome = present(api, clock)
    assert (outcome.changed, outcome.error, outcome.after) == (True, None, hook(5))
    assert api.requests == [LIST, CREATE, LIST, read(5), change(5, enabled=True), read(5)]


def test_name_in_use_that_never_shows_fails_in_the_words_of_the_api(clock: Clock) -> None:
    api = FakeWebhooks(endings=[Ending(IN_USE, 0)] * 3)
    outcome = present(api, clock, retries=1)
    assert isinstance(outcome.error, NoEffectError)
    assert "answered 409 (code 409): A webhook with this name exists; no webhook named 'Bus' has appeared since." in str(outcome.error)
    assert (outcome.changed, len(api.writes)) == (False, 2)


def test_conflict_after_a_lost_answer_is_our_own_webhook(clock: Clock) -> None:
    """It shows so late that the create was sent again."""
    api = FakeWebhooks(endings=[Ending(refusal(500), len(LOOKS) + 1), Ending(IN_USE, 0)])
    outcome = present(api, clock)
    assert (outcome.changed, outcome.error) == (True, None)
    assert api.writes == [CREATE, CREATE]


def test_two_that_are_created_at_one_moment_are_reported(clock: Clock) -> None:
    """If the API does not keep names unique after all."""
    api = FakeWebhooks(theirs=[(2, hook(5))])
    outcome = present(api, clock)
    assert isinstance(outcome.error, DuplicateNameError)
    assert outcome.changed
    assert "Delete all of them with rtk_webhook and state=absent" in str(outcome.error)


@pytest.mark.parametrize("ignored", ["enabled", "events"])
def test_setting_that_a_create_does_not_take_is_changed_afterwards(clock: Clock, ignored: str) -> None:
    """Its answer has only the id, so the list has the other fields."""
    wanted = {"url": URL, "events": ["meeting.ended"], "enabled": False}
    api = FakeWebhooks()
    api.ignored, api.echoed = [ignored], ["id"]
    api_answer = api.answer

    def take_all_updates(method: str, *sent: Any) -> Any:
        api.ignored = [] if method == "PATCH" else [ignored]
        return api_answer(method, *sent)

    api.answer = take_all_updates  # type: ignore[method-assign]
    outcome = present(api, clock, wanted)
    assert (outcome.changed, outcome.error, outcome.before) == (True, None, None)
    assert outcome.after == hook(101, **wanted)
    assert api.writes == [add(**wanted), change(101, **{ignored: wanted[ignored]})]


def test_name_that_the_api_changes_is_reported(clock: Clock) -> None:
    outcome = present(FakeAPI(ok([]), ok(hook(name="bus"), 201), ok([hook(name="bus")])), clock)
    assert isinstance(outcome.error, OtherNameError)
    assert outcome.changed


def test_create_that_is_refused_fails(clock: Clock) -> None:
    outcome = present(FakeWebhooks(endings=[Ending(refusal(422), 0)]), clock)
    assert isinstance(outcome.error, ApiError)
    assert not outcome.changed


# Update


@each_unclear
@pytest.mark.parametrize("takes_effect", [True, False])
def test_update_without_a_clear_answer(clock: Clock, answer: Callable[[], Answer], takes_effect: bool) -> None:
    api = FakeWebhooks(hook(), endings=[Ending(answer(), int(takes_effect))])
    outcome = present(api, clock, {"enabled": False})
    assert (outcome.changed, outcome.error, outcome.before) == (True, None, hook())
    assert outcome.after == hook(enabled=False)
    assert api.writes == [OFF] * (1 if takes_effect else 2)


@pytest.mark.parametrize("echoed", [["id"], ["enabled"], [], ["id", "enabled"]])
def test_update_that_echoes_only_a_part_is_read_again(clock: Clock, echoed: list[str]) -> None:
    api = FakeWebhooks(hook())
    api.echoed = echoed
    outcome = present(api, clock, {"enabled": False})
    assert (outcome.changed, outcome.error, outcome.after) == (True, None, hook(enabled=False))
    assert api.requests == [LIST, read(), OFF, read()]


def test_update_that_shows_late_is_looked_for_again(clock: Clock) -> None:
    api = FakeWebhooks(hook(), endings=[Ending(None, 3)])
    outcome = present(api, clock, {"enabled": False})
    assert (outcome.changed, outcome.error) == (True, None)
    assert api.requests == [LIST, read(), OFF, read(), read(), read()]


def test_update_that_the_api_accepts_and_ignores_fails(clock: Clock) -> None:
    api = FakeWebhooks(hook())
    api.ignored = ["enabled"]
    outcome = present(api, clock, {"enabled": False})
    assert isinstance(outcome.error, NoEffectError)
    assert str(outcome.error) == "Webhook 'Bus': the API accepted the update but shows enabled=True instead of False"
    assert (outcome.changed, len(api.writes)) == (True, 1)


def test_update_that_cannot_be_read_again_is_a_warning(clock: Clock) -> None:
    api = FakeWebhooks(hook())
    api.in_place = {3: refusal(403)}
    outcome = present(api, clock, {"enabled": False})
    assert (outcome.changed, outcome.error, outcome.after) == (
        True,
        None,
        hook(enabled=False, updated_at=(outcome.after or {})["updated_at"]),
    )
    assert outcome.warnings[0].startswith("Webhook 'Bus' was updated, but could not be read afterwards: GET")


def test_update_that_has_shown_other_values_and_cannot_be_read_again_fails(clock: Clock) -> None:
    api = FakeWebhooks(hook(), endings=[Ending(None, 3)])
    api.in_place = {4: refusal(403)}
    outcome = present(api, clock, {"enabled": False})
    assert isinstance(outcome.error, NoEffectError)
    assert (outcome.changed, outcome.after, outcome.warnings) == (True, hook(), [])
    assert api.requests == [LIST, read(), OFF, read(), read()]


def test_update_of_one_that_another_user_renames_afterwards_fails(clock: Clock) -> None:
    api = FakeWebhooks(hook())
    api.in_place = {3: ok(hook(name="Mine", enabled=False))}
    outcome = present(api, clock, {"enabled": False})
    assert isinstance(outcome.error, OtherNameError)
    assert (outcome.changed, outcome.after) == (True, hook(name="Mine", enabled=False))
    assert api.requests == [LIST, read(), OFF, read()]


def test_update_after_which_the_task_is_interrupted_fails(clock: Clock) -> None:
    api = FakeWebhooks(hook())
    webhooks = build(api, clock)
    api_answer = api.answer

    def interrupt(method: str, *sent: Any) -> Any:
        if method == "PATCH":
            webhooks.client.interrupt()
        return api_answer(method, *sent)

    api.answer = interrupt  # type: ignore[method-assign]
    outcome = ensure_present(webhooks, "Bus", {"enabled": False})
    assert isinstance(outcome.error, InterruptError)
    assert outcome.changed


def test_update_that_is_refused_fails(clock: Clock) -> None:
    api = FakeWebhooks(hook(), endings=[Ending(refusal(422), 0)])
    outcome = present(api, clock, {"enabled": False})
    assert isinstance(outcome.error, ApiError)
    assert (outcome.changed, api.requests) == (False, [LIST, read(), OFF])


def test_row_of_the_list_that_is_behind_costs_a_read_and_no_write(clock: Clock) -> None:
    api = FakeWebhooks(hook(enabled=False), theirs=[(2, hook())])
    outcome = present(api, clock)
    assert (outcome.changed, outcome.error, outcome.after) == (False, None, hook())
    assert api.requests == [LIST, read()]


def test_update_of_one_that_another_user_has_deleted_fails(clock: Clock) -> None:
    api = FakeWebhooks(hook(enabled=False), theirs=[(2, {"id": hook_id(1)})])
    outcome = present(api, clock)
    assert isinstance(outcome.error, NotFoundError)
    assert (outcome.changed, api.writes) == (False, [])


def test_update_of_one_that_another_user_has_renamed_fails(clock: Clock) -> None:
    api = FakeWebhooks(hook(enabled=False), theirs=[(2, hook(name="Mine", enabled=False))])
    outcome = present(api, clock)
    assert isinstance(outcome.error, OtherNameError)
    assert str(outcome.error) == (f"Webhook {hook_id(1)} was named 'Bus' and is 'Mine' now: another user renamed it. Run the task again")
    assert (outcome.changed, api.requests) == (False, [LIST, read()])


def test_update_of_one_that_shows_no_name_is_sent(clock: Clock) -> None:
    api = FakeWebhooks(hook(), theirs=[(2, hook(name=None))])
    outcome = present(api, clock, {"enabled": False})
    assert (outcome.changed, outcome.error) == (True, None)
    assert api.requests == [LIST, read(), OFF, read()]


def test_row_that_lacks_its_name_and_is_deleted_before_it_is_read_is_ignored(clock: Clock) -> None:
    api = FakeWebhooks(hook(), hook(2, name="Other"), theirs=[(3, {"id": hook_id(2)})])
    api.omitted = ["name"]
    outcome = present(api, clock)
    assert (outcome.changed, outcome.error, outcome.after) == (False, None, hook())
    assert api.requests == [LIST, read(), read(2)]


# Delete


@each_unclear
@pytest.mark.parametrize("takes_effect", [True, False])
def test_delete_without_a_clear_answer(clock: Clock, answer: Callable[[], Answer], takes_effect: bool) -> None:
    api = FakeWebhooks(hook(), endings=[Ending(answer(), int(takes_effect))])
    outcome = absent(api, clock)
    assert (outcome.changed, outcome.error, outcome.before, outcome.after) == (True, None, hook(), None)
    looks = [read()] * (1 if takes_effect else len(LOOKS))
    assert api.requests == [LIST, remove(), *looks, *([] if takes_effect else [remove()])]


def test_delete_of_one_that_is_gone_is_unchanged(clock: Clock) -> None:
    api = FakeWebhooks(hook(), endings=[Ending(refusal(404), 0)], theirs=[(2, {"id": hook_id(1)})])
    outcome = absent(api, clock)
    assert (outcome.changed, outcome.error, outcome.after) == (False, None, None)
    assert api.requests == [LIST, remove(), read()]


def test_delete_that_answers_404_while_the_webhook_exists_fails(clock: Clock) -> None:
    api = FakeWebhooks(hook(), endings=[Ending(refusal(404), 0)])
    outcome = absent(api, clock)
    assert isinstance(outcome.error, NotFoundError)
    assert (outcome.changed, outcome.after) == (False, hook())


def test_delete_that_is_lost_and_cannot_be_looked_for_is_unknown(clock: Clock) -> None:
    api = FakeWebhooks(hook(), endings=[Ending(dropped(), 0)])
    api.in_place = {2: refusal(403)}
    outcome = absent(api, clock)
    assert isinstance(outcome.error, UnknownOutcomeError)
    assert outcome.changed


def test_one_that_cannot_be_deleted_hides_no_other(clock: Clock) -> None:
    api = FakeWebhooks(hook(1), hook(2), endings=[Ending(refusal(422), 0)])
    outcome = absent(api, clock)
    assert (outcome.changed, outcome.error and outcome.error.details()["status"]) == (True, 422)
    assert api.writes == [remove(1), remove(2)]


@pytest.mark.parametrize("kept", [1, 2])
def test_one_that_cannot_be_deleted_is_the_one_that_is_left(clock: Clock, kept: int) -> None:
    endings = {1: Ending(), 2: Ending(), kept: Ending(refusal(422), 0)}
    outcome = absent(FakeWebhooks(hook(1), hook(2), endings=endings.values()), clock)
    assert (outcome.changed, outcome.before, outcome.after) == (True, hook(1), hook(kept))


@pytest.mark.parametrize("ending", [Ending(refusal(429, Retry_After="60"), 0), Ending(dropped(), 0)], ids=["429", "dropped"])
def test_one_that_another_user_renames_before_the_delete_is_sent_again_stays(clock: Clock, ending: Ending) -> None:
    api = FakeWebhooks(hook(), endings=[ending], theirs=[(2, hook(name="Mine"))])
    outcome = absent(api, clock)
    assert (outcome.error, outcome.after) == (None, None)
    assert outcome.changed == isinstance(ending.answer, Exception)
    assert api.requests == [LIST, remove(), read()]


def test_delete_of_one_that_shows_no_name_is_sent_again(clock: Clock) -> None:
    api = FakeWebhooks(hook(), endings=[Ending(refusal(429, Retry_After="60"), 0)], theirs=[(2, hook(name=None))])
    outcome = absent(api, clock)
    assert (outcome.changed, outcome.error) == (True, None)
    assert api.requests == [LIST, remove(), read(), remove()]


# Time


@pytest.mark.parametrize("work", ["create", "update", "delete"])
def test_no_write_rests_on_a_state_that_is_too_old(clock: Clock, work: str) -> None:
    """The answer to the first read comes late, and a refused connection costs more time."""
    ages: list[float] = []

    class Slow(FakeWebhooks):
        read_at = 0.0

        def answer(self, method: str, *sent: Any) -> Answer:
            if method == "GET":
                self.read_at = clock.now
            else:
                ages.append(clock.now - self.read_at)
                if len(ages) < 4:
                    return refused()
            said = super().answer(method, *sent)
            clock.now += FRESH / 2
            return said

    api = Slow(*([] if work == "create" else [hook(enabled=False)]))
    outcome = absent(api, clock) if work == "delete" else present(api, clock)
    assert (outcome.changed, outcome.error) == (True, None)
    assert len(ages) == 4
    assert max(ages) <= FRESH
    assert len([sent for sent in api.requests if sent[0] == "GET"]) >= 3


def test_delete_does_not_wait_for_the_read_of_another_webhook(clock: Clock) -> None:
    """The list and one of the webhooks are slow to read, which must not make the state of the other one old."""
    read_at: dict[str, float] = {}
    ages: dict[str, float] = {}

    class Slow(FakeWebhooks):
        def answer(self, method: str, path: str, *sent: Any) -> Answer:
            if method == "DELETE":
                ages[path] = clock.now - read_at[path]
            read_at[path] = clock.now
            said = super().answer(method, path, *sent)
            clock.now += 0 if path == read(1)[1] else 2 * FRESH
            return said

    outcome = absent(Slow(hook(1), hook(2)), clock)
    assert (outcome.changed, outcome.error) == (True, None)
    assert {*ages} == {read(1)[1], read(2)[1]}
    assert ages[read(1)[1]] <= FRESH


def test_read_and_write_pass_a_used_up_window_together(clock: Clock) -> None:
    """The read that was held for the window is sent once more, and the write behind it."""

    class Limited(FakeWebhooks):
        def answer(self, *sent: Any) -> Answer:
            said = super().answer(*sent)
            return said._replace(headers=USED_UP) if len(self.requests) == 1 and not isinstance(said, Exception) else said

    api = Limited(hook())
    outcome = absent(api, clock)
    assert (outcome.changed, outcome.error) == (True, None)
    assert api.requests == [LIST, read(), remove()]


def test_defect_in_a_read_is_an_error_like_any_other(clock: Clock) -> None:
    webhooks = build(FakeAPI(), clock)
    webhooks.find = lambda: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    for outcome in (ensure_absent(webhooks, "Bus"), ensure_present(webhooks, "Bus", WANTED)):
        assert isinstance(outcome.error, DefectError)
        assert not outcome.changed

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message of each error, and its details for a playbook."""

from __future__ import annotations

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils import _errors as errors

NOTHING = {"method": None, "path": None, "status": None, "code": None, "cf_ray": None}


def kinds(kind: type = errors.RealtimeKitError) -> list[type]:
    return [kind, *[each for below in kind.__subclasses__() for each in kinds(below)]]


def test_tree_in_the_docstring_is_the_tree() -> None:
    for kind in kinds():
        assert f" {kind.__name__} " in errors.__doc__.replace("\n", " ")


def test_uncertain_are_those_without_a_clear_answer() -> None:
    uncertain = {kind for kind in kinds() if kind.is_uncertain}
    assert uncertain == {errors.LostAnswerError, errors.RejectedAnswerError, errors.ServerError}


def test_plain_error() -> None:
    assert errors.InvalidInputError("words").details() == {**NOTHING, "message": "words"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errors.StoppedError(), "Not finished: the task was stopped"),
        (errors.InterruptError(), "Not finished: the task was interrupted"),
        (errors.InterruptError("Not begun"), "Not begun: the task was interrupted"),
        (errors.TaskTimeoutError(), "Not finished: task_timeout is over"),
        (errors.TaskTimeoutError("Not begun"), "Not begun: task_timeout is over"),
        (errors.TaskTimeoutError(reason="there is too little time"), "Not finished: there is too little time"),
        (errors.TaskTimeoutError("Not begun", "there is too little time"), "Not begun: there is too little time"),
    ],
    ids=str,
)
def test_stopped_task_says_how_far_it_came_and_what_to_do(error: errors.StoppedError, words: str) -> None:
    said = f"{words}. Run the task again to do the rest"
    assert str(error) == said
    assert error.details() == {**NOTHING, "message": said}


LOST = errors.LostAnswerError("GET", "/x", "the connection broke")
NO = errors.ApiError("GET", "/x", "No.", status=500, code=7, cf_ray="8f1c-FRA")


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (LOST, "GET /x: the connection broke"),
        (NO, "GET /x answered 500 (code 7): No"),
        (errors.ApiError("GET", "/x", "Wait...", status=500), "GET /x answered 500: Wait"),
        (errors.ApiError("GET", "/x", "No!", status=500), "GET /x answered 500: No!"),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", kinds(errors.StoppedError))
def test_stopped_task_mentions_the_last_try(kind: type[errors.StoppedError], last: errors.RequestError, words: str) -> None:
    """In words, and for a playbook in the fields of that error."""
    error = kind(after=last)
    said = f"Not finished: {kind.reason} (the last try: {words}). Run the task again to do the rest"
    assert str(error) == said
    assert error.details() == {**last.details(), "message": said}
    assert error.after is last


@pytest.mark.parametrize("kind", kinds(errors.StoppedError))
@pytest.mark.parametrize(("reason", "last"), [("", None), ("there is too little time", None), ("", LOST), ("there is too little time", NO)])
def test_stage_is_all_that_changes_with_the_target(kind: type[errors.StoppedError], reason: str, last: errors.RequestError | None) -> None:
    error = kind(reason=reason, after=last)
    said = str(error)
    other = error.at_stage("Not begun")
    assert type(other).__name__ == kind.__name__
    assert str(other) == said.replace("Not finished", "Not begun")
    assert (other.reason, other.after) == (reason or kind.reason, last)
    assert other.details() == {**error.details(), "message": str(other)}
    assert str(error) == said, "the other targets still need it"


def test_reason_is_that_of_one_error_only() -> None:
    error = errors.TaskTimeoutError(reason="there is too little time")
    assert (error.reason, errors.TaskTimeoutError.reason) == ("there is too little time", "task_timeout is over")


def test_everything_that_stops_a_task_is_one_kind() -> None:
    assert set(kinds(errors.StoppedError)) == {errors.StoppedError, errors.InterruptError, errors.TaskTimeoutError}


def test_request_error() -> None:
    error = errors.LostAnswerError("GET", "/x", "the connection broke")
    assert str(error) == "GET /x: the connection broke"
    assert error.details() == {**NOTHING, "method": "GET", "path": "/x", "message": "the connection broke"}


@pytest.mark.parametrize(
    ("status", "code", "message", "said"),
    [
        (400, None, "No.", "GET /x answered 400: No."),
        (400, 0, "No", "GET /x answered 400 (code 0): No"),
        (
            401,
            10000,
            "Authentication error",
            ("GET /x answered 401 (code 10000): Authentication error. The API refused the token: check api_token (CLOUDFLARE_API_TOKEN)."),
        ),
        (
            403,
            None,
            "No...",
            (
                "GET /x answered 403: No... The token is not allowed to do this. "
                "It needs the permission Realtime or Realtime Admin for this account, "
                "and RealtimeKit must be enabled there: check api_token and account_id."
            ),
        ),
        (
            404,
            404,
            "No.",
            "GET /x answered 404 (code 404): No. Not found: check the id, app_id, account_id, and api_url.",
        ),
        (
            429,
            None,
            "No.",
            ("GET /x answered 429: No. The rate limit is used up: wait up to five minutes. Other clients of the same user also count."),
        ),
        (404, None, "Gone", "GET /x answered 404: Gone. Not found: check the id, app_id, account_id, and api_url."),
        (404, None, "Gone!", "GET /x answered 404: Gone! Not found: check the id, app_id, account_id, and api_url."),
        (404, None, "Gone?", "GET /x answered 404: Gone? Not found: check the id, app_id, account_id, and api_url."),
        (500, None, "No.", "GET /x answered 500: No."),
    ],
)
def test_api_error(status: int, code: int | None, message: str, said: str) -> None:
    error = errors.ApiError("GET", "/x", message, status=status, code=code, cf_ray="8f1c-FRA", retry_after=3.0)
    assert str(error) == said
    assert error.details() == {"method": "GET", "path": "/x", "status": status, "code": code, "message": message, "cf_ray": "8f1c-FRA"}
    assert error.retry_after == 3.0


def test_outcome_error_mentions_its_cause() -> None:
    cause = errors.ApiError("GET", "/x", "No.", status=403, code=7, cf_ray="8f1c-FRA")
    assert errors.NoEffectError("words", cause).details() == {**cause.details(), "message": "words"}
    assert errors.NoEffectError("words").details() == {**NOTHING, "message": "words"}


def test_target_that_was_not_begun_mentions_what_the_requests_would_end_with() -> None:
    cause = errors.ApiError("GET", "/x", "No.", status=401, code=10000)
    error = errors.NotBegunError(f"Not begun: {cause}", cause)
    assert isinstance(error, errors.OutcomeError)
    assert (error.is_uncertain, isinstance(error, errors.StoppedError)) == (False, False)
    assert error.details() == {**cause.details(), "message": f"Not begun: {cause}"}


def test_defect_reports_kind_and_place_but_no_words() -> None:
    def fail() -> None:
        raise KeyError("words that may hold anything")

    with pytest.raises(KeyError) as caught:
        fail()
    said = str(errors.DefectError(caught.value))
    line = fail.__code__.co_firstlineno + 1
    assert said == (
        f"Bug in streamops.realtimekit: KeyError in fail, line {line}. Please report it. "
        "If the task had sent a write, its outcome is unknown"
    )


def test_defect_from_nowhere() -> None:
    assert " KeyError in an unknown place. " in str(errors.DefectError(KeyError("words")))


def test_walk_causes_passes_over_what_was_suppressed() -> None:
    """urllib3 before 2.0 tries an argument that http.client has no more; the TypeError says nothing of the connection."""
    broken = ConnectionResetError("reset")
    broken.__context__ = TypeError("buffering")
    assert [type(cause) for cause in errors.walk_causes(broken)] == [ConnectionResetError, TypeError]
    broken.__suppress_context__ = True
    assert [type(cause) for cause in errors.walk_causes(broken)] == [ConnectionResetError]

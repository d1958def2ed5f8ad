# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The meaning of answers: both envelopes of success, all of refusal, and unusable answers."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import Any

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils import _errors as errors
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.answers import NO_DATA, Answer, Payload, parse_retry_after, unwrap
from requests.structures import CaseInsensitiveDict


def answer(status: int, body: Any = b"", **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()}), content)


PAGING = {"total_count": 1, "start_offset": 1, "end_offset": 1}


@pytest.mark.parametrize("status", [200, 201, 299])
@pytest.mark.parametrize(
    ("body", "payload"),
    [
        ({"success": True, "data": {"id": "x"}}, ({"id": "x"}, {})),
        ({"success": True, "result": {"id": "x"}}, ({"id": "x"}, {})),
        ({"data": 1, "result": 2}, (1, {})),
        ({"data": None}, (None, {})),
        ({"data": [{"name": "Half \ud83d", "n": 1}, "whole \U0001f3a5"]}, ([{"name": "Half \ufffd", "n": 1}, "whole \U0001f3a5"], {})),
        ({"success": "true", "data": []}, ([], {})),
        ({"success": "TRUE", "data": []}, ([], {})),
        ({"success": None, "data": []}, ([], {})),
        ({"data": [], "paging": PAGING}, ([], PAGING)),
        ({"result": [], "paging": PAGING}, ([], PAGING)),
        ({"data": [], "paging": "none"}, ([], {})),
        ({"data": [], "paging": None}, ([], {})),
    ],
    ids=str,
)
def test_success(status: int, body: Any, payload: tuple[Any, Any]) -> None:
    assert unwrap("GET", "/x", answer(status, body)) == Payload(*payload)


LOST = {
    "empty": (b"", "an empty body (OK) instead of the API's JSON object"),
    "white": (b" \r\n", "an empty body (OK) instead of the API's JSON object"),
    "html": (b"\n<html>Hello</html>", "an HTML page (OK) instead of the API's JSON object"),
    "garbage": (b"\xff\xfe\x00{", "a body that is not from the API (OK) instead of the API's JSON object"),
    "truncated": (b'{"success": true, "da', "a body that is not from the API (OK) instead of the API's JSON object"),
    "a list": (b"[]", "a body that is not from the API (OK) instead of the API's JSON object"),
    "a string": (b'"data"', "a body that is not from the API (OK) instead of the API's JSON object"),
    "null": (b"null", "a body that is not from the API (OK) instead of the API's JSON object"),
    "deep": (b"[" * 200_000, "a body that is not from the API (OK) instead of the API's JSON object"),
    "success without a value": (b'{"success": null}', "a JSON object that has neither 'data' nor 'result'"),
    "only a message": (b'{"message": "Well done"}', "a JSON object that has neither 'data' nor 'result'"),
    "empty object": (b"{}", "a JSON object that has neither 'data' nor 'result'"),
}


@pytest.mark.parametrize(("body", "words"), LOST.values(), ids=LOST)
def test_success_that_says_nothing_is_lost(body: bytes, words: str) -> None:
    with pytest.raises(errors.LostAnswerError) as caught:
        unwrap("POST", "/x", answer(200, body))
    assert str(caught.value) == f"POST /x: answered 200 with {words}"


@pytest.mark.parametrize("body", [b'{"success": true}', b'{"success": "true", "messages": []}'])
def test_success_without_data_is_not_null(body: bytes) -> None:
    """The reference makes ``data`` optional: what that means, the endpoint knows."""
    assert unwrap("GET", "/x", answer(200, body)) == (NO_DATA, {})
    assert unwrap("GET", "/x", answer(200, b'{"data": null}')).data is None


def test_unknown_status_has_no_reason() -> None:
    with pytest.raises(errors.LostAnswerError, match=r"answered 299 with an empty body \(no reason given\) instead"):
        unwrap("POST", "/x", answer(299))


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 399])
def test_redirect_is_rejected(status: int) -> None:
    with pytest.raises(errors.RejectedAnswerError) as caught:
        unwrap("POST", "/x", answer(status, {"data": 1}, location="https://elsewhere.test/"))
    assert str(caught.value) == (
        f"POST /x: answered {status}, a redirect, which is not followed, because it would carry the token; check api_url"
    )


KINDS = {
    100: errors.ServerError,
    103: errors.ServerError,
    199: errors.ServerError,
    400: errors.BadRequestError,
    401: errors.ApiError,
    403: errors.ApiError,
    404: errors.NotFoundError,
    405: errors.ApiError,
    408: errors.ServerError,
    409: errors.ConflictError,
    422: errors.ApiError,
    429: errors.RateLimitedError,
    499: errors.ApiError,
    500: errors.ServerError,
    502: errors.ServerError,
    503: errors.ServerError,
    504: errors.ServerError,
    530: errors.ServerError,
}


@pytest.mark.parametrize("body", [b"", {"success": True, "data": {}}, {"success": False}], ids=["empty", "success", "refusal"])
@pytest.mark.parametrize("status", KINDS)
def test_status_decides_about_the_error(status: int, body: Any) -> None:
    with pytest.raises(errors.ApiError) as caught:
        unwrap("GET", "/x", answer(status, body))
    assert caught.value.__class__ is KINDS[status]
    assert caught.value.status == status


@pytest.mark.parametrize("success", [False, "false", "False", "FALSE"])
def test_refusal_with_a_success_status_is_definite(success: Any) -> None:
    with pytest.raises(errors.ApiError) as caught:
        unwrap("POST", "/x", answer(200, {"success": success, "data": {"id": "x"}, "error": {"code": 7, "message": "No."}}))
    assert caught.value.__class__ is errors.ApiError
    assert str(caught.value) == "POST /x answered 200 (code 7): No."
    assert not caught.value.is_uncertain


# The API's code and words.
SAID = {
    "RealtimeKit": ({"success": False, "error": {"code": 404, "message": "Not here."}}, 404, "Not here."),
    "gateway": (
        {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}], "result": None},
        10000,
        "Authentication error",
    ),
    "the first of several": ({"errors": [{"code": 1, "message": "One"}, {"code": 2, "message": "Two"}]}, 1, "One"),
    "strings": ({"errors": ["One"]}, None, "One"),
    "one string": ({"error": "One"}, None, "One"),
    "top level": ({"message": "Unauthorized"}, None, "Unauthorized"),
    "top level with code": ({"code": "E7", "message": "Unauthorized"}, "E7", "Unauthorized"),
    "both": ({"error": {"code": 1, "message": "One"}, "errors": [{"code": 2, "message": "Two"}], "message": "Three"}, 1, "One"),
    "error without words": ({"error": {"code": 1}, "errors": [{"code": 2, "message": "Two"}]}, 2, "Two"),
    "empty errors": ({"errors": [], "message": "Three"}, None, "Three"),
    "errors is an object": ({"errors": {"code": 1, "message": "One"}, "message": "Three"}, None, "Three"),
    "odd code": ({"error": {"code": {"a": 1}, "message": "One"}}, None, "One"),
    "message is a number": ({"error": {"message": 7}}, None, "7"),
    "message is a list": ({"error": {"message": ["a", "b"]}}, None, "a body that is not from the API (Method Not Allowed)"),
    "message is an object": (
        {"error": {"message": {"stream_key": "s3cr3t"}}, "message": "Two"},
        None,
        "Two",
    ),
    "code of several lines": ({"error": {"code": "a\n\x1b[31mb", "message": "One"}}, "a [31mb", "One"),
    "half a character": ({"error": {"message": "One \ud83d", "code": "\udc00"}}, "\ufffd", "One \ufffd"),
    "several lines": ({"message": " One\r\n two\x1b[31m\tthree\u2028 "}, None, "One two [31m three"),
    "null": ({"error": None, "errors": None, "message": None}, None, "a body that is not from the API (Method Not Allowed)"),
    "empty string": ({"error": ""}, None, "a body that is not from the API (Method Not Allowed)"),
    "a list": ([1], None, "a body that is not from the API (Method Not Allowed)"),
    "html": (b"<html>Blocked</html>", None, "an HTML page (Method Not Allowed)"),
    "nothing": (b"", None, "an empty body (Method Not Allowed)"),
}


@pytest.mark.parametrize(("body", "code", "message"), SAID.values(), ids=SAID)
def test_words(body: Any, code: Any, message: str) -> None:
    with pytest.raises(errors.ApiError) as caught:
        unwrap("GET", "/x", answer(405, body, cf_ray="8f1c2d3e4a5b6c7d-FRA", retry_after="4"))
    assert caught.value.details() == {
        "method": "GET",
        "path": "/x",
        "status": 405,
        "code": code,
        "message": message,
        "cf_ray": "8f1c2d3e4a5b6c7d-FRA",
    }
    assert caught.value.retry_after == 4.0


@pytest.mark.parametrize(("words", "shown"), [("x." * 250, "x." * 250), ("word " * 101, "word " * 99 + "word…"), ("x." * 251, "…")])
def test_long_words_are_cut_between_two(words: str, shown: str) -> None:
    """Half of a secret that they repeat would not be known as one."""
    with pytest.raises(errors.ApiError) as caught:
        unwrap("GET", "/x", answer(405, {"message": words}))
    assert caught.value.message == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (f"Key {'0123456789abcdef' * 4}k is in use", "Key [hidden] is in use"),
        (f"rtmps://live.test:443/live/{'aB3-_' * 8}, again", "rtmps://live.test:443/live/[hidden], again"),
        (f"No room {'x' * 39}", f"No room {'x' * 39}"),
        ("No meeting 11111111-aaaa-4bbb-8ccc-000000000001", "No meeting 11111111-aaaa-4bbb-8ccc-000000000001"),
        ("No session 11111111-aaaa-4bbb-8ccc-00000000000k-1.2", "No session 11111111-aaaa-4bbb-8ccc-00000000000k-1.2"),
    ],
    ids=["key", "key in a URL", "shorter", "id", "id with more behind it"],
)
def test_words_that_may_hold_an_unknown_secret_are_hidden(words: str, shown: str) -> None:
    for said in ({"message": words}, {"error": {"code": words, "message": words}}):
        with pytest.raises(errors.ApiError) as caught:
            unwrap("GET", "/x", answer(405, said))
        assert caught.value.message == shown
        assert caught.value.code in (None, shown)


def test_answer_without_headers_has_no_clock_and_no_limit() -> None:
    with pytest.raises(errors.ApiError) as caught:
        unwrap("GET", "/x", answer(405))
    assert (caught.value.cf_ray, caught.value.retry_after) == (None, None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("86400", 86400.0),
        ("", None),
        ("soon", None),
        ("-7", None),
        ("1.5", None),
        ("Fri, 20 Nov 2020 09:00:00 GMT", 0.0),
        ("Fri, 99 Nov 2020 09:00:00 GMT", None),
        ("Fri, 20 Nov 99999999 09:00:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert parse_retry_after({"Retry-After": value}) == seconds


def test_retry_after_is_a_date_to_come() -> None:
    seconds = parse_retry_after({"Retry-After": formatdate(time.time() + 100, usegmt=True)})
    assert 98 <= seconds <= 100


def test_retry_after_is_absent() -> None:
    assert parse_retry_after({}) is None

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The meaning of the API's answers: status, headers, and body in; data or an error out.

There are two envelopes for errors, two for success, and the pages of an edge
or a proxy: https://developers.cloudflare.com/api/resources/realtime_kit/
"""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime
from http.client import responses
from typing import Any, Mapping, NamedTuple

from .._errors import (
    ApiError,
    BadRequestError,
    ConflictError,
    LostAnswerError,
    NotFoundError,
    RateLimitedError,
    RejectedAnswerError,
    ServerError,
)

#: The most characters of the API's message that an error repeats.
LONGEST_MESSAGE = 500

#: As long as a token or a stream key, and longer than any id. The API's message can contain the key of a livestream that
#: this task has not read, so this pattern is the only way to find it.
SECRET_LIKE = re.compile(r"[A-Za-z0-9_+=-]{40,}")

#: The JSON form of a UTF-16 surrogate. Most are followed by the other half.
HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")

ERRORS = {400: BadRequestError, 404: NotFoundError, 408: ServerError, 409: ConflictError, 429: RateLimitedError}


#: The ``data`` of an answer without the optional key. None would be an answer's null.
NO_DATA: Any = type("NoData", (), {"__repr__": lambda self: "no data"})()


class Payload(NamedTuple):
    """The content of a successful answer: ``data``, of any JSON type or NO_DATA, and its ``paging`` or an empty dict."""

    data: Any
    paging: Mapping[str, Any]


class Answer(NamedTuple):
    """An HTTP answer. ``headers`` ignore letter case, and ``body`` is complete."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def unwrap(method: str, path: str, answer: Answer) -> Payload:
    """Return the payload of a success. Raise LostAnswerError for an unclear answer, otherwise the error of its status."""
    if 300 <= answer.status < 400:
        raise RejectedAnswerError(
            method, path, f"answered {answer.status}, a redirect, which is not followed, because it would carry the token; check api_url"
        )
    envelope = _parse(answer.body)
    if not 200 <= answer.status < 300 or _is_refusal(envelope):
        raise _build_error(method, path, answer, envelope)
    if not isinstance(envelope, dict):
        raise LostAnswerError(method, path, f"answered {answer.status} with {_describe(answer)} instead of the API's JSON object")
    for key in ("data", "result"):
        if key in envelope:
            paging = envelope.get("paging")
            return Payload(envelope[key], paging if isinstance(paging, dict) else {})
    if str(envelope.get("success")).lower() == "true":
        return Payload(NO_DATA, {})
    raise LostAnswerError(method, path, f"answered {answer.status} with a JSON object that has neither 'data' nor 'result'")


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of ``Retry-After``, a number or a date, or None if it is missing or unreadable."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def clean_words(words: Any) -> str:
    """Return the API's message for an error: one short line without possible secrets."""
    text = SECRET_LIKE.sub("[hidden]", " ".join("".join(c if c.isprintable() else " " for c in str(words)).split()))
    # Cut between words, because half a secret would not be recognized and hidden.
    return text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE].rpartition(" ")[0] + "…"


def _parse(body: bytes) -> Any:
    try:
        document = json.loads(body)
        return _mend_halves(document) if HALF_CHARACTER.search(body) else document
    except (ValueError, RecursionError):
        return None


def _mend_halves(value: Any) -> Any:
    """Replace lone surrogates, which JavaScript leaves when it cuts an emoji. Results are UTF-8, which cannot have them."""
    if isinstance(value, dict):
        return {key: _mend_halves(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mend_halves(inner) for inner in value]
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def _is_refusal(envelope: Any) -> bool:
    """Return whether a body has ``success: false``, also as a string. A 200 can have it."""
    return isinstance(envelope, dict) and str(envelope.get("success", True)).lower() == "false"


def _build_error(method: str, path: str, answer: Answer, envelope: Any) -> ApiError:
    code, message = _find_words(envelope)
    is_open = answer.status >= 500 or answer.status < 200  # a 1xx is not a final answer
    error = ERRORS.get(answer.status, ServerError if is_open else ApiError)
    return error(
        method,
        path,
        message or _describe(answer),
        status=answer.status,
        code=code,
        cf_ray=answer.headers.get("cf-ray"),
        retry_after=parse_retry_after(answer.headers),
    )


def _find_words(envelope: Any) -> tuple[Any, str]:
    """Return the API's code and message, from ``error``, the first of ``errors``, or the top level."""
    if not isinstance(envelope, dict):
        return None, ""
    errors = envelope.get("errors")
    for said in (envelope.get("error"), errors[0] if isinstance(errors, list) and errors else None, envelope):
        if isinstance(said, dict) and said.get("message") and not isinstance(said["message"], (dict, list)):
            code = said.get("code")
            return clean_words(code) if isinstance(code, str) else code if isinstance(code, int) else None, clean_words(said["message"])
        if isinstance(said, str) and said:
            return None, clean_words(said)
    return None, ""


def _describe(answer: Answer) -> str:
    """Describe a body that is not from the API, without quoting it, because it could contain secrets."""
    reason = responses.get(answer.status, "no reason given")
    if not answer.body.strip():
        return f"an empty body ({reason})"
    kind = "an HTML page" if answer.body.lstrip()[:1] == b"<" else "a body that is not from the API"
    return f"{kind} ({reason})"

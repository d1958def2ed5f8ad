# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""One request over the wire: its answer as it came, or what the failure means."""

from __future__ import annotations

from typing import Any, Mapping
from urllib.parse import urlsplit

from .._errors import LostAnswerError, RejectedAnswerError
from .answers import Answer
from .failures import sort_failure
from .session import HAS_REQUESTS, ApiSession, Connection

if HAS_REQUESTS:
    import requests
    from urllib3.exceptions import HTTPError

#: Bytes. A page of a hundred livestreams has some fifty thousand.
LARGEST_ANSWER = 8 * 1024 * 1024


def exchange(
    session: ApiSession,
    connection: Connection,
    method: str,
    base: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Answer:
    """Send a request to ``path`` below ``base``, once; raises RequestError if there is no whole answer."""
    try:
        # `verify` goes with each request, or REQUESTS_CA_BUNDLE would override a session's `False`.
        with session.request(
            method,
            base + path,
            params=params,
            json=body,
            timeout=connection.timeout,
            verify=connection.verify,
            allow_redirects=False,
            proxies={"no_proxy": urlsplit(connection.url).hostname or ""} if connection.is_direct else None,
            stream=True,
        ) as response:
            return Answer(response.status_code, response.headers, _read(response, method, path))
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise sort_failure(method, path, error, connection.timeout) from error


def _read(response: requests.Response, method: str, path: str) -> bytes:
    """The whole body; over the limit the caller's ``with`` closes the connection on the rest."""
    body = bytearray()
    response.raw.enforce_content_length = True  # or urllib3 before 2.0 takes what came until the connection broke for the whole
    try:
        for chunk in response.iter_content(64 * 1024):
            body += chunk
            if len(body) > LARGEST_ANSWER:
                too_much = f"answered {response.status_code} with more than {LARGEST_ANSWER // 2**20} MiB, which is refused"
                raise RejectedAnswerError(method, path, too_much)
    except ValueError as error:  # http.client lets one out where a chunk says that it has less than no bytes
        raise LostAnswerError(method, path, f"the connection broke: {type(error).__name__}") from error
    return bytes(body)

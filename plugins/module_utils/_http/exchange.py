# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""One request over the network: its answer, or the meaning of its failure."""

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

#: In bytes. A page of 100 livestreams has about 50,000.
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
    """Send a request to ``path`` below ``base`` once. Raise RequestError without a complete answer."""
    try:
        # `verify` belongs to each request, because REQUESTS_CA_BUNDLE would override a session's `False`.
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
    except (requests.RequestException, HTTPError, OSError, TypeError, ValueError) as error:  # TypeError: a proxy without a host
        raise sort_failure(method, path, error, connection.timeout) from error


def _read(response: requests.Response, method: str, path: str) -> bytes:
    """Return the whole body. Over the limit, the caller's ``with`` closes the connection."""
    body = bytearray()
    response.raw.enforce_content_length = True  # urllib3 before 2.0 would otherwise accept an incomplete body
    try:
        for chunk in response.iter_content(64 * 1024):
            body += chunk
            if len(body) > LARGEST_ANSWER:
                too_much = f"answered {response.status_code} with more than {LARGEST_ANSWER // 2**20} MiB, which is refused"
                raise RejectedAnswerError(method, path, too_much)
    except ValueError as error:  # http.client raises it for a chunk with a negative length
        raise LostAnswerError(method, path, f"the connection broke: {type(error).__name__}") from error
    return bytes(body)

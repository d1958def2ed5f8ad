# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The API's meetings: the endpoints.

Source: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/meetings/
"""

from __future__ import annotations

from typing import Iterator

from .._errors import NotFoundError
from .._http.client import Client
from .paging import Page, read_pages
from .shapes import find_rows, ignore


class Meetings:
    """The meetings of one app. All methods raise the errors of `_errors`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def prove(self, meeting_id: str) -> None:
        """Raise NotFoundError if there is no such meeting."""
        self._client.get(("meetings", meeting_id), ignore)

    def prove_app(self) -> None:
        """Raise NotFoundError if there is no such app. Then all else fails too."""
        try:
            self._client.get(("meetings",), ignore, {"page_no": 1, "per_page": 1})
        except NotFoundError as error:
            self._client.refuse(error)
            raise

    def pages(self) -> Iterator[Page]:
        """Each page of the list; NotFoundError instead of the first one may mean that the list is empty."""
        return read_pages(self._client, ("meetings",), {}, lambda data: find_rows(data, "meetings"))

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The API's apps.

Source: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/apps/
"""

from __future__ import annotations

from typing import Any, Iterator

from .._http.client import Client
from .paging import read_pages
from .shapes import find_rows, keep_single

APP_FIELDS = ("id", "name", "created_at")


def list_apps(client: Client) -> Iterator[dict[str, Any]]:
    """Yield the apps of the account, as APP_FIELDS, oldest first, page by page on demand."""
    pages = read_pages(client.of_account(), ("apps",), {"sort_order": "ASC"}, lambda data: find_rows(data, "apps"))
    return ({field: keep_single(row.get(field)) for field in APP_FIELDS} for page in pages for row in page.rows)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""The API's analytics of livestreams: sums for a range of time.

Source: https://developers.cloudflare.com/api/resources/realtime_kit/subresources/livestreams/
"""

from __future__ import annotations

from typing import Any, Dict, Mapping

from .._http.answers import Payload
from .._http.client import Client
from .shapes import keep_single, parse_seconds

#: The sums of a range of time, None for unknown values.
Sums = Dict[str, Any]

COUNT = "count"
TOTALS = ("total_ingest_seconds", "total_viewer_seconds")


def read_overall(client: Client, start_time: int | None, end_time: int | None) -> Sums:
    """Return the sums of the whole range in Unix seconds; None for an open end."""
    return client.get(("analytics", "livestreams", "overall"), _parse_overall, _build_query(start_time, end_time))


def read_days(client: Client, start_time: int | None, end_time: int | None) -> list[Sums]:
    """Return the sums of each day in the range, with its ``date``, in the API's order. A day without a livestream may be missing."""
    return client.get(("analytics", "livestreams", "daywise"), _parse_days, _build_query(start_time, end_time))


def _build_query(start_time: int | None, end_time: int | None) -> dict[str, int]:
    return {key: value for key, value in (("start_time", start_time), ("end_time", end_time)) if value is not None}


def _parse_overall(payload: Payload) -> Sums:
    sums = _parse_sums(payload.data) if isinstance(payload.data, dict) else {}
    if all(value is None for value in sums.values()):
        raise ValueError(f"analytics that have none of {', '.join((COUNT, *TOTALS))}")
    return sums


def _parse_days(payload: Payload) -> list[Sums]:
    days = [] if payload.data is None else payload.data
    if not isinstance(days, list):
        raise ValueError("something other than a list of days")
    if not all(isinstance(day, dict) and keep_single(day.get("date")) for day in days):
        raise ValueError("a list in which a day has no date")
    return [{"date": str(day["date"]), **_parse_sums(day)} for day in days]


def _parse_sums(raw: Mapping[str, Any]) -> Sums:
    """Return numbers, which may be strings. Without livestreams, the totals may be null."""
    count = parse_seconds(raw.get(COUNT))
    totals = {key: parse_seconds(raw.get(key)) for key in TOTALS}
    return {COUNT: count, **{key: 0 if count == 0 and value is None else value for key, value in totals.items()}}

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Query strings: pages, filters, order."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Mapping, Sequence, TypeVar

from .models import ApiError, Livestream
from .settings import Settings

Item = TypeVar("Item")
LIST_STATUSES = ("LIVE", "IDLE", "ERRORED", "INVOKED", "OFFLINE")


def integer(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit()):
        raise ApiError(400, f"{name} must be a whole number")
    return int(text)


def integer_or_none(query: Mapping[str, str], name: str) -> int | None:
    return integer(query, name, 0) if query.get(name) else None


def page(settings: Settings, query: Mapping[str, str], items: Sequence[Item]) -> tuple[list[Item], dict[str, Any]]:
    """The rows of one page and its ``{total_count, start_offset, end_offset}``, counted from 1.

    ``page_no`` 0 is taken as the first page; a ``per_page`` above the cap is what ``per_page_over`` says. The offsets are true,
    ``total_count`` is what ``paging_count`` makes of it.
    """
    number = max(1, integer(query, "page_no", 1))
    size = integer(query, "per_page", settings.per_page_default)
    if size < 1:
        raise ApiError(400, "per_page must be at least 1")
    if size > settings.per_page_cap and query.get("per_page") and settings.per_page_over == "refused":
        raise ApiError(400, f"per_page must be at most {settings.per_page_cap}")
    size = min(size, settings.per_page_cap)
    first = 0 if settings.repeat_page else (number - 1) * size
    rows = list(items[first : first + size])
    last = min(first + size, len(items))
    total = {"true": len(items), "zero": 0, "page": len(rows)}[settings.paging_count]
    return rows, {"total_count": total, "start_offset": first + 1 if items else 0, "end_offset": last}


def moment(query: Mapping[str, str], name: str) -> float | None:
    text = query.get(name)
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    except ValueError as error:
        raise ApiError(400, f"{name} must be a date and time in ISO 8601") from error
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).timestamp()


def one_of(query: Mapping[str, str], name: str, known: Sequence[str]) -> str | None:
    text = query.get(name)
    if text is not None and text not in known:
        raise ApiError(400, f"{name} must be one of {', '.join(known)}")
    return text


def is_found(settings: Settings, query: Mapping[str, str], resource_id: str, name: str | None) -> bool:
    """Whether a search finds a meeting or an app: by its id or its name, in any letter case, and as broadly as the settings say."""
    search = query.get("search", "").lower()
    if not search or settings.search_finds == "everything":
        return True
    where = (resource_id.lower(), (name or "").lower())
    words = search.split() if settings.search_finds == "words" else [search]
    return any(word in text for word in words for text in where)


def select_livestreams(query: Mapping[str, str], livestreams: Sequence[Livestream]) -> Sequence[Livestream]:
    """Filter and sort livestreams, given oldest first, as *list livestreams* does; newest first unless ``sort_order=ASC``."""
    exclude = one_of(query, "exclude_meetings", ("true", "false"))
    status = one_of(query, "status", LIST_STATUSES)
    order = one_of(query, "sort_order", ("ASC", "DSC"))
    start, end = moment(query, "start_time"), moment(query, "end_time")
    # One pass for each filter that is given: there may be thousands of livestreams, and most requests give one filter.
    rows = livestreams
    if exclude == "true":
        rows = [item for item in rows if item.meeting_id is None]
    if status is not None:
        rows = [item for item in rows if item.status == status]
    if start is not None:
        rows = [item for item in rows if item.created_at >= start]
    if end is not None:
        rows = [item for item in rows if item.created_at <= end]
    return rows if order == "ASC" else rows[::-1]

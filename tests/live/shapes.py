# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names the dialect of an answer. Pure: each function looks at one answer."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from .wire import Answer

Row = Mapping[str, Any]
STARTED = ("INVOKED", "LIVE")
#: A livestream with one of these keeps its meeting from being started.
ACTIVE = (*STARTED, "ERRORED")
MISSING: Any = object()


def find_envelope(answer: Answer) -> str | None:
    document = answer.document
    return next((name for name in ("data", "result") if isinstance(document, dict) and document.get(name) is not None), None)


def get_data(answer: Answer) -> Any:
    """The payload of an answer, or MISSING."""
    document = answer.document if isinstance(answer.document, dict) else {}
    return document.get("data", document.get("result", MISSING))


def get_object(answer: Answer) -> Row:
    data = get_data(answer)
    return data if isinstance(data, dict) and answer.is_success else {}


def get_rows(answer: Answer, key: str = "livestreams") -> list[Row]:
    """The rows of a list in each shape."""
    data = get_data(answer) if answer.is_success else []
    if isinstance(data, dict):
        data = next((data[name] for name in (key, "data") if isinstance(data.get(name), list)), [data] if "id" in data else [])
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def get_ids(answer: Answer) -> list[str]:
    return [str(row["id"]) for row in get_rows(answer) if "id" in row]


def get_paging(answer: Answer) -> Row | None:
    document = answer.document if isinstance(answer.document, dict) else {}
    data = get_data(answer)
    paging = document.get("paging") or (data.get("paging") if isinstance(data, dict) else None)
    return paging if isinstance(paging, dict) else None


def name_list_shape(answer: Answer) -> str | None:
    """The shape of a page with one row."""
    data = get_data(answer)
    if isinstance(data, dict):
        return next((name for name in ("livestreams", "data") if isinstance(data.get(name), list)), "single" if "id" in data else None)
    return "list" if isinstance(data, list) else None


def find_active(answer: Answer) -> Row | None:
    """The active livestream, or None."""
    data = get_data(answer) if answer.is_success else None
    rows = [row for row in (data if isinstance(data, list) else [data]) if isinstance(row, dict) and row.get("status") in ACTIVE]
    return next((row for row in rows if row["status"] in STARTED), rows[0] if rows else None)


def name_no_active(answer: Answer) -> str | None:
    """How the answer says that no livestream is active, or None if it says something else."""
    if answer.status == 404:
        return "not_found"
    if not answer.is_success or not isinstance(answer.document, dict) or find_active(answer):
        return None
    data = get_data(answer)
    if data is MISSING:
        return "no_data" if answer.document.get("success") is True else None
    if data is None:
        return "null"
    if data == {}:
        return "empty_object"
    if data == []:
        return "empty_list"
    return "idle_object"


def find_texts(data: Any) -> Iterator[str]:
    """Every text in some data."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for item in data:
            yield from find_texts(item)
    elif isinstance(data, str):
        yield data


def has_loose_types(*rows: Row) -> bool | None:
    """Whether booleans come as text; None if no row has a field that should be one."""
    names = ("disabled", "live_stream_on_start", "record_on_start", "persist_chat")
    values = [row[name] for row in rows for name in names if row.get(name) is not None]
    return any(isinstance(value, str) for value in values) if values else None


def describe(answer: Answer) -> dict[str, Any]:
    """The status, code, and words of a refusal."""
    document = answer.document if isinstance(answer.document, dict) else {}
    errors = document.get("errors") if isinstance(document.get("errors"), list) else []
    error = document.get("error") if isinstance(document.get("error"), dict) else (errors or [{}])[0]
    said = error if isinstance(error, dict) else {}
    return {"status": answer.status, "code": said.get("code"), "message": said.get("message", document.get("message"))}

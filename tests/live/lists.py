# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists: which fields their rows have, which filters they heed, and how their pages are counted."""

from __future__ import annotations

from typing import Any

from simulator.settings import WORDS

from .livestreams import PATIENCE
from .meetings import NONSENSE
from .notes import Probe
from .shapes import ACTIVE, get_ids, get_paging, get_rows, name_list_shape
from .wire import Answer

#: More rows than any page is likely to have.
MANY = 1000
#: Filters that nothing of this run passes.
EXCLUDING = {
    "status": "ERRORED",
    "exclude_meetings": "true",
    "start_time": "2099-01-01T00:00:00.000Z",
    "end_time": "2000-01-01T00:00:00.000Z",
}


def read_list(probe: Probe, note: str, path: str = "livestreams", **query: Any) -> Answer:
    return probe.wire.get(path, note, **query)


def observe_row(probe: Probe) -> None:
    probe.tell("Reading the list of livestreams")
    answer = read_list(probe, "which fields does a row have?", sort_order="DSC", per_page=probe.per_page)
    active = {str(row["id"]) for row in get_rows(answer) if row.get("meeting_id") == probe.meeting_id and row.get("status") in ACTIVE}
    if len(active) > 1:  # even if the second start was answered with a refusal
        probe.facts["second_start"] = "another"
        probe.livestreams += sorted(active - set(probe.livestreams))
    row = next((row for row in get_rows(answer) if row.get("id") in probe.livestreams), None)
    if row:
        probe.note_success("list livestreams", answer, row)
        probe.facts["list_omits"] = [name for name in WORDS["list_omits"] if name not in row]


def observe_filters(probe: Probe) -> None:
    """Read with filters once both livestreams of this run are listed."""
    probe.tell("Reading the list of livestreams with filters")
    own, deadline = set(probe.livestreams), probe.wire.clock() + PATIENCE
    while not own <= set(get_ids(read_list(probe, "are both listed?", sort_order="DSC", per_page=probe.per_page))):
        if probe.wire.clock() > deadline:
            return
        probe.wire.sleep(1)
    ignored = []
    for name, value in EXCLUDING.items():
        answer = read_list(probe, f"is {name} heeded?", per_page=probe.per_page, sort_order="DSC", **{name: value})
        if not _is_list(answer):
            return  # a failed read says nothing
        if name == "status" and any(row.get("status") == value for row in get_rows(answer) if row.get("id") in own):
            return  # it has failed since, so it proves nothing
        ignored += [name] if own & set(get_ids(answer)) else []
    ends = [get_ids(read_list(probe, "is sort_order heeded?", sort_order=order, per_page=probe.per_page))[:1] for order in ("ASC", "DSC")]
    if len(own) > 1 and ends[0] and ends[0] == ends[1]:
        ignored.append("sort_order")
    probe.facts["list_ignores"] = [name for name in WORDS["list_ignores"] if name in ignored]
    _observe_counts(probe)


def _observe_counts(probe: Probe) -> None:
    """Read pages of one row, of which there are at least two."""
    first, second = (read_list(probe, "a page with one row", sort_order="ASC", per_page=1, page_no=page_no) for page_no in (1, 2))
    if not get_ids(first) or not _is_list(second):
        return  # a failed read says nothing
    probe.facts["list_shape"] = name_list_shape(first)
    paging = get_paging(first)
    probe.facts["omit_paging"] = paging is None
    probe.facts["repeat_page"] = get_ids(first) == get_ids(second)
    if paging is not None and len(set(probe.livestreams)) > 1:
        total = str(paging.get("total_count"))
        probe.facts["paging_count"] = {"0": "zero", "1": "page"}.get(total, "true")


def observe_pages(probe: Probe) -> None:
    probe.tell("Looking for the largest page of the lists")
    caps, defaults = [], []
    for path in ("livestreams", "meetings"):
        big = read_list(probe, f"how many {path} has a page?", path, per_page=MANY)
        if big.status in (400, 422):
            probe.note_refusal(f"list {path}, per_page={MANY}", big)
            probe.facts["per_page_over"] = "refused"
            caps.append(_bisect(probe, path))
        elif big.is_success:
            probe.facts["per_page_over"] = probe.facts["per_page_over"] or "capped"
            caps += _measure(probe, path, big, per_page=MANY)
        defaults += _measure(probe, path, read_list(probe, "how many without per_page?", path))
    probe.facts["per_page_cap"] = min(caps, default=None)
    probe.facts["per_page_default"] = min(defaults, default=None)


def _measure(probe: Probe, path: str, first: Answer, **query: Any) -> list[int]:
    """The rows of a page, if another page shows that there are more. Otherwise the size is unknown."""
    rows = get_ids(first)
    following = get_ids(read_list(probe, "are there more?", path, page_no=2, **query))
    return [len(rows)] if rows and set(following) - set(rows) else []


def _bisect(probe: Probe, path: str) -> int:
    """The largest ``per_page`` that is not refused."""
    accepted, refused = 1, MANY
    while refused - accepted > 1:
        middle = 100 if accepted < 100 < refused else (accepted + refused) // 2
        if read_list(probe, "is that refused?", path, per_page=middle).status in (400, 422):
            refused = middle
        else:
            accepted = middle
    return accepted


def observe_empty(probe: Probe) -> None:
    probe.tell("Reading pages that are empty")
    page = read_list(probe, "an empty page", end_time=EXCLUDING["end_time"], page_no=10_000)
    probe.facts["empty_list_404"] = page.status == 404 if _is_list(page) and not get_rows(page) else None
    silent: list[str] = []
    pages = {
        "meetings": probe.wire.get("meetings", "an empty page", search=NONSENSE, page_no=10_000),
        "apps": probe.wire.get("/apps", "an empty page", search=NONSENSE, page_no=10_000),
        "webhooks": probe.wire.get("webhooks", "the list of webhooks, maybe empty"),
    }
    for name, answer in pages.items():
        probe.seen["words"][f"an empty list of {name}"] = "has rows" if get_rows(answer) else str(answer.status)
        silent += [name] if answer.status == 404 else []
    probe.facts["empty_404"] = silent if all(map(_is_list, pages.values())) else None


def _is_list(answer: Answer) -> bool:
    """Whether it is a list, which may be empty in any dialect."""
    return answer.status == 404 or (answer.is_success and isinstance(answer.document, dict))

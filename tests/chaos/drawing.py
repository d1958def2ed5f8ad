# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draws an episode's world: how large it is, how its API speaks, how far its reads and lists are behind, and its faults."""

from __future__ import annotations

import random
from typing import Any, Mapping, NamedTuple, Sequence

from simulator import ChaosPlan, Settings

from chaos.breaks import LASTING as LASTING_BREAKS
from chaos.breaks import PASSING as PASSING_BREAKS
from chaos.breaks import Breaks

#: The delays that the collection handles, in seconds: how late a write may come, and how late reads and lists may show it, together
#: stay under the five that it looks for; how long a stop takes stays under the ten that it tries again for.
WRITE_LAG, VISIBLE_LAG, LIST_LAG, STOP_LAG = 2.5, 2.0, 2.0, 8.0

#: Patience outlasts these: with enough retries they may cost time, never the task.
PASSING = {"drop": 3, "drop_midway": 1, "status": 3, "html": 1, "garbage": 1, "empty": 1, "truncated": 1, "missing_keys": 1, "no_data": 1}
PASSING.update(not_object=1, rate_limited=1, interim=1, interim_only=1)
#: Nor will these go away by being asked again.
LASTING = {"success_false": 0.3, "redirect": 0.3}

DIALECTS: dict[str, tuple[Any, ...]] = {
    "envelope": ("data", "result"),
    "no_active": ("not_found", "null", "empty_object", "empty_list", "idle_object", "no_data"),
    "active_shape": ("object", "list"),
    "list_shape": ("list", "livestreams", "data", "single"),
    "sessions_shape": ("reference", "list", "session_list"),
    "loose_types": (False, True),
    "empty_list_404": (False, True),
    "active_omits_secrets": (False, True),
    "start_playback_null": (False, True),
    "conflict_status": (409, 400),
    "stop_nothing_status": (404, 400, 409),
    "paging_count": ("true", "zero", "page"),
    "create_omits_name": (False, True),
    "list_omits": (
        *([],) * 5,
        ["ingest_server", "playback_url", "stream_key", "disabled"],
        ["meeting_id"],
        ["status"],
        ["playback_url", "updated_at"],
        ["created_at"],
        ["meeting_id", "status", "created_at"],
    ),
    "list_ignores": (*([],) * 4, ["status"], ["exclude_meetings"], ["sort_order"], ["exclude_meetings", "sort_order"]),
    "session_objects": (False, True),
    "search_finds": ("matches", "words", "everything"),
    "meetings_list_omits": (*([],) * 4, ["status"], ["title"], ["title", "status"], ["record_on_start", "persist_chat"], ["created_at"]),
    "meeting_omits": ([], ["created_at", "updated_at"]),
    "update_echoes": ("whole", "id_and_changed", "changed", "id", "no_data"),
    "empty_404": ([], ["meetings"], ["apps"], ["webhooks"]),
    "webhook_names_unique": (True, True, False),
    "webhooks_list_omits": (*([],) * 4, ["name"], ["events"], ["url", "enabled"], ["created_at"]),
}

#: If these changed from one page to the next, no client could tell where a list ends, or which rows it has. Of webhooks, it is a rule.
LASTING_DIALECTS = frozenset({"paging_count", "list_ignores", "search_finds", "meetings_list_omits", "webhook_names_unique"})

#: An API with reliable lists, which the tasks of a large world use, while rows move between pages.
PLAIN = {"list_omits": [], "list_ignores": [], "paging_count": "true", "omit_paging": False, "list_lag": 0, "per_page_cap": 6}

#: Seconds of ``Retry-After``. With more than the short one, faults must be rare, or a task takes hours.
#: With more than 300 the collection fails at once.
SHORT_RETRY_AFTER, LONGEST_RETRY_AFTER = 5, 295


class Size(NamedTuple):
    """How many meetings there are, and how many rows the API puts on a page at most."""

    meetings: int
    cap: int

    @property
    def is_large(self) -> bool:
        """Whether there are enough meetings for tasks that ask the lists first."""
        return self.meetings >= 10


class Draft(NamedTuple):
    """All that is known of an episode before it is played; ``dice`` for what happens in it."""

    dice: random.Random
    calm: bool  #: no other user interferes, and patience outlasts every fault
    size: Size
    dialects: Mapping[str, Sequence[Any]]
    settings: Settings
    plan: ChaosPlan
    breaks: Breaks
    last_reads: int  #: for this many meetings or more, a wait ends by the lists, without a read of each


def draw(seed: int) -> Draft:
    dice = random.Random(f"episode {seed}")
    calm, size = dice.random() < 0.35, draw_size(dice)
    dialects = find_dialects(size.cap)
    settings = draw_settings(dice, dialects, size, calm=calm)
    plan = draw_plan(dice, seed, settings, calm=calm)
    breaks = draw_breaks(random.Random(f"connections {seed}"), calm=calm)
    return Draft(dice, calm, size, dialects, settings, plan, breaks, last_reads=dice.choice((0, 0, 100)))


def draw_size(dice: random.Random) -> Size:
    if dice.random() < 0.35:
        return Size(dice.randint(10, 40), dice.choice((100, *(dice.randint(5, 20) for _choice in range(3)))))
    # With more than five meetings, a wait asks for lists instead of each meeting.
    return Size(dice.choice((3, 3, 3, 3, 7)), dice.choice((100, 1, 2, 3)))


def find_dialects(cap: int) -> dict[str, tuple[Any, ...]]:
    """The dialects that an API which returns at most ``cap`` rows a page may speak."""
    if cap == 100:
        return DIALECTS
    # If the API counts only the rows of a page, and makes pages shorter than asked for, each page looks like a complete list.
    # No client can tell the two apart: this is a documented limit.
    return {name: tuple(value for value in values if value != "page") for name, values in DIALECTS.items()}


def draw_settings(dice: random.Random, dialects: Mapping[str, tuple[Any, ...]], size: Size, *, calm: bool) -> Settings:
    settings = Settings(
        live_delay=dice.choice((dice.uniform(0, 20), dice.uniform(10, 40))),
        limit_window=dice.choice((dice.randint(5, 60), dice.randint(60, 300))),
    )
    settings.update({name: dice.choice(values) for name, values in dialects.items()})
    settings.stop_lag = dice.choice((0.0, dice.uniform(0, STOP_LAG)))
    settings.visible_lag = dice.choice((0.0, dice.uniform(0, VISIBLE_LAG)))
    settings.list_lag = dice.choice((0.0, 0.0, dice.uniform(0, LIST_LAG)))
    settings.per_page_cap = size.cap
    settings.omit_paging = dice.random() < 0.2
    if "sort_order" in settings.list_ignores:
        # A list that grows at its front can be read completely only if its paging shows the end, which is also a documented limit.
        settings.omit_paging, settings.paging_count = False, "true"
    if "title" in settings.meetings_list_omits:
        settings.search_finds = "matches"  # each row costs a separate read
    settings.list_turns_live = dice.choice((0, 0, 0, 1, 3))
    if calm and settings.conflict_status == 400:
        settings.visible_lag = 0.0  # a 400 where no read shows why is taken at its word, and fails
    if not calm:
        settings.list_turns_idle = dice.choice((0, 1, 1, 2) if size.is_large else (0, 0, 0, 1))
        if size.is_large and dice.random() < 0.4:
            settings.update(PLAIN)
        if dice.random() < 0.4:
            # As much for each meeting as in a small world, or a task takes hours.
            few, many = (size.meetings, 4 * size.meetings) if size.is_large else (3, 10)
            settings.limit_requests = dice.choice((dice.randint(few, many), dice.randint(many, 4 * many)))
            settings.limit_kind = dice.choice(("fixed", "sliding"))
    return settings


def draw_plan(dice: random.Random, seed: int, settings: Settings, *, calm: bool) -> ChaosPlan:
    kinds = PASSING if calm else {**PASSING, **LASTING}
    retry_after = dice.choice((None, 1, SHORT_RETRY_AFTER, dice.randint(SHORT_RETRY_AFTER, LONGEST_RETRY_AFTER)))
    is_long = retry_after is not None and retry_after > SHORT_RETRY_AFTER
    if is_long:
        kinds = {**kinds, "rate_limited": 4}
    chosen = {*dice.sample(sorted(kinds), dice.randint(1, len(kinds))), *(["rate_limited"] if is_long else [])}
    late = dice.choice((0.0, 0.5))
    return ChaosPlan(
        seed,
        probability=dice.uniform(0.05, 0.2) if is_long else dice.uniform(0.15, 0.6),
        kinds={kind: kinds[kind] for kind in sorted(chosen)},
        after=dice.uniform(0.2, 0.9),
        late=late if settings.visible_lag + settings.list_lag <= VISIBLE_LAG else 0.0,
        write_lag=WRITE_LAG,
        retry_after=retry_after,
        in_a_row=dice.choice((1, 2)) if calm else dice.choice((1, 2, 3, 5, None)),
    )


def draw_breaks(dice: random.Random, *, calm: bool) -> Breaks:
    kinds = PASSING_BREAKS if calm or dice.random() < 0.7 else (*PASSING_BREAKS, *LASTING_BREAKS)
    # In a calm episode, these and the most faults in a row leave the last try of a request alone.
    return Breaks(dice.choice((0.0, dice.uniform(0.02, 0.3))), kinds, most=2 if calm else dice.choice((2, 3, None)))

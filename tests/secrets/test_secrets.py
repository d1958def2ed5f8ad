# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Neither the token nor a stream key appears, even at -vvvv, and even if the API repeats them.

Each module in each state has run, with the token from the task, from module_defaults and from the environment, with diffs on,
against accounts where all goes well and accounts that refuse, break down, or repeat the secrets in their own words.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator

import pytest
from search import search, search_files, traces

if TYPE_CHECKING:
    from conftest import Run

SECRET = "sim_Q0fjz3nT9pYxW2bV7rLk5uEh8sAc1dGm4oXi"
KEY = "0123456789abcdef9876543210fedcba0123456789abcdef9876543210fedcba"

#: How the tasks of a host have to end: failed, and the HTTP status of the first error; None: it is no failure.
BY_TITLE = ["ensured", "closed", "all_meetings", "started_by_title", "stopped_by_title", "of_title"]
WEBHOOKS = ["ensured_webhook", "all_webhooks"]
NO_ERROR = dict.fromkeys(
    ["started", "restarted", "stopped", "present", "of_meetings", "by_ids", "listed", "all_apps", "all_analytics", *WEBHOOKS, *BY_TITLE]
)
# By title, nothing is left to stop.
READS_ONLY = [
    "of_meetings",
    "by_ids",
    "listed",
    "all_apps",
    "all_analytics",
    "all_webhooks",
    "all_meetings",
    "stopped_by_title",
    "of_title",
]
REFUSES_ROOMS = {**NO_ERROR, **dict.fromkeys(["started", "restarted", "stopped", "started_by_title", "all_meetings"], 422)}
ENDS: dict[str, dict[str, int | str | None]] = {
    "works": NO_ERROR,
    "refuses_token": dict.fromkeys(NO_ERROR, 401),
    "refuses_reads": {
        **NO_ERROR,
        "started": 422,
        **dict.fromkeys(["present", "by_ids", "listed", "all_apps", "all_analytics", *WEBHOOKS, *BY_TITLE], 403),
    },
    "refuses_writes": {**dict.fromkeys(NO_ERROR, 403), **dict.fromkeys(READS_ONLY)},
    "refuses_rooms": REFUSES_ROOMS,
    "breaks_down": dict.fromkeys(NO_ERROR, 500),
    "talks_garbage": dict.fromkeys(NO_ERROR, "no status"),
    "refuses_writes_of_task": {
        **dict.fromkeys(["in_each_state", "present", "ensured", "ensured_webhook"], 403),
        **dict.fromkeys(["of_meetings", "all_meetings", "all_apps", "all_analytics", "all_webhooks"]),
    },
    "refuses_writes_of_environment": {**dict.fromkeys(NO_ERROR, 403), **dict.fromkeys(READS_ONLY)},
    "odd": {"started": "no status", "of_meetings": None, "in_each_state": None, "present": "no status", "listed": "no status"},
    "gives_keys": NO_ERROR,
    "gives_keys_and_refuses_rooms": REFUSES_ROOMS,
    "gives_keys_and_refuses_writes": {"stopped": 403},
}


# The coverage of the runs


def test_tasks_ended_as_they_should(run: Run) -> None:
    """Else there would have been nothing to hide."""
    assert run.status == 0, run.stderr
    assert {host: {task: how_it_ended(run.results[host][task]) for task in tasks} for host, tasks in ENDS.items()} == ENDS


def test_warnings_and_diffs_were_there(run: Run) -> None:
    assert any("is disabled" in warning for warning in run.results["odd"]["present"]["warnings"])
    stopped = run.results["works"]["stopped"]["diff"]
    assert None not in stopped["before"].values()
    assert set(stopped["after"].values()) == {None}
    for shown in ('"diff": {', "+++ after", "AnsiballZ"):
        assert shown in run.stdout


def test_meetings_repeat_the_token(run: Run) -> None:
    """Else the new modules would have had nothing to hide."""
    for host in ("works", "gives_keys", "refuses_writes", "refuses_writes_of_task", "refuses_writes_of_environment"):
        assert [meeting["title"] for meeting in run.results[host]["all_meetings"]["meetings"]].count("Not with ********, said the API") == 1
    assert [meeting["title"] for meeting in run.results["works"]["all_meetings"]["meetings"] if meeting["active_session"]] == ["Foyer"]
    assert any("not-this-one" in warning for warning in run.results["refuses_writes"]["stopped_by_title"]["warnings"])


# The search for secrets


def test_nothing_secret_on_screen_or_in_the_log(run: Run) -> None:
    leaks = [found for text in (run.stdout, run.stderr, run.log) for found in search(text, run.secrets)]
    assert not leaks, "\n".join(leaks)


def test_nothing_secret_in_results(run: Run) -> None:
    """A registered key goes to files, facts, and messages, and no ansible-core masks it there."""
    leaks = [
        f"{host}, {task}: {found}"
        for host, tasks in run.results.items()
        for task, result in tasks.items()
        for found in search(json.dumps(result), run.secrets)
    ]
    assert not leaks, "\n".join(leaks)


def test_nothing_secret_in_temporary_files(run: Run) -> None:
    leaks = search_files(run.folders, run.secrets)
    assert not leaks, "\n".join(leaks)


# Stream keys that were asked for


def test_keys_asked_for_are_in_the_result(run: Run) -> None:
    for host, tasks in {
        "gives_keys": ("started", "restarted", "present", "by_ids", "listed"),
        "gives_keys_and_refuses_rooms": ("started", "of_meetings", "by_ids"),
    }.items():
        for task in tasks:
            returned = set(keys_in(run.results[host][task]))
            assert returned
            assert returned <= set(run.keys.values()), (host, task)


def test_lists_brought_keys_of_many_rooms(run: Run) -> None:
    """And one of a room that no task had named."""
    results = run.results["gives_keys_and_refuses_rooms"]
    assert results["of_meetings"]["rate_limit"]["requests"] < 11
    assert len(set(keys_in(results["of_meetings"]))) == 11
    assert len(set(keys_in(results["by_ids"]))) == 12


def test_keys_asked_for_are_nowhere_else_in_the_result(run: Run) -> None:
    leaks = [
        f"{host}, {task}: {found}"
        for host, tasks in run.results.items()
        if host.startswith("gives_keys")
        for task, result in tasks.items()
        for found in search(json.dumps(without_keys(result)), run.keys)
    ]
    assert not leaks, "\n".join(leaks)


def test_keys_asked_for_are_masked_on_screen_where_ansible_can(run: Run) -> None:
    assert search(run.stdout, run.keys) == [] or not can_mask(run.core)


# The search itself


def test_search_finds_what_was_planted(run: Run) -> None:
    for text in (run.stdout, run.log):
        assert len(search(text, run.planted)) == 1
        assert search(text, run.planted)[0].startswith("planted on screen")
    (found,) = search_files(run.folders, run.planted)
    assert "planted in file" in found
    assert can_mask(run.core) or search(run.stdout, run.keys)


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"EXEC /bin/sh -c 'CLOUDFLARE_API_TOKEN={SECRET} python'",
        SECRET.upper(),
        SECRET[:14],
        f"cut short: {SECRET[-14:]}",
        *(base64.b64encode((before + SECRET + after).encode()).decode() for before in ("", "a", "ab", "Bearer ") for after in ("", "b")),
    ],
)
def test_search_finds(text: str) -> None:
    assert len(search(f"first line\n{text}\nlast line", {"token": SECRET, "other": KEY})) == 1


@pytest.mark.parametrize("text", ["", "sim_", SECRET[:11], f"{SECRET[:6]} {SECRET[6:12]}", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"])
def test_search_does_not_find_what_is_not_there(text: str) -> None:
    assert search(text, {"token": SECRET, "other": KEY}) == []


def test_search_does_not_repeat_what_it_finds(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "args").write_text(f'{{"api_token": "{SECRET}"}}')
    (found,) = search_files([tmp_path], {"token": SECRET})
    assert "deep/args" in found
    assert not any(trace in found.lower() for trace in traces(SECRET))


def how_it_ended(result: dict[str, Any]) -> int | str | None:
    """The HTTP status of a failure's first error; of a loop, what all turns have in common."""
    if "results" in result and "error" not in result and isinstance(result["results"][0], dict) and "item" in result["results"][0]:
        (common,) = {how_it_ended(turn) for turn in result["results"]}
        return common
    return (result["error"]["status"] or "no status") if result.get("failed") else None


def keys_in(value: Any) -> Iterator[str]:
    """Every ``stream_key`` in a result."""
    if isinstance(value, dict):
        if isinstance(value.get("stream_key"), str):
            yield value["stream_key"]
        for inner in value.values():
            yield from keys_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_in(inner)


def without_keys(value: Any) -> Any:
    """The result without its ``stream_key``s."""
    if isinstance(value, dict):
        return {name: without_keys(inner) for name, inner in value.items() if name != "stream_key"}
    return [without_keys(inner) for inner in value] if isinstance(value, list) else value


def can_mask(core: str) -> bool:
    """Whether modules can register a secret with this ansible-core: since 2.22."""
    return tuple(int(part) for part in core.split(".")[:2]) >= (2, 22)

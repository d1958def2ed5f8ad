# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/troubleshooting.md and docs/doctor.md know every message in the code, and tell of none that is not there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any, Iterator

import awx
import pytest
import yaml

# event_views has the words of a report, which are no messages.
FILTERS = [path for path in (awx.ROOT / "plugins/filter").glob("*.py") if path.stem != "event_views"]
PLUGINS = sorted([*(awx.ROOT / "plugins").glob("module*/**/*.py"), *FILTERS])
PLAYS = sorted([*(awx.ROOT / "roles").glob("*/tasks/*.yml"), *(awx.ROOT / "playbooks").glob("*.yml")])
FAILURE = (awx.ROOT / "roles/broadcast/templates/failure.txt.j2").read_text(encoding="utf-8")
PAGES = "\n".join((awx.ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("troubleshooting.md", "doctor.md"))
PAGE = " ".join(PAGES.split())

#: Texts of several words that are not messages.
NO_MESSAGES = {
    "the answer took too long",  # the message is "no complete answer in time"
    "at a time",  # the unit in "must be from 1 to 32 at a time"
    "the task was stopped",  # said by a class that is never raised itself
    "reached by us",  # a state of a write, which no message shows
    "reached by others",
    "analytics by day",  # a target's name, in front of its message
    "list of livestreams",  # a task's only target, which no message names
    "list of meetings",
    "list of webhooks",
}


def is_documentation(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) or (
        isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in {"DOCUMENTATION", "EXAMPLES", "RETURN"}
    )


def texts(path: Path) -> Iterator[str]:
    """Every text in a file's code, with … for what is filled in."""
    stack: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
            # A text may be filled into a text.
            stack.extend(part for part in node.values if isinstance(part, ast.FormattedValue))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.replace("{}", "…")
        elif is_documentation(node) and isinstance(getattr(node, "value", None), ast.Constant):
            continue
        else:
            stack.extend(ast.iter_child_nodes(node))


def find_refusals(node: Any) -> Iterator[str]:
    """Yield the messages of tasks that refuse their input, with … for filled-in values."""
    if isinstance(node, list):
        for item in node:
            yield from find_refusals(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "fail_msg":
                yield re.sub(r"(?s)\{\{.*?\}\}", "…", value)
            elif key == "ansible.builtin.fail":
                yield re.sub(r"(?s)\{\{.*?\}\}", "…", value["msg"])
            else:
                yield from find_refusals(value)


@cache
def all_texts() -> list[str]:
    """Return the messages of modules, roles, and playbooks."""
    code = [text for path in PLUGINS for text in texts(path)]
    return code + [text for path in PLAYS for text in find_refusals(yaml.safe_load(path.read_text(encoding="utf-8")))]


def fragments(text: str) -> list[str]:
    """Return the fixed parts of a message."""
    return [" ".join(part.split()) for part in text.split("…")]


def messages() -> list[str]:
    """The longest fragment of each text that has three words or more in a row."""
    longest = (max(fragments(text), key=len) for text in all_texts())
    return sorted({text for text in longest if len(text.split()) > 2} - NO_MESSAGES)


def test_messages_are_found() -> None:
    assert len(messages()) > 40
    assert "no complete answer in time (api_timeout is" in messages()
    assert "has no room, or an entry that is not a title" in " ".join(messages())
    code = {text for path in PLUGINS for text in texts(path)}
    assert code >= NO_MESSAGES


@pytest.mark.parametrize("message", messages())
def test_page_knows_the_message(message: str) -> None:
    assert message in PAGE


def told() -> list[str]:
    """Return the quotes of the pages: the code spans with a space in the first column of their tables."""
    cells = [line.split("|")[1] for line in PAGES.splitlines() if line.startswith("| ")]
    return sorted({span for cell in cells for span in re.findall(r"\x60([^\x60]+)\x60", cell) if " " in span})


@pytest.mark.parametrize("span", told())
def test_code_says_what_the_page_quotes(span: str) -> None:
    code = "\n".join(" ".join(text.split()) for text in [*all_texts(), FAILURE])
    for fragment in fragments(span):
        assert fragment in code, fragment

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes facts.json and exchanges.json, after a search for what they must not have."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from simulator.facts import FORMAT, KIND

from .notes import Probe
from .scrub import MESSAGE, Scrubber


class LeakError(Exception):
    """A file would have something that it must not have."""


def write(probe: Probe, folder: Path) -> None:
    """Write both files, or neither."""
    account = probe.wire.account
    scrubber = Scrubber({account.token: "token", account.account_id: "account", account.app_id: "app", account.host: "host"})
    scrubber.ours = {*probe.livestreams, *filter(None, [probe.meeting_id])}
    exchanges = scrubber.scrub(probe.wire.exchanges)
    seen = {
        **probe.seen,
        "answers": {
            what: {name: scrubber.value(said, MESSAGE) for name, said in answer.items()} for what, answer in probe.seen["answers"].items()
        },
        "fields": {what: [scrubber.key(name) for name in names] for what, names in probe.seen["fields"].items()},
        "words": {what: scrubber.value(word, MESSAGE) for what, word in probe.seen["words"].items()},
    }
    documents = {
        "facts.json": {
            "kind": KIND,
            "format": FORMAT,
            "recorded": time.strftime("%Y-%m-%d", time.gmtime()),
            "facts": probe.facts,
            "seen": seen,
        },
        "exchanges.json": {"kind": "streamops.realtimekit exchanges", "format": FORMAT, "exchanges": exchanges},
    }
    texts = {name: json.dumps(document, indent=2) + "\n" for name, document in documents.items()}
    for name, text in texts.items():
        leaks = scrubber.find_leaks(text)
        if leaks:
            raise LeakError(f"{name} is not written, because it would show {', '.join(leaks)}. Please report that")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def summarize(facts: dict[str, Any]) -> str:
    unknown = [name for name, value in facts.items() if value is None]
    said = f"{len(facts) - len(unknown)} facts are known. Unknown: {', '.join(unknown) or 'none'}."
    if facts["second_start"] is None:
        said += "\nWhether a second start is refused while a livestream is active is unknown: see `second start` in facts.json."
    if facts["second_start"] in ("same", "another"):
        said += (
            "\n\nIMPORTANT: the account has NOT refused a second start while a livestream was active. The modules rely on that refusal. "
            "Please report it: docs/real-account.md says how."
        )
    return said

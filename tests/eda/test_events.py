# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebooks of docs/self-healing.md print the events that the guide shows."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
from pathlib import Path
from typing import Any

import requests
from running import count_polls, find_live, find_secrets, wait_until

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/self-healing.md").read_text(encoding="utf-8")

#: The parts that differ between runs.
CHANGES = {
    r"\d{4}-\d\d-\d\dT[\d:.]+Z": "TIME",
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "ID",
    r" +": " ",  # how far a line is indented, and where it breaks, depends on the lengths of the values
    r"\n": "",
}


def find_block(language: str, words: str) -> str:
    """The fenced block of the guide that has these words."""
    (found,) = [block for block in re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL) if words in block]
    return str(found)


def find_event(output: str) -> str:
    """The first event that was printed."""
    return output[output.index("Ruleset:") :].partition("\n****")[0]


def normalize(event: str) -> str:
    for pattern, word in CHANGES.items():
        event = re.sub(pattern, word, event)
    return event.strip()


def test_first_steps(rulebook: Any, studio: Any, tmp_path: Path) -> None:
    """The command of the guide, with its files."""
    sim = studio(1)
    commands = [line[2:] for line in GUIDE.splitlines() if line.startswith("$ ")]
    (write,) = [command for command in commands if command.endswith(" > inventory")]
    (watch,) = [command for command in commands if command.startswith("ansible-rulebook ")]
    subprocess.run(["sh", "-c", write], cwd=tmp_path, check=True)
    rooms = find_block("console", "cat rooms.yml").partition("rooms.yml\n")[2]
    (tmp_path / "rooms.yml").write_text(re.sub(r"- \S+", f"- {sim.meetings[0]}", rooms) + "rtk_interval: 2\n", encoding="utf-8")
    program, option, name, *options = shlex.split(watch)
    assert (program, option) == ("ansible-rulebook", "--rulebook")
    running = rulebook(sim, name, *options)
    wait_until(lambda: count_polls(sim), f"it polls: {running.output}")
    sim.world.set_status(sim.world.active(sim.meetings[0]), "ERRORED")
    wait_until(lambda: find_live(sim), f"it is live again: {running.output}")


def test_source_livestreams(rulebook: Any, studio: Any, tmp_path: Path) -> None:
    sim = studio(1)
    (tmp_path / "polling.yml").write_text(find_block("yaml", "livestreams:\n"), encoding="utf-8")
    running = rulebook(sim, "polling.yml", "--print-events")
    wait_until(lambda: count_polls(sim) > 1, "it polls")
    livestream = sim.world.active(sim.meetings[0])
    sim.world.set_status(livestream, "ERRORED")
    wait_until(lambda: "and has failed" in running.output, f"the rule: {running.output}")
    assert f"{sim.meetings[0]} was LIVE and has failed" in running.output
    assert normalize(find_event(running.output)) == normalize(find_block("text", "Ruleset: Follow livestreams by polling"))
    assert find_secrets(sim, running.output) == []


def test_source_webhook(rulebook: Any, studio: Any, tmp_path: Path) -> None:
    sim = studio(1)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    text = find_block("yaml", "webhook:\n").replace("port: 5000", f"port: {port}").replace("http://127.0.0.1:8080", sim.url)
    (tmp_path / "webhook.yml").write_text(text, encoding="utf-8")
    running = rulebook(sim, "webhook.yml", "--print-events")

    def is_listening() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def control(path: str, **body: Any) -> Any:
        return requests.post(f"{sim.control_url}/{path}", json=body, timeout=10).json()

    wait_until(is_listening, f"it listens: {running.output}")
    livestream = sim.world.active(sim.meetings[0])
    control("webhooks", name="Event bus", url=f"http://127.0.0.1:{port}/", events=["livestreaming.statusUpdate"])
    for signature, status in (("wrong", 401), ("none", 401), ("valid", 200)):
        (sent,) = control("deliveries", livestream_id=livestream.id, signature=signature)["deliveries"]
        assert sent["status"] == status
    wait_until(lambda: "is on air" in running.output, f"the rule: {running.output}")
    assert f"{livestream.id} is on air" in running.output
    assert running.output.count("Ruleset:") == 1
    assert normalize(find_event(running.output)) == normalize(find_block("text", "Ruleset: Follow livestreams by webhook"))
    assert find_secrets(sim, running.output) == []

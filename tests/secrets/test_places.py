# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a token shows that is put into one place or another: what docs/secrets.md says of it, true on each ansible-core."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from accounts import make_token
from search import search

HERE = Path(__file__).resolve().parent
TIMEOUT = 900

#: {place: whether the token shows in the output, and in the list of processes}, as in the table of the guide.
PLACES = {
    "option": (False, False),
    "play_environment": (True, True),
    "proxy_in_play_environment": (True, True),
    "own_environment": (False, False),
    "command_line": (True, True),
}
#: Those into which the inventory does not put it.
ELSEWHERE = {"own_environment", "command_line"}
ROWS = {
    "own_environment": ["the environment of Ansible itself, or a credential in AWX", "no", "no"],
    "option": ["the option `api_token`, from a vault or another variable", "no", "no"],
    "play_environment": [
        "the keyword `environment:` of a play, a block, a role, or a task",
        "**yes**",
        "**yes**, for every user of the target",
    ],
    "command_line": [
        "the command line, such as `-e cloudflare_api_token=…`",
        "**yes**",
        "**yes**, on the control node, and in the shell's history",
    ],
}
each_place = pytest.mark.parametrize("place", PLACES)
each_way = pytest.mark.parametrize("is_hidden", [False, True], ids=["", "no_log"])


class Left(NamedTuple):
    """The traces of a run: its output, and the list of processes while it ran."""

    output: str
    processes: str
    secret: str


@pytest.fixture(scope="module")
def left(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool], Left]:
    """Each place in a separate run, because the output does not say to which play it belongs."""
    core, folder = Path(request.config.getoption("--environment")), tmp_path_factory.mktemp("places")
    return {(place, is_hidden): play(core, folder, place, is_hidden=is_hidden) for place in PLACES for is_hidden in (False, True)}


def play(core: Path, folder: Path, place: str, *, is_hidden: bool) -> Left:
    secret, run = make_token(), folder / f"{place}-{is_hidden}"
    for name in ("home", "tmp", "ansible_collections/streamops"):
        (run / name).mkdir(parents=True)
    (run / "ansible_collections/streamops/realtimekit").symlink_to(HERE.parents[1])
    (run / "core").symlink_to(core)  # under a path without spaces
    here = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}", "folder": str(run)}
    variables = {**here, "secret": "not used" if place in ELSEWHERE else secret, "is_hidden": is_hidden}
    (run / "inventory.json").write_text(json.dumps({"all": {"hosts": {place: variables}}}))
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(run / "home"),
        "TMPDIR": str(run / "tmp"),
        "ANSIBLE_COLLECTIONS_PATH": str(run),
        "ANSIBLE_LOCAL_TEMP": str(run / "tmp"),
        "ANSIBLE_REMOTE_TMP": str(run / "tmp"),
        "ANSIBLE_NOCOLOR": "1",
        **({"CLOUDFLARE_API_TOKEN": secret} if place == "own_environment" else {}),
    }
    extra = ["--extra-vars", f"secret={secret}"] if place == "command_line" else []
    programs = [run / "core/bin/python", run / "core/bin/ansible-playbook"]
    command = [*programs, "-vvvv", *extra, "--inventory", run / "inventory.json", HERE / "places.yml"]
    done = subprocess.run(
        command, env=environment, cwd=run, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:].replace(secret, "<secret>")
    return Left(done.stdout + done.stderr, (run / f"{place}.processes").read_text(), secret)


@each_way
@each_place
def test_token_shows_in_the_output_as_the_guide_says(left: dict[tuple[str, bool], Left], place: str, is_hidden: bool) -> None:
    run = left[place, is_hidden]
    assert bool(search(run.output, {"secret": run.secret})) == PLACES[place][0]


@each_way
@each_place
def test_token_shows_in_the_list_of_processes_as_the_guide_says(left: dict[tuple[str, bool], Left], place: str, is_hidden: bool) -> None:
    run = left[place, is_hidden]
    assert "ansible-playbook" in run.processes
    assert bool(search(run.processes, {"secret": run.secret})) == PLACES[place][1]


@pytest.mark.parametrize("place", ROWS)
def test_guide_has_the_same_rows(place: str) -> None:
    assert f"| {' | '.join(ROWS[place])} |\n" in (HERE.parents[1] / "docs/secrets.md").read_text(encoding="utf-8")
    assert tuple(cell.startswith("**yes**") for cell in ROWS[place][1:]) == PLACES[place]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An ansible-playbook run against accounts that fail in every way, with the ansible-core that the session secrets-... has installed."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests")]

from accounts import HOSTS, Account, make_token  # noqa: E402 (they lie beside this file)

#: Seconds that a run may take before it counts as one that hangs.
TIMEOUT = 900


@dataclasses.dataclass
class Run:
    """The files and the output of an ansible-playbook run, and its secrets."""

    core: str
    status: int
    stdout: str = dataclasses.field(repr=False)
    stderr: str = dataclasses.field(repr=False)
    log: str = dataclasses.field(repr=False)
    #: The results of the tasks: host to task to result.
    results: dict[str, dict[str, Any]] = dataclasses.field(repr=False)
    #: Where ansible and its modules keep temporary files.
    folders: list[Path]
    #: Name to value: all tokens, and the keys of the hosts that did not ask for keys.
    secrets: dict[str, str] = dataclasses.field(repr=False)
    #: The keys that were asked for.
    keys: dict[str, str] = dataclasses.field(repr=False)
    planted: dict[str, str] = dataclasses.field(repr=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--core", required=True, help="the version of ansible-core")
    parser.addoption("--environment", required=True, help="the virtual environment that has it")


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return play(request.config.getoption("--core"), request.config.getoption("--environment"), tmp_path_factory.mktemp("run"))


def play(core: str, environment_of_core: str, folder: Path) -> Run:
    """Run the playbook with this core, in a home below ``folder``."""
    for name in ("home", "tmp", "remote", "ansible_collections/streamops"):
        (folder / name).mkdir(parents=True)
    (folder / "ansible_collections/streamops/realtimekit").symlink_to(ROOT)
    (folder / "core").symlink_to(environment_of_core)  # under a path without spaces
    planted = {"planted on screen": make_token(), "planted in file": make_token()}
    token_in_environment = make_token()
    with contextlib.ExitStack() as stack:
        accounts = {
            host: Account(prepare, token_in_environment if group == "token_in_environment" else make_token())
            for host, (group, prepare) in HOSTS.items()
        }
        for account in accounts.values():
            stack.enter_context(account.sim)
        (folder / "inventory.json").write_text(json.dumps(inventory(accounts, folder / "results.json")))
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(folder),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "ANSIBLE_REMOTE_TMP": str(folder / "remote"),
            "ANSIBLE_LOG_PATH": str(folder / "log"),
            "ANSIBLE_FORKS": "4",
            "ANSIBLE_NOCOLOR": "1",
            "CLOUDFLARE_API_TOKEN": token_in_environment,
            "PLANTED_ON_SCREEN": planted["planted on screen"],
            "PLANTED_IN_FILE": planted["planted in file"],
        }
        done = subprocess.run(
            [
                *(folder / "core/bin/python", folder / "core/bin/ansible-playbook"),
                *("-vvvv", "--diff", "--inventory", folder / "inventory.json", HERE / "playbook.yml"),
            ],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    results = folder / "results.json"
    secrets, keys = {"token in the environment": token_in_environment}, {}
    for host, account in accounts.items():
        secrets[f"token of {host}"] = account.token
        given_out = {f"key {number} of {host}": key for number, key in enumerate(account.keys_given_out())}
        (keys if host.startswith("gives_keys") else secrets).update(given_out)
    return Run(
        core=core,
        status=done.returncode,
        stdout=done.stdout,
        stderr=done.stderr,
        log=(folder / "log").read_text(),
        results=json.loads(results.read_text()) if results.exists() else {},
        folders=[folder / name for name in ("home", "tmp", "remote")],
        secrets=secrets,
        keys=keys,
        planted=planted,
    )


def inventory(accounts: dict[str, Account], results: Path) -> dict[str, Any]:
    """Every account as a host on this machine, in the group of the play that works on it."""
    groups: dict[str, Any] = {group: {"hosts": {}} for group, _prepare in HOSTS.values()}
    for host, account in accounts.items():
        group = HOSTS[host][0]
        groups[group]["hosts"][host] = account.variables()
    here = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    everywhere = {**here, "results_file": str(results), "hosts": list(accounts)}
    return {"all": {"vars": everywhere, "hosts": {"localhost": {}}, "children": groups}}

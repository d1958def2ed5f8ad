# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the tests that run the collection as AWX and as a person at a command line do: built, installed, by real Ansible."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import awx
from simulator import Settings, Simulator

BBBB, CCCC = "bbbb1111-22cc-33dd-44ee-555555ffffff", "cccc2222-33dd-44ee-55ff-666666aaaaaa"
UNKNOWN = "ffffffff-0000-4000-8000-000000000000"


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """A command that has to work; what it said is in the error if it does not."""
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True, timeout=600, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def git(repository: Path, *arguments: str) -> None:
    run("git", "-C", repository, "-c", "user.name=somebody", "-c", "user.email=somebody@example.com", *arguments)


@pytest.fixture(scope="session", autouse=True)
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """The tools of this Python's environment, a separate home, and no settings of the caller's Ansible, Cloudflare, git, or shell."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in [
            name for name in os.environ if name.startswith(("ANSIBLE_", "CLOUDFLARE_", "GIT_", "XDG_", "LANGUAGE", "BASH_ENV"))
        ]:
            patch.delenv(variable)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        yield patch


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only the files that git would commit: a project as AWX has it after a sync."""
    copy = tmp_path_factory.mktemp("checkout")
    listed = run("git", "-C", awx.ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").stdout
    for name in filter(None, listed.split("\0")):
        if (awx.ROOT / name).is_file():  # a file may be deleted and that not yet committed
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(awx.ROOT / name, copy / name)
    return copy


@pytest.fixture
def repository(checkout: Path, tmp_path: Path) -> Path:
    """A clone with one commit."""
    clone = tmp_path / "clone"
    shutil.copytree(checkout, clone)
    (clone / ".build").mkdir()
    git(clone, "init", "--quiet")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "--message", "All")
    return clone


@pytest.fixture(scope="session")
def tarball(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run("ansible-galaxy", "collection", "build", checkout, "--output-path", folder)
    (built,) = folder.glob("*.tar.gz")
    return built


@pytest.fixture(scope="session")
def installed(tarball: Path, machine: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as a user has it, and the only one that Ansible finds from here on."""
    folder = tmp_path_factory.mktemp("installed")
    run("ansible-galaxy", "collection", "install", tarball, "--offline", "--collections-path", folder)
    machine.setenv("ANSIBLE_COLLECTIONS_PATH", str(folder))
    return folder


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(Settings(live_delay=0.3), seed=11, meetings=[BBBB, CCCC]) as simulator:
        for meeting_id, title in ((BBBB, "Main stage"), (CCCC, "Workshop upstairs")):
            simulator.world.meetings[meeting_id].title = title
        yield simulator


@pytest.fixture
def inputs(sim: Simulator) -> dict[str, str]:
    """The inputs of the credential's form; the rest stays blank."""
    return {"api_token": sim.token, "account_id": sim.account_id, "app_id": sim.app_id, "api_url": sim.api_url}


@pytest.fixture
def environment(inputs: dict[str, str]) -> dict[str, str]:
    return awx.render_environment(awx.named("controller_credential_types", "Cloudflare RealtimeKit"), inputs)


@pytest.fixture
def engine(installed: Path, checkout: Path, environment: dict[str, str], tmp_path: Path) -> awx.Engine:
    return awx.Engine(tmp_path / "private", checkout, environment)


@pytest.fixture
def keys(sim: Simulator) -> object:
    """All stream keys that the simulator has given out by now."""
    return lambda: [livestream.stream_key for livestream in sim.world.livestreams.values()]

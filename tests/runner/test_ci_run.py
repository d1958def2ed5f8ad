# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`.ci/run` with a fake `make`: which targets it makes, and when it fails."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from conftest import git

TARGETS = ["demo", "test", "media", "systemd", "eda", "docs-test"]


def ci_run(repository: Path, tmp_path: Path, last_line: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run it with a fake `make` that ends with ``last_line``. Return how it ended, and the targets that it made."""
    make, made = tmp_path / "bin/make", tmp_path / "made"
    make.parent.mkdir()
    make.write_text(f'#!/bin/sh\nread -r line && exit 3\necho "$@" >>{shlex.quote(str(made))}\n{last_line}\n', encoding="utf-8")
    make.chmod(0o755)
    done = subprocess.run(
        [repository / ".ci/run"],
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{make.parent}{os.pathsep}{os.environ['PATH']}"},
        input="A target must not read what the caller types.\n",
        capture_output=True,
        text=True,
        timeout=600,
    )
    return done, made.read_text(encoding="utf-8").splitlines()


def leave_changes(repository: Path) -> None:
    (repository / "README.md").write_text("Changed\n", encoding="utf-8")
    (repository / "SECURITY.md").unlink()
    (repository / "drafts").mkdir()
    (repository / "drafts/old.txt").touch()
    git(repository, "config", "status.showUntrackedFiles", "no")


@pytest.mark.parametrize("changed_before", [False, True])
def test_run_that_changes_nothing_passes(repository: Path, tmp_path: Path, changed_before: bool) -> None:
    if changed_before:
        leave_changes(repository)
    done, made = ci_run(repository, tmp_path, "")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert made == TARGETS


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("echo More >>README.md", "> +More"),
        ("rm -f CONTRIBUTING.md", "> deleted file mode 100644"),
        ("mkdir -p drafts; touch drafts/new.txt", "> ? drafts/new.txt"),
        ("git -c user.name=somebody -c user.email=somebody@example.com commit --quiet --allow-empty --message More", "> # branch.oid "),
    ],
    ids=["changed", "deleted", "new", "committed"],
)
@pytest.mark.parametrize("changed_before", [False, True])
def test_run_that_changes_the_checkout_fails(repository: Path, tmp_path: Path, change: str, shown: str, changed_before: bool) -> None:
    if changed_before:
        leave_changes(repository)
    done, made = ci_run(repository, tmp_path, change)
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line.startswith(shown)]
    assert done.stderr == "The checkout has changed, but a target may write only to .build/.\n"
    assert made == TARGETS


@pytest.mark.parametrize("undo", ["rm -f drafts/old.txt", "git checkout --quiet README.md", "git checkout --quiet SECURITY.md"])
def test_run_that_undoes_an_earlier_change_fails(repository: Path, tmp_path: Path, undo: str) -> None:
    leave_changes(repository)
    done, made = ci_run(repository, tmp_path, undo)
    assert done.returncode == 1
    assert done.stderr == "The checkout has changed, but a target may write only to .build/.\n"
    assert made == TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_target_that_fails_ends_the_run(repository: Path, tmp_path: Path, target: str) -> None:
    done, made = ci_run(repository, tmp_path, f'test "$1" != {target}')
    assert done.returncode == 1
    assert made == TARGETS[: TARGETS.index(target) + 1]


def test_checkout_that_git_can_no_longer_read_fails(repository: Path, tmp_path: Path) -> None:
    done, made = ci_run(repository, tmp_path, "echo broken >.git/index")
    assert done.returncode == 1
    assert "fatal: " in done.stderr
    assert made == TARGETS

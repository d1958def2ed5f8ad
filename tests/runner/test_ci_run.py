# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`.ci/run` with a `make` of this test: which targets it makes, and when it fails."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

TARGETS = ["demo", "test", "media", "systemd", "eda", "docs-test"]


def ci_run(repository: Path, tmp_path: Path, last_line: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run it with a `make` that ends with ``last_line``. Return how it ended, and the targets that it made."""
    make, made = tmp_path / "bin/make", tmp_path / "made"
    make.parent.mkdir()
    make.write_text(f'#!/bin/sh\necho "$@" >>{made}\n{last_line}\n', encoding="utf-8")
    make.chmod(0o755)
    path = f"{make.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [repository / ".ci/run"], check=False, capture_output=True, text=True, timeout=600, env={**os.environ, "PATH": path}
    )
    return done, made.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("changed_before", [False, True])
def test_run_that_changes_nothing_passes(repository: Path, tmp_path: Path, changed_before: bool) -> None:
    if changed_before:
        (repository / "README.md").write_text("Changed\n", encoding="utf-8")
        (repository / "new.txt").touch()
    done, made = ci_run(repository, tmp_path, "")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert made == TARGETS


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("echo >>README.md", " M README.md"),
        ("rm -f CONTRIBUTING.md", " D CONTRIBUTING.md"),
        ("touch plugins/new.txt", "?? plugins/new.txt"),
    ],
    ids=["changed", "deleted", "new"],
)
@pytest.mark.parametrize("changed_before", [False, True])
def test_run_that_changes_the_checkout_fails(repository: Path, tmp_path: Path, change: str, told: str, changed_before: bool) -> None:
    if changed_before:
        (repository / "before.txt").touch()
    done, made = ci_run(repository, tmp_path, change)
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line[0] in "<>"] == [*([] if changed_before else ["< "]), f"> {told}"]
    assert done.stderr == "The checkout has changed.\n"
    assert made == TARGETS


def test_target_that_fails_ends_the_run(repository: Path, tmp_path: Path) -> None:
    done, made = ci_run(repository, tmp_path, 'test "$1" != media')
    assert done.returncode == 1
    assert made == ["demo", "test", "media"]


def test_checkout_that_git_cannot_read_fails(repository: Path, tmp_path: Path) -> None:
    done, made = ci_run(repository, tmp_path, "echo >.git/index")
    assert done.returncode != 0
    assert "index file" in done.stderr
    assert made == TARGETS

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built collection, installed into an empty place: its playbooks by their full names, its execution environment."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from pathlib import Path

import awx
import pytest
import yaml
from conftest import BBBB, CCCC, run
from simulator import Simulator


def test_tarball_has_the_playbooks_the_guides_and_what_builders_read(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = set(archive.getnames())
    assert {f"playbooks/{path.name}" for path in (awx.ROOT / "playbooks").glob("*.yml")} <= names
    assert {str(path.relative_to(awx.ROOT)) for path in awx.FILES} <= names
    assert {"meta/execution-environment.yml", "requirements.txt", "meta/runtime.yml"} <= names


@pytest.mark.parametrize(
    ("playbook", "variables", "effects"),
    [
        ("doctor", "{}", []),
        ("start", f"rtk_rooms={BBBB} rtk_wait=false", ["started"]),
        ("keep_on_air", f"rtk_rooms={BBBB}", ["started"]),
        ("stop", f"rtk_rooms={BBBB}", []),
        ("status", "rtk_status=LIVE", []),
        ("ensure_ingest", "rtk_names=studio", ["created"]),
    ],
)
def test_playbook_runs_by_its_full_name(
    installed: Path,
    sim: Simulator,
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    playbook: str,
    variables: str,
    effects: list[str],
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    done = run("ansible-playbook", f"streamops.realtimekit.{playbook}", "--extra-vars", variables, cwd=tmp_path)
    assert f"changed={len(effects)} " in done.stdout
    assert [effect["kind"] for effect in sim.effects] == effects


def test_every_playbook_is_run_by_its_full_name() -> None:
    (mark,) = test_playbook_runs_by_its_full_name.pytestmark
    assert {row[0] for row in mark.args[1]} == {path.stem for path in (awx.ROOT / "playbooks").glob("*.yml")}


def test_collection_works_by_its_four_folders_alone(
    installed: Path, sim: Simulator, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = tmp_path / "ansible_collections/streamops/realtimekit"
    for folder in ("meta", "playbooks", "plugins", "roles"):
        shutil.copytree(installed / "ansible_collections/streamops/realtimekit" / folder, collection / folder)
    for variable, value in {**environment, "ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}.items():
        monkeypatch.setenv(variable, value)
    run("ansible-playbook", "streamops.realtimekit.start", "--extra-vars", f"rtk_rooms={BBBB} rtk_wait=false", cwd=tmp_path)
    page = tmp_path / "page.html"
    variables = json.dumps({"broadcast_meetings": [{"id": CCCC}], "broadcast_wait": False, "broadcast_page": str(page)})
    role = ("--module-name", "ansible.builtin.include_role", "--args", "name=streamops.realtimekit.broadcast")
    run("ansible", "localhost", *role, "--extra-vars", variables, cwd=tmp_path)
    assert CCCC in page.read_text(encoding="utf-8")
    assert [effect["kind"] for effect in sim.effects] == ["started", "started"]


def test_builder_finds_what_the_modules_need(installed: Path) -> None:
    said = run("ansible-builder", "introspect", "--sanitize", installed).stdout
    found = yaml.safe_load(said[said.index("---") :])
    needed = re.findall(r"(?m)^[^#\s]+", (awx.ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert needed
    assert all(requirement in str(found["python"]) for requirement in needed)
    assert not any("==" in requirement for requirement in needed), "lower bounds only"


def test_builder_makes_a_context_of_the_example(tmp_path: Path) -> None:
    run(
        "ansible-builder",
        "create",
        "--file",
        awx.ROOT / "docs/awx/execution-environment.yml",
        "--context",
        tmp_path,
        "--output-filename",
        "Containerfile",
    )
    assert "ansible-galaxy collection install" in (tmp_path / "Containerfile").read_text(encoding="utf-8")
    requirements = yaml.safe_load((tmp_path / "_build/requirements.yml").read_text(encoding="utf-8"))
    galaxy = yaml.safe_load((awx.ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert [collection["name"] for collection in requirements["collections"]] == [f"{galaxy['repository']}.git"]

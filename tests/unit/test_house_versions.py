# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the house about versions: every file that names one says what tests/versions.toml has."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

tomllib = pytest.importorskip("tomllib")

ROOT = Path(__file__).resolve().parents[2]
LIST = tomllib.loads((ROOT / "tests/versions.toml").read_text(encoding="utf-8"))
CORES = [core["version"] for core in LIST["cores"]]
PYTHONS = [target["python"] for target in LIST["targets"]]
TRIED_PYTHONS = [target["python"] for target in LIST["targets"] if target.get("tried", True)]


def numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def release(core: str) -> str:
    """2.16.19 belongs to 2.16."""
    return ".".join(core.split(".")[:2])


def enumerate_words(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


OLDEST_CORE, OLDEST_PYTHON = release(CORES[0]), PYTHONS[0]
#: 2.28.0 is as good as 2.28, and reads better.
OLDEST_REQUESTS = re.sub(r"\.0$", "", LIST["oldest_requests"])
NEWEST_REQUESTS = LIST["targets"][-1]["newest_requests"]
RELEASED = [release(core) for core in CORES if core.replace(".", "").isdigit()]
CANDIDATES = [release(core) for core in CORES if release(core) not in RELEASED]
TESTED_CORES = enumerate_words([*RELEASED, *(f"the candidate of {core}" for core in CANDIDATES)])

# The files with a version: the path, a pattern with the version as (...), and the expected text. It counts wherever a file
# says so.
SAYS = [
    ("README.md", r"ansible-core ([\d.]+) or newer", OLDEST_CORE),
    ("README.md", r"\| Python ([\d.]+) or newer", OLDEST_PYTHON),
    ("README.md", r"`requests` ([\d.]+) or newer", OLDEST_REQUESTS),
    ("README.md", r"Tests run on ansible-core (.+?), and run", TESTED_CORES),
    ("README.md", r"run the modules on Python (.+?), each", enumerate_words(TRIED_PYTHONS)),
    ("README.md", r"each with `requests` ([\d.]+) ", LIST["oldest_requests"]),
    ("CONTRIBUTING.md", r"Modules run on Python ([\d.]+),", OLDEST_PYTHON),
    ("docs/secrets.md", r"\| \| ([\d.]+) to [\d.]+ \|", OLDEST_CORE),
    ("docs/awx/README.md", r"ansible-core 2.22 or newer( once it is released)?,", " once it is released" if "2.22" in CANDIDATES else ""),
    ("docs/awx/execution-environment.yml", r"ansible-core>=(\S+)", OLDEST_CORE),
    ("meta/runtime.yml", r'requires_ansible: "(.+?)"', f">={OLDEST_CORE}.0"),
    ("plugins/doc_fragments/connection.py", r"- Python >= ([\d.]+) on the target", OLDEST_PYTHON),
    ("plugins/doc_fragments/connection.py", r"- requests >= ([\d.]+) ", OLDEST_REQUESTS),
    ("pyproject.toml", r'target-version = "(.+?)"', f"py{OLDEST_PYTHON.replace('.', '')}"),
    ("requirements.txt", r"Python ([\d.]+) or newer", OLDEST_PYTHON),
    ("requirements.txt", r"(?m)^requests(\S+)", f">={OLDEST_REQUESTS}"),
    ("requirements-demo.txt", r"(?m)^requests==(\S+)", NEWEST_REQUESTS),
    ("roles/broadcast/meta/main.yml", r'min_ansible_version: "(.+?)"', OLDEST_CORE),
    ("roles/encoder/meta/main.yml", r'min_ansible_version: "(.+?)"', OLDEST_CORE),
    ("tests/config.yml", r'python_requires: "(.+?)"', f">={OLDEST_PYTHON}"),
]

# The files of CI, which use `make versions`.
CI = [path for path in [ROOT / "Makefile", ROOT / "noxfile.py", *sorted((ROOT / ".github").rglob("*.yml"))] if path.is_file()]


def read(path: Path | str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(("path", "pattern", "expected"), SAYS)
def test_file_says_what_the_list_has(path: str, pattern: str, expected: str) -> None:
    text = " ".join(read(path).split()) if path.endswith(".md") else read(path)  # a sentence may go on in the next line
    found = set(re.findall(pattern, text))
    assert found == {expected}, (
        f"{path} says {found or 'nothing'}; by tests/versions.toml it has to say {expected!r} (looked for: {pattern})"
    )


@pytest.mark.parametrize("path", CI, ids=lambda path: path.name)
def test_ci_names_no_version(path: Path) -> None:
    names = [core for core in map(release, CORES) if re.search(rf"(?<![\d.]){re.escape(core)}(?!\d)", read(path))]
    assert names == [], f"{path.name} names ansible-core {names}: take it from `make versions`"
    pythons = set(re.findall(r"python-version:\D*?(3\.\d+)", read(path)))
    known = {*PYTHONS, *(python for core in LIST["cores"] for python in core["pythons"])}
    assert pythons <= known, f"{path.name} has Python {pythons - known}, which tests/versions.toml has not"


def test_list_goes_from_the_oldest_to_the_newest() -> None:
    assert sorted(CORES, key=numbers) == CORES, "tests/versions.toml: cores go from the oldest to the newest"
    assert sorted(PYTHONS, key=numbers) == PYTHONS, "tests/versions.toml: targets go from the oldest to the newest"
    for versions in (CORES, PYTHONS):
        minors = [numbers(version)[1] for version in versions]
        assert minors == list(range(minors[0], minors[-1] + 1)), f"tests/versions.toml leaves one out, or has one twice: {versions}"


def test_quick_ones_are_the_oldest_the_pinned_and_the_newest() -> None:
    pinned = re.findall(r"(?m)^ansible-core==(\S+)", read("requirements-demo.txt"))
    wanted = [core for core in CORES if core in {CORES[0], *pinned, CORES[-1]}]
    assert set(pinned) <= set(CORES), f"requirements-demo.txt pins ansible-core {pinned}, and tests/versions.toml has none such"
    assert [core["version"] for core in LIST["cores"] if core.get("quick")] == wanted, f"tests/versions.toml: quick are {wanted}"


def test_versions_are_printed_for_ci() -> None:
    """Workflows read these keys."""
    if "PYTHON_OF_NOX" not in os.environ:
        pytest.skip("the session house says which Python has nox")
    ask = [os.environ["PYTHON_OF_NOX"], "-m", "nox", "--session", "versions"]
    said = subprocess.run(ask, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert said.count("\n") == 1
    assert json.loads(said) == {
        "cores": [{"core": release(core["version"]), "python": core["pythons"][0]} for core in LIST["cores"]],
        "targets": PYTHONS,
    }


def test_sanity_ignores_nothing() -> None:
    assert list((ROOT / "tests").glob("sanity/ignore*")) == []

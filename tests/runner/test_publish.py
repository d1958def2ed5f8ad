# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make check-tag` and `make publish`, with a Galaxy of this test."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Iterator

import pytest
import yaml
from conftest import git

TOKEN = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"


class Galaxy(ThreadingHTTPServer):
    """As much of Galaxy as an upload needs. It remembers each upload's token and body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.uploads: list[tuple[str, bytes]] = []


class Answers(BaseHTTPRequestHandler):
    server: Galaxy

    def answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if "/imports/" in self.path:
            self.answer(200, {"state": "completed", "started_at": "2026-11-20", "finished_at": "2026-11-20", "messages": []})
        else:
            self.answer(200, {"available_versions": {"v3": "v3/"}})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.uploads.append((self.headers["Authorization"], body))
        self.answer(202, {"task": f"{self.server.url}api/v3/imports/collections/1/"})

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def galaxy() -> Iterator[Galaxy]:
    with Galaxy() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def version(checkout: Path) -> str:
    return yaml.safe_load((checkout / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def publish(repository: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(repository / ".ci/publish.sh"), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=600, env={**os.environ, **environment})


@pytest.mark.parametrize("tags", [[], ["{version}.1"], ["v{version}"], ["1{version}"], ["latest"]], ids=str)
def test_commit_without_its_version_as_a_tag_is_not_published(
    repository: Path, version: str, tarball: Path, galaxy: Galaxy, tags: list[str]
) -> None:
    (repository / ".build/dist").mkdir()
    shutil.copy2(tarball, repository / ".build/dist")
    named = [name.format(version=version) for name in tags]
    for name in named:
        git(repository, "tag", name)
    tagged = f"{named[0]} as its tag" if named else "no tag"
    for arguments in (["--check"], []):
        done = publish(repository, *arguments, GALAXY_TOKEN=TOKEN, GALAXY_URL=galaxy.url)
        assert done.returncode == 1
        assert done.stderr == f"The version in galaxy.yml is {version}, but this commit has {tagged}.\n"
    assert galaxy.uploads == []


def test_tag_of_an_earlier_commit_does_not_count(repository: Path, version: str) -> None:
    git(repository, "tag", version)
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "More")
    assert "no tag" in publish(repository, "--check").stderr


def test_tagged_commit_is_as_it_should_be(repository: Path, version: str) -> None:
    git(repository, "tag", "latest")
    git(repository, "tag", version)
    done = publish(repository, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_missing_is_named(repository: Path, version: str, tarball: Path, galaxy: Galaxy) -> None:
    git(repository, "tag", version)
    assert "make build" in publish(repository, GALAXY_TOKEN=TOKEN, GALAXY_URL=galaxy.url).stderr
    (repository / ".build/dist").mkdir()
    shutil.copy2(tarball, repository / ".build/dist")
    assert "GALAXY_TOKEN" in publish(repository, GALAXY_TOKEN="", GALAXY_URL=galaxy.url).stderr
    assert galaxy.uploads == []


def test_tarball_is_published_with_the_token_which_is_not_shown(repository: Path, version: str, tarball: Path, galaxy: Galaxy) -> None:
    (repository / ".build/dist").mkdir()
    shutil.copy2(tarball, repository / ".build/dist")
    git(repository, "tag", version)
    done = publish(repository, GALAXY_TOKEN=TOKEN, GALAXY_URL=galaxy.url)
    assert done.returncode == 0, done.stderr
    ((authorization, body),) = galaxy.uploads
    assert authorization.split() == ["Token", TOKEN]
    assert tarball.name.encode() in body
    assert base64.b64encode(tarball.read_bytes()) in b"".join(body.split())
    assert TOKEN not in done.stdout + done.stderr
    assert [path for path in (repository / ".build").rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()] == []

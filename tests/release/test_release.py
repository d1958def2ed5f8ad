# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make release` in a scratch clone: what it refuses, what it makes, and that a failure leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
STANDS = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
#: Derived, because only galaxy.yml may contain the version.
NEXT = f"{int(STANDS.split('.')[0]) + 1}.0.0"
TARBALL = f"streamops-realtimekit-{NEXT}.tar.gz"
FRAGMENT = "bugfixes:\n  - rtk_livestream - a fix that is only planted.\n"
#: The sessions that a release runs in its clone and that take long; the last two with the oldest and the newest ansible-core.
CHECKS = ("build", "lint", "docs", "tarball-oldest", "tarball-newest")
PASSES = "exit 0"
#: Where noxfile.py puts its links to clones whose path has spaces. It must be short.
LINKS = Path(tempfile.gettempdir(), f"rtk-{os.getpid()}")
#: Replaces sessions at the end of noxfile.py; instead of lint, the linters.
REPLACE = """

def replace(name: str, body: str) -> None:
    def replaced(session: nox.Session) -> None:
        session.run("bash", "-c", body, external=True)

    oldest, newest = (shorten(VERSIONS["cores"][end]["version"]) for end in (0, -1))
    name = name.replace("oldest", oldest).replace("newest", newest)
    for each in lint.requires if name == "lint" else [name]:
        replaced.__doc__ = nox.registry._REGISTRY.pop(each).__doc__
        nox.session(name=each, venv_backend="none")(replaced)


"""
BUILDS_NOTHING = "mkdir -p .build/dist && touch .build/dist/streamops-realtimekit-$(sed -n 's/^version: //p' galaxy.yml).tar.gz"


def clean_environment() -> dict[str, str]:
    """This one without the variables of an outer make, nox, or git."""
    said = ("MAKE", "MFLAGS", "GIT_", "EMAIL", "VERSION", "COMMIT", "ARGS", "NOX", "TMPDIR")
    return {name: value for name, value in os.environ.items() if not name.startswith(said)}


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, check=False, cwd=cwd, env=clean_environment(), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def commit(checkout: Path) -> None:
    run("git", "add", "--all", cwd=checkout)
    run("git", "commit", "--quiet", "--message", "Planted", cwd=checkout)


def start_release(checkout: Path, arguments: str, **environment: str) -> subprocess.Popen[str]:
    """`make release` in its own process group, as in a terminal."""
    return subprocess.Popen(
        ["env", "--default-signal", "make", "release", f"ARGS={arguments}"],  # what runs in the background of a script ignores SIGINT
        cwd=checkout,
        env={**clean_environment(), "TMPDIR": str(LINKS), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def release(checkout: Path, arguments: str, **environment: str) -> tuple[int, str]:
    process = start_release(checkout, arguments, **environment)
    try:
        said, _nothing = process.communicate(timeout=1800)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    missing = re.search(r"Python interpreter \S+ not found", said)
    if missing:
        pytest.skip(missing[0])
    return process.returncode, said


def describe(checkout: Path) -> tuple[str, ...]:
    """Everything that a release may change."""
    git = ("git", "-C", checkout)
    return (
        run(*git, "rev-parse", "HEAD", cwd=checkout),
        run(*git, "status", "--porcelain", "--untracked-files=all", cwd=checkout),
        run(*git, "tag", cwd=checkout),
        str((checkout / ".build/release").exists()),
    )


def replace_sessions(checkout: Path, **bodies: str) -> None:
    """Replace each of these sessions by a line of bash, and commit this."""
    calls = "".join(f"replace({name!r}, {body!r})\n" for name, body in bodies.items())
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    (checkout / "noxfile.py").write_text(noxfile + REPLACE + calls, encoding="utf-8")
    commit(checkout)


def replace_checks(checkout: Path, **bodies: str) -> None:
    """Make every check pass at once, except those that run the given line."""
    passing = {name: BUILDS_NOTHING if name == "build" else PASSES for name in CHECKS}
    replace_sessions(checkout, **{**passing, **bodies})


@pytest.fixture(scope="session", autouse=True)
def links() -> Iterator[None]:
    """The folder of the links; and SIGTERM ends these tests as Ctrl-C does, so that they end the releases that they have started."""
    LINKS.mkdir()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    shutil.rmtree(LINKS, ignore_errors=True)


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the files that git would commit, with this one's tools, one fragment, and no release."""
    checkout = tmp_path_factory.mktemp("first") / "a checkout"
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT).split("\0")
    for name in filter(None, listed):
        if os.path.lexists(ROOT / name):  # git lists a deleted file until that is committed
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name, follow_symlinks=False)
    (checkout / ".build/nox").mkdir(parents=True)
    (checkout / ".build/nox/setup").symlink_to(ROOT / ".build/nox/setup")
    if (ROOT / ".build/venv").exists():
        (checkout / ".build/venv").symlink_to(ROOT / ".build/venv")
        (checkout / ".build/venv.stamp").touch()  # so that make does not install into it
    run("git", "init", "--quiet", cwd=checkout)
    for noted in [checkout / "changelogs/changelog.yaml", *(checkout / "changelogs/fragments").glob("*.yml")]:
        noted.unlink(missing_ok=True)
    (checkout / "changelogs/fragments/7-planted.yml").write_text(FRAGMENT, encoding="utf-8")
    for path in [*(checkout / "plugins/modules").glob("*.py"), *(checkout / "roles").glob("*/meta/argument_specs.yml")]:
        text = re.sub(r"version_added: .*", f"version_added: {NEXT}", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    run("git", "config", "user.name", "A Maintainer", cwd=checkout)
    run("git", "config", "user.email", "maintainer@example.org", cwd=checkout)
    commit(checkout)
    return checkout


@pytest.fixture
def checkout(first: Path, tmp_path: Path) -> Path:
    """A separate checkout."""
    return Path(shutil.copytree(first, tmp_path / "a checkout", symlinks=True))


@pytest.fixture
def quick(checkout: Path) -> Path:
    """One in which the checks pass at once."""
    replace_checks(checkout)
    return checkout


@pytest.fixture(scope="session")
def released(first: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A checkout after a whole release, and what that has said."""
    checkout = Path(shutil.copytree(first, tmp_path_factory.mktemp("released") / "a checkout", symlinks=True))
    status, said = release(checkout, NEXT)
    assert status == 0, said
    return checkout, said


# Refusals


def leave_a_change(checkout: Path) -> None:
    (checkout / "README.md").write_text("Changed.\n", encoding="utf-8")


def leave_a_new_file(checkout: Path) -> None:
    (checkout / "notes.txt").touch()


def leave_a_new_file_unshown(checkout: Path) -> None:
    """As with git's own setting that saves it a look at a large checkout."""
    leave_a_new_file(checkout)
    run("git", "config", "status.showUntrackedFiles", "no", cwd=checkout)


def remove_the_fragment(checkout: Path) -> None:
    (checkout / "changelogs/fragments/7-planted.yml").unlink()
    commit(checkout)


def release_it_before(checkout: Path) -> None:
    known = {"ancestor": None, "releases": {NEXT: {"release_date": "2026-01-01"}}}
    (checkout / "changelogs/changelog.yaml").write_text(yaml.safe_dump(known), encoding="utf-8")
    commit(checkout)


def tag_it(checkout: Path) -> None:
    run("git", "tag", NEXT, cwd=checkout)


def forget_a_module(checkout: Path) -> None:
    path = checkout / "plugins/modules/rtk_livestream.py"
    path.write_text(path.read_text(encoding="utf-8").replace(f"version_added: {NEXT}", "version_added: 0.0.7"), encoding="utf-8")
    commit(checkout)


def change_nothing(checkout: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("prepare", "version", "reason"),
    [
        (change_nothing, "", "say which version: make release ARGS=x.y.z."),
        (change_nothing, "1.0", "1.0 is not a semantic version"),
        (change_nothing, f"v{NEXT}", f"v{NEXT} is not a semantic version"),
        (change_nothing, "0.0.1", f"0.0.1 is older than {STANDS}, the version in galaxy.yml."),
        (release_it_before, NEXT, f"{NEXT} is not newer than {NEXT}, the last release in changelogs/changelog.yaml."),
        (release_it_before, f"{NEXT}-rc.1", f"{NEXT}-rc.1 is not newer than {NEXT}, the last release in changelogs/changelog.yaml."),
        (tag_it, NEXT, f"the tag {NEXT} exists already."),
        (leave_a_change, NEXT, "the checkout has uncommitted changes: commit or stash them first."),
        (leave_a_new_file, NEXT, "the checkout has uncommitted changes: commit or stash them first."),
        (leave_a_new_file_unshown, NEXT, "the checkout has uncommitted changes: commit or stash them first."),
        (remove_the_fragment, NEXT, "changelogs/fragments/ is empty: there is nothing to release."),
        (forget_a_module, NEXT, f"rtk_livestream.py says version_added: 0.0.7, which is neither {NEXT} nor a release before it."),
    ],
)
def test_refuses_with_a_sentence(checkout: Path, prepare: Callable[[Path], None], version: str, reason: str) -> None:
    prepare(checkout)
    before = describe(checkout)
    status, said = release(checkout, version)
    assert status != 0
    (sentence,) = re.findall(r"^make release: .*$", said, re.MULTILINE)
    assert reason in sentence
    assert "Traceback" not in said
    assert describe(checkout) == before


# A release


def test_version_is_the_same_everywhere(released: tuple[Path, str]) -> None:
    checkout, _said = released
    with tarfile.open(checkout / ".build/release" / TARBALL) as archive:
        manifest = json.load(archive.extractfile("MANIFEST.json"))
        changelog = yaml.safe_load(archive.extractfile("changelogs/changelog.yaml"))
    assert manifest["collection_info"]["version"] == NEXT
    assert list(changelog["releases"]) == [NEXT]
    assert yaml.safe_load((checkout / "galaxy.yml").read_text(encoding="utf-8"))["version"] == NEXT
    assert [path.name for path in (checkout / ".build/release").iterdir()] == [TARBALL]


def test_changelog_has_the_fragments_and_what_is_new(released: tuple[Path, str]) -> None:
    checkout, _said = released
    page = (checkout / "CHANGELOG.rst").read_text(encoding="utf-8")
    assert f"v{NEXT}\n" in page
    assert "- rtk_livestream - a fix that is only planted." in page
    new = [path.stem for path in (ROOT / "plugins/modules").glob("*.py")] + [path.name for path in (ROOT / "roles").iterdir()]
    for name in new:
        assert re.search(rf"^- {name} - (?!a fix)", page, re.MULTILINE), name
    assert [path.name for path in (checkout / "changelogs/fragments").iterdir()] == [".keep"]


def test_what_was_packed_is_what_is_staged(released: tuple[Path, str]) -> None:
    checkout, _said = released
    with tarfile.open(checkout / ".build/release" / TARBALL) as archive:
        packed = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}
    for name in packed.keys() - {"MANIFEST.json", "FILES.json"}:
        show = ["git", "show", f":{name}"]
        staged = subprocess.run(show, check=True, cwd=checkout, env=clean_environment(), capture_output=True, timeout=60).stdout
        assert packed[name] == staged, name


def test_printed_commands_commit_and_tag(released: tuple[Path, str], tmp_path: Path) -> None:
    whole, said = released
    checkout = Path(shutil.copytree(whole, tmp_path / "a checkout", symlinks=True))
    commands = [shlex.split(line) for line in re.findall(r"^  (git (?:commit|tag) .*)$", said, re.MULTILINE)]
    assert [command[1] for command in commands] == ["commit", "tag"]
    for command in commands:
        run(*command, cwd=checkout)
    assert run("git", "status", "--porcelain", cwd=checkout) == ""
    assert run("git", "describe", "--exact-match", cwd=checkout).strip() == NEXT
    status, said = release(checkout, NEXT)
    assert status != 0
    assert f"{NEXT} is not newer than {NEXT}" in said


def test_core_of_each_end_was_tried(released: tuple[Path, str]) -> None:
    _checkout, said = released
    tried = re.findall(rf"^ansible-core (\S+) installs {re.escape(TARBALL)}, .* and runs a task\.$", said, re.MULTILINE)
    assert len(set(tried)) == len(tried) == 3, "the one of make build, the oldest and the newest"
    assert [core for core in tried if core.startswith("2.16.")] != []


def test_commits_and_tags_if_asked_to(quick: Path, tmp_path: Path) -> None:
    """In the name of the caller, who has a home with settings for git."""
    (tmp_path / "ignored").write_text("*.mine\n", encoding="utf-8")
    (tmp_path / ".gitconfig").write_text(
        f"[user]\nname = Somebody Else\nemail = else@example.org\n[core]\nexcludesFile = {tmp_path}/ignored\n", encoding="utf-8"
    )
    run("git", "config", "--remove-section", "user", cwd=quick)
    (quick / "plugins/notes.mine").touch()
    status, said = release(quick, f"{NEXT} --commit", HOME=str(tmp_path))
    assert status == 0, said
    assert run("git", "status", "--porcelain", cwd=quick) == "?? plugins/notes.mine\n", "which the caller's git ignores"
    assert run("git", "describe", "--exact-match", cwd=quick).strip() == NEXT
    assert run("git", "log", "-1", "--format=%an: %s", cwd=quick).strip() == f"Somebody Else: Release {NEXT}"
    assert not (quick / ".build/releasing/plugins/notes.mine").exists()


# Failures


def plant_a_stray_file(checkout: Path) -> None:
    (checkout / "accounts.txt").write_text("Private.\n", encoding="utf-8")
    replace_sessions(checkout, **dict.fromkeys(CHECKS[1:], PASSES))


def plant_a_bad_fragment(checkout: Path) -> None:
    (checkout / "changelogs/fragments/8-bad.yml").write_text("no_such_section:\n  - x\n", encoding="utf-8")
    commit(checkout)


def plant_a_check_that_fails(checkout: Path) -> None:
    replace_checks(checkout, **{CHECKS[-1]: "echo 'It does not install.'; exit 1"})


def plant_a_hook_that_refuses(checkout: Path) -> None:
    hook = checkout / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)


@pytest.mark.parametrize(
    ("plant", "reason"),
    [
        (plant_a_stray_file, "accounts.txt is not needed by users"),
        (plant_a_bad_fragment, "no_such_section"),
        (plant_a_check_that_fails, "It does not install."),
        (plant_a_hook_that_refuses, "git did not commit or tag, and the checkout is as it was."),
    ],
)
def test_failure_leaves_the_checkout_as_it_was(quick: Path, plant: Callable[[Path], None], reason: str) -> None:
    plant(quick)
    before = describe(quick)
    status, said = release(quick, f"{NEXT} --commit")
    assert status != 0
    assert reason in said
    assert describe(quick) == before


def test_checkout_that_changes_in_the_meantime_is_left_alone(quick: Path) -> None:
    replace_checks(quick, **{CHECKS[-1]: f"echo changed >{shlex.quote(str(quick / 'README.md'))}"})
    head, *_rest = describe(quick)
    status, said = release(quick, NEXT)
    assert status != 0
    assert "the checkout has changed in the meantime, and nothing was done to it." in said
    assert describe(quick) == (head, " M README.md\n", "", "False")


@pytest.mark.parametrize("in_the_meantime", [False, True])
def test_checkout_that_git_cannot_read_is_left_alone(quick: Path, in_the_meantime: bool) -> None:
    index = quick / ".git/index"
    if in_the_meantime:
        replace_checks(quick, **{CHECKS[-1]: f"echo broken >{shlex.quote(str(index))}"})
    before, good = describe(quick), index.read_bytes()
    if not in_the_meantime:
        index.write_text("broken\n", encoding="utf-8")
    status, said = release(quick, NEXT)
    assert status != 0
    assert "make release: git cannot read the checkout" in said
    index.write_bytes(good)
    assert describe(quick) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption_leaves_the_checkout_as_it_was(quick: Path, tmp_path: Path, number: signal.Signals) -> None:
    here = tmp_path / "here"
    replace_checks(quick, **{CHECKS[-1]: f"touch {shlex.quote(str(here))}; exec sleep 3600"})
    before = describe(quick)
    process = start_release(quick, NEXT)
    deadline = time.monotonic() + 600
    while not here.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, number)
    try:
        said, _nothing = process.communicate(timeout=600)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert here.exists(), said
    assert process.returncode != 0
    assert describe(quick) == before

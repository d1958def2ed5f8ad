# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks and tools of streamops.realtimekit: `nox -s unit` runs one of these sessions, `nox -s unit -- -k paging` with arguments.

lint, codeqa, yamllint, typing, license-check, extra-checks, build-import-check, and ansible-lint come from antsibull-nox.toml.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Iterator
from xml.etree import ElementTree as ET

import nox
from antsibull_nox import load_antsibull_nox_toml
from nox.registry import get as get_sessions

ROOT = Path(__file__).resolve().parent
VERSIONS = tomllib.loads((ROOT / "tests/versions.toml").read_text(encoding="utf-8"))
NEWEST_REQUESTS = VERSIONS["targets"][-1]["newest_requests"]
PIP_SCRIPT = "https://ci-files.testing.ansible.com/ansible-test/get-pip-{}.py"
# The targets of ansible-test that take longest, longest first. All others follow.
SLOW_TARGETS = ["role_encoder", "rtk_meeting_livestream", "role_broadcast"]


def find_state() -> Path:
    """Return .build/, under a short path without spaces: ansible-test needs one without spaces, and nox changes long ones."""
    state = ROOT / ".build"
    state.mkdir(exist_ok=True)
    if len(str(state)) > 60 or re.search(r"\s", str(state)):
        link = Path(tempfile.gettempdir(), f"realtimekit-{hashlib.sha256(str(state).encode()).hexdigest()[:12]}")
        if not link.is_symlink() or link.readlink() != state:
            link.unlink(missing_ok=True)
            with contextlib.suppress(FileExistsError):  # another session has just made it
                link.symlink_to(state)
        return link
    return state


def find_path() -> str:
    """Return PATH with the Pythons of pyenv ahead of its shims, which ansible-test cannot run."""
    shims = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep) if folder.endswith("/shims")]
    roots = {Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")), *(folder.parent for folder in shims)}
    folders = [str(folder) for root in roots for folder in root.glob("versions/[0-9]*/bin")]
    return os.pathsep.join([*sorted(folders, key=read_numbers, reverse=True), os.environ["PATH"]])


def read_numbers(text: str) -> list[int]:
    """Return the numbers of a version, to compare it with another."""
    return [int(number) for number in re.findall(r"\d+", text)]


def interrupt(*_unused: object) -> None:
    """Treat SIGTERM as Ctrl-C, which also ends the sessions, but only once: a second exception while nox waits can block it forever."""
    signal.signal(signal.SIGTERM, lambda *_unused: None)
    raise KeyboardInterrupt


STATE = find_state()
TOOLS = STATE / "nox/setup/bin"
BROWSER = ROOT / ".build/browser"  # npm installs nothing into a folder behind a link
TREE = STATE / "tree/ansible_collections/streamops/realtimekit"  # the checkout, where Ansible looks for a collection
TREE.parent.mkdir(parents=True, exist_ok=True)
with contextlib.suppress(FileExistsError):
    TREE.symlink_to("../../../..")
os.environ["PATH"] = find_path()
AVAILABLE = [target["python"] for target in VERSIONS["targets"] if shutil.which(f"python{target['python']}")]
if "PYTHONDONTWRITEBYTECODE" in os.environ:  # uv leaves that to the first run, and here each of the many short runs would repeat it
    os.environ["UV_COMPILE_BYTECODE"] = "1"
GALAXY_TOKEN = os.environ.pop("GALAXY_TOKEN", "")  # only for publish: what is installed here must not see it
signal.signal(signal.SIGTERM, interrupt)

nox.needs_version = ">=2026.10.20"
nox.options.envdir = str(STATE / "nox")
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.allow_parallel = True
nox.options.sessions = ["lint", "house", "unit"]
load_antsibull_nox_toml()


# What the sessions share


def environment(name: str) -> dict[str, str]:
    """Return variables for the tools of `setup`, with a home in .build/ that has the user's settings of pip and downloads of pip and uv."""
    home = STATE / "home" / name
    for entry in (".config/pip", ".cache/pip", ".pip", ".cache/uv"):
        (home / entry).parent.mkdir(parents=True, exist_ok=True)
        if (Path.home() / entry).is_dir() and not (home / entry).exists():
            (home / entry).symlink_to(Path.home() / entry)
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    return {"HOME": str(home), "PATH": path, "ANSIBLE_COLLECTIONS_PATH": str(STATE / "tree"), "PYTHON_OF_NOX": sys.executable}


def run(session: nox.Session, tool: str, *arguments: str | Path, **options: Any) -> Any:
    """Run a tool that `setup` has installed."""
    options["env"] = {**environment(session.name), **options.get("env", {})}
    return session.run(str(TOOLS / tool), *arguments, external=True, **options)


def pytest(session: nox.Session, tests: str, *arguments: str, **options: Any) -> None:
    """Run these tests, or those that the arguments of the session name."""
    run(session, "pytest", "-o", f"testpaths={tests}", *arguments, *session.posargs, **options)


def uses_setup(*, name: str | None = None, requires: tuple[str, ...] = ()) -> Callable[..., Any]:
    """Make a session that uses the virtual environment of `setup`."""
    return nox.session(name=name, venv_backend="none", requires=["setup", *requires])


def add_group(name: str, requires: list[str], doc: str) -> None:
    """Make a session that does nothing but require others."""

    def group(session: nox.Session) -> None:
        pass

    group.__doc__ = doc
    nox.session(name=name, venv_backend="none", requires=requires)(group)


def list_files() -> list[str]:
    """Return what git would commit; a deleted file counts until its deletion is committed."""
    return subprocess.check_output(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, text=True).rstrip("\0").split("\0")


@contextlib.contextmanager
def copied_checkout() -> Iterator[Path]:
    """Copy what git would commit to a temporary tree of collections: ansible-test and ansible-galaxy take every file they find."""
    with tempfile.TemporaryDirectory(prefix="realtimekit-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder, "ansible_collections/streamops/realtimekit")
        for name in filter(os.path.lexists, list_files()):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, copy / name, follow_symlinks=False)
        yield copy


# Install and format


@nox.session
def setup(session: nox.Session) -> None:
    """Install the tools that most sessions use, in .build/nox/setup."""
    session.install("--requirement", "requirements-dev.txt")


@uses_setup(name="format")
def format_code(session: nox.Session) -> None:
    """Format the Python files with ruff and apply its fixes."""
    run(session, "ruff", "check", "--fix")
    run(session, "ruff", "format")


# Lint


@uses_setup(name="docs-check")
def docs_check(session: nox.Session) -> None:
    """Check the documentation of modules and roles, and every reference in it, with antsibull-docs."""
    options = ["--plugin-docs", "--validate-collection-refs=all", "--disallow-unknown-collection-refs", "--check-extra-docs-refs"]
    command = ["antsibull-docs", "lint-collection-docs", *options, *session.posargs, "."]
    with contextlib.suppress(nox.command.CommandFailed):
        run(session, *command)
        return
    run(session, *command)  # because it fails if the random name of its temporary folder happens to end with "_"


@uses_setup(name="file-checks")
def file_checks(session: nox.Session) -> None:
    """Run ruff, mypy, antsibull-changelog, codespell, check-jsonschema, and zizmor on the files that no other linter checks."""
    run(session, "ruff", "check")
    run(session, "ruff", "format", "--check")
    with session.chdir(TREE.parents[2]):
        options = ["--config-file", str(ROOT / "pyproject.toml"), "--namespace-packages", "--explicit-package-bases"]
        run(session, "mypy", *options, TREE.relative_to(TREE.parents[2]) / "extensions/eda/plugins/event_source")
    run(session, "antsibull-changelog", "lint")
    if Path("changelogs/changelog.yaml").exists():
        run(session, "antsibull-changelog", "lint-changelog-yaml", "--strict", "changelogs/changelog.yaml")
    run(session, "codespell", *filter(os.path.isfile, list_files()), log=False)
    for schema, pattern in {
        "github-workflows": "workflows/*.yml",
        "dependabot": "dependabot.yml",
        "github-issue-forms": "ISSUE_TEMPLATE/[!c]*.yml",
        "github-issue-config": "ISSUE_TEMPLATE/config.yml",
    }.items():
        run(session, "check-jsonschema", f"--builtin-schema=vendor.{schema}", *sorted(Path(".github").glob(pattern)))
    run(session, "zizmor", "--offline", "--no-progress", "--quiet", "--persona=auditor", ".github")


lint = get_sessions()["lint"]
lint.requires = ["codeqa", "typing", "yamllint", "license-check", "extra-checks", "ansible-lint", "docs-check", "file-checks"]
lint.__doc__ = f"Run every linter: {', '.join(lint.requires)}"


# Test with Python


@uses_setup()
def house(session: nox.Session) -> None:
    """Check the rules of the house: imports, sizes, and names that must agree."""
    pytest(session, "tests/unit/test_house*.py")


@uses_setup()
def unit(session: nox.Session) -> None:
    """Run the unit tests; without arguments, require that they reach every line and branch of module_utils."""
    run(session, "coverage", "run", "-m", "pytest", "-o", "testpaths=tests/unit", "--ignore-glob=tests/unit/test_house*", *session.posargs)
    if not session.posargs:
        run(session, "coverage", "report")
        run(session, "coverage", "report", "--include=plugins/module_utils/*", "--format=total", "--fail-under=100")


@uses_setup()
def contract(session: nox.Session) -> None:
    """Test the simulator alone, with the official Cloudflare SDK, and with the modules over real HTTP."""
    pytest(session, "tests/contract")


@uses_setup()
def chaos(session: nox.Session) -> None:
    """Run the modules under faults, rivals, and late effects; `-- --requests 50000 --seed 7` runs more, or other, episodes."""
    if not session.posargs:
        run(session, "pytest", "tests/chaos")
    run(session, "python", "tests/chaos", *(session.posargs or ["--requests", "10000", "--seed", "1"]))


@uses_setup()
def runner(session: nox.Session) -> None:
    """Run the playbooks as AWX does, the commands of the guides, and the built tarball."""
    pytest(session, "tests/runner", "--durations=5")


# Test with ansible-test. A session kind-X.Y uses the ansible-core X.Y of tests/versions.toml, on its best Python that is available.

RUNNING: set[subprocess.Popen[bytes]] = set()
STOPPED = threading.Event()
PRINTING = threading.Lock()


def run_group(command: list[str], cwd: Path, env: dict[str, str], output: int | None) -> int:
    """Run a command in its own process group and end the whole group with it."""
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )
    RUNNING.add(process)
    try:
        if STOPPED.is_set():  # after a failure in another thread
            return -1
        return process.wait()
    finally:
        end_group(process)
        RUNNING.discard(process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)


@contextlib.contextmanager
def simulator_at(ready: Path) -> Iterator[dict[str, Any]]:
    """Serve a simulated account on a free port; yield its url, api_url, token, account_id, app_id, and meetings."""
    command = [str(TOOLS / "python"), str(ROOT / "tests/simulator"), "--ready-file", str(ready), "--ttl", "21600"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 30
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("The simulator did not start.")
                time.sleep(0.1)
            yield json.loads(ready.read_text(encoding="utf-8"))
        finally:
            process.terminate()


def is_reachable(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=10):
        return True
    return False


def find_unreachable_tests(package: Path) -> list[str]:
    """Return the sanity tests for which this ansible-test fetches something from a host that is unreachable here."""
    files = {path.name.split(".")[1]: path.read_text() for path in (package / "_data/requirements").glob("sanity.*.txt")}
    urls = {test: re.findall(r"@ (https://[^\s#]+)", text) for test, text in files.items()}
    return [test for test, found in urls.items() if not all(map(is_reachable, found))]


def provide_pip(package: Path, home: Path) -> None:
    """Let ansible-test install pip with Python's ensurepip if the host of the script that it downloads is unreachable."""
    version = re.findall(r"pip='([0-9.]+)'", (package / "_internal/python_requirements.py").read_text())[0]
    script = home / ".ansible/test/cache" / f"get_pip_{version.replace('.', '_')}.py"
    if not script.exists() and not is_reachable(PIP_SCRIPT.format(version)):
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("import ensurepip; ensurepip.bootstrap(default_pip=True)\n", encoding="utf-8")


def count_passed(reports: Path) -> int:
    suites = [suite for path in reports.glob("*.xml") for suite in ET.parse(path).iter("testsuite")]
    sums = {key: sum(int(suite.get(key) or 0) for suite in suites) for key in ("tests", "skipped", "disabled", "failures", "errors")}
    return 2 * sums["tests"] - sum(sums.values())


def ansible_test(session: nox.Session, kind: str, *arguments: str, python: str = "", requests: str = "", lane: str = "") -> None:
    """Run ansible-test on a copy; fail if no test passed. `python` and `requests` are those of the target. A lane prints at its end."""
    environ = {**os.environ, **environment(session.name + lane)}
    binaries = Path(session.bin)
    package = next(binaries.parent.glob("lib/python*/site-packages/ansible_test"))
    environ["PATH"] = f"{binaries}{os.pathsep}{environ['PATH']}"  # the tools of setup have shellcheck
    provide_pip(package, Path(environ["HOME"]))
    command = [str(binaries / "python"), str(binaries / "ansible-test"), kind, "--color", "no", *arguments]
    if kind == "sanity":
        skipped = find_unreachable_tests(package)
        session.warn(f"Unavailable sanity tests: {', '.join(skipped)}") if skipped else None
        command += ["--junit", *(f"--skip-test={test}" for test in skipped)]
    if python:
        command += ["--venv", "--python", python]
    with copied_checkout() as copy, tempfile.TemporaryFile() as log, contextlib.ExitStack() as stack:
        if requests:
            for folder in ("unit", "integration"):
                (copy / "tests" / folder / "constraints.txt").write_text(f"requests=={requests}\n", encoding="utf-8")
        if kind == "integration":
            account = stack.enter_context(simulator_at(copy.parent / "simulator.json"))
            target = {"python": python or str(session.python), "requests": requests or NEWEST_REQUESTS}
            variables = json.dumps({"rtk_simulator": account, "rtk_target": target})  # JSON is YAML
            (copy / "tests/integration/integration_config.yml").write_text(variables, encoding="utf-8")
        status = run_group(command, copy, environ, log.fileno() if lane else None)
        passed = count_passed(copy / "tests/output/junit")
        log.seek(0)
        with PRINTING:
            print(log.read().decode(errors="replace"), end="")
            title = " ".join(filter(None, [session.name, *arguments, python and f"Python {python}", requests and f"requests {requests}"]))
            print(f"ansible-test {kind}: {title}: {passed} passed, exit status {status}", flush=True)
    if status or not passed:
        session.error(f"ansible-test {kind} failed: {title}")


def test_targets(session: nox.Session) -> None:
    """Run the integration targets side by side, each with a copy, a home, and a simulator."""
    targets = dict.fromkeys([*SLOW_TARGETS, *(path.name for path in sorted(Path("tests/integration/targets").iterdir()))])
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        try:
            for future in [pool.submit(ansible_test, session, "integration", name, lane=f"-{name}") for name in targets]:
                future.result()
        except BaseException:
            STOPPED.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(RUNNING):
                end_group(process)
            raise


def pick_python(pythons: list[str]) -> str:
    """Return the first of these Pythons that is available. If none is, return the first, and nox skips the session."""
    return next((python for python in pythons if python in AVAILABLE), pythons[0])


def shorten(version: str) -> str:
    """Return X.Y for X.Y.Z."""
    return ".".join(version.split(".")[:2])


def is_target(core: dict[str, Any], python: str) -> bool:
    """Return whether modules run on this Python with this ansible-core."""
    return read_numbers(core["oldest_target"]) <= read_numbers(python) <= max(map(read_numbers, core["pythons"]))


def add_core_session(name: str, core: dict[str, Any], test: Callable[[nox.Session], object], doc: str, *requires: str) -> str:
    def with_core(session: nox.Session) -> None:
        session.install(f"ansible-core=={core['version']}", f"requests=={NEWEST_REQUESTS}")
        session.run("python", "tests/integration/module_cache.py")
        test(session)

    with_core.__doc__ = f"{doc} ansible-core {core['version']}"
    nox.session(name=name, python=pick_python(core["pythons"]), requires=["setup", *requires])(with_core)
    return name


def add_sessions_of_core(core: dict[str, Any]) -> str:
    """Add the sessions of an ansible-core, and one that requires them."""

    def integration(session: nox.Session) -> None:
        ansible_test(session, "integration", *session.posargs) if session.posargs else test_targets(session)

    def units(session: nox.Session) -> None:
        pythons = [python for python in AVAILABLE if is_target(core, python)]
        for python in (pythons[0], pythons[-1]):  # the sessions target-... test each of the others
            ansible_test(session, "units", *session.posargs, python=python)

    def sanity(session: nox.Session) -> None:
        ansible_test(session, "sanity", *session.posargs)

    def secrets(session: nox.Session) -> None:
        pytest(session, "tests/secrets", f"--core={core['version']}", f"--environment={session.virtualenv.location}")

    def tarball(session: nox.Session) -> None:
        run(session, "python", "tests/tarball/use.py", session.bin)

    release = shorten(core["version"])
    tests = [
        add_core_session(f"integration-{release}", core, integration, "Run the modules and roles against the simulator, with"),
        add_core_session(f"units-{release}", core, units, "Run the unit tests on the oldest and the newest Python for modules, with"),
        add_core_session(f"sanity-{release}", core, sanity, "Run the sanity tests of"),
        add_core_session(f"secrets-{release}", core, secrets, "Search all output for tokens and stream keys, with"),
        add_core_session(f"tarball-{release}", core, tarball, "Install and use the tarball with", "build"),
    ]
    add_group(f"matrix-{release}", tests, f"Run every test that uses ansible-core, with {core['version']}")
    return f"matrix-{release}"


def add_sessions_of_target(target: dict[str, Any]) -> str:
    """Add the sessions of a Python that modules run on, the first with the newest ansible-core that is available and supports it."""
    python, both = target["python"], [VERSIONS["oldest_requests"], target["newest_requests"]]
    cores = [core for core in VERSIONS["cores"] if is_target(core, python)]
    available = [core for core in cores if pick_python(core["pythons"]) in AVAILABLE]

    def modules(session: nox.Session) -> None:
        if python not in AVAILABLE:
            (session.error if "CI" in os.environ else session.skip)(f"Python {python} is unavailable")
        for requests in both:
            ansible_test(session, "units", python=python, requests=requests)
        if python not in map(pick_python, (core["pythons"] for core in VERSIONS["cores"])):  # whose sessions integration-... run the rest
            ansible_test(session, "integration", "context/target/", python=python, requests=both[0])  # without the roles

    doc = f"Run the modules on Python {python} with requests {' and '.join(both)}, and"
    name = add_core_session(f"target-{python}", (available or cores)[-1], modules, doc)

    @nox.session(name=f"phases-{python}", python=python, requires=["setup"])
    def phases(session: nox.Session) -> None:
        for requests in both:
            session.install(f"requests[socks]=={requests}")
            pytest(session, "tests/contract/test_phases.py", f"--client={session.bin}/python")

    phases.__doc__ = f"Break connections in each phase, with Python {python} and requests {' and '.join(both)}"
    add_group(f"matrix-{python}", [name, f"phases-{python}"], f"Run every test that uses the Python of the target, with {python}")
    return f"matrix-{python}"


MATRIX = [*map(add_sessions_of_core, VERSIONS["cores"]), *map(add_sessions_of_target, VERSIONS["targets"])]
add_group("matrix", MATRIX, "Run every test on every version of tests/versions.toml")
QUICK = [shorten(core["version"]) for core in VERSIONS["cores"] if core.get("quick")]
(PINNED,) = [release for release in QUICK if f"ansible-core=={release}." in Path("requirements-demo.txt").read_text(encoding="utf-8")]
add_group("integration", [f"integration-{PINNED}"], f"Run integration-{PINNED}; `-- rtk_livestream -vv` runs one target")
add_group("sanity", [f"sanity-{PINNED}"], f"Run sanity-{PINNED}")
add_group("secrets", [f"secrets-{release}" for release in QUICK], "Run secrets-... on the oldest, the pinned, and the newest ansible-core")


# Further kinds of tests: real video, a browser, systemd, and ansible-rulebook. The place for new ones.


def prepare_browser(session: nox.Session, *packages: str) -> None:
    """Install what tests/browser needs from Debian and npm, with the user's own settings for both."""
    session.run(str(TOOLS / "python"), "tests/browser/install.py", BROWSER, "chromium", "nodejs", "npm", *packages, external=True)


@uses_setup()
def media(session: nox.Session) -> None:
    """Send real video through the roles: ffmpeg, nginx with RTMP, and a browser that plays the page."""
    prepare_browser(session, "nginx", "libnginx-mod-rtmp", "ffmpeg")
    pytest(session, "tests/media", env={"NODE_MODULES": str(BROWSER / "node_modules")})
    session.log("The pictures of the page are in .build/media/")


@uses_setup()
def systemd(session: nox.Session) -> None:
    """Run the encoder role on a Debian that systemd-nspawn boots: kills, a stalled ingest, a new key, and removal; needs root."""
    reason = run(session, "python", "tests/systemd/tree.py", STATE / "systemd", silent=True, stderr=sys.stderr, terminate_timeout=20)
    if reason:
        session.skip(f"There is no systemd to test with: {reason}")
    # The tests need some time to shut the machine down.
    pytest(session, "tests/systemd", "--durations=5", interrupt_timeout=1, terminate_timeout=40)


@nox.session
def eda(session: nox.Session) -> None:
    """Run the event sources and the rulebook in ansible-rulebook; needs Java 17, which Debian has in openjdk-17-jre-headless."""
    session.install("--requirement", "requirements-eda.txt")
    session.run("python", "tests/browser/install.py", "-", "openjdk-17-jre-headless")
    session.run("pytest", "-o", "testpaths=tests/eda", "--durations=5", *session.posargs, env=environment(session.name))


@uses_setup()
def live(session: nox.Session) -> None:
    """Start and stop a livestream in a real account and write what was found to .build/live; needs RTK_LIVE=yes, or `-- --simulator`."""
    # Ctrl-C reaches the probe as well, which first leaves nothing running.
    run(session, "python", "tests/live", *session.posargs, interrupt_timeout=1, terminate_timeout=1300)


@uses_setup(name="live-test")
def live_test(session: nox.Session) -> None:
    """Test the session live with simulated accounts: its facts, what it leaves, and that the simulator takes facts.json."""
    pytest(session, "tests/live", "--durations=5")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site of guides, modules, and roles in .build/docs/html; a warning is an error."""
    session.install("--requirement", "requirements-docs.txt")
    env = environment(session.name)
    with copied_checkout() as pages:  # each page keeps its place in the repository, because the pages refer to each other
        shutil.copy2("docs/site/index.md", pages)
        (pages / "collection").mkdir(mode=0o755)
        options = ["--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(pages / "collection")]
        session.run("antsibull-docs", "collection", *options, "streamops.realtimekit", env=env)
        shutil.rmtree(STATE / "docs/html", ignore_errors=True)
        options = ["--conf-dir", "docs/site", "--doctree-dir", str(STATE / "docs/doctrees"), "--fresh-env", "--fail-on-warning"]
        session.run("sphinx-build", "--builder", "html", *options, "--keep-going", "--quiet", pages, STATE / "docs/html", env=env)
    session.log("The site is .build/docs/html/index.html")


@uses_setup(name="docs-serve", requires=("docs",))
def docs_serve(session: nox.Session) -> None:
    """Build the site and serve it until Ctrl-C; `-- --port 8000` sets the port."""
    run(session, "python", "tests/docs/serve.py", *session.posargs)


@uses_setup(name="docs-test", requires=("docs",))
def docs_test(session: nox.Session) -> None:
    """Open every page of the site in a browser: links, anchors, and tables, on a wide and a narrow screen."""
    prepare_browser(session)
    pytest(session, "tests/docs", env={"NODE_MODULES": str(BROWSER / "node_modules")})
    session.log("The pictures of the site are in .build/docs/")


# Demonstrate and measure


@uses_setup()
def pictures(session: nox.Session) -> None:
    """Make the pictures of README: the page of the broadcast role, and the terminal of `make demo`."""
    prepare_browser(session, "ffmpeg")
    run(session, "python", "tests/demo/demo.py", "docs/images/demo.svg")
    run(session, "python", "tests/media/picture.py", "docs/images/broadcast.png", env={"NODE_MODULES": str(BROWSER / "node_modules")})


@nox.session
def demo(session: nox.Session) -> None:
    """Start, find, observe, and stop livestreams of a simulated account with real ansible runs."""
    session.install("--requirement", "requirements-demo.txt")
    session.run("python", "tests/demo/demo.py", env=environment(session.name))


@nox.session
def simulator(session: nox.Session) -> None:
    """Serve a simulated account until Ctrl-C and print how to reach it; `-- --port 8080` sets the port."""
    session.install("--requirement", "requirements-demo.txt")
    session.run("python", "tests/simulator", *session.posargs)


@uses_setup()
def bench(session: nox.Session) -> None:
    """Measure what tasks cost, compare it with the alternatives, and write docs/benchmarks.md; takes a quarter of an hour."""
    run(session, "python", "tests/bench/bench.py", *session.posargs)


@uses_setup()
def compare(session: nox.Session) -> None:
    """Give the official SDK and the modules the same faults and write the tables of docs/official-sdk.md."""
    for script in ("tests/chaos/compare.py", "tests/contract/compare_phases.py"):
        run(session, "python", script, "--write")


# Build and release


@uses_setup()
def build(session: nox.Session) -> None:
    """Build the tarball in .build/dist, check its contents, import it as Galaxy does, and install and use it."""
    shutil.rmtree(STATE / "dist", ignore_errors=True)
    with copied_checkout() as copy:
        run(session, "ansible-galaxy", "collection", "build", copy, "--output-path", STATE / "dist")
    (tarball,) = (STATE / "dist").glob("*.tar.gz")
    run(session, "python", "tests/tarball/contents.py", tarball)
    with session.chdir(STATE / "dist"):  # where the importer leaves its result
        env = {"GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true"}
        log = run(session, "python", "-m", "galaxy_importer.main", tarball, silent=True, env=env)
    # The importer lints without the collection installed, so it does not find the playbook that keep_on_air imports by its full name.
    said = re.sub(r"WARNING: ERROR +Failed to find streamops\.realtimekit\.start playbook\.", "", log or "")
    # The importer succeeds after a warning, and when it does not find ansible-lint.
    done = ("ansible-lint run complete", "Importer processing completed successfully")
    if log and (re.search("WARN|ERROR|CRITICAL", said) or not all(words in said for words in done)):
        session.error(f"{log}\nThe importer of Galaxy has complaints about {tarball.name}.")
    session.log("The importer of Galaxy has no complaints")
    run(session, "python", "tests/tarball/use.py", TOOLS)


@uses_setup()
def release(session: nox.Session) -> None:
    """Prepare a release: changelog, version, and a verified tarball; `-- 1.2.3` stages it, `-- 1.2.3 --commit` also commits and tags."""
    ends = [shorten(VERSIONS["cores"][end]["version"]) for end in (0, -1)]
    env = {"TOOLS": str(TOOLS), "CORES": " ".join(ends), "CLEAN_HOME": environment(session.name)["HOME"], "PYTHON_OF_NOX": sys.executable}
    # It ignores signals while it writes.
    session.run("bash", ".ci/release.sh", *session.posargs, env=env, external=True, interrupt_timeout=1, terminate_timeout=20)


@uses_setup(name="release-test")
def release_test(session: nox.Session) -> None:
    """Test the session release in a scratch clone: what it refuses, what it makes, and that a failure leaves nothing behind."""
    pytest(session, "tests/release", "--durations=5")


@uses_setup(name="check-tag")
def check_tag(session: nox.Session) -> None:
    """Check that this commit has the version of galaxy.yml as its tag."""
    session.run(".ci/publish.sh", "--check", external=True)


@nox.session
def publish(session: nox.Session) -> None:
    """Send the tarball of the session build to Galaxy, from a commit with its tag; needs the variable GALAXY_TOKEN."""
    session.install("--requirement", "requirements-demo.txt")
    session.run(".ci/publish.sh", env={**environment(session.name), "GALAXY_TOKEN": GALAXY_TOKEN}, external=True)


@nox.session(venv_backend="none")
def versions(_session: nox.Session) -> None:
    """Print the versions of tests/versions.toml as JSON on one line, for CI."""
    cores = [{"core": shorten(core["version"]), "python": core["pythons"][0]} for core in VERSIONS["cores"]]
    print(json.dumps({"cores": cores, "targets": [target["python"] for target in VERSIONS["targets"]]}))


# All together, the longest first: sessions run side by side, and the short ones fill the gaps at the end.
TEST = ["integration", "runner", "release-test", "chaos", "secrets", "sanity", "unit", "lint", "contract", "live-test", "build", "house"]
add_group("test", TEST, f"Run every check that a change must pass: {', '.join(TEST)}")

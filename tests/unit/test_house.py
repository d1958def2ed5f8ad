# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the house, read from the files: who may import whom, how large a file may grow, which names must agree."""

from __future__ import annotations

import ast
import functools
import importlib
import io
import json
import os
import re
import subprocess
import tokenize
from pathlib import Path
from typing import Iterator

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.streamops.realtimekit"
MODULE_UTILS = sorted((ROOT / "plugins/module_utils").rglob("*.py"))
MODULES = sorted((ROOT / "plugins/modules").glob("*.py"))
MODULE_NAMES = [path.stem for path in MODULES]

# The layers, from the top down. A file may import from its own layer and from those below it.
LAYERS = ("modules", "_task", "_ensure", "_api", "_http", "_errors")

# Outside packages, and the only files that may import them.
MAY_KNOW = {
    "requests": {"_http/exchange", "_http/failures", "_http/session", "_http/surroundings"},
    "urllib3": {"_http/exchange", "_http/failures", "_http/surroundings"},
    "urllib.request": set(),
    "ssl": {"_http/failures", "_http/surroundings", "_task/options"},
    "socket": {"_http/deadline", "_http/failures"},
    "ansible": {"_task/run", *(f"modules/{name}" for name in MODULE_NAMES)},
}

MOST_LINES = 200
NOTICE = """\
# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.
"""
HEADER = """\
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""


def name_of(path: Path) -> str:
    """Return a plugin's layer and name, such as ``_http/client``, ``_errors`` or ``modules/rtk_livestream``."""
    inside = path.relative_to(ROOT / "plugins").with_suffix("")
    return str(inside.relative_to("module_utils") if inside.parts[0] == "module_utils" else inside)


def layer_of(path: Path) -> int:
    return LAYERS.index(name_of(path).partition("/")[0])


each_private_file = pytest.mark.parametrize("path", MODULE_UTILS, ids=name_of)
each_module = pytest.mark.parametrize("path", MODULES, ids=name_of)
each_plugin = pytest.mark.parametrize("path", MODULE_UTILS + MODULES, ids=name_of)


def read(path: Path | str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def parse(path: Path) -> ast.Module:
    return ast.parse(read(path), str(path))


def imported_names(path: Path) -> Iterator[str]:
    """Yield the absolute dotted name of everything that the file imports, wherever in it; ``from a import b`` gives ``a.b``."""
    package = [*COLLECTION.split("."), *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imported_neighbors(path: Path) -> set[Path]:
    """Return the files of module_utils that a plugin imports."""
    names = [name.split(".") for name in imported_names(path) if name.startswith(f"{COLLECTION}.plugins.module_utils.")]
    inside = [name[len(COLLECTION.split(".")) :] for name in names]
    return {ROOT.joinpath(*parts[:length]).with_suffix(".py") for parts in inside for length in range(3, len(parts) + 1)} & {*MODULE_UTILS}


def count_lines_of_code(source: str) -> int:
    """Count the lines that hold code: not blank ones, not comments, not docstrings; each line of any other long string counts."""
    no_code = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in no_code:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(node) is not None:
            docstring = node.body[0]
            lines.difference_update(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
    return len(lines)


def documentation(path: Path, part: str = "DOCUMENTATION") -> dict:
    """Return the DOCUMENTATION, or the RETURN, of a module or doc fragment, parsed."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == [part]:
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(f"{path} has no {part}")


def own_text_files() -> Iterator[Path]:
    """Yield the files that people write here; what make or git keeps beside them is none of these."""
    tops = [entry for entry in ROOT.iterdir() if entry.name not in {".git", ".build", ".ansible", ".venv", "dist", "LICENSES"}]
    for top in tops:
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            is_left_by_a_tool = any(part in {"__pycache__", "output"} or part.endswith("_cache") for part in path.parts)
            if path.is_file() and not is_left_by_a_tool and path.suffix not in {".pyc", ".gz", ".m3u8", ".png"}:
                yield path


def workflows() -> dict[str, dict]:
    """Return the workflows of the forge, parsed, by their paths below the checkout."""
    return {str(path.relative_to(ROOT)): yaml.safe_load(read(path)) for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}


def workflow_jobs() -> Iterator[tuple[str, dict]]:
    for path, workflow in workflows().items():
        yield from ((f"{path}: {name}", job) for name, job in workflow["jobs"].items())


def workflow_steps() -> Iterator[tuple[str, dict]]:
    for where, job in workflow_jobs():
        yield from ((where, step) for step in job.get("steps", []))


#: The targets of the Makefile that are no session.
MAKE_ONLY = {"help", "clean"}


@functools.lru_cache(maxsize=None)
def sessions() -> dict[str, tuple[str, list[str]]]:
    """Return the description of each session of noxfile.py, and the sessions that it requires."""
    if "PYTHON_OF_NOX" not in os.environ:
        pytest.skip("the session house says which Python has nox")
    ask = "import json, noxfile; print(json.dumps({name: (func.__doc__, func.requires) for name, func in noxfile.get_sessions().items()}))"
    done = subprocess.run([os.environ["PYTHON_OF_NOX"], "-B", "-c", ask], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout.decode().splitlines()[-1])


def required(names: set[str]) -> set[str]:
    """Return these sessions and all that they require, near and far."""
    more = {name for each in names for name in sessions()[each][1]} - names
    return required(names | more) if more else names


def make_targets(text: str) -> set[str]:
    """Return every x of `make x` in a text's code: in a fenced block, between backticks or in a script."""
    return set(re.findall(r"(?:^|`|\$ |&& )make (?:-\S+ )*([a-z][a-z-]*(?:\d\.\d+)?)", text, re.MULTILINE))


def without_version(names: set[str]) -> set[str]:
    """Let sanity-2.19 stand for the session of each ansible-core."""
    return {re.sub(r"-\d+\.\d+$", "", name) for name in names}


# Imports


def test_every_file_is_in_a_layer() -> None:
    assert [name_of(path) for path in MODULE_UTILS if name_of(path).partition("/")[0] not in LAYERS] == []
    assert {LAYERS[layer_of(path)] for path in MODULE_UTILS + MODULES} == set(LAYERS)


@each_plugin
def test_imports_point_down(path: Path) -> None:
    assert [name_of(other) for other in imported_neighbors(path) if layer_of(other) < layer_of(path)] == []


def test_files_of_a_layer_do_not_import_each_other_in_a_circle() -> None:
    left = {path: imported_neighbors(path) for path in MODULE_UTILS}
    while left:
        free = [path for path, others in left.items() if not others & left.keys()]
        assert free, f"a circle among {sorted(map(name_of, left))}"
        for path in free:
            del left[path]


@pytest.mark.parametrize("path", sorted((ROOT / "plugins/filter").glob("*.py")), ids=lambda path: path.stem)
def test_filters_load_without_requests(path: Path) -> None:
    """Filters run on the controller, which may not have this library."""
    assert {*map(name_of, imported_neighbors(path))} <= {"_api/shapes"}


def test_imports_are_seen() -> None:
    """If the functions above saw none, nothing could fail."""
    run = ROOT / "plugins/module_utils/_task/run.py"
    assert {"_errors", "_http/client", "_task/options"} <= set(map(name_of, imported_neighbors(run)))
    assert {"_task/run", "_task/options"} <= set(map(name_of, imported_neighbors(ROOT / "plugins/modules/rtk_livestream.py")))


@each_plugin
def test_outside_is_known_only_where_it_may_be(path: Path) -> None:
    barred = [package for package, importers in MAY_KNOW.items() if name_of(path) not in importers]
    assert [name for name in imported_names(path) for package in barred if f"{name}.".startswith(f"{package}.")] == []


@each_plugin
def test_task_layer_alone_ends_a_module(path: Path) -> None:
    endings = [node.attr for node in ast.walk(parse(path)) if isinstance(node, ast.Attribute) and node.attr in {"exit_json", "fail_json"}]
    assert name_of(path) == "_task/run" or endings == []


def test_drawing_shows_every_file_of_the_layers() -> None:
    shown = set(re.findall(r"[\w.]+", read("docs/images/layers.svg")))
    assert [name for name in (path.stem for path in MODULE_UTILS + MODULES) if name not in shown and f"{name}.py" not in shown] == []


# Files


@each_private_file
def test_private_file_is_small(path: Path) -> None:
    assert count_lines_of_code(read(path)) <= MOST_LINES


def test_lines_of_code_leave_out_what_explains_them() -> None:
    source = '"""A module,\nexplained."""\n\n# why\nx = 1  # what\n\ndef f():\n    """Do."""\n    return """a\nb"""\n'
    assert count_lines_of_code(source) == 4


@each_private_file
def test_private_file_reports_it(path: Path) -> None:
    assert name_of(path).startswith("_")
    assert re.match(re.escape(HEADER) + r"\n*" + re.escape(NOTICE), read(path))


@pytest.mark.parametrize(
    "path", [path for path in own_text_files() if path.suffix in {".py", ".sh", ".yml"}], ids=lambda path: str(path.relative_to(ROOT))
)
def test_file_carries_the_license(path: Path) -> None:
    is_fragment = path.parent.name == "fragments"
    assert is_fragment or HEADER in read(path)


# Names that must agree


def test_action_group_is_the_modules_on_disk() -> None:
    assert sorted(yaml.safe_load(read("meta/runtime.yml"))["action_groups"]["realtimekit"]) == MODULE_NAMES


@each_module
def test_module_extends_the_fragments(path: Path) -> None:
    fragments = documentation(path)["extends_documentation_fragment"]
    assert {"streamops.realtimekit.connection", "streamops.realtimekit.attributes"} <= set(fragments)


@each_module
def test_module_has_an_integration_target(path: Path) -> None:
    assert (ROOT / "tests/integration/targets" / path.stem / "tasks/main.yml").is_file()


def test_site_and_readme_name_every_module_and_filter() -> None:
    site, readme = ((ROOT / path).read_text(encoding="utf-8") for path in ("docs/site/index.md", "README.md"))
    filters = (ROOT / "plugins/filter").glob("*.py")
    pages = [f"{path.stem}_module" for path in MODULES] + [f"{path.stem}_filter" for path in filters]
    assert [page for page in pages if f"<collection/{page}>" not in site] == []
    assert [path.stem for path in MODULES if f"| `{path.stem}` |" not in readme] == []


def test_connection_options_are_documented_as_they_are() -> None:
    options = importlib.import_module(f"{COLLECTION}.plugins.module_utils._task.options")
    documented = documentation(ROOT / "plugins/doc_fragments/connection.py")["options"]
    assert sorted(documented) == sorted(options.CONNECTION_SPEC)
    for name, spec in options.CONNECTION_SPEC.items():
        says = documented[name]
        assert {key: says.get(key) for key in ("type", "default", "choices", "elements", "aliases")} == {
            "type": spec.get("type", "str"),
            **{key: spec.get(key) for key in ("default", "choices", "elements", "aliases")},
        }, name


@each_module
def test_module_documents_what_every_module_returns(path: Path) -> None:
    errors = importlib.import_module(f"{COLLECTION}.plugins.module_utils._errors")
    returned = documentation(path, "RETURN")
    assert set(returned["error"]["contains"]) == set(errors.RealtimeKitError().details())
    contained = returned["rate_limit"]["contains"]
    assert {name: value["type"] for name, value in contained.items()} == {
        "requests": "int",
        "held_seconds": "float",
        "forecast_seconds": "float",
    }


def test_version_stands_in_galaxy_yml_only() -> None:
    version = re.escape(yaml.safe_load(read("galaxy.yml"))["version"])
    # "version_added" and release notes are history, and a pin is the version of another project.
    tells_history = re.compile(r"version_added|[\w.-]+==")
    elsewhere = [
        f"{path.relative_to(ROOT)}:{number}: {line}"
        for path in own_text_files()
        if path.name != "galaxy.yml" and path.relative_to(ROOT).parts[0] not in {"changelogs", "CHANGELOG.rst"}
        for number, line in enumerate(read(path).splitlines(), start=1)
        if re.search(rf"(?<![\d.]){version}(?![\d]|\.\d)", line) and not tells_history.search(line)
    ]
    assert elsewhere == []


def test_every_session_has_a_description_and_is_in_contributing() -> None:
    assert [name for name, (doc, _requires) in sessions().items() if not doc] == []
    named = make_targets(read("CONTRIBUTING.md"))
    assert named - MAKE_ONLY <= sessions().keys()
    assert without_version(named) == without_version({*sessions(), *MAKE_ONLY})


def test_session_that_another_requires_is_there() -> None:
    assert {name for _doc, requires in sessions().values() for name in requires} <= sessions().keys()


def test_readme_promises_what_ci_runs() -> None:
    promised, run = make_targets(read("README.md")), make_targets(read(".ci/run"))
    assert promised - MAKE_ONLY <= sessions().keys()
    assert {"demo", "test"} <= run <= promised
    # CI runs all targets that README names, or sessions that require them, except those that wait for a user.
    assert promised <= required(run) | MAKE_ONLY | {"simulator", "docs-serve", "format"}


def test_generated_pages_link_to_where_galaxy_yml_does() -> None:
    galaxy, links = yaml.safe_load(read("galaxy.yml")), yaml.safe_load(read("docs/docsite/links.yml"))
    edit = links["edit_on_github"]
    assert galaxy["repository"] == f"https://github.com/{edit['repository']}"
    assert galaxy["documentation"] == f"{galaxy['repository']}/blob/{edit['branch']}/README.md"
    assert [link["url"] for link in links["extra_links"] if not link["url"].startswith(galaxy["issues"])] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements-*.txt")), ids=lambda path: path.name)
def test_tools_are_pinned(path: Path) -> None:
    """Each in one place: what has no version in its own file has one in a file that this one names as its constraint."""
    lines = read(path).splitlines()
    constraints = [line for name in re.findall(r"^--constraint (\S+)$", read(path), re.MULTILINE) for line in read(name).splitlines()]
    named = [line for line in lines if re.match(r"\w", line)]
    assert [name for name in named if "==" not in name and not any(line.startswith(f"{name}==") for line in constraints)] == []


def test_loop_of_a_role_has_its_own_variable() -> None:
    """Plain ``item`` would hide that of a play which loops over the role, and on which the role's variables may depend."""
    files = sorted((ROOT / "roles").glob("*/tasks/*.yml"))
    loops = [(path, text) for path in files for text in re.split(r"(?m)^(?=\s*- name: )", read(path)) if re.search(r"(?m)^\s*loop: ", text)]
    assert loops
    assert [path for path, text in loops if f"loop_var: {path.parts[-3]}__" not in text] == []


# Workflows of the forge


def test_workflow_runs_what_people_run() -> None:
    prepares_a_container = r"apt-get .*|git config --system .*"
    calls_make = r'make ([a-z][a-z-]*)|make "(matrix)-\$[A-Z]+"'
    keeps_what_it_says = r'json=\$\(make --silent ([a-z][a-z-]*)\) && echo "json=\$json" >>"\$GITHUB_OUTPUT"'
    lines = [(where, line) for where, step in workflow_steps() for line in step.get("run", "").splitlines()]
    known = re.compile(f"{prepares_a_container}|{calls_make}|{keeps_what_it_says}")
    assert [(where, line) for where, line in lines if not known.fullmatch(line)] == []
    called = {target for where, line in lines for target in known.fullmatch(line).groups() if target}
    assert {"test", "media", "matrix", "publish"} <= called
    assert called <= sessions().keys()


def test_workflow_line_takes_values_from_the_environment_only() -> None:
    assert [(where, step["run"]) for where, step in workflow_steps() if "${{" in step.get("run", "")] == []


def test_action_is_pinned_by_its_commit_to_one_version() -> None:
    pins: dict[str, set[str]] = {}
    for path in workflows():
        for used in re.findall(r"^\s*(?:- )?uses: (.+)$", read(path), re.MULTILINE):
            if not used.startswith("./"):
                pinned = re.fullmatch(r"([\w./-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)", used)
                assert pinned, f"{path}: {used}"
                pins.setdefault(pinned[1], set()).add(pinned[2])
    assert "actions/checkout" in pins
    assert [name for name, versions in pins.items() if len(versions) > 1] == []


def test_workflow_that_another_calls_is_there() -> None:
    called = [job["uses"] for where, job in workflow_jobs() if "uses" in job]
    assert called
    assert set(called) <= {f"./{path}" for path in workflows()}


def test_workflow_asks_for_little_and_ends() -> None:
    assert [path for path, workflow in workflows().items() if workflow["permissions"] != {}] == []
    assert [where for where, job in workflow_jobs() if job["permissions"] != {"contents": "read"}] == []
    assert [where for where, job in workflow_jobs() if "steps" in job and "timeout-minutes" not in job] == []


def test_dependabot_checks_existing_files() -> None:
    found_by = {"github-actions": ".github/workflows/*.yml", "pip": "requirements-*.txt", "npm": "package.json"}
    updates = yaml.safe_load(read(".github/dependabot.yml"))["updates"]
    assert {update["package-ecosystem"] for update in updates} == set(found_by)
    looks = [(update["directory"], found_by[update["package-ecosystem"]]) for update in updates]
    assert [place for place, pattern in looks if not list((ROOT / place.strip("/")).glob(pattern))] == []


def test_pre_commit_runs_what_make_lint_runs() -> None:
    (local,) = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert [hook["entry"] for hook in local["hooks"]] == [f"make {name}" for name in sessions()["lint"][1]]


def test_secrets_are_reported_at_the_repository_of_galaxy_yml() -> None:
    repository = yaml.safe_load(read("galaxy.yml"))["repository"]
    links = yaml.safe_load(read(".github/ISSUE_TEMPLATE/config.yml"))["contact_links"]
    assert links[0]["url"] == f"{repository}/security/policy"
    assert (ROOT / "SECURITY.md").is_file()

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small AWX for the data files: fill in a credential type, answer a survey, run a job template, walk a workflow.

After awx/main/models/credential.py, mixins.py and workflow.py of https://github.com/ansible/awx.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Mapping, NamedTuple

import ansible_runner
import yaml
from jinja2 import ChainableUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

ROOT = Path(__file__).resolve().parents[2]
FILES = tuple(ROOT / "docs/awx" / name for name in ("credential_type.yml", "job_templates.yml", "workflow.yml"))


class _Loader(yaml.SafeLoader):
    """Ansible's YAML, as far as our files use it."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def read(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)


def configuration() -> dict[str, list[dict[str, Any]]]:
    """Everything that the data files set up; no variable is set by two of them, or the second would replace the first."""
    merged: dict[str, list[dict[str, Any]]] = {}
    for path in FILES:
        found = read(path)
        assert not set(found) & set(merged), path
        merged.update(found)
    return merged


def named(kind: str, name: str) -> dict[str, Any]:
    return next(item for item in configuration()[kind] if item["name"] == name)


def render_environment(credential_type: Mapping[str, Any], inputs: Mapping[str, str]) -> dict[str, str]:
    """The variables that a job gets from a credential; an input left blank renders as nothing."""
    sandbox = ImmutableSandboxedEnvironment()
    given = {field: value for field, value in inputs.items() if value}
    return {variable: sandbox.from_string(text).render(**given) for variable, text in credential_type["injectors"]["env"].items()}


def render_message(text: str, job: Mapping[str, Any]) -> str:
    """A notification's text."""
    return (
        ImmutableSandboxedEnvironment(undefined=ChainableUndefined)
        .from_string(text)
        .render(job=job, url="https://awx.example.com/#/jobs/1")
    )


def survey_defaults(template: Mapping[str, Any]) -> dict[str, Any]:
    return {
        question["variable"]: question["default"] for question in template.get("survey_spec", {}).get("spec", []) if "default" in question
    }


class Job(NamedTuple):
    """A job that has run: how it ended, its events in order, and the folder of all that it leaves."""

    status: str
    events: list[dict[str, Any]]
    folder: Path

    @property
    def stats(self) -> dict[str, Any]:
        return next(event["event_data"] for event in reversed(self.events) if event["event"] == "playbook_on_stats")

    @property
    def changed(self) -> int:
        """Tasks that have changed something."""
        return int(self.stats["changed"].get("localhost", 0))

    @property
    def artifacts(self) -> dict[str, Any]:
        """The values for later workflow nodes."""
        return self.stats.get("artifact_data", {})

    @property
    def failure(self) -> str:
        """The message of the task that failed."""
        return next(event["event_data"]["res"]["msg"] for event in self.events if event["event"] == "runner_on_failed")

    @property
    def stdout(self) -> str:
        return (self.folder / "stdout").read_text(encoding="utf-8")

    def files_with(self, *secrets: str) -> set[str]:
        """The files that hold one of the secrets, by their path in the folder."""
        assert secrets
        assert all(len(secret) > 8 for secret in secrets)
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        assert len(files) > 10, "a run leaves more than that"
        return {str(path.relative_to(self.folder)) for path in files if any(secret.encode() in path.read_bytes() for secret in secrets)}


class Engine:
    """Runs job templates in one private data directory, with the project in it and a credential's environment."""

    def __init__(self, folder: Path, project: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        (folder / "env").mkdir(parents=True)
        (folder / "inventory").mkdir()
        (folder / "inventory/hosts").write_text("", encoding="utf-8")
        (folder / "project").symlink_to(project)
        (folder / "env/envvars").write_text(json.dumps(dict(environment)), encoding="utf-8")
        self._runs = 0

    def launch(self, name: str, extra_vars: Mapping[str, Any] | None = None, *, check: bool = False, verbosity: int = 0) -> Job:
        """Run a job template by its name; ``extra_vars`` are the survey's answers and what comes from a workflow."""
        template = named("controller_templates", name)
        return self.play(template["playbook"], {**survey_defaults(template), **(extra_vars or {})}, check=check, verbosity=verbosity)

    def play(self, playbook: str, extra_vars: Mapping[str, Any], *, check: bool = False, verbosity: int = 0) -> Job:
        self._runs += 1
        ident = str(self._runs)
        run = ansible_runner.run(
            private_data_dir=str(self.folder),
            playbook=playbook,
            ident=ident,
            extravars=dict(extra_vars),
            cmdline="--check --diff" if check else None,
            verbosity=verbosity or None,
            quiet=True,
            timeout=600,
        )
        folder = self.folder / "artifacts" / ident
        events = [json.loads(path.read_text(encoding="utf-8")) for path in (folder / "job_events").glob("*.json")]
        return Job(run.status, sorted(events, key=lambda event: event["counter"]), folder)

    def walk(self, name: str, answers: Mapping[str, Any]) -> dict[str, Job]:
        """Run a workflow whose nodes always follow each other. Its survey has precedence over the artifacts of nodes."""
        workflow = named("controller_workflows", name)
        nodes = {node["identifier"]: node for node in workflow["workflow_nodes"]}
        followers = {each["identifier"] for node in nodes.values() for each in node.get("related", {}).get("always_nodes", [])}
        (current,) = set(nodes) - followers
        jobs: dict[str, Job] = {}
        artifacts: dict[str, Any] = {}
        while current:
            node = nodes.pop(current)
            target = node["unified_job_template"]
            if target["type"] == "job_template":
                jobs[current] = self.launch(target["name"], {**artifacts, **survey_defaults(workflow), **answers})
                artifacts.update(jobs[current].artifacts)
            following = node.get("related", {}).get("always_nodes", [])
            current = following[0]["identifier"] if following else ""
        assert not nodes, "every node is reached"
        return jobs

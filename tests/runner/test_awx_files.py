# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data files that set AWX up agree with the collection, with each other, with the guide, and with what awx.awx takes."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any, Iterator

import awx
import pytest
import yaml
from conftest import run

CONFIGURATION = awx.configuration()
GUIDE = (awx.ROOT / "docs/awx/README.md").read_text(encoding="utf-8")
PLAYBOOKS = {
    f"playbooks/{path.name}": play
    for path in sorted((awx.ROOT / "playbooks").glob("*.yml"))
    for play in yaml.safe_load(path.read_text(encoding="utf-8"))[:1]
    if "import_playbook" not in play  # which is for a rulebook
}
#: Those that take variables; they also hand something on.
TAKING = [playbook for playbook, play in PLAYBOOKS.items() if "ansible.builtin.validate_argument_spec" in play["tasks"][0]]
TEMPLATES = {template["name"]: template for template in CONFIGURATION["controller_templates"]}

# Of the options of awx.awx's modules those that we use; the first is needed. A typing error would not be one of them.
OPTIONS = {
    "controller_credential_types": ("name", "description", "kind", "inputs", "injectors"),
    "controller_execution_environments": ("name", "description", "image"),
    "controller_projects": ("name", "description", "organization", "scm_type", "scm_url", "default_environment"),
    "controller_inventories": ("name", "description", "organization"),
    "controller_credentials": ("name", "description", "organization", "credential_type", "inputs"),
    "controller_notifications": ("name", "description", "organization", "notification_type", "notification_configuration", "messages"),
    "controller_templates": (
        *("name", "description", "organization", "job_type", "ask_job_type_on_launch", "project", "playbook", "inventory"),
        *("execution_environment", "credentials", "notification_templates_success", "notification_templates_error"),
        *("allow_simultaneous", "survey_enabled", "survey_spec"),
    ),
    "controller_workflows": (
        "name",
        "description",
        "organization",
        "allow_simultaneous",
        "survey_enabled",
        "survey_spec",
        "workflow_nodes",
    ),
}
QUESTION = {"question_name", "question_description", "variable", "type", "required", "min", "max", "default", "choices"}
QUESTION_TYPES = {"text": str, "textarea": str, "multiplechoice": str, "integer": int}


def argument_spec(playbook: str) -> dict[str, dict[str, Any]]:
    """Return a playbook's argument spec."""
    return PLAYBOOKS[playbook]["tasks"][0]["ansible.builtin.validate_argument_spec"]["argument_spec"]


def handed_on(playbook: str) -> set[str]:
    """The names that a playbook gives to set_stats."""
    told = re.search(r"set_stats:\n +data:\n((?: {14}.*\n)+)", (awx.ROOT / playbook).read_text(encoding="utf-8"))
    return set(re.findall(r"^ {14}(rtk_\w+):", told[1], re.MULTILINE))


def environment() -> dict[str, str]:
    """The environment variable of each connection option, as the modules know them."""
    tree = ast.parse((awx.ROOT / "plugins/module_utils/_task/options.py").read_text(encoding="utf-8"))
    found = [node.value for node in tree.body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "ENVIRONMENT"]
    return ast.literal_eval(found[0])


def questions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every survey's questions, each with the name of what it belongs to."""
    for item in [*CONFIGURATION["controller_templates"], *CONFIGURATION["controller_workflows"]]:
        assert bool(item.get("survey_enabled")) == ("survey_spec" in item)
        yield from ((item["name"], question) for question in item.get("survey_spec", {}).get("spec", []))


# The credential type

(CREDENTIAL_TYPE,) = CONFIGURATION["controller_credential_types"]


def test_credential_has_an_input_for_each_variable_and_sets_nothing_else() -> None:
    assert set(CREDENTIAL_TYPE["injectors"]) == {"env"}
    fields = [field["id"] for field in CREDENTIAL_TYPE["inputs"]["fields"]]
    assert fields == list(environment())
    rendered = awx.render_environment(CREDENTIAL_TYPE, {field: f"the {field}" for field in fields})
    assert rendered == {variable: f"the {option}" for option, variable in environment().items()}


def test_credential_keeps_the_token_secret_and_needs_what_has_no_default() -> None:
    assert [field["id"] for field in CREDENTIAL_TYPE["inputs"]["fields"] if field.get("secret")] == ["api_token"]
    assert CREDENTIAL_TYPE["inputs"]["required"] == ["api_token", "account_id", "app_id"]
    blank = awx.render_environment(CREDENTIAL_TYPE, {"api_token": "sim_token_of_nobody", "account_id": "a", "app_id": "b", "api_url": ""})
    assert [variable for variable, value in blank.items() if not value] == [
        environment()[option] for option in ("api_url", "api_timeout", "api_retries")
    ]


def test_ansible_hands_awx_s_templates_on_as_they_are(installed: Path) -> None:
    files = [f"--extra-vars=@{path}" for path in awx.FILES]
    given = ["--extra-vars", json.dumps({"rtk_api_token": "sim_token_of_nobody", "rtk_account_id": "a", "rtk_app_id": "b"})]
    shown = {}
    for variable in ("controller_credential_types", "controller_notifications"):
        said = run("ansible", "localhost", *files, *given, "-m", "ansible.builtin.debug", "-a", f"var={variable}").stdout
        shown[variable] = json.loads(said[said.index("{") :])[variable]
    assert shown == {variable: CONFIGURATION[variable] for variable in shown}


# Job templates, surveys, workflow, notifications


def test_items_have_options_of_awx_s_modules_only() -> None:
    assert set(CONFIGURATION) == set(OPTIONS)
    for kind, items in CONFIGURATION.items():
        for item in items:
            assert set(item) <= set(OPTIONS[kind]), (kind, item)
            assert item["name"]


def test_items_name_only_existing_objects() -> None:
    there = {kind: {item["name"] for item in items} for kind, items in CONFIGURATION.items()}
    assert {item["credential_type"] for item in CONFIGURATION["controller_credentials"]} == there["controller_credential_types"]
    assert {item["default_environment"] for item in CONFIGURATION["controller_projects"]} <= there["controller_execution_environments"]
    for template in TEMPLATES.values():
        assert template["project"] in there["controller_projects"]
        assert template["inventory"] in there["controller_inventories"]
        assert template["execution_environment"] in there["controller_execution_environments"]
        assert set(template["credentials"]) == there["controller_credentials"]
        for when in ("success", "error"):
            assert set(template.get(f"notification_templates_{when}", [])) <= there["controller_notifications"]


def test_every_playbook_has_a_template_and_every_template_a_playbook() -> None:
    assert {template["playbook"] for template in TEMPLATES.values()} == set(PLAYBOOKS)


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbook_can_be_named_by_its_full_name(playbook: str) -> None:
    assert re.fullmatch(r"playbooks/[a-z][a-z0-9_]*\.yml", playbook)


@pytest.mark.parametrize("name", [name for name, template in TEMPLATES.items() if "survey_spec" in template])
def test_survey_asks_for_the_playbook_s_variables(name: str) -> None:
    spec = argument_spec(TEMPLATES[name]["playbook"])
    asked = {question["variable"]: question for owner, question in questions() if owner == name}
    assert set(asked) <= set(spec)
    for variable, says in spec.items():
        if says.get("required"):
            assert asked[variable]["required"], variable
        if "choices" in says:
            assert asked[variable]["choices"] == says["choices"]
    texts = {variable for variable, question in asked.items() if question["type"] == "textarea"}
    assert texts == set(asked) & {"rtk_rooms", "rtk_names"}


@pytest.mark.parametrize(("owner", "question"), list(questions()), ids=lambda value: value if isinstance(value, str) else value["variable"])
def test_question_has_the_form_that_awx_wants(owner: str, question: dict[str, Any]) -> None:
    assert set(question) <= QUESTION
    assert all(isinstance(question[key], str) and question[key] for key in ("question_name", "variable", "type"))
    assert isinstance(question["required"], bool)
    assert isinstance(question["question_description"], str)
    if "default" in question:
        assert isinstance(question["default"], QUESTION_TYPES[question["type"]])
    if question["type"] == "multiplechoice":
        assert question["default"] in question["choices"]
    else:
        assert 0 <= question["min"] < question["max"]


def test_workflow_asks_for_what_its_first_node_needs() -> None:
    (workflow,) = CONFIGURATION["controller_workflows"]
    first = TEMPLATES[workflow["workflow_nodes"][0]["unified_job_template"]["name"]]
    needed = {variable for variable, says in argument_spec(first["playbook"]).items() if says.get("required")}
    assert needed <= {question["variable"] for owner, question in questions() if owner == workflow["name"]}


def test_workflow_s_nodes_are_templates_and_approvals() -> None:
    (workflow,) = CONFIGURATION["controller_workflows"]
    targets = [(node["unified_job_template"]["type"], node["unified_job_template"]["name"]) for node in workflow["workflow_nodes"]]
    assert targets == [
        ("job_template", "Start livestreams"),
        ("job_template", "Hand out links"),
        ("workflow_approval", "End the broadcast?"),
        ("job_template", "Stop livestreams"),
    ]
    assert all(name in TEMPLATES for kind, name in targets if kind == "job_template")


# The guide


def test_guide_leads_to_every_data_file() -> None:
    links = set(re.findall(r"\]\(([a-z_-]+\.yml)\)", GUIDE))
    assert links == {path.name for path in (awx.ROOT / "docs/awx").glob("*.yml")}


def test_guide_names_every_playbook_s_variables() -> None:
    told: dict[str, list[str]] = {}
    for playbook, variable in re.findall(r"^\| (?:\x60(playbooks/\w+\.yml)\x60)? ?\| \x60(rtk_\w+)\x60 \|", GUIDE, re.MULTILINE):
        told.setdefault(playbook or list(told)[-1], []).append(variable)
    assert told == {playbook: list(argument_spec(playbook)) for playbook in told}
    assert set(told) == set(TAKING)
    assert set(PLAYBOOKS) - set(told) == {"playbooks/doctor.yml"}


def test_guide_names_what_every_playbook_passes_on() -> None:
    part = GUIDE[GUIDE.index("## Artifacts") :]
    rows = re.findall(r"^\| \x60(rtk_\w+)\x60 \| .* \| ([a-z_, ]+) \|$", part, re.MULTILINE)
    told: dict[str, set[str]] = {playbook: set() for playbook in TAKING}
    for variable, source in rows:
        for playbook, names in told.items():
            if source == "all" or Path(playbook).stem in source.split(", "):
                names.add(variable)
    assert told == {playbook: handed_on(playbook) for playbook in TAKING}
    assert not any("key" in name for names in told.values() for name in names)

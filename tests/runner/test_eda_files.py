# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data files that set an EDA controller up agree with the rulebooks, with each other, and with the files for AWX."""

from __future__ import annotations

import runpy
from typing import Any

import awx
import pytest
import yaml

EDA = awx.ROOT / "extensions/eda"
SETUP = awx.read(awx.ROOT / "docs/eda/activation.yml")
RULEBOOKS = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((EDA / "rulebooks").glob("*.yml"))}
(ACTIVATION,) = SETUP["eda_rulebook_activations"]
SOURCES = {f"streamops.realtimekit.{path.stem}": path for path in (EDA / "plugins/event_source").glob("*.py")}


def names(of: str) -> set[str]:
    return {item["name"] for item in SETUP[of]}


def test_activation_names_what_is_set_up() -> None:
    assert ACTIVATION["rulebook_name"] in RULEBOOKS
    assert {ACTIVATION["project_name"]} == names("eda_projects")
    assert {ACTIVATION["decision_environment_name"]} == names("eda_decision_environments")
    assert names("eda_credentials") < set(ACTIVATION["eda_credentials"])
    assert {item["credential_type_name"] for item in SETUP["eda_credentials"]} == names("eda_credential_types")


def test_activation_sets_variables_that_the_rulebook_has() -> None:
    text = (EDA / "rulebooks" / ACTIVATION["rulebook_name"]).read_text(encoding="utf-8")
    given = yaml.safe_load(ACTIVATION["extra_vars"])
    assert "rtk_meeting_ids" in given
    assert [name for name in given if f"{{{{ {name} " not in text] == []


def test_credential_sets_what_that_of_awx_sets() -> None:
    (ours,) = SETUP["eda_credential_types"]
    (theirs,) = awx.configuration()["controller_credential_types"]
    needed = theirs["inputs"]["required"]
    assert [field for field in theirs["inputs"]["fields"] if field["id"] in needed] == ours["inputs"]["fields"]
    assert ours["injectors"]["env"].items() <= theirs["injectors"]["env"].items()
    assert set(SETUP["eda_credentials"][0]["inputs"]) == set(needed) == set(ours["inputs"]["required"])


def test_rulebooks_differ_only_in_how_they_start_rooms() -> None:
    def without_start(rulebook: Any) -> Any:
        (ruleset,) = rulebook
        start, *others = ruleset["rules"]
        return {**ruleset, "rules": [{**start, "action": None}, *others]}

    assert without_start(RULEBOOKS["keep_on_air.yml"]) == without_start(RULEBOOKS["keep_on_air_awx.yml"])


def test_rulebook_launches_a_job_template_that_asks_for_its_variables() -> None:
    launch = RULEBOOKS["keep_on_air_awx.yml"][0]["rules"][0]["action"]["run_job_template"]
    (template,) = [each for each in awx.configuration()["controller_templates"] if each["name"] == launch["name"]]
    assert template["organization"] == launch["organization"]
    questions = {question["variable"]: question for question in template["survey_spec"]["spec"]}
    given = launch["job_args"]["extra_vars"]
    assert set(given) <= set(questions)
    assert given["rtk_wait"] in questions["rtk_wait"]["choices"]


def test_rulebook_runs_a_playbook_that_runs_start() -> None:
    run = RULEBOOKS["keep_on_air.yml"][0]["rules"][0]["action"]["run_playbook"]
    playbook = awx.ROOT / "playbooks" / f"{run['name'].rpartition('.')[2]}.yml"
    (play,) = yaml.safe_load(playbook.read_text(encoding="utf-8"))
    assert play["import_playbook"] == "streamops.realtimekit.start"


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_rulebook_gives_its_source_arguments_that_there_are(rulebook: str) -> None:
    for ruleset in RULEBOOKS[rulebook]:
        for source in ruleset["sources"]:
            (name,) = set(source) & set(SOURCES)
            assert set(source[name]) <= set(runpy.run_path(str(SOURCES[name]))["ARGUMENTS"])


def test_decision_environment_has_what_the_sources_import() -> None:
    built = awx.read(awx.ROOT / "docs/eda/decision-environment.yml")
    packages = {package.partition(">")[0] for package in built["dependencies"]["python"]}
    assert packages == {"ansible-rulebook", "requests", "aiohttp", "cryptography"}
    executed = awx.read(awx.ROOT / "docs/awx/execution-environment.yml")
    assert built["dependencies"]["galaxy"] == executed["dependencies"]["galaxy"]
    assert SETUP["eda_projects"][0]["url"] == executed["dependencies"]["galaxy"]["collections"][0]["name"]

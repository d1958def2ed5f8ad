# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Job templates and the workflow, run by ansible-runner, the engine under AWX, from the data files that set them up."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import awx
import pytest
import yaml
from conftest import BBBB, CCCC, UNKNOWN
from simulator import Simulator, meetings

Keys = Callable[[], "list[str]"]

#: ansible-runner's own record of how it was started: the one file that holds the token. docs/awx/README.md says so.
RECORD = {"command"}

SHOWN = {"id", "name", "status", "meeting_id", "ingest_server", "playback_url", "disabled", "created_at", "updated_at"}


def effects(sim: Simulator) -> list[str]:
    return [effect["kind"] for effect in sim.effects]


def assert_secrets_are_kept(job: awx.Job, sim: Simulator, keys: Keys) -> None:
    assert job.files_with(sim.token) == RECORD
    assert keys()
    assert job.files_with(*keys()) == set()


@pytest.mark.parametrize(
    "text",
    [f" {BBBB.upper()}\r\n\n{CCCC}\n", [BBBB, CCCC], "Main stage\nWorkshop upstairs", ["Workshop upstairs", BBBB]],
    ids=["text", "list", "titles", "both"],
)
def test_start_takes_a_survey_s_text_and_a_list(engine: awx.Engine, sim: Simulator, keys: Keys, text: object) -> None:
    job = engine.launch("Start livestreams", {"rtk_rooms": text, "rtk_name": "Main stage"})
    assert (job.status, job.changed) == ("successful", 1)
    assert job.artifacts["rtk_rooms"] == [BBBB, CCCC]
    assert [(each["meeting_id"], each["name"], each["status"]) for each in job.artifacts["rtk_livestreams"]] == [
        (BBBB, "Main stage", "LIVE"),
        (CCCC, "Main stage", "LIVE"),
    ]
    assert [set(each) for each in job.artifacts["rtk_livestreams"]] == [SHOWN, SHOWN]
    assert job.artifacts["rtk_playback_urls"] == [sim.world.active(meeting).playback_url for meeting in (BBBB, CCCC)]
    assert job.artifacts["rtk_failed"] == []
    assert effects(sim) == ["started", "started"]
    assert_secrets_are_kept(job, sim, keys)


@pytest.mark.parametrize("blank", [None, "", " "], ids=["null", "empty", "white space"])
def test_blank_answers_count_as_not_given(engine: awx.Engine, sim: Simulator, blank: object) -> None:
    sim.world.start(CCCC)
    wanted = {"rtk_name": blank, "rtk_wait": blank, "rtk_wait_timeout": blank}
    job = engine.launch("Start livestreams", {"rtk_rooms": "Main stage", **wanted})
    assert [(each["name"], each["status"]) for each in job.artifacts["rtk_livestreams"]] == [(None, "LIVE")]
    shown = engine.launch("Show livestreams", {"rtk_rooms": blank, "rtk_status": blank})
    assert sorted(each["meeting_id"] for each in shown.artifacts["rtk_livestreams"]) == [BBBB, CCCC]
    stopped = engine.launch("Stop livestreams", {"rtk_rooms": "Main stage", **wanted})
    assert [job.status for job in (job, shown, stopped)] == ["successful"] * 3


def test_title_that_no_meeting_has_is_handed_on(engine: awx.Engine, sim: Simulator) -> None:
    job = engine.launch("Start livestreams", {"rtk_rooms": ["Foyer", "Main stage"]})
    assert job.status == "failed"
    assert "No meeting has the title 'Foyer'" in job.failure
    assert job.artifacts["rtk_rooms"] == [BBBB, "Foyer"]
    assert [each["title"] for each in job.artifacts["rtk_failed"]] == ["Foyer"]


def test_second_start_changes_nothing(engine: awx.Engine, sim: Simulator) -> None:
    first = engine.launch("Start livestreams", {"rtk_rooms": BBBB})
    again = engine.launch("Start livestreams", {"rtk_rooms": BBBB})
    assert (again.status, again.changed) == ("successful", 0)
    assert again.artifacts == first.artifacts
    assert effects(sim) == ["started"]


def test_start_without_waiting(engine: awx.Engine, sim: Simulator) -> None:
    sim.settings.live_delay = 60
    job = engine.launch("Start livestreams", {"rtk_rooms": BBBB, "rtk_wait": "no"})
    assert [each["status"] for each in job.artifacts["rtk_livestreams"]] == ["INVOKED"]


@pytest.mark.parametrize(("wait", "seconds"), [(True, 1), ("true", "1")], ids=["typed", "text"])
def test_start_waits_as_long_as_configured(engine: awx.Engine, sim: Simulator, wait: object, seconds: object) -> None:
    sim.settings.live_delay = 60
    job = engine.launch("Start livestreams", {"rtk_rooms": BBBB, "rtk_wait": wait, "rtk_wait_timeout": seconds})
    assert job.status == "failed"
    assert "not LIVE after 1 seconds" in job.failure
    assert [each["status"] for each in job.artifacts["rtk_livestreams"]] == ["INVOKED"]


def test_check_job_type_starts_nothing(engine: awx.Engine, sim: Simulator) -> None:
    job = engine.launch("Start livestreams", {"rtk_rooms": BBBB}, check=True)
    assert (job.status, job.changed) == ("successful", 1)
    assert [(each["status"], each["id"]) for each in job.artifacts["rtk_livestreams"]] == [("INVOKED", None)]
    assert job.artifacts["rtk_playback_urls"] == []
    assert effects(sim) == []


def test_known_outcomes_are_reported_then_the_job_fails(engine: awx.Engine, sim: Simulator, keys: Keys) -> None:
    job = engine.launch("Start livestreams", {"rtk_rooms": f"{BBBB}\n{UNKNOWN}"}, verbosity=4)
    assert (job.status, job.changed) == ("failed", 0), "Ansible counts a task that failed as failed, not as changed"
    assert UNKNOWN in job.failure
    assert "answered 404" in job.failure
    assert [each["meeting_id"] for each in job.artifacts["rtk_livestreams"]] == [BBBB]
    assert job.artifacts["rtk_playback_urls"] == [sim.world.active(BBBB).playback_url]
    assert [(each["meeting_id"], each["error"]["status"]) for each in job.artifacts["rtk_failed"]] == [(UNKNOWN, 404)]
    assert effects(sim) == ["started"]
    assert_secrets_are_kept(job, sim, keys)


def test_stop_and_stop_again(engine: awx.Engine, sim: Simulator, keys: Keys) -> None:
    sim.world.start(BBBB)
    first = engine.launch("Stop livestreams", {"rtk_rooms": f"{BBBB}\n{CCCC}"}, verbosity=4)
    again = engine.launch("Stop livestreams", {"rtk_rooms": f"{BBBB}\n{CCCC}"})
    assert [(job.status, job.changed) for job in (first, again)] == [("successful", 1), ("successful", 0)]
    assert first.artifacts == {"rtk_rooms": [BBBB, CCCC], "rtk_livestreams": [], "rtk_playback_urls": [], "rtk_failed": []}
    assert effects(sim) == ["started", "stopped"]
    assert_secrets_are_kept(first, sim, keys)


def test_stop_reports_which_failed(engine: awx.Engine, sim: Simulator) -> None:
    sim.world.start(BBBB)
    job = engine.launch("Stop livestreams", {"rtk_rooms": [UNKNOWN, BBBB]})
    assert job.status == "failed"
    assert [each["meeting_id"] for each in job.artifacts["rtk_failed"]] == [UNKNOWN]
    assert effects(sim) == ["started", "stopped"]


def test_status_of_meetings_and_of_all(engine: awx.Engine, sim: Simulator, keys: Keys) -> None:
    sim.settings.live_delay = 0
    sim.world.start(BBBB)
    sim.world.create("studio")
    of_meetings = engine.launch("Show livestreams", {"rtk_rooms": f"{CCCC}\n{BBBB}"}, verbosity=4)
    live = engine.launch("Show livestreams")
    idle = engine.launch("Show livestreams", {"rtk_status": "IDLE"})
    of_none = engine.launch("Show livestreams", {"rtk_rooms": []})
    assert [job.changed for job in (of_meetings, live, idle, of_none)] == [0, 0, 0, 0]
    assert [each["meeting_id"] for each in of_meetings.artifacts["rtk_livestreams"]] == [BBBB]
    assert live.artifacts == of_meetings.artifacts
    assert [each["name"] for each in idle.artifacts["rtk_livestreams"]] == ["studio"]
    assert live.artifacts["rtk_titles"] == {BBBB: "Main stage"}
    empty = {"rtk_livestreams": [], "rtk_playback_urls": [], "rtk_titles": {}}
    assert of_none.artifacts == empty, "an empty list asks for nothing, never for everything"
    assert "(item=Main stage) =>" in live.stdout
    assert "(item=studio) =>" in idle.stdout
    assert_secrets_are_kept(of_meetings, sim, keys)


@pytest.mark.parametrize(("rooms", "reads"), [(10, 10), (11, 1)])
def test_status_reads_titles_one_by_one_or_from_the_list(engine: awx.Engine, sim: Simulator, rooms: int, reads: int) -> None:
    sim.settings.live_delay = 0
    for number in range(rooms):
        sim.world.start(meetings.create(sim.world, {"title": f"Room {number}"}).id)
    job = engine.launch("Show livestreams")
    assert [f"(item=Room {number}) =>" in job.stdout for number in range(rooms)] == [True] * rooms
    operations = [entry["operation"] for entry in sim.requests]
    assert operations == ["list", *(["get_meeting"] * reads if reads > 1 else ["list_meetings"])]


def test_status_shows_ids_if_the_titles_are_refused(engine: awx.Engine, sim: Simulator) -> None:
    sim.settings.live_delay = 0
    sim.world.start(BBBB)
    sim.fault("status", "get_meeting", status=403, times=None)
    job = engine.launch("Show livestreams")
    assert job.status == "successful"
    assert f"(item={BBBB}) =>" in job.stdout


def test_status_says_that_nothing_has_the_status_only_if_it_has_looked(engine: awx.Engine, sim: Simulator) -> None:
    sim.world.create("studio")
    nothing = "No livestream is "
    assert f"{nothing}LIVE" in engine.launch("Show livestreams").stdout
    assert nothing not in engine.launch("Show livestreams", {"rtk_status": "IDLE"}).stdout
    assert nothing not in engine.launch("Show livestreams", {"rtk_rooms": BBBB}).stdout
    sim.fault("status", "list", status=403, times=None)
    refused = engine.launch("Show livestreams")
    assert refused.status == "failed"
    assert nothing not in refused.stdout


def test_status_reports_the_rest_when_a_meeting_is_unknown(engine: awx.Engine, sim: Simulator) -> None:
    sim.world.start(BBBB)
    job = engine.launch("Show livestreams", {"rtk_rooms": [UNKNOWN, BBBB]})
    assert job.status == "failed"
    assert UNKNOWN in job.failure
    assert [each["meeting_id"] for each in job.artifacts["rtk_livestreams"]] == [BBBB]


def test_ingests_are_ensured_once(engine: awx.Engine, sim: Simulator, keys: Keys) -> None:
    names = "Main stage, camera 1\n\n Workshop \r\n"
    first = engine.launch("Ensure ingests", {"rtk_names": names}, verbosity=4)
    again = engine.launch("Ensure ingests", {"rtk_names": names})
    assert [(job.status, job.changed) for job in (first, again)] == [("successful", 1), ("successful", 0)]
    for job in (first, again):
        assert [each["name"] for each in job.artifacts["rtk_livestreams"]] == ["Main stage, camera 1", "Workshop"]
        assert len(job.artifacts["rtk_playback_urls"]) == 2
        assert job.artifacts["rtk_failed"] == []
    assert effects(sim) == ["created", "created"]
    assert_secrets_are_kept(first, sim, keys)


def test_ingest_that_exists_twice_fails_and_the_other_is_reported(engine: awx.Engine, sim: Simulator) -> None:
    sim.world.create("twin")
    sim.world.create("twin")
    job = engine.launch("Ensure ingests", {"rtk_names": ["twin", "single"]})
    assert job.status == "failed"
    assert [each["name"] for each in job.artifacts["rtk_livestreams"]] == ["single"]
    assert [each["name"] for each in job.artifacts["rtk_failed"]] == ["twin"]


@pytest.mark.parametrize(
    ("template", "answers", "message"),
    [
        ("Start livestreams", {}, "rtk_rooms has no room"),
        ("Start livestreams", {"rtk_rooms": " \n"}, "rtk_rooms has no room"),
        ("Start livestreams", {"rtk_rooms": [{"title": "Main stage"}]}, "an entry that is not a title or a UUID"),
        ("Start livestreams", {"rtk_rooms": [None]}, "rtk_rooms has no room"),
        ("Start livestreams", {"rtk_rooms": BBBB, "rtk_wait_timeout": "soon"}, "rtk_wait_timeout"),
        ("Start livestreams", {"rtk_rooms": BBBB, "rtk_wait": "perhaps"}, "rtk_wait"),
        ("Stop livestreams", {"rtk_rooms": ""}, "rtk_rooms has no room"),
        ("Show livestreams", {"rtk_status": "ON"}, "value of rtk_status must be one of: LIVE, INVOKED, ERRORED, IDLE"),
        ("Ensure ingests", {"rtk_names": "\n \n"}, "rtk_names has no name"),
        ("Ensure ingests", {"rtk_names": ["Studio", {"name": "Foyer"}]}, "or an entry that is not a name"),
    ],
)
def test_wrong_input_fails_clearly_and_sends_nothing(
    engine: awx.Engine, sim: Simulator, template: str, answers: dict[str, str], message: str
) -> None:
    job = engine.launch(template, answers)
    assert job.status == "failed"
    assert message in job.failure
    assert sim.requests == []
    assert job.artifacts == {}


def test_refused_token_is_not_shown(installed: Path, checkout: Path, inputs: dict[str, str], sim: Simulator, tmp_path: Path) -> None:
    credential_type = awx.named("controller_credential_types", "Cloudflare RealtimeKit")
    wrong = "sim_" + "9f" * 18
    engine = awx.Engine(tmp_path / "private", checkout, awx.render_environment(credential_type, {**inputs, "api_token": wrong}))
    job = engine.launch("Start livestreams", {"rtk_rooms": BBBB}, verbosity=4)
    assert "answered 401" in job.failure
    assert job.files_with(wrong) == RECORD


def test_workflow_from_start_to_stop(engine: awx.Engine, sim: Simulator, keys: Keys) -> None:
    jobs = engine.walk("Broadcast", {"rtk_rooms": f"{BBBB}\n{UNKNOWN}\nWorkshop upstairs", "rtk_name": "Opening"})
    assert {name: job.changed for name, job in jobs.items()} == {"start": 0, "links": 0, "stop": 0}
    assert [job.status for job in jobs.values()] == ["failed"] * 3, "the unknown meeting fails each step, and hinders none"
    assert sorted(effects(sim)) == ["started", "started", "stopped", "stopped"]
    assert jobs["stop"].artifacts["rtk_livestreams"] == [], "not what the nodes before handed on"

    links = jobs["links"].artifacts["rtk_playback_urls"]
    assert len(links) == 2
    told = awx.named("controller_notifications", "RealtimeKit links")["messages"]
    for outcome in ("success", "error"):
        assert awx.render_message(told[outcome]["message"], {"artifacts": jobs["links"].artifacts}) == "2 on air"
        assert awx.render_message(told[outcome]["body"], {"artifacts": jobs["links"].artifacts}).splitlines() == [
            f"Main stage is LIVE: {links[0]}",
            f"Workshop upstairs is LIVE: {links[1]}",
            "https://awx.example.com/#/jobs/1",
        ]
    trouble = awx.named("controller_notifications", "RealtimeKit trouble")["messages"]["error"]["body"]
    assert f"{UNKNOWN}: " in awx.render_message(trouble, {"artifacts": jobs["start"].artifacts})
    for job in jobs.values():
        assert_secrets_are_kept(job, sim, keys)


def test_later_node_needs_no_survey(engine: awx.Engine, sim: Simulator) -> None:
    started = engine.launch("Start livestreams", {"rtk_rooms": BBBB})
    stopped = engine.launch("Stop livestreams", started.artifacts)
    assert (stopped.status, stopped.changed) == ("successful", 1)
    assert effects(sim) == ["started", "stopped"]


# Keys that a user asked for

ASKING = {
    "rtk_livestream": {"name": "studio"},
    "rtk_livestream_info": {"name": "studio"},
    "rtk_meeting_livestream": {"meeting_id": BBBB},
}


def play_that_asks(folder: Path, module: str, *, no_log: bool) -> tuple[str, Path]:
    """A playbook that writes the keys it gets into a file, as the examples do."""
    delivered = folder / "delivered"
    tasks = [
        {
            "name": "Ask for the key",
            f"streamops.realtimekit.{module}": {**ASKING[module], "return_stream_key": True},
            "register": "asked",
            "no_log": no_log,
        },
        {
            "name": "Deliver it",
            "ansible.builtin.copy": {
                "dest": str(delivered),
                "mode": "0600",
                "content": "{{ (asked.livestream | default(asked.livestreams | default([]) | first)).stream_key }}",
            },
            "no_log": no_log,
        },
        {"name": "Fail with what is known", "ansible.builtin.fail": {"msg": "as asked"}},
    ]
    play = {"name": "Ask", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    playbook = folder / "ask.yml"
    playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
    return str(playbook), delivered


@pytest.mark.parametrize("module", ASKING)
def test_key_that_was_asked_for_is_usable_and_unseen(engine: awx.Engine, sim: Simulator, keys: Keys, tmp_path: Path, module: str) -> None:
    sim.world.create("studio")
    playbook, delivered = play_that_asks(tmp_path, module, no_log=True)
    job = engine.play(playbook, {}, verbosity=4)
    assert job.status == "failed"
    assert delivered.read_text(encoding="utf-8") in keys()
    assert_secrets_are_kept(job, sim, keys)


def test_search_for_keys_finds_one(engine: awx.Engine, sim: Simulator, keys: Keys, tmp_path: Path) -> None:
    """Or the tests above could not fail."""
    sim.world.create("studio")
    playbook, _delivered = play_that_asks(tmp_path, "rtk_livestream_info", no_log=False)
    job = engine.play(playbook, {}, verbosity=4)
    found = job.files_with(*keys())
    assert "stdout" in found
    assert any(name.startswith("job_events/") for name in found)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files have no secret, id, address, or name of the account."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any, Iterator

import pytest
from simulator import Simulator, meetings, webhooks
from simulator.seeding import seed_livestreams

from live import report, story
from live.scrub import Scrubber
from live.shapes import find_texts
from live.simulated import Clock, build_probe
from live.wire import Answer

find_traces = runpy.run_path(str(Path(__file__).resolve().parents[1] / "secrets/search.py"))["search"]
NAMES = ("Board of ACME", "Their feed", "Jane's stage", "sink.acme.example")
TOKEN, KEY = "Zq8tokenoftheunittestsc41e", "9f2cstreamkeyoftheunittests77ab"
LIVESTREAM = "11111111-aaaa-4bbb-8ccc-000000000001"


@pytest.fixture
def furnished(sim: Simulator) -> Simulator:
    """An account with much in it, whose refusals repeat what is in it."""
    for name in NAMES[:3]:
        meetings.create(sim.world, {"title": name})
        seed_livestreams(sim.world, {"name": name, "status": "LIVE", "meeting_id": sim.meetings[0]})
    webhooks.create(
        sim.world,
        {"name": NAMES[0], "url": f"https://{NAMES[3]}:8443/hook?sig=c0ffee1234567890", "events": ["meeting.started"], "enabled": True},
    )
    sim.core.add_app(NAMES[0])
    theirs = next(item for item in sim.world.livestreams.values() if item.name == NAMES[1])
    said = f"{theirs.id} {theirs.stream_key} of {NAMES[0]} at {theirs.playback_url}, {sim.account_id}/{sim.app_id} {sim.token}"
    sim.fault("status", "start", status=409, message=f"Already running: {said}", skip=1)
    sim.fault("status", "stop", status=404, message=f"Ask root@acme.example at 192.0.2.7 about {said}")
    return sim


def find_secrets(sim: Simulator) -> dict[str, str]:
    world = sim.world
    found = {"token": sim.token, "account": sim.account_id, "app": sim.app_id}
    for number, item in enumerate([*world.livestreams.values(), *world.meetings.values(), *world.webhooks.values()]):
        fields = {name: value for name, value in item.as_api().items() if name.endswith(("id", "key", "url", "server", "name", "title"))}
        found.update({f"{name} {number}": value for name, value in fields.items() if isinstance(value, str) and len(value) >= 12})
    found["session"] = next(item for item in world.livestreams.values() if item.sessions).sessions[0].id
    return found


def test_nothing_of_the_account_is_in_the_files(tmp_path: Path, furnished: Simulator, clock: Clock) -> None:
    probe = build_probe(furnished, clock)
    story.run(probe)
    report.write(probe, tmp_path)
    texts = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert set(texts) == {"facts.json", "exchanges.json"}
    secrets = {name: value for name, value in find_secrets(furnished).items() if value.strip() != probe.title}
    assert len(secrets) > 20
    assert [find_traces(text, secrets) for text in texts.values()] == [[], []]
    telling = (*NAMES, "127.0.0.1", "192.0.2.7", "acme", ".invalid", "c0ffee", "Meeting 1", probe.title.split()[-1])
    assert [(name, word) for name, text in texts.items() for word in telling if word in text] == []
    # The search finds what is there before it is replaced.
    assert len(find_traces(json.dumps(probe.wire.exchanges), secrets)) > 15


def test_files_still_show_the_results(tmp_path: Path, furnished: Simulator, clock: Clock) -> None:
    probe = build_probe(furnished, clock)
    story.run(probe)
    report.write(probe, tmp_path)
    exchanges = json.loads((tmp_path / "exchanges.json").read_text(encoding="utf-8"))["exchanges"]
    assert len(exchanges) == len(probe.wire.exchanges) == len(furnished.requests)
    create = next(each for each in exchanges if each["note"] == "create the meeting")
    meeting = create["answer"]["body"]["data"]["id"]
    assert re.fullmatch(r"<id-\d+>", meeting)
    start = next(each for each in exchanges if each["note"] == "start")
    assert start["request"] == {
        "method": "POST",
        "path": f"meetings/{meeting}/livestreams",
        "query": {},
        "body": {"name": create["request"]["body"]["title"]},
    }
    row = start["answer"]["body"]["data"]
    assert (start["answer"]["status"], row["status"]) == (201, "INVOKED")
    assert re.fullmatch(r"<stream_key-\d+>", row["stream_key"])
    assert re.fullmatch(r"rtmps://<host-\d+>:443/<path-\d+>", row["ingest_server"])
    read = next(each for each in exchanges if each["note"] == "read the livestream")["answer"]["body"]["data"]["livestream"]
    assert {name: read[name] for name in ("id", "stream_key", "ingest_server")} == {
        name: row[name] for name in ("id", "stream_key", "ingest_server")
    }
    assert re.fullmatch(r"https://<host-\d+>/<path-\d+>\.m3u8", read["playback_url"])
    assert read["created_at"] == "0000-00-00T00:00:00.000Z"
    rows = next(each for each in exchanges if each["note"] == "which fields does a row have?")["answer"]["body"]["data"]
    assert rows[-1] == f"and {len(furnished.world.livestreams) - len(probe.livestreams) - 2} more" or len(rows) <= 4
    assert start["answer"]["headers"]["Ratelimit-Policy"] == '"default";q=1200;w=300'


def test_file_that_would_leak_is_not_written(tmp_path: Path, furnished: Simulator, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    probe = build_probe(furnished, clock)
    story.run(probe)
    monkeypatch.setattr(Scrubber, "value", lambda self, value, key="text": value)
    with pytest.raises(report.LeakError) as caught:
        report.write(probe, tmp_path)
    assert find_traces(str(caught.value), find_secrets(furnished)) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [[f"Ask {TOKEN}", {"by": "Jane"}], {"by": "Jane", "and": TOKEN}])
def test_refusal_in_another_shape_has_no_secret(tmp_path: Path, sim: Simulator, clock: Clock, words: Any) -> None:
    probe = build_probe(sim, clock)
    probe.wire.account = probe.wire.account._replace(token=TOKEN)
    answer = Answer(409, {"error": {"code": words, "message": words}}, {}, 0.0)
    probe.note_refusal("start", answer)
    probe.seen["words"]["status after the wait"] = {"by": "Jane"}
    probe.note_success("read meeting", answer, {"jane@acme.example": 1, "id": 2})
    report.write(probe, tmp_path)
    text = (tmp_path / "facts.json").read_text(encoding="utf-8")
    assert [word for word in (TOKEN, "Jane", "jane") if word in text] == []


def scrub(document: Any, scrubber: Scrubber | None = None) -> Any:
    exchange = {"request": {"path": "", "query": {}, "body": None}, "answer": {"headers": {}, "body": document}}
    return (scrubber or Scrubber({TOKEN: "token"})).scrub([exchange])[0]["answer"]["body"]


def words(document: Any) -> Iterator[str]:
    return find_texts(scrub(document))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"status": "LIVE", "total": 3, "disabled": False, "name": None}, {"status": "LIVE", "total": 3, "disabled": False, "name": None}),
        ({"status": "LIVELY"}, {"status": "<status-1>"}),
        ({"what_is_new": "Jane"}, {"what_is_new": "<what_is_new-1>"}),
        ({LIVESTREAM: 1}, {"<field-1>": 1}),
        (
            {"message": "No 123456789012", "id": 123456789012, "n": 999_999_999},
            {"message": "No <number-1>", "id": "<number-1>", "n": 999_999_999},
        ),
        # The names of headers, and of what the probe writes itself.
        (
            {"Name": "Jane", "path": "Jo", "note": "Jill", "said": "Joe"},
            {"Name": "<Name-1>", "path": "<path-1>", "note": "<note-1>", "said": "<said-1>"},
        ),
        ({"message": f"No {LIVESTREAM}"}, {"message": "No <id-1>"}),
        ({"message": f"Bearer {TOKEN}."}, {"message": "Bearer <token-1>."}),
        ({"message": f"bearer {TOKEN.upper()}"}, {"message": "bearer <token-1>"}),
        ({"message": f"key={KEY};"}, {"message": "<key-1>;"}),
        ({"message": "Call 10.0.0.7 or a@b.example"}, {"message": "Call <ip-1> or <mail-1>"}),
        ({"message": "At abc.cloud.example now"}, {"message": "At <host-1> now"}),
        ({"message": "No such meeting", "rows": ["Jane"]}, {"message": "No such meeting", "rows": ["<rows-1>"]}),
        ({"message": "Jane is on air", "title": "Jane"}, {"message": "<title-1> is on air", "title": "<title-1>"}),
        ({"url": "https://a.b:1/x.m3u8?sig=1#2"}, {"url": "https://<host-1>:1/<path-1>.m3u8?<query-1>"}),
        ({"url": "https://[::1/x"}, {"url": "<url-1>"}),
        ({"at": "2026-11-29T12:00:01Z", "n": "17"}, {"at": "0000-00-00T00:00:00Z", "n": "17"}),
    ],
)
def test_value_is_replaced(before: Any, after: Any) -> None:
    assert scrub(before) == after


def test_message_is_replaced_with_what_comes_later() -> None:
    assert list(words([{"message": "Board meeting is on air"}, {"title": "Board meeting"}])) == ["<title-1> is on air", "<title-1>"]


def test_long_list_keeps_two_rows_and_ours() -> None:
    scrubber = Scrubber({})
    scrubber.ours = {LIVESTREAM}
    rows = [{"id": f"row-{number}"} for number in range(8)] + [{"id": LIVESTREAM}]
    kept = scrub({"data": rows}, scrubber)["data"]
    assert [row["id"] for row in kept[:-1]] == ["<id-1>", "<id-2>", "<id-9>"]
    assert kept[-1] == "and 6 more"

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way of failing, as a client meets it on the wire."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from typing import Any

import pytest
import requests
from simulator import KINDS, Fault

BROKEN = requests.exceptions.RequestException


def raw_answer(sim: Any, path: str, times: int = 1, *, until_closed: bool = False) -> bytes:
    """All bytes until the server closes or, unless ``until_closed``, is silent for a while. ``times`` requests go out at once."""
    prefix = sim.app_url[len(sim.url) :]
    with socket.create_connection(("127.0.0.1", int(sim.url.rsplit(":", 1)[1]))) as wire:
        wire.settimeout(0.25)
        wire.sendall(f"GET {prefix}/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sim.token}\r\n\r\n".encode() * times)
        got = b""
        try:
            while True:
                more = wire.recv(65536)
                if not more:
                    return got
                got += more
        except OSError:
            if until_closed:
                raise
            return got


# The result of GET meetings under each fault: a raised error, or a status and a check of the answer.
SEEN: dict[str, Any] = {
    "drop": BROKEN,
    "drop_midway": BROKEN,
    "hang": BROKEN,
    "status": (500, lambda answer: answer.json()["error"]["code"] == 500),
    "html": (502, lambda answer: answer.text.startswith("<!DOCTYPE html>") and "text/html" in answer.headers["Content-Type"]),
    "garbage": (200, lambda answer: b"\xff" in answer.content),
    "empty": (200, lambda answer: answer.content == b""),
    "truncated": (200, lambda answer: answer.content.startswith(b'{"success":true') and not answer.content.endswith(b"}")),
    "success_false": (200, lambda answer: answer.json()["success"] is False and "error" in answer.json()),
    "no_data": (200, lambda answer: answer.json() == {"success": True}),
    "missing_keys": (200, lambda answer: all("id" not in row and "title" in row for row in answer.json()["data"])),
    "not_object": (200, lambda answer: isinstance(answer.json(), list)),
    "slow_drip": (200, lambda answer: len(answer.json()["data"]) == 3),
    "slow_headers": (200, lambda answer: len(answer.json()["data"]) == 3),
    "oversize": (200, lambda answer: len(answer.content) == 200_000),
    "redirect": (307, lambda answer: answer.headers["Location"] == "http://elsewhere.invalid/"),
    "rate_limited": (429, lambda answer: "Retry-After" not in answer.headers),
    "unknown_status": (200, lambda answer: {row["status"] for row in answer.json()["data"]} == {"WARMING_UP"}),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "hang": {"seconds": 0.02},
    "slow_drip": {"seconds": 0.00001},
    "slow_headers": {"seconds": 0.00001},
    "oversize": {"size": 200_000},
    "redirect": {"location": "http://elsewhere.invalid/"},
}


# Clients differ here, so look at the bytes.
INTERIM = ("interim", "interim_only")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in INTERIM])
def test_each_kind(api: Any, sim: Any, kind: str) -> None:
    sim.fault(kind, "list_meetings", **OPTIONS.get(kind, {}))
    if isinstance(SEEN[kind], type):
        with pytest.raises(SEEN[kind]):
            api.get("meetings")
    else:
        status, is_seen = SEEN[kind]
        answer = api.get("meetings")
        assert answer.status_code == status
        assert is_seen(answer)
        assert answer.headers["cf-ray"]
        assert answer.headers["Ratelimit-Policy"]
    assert sim.drain(60)
    assert sim.requests[-1]["fault"] == kind
    assert sim.stats["faults"] == {kind: {"list_meetings": 1}}
    assert api.get("meetings").status_code == 200


def test_what_is_on_the_wire(sim: Any) -> None:
    sim.fault("drop")
    assert raw_answer(sim, "meetings") == b""
    sim.fault("hang", seconds=0.01)
    assert raw_answer(sim, "meetings") == b""
    sim.fault("drop_midway")
    head, body = raw_answer(sim, "meetings").split(b"\r\n\r\n", 1)
    promised = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert 0 < len(body) < promised
    sim.fault("slow_headers", seconds=0.0001)
    assert raw_answer(sim, "meetings?per_page=1").startswith(b"HTTP/1.1 200")


def test_an_interim_head_stands_before_the_true_answer(sim: Any) -> None:
    sim.fault("interim")
    got = raw_answer(sim, "meetings", times=2)
    assert re.findall(rb"HTTP/1\.1 (\d+)", got) == [b"103", b"200", b"200"]
    bodies = got.split(b"\r\n\r\n")[2:]
    assert all(body.startswith(b'{"success":true,"data":[{') for body in bodies)
    assert len(json.loads(bodies[-1])["data"]) == 3
    assert [(entry["fault"], entry["status"], entry["connection"]) for entry in sim.requests] == [("interim", 200, 1), (None, 200, 1)]


@pytest.mark.parametrize("status", [None, 101, 199])
def test_an_interim_head_alone_ends_the_connection(sim: Any, status: int | None) -> None:
    sim.fault("interim_only", status=status)
    got = raw_answer(sim, "meetings", until_closed=True)
    assert got.startswith(f"HTTP/1.1 {status or 103} ".encode())
    assert got.count(b"\r\n\r\n") == 1
    assert got.endswith(b"\r\n\r\n")
    assert sim.drain(60)
    assert (sim.requests[-1]["fault"], sim.requests[-1]["status"]) == ("interim_only", None)


def test_a_slow_drip_keeps_each_read_short_and_the_whole_long(api: Any, sim: Any) -> None:
    sim.fault("slow_drip", seconds=0.001)
    began = time.monotonic()
    assert api.get("meetings", timeout=0.1).status_code == 200
    assert time.monotonic() - began > 0.2


DAMAGE = [kind for kind in KINDS if kind not in {"slow_drip", "slow_headers", "unknown_status", "interim", "redirect"}]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", DAMAGE)
@pytest.mark.parametrize("operation", ["start", "stop", "create"])
def test_before_does_not_write_and_after_does(api: Any, sim: Any, meeting: str, kind: str, when: str, operation: str) -> None:
    if operation == "stop":
        sim.world.start(meeting)
    already = len(sim.effects)
    sim.fault(kind, operation, when=when, **OPTIONS.get(kind, {}))
    act = {"start": lambda: api.start(meeting), "stop": lambda: api.stop(meeting), "create": api.create}[operation]
    with contextlib.suppress(BROKEN):
        act()
    assert len(sim.effects) - already == (1 if when == "after" else 0)


@pytest.mark.parametrize("kind", ["slow_drip", "slow_headers", "unknown_status"])
def test_a_true_answer_comes_of_a_true_write(api: Any, sim: Any, meeting: str, kind: str) -> None:
    sim.fault(kind, "start", seconds=0)
    row = api.start(meeting).json()["data"]
    assert [effect["livestream_id"] for effect in sim.effects] == [row["id"]]
    with pytest.raises(ValueError, match="when"):
        Fault(kind, when="before")


def test_an_interim_head_comes_of_a_true_write(api: Any, sim: Any, meeting: str) -> None:
    sim.fault("interim", "start")
    api.start(meeting)
    assert [effect["kind"] for effect in sim.effects] == ["started"]


def test_no_data_on_order_denies_what_is_active(api: Any, sim: Any, meeting: str) -> None:
    sim.world.start(meeting)
    sim.fault("no_data", "active")
    assert api.active(meeting).json() == {"success": True}
    assert api.active(meeting).json()["data"]["status"] == "INVOKED"


def test_a_late_write_comes_after_its_answer(api: Any, sim: Any, meeting: str, until: Any) -> None:
    sim.fault("status", "start", status=504, when="after", write_lag=1)
    assert api.start(meeting, name="late").status_code == 504
    assert api.active(meeting).status_code == 404
    assert sim.stats["late_writes"] == 1
    until(lambda: len(sim.effects) == 1)
    assert api.active(meeting).json()["data"]["name"] == "late"
    assert sim.effects[0]["request"] == 1


def test_a_late_write_is_decided_when_it_comes(api: Any, sim: Any, meeting: str) -> None:
    sim.fault("drop", "start", when="after", write_lag=1)
    with pytest.raises(BROKEN):
        api.start(meeting, name="late")
    assert api.start(meeting, name="quick").status_code == 201
    assert sim.drain(60)
    assert [effect["name"] for effect in sim.effects] == ["quick"]


def test_a_truncated_late_start_has_promised_the_id(api: Any, sim: Any, meeting: str) -> None:
    sim.fault("truncated", "start", when="after", write_lag=0.02)
    text = api.start(meeting).text
    assert sim.drain(60)
    assert sim.effects[0]["livestream_id"] in text


def test_a_late_stop_stops_what_is_active_then(api: Any, sim: Any, meeting: str) -> None:
    sim.world.start(meeting)
    sim.fault("drop", "stop", when="after", write_lag=1)
    with pytest.raises(BROKEN):
        api.stop(meeting)
    sim.world.stop(meeting)
    second = sim.world.start(meeting)
    assert sim.drain(60)
    assert sim.effects[-1]["livestream_id"] == second.id
    assert sim.effects[-1]["kind"] == "stopped"


def test_reset_forgets_late_writes(api: Any, sim: Any, meeting: str) -> None:
    sim.fault("drop", "start", when="after", write_lag=0.02)
    with pytest.raises(BROKEN):
        api.start(meeting)
    sim.reset()
    assert sim.drain(60)
    assert sim.effects == []


def test_a_client_that_gives_up_has_written_anyway(api: Any, sim: Any, meeting: str) -> None:
    sim.settings.latency = 0.1
    with pytest.raises(requests.exceptions.Timeout):
        api.call("POST", f"meetings/{meeting}/livestreams", timeout=0.02)
    assert sim.drain(60)
    assert [effect["kind"] for effect in sim.effects] == ["started"]


def test_rules_match_by_operation_method_meeting_skip_and_times(api: Any, sim: Any) -> None:
    first, second = sim.meetings[:2]
    sim.fault("status", ["active", "start"], method="GET", meeting_id=second.upper(), skip=1, times=2)
    assert [api.active(first).status_code for _unused in range(2)] == [404, 404]
    assert [api.active(second).status_code for _unused in range(4)] == [404, 500, 500, 404]
    sim.fault("status", status=503, times=None)
    assert [api.active(first).status_code for _unused in range(3)] == [503, 503, 503]
    assert len(sim.faults) == 1
    sim.clear()
    assert api.active(first).status_code == 404


def test_the_first_matching_rule_is_used_up(api: Any, sim: Any) -> None:
    sim.fault("status", status=500)
    sim.fault("status", status=503)
    assert [api.get("meetings").status_code for _unused in range(3)] == [500, 503, 200]


def test_both_envelopes_and_retry_after(api: Any, sim: Any) -> None:
    sim.fault("status", status=503, retry_after=7, message="later", code=42)
    answer = api.get("meetings")
    assert answer.json() == {"success": False, "error": {"code": 42, "message": "later"}}
    assert answer.headers["Retry-After"] == "7"
    sim.fault("status", status=403, envelope="gateway", code=10000)
    assert api.get("meetings").json()["errors"][0]["code"] == 10000
    sim.fault("rate_limited", retry_after=3)
    answer = api.get("meetings")
    assert (answer.headers["Retry-After"], answer.headers["Ratelimit"]) == ("3", '"default";r=0;t=3')


def test_a_long_retry_after_takes_no_real_time(api: Any, sim: Any, clock: Any) -> None:
    api.get("meetings")
    sim.fault("rate_limited", retry_after=300)
    refused = api.get("meetings")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "300")
    assert refused.headers["Ratelimit"] == '"default";r=0;t=300'
    clock.step(300)
    passed = api.get("meetings")
    assert (passed.status_code, passed.headers["Ratelimit"]) == (200, '"default";r=1199;t=300')


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"kind": "nonsense"}, "kind"),
        ({"kind": "drop", "operation": "strat"}, "operation"),
        ({"kind": "drop", "operation": 3}, "operation"),
        ({"kind": "drop", "when": "during"}, "when"),
        ({"kind": "drop", "times": 0}, "times"),
        ({"kind": "drop", "seconds": -1}, "seconds"),
        ({"kind": "drop", "seconds": float("nan")}, "seconds"),
        ({"kind": "drop", "when": "before", "write_lag": 1}, "write_lag"),
        ({"kind": "status", "status": 42}, "status"),
        ({"kind": "status", "status": 103}, "status"),
        ({"kind": "redirect", "status": 200}, "status"),
        ({"kind": "interim", "when": "before"}, "when"),
        ({"kind": "interim", "write_lag": 1}, "write_lag"),
        ({"kind": "interim", "status": 104}, "status"),
        ({"kind": "interim_only", "status": 100}, "status"),
        ({"kind": "interim_only", "status": 200}, "status"),
    ],
)
def test_wrong_rules_name_the_key(values: dict[str, Any], key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key}:"):
        Fault(**values)

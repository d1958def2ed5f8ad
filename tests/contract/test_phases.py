# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every phase of a connection, broken for every kind of request: whether it is sent again, what it says, and whether `changed` is true.

`--client=PYTHON` is the Python that sends, with its version of `requests`. By default it is the one that runs the tests.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple

import pytest
import trustme
from simulator import Settings, Simulator
from simulator.hops import Hop, Kind, hops

RETRIES = 2
LATE = 0.4
PASSWORD = "proxy-password-of-the-contract-tests"
API = "https://api.test"

#: The method of each operation's own request, its name at the simulator, and its target: a meeting, or else this name.
OPERATIONS = {"read": ("GET", "active"), "start": ("POST", "start"), "stop": ("POST", "stop"), "create": ("POST", "create")}
OPERATIONS["update"] = ("PATCH", "update_meeting")
NAME = "Main stage"
EXPIRED = datetime(2020, 1, 1, tzinfo=timezone.utc)


class Phase(NamedTuple):
    """How a request ends that never left: after how many tries if it fails once, and if it always fails, and with what error."""

    route: Kind
    fault: str
    once: int
    always: int
    kind: str
    words: str


def again(route: Kind, fault: str, words: str) -> Phase:
    """It is sent again, as often as api_retries says."""
    return Phase(route, fault, 2, RETRIES + 1, "NotSentError", words)


def refused(route: Kind, fault: str, words: str) -> Phase:
    """It is sent again once. The same refusal is final then."""
    return Phase(route, fault, 2, 2, "ProxyRefusedError", f"not sent, the {words}")


def final(route: Kind, fault: str, words: str) -> Phase:
    return Phase(route, fault, 1, 1, "ProxyRefusedError", f"not sent, the {words}")


def untrusted(route: Kind, fault: str, words: str, whose: str = "server") -> Phase:
    return Phase(route, fault, 1, 1, "CertificateError", f"not sent, the {whose}'s certificate is {words}")


def handshake(route: Kind) -> list[Phase]:
    """The faults after the connection to the API is open, with or without a proxy."""
    failed = "not sent, the TLS handshake with the server"
    return [
        again(route, "TLS closed", f"{failed} failed: the other side closed it"),
        again(route, "TLS reset", f"{failed} failed: Connection reset by peer"),
        again(route, "TLS silent", f"{failed} did not finish within 0.4 seconds"),
        again(route, "TLS garbage", f"{failed} failed: [SSL"),
        untrusted(route, "certificate of another CA", "not valid: unable to get local issuer certificate; a private CA goes in ca_path"),
        untrusted(route, "certificate that has expired", "not valid: certificate has expired; a private CA goes in ca_path"),
        untrusted(route, "certificate for another name", "for another name; check the host in api_url"),
    ]


PHASES = [
    again("direct", "unknown name", "no connection: its name cannot be looked up (Name or service not known); check the name server"),
    again("direct", "TCP refused", "no connection: Connection refused; check api_url"),
    again("direct", "TCP timeout", "no connection within 0.4 seconds; check api_url"),
    *handshake("direct"),
    again("CONNECT", "unknown name", "no connection to the proxy: its name cannot be looked up"),
    again("CONNECT", "TCP refused", "no connection to the proxy: Connection refused; check the proxy variables"),
    again("CONNECT", "TCP timeout", "no connection to the proxy within 0.4 seconds; check the proxy variables"),
    final("CONNECT", "CONNECT 407", "proxy refused the connection with 407 Proxy Authentication Required; check the user and the password"),
    refused("CONNECT", "CONNECT 403", "proxy refused the connection with 403 Forbidden; allow the host"),
    refused("CONNECT", "CONNECT 502", "proxy refused the connection with 502 Bad Gateway; check that the proxy itself can reach"),
    again("CONNECT", "CONNECT closed", "the connection through the proxy broke before it was ready: the other side closed it"),
    again("CONNECT", "CONNECT reset", "the connection through the proxy broke before it was ready: Connection reset by peer"),
    again("CONNECT", "CONNECT silent", "the connection through the proxy was not ready within 0.4 seconds; check the proxy"),
    again("CONNECT", "CONNECT garbage", "the connection through the proxy broke before it was ready: BadStatusLine"),
    *handshake("CONNECT"),
    again("HTTPS", "TCP refused", "no connection to the proxy: Connection refused; check the proxy variables"),
    again("HTTPS", "proxy TLS closed", "not sent, the TLS handshake with the proxy failed: the other side closed it"),
    again("HTTPS", "proxy TLS reset", "not sent, the TLS handshake with the proxy failed: Connection reset by peer"),
    again("HTTPS", "proxy TLS silent", "not sent, the TLS handshake with the proxy did not finish within 0.4 seconds"),
    again("HTTPS", "proxy TLS garbage", "not sent, the TLS handshake with the proxy failed: [SSL"),
    untrusted("HTTPS", "proxy certificate of another CA", "not valid: unable to get local issuer certificate", "proxy"),
    untrusted("HTTPS", "proxy certificate that has expired", "not valid: certificate has expired", "proxy"),
    untrusted("HTTPS", "proxy certificate for another name", "for another name; check the host in the proxy variable", "proxy"),
    final("HTTPS", "CONNECT 407", "proxy refused the connection with 407 Proxy Authentication Required; check the user and the password"),
    refused("HTTPS", "CONNECT 403", "proxy refused the connection with 403 Forbidden; allow the host"),
    again("HTTPS", "CONNECT closed", "the connection through the proxy broke before it was ready: the other side closed it"),
    # Behind a proxy's TLS, a reset looks like an end.
    *[phase for phase in handshake("HTTPS") if phase.fault in ("TLS closed", "certificate of another CA")],
    again("SOCKS", "unknown name", "no connection to the SOCKS proxy: its name cannot be looked up"),
    again("SOCKS", "TCP refused", "no connection to the SOCKS proxy: Connection refused; check the proxy variables"),
    again("SOCKS", "TCP timeout", "no connection to the SOCKS proxy within 0.4 seconds; check the proxy variables"),
    final("SOCKS", "SOCKS wants a user", "SOCKS proxy refused the connection with a wrong user or password"),
    final("SOCKS", "SOCKS wrong user", "SOCKS proxy refused the connection with a wrong user or password"),
    refused("SOCKS", "SOCKS denied", "SOCKS proxy refused the connection with 0x02: Connection not allowed by ruleset"),
    refused("SOCKS", "SOCKS unreachable", "SOCKS proxy refused the connection with 0x04: Host unreachable"),
    again("SOCKS", "SOCKS closed", "the connection through the SOCKS proxy broke before it was ready: the other side closed it"),
    again("SOCKS", "SOCKS reset", "the connection through the SOCKS proxy broke before it was ready: Connection reset by peer"),
    again("SOCKS", "SOCKS silent", "the connection through the SOCKS proxy was not ready within 0.4 seconds; check the proxy"),
    again("SOCKS", "SOCKS garbage", "the connection through the SOCKS proxy broke before it was ready: its answer is not SOCKS"),
    *handshake("SOCKS"),
]

#: The cases of `make compare`. Other clients have no SOCKS and no way to fail a name lookup, and their proxies are without TLS.
COMPARED = [phase for phase in PHASES if phase.route in ("direct", "CONNECT") and phase.fault != "unknown name"]

#: Once the request has left: the simulator's fault, and how a read ends that meets it always.
SENT: dict[str, tuple[dict[str, Any], str]] = {
    "closed": ({"kind": "drop"}, "the connection broke: "),
    "silent": ({"kind": "hang", "seconds": 2}, "no complete answer in time (api_timeout is 0.4 seconds)"),
    "answer cut": ({"kind": "drop_midway"}, "the connection broke: "),
}

each_phase = pytest.mark.parametrize("phase", PHASES, ids=[f"{phase.route}-{phase.fault}" for phase in PHASES])
each_route = pytest.mark.parametrize("route", ["direct", "CONNECT", "HTTPS", "SOCKS"])
each_operation = pytest.mark.parametrize("operation", OPERATIONS)
each_write = pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if operation != "read"])
each_fault = pytest.mark.parametrize("fault", SENT)


class Ended(NamedTuple):
    """How the operation ended, how often its own request was tried, and how often the API carried it out."""

    tries: int
    effects: int
    changed: bool
    kind: str | None
    message: str


class World:
    """The API behind TLS, the hops to it, and the process that sends."""

    def __init__(self, sim: Simulator, hop_of: Callable[[Kind], Hop], ca_path: str, client: subprocess.Popen[str]) -> None:
        self.sim = sim
        self.hop_of = hop_of
        self._ca_path = ca_path
        self._client = client

    def at(self, sim: Simulator, hop: Hop) -> World:
        """The same client, and another API."""
        return World(sim, lambda _kind: hop, self._ca_path, self._client)

    def play(
        self, operation: str, route: Kind, fault: str = "", *, always: bool = False, url: str = "", scheme: str = "", timeout: float = 5.0
    ) -> Ended:
        """Carry out the operation, and break its own request on its first try, or always."""
        hop, tries = self.hop_of(route), 0
        proxy = f"{scheme or {'CONNECT': 'http', 'HTTPS': 'https', 'SOCKS': 'socks5h'}.get(route, '')}://somebody:{PASSWORD}@localhost:{hop.port}"
        host = "api.test" if route == "direct" else "localhost"  # PySocks itself looks a proxy up where no test can reach
        if operation == "stop":
            self.sim.world.start(self.sim.meetings[0])
        connection = {
            "url": f"{url or (f'{API}:{hop.port}' if route == 'direct' else API)}/client/v4",
            "token": self.sim.token,
            "account_id": self.sim.account_id,
            "app_id": self.sim.app_id,
            "timeout": LATE if fault.endswith(("timeout", "silent")) else timeout,
            "retries": RETRIES,
            "verify": self._ca_path,
        }
        environ = {} if route == "direct" else {"HTTPS_PROXY": proxy}
        target = NAME if operation == "create" else self.sim.meetings[0]
        self._say(operation=operation, target=target, connection=connection, environ=environ, unknown=[], is_kept=bool(url))
        while "changed" not in (said := self._hear()):
            is_own = said["event"] == "request" and said["method"] == OPERATIONS[operation][0]
            tries += is_own
            if said["event"] == "request":
                is_broken = is_own and (always or tries == 1)
                hop.set_fault(fault if is_broken and fault != "unknown name" else "")
            self._say(unknown=[host] if fault == "unknown name" and is_broken else [])
        hop.set_fault("")
        self.sim.drain()
        effects = sum(effect["by"] == "api" for effect in self.sim.effects)
        return Ended(tries, effects, said["changed"], said["kind"], said["message"])

    def _say(self, **words: Any) -> None:
        assert self._client.stdin
        self._client.stdin.write(json.dumps(words) + "\n")
        self._client.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._client.stdout
        line = self._client.stdout.readline()
        assert line, "the client has died"
        return json.loads(line)


def write_ca(path: Path, authority: trustme.CA) -> str:
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, client_python: str) -> Iterator[World]:
    authority = trustme.CA()
    contexts = {
        "": context_of(authority.issue_cert("localhost")),
        "certificate of another CA": context_of(trustme.CA().issue_cert("api.test", "localhost")),
        "certificate that has expired": context_of(authority.issue_cert("api.test", "localhost", not_after=EXPIRED)),
        "certificate for another name": context_of(authority.issue_cert("other.test")),
    }
    command = [client_python, str(Path(__file__).with_name("wire_client.py"))]
    with contextlib.ExitStack() as stack:
        sim = stack.enter_context(Simulator(Settings(live_delay=0.0), seed=17, tls=context_of(authority.issue_cert("api.test"))))
        hop_of = stack.enter_context(hops(int(sim.url.rpartition(":")[2]), contexts))
        client = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        world = World(sim, hop_of, write_ca(tmp_path_factory.mktemp("ca") / "ca.pem", authority), client)
        print(world._hear()["versions"])
        yield world
        assert client.stdin
        client.stdin.close()


@pytest.fixture
def world(served: World) -> World:
    served.sim.reset()
    return served


# Without a fault


@each_route
@each_operation
def test_every_route_works(world: World, operation: str, route: Kind) -> None:
    effects = int(operation != "read")
    ended = world.play(operation, route)
    assert ended == Ended(1, effects, bool(effects), None, ""), ended.message


@pytest.mark.parametrize(("scheme", "asked_for"), [("socks5", "127.0.0.1:443"), ("socks5h", "api.test:443")])
def test_socks_proxy_looks_the_name_up_on_request(world: World, scheme: str, asked_for: str) -> None:
    assert world.play("read", "SOCKS", scheme=scheme).kind is None
    assert world.hop_of("SOCKS").asked_for[-1] == asked_for


# The request never leaves


@each_phase
@each_operation
def test_request_that_did_not_leave_is_sent_again(world: World, operation: str, phase: Phase) -> None:
    ended = world.play(operation, phase.route, phase.fault)
    if phase.once == 1:
        assert_failed(ended, phase, 1)
    else:
        effects = int(operation != "read")
        assert ended == Ended(phase.once, effects, bool(effects), None, "")


@each_phase
@each_operation
def test_request_that_never_leaves_fails_and_changes_nothing(world: World, operation: str, phase: Phase) -> None:
    assert_failed(world.play(operation, phase.route, phase.fault, always=True), phase, phase.always)


def assert_failed(ended: Ended, phase: Phase, tries: int) -> None:
    assert (ended.tries, ended.effects, ended.changed, ended.kind) == (tries, 0, False, phase.kind), ended.message
    assert phase.words in ended.message
    assert PASSWORD not in ended.message


# The request has left


@each_route
@each_fault
@each_operation
def test_request_that_was_lost_is_sent_again_after_a_look(world: World, operation: str, fault: str, route: Kind) -> None:
    world.sim.fault(**SENT[fault][0], operation=OPERATIONS[operation][1], when="before")
    effects = int(operation != "read")
    assert world.play(operation, route, timeout=LATE) == Ended(2, effects, bool(effects), None, "")


@each_route
@each_fault
@each_write
def test_write_whose_answer_was_lost_is_not_sent_again(world: World, operation: str, fault: str, route: Kind) -> None:
    world.sim.fault(**SENT[fault][0], operation=OPERATIONS[operation][1], when="after", times=None)
    assert world.play(operation, route, timeout=LATE) == Ended(1, 1, True, None, "")


@each_fault
@each_operation
def test_request_that_is_always_lost_fails(world: World, operation: str, fault: str) -> None:
    world.sim.fault(**SENT[fault][0], operation=OPERATIONS[operation][1], when="before", times=None)
    ended = world.play(operation, "direct", timeout=LATE)
    kind = "LostAnswerError" if operation == "read" else "NoEffectError"
    assert (ended.tries, ended.effects, ended.changed, ended.kind) == (RETRIES + 1, 0, False, kind)
    assert SENT[fault][1] in ended.message


# The connection is kept


@each_operation
def test_middlebox_that_drops_every_second_request_of_a_connection(world: World, operation: str) -> None:
    """A write uses the connection of the read before it and is lost. The next try must not use the connection of the look."""
    effects = int(operation != "read")
    with Simulator(Settings(live_delay=0.0), seed=19) as sim, Hop("direct", int(sim.url.rpartition(":")[2]), {}) as hop:
        hop.most = 1
        ended = world.at(sim, hop).play(operation, "direct", url=f"http://127.0.0.1:{hop.port}")
    assert ended == Ended(2 if effects else 1, effects, bool(effects), None, ""), ended.message


# The results of the modules in docs/official-sdk.md


def test_page_counts_what_the_table_says() -> None:
    """`make compare` plays each of these faults once, for three writes."""
    page = (Path(__file__).resolve().parents[2] / "docs/official-sdk.md").read_text(encoding="utf-8")
    tries = [phase.once for phase in COMPARED]
    right, failed = 3 * tries.count(2), 3 * tries.count(1)
    assert f"| the connection did not open: the modules | {right + failed} | {right} | 0 | 0 | 0 | {failed} |\n" in page
    assert f"| the request had left: the modules | {6 * len(SENT)} | {6 * len(SENT)} | 0 | 0 | 0 | 0 |\n" in page

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook doctor, as a person at a command line runs it: with each thing broken in turn it names exactly that thing."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple

import awx
import pytest
import trustme
from simulator import Settings, Simulator

PASSWORD = "proxy-password-5f1c"
NAMES = (
    *("versions", "options", "proxy", "certificate", "connection", "clock", "rate_limit"),
    *("token", "account", "realtimekit", "app", "read_permission", "write_permission"),
)
#: Never checked here: the API of most tests is on http://, and the doctor does not write.
NEVER = {"certificate", "write_permission"}
OTHER = "0123456789abcdef0123456789abcdef"


class Said(NamedTuple):
    """The output of a run: each check's result and reason, and the message at the end; ``code`` is its exit status."""

    code: int
    results: dict[str, tuple[str, str]]
    message: str

    def named(self, result: str) -> set[str]:
        return {name for name, (found, _detail) in self.results.items() if found == result}


Doctor = Callable[..., Said]


@pytest.fixture
def doctor(installed: Path, environment: dict[str, str], tmp_path: Path) -> Doctor:
    """Run the playbook at -vvv with these variables in place of the right ones, and look for secrets in all that it says."""

    def run(**changed: str | None) -> Said:
        variables = {**os.environ, **environment, **changed}
        done = subprocess.run(
            ["ansible-playbook", "-vvv", "streamops.realtimekit.doctor"],
            check=False,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=600,
            env={name: value for name, value in variables.items() if value is not None},
        )
        for secret in (variables["CLOUDFLARE_API_TOKEN"], PASSWORD):
            assert not secret or secret not in done.stdout + done.stderr
        lines = re.findall(r'^ +"(\w+): (ok|failed|not checked): (.*)",?$', done.stdout, re.MULTILINE)
        assert [name for name, _result, _detail in lines] == list(NAMES), f"{done.stdout}\n{done.stderr}"
        message = re.search(r'"msg": "((?:\w+ failed\. .*))"', done.stdout)
        results = {name: (result, detail) for name, result, detail in lines}
        return Said(done.returncode, results, message[1] if message else "")

    return run


def assert_is_named(said: Said, cause: str, words: str, unchecked: str = "") -> None:
    """Exactly this one has failed, each that depends on it was not checked because of it, and there is something to do."""
    assert said.named("failed") == {cause}, said.results
    assert words in said.results[cause][1]
    assert said.named("not checked") == {*unchecked.split(), *NEVER} - {cause}
    assert {said.results[name][1] for name in unchecked.split()} <= {f"because {cause} failed"}
    assert said.message.startswith(f"{cause} failed. ")
    assert len(said.message.split()) > 3
    assert said.code == 2


def test_nothing_is_broken(doctor: Doctor, sim: Simulator) -> None:
    said = doctor()
    assert (said.code, said.message) == (0, "")
    assert (said.named("failed"), said.named("not checked")) == (set(), NEVER)
    assert said.results["versions"][1].startswith("ansible-core 2.")
    assert "only a write can prove it" in said.results["write_permission"][1]
    assert [(entry["method"], entry["operation"]) for entry in sim.requests] == [
        ("GET", operation) for operation in ("verify_user_token", "list_apps", "list_meetings", "list", "list_webhooks")
    ]


def test_version_of_the_collection_is_reported(installed: Path, environment: dict[str, str], checkout: Path, tmp_path: Path) -> None:
    version = awx.read(checkout / "galaxy.yml")["version"]
    for playbook in ("streamops.realtimekit.doctor", str(checkout / "playbooks/doctor.yml")):
        command = ["ansible-playbook", playbook]
        done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, **environment})
        assert f'"streamops.realtimekit {version}"' in done.stdout


NEEDS_TOKEN = "account realtimekit app read_permission"

BROKEN: dict[str, tuple[dict[str, Any], dict[str, str | None], str, str, str]] = {
    # the simulator's settings, the variables, the cause, words of it, and what cannot be checked then
    "wrong token": (
        {},
        {"CLOUDFLARE_API_TOKEN": "sim_wrong"},
        "token",
        "refused as a user's token and as this account's",
        NEEDS_TOKEN,
    ),
    "no token": ({}, {"CLOUDFLARE_API_TOKEN": ""}, "token", "api_token is required", f"connection clock rate_limit {NEEDS_TOKEN}"),
    "expired token": ({"token_status": "expired"}, {}, "token", "it is expired, not active", NEEDS_TOKEN),
    "disabled token of the account": (
        {"token_status": "disabled", "token_owner": "account"},
        *({}, "token", "it is disabled, not active", NEEDS_TOKEN),
    ),
    "wrong account": (
        *({}, {"CLOUDFLARE_ACCOUNT_ID": OTHER}, "account"),
        *(f"the token does not reach {OTHER}, but ", "realtimekit app read_permission"),
    ),
    "wrong account, 404": (
        *({"wrong_account_status": 404}, {"CLOUDFLARE_ACCOUNT_ID": OTHER}, "account"),
        *(f"the token does not reach {OTHER}, but ", "realtimekit app read_permission"),
    ),
    "wrong account that cannot be looked for": (
        *({"accounts_list": "forbidden"}, {"CLOUDFLARE_ACCOUNT_ID": OTHER}, "account"),
        *("It may be another account, the token may lack the permission", "realtimekit app read_permission"),
    ),
    "no account": ({}, {"CLOUDFLARE_ACCOUNT_ID": None}, "account", "account_id is required", "realtimekit app read_permission"),
    "wrong app": ({}, {"CLOUDFLARE_REALTIMEKIT_APP_ID": "no-such-app"}, "app", "; the account has ", "read_permission"),
    "no app": ({}, {"CLOUDFLARE_REALTIMEKIT_APP_ID": ""}, "app", "app_id is required; the account has ", "read_permission"),
    "no permission": (
        *({"token_lacks_permission": "realtimekit"}, {}, "read_permission"),
        *("the token may not list the account's apps", "realtimekit app"),
    ),
    "no permission, says the gateway": (
        *({"token_lacks_permission": "gateway"}, {}, "read_permission"),
        *("the token may not list the account's apps", "realtimekit app"),
    ),
    "RealtimeKit off": (
        *({"realtimekit_disabled": "realtimekit"}, {}, "realtimekit"),
        *("RealtimeKit is not enabled for this account (403)", "app read_permission"),
    ),
    "no route": (
        *({}, {"CLOUDFLARE_BASE_URL": "http://127.0.0.1:9"}, "connection"),
        *("no connection: Connection refused", f"clock rate_limit token {NEEDS_TOKEN}"),
    ),
    "clock behind": ({"clock_offset": 600.0}, {}, "clock", "seconds behind the API", ""),
    "clock ahead": ({"clock_offset": -600.0}, {}, "clock", "seconds ahead of the API", ""),
    "quota used up": ({"limit_requests": 0}, {}, "rate_limit", "try again at", f"token {NEEDS_TOKEN}"),
    "quota nearly used up": ({"limit_requests": 2}, {}, "rate_limit", "try again at", "read_permission"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_broken_is_named(doctor: Doctor, sim: Simulator, broken: str) -> None:
    settings, variables, cause, words, unchecked = BROKEN[broken]
    sim.settings.update(settings)
    assert_is_named(doctor(**variables), cause, words, unchecked)
    assert {entry["method"] for entry in sim.requests} <= {"GET"}
    assert len(sim.requests) <= 5
    assert sim.effects == []


def test_realtimekit_that_the_gateway_refuses_is_reported_beside_the_permission(doctor: Doctor, sim: Simulator) -> None:
    """The two answers are the same, byte by byte."""
    sim.settings.update({"realtimekit_disabled": "gateway"})
    said = doctor()
    assert_is_named(said, "read_permission", "the token may not list the account's apps", "realtimekit app")
    assert "RealtimeKit may not be enabled for this account" in said.message


# Behind TLS, and behind proxies


class Tls(NamedTuple):
    """A simulator behind TLS, what reaches it, and the CA that it needs."""

    variables: dict[str, str]
    ca: str


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Tls]:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with Simulator(Settings(), seed=11, tls=context) as served:
        variables = {"CLOUDFLARE_BASE_URL": served.api_url, "CLOUDFLARE_API_TOKEN": served.token}
        yield Tls({**variables, "NO_PROXY": "127.0.0.1"}, str(tmp_path / "ca.pem"))


@contextlib.contextmanager
def proxy_that_refuses(status: int) -> Iterator[str]:
    class Refusal(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.send_error(status)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusal) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://user:{PASSWORD}@127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


ALL_BEHIND = f"connection clock rate_limit token {NEEDS_TOKEN}"


def test_ca_is_reported(doctor: Doctor, tls: Tls) -> None:
    said = doctor(**tls.variables, REQUESTS_CA_BUNDLE=tls.ca)
    assert said.named("failed") == set()
    assert said.results["certificate"] == ("ok", f"valid, by the CAs of {tls.ca}")


def test_certificate_of_an_unknown_ca_is_named(doctor: Doctor, tls: Tls) -> None:
    said = doctor(**tls.variables)
    assert_is_named(said, "certificate", "the server's certificate is not valid", ALL_BEHIND)
    assert "A private CA goes in ca_path. The clock of this machine says 2" in said.message


def test_ca_bundle_that_is_missing_is_named(doctor: Doctor, tls: Tls) -> None:
    said = doctor(**tls.variables, REQUESTS_CA_BUNDLE="/nonexistent/ca.pem")
    assert_is_named(said, "certificate", "REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, or ca_path names a CA bundle that does not exist", ALL_BEHIND)


@pytest.mark.parametrize(
    ("status", "words"), [(407, "check the user and the password"), (403, "allow the host"), (None, "Connection refused")]
)
def test_proxy_that_does_not_connect_is_named_without_its_password(doctor: Doctor, tls: Tls, status: int | None, words: str) -> None:
    nothing = contextlib.nullcontext(f"http://user:{PASSWORD}@127.0.0.1:9")
    with proxy_that_refuses(status) if status else nothing as proxy:
        said = doctor(**{**tls.variables, "NO_PROXY": "", "HTTPS_PROXY": proxy, "REQUESTS_CA_BUNDLE": tls.ca})
    assert_is_named(said, "proxy", "http://127.0.0.1:", f"certificate {ALL_BEHIND}")
    assert words.lower() in f"{said.results['proxy'][1]} {said.message}".lower()
    assert "(with a user, who is not shown)" in said.results["proxy"][1]


def test_awx_shows_it_also(engine: awx.Engine, sim: Simulator) -> None:
    job = engine.launch("Check the connection")
    assert (job.status, job.changed) == ("successful", 0)
    sim.settings.update({"token_status": "disabled"})
    job = engine.launch("Check the connection", verbosity=3)
    assert job.status == "failed"
    assert job.failure.startswith("token failed. ")
    assert sim.token not in job.stdout

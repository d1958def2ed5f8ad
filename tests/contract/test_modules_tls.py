# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules and a server behind TLS: whose certificate they trust, and what they send before they do."""

from __future__ import annotations

import ssl
from pathlib import Path
from types import ModuleType
from typing import Any, Iterator

import pytest
import trustme
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import CertificateError
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_livestream_info
from simulator import Settings, Simulator
from tasks import ONE_OF_EACH, only_error, operations, run


class Tls:
    """A simulator behind TLS, the CA that vouches for it, and the number of handshakes."""

    def __init__(self, folder: Path) -> None:
        self.hellos = 0
        self.ca_path = self._write(folder / "ours.pem", authority := trustme.CA())
        self.other_ca_path = self._write(folder / "other.pem", trustme.CA())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        context.sni_callback = self._count
        self.sim = Simulator(Settings(live_delay=0.0), seed=13, tls=context)

    @staticmethod
    def _write(path: Path, authority: trustme.CA) -> str:
        authority.cert_pem.write_to_path(str(path))
        return str(path)

    def _count(self, *_hello: Any) -> None:
        self.hellos += 1


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    tls = Tls(tmp_path_factory.mktemp("tls"))
    with tls.sim:
        yield tls


@pytest.fixture
def tls(tls_server: Tls, monkeypatch: pytest.MonkeyPatch) -> Tls:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(variable, raising=False)
    tls_server.sim.reset()
    tls_server.hellos = 0
    return tls_server


@ONE_OF_EACH
def test_unknown_ca_is_refused_at_once_and_never_sees_the_token(tls: Tls, module: ModuleType, options: dict[str, Any]) -> None:
    for trust in ({}, {"ca_path": tls.other_ca_path}):
        tls.hellos = 0
        error = only_error(run(tls.sim, module, **options, **trust, api_retries=4))
        assert isinstance(error, CertificateError)
        assert "not sent" in str(error)
        assert "ca_path" in str(error)
        assert tls.hellos == 1
        assert tls.sim.requests == []  # no request, so no header with a token in it


@ONE_OF_EACH
def test_ca_path_vouches(tls: Tls, monkeypatch: pytest.MonkeyPatch, module: ModuleType, options: dict[str, Any]) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls.other_ca_path)
    report = run(tls.sim, module, **options, ca_path=tls.ca_path)
    assert [outcome.error for outcome in report.outcomes] == [None] * len(report.outcomes)
    assert all(entry["authorized"] for entry in tls.sim.requests)
    assert tls.sim.requests


@ONE_OF_EACH
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_validate_certs_off_is_off(tls: Tls, monkeypatch: pytest.MonkeyPatch, module: ModuleType, options: dict[str, Any]) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls.other_ca_path)
    for trust in ({}, {"ca_path": tls.other_ca_path}):
        report = run(tls.sim, module, **options, **trust, validate_certs=False)
        assert [outcome.error for outcome in report.outcomes] == [None] * len(report.outcomes)
        assert operations(tls.sim)


def test_environment_names_a_ca_also(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls.ca_path)
    assert run(tls.sim, rtk_livestream_info).returns == {"livestreams": []}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    assert isinstance(only_error(run(tls.sim, rtk_livestream_info)), CertificateError)


def test_name_on_the_certificate_counts(tls: Tls) -> None:
    elsewhere = tls.sim.api_url.replace("127.0.0.1", "localhost")
    error = only_error(run(tls.sim, rtk_livestream_info, api_url=elsewhere, ca_path=tls.ca_path))
    assert isinstance(error, CertificateError)
    assert tls.sim.requests == []


@pytest.mark.parametrize("no_proxy", ["[::1]", "::1", "::/64"])
def test_no_proxy_may_name_an_ipv6_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_proxy: str) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("::1").configure_cert(context)
    ca_path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    with Simulator(tls=context, host="::1") as sim:
        assert run(sim, rtk_livestream_info, ca_path=str(ca_path)).returns == {"livestreams": []}

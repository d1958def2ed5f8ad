# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator for all tests of this folder, as new for each, and clients of it."""

from __future__ import annotations

import runpy
import sys
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import requests
from cloudflare import Cloudflare

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from simulator import Settings, Simulator

# Lets the checkout be imported under its collection's name.
runpy.run_path(str(Path(__file__).resolve().parents[1] / "unit/conftest.py"))

from tasks import Clock  # noqa: E402 (only now can the collection be imported)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--client", default=sys.executable, help="the Python whose `requests` test_phases sends with")


@pytest.fixture(scope="session")
def client_python(pytestconfig: pytest.Config) -> str:
    return str(pytestconfig.getoption("--client"))


class Api:
    """A client without any cleverness: one call, one request, kept alive."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {sim.token}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("timeout", 5)
        options.setdefault("allow_redirects", False)
        return self.session.request(method, f"{self.sim.app_url}/{path}", **options)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.call("GET", path, params=query)

    def start(self, meeting_id: str, **body: Any) -> requests.Response:
        return self.call("POST", f"meetings/{meeting_id}/livestreams", json=body)

    def stop(self, meeting_id: str) -> requests.Response:
        return self.call("POST", f"meetings/{meeting_id}/active-livestream/stop")

    def active(self, meeting_id: str) -> requests.Response:
        return self.get(f"meetings/{meeting_id}/active-livestream")

    def create(self, **body: Any) -> requests.Response:
        return self.call("POST", "livestreams", json=body)

    def control(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, f"{self.sim.control_url}/{path}", json=body, timeout=5)


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Simulator, Clock]]:
    clock = Clock()
    with Simulator(Settings(live_delay=2.0), seed=7, clock=clock) as sim:
        yield sim, clock


@pytest.fixture
def sim(served: tuple[Simulator, Clock]) -> Simulator:
    served[0].reset()
    return served[0]


@pytest.fixture(scope="session")
def served_in_real_time() -> Iterator[Simulator]:
    with Simulator(Settings(live_delay=0.0), seed=11) as sim:
        yield sim


@pytest.fixture
def sim_in_real_time(served_in_real_time: Simulator) -> Simulator:
    """For code that reads the time of day, as the modules do."""
    served_in_real_time.reset()
    return served_in_real_time


@pytest.fixture
def clock(served: tuple[Simulator, Clock]) -> Clock:
    return served[1]


@pytest.fixture
def api_of() -> Iterator[Callable[[Simulator], Api]]:
    """Make clients of a simulator that share no connections."""
    clients: list[Api] = []

    def connect(sim: Simulator) -> Api:
        clients.append(Api(sim))
        return clients[-1]

    yield connect
    for client in clients:
        client.session.close()


@pytest.fixture
def api(sim: Simulator, api_of: Callable[[Simulator], Api]) -> Api:
    return api_of(sim)


@pytest.fixture
def client(sim: Simulator) -> Iterator[Cloudflare]:
    """Cloudflare's own client, without its retries."""
    with Cloudflare(api_token=sim.token, base_url=sim.api_url, max_retries=0) as made:
        yield made


@pytest.fixture
def ids(sim: Simulator) -> Any:
    """The arguments of its calls."""
    return {"account_id": sim.account_id, "app_id": sim.app_id}


@pytest.fixture
def meeting(sim: Simulator) -> str:
    return sim.meetings[0]


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for what another thread is about to do, in real time."""

    def wait(is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not is_so():
            assert time.monotonic() < end, "it never came about"
            time.sleep(0.002)

    return wait

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The side of test_phases that sends: a process with the Python and the `requests` to be tested, and nothing else.

It reads a job per line from stdin, and writes lines of JSON: an event before
each request and in place of each pause, which wait for a line in return, and
the outcome at the end. A name below .test is this machine, unless the job says
that it cannot be looked up.
"""

from __future__ import annotations

import json
import os
import platform
import runpy
import socket
import sys
from pathlib import Path
from typing import Any

runpy.run_path(str(Path(__file__).resolve().parents[1] / "unit/conftest.py"))

import requests  # noqa: E402
import urllib3  # noqa: E402
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams  # noqa: E402
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.livestreams import ensure_present  # noqa: E402
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meeting_livestreams import (  # noqa: E402
    ensure_started,
    ensure_stopped,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.meetings import ensure_meeting  # noqa: E402
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.targets import Outcome, work_on  # noqa: E402
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.client import Client  # noqa: E402
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.session import Connection, build_session  # noqa: E402

look_up = socket.getaddrinfo
unknown: list[str] = []


def look_up_here(host: Any, *args: Any, **kwargs: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in unknown:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return look_up("127.0.0.1" if name.endswith(".test") else host, *args, **kwargs)


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


def ask(**words: Any) -> None:
    """Say it, and go on when the other side has done its part. It may tell anew which names are unknown."""
    say(**words)
    unknown[:] = json.loads(sys.stdin.readline())["unknown"]


def carry_out(job: dict[str, Any]) -> Outcome:
    session = build_session(1)
    if not job["is_kept"]:
        session.headers["Connection"] = "close"  # each request opens a connection, which can fail
    send = session.request

    def request(method: str, url: str, **options: Any) -> Any:
        ask(event="request", method=method)
        return send(method, url, **options)

    session.request = request  # type: ignore[assignment]
    client = Client(Connection(**job["connection"]), session=session, sleep=lambda seconds: ask(event="pause", seconds=seconds))
    livestreams, target = Livestreams(client), job["target"]
    try:
        if job["operation"] == "start":
            return ensure_started(livestreams, target)
        if job["operation"] == "stop":
            return ensure_stopped(livestreams, target)
        if job["operation"] == "create":
            return ensure_present(livestreams, [target])[0]
        if job["operation"] == "update":
            return ensure_meeting(livestreams.meetings, target, state="ACTIVE", title=None, settings={"record_on_start": True})
        return work_on(client, target, lambda outcome: livestreams.active(target) and None)
    finally:
        session.close()


def main() -> None:
    socket.getaddrinfo = look_up_here  # type: ignore[assignment]
    say(versions={"python": platform.python_version(), "requests": requests.__version__, "urllib3": urllib3.__version__})
    for line in sys.stdin:
        job = json.loads(line)
        for variable in [name for name in os.environ if name.lower().endswith("_proxy")]:
            del os.environ[variable]
        os.environ.update(job["environ"])
        unknown[:] = job["unknown"]
        outcome = carry_out(job)
        error: Exception | None = outcome.error
        say(changed=outcome.changed, kind=type(error).__name__ if error else None, message=str(error or ""))


if __name__ == "__main__":
    main()

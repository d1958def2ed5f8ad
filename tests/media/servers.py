# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers of the media tests besides the simulator, all on loopback. Each test ends its own servers."""

from __future__ import annotations

import contextlib
import functools
import getpass
import http.server
import json
import socket
import string
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Callable, Iterator, TypeVar

T = TypeVar("T")

HERE = Path(__file__).resolve().parent
RTMP_MODULES = [Path("/usr/lib/nginx/modules/ngx_rtmp_module.so"), Path("/usr/lib64/nginx/modules/ngx_rtmp_module.so")]


def wait_for(what: str, look: Callable[[], T], seconds: float) -> T:
    """Return the first true value that ``look`` gives; fail after a number of seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} seconds")
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running(command: list[str], log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process, which is ended at the end, by force if it does not listen."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> int:
    """Tell it to end, wait, and return its status."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait(10)


class Control:
    """The simulator's control surface."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/{path}", data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def livestreams(self) -> list[dict[str, Any]]:
        return list(self.call("GET", "livestreams")["livestreams"])


@contextlib.contextmanager
def publish_callback(control: Control) -> Iterator[int]:
    """The callback of the RTMP server: a known key turns its livestream LIVE, and IDLE at the end. Yields the port."""

    class Callback(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = urllib.parse.parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            name = form.get("name", [""])[0]
            found = [item for item in control.livestreams() if item["stream_key"] == name]
            if not found:
                self.send_response(403)
            else:
                livestream_id = found[0]["id"]
                control.call("PATCH", f"livestreams/{livestream_id}", {"status": "LIVE" if self.path == "/publish" else "IDLE"})
                # The stream is published under the id from here on, or the key would be part of the playback URL.
                self.send_response(302)
                self.send_header("Location", livestream_id)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing: the key is in what is asked."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Callback)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def find_rtmp_module() -> Path:
    return next(path for path in RTMP_MODULES if path.exists())


@contextlib.contextmanager
def media_server(folder: Path, callback_port: int) -> Iterator[tuple[int, int]]:
    """An nginx of our own; gives its ports for RTMP and HTTP."""
    rtmp_port, http_port = free_port(), free_port()
    (folder / "hls").mkdir()
    (folder / "temp").mkdir()
    template = string.Template((HERE / "nginx.conf.in").read_text(encoding="utf-8"))
    ports = {"rtmp_port": rtmp_port, "http_port": http_port, "callback_port": callback_port}
    config = folder / "nginx.conf"
    values = {"module": find_rtmp_module(), "user": getpass.getuser(), "folder": folder, **ports}
    config.write_text(template.substitute(values), encoding="utf-8")
    command = ["nginx", "-p", str(folder), "-e", str(folder / "nginx.log"), "-c", str(config)]
    with running(command, folder / "nginx.out") as process:

        def is_up() -> bool:
            assert process.poll() is None, (folder / "nginx.out").read_text(encoding="utf-8")
            return is_listening(rtmp_port) and is_listening(http_port)

        wait_for("nginx listens", is_up, 60)
        yield rtmp_port, http_port


#: A Content-Security-Policy as strict as the page for viewers allows.
STRICT = "default-src 'self'; connect-src *; media-src * blob:"


@contextlib.contextmanager
def serving(folder: Path, policy: str = STRICT) -> Iterator[str]:
    """The address of a web server for this folder, with this Content-Security-Policy."""

    class Strict(http.server.SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Strict, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The encoder role's command ends in bounded time if anything stops, so that systemd can start it again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Iterator

from conftest import Encoder, Event, prepare
from servers import running, wait_for

#: Seconds. The command's own deadline is twice that.
TIMEOUT = 5
#: The capacity of the sockets on both sides, in seconds of video.
BUFFERED = 40


def status_of(event: Event, encoder: Encoder) -> str:
    return str(next(item["status"] for item in event.control.livestreams() if item["id"] == encoder.livestream_id))


def replace_in(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """A camera, or an ingest, that accepts a connection and then neither says nor reads anything. Yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connections.append(server.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for connection in connections:
                connection.close()


def end_of(process: subprocess.Popen[bytes], seconds: float) -> tuple[int, float]:
    """Return the status of the command, and after how many seconds it ended."""
    began = time.monotonic()
    return process.wait(seconds), time.monotonic() - began


def test_ingest_that_stops_reading_ends_ffmpeg(event: Event) -> None:
    encoder = prepare(event, "stalled", encoder_timeout=TIMEOUT, encoder_video_bitrate="8M", encoder_framerate=30)
    log = event.folder / "stalled.log"
    nginx = (event.folder / "nginx.pid").read_text(encoding="ascii").strip()
    workers = Path(f"/proc/{nginx}/task/{nginx}/children").read_text(encoding="ascii").split()
    with running(encoder.command_line(), log) as process:
        wait_for("the livestream is LIVE", lambda: status_of(event, encoder) == "LIVE", 120)
        for worker in workers:
            os.kill(int(worker), signal.SIGSTOP)
        try:
            status, seconds = end_of(process, BUFFERED + 3 * TIMEOUT)
        finally:
            for worker in workers:
                os.kill(int(worker), signal.SIGCONT)
    assert status != 0
    assert seconds >= TIMEOUT - 1
    assert encoder.key not in log.read_text(encoding="utf-8")
    wait_for("the livestream is IDLE", lambda: status_of(event, encoder) == "IDLE", 120)


def test_ingest_that_accepts_and_says_nothing_ends_ffmpeg(event: Event) -> None:
    with silent_server() as port:
        encoder = prepare(event, "mute", encoder_timeout=TIMEOUT)
        replace_in(encoder.environment_file, f":{event.rtmp_port}/", f":{port}/")
        with running(encoder.command_line(), event.folder / "mute.log") as process:
            status, seconds = end_of(process, 4 * TIMEOUT)
    assert status != 0
    assert seconds < 3 * TIMEOUT


def test_camera_that_accepts_and_says_nothing_ends_ffmpeg(event: Event) -> None:
    with silent_server() as port:
        source = {"encoder_source": "rtsp", "encoder_source_location": f"rtsp://127.0.0.1:{port}/stream"}
        encoder = prepare(event, "silent-camera", encoder_timeout=TIMEOUT, **source)
        with running(encoder.command_line(), event.folder / "silent.log") as process:
            status, seconds = end_of(process, 4 * TIMEOUT)
    assert status not in (0, 128 + signal.SIGKILL), "the deadline of the input has to come before that of the command"
    assert TIMEOUT - 1 <= seconds < 2 * TIMEOUT


def test_source_that_hangs_without_a_timeout_ends_ffmpeg(event: Event, tmp_path: Path) -> None:
    """A file whose bytes stop, like a network drive that is gone. Only the command's own deadline sees that."""
    pipe = tmp_path / "show.ts"
    os.mkfifo(pipe)
    source = {"encoder_source": "file", "encoder_source_location": "/srv/show.ts", "encoder_source_loop": False}
    encoder = prepare(event, "hanging-file", encoder_timeout=TIMEOUT, **source)
    # The role refuses a file below /tmp, where this one is.
    replace_in(encoder.environment_file, "/srv/show.ts", str(pipe))
    feed = ["ffmpeg", "-v", "error", "-y", "-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=15", "-f", "lavfi", "-i", "sine"]
    with running([*feed, "-c:v", "mpeg2video", "-c:a", "mp2", "-f", "mpegts", str(pipe)], event.folder / "feed.log") as feeder:
        log = event.folder / "hanging.log"
        with running(encoder.command_line(), log) as process:
            wait_for("the livestream is LIVE", lambda: status_of(event, encoder) == "LIVE", 120)
            time.sleep(3 * TIMEOUT)
            assert process.poll() is None, "a source at work is left alone"
            feeder.send_signal(signal.SIGSTOP)
            try:
                status, seconds = end_of(process, 5 * TIMEOUT)
            finally:
                feeder.send_signal(signal.SIGCONT)
    assert status == 128 + signal.SIGKILL
    assert 2 * TIMEOUT - 1 <= seconds < 4 * TIMEOUT
    assert f"There was no new picture for {2 * TIMEOUT} seconds: ending ffmpeg" in log.read_text(encoding="utf-8")


def test_encoder_stops_at_once_on_a_signal(event: Event, encoder: Encoder) -> None:
    with running(encoder.command_line(), event.folder / "stopped.log") as process:
        wait_for("the livestream is LIVE", lambda: status_of(event, encoder) == "LIVE", 120)
        process.terminate()
        status, seconds = end_of(process, 10)
    assert (status, seconds < 5) == (255, True)

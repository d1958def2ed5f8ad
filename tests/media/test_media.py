# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real video from the encoder role's command through an RTMP server to a browser. The tests tell one story, in order."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from browser import look
from conftest import HERE, RESULTS, Encoder, play
from event import Event
from servers import end, running, serving, wait_for


@pytest.fixture(scope="module")
def broadcasting(event: Event, encoder: Encoder) -> Iterator[subprocess.Popen[bytes]]:
    """The encoder at work."""
    with running(encoder.command_line(), event.folder / "ffmpeg.log") as process:

        def is_live() -> bool:
            assert process.poll() is None, (event.folder / "ffmpeg.log").read_text(encoding="utf-8")
            return status_of(event, encoder) == "LIVE"

        wait_for("the livestream is LIVE", is_live, 120)
        yield process


def status_of(event: Event, encoder: Encoder) -> str:
    """The truth, from the simulator."""
    return str(next(item["status"] for item in event.control.livestreams() if item["id"] == encoder.livestream_id))


def find_processes(parent: int) -> list[Path]:
    """Return a process and its descendants, as their folders below /proc."""
    found = [Path("/proc", str(parent))]
    for process in found:
        found += [Path("/proc", child) for child in (process / f"task/{process.name}/children").read_text(encoding="ascii").split()]
    return found


def ask_the_module(event: Event, encoder: Encoder) -> dict[str, Any]:
    """Return the encoder's livestream from rtk_livestream_info."""
    module = ["-m", "streamops.realtimekit.rtk_livestream_info", "-a", f"livestream_id={encoder.livestream_id}"]
    run = event.ansible("ansible", "localhost", *module)
    assert run.returncode == 0, run.stdout + run.stderr
    assert encoder.key not in run.stdout
    (livestream,) = json.loads(run.stdout.partition("=>")[2])["livestreams"]
    return dict(livestream)


def test_wrong_key_is_refused(event: Event, encoder: Encoder) -> None:
    wrong = event.folder / "wrong.env"
    wrong.write_text(encoder.environment_file.read_text(encoding="utf-8").replace(encoder.key, encoder.key[::-1]), encoding="utf-8")
    with running(encoder._replace(environment_file=wrong).command_line(), event.folder / "refused.log") as process:
        assert process.wait(30) != 0
    assert status_of(event, encoder) == "IDLE"
    assert encoder.key[::-1] not in (event.folder / "refused.log").read_text(encoding="utf-8")


def test_encoder_turns_the_livestream_live(event: Event, encoder: Encoder, broadcasting: subprocess.Popen[bytes]) -> None:
    livestream = ask_the_module(event, encoder)
    assert livestream["status"] == "LIVE"
    assert livestream["ingest_server"] == f"rtmp://127.0.0.1:{event.rtmp_port}/live"
    assert livestream["playback_url"] == f"http://127.0.0.1:{event.http_port}/{encoder.livestream_id}/manifest/video.m3u8"


def test_no_process_of_the_encoder_shows_the_key(event: Event, encoder: Encoder, broadcasting: subprocess.Popen[bytes]) -> None:
    processes = find_processes(broadcasting.pid)
    names = [Path(str((process / "exe").readlink())).name for process in processes]
    assert names.count("ffmpeg") == 1
    for process in processes:
        assert encoder.key.encode() not in (process / "cmdline").read_bytes()
        assert encoder.key.encode() not in (process / "environ").read_bytes()
        # Not even a deleted file: the key is not written anywhere but to the role's file.
        opened = [str(file.readlink()) for file in (process / "fd").iterdir()]
        assert [path for path in opened if path.startswith("/") and "(deleted)" in path and "/progress" not in path] == []
    assert encoder.key not in (event.folder / "ffmpeg.log").read_text(encoding="utf-8")
    assert encoder.environment_file.stat().st_mode & 0o777 == 0o600


def test_playback_url_has_pictures_and_sound(event: Event, encoder: Encoder, broadcasting: subprocess.Popen[bytes]) -> None:
    manifest = event.folder / "hls" / encoder.livestream_id / "index.m3u8"
    wait_for("the manifest has two parts", lambda: manifest.exists() and manifest.read_text(encoding="utf-8").count(".ts") >= 2, 120)
    url = ask_the_module(event, encoder)["playback_url"]
    entries = "stream=codec_name,codec_type,width,height,nb_read_frames"
    command = ["ffprobe", "-v", "error", "-count_frames", "-read_intervals", "%+2", "-show_entries", entries, "-of", "json", url]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=True)
    streams = {stream["codec_type"]: stream for stream in json.loads(run.stdout)["streams"]}
    assert (streams["video"]["codec_name"], streams["video"]["width"], streams["video"]["height"]) == ("h264", 640, 360)
    assert int(streams["video"]["nb_read_frames"]) >= 15
    assert streams["audio"]["codec_name"] == "aac"
    assert int(streams["audio"]["nb_read_frames"]) >= 40


def test_page_plays(event: Event, encoder: Encoder, broadcasting: subprocess.Popen[bytes]) -> None:
    """The broadcast role's page, with a room whose picture is the encoder's, one that is refused and one that is still starting."""
    playback_url = ask_the_module(event, encoder)["playback_url"]
    main, refused, starting = event.simulator.meetings
    label = 'Main stage <script>alert("1")</script>'
    event.control.call("POST", "livestreams", {"meeting_id": main, "status": "LIVE", "playback_url": playback_url})
    event.simulator.fault("status", "start", meeting_id=refused, status=422, message="No more rooms today")
    rooms = [{"id": main, "label": label}, {"id": refused, "label": "Workshop upstairs"}, {"id": starting, "label": "Foyer"}]
    run = play(event, "broadcast.yml", rooms=rooms)
    assert run.returncode == 2, run.stdout + run.stderr
    assert "1 of 3 rooms failed. Workshop upstairs: No more rooms today" in run.stdout

    page = event.folder / "page.html"
    keys = [item["stream_key"] for item in event.control.livestreams()]
    html = page.read_text(encoding="utf-8")
    assert len(keys) == 3
    assert not [key for key in keys if key in html + run.stdout + run.stderr]

    assert "No more rooms today" not in html, "the audience reads no errors"

    with serving(event.folder) as site:
        seen = look(HERE / "play.mjs", f"{site}/{page.name}", RESULTS)
    assert seen["headings"] == [label, "Workshop upstairs", "Foyer"]
    assert seen["statuses"] == ["On air", "No picture right now", "Starting"]
    assert seen["dialogs"] == []
    assert seen["errors"] == []
    assert seen["picture"] == [640, 360]
    assert seen["to"] > seen["from"] + 2
    assert seen["wide"], "it scrolls sideways at 1440 pixels"
    assert seen["narrow"], "it scrolls sideways at 390 pixels"
    # The page and its three files, and the stream.
    media = playback_url.rpartition("/")[0]
    own = [url for url in seen["requests"] if not url.startswith((media, "blob:"))]
    assert sorted(own) == sorted(f"{site}/{name}" for name in ("page.html", "rtk-broadcast.css", "rtk-broadcast.js", "hls.min.js"))
    assert len([url for url in seen["requests"] if url.startswith(media) and url.endswith(".ts")]) >= 2


def test_stopped_encoder_leaves_the_livestream_idle(event: Event, encoder: Encoder, broadcasting: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    # The status that the unit takes for a success.
    assert end(broadcasting) == 255
    assert time.monotonic() - began < 8
    wait_for("the livestream is IDLE", lambda: status_of(event, encoder) == "IDLE", 120)
    assert ask_the_module(event, encoder)["status"] == "IDLE"

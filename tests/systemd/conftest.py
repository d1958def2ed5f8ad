# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The studio: a machine with systemd, and the event that it sends to."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path
from typing import Any, Iterator, NamedTuple

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "media")]

from event import Event, running_event  # noqa: E402
from machine import booted, run_on  # noqa: E402
from servers import wait_for  # noqa: E402

BUILD = HERE.parents[1] / ".build/systemd"
UNIT = "rtk-encoder-studio.service"


def interrupt(*_unused: object) -> None:
    """End the tests, the machine, and the servers, but only once: a second signal would end this before them."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_unused: None)
    raise KeyboardInterrupt


for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, interrupt)


class Studio(NamedTuple):
    event: Event

    def sh(self, script: str) -> str:
        return run_on(self.event.folder, script)

    def show(self, name: str) -> str:
        """Return a property of the unit."""
        return self.sh(f"systemctl show --value --property {name} {UNIT}").strip()

    def ffmpegs(self) -> list[str]:
        """Return the processes of ffmpeg on the machine, which is the only one to see them as these."""
        found = self.sh("grep --files-with-matches --line-regexp --no-messages ffmpeg /proc/[0-9]*/comm || true")
        return re.findall(r"/proc/(\d+)/", found)

    def play(self, *options: str, **variables: Any) -> int:
        """Run the role, which must succeed and must not print a key; return how many tasks changed something."""
        ssh = {
            "ANSIBLE_SSH_ARGS": f"-F {self.event.folder}/ssh_config",
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        }
        keys = [item["stream_key"] for item in self.event.control.livestreams()]
        command = ["ansible-playbook", "-i", "studio,", "-v", "--diff", *options, str(HERE / "encoder.yml")]
        run = self.event.ansible(*command, variables=variables, **ssh)
        output = run.stdout + run.stderr
        keys += [item["stream_key"] for item in self.event.control.livestreams()]
        assert sum(key in output for key in keys) == 0, "the output has a stream key"
        assert run.returncode == 0, output
        (changed,) = re.findall(r"^studio +: ok=\d+ +changed=(\d+)", output, re.MULTILINE)
        return int(changed)

    def newest_video(self) -> int:
        """Return when the RTMP server wrote to the playlist of the livestream, which it does for each second of video."""
        playlist = self.event.folder / "hls" / self.event.livestream("studio")["id"] / "index.m3u8"
        return playlist.stat().st_mtime_ns if playlist.exists() else 0

    def wait_until_sending(self) -> None:
        """Wait until one ffmpeg sends for four seconds: the RTMP server may write at once what another one had sent."""
        ffmpegs: list[str] = []
        seen: set[int] = set()

        def is_sending() -> bool:
            nonlocal ffmpegs, seen
            running = self.ffmpegs()
            if running != ffmpegs:
                ffmpegs, seen = running, set()
            seen.add(self.newest_video())
            return bool(ffmpegs) and len(seen) > 4

        wait_for("the RTMP server gets video", is_sending, 300)

    def workers(self) -> list[int]:
        """Return the processes of the RTMP server that serve."""
        master = int((self.event.folder / "nginx.pid").read_text(encoding="utf-8"))
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text(encoding="utf-8").split()]


@pytest.fixture(scope="session")
def studio() -> Iterator[Studio]:
    with running_event(BUILD) as event, booted((BUILD / "tree").resolve(), event.folder):
        yield Studio(event)
        # Kept with the other logs, in .build/.
        (event.folder / "journal.log").write_text(run_on(event.folder, "journalctl --no-pager", check=False), encoding="utf-8")

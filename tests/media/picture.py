# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""picture.py FILE: make README's picture of a broadcast page. Two of its three rooms play a short video, and one is starting."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "browser")]

from browser import look  # noqa: E402 (the path comes first)
from event import Event  # noqa: E402
from servers import Control, serving  # noqa: E402
from simulator import Settings, Simulator  # noqa: E402

VIDEO = "gradients=size=640x360:rate=10:seed=7:c0=#1f4e79:c1=#f28e2b:c2=#76b7b2:nb_colors=3:speed=0.02:duration=4"


def main(path: str) -> None:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as site, Simulator(Settings(live_delay=3600)) as simulator:
        encode = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", VIDEO, "-c:v", "libx264", "-pix_fmt", "yuv420p", "stage.m3u8"]
        subprocess.run(encode, cwd=folder, stdin=subprocess.DEVNULL, check=True)
        event = Event(Path(folder), simulator, Control(simulator.control_url), 0, 0)
        labels = ("Main stage", "Workshop upstairs", "Foyer")
        rooms = [{"id": meeting, "label": label} for meeting, label in zip(simulator.meetings, labels)]
        for room in rooms[:2]:
            live = {"meeting_id": room["id"], "status": "LIVE", "playback_url": f"{site}/stage.m3u8"}
            event.control.call("POST", "livestreams", live)
        done = event.ansible("ansible-playbook", str(HERE / "broadcast.yml"), variables={"rooms": rooms})
        assert done.returncode == 0, done.stdout + done.stderr
        look(HERE / "picture.mjs", f"{site}/page.html", Path(path).resolve())


if __name__ == "__main__":
    main(sys.argv[1])

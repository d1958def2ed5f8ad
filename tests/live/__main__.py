# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python tests/live``: find out what a real account does, or with ``--simulator`` a simulated one."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Iterator, TextIO

if not __package__:
    # Run by its path from a checkout: make this folder and the simulator importable as the packages they are.
    here = Path(__file__).resolve().parent
    sys.path[:] = [item for item in sys.path if Path(item or ".").resolve() != here]
    sys.path.insert(0, str(here.parent))

from simulator import Settings, Simulator

from live import report, story
from live.account import Account, RefusedError, find_account, find_allowed
from live.notes import ProbeError
from live.wire import InterruptedProbeError, Wire

ROOT = Path(__file__).resolve().parents[2]
STILL_RUNNING = """\
A livestream of the meeting {title!r} ({meeting_id}) may still be running, or the meeting may still be active. Stop it now:
  ansible localhost -m streamops.realtimekit.rtk_meeting_livestream -a 'meeting_id={meeting_id} state=stopped'
  ansible localhost -m streamops.realtimekit.rtk_meeting -a 'meeting_id={meeting_id} state=inactive'"""


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="live", description=__doc__)
    parser.add_argument("--simulator", action="store_true", help="use a simulated account, which needs no environment variables")
    parser.add_argument("--out", type=Path, default=ROOT / ".build/live", metavar="FOLDER", help="for facts.json and exchanges.json")
    return parser.parse_args(argv)


@contextlib.contextmanager
def account_of(args: argparse.Namespace) -> Iterator[Account]:
    if not args.simulator:
        yield find_account(os.environ)
        return
    with Simulator(Settings(live_delay=1.0, playback_delay=2.0)) as sim:
        yield Account(sim.api_url, sim.token, sim.account_id, sim.app_id)


def tell(text: str, stream: TextIO | None = None) -> None:
    """Print a text. A terminal that is closed, or a pipe without a reader, must not keep the probe from cleaning up."""
    with contextlib.suppress(OSError):
        print(text.encode(errors="backslashreplace").decode(), file=stream or sys.stdout, flush=True)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    try:
        with account_of(args) as account:
            allowed = find_allowed(os.environ)
            wire = Wire(account)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_unused: wire.interrupt())
            return run(story.begin(wire, allowed, tell), args.out)
    except RefusedError as error:
        tell(f"live: {error}", sys.stderr)
        return 2


def describe_defect(error: Exception) -> str:
    """The type and the place of an error. Its words can have what an answer had."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"


def run(probe: story.Probe, folder: Path) -> int:
    """Tell the plan, carry it out, and write what was found. 130 after an interruption, 1 after a failure, 3 if something is left."""
    tell(story.describe_plan(probe) + "\n")
    status = 0
    try:
        story.run(probe)
    except InterruptedProbeError:
        status = 130
        tell("Interrupted. The facts are those found until then.")
    except ProbeError as error:
        status = 1
        # It has the API's own words.
        tell(f"live: {error}".replace(probe.wire.account.token, "<token>"), sys.stderr)
    except Exception as error:  # noqa: BLE001 (an unexpected answer must not hide what was found)
        status = 1
        tell(f"live: the probe has a defect, please report it: {describe_defect(error)}", sys.stderr)
    if not probe.is_clean:
        tell(STILL_RUNNING.format(title=probe.title, meeting_id=probe.meeting_id), sys.stderr)
        status = 3
    try:
        report.write(probe, folder)
    except (report.LeakError, OSError) as error:
        tell(f"live: {error}", sys.stderr)
        return status or 1
    tell(f"\n{report.summarize(probe.facts)}\n\nWritten: {folder / 'facts.json'} and {folder / 'exchanges.json'}")
    return status


if __name__ == "__main__":
    sys.exit(main())

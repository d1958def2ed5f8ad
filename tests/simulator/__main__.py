# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python tests/simulator``: serve the simulator until a signal, or until its time is up."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

if not __package__:
    # Run by its path from a checkout: make the folder importable as the package it is.
    # Python put that folder itself in front, where its files would shadow other modules.
    here = Path(__file__).resolve().parent
    sys.path[:] = [item for item in sys.path if Path(item or ".").resolve() != here]
    sys.path.insert(0, str(here.parent))

from simulator.control import connection
from simulator.facts import read_facts
from simulator.server import Simulator
from simulator.settings import Settings

MEETINGS_SHOWN = 10


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="simulator", description="Serve Cloudflare RealtimeKit's livestream API from memory, on loopback only."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--seed", type=int, help="the same ids, keys and token each time")
    parser.add_argument("--meetings", type=int, default=3, metavar="N")
    parser.add_argument("--livestreams", type=int, default=0, metavar="N", help="independent ones that are IDLE")
    parser.add_argument(
        "--facts", type=Path, metavar="FILE", help="behave as the account did from which `make live` has recorded this facts.json"
    )
    parser.add_argument("--live-delay", type=float, metavar="SECONDS", help=f"from INVOKED to LIVE (default: {Settings.live_delay:g})")
    parser.add_argument("--latency", type=float, metavar="SECONDS", help="before each answer (default: 0)")
    parser.add_argument("--ready-file", type=Path, help="write the connection as JSON here once it listens")
    parser.add_argument("--tls-cert", metavar="FILE")
    parser.add_argument("--tls-key", metavar="FILE")
    parser.add_argument("--ttl", type=float, metavar="SECONDS", help="exit after that long (default: never)")
    args = parser.parse_args(argv)
    if bool(args.tls_cert) != bool(args.tls_key):
        parser.error("--tls-cert and --tls-key go together")
    return args


def describe(facts: dict[str, Any]) -> str:
    exports = {
        "CLOUDFLARE_API_TOKEN": facts["token"],
        "CLOUDFLARE_ACCOUNT_ID": facts["account_id"],
        "CLOUDFLARE_REALTIMEKIT_APP_ID": facts["app_id"],
        "CLOUDFLARE_BASE_URL": facts["api_url"],
    }
    lines = [f"RealtimeKit simulator at {facts['url']} (control: {facts['url']}/_simulator/)"]
    lines += [f"  {name:10} {facts[name]}" for name in ("api_url", "token", "account_id", "app_id")]
    lines += [f"  meeting  {meeting_id}" for meeting_id in facts["meetings"][:MEETINGS_SHOWN]]
    left = len(facts["meetings"]) - MEETINGS_SHOWN
    lines += [f"  and {left} more meetings: see GET {facts['url']}/_simulator/"] if left > 0 else []
    lines += [""] + [f"export {name}={shlex.quote(value)}" for name, value in exports.items()]
    return "\n".join(lines)


def write_atomically(path: Path, text: str) -> None:
    """A reader sees no file or the whole file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).replace(path)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_unused: over.set())
    try:
        settings = Settings()
        given = {"live_delay": args.live_delay, "latency": args.latency}
        settings.update(read_facts(args.facts) if args.facts else {})
        settings.update({name: value for name, value in given.items() if value is not None})
        tls = (args.tls_cert, args.tls_key) if args.tls_cert else None
        simulator = Simulator(settings, args.seed, tls, args.host, args.port, args.meetings, livestreams=args.livestreams).serve()
    except (OSError, ValueError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    try:
        facts = connection(simulator.core, simulator.api_url)
        print(describe(facts), flush=True)
        if args.ready_file:
            write_atomically(args.ready_file, json.dumps(facts, indent=2) + "\n")
        over.wait(args.ttl)
    finally:
        simulator.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

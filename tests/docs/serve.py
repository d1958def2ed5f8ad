# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve the site that the session docs has built, on this machine only, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import functools
import http.server
import signal
import sys
from pathlib import Path

SITE = Path(__file__).resolve().parents[2] / ".build/docs/html"


class Pages(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Print no requests."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: a free port")
    port = parser.parse_args().port
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Pages, directory=str(SITE)))
    except (OSError, OverflowError) as error:
        sys.exit(f"Could not listen on port {port}: {error}")
    with server:
        print(f"http://127.0.0.1:{server.server_port}/ until Ctrl-C", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()

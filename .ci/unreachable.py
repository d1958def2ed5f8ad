# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print the sanity tests that cannot be had here, and tell why on stderr.

A release of ansible-test may take a package from an address of its own: the candidate of 2.22 has pylint's `dill` from GitHub. Where
only PyPI can be reached pip cannot install that, and ansible-test as a whole would end there.
"""

from __future__ import annotations

import re
import sys
import urllib.request
from pathlib import Path

import ansible_test


def is_reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=10):
            return True
    except OSError:
        return False


def main() -> None:
    for path in sorted(Path(ansible_test.__path__[0], "_data/requirements").glob("sanity.*.txt")):
        test = path.name.split(".")[1]
        for url in re.findall(r"@ (https://[^\s#]+)", path.read_text(encoding="utf-8")):
            if not is_reachable(url):
                print(f'Not had: the sanity test "{test}" needs {url}', file=sys.stderr)
                print(test)
                break


if __name__ == "__main__":
    main()

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print the versions of tests/versions.toml, for CI: JSON on one line, with the best Python of each ansible-core.

With an argument it is for the shell, and for each ansible-core a line: `cores` prints VERSION PYTHON..., and `quick` the VERSION of
those that `make test` tries as well.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

VERSIONS = Path(__file__).resolve().parents[1] / "tests/versions.toml"


def read_versions() -> dict[str, Any]:
    return tomllib.loads(VERSIONS.read_text(encoding="utf-8"))


def read_numbers(version: str) -> list[int]:
    """Of 2.9.1 and 2.34.2 the latter is the newer."""
    return [int(number) for number in re.findall(r"\d+", version)]


def summarise(versions: dict[str, Any]) -> dict[str, Any]:
    return {
        "cores": [{"core": core["version"], "python": core["pythons"][0]} for core in versions["cores"]],
        "targets": [target["python"] for target in versions["targets"]],
    }


def print_table(versions: dict[str, Any], table: str) -> None:
    rows = {
        "cores": [[core["version"], *core["pythons"]] for core in versions["cores"]],
        "quick": [[core["version"]] for core in versions["cores"] if core.get("quick")],
    }
    for row in rows[table]:
        print(*row)


if __name__ == "__main__":
    if sys.argv[1:]:
        print_table(read_versions(), sys.argv[1])
    else:
        print(json.dumps(summarise(read_versions())))

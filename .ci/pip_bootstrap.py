# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give ansible-test its pip bootstrap script, where it cannot download one.

ansible-test makes virtual environments without pip and bootstraps pip by a script from ci-files.testing.ansible.com. Where that
host cannot be reached, Python's own ensurepip does as well. A script that is already there stays.
"""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

import ansible_test

URL = "https://ci-files.testing.ansible.com/ansible-test/get-pip-{version}.py"
SUBSTITUTE = "import ensurepip; ensurepip.bootstrap(default_pip=True)\n"


def read_pip_version() -> str:
    """Return the version of pip that the installed ansible-test bootstraps."""
    source = Path(ansible_test.__path__[0], "_internal", "python_requirements.py").read_text(encoding="utf-8")
    return re.search(r"pip='([0-9.]+)'", source)[1]


def main() -> None:
    version = read_pip_version()
    script = Path.home() / ".ansible/test/cache" / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    try:
        with urllib.request.urlopen(URL.format(version=version), timeout=10) as answer:
            content = answer.read()
    except OSError as error:
        print(f"No pip bootstrap script to be had ({error}); ensurepip takes its place.")
        content = SUBSTITUTE.encode()
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_bytes(content)


if __name__ == "__main__":
    main()

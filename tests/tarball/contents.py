# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""contents.py TARBALL: fail unless the tarball has every file of the checkout that users need, and no other."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]

# The files for users, except for the UNNEEDED ones below them. A new entry at the top of the checkout goes here, or to `build_ignore` in
# galaxy.yml.
NEEDED = {
    "README.md",
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",  # README links to this and the next
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSES",
    "changelogs/changelog.yaml",  # docs sites and the Ansible package read it
    "docs",
    "extensions",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",  # named by meta/execution-environment.yml
    "roles",
    "tests/config.yml",  # this and the next are for the sanity tests of Galaxy and of the Ansible package
    "tests/sanity",
}
UNNEEDED = {"docs/site"}  # settings of the site, not pages
WRITTEN_BY_GALAXY = {"MANIFEST.json", "FILES.json"}


def is_needed(name: str) -> bool:
    path = PurePosixPath(name)
    places = {str(place) for place in [path, *path.parents]}
    is_hidden = any(part.startswith(".") for part in path.parts)
    return bool(places & NEEDED) and not places & UNNEEDED and not is_hidden


def list_checkout() -> set[str]:
    """Return what git would commit."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return {name for name in listed if name and os.path.lexists(ROOT / name)}  # git lists a deleted file until that is committed


def find_faults(tarball: str) -> list[str]:
    with tarfile.open(tarball) as archive:
        files = {member.name for member in archive if not member.isdir()}
    wanted = {name for name in list_checkout() if is_needed(name)} | WRITTEN_BY_GALAXY
    return [
        *(f"{name} is not needed by users" for name in sorted(files - wanted)),
        *(f"{name} is missing" for name in sorted(wanted - files)),
        # No file here needs to be one. If a link leads out of the checkout, ansible-galaxy packs its target.
        *(f"{name} is a symbolic link" for name in sorted(wanted) if (ROOT / name).is_symlink()),
    ]


if __name__ == "__main__":
    faults = find_faults(sys.argv[1])
    if faults:
        sys.exit("\n".join(["The contents of the tarball differ from tests/tarball/contents.py:", *(f"  {fault}" for fault in faults)]))
    print("The tarball has all that users need, and nothing else.")

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""next_version.py VERSION: fail with a sentence that says why this cannot be the next release, if it cannot."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Iterator

import yaml
from ansible.utils.version import SemanticVersion

CHANGELOG = Path("changelogs/changelog.yaml")


def list_released() -> list[str]:
    """Return all versions that the changelog knows, the newest last."""
    releases = yaml.safe_load(CHANGELOG.read_text(encoding="utf-8"))["releases"] if CHANGELOG.exists() else {}
    return sorted(releases, key=SemanticVersion)


def find_versions_added() -> Iterator[tuple[Path, str]]:
    """Yield what modules, options and roles say about when they came."""
    for path in sorted([*Path("plugins").rglob("*.py"), *Path("roles").glob("*/meta/argument_specs.yml")]):
        for version in re.findall(r"version_added: *[\"']?([^\s\"']+)", path.read_text(encoding="utf-8")):
            yield path, version


def find_objection(version: str) -> str | None:
    if not version:
        return "say which version: make release ARGS=x.y.z"
    try:
        wanted = SemanticVersion(version)
    except ValueError:
        return f"{version} is not a semantic version: use x.y.z, or x.y.z-rc.1 for a candidate"
    released = list_released()
    if released and wanted <= SemanticVersion(released[-1]):
        return f"{version} is not newer than {released[-1]}, the last release in {CHANGELOG}"
    standing = yaml.safe_load(Path("galaxy.yml").read_text(encoding="utf-8"))["version"]
    if wanted < SemanticVersion(standing):
        return f"{version} is older than {standing}, the version in galaxy.yml"
    for path, added in find_versions_added():
        # The changelog announces what is as new as the release; what says otherwise would never be announced.
        if added != version and added not in released:
            return f"{path} says version_added: {added}, which is neither {version} nor a release before it"
    return None


if __name__ == "__main__":
    objection = find_objection(sys.argv[1])
    if objection:
        sys.exit(f"make release: {objection}.")

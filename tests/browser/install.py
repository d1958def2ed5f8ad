# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""install.py DIRECTORY PACKAGE...: install these Debian packages, and what tests/browser needs from npm into DIRECTORY, if that is not "-".

Installing packages needs root and apt. Otherwise this fails and names the packages that are missing.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
POLICY = Path("/usr/sbin/policy-rc.d")
#: The commands of a package whose name is not its only command.
COMMANDS = {
    "nodejs": ["node"],
    "ffmpeg": ["ffmpeg", "ffprobe"],
    "systemd-container": ["systemd-nspawn"],
    "openssh-client": ["ssh", "ssh-keygen"],
    "openjdk-17-jre-headless": ["java"],
}


def find_missing(packages: list[str]) -> list[str]:
    def is_there(package: str) -> bool:
        if package == "libnginx-mod-rtmp":
            return bool(list(Path("/usr").glob("lib*/nginx/modules/ngx_rtmp_module.so")))
        return all(map(shutil.which, COMMANDS.get(package, [package])))

    return [package for package in packages if not is_there(package)]


def apt_install(packages: list[str]) -> None:
    """Install them without starting their services, which a policy forbids for as long as this takes."""
    has_policy = POLICY.exists()
    if not has_policy:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
    try:
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            subprocess.run(
                ["apt-get", "--quiet=2", *command],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                check=False,
            )
    finally:
        if not has_policy:
            POLICY.unlink()


def npm_install(directory: Path) -> None:
    installed = directory / "installed.json"
    if installed.exists() and filecmp.cmp(HERE / "package-lock.json", installed, shallow=False):
        return
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy2(HERE / name, directory)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel", "error"]
    subprocess.run(["npm", "--prefix", str(directory), "ci", "--cache", str(directory / "npm"), *quiet], check=True)
    shutil.copy2(HERE / "package-lock.json", installed)


def main(directory: Path, packages: list[str]) -> None:
    missing = find_missing(packages)
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {' '.join(missing)} ...", flush=True)
        apt_install(missing)
        missing = find_missing(packages)
    if missing:
        sys.exit(f"These Debian packages are missing and could not be installed: {' '.join(missing)}. Install them, or run this as root.")
    if str(directory) != "-":
        npm_install(directory)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

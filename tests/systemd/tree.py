# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tree.py FOLDER: install what the session systemd needs, and make the Debian in FOLDER/tree that systemd-nspawn boots.

Prints one line if that is impossible on this machine: the reason. Progress goes to stderr.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))

from install import apt_install, find_missing

ON_THE_HOST = ["mmdebstrap", "systemd-container", "openssh-client", "nginx", "libnginx-mod-rtmp"]
# An encoder host as people have it: ssh, a user who may use sudo, and ffmpeg, so that a run of the tests needs no network.
IN_THE_TREE = ["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "python3", "python3-apt", "ffmpeg"]
SETUP = r"""
printf 'ListenAddress 127.0.0.1\n' >"$1/etc/ssh/sshd_config.d/loopback.conf"
chroot "$1" useradd --create-home --shell /bin/bash technician
printf 'technician ALL=(ALL) NOPASSWD: ALL\n' >"$1/etc/sudoers.d/technician"
printf '127.0.0.1 localhost studio\n' >"$1/etc/hosts"
rm -f "$1/etc/hostname"
systemctl --root="$1" --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer
"""
# End all mounts and processes of mmdebstrap with it, because `make clean` would empty the host's /dev through a mount.
CONTAINED = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
LEAN = ["--dpkgopt=force-unsafe-io", "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*"]


def find_sources(system: dict[str, str]) -> list[str]:
    """Return the files with the host's own apt sources for its distribution; those of other vendors do not matter here."""
    command = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(SOURCESENTRY)", "Created-By: Packages"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    own = [line.split(" ", 1)[1] for line in listed if line.lower().startswith(f"{system['ID']} ")]
    return sorted({entry.rpartition(":")[0] for entry in own})


def find_error(output: str) -> str:
    """Return the first line that is an error, or else the last line."""
    lines = output.strip().splitlines() or ["it said nothing"]
    return next((line for line in lines if line.startswith("E: ")), lines[-1])


def make_tree(folder: Path, system: dict[str, str]) -> str | None:
    """Make the tree, unless it is there and would be made the same; return why that was impossible."""
    tree, made = folder / "tree", folder / "made"
    wanted = hashlib.sha256(repr([system["VERSION_CODENAME"], IN_THE_TREE, SETUP, LEAN]).encode()).hexdigest()
    if made.exists() and made.read_text(encoding="utf-8") == wanted:
        return None
    made.unlink(missing_ok=True)
    if not find_sources(system):
        subprocess.run(["apt-get", "--quiet=2", "update"], stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    sources = find_sources(system)
    if not sources:
        return f"apt has no sources of {system['ID']}"
    print(f"Making {tree} with mmdebstrap ...", file=sys.stderr, flush=True)
    shutil.rmtree(tree, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # How the host's apt reaches its sources: proxies, perhaps with a password, certificates, and timeouts.
    (folder / "apt.conf").write_bytes(subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, check=True).stdout)
    options = ["--mode=root", "--variant=minbase", f"--include={','.join(IN_THE_TREE)}", *LEAN]
    command = [*CONTAINED, "mmdebstrap", *options, f"--aptopt={folder}/apt.conf", system["VERSION_CODENAME"], str(tree), *sources]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    (folder / "mmdebstrap.log").write_text(run.stdout + run.stderr, encoding="utf-8")
    if run.returncode != 0:
        return f"mmdebstrap made no tree: {find_error(run.stderr)}"
    subprocess.run(["sh", "-euc", SETUP, "sh", str(tree)], check=True)
    made.write_text(wanted, encoding="utf-8")
    return None


def prepare(folder: Path) -> str | None:
    """Prepare everything; return why that was impossible."""
    if os.geteuid() != 0:
        return "systemd-nspawn and mmdebstrap need root"
    if find_missing(ON_THE_HOST) and shutil.which("apt-get"):
        print(f"Installing {' '.join(find_missing(ON_THE_HOST))} ...", file=sys.stderr, flush=True)
        apt_install(find_missing(ON_THE_HOST))
    if find_missing(ON_THE_HOST):
        return f"these Debian packages are missing and could not be installed: {' '.join(find_missing(ON_THE_HOST))}"
    reason = make_tree(folder, platform.freedesktop_os_release())
    if reason:
        return reason
    command = ["systemd-nspawn", "--register=no", "--keep-unit", "--volatile=overlay", f"--directory={folder}/tree", "/bin/true"]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return f"systemd-nspawn does not work: {find_error(run.stderr)}" if run.returncode else None


if __name__ == "__main__":
    print(prepare(Path(sys.argv[1]).resolve()) or "", end="")

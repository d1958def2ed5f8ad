# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Debian with its own systemd, which shares the network of this machine. Users reach it by ssh, and so does the test."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path
from typing import Iterator

from servers import free_port, is_listening, running, wait_for

SSHD = """\
Port {port}
AuthorizedKeysFile /etc/ssh/authorized_keys
PasswordAuthentication no
"""
SSH = """\
Host studio
    HostName 127.0.0.1
    Port {port}
    User technician
    IdentityFile {folder}/key
    IdentitiesOnly yes
    HostKeyAlias studio
    UserKnownHostsFile {folder}/known_hosts
    GlobalKnownHostsFile /dev/null
    BatchMode yes
    ConnectTimeout 10
    LogLevel ERROR
    ControlPath {folder}/master
"""


def run_on(folder: Path, script: str, check: bool = True) -> str:
    """Run a script as root on the machine that was booted with this folder, and return what it prints."""
    command = ["ssh", "-F", str(folder / "ssh_config"), "studio", "sudo", "sh", "-eu"]
    return subprocess.run(command, input=script, capture_output=True, text=True, timeout=600, check=check).stdout


def write_settings(folder: Path, tree: Path, port: int) -> None:
    """Write both ends of the connection: a new key, who is known, and where to listen."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    host_key = (tree / "etc/ssh/ssh_host_ed25519_key.pub").read_text(encoding="utf-8")
    (folder / "known_hosts").write_text(f"studio {host_key}", encoding="utf-8")
    (folder / "sshd.conf").write_text(SSHD.format(port=port), encoding="utf-8")
    (folder / "ssh_config").write_text(SSH.format(port=port, folder=folder), encoding="utf-8")


@contextlib.contextmanager
def booted(tree: Path, folder: Path) -> Iterator[None]:
    """Boot the tree, which stays as it is: what the machine writes is in memory, and gone with it."""
    port = free_port()
    write_settings(folder, tree, port)
    files = {"sshd.conf": "/etc/ssh/sshd_config.d/test.conf", "key.pub": "/etc/ssh/authorized_keys"}
    binds = [f"--bind-ro={folder / source}:{target}" for source, target in files.items()]
    # Without registration, because this machine itself might have no systemd. The machine ends with the process that booted it.
    options = ["--quiet", "--boot", "--register=no", "--keep-unit", "--volatile=overlay", "--settings=no", "--link-journal=no"]
    names = ["--machine=studio", "--hostname=studio", "--resolv-conf=off", "--timezone=off", f"--directory={tree}"]
    command = ["setpriv", "--pdeathsig", "TERM", "systemd-nspawn", *options, *names, *binds]
    with running(command, folder / "machine.log") as process:

        def is_up() -> bool:
            assert process.poll() is None, (folder / "machine.log").read_text(encoding="utf-8", errors="replace")
            return is_listening(port) and run_on(folder, "systemctl is-system-running", check=False).strip() in {"running", "degraded"}

        wait_for("the machine has booted", is_up, 300)
        # One connection for all that follows, Ansible's tasks too.
        connection = ["ssh", "-F", str(folder / "ssh_config"), "-M", "-N", "studio"]
        with running(connection, folder / "ssh.log"):
            wait_for("the connection stands", (folder / "master").exists, 60)
            yield

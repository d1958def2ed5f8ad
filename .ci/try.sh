#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# try.sh TARBALL VENV...: with the ansible-core of each of these virtual environments what a new user does: installs the tarball
# into an empty home, reads the documentation of all that is in it, and runs a task twice, here against the simulator.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

tarball=$1
shift
private_home
use_venv venv
ready=$PWD/.build/try/simulator.json
start_simulator "$ready"
mapfile -t account < <(print_account "$ready")
output=$PWD/.build/try/output

# run WANTED COMMAND...: as the user, and what it says has the pattern WANTED in it.
run() {
    local wanted=$1
    shift
    if ! (cd "$home" && env -i PATH="$venv/bin:$PATH" HOME="$home" LANG=C.UTF-8 ANSIBLE_NOCOLOR=1 "${account[@]}" "$@") \
        >"$output" 2>&1 </dev/null || ! grep -qE "$wanted" "$output"; then
        cat "$output" >&2
        echo "Not as expected, with $core: $*" >&2
        exit 1
    fi
}

for venv in "$@"; do
    venv=$(realpath "$venv")
    core="ansible-core $("$venv/bin/python" -c 'from ansible.release import __version__; print(__version__)')"
    home=$PWD/.build/try/home
    rm -rf "$home"
    mkdir -p "$home"
    run 'was installed successfully' ansible-galaxy collection install "$tarball" --offline
    mapfile -t modules < <(basename --suffix .py --multiple plugins/modules/*.py)
    mapfile -t roles < <(basename --multiple roles/*)
    for name in "${modules[@]}"; do run 'EXAMPLES' ansible-doc "streamops.realtimekit.$name"; done
    for name in "${roles[@]}"; do run 'ENTRY POINT' ansible-doc --type role "streamops.realtimekit.$name"; done
    # By its name in PATH, which has requests: the interpreter's whole path may have spaces.
    task=(ansible localhost --extra-vars ansible_python_interpreter=python3 -m streamops.realtimekit.rtk_livestream -a "name='$core'")
    run '^localhost \| CHANGED' "${task[@]}"
    run '^localhost \| SUCCESS' "${task[@]}"
    echo "$core installs ${tarball##*/}, documents ${modules[*]} ${roles[*]}, and runs a task."
done

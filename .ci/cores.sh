#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# cores.sh [VERSION...]: every ansible-core of tests/versions.toml, or those named, in .build/cores/VERSION/, with what modules need.
# One that cannot be had here is told in one line, which also goes to .build/cores/VERSION.missing. Fails if none can be had.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

# missing VERSION REASON
missing() {
    printf '%s\n' "ansible-core $1 cannot be had here: $2" | tee ".build/cores/$1.missing"
}

# install VERSION PYTHON...: into .build/cores/VERSION/, unless it is there already.
install() {
    local version=$1 venv=.build/cores/$1 python
    local packages=("ansible-core==$version" "$(grep '^requests==' requirements-demo.txt)")
    shift
    if [[ -f $venv/installed && $(<"$venv/installed") == "${packages[*]}" ]]; then return; fi
    rm -rf "$venv" "$venv.missing"
    if ! python=$(find_python "$@"); then
        missing "$version" "it runs on Python ${*/%/,} and none of these is in PATH or pyenv"
        return
    fi
    echo "Installing ansible-core $version on $("$python" --version) ..."
    "$python" -m venv "$venv"
    if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" >"$venv/pip.log" 2>&1; then
        missing "$version" "$(grep '^ERROR' "$venv/pip.log" | tail -n 1 || true)"
        rm -rf "$venv"
        return
    fi
    printf '%s\n' "${packages[*]}" >"$venv/installed"
}

mkdir -p .build/cores
had=0
while read -r version pythons; do
    if (($#)) && [[ " $* " != *" $version "* ]]; then continue; fi
    # shellcheck disable=SC2086  # several words
    install "$version" $pythons
    if [[ -f .build/cores/$version/installed ]]; then had=$((had + 1)); fi
done < <(.build/venv/bin/python .ci/versions.py cores)
if ((had == 0)); then
    echo "No ansible-core of tests/versions.toml can be had here${*:+, of those named: $*}." >&2
    exit 1
fi

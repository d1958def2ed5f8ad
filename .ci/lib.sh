# shellcheck shell=bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What the scripts beside this one share. To be sourced; leaves the caller in the checkout's root.

set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Where the copies, homes and simulators of what runs in this LANE lie: two scripts that run side by side need one each.
state=.build${LANE:+/lanes/$LANE}
simulator='' spaceless=''
finish() {
    if [[ $simulator ]]; then
        kill "$simulator" 2>/dev/null || true
        wait "$simulator" 2>/dev/null || true
    fi
    if [[ $spaceless ]]; then rm -rf "$spaceless"; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# clean_copy PURPOSE: copy what git would commit below a tree of its own, as a repository of its own, and print its path:
# ansible-test asks git which files there are, and ansible-galaxy packs whatever it finds.
clean_copy() {
    local tree=$PWD/$state/copies/$1
    local copy=$tree/ansible_collections/streamops/realtimekit
    rm -rf "$tree"
    mkdir -p "$copy"
    git ls-files --cached --others --exclude-standard -z |
        while IFS= read -r -d '' file; do
            if [[ -e $file || -L $file ]]; then printf '%s\0' "$file"; fi # a file may be deleted and that not yet committed
        done |
        xargs -0 cp -P --preserve=timestamps --parents --target-directory="$copy" --
    git -C "$copy" init --quiet
    printf '%s\n' "$copy"
}

# private_home: a HOME in .build/ for tools that fill theirs, with pip's settings and downloads from the real one.
private_home() {
    local home=$PWD/$state/home entry
    mkdir -p "$home/.config" "$home/.cache"
    for entry in .config/pip .cache/pip .pip; do
        if [[ -d ${HOME:-}/$entry && ! -e $home/$entry ]]; then ln -sfn "$HOME/$entry" "$home/$entry"; fi
    done
    export HOME=$home
}

# use_venv NAME: its tools first, and they find the checkout as a collection. pyenv's real Pythons come before pyenv's shims,
# which ansible-test cannot use; nor can it use a Python whose path has spaces, so such a one gets another path for a while.
use_venv() {
    local venv=$PWD/.build/$1 bin
    if command -v pyenv >/dev/null; then
        for bin in "$(pyenv root)"/versions/*/bin; do PATH=$bin:$PATH; done
    fi
    if [[ $venv == *[[:space:]]* ]]; then
        : "${spaceless:=$(mktemp -d /tmp/venv-XXXXXX)}"
        ln -sfn "$venv" "$spaceless/${1##*/}"
        venv=$spaceless/${1##*/}
    fi
    export PATH=$venv/bin:$PATH ANSIBLE_COLLECTIONS_PATH=$PWD/.build/tree
}

# find_python VERSION...: the first of these Pythons, such as 3.11, that can make virtual environments; from PATH or from pyenv.
find_python() {
    local version python
    for version in "$@"; do
        for python in $(type -ap "python$version") "${PYENV_ROOT:-${HOME:-}/.pyenv}/versions/$version".*/bin/python; do
            # A shim of pyenv may be in PATH and yet have no Python behind it.
            if "$python" -c 'import ensurepip, sys, venv; sys.exit("%d.%d" % sys.version_info[:2] != sys.argv[1])' "$version" 2>/dev/null; then
                printf '%s\n' "$python"
                return
            fi
        done
    done
    return 1
}

# use_core: the ansible-core of .build/cores/ that CORE names, if it does; for the rest, and without it, the tools of `make test`.
use_core() {
    use_venv venv
    if [[ ${CORE:-} ]]; then use_venv "cores/$CORE"; fi
}

# print_account READY: what a simulator has said of its account, as NAME=VALUE lines of the variables that the modules read.
print_account() {
    python - "$1" <<'END'
import json, sys

names = {"BASE_URL": "api_url", "API_TOKEN": "token", "ACCOUNT_ID": "account_id", "REALTIMEKIT_APP_ID": "app_id"}
with open(sys.argv[1]) as ready:
    facts = json.load(ready)
for name, fact in names.items():
    print(f"CLOUDFLARE_{name}={facts[fact]}")
END
}

# start_simulator READY: serve a simulated account on a free port until this script ends, however it ends. The file READY
# then holds what there is to know about it, as JSON: url, api_url, token, account_id, app_id, meetings.
start_simulator() {
    local ready=$1 deadline=$((SECONDS + 20))
    mkdir -p "$(dirname "$ready")"
    rm -f "$ready"
    python tests/simulator --port 0 --ready-file "$ready" --ttl 3600 >"$ready.log" 2>&1 </dev/null &
    simulator=$!
    until [[ -s $ready ]]; do
        if ! kill -0 "$simulator" 2>/dev/null || ((SECONDS > deadline)); then
            echo "The simulator did not start:" >&2
            cat "$ready.log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# missing_browser: the Debian packages that a test in a browser needs and that are not there.
missing_browser() {
    command -v chromium >/dev/null || echo chromium
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
}

# install_packages PACKAGE...: without starting the services in them, which a policy forbids for as long as this takes.
install_packages() (
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet=2
    apt-get install --quiet=2 --yes --no-install-recommends "$@"
)

# need_packages TARGET MISSING: have the Debian packages that the function MISSING prints. They are installed where that is
# allowed, which is for root with apt; else this ends, and names them.
need_packages() {
    local target=$1 missing=$2 log=.build/apt.log packages
    mapfile -t packages < <("$missing")
    if ((${#packages[@]})) && ((EUID == 0)) && command -v apt-get >/dev/null; then
        echo "Installing ${packages[*]} ..."
        mkdir -p .build
        install_packages "${packages[@]}" >"$log" 2>&1 </dev/null || tail -n 20 "$log" >&2
        mapfile -t packages < <("$missing")
    fi
    if ((${#packages[@]})); then
        echo "$target needs these Debian packages, and may not or cannot install them: ${packages[*]}" >&2
        exit 1
    fi
}

# use_browser: what tests/browser/ needs from npm, in NODE_MODULES. To be called before HOME changes: npm's settings may be there.
use_browser() {
    local node=$PWD/.build/browser
    if ! cmp --silent tests/browser/package-lock.json "$node/installed.json"; then
        mkdir -p "$node"
        cp tests/browser/package.json tests/browser/package-lock.json "$node"
        npm --prefix "$node" ci --cache "$node/npm" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel error
        cp tests/browser/package-lock.json "$node/installed.json"
    fi
    export NODE_MODULES=$node/node_modules
}

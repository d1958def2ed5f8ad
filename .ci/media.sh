#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# media.sh [ARGUMENT...]: real video through the roles; arguments go to pytest. What is missing is installed where that is allowed,
# which is for root with apt, else it is named. Pictures of the page and the logs are left in .build/media/.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

# missing: the Debian packages of what is not there.
missing() {
    local modules=(/usr/lib*/nginx/modules/ngx_rtmp_module.so)
    command -v nginx >/dev/null || echo nginx
    [[ -e ${modules[0]} ]] || echo libnginx-mod-rtmp
    command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || echo ffmpeg
    command -v chromium >/dev/null || echo chromium
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
}

# install PACKAGE...: without starting the system's nginx, which a policy forbids for as long as this takes.
install() (
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

mkdir -p .build/media
mapfile -t packages < <(missing)
if ((${#packages[@]})) && ((EUID == 0)) && command -v apt-get >/dev/null; then
    echo "Installing ${packages[*]} ..."
    install "${packages[@]}" >.build/media/apt.log 2>&1 </dev/null || tail -n 20 .build/media/apt.log >&2
    mapfile -t packages < <(missing)
fi
if ((${#packages[@]})); then
    echo "make test-media needs these Debian packages, and may not or cannot install them: ${packages[*]}" >&2
    exit 1
fi

# Before HOME changes: npm's settings may be there.
node=$PWD/.build/media/node
if ! cmp --silent tests/media/package-lock.json "$node/installed.json"; then
    mkdir -p "$node"
    cp tests/media/package.json tests/media/package-lock.json "$node"
    npm --prefix "$node" ci --cache "$PWD/.build/media/npm" --ignore-scripts --no-audit --no-fund --loglevel error
    cp tests/media/package-lock.json "$node/installed.json"
fi

private_home
use_venv venv
export NODE_MODULES=$node/node_modules
pytest tests/media "$@"
echo "Pictures of the page: .build/media/wide.png, narrow.png and dark.png"

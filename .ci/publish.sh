#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# publish.sh [--check]: the tarball of `make build` to Galaxy, if this commit has its version as a tag; with --check only that is seen.
# GALAXY_TOKEN is the token for Galaxy. GALAXY_URL is another Galaxy, such as one to try it on.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

version=$(awk '$1 == "version:" { print $2 }' galaxy.yml)
if ! git tag --points-at HEAD | grep --quiet --line-regexp --fixed-strings -- "$version"; then
    tags=$(git tag --points-at HEAD | paste --serial --delimiters ' ')
    echo "The version in galaxy.yml is $version, but this commit has ${tags:-no tag}${tags:+ as its tag}." >&2
    exit 1
fi
if [[ ${1:-} == --check ]]; then exit; fi

tarball=.build/dist/streamops-realtimekit-$version.tar.gz
if [[ ! -f $tarball ]]; then
    echo "There is no $tarball. Make it first: make build" >&2
    exit 1
fi
if [[ ! ${GALAXY_TOKEN:-} ]]; then
    echo "GALAXY_TOKEN is not set: the token of your account, from https://galaxy.ansible.com/ui/token/." >&2
    exit 1
fi

private_home
use_venv demo-venv
# In the environment, because a command line can be read by every process.
export ANSIBLE_GALAXY_SERVER_LIST=target
export ANSIBLE_GALAXY_SERVER_TARGET_URL=${GALAXY_URL:-https://galaxy.ansible.com/} ANSIBLE_GALAXY_SERVER_TARGET_TOKEN=$GALAXY_TOKEN
ansible-galaxy collection publish "$tarball"

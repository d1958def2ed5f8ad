#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# publish.sh [--check]: send the tarball of the session build to Galaxy, if this commit has its version as a tag. With --check, only
# check the tag. GALAXY_TOKEN is the token for Galaxy. GALAXY_URL is another Galaxy, such as one for tests.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() { printf '%s\n' "$1" >&2; exit 1; }

version=$(awk '$1 == "version:" { print $2 }' galaxy.yml)
if ! git tag --points-at HEAD | grep --quiet --line-regexp --fixed-strings -- "$version"; then
    tags=$(git tag --points-at HEAD | paste --serial --delimiters ' ')
    fail "The version in galaxy.yml is $version, but this commit has ${tags:-no tag}${tags:+ as its tag}."
fi
if [[ ${1:-} == --check ]]; then exit; fi

tarball=.build/dist/streamops-realtimekit-$version.tar.gz
[[ -f $tarball ]] || fail "There is no $tarball. Build it first: make build"
[[ ${GALAXY_TOKEN:-} ]] || fail "GALAXY_TOKEN is not set. Copy the token of your account from https://galaxy.ansible.com/ui/token/."

# In the environment, because every process can read a command line.
export ANSIBLE_GALAXY_SERVER_LIST=target
export ANSIBLE_GALAXY_SERVER_TARGET_URL=${GALAXY_URL:-https://galaxy.ansible.com/} ANSIBLE_GALAXY_SERVER_TARGET_TOKEN=$GALAXY_TOKEN
ansible-galaxy collection publish "$tarball"

#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# build.sh: the collection's tarball from a clean copy, installed once to see that ansible finds the modules in it.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

copy=$(clean_copy build)
private_home
use_venv venv
rm -rf .build/dist .build/installed
ansible-galaxy collection build "$copy" --output-path .build/dist
export ANSIBLE_COLLECTIONS_PATH=$PWD/.build/installed
ansible-galaxy collection install .build/dist/*.tar.gz --offline
ansible-doc --list streamops.realtimekit

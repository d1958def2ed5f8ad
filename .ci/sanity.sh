#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# sanity.sh [ARGUMENT...]: ansible-test sanity on a clean copy; arguments go to ansible-test.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

copy=$(clean_copy sanity)
private_home
use_venv venv
python .ci/pip_bootstrap.py
cd "$copy"
python "$(command -v ansible-test)" sanity "$@"
echo "ansible-test sanity passed: $(ansible --version | head -n 1)"

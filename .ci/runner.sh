#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# runner.sh [ARGUMENT...]: the built and installed collection, run by ansible-runner as AWX does and by hand as its pages say;
# arguments go to pytest.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

private_home
use_venv venv
pytest tests/runner --durations=5 "$@"

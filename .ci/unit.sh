#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# unit.sh PERCENT [ARGUMENT...]: the unit tests, and which lines of plugins/ they reach. Without arguments for pytest everything
# runs, and then at least PERCENT of the lines and branches of module_utils have to be reached.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

wanted=$1
shift
private_home
use_venv venv

coverage run -m pytest tests/unit --ignore-glob 'tests/unit/test_house*' "$@"
coverage report
if (($# == 0)); then
    reached=$(coverage report --include='plugins/module_utils/*' --format=total --precision=2)
    echo "module_utils: $reached % of lines and branches reached, $wanted % wanted"
    coverage report --include='plugins/module_utils/*' --format=total --fail-under="$wanted" >/dev/null
fi

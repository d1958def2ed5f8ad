#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# integration.sh [TARGET...]: ansible-test integration on a clean copy, against a simulator; all targets unless some are named.
# A target finds the simulator in the variable rtk_simulator (url, api_url, token, account_id, app_id, meetings).

set -euo pipefail
source "$(dirname "$0")/lib.sh"

copy=$(clean_copy integration)
ready=$PWD/.build/integration/simulator.json
private_home
use_venv venv
start_simulator "$ready"
# JSON is YAML; ansible-test gives every target the variables in this file.
printf '{"rtk_simulator": %s}\n' "$(cat "$ready")" >"$copy/tests/integration/integration_config.yml"
cd "$copy"
python "$(command -v ansible-test)" integration "$@"
echo "ansible-test integration passed: $(ansible --version | head -n 1), ${*:-$(cd tests/integration/targets && echo *)}"

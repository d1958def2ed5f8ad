#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# chaos.sh N SEED [ARGUMENT...]: the modules under faults until N requests have met one, from the episode SEED on. Without N and
# SEED: first the chaos run's own tests, then as many episodes as `make test` has time for.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

requests=$1 seed=$2
shift 2
use_venv venv

if [[ -z $requests$seed ]]; then pytest tests/chaos; fi
python tests/chaos --requests "${requests:-10000}" --seed "${seed:-1}" "$@"

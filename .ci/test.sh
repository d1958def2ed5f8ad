#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# test.sh STAGE...: make these targets one after another, stop at the first that fails, and say how long each took.

set -euo pipefail
cd "$(dirname "$0")/.."

summary=''
for stage in "$@"; do
    printf '\n== %s\n' "$stage"
    start=$SECONDS
    if "${MAKE:-make}" --no-print-directory "$stage"; then outcome=passed; else outcome=FAILED; fi
    summary+=$(printf '  %-12s %s %4d s' "$stage" "$outcome" "$((SECONDS - start))")$'\n'
    if [[ $outcome == FAILED ]]; then
        printf '\nmake test stopped: "make %s" failed.\n%s' "$stage" "$summary" >&2
        exit 1
    fi
done
printf '\nmake test passed in %d s:\n%s' "$SECONDS" "$summary"

#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# lint.sh: what can be said about the code without running it. All of it is looked at, and the failures are named at the end.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

private_home
use_venv venv

failed=()
check() {
    printf '\n-- %s\n' "$*"
    "$@" || failed+=("${*:1:2}")
}
check ruff check
check ruff format --check
mypy_plugins() { (cd .build/tree && mypy --config-file ../../pyproject.toml ansible_collections/streamops/realtimekit/plugins); }
check mypy_plugins
check antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all --disallow-unknown-collection-refs .
check antsibull-changelog lint
check reuse lint --lines
check ansible-lint

if ((${#failed[@]})); then
    (IFS=, && echo "make lint failed: ${failed[*]}" >&2)
    exit 1
fi

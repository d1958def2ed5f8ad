#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# lint.sh [LINTER...]: what can be said about the code without running it; all linters unless some are named, such as ruff.
# All of it is looked at, and the failures are named at the end.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

private_home
use_venv venv

wanted=("$@") ran=0 failed=()
# check LINTER ARGUMENT...
check() {
    if ((${#wanted[@]})) && [[ " ${wanted[*]} " != *" $1 "* ]]; then return; fi
    ran=$((ran + 1))
    printf '\n-- %s\n' "$*"
    "$@" || failed+=("${*:1:2}")
}
mypy() { (cd .build/tree && command mypy --config-file ../../pyproject.toml "ansible_collections/streamops/realtimekit/$1"); }
check ruff check
check ruff format --check
check mypy plugins
check antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=all --disallow-unknown-collection-refs .
check antsibull-changelog lint
if [[ -e changelogs/changelog.yaml ]]; then check antsibull-changelog lint-changelog-yaml --strict changelogs/changelog.yaml; fi
check reuse lint --lines
check ansible-lint
check check-jsonschema --builtin-schema=vendor.github-workflows .github/workflows/*.yml
check check-jsonschema --builtin-schema=vendor.dependabot .github/dependabot.yml
check check-jsonschema --builtin-schema=vendor.github-issue-forms .github/ISSUE_TEMPLATE/{bug,feature}.yml
check check-jsonschema --builtin-schema=vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
check zizmor --offline --no-progress --quiet --persona=auditor .github

if ((${#failed[@]})); then
    (IFS=, && echo "make lint failed: ${failed[*]}" >&2)
    exit 1
fi
if ((ran == 0)); then
    echo "make lint knows no ${wanted[*]}." >&2
    exit 1
fi

#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# docs.sh: the site of guides, modules and roles, in .build/docs/html/. A warning is an error; nothing is fetched.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

pages=$(clean_copy docs)
site=$PWD/.build/docs/html
private_home
use_venv docs-venv

# Every page lies as it does in the repository, for that is how they refer to each other.
cp docs/site/index.md "$pages"
mkdir -m 755 "$pages/collection"
antsibull-docs collection --use-current --squash-hierarchy --fail-on-error --dest-dir "$pages/collection" streamops.realtimekit
rm -rf "$site"
sphinx-build --builder html --conf-dir docs/site --doctree-dir .build/docs/doctrees --fresh-env \
    --fail-on-warning --keep-going --quiet "$pages" "$site"
echo "The site: $site/index.html"

#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# build.sh: the collection's tarball from a clean copy. It has what users need, Galaxy's importer has nothing to say about it, and
# it serves whoever installs it.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

copy=$(clean_copy build)
private_home
use_venv venv
rm -rf .build/dist
ansible-galaxy collection build "$copy" --output-path .build/dist
tarball=$(echo "$PWD"/.build/dist/*.tar.gz)
python .ci/contents.py "$tarball" "$copy"

# The importer warns and yet ends with 0, and skips ansible-lint without a word if it does not find it.
log=$PWD/.build/dist/importer.log
if ! (cd .build/dist && GALAXY_IMPORTER_CHECK_REQUIRED_TAGS=true python -m galaxy_importer.main "$tarball") >"$log" 2>&1 ||
    ! grep -q 'ansible-lint run complete' "$log" ||
    ! grep -q 'Importer processing completed successfully' "$log" ||
    grep -qE 'WARN|ERROR|CRITICAL' "$log"; then
    cat "$log" >&2
    echo "Galaxy's importer is not content with ${tarball##*/}." >&2
    exit 1
fi
echo "Galaxy's importer has nothing to say."

.ci/try.sh "$tarball" .build/venv

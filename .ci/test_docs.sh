#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# test_docs.sh [ARGUMENT...]: the site that docs.sh has built, in a browser; arguments go to pytest. Pictures are left in .build/docs/.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

need_packages "make test-docs" missing_browser
use_browser
private_home
use_venv venv
pytest tests/docs "$@"
echo "Pictures of the site, wide and narrow, light and dark: .build/docs/*.png"

#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# media.sh [ARGUMENT...]: real video through the roles; arguments go to pytest. What is missing is installed where that is allowed,
# which is for root with apt, else it is named. Pictures of the page and the logs are left in .build/media/.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

missing() {
    local modules=(/usr/lib*/nginx/modules/ngx_rtmp_module.so)
    command -v nginx >/dev/null || echo nginx
    [[ -e ${modules[0]} ]] || echo libnginx-mod-rtmp
    command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null || echo ffmpeg
    missing_browser
}

need_packages "make test-media" missing
use_browser
private_home
use_venv venv
pytest tests/media "$@"
echo "Pictures of the page: .build/media/wide.png, narrow.png and dark.png"

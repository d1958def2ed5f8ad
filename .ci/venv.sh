#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# venv.sh PYTHON DIRECTORY REQUIREMENTS: a virtual environment with these requirements, a new one when they have changed.

set -euo pipefail
python=$1 directory=$2 requirements=$3

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "$("$python" --version) is too old: Python 3.11 or newer is needed, for example: make PYTHON=python3.11 test" >&2
    exit 1
}
echo "Installing $requirements into $directory ..."
"$python" -m venv --clear "$directory"
"$directory/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --requirement "$requirements"

#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ansible_test.sh sanity|units|integration [ARGUMENT...]: ansible-test on a clean copy, integration against a simulator; arguments go
# to ansible-test. From the environment:
#   CORE             the ansible-core of .build/cores/ to run, else that of `make test`
#   TARGET_PYTHON    where units and modules run, such as 3.8, in a virtual environment that ansible-test makes
#   TARGET_REQUESTS  the version of requests in that
# An integration target finds the simulator in the variable rtk_simulator (url, api_url, token, account_id, app_id, meetings), and in
# rtk_target what modules are to run with (python, requests).

set -euo pipefail
source "$(dirname "$0")/lib.sh"

kind=$1
shift
copy=$(clean_copy "$kind")
private_home
use_venv venv
if [[ $kind == integration ]]; then
    ready=$PWD/${state:?}/integration/simulator.json
    start_simulator "$ready"
fi
use_core
python .ci/pip_bootstrap.py
command=(python "$(command -v ansible-test)" "$kind" --color no)
if [[ ${TARGET_PYTHON:-} ]]; then command+=(--venv --python "$TARGET_PYTHON"); fi
if [[ ${TARGET_REQUESTS:-} ]]; then
    printf 'requests==%s\n' "$TARGET_REQUESTS" | tee "$copy/tests/unit/constraints.txt" >"$copy/tests/integration/constraints.txt"
fi
if [[ $kind == integration ]]; then
    # JSON is YAML; ansible-test gives every target the variables in this file.
    python - "$ready" >"$copy/tests/integration/integration_config.yml" <<'END'
import json, os, platform, sys
from importlib.metadata import version

python = os.environ.get("TARGET_PYTHON") or ".".join(platform.python_version_tuple()[:2])
requests = os.environ.get("TARGET_REQUESTS") or version("requests")
print(json.dumps({"rtk_simulator": json.load(open(sys.argv[1])), "rtk_target": {"python": python, "requests": requests}}))
END
fi
if [[ $kind == sanity ]]; then
    for test in $(python .ci/unreachable.py); do command+=(--skip-test "$test"); done
fi
cd "$copy"
"${command[@]}" "$@"
echo "ansible-test $kind passed: ansible-core $(python -c 'from ansible.release import __version__; print(__version__)')${*:+, $*}"

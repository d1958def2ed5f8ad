#!/usr/bin/env bash
# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# demo.sh: a day of two livestreams, by real ansible runs against a simulated account. Every step says whether it must change
# something; what it did change is read from what ansible printed.

set -euo pipefail
source "$(dirname "$0")/lib.sh"

ready=.build/demo/simulator.json
output=.build/demo/output
private_home
use_venv demo-venv
export ANSIBLE_CONFIG=$PWD/tests/demo/ansible.cfg

start_simulator "$ready"
mapfile -t account < <(print_account "$ready")
export "${account[@]}"

summary=''

# step WANTED TITLE COMMAND...: run it, show what it prints, and fail unless it did what is wanted: "changes" or "unchanged".
step() {
    local wanted=$1 title=$2 start=$SECONDS changed
    shift 2
    printf '\n=== %s\n$ %s\n\n' "$title" "$*"
    "$@" </dev/null | tee "$output"
    # A playbook ends with a recap that counts; an ad-hoc command says CHANGED or SUCCESS.
    changed=$(sed -n 's/^localhost .* changed=\([0-9]*\) .*/\1/p; s/^localhost | CHANGED .*/1/p; s/^localhost | SUCCESS .*/0/p' "$output")
    summary+=$(printf '  %-52s changed=%s  %2d s' "$title" "$changed" "$((SECONDS - start))")$'\n'
    case $wanted in
        changes) ((changed > 0)) ;;
        unchanged) ((changed == 0)) ;;
    esac || {
        echo "Not as expected: \"$title\" has changed=$changed, and $wanted was wanted." >&2
        exit 1
    }
}

start=(ansible-playbook tests/demo/start.yml --extra-vars "@$ready")
stop=(ansible-playbook tests/demo/stop.yml --extra-vars "@$ready")
observe=(ansible localhost -m streamops.realtimekit.rtk_livestream_info -a status=LIVE)
ensure=(ansible localhost -m streamops.realtimekit.rtk_livestream -a name=studio-feed)

step changes "Two meetings go live" "${start[@]}"
step unchanged "The same playbook again" "${start[@]}"
step unchanged "What is live now" "${observe[@]}"
live=$(grep -c '"status": "LIVE"' "$output" || true)
if [[ $live != 2 ]]; then
    echo "Not as expected: $live livestreams are LIVE, not 2." >&2
    exit 1
fi
step changes "A livestream of its own, for an encoder" "${ensure[@]}"
step unchanged "Asked for again, it is found" "${ensure[@]}"
step changes "Everything stops" "${stop[@]}"
step unchanged "Stopped again" "${stop[@]}"

cat <<END

=== What you have seen

$summary
  $live livestreams were LIVE in between, on a simulated account that served real HTTP at
  $CLOUDFLARE_BASE_URL and is gone now. To have one of your own: make simulator.
END

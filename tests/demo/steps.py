# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of the demo: a title, the command, and whether the command must change something."""

from __future__ import annotations

START = "ansible-playbook tests/demo/start.yml"
INFO = "ansible localhost -m streamops.realtimekit.rtk_livestream_info -a status=LIVE"
ENSURE = "ansible localhost -m streamops.realtimekit.rtk_livestream -a name=studio-feed"
STOP = "ansible-playbook tests/demo/stop.yml"

STEPS = [
    ("Create two rooms and start them", START, True),
    ("Run the same playbook again", START, False),
    ("Show what is live now", INFO, False),
    ("Create a livestream for an encoder", ENSURE, True),
    ("Run the same command again", ENSURE, False),
    ("Stop both rooms", STOP, True),
    ("Run the same playbook again to stop nothing", STOP, False),
]

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The attributes that all modules share."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what would change without changing it.
    support: full
  diff_mode:
    description: Returns in diff mode what has changed, or what would change in check mode.
  idempotent:
    description: A second run with the same options changes nothing, unless the state has changed in between.
  action_group:
    description: Uses the C(module_defaults) of the group C(group/streamops.realtimekit.realtimekit).
    support: full
    membership:
      - streamops.realtimekit.realtimekit
"""

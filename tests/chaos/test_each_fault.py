# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each fault, on each write, over real HTTP: one effect, ``changed: true``, and no failure."""

from __future__ import annotations

import pytest

from chaos.single import FAULTS, WRITES, play_ours

each_fault = pytest.mark.parametrize("fault", FAULTS)
each_write = pytest.mark.parametrize("write", WRITES)


@each_fault
@each_write
@pytest.mark.parametrize("times", [1, 3])
def test_ends_as_one_effect(write: str, fault: str, times: int) -> None:
    ended, ending = play_ours(write, fault, times)
    assert (ended.effects, ending.failed, ending.result["changed"]) == (1, False, True), ending
    (entry,) = ending.result["results" if write == "create" else "meetings"]
    assert entry["error"] is None
    assert entry["changed"] is True
    assert (entry["livestream"] is None) == (write == "stop")
    assert all(warning.startswith("Waited ") for warning in ending.warnings)

# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chaos run can fail: it must find each planted defect."""

from __future__ import annotations

import re
import warnings
from types import ModuleType
from typing import Any

import pytest

from chaos.campaign import judge
from chaos.checks import violations
from chaos.defects import DEFECTS
from chaos.drawing import draw
from chaos.episode import play

#: If this many episodes do not show a defect, the run cannot find it.
EPISODES = 600


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    defect = DEFECTS[name]
    for patch in defect.patches:
        # An instance may have what its class gets here. A name that a module has lost would plant nothing.
        monkeypatch.setattr(*patch, raising=isinstance(patch.owner, ModuleType))
    for seed in (defect.episode, *range(1, EPISODES + 1)):
        if not defect.where(draw(seed)):
            continue
        found = [text for _ending, text in violations(play(seed, defect.make)) if re.search(defect.found_as, text)]
        if found:
            print(f"episode {seed}: {found[0]}")
            if seed != defect.episode:
                warnings.warn(f"{name}: episode {defect.episode} no longer shows it. In Defect(...), write {seed}.", stacklevel=1)
            return
    raise AssertionError(f"{EPISODES} episodes do not show that {name}")


def test_without_a_defect_nothing_is_found() -> None:
    assert [judge(seed)[2] for seed in range(1, 11)] == [[]] * 10


@pytest.mark.parametrize("seed", range(1, 13))
def test_a_seed_repeats_its_episode(seed: int) -> None:
    def story() -> Any:
        episode = play(seed)
        requests = [(entry["time"], entry["agent"], entry["path"], entry["fault"]) for entry in episode.requests]
        endings = sorted((ending.job.number, ending.began, ending.ended, ending.failed, sorted(ending.kinds)) for ending in episode.endings)
        return requests, episode.effects, endings

    assert story() == story()

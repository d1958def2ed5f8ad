# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Could the chaos run fail at all? Each planted defect has to be found, and within a few episodes."""

from __future__ import annotations

import itertools
from typing import Any, Callable

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils import _client, _frame, _outcomes, _pacing, _present, _waiting
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import RealtimeKitError
from ansible_collections.streamops.realtimekit.plugins.module_utils._livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream

from chaos.campaign import judge
from chaos.checks import violations
from chaos.episode import play

#: A defect that so many episodes do not show is one that the run is blind to.
EPISODES = 150


class StartsBlindly(Livestreams):
    """Sends a start again that may have happened."""

    def start(self, *args: Any, **kwargs: Any) -> Any:
        return again_if_uncertain(super().start, *args, **kwargs)


class CreatesBlindly(Livestreams):
    """Sends a create again that may have happened."""

    def create(self, *args: Any, **kwargs: Any) -> Any:
        return again_if_uncertain(super().create, *args, **kwargs)


class ReadsOnePage(Livestreams):
    """Takes the first page for the whole list."""

    def _read_pages(self, *args: Any) -> Any:
        return itertools.islice(super()._read_pages(*args), 1)


def again_if_uncertain(send: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return send(*args, **kwargs)
    except RealtimeKitError as error:
        if not error.is_uncertain:
            raise
        return send(*args, **kwargs)


def writes_without_looking(*_args: Any, send: Any, **_kwargs: Any) -> Any:
    """An uncertain write is a failure: nobody reads what became of it."""
    return _outcomes._Written(send())


def writes_and_hopes(*_args: Any, send: Any, **_kwargs: Any) -> Any:
    """An uncertain write is a success: nobody reads what became of it."""
    try:
        return _outcomes._Written(send())
    except RealtimeKitError as error:
        if not error.is_uncertain:
            raise
        return _outcomes._Written(None)


def stops_whatever_runs(real: Any) -> Any:
    """A stop goes on until nothing is active, whoever has started it."""

    def write(*args: Any, is_settled: Any, **kwargs: Any) -> Any:
        is_stop = is_settled(None)
        return real(*args, is_settled=(lambda state: state is None) if is_stop else is_settled, **kwargs)

    return write


def worked_as(changed: bool) -> Any:
    real = _outcomes.work_on

    def work_on(*args: Any, **options: Any) -> Any:
        outcome = real(*args, **options)
        outcome.changed = changed
        return outcome

    return work_on


def ignores_check_mode(real: Any) -> Any:
    return lambda *args, **kwargs: real(*args, **{**kwargs, "check_mode": False})


def shows_keys(livestream: Any, **_kwargs: Any) -> Any:
    return livestream


# What is planted: a Livestreams of another kind, or another function in a module.
DEFECTS: dict[str, Any] = {
    "a start is sent again blindly": StartsBlindly,
    "a create is sent again blindly": CreatesBlindly,
    "a listing ends with its first page": ReadsOnePage,
    "every POST is retried like a GET": (_client, "is_retryable", lambda method, error: _pacing.is_retryable("GET", error)),
    "nothing is retried": (_client, "is_retryable", lambda method, error: False),
    "a lost answer is a failure": (_outcomes, "_write", writes_without_looking),
    "a lost answer is a success": (_outcomes, "_write", writes_and_hopes),
    "one look has to be enough": (_outcomes, "LOOKS", (0.0,)),
    "what is still stopping is not waited for": (_outcomes, "SETTLE", ()),
    "a stop goes on until nothing runs": (_outcomes, "_write", stops_whatever_runs(_outcomes._write)),
    "changed is always true": (_outcomes, "work_on", worked_as(True)),
    "changed is never true": (_outcomes, "work_on", worked_as(False)),
    "the old livestream counts as the new one": (_waiting.Wait, "_is_live", lambda self, outcome, state: state is not None),
    "a wait does not end": (_waiting.Wait, "_expire", lambda self: None),
    "twins are not looked for": (_present, "_look_for_twins", lambda *args: None),
    "check mode writes": (rtk_meeting_livestream, "ensure_started", ignores_check_mode(_outcomes.ensure_started)),
    "stream keys are shown": (_frame, "_show", shows_keys),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = DEFECTS[defect]
    make = planted if isinstance(planted, type) else Livestreams
    if make is Livestreams:
        monkeypatch.setattr(*planted)
    for seed in range(1, EPISODES + 1):
        # What ends in a traceback may be this run's own fault, and shows no defect.
        found = [text for ending, text in violations(play(seed, make)) if not (ending and ending.crash)]
        if found:
            print(f"episode {seed}: {found[0]}")
            return
    raise AssertionError(f"{EPISODES} episodes do not show that {defect}")


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

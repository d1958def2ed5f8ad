# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of `decide`, row by row, as its docstring and docs/reliability.md have it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Iterator, NamedTuple

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import (
    LOOKS,
    REREADS,
    SETTLE,
    Answer,
    Done,
    Fail,
    History,
    Look,
    Pause,
    SendAgain,
    State,
    decide,
)

PAGE = Path(__file__).resolve().parents[5] / "docs" / "reliability.md"

#: How often a write may be sent again for each answer, with two retries.
TRIES = {Answer.UNCERTAIN: 2, Answer.NOT_SENT: 2, Answer.CONFLICT: len(SETTLE), Answer.STALE: REREADS}

#: After these the state is read. After any other answer it is not.
READ_AFTER = (Answer.UNCERTAIN, Answer.CONFLICT, Answer.STALE)

DECISIONS = {
    "done, by us": Done(by_us=True),
    "done, by others": Done(by_us=False),
    "look": Look,
    "send again": SendAgain(),
    "pause, send again": Pause,
    **{f"fail: {reason.value}": reason for reason in Fail},
}


class Row(NamedTuple):
    """A line of the table: after one of these answers, in this state, and with this history, this follows."""

    answers: list[Answer]
    state: State
    before: set[str]
    follows: str

    def applies(self, answer: Answer, state: State, words: set[str]) -> bool:
        return answer in self.answers and state is self.state and self.before <= words


def table(text: str) -> list[str]:
    """The lines of the table whose head is the one of `decide`."""
    lines = [line.strip() for line in text.splitlines()]
    start = lines.index("| The answer | The state | Before | What follows |") + 2
    return list(itertools.takewhile(lambda line: line.startswith("|"), lines[start:]))


def parse(line: str) -> Row:
    answer, state, before, follows = (cell.strip() for cell in line.strip("|").split("|"))
    answers = [Answer(word) for word in re.split(r", or |, ", answer)]
    return Row(answers, State(state), set() if before == "any" else set(before.split(", ")), follows)


def histories(answer: Answer) -> Iterator[tuple[set[str], History]]:
    """Every history that matters to an answer, in the words of the table."""
    most = TRIES.get(answer, 0)
    for in_doubt, tries, looks in itertools.product((False, True), range(1, most + 2), range(len(LOOKS) + 1)):
        words = {
            "in doubt" if in_doubt else "no doubt",
            "tries left" if tries <= most else "no tries left",
            "looks left" if looks < len(LOOKS) else "no looks left",
        }
        yield words, History(in_doubt, tries, looks, retries=2, may_settle=True, back_off=0.7)


LINES = table(decide.__doc__ or "")
ROWS = [parse(line) for line in LINES]


@pytest.mark.parametrize("line", LINES)
def test_row_is_what_decide_does(line: str) -> None:
    row, cases = parse(line), 0
    for answer in row.answers:
        for words, history in histories(answer):
            if row.applies(answer, row.state, words):
                cases += 1
                decision, wanted = decide(answer, row.state, history), DECISIONS[row.follows]
                assert isinstance(decision, wanted) if isinstance(wanted, type) else decision == wanted, (answer, history)
    assert cases


def test_every_case_is_in_exactly_one_row() -> None:
    for answer in Answer:
        for state in State if answer in READ_AFTER else (State.NOT_READ,):
            for words, _history in histories(answer):
                assert sum(row.applies(answer, state, words) for row in ROWS) == 1, (answer, state, words)


@pytest.mark.skipif(not PAGE.exists(), reason="the built collection has no docs")
def test_page_has_the_same_table() -> None:
    assert table(PAGE.read_text(encoding="utf-8")) == LINES


# How long


@pytest.mark.parametrize("looks", range(len(LOOKS)))
def test_looks_come_later_and_later(looks: int) -> None:
    assert decide(Answer.UNCERTAIN, State.NOT_REACHED, History(looks=looks, in_doubt=True)) == Look(LOOKS[looks])


@pytest.mark.parametrize("answer", READ_AFTER)
def test_first_look_is_at_once(answer: Answer) -> None:
    assert decide(answer, State.NOT_READ, History()) == Look(0.0)


@pytest.mark.parametrize("tries", range(1, len(SETTLE) + 1))
def test_conflict_settles_for_longer_and_longer(tries: int) -> None:
    assert decide(Answer.CONFLICT, State.NOT_REACHED, History(tries=tries)) == Pause(SETTLE[tries - 1])


@pytest.mark.parametrize(("in_doubt", "follows"), [(False, Fail.REFUSED), (True, Pause(SETTLE[0]))])
def test_conflict_that_cannot_pass_settles_only_in_doubt(in_doubt: bool, follows: object) -> None:
    """The conflict may be with our own write."""
    assert decide(Answer.CONFLICT, State.NOT_REACHED, History(in_doubt, may_settle=False)) == follows


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_transport_says_how_long_to_pause_and_retries_how_often(retries: int) -> None:
    decisions = [decide(Answer.NOT_SENT, State.NOT_READ, History(tries=tries, retries=retries, back_off=0.7)) for tries in range(1, 7)]
    assert decisions == [Pause(0.7)] * retries + [Fail.REFUSED] * (6 - retries)


def test_looks_and_settling_take_five_and_ten_seconds() -> None:
    assert (LOOKS, SETTLE, REREADS) == ((0.0, 0.5, 1.5, 3.0), (0.5, 1.0, 2.0, 3.0, 4.0), 4)

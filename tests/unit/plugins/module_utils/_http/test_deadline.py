# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads that end: what a socket without a timeout, or with one, gives through `TimedAnswer`. See test_client_sockets for the rest."""

from __future__ import annotations

import socket
from typing import Iterator, Tuple

import pytest
from ansible_collections.streamops.realtimekit.plugins.module_utils._http.deadline import WHOLE_ANSWER, TimedAnswer

Pair = Tuple[socket.socket, socket.socket]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere"


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_answer_may_take_twice_the_timeout() -> None:
    assert WHOLE_ANSWER == 2


@pytest.mark.parametrize("timeout", [None, 1.0])
def test_answer_is_read(pair: Pair, timeout: float | None) -> None:
    ours, theirs = pair
    ours.settimeout(timeout)
    theirs.sendall(ANSWER)
    answer = TimedAnswer(ours, method="GET")
    answer.begin()
    assert (answer.status, answer.read()) == (200, b"here")
    assert ours.gettimeout() == timeout


def test_socket_keeps_its_timeout_after_one_has_passed(pair: Pair) -> None:
    ours, _theirs = pair
    ours.settimeout(0.05)
    with pytest.raises(socket.timeout):
        TimedAnswer(ours).begin()
    assert ours.gettimeout() == 0.05


def test_answer_that_has_taken_too_long_is_not_waited_for(pair: Pair) -> None:
    ours, theirs = pair
    ours.settimeout(0.001)
    answer = TimedAnswer(ours)
    theirs.sendall(ANSWER)
    answer.fp.raw._ends -= 10
    with pytest.raises(socket.timeout, match=r"^the answer took too long$"):
        answer.begin()


def test_answer_reads_and_closes_what_it_wraps(pair: Pair) -> None:
    ours, _theirs = pair
    answer = TimedAnswer(ours)
    raw = answer.fp.raw
    assert raw.readable()
    answer.close()
    assert raw.closed
    assert raw._raw.closed

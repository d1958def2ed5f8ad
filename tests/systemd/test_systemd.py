# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The encoder role on a real systemd, over ssh and with sudo, sending to a real RTMP server. The tests tell one story, in order."""

from __future__ import annotations

import os
import re
import signal
from typing import Iterator

import pytest
from conftest import UNIT, Studio
from servers import wait_for

# `systemd-analyze security` gives a hardened unit a low score, from 0 to 10. Lower this with the score.
WORST_SCORE = 1.3
# How long an ingest may be stalled before the unit gives up on the connection, at the latest.
DEADLINE = 60
# Files that the system or Ansible writes on every host.
NOISE = re.compile(r"/run/|/tmp/systemd-private-|/var/(cache/apt|log|lib/systemd)/|/(root|home/technician)/[.]ansible\b")


def traces(studio: Studio) -> set[str]:
    """Return the files of the machine, and the units and processes of encoders."""
    files = studio.sh("find / /run /tmp /var/tmp -xdev").splitlines()
    units = studio.sh("systemctl list-units --all --plain --no-legend; systemctl list-unit-files --no-legend").splitlines()
    names = [line for line in units if "rtk-encoder" in line]
    return {path for path in files if "rtk-encoder" in path or not NOISE.match(path)} | {*names, *studio.ffmpegs()}


@pytest.fixture(scope="module")
def fresh(studio: Studio) -> set[str]:
    """The traces before the first run."""
    return traces(studio)


def test_check_mode_changes_nothing_on_a_fresh_host(studio: Studio, fresh: set[str]) -> None:
    assert studio.play("--check") > 0
    assert studio.event.control.livestreams() == []
    assert traces(studio) == fresh


def test_unit_sends_the_test_pattern(studio: Studio, fresh: set[str]) -> None:
    studio.play()
    studio.wait_until_sending()
    assert studio.event.livestream("studio")["status"] == "LIVE"
    assert (studio.show("ActiveState"), studio.show("UnitFileState")) == ("active", "enabled")


def test_second_run_changes_nothing(studio: Studio) -> None:
    before = studio.show("InvocationID")
    assert studio.play() == 0
    assert studio.show("InvocationID") == before


def test_unit_is_no_less_hardened_than_before(studio: Studio, capsys: pytest.CaptureFixture[str]) -> None:
    said = studio.sh(f"systemd-analyze security --no-pager {UNIT}").splitlines()[-1]
    with capsys.disabled():
        print(f"\n{re.sub(r'[^ -~]', '', said).strip()}")
    score = re.search(r"exposure level for \S+: ([\d.]+) ", said)
    assert score, said
    assert float(score[1]) <= WORST_SCORE


def test_killed_ffmpeg_is_restarted(studio: Studio) -> None:
    (killed,) = studio.ffmpegs()
    studio.sh(f"kill -KILL {killed}")
    wait_for("another ffmpeg runs", lambda: studio.ffmpegs() not in ([killed], []), 120)
    studio.wait_until_sending()
    assert studio.show("ActiveState") == "active"


@pytest.fixture
def stalled(studio: Studio) -> Iterator[None]:
    """An ingest that accepts connections and reads nothing; it reads on when the test ends."""
    workers = studio.workers()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def test_unit_gives_up_on_a_stalled_ingest(studio: Studio, stalled: None) -> None:
    (stuck,) = studio.ffmpegs()
    wait_for("that ffmpeg has ended", lambda: stuck not in studio.ffmpegs(), DEADLINE)


def test_unit_sends_again_after_a_stall(studio: Studio) -> None:
    """Whether the unit gave up on the connection or not."""
    studio.wait_until_sending()
    assert studio.show("ActiveState") == "active"


def test_new_key_restarts_the_unit(studio: Studio) -> None:
    livestream = studio.event.livestream("studio")
    old, new = livestream["stream_key"], livestream["stream_key"][::-1]
    before = studio.show("InvocationID")
    studio.event.control.call("PATCH", f"livestreams/{livestream['id']}", {"stream_key": new})
    assert studio.play("--check") > 0
    assert studio.show("InvocationID") == before
    assert studio.play() > 0
    assert studio.show("InvocationID") != before
    # The RTMP server refuses every key but the new one.
    studio.wait_until_sending()
    log, files = studio.sh(f"journalctl --unit {UNIT}"), studio.sh("cat /etc/rtk-encoder/*")
    # Counted, because pytest shows what it compares.
    found = [log.count(UNIT) > 0, log.count(old), log.count(new), files.count(old), files.count(new)]
    assert found == [True, 0, 0, 0, 1], "where the keys are: in the journal the old and the new one, and on the host"


def test_absent_leaves_no_trace(studio: Studio, fresh: set[str]) -> None:
    before = studio.show("InvocationID")
    assert studio.play("--check", encoder_state="absent") > 0
    assert studio.show("InvocationID") == before
    assert studio.play(encoder_state="absent") > 0
    assert traces(studio) == fresh
    wait_for("the livestream is IDLE", lambda: studio.event.livestream("studio")["status"] == "IDLE", 120)
    assert studio.play(encoder_state="absent") == 0

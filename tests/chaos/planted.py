# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The behavior of the defects."""

from __future__ import annotations

import http.client
import itertools
from typing import Any, Callable, NamedTuple

from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import (
    decisions,
    meeting_livestreams,
    snapshot,
    targets,
    waiting,
    writes,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import Answer, State
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import (
    ApiError,
    BadRequestError,
    ConflictError,
    LostAnswerError,
    NotSentError,
    RealtimeKitError,
    StoppedError,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._http import client, deadline


class Patch(NamedTuple):
    """Another value for a name."""

    owner: Any
    name: str
    value: Any


class StartsBlindly(Livestreams):
    def start(self, *args: Any, **kwargs: Any) -> Any:
        return again_if_uncertain(super().start, *args, **kwargs)


class StartsAgainAfterConflict(Livestreams):
    def start(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().start(*args, **kwargs)
        except (BadRequestError, ConflictError):
            return super().start(*args, **kwargs)


class CreatesBlindly(Livestreams):
    def create(self, *args: Any, **kwargs: Any) -> Any:
        return again_if_uncertain(super().create, *args, **kwargs)


class StopsOnOldState(Livestreams):
    def stop(self, *args: Any, departure: Any) -> None:
        super().stop(*args, departure=departure._replace(leave_by=None))


class CreatesOnOldState(Livestreams):
    def create(self, *args: Any, departure: Any) -> Any:
        return super().create(*args, departure=departure._replace(leave_by=None))


class ReadsOnePage(Livestreams):
    def pages(self, **filters: Any) -> Any:
        return itertools.islice(super().pages(**filters), 1)


class ReadsWithDefect(Livestreams):
    """Every second read of a meeting brings a defect to light."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._reads = itertools.count()

    def active(self, *args: Any, **kwargs: Any) -> Any:
        if next(self._reads) % 2:
            raise ZeroDivisionError
        return super().active(*args, **kwargs)


def forget_the_time(client: Any) -> Livestreams:
    """Without a `task_timeout`."""
    client._pacing._ends_at = float("inf")
    return Livestreams(client)


def again_if_uncertain(send: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return send(*args, **kwargs)
    except RealtimeKitError as error:
        if not error.is_uncertain:
            raise
        return send(*args, **kwargs)


def decide_in_doubt(decision: Any) -> Patch:
    """Decide so on a write whose answer is lost, without a look."""

    def decide(answer: Any, state: Any, history: Any) -> Any:
        is_hasty = answer is Answer.UNCERTAIN and state is State.NOT_READ and history.tries <= history.retries
        return decision if is_hasty else decisions.decide(answer, state, history)

    return Patch(writes, "decide", decide)


def stop_whatever_runs(*args: Any, **kwargs: Any) -> Any:
    """A stop repeats until no livestream is active, even if another user started it."""
    if kwargs["is_reached"](None):
        kwargs["is_reached"] = lambda state: state is None
    return writes.Write(*args, **kwargs)


class ChangesByReading(writes.Attempt):
    """A defect in a read counts as a change."""

    def end_in_defect(self, error: Exception, *, by_us: bool) -> None:
        super().end_in_defect(error, by_us=True)


def accept_any_start(*args: Any) -> bool:
    real_start(*args)
    return True


real_start = meeting_livestreams._start


def stop_what_the_lists_show(livestreams: Livestreams, meeting_id: str, *, only_id: Any, check_mode: bool, snapshot: Any) -> Any:
    """Without reading the meeting."""

    def work(outcome: Any) -> None:
        before = outcome.before = outcome.after = snapshot.read(livestreams, meeting_id, must_exist=True)
        if before:
            meeting_livestreams._stop(livestreams, outcome, before["id"], check_mode=check_mode)

    return targets.work_on(livestreams.client, meeting_id, work)


def need_nothing(*args: Any, **options: Any) -> Any:
    return snapshot.take_snapshot(*args, **{**options, "needs": ()})


def read_lists_once(*args: Any, **options: Any) -> Any:
    return real_read_lists(*args, **{**options, "may_miss": True})


real_read_lists = snapshot.read_lists


def expire_without_a_look(self: Any) -> None:
    self._looked_at = dict.fromkeys(self._looked_at, self._client.clock())
    real_expire(self)


real_expire = waiting.Wait._expire


def work_as(changed: bool) -> Patch:
    real = meeting_livestreams.work_on

    def work_on(*args: Any, **options: Any) -> Any:
        outcome = real(*args, **options)
        outcome.changed = changed
        return outcome

    return Patch(meeting_livestreams, "work_on", work_on)


def say_not_begun(*args: Any) -> Any:
    outcome = targets.work_on(*args)
    if isinstance(outcome.error, StoppedError):
        outcome.error = outcome.error.at_stage("Not begun")
    return outcome


def ignore_check_mode(*args: Any, **kwargs: Any) -> Any:
    return meeting_livestreams.ensure_started(*args, **{**kwargs, "check_mode": False})


def refuse_interim(method: str, path: str, answer: Any) -> Any:
    if answer.status < 200:
        raise ApiError(method, path, "refused", status=answer.status)
    return real_unwrap(method, path, answer)


real_unwrap = client.unwrap

#: As the standard library does it: any 1xx but 100 is the answer.
SHOWS_INTERIM = Patch(deadline.TimedAnswer, "_read_status", http.client.HTTPResponse._read_status)


def believe_count(page: Any, *, is_new: bool, seen: int) -> bool:
    return not page.rows or (not is_new if page.end is None or page.total is None else page.end >= page.total)


def doubt_opening(method: str, path: str, *_unused: Any) -> LostAnswerError:
    return LostAnswerError(method, path, "the connection broke")


def say_not_sent(method: str, path: str, *_unused: Any) -> NotSentError:
    return NotSentError(method, path, "no connection")

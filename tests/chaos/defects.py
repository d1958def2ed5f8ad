# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Defects to plant in the collection, and what a violation has to say of each."""

from __future__ import annotations

import http.client
import itertools
from typing import Any, Callable, NamedTuple

from ansible_collections.streamops.realtimekit.plugins.module_utils._api import paging
from ansible_collections.streamops.realtimekit.plugins.module_utils._api.livestreams import Livestreams
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure import (
    decisions,
    livestreams,
    meeting_livestreams,
    waiting,
    writes,
)
from ansible_collections.streamops.realtimekit.plugins.module_utils._ensure.decisions import Answer, Done, Fail, SendAgain, State
from ansible_collections.streamops.realtimekit.plugins.module_utils._errors import ApiError, RealtimeKitError
from ansible_collections.streamops.realtimekit.plugins.module_utils._http import client, deadline
from ansible_collections.streamops.realtimekit.plugins.module_utils._task import results
from ansible_collections.streamops.realtimekit.plugins.modules import rtk_meeting_livestream


class Patch(NamedTuple):
    """Another value for a name."""

    owner: Any
    name: str
    value: Any


class Defect(NamedTuple):
    """What is planted, and a regular expression for what it is found as. ``make`` builds the API's client of a task."""

    found_as: str
    patches: tuple[Patch, ...] = ()
    make: Callable[[Any], Livestreams] = Livestreams


class StartsBlindly(Livestreams):
    def start(self, *args: Any, **kwargs: Any) -> Any:
        return again_if_uncertain(super().start, *args, **kwargs)


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
    def _read_pages(self, *args: Any) -> Any:
        return itertools.islice(super()._read_pages(*args), 1)


class ReadsWithDefect(Livestreams):
    """Every second read of a meeting brings a defect to light."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._reads = itertools.count()

    def active(self, *args: Any, **kwargs: Any) -> Any:
        if next(self._reads) % 2:
            raise ZeroDivisionError
        return super().active(*args, **kwargs)


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
    """A stop goes on until nothing is active, even if another user has started it."""
    if kwargs["is_reached"](None):
        kwargs["is_reached"] = lambda state: state is None
    return writes.Write(*args, **kwargs)


class TakesNoNoticeOfIds(writes.Attempt):
    """A stop that has to read again leaves if anything is active then."""

    def end_look(self, state: Any) -> None:
        is_stop = self.write.is_reached(None)
        if is_stop and state and self._answer is Answer.STALE:
            self.state = state
            self._go_on(State.NOT_REACHED, self._refusal)
        else:
            super().end_look(state)


class ChangesByReading(writes.Attempt):
    """A defect in a read counts as a change."""

    def end_in_defect(self, error: Exception, *, by_us: bool) -> None:
        super().end_in_defect(error, by_us=True)


def accept_any_start(*args: Any, restart: bool, **kwargs: Any) -> None:
    real_start(*args, restart=False, **kwargs)


real_start = meeting_livestreams._start


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


DEFECTS = {
    # rule 1
    "a start is sent again blindly": Defect("the state was not read in between", make=StartsBlindly),
    "a create is sent again blindly": Defect("the state was not read in between", make=CreatesBlindly),
    "a lost answer is no reason to look": Defect("the state was not read in between", (decide_in_doubt(SendAgain()),)),
    # rule 2
    "a stop rests on an old state": Defect("seconds before", make=StopsOnOldState),
    "a create rests on an old state": Defect("seconds before", make=CreatesOnOldState),
    "a state that is too old is not read again": Defect("never finds the time", (Patch(decisions, "REREADS", 0),)),
    # rule 3
    "a stop goes on until nothing runs": Defect("and the task had found", (Patch(meeting_livestreams, "Write", stop_whatever_runs),)),
    "a stop that reads again takes no notice of ids": Defect("and the task had found", (Patch(writes, "Attempt", TakesNoNoticeOfIds),)),
    "a restart accepts any livestream": Defect("started by another user", (Patch(meeting_livestreams, "_start", accept_any_start),)),
    "the old livestream counts as the new one": Defect(
        "the status is|not active at any|was there before",
        (Patch(waiting.Wait, "_is_live", lambda self, outcome, state: state is not None),),
    ),
    # rule 4
    "a defect in a read is a change": Defect(
        "says changed, and nothing", (Patch(writes, "Attempt", ChangesByReading),), make=ReadsWithDefect
    ),
    "changed is always true": Defect("says changed, and nothing", (work_as(True),)),
    "changed is never true": Defect("says unchanged", (work_as(False),)),
    "a lost answer is a failure": Defect("says unchanged", (decide_in_doubt(Fail.REFUSED),)),
    "a lost answer is a success": Defect("says changed, and nothing", (decide_in_doubt(Done(by_us=True)),)),
    "a 1xx is an answer": Defect("", (SHOWS_INTERIM,)),
    "a 1xx is a refusal": Defect("says unchanged", (SHOWS_INTERIM, Patch(client, "unwrap", refuse_interim))),
    # rule 5
    "a wait ends without a last look": Defect("timed out", (Patch(waiting.Wait, "_expire", expire_without_a_look),)),
    "a wait does not end": Defect("goes on looking", (Patch(waiting.Wait, "_expire", lambda self: None),)),
    "one look has to be enough": Defect(r"says unchanged|created \d+ times|started \d+ live", (Patch(decisions, "LOOKS", (0.0,)),)),
    # the rest
    "nothing is retried": Defect("patience is enough", (Patch(client, "is_retryable", lambda method, error: False),)),
    "what is still stopping is not waited for": Defect("patience is enough", (Patch(decisions, "SETTLE", ()),)),
    "twins are not looked for": Defect("does not say so", (Patch(livestreams, "_look_for_twins", lambda *args: None),)),
    "a listing ends with its first page": Defect("leaves out", make=ReadsOnePage),
    "a count of rows is believed": Defect("leaves out|the list has shown", (Patch(paging, "_is_last", believe_count),)),
    "check mode writes": Defect("may not write", (Patch(rtk_meeting_livestream, "ensure_started", ignore_check_mode),)),
    "stream keys are shown": Defect("shows a stream key", (Patch(results, "show", lambda livestream, **_kwargs: livestream),)),
}

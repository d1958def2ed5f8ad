# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated accounts that playbook.yml works on, one for each host."""

from __future__ import annotations

import secrets
from typing import Any, Callable

from simulator import Settings, Simulator, meetings
from simulator.meeting_sessions import begin_session

#: The most characters of the API's words in an error. A text across this limit is cut in two.
BORDER = 500


def make_token() -> str:
    return secrets.token_urlsafe(30)


class Account:
    """A simulator, and the token with which a host's tasks come to it."""

    def __init__(self, prepare: Callable[[Account], None], token: str) -> None:
        self.token = token
        self.sim = Simulator(Settings(live_delay=0.0), token=token)
        #: Every stream key that this account will give out, in order.
        self.keys = [secrets.token_hex(32) for _unused in range(60)]
        keys = iter(self.keys)
        self.sim.world.identities.hex = lambda digits: next(keys)  # type: ignore[method-assign]
        #: The meetings that the tasks are given by their ids.
        self.meetings = self.sim.meetings
        # Two that are given by their titles only, and one that no task names, whose title repeats the token.
        self.foyer, *_others = [meetings.create(self.sim.world, {"title": title}) for title in ("Foyer", "Foyer 2", echo(token))]
        begin_session(self.sim.world, self.foyer.id)
        prepare(self)

    def variables(self) -> dict[str, Any]:
        sim = self.sim
        return {
            "api_url": sim.api_url,
            "account_id": sim.account_id,
            "app_id": sim.app_id,
            "token": self.token,
            "meetings": self.meetings,
            "livestreams": list(sim.world.livestreams),
        }

    def keys_given_out(self) -> list[str]:
        return [key for key in self.keys if any(key == livestream.stream_key for livestream in self.sim.world.livestreams.values())]


def echo(*values: str) -> str:
    return f"Not with {' nor '.join(values)}, said the API"


def across_the_border(value: str) -> str:
    return f"{'Well, ' * 100}"[: BORDER - len(value) // 2] + value


def populate(account: Account) -> None:
    """A meeting without a livestream, one that is LIVE, one that is ERRORED, and an independent livestream."""
    world, (_none, live, errored) = account.sim.world, account.meetings
    world.start(live)
    world.set_status(world.start(errored), "ERRORED", echo(account.token, account.keys[1]))
    world.create("studio-feed")


def refuse_token(account: Account) -> None:
    populate(account)
    account.sim.core.access.token = make_token()


def refuse_reads(account: Account) -> None:
    """The words of a refusal repeat the token, and a key that another read of the same task brings.

    A 403 would end the task before the other meetings are read.
    """
    populate(account)
    sim = account.sim
    live_key, _errored_key, independent_key = account.keys[:3]
    sim.fault("status", "active", status=422, meeting_id=sim.meetings[0], message=echo(account.token, live_key))
    # The livestreams are read; of their sessions, one is refused.
    sim.fault("status", "get", status=403, skip=3, message=echo(account.token, live_key, independent_key))
    # Of each listing the first page passes.
    sim.settings.update({"per_page_cap": 1, "omit_paging": True})
    for skip in (1, 2):
        sim.fault("status", "list", status=403, skip=skip, message=echo(account.token, independent_key))
    sim.fault("status", "list_meetings", status=403, message=across_the_border(account.token))
    sim.fault(
        "status",
        ["list_meetings", "list_apps", "list_webhooks", "analytics"],
        status=403,
        times=None,
        message=echo(account.token, live_key),
    )


def refuse_writes(account: Account) -> None:
    """The words of a refusal repeat the token, and keys that the task may not know: the 403 ends it before it has read every meeting."""
    populate(account)
    sim = account.sim
    live_key, errored_key, independent_key = account.keys[:3]
    sim.fault("status", "start", status=403, times=None, envelope="gateway", code=10000, message=echo(account.token, live_key, errored_key))
    sim.fault("status", "stop", status=403, times=2, message=across_the_border(live_key))
    sim.fault("status", "stop", status=403, times=None, message=echo(account.token, live_key, errored_key))
    sim.fault("status", "create", status=403, times=None, message=echo(account.token, independent_key))
    sim.fault("status", ["create_meeting", "create_webhook"], status=403, times=None, message=echo(account.token, live_key))
    sim.fault("status", "update_meeting", status=403, times=2, message=across_the_border(account.token))
    sim.fault("status", "update_meeting", status=403, times=None, message=echo(account.token, live_key))


def refuse_rooms(account: Account) -> None:
    """Twelve meetings, and one that no task names. Of all but one of the twelve the lists bring the key, and of the one not named."""
    world, sim = account.sim.world, account.sim
    account.meetings = [*account.meetings, *(world.add_meeting().id for _unused in range(9))]
    for meeting in (*account.meetings[:11], world.add_meeting().id):
        world.start(meeting)
    first_key, key_not_named = account.keys[0], account.keys[11]
    sim.fault("status", "meeting_session", status=422, times=None, message=echo(account.token, first_key))
    sim.fault("status", "start", status=422, times=None, message=echo(account.token, first_key, key_not_named))
    sim.fault("status", "stop", status=422, times=2, message=across_the_border(key_not_named))
    sim.fault("status", "stop", status=422, times=None, message=echo(account.token, first_key, key_not_named))


def break_down(account: Account) -> None:
    populate(account)
    account.sim.fault("status", status=500, times=None, message=across_the_border(account.token))


def talk_garbage(account: Account) -> None:
    populate(account)
    account.sim.fault("garbage", times=None)


def be_odd(account: Account) -> None:
    """The first livestream that is started fails a little later."""
    sim = account.sim
    meeting = sim.world.meetings[sim.meetings[0]]
    sim.settings.live_delay = 0.3
    disabled, *_twice = [sim.world.create(name) for name in ("disabled", "twice", "twice")]
    disabled.disabled = True
    meeting.fail_next_starts = 1
    meeting.err_message = echo(account.token, account.keys[3])


#: Host to where its token comes from and what its account is like.
HOSTS: dict[str, tuple[str, Callable[[Account], None]]] = {
    "works": ("token_in_defaults", populate),
    "refuses_token": ("token_in_defaults", refuse_token),
    "refuses_reads": ("token_in_defaults", refuse_reads),
    "refuses_writes": ("token_in_defaults", refuse_writes),
    "refuses_rooms": ("token_in_defaults", refuse_rooms),
    "breaks_down": ("token_in_defaults", break_down),
    "talks_garbage": ("token_in_defaults", talk_garbage),
    "refuses_writes_of_task": ("token_in_tasks", refuse_writes),
    "refuses_writes_of_environment": ("token_in_environment", refuse_writes),
    "odd": ("oddities", be_odd),
    "gives_keys": ("keys", populate),
    "gives_keys_and_refuses_rooms": ("keys", refuse_rooms),
    "gives_keys_and_refuses_writes": ("keys_denied", refuse_writes),
}

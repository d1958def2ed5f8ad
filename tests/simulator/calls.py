# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request on its way to an operation."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Callable, Mapping

from .dialects import Answer
from .world import World

if TYPE_CHECKING:
    from .apps import App


@dataclasses.dataclass
class Call:
    """One request that passed the gateway. With ``commit`` false a write only pretends."""

    world: World
    ids: dict[str, str]
    query: Mapping[str, str]
    raw: bytes
    number: int | None
    commit: bool = True
    # The result of a dry write, for the commit after it.
    prepared: Any = None
    # Every app of the account.
    apps: Mapping[str, App] = dataclasses.field(default_factory=dict)


Operation = Callable[[Call], Answer]

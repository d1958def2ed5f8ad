# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the streamops.realtimekit collection.
# Do not use it from outside; it may change without notice.

"""Make tasks that create names take turns on one machine, because the API does not keep names unique.

Ansible's `throttle` is not enough: it does not affect tasks that each host includes
under the strategy ``free``, and not two runs.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import Iterator

from .._errors import StoppedError
from .._http.client import Client

#: The seconds between two tries to take the turn.
PAUSE = 0.1


@contextmanager
def take_turn(folder: str, client: Client) -> Iterator[str]:
    """Hold the lock file of this user in ``folder``. Yield the reason if it could not be locked, or "".

    The lock ends with the process. A task that must end while it waits continues
    without the lock, because it sends no more requests.
    """
    path = os.path.join(folder, f"realtimekit-{os.getuid()}.lock")
    try:
        # Do not follow links, because the folder may be /tmp.
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        yield str(error)
        return
    try:
        yield _lock(file, client)
    finally:
        os.close(file)


def _lock(file: int, client: Client) -> str:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            try:
                client.check()
            except StoppedError:
                return ""
            client.sleep(PAUSE)
        except OSError as error:
            return str(error)
        else:
            return ""

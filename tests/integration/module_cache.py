# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep the compiled code of the modules that Ansible runs, for the tests only.

Ansible sends a module as an archive of source files, and Python compiles all of
them in each task. The sessions with an ansible-core run this file as a script,
which installs it into their virtual environment. Python then imports it at each
start, so it imports little itself.
"""

from __future__ import annotations

import _imp
import marshal
import os
import zipimport
from types import CodeType

KEY = int.from_bytes(zipimport._bootstrap_external.MAGIC_NUMBER, "little")  # type: ignore[attr-defined]
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "module_cache.code")
compile_source = zipimport._compile_source  # type: ignore[attr-defined]


def find_code(pathname: str, source: bytes, *rest: object) -> CodeType:
    """Return the code of this source, from the folder if possible."""
    path = os.path.join(FOLDER, f"{_imp.source_hash(KEY, source).hex()}-{len(source)}")
    try:
        with open(path, "rb") as file:
            code: CodeType = marshal.loads(file.read())
    except (OSError, EOFError, ValueError, TypeError):
        code = compile_source(pathname, source, *rest)
        write(path, marshal.dumps(code))
    else:
        # Instead of its path in an earlier task.
        _imp._fix_co_filename(code, pathname)  # type: ignore[attr-defined]
    return code


def write(path: str, content: bytes) -> None:
    """Write a file at once, so that other tasks never see a part of it. A task can do without it."""
    own = f"{path}.{os.getpid()}"
    try:
        with open(own, "wb") as file:
            file.write(content)
        os.replace(own, path)
    except OSError:
        pass


if __name__ == "__main__":
    import shutil
    import sysconfig

    site = sysconfig.get_path("purelib")
    shutil.copy(__file__, site)
    os.makedirs(os.path.join(site, "module_cache.code"), exist_ok=True)
    with open(os.path.join(site, "module_cache.pth"), "w", encoding="ascii") as file:
        file.write("import module_cache\n")
else:
    zipimport._compile_source = find_code  # type: ignore[attr-defined]

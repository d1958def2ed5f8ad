# Copyright (c) 2026, streamops.realtimekit contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep the compiled code of the modules that Ansible runs, for the tests only.

Ansible sends a module as an archive of source files, and Python compiles all of
them in each task. As a script, this file installs itself into the Python that runs
it, which then imports it at each start. So it imports little.
"""

from __future__ import annotations

import _imp
import marshal
import os
import zipimport
from types import CodeType

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "module_cache.code")
compile_source = zipimport._compile_source  # type: ignore[attr-defined]


def find_code(pathname: str, source: bytes) -> CodeType:
    """Return the code of this source, from the folder if possible."""
    path = os.path.join(FOLDER, f"{_imp.source_hash(0, source).hex()}-{len(source)}")
    try:
        with open(path, "rb") as file:
            return marshal.load(file)  # type: ignore[no-any-return]
    except (OSError, EOFError, ValueError, TypeError):
        code = compile_source(pathname, source)
    own = f"{path}.{os.getpid()}"
    with open(own, "wb") as file:
        marshal.dump(code, file)
    os.replace(own, path)  # so that other tasks never see a part of it
    return code  # type: ignore[no-any-return]


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

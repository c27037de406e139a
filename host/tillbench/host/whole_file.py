"""A file that is written whole or not at all: a full disk does not cost what was there before."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write beside it, then put it in its place; what is no plain file (a pipe, /dev/stdout) is written as it is.

    Raises OSError: it cannot be written, and is as it was.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_bytes(data)
        return
    beside = path.with_name(path.name + ".new")
    try:
        if path.exists():
            beside.touch()
            shutil.copymode(path, beside)  # what only its owner could read
        beside.write_bytes(data)
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise

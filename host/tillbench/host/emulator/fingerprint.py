"""Which firmware was tested: a fingerprint of its files."""

from __future__ import annotations

import hashlib
from functools import cache

from tillbench.host.emulator.micropython import firmware_root

_DIGITS = 12


@cache
def firmware_hash() -> str:
    """The first digits of SHA-256 over names and contents of the firmware's Python files, in order."""
    root, digest = firmware_root(), hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:_DIGITS]

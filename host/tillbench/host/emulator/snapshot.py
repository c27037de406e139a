"""A bench as it was at one moment, device, models and all, to be gone back to."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from tillbench.host.emulator.memento import Memento


class NoSnapshot(Exception):
    """The bench cannot be kept as it is; the message says why."""


@runtime_checkable
class Rewindable(Protocol):
    """A device that can be stored whole, and be again what it was."""

    def keep(self, file: Path) -> None:
        """Store the device in `file`, which does not exist yet."""
        ...

    def go_back(self, file: Path) -> None:
        """Be the device that `file` has."""
        ...


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What `Bench.snapshot` gives and `Bench.restore` takes. Its file goes with it."""

    file: Path
    models: Memento
    frames: tuple[int, int]
    """Numbers of the last frame sent to the device, and of the last one taken from it."""


def place() -> Path:
    """Where the device of a snapshot can be stored: in a folder of its own."""
    return Path(tempfile.mkdtemp(prefix="tillbench-snapshot-")) / "device.qcow2"


def end_with(snapshot: Snapshot) -> None:
    """Remove the file when nobody has the snapshot any more."""
    weakref.finalize(snapshot, shutil.rmtree, snapshot.file.parent, ignore_errors=True)

"""A long run on QEMU as a command: a folder of its own, what came of it, the exit status."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.qemu_images import NoQemu


def exit_status(run: Callable[[Path], str]) -> int:
    """Print what `run` says and return 0; 1 if it raises AssertionError or the device is lost.

    Where there is no QEMU it says so, which is an error in CI alone.
    """
    with tempfile.TemporaryDirectory(prefix="tillbench-qemu-") as folder:
        try:
            print(run(Path(folder)))
        except NoQemu as error:
            print(f"not run: {error}")
            return 1 if os.environ.get("CI") else 0
        except (AssertionError, LinkLost) as error:
            print(f"FAILED: {error}")
            return 1
    return 0

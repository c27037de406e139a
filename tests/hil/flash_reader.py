"""What is on a terminal's flash, read by MicroPython's own LittleFS and the firmware's own journal, in a process of its
own: the flash of a terminal without power, and a view from outside the terminal that is tested."""

from __future__ import annotations

import ast
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.emulator.micropython import find_micropython, firmware_root
from tillbench.host.emulator.state import FLASH_SIZE

SCRIPT = """
import os, sys, vfs
from terminal import store
from terminal.journal import Journal
from terminal.counters import Counters

class ReadOnly:
    def __init__(self, path):
        self.data = bytearray(open(path, "rb").read())
    def readblocks(self, block, buf, offset=0):
        at = block * 4096 + offset
        buf[:] = self.data[at : at + len(buf)]
    def writeblocks(self, block, buf, offset=0):
        at = block * 4096 + offset
        self.data[at : at + len(buf)] = buf
    def ioctl(self, op, arg):
        if op == 6:
            self.data[arg * 4096 : arg * 4096 + 4096] = b"\\xff" * 4096
        return {4: len(self.data) // 4096, 5: 4096}.get(op, 0)

vfs.mount(ReadOnly(sys.argv[1]), "/flash")
journal = Journal("/flash", "/flash/journal")
counters = Counters("/flash/counters")
last = journal.last
print(repr({
    "stan": counters.stan,
    "batch": counters.batch,
    "count": journal.count,
    "last": last and (last.stan, last.batch, last.state, last.amount),
    "files": sorted(os.listdir("/flash")),
}))
"""


@dataclass(frozen=True)
class Flash:
    """What a terminal that starts now would find.

    Attributes:
        stan: the last trace number that was used.
        batch: the batch number.
        count: transactions in the journal.
        last: STAN, batch, state (P, A, D, R) and amount of the newest one; None without any.
        files: names of all files.
    """

    stan: int
    batch: int
    count: int
    last: tuple[int, int, str, int] | None
    files: tuple[str, ...]


def read_flash(image: Path) -> Flash:
    """Reads a flash image; nothing is written to it. AssertionError if a terminal could not read it either."""
    assert image.stat().st_size == FLASH_SIZE
    done = subprocess.run(
        [str(find_micropython()), "-c", SCRIPT, str(image)],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "MICROPYPATH": f"{firmware_root()}:.frozen"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = ast.literal_eval(done.stdout)
    return Flash(found["stan"], found["batch"], found["count"], found["last"], tuple(found["files"]))

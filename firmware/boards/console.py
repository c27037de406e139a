"""A board's one serial port as the reader's line to the computer: stdin and stdout, bytes as they are.

Byte 03 is no Ctrl-C meanwhile: it begins every frame.
"""

import io
import select
import sys

import micropython
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_POLL = const(3)  # MP_STREAM_POLL
_READABLE = const(1)
_CTRL_C = const(3)


class Console(io.IOBase):
    """Readable when stdin is. stdin gives one byte at a time without waiting."""

    is_console = True

    def __init__(self) -> None:
        self._in: "Any" = sys.stdin.buffer
        self._out: "Any" = sys.stdout.buffer
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)
        self._byte = bytearray(1)
        micropython.kbd_intr(-1)

    def ioctl(self, request: int, flags: int) -> int:
        """`select.poll` and asyncio ask here."""
        if request != _POLL:
            return -1
        return flags & _READABLE if self._poll.poll(0) else 0

    def readinto(self, room: memoryview) -> "int | None":
        """What is there, None if nothing is."""
        n = 0
        while n < len(room) and self._poll.poll(0):
            if not self._in.readinto(self._byte):
                break
            room[n] = self._byte[0]
            n += 1
        return n or None

    def write(self, data: "bytes | memoryview") -> int:
        """Write all of it."""
        rest = memoryview(data)
        while len(rest):
            rest = rest[self._out.write(rest) or 0 :]
        return len(data)

    def close(self) -> None:
        """Give the REPL back."""
        micropython.kbd_intr(_CTRL_C)

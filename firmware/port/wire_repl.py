"""The bench link's wire on a board with one port: the serial line on which the REPL was.

An ESP32's stdin holds 260 bytes, has no flow control and gives one byte at a time without blocking, so the bench
never has more than 192 unacknowledged bytes on the way, and this file reads by the byte. What the program prints
goes out between the frames as it is, tracebacks included; the bench collects it as the console. `os.dupterm` would
not change that: on an ESP32 it copies the output, the port keeps its own.
"""

import sys

import uselect
from port.link import LinkClosed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ReplWire:
    """stdin and stdout as a byte stream.

    Raises:
        LinkClosed: stdin has ended (never on a board).
    """

    lossy = True

    def __init__(self) -> None:
        self.stream: Any = sys.stdin
        self._in: Any = sys.stdin.buffer
        self._out: Any = sys.stdout.buffer
        self._poll: Any = uselect.poll()
        self._poll.register(self.stream, uselect.POLLIN)
        self._byte = bytearray(1)

    def readinto(self, buf: memoryview) -> "int | None":
        """Read what is there, None if nothing is."""
        n = 0
        size = len(buf)
        while n < size:
            for _ in self._poll.ipoll(0):
                break
            else:
                break
            if not self._in.readinto(self._byte):
                raise LinkClosed("stdin has ended")
            buf[n] = self._byte[0]
            n += 1
        return n or None

    def write(self, buf: memoryview) -> None:
        """Write all of `buf`."""
        while buf:
            buf = buf[self._out.write(buf) or 0 :]

    def wait(self, ms: int) -> bool:
        """Wait until there is something to read, at most `ms` (-1: for ever)."""
        return bool(self._poll.poll(ms))

"""The bench link's wire on the Unix port: a socketpair whose one end the bench has passed to this process."""

import uos
import uselect
from port.link import LinkClosed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class UnixWire:
    """An inherited stream socket; the bench has made it non-blocking.

    Raises:
        LinkClosed: there is no such file descriptor, or the bench has gone away.
    """

    lossy = False

    def __init__(self) -> None:
        fd = uos.getenv("TILLBENCH_LINK_FD")
        if not fd:
            raise LinkClosed("TILLBENCH_LINK_FD is not set: this board is started by the bench (tillbench emulate)")
        self._stream: Any = open(int(fd), "r+b")
        self._poll = uselect.poll()
        self._poll.register(self._stream, uselect.POLLIN)

    def readinto(self, buf: memoryview) -> "int | None":
        """Read what is there, None if nothing is."""
        try:
            n = self._stream.readinto(buf)
        except OSError:  # ECONNRESET: the bench has gone with bytes of ours unread
            n = 0
        if n == 0:
            raise LinkClosed("the bench has closed the link")
        return n

    def write(self, buf: memoryview) -> None:
        """Write all of `buf`, waiting while the socket is full."""
        while buf:
            try:
                n = self._stream.write(buf)
            except OSError:  # EPIPE
                raise LinkClosed("the bench has closed the link")
            if n is None:
                self._poll.modify(self._stream, uselect.POLLOUT)
                self._poll.poll()
                self._poll.modify(self._stream, uselect.POLLIN)
                continue
            buf = buf[n:]

    def wait(self, ms: int) -> bool:
        """Wait until there is something to read, at most `ms` of real time (-1: for ever)."""
        return bool(self._poll.poll(ms))

"""TCP whose other end is in the bench: what `socket` offers on a steered board."""

import io
from errno import EINPROGRESS, ENOTCONN

from micropython import const
from port import link as _link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

AF_INET = const(2)
SOCK_STREAM = const(1)
SOL_SOCKET = const(1)
SO_REUSEADDR = const(2)

_OPEN = const(1)
_SEND = const(2)
_CLOSE = const(3)
_RESOLVE = const(4)
_OPENED = const(0x11)
_DATA = const(0x12)
_CLOSED = const(0x13)
_RESOLVED = const(0x14)
_NAME_UNKNOWN = const(-2)
"""EAI_NONAME, which the ports raise as an error number too."""
_IOCTL_POLL = const(3)
_POLLIN = const(1)
_POLLOUT = const(4)
_POLLHUP = const(16)

_sockets: "dict[int, socket]" = {}
_last = 0
_address: "str | None" = None


def take(payload: memoryview) -> None:
    """A SOCKET frame from the bench."""
    global _address
    if payload[0] == _RESOLVED:
        _address = str(payload[2:], "utf-8")
        return
    sock = _sockets.get(payload[1])
    if sock is None:
        return
    op = payload[0]
    if op == _OPENED:
        sock.opened = True
    elif op == _DATA:
        sock.received.extend(payload[2:])
    elif op == _CLOSED:
        sock.error = payload[2] | payload[3] << 8
        sock.ended = True


def getaddrinfo(host: str, port: int, *_: int) -> "list[tuple[int, int, int, str, tuple[str, int]]]":
    """The bench looks names up. OSError for one that nobody knows."""
    global _address
    address: "str | None" = host
    if not host.replace(".", "").isdigit():
        _address = None
        _link.link().send(_link.SOCKET, bytes((_RESOLVE, 0)), host.encode())
        while _address is None:
            _wait()
        address = _address
        if not address:
            raise OSError(_NAME_UNKNOWN)
    return [(AF_INET, SOCK_STREAM, 0, "", (address, port))]


class socket(io.IOBase):
    """A TCP client."""

    def __init__(self, af: int = AF_INET, type: int = SOCK_STREAM, proto: int = 0) -> None:
        global _last
        _last = (_last + 1) & 0xFF
        self._id = _last
        self.opened = False
        self.ended = False
        self.error = 0
        self.received = bytearray()
        self._blocking = True
        _sockets[self._id] = self

    def setblocking(self, flag: bool) -> None:
        """Non-blocking calls return None, or raise EINPROGRESS."""
        self._blocking = flag

    def settimeout(self, value: "float | None") -> None:
        """0 = non-blocking; other values block."""
        self._blocking = value != 0

    def setsockopt(self, level: int, option: int, value: "Any") -> None:
        """No option changes anything on this wire."""

    def connect(self, address: "tuple[str, int]") -> None:
        """Ask the bench for a connection."""
        _link.link().send(_link.SOCKET, bytes((_OPEN, self._id)), ("%s:%d" % address).encode())
        if not self._blocking:
            raise OSError(EINPROGRESS)
        while not self.opened and not self.ended:
            _wait()
        self._check()

    def _check(self) -> None:
        if self.error:
            raise OSError(self.error)

    def readinto(self, buf: "bytearray | memoryview", nbytes: int = -1) -> "int | None":
        """Read what is there; 0 at the end, None if nothing is there yet."""
        self._check()
        while not self.received and not self.ended and self._blocking:
            _wait()
        n = min(len(self.received), len(buf) if nbytes < 0 else nbytes)
        if not n:
            return 0 if self.ended else None
        buf[:n] = self.received[:n]
        self.received = self.received[n:]
        return n

    def read(self, nbytes: int = -1) -> "bytes | None":
        """Read up to `nbytes`; b"" at the end, None if nothing is there yet."""
        buf = bytearray(len(self.received) if nbytes < 0 else min(nbytes, len(self.received) or 1))
        n = self.readinto(buf)
        return None if n is None else bytes(buf[:n])

    recv = read

    def readline(self) -> "bytes | None":
        """Read up to and with a newline if one is there, else what is there."""
        end = self.received.find(b"\n")
        return self.read(end + 1 if end >= 0 else -1)

    def write(self, buf: "bytes | bytearray | memoryview") -> int:
        """Send all of `buf`."""
        self._check()
        if not self.opened or self.ended:
            raise OSError(ENOTCONN)
        _link.link().send(_link.SOCKET, bytes((_SEND, self._id)), buf)
        return len(buf)

    send = write

    def close(self) -> None:
        """Close the connection; twice does no harm."""
        if _sockets.pop(self._id, None) is not None and not self.ended:
            _link.link().send(_link.SOCKET, bytes((_CLOSE, self._id)))

    def ioctl(self, request: int, arg: int) -> int:
        """`select.poll` and asyncio ask here."""
        if request != _IOCTL_POLL:
            self.close()
            return 0
        ready = 0
        if self.received or self.ended:
            ready |= arg & _POLLIN
        if self.opened or self.ended:
            ready |= arg & _POLLOUT
        if self.ended and not self.received:
            ready |= arg & _POLLHUP
        return ready


def _wait() -> None:
    from port import steer

    steer.sleep_us(1000)

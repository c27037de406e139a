"""Virtual NOR flash of a board that has no room for one: every operation is the bench's, which keeps the image."""

from struct import pack

from micropython import const
from port import link as _link
from port.flash import BLOCK, FlashFault, FlashFile

_READ = const(1)
_PROGRAM = const(2)
_ERASE = const(3)
_FAULT = const(0x13)
_PIECE = const(1024)


class FlashLink(FlashFile):
    """`port/flash.py`'s chip with its rules and its power cut on the bench's side."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.operations = 0
        self.written = 0
        self._counts = bytearray(size // BLOCK * 4)

    def _keep_wear(self) -> None:
        """It counts from the start."""

    def readblocks(self, block: int, buf: bytearray, offset: int = 0) -> None:
        """Read."""
        at = block * BLOCK + offset
        view = memoryview(buf)
        while view:
            n = min(len(view), _PIECE)
            view[:n] = _ask(pack("<BIH", _READ, at, n))
            view = view[n:]
            at += n

    def writeblocks(self, block: int, buf: bytearray, offset: int = 0) -> None:
        """Program: ones become zeros, never the other way.

        Raises:
            FlashFault: the file system wants it the other way.
        """
        _ask(pack("<BI", _PROGRAM, block * BLOCK + offset), buf)
        self.operations += 1
        self.written += len(buf)

    def ioctl(self, op: int, arg: int) -> "int | None":
        """Sync (3), block count (4), block size (5), erase (6)."""
        if op != 6:
            return super().ioctl(op, arg)
        _ask(pack("<BI", _ERASE, arg * BLOCK))
        self.operations += 1
        self._wear_out(arg)
        return 0


def _ask(head: bytes, data: "bytes | bytearray" = b"") -> bytes:
    answer = _link.link().request(_link.FLASH, head, data)
    if answer[0] == _FAULT:
        raise FlashFault(str(answer[1:], "utf-8"))
    return answer[1:]

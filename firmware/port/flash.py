"""Virtual NOR flash for LittleFS, kept in a file of the bench.

It behaves as the chip does: an erase sets a block to ones, a program only clears bits. On request the n-th operation
is the last one, and is done not at all, by half or as a whole: what a power cut before, in or after it leaves.
"""

from micropython import const
from port import link as _link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BLOCK = const(4096)
_POWER_CUT = const(5)
_COUNT = const(4)
"""Bytes of a block's count of erasures."""


class FlashFault(Exception):
    """The file system did what no NOR flash can do."""


class FlashFile:
    """A block device (`os.AbstractBlockDev`, extended interface) of `size` bytes in the file `path`."""

    def __init__(self, path: str, size: int, cut_after: int = 0, cut_halves: int = 1) -> None:
        self._file: "Any" = open(path, "r+b")
        self._size = size
        self._cut_after = cut_after
        self._cut_halves = cut_halves
        self.operations = 0
        self.written = 0
        self._wear_path = path + ".wear"
        self._counts = bytearray(size // BLOCK * _COUNT)
        try:
            with open(self._wear_path, "rb") as file:
                file.readinto(self._counts)
        except OSError:
            pass  # nothing was erased yet

    def wear(self) -> "tuple[int, int, int, int]":
        """How often the block was erased that was erased most, and all blocks together, since the chip was new; since
        the start, how many operations there were and how many bytes were programmed."""
        most = total = 0
        for at in range(0, len(self._counts), _COUNT):
            count = int.from_bytes(self._counts[at : at + _COUNT], "little")
            total += count
            most = max(most, count)
        return most, total, self.operations, self.written

    def _wear_out(self, block: int) -> None:
        at = block * _COUNT
        count = int.from_bytes(self._counts[at : at + _COUNT], "little") + 1
        self._counts[at : at + _COUNT] = count.to_bytes(_COUNT, "little")
        self._keep_wear()

    def _keep_wear(self) -> None:
        with open(self._wear_path, "wb") as file:
            file.write(self._counts)

    def readblocks(self, block: int, buf: bytearray, offset: int = 0) -> None:
        """Read."""
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buf)

    def writeblocks(self, block: int, buf: bytearray, offset: int = 0) -> None:
        """Program: ones become zeros, never the other way."""
        at = block * BLOCK + offset
        before = bytearray(len(buf))
        self._file.seek(at)
        self._file.readinto(before)
        for i in range(len(buf)):
            if buf[i] & ~before[i] & 0xFF:
                raise FlashFault("program of block %d at %d: %02x over %02x" % (block, offset + i, buf[i], before[i]))
        self.written += len(buf)
        self._last_one_in_part(at, memoryview(buf))
        self._put(at, buf)

    def ioctl(self, op: int, arg: int) -> "int | None":
        """Sync (3), block count (4), block size (5), erase (6)."""
        if op == 4:
            return self._size // BLOCK
        if op == 5:
            return BLOCK
        if op == 6:
            ones = b"\xff" * BLOCK
            self._wear_out(arg)
            self._last_one_in_part(arg * BLOCK, memoryview(ones))
            self._put(arg * BLOCK, ones)
        return 0

    def _put(self, at: int, data: "bytes | bytearray | memoryview") -> None:
        self._file.seek(at)
        self._file.write(data)
        # Into the kernel at once: the process may be killed between any two operations.
        self._file.flush()

    def _last_one_in_part(self, at: int, data: memoryview) -> None:
        self.operations += 1
        if self.operations != self._cut_after:
            return
        self._put(at, data[: len(data) * self._cut_halves // 2])
        lk = _link.link()
        lk.send(_link.SYSTEM, bytes((_POWER_CUT,)) + self.operations.to_bytes(4, "little"))
        while True:
            lk.pump(-1)  # the bench ends this process; no code may run any more


def is_blank(device: FlashFile) -> bool:
    """True if the first two blocks are as from the factory: only then a file system may be made."""
    buf = bytearray(256)
    ones = b"\xff" * 256
    for block in (0, 1):
        for offset in range(0, BLOCK, 256):
            device.readblocks(block, buf, offset)
            if buf != ones:
                return False
    return True

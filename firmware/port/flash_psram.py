"""Virtual NOR flash for LittleFS in the PSRAM that QEMU shares with the bench: it outlives the process."""

from micropython import const
from port import psram
from port.flash import BLOCK, FlashFault, FlashFile

_ONES = b"\xff" * 256
_STEP = const(256)
_NOTHING = memoryview(b"")


class FlashPsram(FlashFile):
    """`port/flash.py`'s chip over a window of memory: same rules, same count of operations, same torn last one."""

    def __init__(self, size: int, cut_after: int = 0, cut_halves: int = 1) -> None:
        self._memory = psram.window(psram.FLASH, size)
        self._size = size
        self._cut_after = cut_after
        self._cut_halves = cut_halves
        self.operations = 0
        self.written = 0
        self._counts = bytearray(size // BLOCK * 4)

    def _keep_wear(self) -> None:
        """It counts from the start: the memory has no room for more than the flash."""

    def readblocks(self, block: int, buf: bytearray, offset: int = 0) -> None:
        """Read."""
        at = block * BLOCK + offset
        buf[:] = self._memory[at : at + len(buf)]

    def writeblocks(self, block: int, buf: bytearray, offset: int = 0) -> None:
        """Program: ones become zeros, never the other way."""
        at = block * BLOCK + offset
        before = self._memory[at : at + len(buf)]
        for i in range(len(buf)):
            if buf[i] & ~before[i] & 0xFF:
                raise FlashFault("program of block %d at %d: %02x over %02x" % (block, offset + i, buf[i], before[i]))
        self.written += len(buf)
        self._last_one_in_part(at, memoryview(buf))
        self._put(at, buf)

    def ioctl(self, op: int, arg: int) -> "int | None":
        """Sync (3), block count (4), block size (5), erase (6)."""
        if op != 6:
            return super().ioctl(op, arg)
        # In small steps: 4 KB of ones at once would be a twentieth of the heap.
        at = arg * BLOCK
        self._wear_out(arg)
        last = self.operations + 1 == self._cut_after
        for step in range(at, at + (BLOCK * self._cut_halves // 2 if last else BLOCK), _STEP):
            self._put(step, _ONES)
        self._last_one_in_part(at, _NOTHING)  # counts, and reports the cut
        return 0

    def _put(self, at: int, data: "bytes | bytearray | memoryview") -> None:
        self._memory[at : at + len(data)] = data

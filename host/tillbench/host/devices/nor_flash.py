"""A board's NOR flash, kept in a file of the bench: an erase makes ones, a program only clears bits.

On request the n-th operation is the last one and is done by half: what a power cut in the middle leaves.
"""

from __future__ import annotations

from pathlib import Path

BLOCK = 4096


class FlashFault(Exception):
    """The file system did what no NOR flash can do."""


class PowerCut(Exception):
    """This was the last operation."""


class NorFlash:
    """The chip.

    Args:
        path: its image, which is there already.
        size: bytes of it that are the flash.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size
        self.operations = 0
        self.cut_after = 0

    def power_on(self, cut_after: int) -> None:
        """Count from here on; 0: the power lasts."""
        self.operations = 0
        self.cut_after = cut_after

    def read(self, at: int, n: int) -> bytes:
        """`n` bytes.

        Raises:
            FlashFault: beyond the end.
        """
        self._check(at, n)
        with self._path.open("rb") as file:
            file.seek(at)
            return file.read(n)

    def program(self, at: int, data: bytes) -> None:
        """Clear bits.

        Raises:
            FlashFault: a bit was to be set, or it is beyond the end.
            PowerCut: done by half.
        """
        before = self.read(at, len(data))
        for i, (new, old) in enumerate(zip(data, before, strict=True)):
            if new & ~old:
                raise FlashFault(f"program of block {at // BLOCK} at {at % BLOCK + i}: {new:02x} over {old:02x}")
        self._put(at, data)

    def erase(self, at: int) -> None:
        """Set a block to ones.

        Raises:
            FlashFault: it is no block.
            PowerCut: done by half.
        """
        self._check(at, BLOCK)
        if at % BLOCK:
            raise FlashFault(f"erase at {at}: expected a multiple of {BLOCK}")
        self._put(at, b"\xff" * BLOCK)

    def _check(self, at: int, n: int) -> None:
        if at + n > self._size:
            raise FlashFault(f"{n} bytes at {at}: the flash ends at {self._size}")

    def _put(self, at: int, data: bytes) -> None:
        self.operations += 1
        last = self.operations == self.cut_after
        with self._path.open("r+b") as file:
            file.seek(at)
            file.write(data[: len(data) // 2] if last else data)
        if last:
            raise PowerCut

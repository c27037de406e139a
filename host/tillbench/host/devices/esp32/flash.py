"""A SPI NOR flash: an erase makes ones, a program only clears bits."""

from __future__ import annotations

SECTOR = 0x1000
READ_ID = 0x9F
READ_STATUS = 0x05
ERASED = 0xFF


class OutOfRange(ValueError):
    """Beyond the end of the chip."""


class SpiFlash:
    """The chip beside the ESP32.

    Args:
        size: bytes, a power of two; the chip says its logarithm in its identification.
        manufacturer: JEDEC number; 0xC8 is GigaDevice.
    """

    def __init__(self, size: int = 4 << 20, manufacturer: int = 0xC8) -> None:
        self.data = bytearray([ERASED]) * size
        self.manufacturer = manufacturer
        self.erases = 0
        self.programs = 0

    @property
    def identification(self) -> int:
        """What READ_ID answers, first byte lowest: manufacturer, type, logarithm of the size."""
        return self.manufacturer | 0x40 << 8 | (len(self.data).bit_length() - 1) << 16

    def erase(self, offset: int, size: int) -> None:
        """Erase every sector that holds a byte of that range."""
        self._check(offset, size)
        first, end = offset // SECTOR * SECTOR, -(-(offset + size) // SECTOR) * SECTOR
        self.data[first:end] = bytes([ERASED]) * (end - first)
        self.erases += 1

    def program(self, offset: int, data: bytes) -> None:
        """Write: a bit that is 0 stays 0."""
        self._check(offset, len(data))
        before = int.from_bytes(self.data[offset : offset + len(data)], "big")
        self.data[offset : offset + len(data)] = (before & int.from_bytes(data, "big")).to_bytes(len(data), "big")
        self.programs += 1

    def read(self, offset: int, size: int) -> bytes:
        """Read."""
        self._check(offset, size)
        return bytes(self.data[offset : offset + size])

    def _check(self, offset: int, size: int) -> None:
        if offset + size > len(self.data):
            raise OutOfRange(f"{size} bytes at {offset:#x}: the flash ends at {len(self.data):#x}")

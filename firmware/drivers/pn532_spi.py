"""A PN532 on SPI: mode 0, lowest bit first, at most 5 MHz; a first byte says what follows (UM0701-02, 6.2.5)."""

import asyncio

from drivers.pn532_frame import HEAD, ROOM, size
from drivers.pn532_ready import Ready
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import SPI, Pin

_WRITE = b"\x01"
_STATUS = b"\x02\x00"
_READ = b"\x03"
_READY = const(1)
_WAKE_MS = const(3)


class SpiPort(Ready):
    """`spi` sends the lowest bit first; `select` is NSS, an output that is high."""

    def __init__(self, spi: "SPI", select: "Pin", irq: "Pin | None" = None) -> None:
        super().__init__(irq)
        self._spi = spi
        self._select = select
        self._status = bytearray(2)
        self._room = memoryview(bytearray(ROOM))

    async def wake(self) -> None:
        """A sleeping chip wakes when it is selected, and takes 2 ms for it."""
        self._select(0)
        await asyncio.sleep_ms(_WAKE_MS)
        self._select(1)

    def write(self, frame: "bytes | memoryview") -> None:
        """Send a frame."""
        self._select(0)
        self._spi.write(_WRITE)
        self._spi.write(frame)
        self._select(1)

    def is_ready(self) -> bool:
        """Ask the chip."""
        self._select(0)
        self._spi.write_readinto(_STATUS, self._status)
        self._select(1)
        return bool(self._status[1] & _READY)

    async def read(self, timeout_ms: int) -> memoryview:
        """The next frame, which lasts until the next call.

        Raises:
            asyncio.TimeoutError: nothing came.
            FrameFault: it is damaged.
        """
        await self.wait_ready(timeout_ms)
        room = self._room
        self._select(0)
        try:
            self._spi.write(_READ)
            self._spi.readinto(room[:HEAD])
            n = size(room)
            if n > HEAD:
                self._spi.readinto(room[HEAD:n])
        finally:
            self._select(1)
        return room[:n]

"""A PN532 on I2C: each read begins with a status byte, and takes a frame from its beginning (UM0701-02, 6.2.4)."""

import asyncio

from drivers.pn532_frame import HEAD, NAK, ROOM, size
from drivers.pn532_ready import Ready
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C, Pin

_READY = const(1)
_WAKE_MS = const(5)
_AGAIN_MS = const(50)


class I2cPort(Ready):
    """`irq` is the chip's interrupt line, None if it is not connected. An address that nobody acknowledges is no
    error here: it brings no answer."""

    def __init__(self, i2c: "I2C", irq: "Pin | None" = None, addr: int = 0x24) -> None:
        super().__init__(irq)
        self._i2c = i2c
        self._addr = addr
        self._status = bytearray(1)
        self._room = memoryview(bytearray(1 + ROOM))

    async def wake(self) -> None:
        """A sleeping chip wakes at its address, and acknowledges only the next one."""
        self.write(b"\x00")
        await asyncio.sleep_ms(_WAKE_MS)

    def write(self, frame: "bytes | memoryview") -> None:
        """Send a frame."""
        try:
            self._i2c.writeto(self._addr, frame)
        except OSError:
            pass

    def is_ready(self) -> bool:
        """Ask the chip."""
        return bool(self._read(self._status)[0] & _READY)

    def _read(self, buf: "bytearray | memoryview") -> "bytearray | memoryview":
        try:
            self._i2c.readfrom_into(self._addr, buf)  # pyright: ignore[reportArgumentType]  (the stubs know no memoryview)
        except OSError:
            buf[0] = 0
        return buf

    async def read(self, timeout_ms: int) -> memoryview:
        """The next frame, which lasts until the next call. One that turns out to be longer is read once more.

        Raises:
            asyncio.TimeoutError: nothing came.
            FrameFault: it is damaged.
        """
        await self.wait_ready(timeout_ms)
        room = self._room
        self._read(room[: 1 + HEAD])
        n = size(room[1:])
        if n > HEAD:
            self.write(NAK)
            await self.wait_ready(_AGAIN_MS)
            self._read(room[: 1 + n])
        return room[1 : 1 + n]

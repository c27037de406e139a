"""A PN532 on I2C: each read begins with a status byte, and takes a frame from its beginning (UM0701-02, 6.2.4)."""

import asyncio

from drivers.pn532_frame import NAK, ROOM, size
from drivers.pn532_ready import Ready
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C, Pin

_READY = const(1)
_GUESS = const(16)  # most answers have no more
_WAKE_MS = const(5)
_AGAIN_MS = const(50)


class I2cPort(Ready):
    """`irq` is the chip's interrupt line, None if it is not connected. An address that nobody acknowledges is no
    error here: it brings no answer."""

    def __init__(self, i2c: "I2C", irq: "Pin | None" = None, addr: int = 0x24) -> None:
        super().__init__(irq)
        self._i2c = i2c
        self._addr = addr
        self._room = memoryview(bytearray(1 + ROOM))
        self._want = _GUESS
        self._fetched = False  # what is wanted of a frame came with the question whether there is one

    async def wake(self) -> None:
        """A sleeping chip wakes at its address, and acknowledges only the next one."""
        self.write(b"\x00")
        await asyncio.sleep_ms(_WAKE_MS)

    def write(self, frame: "bytes | memoryview") -> None:
        """Send a frame."""
        self._fetched = False
        try:
            self._i2c.writeto(self._addr, frame)
        except OSError:
            pass

    def is_ready(self) -> bool:
        """Ask the chip; one that has interrupted is asked for its frame at the same time."""
        if not self._fetched:
            n = 0 if self._irq is None else self._want
            if not self._read(n):
                return False
            self._fetched = n > 0
        return True

    def _read(self, n: int) -> bool:
        """Status, and so many bytes of the frame; whether there is one."""
        buf = self._room[: 1 + n]
        try:
            self._i2c.readfrom_into(self._addr, buf)  # pyright: ignore[reportArgumentType]  the stubs know no memoryview
        except OSError:
            buf[0] = 0
        return bool(buf[0] & _READY)

    async def _fetch(self, n: int, timeout_ms: int) -> None:
        self._want = n
        await self.wait_ready(timeout_ms)
        if not self._fetched:
            self._read(n)
        self._fetched = False

    async def read(self, timeout_ms: int) -> memoryview:
        """The next frame, which lasts until the next call. One that turns out to be longer is read once more.

        Raises:
            asyncio.TimeoutError: nothing came.
            FrameFault: it is damaged.
        """
        await self._fetch(_GUESS, timeout_ms)
        n = size(self._room[1:])
        if n > _GUESS:
            self.write(NAK)
            await self._fetch(n, _AGAIN_MS)
        return self._room[1 : 1 + n]

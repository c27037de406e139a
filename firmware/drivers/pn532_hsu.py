"""A PN532 on a UART, its high speed UART: 115,200 bit/s, 8N1; it sends by itself (UM0701-02, 6.2.3)."""

import asyncio

from drivers.pn532_frame import HEAD, ROOM, FrameFault, is_ack, size
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import UART

_WAKE_UP = b"\x55\x55" + bytes(14)
_WAKE_MS = const(5)
_PAUSE_MS = const(20)  # within a frame; a byte takes 0.1
_ACK_SIZE = const(6)


class HsuPort:
    """`uart` is set to the chip's speed, with room for a whole frame."""

    def __init__(self, uart: "UART") -> None:
        self._uart = uart
        self._stream = asyncio.StreamReader(uart)
        self._room = memoryview(bytearray(ROOM))

    async def wake(self) -> None:
        """A sleeping chip wakes at edges on its RX, and hears nothing for a while."""
        self._uart.write(_WAKE_UP)
        await asyncio.sleep_ms(_WAKE_MS)
        while self._uart.any():
            self._uart.read(self._uart.any())

    def close(self) -> None:
        """There is nothing to let go of."""

    def write(self, frame: "bytes | memoryview") -> None:
        """Send a frame."""
        self._uart.write(frame)

    async def read(self, timeout_ms: int) -> memoryview:
        """The next frame, which lasts until the next call.

        Raises:
            asyncio.TimeoutError: nothing came.
            FrameFault: it is damaged.
        """
        room = self._room
        room[0:3] = b"\xff\xff\xff"
        await self._take(room[2:3], timeout_ms)
        while not self._is_start(room):
            room[0:2] = bytes(room[1:3])
            await self._take(room[2:3], self._pause_ms())
        room[0] = 0
        try:
            await self._take(room[3:_ACK_SIZE], self._pause_ms())
            if is_ack(room):
                return room[:_ACK_SIZE]
            await self._take(room[_ACK_SIZE:HEAD], self._pause_ms())
            n = size(room)
            if n > HEAD:
                await self._take(room[HEAD:n], self._pause_ms())
        except asyncio.TimeoutError:
            raise FrameFault("CUT")
        return room[:n]

    def _is_start(self, room: memoryview) -> bool:
        return room[1] == 0 and room[2] == 0xFF

    def _pause_ms(self) -> int:
        return _PAUSE_MS

    async def _take(self, into: memoryview, timeout_ms: int) -> None:
        at = 0
        while at < len(into):
            wait = self._stream.readinto(into[at:])
            at += await (wait if timeout_ms < 0 else asyncio.wait_for_ms(wait, timeout_ms))

"""Barcode scanner: a UART module that sends what it reads as a line, ended by CR, LF or both."""

import asyncio
import time

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import UART

_LONGEST = const(160)  # the code of a slip has at most 122
_PAUSE_MS = const(100)  # within a line; at 9600 bit/s a character takes one
_REPEAT_MS = const(500)  # the trigger is still held, and the module reads the same label again


class Scanner:
    """`await scan()`. `refused` counts lines that were dropped: cut off, too long, or not text."""

    def __init__(self, uart: "UART") -> None:
        self.refused = 0
        self._uart = uart
        self._reader = asyncio.StreamReader(uart)
        self._line = bytearray(_LONGEST)
        self._last = ""
        self._last_at = 0

    async def scan(self) -> str:
        """The next code that is read from now on; what was read before nobody has asked for."""
        self._drain()
        count = 0
        while True:
            byte = await self._next(count)
            if byte < 0:
                self.refused += 1
                count = 0
            elif byte not in b"\r\n":
                if count < _LONGEST:
                    self._line[count] = byte
                count += 1
            elif count:
                text = self._text(count)
                count = 0
                if text and not self._is_repeat(text):
                    return text

    def _drain(self) -> None:
        while self._uart.any():
            self._uart.read(self._uart.any())

    async def _next(self, count: int) -> int:
        """The next byte; -1 if a line that has begun goes no further."""
        if not count:
            return (await self._reader.readexactly(1))[0]
        try:
            return (await asyncio.wait_for_ms(self._reader.readexactly(1), self._pause_ms()))[0]
        except asyncio.TimeoutError:
            return -1

    def _pause_ms(self) -> int:
        return _PAUSE_MS

    def _text(self, count: int) -> str:
        if self._is_too_long(count) or not self._is_text(count):
            self.refused += 1
            return ""
        return str(self._line[:count], "ascii")

    def _is_too_long(self, count: int) -> bool:
        return count > _LONGEST

    def _is_text(self, count: int) -> bool:
        # Another baud rate, or noise, makes other bytes out of a code, and hardly ever only printable ones.
        for byte in self._line[:count]:
            if not 0x20 <= byte < 0x7F:
                return False
        return True

    def _is_repeat(self, text: str) -> bool:
        now = time.ticks_ms()
        repeat = text == self._last and time.ticks_diff(now, self._last_at) < _REPEAT_MS
        self._last = text
        self._last_at = now
        return repeat

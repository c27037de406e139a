"""A transparent serial line: STX, length in two bytes of BCD, the message, ETX, LRC (XOR of all from the length on).

What is between length and ETX is what a TCP line carries behind its length. A frame that is not whole is passed over as
noise: the host repeats nothing by itself, so at worst there is no answer, and that is known to mean a reversal.
"""

import asyncio

from terminal.line.watched import NoLine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.board import Reader, Writer

_STX = 0x02
_ETX = 0x03
_SMALLEST = 11
_LARGEST = 1500
"""Of the length: TPDU and header, and what `framing.read_frame` takes."""
_PAUSE_MS = 1000
"""Of silence in the middle of a frame, beside the time that its characters take, after which its rest is lost."""
_BITS = 10


def open_serial(terminal: Terminal) -> "tuple[SerialFrames, SerialFrames]":
    """Both ends of the board's serial line; what lay in its buffer is gone. Raises NoLine."""
    line = terminal.board.serial_line
    if line is None:
        raise NoLine("serial_missing")
    baud = terminal.parameters.baud
    reader, writer = line.open(baud)
    ends = SerialFrames(reader, writer, baud)
    return ends, ends


class SerialFrames:
    """Reader and writer in one, for frames as they are on a TCP line."""

    def __init__(self, reader: Reader, writer: Writer, baud: int) -> None:
        self._reader = reader
        self._writer = writer
        self._baud = baud
        self._frame = b""
        self._heard = 0

    @property
    def no_answer(self) -> str:
        """What a time-out means here, a key of the text table: nobody at the other end, or another speed."""
        return "serial_noise" if self._heard else "serial_silent"

    def write(self, data: bytes) -> None:
        """One frame of a TCP line, length first."""
        digits = b"%04d" % (len(data) - 2)
        inner = bytearray((_bcd(digits[:2]), _bcd(digits[2:]))) + data[2:]
        inner.append(_ETX)
        self._writer.write(b"\x02" + inner + bytes((_lrc(inner),)))

    async def drain(self) -> None:
        """Until the port has taken it."""
        await self._writer.drain()

    async def readexactly(self, n: int) -> bytes:
        """So many bytes of the next frame, as it would be on a TCP line."""
        while len(self._frame) < n:
            self._frame = await self._next()
        data, self._frame = self._frame[:n], self._frame[n:]
        return data

    def close(self) -> None:
        """The line stays."""

    async def wait_closed(self) -> None:
        """Nothing to wait for."""

    async def _next(self) -> bytes:
        """The next whole frame."""
        while True:
            while (await self._characters(1, None))[0] != _STX:
                pass
            try:
                head = await self._characters(2, _PAUSE_MS)
                size = _number(head)
                if not _SMALLEST <= size <= _LARGEST:
                    continue
                rest = await self._characters(size + 2, _PAUSE_MS)
            except asyncio.TimeoutError:
                continue
            if rest[size] == _ETX and rest[size + 1] == _lrc(head + rest[: size + 1]):
                return size.to_bytes(2, "big") + rest[:size]

    async def _characters(self, n: int, pause_ms: "int | None") -> bytes:
        reading = self._reader.readexactly(n)
        if pause_ms is None:
            found = await reading
        else:
            found = await asyncio.wait_for_ms(reading, pause_ms + n * _BITS * 1000 // self._baud)
        self._heard += n
        return found


def _bcd(digits: bytes) -> int:
    return (digits[0] - 48) << 4 | (digits[1] - 48)


def _number(bcd: bytes) -> int:
    """-1 for what are no digits."""
    number = 0
    for byte in bcd:
        if byte >> 4 > 9 or byte & 15 > 9:
            return -1
        number = number * 100 + (byte >> 4) * 10 + (byte & 15)
    return number


def _lrc(data: "bytes | bytearray") -> int:
    value = 0
    for byte in data:
        value ^= byte
    return value

"""Characters on the I/O contact of a card, over a UART (ISO/IEC 7816-3, 7; EMV Book 1, 7, 9.2.2 and 9.2.4).

I/O is one wire: TX pulls it low through an open drain, RX listens, the pull-up hangs on the card's VCC contact. So
every character that goes out comes back as an echo, which is removed and compared here.

Limits of the ESP32's UART: it cannot pull I/O low within a character, so the T=0 error signal is never sent and a card
is never asked to repeat; and it keeps a character with wrong parity without telling MicroPython. A damaged character
shows up as what it breaks: BAD_ATR, PROTOCOL, or a status or cryptogram that the layers above refuse.
"""

import asyncio
import io
import time

from iso7816.atr import other_convention
from iso7816.errors import CardError
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from machine import UART

CLOCK_HZ = const(4_000_000)
F_DEFAULT = const(372)  # clock cycles of one etu at D=1 (EMV Book 1, 7.1)
_CHARACTER_ETU = const(12)
_T0_TURNAROUND_ETU = const(6)  # of the 16 etu between starts in opposite directions; RX shows a character after 10.5
_T1_TURNAROUND_ETU = const(12)  # of the block guard time, 22 etu (EMV Book 1, 9.2.4.2.2)
_FIFO = const(120)  # characters that the UART may hold back while more of them follow without a pause
_ECHO_MARGIN_MS = const(50)
_CHUNK = const(64)  # characters at a time; fits the smallest receive buffer
_LEFTOVERS = const(600)  # characters after a damaged block; what sends more is no card
_POLL = const(3)  # MP_STREAM_POLL
_READABLE = const(1)


class _Receiver(io.IOBase):
    """The receive side as asyncio waits for it: also ready when the card is gone, so a pulled card wakes the reader."""

    def __init__(self, uart: "UART") -> None:
        self.uart = uart
        self.gone = False

    def ioctl(self, request: int, flags: int) -> int:
        if request != _POLL:
            return -1
        return flags & _READABLE if self.gone or self.uart.any() else 0

    def readinto(self, room: memoryview) -> "int | None":
        return None if self.gone else self.uart.readinto(room)


class CardLine:
    """The I/O line at a clock of 4 MHz. `is_open` tells whether the presence switch is open at this moment."""

    def __init__(self, uart: "UART", is_open: "Callable[[], bool]") -> None:
        self._uart = uart
        self._is_open = is_open
        self._receiver = _Receiver(uart)
        self._stream = asyncio.StreamReader(self._receiver)
        self._f = F_DEFAULT
        self._etu_ns = 0
        self._inverse = False
        self._guard_ms = 0
        self._guard_us = 0
        self._echo = memoryview(bytearray(_CHUNK))
        self._mirror = memoryview(bytearray(_CHUNK))
        self._zeros = bytes(_CHUNK)

    # Setting up

    def set_rate(self, d: int = 1, guard: int = 0, inverse: bool = False, f: int = F_DEFAULT) -> None:
        """Release the line; etu is F / D clock cycles, `guard` extra etu are kept between characters sent."""
        self._f = f
        self._etu_ns = f * 1000 // (CLOCK_HZ // 1_000_000) // d
        self._inverse = inverse
        self._guard_ms = self.milliseconds(guard) if guard else 0
        self._guard_us = guard * self._etu_ns // 1000
        self._setup(d, 0)

    def _setup(self, d: int, invert: int) -> None:
        # 8 bits, parity, 2 stop bits: 12 etu, the least that T=0 asks for. 4 MHz / 372 = 10,753 baud.
        # Inverse convention counts the other level as 1, so its even parity is odd here.
        self._uart.init(
            baudrate=(CLOCK_HZ * d + self._f // 2) // self._f,
            bits=8,
            parity=1 if self._inverse else 0,
            stop=2,
            invert=invert,
        )

    def hold_low(self) -> None:
        """Pull the line low for as long as the card is off."""
        # Setting up the UART waits for the characters under way. When a card leaves in the middle of a command, VCC is
        # more urgent, and the pull-up takes the line down with it.
        if self._uart.txdone():
            self._setup(1, self._uart.INV_TX)

    def drain(self) -> None:
        """Forget what has been received: what the line did while it was low, or the rest of a rejected answer."""
        while self._uart.any():
            self._uart.readinto(self._echo)

    def milliseconds(self, etu: int) -> int:
        """At least `etu` elementary time units."""
        return (etu * self._etu_ns + 999_999) // 1_000_000 + 1  # the first tick may be nearly over

    def waiting_ms(self, etu: int) -> int:
        """How long to wait for a character that begins within `etu` of the one before."""
        return self.milliseconds(etu + _FIFO * _CHARACTER_ETU)

    # The card's presence

    @property
    def gone(self) -> bool:
        """True from the first break of the presence contact; set to False for a new session."""
        return self._receiver.gone

    @gone.setter
    def gone(self, value: bool) -> None:
        self._receiver.gone = value

    def check_present(self) -> None:
        """Raise CardError REMOVED if the card has left."""
        if self._receiver.gone or self._is_open():
            self._receiver.gone = True
            raise CardError("REMOVED")

    # Characters

    async def receive(self, room: memoryview, limit_ms: int) -> None:
        """Fill `room` with characters as the line shows them; `limit_ms` is the longest silence before one.

        Raises:
            CardError: REMOVED, which wins over a time-out.
            asyncio.TimeoutError
        """
        at = 0
        while at < len(room):
            self.check_present()
            if self._uart.any():
                got = self._uart.readinto(room[at:])
            else:
                longest = limit_ms + self.milliseconds(_CHARACTER_ETU * (len(room) - at))
                try:
                    got = await asyncio.wait_for_ms(self._stream.readinto(room[at:]), longest)
                except asyncio.TimeoutError:
                    self.check_present()
                    raise
            at += got or 0

    async def receive_logical(self, room: memoryview, limit_ms: int) -> None:
        """As `receive`, in the card's convention."""
        await self.receive(room, limit_ms)
        if self._inverse:
            for i in range(len(room)):
                room[i] = other_convention(room[i])

    async def send(self, characters: memoryview) -> None:
        """Send in the card's convention, and take the echo off the line.

        Raises:
            CardError: REMOVED; COLLISION, an echo is missing or differs.
        """
        time.sleep_us(_T0_TURNAROUND_ETU * self._etu_ns // 1000)
        step = 1 if self._guard_ms else _CHUNK
        for at in range(0, len(characters), step):
            part = self._as_on_line(characters[at : at + step])
            self._write(part)
            await self._check_echo(part)
            if self._guard_ms:
                await asyncio.sleep_ms(self._guard_ms)

    async def send_block(self, characters: memoryview) -> None:
        """The same for a block of T=1: its characters follow each other without a pause, as the character waiting time
        wants it. With a guard time that is to the microsecond, and no other task runs meanwhile.

        Raises as `send`.
        """
        time.sleep_us(_T1_TURNAROUND_ETU * self._etu_ns // 1000)
        step = 1 if self._guard_us else _CHUNK
        for at in range(0, len(characters), step):
            self._write(self._as_on_line(characters[at : at + step]))
            if self._guard_us:
                time.sleep_us(_CHARACTER_ETU * self._etu_ns // 1000 + self._guard_us)
        for at in range(0, len(characters), _CHUNK):
            await self._check_echo(self._as_on_line(characters[at : at + _CHUNK]))

    async def wait_quiet(self, limit_ms: int) -> None:
        """Let the rest of a damaged block go by, until the line is silent for `limit_ms`.

        Raises:
            CardError: REMOVED; PROTOCOL, it does not end.
        """
        for _ in range(_LEFTOVERS):
            try:
                await self.receive(self._echo[:1], limit_ms)
            except asyncio.TimeoutError:
                return
        raise CardError("PROTOCOL", "more than %d characters in a row" % _LEFTOVERS)

    def _as_on_line(self, part: memoryview) -> memoryview:
        if not self._inverse:
            return part
        for i in range(len(part)):
            self._mirror[i] = other_convention(part[i])
        return self._mirror[: len(part)]

    def _write(self, part: memoryview) -> None:
        self.check_present()
        if self._uart.write(part) != len(part):
            raise CardError("COLLISION", "the UART did not take %d characters" % len(part))

    async def _check_echo(self, sent: memoryview) -> None:
        size = len(sent)
        echo = self._echo[:size]
        try:
            await self.receive(echo, _ECHO_MARGIN_MS)
            same = echo == sent
        except asyncio.TimeoutError:
            raise CardError("COLLISION", "no echo of %d characters" % size)
        finally:
            # A command may carry a PIN: nothing of it stays in these buffers.
            echo[:] = self._zeros[:size]
            self._mirror[:size] = self._zeros[:size]
        if not same:
            raise CardError("COLLISION", "the echo of %d characters differs from what was sent" % size)

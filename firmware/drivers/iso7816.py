"""Contact card slot: presence switch, activation, and characters over a UART (ISO/IEC 7816-3, EMV Book 1 part II).

I/O is one wire: TX pulls it low through an open drain, RX listens, the pull-up hangs on the card's VCC contact. So
every character that goes out comes back as an echo, which is removed and compared here.

Limits of the ESP32's UART: it cannot pull I/O low within a character, so the T=0 error signal is never sent and a card
is never asked to repeat; and it keeps a character with wrong parity without telling MicroPython. A damaged character
shows up as what it breaks: BAD_ATR, PROTOCOL, or a status or cryptogram that the layers above refuse.
"""

import asyncio
import io
import time

from iso7816.apdu import Apdu
from iso7816.atr import Atr, other_convention
from iso7816.errors import CardError
from iso7816.t0 import Tpdu
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import PWM, UART, Pin

__all__ = ("CardError", "CardSlot")

_CLOCK_HZ = const(4_000_000)
_F = const(372)  # clock cycles of one etu at D=1 (EMV Book 1, 7.1)
_RESET_US = const(10_500)  # RST low for 42,000 of 40,000 to 45,000 clock cycles (6.1.3)
_SUPPLY_US = const(500)  # VCC is stable before CLK starts
_OFF_MS = const(11)  # at least 10 ms between deactivation and activation (ISO/IEC 7816-3, 6.4), and a tick
_ATR_BEGIN_MS = const(55)  # the window closes 42,000 clk to 42,000 clk + 50 ms after RST (6.1.3.1)
_ATR_GAP_ETU = const(10_080)  # between two characters of an answer to reset (8.1)
_ATR_TOTAL_ETU = const(20_160)
_TOLERANCE_ETU = const(480)  # times D, beyond the work waiting time (9.2.2.1)
_CHARACTER_ETU = const(12)
_FIFO = const(120)  # characters that the UART may hold back while more of them follow without a pause
_TURNAROUND_ETU = const(
    6
)  # 16 etu between start bits of opposite directions, 10.5 of them gone when RX has a character
_TPDU_MS = const(60_000)  # a card that only sends NULL bytes is not waited for any longer
_ECHO_MARGIN_MS = const(50)
_DEBOUNCE_MS = const(50)
_CHUNK = const(64)  # characters sent before their echo is checked; fits the smallest receive buffer
_POLL = const(3)  # MP_STREAM_POLL
_READABLE = const(1)


class _Line(io.IOBase):
    """The receive side as asyncio waits for it: also ready when the card is gone, so a pulled card wakes the reader."""

    def __init__(self, uart: "UART") -> None:
        self.uart = uart
        self.gone = False

    def ioctl(self, request: int, flags: int) -> int:
        if request != _POLL:
            return -1
        return flags & _READABLE if self.gone or self.uart.any() else 0

    def readinto(self, room: memoryview) -> "int | None":
        if self.gone:
            raise CardError("REMOVED")
        return self.uart.readinto(room)


class CardSlot:
    """One contact slot. `uart` is free to be set up here; `clk_pwm` is the PWM on CLK; `vcc` high powers the card;
    `present` reads 0 while a card is in (the switch closes to ground).

    One task may wait for the card, one for its removal, and one may exchange, at the same time.
    """

    def __init__(self, uart: "UART", rst: "Pin", clk_pwm: "PWM", vcc: "Pin", present: "Pin") -> None:
        self._uart = uart
        self._rst = rst
        self._clk = clk_pwm
        self._vcc = vcc
        self._contact = present
        self._line = _Line(uart)
        self._stream = asyncio.StreamReader(self._line)
        self._inserted = asyncio.ThreadSafeFlag()
        self._removed = asyncio.ThreadSafeFlag()
        self._edge = time.ticks_ms()
        self._bouncing = False
        self._active = False
        self._etu_ns = 0
        self._wwt_ms = 0
        self._step = _CHUNK
        self._guard_ms = 0
        self._inverse = False
        self._echo = memoryview(bytearray(_CHUNK))
        self._wire = memoryview(bytearray(_CHUNK))
        self._zeros = bytes(_CHUNK)
        self._nothing = memoryview(b"")
        self._tpdu = Tpdu()
        self._apdu = Apdu()
        self._power_down()
        present.irq(handler=self._on_edge, trigger=present.IRQ_RISING | present.IRQ_FALLING)

    # Presence

    def _on_edge(self, _pin: "Pin") -> None:
        self._edge = time.ticks_ms()
        self._bouncing = True
        if self._contact.value():
            if self._active:
                # The contacts slide off their pads within milliseconds: no time to ask for a second opinion.
                self._line.gone = True
                self._power_down()
            self._removed.set()
        else:
            self._inserted.set()

    def _settled(self) -> bool:
        if self._bouncing and not 0 <= time.ticks_diff(time.ticks_ms(), self._edge) < _DEBOUNCE_MS:
            self._bouncing = False
        return not self._bouncing

    def present(self) -> bool:
        """True if a card is in and its switch has been quiet for 50 ms."""
        return not self._contact.value() and self._settled()

    async def wait_present(self) -> None:
        """Return when a card is in the slot; sleeps until the switch moves."""
        await self._wait_switch(0, self._inserted)

    async def wait_removed(self) -> None:
        """Return when the slot is empty; sleeps until the switch moves."""
        await self._wait_switch(1, self._removed)

    async def _wait_switch(self, level: int, moved: "asyncio.ThreadSafeFlag") -> None:
        while True:
            if not self._settled():
                await asyncio.sleep_ms(_DEBOUNCE_MS)
            elif self._contact.value() == level:
                return
            else:
                await moved.wait()

    # Power and reset

    async def activate(self) -> bytes:
        """Cold reset, and one warm reset if the answer is bad. Returns the answer to reset.

        Raises:
            CardError: REMOVED, MUTE, BAD_ATR; PROTOCOL if the card offers T=1 only. The slot is off then.
        """
        self.deactivate()
        self._line.gone = False
        if not self.present():
            raise CardError("REMOVED", "no card in the slot")
        await asyncio.sleep_ms(_OFF_MS)
        done = False
        try:
            self._power_up()
            try:
                atr = await self._answer_to_reset(True)
            except CardError as error:
                if error.reason != "BAD_ATR":
                    raise
                self._reset()
                atr = await self._answer_to_reset(False)
            self._apply(atr)
            done = True
        finally:
            if not done:
                self.deactivate()
        return bytes(atr.raw)

    def _power_up(self) -> None:
        """RST low, VCC on, I/O released, CLK on, RST high (6.1.2). Blocks 11 ms: the reset window is 1.25 ms wide, and
        another task may hold the processor for longer than that."""
        self._rst.value(0)
        self._vcc.value(1)
        self._set_uart(1, 0)
        time.sleep_us(_SUPPLY_US)
        self._clk.freq(_CLOCK_HZ)
        self._clk.duty_u16(32768)
        self._active = True
        self._reset()

    def _reset(self) -> None:
        self._rst.value(0)
        time.sleep_us(_RESET_US)
        while self._uart.any():  # what I/O did while it was low, and the rest of a rejected answer
            self._uart.readinto(self._echo)
        self._check_present()
        self._rst.value(1)

    def _set_uart(self, d: int, parity: int, invert: int = 0) -> None:
        # 8 bits, parity, 2 stop bits: 12 etu, the least that T=0 asks for. 4 MHz / 372 = 10,753 baud.
        self._uart.init(baudrate=(_CLOCK_HZ * d + _F // 2) // _F, bits=8, parity=parity, stop=2, invert=invert)
        self._etu_ns = _F * 1000 // (_CLOCK_HZ // 1_000_000) // d

    def _milliseconds(self, etu: int) -> int:
        return (etu * self._etu_ns + 999_999) // 1_000_000 + 1  # one more: the first tick may be nearly over

    async def _answer_to_reset(self, cold: bool) -> Atr:
        atr = Atr()
        end = time.ticks_add(time.ticks_ms(), _ATR_BEGIN_MS + self._milliseconds(_ATR_TOTAL_ETU))
        limit = _ATR_BEGIN_MS
        room = self._wire[:1]
        try:
            while atr.missing:
                await self._receive(room, limit)
                for character in room:
                    atr.feed(character)
                room = self._wire[: atr.missing]
                limit = min(
                    self._milliseconds(_ATR_GAP_ETU + 32 * _CHARACTER_ETU),
                    max(0, time.ticks_diff(end, time.ticks_ms())),
                )
        except asyncio.TimeoutError:
            if not atr.raw:
                raise CardError("MUTE", "no answer to %s reset" % ("cold" if cold else "warm"))
            raise CardError("BAD_ATR", "%d characters, at least %d missing" % (len(atr.raw), atr.missing))
        atr.check(cold)
        return atr

    def _apply(self, atr: Atr) -> None:
        if atr.protocol != 0:
            raise CardError("PROTOCOL", "the card offers T=1 first, this slot speaks T=0")
        self._inverse = atr.inverse
        if atr.d != 1 or atr.inverse:
            self._set_uart(atr.d, 1 if atr.inverse else 0)
        self._wwt_ms = self._milliseconds((960 * atr.wi + _TOLERANCE_ETU) * atr.d + _FIFO * _CHARACTER_ETU)
        self._step = 1 if atr.guard else _CHUNK
        self._guard_ms = self._milliseconds(atr.guard) if atr.guard else 0

    def deactivate(self) -> None:
        """Switch the card off: RST, CLK, I/O, VCC (EMV Book 1, 6.1.5). Allowed at any time."""
        self._power_down()

    def _power_down(self) -> None:
        self._active = False
        self._rst.value(0)
        self._clk.duty_u16(0)
        if self._uart.txdone():
            self._set_uart(1, 0, self._uart.INV_TX)  # an idle TX now pulls I/O low
        # Else the card is leaving while characters go out. Setting up the UART would wait for them; VCC is more urgent,
        # and the pull-up takes I/O down with it.
        self._vcc.value(0)

    # Characters

    def _check_present(self) -> None:
        if self._line.gone or self._contact.value():
            self._line.gone = True
            raise CardError("REMOVED")

    async def _receive(self, room: memoryview, limit_ms: int) -> None:
        """Fill `room`; `limit_ms` is the longest silence before a character."""
        at = 0
        while at < len(room):
            self._check_present()
            if self._uart.any():
                got = self._uart.readinto(room[at:])
            else:
                longest = limit_ms + self._milliseconds(_CHARACTER_ETU * (len(room) - at))
                try:
                    got = await asyncio.wait_for_ms(self._stream.readinto(room[at:]), longest)
                except asyncio.TimeoutError:
                    self._check_present()
                    raise
            at += got or 0

    async def _send(self, characters: memoryview) -> None:
        time.sleep_us(_TURNAROUND_ETU * self._etu_ns // 1000)
        step = self._step
        for at in range(0, len(characters), step):
            part = characters[at : at + step]
            if self._inverse:
                for i in range(len(part)):
                    self._wire[i] = other_convention(part[i])
                part = self._wire[: len(part)]
            self._check_present()
            if self._uart.write(part) != len(part):
                raise CardError("COLLISION", "the UART did not take %d characters" % len(part))
            await self._check_echo(part)
            if self._guard_ms:
                await asyncio.sleep_ms(self._guard_ms)

    async def _check_echo(self, sent: memoryview) -> None:
        size = len(sent)
        echo = self._echo[:size]
        try:
            await self._receive(echo, _ECHO_MARGIN_MS)
            same = echo == sent
        except asyncio.TimeoutError:
            raise CardError("COLLISION", "no echo of %d characters" % size)
        finally:
            # A command may carry a PIN: nothing of it stays in these buffers.
            echo[:] = self._zeros[:size]
            self._wire[:size] = self._zeros[:size]
        if not same:
            raise CardError("COLLISION", "the echo of %d characters differs from what was sent" % size)

    # Commands

    async def exchange(self, apdu: "bytes | bytearray | memoryview") -> bytes:
        """Send a short APDU; returns response data, SW1 and SW2. 61xx and 6Cxx are dealt with here.

        Raises:
            ValueError: `apdu` has a length that fits no case.
            CardError: REMOVED, TIMEOUT, COLLISION, PROTOCOL; the card is switched off then.
        """
        layer = self._apdu
        layer.start(apdu)
        if not self._active:
            raise CardError("REMOVED" if self._line.gone else "MUTE", "the card is not active")
        done = False
        try:
            while True:
                await self._transmit_t0(layer.command, layer.expected)
                if not layer.answered(self._tpdu.data(), self._tpdu.sw):
                    break
            done = True
        except asyncio.TimeoutError:
            raise CardError("TIMEOUT", "silent for %d ms" % self._wwt_ms)
        finally:
            layer.command = self._nothing  # the caller's buffer may hold a PIN: keep no hold on it
            if not done:
                self.deactivate()
        return layer.response()

    async def _transmit_t0(self, command: memoryview, expected: int) -> None:
        tpdu = self._tpdu
        tpdu.start(command, expected)
        end = time.ticks_add(time.ticks_ms(), _TPDU_MS)
        while not tpdu.done:
            out = tpdu.outgoing()
            if out:
                await self._send(out)
            else:
                room = tpdu.incoming()
                await self._receive(room, self._wwt_ms)
                if self._inverse:
                    for i in range(len(room)):
                        room[i] = other_convention(room[i])
                tpdu.filled()
            if tpdu.nulls and time.ticks_diff(end, time.ticks_ms()) < 0:
                raise CardError("TIMEOUT", "%d NULL bytes in %d ms" % (tpdu.nulls, _TPDU_MS))

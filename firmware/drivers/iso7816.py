"""Contact card slot: activation, answer to reset, and APDUs over T=0 or T=1 (ISO/IEC 7816-3, EMV Book 1 part II)."""

import asyncio
import time

from drivers.card_line import CLOCK_HZ, F_DEFAULT, CardLine
from drivers.card_switch import CardSwitch
from iso7816.apdu import Apdu
from iso7816.errors import CardError
from iso7816.t0 import Tpdu
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iso7816.atr import Atr
    from iso7816.t1 import BlockProtocol
    from machine import PWM, UART, Pin

__all__ = ("CardError", "CardSlot")

_RESET_US = const(10_500)  # RST low for 42,000 of 40,000 to 45,000 clock cycles (EMV Book 1, 6.1.3)
_SUPPLY_US = const(500)  # VCC is stable before CLK starts
_OFF_MS = const(11)  # at least 10 ms between deactivation and activation (ISO/IEC 7816-3, 6.4), and a tick
_ATR_BEGIN_MS = const(55)  # the window closes 42,000 clk to 42,000 clk + 50 ms after RST (6.1.3.1)
_ATR_GAP_ETU = const(10_080)  # between two characters of an answer to reset (8.1)
_ATR_TOTAL_ETU = const(20_160)
_TOLERANCE_ETU = const(480)  # times D, beyond the work waiting time (9.2.2.1)
_TPDU_MS = const(60_000)  # a card that only asks for more time is not waited for any longer
_CWT_TOLERANCE_ETU = const(4)  # beyond the character waiting time (9.2.4.2.2)
_BWT_TOLERANCE_ETU = const(960)  # times D, beyond the block waiting time


class CardSlot:
    """One contact slot. `uart` is free to be set up here; `clk_pwm` is the PWM on CLK; `vcc` high powers the card;
    `present` reads 0 while a card is in (the switch closes to ground).

    One task may wait for the card, one for its removal, and one may exchange, at the same time.
    """

    def __init__(self, uart: "UART", rst: "Pin", clk_pwm: "PWM", vcc: "Pin", present: "Pin") -> None:
        self._rst = rst
        self._clk = clk_pwm
        self._vcc = vcc
        self._active = False
        self._switch = CardSwitch(present, self._on_open)
        self._line = CardLine(uart, self._switch.is_open)
        self._wwt_ms = 0
        self._cwt_ms = 0
        self._bwt_etu = 0
        self._bwt_tolerance_etu = 0
        self._blocks: BlockProtocol | None = None  # while the card speaks T=1
        self._atr_room = memoryview(bytearray(33))
        self._tpdu = Tpdu()
        self._apdu = Apdu()
        self._nothing = memoryview(b"")
        self.deactivate()

    # Presence

    def _on_open(self) -> None:
        if self._active:
            self._line.gone = True
            self.deactivate()

    def present(self) -> bool:
        """True if a card is in and its switch has been quiet for 50 ms."""
        return self._switch.present()

    async def wait_present(self) -> None:
        """Return when a card is in the slot; sleeps until the switch moves."""
        await self._switch.wait_present()

    async def wait_removed(self) -> None:
        """Return when the slot is empty; sleeps until the switch moves."""
        await self._switch.wait_removed()

    # Power and reset

    async def activate(self) -> bytes:
        """Cold reset, and one warm reset if the answer is bad. Returns the answer to reset.

        Raises:
            CardError: REMOVED, MUTE, BAD_ATR; of a T=1 card also TIMEOUT and PROTOCOL, if it does not agree on the
                size of blocks. The slot is off then.
        """
        await self._switch_off()
        done = False
        try:
            self._power_up()
            try:
                atr = await self._answer_to_reset(True)
                atr.check(True)
            except CardError as error:
                if error.reason != "BAD_ATR":
                    raise
                self._reset()
                atr = await self._answer_to_reset(False)
                atr.check(False)
            self._use(atr)
            if self._blocks is not None:
                self._blocks.negotiate()
                await self._move_blocks(self._blocks)
            done = True
        finally:
            if not done:
                self.deactivate()
        return bytes(atr.raw)

    async def _switch_off(self) -> None:
        """Off for as long as it takes before the next power-up. Raises CardError REMOVED without a card."""
        self.deactivate()
        self._line.gone = False
        if not self.present():
            raise CardError("REMOVED", "no card in the slot")
        await asyncio.sleep_ms(_OFF_MS)

    def _power_up(self) -> None:
        """RST low, VCC on, I/O released, CLK on, RST high (6.1.2). Blocks 11 ms: the reset window is 1.25 ms wide, and
        another task may hold the processor for longer than that."""
        self._rst.value(0)
        self._vcc.value(1)
        self._line.set_rate()
        time.sleep_us(_SUPPLY_US)
        self._clk.freq(CLOCK_HZ)
        self._clk.duty_u16(32768)
        self._active = True
        self._reset()

    def _reset(self) -> None:
        self._rst.value(0)
        time.sleep_us(_RESET_US)
        self._line.drain()
        self._line.check_present()
        self._rst.value(1)

    async def _answer_to_reset(self, cold: bool) -> Atr:
        from iso7816.atr import Atr

        atr = Atr()
        line = self._line
        end = time.ticks_add(time.ticks_ms(), _ATR_BEGIN_MS + line.waiting_ms(_ATR_TOTAL_ETU))
        room = self._atr_room[:1]
        limit = _ATR_BEGIN_MS
        try:
            while atr.missing:
                await line.receive(room, limit)
                for character in room:
                    atr.feed(character)
                room = self._atr_room[: atr.missing]
                limit = min(line.waiting_ms(_ATR_GAP_ETU), max(0, time.ticks_diff(end, time.ticks_ms())))
        except asyncio.TimeoutError:
            if not atr.raw:
                raise CardError("MUTE", "no answer to %s reset" % ("cold" if cold else "warm"))
            raise CardError("BAD_ATR", "%d characters, at least %d missing" % (len(atr.raw), atr.missing))
        return atr

    def _use(self, atr: Atr) -> None:
        if atr.d != 1 or atr.inverse or atr.guard:
            self._line.set_rate(atr.d, atr.guard, atr.inverse)
        if atr.protocol == 0:
            self._blocks = None
            self._wait_at_t0(atr.wi, atr.d)
            return
        from iso7816.t1 import BlockProtocol

        self._blocks = self._blocks or BlockProtocol()
        self._blocks.reset(atr.ifsc)
        self._wait_at_t1(atr.bwi, atr.cwi, atr.d)

    def _wait_at_t0(self, wi: int, d: int) -> None:
        """Work waiting time, 960 x WI x D etu (ISO/IEC 7816-3, 10.2)."""
        self._wwt_ms = self._line.waiting_ms((960 * wi + _TOLERANCE_ETU) * d)

    def _wait_at_t1(self, bwi: int, cwi: int, d: int, f: int = F_DEFAULT) -> None:
        """Character and block waiting time; the latter does not shrink with F (ISO/IEC 7816-3, 11.4.3)."""
        self._cwt_ms = self._line.waiting_ms(11 + (1 << cwi) + _CWT_TOLERANCE_ETU)
        self._bwt_etu = 11 + (960 << bwi) * d * F_DEFAULT // f
        self._bwt_tolerance_etu = _BWT_TOLERANCE_ETU * d

    def deactivate(self) -> None:
        """Switch the card off: RST, CLK, I/O, VCC (6.1.5). Allowed at any time."""
        self._active = False
        self._rst.value(0)
        self._clk.duty_u16(0)
        self._line.hold_low()
        self._vcc.value(0)

    # Commands

    async def exchange(self, apdu: "bytes | bytearray | memoryview") -> bytes:
        """Send a short APDU; returns response data, SW1 and SW2. 61xx and 6Cxx are dealt with here.

        Raises:
            ValueError: `apdu` has a length that fits no case.
            CardError: REMOVED, TIMEOUT, COLLISION, PROTOCOL; the card is switched off then. MUTE: it is not active.
        """
        layer = self._apdu
        layer.start(apdu)
        if not self._active:
            raise CardError("REMOVED" if self._line.gone else "MUTE", "the card is not active")
        done = False
        try:
            if self._blocks is not None:
                self._blocks.start(apdu)
                await self._move_blocks(self._blocks)
                done = True
                return self._blocks.response()
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
                if self._blocks is not None:
                    self._blocks.reset(32)  # a PIN may be in its buffer as well
                self.deactivate()
        return layer.response()

    async def _move_blocks(self, blocks: BlockProtocol) -> None:
        line = self._line
        end = time.ticks_add(time.ticks_ms(), _TPDU_MS)
        while not blocks.done:
            if blocks.damaged and not blocks.begun:
                await line.wait_quiet(self._cwt_ms)
            out = blocks.outgoing()
            if out:
                await line.send_block(out)
            if blocks.begun:
                limit = self._cwt_ms
            else:
                limit = line.waiting_ms(self._bwt_etu * blocks.extension + self._bwt_tolerance_etu)
            try:
                await line.receive_logical(blocks.incoming(), limit)
            except asyncio.TimeoutError:
                blocks.silent()
            else:
                blocks.filled()
            if time.ticks_diff(end, time.ticks_ms()) < 0:
                raise CardError("TIMEOUT", "no answer in %d ms of blocks" % _TPDU_MS)

    async def _transmit_t0(self, command: memoryview, expected: int) -> None:
        tpdu = self._tpdu
        tpdu.start(command, expected)
        end = time.ticks_add(time.ticks_ms(), _TPDU_MS)
        while not tpdu.done:
            out = tpdu.outgoing()
            if out:
                await self._line.send(out)
            else:
                await self._line.receive_logical(tpdu.incoming(), self._wwt_ms)
                tpdu.filled()
            if tpdu.nulls and time.ticks_diff(end, time.ticks_ms()) < 0:
                raise CardError("TIMEOUT", "%d NULL bytes in %d ms" % (tpdu.nulls, _TPDU_MS))

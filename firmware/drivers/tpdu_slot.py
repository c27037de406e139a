"""Contact card slot of a PC/SC reader: the computer runs the protocols, this one moves characters and keeps times.

At T=0 that is a TPDU with its procedure bytes, at T=1 one block, and a PPS as it is. Answers to reset are not held
against EMV's rules: any ISO/IEC 7816-3 card will do.
"""

import asyncio

from drivers.card_line import CLOCK_HZ
from drivers.iso7816 import CardSlot
from iso7816.atr import Atr
from iso7816.errors import CardError
from iso7816.t1_block import PROLOGUE, is_sound
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Parameters(Protocol):
        """Of the dialogue with the card, by their names in ISO/IEC 7816-3."""

        inverse: bool
        guard: int
        wi: int
        waiting: int
        crc: bool
        f: int
        d: int


_CLOCK_DUTY = const(32768)
_NO_GUARD = const(255)
_PPS_WAIT_ETU = const(9600)  # initial waiting time (ISO/IEC 7816-3, 8.1 and 9.2)


class TpduSlot(CardSlot):
    """`atr` is the last answer to reset, None before there was one."""

    atr: "Atr | None" = None
    _crc = False
    _stopped = False

    @property
    def active(self) -> bool:
        """True between an answer to reset and switching off."""
        return self._active and self.atr is not None

    @property
    def clock_runs(self) -> bool:
        """Whether CLK runs."""
        return self._active and not self._stopped

    def run_clock(self, on: bool) -> None:
        """Let CLK run, or stop it low (ISO/IEC 7816-3, 6.3.2); the next exchange lets it run again."""
        if self._active:
            self._stopped = not on
            self._clk.duty_u16(_CLOCK_DUTY if on else 0)

    async def power_on(self) -> Atr:
        """A cold reset, or a warm one if the card is active.

        Raises:
            CardError: REMOVED, MUTE, BAD_ATR; the card is off then.
        """
        cold = not self.active
        self.atr = None
        done = False
        try:
            if cold:
                await self._switch_off()
                self._power_up()
            else:
                self.run_clock(True)
                self._line.set_rate()
                self._reset()
            self._stopped = False
            atr = await self._answer_to_reset(cold)
            atr.check_tck()
            done = True
        finally:
            if not done:
                self.deactivate()
        self.atr = atr
        return atr

    def use(self, parameters: "Parameters") -> None:
        """From now on with these rates and waiting times."""
        guard = 0 if parameters.guard == _NO_GUARD else parameters.guard
        self._line.set_rate(parameters.d, guard, parameters.inverse, parameters.f)
        self._wait_at_t0(parameters.wi, parameters.d)
        self._wait_at_t1(parameters.waiting >> 4, parameters.waiting & 15, parameters.d, parameters.f)
        self._crc = parameters.crc

    async def tpdu(self, command: memoryview, expected: int, answer: memoryview) -> int:
        """One TPDU of T=0: five bytes of header, and data or none; `expected` as for `Tpdu.start`. Returns the size of
        what is in `answer`: the card's data, SW1, SW2.

        Raises:
            CardError: REMOVED, TIMEOUT, COLLISION, PROTOCOL; the card is off then.
        """
        self._begin()
        done = False
        try:
            await self._transmit_t0(command, expected)
            done = True
        except asyncio.TimeoutError:
            raise CardError("TIMEOUT", "silent for %d ms" % self._wwt_ms)
        finally:
            if not done:
                self.deactivate()
        data = self._tpdu.data()
        size = len(data)
        answer[:size] = data
        answer[size] = self._tpdu.sw >> 8
        answer[size + 1] = self._tpdu.sw & 0xFF
        return size + 2

    async def block(self, block: memoryview, answer: memoryview, extension: int) -> int:
        """One block of T=1 there and one back, sound or not: returns its size in `answer`, 0 if it broke off.

        The card stays on when it is silent: the block may be sent again, or the dialogue begun anew.

        Raises:
            CardError: TIMEOUT, silent for `extension` block waiting times; REMOVED, COLLISION, the card is off then.
        """
        self._begin()
        line = self._line
        try:
            await line.send_block(block)
            limit = line.waiting_ms(self._bwt_etu * extension + self._bwt_tolerance_etu)
            try:
                await line.receive_logical(answer[:1], limit)
            except asyncio.TimeoutError:
                raise CardError("TIMEOUT", "silent for %d ms" % limit)
            try:
                await line.receive_logical(answer[1:PROLOGUE], self._cwt_ms)
                size = PROLOGUE + answer[2] + (2 if self._crc else 1)
                await line.receive_logical(answer[PROLOGUE:size], self._cwt_ms)
            except asyncio.TimeoutError:
                return 0
            if not is_sound(answer, size, self._crc):
                await line.wait_quiet(self._cwt_ms)
            return size
        except CardError as error:
            if error.reason != "TIMEOUT":
                self.deactivate()
            raise

    async def pps(self, request: memoryview, answer: memoryview) -> int:
        """A PPS request, and the card's answer to it (ISO/IEC 7816-3, 9); returns its size.

        Raises:
            CardError: REMOVED, TIMEOUT, COLLISION; the card is off then.
        """
        self._begin()
        line = self._line
        done = False
        try:
            await line.send(request)
            limit = line.waiting_ms(_PPS_WAIT_ETU)
            await line.receive_logical(answer[:2], limit)
            size = 3
            for bit in (0x10, 0x20, 0x40):
                if answer[1] & bit:
                    size += 1
            await line.receive_logical(answer[2:size], limit)
            done = True
            return size
        except asyncio.TimeoutError:
            raise CardError("TIMEOUT", "no answer to the PPS request")
        finally:
            if not done:
                self.deactivate()

    def _begin(self) -> None:
        if not self.active:
            raise CardError("REMOVED" if self._line.gone else "MUTE", "the card is not active")
        if self._stopped:
            self._clk.freq(CLOCK_HZ)
            self.run_clock(True)

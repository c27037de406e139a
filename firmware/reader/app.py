"""The reader: requests from the computer, answers from the card. One slot; one request at a time, beside Abort."""

import asyncio
import time

from crypto.wiping import wipe
from iso7816 import ccid_frame
from iso7816.ccid_frame import REPEAT_PLEASE, Frames
from iso7816.errors import CardError
from micropython import const
from terminal.ui.screen import Screen, centred

from reader import ccid
from reader.ccid import NONE, Answers
from reader.escape import Vendor
from reader.parameters import Parameters
from reader.pin_block import PinRequest
from reader.pin_pad import DIFFERENT_PINS, PinPad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STALL_MS = const(100)  # a frame that pauses for longer has broken off
_MORE_TIME_MS = const(1000)  # libccid gives up after two seconds, or after the card's own waiting time
_CHUNK = const(64)
_CLOCK_KHZ = const(4000)
_ERRORS = {
    "REMOVED": ccid.MUTE,
    "MUTE": ccid.MUTE,
    "TIMEOUT": ccid.MUTE,
    "PROTOCOL": ccid.PROCEDURE_BYTE,
    "COLLISION": ccid.HARDWARE,
}
_CHANGED = (b"\x50\x02", b"\x50\x03")
_SLOW = (ccid.ICC_POWER_ON, ccid.XFR_BLOCK, ccid.SECURE)
_PPSS = const(0xFF)
_MORE_TIME = b"\x81"
_ECHO = b"\x03\x06\x65\x00\x00\x00\x00\x00\x00\x00\x00\x00\x60"
_STATES = ("CARD IN USE", "CARD IS IN", "INSERT CARD")


class Reader:
    """A PC/SC reader on a board: `host` is the serial port to the computer, `card` a `TpduSlot`.

    `run` ends when somebody at the port wants MicroPython's REPL instead, where the port was the REPL.
    """

    def __init__(self, board: "Any") -> None:
        self._port = board.host
        self._stream = asyncio.StreamReader(board.host)
        self._card = board.card
        self._frames = Frames()
        self._answers = Answers()
        self._beside = Answers()  # to requests that come while another is under way
        self._last: "bytes | memoryview" = b""
        self._parameters = Parameters()
        self._vendor = Vendor()
        self._screen = Screen(board.display)
        self._keypad = board.keypad
        self._log = board.log
        # One task may wait for the switch of the slot; the others wait for what it says.
        self._gone = asyncio.Event()
        self._pad = PinPad(self._screen, board.keypad, self._gone, board.events, self._vendor)
        self._chunk = memoryview(bytearray(_CHUNK))
        self._work: "asyncio.Task | None" = None
        self._request = bytearray(ccid_frame.LARGEST)
        self._zeros = bytes(ccid_frame.LARGEST)
        self._now = memoryview(self._request)[:0]
        self._asked_at = 0
        self._fresh = False  # nothing was said to the card since its answer to reset
        self._told = -1  # the state of the slot that the computer knows

    # The line

    async def run(self) -> None:
        """Serve the computer."""
        self._keypad.start()
        watch = asyncio.create_task(self._watch())
        self._idle_screen()
        try:
            while await self._hear():
                pass
        finally:
            watch.cancel()
            self._card.deactivate()
            if self._port.is_console:
                self._port.close()

    async def _hear(self) -> bool:
        wait = _STALL_MS if self._frames.begun else _MORE_TIME_MS if self._work is not None else None
        try:
            count = await asyncio.wait_for_ms(self._stream.readinto(self._chunk), wait)  # type: ignore[arg-type]  # None waits for ever
        except asyncio.TimeoutError:
            if self._frames.silent() == ccid_frame.DAMAGED:
                self._send(REPEAT_PLEASE)
            self._keep_waiting()
            return True
        for i in range(count or 0):
            event = self._frames.feed(self._chunk[i])
            if event == ccid_frame.CTRL_C and self._port.is_console:
                return False
            if event:
                await self._heard(event)
        return True

    async def _heard(self, event: int) -> None:
        if event == ccid_frame.DAMAGED:
            self._send(REPEAT_PLEASE)
        elif event == ccid_frame.REPEAT:
            self._send(self._last)
        elif event != ccid_frame.CTRL_C:
            self._echo()
            if event == ccid_frame.TOO_LONG:
                self._refuse(self._frames.message, ccid.BAD_LENGTH)
            else:
                await self._take(self._frames.message)
        self._frames.forget()

    def _echo(self) -> None:
        """The driver takes the first frame after its own for an echo of it, as RS-232 adapters of the time gave it:
        which one does not matter, and a PIN in it is not sent around twice."""
        self._send(_ECHO)

    def _send(self, data: "bytes | memoryview") -> None:
        if len(data):
            self._port.write(data)

    # Requests

    async def _take(self, message: memoryview) -> None:
        fault = ccid.fault_of(message, self._state())
        if fault != NONE and not (self._work is not None and fault == ccid.MUTE):
            self._refuse(message, fault)
        elif message[0] == ccid.ABORT:
            await self._abort()
            self._answer(message)
        elif self._work is not None:
            self._refuse(message, ccid.BUSY)
        elif message[0] in _SLOW:
            self._now = memoryview(self._request)[: len(message)]
            self._now[:] = message
            self._asked_at = time.ticks_ms()
            self._work = asyncio.create_task(self._slowly())
        else:
            self._at_once(message)

    def _at_once(self, message: memoryview) -> None:
        kind = message[0]
        data = message[ccid_frame.HEADER :]
        if kind == ccid.ESCAPE:
            error, size = self._vendor.take(data, self._answers.data)
            self._answer(message, error, size)
        elif kind == ccid.GET_SLOT_STATUS:
            self._answer(message, extra=0 if self._card.clock_runs else 1)
        elif kind == ccid.ICC_POWER_OFF:
            self._card.deactivate()
            self._idle_screen()
            self._answer(message, extra=1)
        elif kind == ccid.ICC_CLOCK:
            # Low is the only state that this slot stops it in, and not every card allows it.
            refused = message[7] == 1 and not self._parameters.clock_stop & 1
            if not refused:
                self._card.run_clock(message[7] == 0)
            self._answer(message, ccid.BAD_PARAMETER if refused else NONE, extra=message[7])
        elif kind == ccid.SET_RATE_AND_CLOCK:
            self._rate_and_clock(message, data)
        else:
            error = NONE
            if kind == ccid.SET_PARAMETERS:
                error = self._parameters.take(message[7], data)
            elif kind == ccid.RESET_PARAMETERS:
                self._parameters.reset(self._card.atr)
            if kind != ccid.GET_PARAMETERS and error == NONE:
                self._card.use(self._parameters)
            size = self._parameters.pack_into(self._answers.data)
            self._answer(message, error, size, self._parameters.protocol)

    def _rate_and_clock(self, message: memoryview, data: memoryview) -> None:
        """The clock has one frequency; the rate becomes the nearest that F and D of a TA1 can make (6.1.14)."""
        wanted = int.from_bytes(bytes(data[4:8]), "little")
        error = NONE
        if int.from_bytes(bytes(data[:4]), "little") != _CLOCK_KHZ:
            error = ccid.DATA
        elif not self._parameters.choose_rate(wanted, _CLOCK_KHZ * 1000):
            error = ccid.DATA + 4
        else:
            self._card.use(self._parameters)
        rate = _CLOCK_KHZ * 1000 * self._parameters.d // self._parameters.f
        self._answers.data[:8] = _CLOCK_KHZ.to_bytes(4, "little") + rate.to_bytes(4, "little")
        self._answer(message, error, 8)

    async def _slowly(self) -> None:
        message = self._now
        size = 0
        try:
            if message[0] == ccid.ICC_POWER_ON:
                error, size = await self._power_on()
            elif message[0] == ccid.XFR_BLOCK:
                error, size = await self._transfer(message[ccid_frame.HEADER :], message[7])
            else:
                error, size = await self._secure(message[ccid_frame.HEADER :])
        except CardError as fault:
            error = self._error_of(fault)
        except asyncio.CancelledError:
            self._card.deactivate()
            error = ccid.ABORTED
        except Exception as bug:
            # The computer must not wait for ever. Without its words: they may have a PIN in them.
            self._log("reader: %s at request %02X" % (type(bug).__name__, message[0]))
            self._card.deactivate()
            error = ccid.HARDWARE
        self._answer(message, error, size)
        self._request[:] = self._zeros
        self._work = None
        if error != NONE and self._state() != ccid.ACTIVE:
            self._idle_screen()

    async def _abort(self) -> None:
        """End what is under way (5.3.1 and 6.1.13). In the middle of an exchange the card is switched off: there is no
        way back into step with it but a reset."""
        work = self._work
        if work is not None:
            work.cancel()
            while not work.done():
                await asyncio.sleep_ms(0)
            if self._work is not None:
                # It had not begun, so it has not answered either.
                self._card.deactivate()
                self._answer(self._now, ccid.ABORTED)
                self._request[:] = self._zeros
                self._work = None

    # The card

    async def _power_on(self) -> "tuple[int, int]":
        atr = await self._card.power_on()
        self._parameters.reset(atr)
        self._card.use(self._parameters)
        self._fresh = True
        self._screen.show("TILLBENCH READER", "", centred(_STATES[0]))
        self._answers.data[: len(atr.raw)] = atr.raw
        return NONE, len(atr.raw)

    async def _transfer(self, data: memoryview, extension: int) -> "tuple[int, int]":
        answer = self._answers.data
        fresh, self._fresh = self._fresh, False
        if fresh and data[0] == _PPSS and 3 <= len(data) <= 6:
            return NONE, await self._card.pps(data, answer)
        if self._parameters.protocol == 1:
            size = await self._card.block(data, answer, max(extension, 1))
            return NONE if size else ccid.PARITY, size
        return await self._tpdu(data, answer)

    async def _tpdu(self, data: memoryview, answer: memoryview) -> "tuple[int, int]":
        """T=0 at TPDU level: procedure bytes are dealt with here, 61xx and 6Cxx go to the driver as they are."""
        header = 5
        if len(data) < header - 1:
            return ccid.BAD_LENGTH, 0
        if len(data) == header - 1:
            data = memoryview(bytes(data) + b"\x00")  # case 1
        rest = len(data) - header
        if rest and rest - data[4] not in (0, 1):
            return ccid.BAD_LENGTH, 0
        if data[1] & 0xF0 in (0x60, 0x90):
            return ccid.DATA + 1, 0
        command = data[: header + data[4]] if rest else data
        return NONE, await self._card.tpdu(command, 0 if rest else data[4] or 256, answer)

    async def _secure(self, data: memoryview) -> "tuple[int, int]":
        wanted = PinRequest(data)
        if wanted.error != NONE:
            return wanted.error, 0
        error, command = await self._pad.command_for(wanted)
        answer = self._answers.data
        if error == DIFFERENT_PINS:
            answer[:2] = b"\x64\x02"
            return NONE, 2
        if error != NONE:
            return error, 0
        if command is None:
            return ccid.DATA + 3, 0
        whole = command
        try:
            if self._parameters.protocol == 1:
                if len(command) > self._parameters.ifsc:
                    return ccid.DATA + 3, 0  # the driver has numbered one block, so there can be no chain
                whole = self._parameters.block(wanted.prologue, command)
                size = await self._card.block(memoryview(whole), answer, 1)
                tail = size - (2 if self._parameters.crc else 1)
            else:
                size = tail = await self._card.tpdu(memoryview(command), 0, answer)
        finally:
            wipe(command)
            wipe(whole)
        self._pad.outcome(answer[tail - 2] << 8 | answer[tail - 1] if tail >= 2 else 0)
        return NONE if size else ccid.PARITY, size

    def _state(self) -> int:
        if not self._card.present():
            return ccid.ABSENT
        return ccid.ACTIVE if self._card.active else ccid.INACTIVE

    def _error_of(self, fault: CardError) -> int:
        if fault.reason == "BAD_ATR":
            return ccid.BAD_TS if fault.detail[:2] == "TS" else ccid.BAD_TCK if fault.detail[:3] == "TCK" else ccid.MUTE
        return _ERRORS.get(fault.reason, ccid.HARDWARE)

    # What the computer hears beside answers

    def _answer(self, message: memoryview, error: int = NONE, size: int = 0, extra: int = 0) -> None:
        state = self._state()
        if self._told >= 0 and self._vendor.synchronous:
            self._tell_change(state)
        self._told = 0 if state == ccid.ABSENT else 1
        answers = self._answers if self._work is None or message is self._now else self._beside
        self._last = answers.put(message, state, error, size, extra)
        self._send(self._last)

    def _refuse(self, message: memoryview, error: int) -> None:
        self._answer(message, error)

    def _tell_change(self, state: int) -> None:
        there = 0 if state == ccid.ABSENT else 1
        if there != self._told:
            self._send(_CHANGED[there])
        self._told = there

    async def _watch(self) -> None:
        while True:
            if self._card.present():
                await self._card.wait_removed()
                self._gone.set()
            else:
                await self._card.wait_present()
                self._gone.clear()
            if self._work is None:
                self._idle_screen()
            if not self._vendor.synchronous:
                self._tell_change(self._state())

    def _keep_waiting(self) -> None:
        """The card, or whoever enters a PIN, takes their time: a byte between the frames asks for more.

        Not an answer with bStatus time extension: libccid takes the frame after one for another echo, and the answer
        is lost.
        """
        if self._work is None or time.ticks_diff(time.ticks_ms(), self._asked_at) < _MORE_TIME_MS - 1:
            return
        self._asked_at = time.ticks_ms()
        self._send(_MORE_TIME)

    def _idle_screen(self) -> None:
        self._screen.show("TILLBENCH READER", "", centred(_STATES[self._state()]))

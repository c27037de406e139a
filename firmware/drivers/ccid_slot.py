"""Contact card slot behind a serial smart-card controller that speaks CCID: the second way for the slot.

The controller has the contacts, the clock and the characters; what comes over its UART are TPDUs at T=0 and blocks at
T=1 (USB CCID 1.1, chapter 6; frames as of the GemPC Twin family, see `ccid_frame.py`). It can send the T=0 error
signal, which an ESP32's UART cannot. A PIN for the card passes the wire to the controller as it passes the I/O contact.
"""

import asyncio

from iso7816.apdu import Apdu
from iso7816.atr import Atr, other_convention
from iso7816.ccid_frame import DAMAGED, HEADER, LARGEST, MESSAGE, NOTHING, REPEAT, REPEAT_PLEASE, Frames, seal
from iso7816.errors import CardError
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iso7816.t1 import BlockProtocol
    from machine import UART

_POWER_ON = const(0x62)
_POWER_OFF = const(0x63)
_STATUS = const(0x65)
_TRANSFER = const(0x6F)
_PARAMETERS = const(0x61)
_ANSWERS = const(0x80)  # from here on it is one, below it is an echo

_ABSENT = const(2)
_FAILED = const(0x40)
_MORE_TIME = const(0x80)
_MUTE = const(0xFE)
_BAD_TS = const(0xF8)
_BAD_TCK = const(0xF7)

_WATCH_MS = const(250)
_SILENCE_MS = const(2000)  # libccid waits as long
_PAUSE_MS = const(50)  # within a frame
_TRIES = const(3)
_CHUNK = const(64)
_FI_372 = b"\x00\x11\x12\x00\x13"  # by D: F and D as one byte


class CcidSlot:
    """As `iso7816.CardSlot`; the slot is looked at four times a second.

    `repeats` counts answers that had to be asked for again.
    """

    def __init__(self, uart: "UART") -> None:
        self.repeats = 0
        self._uart = uart
        self._stream = asyncio.StreamReader(uart)
        self._frames = Frames()
        self._frame = bytearray(LARGEST + 3)
        self._sequence = 0
        self._lock = asyncio.Lock()
        self._is_in = False
        self._moved = asyncio.Event()
        self._active = False
        self._gone = False
        self._off_wanted = False
        self._rest = b""
        self._blocks: "BlockProtocol | None" = None
        self._apdu = Apdu()
        self._nothing = memoryview(b"")
        self._watcher = asyncio.create_task(self._watch())

    # Presence

    def present(self) -> bool:
        """True if a card is in, as the controller has said last."""
        return self._is_in

    async def wait_present(self) -> None:
        """Return when a card is in the slot."""
        await self._wait(True)

    async def wait_removed(self) -> None:
        """Return when the slot is empty."""
        await self._wait(False)

    async def _wait(self, is_in: bool) -> None:
        while self._is_in != is_in:
            self._moved.clear()
            await self._moved.wait()

    async def _watch(self) -> None:
        while True:
            try:
                async with self._lock:
                    await self._ask(_STATUS)
            except CardError:
                self._lost()
            await asyncio.sleep_ms(_WATCH_MS)

    def _lost(self) -> None:
        # A controller that is not there has no card.
        self._tell(False)

    def _tell(self, is_in: bool) -> None:
        if is_in != self._is_in:
            self._is_in = is_in
            self._moved.set()
        if not is_in and self._active:
            self._active = False
            self._gone = True

    def stop(self) -> None:
        """Leave the controller alone from now on."""
        self._watcher.cancel()

    # Power and reset

    async def activate(self) -> bytes:
        """Cold reset, and one warm reset if the answer is bad. Returns the answer to reset.

        Raises:
            CardError: REMOVED, MUTE, BAD_ATR, TIMEOUT (the controller), PROTOCOL. The slot is off then.
        """
        done = False
        try:
            async with self._lock:
                self._gone = False
                try:
                    atr = await self._reset(True)
                except CardError as error:
                    if error.reason != "BAD_ATR":
                        raise
                    atr = await self._reset(False)
                await self._ask(_PARAMETERS, _parameters(atr), atr.protocol)
                self._active = True
                await self._use(atr)
            done = True
            return bytes(atr.raw)
        finally:
            if not done:
                self.deactivate()

    async def _reset(self, cold: bool) -> Atr:
        raw = await self._ask(_POWER_ON)
        atr = Atr()
        inverse = raw[:1] == b"\x3f"
        for character in raw:
            atr.feed(other_convention(character) if inverse else character)
        if atr.missing:
            raise CardError("BAD_ATR", "%d characters, at least %d missing" % (len(raw), atr.missing))
        atr.check(cold)
        return atr

    async def _use(self, atr: Atr) -> None:
        if atr.protocol == 0:
            self._blocks = None
            return
        from iso7816.t1 import BlockProtocol

        self._blocks = self._blocks or BlockProtocol()
        self._blocks.reset(atr.ifsc)
        self._blocks.negotiate()
        await self._move_blocks(self._blocks)

    def deactivate(self) -> None:
        """Switch the card off. Allowed at any time; in the middle of a request it is the next one."""
        self._active = False
        if self._lock.locked():
            self._off_wanted = True
        else:
            self._send(_POWER_OFF)

    # Commands

    async def exchange(self, apdu: "bytes | bytearray | memoryview") -> bytes:
        """Send a short APDU; returns response data, SW1 and SW2.

        Raises:
            ValueError: `apdu` has a length that fits no case.
            CardError: REMOVED, TIMEOUT, PROTOCOL; the card is switched off then. MUTE: it is not active.
        """
        layer = self._apdu
        layer.start(apdu)
        done = False
        try:
            async with self._lock:
                if not self._active:
                    raise CardError("REMOVED" if self._gone else "MUTE", "the card is not active")
                if self._blocks is not None:
                    self._blocks.start(apdu)
                    await self._move_blocks(self._blocks)
                    answer = self._blocks.response()
                else:
                    answer = await self._move_tpdus(layer)
            done = True
            return answer
        finally:
            layer.command = self._nothing  # the caller's buffer may hold a PIN: keep no hold on it
            if not done:
                self.deactivate()

    async def _move_tpdus(self, layer: Apdu) -> bytes:
        while True:
            got = await self._ask(_TRANSFER, layer.command)
            if len(got) < 2:
                raise CardError("PROTOCOL", "%d bytes for a response" % len(got))
            if not layer.answered(got[:-2], got[-2] << 8 | got[-1]):
                return layer.response()

    async def _move_blocks(self, blocks: "BlockProtocol") -> None:
        while not blocks.done:
            block = await self._ask(_TRANSFER, blocks.outgoing(), blocks.extension, b"")
            at = 0
            while not blocks.done:
                room = blocks.incoming()
                if at + len(room) > len(block):
                    blocks.silent()
                    break
                room[:] = block[at : at + len(room)]
                at += len(room)
                blocks.filled()
                if not blocks.begun:
                    break

    # The controller

    def _send(self, kind: int, data: "bytes | memoryview" = b"", special: int = 0) -> None:
        self._sequence = (self._sequence + 1) & 0xFF
        frame = self._frame
        size = len(data)
        frame[2] = kind
        frame[3] = size & 0xFF
        frame[4] = size >> 8
        frame[5] = frame[6] = frame[7] = 0
        frame[8] = self._sequence
        frame[9] = special
        frame[10] = frame[11] = 0
        frame[12 : 12 + size] = data
        self._uart.write(memoryview(frame)[: seal(frame, HEADER + size)])

    async def _ask(
        self, kind: int, data: "bytes | memoryview" = b"", special: int = 0, mute: "bytes | None" = None
    ) -> bytes:
        """The data of the answer to a request. `mute`: what a card that says nothing has said, if that is no error.

        Raises:
            CardError: as the controller says it, or TIMEOUT if it says nothing.
        """
        try:
            for _ in range(_TRIES):
                self._send(kind, data, special)
                if await self._is_answered():
                    return self._judged(kind, mute)
            raise CardError("TIMEOUT", "the slot's controller does not take a request")
        finally:
            self._frames.forget()
            frame = self._frame
            for i in range(len(frame)):
                frame[i] = 0  # it may hold a PIN
            if self._off_wanted:
                self._off_wanted = False
                self._send(_POWER_OFF)

    async def _is_answered(self) -> bool:
        """Wait for the answer to the last request. False: the controller has not got that one."""
        asked_again = 0
        while True:
            event = await self._next_event()
            if event == MESSAGE:
                if self._is_answer() and not self._frames.message[7] & _MORE_TIME:
                    return True
                if asked_again and self._is_repeated():
                    return False
            elif event == REPEAT:
                return False
            elif asked_again == _TRIES:
                raise CardError("TIMEOUT", "no sound answer of the slot's controller")
            elif event == DAMAGED or event == NOTHING:
                asked_again += 1
                self._ask_again()

    def _ask_again(self) -> None:
        self.repeats += 1
        self._uart.write(REPEAT_PLEASE)

    def _is_repeated(self) -> bool:
        # Asked for its last answer, it gives that to a request of before: it has not got this one.
        return self._frames.message[0] >= _ANSWERS

    def _is_answer(self) -> bool:
        """Not the echo that RS-232 adapters send, and not an answer that came too late for its request."""
        message = self._frames.message
        return message[0] >= _ANSWERS and message[6] == self._sequence

    async def _next_event(self) -> int:
        """What `Frames` tells next; NOTHING after a silence. A byte between frames asks for more time, and has it."""
        frames = self._frames
        while True:
            rest = self._rest
            for at in range(len(rest)):
                event = frames.feed(rest[at])
                if event in (MESSAGE, DAMAGED, REPEAT):
                    self._rest = rest[at + 1 :]
                    return event
            self._rest = b""
            try:
                self._rest = await asyncio.wait_for_ms(
                    self._stream.read(_CHUNK), _PAUSE_MS if frames.begun else _SILENCE_MS
                )
            except asyncio.TimeoutError:
                return frames.silent()

    def _judged(self, kind: int, mute: "bytes | None") -> bytes:
        message = self._frames.message
        status, error = message[7], message[8]
        is_in = status & 3 != _ABSENT
        self._tell(is_in)
        if not status & _FAILED:
            return bytes(message[HEADER:])
        if not is_in:
            raise CardError("REMOVED", "no card in the slot")
        if error == _MUTE:
            if mute is not None:
                return mute
            raise CardError("MUTE" if kind == _POWER_ON else "TIMEOUT", "the card says nothing")
        reason = "BAD_ATR" if error in (_BAD_TS, _BAD_TCK) else "PROTOCOL"
        raise CardError(reason, "error %02X of the slot's controller" % error)


def _parameters(atr: Atr) -> bytes:
    """How to speak with the card that has answered so (USB CCID 1.1, 6.1.7)."""
    convention = 2 if atr.inverse else 0
    if atr.protocol == 0:
        return bytes((_FI_372[atr.d], convention, atr.guard, atr.wi, 0))
    waiting = atr.bwi << 4 | atr.cwi
    return bytes((_FI_372[atr.d], 0x10 | convention, atr.guard, waiting, 0, atr.ifsc, 0))

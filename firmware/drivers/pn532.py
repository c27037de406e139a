"""PN532: a contactless reader in a chip. It does the field, anticollision and ISO/IEC 14443-4 by itself.

Source: NXP UM0701-02, PN532 user manual: frames in 6.2, commands in 7.2 and 7.3, error codes in 7.1. The port is how
the chip is connected: `pn532_i2c.py`, `pn532_spi.py`, `pn532_hsu.py`.
"""

import asyncio

from drivers.pn532_frame import ACK, NAK, ROOM, FrameFault, content, is_ack, pack
from iso7816.errors import CardError
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Port(Protocol):
        """Frames to and from the chip."""

        async def wake(self) -> None: ...
        def close(self) -> None: ...
        def write(self, __frame: bytes | memoryview) -> None: ...
        async def read(self, __timeout_ms: int) -> memoryview: ...


_GET_FIRMWARE_VERSION = b"\x02"
_SAM_CONFIGURATION = b"\x14\x01\x00\x01"  # normal mode, no time-out, the interrupt line is used
_FIELD_OFF = b"\x32\x01\x00"
_FEW_RETRIES = b"\x32\x05\xff\x01\x01"  # ATR_REQ, PSL_REQ, and looking for a card: no more than twice
_LIST_A = b"\x4a\x02\x00"  # up to two cards, 106 kbit/s type A
_LIST_B = b"\x4a\x01\x03\x00"  # one card, type B, of any application family
_WAIT_FOR_CARD = b"\x60\xff\x01\x20\x23"  # without end, every 150 ms: ISO/IEC 14443-4 type A, type B
_LOOK_ONCE = b"\x60\x01\x01\x20\x23"
_RELEASE_ALL = b"\x52\x00"
_DATA_EXCHANGE = const(0x40)
_TARGET = const(1)
_MORE = const(0x40)
_STATUS = const(0x3F)

_IC = const(0x32)
_ACK_MS = const(30)  # it comes within 15
_ANSWER_MS = const(300)
_CARD_MS = const(6000)  # the longest frame waiting time of ISO/IEC 14443-4 is 5 s
_REST_MS = const(5000)
_LOOK_MS = const(150)
_TRIES = const(3)
_PIECE = const(262)
_ISO_14443_4 = const(0x20)  # in SEL_RES

_REMOVED = (0x01, 0x27, 0x2A, 0x2B)  # time-out; no such target; another card; gone
_COLLISION = (0x06,)
_SPOILT = (0x02, 0x03, 0x04, 0x05, 0x0B)  # CRC, parity, bit count, framing, protocol
_TOO_HOT = (0x0D, 0x2D)


class Pn532Fault(Exception):
    """The reader is at fault, not the card.

    `reason` is one of "NO_ANSWER", "DAMAGED" (its frames are, again and again), "SYNTAX" (it does not know the
    command), "OTHER_CHIP", "TOO_HOT" (it has switched its antenna off), "REFUSED"; `code` is its error code, or 0.
    """

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason, code)
        self.reason = reason
        self.code = code


class Pn532:
    """The reader. One task at a time may use it.

    `faults` counts how often it was given up for a while, `damaged` its damaged frames.
    """

    def __init__(self, port: "Port") -> None:
        self.faults = 0
        self.damaged = 0
        self.uid = b""
        """Of the card that was activated last."""
        self._port = port
        self._out = bytearray(ROOM)
        self._early: memoryview | None = None
        self._started = False

    # The field

    async def start(self) -> None:
        """Wake the chip and set it up.

        Raises:
            Pn532Fault
        """
        await self._wake()
        self._check_version(await self._command(_GET_FIRMWARE_VERSION))
        await self._command(_FEW_RETRIES)
        self._started = True

    async def _wake(self) -> None:
        for attempt in range(_TRIES):
            await self._port.wake()
            try:
                await self._command(_SAM_CONFIGURATION)
                return
            except Pn532Fault as fault:
                if attempt == _TRIES - 1:
                    raise fault

    def _check_version(self, version: memoryview) -> None:
        if version[0] != _IC:
            raise Pn532Fault("OTHER_CHIP", version[0])

    async def tap(self, after_another: bool = False) -> None:
        """Returns when a card or telephone comes into the field, which is off afterwards; `after_another`: one that is
        there already has been told of, and must leave first.

        A reader at fault is tried again from time to time: it must not end the wait for a card that comes in another
        way.
        """
        while True:
            try:
                if not self._started:
                    await self.start()
                if after_another:
                    await self._wait_empty()
                    after_another = False
                found = await self._command(_WAIT_FOR_CARD, timeout_ms=-1)
                if found[0]:
                    await self.release()
                    return
            except Pn532Fault:
                await self._rest()
            except asyncio.CancelledError:
                self._stop()
                raise

    async def _wait_empty(self) -> None:
        while (await self._command(_LOOK_ONCE))[0]:
            await asyncio.sleep_ms(_LOOK_MS)

    async def _rest(self) -> None:
        self.faults += 1
        self._started = False
        await asyncio.sleep_ms(_REST_MS)

    def _stop(self) -> None:
        """Nobody waits any more: end what the chip does, and switch the field off. What it answers is dropped."""
        self._abort()
        self._send(_FIELD_OFF)

    async def release(self) -> None:
        """Let go of the card and switch the field off; a reader at fault is set up anew when it is used again."""
        try:
            await self._command(_RELEASE_ALL)
            await self._command(_FIELD_OFF)
        except Pn532Fault:
            self._started = False

    # The card

    async def activate(self) -> bytes:
        """Find the one card in the field; returns what it says of itself: ATS (type A) or ATQB (type B). Whatever comes
        of it, `release` has to follow: the field is on.

        Raises:
            CardError: REMOVED (there is none), COLLISION (more than one), PROTOCOL (one without ISO/IEC 14443-4).
            Pn532Fault: after a second try from the beginning.
        """
        try:
            return await self._activate()
        except Pn532Fault as fault:
            self._started = False
            if not self._may_be_dip(fault):
                raise
            return await self._activate()

    def _may_be_dip(self, fault: Pn532Fault) -> bool:
        """A chip that says nothing may have lost its supply for a moment, and its settings with it."""
        return fault.reason == "NO_ANSWER"

    async def _activate(self) -> bytes:
        if not self._started:
            await self.start()
        # Type B first: another listing lets go of the card that the one before has found.
        others = (await self._command(_LIST_B))[0]
        found = await self._command(_LIST_A)
        self._check_alone(found[0] + others)
        if not found[0]:
            found = await self._command(_LIST_B)
            self._check_alone(found[0])
            self.uid = bytes(found[3:7])
            return bytes(found[2:14])
        self._check_kind(found[4])
        end = 6 + found[5]
        self.uid = bytes(found[6:end])
        return bytes(found[end : end + found[end]])

    def _check_alone(self, cards: int) -> None:
        if not cards:
            raise CardError("REMOVED", "no card in the field")
        if cards > 1:
            raise CardError("COLLISION", "more than one card in the field")

    def _check_kind(self, sel_res: int) -> None:
        if not sel_res & _ISO_14443_4:
            raise CardError("PROTOCOL", "SEL_RES %02X: no ISO/IEC 14443-4" % sel_res)

    async def exchange(self, apdu: "bytes | bytearray | memoryview") -> bytes:
        """One APDU. It is sent once: nobody can know whether a card that was not heard has not done it.

        Raises:
            CardError: REMOVED, COLLISION, PROTOCOL.
            Pn532Fault
        """
        rest = memoryview(apdu)
        while len(rest) > _PIECE:
            await self._transfer(_TARGET | _MORE, rest[:_PIECE])
            rest = rest[_PIECE:]
        part = await self._transfer(_TARGET, rest)
        if not self._has_more(part[0]):
            return bytes(part[1:])
        answer = bytearray(part[1:])
        while self._has_more(part[0]):
            part = await self._transfer(_TARGET, b"")
            answer.extend(part[1:])
        return bytes(answer)

    def _has_more(self, status: int) -> bool:
        return bool(status & _MORE)

    async def _transfer(self, target: int, data: "bytes | memoryview") -> memoryview:
        head = bytes((_DATA_EXCHANGE, target))
        answer = await self._command(head, data, _CARD_MS, repeatable=False)
        self._check_status(answer[0] & _STATUS)
        return answer

    def _check_status(self, code: int) -> None:
        if not code:
            return
        if code in _REMOVED:
            raise CardError("REMOVED", "error %02X" % code)
        if code in _COLLISION:
            raise CardError("COLLISION", "error %02X" % code)
        if code in _SPOILT:
            raise CardError("PROTOCOL", "error %02X" % code)
        raise Pn532Fault("TOO_HOT" if code in _TOO_HOT else "REFUSED", code)

    # Commands

    async def _command(
        self, head: bytes, data: "bytes | memoryview" = b"", timeout_ms: int = _ANSWER_MS, repeatable: bool = True
    ) -> memoryview:
        """Send a command; what its answer has behind the code, which lasts until the next one.

        One that may be repeated is, if there is no sign that the chip has heard it.
        """
        for _ in range(_TRIES if repeatable else 1):
            self._early = None
            self._send(head, data)
            if await self._acknowledged() or not repeatable:
                try:
                    return await self._answer(head[0] + 1, timeout_ms)
                except asyncio.TimeoutError:
                    pass
            self._abort()
        raise Pn532Fault("NO_ANSWER")

    def _send(self, head: bytes, data: "bytes | memoryview" = b"") -> None:
        self._port.write(memoryview(self._out)[: pack(self._out, head, data)])

    async def _acknowledged(self) -> bool:
        try:
            frame = await self._port.read(_ACK_MS)
        except asyncio.TimeoutError:
            return False
        except FrameFault:
            return True  # whatever it was, the chip says something
        if not is_ack(frame):
            self._keep(frame)
        return True

    def _keep(self, answer: memoryview) -> None:
        """The ACK was lost: this is what was to come behind it."""
        self._early = answer

    async def _answer(self, code: int, timeout_ms: int) -> memoryview:
        damaged = 0
        while True:
            try:
                frame = self._early
                if frame is None:
                    frame = await self._port.read(timeout_ms)
                self._early = None
                if is_ack(frame):
                    continue
                answer = content(frame)
            except FrameFault as fault:
                self._check_syntax(fault)
                damaged += 1
                self.damaged += 1
                self._check_damaged(damaged)
                self._ask_again()
                continue
            if self._is_answer_to(answer[0], code):
                return answer[1:]

    def _check_syntax(self, fault: FrameFault) -> None:
        if fault.reason == "SYNTAX":
            raise Pn532Fault("SYNTAX")

    def _check_damaged(self, count: int) -> None:
        if count == _TRIES:
            raise Pn532Fault("DAMAGED")

    def _ask_again(self) -> None:
        self._early = None
        self._port.write(NAK)

    def _is_answer_to(self, found: int, expected: int) -> bool:
        """False: it belongs to a command that was given up."""
        return found == expected

    def _abort(self) -> None:
        self._port.write(ACK)

"""A serial smart-card controller: CCID requests over a UART, a card in its slot, TPDU level (USB CCID 1.1, chapter 6).

It has the contacts and the clock; the card is driven as a slot drives it, a character at a time, without its times.
Frames are those of the GemPC Twin family (libccid, `ccid_serial.c`).
"""

from __future__ import annotations

from collections.abc import Iterator

from construct import Byte, Bytes, Container, GreedyBytes, Int32ul, Struct
from tillbench.host.devices.slot import CharacterCard
from tillbench.host.emulator.wires import Clock, UartPort

POWER_ON, POWER_OFF, STATUS, TRANSFER, PARAMETERS = 0x62, 0x63, 0x65, 0x6F, 0x61
_ANSWERS = {POWER_ON: 0x80, POWER_OFF: 0x81, STATUS: 0x81, TRANSFER: 0x80, PARAMETERS: 0x82}
ACTIVE, INACTIVE, ABSENT = 0, 1, 2
_FAILED, _MORE_TIME = 0x40, 0x80
_MUTE, _PROCEDURE, _NOT_SUPPORTED = 0xFE, 0xF4, 0
_NAK = b"\x03\x15\x16"
_NULL = 0x60
MORE_TIME = b"\x81"
"""Between frames: the card takes its time."""

REQUEST = Struct(
    "kind" / Byte, "length" / Int32ul, "slot" / Byte, "sequence" / Byte, "special" / Bytes(3), "data" / GreedyBytes
)
ANSWER = Struct(
    "kind" / Byte,
    "length" / Int32ul,
    "slot" / Byte,
    "sequence" / Byte,
    "status" / Byte,
    "error" / Byte,
    "extra" / Byte,
    "data" / GreedyBytes,
)


def frame(message: bytes) -> bytes:
    """SYNC, ACK, the message, the exclusive or of all of it."""
    whole = b"\x03\x06" + message
    check = 0
    for byte in whole:
        check ^= byte
    return whole + bytes([check])


class CcidController:
    """The chip on the far end of a UART.

    Attributes:
        card: in its slot, or None.
        requests: kinds of the requests that it has obeyed.
        echo: it sends each request back first, as the family does.
        lost: numbers of frames from the board, from 1, that do not arrive.
        damaged: numbers of answers, from 1, with a flipped bit on their way.
        cut: numbers of answers, from 1, that break off.
        deaf: it says nothing at all.
        slow_us: so long it takes to answer a transfer; it asks for more time each second.
        stale: sends this before its next answer.
        out_after: the card leaves within the transfer of this number, from 1.
    """

    ANSWER_US = 2_000

    def __init__(self, clock: Clock, port: UartPort) -> None:
        self.card: CharacterCard | None = None
        self.requests: list[int] = []
        self.echo = True
        self.lost: set[int] = set()
        self.damaged: set[int] = set()
        self.cut: set[int] = set()
        self.deaf = False
        self.slow_us = 0
        self.stale = b""
        self.out_after = 0
        self._clock = clock
        self._port = port
        self._heard = bytearray()
        self._frames = self._answers = self._transfers = 0
        self._active = False
        self._protocol = 0
        self._last = b""
        port.on_bytes = self._hear

    def insert(self, card: CharacterCard) -> None:
        """A card goes in."""
        self.card = card
        self._active = False

    def remove(self) -> None:
        """It comes out."""
        self.card = None
        self._active = False

    @property
    def state(self) -> int:
        """bmICCStatus."""
        return ABSENT if self.card is None else ACTIVE if self._active else INACTIVE

    def _hear(self, data: bytes) -> None:
        self._heard += data
        while self._heard:
            if self._heard[:3] == _NAK:
                del self._heard[:3]
                if not self.deaf:
                    self._port.send(self._last)
                continue
            if len(self._heard) < 7:
                return
            size = 13 + int.from_bytes(self._heard[3:7], "little")
            if len(self._heard) < size:
                return
            whole = bytes(self._heard[:size])
            del self._heard[:size]
            self._frames += 1
            if not self.deaf and self._frames not in self.lost:
                self._take(whole)

    def _take(self, whole: bytes) -> None:
        if frame(whole[2:-1]) != whole:
            self._port.send(_NAK)
            return
        request = REQUEST.parse(whole[2:-1])
        if self.echo:
            self._port.send(whole)
        if self.stale:
            self._port.send(frame(self.stale))
            self.stale = b""
        self.requests.append(request.kind)
        data, error = self._obey(request)
        status = self.state | (0 if error is None else _FAILED)
        message = ANSWER.build(
            {
                "kind": _ANSWERS.get(request.kind, 0x81),
                "length": len(data),
                "slot": request.slot,
                "sequence": request.sequence,
                "status": status,
                "error": error or 0,
                "extra": request.special[0] if request.kind == PARAMETERS else 0,
                "data": data,
            }
        )
        late = self.slow_us if request.kind == TRANSFER else 0
        for at in range(1_000_000, late, 1_000_000):
            self._clock.after(at, lambda: self._port.send(MORE_TIME))
        self._clock.after(self.ANSWER_US + late, lambda: self._answer(frame(message)))

    def _answer(self, answer: bytes) -> None:
        self._answers += 1
        self._last = answer
        if self._answers in self.damaged:
            answer = _flipped(answer)
        if self._answers in self.cut:
            answer = answer[:9]
        self._port.send(answer)

    def _obey(self, request: Container[object]) -> tuple[bytes, int | None]:
        """Data and no error, or an error."""
        if request.kind not in _ANSWERS:
            return b"", _NOT_SUPPORTED
        if request.kind == POWER_OFF:
            self._active = False
            return b"", None
        if request.kind == STATUS:
            return b"", None
        if self.card is None:
            return b"", _MUTE
        if request.kind == POWER_ON:
            return self._reset(self.card)
        if not self._active:
            return b"", _MUTE
        if request.kind == PARAMETERS:
            self._protocol = request.special[0]
            return request.data, None
        return self._transfer(self.card, request.data)

    def _reset(self, card: CharacterCard) -> tuple[bytes, int | None]:
        atr = card.reset(not self._active)
        self._active = bool(atr)
        self._protocol = 0
        return (atr, None) if atr else (b"", _MUTE)

    def _transfer(self, card: CharacterCard, data: bytes) -> tuple[bytes, int | None]:
        self._transfers += 1
        if self._transfers == self.out_after:
            self.remove()
            return b"", _MUTE
        if self._protocol == 1:
            block = b"".join(_said(card, data))
            return (block, None) if block else (b"", _MUTE)
        try:
            return _tpdu(card, data), None
        except _Silence:
            return b"", _MUTE
        except ValueError:
            return b"", _PROCEDURE


class _Silence(Exception):
    """The card says nothing."""


def _said(card: CharacterCard, data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        for _, run in card.receive(data[at : at + 1]):
            yield run


def _tpdu(card: CharacterCard, command: bytes) -> bytes:
    """One TPDU at T=0: procedure bytes are dealt with here, 61xx and 6Cxx are the host's (ISO/IEC 7816-3, 10.3)."""
    header, data = command[:5].ljust(5, b"\0"), command[5:]
    ins, expected = header[1], 0 if data else header[4] or 256
    said = bytearray(b"".join(_said(card, header)))
    got = bytearray()
    while True:
        if not said:
            raise _Silence
        procedure = said.pop(0)
        if procedure == _NULL:
            continue
        if procedure & 0xF0 in (0x60, 0x90):
            return bytes(got) + bytes([procedure, said.pop(0)])
        if procedure not in (ins, ins ^ 0xFF):
            raise ValueError(f"procedure byte {procedure:02X}")
        count = 1 if procedure == ins ^ 0xFF else max(len(data), expected - len(got))
        if data:
            said += b"".join(_said(card, data[:count]))
            data = data[count:]
        else:
            got += said[:count]
            del said[:count]


def _flipped(answer: bytes) -> bytes:
    return answer[:-1] + bytes([answer[-1] ^ 0x04])

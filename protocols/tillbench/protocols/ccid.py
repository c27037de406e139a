"""CCID messages between a host and a smart-card controller (USB CCID 1.1, chapter 6), framed for a serial line as the
GemPC Twin family does it (libccid, `ccid_serial.c`):

03 06 | message | exclusive or of all before    a frame
03 15 16                                        the last frame was damaged: once more
81                                              between frames: the card takes its time
"""

from __future__ import annotations

from enum import IntEnum
from functools import reduce
from operator import xor

from construct import Byte, Bytes, GreedyBytes, Int32ul, Struct

START = b"\x03\x06"
REPEAT = b"\x03\x15\x16"
MORE_TIME = b"\x81"
_HEADER = 10
"""Bytes of a message before its data."""


class Message(IntEnum):
    """bMessageType; the names are the standard's without PC_to_RDR_ and RDR_to_PC_."""

    SetParameters = 0x61
    IccPowerOn = 0x62
    IccPowerOff = 0x63
    GetSlotStatus = 0x65
    XfrBlock = 0x6F
    DataBlock = 0x80
    SlotStatus = 0x81
    Parameters = 0x82


class CardState(IntEnum):
    """bmICCStatus (6.2.6)."""

    ACTIVE = 0
    INACTIVE = 1
    ABSENT = 2


class SlotError(IntEnum):
    """bError of a command that has failed (6.2.6)."""

    COMMAND_NOT_SUPPORTED = 0x00
    BAD_LENGTH = 0x01
    PROCEDURE_BYTE_CONFLICT = 0xF4
    ICC_MUTE = 0xFE


FAILED = 0x40
"""bmCommandStatus."""

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
    """START, the message, the exclusive or of all of it."""
    whole = START + message
    return whole + bytes([reduce(xor, whole)])


def unframed(data: bytes) -> bytes | None:
    """The message of one whole, sound frame, as long as it says; None if `data` is none."""
    message = data[len(START) : -1]
    is_whole = len(message) >= _HEADER and int.from_bytes(message[1:5], "little") == len(message) - _HEADER
    return message if is_whole and frame(message) == data else None


class Describer:
    """Says in words what goes over such a line, both ways. Never what is in it: XfrBlock may hold a PIN.

    A host asks four times a second whether a card is in: that is told when the answer is another than before.
    """

    def __init__(self) -> None:
        self._state: int | None = None

    def request(self, data: bytes) -> str | None:
        """What the host has sent; None: it is not worth a line."""
        message = unframed(data)
        if message is None:
            return _unframed(data)
        parsed = REQUEST.parse(message)
        if parsed.kind == Message.GetSlotStatus:
            return None
        return f"{_name(Message, parsed.kind, 'message')} {parsed.sequence}{_size(parsed.data)}"

    def answer(self, data: bytes) -> str | None:
        """What the controller has sent; None: it is not worth a line."""
        message = unframed(data)
        if message is None:
            return _unframed(data)
        parsed = ANSWER.parse(message)
        before, self._state = self._state, parsed.status & 3
        if parsed.kind == Message.SlotStatus and self._state == before and not parsed.status & FAILED:
            return None
        how = f", {_name(SlotError, parsed.error, 'error')}" if parsed.status & FAILED else ""
        state = _name(CardState, parsed.status & 3, "state").lower()
        return f"{_name(Message, parsed.kind, 'message')} {parsed.sequence}: {state}{how}{_size(parsed.data)}"


def _unframed(data: bytes) -> str:
    between = {REPEAT: "once more, please", MORE_TIME: "the card takes its time"}
    return between.get(data, f"{len(data)} bytes that are no frame")


def _name(kind: type[IntEnum], number: int, otherwise: str) -> str:
    try:
        return kind(number).name
    except ValueError:
        return f"{otherwise} {number:02X}"


def _size(data: bytes) -> str:
    return f", {len(data)} bytes" if data else ""

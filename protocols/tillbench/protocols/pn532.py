"""The PN532's host protocol: frames between a controller and an NFC chip (NXP UM0701-02, section 6.2.1).

    00 | 00 FF | LEN | LCS | TFI | data | DCS | 00                 LEN counts TFI and data, at most 255
    00 | 00 FF | FF FF | LENM LENL | LCS | TFI | data | DCS | 00   an extended frame, for more
    00 | 00 FF | 00 FF | 00                                        ACK; from the controller it ends what the chip does
    00 | 00 FF | FF 00 | 00                                        NAK: the last answer once more
    00 | 00 FF | 01 FF | 7F 81 | 00                                the chip's word for a command that it does not know

LEN and LCS, and TFI, data and DCS, each add up to 0 modulo 256. `FRAME` is the definition, `frame` and `FrameReader`
are what a model needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import construct as c

TO_CHIP = 0xD4
FROM_CHIP = 0xD5
"""TFI."""
ACK = bytes.fromhex("0000FF00FF00")
NAK = bytes.fromhex("0000FFFF0000")
SYNTAX_ERROR = bytes.fromhex("0000FF01FF7F8100")
MAX_DATA = 264
"""Bytes behind TFI."""
START = b"\x00\xff"


class Command(IntEnum):
    """First byte behind TFI; the answer's is one more (section 7.2, 7.3)."""

    GET_FIRMWARE_VERSION = 0x02
    SAM_CONFIGURATION = 0x14
    RF_CONFIGURATION = 0x32
    IN_DATA_EXCHANGE = 0x40
    IN_LIST_PASSIVE_TARGET = 0x4A
    IN_RELEASE = 0x52
    IN_AUTO_POLL = 0x60


class Status(IntEnum):
    """Bits 0 to 5 of the status of an answer (section 7.1)."""

    GOOD = 0x00
    TIME_OUT = 0x01
    CRC = 0x02
    PARITY = 0x03
    BIT_COUNT = 0x04
    FRAMING = 0x05
    COLLISION = 0x06
    BUFFER_TOO_SMALL = 0x07
    RF_OVERFLOW = 0x09
    RF_PROTOCOL = 0x0B
    OVERHEATED = 0x0D
    OVERFLOW = 0x0E
    INVALID_PARAMETER = 0x10
    NO_SUCH_TARGET = 0x27
    CARD_EXCHANGED = 0x2A
    CARD_GONE = 0x2B
    OVER_CURRENT = 0x2D


MORE = 0x40
"""In the status, and in the controller's number of the target: more data follows (MI)."""


def complement(data: bytes) -> int:
    """What makes the sum of `data` and itself 0 modulo 256."""
    return -sum(data) & 0xFF


_tail = (
    "content" / c.RawCopy(c.Bytes(c.this.length.value)),
    "dcs" / c.Checksum(c.Int8ub, complement, c.this.content.data),
    "postamble" / c.Const(b"\x00"),
)
_lcs = "lcs" / c.Checksum(c.Int8ub, complement, c.this.length.data)
NORMAL = c.Struct("start" / c.Const(b"\x00" + START), "length" / c.RawCopy(c.Int8ub), _lcs, *_tail)
EXTENDED = c.Struct("start" / c.Const(b"\x00" + START + b"\xff\xff"), "length" / c.RawCopy(c.Int16ub), _lcs, *_tail)
FRAME = c.Select(EXTENDED, NORMAL)
"""The definition of a frame with content, which is TFI and data."""


def frame(content: bytes) -> bytes:
    """The frame of TFI and data: an extended one where it must be.

    Raises:
        ValueError: more than `MAX_DATA` bytes behind TFI.
    """
    if len(content) > 1 + MAX_DATA:
        raise ValueError(f"PN532 frame: expected at most {MAX_DATA} bytes of data, got {len(content) - 1}")
    kind = NORMAL if len(content) <= 0xFF else EXTENDED
    return bytes(kind.build({"length": {"value": len(content)}, "content": {"value": content}}))


@dataclass(slots=True)
class FrameReader:
    """Finds frames in what a controller sends, in any pieces, with anything between them."""

    damaged: int = 0
    """Frames whose checksums were wrong: a chip answers them with nothing."""
    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[bytes]:
        """`ACK`, `NAK`, or the content of each whole frame."""
        self._rest += data
        found: list[bytes] = []
        while (size := self._next(found)) > 0:
            del self._rest[:size]
        return found

    def _next(self, found: list[bytes]) -> int:
        """Takes the first frame; how many bytes are done with, 0 when more must come."""
        rest = bytes(self._rest)
        at = rest.find(START)
        if at < 0:
            return max(0, len(rest) - 1)
        head = rest[at + 2 : at + 7]
        if len(head) < 2:
            return 0
        if head[:2] in (ACK[3:5], NAK[3:5]):
            found.append(ACK if head[:2] == ACK[3:5] else NAK)
            return at + 4
        extended = head[:2] == b"\xff\xff"
        if extended and len(head) < 5:
            return 0
        length = head[2:4] if extended else head[:1]
        lcs = head[4 if extended else 1]
        begin = at + (7 if extended else 4)
        end = begin + int.from_bytes(length, "big")
        if complement(length) != lcs:
            self.damaged += 1
            return at + 2
        if len(rest) <= end:
            return 0
        content = rest[begin:end]
        if complement(content) == rest[end]:
            found.append(content)
        else:
            self.damaged += 1
        return end + 1

"""Frames of the PN532's host protocol, made and taken apart in place (NXP UM0701-02, section 6.2.1)."""

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

ROOM = const(276)
"""The longest frame: extended, 264 bytes behind TFI."""
HEAD = const(8)
"""With so many bytes of a frame its length is known."""
ACK = b"\x00\x00\xff\x00\xff\x00"
NAK = b"\x00\x00\xff\xff\x00\x00"

_TO_CHIP = const(0xD4)
_FROM_CHIP = const(0xD5)
_ERROR = const(0x7F)
_MAX_LENGTH = const(265)  # TFI and data
_NORMAL = const(5)  # bytes before TFI
_EXTENDED = const(8)


class FrameFault(Exception):
    """`reason`: "START" (it begins like no frame), "LENGTH", "CHECKSUM" (each adds up to another sum), "SYNTAX" (the
    chip did not understand the command), "DIRECTION" (it is not from the chip), "CUT" (it breaks off)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def pack(into: bytearray, head: bytes, data: "Buffer") -> int:
    """Make the frame of a command: its code and parameters, and more data. Returns its size in bytes.

    Raises:
        ValueError: more than 264 bytes.
    """
    n = 1 + len(head) + len(data)
    if n > _MAX_LENGTH:
        raise ValueError("PN532 frame: expected at most 264 bytes, got %d" % (n - 1))
    into[0:3] = b"\x00\x00\xff"
    if n <= 0xFF:
        at = _NORMAL
        into[3] = n
        into[4] = -n & 0xFF
    else:
        at = _EXTENDED
        into[3:5] = b"\xff\xff"
        into[5] = n >> 8
        into[6] = n & 0xFF
        into[7] = -(into[5] + into[6]) & 0xFF
    into[at] = _TO_CHIP
    into[at + 1 : at + 1 + len(head)] = head
    into[at + 1 + len(head) : at + n] = data
    into[at + n] = -sum(memoryview(into)[at : at + n]) & 0xFF
    into[at + n + 1] = 0
    return at + n + 2


def size(buf: "Buffer") -> int:
    """How many bytes the frame has that begins in `buf`, of which there are at least `HEAD`; an ACK has 6.

    Raises:
        FrameFault: START, LENGTH.
    """
    if bytes(buf[0:3]) != NAK[0:3]:
        raise FrameFault("START")
    if is_ack(buf):
        return 6
    length, extended = buf[3], buf[3] == 0xFF and buf[4] == 0xFF
    if extended:
        length = buf[5] << 8 | buf[6]
    check_length((buf[5] + buf[6] + buf[7] if extended else buf[3] + buf[4]) & 0xFF, length)
    return (_EXTENDED if extended else _NORMAL) + length + 2


def check_length(total: int, length: int) -> None:
    """Raises FrameFault LENGTH: the checksum is wrong, or so is what it says."""
    if total or not 0 < length <= _MAX_LENGTH:
        raise FrameFault("LENGTH")


def is_ack(buf: "Buffer") -> bool:
    """Whether the frame that begins in `buf` is an ACK."""
    return buf[3] == 0 and buf[4] == 0xFF


def content(frame: memoryview) -> memoryview:
    """Code and data of the whole frame of an answer, in place.

    Raises:
        FrameFault: CHECKSUM, SYNTAX, DIRECTION.
    """
    at = _EXTENDED if frame[3] == 0xFF and frame[4] == 0xFF else _NORMAL
    check_content(sum(frame[at:-1]) & 0xFF)
    check_origin(frame[at])
    return frame[at + 1 : -2]


def check_content(total: int) -> None:
    """Raises FrameFault CHECKSUM."""
    if total:
        raise FrameFault("CHECKSUM")


def check_origin(tfi: int) -> None:
    """Raises FrameFault SYNTAX, DIRECTION."""
    if tfi == _ERROR:
        raise FrameFault("SYNTAX")
    if tfi != _FROM_CHIP:
        raise FrameFault("DIRECTION")

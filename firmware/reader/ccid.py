"""CCID messages: which requests there are, what is wrong with one, and answers (USB CCID 1.1, chapter 6)."""

from iso7816.ccid_frame import HEADER, LARGEST, seal
from micropython import const

# Requests (6.1)
ICC_POWER_ON = const(0x62)
ICC_POWER_OFF = const(0x63)
GET_SLOT_STATUS = const(0x65)
XFR_BLOCK = const(0x6F)
GET_PARAMETERS = const(0x6C)
RESET_PARAMETERS = const(0x6D)
SET_PARAMETERS = const(0x61)
ESCAPE = const(0x6B)
ICC_CLOCK = const(0x6E)
SECURE = const(0x69)
ABORT = const(0x72)
SET_RATE_AND_CLOCK = const(0x73)

# Answers (6.2)
DATA_BLOCK = const(0x80)
SLOT_STATUS = const(0x81)
PARAMETERS = const(0x82)
ESCAPED = const(0x83)
RATE_AND_CLOCK = const(0x84)

# State of the card in bStatus (6.2.6)
ACTIVE = const(0)
INACTIVE = const(1)
ABSENT = const(2)
_FAILED = const(0x40)

# Slot error register (6.2.6): a number below 80 is the offset of what is wrong in the request.
NONE = const(-1)
NOT_SUPPORTED = const(0)
BAD_LENGTH = const(1)
BAD_SLOT = const(5)
BAD_PARAMETER = const(7)
DATA = const(10)  # offset of the first data byte
BUSY = const(0xE0)
PIN_CANCELLED = const(0xEF)
PIN_TIMEOUT = const(0xF0)
PROCEDURE_BYTE = const(0xF4)
NO_SUCH_PROTOCOL = const(0xF6)
BAD_TCK = const(0xF7)
BAD_TS = const(0xF8)
HARDWARE = const(0xFB)
PARITY = const(0xFD)
MUTE = const(0xFE)
ABORTED = const(0xFF)

_LONGEST = const(261)  # LARGEST - HEADER
_FRAME = const(274)  # LARGEST and what is around it on the line

_REQUESTS = {
    ICC_POWER_ON: (DATA_BLOCK, 0, 0, 3, False),
    ICC_POWER_OFF: (SLOT_STATUS, 0, 0, None, False),
    GET_SLOT_STATUS: (SLOT_STATUS, 0, 0, None, False),
    XFR_BLOCK: (DATA_BLOCK, 1, _LONGEST, None, True),
    GET_PARAMETERS: (PARAMETERS, 0, 0, None, True),
    RESET_PARAMETERS: (PARAMETERS, 0, 0, None, True),
    SET_PARAMETERS: (PARAMETERS, 5, 7, 1, True),
    ESCAPE: (ESCAPED, 1, _LONGEST, None, False),
    ICC_CLOCK: (SLOT_STATUS, 0, 0, 1, True),
    SECURE: (DATA_BLOCK, 15, _LONGEST, None, True),
    ABORT: (SLOT_STATUS, 0, 0, None, False),
    SET_RATE_AND_CLOCK: (RATE_AND_CLOCK, 8, 8, None, True),
}
"""By bMessageType: type of the answer, least and most dwLength, the largest value of the byte at offset 7 (None: it is
reserved, or bBWI), and whether there must be an active card."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview


def fault_of(message: Buffer, card: int) -> int:
    """What the slot error register says about a request before anything is tried, NONE if nothing is wrong.

    `card` is ACTIVE, INACTIVE or ABSENT; `message` is sound on the line.
    """
    request = _REQUESTS.get(message[0])
    if request is None:
        return NOT_SUPPORTED
    _, least, most, largest, needs_card = request
    if not least <= len(message) - HEADER <= most:
        return BAD_LENGTH
    if message[5]:
        return BAD_SLOT
    if largest is not None and message[7] > largest:
        return BAD_PARAMETER
    if needs_card and card != ACTIVE:
        return MUTE
    return NONE


class Answers:
    """Builds one answer at a time; it stays whole until the next is built, for a host that asks for it again."""

    def __init__(self) -> None:
        self._frame = bytearray(_FRAME)
        self._room = memoryview(self._frame)
        self.data = self._room[2 + HEADER : 2 + LARGEST]

    def put(self, request: Buffer, card: int, error: int = NONE, size: int = 0, extra: int = 0) -> memoryview:
        """The frame that answers `request`, with the first `size` bytes of `data`; an `error` makes it a failure.

        `extra` is the byte after bError: bChainParameter, bClockStatus, bProtocolNum.
        """
        if error != NONE:
            size = 0
        frame = self._frame
        known = _REQUESTS.get(request[0])
        frame[2] = SLOT_STATUS if known is None else known[0]
        frame[3] = size & 0xFF
        frame[4] = size >> 8
        frame[5] = frame[6] = 0
        frame[7] = request[5]
        frame[8] = request[6]
        frame[9] = card if error == NONE else card | _FAILED
        frame[10] = max(error, 0)
        frame[11] = extra
        return self._room[: seal(frame, HEADER + size)]

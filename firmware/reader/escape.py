"""The vendor's commands that libccid sends to readers of the GemPC Twin family by Escape (`ccid_serial.c`, `ccid.c`).

Anything else is not supported, and says so.
"""

from micropython import const

from reader.ccid import DATA, NONE, NOT_SUPPORTED

FIRMWARE = b"GemTwin-V2.00-TILLBENCH"
"""libccid only wants a name from a reader; what is behind the dash is ours."""
_GET_FIRMWARE = const(0x02)
_SET_NOTIFICATION = b"\x01\x01"
_SYNCHRONOUS = const(1)
_LOAD_TEXTS = b"\xb2\xa0\x00\x4d\x4c"
_TEXT_SIZE = const(16)
_TEXTS = const(10)

# Their numbers: bMsgIndex of a PIN request, and what is shown about its outcome.
ENTER_PIN = const(0)
NEW_PIN = const(1)
CONFIRM_PIN = const(2)
PIN_OK = const(3)
WRONG_PIN = const(4)
TIME_OUT = const(5)
TRIES_LEFT = const(6)  # `*` stands for their number
CARD_ERROR = const(8)
PIN_BLOCKED = const(9)

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview


class Vendor:
    """`synchronous`: a card's coming and going is told before the next answer, not when it happens. `texts`: those of
    the PIN pad, which the driver brings in its own language."""

    def __init__(self) -> None:
        self.synchronous = False
        self.texts = [
            "Enter PIN",
            "New PIN",
            "Confirm PIN",
            "PIN OK",
            "Incorrect PIN!",
            "Time Out",
            "* retries left",
            "Insert Card",
            "Card Error",
            "PIN blocked",
        ]

    def take(self, data: Buffer, answer: memoryview) -> "tuple[int, int]":
        """(error as in the slot error register, size of what is in `answer`) for the data of an Escape request."""
        command = bytes(data)
        if command == bytes((_GET_FIRMWARE,)):
            answer[: len(FIRMWARE)] = FIRMWARE
            return NONE, len(FIRMWARE)
        if command[:2] == _SET_NOTIFICATION and len(command) == 3:
            if command[2] > _SYNCHRONOUS:
                return DATA + 2, 0
            self.synchronous = command[2] == _SYNCHRONOUS
            return self._done(answer)
        if command[: len(_LOAD_TEXTS)] == _LOAD_TEXTS and len(command) == len(_LOAD_TEXTS) + _TEXTS * _TEXT_SIZE:
            for number in range(_TEXTS):
                at = len(_LOAD_TEXTS) + number * _TEXT_SIZE
                text = command[at : at + _TEXT_SIZE]
                self.texts[number] = "".join(chr(c) if 0x20 <= c < 0x7F else "?" for c in text).strip()
            return self._done(answer)
        return NOT_SUPPORTED, 0

    def _done(self, answer: memoryview) -> "tuple[int, int]":
        answer[0] = 0
        return NONE, 1

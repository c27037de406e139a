"""PIN entry as CCID asks for it: the data structures of Secure, and how digits get into a command (USB CCID 1.1, 6.1.11
and 6.1.12; PC/SC part 10, 2.6).

As the driver sends them to a GemPC PinPad: bMsgIndex1 to 3 are always there in a modification.
"""

from crypto.wiping import wipe
from micropython import const

from reader.ccid import BAD_LENGTH, DATA, NONE

VERIFY = const(0)
MODIFY = const(1)
_VERIFY_SIZE = const(15)  # bPINOperation to bTeoPrologue
_MODIFY_SIZE = const(20)
_HEADER = const(5)  # of a command APDU, Lc included
_LONGEST_COMMAND = const(260)
LONGEST_PIN = const(16)
_DEFAULT_S = const(30)
_CONFIRM = const(1)
_ASK_CURRENT = const(2)

# bmFormatString
_IN_BYTES = const(0x80)
_RIGHT = const(0x04)
_BINARY = const(0)
_BCD = const(1)
_ASCII = const(2)

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview


class PinRequest:
    """What a Secure request wants. `error` says what is wrong with it, as the slot error register does; with NONE the
    rest counts:

    `modify`; `seconds` to wait; `least` and `most` digits; `current`: the old PIN is asked for too; `confirm`: the new
    one twice; `messages`: which text each of the questions shows; `prologue` of a T=1 block; `command`: the APDU
    without the PIN.
    """

    def __init__(self, data: Buffer) -> None:
        self.error = NONE
        self.modify = data[0] == MODIFY
        if data[0] > MODIFY:
            self.error = DATA
            return
        if len(data) < (_MODIFY_SIZE if self.modify else _VERIFY_SIZE) + 4:
            self.error = BAD_LENGTH
            return
        self.seconds = data[1] or _DEFAULT_S
        self._format = data[2]
        self._block = data[3]
        self._length_format = data[4]
        at = 5
        self._offsets = (0, 0)
        if self.modify:
            self._offsets = (data[5], data[6])
            at = 7
        self.most = data[at]
        self.least = data[at + 1]
        at += 2
        self.current = not self.modify
        self.confirm = False
        if self.modify:
            self.confirm = bool(data[at] & _CONFIRM)
            self.current = bool(data[at] & _ASK_CURRENT)
            at += 1
        at += 4  # bEntryValidationCondition is forced to ENTER by the driver, bNumberMessage, wLangId
        count = 3 if self.modify else 1
        self.messages = bytes(data[at : at + count])
        at += count
        self.prologue = bytes(data[at : at + 3])
        self.command = bytes(data[at + 3 :])
        self.error = self._wrong(5 if not self.modify else 7)

    def _wrong(self, at: int) -> int:
        if self._format & 3 > _ASCII or self._format & _RIGHT:
            return DATA + 2  # justified to the right: no card of EMV has that
        if not 1 <= self.least <= self.most <= LONGEST_PIN:
            return DATA + at
        if len(self.command) > _HEADER and self.command[4] != len(self.command) - _HEADER:
            return BAD_LENGTH
        if not self._block & 15 and self._offsets != (0, 0):
            return DATA + 3  # without a size the second PIN has no place
        return NONE

    def build(self, current: Buffer, new: Buffer) -> "bytearray | None":
        """The command with the PINs (ASCII digits) in it, for the caller to wipe; None where they have no room.

        At a verification `current` is the PIN, `new` is not looked at. The template keeps what the digits leave of it:
        an odd BCD digit stands beside the template's padding.
        """
        size = self._block & 15
        position = self._format >> 3 & 15
        bits = position * 8 if self._format & _IN_BYTES else position
        body = bytearray(self.command[_HEADER:])
        fits = True
        if size:
            # A place of a fixed size in the template.
            if self.modify:
                if self.current:
                    fits = self._insert(body, self._offsets[0] * 8 + bits, current, size)
                fits = fits and self._insert(body, self._offsets[1] * 8 + bits, new, size)
            else:
                fits = self._insert(body, bits, current, size)
        else:
            pins = (current, new) if self.modify else (current,)
            total = (bits + 7) // 8
            for pin in pins:
                total += self._bytes_of(len(pin))
            grown = bytearray(total)
            grown[: min(total, len(body))] = body[:total]
            at = bits
            for pin in pins:
                fits = fits and self._insert(grown, at, pin, self._bytes_of(len(pin)))
                at += self._bytes_of(len(pin)) * 8
            wipe(body)
            body = grown
        if not fits or _HEADER + len(body) > _LONGEST_COMMAND:
            wipe(body)
            return None
        command = bytearray(_HEADER + len(body))
        command[:4] = self.command[:4]
        command[4] = len(body)
        command[_HEADER:] = body
        wipe(body)
        return command

    def _bytes_of(self, digits: int) -> int:
        return digits if self._format & 3 == _ASCII or self._format & 3 == _BINARY else (digits + 1) // 2

    def _insert(self, body: bytearray, at: int, pin: Buffer, size: int) -> bool:
        """Digits at bit `at`, and their number where bmPINLengthFormat wants it."""
        kind = self._format & 3
        width = 4 if kind == _BCD else 8
        if len(pin) * width > size * 8 or at + len(pin) * width > len(body) * 8:
            return False
        for i in range(len(pin)):
            digit = pin[i]
            _put(body, at + i * width, digit if kind == _ASCII else digit & 15, width)
        length_bits = self._block >> 4
        if length_bits:
            where = self._length_format & 15
            if self._length_format & 0x10:
                where *= 8
            if where + length_bits > len(body) * 8:
                return False
            _put(body, where, len(pin), length_bits)
        return True


def _put(body: bytearray, at: int, value: int, width: int) -> None:
    """The lowest `width` bits of `value` from bit `at` on, the highest of a byte first."""
    for i in range(width):
        bit = value >> (width - 1 - i) & 1
        where = at + i
        mask = 0x80 >> (where & 7)
        if bit:
            body[where >> 3] |= mask
        else:
            body[where >> 3] &= ~mask & 0xFF

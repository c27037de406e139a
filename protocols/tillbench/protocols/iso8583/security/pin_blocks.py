"""PIN blocks (ISO 9564-1), formats 0 to 3, in the clear: made before the cipher, read behind it."""

from collections.abc import Callable
from typing import Literal

Format = Literal[0, 1, 2, 3]
_WITH_PAN = (0, 3)
_SIZE = 8


class PinBlockError(ValueError):
    """reason: PIN_LENGTH (not 4..12), PIN_DIGIT, PAN (not 8..19 digits), FORMAT (not the one expected), FILL, SIZE.
    Nothing more: an error must not tell anything of the PIN."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def encode(format: Format, pin: str, pan: str = "", entropy: Callable[[int], bytes] | None = None) -> bytes:
    """The clear block, 8 bytes. pin: 4 to 12 digits. pan: 8 to 19 digits with the check digit, formats 0 and 3 only.

    entropy: gives that many random bytes; formats 1 and 3 only, which are filled with them. PinBlockError.
    """
    if not 4 <= len(pin) <= 12:
        raise PinBlockError("PIN_LENGTH")
    if not (pin.isascii() and pin.isdigit()):
        raise PinBlockError("PIN_DIGIT")
    if format in (0, 2):
        fill = "F" * 14
    elif entropy is None:
        raise ValueError(f"format {format} needs entropy")
    elif format == 1:
        fill = entropy(7).hex().upper()
    else:
        fill = "".join("ABCDEF"[byte * 6 >> 8] for byte in entropy(14))
    block = bytes.fromhex(f"{format}{len(pin):X}{pin}{fill[len(pin) :]}")
    return _xor(block, account(pan)) if format in _WITH_PAN else block


def decode(format: Format, block: bytes, pan: str = "") -> str:
    """The PIN in a clear block of that format. PinBlockError: it is none (a wrong key shows as that)."""
    if len(block) != _SIZE:
        raise PinBlockError("SIZE")
    text = (_xor(block, account(pan)) if format in _WITH_PAN else block).hex().upper()
    if text[0] != str(format):
        raise PinBlockError("FORMAT")
    size = int(text[1], 16)
    if not 4 <= size <= 12:
        raise PinBlockError("PIN_LENGTH")
    pin, fill = text[2 : 2 + size], text[2 + size :]
    if not pin.isdigit():
        raise PinBlockError("PIN_DIGIT")
    if fill.strip({0: "F", 1: "0123456789ABCDEF", 2: "F", 3: "ABCDEF"}[format]):
        raise PinBlockError("FILL")
    return pin


def account(pan: str) -> bytes:
    """The PAN's share of a block: its twelve digits before the check digit, zeros on the left. PinBlockError."""
    if not 8 <= len(pan) <= 19 or not (pan.isascii() and pan.isdigit()):
        raise PinBlockError("PAN")
    return bytes.fromhex(pan[:-1][-12:].rjust(16, "0"))


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))

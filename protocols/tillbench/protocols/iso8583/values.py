"""What a value of a field may be, before it is put on the wire."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tillbench.protocols.iso8583.dialect import Field

DIGITS = frozenset("0123456789")
HEX_DIGITS = frozenset("0123456789ABCDEF")
LETTERS_DIGITS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ")
PRINTABLE = frozenset(chr(code) for code in range(0x20, 0x100))

ALPHABETS = {
    "n": (DIGITS, "digits"),
    "z": (HEX_DIGITS, "hex digits"),
    "an": (LETTERS_DIGITS, "letters, digits"),
    "ans": (PRINTABLE, "printable"),
}


def length_text(low: int, high: int) -> str:
    """The words for a length rule in an error, the same in both codecs."""
    return f"length {low}" if low == high else f"length {low}..{high}"


def problem(field: "Field", value: object) -> tuple[str, str] | None:
    """Why `value` cannot be the value of `field`: (expected, found), or None when it can."""
    binary = field.type == "b"
    if not isinstance(value, (bytes, bytearray) if binary else str):
        return ("bytes" if binary else "str"), type(value).__name__
    low, high = field.sizes
    if not low <= len(value) <= high:
        return length_text(low, high), str(len(value))
    if field.unit == "digits" and field.counts == "bytes" and len(value) % 2:
        return "even length", str(len(value))
    if isinstance(value, str):
        alphabet, words = ALPHABETS[field.type]
        for index, character in enumerate(value):
            if character not in alphabet:
                return words, f"U+{ord(character):04X} at {index}"
    return None

"""The characters that a value may be made of, and the words for them in errors, the same in all codecs."""

from typing import Final

DIGITS: Final = "0123456789"
HEX_DIGITS: Final = "0123456789ABCDEF"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PRINTABLE: Final = "".join(map(chr, range(0x20, 0x100)))
_SPECIAL: Final = "".join(c for c in PRINTABLE if c not in DIGITS + LETTERS)

ALPHABETS: Final = {
    "n": (DIGITS, "digits"),
    "z": (HEX_DIGITS, "hex digits"),
    "a": (LETTERS + " ", "letters"),
    "an": (DIGITS + LETTERS + " ", "letters, digits"),
    "as": (LETTERS + _SPECIAL, "letters, signs"),
    "ns": (DIGITS + _SPECIAL, "digits, signs"),
    "ans": (PRINTABLE, "printable"),
}
"""By type: the characters, one for each byte on the wire, and their name. `b` has none."""

TRACK_AS_TEXT: Final = (HEX_DIGITS + "=", "track digits")
"""A track (z) that travels as text has its separator as it stands on the stripe."""

SIGNS: Final = "CD"


def length_text(low: int, high: int) -> str:
    """The words for a length rule in an error."""
    return f"length {low}" if low == high else f"length {low}..{high}"

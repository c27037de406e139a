"""The rows of a dialect's table, and the habits of its wire, as data."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from tillbench.protocols.iso8583.subfields import Layout

Type = Literal["n", "z", "a", "an", "as", "ns", "ans", "b", "x+n"]
Unit = Literal["digits", "characters", "bytes", "nibbles"]
Side = Literal["left", "right"]
Code = Literal["packed", "ascii", "ebcdic", "raw", "hex", "hex-ebcdic"]
CountCode = Literal["bcd", "ascii", "ebcdic", "binary"]
Codepage = Literal["cp037", "cp500"]


class Length(NamedTuple):
    """How long a value is: `minimum`..`maximum` units, told by a count of `digits` decimal digits (0: fixed length).

    size: bytes that the count takes, where that does not follow from its code (binary counts).
    """

    digits: int
    minimum: int
    maximum: int
    size: int = 0


def fixed(length: int) -> Length:
    """Always `length` digits, characters or bytes; no count on the wire."""
    return Length(0, length, length)


def ll(maximum: int, minimum: int = 1) -> Length:
    """LLVAR: minimum..maximum, at most 99."""
    return Length(2, minimum, maximum)


def lll(maximum: int, minimum: int = 1) -> Length:
    """LLLVAR: minimum..maximum, at most 999."""
    return Length(3, minimum, maximum)


def llll(maximum: int, minimum: int = 1) -> Length:
    """LLLLVAR: minimum..maximum, at most 9999."""
    return Length(4, minimum, maximum)


@dataclass(frozen=True, slots=True)
class Field:
    """One data element.

    type: `n` digits; `z` tracks (hex digits: 0-9, D for the separator, A-F once encrypted); `a` letters, `an` letters
    and digits, `ans`, `as`, `ns` with signs, all of them with spaces; `b` bytes; `x+n` an amount with its sign, C or
    D, before the digits.
    length: of the value: digits for n and z, characters (the sign is one) for text and x+n, bytes for b.
    What is None or empty follows the dialect's `Wire`:
    code: n, z and x+n `packed` two digits to a byte, or as text like the others in `ascii` or `ebcdic`; b `raw`, or
    as hexadecimal text in ASCII (`hex`) or EBCDIC (`hex-ebcdic`).
    count_code: how the count of a variable field is written.
    pad, fill: side and value of the nibble that an odd number of packed digits gets.
    counts: what the count on the wire counts, when that is not what `length` is in: "bytes" for packed digits,
    "digits" or "nibbles" (two a byte) for raw bytes, "nibbles" for text, "characters" for hexadecimal text. This is
    where acquirers differ. An odd number of digits can be counted in bytes only if the fill is no digit.
    parts: what the value is made of, when it is made of parts.
    source: which descriptions of the wire say so (see the dialect's docstring).
    """

    number: int
    name: str
    type: Type
    length: Length
    pad: Side | None = None
    counts: Unit | None = None
    source: str = ""
    code: Code | None = None
    count_code: CountCode | None = None
    fill: str = ""
    parts: Layout | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """How a dialect writes what its rows do not say: digits, tracks, text, bytes, counts and the bitmap.

    `fixed_pad` and `variable_pad` are the sides of the pad nibble in fields of fixed and of variable length.
    """

    digits: Code = "packed"
    tracks: Code = "packed"
    text: Code = "ascii"
    binary: Code = "raw"
    counts: CountCode = "bcd"
    bitmap: Code = "raw"
    fixed_pad: Side = "left"
    variable_pad: Side = "right"
    fill: str = "0"
    codepage: Codepage = "cp037"

"""What a dialect of ISO 8583 is: a table of fields, as data.

From this table come the reference codec (`layout`), the MicroPython codec (`micropython`), the describer and the
table in the docs. Nothing in it is code, so that a row can be checked against an acquirer's specification.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

from tillbench.protocols.iso8583 import layout
from tillbench.protocols.iso8583.errors import MTI
from tillbench.protocols.iso8583.message import Message

Type = Literal["n", "z", "an", "ans", "b"]
Unit = Literal["digits", "characters", "bytes"]
Side = Literal["left", "right"]


class Length(NamedTuple):
    """How long a field is: `minimum`..`maximum` units, told by a BCD count of `prefix` bytes (0: fixed length)."""

    prefix: int
    minimum: int
    maximum: int


def fixed(length: int) -> Length:
    """Always `length` digits, characters or bytes; no count on the wire."""
    return Length(0, length, length)


def ll(maximum: int) -> Length:
    """One byte of BCD count, then 1..maximum (at most 99)."""
    return Length(1, 1, maximum)


def lll(maximum: int) -> Length:
    """Two bytes of BCD count, the first nibble 0, then 1..maximum (at most 999)."""
    return Length(2, 1, maximum)


@dataclass(frozen=True, slots=True)
class Field:
    """One data element.

    type: `n` digits and `z` hex digits (tracks: 0-9, D for the separator, A-F once encrypted) are packed two to a
    byte; `an` letters, digits, spaces and `ans` any printable byte take one byte a character; `b` is raw.
    length: in digits for n and z, in characters for an and ans, in bytes for b.
    pad: the side on which an odd number of digits gets its zero nibble.
    counts: what the count on the wire counts, when that is not what `length` is in: "bytes" for n and z, "digits"
    (two a byte) for b. This is where acquirers differ.
    source: which descriptions of the wire say so (see the dialect's docstring).
    """

    number: int
    name: str
    type: Type
    length: Length
    pad: Side = "right"
    counts: Unit | None = None
    source: str = ""

    @property
    def unit(self) -> Unit:
        """What `length` is measured in."""
        return "digits" if self.type in "nz" else "bytes" if self.type == "b" else "characters"

    @property
    def sizes(self) -> tuple[int, int]:
        """Smallest and largest length of a value, in `unit`; digits that are counted in bytes come in pairs."""
        low, high = self.length.minimum, self.length.maximum
        return low, high + high % 2 if self.unit == "digits" and self.counts == "bytes" else high

    @property
    def counts_from_to(self) -> tuple[int, int]:
        """Smallest and largest number in the count on the wire."""
        low, high = self.sizes
        if self.unit == "digits" and self.counts == "bytes":
            return (low + 1) // 2, high // 2
        if self.unit == "bytes" and self.counts == "digits":
            return low * 2, high * 2
        return low, high


@dataclass(frozen=True)
class Dialect:
    """A named set of fields, and the codec that follows from it.

    `encode` and `decode` are exact: `decode(encode(m)) == m` and `encode(decode(b)) == b`, or FormatError.
    """

    name: str
    rows: tuple[Field, ...]

    @cached_property
    def fields(self) -> dict[int, Field]:
        """The fields by number, 2..64."""
        return {row.number: row for row in self.rows}

    @cached_property
    def construct(self) -> layout.Body:
        """The definition of a message body in construct: message type, bitmap, fields."""
        return layout.Body(self)

    @cached_property
    def message_type(self) -> Field:
        """Message type identifier, 4 digits."""
        return Field(MTI, "message type", "n", fixed(4))

    def encode(self, message: Message) -> bytes:
        """Message type, bitmap and fields as bytes. FormatError: an unknown field, a value of wrong type or length."""
        return self.construct.build(message)

    def decode(self, data: bytes) -> Message:
        """The message in `data`, all of it. FormatError names field, byte offset, expected and found."""
        return self.construct.parse(data)

    def counting(self, digits: Iterable[int] = (), bytes: Iterable[int] = (), name: str = "") -> "Dialect":
        """This dialect for an acquirer that counts the given fields in digits, or in bytes."""
        units: dict[int, Unit] = {**dict.fromkeys(digits, "digits"), **dict.fromkeys(bytes, "bytes")}
        rows = tuple(replace(row, counts=units.get(row.number, row.counts)) for row in self.rows)
        return Dialect(name or self.name, rows)

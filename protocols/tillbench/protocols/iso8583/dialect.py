"""What a dialect of ISO 8583 is: a table of fields, as data.

From this table come the reference codec (`layout`), the generated codecs (`python`, `micropython`), the describer and
the table in the docs. Nothing in it is code, so that a row can be checked against an acquirer's specification.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from tillbench.protocols.iso8583 import bitmap_codecs, layout, python, subfields
from tillbench.protocols.iso8583.errors import MTI, FormatError
from tillbench.protocols.iso8583.field import (
    Code,
    Codepage,
    CountCode,
    Field,
    Length,
    Side,
    Type,
    Unit,
    Wire,
    fixed,
    ll,
    lll,
    llll,
)
from tillbench.protocols.iso8583.message import Message
from tillbench.protocols.iso8583.rule import DialectError, Rule, resolve
from tillbench.protocols.iso8583.walk import TOP, Envelope, Step
from tillbench.protocols.iso8583.walk import walk as steps

__all__ = [
    "Code",
    "Codepage",
    "CountCode",
    "Dialect",
    "DialectError",
    "Field",
    "Length",
    "Side",
    "Type",
    "Unit",
    "Wire",
    "fixed",
    "ll",
    "lll",
    "llll",
]


PACKED = Wire()


@dataclass(frozen=True)
class Dialect:
    """A named set of fields, and the codecs that follow from it. DialectError: rows that make no sense.

    wire: how digits, text, bytes, counts and the bitmap are written where a row does not say.
    bitmaps: 1 (fields to 64), 2 (bit 1 announces fields to 128) or 3 (bit 65 announces fields to 192).
    second_bitmap: sent when a field needs it, or always.
    mac: the algorithm of fields 64 and 128, a key of `security.macs.MACS`; "" when it is not said.

    `encode` and `decode` are exact: `decode(encode(m)) == m` and `encode(decode(b)) == b`, or FormatError.
    """

    name: str
    rows: tuple[Field, ...]
    wire: Wire = PACKED
    bitmaps: int = 1
    second_bitmap: Literal["needed", "always"] = "needed"
    title: str = ""
    mac: str = ""

    def __post_init__(self) -> None:
        if self.bitmaps not in (1, 2, 3):
            raise DialectError(self.name, "1, 2 or 3 bitmaps", str(self.bitmaps))
        if self.second_bitmap == "always" and self.bitmaps == 1:
            raise DialectError(self.name, "two bitmaps when the second is always sent", "1")
        if self.wire.bitmap not in ("raw", "hex", "hex-ebcdic"):
            raise DialectError(self.name, "a bitmap in raw, hex or hex-ebcdic", repr(self.wire.bitmap))
        seen: set[int] = set()
        for row in self.rows:
            where = f"{self.name}, field {row.number}"
            if not 2 <= row.number <= 64 * self.bitmaps or (row.number == 65 and self.bitmaps == 3):
                raise DialectError(where, f"a number 2..{64 * self.bitmaps} that is no bitmap", str(row.number))
            if row.number in seen:
                raise DialectError(where, "each number once", "the number again")
            seen.add(row.number)
            resolve(row, self.wire, self.name)

    @cached_property
    def fields(self) -> dict[int, Field]:
        """The rows by number."""
        return {row.number: row for row in sorted(self.rows, key=lambda row: row.number)}

    @cached_property
    def rules(self) -> dict[int, Rule]:
        """The rows with nothing left open, by number, in ascending order."""
        return {number: resolve(row, self.wire, self.name) for number, row in self.fields.items()}

    @cached_property
    def envelope(self) -> Envelope:
        """What stands before the fields."""
        mti = resolve(Field(MTI, "message type", "n", fixed(4)), self.wire, self.name)
        known = sum(1 << (TOP - number) for number in self.rules)
        return Envelope(mti, self.wire.bitmap, self.bitmaps, self.second_bitmap == "always", known)

    @cached_property
    def construct(self) -> layout.Body:
        """The definition of a message body in construct, message type, bitmap, fields: the reference codec."""
        return layout.Body(self.envelope, self.rules)

    @cached_property
    def codec(self) -> python.Codec:
        """The generated codec, that of this package when the dialect is one of its own, else made now; and what is
        made at run time of messages that come often."""
        general = python.codec(self.name, self.envelope, self.rules)
        return bitmap_codecs.quick(general, self.envelope, self.rules)

    def encode(self, message: Message) -> bytes:
        """Message type, bitmap and fields as bytes. FormatError: an unknown field, a value of wrong type or length."""
        return self.codec.encode(message.mti, message.fields)

    def decode(self, data: bytes) -> Message:
        """The message in `data`, all of it. FormatError names field, byte offset, expected and found."""
        return Message(*self.codec.decode(data))

    def walk(self, data: bytes) -> Iterator[Step]:
        """The message type and the fields one by one, with their places, up to the fault if there is one."""
        return steps(self.envelope, self.rules, data)

    def parts(self, number: int, value: str | bytes, offset: int = 0) -> tuple[subfields.Element, ...]:
        """The parts of a field's value; none when the dialect says nothing of them.

        offset: of the value's first byte in the message, for the error. FormatError names the part or the tag.
        """
        row = self.fields[number]
        if row.parts is None:
            return ()
        try:
            return subfields.split(row.parts, value)
        except subfields.SubfieldError as error:
            byte, nibble = self._place(number, value, error.index)
            raise FormatError(
                number, offset + byte, error.expected, error.found, row.name, nibble, error.part
            ) from None

    def _place(self, number: int, value: str | bytes, index: int) -> tuple[int, int | None]:
        rule = self.rules[number]
        if rule.code == "packed" and rule.type != "x+n":
            index += len(value) & 1 if rule.pad_left else 0
            return index // 2, index % 2
        return (index * 2 if rule.code in ("hex", "hex-ebcdic") else index), None

    def open(self, data: bytes) -> list[tuple[Step, tuple[subfields.Element, ...]]]:
        """The message type and the fields with their places and parts; FormatError also for what is wrong inside."""
        return [
            (step, self.parts(step.number, step.value, step.value_start) if step.number in self.fields else ())
            for step in self.walk(data)
        ]

    def counting(self, digits: Iterable[int] = (), bytes: Iterable[int] = (), name: str = "") -> "Dialect":
        """This dialect for an acquirer that counts the given fields in digits, or in bytes."""
        units: dict[int, Unit] = {**dict.fromkeys(digits, "digits"), **dict.fromkeys(bytes, "bytes")}
        return self.changed({number: {"counts": unit} for number, unit in units.items()}, name)

    def changed(self, rows: Mapping[int, Mapping[str, Any]] | None = None, name: str = "", **whole: Any) -> "Dialect":
        """This dialect with other attributes in some rows (`{35: {"code": "ascii"}}`), or as a whole (`wire=...`).

        KeyError: a row that there is not. DialectError.
        """
        changes = {number: dict(row) for number, row in (rows or {}).items()}
        table = tuple(replace(row, **changes.pop(row.number)) if row.number in changes else row for row in self.rows)
        for number in changes:
            raise KeyError(number)
        return replace(self, name=name or self.name, rows=table, **whole)

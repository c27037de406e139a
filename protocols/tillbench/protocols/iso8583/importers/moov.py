"""A JSON specification of moov-io/iso8583 as a dialect.

Its `enc` is the code of a value, its `prefix` code and width of the count (`ASCII.LL`, `BCD.LLL`, `Binary.L`,
`EBCDIC.LL`, `Hex.Fixed`). Its String takes any characters, its Numeric digits; values in Hex, HexToASCII and
BytesToASCIIHex travel as hexadecimal text, those in Binary and ASCIIToHex as bytes. Padding by characters is the
business of whoever makes the value: a fixed field has its whole length here. Composite fields: see `moov_composite`.
"""

from collections.abc import Mapping
from typing import Any

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.field import Field, Length, Side, Wire
from tillbench.protocols.iso8583.importers.moov_composite import code_of, composite, length_of, prefix_of
from tillbench.protocols.iso8583.rule import DialectError

_TRACKS = (35, 36)
_HEX, _RAW = ("Hex", "HexToASCII", "BytesToASCIIHex"), ("Binary", "ASCIIToHex")


def from_moov(spec: Mapping[str, Any], name: str = "") -> Dialect:
    """The dialect of the parsed JSON. DialectError names field and key of what has no counterpart."""
    fields = spec.get("fields")
    if not isinstance(fields, Mapping) or "0" not in fields or "1" not in fields:
        raise DialectError("specification", "fields with numbers 0 and 1", type(fields).__name__)
    for key, row in fields.items():
        if not (key.isascii() and key.isdigit() and isinstance(row, Mapping)):
            raise DialectError(f"field {key}", "a number with a mapping", type(row).__name__)
    bitmap = str(fields["1"].get("enc"))
    if bitmap not in (*_HEX, *_RAW):
        raise DialectError("field 1, enc", ", ".join((*_HEX, *_RAW)), repr(fields["1"].get("enc")))
    rows = tuple(_row(int(key), row) for key, row in fields.items() if int(key) > 1)
    largest = max((row.number for row in rows), default=2)
    wire = Wire(digits=code_of(fields["0"], "field 0"), bitmap="hex" if bitmap in _HEX else "raw", binary="raw")
    named = name or str(spec.get("name", "imported"))
    return Dialect(named, tuple(sorted(rows, key=lambda row: row.number)), wire, 1 + (largest > 64) + (largest > 128))


def _row(number: int, row: Mapping[str, Any]) -> Field:
    where = f"field {number}"
    kind, enc = str(row.get("type")), str(row.get("enc"))
    most = length_of(row, where)
    description = str(row.get("description", where))
    count, digits = prefix_of(row, where)
    minimum = 0 if digits else most
    length = Length(digits, minimum, most, digits if count == "binary" else 0)
    if kind == "Composite":
        letter, code, parts = composite(row, where)
        return Field(number, description, letter, length, code=code, count_code=count, parts=parts)
    if kind == "Binary" or enc in (*_HEX, *_RAW):
        return Field(number, description, "b", length, code="hex" if enc in _HEX else "raw", count_code=count)
    if kind not in ("String", "Numeric", "Track1", "Track2", "Track3"):
        raise DialectError(f"{where}, type", "String, Numeric, Binary, Composite, Track1, Track2, Track3", repr(kind))
    code = code_of(row, where)
    letter = "n" if kind == "Numeric" else "ans"
    if kind in ("Track2", "Track3") or number in _TRACKS:
        letter = "z"
    elif code == "packed":
        letter = "n"
    side: Side = "right" if enc == "LBCD" else "left"
    return Field(number, description, letter, length, code=code, count_code=count, pad=side)

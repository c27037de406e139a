"""A JSON specification of moov-io/iso8583 as a dialect.

Its `enc` is the code of a value, its `prefix` code and width of the count (`ASCII.LL`, `BCD.LLL`, `Binary.L`,
`EBCDIC.LL`, `Hex.Fixed`). Its String takes any characters, its Numeric digits; a Hex value is bytes written as
hexadecimal text, which is its length in characters there and in bytes here. Composite fields keep their positions as
parts, but stay text or digits as a whole; those with tags need a word of ours (`Tagged`, `BerTlv`) instead.
Padding by characters is the business of whoever makes the value: a fixed field has its whole length here.
"""

from collections.abc import Mapping
from typing import Any

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.field import Code, CountCode, Field, Length, Side, Wire
from tillbench.protocols.iso8583.rule import DialectError
from tillbench.protocols.iso8583.subfields import Part, Positional

_TRACKS = (35, 36)
_COUNTS: dict[str, CountCode] = {"ASCII": "ascii", "BCD": "bcd", "Binary": "binary", "EBCDIC": "ebcdic", "Hex": "ascii"}
_CODES: dict[str, Code] = {
    "ASCII": "ascii",
    "EBCDIC": "ebcdic",
    "BCD": "packed",
    "LBCD": "packed",
}
_HEX = ("Hex", "HexToASCII", "BytesToASCIIHex")
_WIDTHS = {"Fixed": 0, "L": 1, "LL": 2, "LLL": 3, "LLLL": 4, "LLLLL": 5}


def from_moov(spec: Mapping[str, Any], name: str = "") -> Dialect:
    """The dialect of the parsed JSON. DialectError names field and key of what has no counterpart."""
    fields = spec.get("fields")
    if not isinstance(fields, Mapping) or "0" not in fields or "1" not in fields:
        raise DialectError("specification", "fields with numbers 0 and 1", type(fields).__name__)
    mti = _enc(fields["0"], "field 0")
    bitmap = str(fields["1"].get("enc"))
    rows = tuple(_row(int(key), row) for key, row in fields.items() if int(key) > 1)
    largest = max((row.number for row in rows), default=2)
    wire = Wire(
        digits=mti,
        bitmap="raw" if bitmap == "Binary" else "hex",
        binary="raw",
    )
    named = name or str(spec.get("name", "imported"))
    return Dialect(named, tuple(sorted(rows, key=lambda row: row.number)), wire, 1 + (largest > 64) + (largest > 128))


def _enc(row: Mapping[str, Any], where: str) -> Code:
    enc = str(row.get("enc"))
    if enc not in _CODES:
        raise DialectError(f"{where}, enc", ", ".join(_CODES), repr(row.get("enc")))
    return _CODES[enc]


def _row(number: int, row: Mapping[str, Any]) -> Field:
    where = f"field {number}"
    kind, enc, most = str(row.get("type")), str(row.get("enc")), row.get("length")
    if not isinstance(most, int):
        raise DialectError(f"{where}, length", "a number", repr(most))
    description = str(row.get("description", where))
    count, digits = _prefix(row, where)
    minimum = 0 if digits else most
    length = Length(digits, minimum, most, digits if count == "binary" else 0)
    if kind == "Composite":
        return _composite(number, row, description, length, count)
    if kind == "Binary" or enc in (*_HEX, "Binary"):
        return Field(number, description, "b", length, code="hex" if enc in _HEX else "raw", count_code=count)
    if kind not in ("String", "Numeric", "Track1", "Track2", "Track3"):
        raise DialectError(f"{where}, type", "String, Numeric, Binary, Composite, Track1, Track2, Track3", repr(kind))
    code = _enc(row, where)
    letter: Any = "n" if kind == "Numeric" else "ans"
    if kind in ("Track2", "Track3") or number in _TRACKS:
        letter = "z"
    elif code == "packed":
        letter = "n"
    side: Side = "right" if enc == "LBCD" else "left"
    return Field(number, description, letter, length, code=code, count_code=count, pad=side)


def _prefix(row: Mapping[str, Any], where: str) -> tuple[CountCode, int]:
    code, _, width = str(row.get("prefix")).partition(".")
    if code not in _COUNTS or width not in _WIDTHS:
        raise DialectError(f"{where}, prefix", "ASCII.LL, BCD.LLL, Binary.Fixed and the like", repr(row.get("prefix")))
    return _COUNTS[code], _WIDTHS[width]


def _composite(number: int, row: Mapping[str, Any], name: str, length: Length, count: CountCode) -> Field:
    where = f"field {number}"
    tag = row.get("tag") or {}
    if tag.get("length") or tag.get("enc"):
        raise DialectError(f"{where}, tag", "parts by position (say Tagged or BerTlv by hand)", "tags")
    parts = []
    kinds = set()
    for key, part in sorted(row.get("subfields", {}).items(), key=lambda item: int(item[0])):
        if str(part.get("prefix")).partition(".")[2] != "Fixed" or not isinstance(part.get("length"), int):
            raise DialectError(f"{where}, subfield {key}", "parts of fixed length", repr(part.get("prefix")))
        code = _enc(part, f"{where}, subfield {key}")
        kinds.add(code)
        alphabet = "n" if part.get("type") == "Numeric" else "ans"
        parts.append(Part(str(part.get("description", key)), part["length"], alphabet))
    if len(kinds) != 1:
        raise DialectError(f"{where}, subfields", "parts of one code", ", ".join(sorted(kinds)) or "none")
    code = kinds.pop()
    letter: Any = "n" if code == "packed" or all(part.type == "n" for part in parts) else "ans"
    return Field(number, name, letter, length, code=code, count_code=count, parts=Positional(tuple(parts), len(parts)))

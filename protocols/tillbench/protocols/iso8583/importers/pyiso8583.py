"""A specification of pyiso8583 (a dictionary of dictionaries) as a dialect.

It knows characters and bytes, not types: text fields become `ans`, hexadecimal ones bytes, and those that count
nibbles or pad them hex digits; fields 35 and 36 become tracks. Empty variable fields pass, as they do there.
"""

from collections.abc import Mapping
from typing import Any

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.field import Code, CountCode, Field, Length, Wire
from tillbench.protocols.iso8583.rule import DialectError

_CODES: dict[str, Code] = {"ascii": "ascii", "latin-1": "ascii", "latin1": "ascii", "iso8859-1": "ascii"}
_EBCDIC = ("cp037", "cp500", "cp1140")
_TRACKS = (35, 36)
_LONGEST_KEY = 3
_DIGITS_OF_COUNT = {"bcd": 2, "binary": 0, "ascii": 1, "ebcdic": 1}


def from_pyiso8583(spec: Mapping[str, Mapping[str, Any]], name: str = "imported") -> Dialect:
    """The dialect of that specification, message type to last field. DialectError names what has no counterpart.

    A header (`h`) is framing and no part of a dialect. Fields of length 0 are fields that are not there.
    """
    if "t" not in spec or "p" not in spec:
        raise DialectError("specification", "keys t and p", ", ".join(map(str, list(spec)[:5])))
    for key, row in spec.items():
        if not isinstance(row, Mapping):
            raise DialectError(f"field {key}", "a mapping", type(row).__name__)
    mti = _code(spec["t"], "t")
    bitmap = _code(spec["p"], "p")
    pages = {str(row.get("data_enc")) for row in spec.values()} & set(_EBCDIC)
    rows = [_row(int(key), row) for key, row in spec.items() if _is_field(key) and row.get("max_len", 0)]
    second = bool(spec.get("1", {}).get("max_len"))
    rows = [row for row in rows if row.number != 65 and (second or row.number <= 64)]  # 65 is the third bitmap there
    third = second and any(row.number > 128 for row in rows)
    wire = Wire(
        digits="packed" if mti == "raw" else mti,
        bitmap={"raw": "raw", "ascii": "hex", "ebcdic": "hex-ebcdic"}[bitmap],  # type: ignore[arg-type]  # a str to mypy, one of the names by the table
        codepage="cp500" if pages == {"cp500"} else "cp037",
    )
    return Dialect(name, tuple(sorted(rows, key=lambda row: row.number)), wire, 1 + second + third)


def _is_field(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= _LONGEST_KEY and int(key) > 1


def _code(row: Mapping[str, Any], where: str) -> Code:
    name = str(row.get("data_enc", "")).lower()
    if name == "b":
        return "raw"
    if name in _CODES:
        return _CODES[name]
    if name in _EBCDIC[:2]:
        return "ebcdic"
    raise DialectError(f"field {where}, data_enc", "b, ascii, latin-1, cp037, cp500", repr(name))


def _row(number: int, row: Mapping[str, Any]) -> Field:
    where = f"field {number}"
    code = _code(row, str(number))
    count = _count_code(row, where)
    size, most = row.get("len_type", 0), row["max_len"]
    if not isinstance(size, int) or not isinstance(most, int):
        raise DialectError(where, "len_type and max_len as numbers", f"{size!r}, {most!r}")
    nibbles = row.get("len_count", "bytes") == "nibbles"
    description = str(row.get("desc", where))
    minimum = 0 if size else most
    digits = size * (2 if count == "bcd" else 1)
    if code != "raw":
        if nibbles:
            raise DialectError(where, "characters counted in bytes", "nibbles")
        kind: Any = "z" if number in _TRACKS else "ans"
        return Field(number, description, kind, Length(digits, minimum, most, size), code=code, count_code=count)
    left, right = str(row.get("left_pad", "")), str(row.get("right_pad", ""))
    if nibbles:
        rule = Length(digits, minimum, most, size)
        return Field(
            number,
            description,
            "z",
            rule,
            pad="left" if left or not right else "right",
            fill=(left or right or "0").upper(),
            code="packed",
            count_code=count,
        )
    return Field(number, description, "b", Length(digits, minimum, most, size), code="raw", count_code=count)


def _count_code(row: Mapping[str, Any], where: str) -> CountCode:
    name = str(row.get("len_enc", "")).lower()
    if name == "b":
        return "binary"
    if name == "bcd":
        return "bcd"
    if name in _CODES:
        return "ascii"
    if name in _EBCDIC:
        return "ebcdic"
    raise DialectError(f"{where}, len_enc", "b, bcd, ascii, latin-1, cp037, cp500", repr(name))

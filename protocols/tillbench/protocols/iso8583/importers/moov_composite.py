"""What moov's specifications say of lengths, codes and composite fields.

A composite field becomes text, digits or bytes as a whole, and its subfields the parts of that: by position, with tags
(BER-TLV, or text of fixed width), or behind a bitmap of hexadecimal text.
"""

from collections.abc import Mapping
from typing import Any

from tillbench.protocols.iso8583.field import Code, CountCode, Type
from tillbench.protocols.iso8583.rule import DialectError
from tillbench.protocols.iso8583.subfields import BerTlv, Bitmapped, Layout, Part, Positional, Tagged

_COUNTS: dict[str, CountCode] = {"ASCII": "ascii", "BCD": "bcd", "Binary": "binary", "EBCDIC": "ebcdic", "Hex": "ascii"}
_CODES: dict[str, Code] = {
    "ASCII": "ascii",
    "EBCDIC": "ebcdic",
    "BCD": "packed",
    "LBCD": "packed",
}
_WIDTHS = {"Fixed": 0, "L": 1, "LL": 2, "LLL": 3, "LLLL": 4, "LLLLL": 5}


def code_of(row: Mapping[str, Any], where: str) -> Code:
    """The code of text or digits. DialectError: another enc."""
    enc = str(row.get("enc"))
    if enc not in _CODES:
        raise DialectError(f"{where}, enc", ", ".join(_CODES), repr(row.get("enc")))
    return _CODES[enc]


def length_of(row: Mapping[str, Any], where: str) -> int:
    """The length, or the largest one. DialectError: no number."""
    length = row.get("length")
    if not isinstance(length, int) or isinstance(length, bool) or length < 0:
        raise DialectError(f"{where}, length", "a number", repr(length))
    return length


def prefix_of(row: Mapping[str, Any], where: str) -> tuple[CountCode, int]:
    """The code of the count, and its decimal digits (0: fixed length). DialectError: a prefix without counterpart."""
    code, _, width = str(row.get("prefix")).partition(".")
    if code not in _COUNTS or width not in _WIDTHS or (code == "Hex" and _WIDTHS[width]):
        raise DialectError(f"{where}, prefix", "ASCII.LL, BCD.LLL, Binary.Fixed and the like", repr(row.get("prefix")))
    return _COUNTS[code], _WIDTHS[width]


def composite(row: Mapping[str, Any], where: str) -> tuple[Type, Code, Layout]:
    """Type, code and parts of a composite field. DialectError names what has no counterpart."""
    tag = _mapping(row.get("tag") or {}, f"{where}, tag")
    subfields = _mapping(row.get("subfields") or {}, f"{where}, subfields")
    for key, part in subfields.items():
        _mapping(part, f"{where}, subfield {key}")
    if tag.get("enc") == "BerTLVTag":
        return "b", "raw", BerTlv()
    if row.get("bitmap"):
        return _bitmapped(_mapping(row["bitmap"], f"{where}, bitmap"), subfields, where)
    if tag.get("length"):
        return _tagged(tag, subfields, where)
    numbered = sorted(subfields.items(), key=lambda item: _number(item[0], where))
    parts = [_part(part, f"{where}, subfield {key}") for key, part in numbered]
    code = _one_code(subfields, where)
    letter: Type = "n" if code == "packed" or all(part.type == "n" for part in parts) else "ans"
    return letter, code, Positional(tuple(parts), len(parts))


def _bitmapped(bitmap: Mapping[str, Any], subfields: Mapping[str, Any], where: str) -> tuple[Type, Code, Layout]:
    if bitmap.get("enc") != "HexToASCII":
        raise DialectError(f"{where}, bitmap, enc", "HexToASCII", repr(bitmap.get("enc")))
    known = {_number(key, where): _part(part, f"{where}, subfield {key}") for key, part in subfields.items()}
    return "ans", _one_code(subfields, where), Bitmapped(length_of(bitmap, f"{where}, bitmap"), known)


def _tagged(tag: Mapping[str, Any], subfields: Mapping[str, Any], where: str) -> tuple[Type, Code, Layout]:
    size = length_of(tag, f"{where}, tag")
    widths = {prefix_of(part, f"{where}, subfield {key}") for key, part in subfields.items()}
    code = _one_code(subfields, where)
    if code not in ("ascii", "ebcdic") or code_of(tag, f"{where}, tag") != code:
        raise DialectError(f"{where}, tag, enc", "tags and values in ASCII, or in EBCDIC", repr(tag.get("enc")))
    if len(widths) != 1 or not (width := widths.pop())[1] or width[0] != code:
        raise DialectError(f"{where}, subfields", "one prefix LL, LLL... of text for all", "others")
    known = {
        key.rjust(size, "0"): Part(str(part.get("description", key)), 0, _letter(part))
        for key, part in subfields.items()
    }
    return "ans", code, Tagged(size, width[1], known=known)


def _part(part: Mapping[str, Any], where: str) -> Part:
    if prefix_of(part, where)[1]:
        raise DialectError(where, "parts of fixed length", repr(part.get("prefix")))
    return Part(str(part.get("description", "")), length_of(part, where), _letter(part))


def _letter(part: Mapping[str, Any]) -> str:
    return "n" if part.get("type") == "Numeric" else "ans"


def _one_code(subfields: Mapping[str, Any], where: str) -> Code:
    codes = {code_of(part, f"{where}, subfield {key}") for key, part in subfields.items()}
    if len(codes) != 1:
        raise DialectError(f"{where}, subfields", "parts of one code", ", ".join(sorted(codes)) or "none")
    return codes.pop()


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DialectError(where, "a mapping", type(value).__name__)
    return value


def _number(key: object, where: str) -> int:
    if not (isinstance(key, str) and key.isascii() and key.isdigit()):
        raise DialectError(f"{where}, subfields", "numbers", repr(key))
    return int(key)

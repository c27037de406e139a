"""TLV from anywhere, line by line: name, format, value, and what the value means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tillbench.host.issuer.issuer_data import IssuerData, IssuerDataError
from tillbench.host.issuer.versions import VERSIONS
from tillbench.protocols.emv import TAGS, Tlv, card_results, describe_value, name_of, tlv

_ISSUER_APPLICATION_DATA = 0x9F10
_AMOUNTS = (0x9F02, 0x9F03, 0x9F54, 0x9F5C, 0x9F79)
_FORMATS = {
    "a": "letters",
    "an": "letters and digits",
    "ans": "text",
    "b": "binary",
    "cn": "compressed digits",
    "n": "digits",
}


class HexError(ValueError):
    """What was given is not hexadecimal; the text names the place."""


def read_hex(text: str) -> bytes:
    """Hexadecimal digits with blanks, commas, colons, line ends between them, and 0x ahead, as people paste them.

    Raises HexError naming the character and its offset.
    """
    digits = re.sub(r"0[xX](?=[0-9A-Fa-f])", "", text)
    digits = re.sub(r"[\s,:]", "", digits)
    wrong = re.search(r"[^0-9A-Fa-f]", digits)
    if wrong:
        at = text.index(wrong.group())
        raise HexError(f"expected hexadecimal digits, found {wrong.group()!r} at offset {at}")
    if len(digits) % 2:
        raise HexError(f"expected an even number of hexadecimal digits, found {len(digits)}")
    return bytes.fromhex(digits)


def decode_tlv(data: bytes) -> list[str]:
    """BER-TLV objects and their trees, two blanks a level; PANs masked. Raises TlvError naming tag and offset."""
    return list(_tree(tlv.parse(data), 0))


def decode_value(tag: int, value: bytes) -> list[str]:
    """The value of one primitive data object, without its tag and length."""
    return list(_object(tag, value, 0))


def _tree(objects: Sequence[Tlv], depth: int) -> Iterator[str]:
    for item in objects:
        if tlv.is_constructed(item.tag):
            yield f"{'  ' * depth}{tlv.tag_hex(item.tag)} {name_of(item.tag)}, {len(item.value)} bytes"
            yield from _tree(item.children, depth + 1)
        else:
            yield from _object(item.tag, item.value, depth)


def _object(tag: int, value: bytes, depth: int) -> Iterator[str]:
    line, *parts = describe_value(tag, value, depth)
    row = TAGS.get(tag)
    form = f"{_FORMATS[row.format]}, " if row else ""
    yield f"{line}  ({form}{len(value)} {'byte' if len(value) == 1 else 'bytes'})"
    yield from parts
    inner = "  " * (depth + 1)
    if row and row.most and not row.least <= len(value) <= row.most:
        sizes = str(row.least) if row.least == row.most else f"{row.least} to {row.most}"
        yield f"{inner}! expected {sizes} bytes, found {len(value)}"
    if row and row.format == "n" and not value.hex().isdecimal():
        yield f"{inner}! expected digits"
    elif tag in _AMOUNTS:
        yield f"{inner}{int(value.hex() or 0)} minor units"
    if tag == _ISSUER_APPLICATION_DATA:
        yield from (inner + line for line in _issuer_application_data(value))


def _issuer_application_data(value: bytes) -> list[str]:
    try:
        data = IssuerData.parse(value)
    except IssuerDataError as error:
        return [f"! {error}"]
    version = VERSIONS.get((data.layout, data.version))
    name = version.name if version else f"unknown version {data.version:02X}"
    told = f"{name}, key index {data.key_index:02X}, card verification results {data.results.hex().upper()}"
    return [told, *(f"  {line}" for line in card_results.lines(data.layout, data.results))]

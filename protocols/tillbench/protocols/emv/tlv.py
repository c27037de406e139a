"""BER-TLV data objects as EMV codes them (EMV 4.3 Book 3, Annex B).

`OBJECTS` is the definition of the wire, in construct. `parse` and `encode` are the straight-line reader and writer
that everything else uses (about forty times faster); a property test holds the two to each other.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import construct as c

_MORE_TAG_BYTES = 0x1F  # all five number bits set: the tag goes on (Annex B1)
_CONSTRUCTED = 0x20
_MAX_TAG_BYTES = 3  # two in EMV, three in the DF81xx range of the contactless books
_MAX_LENGTH_BYTES = 3  # 82 xx xx; EMV never goes beyond, and no record can


def _has_more(first: int) -> bool:
    return first & _MORE_TAG_BYTES == _MORE_TAG_BYTES


TAG = c.Struct(
    "first" / c.Byte,
    "rest" / c.If(lambda this: _has_more(this.first), c.RepeatUntil(lambda byte, _all, _this: byte < 0x80, c.Byte)),
)
LENGTH = c.Struct(
    "first" / c.Byte,
    "long" / c.If(lambda this: this.first > 0x80, c.BytesInteger(lambda this: this.first & 0x7F)),
)
OBJECT = c.Struct(
    "tag" / TAG,
    "length" / LENGTH,
    "value" / c.Bytes(lambda this: this.length.first if this.length.long is None else this.length.long),
)
OBJECTS = c.GreedyRange(OBJECT)


class TlvError(ValueError):
    """Bytes that are not BER-TLV: `tag` (None when not even the tag could be read), `offset` in bytes, what was
    `expected` and `found`."""

    def __init__(self, tag: int | None, offset: int, expected: str, found: str) -> None:
        where = "tag" if tag is None else f"tag {tag_hex(tag)}"
        super().__init__(f"{where} at offset {offset}: expected {expected}, found {found}")
        self.tag = tag
        self.offset = offset
        self.expected = expected
        self.found = found


class Tlv(NamedTuple):
    """One data object. `offset` is that of its tag in the outermost bytes parsed; `children` is empty for a
    primitive object, and `value` always holds the raw value bytes."""

    tag: int
    value: bytes
    offset: int = 0
    children: tuple["Tlv", ...] = ()

    def find(self, tag: int) -> "Tlv | None":
        """The first object with this tag in the value, depth first."""
        return find(self.children, tag)


def tag_hex(tag: int) -> str:
    """`5F24` for 0x5F24: an even number of upper-case digits."""
    return tag_bytes(tag).hex().upper()


def tag_bytes(tag: int) -> bytes:
    """The bytes of a tag number as they stand on the wire."""
    return tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")


def is_constructed(tag: int) -> bool:
    """Whether the value of this tag is itself a row of data objects (b6 of the first tag byte)."""
    return bool(tag_bytes(tag)[0] & _CONSTRUCTED)


def parse(data: bytes, *, nested: bool = True) -> list[Tlv]:
    """All data objects in `data`, with their trees when `nested`.

    00 bytes before, between and after objects are skipped (Annex B1). Raises `TlvError` naming tag and offset.
    """
    return _parse(bytes(data), 0, nested)


def _parse(data: bytes, base: int, nested: bool) -> list[Tlv]:
    objects = []
    at = 0
    while at < len(data):
        if data[at] == 0x00:
            at += 1
            continue
        start = at
        tag, at = read_tag(data, at, base)
        length, at = _read_length(data, at, base, tag)
        if length > len(data) - at:
            raise TlvError(tag, base + start, f"{length} value bytes", f"{len(data) - at}")
        value = data[at : at + length]
        children = tuple(_parse(value, base + at, nested)) if nested and is_constructed(tag) else ()
        objects.append(Tlv(tag, value, base + start, children))
        at += length
    return objects


def read_tag(data: bytes, at: int, base: int = 0) -> tuple[int, int]:
    """The tag that starts at `at` and the position after it; `base` is added to offsets in errors."""
    start = at
    first = data[at]
    tag = first
    at += 1
    if _has_more(first):
        while True:
            if at == len(data):
                raise TlvError(None, base + start, "another tag byte", "the end of the data")
            if at - start == _MAX_TAG_BYTES:
                raise TlvError(None, base + start, f"a tag of at most {_MAX_TAG_BYTES} bytes", "a longer one")
            byte = data[at]
            tag = tag << 8 | byte
            at += 1
            if byte < 0x80:
                break
    return tag, at


def _read_length(data: bytes, at: int, base: int, tag: int) -> tuple[int, int]:
    if at == len(data):
        raise TlvError(tag, base + at, "a length byte", "the end of the data")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if count == 0 or count >= _MAX_LENGTH_BYTES:
        raise TlvError(tag, base + at, "a length byte 00..7F, 81 or 82", f"{first:02X}")
    if at + 1 + count > len(data):
        raise TlvError(tag, base + at, f"{count} more length bytes", f"{len(data) - at - 1}")
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count


def encode(tag: int, *parts: bytes) -> bytes:
    """One data object with the joined `parts` as its value, length in the shortest form. Raises `TlvError` over
    65,535 value bytes."""
    value = b"".join(parts)
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    elif size <= 0xFF:
        length = bytes([0x81, size])
    elif size <= 0xFFFF:
        length = bytes([0x82]) + size.to_bytes(2, "big")
    else:
        raise TlvError(tag, 0, "at most 65535 value bytes", str(size))
    return tag_bytes(tag) + length + value


def encode_all(objects: Iterable[tuple[int, bytes]]) -> bytes:
    """A row of primitive data objects, in the order given."""
    return b"".join(encode(tag, value) for tag, value in objects)


def walk(objects: Iterable[Tlv]) -> Iterator[Tlv]:
    """Every object of the trees, parents before children."""
    for item in objects:
        yield item
        yield from walk(item.children)


def find(objects: Iterable[Tlv], tag: int) -> Tlv | None:
    """The first object with this tag anywhere in the trees, or None."""
    for item in walk(objects):
        if item.tag == tag:
            return item
    return None

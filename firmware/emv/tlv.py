"""BER-TLV as EMV uses it (Book 3 Annex B): tags of one to three bytes, definite lengths up to 65535.

Nothing is copied while walking: objects are (tag, start, stop) positions in the buffer.
"""

from micropython import const

from emv.errors import EmvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Buffer = bytes | bytearray

_MAX_TAG_BYTES = const(3)


def walk(buf: Buffer, start: int = 0, stop: int = -1) -> Iterator[tuple[int, int, int]]:
    """Yield (tag, value start, value stop) of every object in buf[start:stop], in order, one level deep.

    Bytes 00 before, between and after objects are padding (Annex B1).
    Raises EmvError("FORMAT") naming the offset if an object does not fit.
    """
    if stop < 0:
        stop = len(buf)
    while start < stop:
        if buf[start] == 0:
            start += 1
            continue
        tag, start = _tag(buf, start, stop)
        length, start = _length(buf, start, stop, tag)
        if length > stop - start:
            raise EmvError(
                "FORMAT",
                "tag %X at offset %d: length %d, only %d bytes left" % (tag, start, length, stop - start),
            )
        yield tag, start, start + length
        start += length


def template(buf: Buffer, tag: int) -> tuple[int, int]:
    """Return (start, stop) of the value of `buf`, which must be exactly one object, with this tag.

    Raises EmvError("FORMAT") for another tag, for none and for data after it.
    """
    found = None
    for seen, start, stop in walk(buf):
        if seen != tag or found:
            raise EmvError("FORMAT", "expected one template %X, found tag %X" % (tag, seen))
        found = (start, stop)
    if found is None:
        raise EmvError("FORMAT", "expected template %X, found no data" % tag)
    return found


def members(buf: Buffer, tag: int) -> Iterator[tuple[int, int, int]]:
    """Yield the objects inside `buf`, which must be exactly one template with this tag; see `template` and `walk`."""
    start, stop = template(buf, tag)
    return walk(buf, start, stop)


def tag_at(buf: Buffer, pos: int, stop: int) -> tuple[int, int]:
    """Read the tag at `pos`; return (tag, next position). DOLs are lists of bare tags and lengths (Book 3 5.4)."""
    return _tag(buf, pos, stop)


def is_constructed(tag: int) -> bool:
    """Whether the value of this tag holds further objects (bit 6 of its first byte, Annex B1)."""
    while tag > 0xFF:
        tag >>= 8
    return tag & 0x20 != 0


def encode(tag: int, value: Buffer) -> bytes:
    """Return tag, length (shortest form) and value."""
    n = len(value)
    if n < 0x80:
        length = bytes((n,))
    elif n < 0x100:
        length = bytes((0x81, n))
    else:
        length = bytes((0x82, n >> 8, n & 0xFF))
    return tag_bytes(tag) + length + value


def tag_bytes(tag: int) -> bytes:
    """Return the tag as it stands on the wire, 1 to 3 bytes."""
    return tag.to_bytes(1 if tag < 0x100 else 2 if tag < 0x10000 else 3, "big")


def _tag(buf: Buffer, pos: int, stop: int) -> tuple[int, int]:
    first = pos
    tag = buf[pos]
    pos += 1
    if tag & 0x1F == 0x1F:
        while True:
            if pos == stop:
                raise EmvError("FORMAT", "offset %d: data ends inside a tag" % first)
            if pos - first == _MAX_TAG_BYTES:
                raise EmvError("FORMAT", "offset %d: tag longer than %d bytes" % (first, _MAX_TAG_BYTES))
            byte = buf[pos]
            tag = tag << 8 | byte
            pos += 1
            if not byte & 0x80:
                break
    return tag, pos


def _length(buf: Buffer, pos: int, stop: int, tag: int) -> tuple[int, int]:
    if pos == stop:
        raise EmvError("FORMAT", "tag %X at offset %d: no length" % (tag, pos))
    length = buf[pos]
    pos += 1
    if length < 0x80:
        return length, pos
    count = length & 0x7F
    if not 1 <= count <= 2:
        raise EmvError("FORMAT", "tag %X at offset %d: length byte %02X not allowed" % (tag, pos - 1, length))
    if count > stop - pos:
        raise EmvError("FORMAT", "tag %X at offset %d: data ends inside the length" % (tag, pos))
    length = buf[pos] if count == 1 else buf[pos] << 8 | buf[pos + 1]
    return length, pos + count

# The ISO 8583 codec for boards: walks a dialect's table, which `make generate` makes from the dialect's definition.
# It gives the same bytes and the same errors as the reference codec in protocols/iso8583.
#
# The table: fields 1 to 64, three bytes each: kind, largest length (2, big endian; digits for n and z). Kind is
# 0x80 known, 0x40 counted in the other unit (bytes for n and z, digits for b), 0x20 padded on the left,
# 0x18 bytes of count before the value, 0x07 type: 0 n, 1 z, 2 an, 3 ans, 4 b.

from binascii import hexlify, unhexlify

from iso8583.errors import BITMAP, END, MTI, FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Value = str | bytes | bytearray

_WORDS = ("digits", "hex digits", "letters, digits", "printable")


def _wrong(what: int, c: int) -> bool:
    # Is the character c outside the alphabet of n, z, an, ans?
    if 0x30 <= c <= 0x39:
        return False
    if what == 0:
        return True
    if what == 1:
        return not 0x41 <= c <= 0x46
    if what == 2:
        return c != 0x20 and not (0x41 <= c <= 0x5A or 0x61 <= c <= 0x7A)
    return not 0x20 <= c <= 0xFF


def _lengths(low: int, high: int) -> str:
    return "length %d" % high if low == high else "length %d..%d" % (low, high)


def _take(field: int, view: memoryview, at: int, size: int) -> memoryview:
    if at + size > len(view):
        raise FormatError(field, at, "%d bytes" % size, "%d bytes" % (len(view) - at))
    return view[at : at + size]


def _digits(field: int, view: memoryview, at: int, size: int) -> str:
    text = hexlify(bytes(_take(field, view, at, size)))
    if not text.isdigit():
        for i in range(at, at + size):
            if view[i] > 0x99 or view[i] & 15 > 9:
                raise FormatError(field, i, "BCD digits", "%02X" % view[i])
    return str(text, "ascii")


def _packed(field: int, kind: int, view: memoryview, at: int, count: int) -> str:
    size = count + 1 >> 1
    if kind & 7:
        text = str(hexlify(bytes(_take(field, view, at, size))).upper(), "ascii")
    else:
        text = _digits(field, view, at, size)
    if not count & 1:
        return text
    left = kind & 0x20
    if text[0 if left else -1] != "0":
        at += 0 if left else size - 1
        raise FormatError(field, at, "pad 0", "%02X" % view[at])
    return text[1:] if left else text[:-1]


def _text(field: int, what: int, view: memoryview, at: int, count: int) -> str:
    part = _take(field, view, at, count)
    ascii = True
    for i in range(count):
        c = part[i]
        if _wrong(what, c):
            raise FormatError(field, at + i, _WORDS[what], "%02X" % c)
        if c > 0x7F:
            ascii = False
    return str(part, "ascii") if ascii else "".join([chr(c) for c in part])


def _count(field: int, kind: int, largest: int, view: memoryview, at: int) -> int:
    count = int(_digits(field, view, at, kind >> 3 & 3))
    low = 1
    if kind & 0x40:
        if kind & 4:
            low = 2
            largest *= 2
        else:
            largest = largest + 1 >> 1
    if not low <= count <= largest:
        raise FormatError(field, at, _lengths(low, largest), str(count))
    if not kind & 0x40:
        return count
    if not kind & 4:
        return count * 2
    if count & 1:
        raise FormatError(field, at, "even length", str(count))
    return count >> 1


def decode(table: bytes, data: bytes | bytearray | memoryview) -> tuple[str, dict[int, str | bytes]]:
    """(message type, values by field number) of a message body, from the message type to its end.

    n, z, an, ans values are str, b values bytes. FormatError names field, byte offset, expected and found.
    """
    view = memoryview(data)
    mti = _digits(MTI, view, 0, 2)
    bitmap = _take(BITMAP, view, 2, 8)
    for n in range(64):
        if bitmap[n >> 3] << (n & 7) & 0x80 and not table[n * 3]:
            raise FormatError(n + 1, 2 + (n >> 3), "bit off", "bit on")
    at = 10
    fields: dict[int, str | bytes] = {}
    for n in range(64):
        if not bitmap[n >> 3] << (n & 7) & 0x80:
            continue
        kind = table[n * 3]
        count = table[n * 3 + 1] << 8 | table[n * 3 + 2]
        if kind & 0x18:
            count = _count(n + 1, kind, count, view, at)
            at += kind >> 3 & 3
        if kind & 4:
            fields[n + 1] = bytes(_take(n + 1, view, at, count))
        elif kind & 2:
            fields[n + 1] = _text(n + 1, kind & 7, view, at, count)
        else:
            fields[n + 1] = _packed(n + 1, kind, view, at, count)
            count = count + 1 >> 1
        at += count
    if at < len(view):
        raise FormatError(END, at, "end", "%d bytes" % (len(view) - at))
    return mti, fields


def _check(field: int, kind: int, largest: int, value: Value, at: int) -> None:
    binary = kind & 4
    if not isinstance(value, (bytes, bytearray) if binary else str):
        raise FormatError(field, at, "bytes" if binary else "str", type(value).__name__)
    count = len(value)
    pairs = kind & 0x40 and not binary
    if pairs:
        largest = largest + 1 & ~1
    low = 1 if kind & 0x18 else largest
    if not low <= count <= largest:
        raise FormatError(field, at, _lengths(low, largest), str(count))
    if pairs and count & 1:
        raise FormatError(field, at, "even length", str(count))
    if isinstance(value, str):
        i = 0
        for c in value:
            if _wrong(kind & 7, ord(c)):
                raise FormatError(field, at, _WORDS[kind & 7], "U+%04X at %d" % (ord(c), i))
            i += 1


def _put(out: bytearray, field: int, kind: int, largest: int, value: Value) -> None:
    _check(field, kind, largest, value, len(out))
    if kind & 0x18:
        count = len(value)
        if kind & 0x40:
            count = count * 2 if kind & 4 else count >> 1
        out.extend(unhexlify("%04d" % count)[2 - (kind >> 3 & 3) :])
    if not isinstance(value, str):
        out.extend(value)
    elif kind & 2:
        for c in value:
            out.append(ord(c))
    else:
        if len(value) & 1:
            value = "0" + value if kind & 0x20 else value + "0"
        out.extend(unhexlify(value))


def encode(table: bytes, mti: str, fields: Mapping[int, Value]) -> bytes:
    """The body of a message: message type, bitmap, fields in ascending order.

    FormatError: a field that the dialect has not, a value of wrong type, length or characters; offset is where the
    field would start.
    """
    out = bytearray()
    _put(out, MTI, 0x80, 4, mti)
    numbers = sorted(fields)
    bitmap = bytearray(8)
    for n in numbers:
        if not 1 <= n <= 64 or not table[n * 3 - 3]:
            raise FormatError(n, 2, "bit off", "bit on")
        bitmap[n - 1 >> 3] |= 0x80 >> (n - 1 & 7)
    out.extend(bitmap)
    for n in numbers:
        _put(out, n, table[n * 3 - 3], table[n * 3 - 2] << 8 | table[n * 3 - 1], fields[n])
    return bytes(out)

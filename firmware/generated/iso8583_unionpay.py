# The ISO 8583 codec of the dialect "unionpay". Made by `make generate` from protocols/iso8583: do not edit.

from binascii import hexlify, unhexlify

from iso8583.errors import BITMAP, END, MTI, FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# Fields 1 to 64, three bytes each: kind, largest length (2). Kind: 0x80 known, 0x20 pad on the left,
# prefix bytes << 3, type: 0 n, 1 z, 2 an, 3 ans, 4 b.
_TABLE = (
    b"\x00\x00\x00\x88\x00\x13\x80\x00\x06\x80\x00\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    b"\x00\x00\x00\x00\x00\x00\x80\x00\x06\x80\x00\x06\x80\x00\x04\x80\x00\x04\x80\x00\x04\x00\x00\x00"
    b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x00\x03\xa0\x00\x03\x00\x00\x00"
    b"\x80\x00\x02\x80\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x88\x00\x0b"
    b"\x00\x00\x00\x00\x00\x00\x89\x00\x25\x91\x00\x68\x82\x00\x0c\x82\x00\x06\x82\x00\x02\x8b\x00\x63"
    b"\x83\x00\x08\x83\x00\x0f\x00\x00\x00\x8a\x00\x19\x00\x00\x00\x00\x00\x00\x00\x00\x00\x90\x01\x42"
    b"\x82\x00\x03\x00\x00\x00\x00\x00\x00\x84\x00\x08\x80\x00\x10\x92\x00\x14\x94\x00\xff\x00\x00\x00"
    b"\x94\x03\xe7\x94\x03\xe7\x93\x03\xe7\x90\x00\x11\x90\x00\x1d\x94\x02\x00\x93\x00\xa3\x84\x00\x08"
)
_WORDS = ("digits", "hex digits", "letters, digits", "printable")


def _wrong(kind: int, c: int) -> bool:
    # Is character c outside the alphabet of n, z, an, ans?
    if 0x30 <= c <= 0x39:
        return False
    if kind == 0:
        return True
    if kind == 1:
        return not 0x41 <= c <= 0x46
    if kind == 2:
        return c != 0x20 and not 0x41 <= c & 0xDF <= 0x5A
    return not 0x20 <= c <= 0xFF


def _length(prefix: int, largest: int) -> str:
    return "length 1..%d" % largest if prefix else "length %d" % largest


def _take(field: int, view: memoryview, at: int, size: int) -> memoryview:
    if at + size > len(view):
        raise FormatError(field, at, "%d bytes" % size, "%d bytes" % (len(view) - at))
    return view[at : at + size]


def _digits(field: int, view: memoryview, at: int, size: int) -> str:
    text = hexlify(_take(field, view, at, size))
    if not text.isdigit():
        for i in range(at, at + size):
            if view[i] > 0x99 or view[i] & 15 > 9:
                raise FormatError(field, i, "BCD digits", "%02X" % view[i])
    return str(text, "ascii")


def _value(field: int, kind: int, view: memoryview, at: int, count: int) -> str | bytes:
    what = kind & 7
    if what > 1:
        part = _take(field, view, at, count)
        if what == 4:
            return bytes(part)
        ascii = True
        for i in range(count):
            if _wrong(what, part[i]):
                raise FormatError(field, at + i, _WORDS[what], "%02X" % part[i])
            if part[i] > 0x7F:
                ascii = False
        return str(part, "ascii") if ascii else "".join([chr(c) for c in part])
    size = count + 1 >> 1
    if what == 0:
        text = _digits(field, view, at, size)
    else:
        text = str(hexlify(_take(field, view, at, size)).upper(), "ascii")
    if count & 1:
        if kind & 0x20:
            if text[0] == "0":
                return text[1:]
            size = 1
        elif text[-1] == "0":
            return text[:-1]
        raise FormatError(field, at + size - 1, "pad 0", "%02X" % view[at + size - 1])
    return text


def decode(data: bytes | bytearray | memoryview) -> tuple[str, dict[int, str | bytes]]:
    """(message type, values by field number) of a message body; FormatError names field and byte."""
    view = memoryview(data)
    mti = _digits(MTI, view, 0, 2)
    bitmap = _take(BITMAP, view, 2, 8)
    for n in range(64):
        if bitmap[n >> 3] << (n & 7) & 0x80 and not _TABLE[n * 3]:
            raise FormatError(n + 1, 2 + (n >> 3), "bit off", "bit on")
    at = 10
    fields: dict[int, str | bytes] = {}
    for n in range(64):
        if bitmap[n >> 3] << (n & 7) & 0x80:
            kind = _TABLE[n * 3]
            count = _TABLE[n * 3 + 1] << 8 | _TABLE[n * 3 + 2]
            prefix = kind >> 3 & 3
            if prefix:
                largest = count
                count = int(_digits(n + 1, view, at, prefix))
                if not 1 <= count <= largest:
                    raise FormatError(n + 1, at, _length(1, largest), str(count))
                at += prefix
            fields[n + 1] = _value(n + 1, kind, view, at, count)
            at += count if kind & 7 > 1 else count + 1 >> 1
    if at < len(view):
        raise FormatError(END, at, "end", "%d bytes" % (len(view) - at))
    return mti, fields


def _put(out: bytearray, field: int, kind: int, largest: int, value: str | bytes | bytearray) -> None:
    what = kind & 7
    prefix = kind >> 3 & 3
    if not isinstance(value, (bytes, bytearray) if what == 4 else str):
        raise FormatError(field, len(out), "bytes" if what == 4 else "str", type(value).__name__)
    count = len(value)
    if not (1 if prefix else largest) <= count <= largest:
        raise FormatError(field, len(out), _length(prefix, largest), str(count))
    if what < 4:
        i = 0
        for c in value:
            if _wrong(what, ord(c)):
                raise FormatError(field, len(out), _WORDS[what], "U+%04X at %d" % (ord(c), i))
            i += 1
    if prefix:
        out.extend(unhexlify("%04d" % count)[2 - prefix :])
    if what == 4:
        out.extend(value)
    elif what > 1:
        for c in value:
            out.append(ord(c))
    else:
        if count & 1:
            value = "0" + value if kind & 0x20 else value + "0"
        out.extend(unhexlify(value))


def encode(mti: str, fields: dict[int, str | bytes]) -> bytes:
    """The message body; FormatError: an unknown field, a value of wrong type, length or characters."""
    out = bytearray()
    _put(out, MTI, 0x80, 4, mti)
    numbers = sorted(fields)
    bitmap = bytearray(8)
    for n in numbers:
        if not 1 <= n <= 64 or not _TABLE[n * 3 - 3]:
            raise FormatError(n, 2, "bit off", "bit on")
        bitmap[n - 1 >> 3] |= 0x80 >> (n - 1 & 7)
    out.extend(bitmap)
    for n in numbers:
        _put(out, n, _TABLE[n * 3 - 3], _TABLE[n * 3 - 2] << 8 | _TABLE[n * 3 - 1], fields[n])
    return bytes(out)

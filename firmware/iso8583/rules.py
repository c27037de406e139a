# The rules of a dialect's fields, out of the tables that `make generate` makes from the dialect's definition.
#
# Tables: (rows, kinds, bitmap code, bitmaps, second always, EBCDIC page). A row of three bytes for each number from 0
# (the message type): kind from 1, 0 for none; largest length, big endian. A kind of four bytes: type << 4 | code,
# count code << 4 | bytes of count, flags, fill nibble. The generated codecs use `take` and `wrong` for what is rare,
# and to say what is wrong once a check of theirs has failed: most load this module only then.

from binascii import hexlify, unhexlify

from iso8583.characters import text
from iso8583.errors import BITMAP, END, FormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Value = str | bytes | bytearray
    Tables = tuple[bytes, bytes, int, int, bool, bytes]
    Rule = tuple[int, int, int, int, int, int, int]

# Types, codes and count codes, by their numbers in the tables.
_N, _Z, _A, _AN, _AS, _NS, _ANS, _B, _XN = range(9)
PACKED, ASCII, EBCDIC, RAW, HEX, HEX_EBCDIC = range(6)
_BCD, _TEXT, _EBCDIC, _BINARY = range(4)
LEFT, TRIM, TWICE, HALF, EMPTY = 1, 2, 4, 8, 16  # flags

_DIGITS = b"0123456789"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ALPHABETS = (_DIGITS, _DIGITS + b"ABCDEF", _LETTERS + b" ", _DIGITS + _LETTERS + b" ")
_WORDS = ("digits", "hex digits", "letters", "letters, digits", "letters, signs", "digits, signs", "printable")


def lengths(low: int, high: int) -> str:
    return "length %d" % high if low == high else "length %d..%d" % (low, high)


def rule(tables: Tables, field: int) -> Rule:
    """(type, code, count code, bytes of count, flags, fill, largest length) of a field."""
    row = field * 3
    kind = tables[0][row] * 4 - 4
    a, b, flags, fill = tables[1][kind : kind + 4]
    return a >> 4, a & 15, b >> 4, b & 15, flags, fill, tables[0][row + 1] << 8 | tables[0][row + 2]


def known(tables: Tables, field: int) -> bool:
    """Is it a data element of the dialect?"""
    return 2 <= field < len(tables[0]) // 3 and tables[0][field * 3] > 0


def _outside(type: int, code: int, fill: int, trim: int, c: int) -> bool:
    # Is the character c outside the alphabet?
    if type == _N or type == _XN:
        return not 0x30 <= c <= 0x39
    if type == _Z:
        if trim and c == (fill + 0x30 if fill < 10 else fill + 0x37):
            return True
        return c not in _ALPHABETS[1] and not (c == 0x3D and code != PACKED)
    if type < _AS:
        return not c < 128 or c not in _ALPHABETS[type]
    if not 0x20 <= c <= 0xFF:
        return True
    return type != _ANS and c < 128 and c in (_DIGITS if type == _AS else _LETTERS)


def _words(type: int, code: int) -> str:
    if type == _Z and code != PACKED:
        return "track digits"
    return _WORDS[0 if type == _XN else type]


def _need(field: int, data: bytes, at: int, size: int) -> bytes:
    if len(data) - at < size:
        raise FormatError(field, at, "%d bytes" % size, "%d bytes" % max(0, len(data) - at))
    return data[at : at + size]


def _latin(page: bytes, code: int, piece: bytes) -> bytes:
    if code == EBCDIC or code == HEX_EBCDIC:
        return bytes([page[c] for c in piece])
    return piece


def _count(tables: Tables, field: int, data: bytes, at: int) -> int:
    _, _, code, size, flags, _, high = rule(tables, field)
    piece = _need(field, data, at, size)
    if code == _BINARY:
        count = int.from_bytes(piece, "big")
    elif code == _BCD:
        text = hexlify(piece)
        for i in range(len(text)):
            if not 0x30 <= text[i] <= 0x39:
                raise FormatError(field, at + (i >> 1), "BCD digits", "%02X" % piece[i >> 1], i & 1)
        count = int(text)
    else:
        text = _latin(tables[5], EBCDIC if code == _EBCDIC else ASCII, piece)
        for i in range(size):
            if not 0x30 <= text[i] <= 0x39:
                raise FormatError(field, at + i, "digits", "%02X" % piece[i])
        count = int(text)
    low = 0 if flags & EMPTY else 1
    if flags & TWICE:
        low, high = low * 2, high * 2
    elif flags & HALF:
        high = high + 1 >> 1
    if not low <= count <= high:
        raise FormatError(field, at, lengths(low, high), str(count))
    if flags & HALF:
        return count * 2
    if flags & TWICE:
        if count & 1:
            raise FormatError(field, at, "even length", str(count))
        return count >> 1
    return count


def _packed(field: int, type: int, flags: int, fill: int, piece: bytes, at: int, length: int) -> str:
    text = str(hexlify(piece).upper(), "ascii")
    pad = "%X" % fill
    left = flags & LEFT
    odd = length & 1
    if flags & TRIM and text and text[0 if left else -1] == pad:
        odd = 1
    first = 1 if odd and left else 0
    last = len(text) - (1 if odd and not left else 0)
    for i in range(first, last):
        if _outside(type, PACKED, fill, flags & TRIM, ord(text[i])):
            words = "BCD digits" if type == _N or type == _XN else _words(type, PACKED)
            raise FormatError(field, at + (i >> 1), words, "%02X" % piece[i >> 1], i & 1)
    if odd:
        i = 0 if left else len(text) - 1
        if text[i] != pad:
            raise FormatError(field, at + (i >> 1), "pad " + pad, "%02X" % piece[i >> 1], i & 1)
    return text[first:last]


def take(tables: Tables, field: int, data: bytes, at: int) -> tuple[str | bytes, int]:
    """(value, where it ends) of the field at `at`; FormatError."""
    type, code, _, prefix, flags, fill, high = rule(tables, field)
    start = at
    length = high
    if prefix:
        length = _count(tables, field, data, at)
        at += prefix
    size = length
    if code == PACKED:
        size = 1 + (length >> 1) if type == _XN else length + 1 >> 1
    elif code >= HEX:
        size = length * 2
    piece = _need(field, data, at, size)
    end = at + size
    if code == RAW:
        return piece, end
    if code == PACKED and type != _XN:
        value = _packed(field, type, flags, fill, piece, at, length)
        low = 0 if flags & EMPTY else 1
        if flags & TRIM and not low <= len(value) <= high:
            raise FormatError(field, start, lengths(low, high), str(len(value)))
        return value, end
    one = _latin(tables[5], code, piece)
    if code >= HEX:
        for i in range(size):
            if one[i] not in _ALPHABETS[1]:
                raise FormatError(field, at + i, "hex digits", "%02X" % piece[i])
        return unhexlify(one), end
    first = 0
    if type == _XN:
        if one[0] not in b"CD":
            raise FormatError(field, at, "C or D", "%02X" % piece[0])
        if code == PACKED:
            return chr(one[0]) + _packed(field, type, 0, 0, piece[1:], at + 1, length - 1), end
        first = 1
    for i in range(first, size):
        if _outside(type, code, fill, 0, one[i]):
            raise FormatError(field, at + i, _words(type, code), "%02X" % piece[i])
    return text(one), end


def bitmap_fault(tables: Tables, data: bytes, at: int) -> None:
    """FormatError for the bitmaps at `at`, which a check has refused."""
    start = at
    raw = tables[2] == RAW
    size = 8 if raw else 16
    bits = b""
    for _ in range(tables[3]):
        piece = data[at : at + size]
        if len(piece) < size:
            raise FormatError(BITMAP, at, "%d bytes" % size, "%d bytes" % len(piece))
        if not raw:
            one = _latin(tables[5], tables[2], piece)
            for j in range(size):
                if one[j] not in _ALPHABETS[1]:
                    raise FormatError(BITMAP, at + j, "hex digits", "%02X" % piece[j])
            piece = unhexlify(one)
        bits += piece
        at += size
        if not piece[0] & 0x80:
            break
    for n in range(1, len(bits) * 8 + 1):
        place = n - 1 >> 2
        offset = start + (place >> 1 if raw else place)
        nibble = place & 1 if raw else None
        if not bits[n - 1 >> 3] << (n - 1 & 7) & 0x80:
            if n == 1 and tables[4]:
                raise FormatError(1, offset, "bit on", "bit off", nibble)
        elif n & 63 == 1 and n < tables[3] * 64 - 63:
            if not (n == 1 and tables[4]) and not any(bits[n + 63 >> 3 :]):
                raise FormatError(n, offset, "fields above", "none", nibble)
        elif not known(tables, n):
            raise FormatError(n, offset, "bit off", "bit on", nibble)


def end_fault(data: bytes, at: int) -> None:
    raise FormatError(END, at, "end", "%d bytes" % (len(data) - at))


def wrong(tables: Tables, field: int, value: object, at: int) -> int:
    """FormatError when `value` cannot be the value of the field, which would start at `at`; else the bytes it takes."""
    type, code, _, prefix, flags, fill, high = rule(tables, field)
    binary = type == _B
    if not isinstance(value, (bytes, bytearray) if binary else str):
        raise FormatError(field, at, "bytes" if binary else "str", value.__class__.__name__)
    size = len(value)
    pairs = flags & HALF and not flags & TRIM
    if pairs:
        high += high & 1
    low = (0 if flags & EMPTY else 1) if prefix else high
    if not low <= size <= high:
        raise FormatError(field, at, lengths(low, high), str(size))
    if pairs and size & 1:
        raise FormatError(field, at, "even length", str(size))
    if isinstance(value, str):
        i = 0
        for c in value:
            if type == _XN and i == 0:
                if c not in "CD":
                    raise FormatError(field, at, "C or D", "U+%04X at 0" % ord(c))
            elif _outside(type, code, fill, flags & TRIM, ord(c)):
                raise FormatError(field, at, _words(type, code), "U+%04X at %d" % (ord(c), i))
            i += 1
    if code == PACKED:
        size = 1 + (size >> 1) if type == _XN else size + 1 >> 1
    elif code >= HEX:
        size *= 2
    return prefix + size


def refuse(tables: Tables, mti: object, fields: Mapping[int, object]) -> None:
    """FormatError for the first thing that cannot be encoded; nothing when all can."""
    at = wrong(tables, 0, mti, 0)
    numbers = sorted(fields)
    for n in numbers:
        if not known(tables, n):
            raise FormatError(n, at, "bit off", "bit on")
    count = 2 if tables[4] else 1
    if numbers:
        count = max(count, numbers[-1] + 63 >> 6)
    at += count * (8 if tables[2] == RAW else 16)
    for n in numbers:
        at += wrong(tables, n, fields[n], at)


def put(tables: Tables, field: int, value: Value) -> bytes:
    """The bytes of a value that `wrong` has let pass."""
    type, code, count_code, prefix, flags, fill, _ = rule(tables, field)
    size = len(value)
    if isinstance(value, str):
        head = b""
        if code == PACKED:
            if type == _XN:
                head = value[:1].encode()
                value = value[1:]
            if len(value) & 1:
                value = "%X" % fill + value if flags & LEFT else value + "%X" % fill
            body = head + unhexlify(value)
        else:
            body = bytes([ord(c) for c in value])
    else:
        body = hexlify(bytes(value)).upper() if code >= HEX else bytes(value)
    if code == EBCDIC or code == HEX_EBCDIC:
        body = bytes([tables[5].find(bytes((c,))) for c in body])
    if not prefix:
        return body
    if flags & TWICE:
        size *= 2
    elif flags & HALF:
        size = size + 1 >> 1
    if count_code == _BINARY:
        return size.to_bytes(prefix, "big") + body
    if count_code == _BCD:
        return unhexlify(("%%0%dd" % (prefix * 2)) % size) + body
    count = (("%%0%dd" % prefix) % size).encode()
    if count_code == _EBCDIC:
        count = bytes([c | 0xF0 for c in count])
    return count + body

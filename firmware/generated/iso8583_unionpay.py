# The codec of the ISO 8583 dialect "unionpay"; iso8583.rules says what the tables are.
# Made by `make generate` from protocols/iso8583: do not edit.

from binascii import hexlify, unhexlify

from iso8583.characters import latin, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from iso8583.rules import Value

_ROWS = (
    b"\x02\x00\x04\x00\x00\x00\x03\x00\x13\x02\x00\x06\x02\x00\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x06\x02\x00\x06\x02\x00\x04\x02\x00\x04\x02\x00\x04"
    b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x03\x02\x00\x03"
    b"\x00\x00\x00\x02\x00\x02\x02\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    b"\x03\x00\x0b\x00\x00\x00\x00\x00\x00\x05\x00\x25\x06\x00\x68\x07\x00\x0c\x07\x00\x06\x07\x00\x02"
    b"\x0b\x00\x63\x0a\x00\x08\x0a\x00\x0f\x00\x00\x00\x08\x00\x19\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    b"\x04\x01\x42\x07\x00\x03\x00\x00\x00\x00\x00\x00\x0d\x00\x08\x02\x00\x10\x09\x00\x14\x0e\x00\xff"
    b"\x00\x00\x00\x0e\x03\xe7\x0e\x03\xe7\x0c\x03\xe7\x04\x00\x11\x04\x00\x1d\x0e\x02\x00\x0c\x00\xa3"
    b"\x0d\x00\x08"
)
_KINDS = (
    b"\x00\x00\x00\x00\x00\x00\x01\x00\x00\x01\x00\x00\x00\x02\x00\x00\x10\x01\x00\x00\x10\x02\x00\x00"
    b"\x31\x00\x00\x00\x31\x01\x00\x00\x31\x02\x00\x00\x61\x00\x00\x00\x61\x01\x00\x00\x61\x02\x00\x00"
    b"\x73\x00\x00\x00\x73\x02\x00\x00"
)
_PAGE = b""
_TABLES = (_ROWS, _KINDS, 3, 1, False, _PAGE)
# The bits of a nibble that are on, from 1, the highest.
_BITS = (
    b"",
    b"\x04",
    b"\x03",
    b"\x03\x04",
    b"\x02",
    b"\x02\x04",
    b"\x02\x03",
    b"\x02\x03\x04",
    b"\x01",
    b"\x01\x04",
    b"\x01\x03",
    b"\x01\x03\x04",
    b"\x01\x02",
    b"\x01\x02\x04",
    b"\x01\x02\x03",
    b"\x01\x02\x03\x04",
)
_PREFIX = b"\x00\x00\x00\x01\x02\x01\x02\x00\x01\x02\x00\x01\x02\x00\x02"
_LEFT = b"\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
_AN = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz "


def decode(data: bytes | bytearray | memoryview) -> tuple[str, dict[int, str | bytes]]:
    """(message type, values by field number) of a message body; FormatError."""
    if not isinstance(data, bytes):
        data = bytes(data)
    total = len(data)
    mti = data[:2].hex()
    if total < 2 or not mti.isdigit():
        from iso8583 import rules

        rules.take(_TABLES, 0, data, 0)
    numbers: list[int] = []
    at = 2
    try:
        bits = data[at : at + 8]
        if len(bits) < 8:
            raise ValueError
        at += 8
        for i in range(8):
            b = bits[i]
            if b:
                j = i * 8
                for bit in _BITS[b >> 4]:
                    numbers.append(j + bit)
                for bit in _BITS[b & 15]:
                    numbers.append(j + bit + 4)
        for n in numbers:
            if not _ROWS[n * 3]:
                raise ValueError
    except (IndexError, ValueError):
        from iso8583 import rules

        rules.bitmap_fault(_TABLES, data, 2)
        raise
    fields: dict[int, str | bytes] = {}
    n = start = 0
    try:
        for n in numbers:
            start = at
            i = n * 3
            k = _ROWS[i]
            size = _ROWS[i + 1] << 8 | _ROWS[i + 2]
            prefix = _PREFIX[k]
            if prefix:
                count = int(data[at : at + prefix].hex())
                if not 0 < count <= size:
                    raise ValueError
                size = count
                at += prefix
            if k < 7:
                end = at + (size + 1 >> 1)
                if end > total:
                    raise ValueError
                v = data[at:end].hex()
                if size & 1:
                    if _LEFT[k]:
                        if v[0] != "0":
                            raise ValueError
                        v = v[1:]
                    else:
                        if v[-1] != "0":
                            raise ValueError
                        v = v[:-1]
                if k >= 5:
                    v = v.upper()
                elif not v.isdigit():
                    raise ValueError
            elif k < 13:
                end = at + size
                if end > total:
                    raise ValueError
                v = data[at:end]
                if k < 10:
                    if v.lstrip(_AN):
                        raise ValueError
                    v = str(v, "ascii")
                else:
                    if min(v) < 32:
                        raise ValueError
                    v = text(v)
            else:
                end = at + size
                if end > total:
                    raise ValueError
                v = data[at:end]
            fields[n] = v
            at = end
    except (IndexError, ValueError):
        from iso8583 import rules

        rules.take(_TABLES, n, data, start)  # says what and where
        raise
    if at < total:
        from iso8583 import rules

        rules.end_fault(data, at)
    return mti, fields


def encode(mti: str, fields: Mapping[int, Value]) -> bytes:
    """The body of a message; FormatError: an unknown field, a value that is not allowed."""
    try:
        bits = bytearray(8)
        out: list[bytes | bytearray] = []
        if len(mti) != 4 or not isinstance(mti, str) or not mti.isdigit():
            raise ValueError
        for n in sorted(fields):
            i = n * 3
            if n < 2 or n > 64:
                raise ValueError
            k = _ROWS[i]
            if not k:
                raise ValueError
            bits[n - 1 >> 3] |= 0x80 >> (n - 1 & 7)
            v = fields[n]
            size = _ROWS[i + 1] << 8 | _ROWS[i + 2]
            count = len(v)
            prefix = _PREFIX[k]
            if prefix:
                if not 0 < count <= size:
                    raise ValueError
                out.append(unhexlify("%04d" % count)[-prefix:])
            elif count != size:
                raise ValueError
            if k < 7:
                if not isinstance(v, str):
                    raise ValueError
                if k < 5:
                    if not v.isdigit():
                        raise ValueError
                elif v.lstrip("0123456789ABCDEF"):
                    raise ValueError
                if count & 1:
                    if _LEFT[k]:
                        v = "0" + v
                    else:
                        v = v + "0"
                out.append(unhexlify(v))
            elif k < 13:
                if not isinstance(v, str):
                    raise ValueError
                v = v.encode()
                if k < 10:
                    if v.lstrip(_AN):
                        raise ValueError
                else:
                    if len(v) != count:
                        v = latin(v)
                    if min(v) < 32:
                        raise ValueError
                out.append(v)
            else:
                if not isinstance(v, (bytes, bytearray)):
                    raise ValueError
                out.append(v)
        return b"".join([unhexlify(mti), bits] + out)
    except (AttributeError, TypeError, ValueError):
        from iso8583 import rules

        rules.refuse(_TABLES, mti, fields)
        raise

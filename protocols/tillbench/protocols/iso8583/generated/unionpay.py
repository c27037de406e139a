"""The codec of the dialect 'unionpay'. Made by `make generate`: do not edit."""
# ruff: noqa
# mypy: ignore-errors
# fmt: off

from tillbench.protocols.iso8583.fast import *
from tillbench.protocols.iso8583.fast import bitmap_fault, end_fault, fault, refused

ENVELOPE = Envelope(mti=Rule(number=0, name='message type', type='n', code='packed', low=4, high=4, prefix=0, count_code='bcd', multiply=1, divide=1, pad_left=True, fill='0', trim=False, codepage='cp037'), bitmap='raw', bitmaps=1, always=False, known=5504345913506400446914035229552369301483093366687112626176)
RULES = {
    2: Rule(2, 'primary account number', 'n', 'packed', 1, 19, 1),
    3: Rule(3, 'processing code', 'n', 'packed', 6, 6, 0, 'bcd', 1, 1, True),
    4: Rule(4, 'amount, transaction', 'n', 'packed', 12, 12, 0, 'bcd', 1, 1, True),
    11: Rule(11, 'system trace audit number', 'n', 'packed', 6, 6, 0, 'bcd', 1, 1, True),
    12: Rule(12, 'time, local transaction', 'n', 'packed', 6, 6, 0, 'bcd', 1, 1, True),
    13: Rule(13, 'date, local transaction', 'n', 'packed', 4, 4, 0, 'bcd', 1, 1, True),
    14: Rule(14, 'date, expiration', 'n', 'packed', 4, 4, 0, 'bcd', 1, 1, True),
    15: Rule(15, 'date, settlement', 'n', 'packed', 4, 4, 0, 'bcd', 1, 1, True),
    22: Rule(22, 'point of service entry mode', 'n', 'packed', 3, 3),
    23: Rule(23, 'card sequence number', 'n', 'packed', 3, 3, 0, 'bcd', 1, 1, True),
    25: Rule(25, 'point of service condition code', 'n', 'packed', 2, 2, 0, 'bcd', 1, 1, True),
    26: Rule(26, 'point of service PIN capture code', 'n', 'packed', 2, 2, 0, 'bcd', 1, 1, True),
    32: Rule(32, 'acquiring institution', 'n', 'packed', 1, 11, 1),
    35: Rule(35, 'track 2 data', 'z', 'packed', 1, 37, 1),
    36: Rule(36, 'track 3 data', 'z', 'packed', 1, 104, 2),
    37: Rule(37, 'retrieval reference number', 'an', 'ascii', 12, 12, 0, 'bcd', 1, 1, True),
    38: Rule(38, 'authorisation code', 'an', 'ascii', 6, 6, 0, 'bcd', 1, 1, True),
    39: Rule(39, 'response code', 'an', 'ascii', 2, 2, 0, 'bcd', 1, 1, True),
    40: Rule(40, 'acquirer private', 'ans', 'ascii', 1, 99, 1),
    41: Rule(41, 'terminal identification', 'ans', 'ascii', 8, 8, 0, 'bcd', 1, 1, True),
    42: Rule(42, 'merchant identification', 'ans', 'ascii', 15, 15, 0, 'bcd', 1, 1, True),
    44: Rule(44, 'issuer and acquirer', 'an', 'ascii', 1, 25, 1),
    48: Rule(48, 'totals, details', 'n', 'packed', 1, 322, 2),
    49: Rule(49, 'currency code, transaction', 'an', 'ascii', 3, 3, 0, 'bcd', 1, 1, True),
    52: Rule(52, 'PIN block', 'b', 'raw', 8, 8, 0, 'bcd', 1, 1, True),
    53: Rule(53, 'security control', 'n', 'packed', 16, 16, 0, 'bcd', 1, 1, True),
    54: Rule(54, 'balance', 'an', 'ascii', 1, 20, 2),
    55: Rule(55, 'IC card data', 'b', 'raw', 1, 255, 2),
    57: Rule(57, 'reserved', 'b', 'raw', 1, 999, 2),
    58: Rule(58, 'electronic purse', 'b', 'raw', 1, 999, 2),
    59: Rule(59, 'terminal data', 'ans', 'ascii', 1, 999, 2),
    60: Rule(60, 'type, batch, network code', 'n', 'packed', 1, 17, 2),
    61: Rule(61, 'original transaction', 'n', 'packed', 1, 29, 2),
    62: Rule(62, 'keys, parameters', 'b', 'raw', 1, 512, 2),
    63: Rule(63, 'operator, card organisation', 'ans', 'ascii', 1, 163, 2),
    64: Rule(64, 'message authentication code', 'b', 'raw', 8, 8, 0, 'bcd', 1, 1, True),
}
_C1, _C2, _C3, _C4 = (COUNTS[width].get for width in (1, 2, 3, 4))
_W2, _W4 = WRITTEN[2], WRITTEN[4]
_integer = int.from_bytes
from binascii import unhexlify as _unhex
_R2 = RULES[2]
_R3 = RULES[3]
_R4 = RULES[4]
_R11 = RULES[11]
_R12 = RULES[12]
_R13 = RULES[13]
_R14 = RULES[14]
_R15 = RULES[15]
_R22 = RULES[22]
_R23 = RULES[23]
_R25 = RULES[25]
_R26 = RULES[26]
_R32 = RULES[32]
_R35 = RULES[35]
_R36 = RULES[36]
_R37 = RULES[37]
_R38 = RULES[38]
_R39 = RULES[39]
_R40 = RULES[40]
_R41 = RULES[41]
_R42 = RULES[42]
_R44 = RULES[44]
_R48 = RULES[48]
_R49 = RULES[49]
_R52 = RULES[52]
_R53 = RULES[53]
_R54 = RULES[54]
_R55 = RULES[55]
_R57 = RULES[57]
_R58 = RULES[58]
_R59 = RULES[59]
_R60 = RULES[60]
_R61 = RULES[61]
_R62 = RULES[62]
_R63 = RULES[63]
_R64 = RULES[64]


def decode(data):
    """(message type, fields) of a body; FormatError."""
    if data.__class__ is not bytes:
        data = bytes(data)
    size = len(data)
    size2 = size + size
    hexed = data.hex()
    text = data.decode("latin-1")
    mti = hexed[:4]
    if size < 2 or not mti.isdecimal():
        fault(ENVELOPE.mti, data, 0)
    first = _integer(data[2:10], "big")
    if size < 10 or first & 0x8fc1f93ec02e6100:
        bitmap_fault(ENVELOPE, data, 2)
    p = 20
    fields = {}
    firsta = first >> 42
    firstb = first >> 21 & 0x1fffff
    firstc = first & 0x1fffff
    if firsta & 0x100000:
        s = p
        n = _C2(hexed[p:p + 2], -1)
        if not 1 <= n <= 19:
            fault(_R2, data, s >> 1)
        p += 2
        if n & 1:
            if hexed[p + n:p + n + 1] != "0":
                fault(_R2, data, s >> 1)
            v = hexed[p:p + n]
            p += n + 1
        else:
            v = hexed[p:p + n]
            p += n
        if p > size2 or not v.isdecimal():
            fault(_R2, data, (s) >> 1)
        fields[2] = v
    if firsta & 0x80000:
        v = hexed[p:p + 6]
        p += 6
        if p > size2 or not v.isdecimal():
            fault(_R3, data, (p - 6) >> 1)
        fields[3] = v
    if firsta & 0x40000:
        v = hexed[p:p + 12]
        p += 12
        if p > size2 or not v.isdecimal():
            fault(_R4, data, (p - 12) >> 1)
        fields[4] = v
    if firsta & 0x800:
        v = hexed[p:p + 6]
        p += 6
        if p > size2 or not v.isdecimal():
            fault(_R11, data, (p - 6) >> 1)
        fields[11] = v
    if firsta & 0x400:
        v = hexed[p:p + 6]
        p += 6
        if p > size2 or not v.isdecimal():
            fault(_R12, data, (p - 6) >> 1)
        fields[12] = v
    if firsta & 0x200:
        v = hexed[p:p + 4]
        p += 4
        if p > size2 or not v.isdecimal():
            fault(_R13, data, (p - 4) >> 1)
        fields[13] = v
    if firsta & 0x100:
        v = hexed[p:p + 4]
        p += 4
        if p > size2 or not v.isdecimal():
            fault(_R14, data, (p - 4) >> 1)
        fields[14] = v
    if firsta & 0x80:
        v = hexed[p:p + 4]
        p += 4
        if p > size2 or not v.isdecimal():
            fault(_R15, data, (p - 4) >> 1)
        fields[15] = v
    if firsta & 0x1:
        if hexed[p + 3:p + 3 + 1] != "0":
            fault(_R22, data, p >> 1)
        v = hexed[p:p + 3]
        p += 4
        if p > size2 or not v.isdecimal():
            fault(_R22, data, (p - 4) >> 1)
        fields[22] = v
    if firstb & 0x100000:
        if hexed[p:p + 1] != "0":
            fault(_R23, data, p >> 1)
        v = hexed[p + 1:p + 4]
        p += 4
        if p > size2 or not v.isdecimal():
            fault(_R23, data, (p - 4) >> 1)
        fields[23] = v
    if firstb & 0x40000:
        v = hexed[p:p + 2]
        p += 2
        if p > size2 or not v.isdecimal():
            fault(_R25, data, (p - 2) >> 1)
        fields[25] = v
    if firstb & 0x20000:
        v = hexed[p:p + 2]
        p += 2
        if p > size2 or not v.isdecimal():
            fault(_R26, data, (p - 2) >> 1)
        fields[26] = v
    if firstb & 0x800:
        s = p
        n = _C2(hexed[p:p + 2], -1)
        if not 1 <= n <= 11:
            fault(_R32, data, s >> 1)
        p += 2
        if n & 1:
            if hexed[p + n:p + n + 1] != "0":
                fault(_R32, data, s >> 1)
            v = hexed[p:p + n]
            p += n + 1
        else:
            v = hexed[p:p + n]
            p += n
        if p > size2 or not v.isdecimal():
            fault(_R32, data, (s) >> 1)
        fields[32] = v
    if firstb & 0x100:
        s = p
        n = _C2(hexed[p:p + 2], -1)
        if not 1 <= n <= 37:
            fault(_R35, data, s >> 1)
        p += 2
        if n & 1:
            if hexed[p + n:p + n + 1] != "0":
                fault(_R35, data, s >> 1)
            v = hexed[p:p + n].upper()
            p += n + 1
        else:
            v = hexed[p:p + n].upper()
            p += n
        if p > size2:
            fault(_R35, data, (s) >> 1)
        fields[35] = v
    if firstb & 0x80:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 104:
            fault(_R36, data, s >> 1)
        p += 4
        if n & 1:
            if hexed[p + n:p + n + 1] != "0":
                fault(_R36, data, s >> 1)
            v = hexed[p:p + n].upper()
            p += n + 1
        else:
            v = hexed[p:p + n].upper()
            p += n
        if p > size2:
            fault(_R36, data, (s) >> 1)
        fields[36] = v
    if firstb & 0x40:
        a = p >> 1
        v = text[a:a + 12]
        p += 24
        if p > size2 or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R37, data, (p - 24) >> 1)
        fields[37] = v
    if firstb & 0x20:
        a = p >> 1
        v = text[a:a + 6]
        p += 12
        if p > size2 or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R38, data, (p - 12) >> 1)
        fields[38] = v
    if firstb & 0x10:
        a = p >> 1
        v = text[a:a + 2]
        p += 4
        if p > size2 or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R39, data, (p - 4) >> 1)
        fields[39] = v
    if firstb & 0x8:
        s = p
        n = _C2(hexed[p:p + 2], -1)
        if not 1 <= n <= 99:
            fault(_R40, data, s >> 1)
        p += 2
        a = p >> 1
        v = text[a:a + n]
        p += n + n
        if p > size2 or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R40, data, (s) >> 1)
        fields[40] = v
    if firstb & 0x4:
        a = p >> 1
        v = text[a:a + 8]
        p += 16
        if p > size2 or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R41, data, (p - 16) >> 1)
        fields[41] = v
    if firstb & 0x2:
        a = p >> 1
        v = text[a:a + 15]
        p += 30
        if p > size2 or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R42, data, (p - 30) >> 1)
        fields[42] = v
    if firstc & 0x100000:
        s = p
        n = _C2(hexed[p:p + 2], -1)
        if not 1 <= n <= 25:
            fault(_R44, data, s >> 1)
        p += 2
        a = p >> 1
        v = text[a:a + n]
        p += n + n
        if p > size2 or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R44, data, (s) >> 1)
        fields[44] = v
    if firstc & 0x10000:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 322:
            fault(_R48, data, s >> 1)
        p += 4
        if n & 1:
            if hexed[p + n:p + n + 1] != "0":
                fault(_R48, data, s >> 1)
            v = hexed[p:p + n]
            p += n + 1
        else:
            v = hexed[p:p + n]
            p += n
        if p > size2 or not v.isdecimal():
            fault(_R48, data, (s) >> 1)
        fields[48] = v
    if firstc & 0x8000:
        a = p >> 1
        v = text[a:a + 3]
        p += 6
        if p > size2 or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R49, data, (p - 6) >> 1)
        fields[49] = v
    if firstc & 0x1000:
        a = p >> 1
        v = data[a:a + 8]
        p += 16
        if p > size2:
            fault(_R52, data, (p - 16) >> 1)
        fields[52] = v
    if firstc & 0x800:
        v = hexed[p:p + 16]
        p += 16
        if p > size2 or not v.isdecimal():
            fault(_R53, data, (p - 16) >> 1)
        fields[53] = v
    if firstc & 0x400:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 20:
            fault(_R54, data, s >> 1)
        p += 4
        a = p >> 1
        v = text[a:a + n]
        p += n + n
        if p > size2 or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R54, data, (s) >> 1)
        fields[54] = v
    if firstc & 0x200:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 255:
            fault(_R55, data, s >> 1)
        p += 4
        a = p >> 1
        v = data[a:a + n]
        p += n + n
        if p > size2:
            fault(_R55, data, (s) >> 1)
        fields[55] = v
    if firstc & 0x80:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 999:
            fault(_R57, data, s >> 1)
        p += 4
        a = p >> 1
        v = data[a:a + n]
        p += n + n
        if p > size2:
            fault(_R57, data, (s) >> 1)
        fields[57] = v
    if firstc & 0x40:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 999:
            fault(_R58, data, s >> 1)
        p += 4
        a = p >> 1
        v = data[a:a + n]
        p += n + n
        if p > size2:
            fault(_R58, data, (s) >> 1)
        fields[58] = v
    if firstc & 0x20:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 999:
            fault(_R59, data, s >> 1)
        p += 4
        a = p >> 1
        v = text[a:a + n]
        p += n + n
        if p > size2 or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R59, data, (s) >> 1)
        fields[59] = v
    if firstc & 0x10:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 17:
            fault(_R60, data, s >> 1)
        p += 4
        if n & 1:
            if hexed[p + n:p + n + 1] != "0":
                fault(_R60, data, s >> 1)
            v = hexed[p:p + n]
            p += n + 1
        else:
            v = hexed[p:p + n]
            p += n
        if p > size2 or not v.isdecimal():
            fault(_R60, data, (s) >> 1)
        fields[60] = v
    if firstc & 0x8:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 29:
            fault(_R61, data, s >> 1)
        p += 4
        if n & 1:
            if hexed[p + n:p + n + 1] != "0":
                fault(_R61, data, s >> 1)
            v = hexed[p:p + n]
            p += n + 1
        else:
            v = hexed[p:p + n]
            p += n
        if p > size2 or not v.isdecimal():
            fault(_R61, data, (s) >> 1)
        fields[61] = v
    if firstc & 0x4:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 512:
            fault(_R62, data, s >> 1)
        p += 4
        a = p >> 1
        v = data[a:a + n]
        p += n + n
        if p > size2:
            fault(_R62, data, (s) >> 1)
        fields[62] = v
    if firstc & 0x2:
        s = p
        n = _C4(hexed[p:p + 4], -1)
        if not 1 <= n <= 163:
            fault(_R63, data, s >> 1)
        p += 4
        a = p >> 1
        v = text[a:a + n]
        p += n + n
        if p > size2 or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R63, data, (s) >> 1)
        fields[63] = v
    if firstc & 0x1:
        a = p >> 1
        v = data[a:a + 8]
        p += 16
        if p > size2:
            fault(_R64, data, (p - 16) >> 1)
        fields[64] = v
    if p != size2:
        end_fault(data, p >> 1)
    return mti, fields


def encode(mti, fields):
    """The body of a message; FormatError."""
    try:
        if len(mti) != 4 or not mti.isdecimal():
            raise ValueError
        out = run = ""
        firsta = firstb = firstc = 0
        if 2 in fields:
            firsta |= 0x100000
            v = fields[2]
            n = len(v)
            if not 1 <= n <= 19:
                raise ValueError
            run += _W2[n] + v + "0" if n & 1 else _W2[n] + v
        if 3 in fields:
            firsta |= 0x80000
            v = fields[3]
            if len(v) != 6:
                raise ValueError
            run += v
        if 4 in fields:
            firsta |= 0x40000
            v = fields[4]
            if len(v) != 12:
                raise ValueError
            run += v
        if 11 in fields:
            firsta |= 0x800
            v = fields[11]
            if len(v) != 6:
                raise ValueError
            run += v
        if 12 in fields:
            firsta |= 0x400
            v = fields[12]
            if len(v) != 6:
                raise ValueError
            run += v
        if 13 in fields:
            firsta |= 0x200
            v = fields[13]
            if len(v) != 4:
                raise ValueError
            run += v
        if 14 in fields:
            firsta |= 0x100
            v = fields[14]
            if len(v) != 4:
                raise ValueError
            run += v
        if 15 in fields:
            firsta |= 0x80
            v = fields[15]
            if len(v) != 4:
                raise ValueError
            run += v
        if 22 in fields:
            firsta |= 0x1
            v = fields[22]
            if len(v) != 3:
                raise ValueError
            run += v + "0"
        if 23 in fields:
            firstb |= 0x100000
            v = fields[23]
            if len(v) != 3:
                raise ValueError
            run += "0" + v
        if 25 in fields:
            firstb |= 0x40000
            v = fields[25]
            if len(v) != 2:
                raise ValueError
            run += v
        if 26 in fields:
            firstb |= 0x20000
            v = fields[26]
            if len(v) != 2:
                raise ValueError
            run += v
        if 32 in fields:
            firstb |= 0x800
            v = fields[32]
            n = len(v)
            if not 1 <= n <= 11:
                raise ValueError
            run += _W2[n] + v + "0" if n & 1 else _W2[n] + v
        if run:
            if not run.isdecimal():
                raise ValueError
            out += run
            run = ""
        if 35 in fields:
            firstb |= 0x100
            v = fields[35]
            n = len(v)
            if not 1 <= n <= 37 or v != v.upper():
                raise ValueError
            out += _W2[n] + v + "0" if n & 1 else _W2[n] + v
        if 36 in fields:
            firstb |= 0x80
            v = fields[36]
            n = len(v)
            if not 1 <= n <= 104 or v != v.upper():
                raise ValueError
            out += _W4[n] + v + "0" if n & 1 else _W4[n] + v
        if 37 in fields:
            firstb |= 0x40
            v = fields[37]
            if len(v) != 12 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out += v.encode().hex()
        if 38 in fields:
            firstb |= 0x20
            v = fields[38]
            if len(v) != 6 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out += v.encode().hex()
        if 39 in fields:
            firstb |= 0x10
            v = fields[39]
            if len(v) != 2 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out += v.encode().hex()
        if 40 in fields:
            firstb |= 0x8
            v = fields[40]
            n = len(v)
            if not 1 <= n <= 99 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out += _W2[n] + v.encode("latin-1").hex()
        if 41 in fields:
            firstb |= 0x4
            v = fields[41]
            if len(v) != 8 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out += v.encode("latin-1").hex()
        if 42 in fields:
            firstb |= 0x2
            v = fields[42]
            if len(v) != 15 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out += v.encode("latin-1").hex()
        if 44 in fields:
            firstc |= 0x100000
            v = fields[44]
            n = len(v)
            if not 1 <= n <= 25 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out += _W2[n] + v.encode().hex()
        if 48 in fields:
            firstc |= 0x10000
            v = fields[48]
            n = len(v)
            if not 1 <= n <= 322:
                raise ValueError
            run += _W4[n] + v + "0" if n & 1 else _W4[n] + v
        if run:
            if not run.isdecimal():
                raise ValueError
            out += run
            run = ""
        if 49 in fields:
            firstc |= 0x8000
            v = fields[49]
            if len(v) != 3 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out += v.encode().hex()
        if 52 in fields:
            firstc |= 0x1000
            v = fields[52]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            if len(v) != 8:
                raise ValueError
            out += v.hex()
        if 53 in fields:
            firstc |= 0x800
            v = fields[53]
            if len(v) != 16:
                raise ValueError
            run += v
        if run:
            if not run.isdecimal():
                raise ValueError
            out += run
            run = ""
        if 54 in fields:
            firstc |= 0x400
            v = fields[54]
            n = len(v)
            if not 1 <= n <= 20 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out += _W4[n] + v.encode().hex()
        if 55 in fields:
            firstc |= 0x200
            v = fields[55]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 255:
                raise ValueError
            out += _W4[n] + v.hex()
        if 57 in fields:
            firstc |= 0x80
            v = fields[57]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 999:
                raise ValueError
            out += _W4[n] + v.hex()
        if 58 in fields:
            firstc |= 0x40
            v = fields[58]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 999:
                raise ValueError
            out += _W4[n] + v.hex()
        if 59 in fields:
            firstc |= 0x20
            v = fields[59]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out += _W4[n] + v.encode("latin-1").hex()
        if 60 in fields:
            firstc |= 0x10
            v = fields[60]
            n = len(v)
            if not 1 <= n <= 17:
                raise ValueError
            run += _W4[n] + v + "0" if n & 1 else _W4[n] + v
        if 61 in fields:
            firstc |= 0x8
            v = fields[61]
            n = len(v)
            if not 1 <= n <= 29:
                raise ValueError
            run += _W4[n] + v + "0" if n & 1 else _W4[n] + v
        if run:
            if not run.isdecimal():
                raise ValueError
            out += run
            run = ""
        if 62 in fields:
            firstc |= 0x4
            v = fields[62]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 512:
                raise ValueError
            out += _W4[n] + v.hex()
        if 63 in fields:
            firstc |= 0x2
            v = fields[63]
            n = len(v)
            if not 1 <= n <= 163 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out += _W4[n] + v.encode("latin-1").hex()
        if 64 in fields:
            firstc |= 0x1
            v = fields[64]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            if len(v) != 8:
                raise ValueError
            out += v.hex()
        first = firsta << 42 | firstb << 21 | firstc
        if first.bit_count() != len(fields):
            raise ValueError
        bits = first.to_bytes(8, "big").hex()
        return _unhex(mti + bits + out)
    except (AttributeError, KeyError, TypeError, ValueError):
        refused(ENVELOPE, RULES, mti, fields)
        raise

"""The codec of the dialect 'iso2003'. Made by `make generate`: do not edit."""
# ruff: noqa
# mypy: ignore-errors
# fmt: off

from tillbench.protocols.iso8583.fast import *
from tillbench.protocols.iso8583.fast import bitmap_fault, end_fault, fault, refused

ENVELOPE = Envelope(mti=Rule(number=0, name='message type', type='n', code='ascii', low=4, high=4, prefix=0, count_code='ascii', multiply=1, divide=1, pad_left=True, fill='0', trim=False, codepage='cp037'), bitmap='hex', bitmaps=2, always=False, known=6277101735386664037851537566589137184947539210755775660032)
RULES = {
    2: Rule(2, 'primary account number', 'n', 'ascii', 1, 19, 2, 'ascii'),
    3: Rule(3, 'processing code', 'n', 'ascii', 6, 6, 0, 'ascii', 1, 1, True),
    4: Rule(4, 'amount, transaction', 'n', 'ascii', 16, 16, 0, 'ascii', 1, 1, True),
    5: Rule(5, 'amount, reconciliation', 'n', 'ascii', 16, 16, 0, 'ascii', 1, 1, True),
    6: Rule(6, 'amount, cardholder billing', 'n', 'ascii', 16, 16, 0, 'ascii', 1, 1, True),
    7: Rule(7, 'transmission date and time', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    8: Rule(8, 'amount, cardholder billing fee', 'n', 'ascii', 12, 12, 0, 'ascii', 1, 1, True),
    9: Rule(9, 'conversion rate, reconciliation', 'n', 'ascii', 12, 12, 0, 'ascii', 1, 1, True),
    10: Rule(10, 'conversion rate, cardholder billing', 'n', 'ascii', 12, 12, 0, 'ascii', 1, 1, True),
    11: Rule(11, 'system trace audit number', 'n', 'ascii', 12, 12, 0, 'ascii', 1, 1, True),
    12: Rule(12, 'date and time, local transaction', 'n', 'ascii', 14, 14, 0, 'ascii', 1, 1, True),
    13: Rule(13, 'date, effective', 'n', 'ascii', 6, 6, 0, 'ascii', 1, 1, True),
    14: Rule(14, 'date, expiration', 'n', 'ascii', 4, 4, 0, 'ascii', 1, 1, True),
    15: Rule(15, 'date, settlement', 'n', 'ascii', 8, 8, 0, 'ascii', 1, 1, True),
    16: Rule(16, 'date, conversion', 'n', 'ascii', 8, 8, 0, 'ascii', 1, 1, True),
    17: Rule(17, 'date, capture', 'n', 'ascii', 4, 4, 0, 'ascii', 1, 1, True),
    18: Rule(18, 'message error indicator', 'ans', 'ascii', 1, 140, 3, 'ascii'),
    19: Rule(19, 'acquiring institution country code', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    20: Rule(20, 'primary account number country code', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    21: Rule(21, 'transaction life cycle identification', 'an', 'ascii', 22, 22, 0, 'ascii', 1, 1, True),
    22: Rule(22, 'point of service data code', 'b', 'hex', 16, 16, 0, 'ascii', 1, 1, True),
    23: Rule(23, 'card sequence number', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    24: Rule(24, 'function code', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    25: Rule(25, 'message reason code', 'n', 'ascii', 4, 4, 0, 'ascii', 1, 1, True),
    26: Rule(26, 'merchant category code', 'n', 'ascii', 4, 4, 0, 'ascii', 1, 1, True),
    27: Rule(27, 'point of service capability', 'ans', 'ascii', 27, 27, 0, 'ascii', 1, 1, True),
    28: Rule(28, 'date, reconciliation', 'n', 'ascii', 8, 8, 0, 'ascii', 1, 1, True),
    29: Rule(29, 'reconciliation indicator', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    30: Rule(30, 'amounts, original', 'n', 'ascii', 32, 32, 0, 'ascii', 1, 1, True),
    31: Rule(31, 'acquirer reference number', 'ans', 'ascii', 1, 99, 2, 'ascii'),
    32: Rule(32, 'acquiring institution', 'n', 'ascii', 1, 11, 2, 'ascii'),
    33: Rule(33, 'forwarding institution', 'n', 'ascii', 1, 11, 2, 'ascii'),
    34: Rule(34, 'electronic commerce data', 'b', 'hex', 1, 9999, 4, 'ascii'),
    35: Rule(35, 'track 2 data', 'z', 'ascii', 1, 37, 2, 'ascii'),
    36: Rule(36, 'track 3 data', 'z', 'ascii', 1, 104, 3, 'ascii'),
    37: Rule(37, 'retrieval reference number', 'an', 'ascii', 12, 12, 0, 'ascii', 1, 1, True),
    38: Rule(38, 'approval code', 'an', 'ascii', 6, 6, 0, 'ascii', 1, 1, True),
    39: Rule(39, 'action code', 'n', 'ascii', 4, 4, 0, 'ascii', 1, 1, True),
    40: Rule(40, 'service code', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    41: Rule(41, 'terminal identification', 'ans', 'ascii', 16, 16, 0, 'ascii', 1, 1, True),
    42: Rule(42, 'merchant identification', 'ans', 'ascii', 1, 35, 2, 'ascii'),
    43: Rule(43, 'card acceptor name and location', 'b', 'hex', 1, 9999, 4, 'ascii'),
    44: Rule(44, 'additional response data', 'b', 'hex', 1, 9999, 4, 'ascii'),
    45: Rule(45, 'track 1 data', 'ans', 'ascii', 1, 76, 2, 'ascii'),
    46: Rule(46, 'amounts, fees', 'ans', 'ascii', 1, 216, 3, 'ascii'),
    47: Rule(47, 'additional data, national', 'b', 'hex', 1, 9999, 4, 'ascii'),
    48: Rule(48, 'additional data, private', 'b', 'hex', 1, 9999, 4, 'ascii'),
    49: Rule(49, 'verification data', 'b', 'hex', 1, 9999, 4, 'ascii'),
    52: Rule(52, 'PIN block', 'b', 'hex', 8, 8, 0, 'ascii', 1, 1, True),
    53: Rule(53, 'security control', 'b', 'hex', 1, 48, 2, 'ascii'),
    54: Rule(54, 'amounts, additional', 'ans', 'ascii', 1, 126, 3, 'ascii'),
    55: Rule(55, 'IC card data', 'b', 'hex', 1, 255, 3, 'ascii'),
    56: Rule(56, 'original data elements', 'n', 'ascii', 1, 41, 2, 'ascii'),
    57: Rule(57, 'authorisation life cycle code', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    58: Rule(58, 'authorising agent institution', 'n', 'ascii', 1, 11, 2, 'ascii'),
    59: Rule(59, 'transport data', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    60: Rule(60, 'reserved, national', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    61: Rule(61, 'reserved, national', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    62: Rule(62, 'reserved, private', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    63: Rule(63, 'reserved, private', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    64: Rule(64, 'message authentication code', 'b', 'hex', 8, 8, 0, 'ascii', 1, 1, True),
    66: Rule(66, 'amounts, original fees', 'ans', 'ascii', 1, 216, 3, 'ascii'),
    68: Rule(68, 'receiving institution country code', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    69: Rule(69, 'settlement institution country code', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    70: Rule(70, 'authorising agent country code', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    71: Rule(71, 'message number', 'n', 'ascii', 8, 8, 0, 'ascii', 1, 1, True),
    72: Rule(72, 'data record', 'b', 'hex', 1, 9999, 4, 'ascii'),
    73: Rule(73, 'date, action', 'n', 'ascii', 8, 8, 0, 'ascii', 1, 1, True),
    74: Rule(74, 'credits, number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    75: Rule(75, 'credits, reversal number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    76: Rule(76, 'debits, number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    77: Rule(77, 'debits, reversal number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    78: Rule(78, 'transfer, number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    79: Rule(79, 'transfer, reversal number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    80: Rule(80, 'inquiries, number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    81: Rule(81, 'authorisations, number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    82: Rule(82, 'inquiries, reversal number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    83: Rule(83, 'payments, number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    84: Rule(84, 'payments, reversal number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    85: Rule(85, 'fee collections, number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    86: Rule(86, 'credits, amount', 'n', 'ascii', 16, 16, 0, 'ascii', 1, 1, True),
    87: Rule(87, 'credits, reversal amount', 'n', 'ascii', 16, 16, 0, 'ascii', 1, 1, True),
    88: Rule(88, 'debits, amount', 'n', 'ascii', 16, 16, 0, 'ascii', 1, 1, True),
    89: Rule(89, 'debits, reversal amount', 'n', 'ascii', 16, 16, 0, 'ascii', 1, 1, True),
    90: Rule(90, 'authorisations, reversal number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    91: Rule(91, 'transaction destination country code', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    92: Rule(92, 'transaction originator country code', 'n', 'ascii', 3, 3, 0, 'ascii', 1, 1, True),
    93: Rule(93, 'transaction destination institution', 'n', 'ascii', 1, 11, 2, 'ascii'),
    94: Rule(94, 'transaction originator institution', 'n', 'ascii', 1, 11, 2, 'ascii'),
    95: Rule(95, 'card issuer reference data', 'ans', 'ascii', 1, 99, 2, 'ascii'),
    96: Rule(96, 'key management data', 'b', 'hex', 1, 999, 3, 'ascii'),
    97: Rule(97, 'amount, net reconciliation', 'x+n', 'ascii', 21, 21, 0, 'ascii', 1, 1, True),
    98: Rule(98, 'payee', 'ans', 'ascii', 25, 25, 0, 'ascii', 1, 1, True),
    99: Rule(99, 'settlement institution', 'an', 'ascii', 1, 11, 2, 'ascii'),
    100: Rule(100, 'receiving institution', 'n', 'ascii', 1, 11, 2, 'ascii'),
    101: Rule(101, 'file name', 'ans', 'ascii', 1, 17, 2, 'ascii'),
    102: Rule(102, 'account identification 1', 'ans', 'ascii', 1, 28, 2, 'ascii'),
    103: Rule(103, 'account identification 2', 'ans', 'ascii', 1, 28, 2, 'ascii'),
    104: Rule(104, 'transaction specific data', 'b', 'hex', 1, 9999, 4, 'ascii'),
    105: Rule(105, 'credits, chargeback amount', 'n', 'ascii', 16, 16, 0, 'ascii', 1, 1, True),
    106: Rule(106, 'debits, chargeback amount', 'n', 'ascii', 16, 16, 0, 'ascii', 1, 1, True),
    107: Rule(107, 'credits, chargeback number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    108: Rule(108, 'debits, chargeback number', 'n', 'ascii', 10, 10, 0, 'ascii', 1, 1, True),
    109: Rule(109, 'credits, fee amounts', 'ans', 'ascii', 1, 112, 3, 'ascii'),
    110: Rule(110, 'debits, fee amounts', 'ans', 'ascii', 1, 112, 3, 'ascii'),
    111: Rule(111, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    112: Rule(112, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    113: Rule(113, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    114: Rule(114, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    115: Rule(115, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    116: Rule(116, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    117: Rule(117, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    118: Rule(118, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    119: Rule(119, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    120: Rule(120, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    121: Rule(121, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    122: Rule(122, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    123: Rule(123, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    124: Rule(124, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    125: Rule(125, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    126: Rule(126, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    127: Rule(127, 'reserved', 'ans', 'ascii', 1, 999, 3, 'ascii'),
    128: Rule(128, 'message authentication code 2', 'b', 'hex', 8, 8, 0, 'ascii', 1, 1, True),
}
_C1, _C2, _C3, _C4 = (COUNTS[width].get for width in (1, 2, 3, 4))
_W2, _W4 = WRITTEN[2], WRITTEN[4]
_integer = int.from_bytes
from binascii import unhexlify as _unhex
_R2 = RULES[2]
_R3 = RULES[3]
_R4 = RULES[4]
_R5 = RULES[5]
_R6 = RULES[6]
_R7 = RULES[7]
_R8 = RULES[8]
_R9 = RULES[9]
_R10 = RULES[10]
_R11 = RULES[11]
_R12 = RULES[12]
_R13 = RULES[13]
_R14 = RULES[14]
_R15 = RULES[15]
_R16 = RULES[16]
_R17 = RULES[17]
_R18 = RULES[18]
_R19 = RULES[19]
_R20 = RULES[20]
_R21 = RULES[21]
_R22 = RULES[22]
_R23 = RULES[23]
_R24 = RULES[24]
_R25 = RULES[25]
_R26 = RULES[26]
_R27 = RULES[27]
_R28 = RULES[28]
_R29 = RULES[29]
_R30 = RULES[30]
_R31 = RULES[31]
_R32 = RULES[32]
_R33 = RULES[33]
_R34 = RULES[34]
_R35 = RULES[35]
_R36 = RULES[36]
_R37 = RULES[37]
_R38 = RULES[38]
_R39 = RULES[39]
_R40 = RULES[40]
_R41 = RULES[41]
_R42 = RULES[42]
_R43 = RULES[43]
_R44 = RULES[44]
_R45 = RULES[45]
_R46 = RULES[46]
_R47 = RULES[47]
_R48 = RULES[48]
_R49 = RULES[49]
_R52 = RULES[52]
_R53 = RULES[53]
_R54 = RULES[54]
_R55 = RULES[55]
_R56 = RULES[56]
_R57 = RULES[57]
_R58 = RULES[58]
_R59 = RULES[59]
_R60 = RULES[60]
_R61 = RULES[61]
_R62 = RULES[62]
_R63 = RULES[63]
_R64 = RULES[64]
_R66 = RULES[66]
_R68 = RULES[68]
_R69 = RULES[69]
_R70 = RULES[70]
_R71 = RULES[71]
_R72 = RULES[72]
_R73 = RULES[73]
_R74 = RULES[74]
_R75 = RULES[75]
_R76 = RULES[76]
_R77 = RULES[77]
_R78 = RULES[78]
_R79 = RULES[79]
_R80 = RULES[80]
_R81 = RULES[81]
_R82 = RULES[82]
_R83 = RULES[83]
_R84 = RULES[84]
_R85 = RULES[85]
_R86 = RULES[86]
_R87 = RULES[87]
_R88 = RULES[88]
_R89 = RULES[89]
_R90 = RULES[90]
_R91 = RULES[91]
_R92 = RULES[92]
_R93 = RULES[93]
_R94 = RULES[94]
_R95 = RULES[95]
_R96 = RULES[96]
_R97 = RULES[97]
_R98 = RULES[98]
_R99 = RULES[99]
_R100 = RULES[100]
_R101 = RULES[101]
_R102 = RULES[102]
_R103 = RULES[103]
_R104 = RULES[104]
_R105 = RULES[105]
_R106 = RULES[106]
_R107 = RULES[107]
_R108 = RULES[108]
_R109 = RULES[109]
_R110 = RULES[110]
_R111 = RULES[111]
_R112 = RULES[112]
_R113 = RULES[113]
_R114 = RULES[114]
_R115 = RULES[115]
_R116 = RULES[116]
_R117 = RULES[117]
_R118 = RULES[118]
_R119 = RULES[119]
_R120 = RULES[120]
_R121 = RULES[121]
_R122 = RULES[122]
_R123 = RULES[123]
_R124 = RULES[124]
_R125 = RULES[125]
_R126 = RULES[126]
_R127 = RULES[127]
_R128 = RULES[128]


def decode(data):
    """(message type, fields) of a body; FormatError."""
    if data.__class__ is not bytes:
        data = bytes(data)
    size = len(data)
    text = data.decode("latin-1")
    mti = text[:4]
    if size < 4 or not mti.isdecimal():
        fault(ENVELOPE.mti, data, 0)
    first = text[4:20]
    if size < 20 or first.strip(HEX):
        bitmap_fault(ENVELOPE, data, 4)
    first = int(first, 16)
    if first & 0x6000:
        bitmap_fault(ENVELOPE, data, 4)
    p = 20
    if first >> 63:
        second = text[20:36]
        if size < 36 or second.strip(HEX):
            bitmap_fault(ENVELOPE, data, 4)
        second = int(second, 16)
        if second & 0xa000000000000000 or not second:
            bitmap_fault(ENVELOPE, data, 4)
        p = 36
    else:
        second = 0
    fields = {}
    firsta = first >> 42
    firstb = first >> 21 & 0x1fffff
    firstc = first & 0x1fffff
    if firsta & 0x100000:
        s = p
        n = _C2(text[p:p + 2], -1)
        if not 1 <= n <= 19:
            fault(_R2, data, s)
        p += 2
        v = text[p:p + n]
        p += n
        if p > size or not v.isdecimal():
            fault(_R2, data, s)
        fields[2] = v
    if firsta & 0x80000:
        v = text[p:p + 6]
        p += 6
        if p > size or not v.isdecimal():
            fault(_R3, data, p - 6)
        fields[3] = v
    if firsta & 0x40000:
        v = text[p:p + 16]
        p += 16
        if p > size or not v.isdecimal():
            fault(_R4, data, p - 16)
        fields[4] = v
    if firsta & 0x20000:
        v = text[p:p + 16]
        p += 16
        if p > size or not v.isdecimal():
            fault(_R5, data, p - 16)
        fields[5] = v
    if firsta & 0x10000:
        v = text[p:p + 16]
        p += 16
        if p > size or not v.isdecimal():
            fault(_R6, data, p - 16)
        fields[6] = v
    if firsta & 0x8000:
        v = text[p:p + 10]
        p += 10
        if p > size or not v.isdecimal():
            fault(_R7, data, p - 10)
        fields[7] = v
    if firsta & 0x4000:
        v = text[p:p + 12]
        p += 12
        if p > size or not v.isdecimal():
            fault(_R8, data, p - 12)
        fields[8] = v
    if firsta & 0x2000:
        v = text[p:p + 12]
        p += 12
        if p > size or not v.isdecimal():
            fault(_R9, data, p - 12)
        fields[9] = v
    if firsta & 0x1000:
        v = text[p:p + 12]
        p += 12
        if p > size or not v.isdecimal():
            fault(_R10, data, p - 12)
        fields[10] = v
    if firsta & 0x800:
        v = text[p:p + 12]
        p += 12
        if p > size or not v.isdecimal():
            fault(_R11, data, p - 12)
        fields[11] = v
    if firsta & 0x400:
        v = text[p:p + 14]
        p += 14
        if p > size or not v.isdecimal():
            fault(_R12, data, p - 14)
        fields[12] = v
    if firsta & 0x200:
        v = text[p:p + 6]
        p += 6
        if p > size or not v.isdecimal():
            fault(_R13, data, p - 6)
        fields[13] = v
    if firsta & 0x100:
        v = text[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R14, data, p - 4)
        fields[14] = v
    if firsta & 0x80:
        v = text[p:p + 8]
        p += 8
        if p > size or not v.isdecimal():
            fault(_R15, data, p - 8)
        fields[15] = v
    if firsta & 0x40:
        v = text[p:p + 8]
        p += 8
        if p > size or not v.isdecimal():
            fault(_R16, data, p - 8)
        fields[16] = v
    if firsta & 0x20:
        v = text[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R17, data, p - 4)
        fields[17] = v
    if firsta & 0x10:
        s = p
        n = _C3(text[p:p + 3], -1)
        if not 1 <= n <= 140:
            fault(_R18, data, s)
        p += 3
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R18, data, s)
        fields[18] = v
    if firsta & 0x8:
        v = text[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R19, data, p - 3)
        fields[19] = v
    if firsta & 0x4:
        v = text[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R20, data, p - 3)
        fields[20] = v
    if firsta & 0x2:
        v = text[p:p + 22]
        p += 22
        if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R21, data, p - 22)
        fields[21] = v
    if firsta & 0x1:
        v = text[p:p + 32]
        p += 32
        if p > size or v.strip(HEX):
            fault(_R22, data, p - 32)
        fields[22] = _unhex(v)
    if firstb & 0x100000:
        v = text[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R23, data, p - 3)
        fields[23] = v
    if firstb & 0x80000:
        v = text[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R24, data, p - 3)
        fields[24] = v
    if firstb & 0x40000:
        v = text[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R25, data, p - 4)
        fields[25] = v
    if firstb & 0x20000:
        v = text[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R26, data, p - 4)
        fields[26] = v
    if firstb & 0x10000:
        v = text[p:p + 27]
        p += 27
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R27, data, p - 27)
        fields[27] = v
    if firstb & 0x8000:
        v = text[p:p + 8]
        p += 8
        if p > size or not v.isdecimal():
            fault(_R28, data, p - 8)
        fields[28] = v
    if firstb & 0x4000:
        v = text[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R29, data, p - 3)
        fields[29] = v
    if firstb & 0x2000:
        v = text[p:p + 32]
        p += 32
        if p > size or not v.isdecimal():
            fault(_R30, data, p - 32)
        fields[30] = v
    if firstb & 0x1000:
        s = p
        n = _C2(text[p:p + 2], -1)
        if not 1 <= n <= 99:
            fault(_R31, data, s)
        p += 2
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R31, data, s)
        fields[31] = v
    if firstb & 0x800:
        s = p
        n = _C2(text[p:p + 2], -1)
        if not 1 <= n <= 11:
            fault(_R32, data, s)
        p += 2
        v = text[p:p + n]
        p += n
        if p > size or not v.isdecimal():
            fault(_R32, data, s)
        fields[32] = v
    if firstb & 0x400:
        s = p
        n = _C2(text[p:p + 2], -1)
        if not 1 <= n <= 11:
            fault(_R33, data, s)
        p += 2
        v = text[p:p + n]
        p += n
        if p > size or not v.isdecimal():
            fault(_R33, data, s)
        fields[33] = v
    if firstb & 0x200:
        s = p
        n = text[p:p + 4]
        n = int(n) if len(n) == 4 and n.isascii() and n.isdecimal() else -1
        if not 1 <= n <= 9999:
            fault(_R34, data, s)
        p += 4
        v = text[p:p + n + n]
        p += n + n
        if p > size or v.strip(HEX):
            fault(_R34, data, s)
        fields[34] = _unhex(v)
    if firstb & 0x100:
        s = p
        n = _C2(text[p:p + 2], -1)
        if not 1 <= n <= 37:
            fault(_R35, data, s)
        p += 2
        v = text[p:p + n]
        p += n
        if p > size or v.strip(TRACK):
            fault(_R35, data, s)
        fields[35] = v
    if firstb & 0x80:
        s = p
        n = _C3(text[p:p + 3], -1)
        if not 1 <= n <= 104:
            fault(_R36, data, s)
        p += 3
        v = text[p:p + n]
        p += n
        if p > size or v.strip(TRACK):
            fault(_R36, data, s)
        fields[36] = v
    if firstb & 0x40:
        v = text[p:p + 12]
        p += 12
        if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R37, data, p - 12)
        fields[37] = v
    if firstb & 0x20:
        v = text[p:p + 6]
        p += 6
        if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R38, data, p - 6)
        fields[38] = v
    if firstb & 0x10:
        v = text[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R39, data, p - 4)
        fields[39] = v
    if firstb & 0x8:
        v = text[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R40, data, p - 3)
        fields[40] = v
    if firstb & 0x4:
        v = text[p:p + 16]
        p += 16
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R41, data, p - 16)
        fields[41] = v
    if firstb & 0x2:
        s = p
        n = _C2(text[p:p + 2], -1)
        if not 1 <= n <= 35:
            fault(_R42, data, s)
        p += 2
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R42, data, s)
        fields[42] = v
    if firstb & 0x1:
        s = p
        n = text[p:p + 4]
        n = int(n) if len(n) == 4 and n.isascii() and n.isdecimal() else -1
        if not 1 <= n <= 9999:
            fault(_R43, data, s)
        p += 4
        v = text[p:p + n + n]
        p += n + n
        if p > size or v.strip(HEX):
            fault(_R43, data, s)
        fields[43] = _unhex(v)
    if firstc & 0x100000:
        s = p
        n = text[p:p + 4]
        n = int(n) if len(n) == 4 and n.isascii() and n.isdecimal() else -1
        if not 1 <= n <= 9999:
            fault(_R44, data, s)
        p += 4
        v = text[p:p + n + n]
        p += n + n
        if p > size or v.strip(HEX):
            fault(_R44, data, s)
        fields[44] = _unhex(v)
    if firstc & 0x80000:
        s = p
        n = _C2(text[p:p + 2], -1)
        if not 1 <= n <= 76:
            fault(_R45, data, s)
        p += 2
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R45, data, s)
        fields[45] = v
    if firstc & 0x40000:
        s = p
        n = _C3(text[p:p + 3], -1)
        if not 1 <= n <= 216:
            fault(_R46, data, s)
        p += 3
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R46, data, s)
        fields[46] = v
    if firstc & 0x20000:
        s = p
        n = text[p:p + 4]
        n = int(n) if len(n) == 4 and n.isascii() and n.isdecimal() else -1
        if not 1 <= n <= 9999:
            fault(_R47, data, s)
        p += 4
        v = text[p:p + n + n]
        p += n + n
        if p > size or v.strip(HEX):
            fault(_R47, data, s)
        fields[47] = _unhex(v)
    if firstc & 0x10000:
        s = p
        n = text[p:p + 4]
        n = int(n) if len(n) == 4 and n.isascii() and n.isdecimal() else -1
        if not 1 <= n <= 9999:
            fault(_R48, data, s)
        p += 4
        v = text[p:p + n + n]
        p += n + n
        if p > size or v.strip(HEX):
            fault(_R48, data, s)
        fields[48] = _unhex(v)
    if firstc & 0x8000:
        s = p
        n = text[p:p + 4]
        n = int(n) if len(n) == 4 and n.isascii() and n.isdecimal() else -1
        if not 1 <= n <= 9999:
            fault(_R49, data, s)
        p += 4
        v = text[p:p + n + n]
        p += n + n
        if p > size or v.strip(HEX):
            fault(_R49, data, s)
        fields[49] = _unhex(v)
    if firstc & 0x1000:
        v = text[p:p + 16]
        p += 16
        if p > size or v.strip(HEX):
            fault(_R52, data, p - 16)
        fields[52] = _unhex(v)
    if firstc & 0x800:
        s = p
        n = _C2(text[p:p + 2], -1)
        if not 1 <= n <= 48:
            fault(_R53, data, s)
        p += 2
        v = text[p:p + n + n]
        p += n + n
        if p > size or v.strip(HEX):
            fault(_R53, data, s)
        fields[53] = _unhex(v)
    if firstc & 0x400:
        s = p
        n = _C3(text[p:p + 3], -1)
        if not 1 <= n <= 126:
            fault(_R54, data, s)
        p += 3
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R54, data, s)
        fields[54] = v
    if firstc & 0x200:
        s = p
        n = _C3(text[p:p + 3], -1)
        if not 1 <= n <= 255:
            fault(_R55, data, s)
        p += 3
        v = text[p:p + n + n]
        p += n + n
        if p > size or v.strip(HEX):
            fault(_R55, data, s)
        fields[55] = _unhex(v)
    if firstc & 0x100:
        s = p
        n = _C2(text[p:p + 2], -1)
        if not 1 <= n <= 41:
            fault(_R56, data, s)
        p += 2
        v = text[p:p + n]
        p += n
        if p > size or not v.isdecimal():
            fault(_R56, data, s)
        fields[56] = v
    if firstc & 0x80:
        v = text[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R57, data, p - 3)
        fields[57] = v
    if firstc & 0x40:
        s = p
        n = _C2(text[p:p + 2], -1)
        if not 1 <= n <= 11:
            fault(_R58, data, s)
        p += 2
        v = text[p:p + n]
        p += n
        if p > size or not v.isdecimal():
            fault(_R58, data, s)
        fields[58] = v
    if firstc & 0x20:
        s = p
        n = _C3(text[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R59, data, s)
        p += 3
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R59, data, s)
        fields[59] = v
    if firstc & 0x10:
        s = p
        n = _C3(text[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R60, data, s)
        p += 3
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R60, data, s)
        fields[60] = v
    if firstc & 0x8:
        s = p
        n = _C3(text[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R61, data, s)
        p += 3
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R61, data, s)
        fields[61] = v
    if firstc & 0x4:
        s = p
        n = _C3(text[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R62, data, s)
        p += 3
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R62, data, s)
        fields[62] = v
    if firstc & 0x2:
        s = p
        n = _C3(text[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R63, data, s)
        p += 3
        v = text[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R63, data, s)
        fields[63] = v
    if firstc & 0x1:
        v = text[p:p + 16]
        p += 16
        if p > size or v.strip(HEX):
            fault(_R64, data, p - 16)
        fields[64] = _unhex(v)
    if second:
        seconda = second >> 42
        secondb = second >> 21 & 0x1fffff
        secondc = second & 0x1fffff
        if seconda & 0x100000:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 216:
                fault(_R66, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R66, data, s)
            fields[66] = v
        if seconda & 0x40000:
            v = text[p:p + 3]
            p += 3
            if p > size or not v.isdecimal():
                fault(_R68, data, p - 3)
            fields[68] = v
        if seconda & 0x20000:
            v = text[p:p + 3]
            p += 3
            if p > size or not v.isdecimal():
                fault(_R69, data, p - 3)
            fields[69] = v
        if seconda & 0x10000:
            v = text[p:p + 3]
            p += 3
            if p > size or not v.isdecimal():
                fault(_R70, data, p - 3)
            fields[70] = v
        if seconda & 0x8000:
            v = text[p:p + 8]
            p += 8
            if p > size or not v.isdecimal():
                fault(_R71, data, p - 8)
            fields[71] = v
        if seconda & 0x4000:
            s = p
            n = text[p:p + 4]
            n = int(n) if len(n) == 4 and n.isascii() and n.isdecimal() else -1
            if not 1 <= n <= 9999:
                fault(_R72, data, s)
            p += 4
            v = text[p:p + n + n]
            p += n + n
            if p > size or v.strip(HEX):
                fault(_R72, data, s)
            fields[72] = _unhex(v)
        if seconda & 0x2000:
            v = text[p:p + 8]
            p += 8
            if p > size or not v.isdecimal():
                fault(_R73, data, p - 8)
            fields[73] = v
        if seconda & 0x1000:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R74, data, p - 10)
            fields[74] = v
        if seconda & 0x800:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R75, data, p - 10)
            fields[75] = v
        if seconda & 0x400:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R76, data, p - 10)
            fields[76] = v
        if seconda & 0x200:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R77, data, p - 10)
            fields[77] = v
        if seconda & 0x100:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R78, data, p - 10)
            fields[78] = v
        if seconda & 0x80:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R79, data, p - 10)
            fields[79] = v
        if seconda & 0x40:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R80, data, p - 10)
            fields[80] = v
        if seconda & 0x20:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R81, data, p - 10)
            fields[81] = v
        if seconda & 0x10:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R82, data, p - 10)
            fields[82] = v
        if seconda & 0x8:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R83, data, p - 10)
            fields[83] = v
        if seconda & 0x4:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R84, data, p - 10)
            fields[84] = v
        if seconda & 0x2:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R85, data, p - 10)
            fields[85] = v
        if seconda & 0x1:
            v = text[p:p + 16]
            p += 16
            if p > size or not v.isdecimal():
                fault(_R86, data, p - 16)
            fields[86] = v
        if secondb & 0x100000:
            v = text[p:p + 16]
            p += 16
            if p > size or not v.isdecimal():
                fault(_R87, data, p - 16)
            fields[87] = v
        if secondb & 0x80000:
            v = text[p:p + 16]
            p += 16
            if p > size or not v.isdecimal():
                fault(_R88, data, p - 16)
            fields[88] = v
        if secondb & 0x40000:
            v = text[p:p + 16]
            p += 16
            if p > size or not v.isdecimal():
                fault(_R89, data, p - 16)
            fields[89] = v
        if secondb & 0x20000:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R90, data, p - 10)
            fields[90] = v
        if secondb & 0x10000:
            v = text[p:p + 3]
            p += 3
            if p > size or not v.isdecimal():
                fault(_R91, data, p - 3)
            fields[91] = v
        if secondb & 0x8000:
            v = text[p:p + 3]
            p += 3
            if p > size or not v.isdecimal():
                fault(_R92, data, p - 3)
            fields[92] = v
        if secondb & 0x4000:
            s = p
            n = _C2(text[p:p + 2], -1)
            if not 1 <= n <= 11:
                fault(_R93, data, s)
            p += 2
            v = text[p:p + n]
            p += n
            if p > size or not v.isdecimal():
                fault(_R93, data, s)
            fields[93] = v
        if secondb & 0x2000:
            s = p
            n = _C2(text[p:p + 2], -1)
            if not 1 <= n <= 11:
                fault(_R94, data, s)
            p += 2
            v = text[p:p + n]
            p += n
            if p > size or not v.isdecimal():
                fault(_R94, data, s)
            fields[94] = v
        if secondb & 0x1000:
            s = p
            n = _C2(text[p:p + 2], -1)
            if not 1 <= n <= 99:
                fault(_R95, data, s)
            p += 2
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R95, data, s)
            fields[95] = v
        if secondb & 0x800:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R96, data, s)
            p += 3
            v = text[p:p + n + n]
            p += n + n
            if p > size or v.strip(HEX):
                fault(_R96, data, s)
            fields[96] = _unhex(v)
        if secondb & 0x400:
            step = take(_R97, data, p)
            fields[97] = step.value
            p = step.end
        if secondb & 0x200:
            v = text[p:p + 25]
            p += 25
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R98, data, p - 25)
            fields[98] = v
        if secondb & 0x100:
            s = p
            n = _C2(text[p:p + 2], -1)
            if not 1 <= n <= 11:
                fault(_R99, data, s)
            p += 2
            v = text[p:p + n]
            p += n
            if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
                fault(_R99, data, s)
            fields[99] = v
        if secondb & 0x80:
            s = p
            n = _C2(text[p:p + 2], -1)
            if not 1 <= n <= 11:
                fault(_R100, data, s)
            p += 2
            v = text[p:p + n]
            p += n
            if p > size or not v.isdecimal():
                fault(_R100, data, s)
            fields[100] = v
        if secondb & 0x40:
            s = p
            n = _C2(text[p:p + 2], -1)
            if not 1 <= n <= 17:
                fault(_R101, data, s)
            p += 2
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R101, data, s)
            fields[101] = v
        if secondb & 0x20:
            s = p
            n = _C2(text[p:p + 2], -1)
            if not 1 <= n <= 28:
                fault(_R102, data, s)
            p += 2
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R102, data, s)
            fields[102] = v
        if secondb & 0x10:
            s = p
            n = _C2(text[p:p + 2], -1)
            if not 1 <= n <= 28:
                fault(_R103, data, s)
            p += 2
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R103, data, s)
            fields[103] = v
        if secondb & 0x8:
            s = p
            n = text[p:p + 4]
            n = int(n) if len(n) == 4 and n.isascii() and n.isdecimal() else -1
            if not 1 <= n <= 9999:
                fault(_R104, data, s)
            p += 4
            v = text[p:p + n + n]
            p += n + n
            if p > size or v.strip(HEX):
                fault(_R104, data, s)
            fields[104] = _unhex(v)
        if secondb & 0x4:
            v = text[p:p + 16]
            p += 16
            if p > size or not v.isdecimal():
                fault(_R105, data, p - 16)
            fields[105] = v
        if secondb & 0x2:
            v = text[p:p + 16]
            p += 16
            if p > size or not v.isdecimal():
                fault(_R106, data, p - 16)
            fields[106] = v
        if secondb & 0x1:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R107, data, p - 10)
            fields[107] = v
        if secondc & 0x100000:
            v = text[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R108, data, p - 10)
            fields[108] = v
        if secondc & 0x80000:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 112:
                fault(_R109, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R109, data, s)
            fields[109] = v
        if secondc & 0x40000:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 112:
                fault(_R110, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R110, data, s)
            fields[110] = v
        if secondc & 0x20000:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R111, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R111, data, s)
            fields[111] = v
        if secondc & 0x10000:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R112, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R112, data, s)
            fields[112] = v
        if secondc & 0x8000:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R113, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R113, data, s)
            fields[113] = v
        if secondc & 0x4000:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R114, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R114, data, s)
            fields[114] = v
        if secondc & 0x2000:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R115, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R115, data, s)
            fields[115] = v
        if secondc & 0x1000:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R116, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R116, data, s)
            fields[116] = v
        if secondc & 0x800:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R117, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R117, data, s)
            fields[117] = v
        if secondc & 0x400:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R118, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R118, data, s)
            fields[118] = v
        if secondc & 0x200:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R119, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R119, data, s)
            fields[119] = v
        if secondc & 0x100:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R120, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R120, data, s)
            fields[120] = v
        if secondc & 0x80:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R121, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R121, data, s)
            fields[121] = v
        if secondc & 0x40:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R122, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R122, data, s)
            fields[122] = v
        if secondc & 0x20:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R123, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R123, data, s)
            fields[123] = v
        if secondc & 0x10:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R124, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R124, data, s)
            fields[124] = v
        if secondc & 0x8:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R125, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R125, data, s)
            fields[125] = v
        if secondc & 0x4:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R126, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R126, data, s)
            fields[126] = v
        if secondc & 0x2:
            s = p
            n = _C3(text[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R127, data, s)
            p += 3
            v = text[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R127, data, s)
            fields[127] = v
        if secondc & 0x1:
            v = text[p:p + 16]
            p += 16
            if p > size or v.strip(HEX):
                fault(_R128, data, p - 16)
            fields[128] = _unhex(v)
    if p != size:
        end_fault(data, p)
    return mti, fields


def encode(mti, fields):
    """The body of a message; FormatError."""
    try:
        if len(mti) != 4 or not mti.isdecimal():
            raise ValueError
        out = []
        firsta = firstb = firstc = seconda = secondb = secondc = 0
        if 2 in fields:
            firsta |= 0x100000
            v = fields[2]
            n = len(v)
            if not 1 <= n <= 19 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 3 in fields:
            firsta |= 0x80000
            v = fields[3]
            if len(v) != 6 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 4 in fields:
            firsta |= 0x40000
            v = fields[4]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 5 in fields:
            firsta |= 0x20000
            v = fields[5]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 6 in fields:
            firsta |= 0x10000
            v = fields[6]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 7 in fields:
            firsta |= 0x8000
            v = fields[7]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 8 in fields:
            firsta |= 0x4000
            v = fields[8]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 9 in fields:
            firsta |= 0x2000
            v = fields[9]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 10 in fields:
            firsta |= 0x1000
            v = fields[10]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 11 in fields:
            firsta |= 0x800
            v = fields[11]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 12 in fields:
            firsta |= 0x400
            v = fields[12]
            if len(v) != 14 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 13 in fields:
            firsta |= 0x200
            v = fields[13]
            if len(v) != 6 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 14 in fields:
            firsta |= 0x100
            v = fields[14]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 15 in fields:
            firsta |= 0x80
            v = fields[15]
            if len(v) != 8 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 16 in fields:
            firsta |= 0x40
            v = fields[16]
            if len(v) != 8 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 17 in fields:
            firsta |= 0x20
            v = fields[17]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 18 in fields:
            firsta |= 0x10
            v = fields[18]
            n = len(v)
            if not 1 <= n <= 140 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 19 in fields:
            firsta |= 0x8
            v = fields[19]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 20 in fields:
            firsta |= 0x4
            v = fields[20]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 21 in fields:
            firsta |= 0x2
            v = fields[21]
            if len(v) != 22 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode())
        if 22 in fields:
            firsta |= 0x1
            v = fields[22]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            if len(v) != 16:
                raise ValueError
            out.append(v.hex().upper().encode("latin-1"))
        if 23 in fields:
            firstb |= 0x100000
            v = fields[23]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 24 in fields:
            firstb |= 0x80000
            v = fields[24]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 25 in fields:
            firstb |= 0x40000
            v = fields[25]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 26 in fields:
            firstb |= 0x20000
            v = fields[26]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 27 in fields:
            firstb |= 0x10000
            v = fields[27]
            if len(v) != 27 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(v.encode("latin-1"))
        if 28 in fields:
            firstb |= 0x8000
            v = fields[28]
            if len(v) != 8 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 29 in fields:
            firstb |= 0x4000
            v = fields[29]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 30 in fields:
            firstb |= 0x2000
            v = fields[30]
            if len(v) != 32 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 31 in fields:
            firstb |= 0x1000
            v = fields[31]
            n = len(v)
            if not 1 <= n <= 99 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 32 in fields:
            firstb |= 0x800
            v = fields[32]
            n = len(v)
            if not 1 <= n <= 11 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 33 in fields:
            firstb |= 0x400
            v = fields[33]
            n = len(v)
            if not 1 <= n <= 11 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 34 in fields:
            firstb |= 0x200
            v = fields[34]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 9999:
                raise ValueError
            out.append(f"{n:04}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 35 in fields:
            firstb |= 0x100
            v = fields[35]
            n = len(v)
            if not 1 <= n <= 37 or v.strip(TRACK):
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode())
        if 36 in fields:
            firstb |= 0x80
            v = fields[36]
            n = len(v)
            if not 1 <= n <= 104 or v.strip(TRACK):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode())
        if 37 in fields:
            firstb |= 0x40
            v = fields[37]
            if len(v) != 12 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode())
        if 38 in fields:
            firstb |= 0x20
            v = fields[38]
            if len(v) != 6 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode())
        if 39 in fields:
            firstb |= 0x10
            v = fields[39]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 40 in fields:
            firstb |= 0x8
            v = fields[40]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 41 in fields:
            firstb |= 0x4
            v = fields[41]
            if len(v) != 16 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(v.encode("latin-1"))
        if 42 in fields:
            firstb |= 0x2
            v = fields[42]
            n = len(v)
            if not 1 <= n <= 35 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 43 in fields:
            firstb |= 0x1
            v = fields[43]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 9999:
                raise ValueError
            out.append(f"{n:04}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 44 in fields:
            firstc |= 0x100000
            v = fields[44]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 9999:
                raise ValueError
            out.append(f"{n:04}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 45 in fields:
            firstc |= 0x80000
            v = fields[45]
            n = len(v)
            if not 1 <= n <= 76 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 46 in fields:
            firstc |= 0x40000
            v = fields[46]
            n = len(v)
            if not 1 <= n <= 216 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 47 in fields:
            firstc |= 0x20000
            v = fields[47]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 9999:
                raise ValueError
            out.append(f"{n:04}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 48 in fields:
            firstc |= 0x10000
            v = fields[48]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 9999:
                raise ValueError
            out.append(f"{n:04}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 49 in fields:
            firstc |= 0x8000
            v = fields[49]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 9999:
                raise ValueError
            out.append(f"{n:04}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 52 in fields:
            firstc |= 0x1000
            v = fields[52]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            if len(v) != 8:
                raise ValueError
            out.append(v.hex().upper().encode("latin-1"))
        if 53 in fields:
            firstc |= 0x800
            v = fields[53]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 48:
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 54 in fields:
            firstc |= 0x400
            v = fields[54]
            n = len(v)
            if not 1 <= n <= 126 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 55 in fields:
            firstc |= 0x200
            v = fields[55]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 255:
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 56 in fields:
            firstc |= 0x100
            v = fields[56]
            n = len(v)
            if not 1 <= n <= 41 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 57 in fields:
            firstc |= 0x80
            v = fields[57]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 58 in fields:
            firstc |= 0x40
            v = fields[58]
            n = len(v)
            if not 1 <= n <= 11 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 59 in fields:
            firstc |= 0x20
            v = fields[59]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 60 in fields:
            firstc |= 0x10
            v = fields[60]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 61 in fields:
            firstc |= 0x8
            v = fields[61]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 62 in fields:
            firstc |= 0x4
            v = fields[62]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 63 in fields:
            firstc |= 0x2
            v = fields[63]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 64 in fields:
            firstc |= 0x1
            v = fields[64]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            if len(v) != 8:
                raise ValueError
            out.append(v.hex().upper().encode("latin-1"))
        if 66 in fields:
            seconda |= 0x100000
            v = fields[66]
            n = len(v)
            if not 1 <= n <= 216 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 68 in fields:
            seconda |= 0x40000
            v = fields[68]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 69 in fields:
            seconda |= 0x20000
            v = fields[69]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 70 in fields:
            seconda |= 0x10000
            v = fields[70]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 71 in fields:
            seconda |= 0x8000
            v = fields[71]
            if len(v) != 8 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 72 in fields:
            seconda |= 0x4000
            v = fields[72]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 9999:
                raise ValueError
            out.append(f"{n:04}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 73 in fields:
            seconda |= 0x2000
            v = fields[73]
            if len(v) != 8 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 74 in fields:
            seconda |= 0x1000
            v = fields[74]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 75 in fields:
            seconda |= 0x800
            v = fields[75]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 76 in fields:
            seconda |= 0x400
            v = fields[76]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 77 in fields:
            seconda |= 0x200
            v = fields[77]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 78 in fields:
            seconda |= 0x100
            v = fields[78]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 79 in fields:
            seconda |= 0x80
            v = fields[79]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 80 in fields:
            seconda |= 0x40
            v = fields[80]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 81 in fields:
            seconda |= 0x20
            v = fields[81]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 82 in fields:
            seconda |= 0x10
            v = fields[82]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 83 in fields:
            seconda |= 0x8
            v = fields[83]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 84 in fields:
            seconda |= 0x4
            v = fields[84]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 85 in fields:
            seconda |= 0x2
            v = fields[85]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 86 in fields:
            seconda |= 0x1
            v = fields[86]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 87 in fields:
            secondb |= 0x100000
            v = fields[87]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 88 in fields:
            secondb |= 0x80000
            v = fields[88]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 89 in fields:
            secondb |= 0x40000
            v = fields[89]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 90 in fields:
            secondb |= 0x20000
            v = fields[90]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 91 in fields:
            secondb |= 0x10000
            v = fields[91]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 92 in fields:
            secondb |= 0x8000
            v = fields[92]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 93 in fields:
            secondb |= 0x4000
            v = fields[93]
            n = len(v)
            if not 1 <= n <= 11 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 94 in fields:
            secondb |= 0x2000
            v = fields[94]
            n = len(v)
            if not 1 <= n <= 11 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 95 in fields:
            secondb |= 0x1000
            v = fields[95]
            n = len(v)
            if not 1 <= n <= 99 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 96 in fields:
            secondb |= 0x800
            v = fields[96]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 999:
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 97 in fields:
            secondb |= 0x400
            v = fields[97]
            if len(v) != 21 or v[0] not in ("C", "D") or not v[1:].isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 98 in fields:
            secondb |= 0x200
            v = fields[98]
            if len(v) != 25 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(v.encode("latin-1"))
        if 99 in fields:
            secondb |= 0x100
            v = fields[99]
            n = len(v)
            if not 1 <= n <= 11 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode())
        if 100 in fields:
            secondb |= 0x80
            v = fields[100]
            n = len(v)
            if not 1 <= n <= 11 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 101 in fields:
            secondb |= 0x40
            v = fields[101]
            n = len(v)
            if not 1 <= n <= 17 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 102 in fields:
            secondb |= 0x20
            v = fields[102]
            n = len(v)
            if not 1 <= n <= 28 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 103 in fields:
            secondb |= 0x10
            v = fields[103]
            n = len(v)
            if not 1 <= n <= 28 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("latin-1") + v.encode("latin-1"))
        if 104 in fields:
            secondb |= 0x8
            v = fields[104]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 9999:
                raise ValueError
            out.append(f"{n:04}".encode("latin-1") + v.hex().upper().encode("latin-1"))
        if 105 in fields:
            secondb |= 0x4
            v = fields[105]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 106 in fields:
            secondb |= 0x2
            v = fields[106]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 107 in fields:
            secondb |= 0x1
            v = fields[107]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 108 in fields:
            secondc |= 0x100000
            v = fields[108]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("latin-1"))
        if 109 in fields:
            secondc |= 0x80000
            v = fields[109]
            n = len(v)
            if not 1 <= n <= 112 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 110 in fields:
            secondc |= 0x40000
            v = fields[110]
            n = len(v)
            if not 1 <= n <= 112 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 111 in fields:
            secondc |= 0x20000
            v = fields[111]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 112 in fields:
            secondc |= 0x10000
            v = fields[112]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 113 in fields:
            secondc |= 0x8000
            v = fields[113]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 114 in fields:
            secondc |= 0x4000
            v = fields[114]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 115 in fields:
            secondc |= 0x2000
            v = fields[115]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 116 in fields:
            secondc |= 0x1000
            v = fields[116]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 117 in fields:
            secondc |= 0x800
            v = fields[117]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 118 in fields:
            secondc |= 0x400
            v = fields[118]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 119 in fields:
            secondc |= 0x200
            v = fields[119]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 120 in fields:
            secondc |= 0x100
            v = fields[120]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 121 in fields:
            secondc |= 0x80
            v = fields[121]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 122 in fields:
            secondc |= 0x40
            v = fields[122]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 123 in fields:
            secondc |= 0x20
            v = fields[123]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 124 in fields:
            secondc |= 0x10
            v = fields[124]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 125 in fields:
            secondc |= 0x8
            v = fields[125]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 126 in fields:
            secondc |= 0x4
            v = fields[126]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 127 in fields:
            secondc |= 0x2
            v = fields[127]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("latin-1") + v.encode("latin-1"))
        if 128 in fields:
            secondc |= 0x1
            v = fields[128]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            if len(v) != 8:
                raise ValueError
            out.append(v.hex().upper().encode("latin-1"))
        first = firsta << 42 | firstb << 21 | firstc
        second = seconda << 42 | secondb << 21 | secondc
        if first.bit_count() + second.bit_count() != len(fields):
            raise ValueError
        if second:
            first |= 0x8000000000000000
        bits = f"{first:016X}".encode("latin-1")
        if second:
            bits += f"{second:016X}".encode("latin-1")
        return mti.encode("latin-1") + bits + b"".join(out)
    except (AttributeError, KeyError, TypeError, ValueError):
        refused(ENVELOPE, RULES, mti, fields)
        raise

"""The codec of the dialect 'ebcdic'. Made by `make generate`: do not edit."""
# ruff: noqa
# mypy: ignore-errors
# fmt: off

from tillbench.protocols.iso8583.fast import *
from tillbench.protocols.iso8583.fast import bitmap_fault, end_fault, fault, refused

ENVELOPE = Envelope(mti=Rule(number=0, name='message type', type='n', code='ebcdic', low=4, high=4, prefix=0, count_code='ebcdic', multiply=1, divide=1, pad_left=True, fill='0', trim=False, codepage='cp037'), bitmap='raw', bitmaps=2, always=False, known=6277101735386680763495507056286727952602087348884847198208)
RULES = {
    2: Rule(2, 'primary account number', 'n', 'ebcdic', 1, 19, 2, 'ebcdic'),
    3: Rule(3, 'processing code', 'n', 'ebcdic', 6, 6, 0, 'ebcdic', 1, 1, True),
    4: Rule(4, 'amount, transaction', 'n', 'ebcdic', 12, 12, 0, 'ebcdic', 1, 1, True),
    5: Rule(5, 'amount, settlement', 'n', 'ebcdic', 12, 12, 0, 'ebcdic', 1, 1, True),
    6: Rule(6, 'amount, cardholder billing', 'n', 'ebcdic', 12, 12, 0, 'ebcdic', 1, 1, True),
    7: Rule(7, 'transmission date and time', 'n', 'ebcdic', 10, 10, 0, 'ebcdic', 1, 1, True),
    8: Rule(8, 'amount, cardholder billing fee', 'n', 'ebcdic', 8, 8, 0, 'ebcdic', 1, 1, True),
    9: Rule(9, 'conversion rate, settlement', 'n', 'ebcdic', 8, 8, 0, 'ebcdic', 1, 1, True),
    10: Rule(10, 'conversion rate, cardholder billing', 'n', 'ebcdic', 8, 8, 0, 'ebcdic', 1, 1, True),
    11: Rule(11, 'system trace audit number', 'n', 'ebcdic', 6, 6, 0, 'ebcdic', 1, 1, True),
    12: Rule(12, 'time, local transaction', 'n', 'ebcdic', 6, 6, 0, 'ebcdic', 1, 1, True),
    13: Rule(13, 'date, local transaction', 'n', 'ebcdic', 4, 4, 0, 'ebcdic', 1, 1, True),
    14: Rule(14, 'date, expiration', 'n', 'ebcdic', 4, 4, 0, 'ebcdic', 1, 1, True),
    15: Rule(15, 'date, settlement', 'n', 'ebcdic', 4, 4, 0, 'ebcdic', 1, 1, True),
    16: Rule(16, 'date, conversion', 'n', 'ebcdic', 4, 4, 0, 'ebcdic', 1, 1, True),
    17: Rule(17, 'date, capture', 'n', 'ebcdic', 4, 4, 0, 'ebcdic', 1, 1, True),
    18: Rule(18, "merchant's type", 'n', 'ebcdic', 4, 4, 0, 'ebcdic', 1, 1, True),
    19: Rule(19, 'acquiring institution country code', 'n', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    20: Rule(20, 'primary account number country code', 'n', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    21: Rule(21, 'forwarding institution country code', 'n', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    22: Rule(22, 'point of service entry mode', 'n', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    23: Rule(23, 'card sequence number', 'n', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    24: Rule(24, 'network international identifier', 'n', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    25: Rule(25, 'point of service condition code', 'n', 'ebcdic', 2, 2, 0, 'ebcdic', 1, 1, True),
    26: Rule(26, 'point of service PIN capture code', 'n', 'ebcdic', 2, 2, 0, 'ebcdic', 1, 1, True),
    27: Rule(27, 'authorisation identification response length', 'n', 'ebcdic', 1, 1, 0, 'ebcdic', 1, 1, True),
    28: Rule(28, 'amount, transaction fee', 'x+n', 'ebcdic', 9, 9, 0, 'ebcdic', 1, 1, True),
    29: Rule(29, 'amount, settlement fee', 'x+n', 'ebcdic', 9, 9, 0, 'ebcdic', 1, 1, True),
    30: Rule(30, 'amount, transaction processing fee', 'x+n', 'ebcdic', 9, 9, 0, 'ebcdic', 1, 1, True),
    31: Rule(31, 'amount, settlement processing fee', 'x+n', 'ebcdic', 9, 9, 0, 'ebcdic', 1, 1, True),
    32: Rule(32, 'acquiring institution', 'n', 'ebcdic', 1, 11, 2, 'ebcdic'),
    33: Rule(33, 'forwarding institution', 'n', 'ebcdic', 1, 11, 2, 'ebcdic'),
    34: Rule(34, 'primary account number, extended', 'ns', 'ebcdic', 1, 28, 2, 'ebcdic'),
    35: Rule(35, 'track 2 data', 'z', 'ebcdic', 1, 37, 2, 'ebcdic'),
    36: Rule(36, 'track 3 data', 'z', 'ebcdic', 1, 104, 3, 'ebcdic'),
    37: Rule(37, 'retrieval reference number', 'an', 'ebcdic', 12, 12, 0, 'ebcdic', 1, 1, True),
    38: Rule(38, 'authorisation code', 'an', 'ebcdic', 6, 6, 0, 'ebcdic', 1, 1, True),
    39: Rule(39, 'response code', 'an', 'ebcdic', 2, 2, 0, 'ebcdic', 1, 1, True),
    40: Rule(40, 'service restriction code', 'an', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    41: Rule(41, 'terminal identification', 'ans', 'ebcdic', 8, 8, 0, 'ebcdic', 1, 1, True),
    42: Rule(42, 'merchant identification', 'ans', 'ebcdic', 15, 15, 0, 'ebcdic', 1, 1, True),
    43: Rule(43, 'card acceptor name and location', 'ans', 'ebcdic', 40, 40, 0, 'ebcdic', 1, 1, True),
    44: Rule(44, 'additional response data', 'ans', 'ebcdic', 1, 25, 2, 'ebcdic'),
    45: Rule(45, 'track 1 data', 'ans', 'ebcdic', 1, 76, 2, 'ebcdic'),
    46: Rule(46, 'additional data, ISO', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    47: Rule(47, 'additional data, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    48: Rule(48, 'additional data, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    49: Rule(49, 'currency code, transaction', 'an', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    50: Rule(50, 'currency code, settlement', 'an', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    51: Rule(51, 'currency code, cardholder billing', 'an', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    52: Rule(52, 'PIN block', 'b', 'raw', 8, 8, 0, 'ebcdic', 1, 1, True),
    53: Rule(53, 'security control', 'n', 'ebcdic', 16, 16, 0, 'ebcdic', 1, 1, True),
    54: Rule(54, 'additional amounts', 'ans', 'ebcdic', 1, 120, 3, 'ebcdic'),
    55: Rule(55, 'IC card data', 'b', 'raw', 1, 999, 3, 'ebcdic'),
    56: Rule(56, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    57: Rule(57, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    58: Rule(58, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    59: Rule(59, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    60: Rule(60, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    61: Rule(61, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    62: Rule(62, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    63: Rule(63, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    64: Rule(64, 'message authentication code', 'b', 'raw', 8, 8, 0, 'ebcdic', 1, 1, True),
    66: Rule(66, 'settlement code', 'n', 'ebcdic', 1, 1, 0, 'ebcdic', 1, 1, True),
    67: Rule(67, 'extended payment code', 'n', 'ebcdic', 2, 2, 0, 'ebcdic', 1, 1, True),
    68: Rule(68, 'receiving institution country code', 'n', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    69: Rule(69, 'settlement institution country code', 'n', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    70: Rule(70, 'network management information code', 'n', 'ebcdic', 3, 3, 0, 'ebcdic', 1, 1, True),
    71: Rule(71, 'message number', 'n', 'ebcdic', 4, 4, 0, 'ebcdic', 1, 1, True),
    72: Rule(72, 'message number, last', 'n', 'ebcdic', 4, 4, 0, 'ebcdic', 1, 1, True),
    73: Rule(73, 'date, action', 'n', 'ebcdic', 6, 6, 0, 'ebcdic', 1, 1, True),
    74: Rule(74, 'credits, number', 'n', 'ebcdic', 10, 10, 0, 'ebcdic', 1, 1, True),
    75: Rule(75, 'credits, reversal number', 'n', 'ebcdic', 10, 10, 0, 'ebcdic', 1, 1, True),
    76: Rule(76, 'debits, number', 'n', 'ebcdic', 10, 10, 0, 'ebcdic', 1, 1, True),
    77: Rule(77, 'debits, reversal number', 'n', 'ebcdic', 10, 10, 0, 'ebcdic', 1, 1, True),
    78: Rule(78, 'transfer, number', 'n', 'ebcdic', 10, 10, 0, 'ebcdic', 1, 1, True),
    79: Rule(79, 'transfer, reversal number', 'n', 'ebcdic', 10, 10, 0, 'ebcdic', 1, 1, True),
    80: Rule(80, 'inquiries, number', 'n', 'ebcdic', 10, 10, 0, 'ebcdic', 1, 1, True),
    81: Rule(81, 'authorisations, number', 'n', 'ebcdic', 10, 10, 0, 'ebcdic', 1, 1, True),
    82: Rule(82, 'credits, processing fee amount', 'n', 'ebcdic', 12, 12, 0, 'ebcdic', 1, 1, True),
    83: Rule(83, 'credits, transaction fee amount', 'n', 'ebcdic', 12, 12, 0, 'ebcdic', 1, 1, True),
    84: Rule(84, 'debits, processing fee amount', 'n', 'ebcdic', 12, 12, 0, 'ebcdic', 1, 1, True),
    85: Rule(85, 'debits, transaction fee amount', 'n', 'ebcdic', 12, 12, 0, 'ebcdic', 1, 1, True),
    86: Rule(86, 'credits, amount', 'n', 'ebcdic', 16, 16, 0, 'ebcdic', 1, 1, True),
    87: Rule(87, 'credits, reversal amount', 'n', 'ebcdic', 16, 16, 0, 'ebcdic', 1, 1, True),
    88: Rule(88, 'debits, amount', 'n', 'ebcdic', 16, 16, 0, 'ebcdic', 1, 1, True),
    89: Rule(89, 'debits, reversal amount', 'n', 'ebcdic', 16, 16, 0, 'ebcdic', 1, 1, True),
    90: Rule(90, 'original data elements', 'n', 'ebcdic', 42, 42, 0, 'ebcdic', 1, 1, True),
    91: Rule(91, 'file update code', 'an', 'ebcdic', 1, 1, 0, 'ebcdic', 1, 1, True),
    92: Rule(92, 'file security code', 'an', 'ebcdic', 2, 2, 0, 'ebcdic', 1, 1, True),
    93: Rule(93, 'response indicator', 'n', 'ebcdic', 5, 5, 0, 'ebcdic', 1, 1, True),
    94: Rule(94, 'service indicator', 'an', 'ebcdic', 7, 7, 0, 'ebcdic', 1, 1, True),
    95: Rule(95, 'replacement amounts', 'an', 'ebcdic', 42, 42, 0, 'ebcdic', 1, 1, True),
    96: Rule(96, 'message security code', 'b', 'raw', 8, 8, 0, 'ebcdic', 1, 1, True),
    97: Rule(97, 'amount, net settlement', 'x+n', 'ebcdic', 17, 17, 0, 'ebcdic', 1, 1, True),
    98: Rule(98, 'payee', 'ans', 'ebcdic', 25, 25, 0, 'ebcdic', 1, 1, True),
    99: Rule(99, 'settlement institution', 'n', 'ebcdic', 1, 11, 2, 'ebcdic'),
    100: Rule(100, 'receiving institution', 'n', 'ebcdic', 1, 11, 2, 'ebcdic'),
    101: Rule(101, 'file name', 'ans', 'ebcdic', 1, 17, 2, 'ebcdic'),
    102: Rule(102, 'account identification 1', 'ans', 'ebcdic', 1, 28, 2, 'ebcdic'),
    103: Rule(103, 'account identification 2', 'ans', 'ebcdic', 1, 28, 2, 'ebcdic'),
    104: Rule(104, 'transaction description', 'ans', 'ebcdic', 1, 100, 3, 'ebcdic'),
    105: Rule(105, 'reserved, ISO', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    106: Rule(106, 'reserved, ISO', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    107: Rule(107, 'reserved, ISO', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    108: Rule(108, 'reserved, ISO', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    109: Rule(109, 'reserved, ISO', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    110: Rule(110, 'reserved, ISO', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    111: Rule(111, 'reserved, ISO', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    112: Rule(112, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    113: Rule(113, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    114: Rule(114, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    115: Rule(115, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    116: Rule(116, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    117: Rule(117, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    118: Rule(118, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    119: Rule(119, 'reserved, national', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    120: Rule(120, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    121: Rule(121, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    122: Rule(122, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    123: Rule(123, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    124: Rule(124, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    125: Rule(125, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    126: Rule(126, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    127: Rule(127, 'reserved, private', 'ans', 'ebcdic', 1, 999, 3, 'ebcdic'),
    128: Rule(128, 'message authentication code 2', 'b', 'raw', 8, 8, 0, 'ebcdic', 1, 1, True),
}
_C1, _C2, _C3, _C4 = (COUNTS[width].get for width in (1, 2, 3, 4))
_W2, _W4 = WRITTEN[2], WRITTEN[4]
_integer = int.from_bytes
from binascii import unhexlify as _unhex
_NS = alphabet("ns")
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
_R50 = RULES[50]
_R51 = RULES[51]
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
_R67 = RULES[67]
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
    ebcdic = data.decode("cp037")
    mti = ebcdic[:4]
    if size < 4 or not mti.isdecimal():
        fault(ENVELOPE.mti, data, 0)
    first = _integer(data[4:12], "big")
    if size < 12 or first & 0x0:
        bitmap_fault(ENVELOPE, data, 4)
    p = 12
    if first >> 63:
        second = _integer(data[12:20], "big")
        if size < 20 or second & 0x8000000000000000 or not second:
            bitmap_fault(ENVELOPE, data, 4)
        p = 20
    else:
        second = 0
    fields = {}
    firsta = first >> 42
    firstb = first >> 21 & 0x1fffff
    firstc = first & 0x1fffff
    if firsta & 0x100000:
        s = p
        n = _C2(ebcdic[p:p + 2], -1)
        if not 1 <= n <= 19:
            fault(_R2, data, s)
        p += 2
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isdecimal():
            fault(_R2, data, s)
        fields[2] = v
    if firsta & 0x80000:
        v = ebcdic[p:p + 6]
        p += 6
        if p > size or not v.isdecimal():
            fault(_R3, data, p - 6)
        fields[3] = v
    if firsta & 0x40000:
        v = ebcdic[p:p + 12]
        p += 12
        if p > size or not v.isdecimal():
            fault(_R4, data, p - 12)
        fields[4] = v
    if firsta & 0x20000:
        v = ebcdic[p:p + 12]
        p += 12
        if p > size or not v.isdecimal():
            fault(_R5, data, p - 12)
        fields[5] = v
    if firsta & 0x10000:
        v = ebcdic[p:p + 12]
        p += 12
        if p > size or not v.isdecimal():
            fault(_R6, data, p - 12)
        fields[6] = v
    if firsta & 0x8000:
        v = ebcdic[p:p + 10]
        p += 10
        if p > size or not v.isdecimal():
            fault(_R7, data, p - 10)
        fields[7] = v
    if firsta & 0x4000:
        v = ebcdic[p:p + 8]
        p += 8
        if p > size or not v.isdecimal():
            fault(_R8, data, p - 8)
        fields[8] = v
    if firsta & 0x2000:
        v = ebcdic[p:p + 8]
        p += 8
        if p > size or not v.isdecimal():
            fault(_R9, data, p - 8)
        fields[9] = v
    if firsta & 0x1000:
        v = ebcdic[p:p + 8]
        p += 8
        if p > size or not v.isdecimal():
            fault(_R10, data, p - 8)
        fields[10] = v
    if firsta & 0x800:
        v = ebcdic[p:p + 6]
        p += 6
        if p > size or not v.isdecimal():
            fault(_R11, data, p - 6)
        fields[11] = v
    if firsta & 0x400:
        v = ebcdic[p:p + 6]
        p += 6
        if p > size or not v.isdecimal():
            fault(_R12, data, p - 6)
        fields[12] = v
    if firsta & 0x200:
        v = ebcdic[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R13, data, p - 4)
        fields[13] = v
    if firsta & 0x100:
        v = ebcdic[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R14, data, p - 4)
        fields[14] = v
    if firsta & 0x80:
        v = ebcdic[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R15, data, p - 4)
        fields[15] = v
    if firsta & 0x40:
        v = ebcdic[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R16, data, p - 4)
        fields[16] = v
    if firsta & 0x20:
        v = ebcdic[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R17, data, p - 4)
        fields[17] = v
    if firsta & 0x10:
        v = ebcdic[p:p + 4]
        p += 4
        if p > size or not v.isdecimal():
            fault(_R18, data, p - 4)
        fields[18] = v
    if firsta & 0x8:
        v = ebcdic[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R19, data, p - 3)
        fields[19] = v
    if firsta & 0x4:
        v = ebcdic[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R20, data, p - 3)
        fields[20] = v
    if firsta & 0x2:
        v = ebcdic[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R21, data, p - 3)
        fields[21] = v
    if firsta & 0x1:
        v = ebcdic[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R22, data, p - 3)
        fields[22] = v
    if firstb & 0x100000:
        v = ebcdic[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R23, data, p - 3)
        fields[23] = v
    if firstb & 0x80000:
        v = ebcdic[p:p + 3]
        p += 3
        if p > size or not v.isdecimal():
            fault(_R24, data, p - 3)
        fields[24] = v
    if firstb & 0x40000:
        v = ebcdic[p:p + 2]
        p += 2
        if p > size or not v.isdecimal():
            fault(_R25, data, p - 2)
        fields[25] = v
    if firstb & 0x20000:
        v = ebcdic[p:p + 2]
        p += 2
        if p > size or not v.isdecimal():
            fault(_R26, data, p - 2)
        fields[26] = v
    if firstb & 0x10000:
        v = ebcdic[p:p + 1]
        p += 1
        if p > size or not v.isdecimal():
            fault(_R27, data, p - 1)
        fields[27] = v
    if firstb & 0x8000:
        step = take(_R28, data, p)
        fields[28] = step.value
        p = step.end
    if firstb & 0x4000:
        step = take(_R29, data, p)
        fields[29] = step.value
        p = step.end
    if firstb & 0x2000:
        step = take(_R30, data, p)
        fields[30] = step.value
        p = step.end
    if firstb & 0x1000:
        step = take(_R31, data, p)
        fields[31] = step.value
        p = step.end
    if firstb & 0x800:
        s = p
        n = _C2(ebcdic[p:p + 2], -1)
        if not 1 <= n <= 11:
            fault(_R32, data, s)
        p += 2
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isdecimal():
            fault(_R32, data, s)
        fields[32] = v
    if firstb & 0x400:
        s = p
        n = _C2(ebcdic[p:p + 2], -1)
        if not 1 <= n <= 11:
            fault(_R33, data, s)
        p += 2
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isdecimal():
            fault(_R33, data, s)
        fields[33] = v
    if firstb & 0x200:
        s = p
        n = _C2(ebcdic[p:p + 2], -1)
        if not 1 <= n <= 28:
            fault(_R34, data, s)
        p += 2
        v = ebcdic[p:p + n]
        p += n
        if p > size or v.strip(_NS):
            fault(_R34, data, s)
        fields[34] = v
    if firstb & 0x100:
        s = p
        n = _C2(ebcdic[p:p + 2], -1)
        if not 1 <= n <= 37:
            fault(_R35, data, s)
        p += 2
        v = ebcdic[p:p + n]
        p += n
        if p > size or v.strip(TRACK):
            fault(_R35, data, s)
        fields[35] = v
    if firstb & 0x80:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 104:
            fault(_R36, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or v.strip(TRACK):
            fault(_R36, data, s)
        fields[36] = v
    if firstb & 0x40:
        v = ebcdic[p:p + 12]
        p += 12
        if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R37, data, p - 12)
        fields[37] = v
    if firstb & 0x20:
        v = ebcdic[p:p + 6]
        p += 6
        if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R38, data, p - 6)
        fields[38] = v
    if firstb & 0x10:
        v = ebcdic[p:p + 2]
        p += 2
        if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R39, data, p - 2)
        fields[39] = v
    if firstb & 0x8:
        v = ebcdic[p:p + 3]
        p += 3
        if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R40, data, p - 3)
        fields[40] = v
    if firstb & 0x4:
        v = ebcdic[p:p + 8]
        p += 8
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R41, data, p - 8)
        fields[41] = v
    if firstb & 0x2:
        v = ebcdic[p:p + 15]
        p += 15
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R42, data, p - 15)
        fields[42] = v
    if firstb & 0x1:
        v = ebcdic[p:p + 40]
        p += 40
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R43, data, p - 40)
        fields[43] = v
    if firstc & 0x100000:
        s = p
        n = _C2(ebcdic[p:p + 2], -1)
        if not 1 <= n <= 25:
            fault(_R44, data, s)
        p += 2
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R44, data, s)
        fields[44] = v
    if firstc & 0x80000:
        s = p
        n = _C2(ebcdic[p:p + 2], -1)
        if not 1 <= n <= 76:
            fault(_R45, data, s)
        p += 2
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R45, data, s)
        fields[45] = v
    if firstc & 0x40000:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R46, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R46, data, s)
        fields[46] = v
    if firstc & 0x20000:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R47, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R47, data, s)
        fields[47] = v
    if firstc & 0x10000:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R48, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R48, data, s)
        fields[48] = v
    if firstc & 0x8000:
        v = ebcdic[p:p + 3]
        p += 3
        if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R49, data, p - 3)
        fields[49] = v
    if firstc & 0x4000:
        v = ebcdic[p:p + 3]
        p += 3
        if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R50, data, p - 3)
        fields[50] = v
    if firstc & 0x2000:
        v = ebcdic[p:p + 3]
        p += 3
        if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
            fault(_R51, data, p - 3)
        fields[51] = v
    if firstc & 0x1000:
        v = data[p:p + 8]
        p += 8
        if p > size:
            fault(_R52, data, p - 8)
        fields[52] = v
    if firstc & 0x800:
        v = ebcdic[p:p + 16]
        p += 16
        if p > size or not v.isdecimal():
            fault(_R53, data, p - 16)
        fields[53] = v
    if firstc & 0x400:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 120:
            fault(_R54, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R54, data, s)
        fields[54] = v
    if firstc & 0x200:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R55, data, s)
        p += 3
        v = data[p:p + n]
        p += n
        if p > size:
            fault(_R55, data, s)
        fields[55] = v
    if firstc & 0x100:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R56, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R56, data, s)
        fields[56] = v
    if firstc & 0x80:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R57, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R57, data, s)
        fields[57] = v
    if firstc & 0x40:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R58, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R58, data, s)
        fields[58] = v
    if firstc & 0x20:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R59, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R59, data, s)
        fields[59] = v
    if firstc & 0x10:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R60, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R60, data, s)
        fields[60] = v
    if firstc & 0x8:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R61, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R61, data, s)
        fields[61] = v
    if firstc & 0x4:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R62, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R62, data, s)
        fields[62] = v
    if firstc & 0x2:
        s = p
        n = _C3(ebcdic[p:p + 3], -1)
        if not 1 <= n <= 999:
            fault(_R63, data, s)
        p += 3
        v = ebcdic[p:p + n]
        p += n
        if p > size or not v.isprintable() and v.strip(PRINTABLE):
            fault(_R63, data, s)
        fields[63] = v
    if firstc & 0x1:
        v = data[p:p + 8]
        p += 8
        if p > size:
            fault(_R64, data, p - 8)
        fields[64] = v
    if second:
        seconda = second >> 42
        secondb = second >> 21 & 0x1fffff
        secondc = second & 0x1fffff
        if seconda & 0x100000:
            v = ebcdic[p:p + 1]
            p += 1
            if p > size or not v.isdecimal():
                fault(_R66, data, p - 1)
            fields[66] = v
        if seconda & 0x80000:
            v = ebcdic[p:p + 2]
            p += 2
            if p > size or not v.isdecimal():
                fault(_R67, data, p - 2)
            fields[67] = v
        if seconda & 0x40000:
            v = ebcdic[p:p + 3]
            p += 3
            if p > size or not v.isdecimal():
                fault(_R68, data, p - 3)
            fields[68] = v
        if seconda & 0x20000:
            v = ebcdic[p:p + 3]
            p += 3
            if p > size or not v.isdecimal():
                fault(_R69, data, p - 3)
            fields[69] = v
        if seconda & 0x10000:
            v = ebcdic[p:p + 3]
            p += 3
            if p > size or not v.isdecimal():
                fault(_R70, data, p - 3)
            fields[70] = v
        if seconda & 0x8000:
            v = ebcdic[p:p + 4]
            p += 4
            if p > size or not v.isdecimal():
                fault(_R71, data, p - 4)
            fields[71] = v
        if seconda & 0x4000:
            v = ebcdic[p:p + 4]
            p += 4
            if p > size or not v.isdecimal():
                fault(_R72, data, p - 4)
            fields[72] = v
        if seconda & 0x2000:
            v = ebcdic[p:p + 6]
            p += 6
            if p > size or not v.isdecimal():
                fault(_R73, data, p - 6)
            fields[73] = v
        if seconda & 0x1000:
            v = ebcdic[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R74, data, p - 10)
            fields[74] = v
        if seconda & 0x800:
            v = ebcdic[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R75, data, p - 10)
            fields[75] = v
        if seconda & 0x400:
            v = ebcdic[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R76, data, p - 10)
            fields[76] = v
        if seconda & 0x200:
            v = ebcdic[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R77, data, p - 10)
            fields[77] = v
        if seconda & 0x100:
            v = ebcdic[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R78, data, p - 10)
            fields[78] = v
        if seconda & 0x80:
            v = ebcdic[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R79, data, p - 10)
            fields[79] = v
        if seconda & 0x40:
            v = ebcdic[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R80, data, p - 10)
            fields[80] = v
        if seconda & 0x20:
            v = ebcdic[p:p + 10]
            p += 10
            if p > size or not v.isdecimal():
                fault(_R81, data, p - 10)
            fields[81] = v
        if seconda & 0x10:
            v = ebcdic[p:p + 12]
            p += 12
            if p > size or not v.isdecimal():
                fault(_R82, data, p - 12)
            fields[82] = v
        if seconda & 0x8:
            v = ebcdic[p:p + 12]
            p += 12
            if p > size or not v.isdecimal():
                fault(_R83, data, p - 12)
            fields[83] = v
        if seconda & 0x4:
            v = ebcdic[p:p + 12]
            p += 12
            if p > size or not v.isdecimal():
                fault(_R84, data, p - 12)
            fields[84] = v
        if seconda & 0x2:
            v = ebcdic[p:p + 12]
            p += 12
            if p > size or not v.isdecimal():
                fault(_R85, data, p - 12)
            fields[85] = v
        if seconda & 0x1:
            v = ebcdic[p:p + 16]
            p += 16
            if p > size or not v.isdecimal():
                fault(_R86, data, p - 16)
            fields[86] = v
        if secondb & 0x100000:
            v = ebcdic[p:p + 16]
            p += 16
            if p > size or not v.isdecimal():
                fault(_R87, data, p - 16)
            fields[87] = v
        if secondb & 0x80000:
            v = ebcdic[p:p + 16]
            p += 16
            if p > size or not v.isdecimal():
                fault(_R88, data, p - 16)
            fields[88] = v
        if secondb & 0x40000:
            v = ebcdic[p:p + 16]
            p += 16
            if p > size or not v.isdecimal():
                fault(_R89, data, p - 16)
            fields[89] = v
        if secondb & 0x20000:
            v = ebcdic[p:p + 42]
            p += 42
            if p > size or not v.isdecimal():
                fault(_R90, data, p - 42)
            fields[90] = v
        if secondb & 0x10000:
            v = ebcdic[p:p + 1]
            p += 1
            if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
                fault(_R91, data, p - 1)
            fields[91] = v
        if secondb & 0x8000:
            v = ebcdic[p:p + 2]
            p += 2
            if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
                fault(_R92, data, p - 2)
            fields[92] = v
        if secondb & 0x4000:
            v = ebcdic[p:p + 5]
            p += 5
            if p > size or not v.isdecimal():
                fault(_R93, data, p - 5)
            fields[93] = v
        if secondb & 0x2000:
            v = ebcdic[p:p + 7]
            p += 7
            if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
                fault(_R94, data, p - 7)
            fields[94] = v
        if secondb & 0x1000:
            v = ebcdic[p:p + 42]
            p += 42
            if p > size or not (v.isascii() and v.isalnum()) and v.strip(AN):
                fault(_R95, data, p - 42)
            fields[95] = v
        if secondb & 0x800:
            v = data[p:p + 8]
            p += 8
            if p > size:
                fault(_R96, data, p - 8)
            fields[96] = v
        if secondb & 0x400:
            step = take(_R97, data, p)
            fields[97] = step.value
            p = step.end
        if secondb & 0x200:
            v = ebcdic[p:p + 25]
            p += 25
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R98, data, p - 25)
            fields[98] = v
        if secondb & 0x100:
            s = p
            n = _C2(ebcdic[p:p + 2], -1)
            if not 1 <= n <= 11:
                fault(_R99, data, s)
            p += 2
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isdecimal():
                fault(_R99, data, s)
            fields[99] = v
        if secondb & 0x80:
            s = p
            n = _C2(ebcdic[p:p + 2], -1)
            if not 1 <= n <= 11:
                fault(_R100, data, s)
            p += 2
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isdecimal():
                fault(_R100, data, s)
            fields[100] = v
        if secondb & 0x40:
            s = p
            n = _C2(ebcdic[p:p + 2], -1)
            if not 1 <= n <= 17:
                fault(_R101, data, s)
            p += 2
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R101, data, s)
            fields[101] = v
        if secondb & 0x20:
            s = p
            n = _C2(ebcdic[p:p + 2], -1)
            if not 1 <= n <= 28:
                fault(_R102, data, s)
            p += 2
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R102, data, s)
            fields[102] = v
        if secondb & 0x10:
            s = p
            n = _C2(ebcdic[p:p + 2], -1)
            if not 1 <= n <= 28:
                fault(_R103, data, s)
            p += 2
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R103, data, s)
            fields[103] = v
        if secondb & 0x8:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 100:
                fault(_R104, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R104, data, s)
            fields[104] = v
        if secondb & 0x4:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R105, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R105, data, s)
            fields[105] = v
        if secondb & 0x2:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R106, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R106, data, s)
            fields[106] = v
        if secondb & 0x1:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R107, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R107, data, s)
            fields[107] = v
        if secondc & 0x100000:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R108, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R108, data, s)
            fields[108] = v
        if secondc & 0x80000:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R109, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R109, data, s)
            fields[109] = v
        if secondc & 0x40000:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R110, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R110, data, s)
            fields[110] = v
        if secondc & 0x20000:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R111, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R111, data, s)
            fields[111] = v
        if secondc & 0x10000:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R112, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R112, data, s)
            fields[112] = v
        if secondc & 0x8000:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R113, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R113, data, s)
            fields[113] = v
        if secondc & 0x4000:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R114, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R114, data, s)
            fields[114] = v
        if secondc & 0x2000:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R115, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R115, data, s)
            fields[115] = v
        if secondc & 0x1000:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R116, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R116, data, s)
            fields[116] = v
        if secondc & 0x800:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R117, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R117, data, s)
            fields[117] = v
        if secondc & 0x400:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R118, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R118, data, s)
            fields[118] = v
        if secondc & 0x200:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R119, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R119, data, s)
            fields[119] = v
        if secondc & 0x100:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R120, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R120, data, s)
            fields[120] = v
        if secondc & 0x80:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R121, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R121, data, s)
            fields[121] = v
        if secondc & 0x40:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R122, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R122, data, s)
            fields[122] = v
        if secondc & 0x20:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R123, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R123, data, s)
            fields[123] = v
        if secondc & 0x10:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R124, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R124, data, s)
            fields[124] = v
        if secondc & 0x8:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R125, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R125, data, s)
            fields[125] = v
        if secondc & 0x4:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R126, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R126, data, s)
            fields[126] = v
        if secondc & 0x2:
            s = p
            n = _C3(ebcdic[p:p + 3], -1)
            if not 1 <= n <= 999:
                fault(_R127, data, s)
            p += 3
            v = ebcdic[p:p + n]
            p += n
            if p > size or not v.isprintable() and v.strip(PRINTABLE):
                fault(_R127, data, s)
            fields[127] = v
        if secondc & 0x1:
            v = data[p:p + 8]
            p += 8
            if p > size:
                fault(_R128, data, p - 8)
            fields[128] = v
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
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 3 in fields:
            firsta |= 0x80000
            v = fields[3]
            if len(v) != 6 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 4 in fields:
            firsta |= 0x40000
            v = fields[4]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 5 in fields:
            firsta |= 0x20000
            v = fields[5]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 6 in fields:
            firsta |= 0x10000
            v = fields[6]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 7 in fields:
            firsta |= 0x8000
            v = fields[7]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 8 in fields:
            firsta |= 0x4000
            v = fields[8]
            if len(v) != 8 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 9 in fields:
            firsta |= 0x2000
            v = fields[9]
            if len(v) != 8 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 10 in fields:
            firsta |= 0x1000
            v = fields[10]
            if len(v) != 8 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 11 in fields:
            firsta |= 0x800
            v = fields[11]
            if len(v) != 6 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 12 in fields:
            firsta |= 0x400
            v = fields[12]
            if len(v) != 6 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 13 in fields:
            firsta |= 0x200
            v = fields[13]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 14 in fields:
            firsta |= 0x100
            v = fields[14]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 15 in fields:
            firsta |= 0x80
            v = fields[15]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 16 in fields:
            firsta |= 0x40
            v = fields[16]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 17 in fields:
            firsta |= 0x20
            v = fields[17]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 18 in fields:
            firsta |= 0x10
            v = fields[18]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 19 in fields:
            firsta |= 0x8
            v = fields[19]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 20 in fields:
            firsta |= 0x4
            v = fields[20]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 21 in fields:
            firsta |= 0x2
            v = fields[21]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 22 in fields:
            firsta |= 0x1
            v = fields[22]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 23 in fields:
            firstb |= 0x100000
            v = fields[23]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 24 in fields:
            firstb |= 0x80000
            v = fields[24]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 25 in fields:
            firstb |= 0x40000
            v = fields[25]
            if len(v) != 2 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 26 in fields:
            firstb |= 0x20000
            v = fields[26]
            if len(v) != 2 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 27 in fields:
            firstb |= 0x10000
            v = fields[27]
            if len(v) != 1 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 28 in fields:
            firstb |= 0x8000
            v = fields[28]
            if len(v) != 9 or v[0] not in ("C", "D") or not v[1:].isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 29 in fields:
            firstb |= 0x4000
            v = fields[29]
            if len(v) != 9 or v[0] not in ("C", "D") or not v[1:].isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 30 in fields:
            firstb |= 0x2000
            v = fields[30]
            if len(v) != 9 or v[0] not in ("C", "D") or not v[1:].isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 31 in fields:
            firstb |= 0x1000
            v = fields[31]
            if len(v) != 9 or v[0] not in ("C", "D") or not v[1:].isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 32 in fields:
            firstb |= 0x800
            v = fields[32]
            n = len(v)
            if not 1 <= n <= 11 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 33 in fields:
            firstb |= 0x400
            v = fields[33]
            n = len(v)
            if not 1 <= n <= 11 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 34 in fields:
            firstb |= 0x200
            v = fields[34]
            n = len(v)
            if not 1 <= n <= 28 or v.strip(_NS):
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 35 in fields:
            firstb |= 0x100
            v = fields[35]
            n = len(v)
            if not 1 <= n <= 37 or v.strip(TRACK):
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 36 in fields:
            firstb |= 0x80
            v = fields[36]
            n = len(v)
            if not 1 <= n <= 104 or v.strip(TRACK):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 37 in fields:
            firstb |= 0x40
            v = fields[37]
            if len(v) != 12 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 38 in fields:
            firstb |= 0x20
            v = fields[38]
            if len(v) != 6 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 39 in fields:
            firstb |= 0x10
            v = fields[39]
            if len(v) != 2 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 40 in fields:
            firstb |= 0x8
            v = fields[40]
            if len(v) != 3 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 41 in fields:
            firstb |= 0x4
            v = fields[41]
            if len(v) != 8 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(v.encode("cp037"))
        if 42 in fields:
            firstb |= 0x2
            v = fields[42]
            if len(v) != 15 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(v.encode("cp037"))
        if 43 in fields:
            firstb |= 0x1
            v = fields[43]
            if len(v) != 40 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(v.encode("cp037"))
        if 44 in fields:
            firstc |= 0x100000
            v = fields[44]
            n = len(v)
            if not 1 <= n <= 25 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 45 in fields:
            firstc |= 0x80000
            v = fields[45]
            n = len(v)
            if not 1 <= n <= 76 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 46 in fields:
            firstc |= 0x40000
            v = fields[46]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 47 in fields:
            firstc |= 0x20000
            v = fields[47]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 48 in fields:
            firstc |= 0x10000
            v = fields[48]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 49 in fields:
            firstc |= 0x8000
            v = fields[49]
            if len(v) != 3 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 50 in fields:
            firstc |= 0x4000
            v = fields[50]
            if len(v) != 3 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 51 in fields:
            firstc |= 0x2000
            v = fields[51]
            if len(v) != 3 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 52 in fields:
            firstc |= 0x1000
            v = fields[52]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            if len(v) != 8:
                raise ValueError
            out.append(v)
        if 53 in fields:
            firstc |= 0x800
            v = fields[53]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 54 in fields:
            firstc |= 0x400
            v = fields[54]
            n = len(v)
            if not 1 <= n <= 120 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 55 in fields:
            firstc |= 0x200
            v = fields[55]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            n = len(v)
            if not 1 <= n <= 999:
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v)
        if 56 in fields:
            firstc |= 0x100
            v = fields[56]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 57 in fields:
            firstc |= 0x80
            v = fields[57]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 58 in fields:
            firstc |= 0x40
            v = fields[58]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 59 in fields:
            firstc |= 0x20
            v = fields[59]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 60 in fields:
            firstc |= 0x10
            v = fields[60]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 61 in fields:
            firstc |= 0x8
            v = fields[61]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 62 in fields:
            firstc |= 0x4
            v = fields[62]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 63 in fields:
            firstc |= 0x2
            v = fields[63]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 64 in fields:
            firstc |= 0x1
            v = fields[64]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            if len(v) != 8:
                raise ValueError
            out.append(v)
        if 66 in fields:
            seconda |= 0x100000
            v = fields[66]
            if len(v) != 1 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 67 in fields:
            seconda |= 0x80000
            v = fields[67]
            if len(v) != 2 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 68 in fields:
            seconda |= 0x40000
            v = fields[68]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 69 in fields:
            seconda |= 0x20000
            v = fields[69]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 70 in fields:
            seconda |= 0x10000
            v = fields[70]
            if len(v) != 3 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 71 in fields:
            seconda |= 0x8000
            v = fields[71]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 72 in fields:
            seconda |= 0x4000
            v = fields[72]
            if len(v) != 4 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 73 in fields:
            seconda |= 0x2000
            v = fields[73]
            if len(v) != 6 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 74 in fields:
            seconda |= 0x1000
            v = fields[74]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 75 in fields:
            seconda |= 0x800
            v = fields[75]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 76 in fields:
            seconda |= 0x400
            v = fields[76]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 77 in fields:
            seconda |= 0x200
            v = fields[77]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 78 in fields:
            seconda |= 0x100
            v = fields[78]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 79 in fields:
            seconda |= 0x80
            v = fields[79]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 80 in fields:
            seconda |= 0x40
            v = fields[80]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 81 in fields:
            seconda |= 0x20
            v = fields[81]
            if len(v) != 10 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 82 in fields:
            seconda |= 0x10
            v = fields[82]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 83 in fields:
            seconda |= 0x8
            v = fields[83]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 84 in fields:
            seconda |= 0x4
            v = fields[84]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 85 in fields:
            seconda |= 0x2
            v = fields[85]
            if len(v) != 12 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 86 in fields:
            seconda |= 0x1
            v = fields[86]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 87 in fields:
            secondb |= 0x100000
            v = fields[87]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 88 in fields:
            secondb |= 0x80000
            v = fields[88]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 89 in fields:
            secondb |= 0x40000
            v = fields[89]
            if len(v) != 16 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 90 in fields:
            secondb |= 0x20000
            v = fields[90]
            if len(v) != 42 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 91 in fields:
            secondb |= 0x10000
            v = fields[91]
            if len(v) != 1 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 92 in fields:
            secondb |= 0x8000
            v = fields[92]
            if len(v) != 2 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 93 in fields:
            secondb |= 0x4000
            v = fields[93]
            if len(v) != 5 or not v.isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 94 in fields:
            secondb |= 0x2000
            v = fields[94]
            if len(v) != 7 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 95 in fields:
            secondb |= 0x1000
            v = fields[95]
            if len(v) != 42 or not (v.isascii() and v.isalnum()) and v.strip(AN):
                raise ValueError
            out.append(v.encode("cp037"))
        if 96 in fields:
            secondb |= 0x800
            v = fields[96]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            if len(v) != 8:
                raise ValueError
            out.append(v)
        if 97 in fields:
            secondb |= 0x400
            v = fields[97]
            if len(v) != 17 or v[0] not in ("C", "D") or not v[1:].isdecimal():
                raise ValueError
            out.append(v.encode("cp037"))
        if 98 in fields:
            secondb |= 0x200
            v = fields[98]
            if len(v) != 25 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(v.encode("cp037"))
        if 99 in fields:
            secondb |= 0x100
            v = fields[99]
            n = len(v)
            if not 1 <= n <= 11 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 100 in fields:
            secondb |= 0x80
            v = fields[100]
            n = len(v)
            if not 1 <= n <= 11 or not v.isdecimal():
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 101 in fields:
            secondb |= 0x40
            v = fields[101]
            n = len(v)
            if not 1 <= n <= 17 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 102 in fields:
            secondb |= 0x20
            v = fields[102]
            n = len(v)
            if not 1 <= n <= 28 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 103 in fields:
            secondb |= 0x10
            v = fields[103]
            n = len(v)
            if not 1 <= n <= 28 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:02}".encode("cp037") + v.encode("cp037"))
        if 104 in fields:
            secondb |= 0x8
            v = fields[104]
            n = len(v)
            if not 1 <= n <= 100 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 105 in fields:
            secondb |= 0x4
            v = fields[105]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 106 in fields:
            secondb |= 0x2
            v = fields[106]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 107 in fields:
            secondb |= 0x1
            v = fields[107]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 108 in fields:
            secondc |= 0x100000
            v = fields[108]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 109 in fields:
            secondc |= 0x80000
            v = fields[109]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 110 in fields:
            secondc |= 0x40000
            v = fields[110]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 111 in fields:
            secondc |= 0x20000
            v = fields[111]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 112 in fields:
            secondc |= 0x10000
            v = fields[112]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 113 in fields:
            secondc |= 0x8000
            v = fields[113]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 114 in fields:
            secondc |= 0x4000
            v = fields[114]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 115 in fields:
            secondc |= 0x2000
            v = fields[115]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 116 in fields:
            secondc |= 0x1000
            v = fields[116]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 117 in fields:
            secondc |= 0x800
            v = fields[117]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 118 in fields:
            secondc |= 0x400
            v = fields[118]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 119 in fields:
            secondc |= 0x200
            v = fields[119]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 120 in fields:
            secondc |= 0x100
            v = fields[120]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 121 in fields:
            secondc |= 0x80
            v = fields[121]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 122 in fields:
            secondc |= 0x40
            v = fields[122]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 123 in fields:
            secondc |= 0x20
            v = fields[123]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 124 in fields:
            secondc |= 0x10
            v = fields[124]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 125 in fields:
            secondc |= 0x8
            v = fields[125]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 126 in fields:
            secondc |= 0x4
            v = fields[126]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 127 in fields:
            secondc |= 0x2
            v = fields[127]
            n = len(v)
            if not 1 <= n <= 999 or not v.isprintable() and v.strip(PRINTABLE):
                raise ValueError
            out.append(f"{n:03}".encode("cp037") + v.encode("cp037"))
        if 128 in fields:
            secondc |= 0x1
            v = fields[128]
            if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):
                raise ValueError
            if len(v) != 8:
                raise ValueError
            out.append(v)
        first = firsta << 42 | firstb << 21 | firstc
        second = seconda << 42 | secondb << 21 | secondc
        if first.bit_count() + second.bit_count() != len(fields):
            raise ValueError
        if second:
            first |= 0x8000000000000000
        bits = first.to_bytes(8, "big")
        if second:
            bits += second.to_bytes(8, "big")
        return mti.encode("cp037") + bits + b"".join(out)
    except (AttributeError, KeyError, TypeError, ValueError):
        refused(ENVELOPE, RULES, mti, fields)
        raise

"""ISO 8583:1987, its 128 fields, on three wires: all text, BCD and raw bytes, EBCDIC.

The standard leaves the wire to its users. What is taken here, and what to change where a network differs:

- Field 55 (reserved for ISO use) carries chip data everywhere today: bytes, at most 999, with BER-TLV inside.
- Fields 46 to 48 and 54 to 63 and 105 to 127 are private: text of at most 999.
- Field 44 is ..25 in the standard; many networks send more (`changed({44: {"length": ll(99)}})`).
- Field 65 announced a third bitmap that nobody defined: the bit must be off.
- Tracks that travel as text keep `=` as separator; packed ones have D.
- Variable fields that are empty are taken as errors; `Length` with minimum 0 lets them pass.
"""

from tillbench.protocols.iso8583.dialect import Dialect, Field, fixed, ll, lll
from tillbench.protocols.iso8583.dialects.wires import ASCII, BCD, EBCDIC
from tillbench.protocols.iso8583.field import Length, Type
from tillbench.protocols.iso8583.subfields import BerTlv, Layout, Part, Positional

ISO = "ISO 8583:1987"
USE = "usage"

ORIGINAL = Positional(
    (
        Part("message type", 4, "n"),
        Part("system trace audit number", 6, "n"),
        Part("transmission date and time", 10, "n"),
        Part("acquiring institution", 11, "n"),
        Part("forwarding institution", 11, "n"),
    )
)
ENTRY_MODE = Positional((Part("PAN entry mode", 2, "n"), Part("PIN entry capability", 1, "n")))
PROCESSING_CODE = Positional(
    (Part("transaction type", 2, "n"), Part("account from", 2, "n"), Part("account to", 2, "n"))
)


def row(number: int, name: str, type: Type, length: Length, source: str = ISO, parts: Layout | None = None) -> Field:
    """A row whose wire follows from the dialect."""
    return Field(number, name, type, length, source=source, parts=parts)


ROWS = (
    row(2, "primary account number", "n", ll(19)),
    row(3, "processing code", "n", fixed(6), parts=PROCESSING_CODE),
    row(4, "amount, transaction", "n", fixed(12)),
    row(5, "amount, settlement", "n", fixed(12)),
    row(6, "amount, cardholder billing", "n", fixed(12)),
    row(7, "transmission date and time", "n", fixed(10)),
    row(8, "amount, cardholder billing fee", "n", fixed(8)),
    row(9, "conversion rate, settlement", "n", fixed(8)),
    row(10, "conversion rate, cardholder billing", "n", fixed(8)),
    row(11, "system trace audit number", "n", fixed(6)),
    row(12, "time, local transaction", "n", fixed(6)),
    row(13, "date, local transaction", "n", fixed(4)),
    row(14, "date, expiration", "n", fixed(4)),
    row(15, "date, settlement", "n", fixed(4)),
    row(16, "date, conversion", "n", fixed(4)),
    row(17, "date, capture", "n", fixed(4)),
    row(18, "merchant's type", "n", fixed(4)),
    row(19, "acquiring institution country code", "n", fixed(3)),
    row(20, "primary account number country code", "n", fixed(3)),
    row(21, "forwarding institution country code", "n", fixed(3)),
    row(22, "point of service entry mode", "n", fixed(3), parts=ENTRY_MODE),
    row(23, "card sequence number", "n", fixed(3)),
    row(24, "network international identifier", "n", fixed(3)),
    row(25, "point of service condition code", "n", fixed(2)),
    row(26, "point of service PIN capture code", "n", fixed(2)),
    row(27, "authorisation identification response length", "n", fixed(1)),
    row(28, "amount, transaction fee", "x+n", fixed(9)),
    row(29, "amount, settlement fee", "x+n", fixed(9)),
    row(30, "amount, transaction processing fee", "x+n", fixed(9)),
    row(31, "amount, settlement processing fee", "x+n", fixed(9)),
    row(32, "acquiring institution", "n", ll(11)),
    row(33, "forwarding institution", "n", ll(11)),
    row(34, "primary account number, extended", "ns", ll(28)),
    row(35, "track 2 data", "z", ll(37)),
    row(36, "track 3 data", "z", lll(104)),
    row(37, "retrieval reference number", "an", fixed(12)),
    row(38, "authorisation code", "an", fixed(6)),
    row(39, "response code", "an", fixed(2)),
    row(40, "service restriction code", "an", fixed(3)),
    row(41, "terminal identification", "ans", fixed(8)),
    row(42, "merchant identification", "ans", fixed(15)),
    row(43, "card acceptor name and location", "ans", fixed(40)),
    row(44, "additional response data", "ans", ll(25)),
    row(45, "track 1 data", "ans", ll(76)),
    row(46, "additional data, ISO", "ans", lll(999)),
    row(47, "additional data, national", "ans", lll(999)),
    row(48, "additional data, private", "ans", lll(999)),
    row(49, "currency code, transaction", "an", fixed(3)),
    row(50, "currency code, settlement", "an", fixed(3)),
    row(51, "currency code, cardholder billing", "an", fixed(3)),
    row(52, "PIN block", "b", fixed(8)),
    row(53, "security control", "n", fixed(16)),
    row(54, "additional amounts", "ans", lll(120)),
    row(55, "IC card data", "b", lll(999), USE, BerTlv()),
    *(row(number, "reserved, national", "ans", lll(999)) for number in range(56, 60)),
    *(row(number, "reserved, private", "ans", lll(999)) for number in range(60, 64)),
    row(64, "message authentication code", "b", fixed(8)),
    row(66, "settlement code", "n", fixed(1)),
    row(67, "extended payment code", "n", fixed(2)),
    row(68, "receiving institution country code", "n", fixed(3)),
    row(69, "settlement institution country code", "n", fixed(3)),
    row(70, "network management information code", "n", fixed(3)),
    row(71, "message number", "n", fixed(4)),
    row(72, "message number, last", "n", fixed(4)),
    row(73, "date, action", "n", fixed(6)),
    row(74, "credits, number", "n", fixed(10)),
    row(75, "credits, reversal number", "n", fixed(10)),
    row(76, "debits, number", "n", fixed(10)),
    row(77, "debits, reversal number", "n", fixed(10)),
    row(78, "transfer, number", "n", fixed(10)),
    row(79, "transfer, reversal number", "n", fixed(10)),
    row(80, "inquiries, number", "n", fixed(10)),
    row(81, "authorisations, number", "n", fixed(10)),
    row(82, "credits, processing fee amount", "n", fixed(12)),
    row(83, "credits, transaction fee amount", "n", fixed(12)),
    row(84, "debits, processing fee amount", "n", fixed(12)),
    row(85, "debits, transaction fee amount", "n", fixed(12)),
    row(86, "credits, amount", "n", fixed(16)),
    row(87, "credits, reversal amount", "n", fixed(16)),
    row(88, "debits, amount", "n", fixed(16)),
    row(89, "debits, reversal amount", "n", fixed(16)),
    row(90, "original data elements", "n", fixed(42), parts=ORIGINAL),
    row(91, "file update code", "an", fixed(1)),
    row(92, "file security code", "an", fixed(2)),
    row(93, "response indicator", "n", fixed(5)),
    row(94, "service indicator", "an", fixed(7)),
    row(95, "replacement amounts", "an", fixed(42)),
    row(96, "message security code", "b", fixed(8)),
    row(97, "amount, net settlement", "x+n", fixed(17)),
    row(98, "payee", "ans", fixed(25)),
    row(99, "settlement institution", "n", ll(11)),
    row(100, "receiving institution", "n", ll(11)),
    row(101, "file name", "ans", ll(17)),
    row(102, "account identification 1", "ans", ll(28)),
    row(103, "account identification 2", "ans", ll(28)),
    row(104, "transaction description", "ans", lll(100)),
    *(row(number, "reserved, ISO", "ans", lll(999)) for number in range(105, 112)),
    *(row(number, "reserved, national", "ans", lll(999)) for number in range(112, 120)),
    *(row(number, "reserved, private", "ans", lll(999)) for number in range(120, 128)),
    row(128, "message authentication code 2", "b", fixed(8)),
)

ISO87_ASCII = Dialect("iso87-ascii", ROWS, ASCII, 2, title="ISO 8583:1987, all text", mac="x9.19")
ISO87_BCD = Dialect("iso87-bcd", ROWS, BCD, 2, title="ISO 8583:1987, BCD and raw bytes", mac="x9.19")
EBCDIC_87 = Dialect("ebcdic", ROWS, EBCDIC, 2, title="ISO 8583:1987, EBCDIC", mac="x9.19")

"""ISO 8583:1993, its 128 fields, all text or BCD and raw bytes.

Beside the 1987 edition: dates with their years, codes of three digits, point of service data of twelve characters,
variable lengths where there were fixed ones. Message types begin with 1. What is taken where the standard leaves room:

- Fields 49 to 51 are a3 or n3: letters and digits pass.
- Field 55 is bytes, at most 255, with BER-TLV inside.
- Field 65 announces no third bitmap: the bit must be off.
- Private fields are text of at most 999.
"""

from tillbench.protocols.iso8583.dialect import Dialect, fixed, ll, lll
from tillbench.protocols.iso8583.dialects.iso87 import PROCESSING_CODE, row
from tillbench.protocols.iso8583.dialects.wires import ASCII, BCD
from tillbench.protocols.iso8583.subfields import BerTlv, Part, Positional

ISO = "ISO 8583:1993"

ORIGINAL = Positional(
    (
        Part("message type", 4, "n"),
        Part("system trace audit number", 6, "n"),
        Part("date and time, local", 12, "n"),
        Part("acquiring institution", 0, "n"),
    ),
    optional=1,
)
POINT_OF_SERVICE = Positional(
    tuple(
        Part(name, 1, "an")
        for name in (
            "card data input capability",
            "cardholder authentication capability",
            "card capture capability",
            "operating environment",
            "cardholder present",
            "card present",
            "card data input mode",
            "cardholder authentication method",
            "cardholder authentication entity",
            "card data output capability",
            "terminal output capability",
            "PIN capture capability",
        )
    )
)

ROWS = (
    row(2, "primary account number", "n", ll(19), ISO),
    row(3, "processing code", "n", fixed(6), ISO, PROCESSING_CODE),
    row(4, "amount, transaction", "n", fixed(12), ISO),
    row(5, "amount, reconciliation", "n", fixed(12), ISO),
    row(6, "amount, cardholder billing", "n", fixed(12), ISO),
    row(7, "transmission date and time", "n", fixed(10), ISO),
    row(8, "amount, cardholder billing fee", "n", fixed(8), ISO),
    row(9, "conversion rate, reconciliation", "n", fixed(8), ISO),
    row(10, "conversion rate, cardholder billing", "n", fixed(8), ISO),
    row(11, "system trace audit number", "n", fixed(6), ISO),
    row(12, "date and time, local transaction", "n", fixed(12), ISO),
    row(13, "date, effective", "n", fixed(4), ISO),
    row(14, "date, expiration", "n", fixed(4), ISO),
    row(15, "date, settlement", "n", fixed(6), ISO),
    row(16, "date, conversion", "n", fixed(4), ISO),
    row(17, "date, capture", "n", fixed(4), ISO),
    row(18, "merchant's type", "n", fixed(4), ISO),
    row(19, "acquiring institution country code", "n", fixed(3), ISO),
    row(20, "primary account number country code", "n", fixed(3), ISO),
    row(21, "forwarding institution country code", "n", fixed(3), ISO),
    row(22, "point of service data code", "an", fixed(12), ISO, POINT_OF_SERVICE),
    row(23, "card sequence number", "n", fixed(3), ISO),
    row(24, "function code", "n", fixed(3), ISO),
    row(25, "message reason code", "n", fixed(4), ISO),
    row(26, "card acceptor business code", "n", fixed(4), ISO),
    row(27, "approval code length", "n", fixed(1), ISO),
    row(28, "date, reconciliation", "n", fixed(6), ISO),
    row(29, "reconciliation indicator", "n", fixed(3), ISO),
    row(30, "amounts, original", "n", fixed(24), ISO),
    row(31, "acquirer reference data", "ans", ll(99), ISO),
    row(32, "acquiring institution", "n", ll(11), ISO),
    row(33, "forwarding institution", "n", ll(11), ISO),
    row(34, "primary account number, extended", "ns", ll(28), ISO),
    row(35, "track 2 data", "z", ll(37), ISO),
    row(36, "track 3 data", "z", lll(104), ISO),
    row(37, "retrieval reference number", "an", fixed(12), ISO),
    row(38, "approval code", "an", fixed(6), ISO),
    row(39, "action code", "n", fixed(3), ISO),
    row(40, "service code", "n", fixed(3), ISO),
    row(41, "terminal identification", "ans", fixed(8), ISO),
    row(42, "merchant identification", "ans", fixed(15), ISO),
    row(43, "card acceptor name and location", "ans", ll(99), ISO),
    row(44, "additional response data", "ans", ll(99), ISO),
    row(45, "track 1 data", "ans", ll(76), ISO),
    row(46, "amounts, fees", "ans", lll(204), ISO),
    row(47, "additional data, national", "ans", lll(999), ISO),
    row(48, "additional data, private", "ans", lll(999), ISO),
    row(49, "currency code, transaction", "an", fixed(3), ISO),
    row(50, "currency code, reconciliation", "an", fixed(3), ISO),
    row(51, "currency code, cardholder billing", "an", fixed(3), ISO),
    row(52, "PIN block", "b", fixed(8), ISO),
    row(53, "security control", "b", ll(48), ISO),
    row(54, "amounts, additional", "ans", lll(120), ISO),
    row(55, "IC card data", "b", lll(255), ISO, BerTlv()),
    row(56, "original data elements", "n", ll(35), ISO, ORIGINAL),
    row(57, "authorisation life cycle code", "n", fixed(3), ISO),
    row(58, "authorising agent institution", "n", ll(11), ISO),
    row(59, "transport data", "ans", lll(999), ISO),
    *(row(number, "reserved, national", "ans", lll(999), ISO) for number in (60, 61)),
    *(row(number, "reserved, private", "ans", lll(999), ISO) for number in (62, 63)),
    row(64, "message authentication code", "b", fixed(8), ISO),
    row(66, "amounts, original fees", "ans", lll(204), ISO),
    row(67, "extended payment data", "n", fixed(2), ISO),
    row(68, "receiving institution country code", "n", fixed(3), ISO),
    row(69, "settlement institution country code", "n", fixed(3), ISO),
    row(70, "authorising agent country code", "n", fixed(3), ISO),
    row(71, "message number", "n", fixed(8), ISO),
    row(72, "data record", "ans", lll(999), ISO),
    row(73, "date, action", "n", fixed(6), ISO),
    row(74, "credits, number", "n", fixed(10), ISO),
    row(75, "credits, reversal number", "n", fixed(10), ISO),
    row(76, "debits, number", "n", fixed(10), ISO),
    row(77, "debits, reversal number", "n", fixed(10), ISO),
    row(78, "transfer, number", "n", fixed(10), ISO),
    row(79, "transfer, reversal number", "n", fixed(10), ISO),
    row(80, "inquiries, number", "n", fixed(10), ISO),
    row(81, "authorisations, number", "n", fixed(10), ISO),
    row(82, "inquiries, reversal number", "n", fixed(10), ISO),
    row(83, "payments, number", "n", fixed(10), ISO),
    row(84, "payments, reversal number", "n", fixed(10), ISO),
    row(85, "fee collections, number", "n", fixed(10), ISO),
    row(86, "credits, amount", "n", fixed(16), ISO),
    row(87, "credits, reversal amount", "n", fixed(16), ISO),
    row(88, "debits, amount", "n", fixed(16), ISO),
    row(89, "debits, reversal amount", "n", fixed(16), ISO),
    row(90, "authorisations, reversal number", "n", fixed(10), ISO),
    row(91, "transaction destination country code", "n", fixed(3), ISO),
    row(92, "transaction originator country code", "n", fixed(3), ISO),
    row(93, "transaction destination institution", "n", ll(11), ISO),
    row(94, "transaction originator institution", "n", ll(11), ISO),
    row(95, "card issuer reference data", "ans", ll(99), ISO),
    row(96, "key management data", "b", lll(999), ISO),
    row(97, "amount, net reconciliation", "x+n", fixed(17), ISO),
    row(98, "payee", "ans", fixed(25), ISO),
    row(99, "settlement institution", "an", ll(11), ISO),
    row(100, "receiving institution", "n", ll(11), ISO),
    row(101, "file name", "ans", ll(17), ISO),
    row(102, "account identification 1", "ans", ll(28), ISO),
    row(103, "account identification 2", "ans", ll(28), ISO),
    row(104, "transaction description", "ans", lll(100), ISO),
    row(105, "credits, chargeback amount", "n", fixed(16), ISO),
    row(106, "debits, chargeback amount", "n", fixed(16), ISO),
    row(107, "credits, chargeback number", "n", fixed(10), ISO),
    row(108, "debits, chargeback number", "n", fixed(10), ISO),
    row(109, "credits, fee amounts", "ans", ll(84), ISO),
    row(110, "debits, fee amounts", "ans", ll(84), ISO),
    *(row(number, "reserved, ISO", "ans", lll(999), ISO) for number in range(111, 116)),
    *(row(number, "reserved, national", "ans", lll(999), ISO) for number in range(116, 123)),
    *(row(number, "reserved, private", "ans", lll(999), ISO) for number in range(123, 128)),
    row(128, "message authentication code 2", "b", fixed(8), ISO),
)

ISO93_ASCII = Dialect("iso93-ascii", ROWS, ASCII, 2, title="ISO 8583:1993, all text", mac="x9.19")
ISO93_BINARY = Dialect("iso93-binary", ROWS, BCD, 2, title="ISO 8583:1993, BCD and raw bytes", mac="x9.19")

"""ISO 8583:2003, its fields up to 128, all text.

Beside the 1993 edition: amounts with their currency and decimals, a trace number of twelve digits, dates with the
century, action codes of four digits, fields of up to 9999 with data sets inside. Message types begin with 2.

Few networks speak this edition, and none in full. Rows whose source ends in * were put together from descriptions
that differ or are silent; take them as a place to begin, and `changed` them to what your network says:

- Fields 34, 43, 44, 47 to 49, 72 and 104 hold data sets (an identifier, a length of two bytes, BER-TLV inside); here
  they are bytes of at most 9999.
- Field 22 is taken as sixteen bytes of bits, field 27 as 27 characters.
- Field 56 holds type, trace number, date and time, acquirer: at most 41 digits.
- A third bitmap (fields to 192) is left out: `changed(bitmaps=3)` and rows of your own add it.
"""

from tillbench.protocols.iso8583.dialect import Dialect, fixed, ll, lll, llll
from tillbench.protocols.iso8583.dialects.iso87 import PROCESSING_CODE, row
from tillbench.protocols.iso8583.dialects.wires import ASCII
from tillbench.protocols.iso8583.subfields import BerTlv, Part, Positional

ISO = "ISO 8583:2003"
DOUBT = "ISO 8583:2003 *"

AMOUNT = Positional((Part("currency code", 3, "n"), Part("decimals", 1, "n"), Part("amount", 12, "n")))
ORIGINAL = Positional(
    (
        Part("message type", 4, "n"),
        Part("system trace audit number", 12, "n"),
        Part("date and time, local", 14, "n"),
        Part("acquiring institution", 0, "n"),
    ),
    optional=1,
)

ROWS = (
    row(2, "primary account number", "n", ll(19), ISO),
    row(3, "processing code", "n", fixed(6), ISO, PROCESSING_CODE),
    row(4, "amount, transaction", "n", fixed(16), ISO, AMOUNT),
    row(5, "amount, reconciliation", "n", fixed(16), ISO, AMOUNT),
    row(6, "amount, cardholder billing", "n", fixed(16), ISO, AMOUNT),
    row(7, "transmission date and time", "n", fixed(10), ISO),
    row(8, "amount, cardholder billing fee", "n", fixed(12), DOUBT),
    row(9, "conversion rate, reconciliation", "n", fixed(12), DOUBT),
    row(10, "conversion rate, cardholder billing", "n", fixed(12), DOUBT),
    row(11, "system trace audit number", "n", fixed(12), ISO),
    row(12, "date and time, local transaction", "n", fixed(14), ISO),
    row(13, "date, effective", "n", fixed(6), DOUBT),
    row(14, "date, expiration", "n", fixed(4), ISO),
    row(15, "date, settlement", "n", fixed(8), ISO),
    row(16, "date, conversion", "n", fixed(8), DOUBT),
    row(17, "date, capture", "n", fixed(4), DOUBT),
    row(18, "message error indicator", "ans", lll(140), DOUBT),
    row(19, "acquiring institution country code", "n", fixed(3), ISO),
    row(20, "primary account number country code", "n", fixed(3), ISO),
    row(21, "transaction life cycle identification", "an", fixed(22), DOUBT),
    row(22, "point of service data code", "b", fixed(16), DOUBT),
    row(23, "card sequence number", "n", fixed(3), ISO),
    row(24, "function code", "n", fixed(3), ISO),
    row(25, "message reason code", "n", fixed(4), ISO),
    row(26, "merchant category code", "n", fixed(4), ISO),
    row(27, "point of service capability", "ans", fixed(27), DOUBT),
    row(28, "date, reconciliation", "n", fixed(8), DOUBT),
    row(29, "reconciliation indicator", "n", fixed(3), ISO),
    row(30, "amounts, original", "n", fixed(32), DOUBT),
    row(31, "acquirer reference number", "ans", ll(99), DOUBT),
    row(32, "acquiring institution", "n", ll(11), ISO),
    row(33, "forwarding institution", "n", ll(11), ISO),
    row(34, "electronic commerce data", "b", llll(9999), DOUBT),
    row(35, "track 2 data", "z", ll(37), ISO),
    row(36, "track 3 data", "z", lll(104), ISO),
    row(37, "retrieval reference number", "an", fixed(12), ISO),
    row(38, "approval code", "an", fixed(6), ISO),
    row(39, "action code", "n", fixed(4), ISO),
    row(40, "service code", "n", fixed(3), ISO),
    row(41, "terminal identification", "ans", fixed(16), DOUBT),
    row(42, "merchant identification", "ans", ll(35), DOUBT),
    row(43, "card acceptor name and location", "b", llll(9999), DOUBT),
    row(44, "additional response data", "b", llll(9999), DOUBT),
    row(45, "track 1 data", "ans", ll(76), ISO),
    row(46, "amounts, fees", "ans", lll(216), DOUBT),
    row(47, "additional data, national", "b", llll(9999), DOUBT),
    row(48, "additional data, private", "b", llll(9999), DOUBT),
    row(49, "verification data", "b", llll(9999), DOUBT),
    row(52, "PIN block", "b", fixed(8), ISO),
    row(53, "security control", "b", ll(48), ISO),
    row(54, "amounts, additional", "ans", lll(126), DOUBT),
    row(55, "IC card data", "b", lll(255), ISO, BerTlv()),
    row(56, "original data elements", "n", ll(41), DOUBT, ORIGINAL),
    row(57, "authorisation life cycle code", "n", fixed(3), ISO),
    row(58, "authorising agent institution", "n", ll(11), ISO),
    row(59, "transport data", "ans", lll(999), ISO),
    *(row(number, "reserved, national", "ans", lll(999), ISO) for number in (60, 61)),
    *(row(number, "reserved, private", "ans", lll(999), ISO) for number in (62, 63)),
    row(64, "message authentication code", "b", fixed(8), ISO),
    row(66, "amounts, original fees", "ans", lll(216), DOUBT),
    row(68, "receiving institution country code", "n", fixed(3), DOUBT),
    row(69, "settlement institution country code", "n", fixed(3), DOUBT),
    row(70, "authorising agent country code", "n", fixed(3), DOUBT),
    row(71, "message number", "n", fixed(8), ISO),
    row(72, "data record", "b", llll(9999), DOUBT),
    row(73, "date, action", "n", fixed(8), ISO),
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
    row(97, "amount, net reconciliation", "x+n", fixed(21), DOUBT),
    row(98, "payee", "ans", fixed(25), ISO),
    row(99, "settlement institution", "an", ll(11), ISO),
    row(100, "receiving institution", "n", ll(11), ISO),
    row(101, "file name", "ans", ll(17), ISO),
    row(102, "account identification 1", "ans", ll(28), ISO),
    row(103, "account identification 2", "ans", ll(28), ISO),
    row(104, "transaction specific data", "b", llll(9999), DOUBT),
    row(105, "credits, chargeback amount", "n", fixed(16), ISO),
    row(106, "debits, chargeback amount", "n", fixed(16), ISO),
    row(107, "credits, chargeback number", "n", fixed(10), ISO),
    row(108, "debits, chargeback number", "n", fixed(10), ISO),
    row(109, "credits, fee amounts", "ans", lll(112), DOUBT),
    row(110, "debits, fee amounts", "ans", lll(112), DOUBT),
    *(row(number, "reserved", "ans", lll(999), ISO) for number in range(111, 128)),
    row(128, "message authentication code 2", "b", fixed(8), ISO),
)

ISO2003 = Dialect("iso2003", ROWS, ASCII, 2, title="ISO 8583:2003, all text", mac="x9.19")

"""The UnionPay POS dialect (China): BCD, 64 fields, GBK text.

The acquirers' terminal specifications are not public. The table is put together from five independent descriptions
and implementations, called C, L, K, P and W here; `source` says which ones a row rests on, and * marks a row that
rests on one of them only. Doubts, and what to change when an acquirer differs:

- Fields 48 and 61 are counted in digits by most and in bytes by some, 62 in bytes by most:
  `UNIONPAY.counting(bytes=(48, 61))`, `UNIONPAY.counting(digits=(62,))`.
- Field 40 is acquirer-private; that it has one byte of length is all that is known.
- Fields 57 and 58 (reserved, electronic purse): maximum not known, 999 taken.
- Field 23 may be present with 000 when the card has no sequence number; both forms pass.
- Field 62 is text in some messages (`Sequence No...`) and binary in others (keys): raw bytes here.
- Fields that are variable and empty are taken as errors: nobody is known to send them.
- Headers, answers with a 14-byte ANI block and whole-body encryption are a matter of framing, not of this table.
"""

from tillbench.protocols.iso8583.dialect import Dialect, Field, fixed, ll, lll

ALL = "C L K P W"

UNIONPAY = Dialect(
    "unionpay",
    (
        Field(2, "primary account number", "n", ll(19), source=ALL),
        Field(3, "processing code", "n", fixed(6), source=ALL),
        Field(4, "amount, transaction", "n", fixed(12), source=ALL),
        Field(11, "system trace audit number", "n", fixed(6), source=ALL),
        Field(12, "time, local transaction", "n", fixed(6), source=ALL),
        Field(13, "date, local transaction", "n", fixed(4), source=ALL),
        Field(14, "date, expiration", "n", fixed(4), source=ALL),
        Field(15, "date, settlement", "n", fixed(4), source=ALL),
        Field(22, "point of service entry mode", "n", fixed(3), pad="right", source=ALL),
        Field(23, "card sequence number", "n", fixed(3), pad="left", source=ALL),
        Field(25, "point of service condition code", "n", fixed(2), source=ALL),
        Field(26, "point of service PIN capture code", "n", fixed(2), source=ALL),
        Field(32, "acquiring institution", "n", ll(11), source=ALL),
        Field(35, "track 2 data", "z", ll(37), source=ALL),
        Field(36, "track 3 data", "z", lll(104), source=ALL),
        Field(37, "retrieval reference number", "an", fixed(12), source=ALL),
        Field(38, "authorisation code", "an", fixed(6), source=ALL),
        Field(39, "response code", "an", fixed(2), source=ALL),
        Field(40, "acquirer private", "ans", ll(99), source="K P"),
        Field(41, "terminal identification", "ans", fixed(8), source=ALL),
        Field(42, "merchant identification", "ans", fixed(15), source=ALL),
        Field(44, "issuer and acquirer", "an", ll(25), source=ALL),
        Field(48, "totals, details", "n", lll(322), source="C L K"),
        Field(49, "currency code, transaction", "an", fixed(3), source=ALL),
        Field(52, "PIN block", "b", fixed(8), source=ALL),
        Field(53, "security control", "n", fixed(16), source=ALL),
        Field(54, "balance", "an", lll(20), source=ALL),
        Field(55, "IC card data", "b", lll(255), source=ALL),
        Field(57, "reserved", "b", lll(999), source="L *"),
        Field(58, "electronic purse", "b", lll(999), source="L *"),
        Field(59, "terminal data", "ans", lll(999), source="C W"),
        Field(60, "type, batch, network code", "n", lll(17), source=ALL),
        Field(61, "original transaction", "n", lll(29), source="C L K"),
        Field(62, "keys, parameters", "b", lll(512), source="C L K"),
        Field(63, "operator, card organisation", "ans", lll(163), source="C L K"),
        Field(64, "message authentication code", "b", fixed(8), source=ALL),
    ),
)

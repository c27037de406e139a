"""The UnionPay POS dialect (China): BCD, 64 fields, GBK text.

The acquirers' terminal specifications are not public. The table is put together from five independent descriptions
and implementations, called C, L, K, P and W here; the source says which ones a row rests on, and * marks a row
that rests on one of them only. Doubts, and what to change when an acquirer differs:

- Fields 48 and 61 are counted in digits by most and in bytes by some, 62 in bytes by most; tracks are packed by
  most; the MAC is CUP ECB with most, X9.9 or X9.19 with some: the switches of `variant`.
- Field 60 ends after the network code (60.3) in management messages; what follows it differs: `REASON_CODES` is
  the layout that C, K and L agree on; `variant` takes others.
- Field 40 is acquirer-private; that it has one byte of length is all that is known.
- Fields 57 and 58 (reserved, electronic purse): maximum not known, 999 taken.
- Field 23 may be present with 000 when the card has no sequence number; both forms pass.
- Field 62 is text in some messages (`Sequence No...`) and binary in others (keys): raw bytes here.
- Fields that are variable and empty are taken as errors: nobody is known to send them.
- Headers, answers with a 14-byte ANI block and whole-body encryption are a matter of framing, not of this table.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from tillbench.protocols.iso8583.dialect import Dialect, Field, Unit, fixed, ll, lll
from tillbench.protocols.iso8583.dialects.iso87 import PROCESSING_CODE
from tillbench.protocols.iso8583.subfields import BerTlv, Layout, Part, Positional

ALL = "C L K P W"

PIN_AND_TRACK = Positional(
    (Part("PIN format", 1, "n"), Part("cipher", 1, "n"), Part("track encrypted", 1, "n"), Part("zeros", 13, "n"))
)
BALANCE = Positional(
    (
        Part("account type", 2, "an"),
        Part("amount type", 2, "an"),
        Part("currency", 3, "an"),
        Part("sign", 1, "a"),
        Part("amount", 12, "n"),
    )
)
REASON_CODES = Positional(
    (
        Part("type", 2, "n"),
        Part("batch", 6, "n"),
        Part("network code", 3, "n"),
        Part("reader", 1, "n"),
        Part("chip condition", 1, "n"),
        Part("partial approval", 1, "n"),
        Part("account type", 3, "n"),
    ),
    optional=5,
)
ORIGINAL = Positional(
    (
        Part("original batch", 6, "n"),
        Part("original STAN", 6, "n"),
        Part("original date", 4, "n"),
        Part("authorisation mode", 2, "n"),
        Part("authorising institution", 0, "n"),
    ),
    optional=3,
)
SIGN_ON_KEYS = {"001": (8, 2), "003": (16, 2), "004": (16, 3)}
"""By network code (60.3) of a sign-on: bytes of each key in field 62, number of keys (PIN, MAC, track)."""

UNIONPAY = Dialect(
    "unionpay",
    (
        Field(2, "primary account number", "n", ll(19), source=ALL),
        Field(3, "processing code", "n", fixed(6), source=ALL, parts=PROCESSING_CODE),
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
        Field(53, "security control", "n", fixed(16), source=ALL, parts=PIN_AND_TRACK),
        Field(54, "balance", "an", lll(20), source=ALL, parts=BALANCE),
        Field(55, "IC card data", "b", lll(255), source=ALL, parts=BerTlv()),
        Field(57, "reserved", "b", lll(999), source="L *"),
        Field(58, "electronic purse", "b", lll(999), source="L *"),
        Field(59, "terminal data", "ans", lll(999), source="C W"),
        Field(60, "type, batch, network code", "n", lll(17), source=ALL, parts=REASON_CODES),
        Field(61, "original transaction", "n", lll(29), source="C L K", parts=ORIGINAL),
        Field(62, "keys, parameters", "b", lll(512), source="C L K"),
        Field(63, "operator, card organisation", "ans", lll(163), source="C L K"),
        Field(64, "message authentication code", "b", fixed(8), source=ALL),
    ),
    title="UnionPay POS (China)",
    mac="cup-ecb",
)


def variant(
    name: str,
    in_bytes: Iterable[int] = (),
    in_digits: Iterable[int] = (),
    tracks: Literal["packed", "ascii"] = "packed",
    mac: Literal["cup-ecb", "x9.9", "x9.19"] = "cup-ecb",
    parts: Mapping[int, Layout | None] | None = None,
) -> Dialect:
    """The dialect of an acquirer that differs: what fields 48, 61, 62 (or others) count, how tracks travel, the MAC,
    and what fields are made of (60 behind its network code above all)."""
    units: dict[int, Unit] = {**dict.fromkeys(in_bytes, "bytes"), **dict.fromkeys(in_digits, "digits")}
    rows: dict[int, dict[str, object]] = {number: {"counts": unit} for number, unit in units.items()}
    if tracks == "ascii":
        for number in (35, 36):
            rows[number] = {"code": "ascii", "counts": None}
    for number, layout in (parts or {}).items():
        rows.setdefault(number, {})["parts"] = layout
    return UNIONPAY.changed(rows, name, mac=mac)

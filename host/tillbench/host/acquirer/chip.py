"""Field 55: what the chip and the terminal say of this transaction, and what the issuer answers, as BER-TLV."""

from collections.abc import Mapping
from dataclasses import dataclass

from tillbench.host.acquirer.kinds import Kind
from tillbench.protocols.emv import tlv

CRYPTOGRAM = 0x9F26
CRYPTOGRAM_INFORMATION = 0x9F27
ISSUER_DATA = 0x9F10
ATC = 0x9F36
AMOUNT = 0x9F02
CURRENCY = 0x5F2A
SCRIPT_RESULT = 0xDF31
ISSUER_AUTHENTICATION = 0x91

# The bytes that each tag must have before a cryptogram can be checked (EMV Book 3, annex A).
REQUIRED = {
    CRYPTOGRAM: 8,
    CRYPTOGRAM_INFORMATION: 1,
    0x9F37: 4,
    ATC: 2,
    0x95: 5,
    0x9A: 3,
    0x9C: 1,
    AMOUNT: 6,
    0x9F03: 6,
    CURRENCY: 2,
    0x82: 2,
    0x9F1A: 2,
}
# 9F10 starts: its length, the derivation key index, the cryptogram version, then 4 bytes of card verification results.
SHORTEST_ISSUER_DATA = 7
CRYPTOGRAM_TYPE = 0xC0
ARQC, TC = 0x80, 0x40


class ChipDataError(ValueError):
    """Field 55 cannot be used. `offset` is in bytes into the field, None for a tag that is missing."""

    def __init__(self, tag: int | None, offset: int | None, expected: str, found: str) -> None:
        where = "" if tag is None else f", tag {tlv.tag_hex(tag)}"
        place = "" if offset is None else f", offset {offset}"
        super().__init__(f"field 55{where}{place}: expected {expected}, found {found}")
        self.tag = tag
        self.offset = offset


ONLINE = (Kind.SALE, Kind.BALANCE, Kind.PREAUTH, Kind.LOAD, Kind.CASH_LOAD)
"""Business for which a chip makes a request cryptogram; in the others its card is only read."""
SIGNED = (*ONLINE, Kind.CHIP_OFFLINE)
"""Business whose field 55 has a cryptogram to be checked, and all that it is over."""


@dataclass(frozen=True)
class ChipData:
    """The tags of one request; those of `SIGNED` business are checked for presence and length."""

    tags: Mapping[int, bytes]

    @property
    def cryptogram(self) -> bytes:
        return self.tags[CRYPTOGRAM]

    @property
    def is_arqc(self) -> bool:
        """Did the card ask to go online, rather than approve (TC) or decline (AAC) by itself?"""
        return self.tags[CRYPTOGRAM_INFORMATION][0] & CRYPTOGRAM_TYPE == ARQC

    @property
    def is_tc(self) -> bool:
        """Did the card approve by itself?"""
        return self.tags[CRYPTOGRAM_INFORMATION][0] & CRYPTOGRAM_TYPE == TC

    @property
    def atc(self) -> int:
        """Application transaction counter."""
        return int.from_bytes(self.tags[ATC], "big")

    @property
    def amount(self) -> int:
        """Amount authorised, minor units."""
        return int(self.tags[AMOUNT].hex())

    @property
    def currency(self) -> str:
        """ISO 4217 numeric code, three digits."""
        return self.tags[CURRENCY].hex()[1:]


def read(kind: Kind, field_55: bytes) -> ChipData:
    """A request's field 55.

    Raises ChipDataError for broken TLV or a tag repeated; for `SIGNED` business also for one missing or of a wrong
    size.
    """
    if kind in SIGNED:
        return parse(field_55)
    return ChipData({tag: item.value for tag, item in _objects(field_55).items()})


def _objects(field_55: bytes) -> dict[int, tlv.Tlv]:
    try:
        objects = tlv.parse(field_55)
    except tlv.TlvError as error:
        raise ChipDataError(error.tag, error.offset, error.expected, error.found) from None
    found: dict[int, tlv.Tlv] = {}
    for item in tlv.walk(objects):
        if item.tag in found:
            # Two values under one tag: one could be checked and the other be believed.
            raise ChipDataError(item.tag, item.offset, "one such tag", "another")
        found[item.tag] = item
    return found


def parse(field_55: bytes) -> ChipData:
    """Read a request's field 55; raises ChipDataError for broken TLV, or a tag missing, repeated or of a wrong size."""
    found = _objects(field_55)
    for tag, length in REQUIRED.items():
        if tag not in found:
            raise ChipDataError(tag, None, f"{length} bytes", "no such tag")
        _must(len(found[tag].value) == length, found[tag], f"{length} bytes")
    if ISSUER_DATA not in found:
        raise ChipDataError(ISSUER_DATA, None, f"at least {SHORTEST_ISSUER_DATA} bytes", "no such tag")
    issuer_data = found[ISSUER_DATA]
    _must(len(issuer_data.value) >= SHORTEST_ISSUER_DATA, issuer_data, f"at least {SHORTEST_ISSUER_DATA} bytes")
    if not found[AMOUNT].value.hex().isdecimal():
        raise ChipDataError(AMOUNT, found[AMOUNT].offset, "12 decimal digits", "hexadecimal digits")
    return ChipData({tag: item.value for tag, item in found.items()})


def _must(condition: bool, item: tlv.Tlv, expected: str) -> None:
    if not condition:
        raise ChipDataError(item.tag, item.offset, expected, f"{len(item.value)} bytes")


def issuer_answer(authentication_data: bytes, atc: int) -> bytes:
    """Field 55 of an answer: issuer authentication data (tag 91), and the counter echoed."""
    return tlv.encode(ISSUER_AUTHENTICATION, authentication_data) + tlv.encode(ATC, atc.to_bytes(2, "big"))

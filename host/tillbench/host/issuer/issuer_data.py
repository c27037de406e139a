"""Issuer Application Data (tag 9F10), told apart by its form alone: the issuer knows no more when a message comes.

VIS and UnionPay: length, key index, version, CVR with its own length. VIS format 2: length 1F, version, key index.
M/Chip: key index, version, CVR of 6 bytes, Data Authentication Code, counters. Common Core Definitions (EMV 4.3 Book 3,
C7): length 0F, format code and version A5, key index, CVR of 5 bytes, and 0F again in the middle.
"""

from typing import Literal, NamedTuple

Layout = Literal["vis", "vis-2", "mchip", "ccd"]

_MCHIP_VERSIONS = (0x10, 0x11, 0x14, 0x15)
_MCHIP_SIZES = range(18, 33)
_CCD_FORMAT = 0xA5
_LONG_SIZE = 32


class IssuerDataError(ValueError):
    """Tag 9F10 has none of the forms that are known here, or names an unknown version."""


class IssuerData(NamedTuple):
    """`results` are the CVR as they are put under a cryptogram; `counters` M/Chip's, empty elsewhere."""

    layout: Layout
    version: int
    key_index: int
    results: bytes
    counters: bytes
    whole: bytes

    @classmethod
    def parse(cls, value: bytes) -> "IssuerData":
        """Raises IssuerDataError with what was found."""
        size = len(value)
        if size == _LONG_SIZE and value[0] == 0x0F == value[16] and value[1] == _CCD_FORMAT:
            return cls("ccd", value[1], value[2], value[3:8], b"", value)
        if size == _LONG_SIZE and value[0] == _LONG_SIZE - 1:
            return cls("vis-2", value[1], value[2], value[3:8], b"", value)
        if size >= 7 and value[0] <= size - 1 and value[0] >= 6 and value[3] == 3:
            return cls("vis", value[2], value[1], value[3:7], b"", value)
        if size in _MCHIP_SIZES and value[1] in _MCHIP_VERSIONS:
            return cls("mchip", value[1], value[0], value[2:8], value[10:18], value)
        raise IssuerDataError(
            "tag 9F10: expected Issuer Application Data of VIS, UnionPay, M/Chip or CCD, "
            f"found {size} bytes that begin with {value[:8].hex().upper() or 'nothing'}"
        )

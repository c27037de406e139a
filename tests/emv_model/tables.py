"""What the Books print as tables, as tables."""

from __future__ import annotations

from enum import IntEnum

NUMERIC = {
    *(0x42, 0x9A, 0x9C, 0x5F24, 0x5F25, 0x5F28, 0x5F2A, 0x5F30, 0x5F34, 0x5F36, 0x5F57, 0x9F01, 0x9F02, 0x9F03),
    *(0x9F11, 0x9F15, 0x9F1A, 0x9F21, 0x9F35, 0x9F39, 0x9F3C, 0x9F3D, 0x9F41, 0x9F42, 0x9F43, 0x9F44),
}
"""Data elements of format n (Book 3 Annex A1)."""

COMPRESSED_NUMERIC = {0x5A, 0x9F20}
"""Data elements of format cn (Book 3 Annex A1)."""

LENGTHS = {
    **{0x57: (1, 19), 0x5A: (1, 10), 0x82: (2, 2), 0x8C: (1, 252), 0x8D: (1, 252), 0x8E: (0, 252), 0x94: (4, 252)},
    **{0x5F24: (3, 3), 0x5F25: (3, 3), 0x5F28: (2, 2), 0x5F34: (1, 1), 0x9F07: (2, 2), 0x9F08: (2, 2)},
    **{0x9F0D: (5, 5), 0x9F0E: (5, 5), 0x9F0F: (5, 5), 0x9F14: (1, 1), 0x9F23: (1, 1), 0x9F42: (2, 2)},
}
"""Least and most bytes of the card's data elements (Book 3 Annex A1)."""

MANDATORY = (0x5A, 0x5F24, 0x8C, 0x8D)
"""Data elements that the records must hold (Book 3 section 7.2, table 26)."""


class Tvr(IntEnum):
    """Terminal Verification Results: byte number and bit (Book 3 Annex C5, table 42)."""

    ODA_NOT_PERFORMED = 0x180
    SDA_FAILED = 0x140
    ICC_DATA_MISSING = 0x120
    ON_EXCEPTION_FILE = 0x110
    DDA_FAILED = 0x108
    CDA_FAILED = 0x104
    SDA_SELECTED = 0x102
    OTHER_VERSION = 0x280
    EXPIRED = 0x240
    NOT_YET_EFFECTIVE = 0x220
    SERVICE_NOT_ALLOWED = 0x210
    NEW_CARD = 0x208
    CVM_FAILED = 0x380
    CVM_UNKNOWN = 0x340
    PIN_TRIES_EXCEEDED = 0x320
    NO_PIN_PAD = 0x310
    PIN_NOT_ENTERED = 0x308
    ONLINE_PIN = 0x304
    FLOOR_LIMIT = 0x480
    LOWER_LIMIT = 0x440
    UPPER_LIMIT = 0x420
    RANDOM = 0x410
    FORCED_ONLINE = 0x408
    DEFAULT_TDOL = 0x580
    ISSUER_AUTHENTICATION_FAILED = 0x540
    SCRIPT_FAILED_BEFORE = 0x520
    SCRIPT_FAILED_AFTER = 0x510


class Tsi(IntEnum):
    """Transaction Status Information, bits of byte 1 (Book 3 Annex C6, table 43)."""

    DATA_AUTHENTICATION = 0x80
    CARDHOLDER_VERIFICATION = 0x40
    CARD_RISK_MANAGEMENT = 0x20
    ISSUER_AUTHENTICATION = 0x10
    TERMINAL_RISK_MANAGEMENT = 0x08
    SCRIPT_PROCESSING = 0x04


# Capabilities needed for each CVM code (Book 3 table 39 against Book 4 Annex A2, byte 2)
CVM_NEEDS = {0x01: 0x80, 0x02: 0x40, 0x03: 0x80 | 0x20, 0x04: 0x10, 0x05: 0x10 | 0x20, 0x1E: 0x20, 0x1F: 0x08}

CVM_KNOWN = {0x00, *CVM_NEEDS, *range(0x06, 0x10)}
"""CVM codes that mean something (Book 3 table 39); 06 to 0F are the biometric ones of 4.4."""

APPROVALS = (b"00", b"10", b"11")

"""Bits of the coded data elements, by their names in EMV Book 3 Annex C.

A bit of the TVR or TSI is one integer: byte number in the high byte, mask in the low byte, so 0x0240 reads as
"byte 2, bit value 40". `raise_bit` sets it, `has` asks for it.
"""

from micropython import const

# Application Interchange Profile (82), Book 3 Annex C1; byte 1
AIP_SDA = const(0x0140)
AIP_DDA = const(0x0120)
AIP_CARDHOLDER_VERIFICATION = const(0x0110)
AIP_TERMINAL_RISK_MANAGEMENT = const(0x0108)
AIP_ISSUER_AUTHENTICATION = const(0x0104)
AIP_CDA = const(0x0101)

# Terminal Verification Results (95), Book 3 Annex C5
TVR_ODA_NOT_PERFORMED = const(0x0180)
TVR_SDA_FAILED = const(0x0140)
TVR_ICC_DATA_MISSING = const(0x0120)
TVR_EXCEPTION_FILE = const(0x0110)
TVR_DDA_FAILED = const(0x0108)
TVR_CDA_FAILED = const(0x0104)
TVR_SDA_SELECTED = const(0x0102)
TVR_DIFFERENT_VERSIONS = const(0x0280)
TVR_EXPIRED_APPLICATION = const(0x0240)
TVR_NOT_YET_EFFECTIVE = const(0x0220)
TVR_SERVICE_NOT_ALLOWED = const(0x0210)
TVR_NEW_CARD = const(0x0208)
TVR_CVM_NOT_SUCCESSFUL = const(0x0380)
TVR_UNRECOGNISED_CVM = const(0x0340)
TVR_PIN_TRY_LIMIT_EXCEEDED = const(0x0320)
TVR_PIN_PAD_NOT_PRESENT = const(0x0310)
TVR_PIN_NOT_ENTERED = const(0x0308)
TVR_ONLINE_PIN_ENTERED = const(0x0304)
TVR_FLOOR_LIMIT_EXCEEDED = const(0x0480)
TVR_LOWER_CONSECUTIVE_LIMIT_EXCEEDED = const(0x0440)
TVR_UPPER_CONSECUTIVE_LIMIT_EXCEEDED = const(0x0420)
TVR_SELECTED_RANDOMLY = const(0x0410)
TVR_MERCHANT_FORCED_ONLINE = const(0x0408)
TVR_DEFAULT_TDOL_USED = const(0x0580)
TVR_ISSUER_AUTHENTICATION_FAILED = const(0x0540)
TVR_SCRIPT_FAILED_BEFORE = const(0x0520)  # the final GENERATE AC
TVR_SCRIPT_FAILED_AFTER = const(0x0510)

# Transaction Status Information (9B), Book 3 Annex C6
TSI_DATA_AUTHENTICATION = const(0x0180)
TSI_CARDHOLDER_VERIFICATION = const(0x0140)
TSI_CARD_RISK_MANAGEMENT = const(0x0120)
TSI_ISSUER_AUTHENTICATION = const(0x0110)
TSI_TERMINAL_RISK_MANAGEMENT = const(0x0108)
TSI_SCRIPT_PROCESSING = const(0x0104)

# Terminal Capabilities (9F33), Book 4 Annex A2
CAN_PLAINTEXT_PIN = const(0x0280)
CAN_ENCIPHERED_PIN = const(0x0210)
CAN_SDA = const(0x0380)
CAN_DDA = const(0x0340)
CAN_CDA = const(0x0308)

# Type of cryptogram: P1 of GENERATE AC (Book 3 section 6.5.5.2) and bits 8-7 of the CID (9F27, section 6.5.5.4)
AC_AAC = const(0x00)
AC_TC = const(0x40)
AC_ARQC = const(0x80)
AC_CDA_REQUESTED = const(0x10)  # in P1
CID_ADVICE_REQUIRED = const(0x08)
CID_SERVICE_NOT_ALLOWED = const(0x01)  # of the reason code, bits 3-1


def raise_bit(element: bytearray, bit: int) -> None:
    """Set `bit` (byte number and mask, see above) in a coded data element."""
    element[(bit >> 8) - 1] |= bit & 0xFF


def has(element: bytes | bytearray, bit: int) -> bool:
    """Whether `bit` (byte number and mask, see above) is set in a coded data element."""
    return element[(bit >> 8) - 1] & bit & 0xFF != 0

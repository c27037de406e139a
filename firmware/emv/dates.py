"""Dates of two-digit years in order of time (EMV Book 4 section 6.7.3)."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray


def sortable(date: Buffer) -> int:
    """YYMMDD (BCD, 3 bytes) as a number that grows with time: years 50 to 99 are 19xx, 00 to 49 are 20xx."""
    number = date[0] << 16 | date[1] << 8 | date[2]
    return number if date[0] >= 0x50 else number | 0x1000000

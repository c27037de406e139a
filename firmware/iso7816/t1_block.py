"""T=1 blocks on the wire: prologue, information field, epilogue (ISO/IEC 7816-3, 11.3; EMV Book 1, 9.2.4.1)."""

from micropython import const

PROLOGUE = const(3)  # NAD, PCB, LEN
LARGEST_INF = const(254)  # bytes; LEN FF is reserved
LARGEST = const(259)  # characters of a block: prologue, 254, CRC

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview


def lrc(block: Buffer, size: int) -> int:
    """Longitudinal redundancy check: the exclusive or of the first `size` bytes. Over a whole sound block it is 0."""
    total = 0
    for i in range(size):
        total ^= block[i]
    return total


def crc(block: Buffer, size: int) -> int:
    """Cyclic redundancy check of ISO/IEC 13239 over the first `size` bytes: polynomial 8408, begun with FFFF.

    As readers have it (openct, libccid): not complemented at the end, and sent high byte first. The text of
    ISO/IEC 7816-3 leaves both to ISO/IEC 13239, which says otherwise. EMV has no cards with a CRC (Book 1, 8.3.3.11).
    """
    value = 0xFFFF
    for i in range(size):
        value ^= block[i]
        for _ in range(8):
            value = value >> 1 ^ 0x8408 if value & 1 else value >> 1
    return value


def seal(block: bytearray, with_crc: bool) -> int:
    """Write the epilogue after the information field that LEN announces; returns the size of the whole block."""
    end = PROLOGUE + block[2]
    if not with_crc:
        block[end] = lrc(block, end)
        return end + 1
    check = crc(block, end)
    block[end] = check >> 8
    block[end + 1] = check & 0xFF
    return end + 2


def is_sound(block: Buffer, size: int, with_crc: bool) -> bool:
    """Whether the epilogue at the end of the `size` bytes fits what is before it."""
    if not with_crc:
        return lrc(block, size) == 0
    return crc(block, size - 2) == block[size - 2] << 8 | block[size - 1]

"""Card Verification Results: what the card says of itself in its Issuer Application Data, bit by bit.

Sources: VIS 1.5 Appendix D, whose first byte is the length (UnionPay's JR/T 0025.5 follows it; VIS format 2 has two
bytes of a mobile phone's around the same three), and M/Chip Requirements Appendix B; the same layouts as in the
virtual cards.
"""

from collections.abc import Sequence

from tillbench.protocols.emv import bits

VIS = (
    (2, 0x08, "issuer authentication failed"),
    (2, 0x04, "offline PIN verification performed"),
    (2, 0x02, "offline PIN verification failed"),
    (2, 0x01, "unable to go online"),
    (3, 0x80, "last online transaction not completed"),
    (3, 0x40, "PIN try limit exceeded"),
    (3, 0x20, "a velocity limit exceeded"),
    (3, 0x10, "new card"),
    (3, 0x08, "issuer authentication failed on the last online transaction"),
    (3, 0x04, "issuer authentication not performed after online authorisation"),
    (3, 0x02, "application blocked because of the PIN"),
    (3, 0x01, "SDA failed on the last transaction"),
    (4, 0x08, "issuer script processing failed"),
    (4, 0x04, "DDA failed on the last transaction"),
    (4, 0x02, "DDA performed"),
    (4, 0x01, "PIN expected and not received"),
)
MCHIP = (
    (1, 0x04, "offline PIN verification performed"),
    (1, 0x02, "offline PIN was enciphered"),
    (1, 0x01, "offline PIN verification successful"),
    (2, 0x80, "DDA returned"),
    (2, 0x40, "CDA in the first GENERATE AC"),
    (2, 0x20, "CDA in the second GENERATE AC"),
    (2, 0x10, "issuer authentication performed"),
    (4, 0x80, "last online transaction not completed"),
    (4, 0x40, "unable to go online"),
    (4, 0x20, "offline PIN verification not performed"),
    (4, 0x10, "offline PIN verification failed"),
    (4, 0x08, "PIN try limit exceeded"),
    (4, 0x04, "international transaction"),
    (4, 0x02, "domestic transaction"),
    (4, 0x01, "terminal claims that the offline PIN was good"),
    (5, 0x80, "lower consecutive limit exceeded"),
    (5, 0x40, "upper consecutive limit exceeded"),
    (5, 0x20, "lower cumulative limit exceeded"),
    (5, 0x10, "upper cumulative limit exceeded"),
    (5, 0x08, "go online on the next transaction was set"),
    (5, 0x04, "issuer authentication failed"),
    (5, 0x02, "script received"),
    (5, 0x01, "script failed"),
)
_FIRST = ("AAC", "TC", "ARQC", "reserved")
_SECOND = ("AAC", "TC", "not requested", "reserved")
_VIS_NUMBERS = (
    (2, 0xC0, "type of the second cryptogram"),
    (2, 0x30, "type of the first cryptogram"),
    (4, 0xF0, "number of script commands"),
)
_MCHIP_NUMBERS = (
    (1, 0xC0, "type of the second cryptogram"),
    (1, 0x30, "type of the first cryptogram"),
    (3, 0xF0, "number of script commands"),
    (3, 0x0F, "PIN tries left"),
)


def vis_lines(results: bytes) -> list[str]:
    """What four bytes of VIS or UnionPay say, the first of which is their length."""
    commands = results[3] >> 4
    told = [f"script commands {commands}"] if commands else []
    return [_types(results[1]), *told, *_flags(VIS, _VIS_NUMBERS, results)]


def mchip_lines(results: bytes) -> list[str]:
    """What six bytes of M/Chip say."""
    told = f"script commands {results[2] >> 4}, PIN tries left {results[2] & 15}"
    return [_types(results[0]), told, *_flags(MCHIP, _MCHIP_NUMBERS, results)]


def lines(layout: str, results: bytes) -> list[str]:
    """What Card Verification Results say, a line for each statement; none for a layout without a table here.

    Args:
        layout: "vis", "vis-2", "mchip" or "ccd", as `issuer.issuer_data` names them.
        results: as they are put under a cryptogram.
    """
    if layout == "vis":
        return vis_lines(results)
    if layout == "vis-2":
        return vis_lines(results[:4])
    return mchip_lines(results) if layout == "mchip" else []


def bit_table(layout: str) -> Sequence[tuple[int, int, str]]:
    """(byte, mask, meaning) for each bit of a layout that has one; the bits of a number all have the number's name."""
    flags, numbers = {"vis": (VIS, _VIS_NUMBERS), "vis-2": (VIS, _VIS_NUMBERS), "mchip": (MCHIP, _MCHIP_NUMBERS)}.get(
        layout, ((), ())
    )
    of_numbers = [(byte, 1 << bit, text) for byte, mask, text in numbers for bit in range(8) if mask >> bit & 1]
    return (*flags, *of_numbers)


def _types(first: int) -> str:
    return f"second cryptogram {_SECOND[first >> 6]}, first {_FIRST[first >> 4 & 3]}"


def _flags(
    table: tuple[tuple[int, int, str], ...], numbers: tuple[tuple[int, int, str], ...], results: bytes
) -> list[str]:
    """The bits set, without those of numbers."""
    flags = bytearray(results)
    for byte, mask, _text in numbers:
        flags[byte - 1] &= ~mask
    if table is VIS:
        flags[0] = 0  # the length
    return [f"CVR {line}" for line in bits.set_bits(table, bytes(flags))]

"""Field 55 in full: its tags as entries, bit meanings, and the Issuer Application Data of the known formats.

Sources of the Card Verification Results: VIS 1.5 Appendix D (UnionPay's JR/T 0025.5 follows it), M/Chip Requirements
Appendix B; the same layouts as in the virtual cards.
"""

from tillbench.protocols.emv import bits, cvm, tags
from tillbench.protocols.emv.describe import describe_value
from tillbench.protocols.emv.tags import TAGS

VIS_CVR = (
    (1, 0x08, "issuer authentication failed"),
    (1, 0x04, "offline PIN verification performed"),
    (1, 0x02, "offline PIN verification failed"),
    (1, 0x01, "unable to go online"),
    (2, 0x80, "last online transaction not completed"),
    (2, 0x40, "PIN try limit exceeded"),
    (2, 0x20, "a velocity limit exceeded"),
    (2, 0x10, "new card"),
    (2, 0x08, "issuer authentication failed on the last online transaction"),
    (2, 0x04, "issuer authentication not performed after online authorisation"),
    (2, 0x02, "application blocked because of the PIN"),
    (2, 0x01, "SDA failed on the last transaction"),
    (3, 0x08, "issuer script processing failed"),
    (3, 0x04, "DDA failed on the last transaction"),
    (3, 0x02, "DDA performed"),
    (3, 0x01, "PIN expected and not received"),
)
MCHIP_CVR = (
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
_MCHIP_SIZES = (18, 20, 26, 28)
_TYPES = ("AAC", "TC", "ARQC", "not requested")
ISSUER_APPLICATION_DATA, CVM_RESULTS, CRYPTOGRAM_INFORMATION = 0x9F10, 0x9F34, 0x9F27


def tag_name(key: str) -> str:
    """The name in the EMV books of a tag in hex; empty when they have none."""
    number = int(key, 16)
    return tags.name_of(number) if number in TAGS else ""


def meanings(tag: int, value: bytes) -> list[str]:
    """One text for each bit or part with a meaning; none for values that are what they are."""
    if tag == ISSUER_APPLICATION_DATA:
        return issuer_application_data(value)
    if tag == CVM_RESULTS and len(value) == 3:
        return [cvm.results_text(value)]
    if tag == CRYPTOGRAM_INFORMATION and len(value) == 1:
        return [bits.cid_text(value[0])]
    return [line.strip() for line in describe_value(tag, value)[1:]]


def issuer_application_data(value: bytes) -> list[str]:
    """Tag 9F10: its format, key, cryptogram version and Card Verification Results; one line when it is not known.

    VIS format 1 and UnionPay: 06 or 07, key index, version, 03, CVR. VIS format 2: 1F, version, key index, 00, CVR.
    M/Chip: key index, version, CVR of 6 bytes, 2 bytes of authentication code, counters: 18, 20, 26 or 28 bytes.
    """
    if len(value) >= 7 and value[0] >= 6 and value[0] < len(value) and value[3] == 0x03:
        words = "UnionPay" if value[0] > 6 and value[7:8] == b"\x01" else "VIS format 1"
        lines = [f"{words}: key index {value[1]:02X}, cryptogram version {value[2]:02X}"]
        lines += _vis(value[4:7])
        if words == "UnionPay":
            lines.append("algorithm 01: TDES")
        rest = value[8:] if words == "UnionPay" else value[7:]
        return lines + ([f"issuer's own: {rest.hex().upper()}"] if rest else [])
    if len(value) == 32 and value[0] == 0x1F:
        lines = [f"VIS format 2: cryptogram version {value[1]:02X}, key index {value[2]:02X}"]
        return lines + _vis(value[4:7]) + [f"issuer's own: {value[8:].hex().upper()}"]
    if len(value) in _MCHIP_SIZES and value[1] & 0xF0 == 0x10:
        cvr = value[2:8]
        lines = [f"M/Chip: key index {value[0]:02X}, cryptogram version {value[1]:02X}"]
        lines += _types(cvr[0])
        lines += [f"script commands {cvr[2] >> 4}, PIN tries left {cvr[2] & 15}"]
        lines += _named(MCHIP_CVR, cvr, {1: 0x07, 3: 0x00})
        lines.append(f"authentication code or ICC dynamic number {value[8:10].hex().upper()}")
        return lines + ([f"counters {value[10:].hex().upper()}"] if value[10:] else [])
    return [f"of no known format, {len(value)} bytes"]


def _vis(cvr: bytes) -> list[str]:
    lines = _types(cvr[0])
    if cvr[2] >> 4:
        lines.append(f"script commands {cvr[2] >> 4}")
    return lines + _named(VIS_CVR, cvr, {1: 0x0F, 3: 0x0F})


def _types(first: int) -> list[str]:
    return [f"second cryptogram {_TYPES[first >> 6]}, first {_TYPES[first >> 4 & 3]}"]


def _named(table: tuple[tuple[int, int, str], ...], value: bytes, masks: dict[int, int]) -> list[str]:
    """The bits set, without those that are no flags."""
    flags = bytes(byte & masks.get(index, 0xFF) for index, byte in enumerate(value, 1))
    return [f"CVR {line}" for line in bits.set_bits(table, flags)]

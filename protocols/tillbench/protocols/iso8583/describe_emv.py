"""Field 55 in full: its tags as entries, bit meanings, and the Issuer Application Data of the known formats."""

from tillbench.protocols.emv import bits, card_results, cvm, tags
from tillbench.protocols.emv.describe import describe_value
from tillbench.protocols.emv.tags import TAGS

_MCHIP_SIZES = (18, 20, 26, 28)
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
        lines += card_results.vis_lines(value[3:7])
        if words == "UnionPay":
            lines.append("algorithm 01: TDES")
        rest = value[8:] if words == "UnionPay" else value[7:]
        return lines + ([f"issuer's own: {rest.hex().upper()}"] if rest else [])
    if len(value) == 32 and value[0] == 0x1F:
        lines = [f"VIS format 2: cryptogram version {value[1]:02X}, key index {value[2]:02X}"]
        return lines + card_results.vis_lines(value[3:7]) + [f"issuer's own: {value[8:].hex().upper()}"]
    if len(value) in _MCHIP_SIZES and value[1] & 0xF0 == 0x10:
        lines = [f"M/Chip: key index {value[0]:02X}, cryptogram version {value[1]:02X}"]
        lines += card_results.mchip_lines(value[2:8])
        lines.append(f"authentication code or ICC dynamic number {value[8:10].hex().upper()}")
        return lines + ([f"counters {value[10:].hex().upper()}"] if value[10:] else [])
    return [f"of no known format, {len(value)} bytes"]

"""How two values of one data object differ, and what that means: to be expected in another transaction, or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from tillbench.host.issuer.issuer_data import IssuerData, IssuerDataError
from tillbench.host.session.record import octets
from tillbench.protocols.emv import bits, card_results, cvm, dol, name_of, tlv
from tillbench.protocols.emv.describe import describe_afl
from tillbench.protocols.emv.masking import shown_value

Kind = Literal["expected", "cosmetic", "semantic", "timing"]
Finding = tuple[Kind, str]

TRANSACTION = frozenset({0x9F37, 0x9A, 0x9F21, 0x9F02, 0x9F03, 0x81, 0x9F04, 0x9F41, 0x9F4C, 0x9F45})
"""Amounts, date, time, counters and random numbers of the terminal's, and what it took from the card's signature."""
TERMINAL = frozenset({0x9F1C, 0x9F1E, 0x9F16, 0x9F4E, 0x9F01})
"""Which terminal it is."""
CARD_COUNTERS = frozenset({0x9F36, 0x9F13})
COMPUTED = frozenset({0x9F26, 0x9F4B, 0x90, 0x9F46, 0x9F2D, 0x93, 0x9F10, 0x91})
"""Judged by what is in them, not by their digits."""
_DOLS = frozenset({0x8C, 0x8D, 0x9F38, 0x9F49, 0x97, 0x9F4F})
_ARPC_METHOD_1 = 10  # bytes of 91: cryptogram and response code


def same(old: str, new: str) -> bool:
    """Whether the digits agree as far as both tell them."""
    if old == new:
        return True
    if len(old) != len(new) or not ("*" in old or "*" in new):
        return False
    return all(a == b or "*" in (a, b) for a, b in zip(old, new, strict=True))


def differences(tag: int, old: str, new: str) -> Iterator[Finding]:
    """What is different, object by object; `COMPUTED` ones only by their length. Nothing if they agree."""
    if same(old, new):
        return
    if len(old) == len(new) and tag in TRANSACTION | TERMINAL | CARD_COUNTERS:
        yield "expected", f"{shown(tag, old)} -> {shown(tag, new)}"
        return
    texts = list(_inside(tag, octets(old), octets(new))) if "*" not in old + new else []
    for text in texts or [f"{shown(tag, old)} -> {shown(tag, new)}"]:
        yield "semantic", text


def _inside(tag: int, old: bytes, new: bytes) -> Iterator[str]:
    """What in the value changed, for values that have parts."""
    if tag in bits.BIT_TABLES and len(old) == len(new):
        yield from bit_changes(bits.BIT_TABLES[tag], old, new)
    elif tag in _DOLS:
        yield from _changes(_dol_lines(old), _dol_lines(new))
    elif tag == 0x94 and len(old) % 4 == len(new) % 4 == 0:
        yield from _changes(describe_afl(old), describe_afl(new))
    elif tag == 0x8E:
        try:
            yield from _changes(_cvm_lines(old), _cvm_lines(new))
        except ValueError:
            return
    elif tag == 0x9F34 and len(old) == len(new) == 3:
        yield f"{cvm.results_text(old)} -> {cvm.results_text(new)}"
    elif tag == 0x9F27 and len(old) == len(new) == 1:
        yield f"{bits.cid_text(old[0])} -> {bits.cid_text(new[0])}"


def bit_changes(table: Sequence[tuple[int, int, str]], old: bytes, new: bytes) -> Iterator[str]:
    """A line for each bit, in words where the table has some; other bytes in digits."""
    meanings = {(byte, mask): text for byte, mask, text in table}
    for at, (before, after) in enumerate(zip(old, new, strict=True), 1):
        for number in range(8, 0, -1):
            mask = 1 << number - 1
            if (before ^ after) & mask:
                meaning = meanings.get((at, mask), "reserved")
                yield f"byte {at} bit {number} ({meaning}): {'set' if after & mask else 'no longer set'}"


def _dol_lines(value: bytes) -> list[str]:
    try:
        return [f"{tlv.tag_hex(entry.tag)} in {entry.length} bytes" for entry in dol.parse(value)]
    except tlv.TlvError:
        return [value.hex().upper()]


def _cvm_lines(value: bytes) -> list[str]:
    rules = cvm.CvmList.parse(value)
    return [f"X = {rules.amount_x}", f"Y = {rules.amount_y}", *map(str, rules.rules)]


def _changes(old: list[str], new: list[str]) -> Iterator[str]:
    """Lines that went, lines that came; of lists with the same lines, that their order is another."""
    gone, come = [line for line in old if line not in new], [line for line in new if line not in old]
    for line in gone:
        yield f"no longer: {line}"
    for line in come:
        yield f"new: {line}"
    if not gone and not come and old != new:
        yield f"another order: {'; '.join(new)}"


def issuer_application_data(old: str, new: str) -> Iterator[Finding]:
    """Tag 9F10: version, key and Card Verification Results tell something; M/Chip's code and counters move with
    each transaction."""
    if same(old, new):
        return
    before, after = _issuer_data(old), _issuer_data(new)
    if before is None or after is None:
        yield "semantic", f"{old} -> {new}"
        return
    for name, was, is_now in (
        ("layout", before.layout, after.layout),
        ("cryptogram version", f"{before.version:02X}", f"{after.version:02X}"),
        ("key index", f"{before.key_index:02X}", f"{after.key_index:02X}"),
    ):
        if was != is_now:
            yield "semantic", f"{name} {was} -> {is_now}"
    if len(before.results) != len(after.results):
        yield "semantic", f"{len(before.results)} bytes of Card Verification Results -> {len(after.results)}"
        return
    table = card_results.bit_table(before.layout)
    found = [f"Card Verification Results {text}" for text in bit_changes(table, before.results, after.results)]
    for text in found:
        yield "semantic", text
    if found or before[:4] != after[:4]:
        return
    if before.layout == "mchip":
        yield "expected", "counters"
    else:
        yield "semantic", f"issuer discretionary data: {old} -> {new}"


def _issuer_data(value: str) -> IssuerData | None:
    try:
        return IssuerData.parse(octets(value))
    except IssuerDataError:
        return None


def issuer_authentication_data(old: str, new: str) -> Iterator[Finding]:
    """Tag 91: the cryptogram is new each time, what it says after it is not."""
    if same(old, new):
        return
    said_at = 16 if len(octets(old)) == _ARPC_METHOD_1 else 8
    if len(old) != len(new):
        yield "semantic", f"{len(old) // 2} bytes -> {len(new) // 2} bytes"
    elif same(old[said_at:], new[said_at:]):
        yield "expected", "another cryptogram of the issuer's"
    elif set(old[said_at:]) == {"0"} or set(new[said_at:]) == {"0"} or len(old) // 2 == _ARPC_METHOD_1:
        yield "semantic", f"response code {_text(old[said_at:])} -> {_text(new[said_at:])}"
    else:
        yield "semantic", f"card status update {old[said_at:]} -> {new[said_at:]}"


def _text(digits: str) -> str:
    data = octets(digits)
    return data.decode("ascii") if data.isascii() and data.decode("ascii").isprintable() else digits


def shown(tag: int, digits: str) -> str:
    """A value as it may be shown: PANs masked, secrets absent, digits that are not told starred."""
    if "*" in digits:
        return digits
    return shown_value(tag, octets(digits)) or "nothing"


def named(tag: int) -> str:
    """Tag and name."""
    return f"{tlv.tag_hex(tag)} {name_of(tag)}" if tag else "data"

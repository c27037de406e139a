"""Processing restrictions (Book 3 section 10.4), the CVM List (section 10.5, Annex C3; Book 4 section 6.3.4), risk
management (section 10.6) and action analysis (section 10.7), each as a function of what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .authentication import century
from .tables import CVM_KNOWN, CVM_NEEDS, Tvr

Known = dict[int, bytes]


def restrictions(known: Known, terminal_type: int, additional: bytes, kind: int, other: int) -> set[Tvr]:
    """Sections 10.4.1 (version), 10.4.2 (usage control), 10.4.3 (dates)."""
    found = set()
    if 0x9F08 in known and known[0x9F08] != known[0x9F09]:
        found.add(Tvr.OTHER_VERSION)
    if not usage_allowed(known, terminal_type, additional, kind, other):
        found.add(Tvr.SERVICE_NOT_ALLOWED)
    if 0x5F25 in known and century(known[0x5F25]) > century(known[0x9A]):
        found.add(Tvr.NOT_YET_EFFECTIVE)
    if century(known[0x5F24]) < century(known[0x9A]):
        found.add(Tvr.EXPIRED)
    return found


def usage_allowed(known: Known, terminal_type: int, additional: bytes, kind: int, other: int) -> bool:
    """Section 10.4.2 with Annex C2, table 38."""
    if 0x9F07 not in known:
        return True
    first, second = known[0x9F07]
    atm = terminal_type in (0x14, 0x15, 0x16) and additional[0] & 0x80
    if not first & (0x02 if atm else 0x01):
        return False
    if 0x5F28 not in known:
        return True
    domestic = known[0x5F28] == known[0x9F1A]
    rows = {
        0x01: [(first, 0x80, 0x40)],
        0x00: [(first, 0x20 | 0x08, 0x10 | 0x04)],
        0x09: [(first, 0x20 | 0x08, 0x10 | 0x04), (second, 0x80, 0x40)],
    }[kind]
    if other and kind != 0x09:
        rows = [*rows, (second, 0x80, 0x40)]
    return all(byte & (at_home if domestic else abroad) for byte, at_home, abroad in rows)


@dataclass
class Pins:
    """How PIN entry goes: online gives "entered" or "bypassed"; offline gets whether the PIN goes enciphered, gives
    "verified", "failed" or "bypassed" and the bits to set."""

    online: Callable[[], str]
    offline: Callable[[bool], tuple[str, set[Tvr]]]
    bypass_once: bool


@dataclass
class Verified:
    """What the CVM List came to: TVR bits, CVM Results, whether the TSI bit is set."""

    tvr: set[Tvr]
    results: bytes
    performed: bool


def condition_holds(
    condition: int, supported: bool, known: Known, terminal_type: int, kind: int, amount: int, other: int
) -> bool:
    """Annex C3, table 40."""
    cash = kind == 0x01
    cashback = kind == 0x09 or other > 0
    unattended = terminal_type & 0x0F >= 4
    same_currency = known.get(0x9F42) == known[0x5F2A]
    x = int.from_bytes(known[0x8E][0:4], "big")
    y = int.from_bytes(known[0x8E][4:8], "big")
    table = {
        0x00: True,
        0x01: cash and unattended,
        0x02: not cash and not cashback,
        0x03: supported,
        0x04: cash and not unattended,
        0x05: cashback,
        0x06: same_currency and amount < x,
        0x07: same_currency and amount > x,
        0x08: same_currency and amount < y,
        0x09: same_currency and amount > y,
    }
    return table.get(condition, False)


def cardholder(
    known: Known, terminal_type: int, capabilities: bytes, kind: int, amount: int, other: int, pins: Pins
) -> Verified:
    """Section 10.5; the CVM Results are those of Book 4 table 2."""
    if not known[0x82][0] & 0x10:
        return Verified(set(), b"\x3f\0\0", False)
    if len(known.get(0x8E, b"")) <= 8:
        return Verified({Tvr.ICC_DATA_MISSING}, b"\x3f\0\0", False)
    tvr: set[Tvr] = set()
    results = b"\x3f\x00\x01"
    bypassed = False
    for code, condition in rules(known[0x8E]):
        method = code & 0x3F
        needs = CVM_NEEDS.get(method)
        supported = method == 0 or (needs is not None and capabilities[1] & needs == needs)
        if not condition_holds(condition, supported, known, terminal_type, kind, amount, other):
            continue
        if method == 0:
            return Verified(tvr | {Tvr.CVM_FAILED}, bytes([code, condition, 1]), True)
        outcome = "failed"
        if method not in CVM_KNOWN:
            tvr.add(Tvr.CVM_UNKNOWN)
        elif not supported:
            if method <= 0x05:
                tvr.add(Tvr.NO_PIN_PAD)
        elif method == 0x1F:
            return Verified(tvr, bytes([code, condition, 2]), True)
        elif method == 0x1E:
            return Verified(tvr, bytes([code, condition, 0]), True)
        else:
            if bypassed:
                outcome = "bypassed"
                tvr.add(Tvr.PIN_NOT_ENTERED)
            elif method == 0x02:
                outcome = pins.online()
                tvr.add(Tvr.ONLINE_PIN if outcome == "entered" else Tvr.PIN_NOT_ENTERED)
            else:
                outcome, bits = pins.offline(method in (0x04, 0x05))
                tvr |= bits
            if outcome == "bypassed" and pins.bypass_once:
                bypassed = True
            last = {"entered": 0, "verified": 0 if method in (0x03, 0x05) else 2}.get(outcome, 1)
            results = bytes([code, condition, last])
            if last != 1:
                return Verified(tvr, results, True)
        if not code & 0x40:
            break
    return Verified(tvr | {Tvr.CVM_FAILED}, results, True)


def rules(cvm_list: bytes) -> Iterator[tuple[int, int]]:
    """CVM code and condition code of each rule."""
    for at in range(8, len(cvm_list), 2):
        yield cvm_list[at], cvm_list[at + 1]


def random_percentage(amount: int, floor: int, threshold: int, target: int, most: int) -> int:
    """Section 10.6.2: the target below the threshold, rising to the maximum at the floor limit."""
    if amount < threshold:
        return target
    return target + (most - target) * (amount - threshold) // (floor - threshold)


def velocity(known: Known, atc: bytes | None, last_online: bytes | None) -> set[Tvr]:
    """Section 10.6.3."""
    found = set()
    if last_online is not None and int.from_bytes(last_online, "big") == 0:
        found.add(Tvr.NEW_CARD)
    if atc is None or last_online is None or atc <= last_online:
        return found | {Tvr.LOWER_LIMIT, Tvr.UPPER_LIMIT}
    in_a_row = int.from_bytes(atc, "big") - int.from_bytes(last_online, "big")
    if in_a_row > known[0x9F14][0]:
        found.add(Tvr.LOWER_LIMIT)
    if in_a_row > known[0x9F23][0]:
        found.add(Tvr.UPPER_LIMIT)
    return found


def hit(tvr: bytes, tac: bytes, iac: bytes) -> bool:
    """Section 10.7: a bit of the TVR that either action code names."""
    return any(t & (a | i) for t, a, i in zip(tvr, tac, iac, strict=True))


def first_request(known: Known, terminal_type: int, tvr: bytes, tacs: tuple[bytes, bytes, bytes]) -> int:
    """Section 10.7 and Book 4 section 6.3.6: 00 AAC, 40 TC, 80 ARQC. tacs: denial, online, default."""
    none, every = bytes(5), b"\xff" * 5
    if hit(tvr, tacs[0], known.get(0x9F0E, none)):
        return 0x00
    low = terminal_type & 0x0F
    if low in (1, 4):
        return 0x80
    if low in (3, 6):
        return 0x00 if hit(tvr, tacs[2], known.get(0x9F0D, every)) else 0x40
    return 0x80 if hit(tvr, tacs[1], known.get(0x9F0F, every)) else 0x40


def request_without_answer(known: Known, terminal_type: int, tvr: bytes, tac_default: bytes) -> int:
    """Section 10.7, unable to go online. An online-only terminal never approves by itself."""
    if terminal_type & 0x0F in (1, 4):
        return 0x00
    return 0x00 if hit(tvr, tac_default, known.get(0x9F0D, b"\xff" * 5)) else 0x40

"""One card, one terminal, one moment: everything that decides a transaction, and a way to make them at random.

`make(pick)` draws each property from a short list of values that matter; `pick` is hypothesis' or a seeded random one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..device.kernel_signer import Chain, Dynamic, Static
from .tlv import build

UNIONPAY = bytes.fromhex("A000000333010101")
PAN = bytes.fromhex("6200000000000005")
RID = UNIONPAY[:5]
CDOL1 = bytes.fromhex("9F02069F03069F1A0295055F2A029A039C019F37049F3501")
CDOL2 = bytes.fromhex("8A0291089F3704950580019B02")
SIMPLE_CDOL2 = bytes.fromhex("8A029F37049505")
TDOL = bytes.fromhex("9F02069F1A0295059A03")

Pick = Callable[[Sequence[Any]], Any]


@dataclass
class Application:
    """One application of the card, as selection sees it."""

    aid: bytes
    priority: int = 1
    label: bytes = b"DEBIT"
    blocked: bool = False
    listed: bool = True  # in the directory
    select_sw: int = 0x9000  # of the final SELECT
    gpo_sw: int = 0x9000


@dataclass
class CardData:
    """What the card has and how it answers."""

    applications: list[Application]
    directory: str  # "", "good", "blocked", "empty", "malformed"
    card_blocked: bool
    objects: dict[int, bytes]  # of its first record
    chain: Chain | None
    pdol: bytes | None
    aip: bytes
    gpo_format: int
    afl_fault: str
    record_fault: str
    counters: dict[int, bytes | None]
    pin_sws: list[int]
    challenge: bytes
    external_authenticate_sw: int
    gac: list[tuple[int, int, int]]  # CID, template, SW of the first and second GENERATE AC
    gac_fault: str
    script_sws: list[int]


@dataclass
class Scenario:
    """Card, terminal, order, counter, issuer."""

    card: CardData
    terminal_type: int = 0x22
    capabilities: bytes = b"\xe0\xf8\xc8"
    additional: bytes = b"\x60\x00\xf0\xa0\x01"
    aids: tuple[bytes, ...] = (UNIONPAY[:6],)
    partial: bool = True
    version: bytes = b"\x00\x30"
    floor_limit: int = 10000
    threshold: int = 5000
    target: int = 0
    most: int = 0
    tacs: tuple[bytes, bytes, bytes] = (bytes(5), bytes(5), bytes(5))  # denial, online, default
    tdol: bytes = b""
    ddol: bytes = b"\x9f\x37\x04"
    cda_mode: int = 1
    bypass_once: bool = True
    ca_index: int = 0x61
    ca_expiry: bytes = b""
    revoked: bytes = b""
    amount: int = 1234
    other: int = 0
    kind: int = 0x00
    date: bytes = b"\x26\x11\x23"
    account_type: int | None = None
    online_pins: tuple[bool, ...] = (True,) * 10
    offline_pins: tuple[bytes | None, ...] = (b"1234",) * 10
    pin_pad: bool = True
    force_online: bool = False
    last_amount: int = 0
    is_listed: bool = False
    issuer: tuple[bytes, bytes] | None = (b"00", b"")
    entropy: bytes = field(default=bytes(range(256)) * 4)


ZERO, FULL = bytes(5), b"\xff" * 5
ACTION_CODES = [
    *(
        ZERO,
        ZERO,
        ZERO,
        ZERO,
        ZERO,
        ZERO,
        FULL,
        bytes.fromhex("0010000000"),
        bytes.fromhex("D84004F800"),
        bytes.fromhex("FC50BCF800"),
    ),
    *(bytes.fromhex(bit) for bit in ("8000000000", "0040000000", "0000800000", "0000080000", "0000008000")),
    *(bytes.fromhex(bit) for bit in ("0000001000", "0000000080", "0400000000", "0008000000", "0000006000")),
]
CVM_RULES = [
    *("4103", "0103", "4403", "4303", "4503", "4203", "0203", "4200", "5E03", "1E03", "1E00", "1F03", "1F00", "5F00"),
    *("0000", "4000", "4106", "1F06", "5F07", "4208", "1F08", "5F09", "4201", "5E02", "1F02", "4204", "4205", "5F0A"),
    *("6003", "2000", "4603", "4F00", "4700", "6300", "4100", "4400", "8200", "9F00"),
]
ISSUER_FAULTS: list[dict[str, Any]] = [{"hash_xor": 1}, {"expiry": "1026"}, {"number": "620001"}, {"cut": 1}]
CARD_FAULTS: list[dict[str, Any]] = [
    *({"hash_xor": 1}, {"number": "6200000000000013"}, {"expiry": "1026"}, {"trailer": 0xBB}),
    *({"form": 2}, {"algorithm": 2}, {"hash_algorithm": 2}, {"header": 0x6B}),
]
DYNAMIC_FAULTS: list[dict[str, Any]] = [
    *({"hash_xor": 1}, {"tdh_xor": 1}, {"cid_xor": 0x40}, {"left_out": True}, {"number": b"\x01"}),
    *({"plain_cryptogram": True}, {"form": 3}),
]
PARTS = ("issuer", "card", "card", "card", "static", "dynamic", "changes", "changes")
LEFT_OUT = ("8F", "90", "92", "9F32", "93", "9F46", "9F47", "9F48")
CHANGES: list[dict[str, str | None]] = [{"8F": "62"}, {"9F47": "05"}, *[dict.fromkeys([tag]) for tag in LEFT_OUT]]


def certificates(pick: Pick, signs: bool) -> Chain:
    """Keys and certificates, with a fault in every other case; `signs`: it is a card for CDA."""
    chain = Chain(pin=pick([0, 80]))
    if pick([True, False]):
        return chain
    part = "dynamic" if signs and pick([True, False]) else pick(PARTS)
    if part == "issuer":
        return replace(chain, issuer_certificate=replace(chain.issuer_certificate, **pick(ISSUER_FAULTS)))
    if part == "card":
        return replace(chain, icc_certificate=replace(chain.icc_certificate, **pick(CARD_FAULTS)))
    if part == "static":
        return replace(chain, static=Static(**pick([{"hash_xor": 1}, {"form": 5}, {"hash_algorithm": 2}])))
    if part == "dynamic":
        return replace(chain, dynamic=Dynamic(**pick(DYNAMIC_FAULTS)))
    return replace(chain, changes=pick(CHANGES))


def rarely(pick: Pick, value: Any, otherwise: Any, one_in: int = 12) -> Any:
    """`value` about once in so many cases."""
    return value if pick(range(one_in)) == one_in - 1 else otherwise


def make(pick: Pick) -> Scenario:
    """A random scenario; most of its parts are ordinary, so that deep phases are reached."""
    kind = pick([0x00, 0x00, 0x00, 0x01, 0x09, rarely(pick, 0x20, 0x00, 4)])
    floor = pick([0, 1000, 10000, 10000, 50000])
    threshold = pick([0, floor // 2, max(floor - 1, 0)]) if floor else 0
    target = pick([0, 0, 30, 99])
    amount = pick([0, 1, 999, 1000, 1234, 5000, 9999, 10000, 10001, 60000])
    other = min(amount, pick([0, 1, amount])) if kind == 0x09 or pick(range(10)) == 0 else 0
    scenario = Scenario(
        card=card(pick),
        terminal_type=pick([0x22, 0x22, 0x22, 0x21, 0x23, 0x24, 0x25, 0x26, 0x14, 0x15, 0x16, 0x36]),
        capabilities=bytes([0xE0, pick([0xF8, 0xF8, 0x68, 0x28, 0x40, 0x90, 0xB0]), pick([0xC8, 0xC8, 0xC0, 0x80, 0])]),
        additional=bytes([pick([0x60, 0xE0]), 0x00, 0xF0, 0xA0, 0x01]),
        aids=pick([(UNIONPAY[:6],), (UNIONPAY[:6],), (UNIONPAY,), (UNIONPAY[:7], UNIONPAY[:5] + b"\x01\x02")]),
        partial=rarely(pick, False, True, 6),
        floor_limit=floor,
        threshold=threshold,
        target=target,
        most=pick([target, 99]),
        tacs=(rarely(pick, pick(ACTION_CODES), ZERO, 3), pick(ACTION_CODES), pick(ACTION_CODES)),
        tdol=pick([b"", TDOL]),
        ddol=pick([b"\x9f\x37\x04", b"\x9f\x37\x04", b"\x9f\x02\x06", b""]),
        cda_mode=pick([1, 1, 2, 3, 4]),
        bypass_once=pick([True, False]),
        ca_index=rarely(pick, 0x60, 0x61),
        ca_expiry=pick([b"", b"", b"\x26\x11\x23", b"\x26\x11\x22"]),
        revoked=rarely(pick, RID + b"\x61\x00\x00\x01", b""),
        amount=amount,
        other=other,
        kind=kind,
        date=bytes.fromhex(pick(["261123", "261123", "491231", "991231", "260228"])),
        account_type=pick([None, None, 0x20]),
        online_pins=tuple(pick([True, True, False]) for _ in range(4)) + (True,) * 4,
        offline_pins=tuple(pick([b"1234", b"1234", b"123456789012", None]) for _ in range(4)),
        pin_pad=rarely(pick, False, True, 8),
        force_online=rarely(pick, True, False, 8),
        last_amount=pick([0, 0, 9000]),
        is_listed=rarely(pick, True, False, 8),
        issuer=issuer(pick),
        entropy=pick([0, 29, 30, 98, 99 * 4001 + 30, pick(range(2**16)) << 9]).to_bytes(4, "big") * 300,
    )
    return with_signatures(scenario, pick) if pick(range(6)) == 0 else scenario


def with_signatures(scenario: Scenario, pick: Pick) -> Scenario:
    """The same with nothing in the way of dynamic signatures but what is wrong with them."""
    card = scenario.card
    objects = {
        **card.objects,
        0x9F0E: ZERO,
        0x9F4A: b"\x82",
        0x5F24: b"\x30\x12\x31",
        0x8C: CDOL1,
        0x8E: bytes(8) + b"\x1f\x00",
    }
    ordinary = replace(
        card,
        objects=objects,
        chain=Chain(dynamic=Dynamic(**pick([{}, *DYNAMIC_FAULTS]))),
        aip=pick([b"\x3d\x00", b"\x3d\x00", b"\x3c\x00"]),
        afl_fault="",
        record_fault="",
        gac_fault="",
        gac=[(pick([0xFF, 0xFF, 0xFE]), 0x77, 0x9000), (0xFF, 0x77, 0x9000)],
    )
    changes: dict[str, Any] = {
        "tacs": (ZERO, *scenario.tacs[1:]),
        "ca_index": 0x61,
        "ca_expiry": b"",
        "revoked": b"",
        "kind": 0x00,
    }
    return replace(scenario, card=ordinary, capabilities=b"\xe0\xf8\xc8", date=b"\x26\x11\x23", **changes)


def card(pick: Pick) -> CardData:
    """A card; with certificates in half of the cases."""
    aip = pick([0x1C, 0x1C, 0x5C, 0x3C, 0x3D, 0x3D, 0x7D, 0x18, 0x0C])
    chain = None
    if (aip & 0x61 and pick(range(16))) or pick([True, False]):
        chain = certificates(pick, bool(aip & 0x01))
    objects = {
        0x5A: PAN,
        0x5F24: bytes.fromhex(pick(["301231", "301231", "261123", "261122", "261030", "491231", "991231"])),
        0x8C: pick([CDOL1, CDOL1, CDOL1 + b"\x98\x14", bytes.fromhex("9F0204DF010370049F3704820250025A0C5F34039A02")]),
        0x8D: pick([CDOL2, SIMPLE_CDOL2, SIMPLE_CDOL2 + b"\x98\x14", b"\x8a\x02"]),
        0x8E: cvm_list(pick),
        0x9F0D: pick(ACTION_CODES),
        0x9F0E: rarely(pick, pick(ACTION_CODES), ZERO, 3),
        0x9F0F: pick(ACTION_CODES),
        0x9F08: pick([b"\x00\x30", b"\x00\x30", b"\x00\x31"]),
        0x9F07: bytes([pick([0xFF, 0xFF, 0x57, 0xAB, 0x02, 0x01, 0xF3]), pick([0xC0, 0x80, 0x40, 0x00])]),
        0x5F28: pick([b"\x01\x56", b"\x08\x40"]),
        0x9F42: pick([b"\x01\x56", b"\x01\x56", b"\x08\x40"]),
        0x5F25: bytes.fromhex(pick(["200101", "261123", "261124", "270101"])),
        0x5F34: b"\x01",
        0x9F14: pick([b"\x00", b"\x02", b"\x05"]),
        0x9F23: pick([b"\x00", b"\x05", b"\x06"]),
        0x97: TDOL[:6],
        0x9F49: pick([b"\x9f\x37\x04", b"\x9f\x37\x04\x95\x05", b"\x95\x05", b"\x9f\x37\x02\x9a"]),
        0x9F4A: pick([b"\x82", b"\x82", b"\x82\x82", b""]),
    }
    optional = [0x8E, 0x9F0D, 0x9F0E, 0x9F0F, 0x9F08, 0x9F07, 0x5F28, 0x9F42, 0x5F25, 0x9F14, 0x9F23, 0x5F34]
    for tag in optional:
        if pick(range(5)) == 0:
            del objects[tag]
    for tag in (0x97, 0x9F49, 0x9F4A):
        if pick(range(2)):
            objects.pop(tag, None)
    fault = rarely(pick, pick(["missing", "twice", "length", "month", "template", "sw", "tail"]), "", 15)
    return CardData(
        applications=applications(pick),
        directory=pick(["", "", "good", "good", "blocked", "empty", "malformed"]),
        card_blocked=rarely(pick, True, False, 30),
        objects=objects,
        chain=chain,
        pdol=pick([None, None, b"", bytes.fromhex("9F3303 9F1A02 5F2A02 9F0206"), bytes.fromhex("9F37049F4E0C")]),
        aip=bytes([aip, 0]),
        gpo_format=pick([0x80, 0x77]),
        afl_fault=rarely(pick, pick(["empty", "short", "sfi", "order", "zero", "signed"]), "", 25),
        record_fault=fault,
        counters={
            0x9F36: pick([b"\x00\x12", b"\x00\x05", b"\x00\x00", None]),
            0x9F13: pick([b"\x00\x10", b"\x00\x0d", b"\x00\x0c", b"\x00\x00", b"\x00\x12", None]),
            0x9F17: pick([b"\x03", b"\x03", b"\x01", b"\x00", None]),
        },
        pin_sws=[
            pick([0x9000, 0x9000, 0x9000, 0x63C2, 0x63C1, 0x63C0, 0x6983, 0x6984, rarely(pick, 0x6700, 0x9000, 4)])
            for _ in range(4)
        ],
        challenge=pick([bytes(range(8)), bytes(range(8)), bytes(7)]),
        external_authenticate_sw=pick([0x9000, 0x9000, 0x6300, 0x6985]),
        gac=[generate_ac(pick) for _ in range(2)],
        gac_fault=rarely(pick, pick(["twice", "no cid", "no atc", "no ac", "long ac", "tag", "short"]), "", 12),
        script_sws=[pick([0x9000, 0x9000, 0x6283, 0x6300, 0x6985, 0x6A80]) for _ in range(4)],
    )


def generate_ac(pick: Pick) -> tuple[int, int, int]:
    """CID, template, SW. A CID of FF stands for "as it was asked", FE for "one step lower"."""
    cid = pick([*[0xFF] * 10, 0xFE, 0xFE, 0x00, 0x40, 0x80, 0xC0])
    low = pick([0, 0, 0, 1, 2, 3, 8])
    if cid < 0xFE:
        cid |= low
    return cid, pick([0x80, 0x77]), rarely(pick, pick([0x6985, 0x6A88, 0x6283]), 0x9000, 15)


def cvm_list(pick: Pick) -> bytes:
    """Amounts X and Y, and up to five rules; seldom malformed."""
    x, y = pick([0, 1000, 1234]), pick([0, 5000, 10000])
    found = x.to_bytes(4, "big") + y.to_bytes(4, "big")
    for _ in range(pick([0, 1, 2, 3, 3, 4, 5])):
        found += bytes.fromhex(pick(CVM_RULES))
    whole: bytes = rarely(pick, pick([found[:-1], found[:6], b""]), found, 25)
    return whole


def applications(pick: Pick) -> list[Application]:
    """One to three; the last resort is always the plain UnionPay one."""
    found = [
        Application(UNIONPAY, pick([0, 1, 2, 0x81]), gpo_sw=rarely(pick, pick([0x6985, 0x6A81]), 0x9000, 10)),
    ]
    if pick(range(3)) == 0:
        second = UNIONPAY[:7] + pick([b"\x02", b"\x02\x01", b""])
        found.append(
            Application(
                second,
                pick([0, 1, 3]),
                b"CREDIT",
                blocked=rarely(pick, True, False, 4),
                listed=pick([True, True, False]),
                select_sw=pick([0x9000, 0x9000, 0x6A82, 0x6283]),
                gpo_sw=pick([0x9000, 0x6985]),
            )
        )
    if pick(range(8)) == 0:
        found.insert(0, Application(bytes.fromhex("A0000000031010"), 1, b"VISA"))
    return found


def issuer(pick: Pick) -> tuple[bytes, bytes] | None:
    """F39 and DE 55 of the answer; None: no answer."""
    if pick(range(5)) == 0:
        return None
    data = b""
    if pick([True, False]):
        data += build(0x91, bytes(range(pick([8, 10, 16, 10, rarely(pick, 7, 8)]))))
    for _ in range(pick([0, 0, 1, 2])):
        commands = b"".join(
            build(0x86, bytes.fromhex(pick(["8424000004A1A2A3A4", "841E000004A1A2A3A4", "84DA9F5804"])))
            for _ in range(pick([0, 1, 2, 3]))
        )
        identifier = build(0x9F18, bytes.fromhex("01020304")) if pick([True, True, False]) else b""
        broken = rarely(pick, b"\x86\x7f", b"", 10)
        data += build(pick([0x71, 0x72]), identifier + commands + broken)
    if pick(range(25)) == 0:
        data += b"\x91\x7f"
    return pick([b"00", b"00", b"10", b"51", b"05"]), data

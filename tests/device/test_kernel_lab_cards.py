"""The kernel against the lab's virtual cards: offline authentication with every single fault, keys of all lengths,
offline PINs, offline approvals, issuer scripts.

Cards and kernel share no line; what they sign and check is recomputed nowhere but in the other.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from tillbench.host.cards import CardAuthority, CardProfile, VirtualCard, load_profile
from tillbench.host.cards.oda_profile import CA_KEYS, FAULTS, KeyProfile, OdaProfile
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError
from tillbench.protocols.emv import tlv

from .kernel_rig import UNIONPAY_ENTRY, VISA_ENTRY, Rig
from .test_kernel_cards import Inserted

CAPABLE = bytes.fromhex("E0F8C8")
METHODS = {"SDA": "80", "DDA": "C0", "CDA": "C8"}  # what the terminal must claim for a card that has them all
FAILED = {"SDA": 0x42, "DDA": 0x08, "CDA": 0x04}
ENTRIES = [
    {**UNIONPAY_ENTRY, "floor_limit": 100000},
    {**VISA_ENTRY, "floor_limit": 100000},
    {**VISA_ENTRY, "aid": bytes.fromhex("A0000000041010"), "floor_limit": 100000},
    {**VISA_ENTRY, "aid": bytes.fromhex("A0000002771010"), "floor_limit": 100000},
]
STEPS = (
    ("candidates",),
    ("select", 0),
    ("initiate", 1234, 0, 0, bytes.fromhex("261123"), bytes.fromhex("101112"), 42),
    ("read_records",),
    ("data_authentication",),
)


def capks(profile: CardProfile) -> list[dict[str, Any]]:
    return [
        {
            "rid": key.rid,
            "index": key.index,
            "modulus": key.modulus,
            "exponent": int.from_bytes(key.exponent, "big"),
            "checksum": key.checksum,
        }
        for key in CardAuthority().public_keys(profile)
    ]


def insert(device: Bench, profile: CardProfile, **terminal: Any) -> Rig:
    """The card in the slot of a terminal that has its CA keys."""
    options: dict[str, Any] = {"capabilities": CAPABLE, "capks": capks(profile), **terminal}
    rig = Rig(device).start(*ENTRIES, **options)
    virtual = VirtualCard(profile)
    virtual.reset()
    rig.card = Inserted(virtual)
    return rig


def with_oda(**oda: Any) -> CardProfile:
    profile = load_profile("unionpay-debit")
    authentication = OdaProfile(**{"methods": "sda dda cda", **oda})
    application = profile.applications[0].model_copy(update={"offline_authentication": authentication})
    return profile.model_copy(update={"applications": (application,)})


def first_cryptogram(rig: Rig) -> str:
    rest = ("restrictions",), ("cardholder_verification",), ("risk_management",), ("first_generate_ac",)
    outcome: str = rig.steps(*rest)
    return outcome


@pytest.mark.one_in(3)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_every_single_fault(device: Bench, fault: str | None, method: str) -> None:
    profile = with_oda(pin=KeyProfile(bits=768), faults=fault or "")
    rig = insert(device, profile, capabilities=bytes.fromhex("E068" + METHODS[method]))
    part, _, name = (fault or ".").partition(".")
    if fault == "dynamic.missing" and method == "DDA":
        with pytest.raises(DeviceError, match="EmvError"):
            rig.steps(*STEPS)
        return
    rig.steps(*STEPS)
    of_method = {"SDA": ("issuer", "static"), "DDA": ("issuer", "icc", "dynamic"), "CDA": ("issuer", "icc", "dynamic")}
    fails = part in of_method[method]
    if method == "DDA" and name in ("cid", "transaction-data"):
        fails = False
    if name == "data-length":
        fails = False  # more data of the card's own may follow the dynamic number (Book 2 sections 6.5.1 and 6.6.1)
    missing = fails and part != "dynamic" and name in ("no-index", "missing", "no-exponent", "no-remainder")
    expected = (FAILED[method] if fails else FAILED[method] & 0x02) | (0x20 if missing else 0)
    if method == "CDA" and (part == "dynamic" or not fails):
        assert (rig.tvr, rig.tsi) == ("0000000000", "0000")  # the keys are good
        assert first_cryptogram(rig) == ("AAC" if fails else "ARQC")
    assert (rig.tvr[:2], rig.tsi[0] in "89CE") == (f"{expected:02X}", True), rig.why


def test_key_lengths_at_random(device: Bench) -> None:
    """Keys of any length that EMV allows for the method, each no longer than its signer's."""
    rng = random.Random(1984)
    for _ in range(12):
        bits, exponent = rng.choice([key for key in CA_KEYS.values() if key[0] >= 1024])
        issuer = rng.choice([n for n in (1024, 1032, 1152, 1408, 1976, 1984) if n <= bits])
        icc = rng.choice([n for n in (560, 768, 896, 1024, 1152, 1408) if n <= issuer])
        oda = {
            "ca": KeyProfile(bits=bits, exponent=exponent),
            "issuer": KeyProfile(bits=issuer, exponent=rng.choice([3, 65537])),
            "icc": KeyProfile(bits=icc, exponent=rng.choice([3, 65537])),
            "dynamic_number": rng.randrange(2, 9),
            "tag_list": rng.choice([b"", b"\x82"]),
        }
        for method in METHODS:
            rig = insert(device, with_oda(**oda), capabilities=bytes.fromhex("E068" + METHODS[method]))
            rig.steps(*STEPS)
            if method == "CDA":
                assert first_cryptogram(rig) == "ARQC", (oda, rig.why)
            assert int(rig.tvr[:2], 16) == FAILED[method] & 0x02, (oda, method, rig.why)


class Cardholder:
    """Types these PINs in turn, CANCEL when there are no more."""

    def __init__(self, *pins: str) -> None:
        self.pins = list(pins)
        self.asked: list[int] = []

    def __call__(self, tries: int) -> bytes | None:
        self.asked.append(tries)
        return self.pins.pop(0).encode() if self.pins else None


PIN_CARDS = {
    "visa-cvm-plaintext-pin": ("OFFLINE_PIN", "02"),
    "visa-cvm-enciphered-pin": ("OFFLINE_PIN", "02"),
    "visa-cvm-plaintext-pin-and-signature": ("SIGNATURE", "00"),
    "visa-cvm-enciphered-pin-and-signature": ("SIGNATURE", "00"),
    "visa-pin-key": ("OFFLINE_PIN", "02"),
}


@pytest.mark.parametrize("name", PIN_CARDS)
@pytest.mark.parametrize("capabilities", ["E0F8C8", "E0F800"])
def test_offline_pin(device: Bench, name: str, capabilities: str) -> None:
    profile = load_profile(name)
    rig = insert(device, profile, capabilities=bytes.fromhex(capabilities))
    rig.steps(*STEPS, ("restrictions",))
    pad = rig.offline_pin = Cardholder("0000", profile.pin)
    outcome, result = PIN_CARDS[name]
    assert rig.step("cardholder_verification") == outcome, rig.why
    assert (rig.tag(0x9F34) or "")[4:] == result
    assert rig.tvr[4:6] == "00"
    assert pad.asked == [3, 2]


@pytest.mark.parametrize("name", PIN_CARDS)
def test_offline_pin_blocked(device: Bench, name: str) -> None:
    profile = load_profile(name)
    rig = insert(device, profile)
    rig.steps(*STEPS, ("restrictions",))
    pad = rig.offline_pin = Cardholder("0000", "1111", "2222", "3333")
    rig.step("cardholder_verification")
    assert rig.tvr[4:6] in ("20", "A0")
    assert pad.asked == [3, 2, 1]
    rig.card.card.reset()  # type: ignore[attr-defined]  # it has the virtual card behind it
    rig.steps(*STEPS, ("restrictions",), ("cardholder_verification",))
    assert pad.asked == [3, 2, 1]  # not asked again
    assert rig.tvr[4:6] in ("20", "A0")


def test_an_offline_approval(device: Bench) -> None:
    profile = load_profile("unionpay-offline")
    rig = insert(device, profile)
    rig.offline_pin = lambda tries: profile.pin.encode()
    rig.pin = lambda: True
    rig.steps(*STEPS)
    decision = first_cryptogram(rig)
    assert (rig.tvr[:2], rig.tsi[0]) == ("00", "E")
    assert decision in ("TC", "ARQC")
    requested = rig.card.sent("80AE")[0][4:6]
    assert requested == ("50" if decision == "TC" else "90")
    assert rig.tag(0x9F4C) is not None


@pytest.mark.parametrize("kind", [0x71, 0x72])
def test_a_script_without_a_good_mac_is_refused_by_the_card(device: Bench, kind: int) -> None:
    """The card finds it wrong, the kernel says so to the issuer."""
    rig = insert(device, load_profile("unionpay-debit"))
    rig.steps(*STEPS)
    assert first_cryptogram(rig) == "ARQC"
    unblock = tlv.encode(0x86, bytes.fromhex("8424000004") + bytes(4))
    script = tlv.encode(kind, tlv.encode(0x9F18, b"\x01\x02\x03\x04") + unblock)
    rig.step("complete", b"51", script)
    assert rig.tag(0x9F5B) == "1101020304"
    assert rig.tvr[8:] == ("20" if kind == 0x71 else "10")
    assert int(rig.tsi[:2], 16) & 0x04

"""Cardholder verification: every condition, method and way to fail (EMV Book 3 10.5, Book 4 6.3.4, Table 2)."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_rig import Rig, card, refused

AMOUNTS = "000003E8 000007D0"  # X 1000, Y 2000


@pytest.fixture
def rig(device: Bench) -> Rig:
    return Rig(device).start()


def verify(rig: Rig, rules: str, *, pin: bool = True, objects: dict[str, str] | None = None, **transaction: Any) -> str:
    """The outcome for a CVM List of these rules."""
    asked = []

    def ask() -> bool:
        asked.append(1)
        return pin

    rig.pin = ask
    rig.read(card({"8E": AMOUNTS + rules, **(objects or {})}), **transaction)
    outcome: str = rig.step("cardholder_verification")
    rig.prompts = len(asked)
    return outcome


def result(rig: Rig) -> tuple[str | None, str, str]:
    """CVM Results, TVR byte 3 and TSI."""
    assert rig.tvr[:4] == "0000"
    assert rig.tvr[6:] == "0000"
    return rig.tag(0x9F34), rig.tvr[4:6], rig.tsi


def test_the_card_does_not_want_it(rig: Rig) -> None:
    rig.read(card(aip="0C00"))
    assert rig.step("cardholder_verification") == "NONE"
    assert result(rig) == ("3F0000", "00", "0000")


@pytest.mark.parametrize("cvm_list", [None, "0000000000000000"])
def test_no_list_though_the_card_wants_it(rig: Rig, cvm_list: str | None) -> None:
    rig.read(card({"8E": cvm_list}))
    assert rig.step("cardholder_verification") == "NONE"
    assert (rig.tag(0x9F34), rig.tvr, rig.tsi) == ("3F0000", "2000000000", "0000")


@pytest.mark.parametrize("cvm_list", ["", "00000000", "00000000000000", "000000000000000042", "000000000000000042001E"])
def test_a_malformed_list(rig: Rig, cvm_list: str) -> None:
    rig.read(card({"8E": cvm_list}))
    with refused("FORMAT", f"8E: expected two amounts and rules of 2 bytes, found {len(cvm_list) // 2} bytes"):
        rig.step("cardholder_verification")


@pytest.mark.parametrize(
    ("rules", "outcome", "results", "byte_3"),
    [
        # Book 4 Table 2, line by line.
        ("4201", "FAILED", "3F0001", "80"),  # no condition satisfied
        ("4201 1E04 1F05", "FAILED", "3F0001", "80"),
        ("4600", "FAILED", "3F0001", "80"),  # recognised, not supported (biometric)
        ("4100 0400", "FAILED", "3F0001", "90"),  # the same, of the PIN family
        ("6000", "FAILED", "3F0001", "C0"),  # not recognised
        ("6000 3E00", "FAILED", "3F0001", "C0"),
        ("0000", "FAILED", "000001", "80"),  # fail CVM processing
        ("4003 1F00", "FAILED", "400301", "80"),
        ("1E00", "SIGNATURE", "1E0000", "00"),
        ("5E03", "SIGNATURE", "5E0300", "00"),
        ("0200", "ONLINE_PIN", "020000", "04"),
        ("4203", "ONLINE_PIN", "420300", "04"),
        ("1F00", "NONE", "1F0002", "00"),
        ("5F03", "NONE", "5F0302", "00"),
        # Failure and continuation.
        ("4100 1E00", "SIGNATURE", "1E0000", "10"),
        ("0100 1E00", "FAILED", "3F0001", "90"),
        ("4300 4400 4500 1F00", "NONE", "1F0002", "10"),
        ("6000 0200", "ONLINE_PIN", "020000", "44"),
        ("2000 0200", "FAILED", "3F0001", "C0"),
        ("4103 4303 4403 4503 5E03", "SIGNATURE", "5E0300", "00"),  # "if supported" skips without a trace
        ("6003 1F00", "NONE", "1F0002", "00"),
        ("4F00 4600 1F00", "NONE", "1F0002", "00"),
        ("50AA 1F00", "NONE", "1F0002", "00"),  # unknown condition
        ("5D00 1F00", "NONE", "1F0002", "40"),
        ("7F00 1F00", "NONE", "1F0002", "40"),
        ("8200", "ONLINE_PIN", "820000", "04"),  # bit 8 is reserved, the rest counts
    ],
)
def test_the_list_is_walked(rig: Rig, rules: str, outcome: str, results: str, byte_3: str) -> None:
    assert verify(rig, rules) == outcome
    assert result(rig) == (results, byte_3, "4000")


@pytest.mark.parametrize(
    ("rules", "outcome", "results", "byte_3", "asked"),
    [
        ("0200", "FAILED", "020001", "88", 1),
        ("0200 1E00", "FAILED", "020001", "88", 1),
        ("4200 1E00", "SIGNATURE", "1E0000", "08", 1),
        ("4200 1F00", "NONE", "1F0002", "08", 1),
        ("4200", "FAILED", "420001", "88", 1),
        ("4200 0200", "FAILED", "020001", "88", 1),  # bypassed once, bypassed for all
        ("4203 4201 5E04", "FAILED", "420301", "88", 1),  # the last one that was performed
        ("4200 4600", "FAILED", "420001", "88", 1),
        ("4200 6000", "FAILED", "420001", "C8", 1),
        ("4200 0000", "FAILED", "000001", "88", 1),
    ],
)
def test_pin_entry_bypassed(rig: Rig, rules: str, outcome: str, results: str, byte_3: str, asked: int) -> None:
    assert verify(rig, rules, pin=False) == outcome
    assert result(rig) == (results, byte_3, "4000")
    assert rig.prompts == asked


def test_a_terminal_that_asks_again_after_a_bypass(device: Bench) -> None:
    rig = Rig(device).start(bypass_once=False)
    assert verify(rig, "4200 0200", pin=False) == "FAILED"
    assert rig.prompts == 2


@pytest.mark.parametrize(
    ("byte_2", "rules", "outcome", "results", "byte_3"),
    [
        ("28", "4200 1E00", "SIGNATURE", "1E0000", "10"),
        ("28", "4203 1E00", "SIGNATURE", "1E0000", "00"),
        ("28", "0200 1E00", "FAILED", "3F0001", "90"),
        ("48", "5E00 1F00", "NONE", "1F0002", "00"),
        ("48", "1E00", "FAILED", "3F0001", "80"),
        ("60", "1F00", "FAILED", "3F0001", "80"),
        ("60", "5F03 1E00", "SIGNATURE", "1E0000", "00"),
        ("00", "4203 5E03 1F03", "FAILED", "3F0001", "80"),
        ("00", "4200 5E00 1F00", "FAILED", "3F0001", "90"),
    ],
)
def test_what_the_terminal_cannot_do(
    device: Bench, byte_2: str, rules: str, outcome: str, results: str, byte_3: str
) -> None:
    rig = Rig(device).start(capabilities=bytes.fromhex("E0" + byte_2 + "00"))
    assert verify(rig, rules) == outcome
    assert result(rig) == (results, byte_3, "4000")


PURCHASE, CASH, CASHBACK, REFUND = 0x00, 0x01, 0x09, 0x20
ATTENDED, UNATTENDED = 0x22, 0x25


@pytest.mark.parametrize(
    ("condition", "terminal_type", "transaction", "objects", "holds"),
    [
        ("01", UNATTENDED, {"kind": CASH}, {}, True),
        ("01", ATTENDED, {"kind": CASH}, {}, False),
        ("01", UNATTENDED, {"kind": PURCHASE}, {}, False),
        ("02", ATTENDED, {"kind": PURCHASE}, {}, True),
        ("02", UNATTENDED, {"kind": PURCHASE}, {}, True),
        ("02", ATTENDED, {"kind": REFUND}, {}, True),
        ("02", ATTENDED, {"kind": CASH}, {}, False),
        ("02", UNATTENDED, {"kind": CASH}, {}, False),
        ("02", ATTENDED, {"kind": CASHBACK, "other": 1}, {}, False),
        ("02", ATTENDED, {"kind": PURCHASE, "other": 1}, {}, False),
        ("03", ATTENDED, {}, {}, True),
        ("04", ATTENDED, {"kind": CASH}, {}, True),
        ("04", UNATTENDED, {"kind": CASH}, {}, False),
        ("04", ATTENDED, {"kind": PURCHASE}, {}, False),
        ("05", ATTENDED, {"kind": CASHBACK}, {}, True),
        ("05", ATTENDED, {"kind": PURCHASE, "other": 1}, {}, True),
        ("05", ATTENDED, {"kind": PURCHASE}, {}, False),
        ("06", ATTENDED, {"amount": 999}, {"9F42": "0156"}, True),
        ("06", ATTENDED, {"amount": 1000}, {"9F42": "0156"}, False),
        ("07", ATTENDED, {"amount": 1000}, {"9F42": "0156"}, False),
        ("07", ATTENDED, {"amount": 1001}, {"9F42": "0156"}, True),
        ("08", ATTENDED, {"amount": 1999}, {"9F42": "0156"}, True),
        ("08", ATTENDED, {"amount": 2000}, {"9F42": "0156"}, False),
        ("09", ATTENDED, {"amount": 2000}, {"9F42": "0156"}, False),
        ("09", ATTENDED, {"amount": 2001}, {"9F42": "0156"}, True),
        ("06", ATTENDED, {"amount": 1}, {"9F42": "0840"}, False),  # not the application's currency
        ("07", ATTENDED, {"amount": 5000}, {"9F42": "0840"}, False),
        ("06", ATTENDED, {"amount": 1}, {}, False),  # no application currency
        ("09", ATTENDED, {"amount": 5000}, {}, False),
        ("0A", ATTENDED, {}, {}, False),
        ("80", ATTENDED, {}, {}, False),
        ("FF", ATTENDED, {}, {}, False),
    ],
)
def test_each_condition(
    device: Bench,
    condition: str,
    terminal_type: int,
    transaction: dict[str, Any],
    objects: dict[str, str],
    holds: bool,
) -> None:
    rig = Rig(device).start(terminal_type=terminal_type)
    outcome = verify(rig, f"1E{condition} 1F00", objects=objects, **transaction)
    assert outcome == ("SIGNATURE" if holds else "NONE")
    assert result(rig) == (f"1E{condition}00" if holds else "1F0002", "00", "4000")


def test_x_and_y_are_four_bytes(rig: Rig) -> None:
    rig.read(card({"8E": "FFFFFFFF 00000000 1E06 1F00", "9F42": "0156"}), amount=0xFFFFFFFE)
    assert rig.step("cardholder_verification") == "SIGNATURE"


def test_the_longest_list(rig: Rig) -> None:
    rig.read(card({"8E": "0000000000000000" + "4201" * 100 + "1F00", "8C": "9F3704", "8D": "8A02"}))
    assert rig.step("cardholder_verification") == "NONE"


def test_no_pin_reaches_the_kernel(rig: Rig) -> None:
    """The callback answers yes or no; whatever it is, the kernel keeps nothing of it."""
    rig.read(card())
    before = set(rig.device.call("kernel_probe:state")[2])
    assert rig.step("cardholder_verification") == "ONLINE_PIN"
    assert set(rig.device.call("kernel_probe:state")[2]) == before

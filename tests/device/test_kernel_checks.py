"""Offline data authentication, processing restrictions, terminal risk management: TVR and TSI after each."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_rig import UNIONPAY_ENTRY, Rig, card, refused


@pytest.fixture
def rig(device: Bench) -> Rig:
    return Rig(device).start()


@pytest.mark.parametrize("aip", ["0000", "1C00", "7D00", "FF80"])
def test_data_authentication_was_not_performed_and_says_so(rig: Rig, aip: str) -> None:
    rig.read(card(aip=aip))
    rig.step("data_authentication")
    assert (rig.tvr, rig.tsi) == ("8000000000", "0000")


@pytest.mark.parametrize(
    ("objects", "byte_2"),
    [
        ({}, "00"),
        # Version: only a different one counts.
        ({"9F08": "0030"}, "00"),
        ({"9F08": "0031"}, "80"),
        # Effective and expiration date, on, before and after the day (26-11-23).
        ({"5F25": "261123"}, "00"),
        ({"5F25": "261124"}, "20"),
        ({"5F25": "250101"}, "00"),
        ({"5F25": "491231"}, "20"),
        ({"5F25": "500101"}, "00"),  # 1950
        ({"5F25": "991231"}, "00"),  # 1999
        ({"5F24": "261123"}, "00"),
        ({"5F24": "261122"}, "40"),
        ({"5F24": "261031"}, "40"),
        ({"5F24": "491231"}, "00"),
        ({"5F24": "991231"}, "40"),  # 1999
        ({"5F24": "251231", "5F25": "270101", "9F08": "0001"}, "E0"),
        # Usage: this is no ATM.
        ({"9F07": "FD00"}, "00"),
        ({"9F07": "0100"}, "00"),
        ({"9F07": "FE00"}, "10"),
        ({"9F07": "0000"}, "10"),
        ({"9F07": "0100", "5F28": "0156"}, "10"),
        # At home: goods (20) or services (08).
        ({"9F07": "2100", "5F28": "0156"}, "00"),
        ({"9F07": "0900", "5F28": "0156"}, "00"),
        ({"9F07": "D500", "5F28": "0156"}, "10"),
        ({"9F07": "2000", "5F28": "0156"}, "10"),
        # Abroad: goods (10) or services (04).
        ({"9F07": "1100", "5F28": "0840"}, "00"),
        ({"9F07": "0500", "5F28": "0840"}, "00"),
        ({"9F07": "EB00", "5F28": "0840"}, "10"),
    ],
)
def test_restrictions_of_a_purchase(rig: Rig, objects: dict[str, str], byte_2: str) -> None:
    rig.read(card(objects))
    rig.step("restrictions")
    assert (rig.tvr, rig.tsi) == (f"00{byte_2}000000", "0000")


@pytest.mark.parametrize(
    ("kind", "other", "usage", "country", "allowed"),
    [
        (0x01, 0, "8100", "0156", True),
        (0x01, 0, "7DC0", "0156", False),
        (0x01, 0, "4100", "0840", True),
        (0x01, 0, "BDC0", "0840", False),
        (0x09, 100, "2180", "0156", True),
        (0x09, 100, "FD40", "0156", False),
        (0x09, 100, "1140", "0840", True),
        (0x09, 100, "FD80", "0840", False),
        (0x09, 100, "D580", "0156", False),
        (0x09, 0, "FD40", "0156", False),
        (0x00, 100, "2180", "0156", True),
        (0x00, 100, "2140", "0156", False),
        (0x03, 0, "2100", "0156", True),
        (0x03, 0, "C100", "0156", False),
        (0x20, 0, "0100", "0156", True),
        (0x31, 0, "0100", "0156", True),
    ],
)
def test_usage_control_by_kind_of_transaction(
    rig: Rig, kind: int, other: int, usage: str, country: str, allowed: bool
) -> None:
    rig.read(card({"9F07": usage, "5F28": country}), kind=kind, other=other)
    rig.step("restrictions")
    assert rig.tvr == ("0000000000" if allowed else "0010000000")


@pytest.mark.parametrize(
    ("terminal_type", "additional", "usage", "allowed"),
    [
        (0x14, "8000F0A001", "0200", True),
        (0x15, "8000F0A001", "FD00", False),
        (0x16, "8000F0A001", "0200", True),
        (0x14, "6000F0A001", "FD00", True),  # gives no cash: no ATM
        (0x24, "8000F0A001", "FD00", True),  # a merchant's: no ATM
        (0x24, "8000F0A001", "0200", False),
    ],
)
def test_usage_control_at_an_atm(device: Bench, terminal_type: int, additional: str, usage: str, allowed: bool) -> None:
    rig = Rig(device).start(terminal_type=terminal_type, additional=bytes.fromhex(additional))
    rig.read(card({"9F07": usage}))
    rig.step("restrictions")
    assert rig.tvr == ("0000000000" if allowed else "0010000000")


def test_the_checks_one_after_the_other(rig: Rig) -> None:
    rig.read(card({"9F08": "0099", "5F24": "261122"}), amount=20000)
    seen = []
    for step in ("data_authentication", "restrictions", "cardholder_verification", "risk_management"):
        rig.step(step)
        seen.append((rig.tvr, rig.tsi))
    assert seen == [
        ("8000000000", "0000"),
        ("80C0000000", "0000"),
        ("80C0040000", "4000"),
        ("80C0048000", "4800"),
    ]
    assert rig.tag(0x95) == rig.tvr
    assert rig.tag(0x9B) == rig.tsi


@pytest.mark.parametrize("check", ["data_authentication", "restrictions", "cardholder_verification", "risk_management"])
def test_each_check_once(rig: Rig, check: str) -> None:
    rig.read(card())
    rig.step(check)
    with refused("SEQUENCE", "a second time"):
        rig.step(check)


@pytest.mark.parametrize(
    ("terminal", "detail"),
    [
        ({"capabilities": b"\xe0\x69\x00"}, "9F33 byte 2 promises biometrics"),
        ({"capabilities": b"\xe0\x6a\x00"}, "9F33 byte 2 promises biometrics"),
        ({"capabilities": b"\xe0\x6c\x00"}, "9F33 byte 2 promises biometrics"),
        ({"capabilities": b"\xe0\x68\x04"}, "9F33 byte 3 promises XDA"),
        ({"capabilities": b"\xe0\x68\x10"}, "9F33 byte 3"),
        ({"capabilities": b"\xe0\x68\x02"}, "9F33 byte 3"),
        ({"capabilities": b"\xe0\x68\x01"}, "9F33 byte 3"),
        ({"revoked": b"\xa0" * 10}, "revoked certificates: expected 9 bytes each, found 10"),
        ({"cda_mode": 0}, "CDA mode: expected 1 to 4, found 0"),
        ({"cda_mode": 5}, "CDA mode: expected 1 to 4, found 5"),
        ({"capabilities": b"\xe0\x68"}, "9F33: expected 3 bytes, found 2"),
        ({"additional": b"\x60\x00\xf0\xa0\x03"}, "9F40 bytes 4 and 5 promise code tables 2 to 10"),
        ({"additional": b"\x60\x00\xf0\xa0\x80"}, "9F40 bytes 4 and 5"),
        ({"additional": b"\x60\x00\xf0\xa1\x01"}, "9F40 bytes 4 and 5"),
        ({"additional": b"\x60\x00\xf0\xa2\x01"}, "9F40 bytes 4 and 5"),
        ({"additional": b"\xe0"}, "9F40: expected 5 bytes, found 1"),
        ({"country": b"\x56"}, "9F1A: expected 2 bytes, found 1"),
        ({"currency": b"156"}, "5F2A: expected 2 bytes, found 3"),
        ({"serial": b"1"}, "9F1E: expected 8 bytes, found 1"),
        ({"merchant": b"1"}, "9F16: expected 15 bytes, found 1"),
        ({"terminal": b"1"}, "9F1C: expected 8 bytes, found 1"),
        ({"category": b"1"}, "9F15: expected 2 bytes, found 1"),
        ({"acquirer": b"1"}, "9F01: expected 6 bytes, found 1"),
        ({"terminal_type": 0x00}, "9F35"),
        ({"terminal_type": 0x27}, "9F35"),
        ({"terminal_type": 0x20}, "9F35"),
        ({"terminal_type": 0x33}, "9F35"),
        ({"terminal_type": 0x42}, "9F35"),
    ],
)
def test_a_terminal_must_not_promise_what_it_cannot_do(device: Bench, terminal: dict[str, Any], detail: str) -> None:
    with refused("CONFIG", detail):
        Rig(device).start(**terminal)


@pytest.mark.parametrize(
    ("entry", "detail"),
    [
        ({"aid": b"\xa0\0\0\3"}, "AID: expected 5 to 16 bytes, found 4"),
        ({"aid": b"\xa0" * 17}, "AID: expected 5 to 16 bytes, found 17"),
        ({"version": b"\x30"}, "9F09: expected 2 bytes, found 1"),
        ({"tac_denial": b""}, "TAC-Denial: expected 5 bytes, found 0"),
        ({"tac_online": b"\0" * 6}, "TAC-Online: expected 5 bytes, found 6"),
        ({"tac_default": b"\0" * 4}, "TAC-Default: expected 5 bytes, found 4"),
        ({"floor_limit": -1}, "9F1B"),
        ({"floor_limit": 1 << 32}, "9F1B"),
    ],
)
def test_a_malformed_application_entry(device: Bench, entry: dict[str, Any], detail: str) -> None:
    with refused("CONFIG", detail):
        Rig(device).start({**UNIONPAY_ENTRY, **entry})

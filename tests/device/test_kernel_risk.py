"""Terminal risk management: floor limit, random selection, velocity, new card, lists (EMV Book 3 section 10.6)."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_rig import UNIONPAY_ENTRY, Rig, card, refused, tlv


def managed(rig: Rig, *how: str, objects: dict[str, str] | None = None, **transaction: Any) -> tuple[str, str]:
    """TVR and TSI after this step alone."""
    more = transaction.pop("more", {})
    rig.read(card(objects, aip=transaction.pop("aip", "1C00"), more=more), **transaction)
    rig.step("risk_management", *how)
    return rig.tvr, rig.tsi


@pytest.fixture
def rig(device: Bench) -> Rig:
    return Rig(device).start()


@pytest.mark.parametrize(
    ("amount", "limit", "byte_4"),
    [(9999, 10000, "00"), (10000, 10000, "80"), (10001, 10000, "80"), (0, 0, "80"), (0, 1, "00"), (1, 0, "80")],
)
def test_floor_limit(device: Bench, amount: int, limit: int, byte_4: str) -> None:
    rig = Rig(device).start({**UNIONPAY_ENTRY, "floor_limit": limit})
    assert managed(rig, amount=amount) == (f"000000{byte_4}00", "0800")
    assert rig.tag(0x9F1B) == f"{limit:08X}"
    assert rig.why == ("floor limit" if byte_4 == "80" else "")


def test_the_floor_limit_holds_whatever_the_card_says_of_risk_management(rig: Rig) -> None:
    assert managed(rig, aip="1400", amount=10000) == ("0000008000", "0800")


@pytest.mark.parametrize(
    ("logged", "byte_4"), [(0, "00"), (8765, "00"), (8766, "80"), (10000, "80"), (999999999999, "80")]
)
def test_split_sales(rig: Rig, logged: int, byte_4: str) -> None:
    asked = []

    def last_amount(pan: bytes, sequence_number: bytes) -> int:
        asked.append((pan.hex(), sequence_number.hex()))
        return logged

    rig.last_amount = last_amount
    assert managed(rig, "last_amount", objects={"5F34": "01"}, amount=1234) == (f"000000{byte_4}00", "0800")
    assert asked == [("6200000000000005", "01")]


@pytest.mark.parametrize("listed", [True, False])
def test_exception_file(rig: Rig, listed: bool) -> None:
    asked = []

    def is_listed(pan: bytes, sequence_number: bytes) -> bool:
        asked.append((pan.hex(), sequence_number.hex()))
        return listed

    rig.is_listed = is_listed
    assert managed(rig, "is_listed") == ("1000000000" if listed else "0000000000", "0800")
    assert asked == [("6200000000000005", "")]


def test_merchant_forces_online(rig: Rig) -> None:
    assert managed(rig, "force_online") == ("0000000800", "0800")
    assert rig.why == "merchant forces online"


def test_everything_at_once(rig: Rig) -> None:
    rig.is_listed = lambda pan, psn: True
    assert managed(rig, "is_listed", "force_online", amount=20000) == ("1000008800", "0800")
    assert rig.why == "on the exception file, merchant forces online, floor limit"


def draw(rig: Rig, number: int) -> None:
    """The random number of the selection will be `number` (1 to 99)."""
    rig.entropy = lambda n: (number - 1).to_bytes(n, "big")


# Target 20 % below 2000, then rising to 60 % at the floor limit of 10000.
BIASED = {"threshold": 2000, "target_percent": 20, "max_target_percent": 60}


@pytest.mark.parametrize(
    ("amount", "percent"),
    [(0, 20), (1999, 20), (2000, 20), (2200, 21), (4000, 30), (6000, 40), (8000, 50), (9999, 59)],
)
def test_random_selection(device: Bench, amount: int, percent: int) -> None:
    rig = Rig(device).start({**UNIONPAY_ENTRY, **BIASED})
    draw(rig, percent)
    assert managed(rig, amount=amount) == ("0000001000", "0800")
    assert rig.why == "selected at random"
    draw(rig, percent + 1)
    assert managed(rig, amount=amount) == ("0000000000", "0800")


@pytest.mark.parametrize(
    ("entry", "terminal_type", "amount"),
    [
        (BIASED, 0x22, 10000),  # the floor limit sends it online already
        (BIASED, 0x21, 100),  # online-only
        (BIASED, 0x23, 100),  # offline-only
        ({}, 0x22, 100),
        ({"threshold": 5000, "max_target_percent": 99}, 0x22, 4999),
    ],
)
def test_no_random_selection(device: Bench, entry: dict[str, int], terminal_type: int, amount: int) -> None:
    rig = Rig(device).start({**UNIONPAY_ENTRY, **entry}, terminal_type=terminal_type)
    draw(rig, 1)
    assert managed(rig, amount=amount) == ("0000008000" if amount >= 10000 else "0000000000", "0800")


def test_selection_takes_entropy_of_its_own(device: Bench) -> None:
    """Not the unpredictable number, which the card sees; and it is as often as it should be."""
    rig = Rig(device).start({**UNIONPAY_ENTRY, "target_percent": 50, "max_target_percent": 50})
    drawn: list[int] = []
    rig.entropy = lambda n: drawn.append(n) or bytes(n)  # type: ignore[func-returns-value]  # append gives None, so the other side is what comes
    managed(rig)
    assert drawn == [4, 4]


def test_a_split_sale_has_the_odds_of_its_own_amount(device: Bench) -> None:
    rig = Rig(device).start({**UNIONPAY_ENTRY, **BIASED})
    rig.last_amount = lambda pan, psn: 6000
    draw(rig, 21)
    assert managed(rig, "last_amount", amount=1000) == ("0000000000", "0800")


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"threshold": 10000}, "threshold: expected less than the floor limit, found 10000"),
        ({"threshold": -1}, "threshold"),
        ({"target_percent": -1}, "target percentages"),
        ({"target_percent": 2, "max_target_percent": 1}, "target percentages: .* found 2 and 1"),
        ({"max_target_percent": 100}, "target percentages"),
    ],
)
def test_odds_that_are_none(device: Bench, change: dict[str, int], detail: str) -> None:
    with refused("CONFIG", detail.split(":")[0]):
        Rig(device).start({**UNIONPAY_ENTRY, **change})


LIMITS = {"9F14": "02", "9F23": "05"}


def counters(atc: str | None, last: str | None) -> dict[str, str]:
    return {
        "80CA9F36": "6A88" if atc is None else tlv("9F36", atc) + "9000",
        "80CA9F13": "6A88" if last is None else tlv("9F13", last) + "9000",
    }


@pytest.mark.parametrize(
    ("atc", "last", "tvr"),
    [
        ("0012", "0011", "0000000000"),
        ("0012", "0010", "0000000000"),
        ("0012", "000F", "0000004000"),
        ("0012", "000D", "0000004000"),
        ("0012", "000C", "0000006000"),
        ("0012", "0012", "0000006000"),
        ("0012", "0013", "0000006000"),
        ("0001", "0000", "0008000000"),  # a new card, within its limits
        ("0009", "0000", "0008006000"),
        ("0000", "0000", "0008006000"),
        (None, "0011", "0000006000"),
        ("0012", None, "0000006000"),
        (None, "0000", "0008006000"),
        (None, None, "0000006000"),
        ("12", "0011", "0000006000"),
        ("0012", "000011", "0000006000"),
        ("0200", "0101", "0000006000"),
    ],
)
def test_velocity(rig: Rig, atc: str | None, last: str | None, tvr: str) -> None:
    assert managed(rig, objects=LIMITS, more=counters(atc, last)) == (tvr, "0800")
    assert rig.card.sent("80CA") == ["80CA9F3600", "80CA9F1300"]


@pytest.mark.parametrize("objects", [{}, {"9F14": "02"}, {"9F23": "05"}])
def test_no_velocity_without_both_limits(rig: Rig, objects: dict[str, str]) -> None:
    assert managed(rig, objects=objects) == ("0000000000", "0800")
    assert not rig.card.sent("80CA")


def test_limits_of_zero(rig: Rig) -> None:
    objects = {"9F14": "00", "9F23": "00"}
    assert managed(rig, objects=objects, more=counters("0012", "0011")) == ("0000006000", "0800")


def test_counters_in_a_record_are_not_believed(rig: Rig) -> None:
    """They could be as old as the card."""
    objects = {**LIMITS, "9F36": "0012", "9F13": "0011"}
    assert managed(rig, objects=objects, more=counters(None, None)) == ("0000006000", "0800")

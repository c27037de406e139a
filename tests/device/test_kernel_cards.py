"""Whole transactions: the kernel on the device against the virtual cards, the issuer's part done by `pyemv`.

Kernel and cards are written independently of each other; what they agree on, a third party computes once more.
"""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.cards import CardMute, VirtualCard, load_profile, profile_names
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError
from tillbench.protocols.emv import tlv

from .kernel_issuer import Issuer
from .kernel_rig import UNIONPAY_ENTRY, VISA_ENTRY, Card, Rig, refused

UNIONPAY = {**UNIONPAY_ENTRY, "version": load_profile("unionpay-debit").applications[0].version, "floor_limit": 0}
VISA = {**VISA_ENTRY, "version": load_profile("visa-credit").applications[0].version}
CHECKS = (("data_authentication",), ("restrictions",), ("cardholder_verification",), ("risk_management",))
ORDINARY = ("unionpay-debit", "visa-credit")


class Inserted(Card):
    """A virtual card in the slot; a mute one is as if pulled."""

    def __init__(self, card: VirtualCard) -> None:
        super().__init__({})
        self.card = card

    def __call__(self, apdu: bytes) -> bytes | None:
        self.log.append(apdu.hex().upper())
        try:
            return self.card.transmit(apdu)
        except CardMute:
            return None


class Sale:
    """One sale of 12.34 with a virtual card, and its issuer."""

    def __init__(self, device: Bench, name: str) -> None:
        self.profile = load_profile(name)
        self.virtual = VirtualCard(self.profile)
        self.virtual.reset()
        self.rig = Rig(device).start(UNIONPAY, VISA)
        self.rig.card = Inserted(self.virtual)
        self.issuer = Issuer(self.profile)

    def to_first_cryptogram(self) -> str:
        """Everything up to the first GENERATE AC; its outcome."""
        if not self.rig.steps(("candidates",), ("select", 0)):
            return "DROPPED"
        moment = bytes.fromhex("261123"), bytes.fromhex("101112")
        outcome: str = self.rig.steps(
            ("initiate", 1234, 0, 0, *moment, 42), ("read_records",), *CHECKS, ("first_generate_ac",)
        )
        return outcome

    def field_55(self) -> dict[int, bytes]:
        """What the acquirer gets, by tag."""
        data: bytes = self.rig.step("online_data")
        assert len(data) <= 255
        return {item.tag: item.value for item in tlv.parse(data)}

    def answer(self, arc: bytes, *, spoil: bool = False) -> str:
        """The issuer verifies the ARQC and answers; the final outcome."""
        values = self.field_55()
        assert values[0x9F27] == b"\x80"
        assert values[0x9F26] == self.issuer.cryptogram(values)
        proof = bytearray(self.issuer.proof(values, arc))
        proof[0] ^= spoil
        final: str = self.rig.step("complete", arc, tlv.encode(0x91, bytes(proof)))
        return final


@pytest.mark.parametrize("name", ORDINARY)
def test_approved_online(device: Bench, name: str) -> None:
    sale = Sale(device, name)
    assert sale.to_first_cryptogram() == "ARQC"
    assert (sale.rig.tvr, sale.rig.tsi) == ("8000048000", "6800")
    assert sale.rig.tag(0x9F34) == "420300"
    assert sale.answer(b"00") == "TC"
    assert (sale.rig.tvr, sale.rig.tsi, sale.rig.must_reverse) == ("8000048000", "7800", False)
    # The final cryptogram is the issuer's to verify too.
    values = sale.field_55()
    assert values[0x9F27] == b"\x40"
    assert values[0x9F26] == sale.issuer.cryptogram(values)
    assert [command[:4] for command in sale.rig.card.sent("0082") + sale.rig.card.sent("80AE")] == [
        "0082",
        "80AE",
        "80AE",
    ]


@pytest.mark.parametrize("name", ORDINARY)
def test_declined_by_the_issuer(device: Bench, name: str) -> None:
    sale = Sale(device, name)
    assert sale.to_first_cryptogram() == "ARQC"
    assert sale.answer(b"51") == "AAC"
    assert (sale.rig.tvr, sale.rig.tsi, sale.rig.must_reverse) == ("8000048000", "7800", False)


@pytest.mark.parametrize("name", ORDINARY)
def test_a_forged_answer(device: Bench, name: str) -> None:
    """The card finds the ARPC wrong; the host said "approved", so the sale has to be reversed."""
    sale = Sale(device, name)
    assert sale.to_first_cryptogram() == "ARQC"
    assert sale.answer(b"00", spoil=True) == "AAC"
    assert (sale.rig.tvr, sale.rig.tsi, sale.rig.must_reverse) == ("8000048040", "7800", True)
    assert sale.rig.step("reason_code") == 3


@pytest.mark.parametrize("name", ORDINARY)
def test_no_answer(device: Bench, name: str) -> None:
    sale = Sale(device, name)
    assert sale.to_first_cryptogram() == "ARQC"
    assert sale.rig.step("complete", None, b"") == "AAC"
    assert sale.rig.tag(0x8A) == "5A33"
    assert (sale.rig.tvr, sale.rig.tsi, sale.rig.must_reverse) == ("8000048000", "6800", False)


@pytest.mark.parametrize("name", ORDINARY)
def test_two_sales_with_one_card_and_one_kernel(device: Bench, name: str) -> None:
    sale = Sale(device, name)
    counters = []
    for _ in range(2):
        sale.virtual.reset()
        assert sale.to_first_cryptogram() == "ARQC"
        counters.append(sale.rig.tag(0x9F36))
        assert sale.answer(b"00") == "TC"
    assert int(counters[1] or "0", 16) == int(counters[0] or "0", 16) + 1


def test_issuer_data_by_cdol2(device: Bench) -> None:
    sale = Sale(device, "visa-cdol2")
    assert sale.to_first_cryptogram() == "ARQC"
    assert sale.answer(b"00") == "TC"
    assert not sale.rig.card.sent("0082")
    assert (sale.rig.tvr, sale.rig.tsi) == ("8000048000", "6800")


# First outcome, TVR and CVM Results at the first GENERATE AC, outcome after the issuer's "00", reversal owed.
OUTCOMES = {
    "multi-app": ("ARQC", "8000048000", "420300", "TC", False),
    "unionpay-blocked": ("ARQC", "8000048000", "420300", "TC", False),
    "unionpay-confirm": ("ARQC", "8000048000", "420300", "TC", False),
    "unionpay-debit": ("ARQC", "8000048000", "420300", "TC", False),
    "unionpay-decline-2gac": ("ARQC", "8000048000", "420300", "AAC", True),
    "unionpay-expired": ("ARQC", "8040048000", "420300", "TC", False),
    "unionpay-no-pse": ("ARQC", "8000048000", "420300", "TC", False),
    "unionpay-pin-blocked": ("ARQC", "8000048000", "420300", "TC", False),
    "unionpay-poor": ("ARQC", "8000048000", "420300", "TC", False),
    "unionpay-slow": ("ARQC", "8000048000", "420300", "TC", False),
    "unionpay-stripe": ("ARQC", "8000048000", "420300", "TC", False),
    "unionpay-unknown": ("ARQC", "8000048000", "420300", "TC", False),
    "visa-atm-only": ("AAC", "8010048000", "420300", None, False),
    "visa-blocked": ("ARQC", "8000048000", "420300", "TC", False),
    "visa-cdol2": ("ARQC", "8000048000", "420300", "TC", False),
    "visa-credit": ("ARQC", "8000048000", "420300", "TC", False),
    "visa-decline-1gac": ("AAC", "8000048000", "420300", None, False),
    "visa-decline-2gac": ("ARQC", "8000048000", "420300", "AAC", True),
    "visa-expired": ("ARQC", "8040048000", "420300", "TC", False),
    "visa-no-cvm": ("ARQC", "8000008000", "1F0002", "TC", False),
    "visa-not-effective": ("ARQC", "8020048000", "420300", "TC", False),
    "visa-poor": ("ARQC", "8000048000", "420300", "TC", False),
    "visa-signature": ("ARQC", "8000008000", "5E0300", "TC", False),
    "visa-unknown": ("ARQC", "8000048000", "420300", "TC", False),
    "visa-velocity": ("ARQC", "800004C000", "420300", "TC", False),  # over its lower limit only
}
REFUSED = ("unionpay-app-blocked", "unionpay-card-blocked")


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_shelf_of_cards(device: Bench, name: str) -> None:
    first, tvr, results, final, reversal = OUTCOMES[name]
    sale = Sale(device, name)
    assert sale.to_first_cryptogram() == first
    assert (sale.rig.tvr, sale.rig.tag(0x9F34)) == (tvr, results)
    if final:
        assert sale.answer(b"00") == final
    assert sale.rig.must_reverse is reversal


def test_a_blocked_card(device: Bench) -> None:
    with refused("TERMINATE"):
        Sale(device, "unionpay-card-blocked").to_first_cryptogram()


def test_a_blocked_application(device: Bench) -> None:
    """The directory still lists it; the final SELECT finds out, and nothing remains."""
    sale = Sale(device, "unionpay-app-blocked")
    assert sale.to_first_cryptogram() == "DROPPED"
    assert sale.rig.remaining == []


def test_every_card_of_the_shelf_has_its_outcome() -> None:
    assert set(profile_names()) == {*OUTCOMES, *REFUSED}


def test_the_cardholder_chooses(device: Bench) -> None:
    sale = Sale(device, "multi-app")
    listed: list[Any] = sale.rig.step("candidates")
    assert [(aid.hex().upper(), label) for aid, label, _, _ in listed] == [
        ("A000000333010101", "UnionPay Debit"),
        ("A000000333010102", "UnionPay Credit"),
    ]
    assert sale.rig.step("select", 1) is True
    assert sale.rig.tag(0x9F06) == "A000000333010102"


def test_the_cardholder_confirms(device: Bench) -> None:
    sale = Sale(device, "unionpay-confirm")
    listed: list[Any] = sale.rig.step("candidates")
    assert [needs_confirmation for *_, needs_confirmation in listed] == [True]


def approve(sale: Sale) -> str:
    """A whole sale, approved by the host: the last outcome reached."""
    first = sale.to_first_cryptogram()
    return sale.answer(b"00") if first == "ARQC" else first


def outcome_or_reason(sale: Sale) -> str:
    """The same; the reason of the kernel's error if there is one."""
    try:
        return approve(sale)
    except DeviceError as error:
        return error.args_repr.split("'")[1] if error.type == "EmvError" else error.type


def count_apdus(device: Bench, name: str) -> list[str]:
    sale = Sale(device, name)
    assert approve(sale) == "TC"
    return sale.rig.card.log


@pytest.mark.parametrize("name", ORDINARY)
def test_pulled_at_each_apdu(device: Bench, name: str) -> None:
    """Only what happens after the host's approval has to be reversed."""
    log = count_apdus(device, name)
    for at, command in enumerate(log, 1):
        sale = Sale(device, name)
        sale.virtual.faults.mute(at=at, lasting=True)
        with pytest.raises(DeviceError) as error:
            approve(sale)
        assert (error.value.type, len(sale.rig.card.log)) == ("OSError", at)
        after_approval = command.startswith("0082") or at == len(log)
        assert sale.rig.must_reverse is after_approval


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", ORDINARY)
@pytest.mark.parametrize("sw", [0x6985, 0x6A82, 0x6283, 0x6F00])
def test_no_false_status_word_makes_an_approval(device: Bench, name: str, sw: int) -> None:
    """Whatever one command is refused with: the sale ends, or goes on where EMV says so, and TVR and reversal fit."""
    log = count_apdus(device, name)
    for at, command in enumerate(log, 1):
        sale = Sale(device, name)
        sale.virtual.faults.answer(sw, at=at)
        outcome = outcome_or_reason(sale)
        directory = log.index(next(c for c in log if c.startswith("80A8"))) - 1
        if at <= directory:
            assert outcome == "TC"  # the directory fails: the list of AIDs
        elif command.startswith("00A4"):
            assert outcome == "DROPPED"
        elif command.startswith("80A8"):
            assert outcome == ("RESELECT" if sw == 0x6985 else "TERMINATE")
        elif command.startswith("0082"):
            assert sale.rig.tvr == "8000048040"
            assert (outcome, sale.rig.must_reverse) in (("TC", False), ("AAC", True))
        else:
            assert outcome == "TERMINATE"
            assert sale.rig.must_reverse is (at == len(log))

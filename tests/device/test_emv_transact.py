"""`tillbench emv transact`, and what a card in a reader has to show before it gets a PIN or a cryptogram command."""

from __future__ import annotations

import re

import pytest
from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.cli.emv_transact import minor_units, run, run_transaction
from tillbench.host.cli.errors import Refused
from tillbench.host.emv_run import Order
from tillbench.host.emv_run.card_guard import CardGuard, ForeignCard, doubt
from tillbench.host.emv_run.reader_counter import ReaderCounter, terminal_for_any_card
from tillbench.host.pcsc.served_card import ServedCard

READS = {0xA4, 0xA8, 0xB2, 0xC0}
T1 = bytes.fromhex("3BE000008131204535")


class Reader:
    """A reader with a card in it that remembers which instructions came."""

    def __init__(self, profile: CardProfile) -> None:
        self.slot = ServedCard(VirtualCard(profile))
        self.sent: list[bytes] = []

    def reset(self) -> bytes:
        return self.slot.reset()

    def transmit(self, apdu: bytes) -> bytes | None:
        self.sent.append(apdu)
        return self.slot.transmit(apdu)

    @property
    def instructions(self) -> set[int]:
        return {apdu[1] for apdu in self.sent}


def at_reader(reader: Reader, pin: str | None = None, line_up: bool = True) -> tuple[list[str], str]:
    """A sale with the card in this reader: what was said, and the outcome."""
    told: list[str] = []
    counter = ReaderCounter(reader, Order(), lambda prompt: pin, line_up=line_up)
    result = run(counter, terminal_for_any_card(), Order(), told.append)
    return told, result.outcome


def shifted(profile: CardProfile, **oda: object) -> CardProfile:
    """The card with another offline authentication."""
    application = profile.applications[0]
    changed = application.offline_authentication.model_copy(update=oda)
    return profile.model_copy(
        update={"applications": (application.model_copy(update={"offline_authentication": changed}),)}
    )


@pytest.mark.parametrize("atr", [b"", T1])
def test_a_card_of_the_test_ca_in_a_reader(atr: bytes) -> None:
    profile = load_profile("visa-cda")
    reader = Reader(profile.model_copy(update={"atr": atr}) if atr else profile)
    told, outcome = at_reader(reader, profile.pin)
    assert outcome == "APPROVED_ONLINE", told
    assert 0xAE in reader.instructions


def test_a_pin_goes_to_a_card_of_the_test_ca_only() -> None:
    profile = load_profile("visa-cvm-plaintext-pin")
    reader = Reader(profile)
    told, _ = at_reader(reader, profile.pin)
    verify = [apdu for apdu in reader.sent if apdu[1] == 0x20]
    assert verify
    said = "\n".join(told)
    assert "VERIFY, PIN in the clear" in said
    assert profile.pin not in said


FOREIGN = {
    "wrong data": lambda: shifted(load_profile("visa-cda"), faults=frozenset({"issuer.data"})),
    "wrong hash": lambda: shifted(load_profile("visa-cda"), faults=frozenset({"issuer.hash"})),
    "wrong header": lambda: shifted(load_profile("visa-cda"), faults=frozenset({"issuer.header"})),
    "another issuer": lambda: shifted(load_profile("visa-cda"), faults=frozenset({"issuer.identifier"})),
    "no issuer certificate": lambda: shifted(load_profile("visa-cda"), faults=frozenset({"issuer.missing"})),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_card_is_read_and_no_more(name: str) -> None:
    reader = Reader(FOREIGN[name]())
    with pytest.raises(Refused, match=r"is not sent to this card: .*Cards that are not the bench's are read"):
        at_reader(reader, "1234")
    assert {0xA4, 0xA8, 0xB2} <= reader.instructions <= READS


def test_the_guard_asks_anew_for_each_application() -> None:
    """What one application has shown does not open another."""
    profile = load_profile("visa-cda")
    reader = Reader(profile.model_copy(update={"atr": T1}))
    guard = CardGuard(reader)
    guard.reset()
    guard.transmit(bytes.fromhex("00A4040007A000000003101000"))
    guard.transmit(bytes.fromhex("80A8000002830000"))
    for sfi in range(1, 11):
        for record in range(1, 12):
            guard.transmit(bytes([0, 0xB2, record, sfi << 3 | 4, 0]))
    assert doubt(guard.objects) == ""
    guard.transmit(bytes.fromhex("80CA9F1700"))
    guard.transmit(bytes.fromhex("00A4040007A000000003101000"))
    with pytest.raises(ForeignCard, match="GET DATA is not sent to this card: it has shown no PAN"):
        guard.transmit(bytes.fromhex("80CA9F1700"))


@pytest.mark.one_in(6)
@pytest.mark.parametrize("ins", sorted(set(range(256)) - READS))
def test_only_reading_commands_need_no_proof(ins: int) -> None:
    reader = Reader(load_profile("visa-cda"))
    with pytest.raises(ForeignCard):
        CardGuard(reader).transmit(bytes([0x80, ins, 0, 0, 0]))
    assert reader.sent == []


@pytest.mark.parametrize("tag", [0x5A, 0x90, 0x9F32])
def test_every_part_of_the_proof_is_needed(tag: int) -> None:
    profile = load_profile("visa-cda")
    guard = CardGuard(ServedCard(VirtualCard(profile.model_copy(update={"atr": T1}))))
    guard.transmit(bytes.fromhex("00A4040007A000000003101000"))
    guard.transmit(bytes.fromhex("80A8000002830000"))
    for sfi in range(1, 11):
        for record in range(1, 12):
            guard.transmit(bytes([0, 0xB2, record, sfi << 3 | 4, 0]))
    known = dict(guard.objects)
    assert doubt(known) == ""
    value = bytearray(known[tag])
    del known[tag]
    assert "has shown no" in doubt(known)
    value[0] ^= 0x40
    assert doubt({**known, tag: bytes(value)})
    assert doubt({**guard.objects, 0x90: bytes(300)})


def test_a_virtual_card_phase_by_phase() -> None:
    told: list[str] = []
    result = run_transaction("unionpay-offline", None, Order(amount=500), "right", False, told.append)
    said = "\n".join(told)
    assert result.outcome == "APPROVED_OFFLINE"
    titles = ["Application selection", "Read application data", "Offline data", "Cardholder", "Action analysis"]
    places = [said.index(title) for title in titles]
    assert places == sorted(places)
    profile = load_profile("unionpay-offline")
    assert profile.pan not in said.replace(" ", "")
    assert re.search(r"PAN +620000\*+0476", said)


def test_neither_and_both_are_mistakes() -> None:
    for card, reader in ((None, None), ("visa-cda", "x")):
        with pytest.raises(Refused, match="expected one of --card NAME and --reader NAME"):
            run_transaction(card, reader, Order(), "right", True, print)


@pytest.mark.parametrize("amount", ["", "1,00", "1.5", "-1", "1.234", "x", "99999999999.00"])
def test_an_amount_that_is_none(amount: str) -> None:
    with pytest.raises(Refused, match="expected an amount"):
        minor_units("--amount", amount)
    assert minor_units("--amount", "12.34") == 1234
    assert minor_units("--amount", "7") == 700

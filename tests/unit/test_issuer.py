"""The issuer against the virtual cards, which compute with code of their own; and its explanations."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.cards import CardProfile, VirtualCard
from tillbench.host.issuer import CardIssuer, IssuerDataError, IssuerKeys, explain
from tillbench.host.issuer.issuer_data import IssuerData
from tillbench.host.issuer.scripts import SCRIPT_AFTER, Scripter, template
from tillbench.host.issuer.versions import VERSIONS
from tillbench.protocols.emv import tlv

from .cards_terminal import ARQC, TC, Terminal, terminal_for
from .cards_versions import every_version, profile_of


def issuer_of(profile: CardProfile, **changes: Any) -> CardIssuer:
    keys = IssuerKeys(*(bytes.fromhex(key) for key in (profile.imk_ac, profile.imk_smi, profile.imk_smc)))
    return CardIssuer(changes.get("keys", keys), profile.pan, changes.get("psn", profile.psn))


def asked(profile: CardProfile) -> tuple[VirtualCard, Terminal]:
    """A card after its ARQC."""
    card = VirtualCard(profile)
    terminal = terminal_for(card)
    terminal.generate_ac(ARQC)
    assert terminal.cryptogram_type == ARQC
    return card, terminal


@every_version
@pytest.mark.parametrize("pan", ["4761739001010010", "4761739001010010006"], ids=["16", "19"])
def test_verifies_and_answers(scheme: str, number: int, pan: str) -> None:
    profile = profile_of(scheme, number, pan=pan)
    issuer = issuer_of(profile)
    _card, terminal = asked(profile)
    assert issuer.verify(terminal.values)
    assert str(explain(issuer, terminal.values)) == "the cryptogram verifies"
    proof = issuer.authentication_data(terminal.values, "00")
    assert terminal.external_authenticate(proof).sw == 0x9000
    terminal.values[0x8A] = b"00"
    terminal.generate_ac(TC, 0x8D)
    assert terminal.cryptogram_type == TC
    assert issuer.verify(terminal.values)
    terminal.values[0x9F02] = bytes.fromhex("000000001235")
    assert not issuer.verify(terminal.values)


@every_version
def test_scripts_that_the_card_takes(scheme: str, number: int) -> None:
    profile = profile_of(scheme, number, data_objects={"9F7A": "01"})
    card, terminal = asked(profile)
    scripter = Scripter(issuer_of(profile), terminal.values)
    card.memory.pin_tries = 0
    for command in (
        scripter.pin_change("987654"),
        scripter.put_data(0x9F7A, b"\x02"),
        scripter.application_block(),
        scripter.application_unblock(),
        scripter.update_record(2, 1, bytes.fromhex("70035F3401")),
    ):
        assert card.transmit(command) == b"\x90\x00", command.hex()
    card.memory.pin_tries = 0
    assert card.transmit(scripter.pin_unblock()) == b"\x90\x00"
    assert card.memory.pin_tries == profile.pin_try_limit
    wrong = bytearray(scripter.card_block())
    wrong[-1] ^= 1
    assert card.transmit(bytes(wrong)) == bytes.fromhex("6988")
    assert card.transmit(scripter.card_block()) == b"\x90\x00"
    assert card.memory.blocked


@pytest.mark.parametrize(("scheme", "number"), [("visa", 0x0A), ("visa", 0x22), ("unionpay", 0x01), ("jcb", 0xA5)])
def test_a_pin_change_with_the_current_pin(scheme: str, number: int) -> None:
    profile = profile_of(scheme, number)
    card, terminal = asked(profile)
    scripter = Scripter(issuer_of(profile), terminal.values)
    assert card.transmit(scripter.pin_change("4321", current=profile.pin)) == b"\x90\x00"
    assert terminal_for(card).verify("4321").sw == 0x9000


def test_a_pin_change_that_a_scheme_does_not_have() -> None:
    profile = profile_of("mastercard", 0x10)
    _card, terminal = asked(profile)
    with pytest.raises(ValueError, match="M/Chip 10"):
        Scripter(issuer_of(profile), terminal.values).pin_change("4321", current="1234")


def test_a_script_is_a_template() -> None:
    script = template(SCRIPT_AFTER, [bytes.fromhex("8418000008") + bytes(8)])
    (outer,) = tlv.parse(script)
    assert (outer.tag, [item.tag for item in outer.children]) == (0x72, [0x9F18, 0x86])


@every_version
def test_explains_another_version(scheme: str, number: int) -> None:
    """The card computes as `number`, and 9F10 claims another version of the same form."""
    profile = profile_of(scheme, number, pan="4761739001010010006")
    _card, terminal = asked(profile)
    own = IssuerData.parse(terminal.values[0x9F10])
    others = [key for key in VERSIONS if key[0] == own.layout and key[1] != own.version]
    covered = VERSIONS[own.layout, own.version].covered
    at = {"vis": 2, "mchip": 1}.get(own.layout)
    if at is None or covered == "all of 9F10":
        return  # no other version of this form, or the claim itself is under the cryptogram
    for _layout, other in others:
        claimed = bytearray(terminal.values[0x9F10])
        claimed[at] = other
        explanation = explain(issuer_of(profile), {**terminal.values, 0x9F10: bytes(claimed)})
        assert not explanation.verifies
        assert VERSIONS[own.layout, own.version].name in explanation.reasons[0]
        assert f"instead of {VERSIONS[own.layout, other].name}" in explanation.reasons[0]


@pytest.mark.parametrize(
    ("tag", "value", "said"),
    [
        (0x95, "8000048001", "95 (Terminal Verification Results (TVR)): the card signed 8000048000"),
        (0x9C, "01", "9C (Transaction Type): the card signed 00, the message has 01"),
        (0x9F36, "0002", "9F36 (Application Transaction Counter (ATC)): the card signed 0001, the message has 0002"),
        (0x9F03, "000000000500", "9F03 (Amount, Other (Numeric)): the card signed 000000000000"),
        (0x9A, "231126", "9A (Transaction Date): the card signed 261123"),
    ],
)
def test_explains_another_value(tag: int, value: str, said: str) -> None:
    profile = profile_of("unionpay", 0x01)
    _card, terminal = asked(profile)
    explanation = explain(issuer_of(profile), {**terminal.values, tag: bytes.fromhex(value)})
    assert any(reason.startswith(said) for reason in explanation.reasons), str(explanation)


def test_explains_the_sequence_number() -> None:
    profile = profile_of("visa", 0x0A)
    _card, terminal = asked(profile)
    explanation = explain(issuer_of(profile, psn="02"), terminal.values)
    assert explanation.reasons == ["it matches for PAN sequence number 01, not 02"]


def test_owns_up_when_nothing_matches() -> None:
    profile = profile_of("visa", 0x0A)
    _card, terminal = asked(profile)
    explanation = explain(issuer_of(profile, keys=IssuerKeys(bytes(range(16)))), terminal.values)
    assert explanation.reasons == []
    assert explanation.tried > 80
    assert "another master key" in str(explanation)


def test_names_what_is_missing_or_unknown() -> None:
    profile = profile_of("visa", 0x0A)
    _card, terminal = asked(profile)
    issuer = issuer_of(profile)
    without = {tag: value for tag, value in terminal.values.items() if tag != 0x9F37}
    assert explain(issuer, without).reasons == ["tag 9F37 (Unpredictable Number) is missing"]
    unknown = {**terminal.values, 0x9F10: bytes.fromhex("06010E03A00000")}
    explanation = explain(issuer, unknown)
    assert explanation.reasons[0].startswith("tag 9F10: cryptogram version: expected 01 (UnionPay 01), ")
    assert explanation.reasons[0].endswith("found 0E")
    with pytest.raises(IssuerDataError, match=r"tag 9F10: expected .*, found 0 bytes that begin with nothing"):
        issuer.verify({**terminal.values, 0x9F10: b""})
    assert "secret" not in repr(IssuerKeys(b"secret"))

"""Issuer scripts: order, results in 9F5B, failures, what a pulled card means (EMV Book 3 10.10, Book 4 Annex A5)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_rig import ARQC, Card, Rig, card, refused, tlv

AAC = "00" + ARQC[2:]
ISSUER = tlv("91", "00112233445566773030")
ONE, TWO, THREE = "8424000001AA", "8418000001BB", "84DA000001CC"


@pytest.fixture
def rig(device: Bench) -> Rig:
    return Rig(device).start()


def script(kind: str, *commands: str, identifier: str | None = None) -> str:
    head = "" if identifier is None else tlv("9F18", identifier)
    return tlv(kind, head, *(tlv("86", command) for command in commands))


def script_card(answers: Mapping[str, str | list[str]] | None = None) -> Card:
    more: dict[str, str | list[str]] = {"84": "9000", **(answers or {})}
    return card(more=more)


def complete(rig: Rig, data: str, test_card: Card | None = None, arc: bytes | None = b"00") -> str:
    rig.asked(test_card or script_card())
    final: str = rig.step("complete", arc, bytes.fromhex(data))
    return final


def after_arqc(rig: Rig) -> list[str]:
    """What was sent after the first GENERATE AC: INS and, for a second one, nothing more."""
    first = next(i for i, command in enumerate(rig.card.log) if command.startswith("80AE"))
    return [command[2:4] for command in rig.card.log[first + 1 :]]


def test_critical_before_and_the_others_after_the_final_cryptogram(rig: Rig) -> None:
    data = script("72", THREE, identifier="55667788") + ISSUER + script("71", ONE, TWO, identifier="11223344")
    assert complete(rig, data) == "TC"
    assert after_arqc(rig) == ["82", "24", "18", "AE", "DA"]
    assert rig.card.log[-1] == THREE  # as the issuer made it
    assert rig.tag(0x9F5B) == "20556677882011223344"
    assert (rig.tvr, rig.tsi) == ("8000040000", "7C00")
    reversal: bytes = rig.step("reversal_data")
    assert reversal.hex().upper().endswith(tlv("DF31", "20556677882011223344"))


@pytest.mark.parametrize("kind", ["71", "72"])
@pytest.mark.parametrize(
    ("answers", "result", "sent"),
    [
        (["9000", "9000", "9000"], "20", 3),
        (["9000", "6200", "6310"], "20", 3),
        (["90AA", "62FF", "63C0"], "20", 3),
        (["6985"], "11", 1),
        (["9000", "6A80"], "12", 2),
        (["9000", "9000", "6400"], "13", 3),
        (["6100"], "11", 1),
        (["90"], "11", 1),
        (["9100"], "11", 1),
    ],
)
def test_results(rig: Rig, kind: str, answers: list[str], result: str, sent: int) -> None:
    data = script(kind, ONE, TWO, THREE, identifier="11223344")
    assert complete(rig, data, script_card({"84": list(answers)})) == "TC"
    assert rig.tag(0x9F5B) == result + "11223344"
    assert len(rig.card.sent("84")) == sent
    failed = "20" if kind == "71" else "10"
    assert (rig.tvr, rig.tsi) == ("80000400" + ("00" if result == "20" else failed), "6C00")
    assert rig.must_reverse is False


@pytest.mark.parametrize(("failing", "result"), [(14, "1E"), (15, "1F"), (16, "1F"), (20, "1F")])
def test_the_number_of_a_late_command(rig: Rig, failing: int, result: str) -> None:
    data = script("72", *[ONE] * 20)
    assert complete(rig, data, script_card({"84": ["9000"] * (failing - 1) + ["6985"]})) == "TC"
    assert rig.tag(0x9F5B) == result + "00000000"
    assert len(rig.card.sent("84")) == failing


def test_a_script_that_fails_does_not_stop_the_next(rig: Rig) -> None:
    data = script("71", ONE, identifier="11111111") + script("71", TWO, identifier="22222222") + script("72", THREE)
    assert complete(rig, data, script_card({"8424": "6985"})) == "TC"
    assert rig.tag(0x9F5B) == "1111111111" + "2022222222" + "2000000000"
    assert (rig.tvr, rig.tsi) == ("8000040020", "6C00")


def test_the_final_cryptogram_hears_of_critical_scripts_only(device: Bench) -> None:
    rig = Rig(device).start()
    test_card = card({"8D": "9F5B0A9505"}, more={"84": "6985"})
    assert complete(rig, script("71", ONE) + script("72", TWO), test_card) == "TC"
    assert rig.card.sent("80AE")[1] == "80AE40000F" + "11000000000000000000" + "8000040020" + "00"
    assert rig.tag(0x9F5B) == "11000000001100000000"
    assert rig.tvr == "8000040030"


@pytest.mark.parametrize(
    ("content", "identifier"),
    [
        ("", "00000000"),
        (tlv("9F18", "11223344"), "11223344"),
        (tlv("86", ONE) + "9F", "00000000"),
        (tlv("9F18", "11223344") + tlv("86", ONE) + "86", "11223344"),
        (tlv("86", ONE) + "860584", "00000000"),
        (tlv("86", ONE) + tlv("86", "841800"), "00000000"),  # no command
        ("86", "00000000"),
    ],
)
@pytest.mark.parametrize("kind", ["71", "72"])
def test_nothing_is_sent_of_a_malformed_script(rig: Rig, kind: str, content: str, identifier: str) -> None:
    assert complete(rig, tlv(kind, content) + script("72", TWO)) == "TC"
    assert rig.tag(0x9F5B) == "00" + identifier + "2000000000"
    assert rig.card.sent("84") == [TWO]
    assert (rig.tvr, rig.tsi) == ("80000400" + ("20" if kind == "71" else "10"), "6C00")


@pytest.mark.parametrize(
    ("content", "identifier"),
    [
        (tlv("86", ONE) + tlv("9F18", "11223344"), "11223344"),
        (tlv("9F18", "112233") + tlv("86", ONE), "00000000"),
        (tlv("9F18", "1122334455") + tlv("86", ONE), "00000000"),
        (tlv("DF01", "00") + tlv("86", ONE), "00000000"),
        ("0000" + tlv("86", ONE), "00000000"),
    ],
)
def test_identifier_and_unknown_objects(rig: Rig, content: str, identifier: str) -> None:
    assert complete(rig, tlv("72", content)) == "TC"
    assert (rig.tag(0x9F5B), rig.tvr) == ("20" + identifier, "8000040000")


@pytest.mark.parametrize("arc", [b"00", b"51"])
def test_scripts_run_whatever_the_issuer_decided(rig: Rig, arc: bytes) -> None:
    test_card = script_card({"80AE": [tlv("80", ARQC) + "9000", tlv("80", AAC) + "9000"]})
    assert complete(rig, script("71", ONE) + script("72", TWO), test_card, arc) == "AAC"
    assert after_arqc(rig) == ["24", "AE", "18"]
    assert rig.tag(0x9F5B) == "20000000002000000000"
    assert rig.must_reverse is (arc == b"00")


def test_a_card_pulled_in_a_critical_script_leaves_the_reversal_owed(rig: Rig) -> None:
    test_card = script_card()
    del test_card.answers["84"]
    with pytest.raises(Exception, match="no answer to"):
        complete(rig, script("71", ONE), test_card)
    assert rig.must_reverse is True
    assert rig.tag(0x9F5B) == "0000000000"


def test_a_card_pulled_after_its_tc_does_not_undo_the_sale(rig: Rig) -> None:
    test_card = script_card({"8424": "9000"})
    del test_card.answers["84"]
    assert complete(rig, script("72", ONE, TWO, THREE) + script("72", ONE), test_card) == "TC"
    assert rig.must_reverse is False
    assert rig.tag(0x9F5B) == "1200000000" + "2000000000"
    assert rig.tvr == "8000040010"


def test_no_final_cryptogram_no_script_after_it(rig: Rig) -> None:
    test_card = script_card({"80AE": [tlv("80", ARQC) + "9000", "6985"]})
    with refused("TERMINATE"):
        complete(rig, script("71", ONE) + script("72", TWO), test_card)
    assert rig.tag(0x9F5B) == "20000000000000000000"
    assert rig.must_reverse is True


def test_the_next_transaction_has_no_scripts(rig: Rig) -> None:
    assert complete(rig, script("72", ONE)) == "TC"
    assert complete(rig, "") == "TC"
    assert rig.tag(0x9F5B) is None
    assert (rig.tsi, rig.card.sent("84")) == ("6800", [])


def test_no_answer_no_scripts(rig: Rig) -> None:
    rig.asked(script_card({"80AE": [tlv("80", ARQC) + "9000", tlv("80", AAC) + "9000"]}))
    assert rig.step("complete", None, b"") == "AAC"
    assert (rig.tsi, rig.tag(0x9F5B)) == ("6800", None)

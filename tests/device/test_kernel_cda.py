"""CDA: the signature over both cryptograms, when it is asked for, and what follows if it is wrong (EMV Book 2, 6.6)."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_rig import CDOL1, UNIONPAY_ENTRY, Rig, refused, tlv
from .kernel_signer import Chain, signed_card

CHAIN = Chain()
CAPABLE = bytes.fromhex("E068C8")
CDOL2 = "8A029F37049505"
OFFLINE = {**UNIONPAY_ENTRY, "tac_online": bytes(5), "tac_default": bytes(5), "tac_denial": bytes(5)}
NO_CODES = {"9F0D": "0000000000", "9F0F": "0000000000"}


def ready(
    device: Bench, cryptograms: str, chain: Chain = CHAIN, *, entry: dict[str, Any] = UNIONPAY_ENTRY, **options: Any
) -> Rig:
    """A CDA card before its first GENERATE AC; it answers with `cryptograms` in turn."""
    terminal = {"capabilities": CAPABLE, "capks": [chain.capk()], **options.pop("terminal", {})}
    rig = Rig(device).start(entry, **terminal)
    card = signed_card(chain, aip="1D00", cryptograms=cryptograms, **options)
    return rig.checked(card)


def requests(rig: Rig) -> list[str]:
    return [command[4:6] for command in rig.card.sent("80AE")]


def test_signed_arqc_and_tc(device: Bench) -> None:
    rig = ready(device, "80 40", objects={"8D": CDOL2})
    assert (rig.tvr, rig.tsi) == ("0000040000", "4800")
    assert rig.step("first_generate_ac") == "ARQC"
    assert (rig.tvr, rig.tsi) == ("0000040000", "E800")
    assert [rig.tag(tag) for tag in (0x9F26, 0x9F27, 0x9F36, 0x9F4C)] == ["A1A2A3A4A5A6A7A8", "80", "0012", "11223344"]
    rig.card.second(2)  # type: ignore[attr-defined]  # this card signs
    assert rig.step("complete", b"00", b"") == "TC"
    assert (rig.tvr, rig.tsi, rig.must_reverse) == ("0000040000", "E800", False)
    assert requests(rig) == ["90", "50"]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("pdol", ["9F37049F0206", ""])
@pytest.mark.parametrize("number", [b"\x01\x02", b"12345678"])
@pytest.mark.parametrize(("issuer", "icc"), [(112, 96), (128, 128), (248, 248)])
def test_the_transaction_data_hash(device: Bench, pdol: str, number: bytes, issuer: int, icc: int) -> None:
    chain = Chain(max(issuer, 128), issuer, icc).spoil("dynamic", number=number)
    card_pdol = None if not pdol else pdol
    rig = Rig(device).start(OFFLINE, capabilities=CAPABLE, capks=[chain.capk()])
    card = signed_card(chain, aip="1D00", cryptograms="40", objects=NO_CODES, pdol=card_pdol)
    rig.checked(card, amount=1)
    assert rig.step("first_generate_ac") == "TC"
    assert (rig.tvr, rig.tsi, rig.tag(0x9F4C)) == ("0000040000", "E800", number.hex().upper())
    assert (rig.tag(0x8A), rig.tag(0x9F26)) == ("5931", "A1A2A3A4A5A6A7A8")


WRONG = [
    ({"header": 0}, "header 00"),
    ({"form": 3}, "format 03"),
    ({"trailer": 0}, "trailer 00"),
    ({"hash_algorithm": 0}, "hash algorithm 00"),
    ({"hash_xor": 1}, "hash"),
    ({"cut": 1}, "bytes under a key of 96"),
    ({"cid_xor": 0x40}, "another CID than 9F27"),
    ({"cid_xor": 0x08}, "another CID than 9F27"),
    ({"tdh_xor": 1}, "transaction data hash code"),
    ({"size": 33}, "dynamic data of 33 bytes"),
    ({"number": b"1"}, "dynamic data of 31 bytes"),
    ({"left_out": True}, "9F4B: missing"),
    ({"left_out": True, "plain_cryptogram": True}, "9F4B: missing"),
    ({"template": "80"}, "9F4B: missing"),
]


@pytest.mark.parametrize(("spoilt", "why"), WRONG)
def test_a_wrong_signature_over_an_arqc_ends_in_an_aac(device: Bench, spoilt: dict[str, Any], why: str) -> None:
    rig = ready(device, "80 00", CHAIN.spoil("dynamic", **spoilt))
    assert rig.step("first_generate_ac") == "AAC"
    assert (rig.tvr, rig.tsi, rig.tag(0x8A), rig.must_reverse) == ("0400040000", "E800", "5A31", False)
    assert requests(rig) == ["90", "00"]
    assert why in rig.why
    with refused("SEQUENCE"):
        rig.step("complete", b"00", b"")


@pytest.mark.parametrize(("spoilt", "why"), WRONG)
def test_a_wrong_signature_over_a_tc_is_a_decline(device: Bench, spoilt: dict[str, Any], why: str) -> None:
    rig = ready(device, "40", CHAIN.spoil("dynamic", **spoilt), entry=OFFLINE, objects=NO_CODES)
    assert rig.step("first_generate_ac") == "AAC"
    assert (rig.tvr, rig.tsi, rig.tag(0x8A)) == ("0400040000", "E800", "5A31")
    assert requests(rig) == ["50"]
    assert why in rig.why


@pytest.mark.parametrize(("spoilt", "why"), WRONG)
def test_a_wrong_signature_over_the_final_tc_is_a_reversal(device: Bench, spoilt: dict[str, Any], why: str) -> None:
    rig = ready(device, "80 40", objects={"8D": CDOL2})
    assert rig.step("first_generate_ac") == "ARQC"
    rig.card.chain = CHAIN.spoil("dynamic", **spoilt)  # type: ignore[attr-defined]  # this card signs
    rig.card.second(2)  # type: ignore[attr-defined]  # this card signs
    assert rig.step("complete", b"00", b"") == "AAC"
    assert (rig.tvr, rig.tsi, rig.must_reverse) == ("0400040000", "E800", True)
    assert why in rig.why


def test_an_aac_is_not_signed(device: Bench) -> None:
    rig = ready(device, "00")
    assert rig.step("first_generate_ac") == "AAC"
    assert (rig.tvr, rig.tsi, requests(rig)) == ("0000040000", "6800", ["90"])


def test_no_signature_is_asked_for_with_an_aac(device: Bench) -> None:
    rig = ready(device, "00", entry={**UNIONPAY_ENTRY, "tac_denial": b"\xff" * 5})
    assert rig.step("first_generate_ac") == "AAC"
    assert (rig.tvr, rig.tsi, requests(rig)) == ("0000040000", "6800", ["00"])


@pytest.mark.parametrize(
    ("mode", "on_arqc", "on_final_tc"), [(1, True, True), (2, True, False), (3, False, False), (4, False, True)]
)
def test_modes(device: Bench, mode: int, on_arqc: bool, on_final_tc: bool) -> None:
    rig = ready(device, "80 40", objects={"8D": CDOL2}, terminal={"cda_mode": mode})
    assert rig.step("first_generate_ac") == "ARQC"
    assert rig.tsi == ("E800" if on_arqc else "6800")
    rig.card.second(2)  # type: ignore[attr-defined]  # this card signs
    assert rig.step("complete", b"00", b"") == "TC"
    assert requests(rig) == ["90" if on_arqc else "80", "50" if on_final_tc else "40"]
    assert (rig.tvr, rig.tsi) == ("0000040000", "E800" if on_arqc or on_final_tc else "6800")


@pytest.mark.parametrize("mode", [1, 2, 3, 4])
def test_offline_approvals_are_signed_in_every_mode(device: Bench, mode: int) -> None:
    rig = ready(device, "40", entry=OFFLINE, objects=NO_CODES, terminal={"cda_mode": mode})
    assert rig.step("first_generate_ac") == "TC"
    assert requests(rig) == ["50"]


@pytest.mark.parametrize("mode", [1, 2, 3, 4])
def test_an_approval_without_a_line_is_signed_in_every_mode(device: Bench, mode: int) -> None:
    entry = {**OFFLINE, "tac_online": b"\xff" * 5}
    rig = ready(device, "80 40", entry=entry, objects={**NO_CODES, "8D": CDOL2}, terminal={"cda_mode": mode})
    assert rig.step("first_generate_ac") == "ARQC"
    rig.card.second(2)  # type: ignore[attr-defined]  # this card signs
    assert rig.step("complete", None, b"") == "TC"
    assert requests(rig)[1] == "50"
    assert (rig.tvr, rig.tsi, rig.tag(0x8A)) == ("0000040000", "E800", "5933")


def test_keys_that_fail_count_before_the_decision_and_no_signature_is_asked_for(device: Bench) -> None:
    chain = CHAIN.spoil("icc_certificate", hash_xor=1)
    rig = ready(device, "80 40", chain)
    assert (rig.tvr, rig.tsi) == ("0400040000", "C800")
    assert rig.step("first_generate_ac") == "ARQC"
    assert rig.step("complete", b"00", b"") == "TC"
    assert requests(rig) == ["80", "40"]
    assert (rig.tvr, rig.must_reverse) == ("0400040000", False)


def test_a_card_that_raises_the_request_is_terminated_signature_or_not(device: Bench) -> None:
    rig = ready(device, "40")
    with refused("TERMINATE", "asked for 80, the card answers 40"):
        rig.step("first_generate_ac")


@pytest.mark.parametrize("inner", [tlv("9F27", "80") + tlv("9F4B", "00" * 96), tlv("9F36", "0012"), ""])
def test_a_malformed_answer(device: Bench, inner: str) -> None:
    rig = ready(device, "", more={"80AE": tlv("77", inner) + "9000"})
    with refused("FORMAT", "is missing"):
        rig.step("first_generate_ac")


def test_an_unsigned_aac_needs_its_cryptogram(device: Bench) -> None:
    rig = ready(device, "", more={"80AE": tlv("77", tlv("9F27", "00") + tlv("9F36", "0012")) + "9000"})
    with refused("FORMAT", "9F26 is missing"):
        rig.step("first_generate_ac")


def test_two_cards_one_after_the_other(device: Bench) -> None:
    """Nothing of the first card's keys and data is left for the second one."""
    rig = ready(device, "80", objects={"8D": CDOL2})
    assert rig.step("first_generate_ac") == "ARQC"
    other = Chain(144, 128, 112)
    rig.checked(signed_card(other, aip="1D00", cryptograms="80"))
    assert rig.tvr == "0400040000"  # the terminal has no key for it
    assert rig.step("first_generate_ac") == "ARQC"
    rig.checked(signed_card(CHAIN, aip="1D00", cryptograms="80"))
    assert (rig.step("first_generate_ac"), rig.tvr) == ("ARQC", "0000040000")


def test_cdol1_is_where_the_signer_looks() -> None:
    assert CDOL1.endswith("9F3704")

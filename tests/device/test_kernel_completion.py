"""DE 55, issuer authentication, second GENERATE AC, what must be reversed (EMV Book 3 10.9 to 10.11, Book 4 12.2)."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_rig import ARQC, UNIONPAY_ENTRY, Card, Rig, card, refused, text, tlv

IAD = "0102030405060708 3030"
ISSUER = tlv("91", IAD)
BODY = ARQC[2:]
AAC, TC = "00" + BODY, "40" + BODY
NO_TAC_DEFAULT = {**UNIONPAY_ENTRY, "tac_default": bytes(5)}


@pytest.fixture
def rig(device: Bench) -> Rig:
    return Rig(device).start()


def complete(rig: Rig, arc: bytes | None, issuer_data: str = "") -> str:
    final: str = rig.step("complete", arc, bytes.fromhex(issuer_data))
    return final


def test_de_55_of_a_sale(rig: Rig) -> None:
    rig.asked(card({"9F63": "3030303130303030FF00000000000000", "5F34": "01"}))
    expected = (
        "9F2608 1122334455667788 9F2701 80 9F1009 07010103A04002010A 9F3704 A0A1A2A3 9F3602 0012 9505 8000040000"
        "9A03 261123 9C01 00 9F0206 000000001234 5F2A02 0156 8202 1C00 9F1A02 0156 9F0306 000000000000 9F3303 E06800"
        "9F3403 420300 9F3501 22 9F1E08 3030303030303031 8408 A000000333010101 9F0902 0030 9F4104 00000042"
        "9F6310 3030303130303030FF00000000000000"
    )
    data: bytes = rig.step("online_data")
    assert data == bytes.fromhex(expected)
    assert len(data) <= 255


def test_de_55_of_another_dialect(rig: Rig) -> None:
    rig.asked(card({"5F34": "01"}))
    assert rig.step("online_data", bytes.fromhex("005F 5F34 9F27 0082 9F7C")) == bytes.fromhex(
        "5F340101 9F270180 82021C00"
    )


def test_de_55_of_a_reversal(rig: Rig) -> None:
    rig.asked(card())
    data = "9505 8000040000 9F1E08 3030303030303031 9F1009 07010103A04002010A 9F3602 0012"
    assert rig.step("reversal_data") == bytes.fromhex(data)


def test_approved_by_external_authenticate_and_second_cryptogram(rig: Rig) -> None:
    rig.asked(card(gac2="40" + BODY.replace("0012", "0013")))
    assert complete(rig, b"00", ISSUER) == "TC"
    iad = IAD.replace(" ", "")
    assert rig.card.log[-2:] == [
        "008200000A" + iad,
        "80AE400015" + "3030" + iad[:16] + "A0A1A2A3" + "8000040000" + "7800" + "00",
    ]
    assert (rig.tvr, rig.tsi, rig.must_reverse) == ("8000040000", "7800", False)
    assert (rig.tag(0x8A), rig.tag(0x91)) == ("3030", iad)
    assert (rig.tag(0x9F27), rig.tag(0x9F36)) == ("40", "0013")


def test_the_issuer_data_goes_by_cdol2_if_the_card_has_no_external_authenticate(rig: Rig) -> None:
    rig.asked(card({"8D": "8A02 910A"}, aip="1800"))
    assert complete(rig, b"00", ISSUER) == "TC"
    assert not rig.card.sent("0082")
    assert rig.card.log[-1] == "80AE40000C3030" + IAD.replace(" ", "") + "00"
    assert rig.tsi == "6800"


def test_without_issuer_data_nothing_is_authenticated(rig: Rig) -> None:
    rig.asked(card())
    assert complete(rig, b"00") == "TC"
    assert not rig.card.sent("0082")
    assert (rig.tvr, rig.tsi) == ("8000040000", "6800")


@pytest.mark.parametrize("sw", ["6300", "6985", "6A80", "6D00", "6283"])
def test_issuer_authentication_failed(rig: Rig, sw: str) -> None:
    rig.asked(card(more={"0082": sw}))
    assert complete(rig, b"00", ISSUER) == "TC"
    assert (rig.tvr, rig.tsi) == ("8000040040", "7800")
    assert rig.card.log[-1].endswith("8000040040" + "7800" + "00")
    assert len(rig.card.sent("0082")) == 1


@pytest.mark.parametrize(("size", "fits"), [(7, False), (8, True), (16, True), (17, False)])
def test_length_of_the_issuer_data(rig: Rig, size: int, fits: bool) -> None:
    rig.asked(card())
    data = tlv("91", "00" * size)
    if fits:
        assert complete(rig, b"00", data) == "TC"
        return
    with refused("ISSUER_DATA", f"91: expected once, 8 to 16 bytes, found {size}"):
        complete(rig, b"00", data)


@pytest.mark.parametrize("data", [ISSUER + ISSUER, "91", "910A00", ISSUER + "9F", ISSUER + "5F2005AA", "91800000"])
def test_a_malformed_answer_leaves_the_card_alone(rig: Rig, data: str) -> None:
    rig.asked(card())
    before = len(rig.card.log)
    with refused("ISSUER_DATA"):
        complete(rig, b"00", data)
    assert len(rig.card.log) == before
    assert rig.must_reverse is True
    assert (rig.tag(0x91), rig.tag(0x8A), rig.tag(0x9F5B)) == (None, None, None)
    # The caller goes on as if there had been no answer: the reversal stays owed.
    rig.card.answers["80AE"] = tlv("80", AAC) + "9000"
    assert complete(rig, None) == "AAC"
    assert rig.must_reverse is True


@pytest.mark.parametrize("arc", [b"", b"0", b"000"])
def test_a_response_code_has_two_characters(rig: Rig, arc: bytes) -> None:
    rig.asked(card())
    with refused("ISSUER_DATA", f"8A: expected 2 characters, found {len(arc)}"):
        complete(rig, arc)


@pytest.mark.parametrize("arc", ["00", "10", "11"])
def test_codes_of_approval(rig: Rig, arc: str) -> None:
    rig.asked(card())
    assert complete(rig, arc.encode()) == "TC"
    assert rig.card.log[-1].startswith("80AE4000")
    assert rig.tag(0x8A) == text(arc)


@pytest.mark.parametrize("arc", ["51", "55", "05", "54", "14", "01", "A0", "0 ", "Y1"])
def test_a_decline_asks_for_an_aac_and_is_believed(rig: Rig, arc: str) -> None:
    rig.asked(card(gac2=AAC))
    assert complete(rig, arc.encode(), ISSUER) == "AAC"
    assert rig.card.log[-1].startswith("80AE0000")
    assert (rig.tag(0x8A), rig.must_reverse, rig.tsi) == (text(arc), False, "7800")


def test_other_codes_of_approval(device: Bench) -> None:
    rig = Rig(device).start(approvals=(b"00",))
    rig.asked(card(gac2=AAC))
    assert complete(rig, b"11") == "AAC"
    assert rig.card.log[-1].startswith("80AE0000")


def test_approved_but_the_card_declines(rig: Rig) -> None:
    rig.asked(card(gac2=AAC))
    assert complete(rig, b"00", ISSUER) == "AAC"
    assert rig.must_reverse is True


@pytest.mark.parametrize("arc", [b"00", b"51", None])
def test_a_second_arqc_is_illegal(rig: Rig, arc: bytes | None) -> None:
    rig.asked(card(gac2=ARQC))
    with refused("TERMINATE"):
        complete(rig, arc)
    assert rig.must_reverse is (arc == b"00")


def test_a_tc_for_a_decline_is_illegal(rig: Rig) -> None:
    rig.asked(card(gac2=TC))
    with refused("TERMINATE", "asked for 00, the card answers 40"):
        complete(rig, b"51")
    assert rig.must_reverse is False


@pytest.mark.parametrize(
    "answer", ["6985", "9000", "80009000", tlv("77", tlv("9F27", "40")) + "9000", tlv("80", ARQC[:20]) + "9000"]
)
def test_no_second_cryptogram_after_approval_means_reversal(rig: Rig, answer: str) -> None:
    first = tlv("80", ARQC) + "9000"
    rig.asked(card(more={"80AE": [first, answer]}))
    with pytest.raises(Exception, match="EmvError"):
        complete(rig, b"00", ISSUER)
    assert rig.must_reverse is True
    # The reversal tells of the first cryptogram.
    assert [rig.tag(tag) for tag in (0x9F27, 0x9F36, 0x9F10)] == ["80", "0012", "07010103A04002010A"]
    with refused("SEQUENCE"):
        complete(rig, b"00", ISSUER)


@pytest.mark.parametrize("command", ["0082", "80AE"])
def test_card_pulled_after_approval_means_reversal(rig: Rig, command: str) -> None:
    rig.asked(card())
    del rig.card.answers[command]
    with pytest.raises(Exception, match="no answer to"):
        complete(rig, b"00", ISSUER)
    assert rig.must_reverse is True


@pytest.mark.parametrize(
    ("terminal_type", "entry", "objects", "request_type", "arc"),
    [
        (0x22, UNIONPAY_ENTRY, {"9F0D": "0000000000"}, "00", "Z3"),  # TAC-Default: ODA not performed
        (0x22, NO_TAC_DEFAULT, {"9F0D": "0000000000"}, "40", "Y3"),
        (0x22, NO_TAC_DEFAULT, {"9F0D": "0000040000"}, "00", "Z3"),
        (0x22, NO_TAC_DEFAULT, {"9F0D": "7FFFFBFFFF"}, "40", "Y3"),
        (0x22, NO_TAC_DEFAULT, {}, "00", "Z3"),  # no IAC-Default: every bit
        (0x25, NO_TAC_DEFAULT, {"9F0D": "0000000000"}, "40", "Y3"),
        (0x21, NO_TAC_DEFAULT, {"9F0D": "0000000000"}, "00", "Z3"),  # online-only
        (0x24, NO_TAC_DEFAULT, {"9F0D": "0000000000"}, "00", "Z3"),
    ],
)
def test_unable_to_go_online(
    device: Bench, terminal_type: int, entry: dict[str, Any], objects: dict[str, str], request_type: str, arc: str
) -> None:
    rig = Rig(device).start(entry, terminal_type=terminal_type)
    rig.asked(card(objects, gac2=request_type + BODY))
    assert complete(rig, None) == ("TC" if request_type == "40" else "AAC")
    assert rig.card.log[-1].startswith(f"80AE{request_type}00")
    assert rig.tag(0x8A) == text(arc)
    assert (rig.tvr, rig.tsi, rig.must_reverse) == ("8000040000", "6800", False)
    assert not rig.card.sent("0082")


def test_8a_is_what_the_host_says_in_f39(rig: Rig) -> None:
    rig.asked(card(gac2=AAC))
    complete(rig, b"51", tlv("8A", "3030"))
    assert rig.tag(0x8A) == text("51")


@pytest.mark.parametrize("first", ["TC", "AAC"])
def test_nothing_to_complete_after_an_offline_decision(device: Bench, first: str) -> None:
    entry = {**UNIONPAY_ENTRY, "tac_online": bytes(5), "tac_denial": b"\xff" * 5 if first == "AAC" else bytes(5)}
    rig = Rig(device).start(entry)
    rig.checked(card({"9F0F": "0000000000"}, gac1=TC if first == "TC" else AAC))
    assert rig.step("first_generate_ac") == first
    for arc in (b"00", None):
        with refused("SEQUENCE"):
            complete(rig, arc)


def test_completed_once(rig: Rig) -> None:
    rig.asked(card())
    complete(rig, b"00")
    with refused("SEQUENCE"):
        complete(rig, b"00")


def test_the_next_card_finds_nothing_of_the_last(rig: Rig) -> None:
    rig.asked(card(gac2=AAC))
    complete(rig, b"00", ISSUER)
    rig.card = Card({"00A404": "6A82"})
    with refused("NOT_ACCEPTED"):
        rig.step("candidates")
    assert (rig.tvr, rig.tsi, rig.must_reverse, rig.tag(0x5A), rig.tag(0x9F26)) == (
        "0000000000",
        "0000",
        False,
        None,
        None,
    )
